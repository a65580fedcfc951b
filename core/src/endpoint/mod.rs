//! Endpoints: where somebody wants to be told of what happens, and everything that is on its way there.
//!
//! What an endpoint hears follows from its settings and from whose it is; `topic` is the one table of what is announced at all. Announcing
//! (`announce`) happens in the unit of work that records a fact, so that whatever is on record is delivered and nothing else is. Delivering is
//! the work of another crate, which claims, settles and confirms through `delivery`.

pub(crate) mod announce;
pub mod command;
pub mod delivery;
pub mod event;
pub mod handing;
pub(crate) mod project;
mod refusal;
pub mod settings;
pub mod store;
pub mod topic;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::closed_set::closed_set;
use crate::id::{AppId, AppInstallId, EndpointId, OrgId, PersonId};
use crate::time::{DAY_MICROS, Timestamp};
pub use refusal::Refusal;
pub use settings::Settings;

/// What a secret begins with; the rest is the standard Base64 of 32 random bytes.
pub const SECRET_PREFIX: &str = "whsec_";
/// How long the secret before the present one signs as well, where nobody says otherwise, and at most.
pub const WINDOW_MICROS_MAX: i64 = 7 * DAY_MICROS;
/// The most endpoints of an organisation that are not removed.
pub const ENDPOINTS_MAX: i64 = 500;
/// The most characters of an address.
pub const URL_CHARS_MAX: usize = 2_048;
/// The most characters of a description.
pub const DESCRIPTION_CHARS_MAX: usize = 255;

closed_set! {
    /// How far an endpoint is.
    Status {
        /// It is told of what happens.
        Active = "active",
        /// Its owner wants to hear nothing for now. What happens meanwhile is not made up for.
        Paused = "paused",
        /// Nothing arrived for so long that nothing more is sent.
        Disabled = "disabled",
        /// It is over. What was on its way is still delivered.
        Removed = "removed",
    }
    /// Why an endpoint is told of nothing any more.
    Because {
        /// It said three times over an hour that it is gone.
        Gone = "gone",
        /// Nothing was accepted for five days.
        Silent = "silent",
    }
    /// In which form an event is told.
    Form {
        /// Under its own name, with what happened.
        Full = "full",
        /// Under its own name, which object only.
        Thin = "thin",
        /// Under its generic name, with what happened.
        Record = "record",
        /// Under its generic name, which record only.
        RecordThin = "record_thin",
    }
}

impl Form {
    pub(crate) const fn of(generic: bool, thin: bool) -> Self {
        match (generic, thin) {
            (false, false) => Self::Full,
            (false, true) => Self::Thin,
            (true, false) => Self::Record,
            (true, true) => Self::RecordThin,
        }
    }
}

/// Whose an endpoint is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Owner {
    /// An app of the organisation.
    App(AppId),
    /// An app of somebody's that the organisation installed.
    Install(AppInstallId),
}

/// Where somebody wants to be told of what happens.
#[derive(Debug, Clone, PartialEq)]
pub struct Endpoint {
    /// Its id.
    pub id: EndpointId,
    /// Its place in lists.
    pub seq: i64,
    /// Whose it is.
    pub owner: Owner,
    /// How far it is.
    pub status: Status,
    /// Why it was disabled, if it was.
    pub because: Option<Because>,
    /// Its address.
    pub url: String,
    /// What its owner calls it.
    pub description: Option<String>,
    /// What its owner chose.
    pub settings: Settings,
    /// Who made it; nobody where a program did.
    pub created_by: Option<PersonId>,
    /// When.
    pub created_at: Timestamp,
    /// When its settings or status changed last.
    pub changed_at: Timestamp,
    /// Until when the secret before the present one signs as well.
    pub previous_until: Option<Timestamp>,
}

/// What has to be known of an endpoint to deliver to it.
#[derive(Debug, Clone)]
pub struct Target {
    /// In which organisation.
    pub org: OrgId,
    /// Which.
    pub id: EndpointId,
    /// Its address.
    pub url: String,
    /// The secret.
    pub secret: SecretString,
    /// The one before it, and until when it signs as well.
    pub previous: Option<(SecretString, Timestamp)>,
    /// Whether the receiver accepted the one before last.
    pub previous_accepted: bool,
    /// The most requests that may be begun in a second, where its owner set one.
    pub per_second: Option<u32>,
    /// The most requests that may be under way at once, where its owner set one.
    pub at_once: Option<u32>,
}
