//! What tests of the ledger's evidence need: a signer, a place outside the database, and the comparison of projections.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use habeo_core::id::OrgId;
use habeo_core::ledger::checkpoint::{Signer, Witness};
use habeo_core::secret::MasterKey;

use crate::database::TestDb;
use crate::must;

/// The key that seals the secrets of every test.
pub const MASTER_KEY: [u8; 32] = [7; 32];

/// Checkpoints kept in memory. Cloning gives another handle to the same.
#[derive(Debug, Clone, Default)]
pub struct Outside(Arc<Mutex<HashMap<OrgId, String>>>);

impl Outside {
    /// The last note that was kept.
    #[must_use]
    pub fn note(&self, org: OrgId) -> Option<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&org)
            .cloned()
    }

    /// Puts a note there, whatever it is.
    pub fn put(&self, org: OrgId, note: &str) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(org, note.to_owned());
    }
}

impl Witness for Outside {
    fn last(&self, org: OrgId) -> io::Result<Option<String>> {
        Ok(self.note(org))
    }

    fn keep(&self, org: OrgId, note: &str) -> io::Result<()> {
        self.put(org, note);
        Ok(())
    }
}

impl TestDb {
    /// The signer of checkpoints, and what it keeps outside the database.
    pub async fn signer(&self) -> (Signer, Outside) {
        let outside = Outside::default();
        (self.signer_with(&outside).await, outside)
    }

    /// A signer that finds this outside the database.
    pub async fn signer_with(&self, outside: &Outside) -> Signer {
        let key = MasterKey::new(MASTER_KEY);
        must(Signer::open(self.ledger.clone(), &key, Arc::new(outside.clone())).await)
    }
}
