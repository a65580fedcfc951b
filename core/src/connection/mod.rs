//! Connections: systems of others that report in, such as a device management or a help desk, and how each of them proves that it is itself.

pub mod accepted;
pub mod command;
pub mod event;
pub(crate) mod project;
mod refusal;
pub mod reported;
mod settings;
pub mod store;

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::closed_set::closed_set;
use crate::id::{ConnectionId, OrgId, PersonId};
use crate::ticket;
use crate::time::{DAY_MICROS, Timestamp};
pub use refusal::Refusal;

/// How long the secret before the present one is accepted, where nobody says otherwise.
pub const WINDOW_MICROS: i64 = DAY_MICROS;
/// The longest that two secrets are accepted.
pub const WINDOW_MICROS_MAX: i64 = 7 * DAY_MICROS;
/// The most connections of an organisation that are not removed.
pub const CONNECTIONS_MAX: usize = 100;
/// The most characters of a connection's name.
pub const NAME_CHARS_MAX: usize = 100;
/// How many refused letters are remembered of a connection.
pub const REFUSALS_KEPT: i64 = 100;

closed_set! {
    /// Whose product reports in.
    Provider {
        /// Jamf Pro.
        Jamf = "jamf",
        /// Microsoft Intune, and what forwards for it.
        Intune = "intune",
        /// Kandji, now Iru, by a connector.
        Kandji = "kandji",
        /// `ServiceNow`.
        ServiceNow = "servicenow",
        /// Freshservice, and Freshdesk alike.
        Freshservice = "freshservice",
        /// Jira Service Management.
        Jira = "jira",
    }
    /// What sort of system reports in.
    Family {
        /// A device management.
        Mdm = "mdm",
        /// A help desk.
        Itsm = "itsm",
    }
    /// How far a connection is.
    Status {
        /// What it reports is taken in.
        Active = "active",
        /// Nothing is taken in: its letters are answered as if they did not prove themselves.
        Paused = "paused",
        /// It is over.
        Removed = "removed",
    }
    /// What somebody does with a letter that came in.
    Use {
        /// Reads it.
        Read = "read",
        /// Has it worked off again.
        Replay = "replay",
    }
    /// The hash under an HMAC.
    Algorithm {
        /// SHA-256.
        Sha256 = "sha256",
        /// SHA-512.
        Sha512 = "sha512",
    }
}

/// How a system proves that it is itself: one way for each connection, never any of several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "mode",
    rename_all = "snake_case",
    rename_all_fields = "camelCase"
)]
pub enum Proof {
    /// An HMAC over the exact bytes, in hexadecimal or Base64, with or without `sha256=` in front.
    Hmac {
        /// In which header.
        header: String,
        /// Over which hash.
        algorithm: Algorithm,
        /// The header with the Unix time in seconds, where it is signed as `{time}.{body}`; then it may be at most five minutes off.
        timestamp_header: Option<String>,
    },
    /// A user and a password (RFC 7617).
    Basic {
        /// The user.
        user: String,
    },
    /// One header that is the secret, or the secret behind a fixed beginning such as `Bearer `.
    Header {
        /// Which header.
        header: String,
        /// What stands before the secret; often nothing.
        prefix: String,
    },
    /// Microsoft Graph: each notification carries the secret as its `clientState`.
    ClientState,
}

/// What the administrators of a connection choose. No secret is among it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// How the system proves itself.
    pub proof: Proof,
    /// Intune: whether Azure Event Grid may validate this address by `OPTIONS`.
    #[serde(default)]
    pub event_grid: bool,
    /// Jira: the field that names the asset, such as `customfield_10057`.
    #[serde(default)]
    pub asset_field: Option<String>,
    /// Help desks: whether tags are looked for in titles.
    #[serde(default)]
    pub tags_in_titles: bool,
    /// Help desks: the site's own words or numbers for a status, folded to lower case, and the status that each stands for.
    #[serde(default)]
    pub statuses: BTreeMap<String, ticket::Status>,
    /// Help desks: likewise for priorities.
    #[serde(default)]
    pub priorities: BTreeMap<String, ticket::Priority>,
}

impl Provider {
    /// What sort of system it is.
    #[must_use]
    pub const fn family(self) -> Family {
        match self {
            Self::Jamf | Self::Intune | Self::Kandji => Family::Mdm,
            Self::ServiceNow | Self::Freshservice | Self::Jira => Family::Itsm,
        }
    }

    /// What people call it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Jamf => "Jamf Pro",
            Self::Intune => "Microsoft Intune",
            Self::Kandji => "Kandji (Iru)",
            Self::ServiceNow => "ServiceNow",
            Self::Freshservice => "Freshservice",
            Self::Jira => "Jira Service Management",
        }
    }

    /// How its product proves itself where nobody chose otherwise: the strongest way that it offers without a setting whose name is not known.
    #[must_use]
    pub fn usual_proof(self) -> Proof {
        let header = |header: &str, prefix: &str| Proof::Header {
            header: header.to_owned(),
            prefix: prefix.to_owned(),
        };
        let hmac = |header: &str| Proof::Hmac {
            header: header.to_owned(),
            algorithm: Algorithm::Sha256,
            timestamp_header: None,
        };
        match self {
            Self::Jamf | Self::Intune => header("Authorization", "Bearer "),
            Self::Kandji | Self::ServiceNow => hmac("X-Habeo-Signature"),
            Self::Freshservice => header("X-Habeo-Token", ""),
            Self::Jira => hmac("X-Hub-Signature"),
        }
    }
}

impl Proof {
    /// As whom a connection proves itself by user and password, where it does.
    #[must_use]
    pub fn basic_user(&self) -> Option<&str> {
        match self {
            Self::Basic { user } => Some(user),
            _ => None,
        }
    }
}

impl Settings {
    /// The same as an entry has them. Who signs in may be a person, and is kept beside the ledger.
    #[must_use]
    pub(crate) fn of_the_ledger(mut self) -> Self {
        if let Proof::Basic { user } = &mut self.proof {
            user.clear();
        }
        self
    }

    /// Nothing but a proof.
    #[must_use]
    pub const fn proven_by(proof: Proof) -> Self {
        Self {
            proof,
            event_grid: false,
            asset_field: None,
            tags_in_titles: false,
            statuses: BTreeMap::new(),
            priorities: BTreeMap::new(),
        }
    }
}

/// A system that reports in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// Its id.
    pub id: ConnectionId,
    /// Its place in lists.
    pub seq: i64,
    /// Whose product.
    pub provider: Provider,
    /// How far it is.
    pub status: Status,
    /// What people here call it.
    pub name: String,
    /// Who connected it; nobody where it was done at the command line.
    pub created_by: Option<PersonId>,
    /// When.
    pub created_at: Timestamp,
    /// What its administrators chose.
    pub settings: Settings,
    /// Until when the secret before the present one is accepted as well.
    pub previous_until: Option<Timestamp>,
    /// How many letters the ledger says were taken in.
    pub accepted: i64,
}

/// What has to be known of a connection to let its letters in. Holding one proves nothing yet.
#[derive(Debug, Clone)]
pub struct Gate {
    /// Whose it is.
    pub org: OrgId,
    /// Which.
    pub id: ConnectionId,
    /// Whose product.
    pub provider: Provider,
    /// What its administrators chose.
    pub settings: Settings,
    /// The secrets that are accepted, the present one first.
    pub secrets: Vec<SecretString>,
    /// Until when the second of them is.
    pub previous_until: Option<Timestamp>,
}

/// A letter that was refused, or several alike.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Refused {
    /// When the last of them came.
    pub at: Timestamp,
    /// What was answered.
    pub status: i64,
    /// Why, in words for administrators.
    pub reason: String,
    /// How many bytes it had.
    pub bytes: i64,
    /// How many alike came within a short time.
    pub times: i64,
}
