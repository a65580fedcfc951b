//! What has to be known of endpoints to deliver to them, remembered for as long as the organisation's endpoints have not changed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use habeo_core::endpoint::{Target, store};
use habeo_core::id::{EndpointId, OrgId};
use habeo_core::secret::MasterKey;
use habeo_core::store::{Db, StoreResult};

use super::sign::Signer;

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

/// What is remembered of endpoints.
#[derive(Debug)]
pub(crate) struct Targets {
    db: Db,
    master_key: Arc<MasterKey>,
    known: Mutex<HashMap<EndpointId, Arc<Known>>>,
}

impl Targets {
    pub fn new(db: Db, master_key: Arc<MasterKey>) -> Self {
        Self {
            db,
            master_key,
            known: Mutex::default(),
        }
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
