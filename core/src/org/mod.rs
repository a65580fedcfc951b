//! Organisations: the tenants, each with its own ledger.

pub mod command;
pub mod event;
pub mod export;
pub(crate) mod project;
pub mod reopen;
pub mod store;

use crate::id::OrgId;
use crate::time::Timestamp;

/// How many times a loan can be renewed where the organisation has said nothing.
pub const LOAN_RENEWALS_MAX_DEFAULT: u32 = 2;

/// An organisation as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Org {
    /// Its id.
    #[sqlx(rename = "org_id")]
    pub id: OrgId,
    /// Its name.
    pub name: String,
    /// Its name in addresses and on the command line.
    pub slug: String,
    /// IANA time zone.
    pub timezone: String,
    /// ISO 4217.
    pub currency: String,
    /// How many times a loan can be renewed.
    pub loan_renewals_max: i64,
    /// Whether everything in it is invented.
    pub is_sandbox: bool,
    /// When it was created.
    pub created_at: Timestamp,
}
