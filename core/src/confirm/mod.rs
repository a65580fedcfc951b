//! Changes that are proposed in a chat, shown exactly, and done once when the same person confirms them.

pub mod command;
pub mod event;
mod proposal;
mod refusal;
pub(crate) mod store;

pub use self::proposal::Proposal;
pub use self::refusal::Refusal;
pub use crate::asset::rehearse::{Change, Field, Shown};
use crate::closed_set::closed_set;
use crate::id::{ConfirmId, RequisitionId};
use crate::time::{MINUTE_MICROS, Timestamp};

/// How long a proposal can be confirmed.
pub const LIFE_MICROS: i64 = 10 * MINUTE_MICROS;
/// The most assets of one proposal.
pub const ASSETS_MAX: usize = 100;

closed_set! {
    /// What became of a proposal.
    Outcome {
        /// It was done.
        Confirmed = "confirmed",
        /// It was called off.
        Cancelled = "cancelled",
        /// Its time was over.
        Expired = "expired",
        /// An asset was not what it had been.
        Changed = "changed",
        /// A rule said no in the meantime.
        Refused = "refused",
    }
}

/// A change that waits for its confirmation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposed {
    /// By what it is confirmed.
    pub id: ConfirmId,
    /// What it will change, exactly.
    pub changes: Vec<Change>,
    /// Until when it can be confirmed.
    pub expires_at: Timestamp,
}

/// A change that was confirmed and done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmed {
    /// Which it was.
    pub id: ConfirmId,
    /// What it changed.
    pub changes: Vec<Change>,
    /// The requisition that was decided on, where it was no change of assets.
    pub requisition: Option<RequisitionId>,
}
