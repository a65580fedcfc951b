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
pub mod repeat;
pub mod settings;
pub mod sign;
pub mod store;
pub mod topic;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::closed_set::closed_set;
use crate::id::{AppClientId, AppId, AppInstallId, EndpointId, OrgId, PersonId};
use crate::time::{DAY_MICROS, Timestamp};
pub use handing::Limits;
pub use refusal::Refusal;
pub use settings::{Amendment, Settings};

/// What a secret begins with; the rest is the standard Base64 of 32 random bytes.
pub const SECRET_PREFIX: &str = "whsec_";
/// How long the secret before the present one signs as well, where nobody says otherwise, and at most.
pub const WINDOW_MICROS_MAX: i64 = 7 * DAY_MICROS;
/// The most endpoints of an organisation's own apps that are not removed.
pub const ENDPOINTS_MAX: i64 = 500;
/// The most endpoints of one installed app that are not removed.
pub const OF_INSTALL_MAX: i64 = 20;
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
    /// Why an endpoint is told of nothing any more, where its owner did not choose it.
    Because {
        /// The installed app whose it is was suspended. It is told again when that is resumed.
        Suspended = "suspended",
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
    /// Why it was disabled or paused, if its owner did not do it.
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

impl Endpoint {
    /// Scheme, host and port of its address: all of it that is no secret.
    #[must_use]
    pub fn origin(&self) -> &str {
        origin(&self.url)
    }
}

fn origin(url: &str) -> &str {
    let end = url.find("://").map_or(0, |at| at + 3);
    let rest = &url[end..];
    let length = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    &url[..end + length]
}

/// What has to be known of an endpoint to deliver to it.
#[derive(Debug, Clone)]
pub struct Target {
    /// In which organisation.
    pub org: OrgId,
    /// Which.
    pub id: EndpointId,
    /// The client of whoever made the app, where it is an installed app's.
    pub client: Option<AppClientId>,
    /// Its address.
    pub url: String,
    /// The secret.
    pub secret: SecretString,
    /// The one before it, and until when it signs as well.
    pub previous: Option<(SecretString, Timestamp)>,
    /// Whether the receiver accepted the one before last.
    pub previous_accepted: bool,
    /// How many requests its owner allows.
    pub limits: Limits,
}
