//! Facts about proposals. What was proposed is in them as a digest; what became of it is in the assets' own entries.

use serde::{Deserialize, Serialize};

use crate::closed_set::closed_set;
use crate::id::{InstallId, PersonId};
use crate::time::Timestamp;

closed_set! {
    /// Why a proposal cannot be confirmed any more.
    Lapse {
        /// Its time was over.
        Time = "time",
        /// An asset was not what it had been.
        Changed = "changed",
        /// A rule said no in the meantime.
        Refused = "refused",
    }
}

/// What happened to a proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "payload", rename_all_fields = "camelCase")]
pub enum ConfirmEvent {
    /// It was made.
    #[serde(rename = "bot.intent_created")]
    Created {
        /// By whom.
        person: PersonId,
        /// In which workspace.
        install: InstallId,
        /// The digest of their chat user.
        user: String,
        /// How many assets it is about.
        assets: usize,
        /// SHA-256 of what was proposed and shown, with a salt; kept outside the ledger for a day.
        digest: String,
        /// Until when it can be confirmed.
        expires_at: Timestamp,
    },
    /// It was confirmed, and done.
    #[serde(rename = "bot.intent_confirmed")]
    Confirmed {
        /// By whom.
        person: PersonId,
        /// In which workspace.
        install: InstallId,
        /// The digest of their chat user.
        user: String,
        /// SHA-256 of what was confirmed.
        digest: String,
    },
    /// It was called off.
    #[serde(rename = "bot.intent_cancelled")]
    Cancelled {
        /// By whom.
        person: PersonId,
    },
    /// It cannot be confirmed any more.
    #[serde(rename = "bot.intent_expired")]
    Expired {
        /// Why.
        why: Lapse,
    },
}
