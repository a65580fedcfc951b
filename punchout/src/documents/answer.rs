//! What a supplier's document is answered: a status of cXML, always by HTTP 200.

use habeo_core::explain::Explain as _;
use habeo_core::id::SupplierId;
use habeo_core::order::decide::Code as Found;
use habeo_core::order::document::Refusal;
use habeo_core::order::event::Finding as OrderFinding;

use crate::code::{Code, Stage};
use crate::cxml::write::{self, AnswerId};
use crate::desk::{Punchout, instant};
use crate::finding::Finding;

/// The requests that are taken here.
const TAKEN: &[&str] = &[
    "ConfirmationRequest",
    "ShipNoticeRequest",
    "InvoiceDetailRequest",
    "ReceiptRequest",
    "StatusUpdateRequest",
    "ProfileRequest",
];
/// The most characters that an answer says.
const SAID_CHARS_MAX: usize = 4_000;

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status: 200, or why not.
    pub status: u16,
    /// Its words.
    pub text: &'static str,
    /// What more there is to say.
    pub said: Said,
}

/// What an answer says beside its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// What is odd, or wrong, a line each.
    Lines(Vec<String>),
    /// What is taken here, to this supplier's address.
    Profile(SupplierId),
}

impl Answer {
    fn new(status: u16, text: &'static str, lines: Vec<String>) -> Self {
        Self {
            status,
            text,
            said: Said::Lines(lines),
        }
    }

    pub(super) fn ours() -> Self {
        let why = "something failed on our side; send the document again".to_owned();
        Self::new(500, "Internal Server Error", vec![why])
    }

    pub(super) fn unauthorized() -> Self {
        let why = "the Sender credential is not one that is accepted at this address".to_owned();
        Self::new(401, "Unauthorized", vec![why])
    }

    pub(super) fn too_often() -> Self {
        let why = "too many documents without a good credential; come back in a minute".to_owned();
        Self::new(401, "Unauthorized", vec![why])
    }

    pub(super) const fn profile(supplier: SupplierId) -> Self {
        Self {
            status: 200,
            text: "OK",
            said: Said::Profile(supplier),
        }
    }

    pub(super) fn busy(seconds: u32) -> Self {
        let why =
            format!("too many documents from this address; send it again in {seconds} seconds");
        Self::new(560, "Temporary Server Error", vec![why])
    }

    pub(super) fn done(findings: &[OrderFinding]) -> Self {
        Self::new(200, "OK", findings.iter().map(told).collect())
    }

    pub(super) fn refused(findings: &[OrderFinding]) -> Self {
        let unknown = findings.iter().any(|it| it.code == Found::UnknownOrder);
        let lines = findings.iter().map(told).collect();
        if unknown {
            Self::new(412, "Precondition Failed", lines)
        } else {
            Self::new(400, "Bad Request", lines)
        }
    }

    pub(super) fn unread(findings: &[Finding]) -> Self {
        let first = findings.first().map(|finding| finding.code);
        let lines = findings.iter().map(ToString::to_string).collect();
        if matches!(first, Some(Code::BodyTooLarge | Code::LimitExceeded)) {
            return Self::new(499, "Document Size Error", lines);
        }
        match first.map(Code::stage) {
            Some(Stage::Transport | Stage::Xml) | None => Self::new(406, "Not Acceptable", lines),
            Some(_) => Self::new(400, "Bad Request", lines),
        }
    }

    pub(super) fn of(refusal: &Refusal) -> Self {
        let lines = vec![format!("{}: {refusal}", refusal.code())];
        match refusal {
            Refusal::NotPermitted | Refusal::SupplierUnknown => Self::unauthorized(),
            Refusal::Duplicate | Refusal::Order(_) => Self::new(409, "Conflict", lines),
            Refusal::Unknown | Refusal::TooOld | Refusal::ModeMismatch | Refusal::BadName => {
                Self::new(400, "Bad Request", lines)
            }
        }
    }

    /// Whether somebody without a good credential asked.
    #[must_use]
    pub const fn is_unauthorized(&self) -> bool {
        self.status == 401
    }

    /// The document.
    #[must_use]
    pub fn document(&self, desk: &Punchout) -> String {
        let id = AnswerId {
            payload_id: desk.payload_id(),
            timestamp: instant(desk.now()),
        };
        match &self.said {
            Said::Profile(supplier) => {
                let url = desk.documents_url(*supplier);
                write::profile_response(&id, id.timestamp, TAKEN, &url)
            }
            Said::Lines(lines) => {
                let said: String = lines.join("\n").chars().take(SAID_CHARS_MAX).collect();
                write::response_saying(&id, self.status, self.text, &said)
            }
        }
    }
}

fn told(finding: &OrderFinding) -> String {
    let line = finding.line.map(|line| format!("line {line}"));
    let code = Some(finding.code.as_str().to_owned());
    let parts = [code, line, finding.value.clone()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(": ")
}
