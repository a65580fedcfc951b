//! Noting refused letters without letting whoever sends them fill a table: those alike within a second are one row with a count.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use habeo_core::access::{Access, Surface};
use habeo_core::connection::Gate;
use habeo_core::connection::command::NoteRefusal;
use habeo_core::id::{ConnectionId, OrgId};
use habeo_core::ledger::Ledger;

/// How long letters are gathered before they are noted.
const GATHERED: Duration = Duration::from_secs(1);
/// The most sorts of refusals that are gathered at once; more are counted nowhere but in the access log.
const SORTS_MAX: usize = 1_000;

type Sort = (OrgId, ConnectionId, u16, String);

/// Refused letters that are not noted yet.
#[derive(Debug, Clone)]
pub struct Refusals {
    ledger: Ledger,
    gathered: Arc<Mutex<HashMap<Sort, (usize, i64)>>>,
}

impl Refusals {
    /// Nothing refused yet.
    #[must_use]
    pub fn new(ledger: Ledger) -> Self {
        Self {
            ledger,
            gathered: Arc::default(),
        }
    }

    /// Notes a refused letter, soon.
    pub fn note(&self, gate: &Gate, status: u16, reason: &str, bytes: usize) {
        let sort = (gate.org, gate.id, status, reason.to_owned());
        let mut gathered = self.gathered.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((last_bytes, times)) = gathered.get_mut(&sort) {
            *last_bytes = bytes;
            *times += 1;
            return;
        }
        if gathered.len() >= SORTS_MAX {
            return;
        }
        gathered.insert(sort.clone(), (bytes, 1));
        drop(gathered);
        let this = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(GATHERED).await;
            this.write(sort).await;
        });
    }

    async fn write(&self, sort: Sort) {
        let gathered = self.taken(&sort);
        let Some((bytes, times)) = gathered else {
            return;
        };
        let (org, connection, status, reason) = sort;
        let note = NoteRefusal {
            connection,
            status,
            reason,
            bytes,
            times,
        };
        let access = Access::system(org, Surface::Webhook);
        if let Err(error) = self.ledger.record(&access, note).await {
            tracing::warn!(%error, connection.id = %connection, "a refused letter was not noted");
        }
    }

    fn taken(&self, sort: &Sort) -> Option<(usize, i64)> {
        let mut gathered = self.gathered.lock().unwrap_or_else(PoisonError::into_inner);
        gathered.remove(sort)
    }
}
