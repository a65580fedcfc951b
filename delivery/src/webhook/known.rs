//! What has to be known of endpoints to deliver to them, remembered for as long as the organisation's endpoints have not changed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use habeo_core::app_client;
use habeo_core::endpoint::sign::Signer;
use habeo_core::endpoint::{Target, store};
use habeo_core::id::{AppClientId, EndpointId, OrgId};
use habeo_core::secret::MasterKey;
use habeo_core::store::{Db, StoreResult};
use habeo_core::time::{SECOND_MICROS, Timestamp};

/// How many are remembered.
const KNOWN_MAX: usize = 10_000;

/// An endpoint with what signs for it.
#[derive(Debug)]
pub(crate) struct Known {
    version: i64,
    pub target: Target,
    /// By the present secret.
    pub signer: Signer,
    /// By the one before.
    pub previous: Option<Signer>,
}

/// How long it is believed of an app of somebody else's that it works: that it was stopped is in no number of changes of the organisation's.
const WORKS_MICROS: i64 = SECOND_MICROS;

/// What is remembered of endpoints.
#[derive(Debug)]
pub(crate) struct Targets {
    db: Db,
    master_key: Arc<MasterKey>,
    known: Mutex<HashMap<EndpointId, Arc<Known>>>,
    /// When apps were last seen to work.
    working: Mutex<HashMap<AppClientId, Timestamp>>,
}

impl Targets {
    pub fn new(db: Db, master_key: Arc<MasterKey>) -> Self {
        Self {
            db,
            master_key,
            known: Mutex::default(),
            working: Mutex::default(),
        }
    }

    /// Whether the app that an endpoint is of was stopped by whoever publishes it, as of a second ago at most.
    pub async fn is_stopped(&self, target: &Target, now: Timestamp) -> StoreResult<bool> {
        let Some(client) = target.client else {
            return Ok(false);
        };
        let lock = || self.working.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = lock().get(&client).copied();
        if seen.is_some_and(|seen| seen <= now && now < seen.plus_micros(WORKS_MICROS)) {
            return Ok(false);
        }
        let stopped = app_client::store::is_stopped(&self.db, client).await?;
        let mut working = lock();
        if stopped || working.len() >= KNOWN_MAX {
            working.clear();
        }
        if !stopped {
            working.insert(client, now);
        }
        Ok(stopped)
    }

    /// An endpoint as it is at this number of changes, or later. None where it is known no more.
    pub async fn get(
        &self,
        org: OrgId,
        endpoint: EndpointId,
        version: i64,
    ) -> StoreResult<Option<Arc<Known>>> {
        let found = self.known().get(&endpoint).cloned();
        if let Some(found) = found.filter(|known| known.version >= version) {
            return Ok(Some(found));
        }
        let access = habeo_core::access::Access::system(org, habeo_core::access::Surface::System);
        let mut tx = self.db.read(&access).await?;
        let read = store::target(&mut tx, org, endpoint, &self.master_key).await?;
        drop(tx);
        let Some((version, target)) = read else {
            return Ok(None);
        };
        let read = Arc::new(Known {
            version,
            signer: Signer::new(&target.secret),
            previous: target
                .previous
                .as_ref()
                .map(|(secret, _)| Signer::new(secret)),
            target,
        });
        self.remember(endpoint, Arc::clone(&read));
        Ok(Some(read))
    }

    fn remember(&self, endpoint: EndpointId, read: Arc<Known>) {
        let mut known = self.known();
        if known.len() >= KNOWN_MAX {
            known.clear();
        }
        known.insert(endpoint, read);
    }

    /// Forgets one: its receiver accepts another of its secrets now.
    pub fn forget(&self, endpoint: EndpointId) {
        self.known().remove(&endpoint);
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<EndpointId, Arc<Known>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
