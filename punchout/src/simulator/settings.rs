//! Who the simulated supplier is, whom it knows, and how it behaves.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use habeo_core::random::{Random, SystemRandom};
use habeo_core::time::{Clock, SystemClock};
use secrecy::SecretString;
use url::Url;

use super::quirk::Quirk;

/// Where the simulator listens unless told otherwise.
pub const PORT: u16 = 9_300;

/// One side's name on a network of purchasing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Of which sort the name is: `DUNS`, `NetworkID`, or any other word.
    pub domain: String,
    /// The name.
    pub name: String,
}

impl Identity {
    /// A name of a sort.
    #[must_use]
    pub fn new(domain: &str, name: &str) -> Self {
        Self {
            domain: domain.to_owned(),
            name: name.to_owned(),
        }
    }

    /// Whether both mean the same: the sort whatever its case, the name exactly.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.domain.trim().eq_ignore_ascii_case(other.domain.trim())
            && self.name.trim() == other.name.trim()
    }
}

/// How a cart travels through the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Encoding {
    /// The field `cXML-urlencoded`.
    #[default]
    Urlencoded,
    /// The field `cXML-base64`.
    Base64,
}

/// What a session of shopping was opened for, from the least to the most: who may edit may inspect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operation {
    /// A new cart.
    Create,
    /// A look at one.
    Inspect,
    /// Another look at one, to change it.
    Edit,
}

impl Operation {
    /// As documents spell it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Inspect => "inspect",
            Self::Edit => "edit",
        }
    }
}

/// Everything that decides how the simulator behaves.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where it listens.
    pub listen: SocketAddr,
    /// How others reach it, where that is not where it listens: an origin without a path.
    pub public_url: Option<Url>,
    /// The supplier that it is.
    pub supplier: Identity,
    /// The one buyer that it knows.
    pub buyer: Identity,
    /// What the buyer says to it.
    pub secret_from_buyer: SecretString,
    /// What it says to the buyer.
    pub secret_to_buyer: SecretString,
    /// Where the buyer takes confirmations, shipments and invoices.
    pub documents: Option<Url>,
    /// How carts travel.
    pub encoding: Encoding,
    /// What it can do at all; anything else is answered 450.
    pub operations: BTreeSet<Operation>,
    /// What later sessions may do with a cart; more is answered 412.
    pub allowed: Operation,
    /// Whether documents that the DTD or the guide forbid are refused. Real suppliers differ; a strict one shows our own mistakes.
    pub strict: bool,
    /// The user name and the password of call-ups by OCI.
    pub oci: (String, SecretString),
    /// What it does wrong.
    pub quirks: BTreeSet<Quirk>,
    /// How long it takes before it answers a document.
    pub delay: Duration,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where names of sessions and documents come from.
    pub random: Arc<dyn Random>,
}

impl Default for Settings {
    /// A strict supplier without quirks on a free loopback port, whose secrets every test knows.
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            public_url: None,
            supplier: Identity::new("DUNS", "080000017"),
            buyer: Identity::new("NetworkID", "WESTMARK"),
            secret_from_buyer: SecretString::from("buyer-to-larkmoor"),
            secret_to_buyer: SecretString::from("larkmoor-to-buyer"),
            documents: None,
            encoding: Encoding::default(),
            operations: BTreeSet::from([Operation::Create, Operation::Inspect, Operation::Edit]),
            allowed: Operation::Edit,
            strict: true,
            oci: ("westmark".to_owned(), SecretString::from("catalogue")),
            quirks: BTreeSet::new(),
            delay: Duration::ZERO,
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
        }
    }
}

impl Settings {
    /// The same with these quirks.
    #[must_use]
    pub fn quirks(mut self, quirks: impl IntoIterator<Item = Quirk>) -> Self {
        self.quirks = quirks.into_iter().collect();
        self
    }
}
