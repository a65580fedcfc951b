//! Suppliers: from whom the organisation buys in their own shops, how the two know each other, and what their documents mean here.

pub mod command;
pub mod event;
pub(crate) mod project;
mod refusal;
mod settings;
pub mod store;
mod units;

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

use crate::closed_set::closed_set;
use crate::exact::Exact;
use crate::id::{CategoryId, ModelId, OrgId, PersonId, SupplierId};
use crate::time::{DAY_MICROS, HOUR_MICROS, Timestamp};

pub use refusal::Refusal;
pub(crate) use settings::currency;

/// The most suppliers of an organisation that are not removed.
pub const SUPPLIERS_MAX: usize = 200;
/// The most characters of a supplier's name.
pub const NAME_CHARS_MAX: usize = 100;
/// How long a visit to a shop lasts where nobody says otherwise.
pub const SESSION_HOURS: u8 = 8;
/// The longest that a visit may last.
pub const SESSION_HOURS_MAX: u8 = 72;
/// The longest that two of a supplier's secrets are accepted.
pub const WINDOW_MICROS_MAX: i64 = 7 * DAY_MICROS;

closed_set! {
    /// How a supplier's shop is entered and left.
    Protocol {
        /// cXML, with a handshake between servers.
        Cxml = "cxml",
        /// SAP's Open Catalog Interface, by forms of the browser alone.
        Oci = "oci",
    }
    /// How far a supplier is.
    Status {
        /// One may buy there.
        Active = "active",
        /// Not for now: no visit begins, and no document is taken in.
        Paused = "paused",
        /// It is over.
        Removed = "removed",
    }
    /// Whether documents are meant.
    Mode {
        /// They are.
        Production = "production",
        /// They are not: nothing real may follow.
        Test = "test",
    }
    /// What one does in a supplier's shop, from the least to what implies the others.
    Operation {
        /// Buys something new.
        Create = "create",
        /// Looks at what was chosen.
        Inspect = "inspect",
        /// Changes what was chosen.
        Edit = "edit",
    }
}

impl Operation {
    /// Whether a supplier that allows this for a cart later allows the other.
    #[must_use]
    pub const fn implies(self, other: Self) -> bool {
        matches!(
            (self, other),
            (Self::Edit, _)
                | (Self::Inspect, Self::Inspect | Self::Create)
                | (Self::Create, Self::Create)
        )
    }
}

/// By what one party knows the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Credential {
    /// In whose numbering, such as `DUNS`; in the supplier's own spelling.
    pub domain: String,
    /// Which one there.
    pub identity: String,
}

impl Credential {
    /// Whether both name the same: numberings whatever their case, identities exactly, neither with the space around it.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        let domain = |credential: &Self| credential.domain.trim().to_lowercase();
        domain(self) == domain(other) && self.identity.trim() == other.identity.trim()
    }
}

/// By what a line of a cart is known to be a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum Match {
    /// By the maker's number for it, whatever its case, spaces and hyphens.
    Part {
        /// The maker.
        manufacturer: String,
        /// Their number.
        part: String,
    },
    /// By the beginning of its UNSPSC code, 2 to 8 digits.
    Unspsc {
        /// The beginning.
        prefix: String,
    },
}

/// What lines of a cart become.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// Which lines.
    #[serde(rename = "match")]
    pub matches: Match,
    /// The product.
    #[serde(default)]
    pub model: Option<ModelId>,
    /// The category of the assets.
    #[serde(default)]
    pub category: Option<CategoryId>,
}

/// What the administrators of a supplier choose. No secret is among it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// Who we are to them.
    pub ours: Credential,
    /// Who they are; any of these.
    pub theirs: Vec<Credential>,
    /// Where a visit begins: the address of the handshake, or of the catalogue itself.
    pub setup_url: String,
    /// Where orders go.
    #[serde(default)]
    pub order_url: Option<String>,
    /// Where it is asked what the supplier can do.
    #[serde(default)]
    pub profile_url: Option<String>,
    /// Whether their start page may be reached without TLS.
    #[serde(default)]
    pub http_start_page: bool,
    /// Whether names of HTML characters are replaced before a document is read.
    #[serde(default)]
    pub repair_entities: bool,
    /// What one may do in the shop; buying something new always.
    pub operations: Vec<Operation>,
    /// Whether documents are meant.
    pub mode: Mode,
    /// OCI: in which field the shop wants the way back.
    #[serde(default)]
    pub hook_field: Option<String>,
    /// How many pieces one of the supplier's units is, by its code in upper case.
    #[serde(default)]
    pub units: BTreeMap<String, Exact>,
    /// What lines become, the first that matches.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// How much a price may rise over the last one, in percent.
    #[serde(default)]
    pub tolerance_percent: Option<Exact>,
    /// How much it may rise, in money.
    #[serde(default)]
    pub tolerance_absolute: Option<Exact>,
    /// In what the supplier is paid (ISO 4217).
    pub currency: String,
    /// How long a visit lasts, in hours.
    pub session_hours: u8,
}

impl Settings {
    /// How long a visit lasts.
    #[must_use]
    pub fn session_micros(&self) -> i64 {
        i64::from(self.session_hours) * HOUR_MICROS
    }

    /// Whether these are credentials of the supplier's: any of theirs is any of these.
    #[must_use]
    pub fn knows(&self, credentials: &[Credential]) -> bool {
        credentials
            .iter()
            .any(|one| self.theirs.iter().any(|own| own.is(one)))
    }

    /// How many pieces a unit of measure is, by the supplier's own map and then by what holds everywhere. None: nobody said, and it is not
    /// guessed.
    #[must_use]
    pub fn pieces(&self, unit: &str) -> Option<Exact> {
        let code = units::folded(unit);
        self.units
            .get(&code)
            .copied()
            .or_else(|| units::pieces(&code))
    }

    /// Whether a price is over another by more than is let pass. Where no tolerance was chosen, every rise is.
    #[must_use]
    pub fn is_over(&self, price: Exact, before: Exact) -> bool {
        settings::is_over(
            (self.tolerance_percent, self.tolerance_absolute),
            price,
            before,
        )
    }
}

/// From whom the organisation buys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supplier {
    /// Its id, which is also its address for documents.
    pub id: SupplierId,
    /// Its place in lists.
    pub seq: i64,
    /// How its shop is entered.
    pub protocol: Protocol,
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
    /// Whether we have something by which we prove ourselves to it.
    pub has_ours: bool,
    /// Until when its secret before the present one is accepted as well.
    pub previous_until: Option<Timestamp>,
}

/// What has to be known of a supplier to let its documents in. Holding one proves nothing yet.
#[derive(Debug, Clone)]
pub struct Gate {
    /// Whose it is.
    pub org: OrgId,
    /// Which.
    pub id: SupplierId,
    /// What its administrators chose.
    pub settings: Settings,
    /// The secrets that are accepted, the present one first.
    pub secrets: Vec<SecretString>,
    /// Until when the second of them is.
    pub previous_until: Option<Timestamp>,
}

impl Gate {
    /// Whether a sender proved to be this supplier: a credential of theirs, and a secret that is accepted now. Every secret is compared, in a
    /// time that says nothing of them.
    #[must_use]
    pub fn admits(&self, sender: &[Credential], secret: &SecretString, now: Timestamp) -> bool {
        use secrecy::ExposeSecret as _;
        use sha2::{Digest as _, Sha256};
        let given = Sha256::digest(secret.expose_secret().as_bytes());
        let mut found = subtle::Choice::from(0);
        for (place, known) in self.secrets.iter().enumerate() {
            let current = place == 0 || self.previous_until.is_some_and(|until| now < until);
            let known = Sha256::digest(known.expose_secret().as_bytes());
            found |=
                known.as_slice().ct_eq(given.as_slice()) & subtle::Choice::from(u8::from(current));
        }
        bool::from(found) & self.settings.knows(sender)
    }
}

/// What was last paid for a supplier's part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paid {
    /// How much, for one of the unit.
    pub price: Exact,
    /// When.
    pub at: Timestamp,
}
