//! Why a visit did not begin, in words for whoever wanted to shop.

use habeo_core::explain::{Explain, Kind};
use habeo_core::ledger::RecordError;
use habeo_core::punchout::Refusal;
use habeo_core::store::StoreError;

use crate::cxml::write::NotKept;
use crate::fault::Fault;

/// Why a visit did not begin.
#[derive(Debug, thiserror::Error)]
pub enum NotStarted {
    /// A rule of ours says no.
    #[error(transparent)]
    Refused(Refusal),
    /// Nothing proves us to the supplier.
    #[error(
        "there is nothing by which we prove ourselves to this supplier; an administrator enters the secret that it gave us"
    )]
    NoSecret,
    /// What is kept of a cart cannot be sent back.
    #[error("the cart cannot be shown to the supplier again: {0}")]
    BadLine(#[from] NotKept),
    /// No usable answer.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The supplier knows us by another secret or name.
    #[error("the supplier does not accept our credential (status {code}{}); an administrator checks identity and secret", said(.text))]
    Unauthorized {
        /// The status.
        code: u16,
        /// What the supplier says.
        text: String,
    },
    /// The supplier does not know the cart any more.
    #[error("the supplier does not have this cart any more (status {code}{}); begin a new one", said(.text))]
    Gone {
        /// The status.
        code: u16,
        /// What the supplier says.
        text: String,
    },
    /// The supplier does not offer what was wanted.
    #[error("the supplier does not offer this (status {code}{}); it is not offered for this supplier any more", said(.text))]
    NotOffered {
        /// The status.
        code: u16,
        /// What the supplier says.
        text: String,
    },
    /// The supplier cannot do it now.
    #[error("the supplier cannot do this at the moment (status {code}{}); try again", said(.text))]
    Later {
        /// The status.
        code: u16,
        /// What the supplier says.
        text: String,
    },
    /// Any other refusal of the supplier.
    #[error("the supplier refused (status {code}{})", said(.text))]
    Turned {
        /// The status.
        code: u16,
        /// What the supplier says.
        text: String,
    },
    /// An answer without an address.
    #[error(
        "the supplier accepted the request and named no start page; tell it that StartPage with a URL is missing"
    )]
    NoStartPage,
    /// An address without TLS.
    #[error(
        "the supplier's address does not begin with https://; an administrator may allow that for this supplier"
    )]
    NotSecure,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What the supplier says, if it says anything: at most a line of it.
fn said(text: &str) -> String {
    let line: String = text.chars().filter(|c| !c.is_control()).take(200).collect();
    if line.trim().is_empty() {
        String::new()
    } else {
        format!(": {line}")
    }
}

impl From<RecordError<Refusal>> for NotStarted {
    fn from(error: RecordError<Refusal>) -> Self {
        match error {
            RecordError::Refused(refusal) => Self::Refused(refusal),
            RecordError::Store(error) => Self::Store(error),
        }
    }
}

impl Explain for NotStarted {
    fn kind(&self) -> Kind {
        match self {
            Self::Refused(refusal) => refusal.kind(),
            Self::Store(error) => error.kind(),
            Self::Fault(_) | Self::Later { .. } => Kind::Unavailable,
            Self::NoSecret
            | Self::BadLine(_)
            | Self::Unauthorized { .. }
            | Self::Gone { .. }
            | Self::NotOffered { .. }
            | Self::Turned { .. }
            | Self::NoStartPage
            | Self::NotSecure => Kind::Conflict,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::Store(error) => error.code(),
            Self::Fault(fault) => fault.code(),
            Self::NoSecret => "supplier_no_secret",
            Self::BadLine(_) => "punchout_line_unusable",
            Self::Unauthorized { .. } => "supplier_unauthorized",
            Self::Gone { .. } => "supplier_cart_gone",
            Self::NotOffered { .. } => "supplier_operation_not_offered",
            Self::Later { .. } => "supplier_unavailable",
            Self::Turned { .. } => "supplier_refused",
            Self::NoStartPage => "supplier_no_start_page",
            Self::NotSecure => "supplier_start_page_not_secure",
        }
    }
}
