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
    /// Its ledger was restored from a copy that does not reach the last signed checkpoint, and goes on under another name.
    #[serde(rename = "org.log_reopened")]
    LogReopened {
        /// Which epoch begins; the first is that of the creation.
        epoch: u32,
        /// The name under which its checkpoints are signed from here on.
        log_origin: String,
        /// The name under which they were.
        former_origin: String,
        /// How many entries the last signed checkpoint had.
        former_size: u64,
        /// Its root, in hexadecimal.
        former_root: String,
    },
    /// The token issuer calls it otherwise now.
    #[serde(rename = "org.renamed")]
    Renamed {
        /// Its name.
        name: String,
        /// Its name in addresses.
        slug: String,
    },
    /// The token issuer deleted it: nobody signs in any more, and everything stays.
    #[serde(rename = "org.closed")]
    Closed {
        /// Which issuer.
        issuer: String,
    },
    /// The operator opened it again.
    #[serde(rename = "org.opened")]
    Opened {},
    /// Its ledger was written to a file.
    #[serde(rename = "audit.exported")]
    LedgerExported {
        /// How many entries.
        size: u64,
    },
}
