//! What everything here has in common that speaks HTTP, and the public addresses of it.

use std::fmt::Write as _;
use std::sync::Arc;

use habeo_core::access::{Access, Surface};
use habeo_core::id::{OrgId, PunchoutId, SupplierId};
use habeo_core::ledger::Ledger;
use habeo_core::secret::MasterKey;
use habeo_core::supplier::Settings;
use habeo_core::time::Timestamp;
use habeo_egress::Egress;
use habeo_surface::limit::{Limiter, Quota};
use time::OffsetDateTime;
use tokio::sync::Semaphore;
use url::Url;

use crate::limits::{Limits, Tolerance};
use crate::stop::Stop;
use crate::unit::{Known, Units};

/// Where somebody goes to a shop from.
pub const START_PATH: &str = "/api/punchout/start";
/// Where browsers bring carts.
pub const RETURN_PATH: &str = "/api/punchout/return";
/// Where suppliers send documents, before their id.
pub const DOCUMENTS_PATH: &str = "/api/punchout/documents";
/// Where the console shows what came back from a visit, before its id.
pub const CART_PATH: &str = "/procurement/carts";
/// Where the console lets somebody go to a shop again.
pub const SHOPS_PATH: &str = "/procurement";
/// How many documents are taken apart at a time: each takes a core for a moment, and more of them would only wait for one another.
const READERS_MAX: usize = 4;

/// How often carts may come.
#[derive(Debug, Clone, Copy)]
pub struct Quotas {
    /// From one address.
    pub address: Quota,
    /// To one organisation.
    pub organization: Quota,
    /// From one address with a cookie that nobody knows.
    pub unknown: Quota,
    /// Documents from one address, whosever they are: somebody between may send those of many suppliers.
    pub documents: Quota,
}

impl Default for Quotas {
    fn default() -> Self {
        let a_minute = |rate, burst| Quota {
            rate,
            period_seconds: 60,
            burst,
        };
        Self {
            address: a_minute(30, 30),
            organization: a_minute(1_200, 1_200),
            unknown: a_minute(5, 5),
            documents: a_minute(600, 600),
        }
    }
}

/// What the doors are made of.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The ledger.
    pub ledger: Ledger,
    /// The key that seals documents and secrets.
    pub master_key: Arc<MasterKey>,
    /// The guarded client.
    pub egress: Egress,
    /// How this server is reached from outside.
    pub public_url: Url,
    /// Where the style sheet of our pages is.
    pub stylesheet: String,
    /// How large documents may be.
    pub limits: Limits,
    /// How often they may come.
    pub quotas: Quotas,
}

/// What speaks with suppliers and with browsers that come from them. Cloning gives another handle to the same.
#[derive(Debug, Clone)]
pub struct Punchout(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    parts: Parts,
    by_address: Limiter,
    by_organization: Limiter,
    unknown: Limiter,
    unproven: Limiter,
    by_sender: Limiter,
    readers: Arc<Semaphore>,
}

impl Punchout {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let limiter = |quota| Limiter::new(quota, parts.ledger.shared_clock());
        Self(Arc::new(Inner {
            by_address: limiter(parts.quotas.address),
            by_organization: limiter(parts.quotas.organization),
            unknown: limiter(parts.quotas.unknown),
            unproven: limiter(Quota::FAILED_AUTHENTICATION),
            by_sender: limiter(parts.quotas.documents),
            readers: Arc::new(Semaphore::new(READERS_MAX)),
            parts,
        }))
    }

    /// Where a supplier sends its documents.
    #[must_use]
    pub fn documents_url(&self, supplier: SupplierId) -> String {
        self.url(&format!("{DOCUMENTS_PATH}/{supplier}"))
    }

    /// Where browsers bring carts.
    #[must_use]
    pub fn return_url(&self) -> String {
        self.url(RETURN_PATH)
    }

    pub(crate) fn parts(&self) -> &Parts {
        &self.0.parts
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.0.parts.ledger
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.ledger().clock().now()
    }

    pub(crate) fn by_address(&self) -> &Limiter {
        &self.0.by_address
    }

    pub(crate) fn by_organization(&self) -> &Limiter {
        &self.0.by_organization
    }

    pub(crate) fn unknown(&self) -> &Limiter {
        &self.0.unknown
    }

    pub(crate) fn by_sender(&self) -> &Limiter {
        &self.0.by_sender
    }

    pub(crate) fn unproven(&self) -> &Limiter {
        &self.0.unproven
    }

    /// An address of ours, as others reach it.
    pub(crate) fn url(&self, path: &str) -> String {
        let base = self.0.parts.public_url.as_str().trim_end_matches('/');
        format!("{base}{path}")
    }

    /// What is done in the name of nobody: what browsers and suppliers bring proves no person.
    pub(crate) fn system(org: OrgId) -> Access {
        Access::system(org, Surface::Webhook)
    }

    /// What a supplier is let pass.
    pub(crate) fn tolerance(&self, settings: &Settings) -> Tolerance {
        let units = settings.units.iter().filter_map(|(word, pieces)| {
            let known = Known {
                code: word.clone().into(),
                pieces: Some(pieces.as_whole()?),
            };
            Some((word.clone(), known))
        });
        let theirs = settings.theirs.iter();
        Tolerance {
            limits: self.0.parts.limits,
            repairs_html_entities: settings.repair_entities,
            allows_http: settings.http_start_page,
            units: Units::new([], units),
            currency: Some(settings.currency.clone()),
            ship_to: None,
            supplier: theirs
                .map(|one| (one.domain.clone(), one.identity.clone()))
                .collect(),
            stop: Stop::default(),
        }
    }

    /// The name of a document of ours, unique for ever: an instant, something that nobody guesses, and who made it.
    pub(crate) fn payload_id(&self) -> String {
        let mut bytes = [0; 12];
        self.ledger().random().fill(&mut bytes);
        let chance = hex(&bytes);
        let host = self.0.parts.public_url.host_str().unwrap_or("habeo");
        format!("{}.{chance}@{host}", self.now().micros())
    }

    /// Takes a document apart beside everything else that waits, a few at a time. None: whoever did it has panicked, which the log says.
    ///
    /// The work has its place to its own end, also where nobody waits for it any more, because a thread cannot be ended from outside; it is told
    /// so, and readers look.
    pub(crate) async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce(Stop) -> T + Send + 'static,
    ) -> Option<T> {
        let place = Arc::clone(&self.0.readers).acquire_owned().await.ok()?;
        let (stop, _waiting) = Stop::while_awaited();
        let done = tokio::task::spawn_blocking(move || {
            let done = work(stop);
            drop(place);
            done
        });
        done.await
            .inspect_err(|error| tracing::error!(%error, "a document was not taken apart"))
            .ok()
    }
}

/// Where the console shows what came back from a visit.
#[must_use]
pub fn cart_path(session: PunchoutId) -> String {
    format!("{CART_PATH}/{session}")
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes whatever is written");
        text
    })
}

/// An instant as documents are written with.
pub(crate) fn instant(at: Timestamp) -> OffsetDateTime {
    let nanos = i128::from(at.micros()) * 1_000;
    OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}
