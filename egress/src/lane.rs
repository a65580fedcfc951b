//! Lanes: connections are kept and used again within one, never across two.

use std::sync::Arc;
use std::time::Duration;

use habeo_core::id::OrgId;
use moka::future::Cache;
use moka::policy::EvictionPolicy;
use reqwest::redirect;
use tokio::sync::Semaphore;

use crate::error::EgressError;
use crate::resolve::OnlyChecked;
use crate::tls::Tls;

/// The most lanes that keep connections; beyond it the one that rested longest is closed.
const LANES_MAX: u64 = 512;
/// How long a lane rests before it is dropped.
const LANE_IDLE: Duration = Duration::from_mins(5);
/// How long a connection waits for another request.
const CONNECTION_IDLE: Duration = Duration::from_secs(30);
/// The most connections to one host that wait.
const IDLE_CONNECTIONS_MAX: usize = 32;
/// For one connection, TLS included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The most header lines of an answer.
const ANSWER_HEADERS_MAX: usize = 64;
/// The most names that one lane looks up at a time. A look-up that nobody answers holds a thread for seconds, also when nobody waits for it
/// any more; this keeps one organisation from holding them all.
const LOOKUPS_MAX: usize = 16;

/// On whose behalf a request is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lane {
    /// An organisation's own receivers and suppliers, and what is done in its name.
    Organization(OrgId),
    /// A vendor, on behalf of the installation as a whole: key sets, token endpoints of our own app.
    Vendor(&'static str),
}

/// What a lane keeps.
#[derive(Clone)]
pub(crate) struct Kept {
    pub(crate) client: reqwest::Client,
    pub(crate) lookups: Arc<Semaphore>,
}

pub(crate) struct Lanes {
    kept: Cache<Lane, Kept>,
    tls: Tls,
}

impl Lanes {
    pub(crate) fn new(tls: Tls) -> Self {
        let kept = Cache::builder()
            .max_capacity(LANES_MAX)
            .time_to_idle(LANE_IDLE)
            .eviction_policy(EvictionPolicy::lru())
            .build();
        Self { kept, tls }
    }

    pub(crate) const fn has_roots(&self) -> bool {
        self.tls.has_roots
    }

    pub(crate) async fn get(&self, lane: Lane) -> Result<Kept, EgressError> {
        let made = self.kept.try_get_with(lane, async { self.open() }).await;
        made.map_err(|_: Arc<reqwest::Error>| EgressError::Unsendable("no client could be made"))
    }

    fn open(&self) -> Result<Kept, reqwest::Error> {
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(self.tls.for_one_lane())
            .dns_resolver(OnlyChecked)
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            // Features of reqwest are the union of what all crates ask for, so what is absent today is refused all the same.
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            .referer(false)
            .http1_only()
            .http1_max_headers(ANSWER_HEADERS_MAX)
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(CONNECTION_IDLE)
            .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX)
            .user_agent(concat!("Habeo/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Kept {
            client,
            lookups: Arc::new(Semaphore::new(LOOKUPS_MAX)),
        })
    }
}
