//! What is known of connections, remembered for a moment: one letter looks it up for all that wait, and it is looked up again before it is too
//! old to be believed, so that in a storm no letter waits for it.

use std::sync::{Arc, Mutex, PoisonError};

use habeo_core::access::{Access, Surface};
use habeo_core::connection::{self, Gate};
use habeo_core::id::{ConnectionId, OrgId};
use habeo_core::ledger::Ledger;
use habeo_core::org;
use habeo_core::secret::MasterKey;
use habeo_core::store::StoreResult;
use habeo_core::time::{SECOND_MICROS, Timestamp};
use moka::future::Cache;

/// How long what is known of a connection is believed: so long another node may still take in what a paused one sends. What this node itself
/// changed is not believed from then on.
const BELIEVED_MICROS: u64 = 2 * SECOND_MICROS.unsigned_abs();
/// From when on it is looked up again beside the letters that come in.
const AGEING_MICROS: u64 = SECOND_MICROS.unsigned_abs();
/// The most connections that are remembered, those that are none among them.
const REMEMBERED_MAX: u64 = 10_000;

/// What is known of connections. Cloning it gives another handle to the same.
#[derive(Debug, Clone)]
pub(crate) struct Gates(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    ledger: Ledger,
    master_key: Arc<MasterKey>,
    entries: Cache<ConnectionId, Arc<Entry>>,
}

/// One connection.
#[derive(Debug, Default)]
struct Entry {
    known: Mutex<Option<Known>>,
    /// Whoever has it looks up; the others wait for it, or go on with what is known.
    turn: Arc<tokio::sync::Mutex<()>>,
}

/// What was found of a connection.
#[derive(Debug, Clone)]
struct Known {
    at: Timestamp,
    /// Whose it is, and how often connections and rights of that organisation had been changed here.
    of: Option<(OrgId, u64)>,
    gate: Option<Arc<Gate>>,
}

impl Gates {
    pub fn new(ledger: Ledger, master_key: Arc<MasterKey>) -> Self {
        Self(Arc::new(Inner {
            ledger,
            master_key,
            entries: Cache::new(REMEMBERED_MAX),
        }))
    }

    /// What is known of an active connection; none where there is none, whatever the reason.
    pub async fn of(&self, id: ConnectionId) -> StoreResult<Option<Arc<Gate>>> {
        let entry = self.0.entries.get_with(id, async { Arc::default() }).await;
        if let Some((known, age)) = self.believed(&entry) {
            if age >= AGEING_MICROS {
                self.renew(id, &entry);
            }
            return Ok(known.gate);
        }
        let _turn = entry.turn.lock().await;
        // Whoever had the turn before may have found it.
        if let Some((known, _)) = self.believed(&entry) {
            return Ok(known.gate);
        }
        self.look_up(id, &entry).await
    }

    /// What is known, as long as it may be believed, and how old it is in microseconds.
    fn believed(&self, entry: &Entry) -> Option<(Known, u64)> {
        let known = entry
            .known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()?;
        let age = self.now().micros().abs_diff(known.at.micros());
        let unchanged = known
            .of
            .is_none_or(|(org, generation)| self.0.ledger.rights_generation(org) == generation);
        (age < BELIEVED_MICROS && unchanged).then_some((known, age))
    }

    /// Looks it up beside the letters, unless somebody does. What cannot be found now is looked up by a letter when it is too old.
    fn renew(&self, id: ConnectionId, entry: &Arc<Entry>) {
        let Ok(turn) = Arc::clone(&entry.turn).try_lock_owned() else {
            return;
        };
        let (this, entry) = (self.clone(), Arc::clone(entry));
        tokio::spawn(async move {
            if let Err(error) = this.look_up(id, &entry).await {
                tracing::warn!(%error, connection.id = %id, "a connection was not looked up again");
            }
            drop(turn);
        });
    }

    async fn look_up(&self, id: ConnectionId, entry: &Entry) -> StoreResult<Option<Arc<Gate>>> {
        let at = self.now();
        let (of, gate) = self.found(id).await?;
        let gate = gate.map(Arc::new);
        let known = Known {
            at,
            of,
            gate: gate.clone(),
        };
        *entry.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(known);
        Ok(gate)
    }

    async fn found(&self, id: ConnectionId) -> StoreResult<(Option<(OrgId, u64)>, Option<Gate>)> {
        let ledger = &self.0.ledger;
        let mut tx = ledger.db().read_directory().await?;
        let Some(org) = connection::store::org_of(&mut tx, id).await? else {
            return Ok((None, None));
        };
        drop(tx);
        // Before it is read: what changes meanwhile makes it one that is not believed.
        let of = Some((org, ledger.rights_generation(org)));
        let access = Access::system(org, Surface::Webhook);
        let mut tx = ledger.db().read(&access).await?;
        // With an organisation that was closed its integrations stop.
        if org::store::is_closed(&mut tx, org).await? {
            return Ok((of, None));
        }
        let gate = connection::store::gate(&mut tx, &access, id, &self.0.master_key).await?;
        Ok((of, gate))
    }

    fn now(&self) -> Timestamp {
        self.0.ledger.clock().now()
    }
}
