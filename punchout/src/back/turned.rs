//! Why a return was not taken: in words for a person, and as a status for a program.

use habeo_core::explain::Explain as _;
use habeo_core::id::PunchoutId;
use habeo_core::punchout::{Late, Refusal};
use habeo_core::store::StoreError;
use poem::http::StatusCode;

use crate::code::{Code, Stage};
use crate::finding::Finding;

/// Why a return was not taken.
#[derive(Debug)]
pub enum Why {
    /// No visit has this cookie, or none had for a long time.
    Unknown,
    /// It cannot be read.
    Unread(Vec<Finding>),
    /// It came too late, or another came before.
    Late(Late),
    /// A rule of ours says no.
    Refused(Refusal),
    /// Too many came.
    TooMany {
        /// When the next may.
        seconds: u32,
    },
    /// Our own fault.
    Ours,
}

/// A return that was not taken.
#[derive(Debug)]
pub struct Turned {
    /// Why.
    pub why: Why,
    /// Of which visit, where it is known.
    pub session: Option<PunchoutId>,
    /// What people here call the supplier, where the visit is known.
    pub supplier: Option<String>,
}

impl Turned {
    pub(super) const fn new(why: Why) -> Self {
        Self {
            why,
            session: None,
            supplier: None,
        }
    }

    pub(super) const fn ours() -> Self {
        Self::new(Why::Ours)
    }

    pub(super) const fn unread(findings: Vec<Finding>) -> Self {
        Self::new(Why::Unread(findings))
    }

    pub(super) fn of(mut self, session: PunchoutId, supplier: String) -> Self {
        self.session = Some(session);
        self.supplier = Some(supplier);
        self
    }

    fn first(&self) -> Option<Code> {
        match &self.why {
            Why::Unread(findings) => findings.first().map(|finding| finding.code),
            _ => None,
        }
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match &self.why {
            Why::Unknown => Code::UnknownSession.as_str(),
            Why::Unread(_) => self.first().map_or("not_well_formed", Code::as_str),
            Why::Late(late) => late.as_str(),
            Why::Refused(Refusal::BadCart(faults)) => faults
                .first()
                .map_or("punchout_cart_invalid", |fault| fault.code),
            Why::Refused(refusal) => refusal.code(),
            Why::TooMany { .. } => "rate_limited",
            Why::Ours => "internal_error",
        }
    }

    /// The status of HTTP with which a page is answered.
    #[must_use]
    pub fn http(&self) -> StatusCode {
        match &self.why {
            Why::Unknown => StatusCode::NOT_FOUND,
            Why::Unread(_) => match self.first() {
                Some(Code::BodyTooLarge) => StatusCode::PAYLOAD_TOO_LARGE,
                _ => StatusCode::BAD_REQUEST,
            },
            Why::Late(Late::Expired | Late::Closed) => StatusCode::GONE,
            Why::Refused(Refusal::BadCart(_)) => StatusCode::UNPROCESSABLE_ENTITY,
            Why::Late(Late::AlreadyReturned | Late::Locked) | Why::Refused(_) => {
                StatusCode::CONFLICT
            }
            Why::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Why::Ours => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The status of cXML with which a program is answered.
    #[must_use]
    pub fn cxml(&self) -> (u16, &'static str) {
        match &self.why {
            Why::Unknown | Why::Late(Late::Expired | Late::Closed) => (412, "Precondition Failed"),
            Why::Refused(Refusal::BadCart(_)) => (400, "Bad Request"),
            Why::Unread(_) => match self.first() {
                Some(Code::BodyTooLarge | Code::LimitExceeded) => (499, "Document Size Error"),
                Some(code) if matches!(code.stage(), Stage::Transport | Stage::Xml) => {
                    (406, "Not Acceptable")
                }
                _ => (400, "Bad Request"),
            },
            Why::Late(Late::AlreadyReturned | Late::Locked) | Why::Refused(_) => (409, "Conflict"),
            Why::TooMany { .. } => (560, "Temporary Server Error"),
            Why::Ours => (500, "Internal Server Error"),
        }
    }

    /// What the supplier is to be told, a line each.
    #[must_use]
    pub fn findings(&self) -> Vec<String> {
        match &self.why {
            Why::Unread(findings) => findings.iter().map(ToString::to_string).collect(),
            Why::Refused(Refusal::BadCart(faults)) => {
                let told =
                    |fault: &habeo_core::punchout::LineFault| format!("{}: {fault}", fault.code);
                faults.iter().map(told).collect()
            }
            _ => Vec::new(),
        }
    }
}

impl From<StoreError> for Turned {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "what came back from a shop could not be taken");
        Self::ours()
    }
}
