//! Connections: systems of others that report in, such as a device management or a help desk, and how each of them proves that it is itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::closed_set::closed_set;

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
    pub statuses: BTreeMap<String, crate::ticket::Status>,
    /// Help desks: likewise for priorities.
    #[serde(default)]
    pub priorities: BTreeMap<String, crate::ticket::Priority>,
}
