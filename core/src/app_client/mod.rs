//! Apps as clients of OAuth: how an app of the marketplace presents itself, where people are sent back to, and how it proves that it is itself.

pub mod command;
mod decide;
pub mod event;
pub(crate) mod project;
mod refusal;
pub mod scope;
pub mod store;

use serde::{Deserialize, Serialize};

use crate::app;
use crate::closed_set::closed_set;
use crate::id::{AppClientId, AppId, OrgId, PersonId};
use crate::ledger::tree;
use crate::oauth::token::Hash;
use crate::time::{DAY_MICROS, Timestamp};
pub use refusal::Refusal;
pub use scope::{Scope, Scopes, to_hear};

/// The most characters of a publisher's name.
pub const PUBLISHER_CHARS_MAX: usize = 80;
/// The most characters of an address: of a website, and of one that people are sent back to.
pub const ADDRESS_CHARS_MAX: usize = 512;
/// The most addresses that people can be sent back to.
pub const REDIRECTS_MAX: usize = 10;
/// The most letters of a logo.
pub const INITIALS_CHARS_MAX: usize = 2;
/// The most apps of an organisation.
pub const CLIENTS_MAX: usize = 100;
/// How long the secret before the present one is accepted, where nobody says otherwise.
pub const WINDOW_MICROS: i64 = 7 * DAY_MICROS;
/// The longest that two secrets are accepted.
pub const WINDOW_MICROS_MAX: i64 = 7 * DAY_MICROS;
/// How many requests a minute an installation may make, where nobody says otherwise.
pub const RATE_PER_MINUTE: u32 = 120;
/// The most that the operator can allow.
pub const RATE_PER_MINUTE_MAX: u32 = 100_000;

closed_set! {
    /// What sort of program an app is, which decides where people can be sent back to.
    Form {
        /// On a server: by https only.
        Web = "web",
        /// On somebody's device: to a loopback address as well.
        Native = "native",
    }
    /// Whether an app can keep a secret.
    Proof {
        /// It proves itself by one.
        Confidential = "confidential",
        /// It cannot keep one.
        Public = "public",
    }
    /// How far a client is.
    Status {
        /// It works.
        Active = "active",
        /// Its owner or the operator has stopped it: nothing of it is accepted, wherever it is installed.
        Disabled = "disabled",
    }
}

/// What the owner of an app chooses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// Who publishes it.
    pub publisher: String,
    /// Where its publisher tells of it.
    pub website: Option<String>,
    /// The ground of its logo, `#` and six hexadecimal digits. No image is fetched from anywhere.
    pub color: String,
    /// The letters of its logo.
    pub initials: String,
    /// Where people can be sent back to; compared as they stand.
    pub redirect_uris: Vec<String>,
    /// What it may ask for.
    pub scopes: Scopes,
}

/// An app as a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Its id, which is the `client_id` that it sends.
    pub id: AppClientId,
    /// Its place in lists.
    pub seq: i64,
    /// Whose it is.
    pub org: OrgId,
    /// Which app.
    pub app: AppId,
    /// What the app is called.
    pub name: String,
    /// For whom the app is.
    pub kind: app::Kind,
    /// What sort of program it is.
    pub form: Form,
    /// Whether it can keep a secret.
    pub proof: Proof,
    /// What its owner chose.
    pub settings: Settings,
    /// How many requests a minute each of its installations may make, if not [`RATE_PER_MINUTE`].
    pub rate_per_minute: Option<u32>,
    /// How far it is.
    pub status: Status,
    /// Who registered it; nobody where it was done at the command line.
    pub created_by: Option<PersonId>,
    /// When.
    pub created_at: Timestamp,
}

/// A secret that is accepted; what it is is known to the app alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// Its digest.
    pub hash: Hash,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it is accepted, if another one has taken its place.
    pub expires_at: Option<Timestamp>,
}

impl Secret {
    /// Enough of the digest to tell two secrets apart.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        tree::hex(&self.hash[..4])
    }
}
