//! What all units of work have in common in which reports of a connection are taken: who may, and how many at once.

use crate::access::{Access, Principal};
use crate::explain::{Explain, Kind};
use crate::ledger::Failure;

/// The most reports of one unit of work.
pub const REPORTS_MAX: usize = 256;

/// Why no report was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Only Habeo itself takes reports, after it has verified who sent them.
    #[error("reports are taken from verified connections only")]
    NotPermitted,
    /// More at once than a unit of work takes.
    #[error("at most {REPORTS_MAX} reports are taken at once")]
    TooMany,
}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        match self {
            Self::NotPermitted => Kind::Forbidden,
            Self::TooMany => Kind::Unacceptable,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotPermitted => "reports_not_permitted",
            Self::TooMany => "reports_too_many",
        }
    }
}

/// Whether so many reports are taken from whoever hands them over.
pub(crate) fn permitted(access: &Access, reports: usize) -> Result<(), Failure<Refusal>> {
    if access.actor().principal != Principal::System {
        return Err(Failure::Refused(Refusal::NotPermitted));
    }
    if reports > REPORTS_MAX {
        return Err(Failure::Refused(Refusal::TooMany));
    }
    Ok(())
}
