//! Facts about organisations.

use serde::{Deserialize, Serialize};

/// What happened to an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "payload", rename_all_fields = "camelCase")]
pub enum OrgEvent {
    /// It began, and with it its ledger.
    #[serde(rename = "org.created")]
    Created {
        /// Its name.
        name: String,
        /// Its name in addresses.
        slug: String,
        /// IANA time zone.
        timezone: String,
        /// ISO 4217.
        currency: String,
        /// How many times a loan can be renewed.
        loan_renewals_max: u32,
        /// Whether everything in it is invented.
        sandbox: bool,
        /// Where it issues tags with a check character.
        tag_namespaces: Vec<String>,
        /// The name under which its checkpoints are signed.
        log_origin: String,
    },
}
