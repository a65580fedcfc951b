//! Where letters of connections come in: whose they are, whether they prove it, and storing them durably before they are answered.

use std::sync::Arc;

use habeo_core::access::{Access, Surface};
use habeo_core::connection::{self, Family, Gate, Provider};
use habeo_core::id::ConnectionId;
use habeo_core::inbox::{About, Arrival, Inbox, Incoming};
use habeo_core::ledger::Ledger;
use habeo_core::org;
use habeo_core::secret::MasterKey;
use habeo_core::store::StoreResult;
use habeo_core::time::{SECOND_MICROS, Timestamp};
use moka::future::Cache;
use secrecy::SecretString;

use crate::letter::Item;
use crate::refusals::Refusals;
use crate::verify::sha256_hex;

/// How long what is known of a connection is believed: so long another node may still take in what a paused one sends.
const BELIEVED_MICROS: u64 = 2 * SECOND_MICROS.unsigned_abs();
/// The most connections that are remembered, those that are none among them.
const REMEMBERED_MAX: u64 = 10_000;
/// The most bytes of a key behind the connection's id.
const KEY_BYTES_MAX: usize = 200;

/// What a door needs. Cloning it gives another handle to the same.
#[derive(Debug, Clone)]
pub struct Reception(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    ledger: Ledger,
    inbox: Inbox,
    master_key: Arc<MasterKey>,
    gates: Cache<ConnectionId, Known>,
    refusals: Refusals,
}

/// What was found of a connection, and when.
type Known = (Timestamp, Option<Arc<Gate>>);

/// How many of a letter's items were new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Taken {
    /// Those that will be worked off.
    pub accepted: usize,
    /// Those of no interest.
    pub ignored: usize,
    /// Those that had come in before.
    pub duplicates: usize,
}

impl Reception {
    /// A reception for one database.
    #[must_use]
    pub fn new(ledger: Ledger, inbox: Inbox, master_key: Arc<MasterKey>) -> Self {
        Self(Arc::new(Inner {
            refusals: Refusals::new(ledger.clone()),
            ledger,
            inbox,
            master_key,
            gates: Cache::new(REMEMBERED_MAX),
        }))
    }

    /// The ledger.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.0.ledger
    }

    /// The inbox.
    #[must_use]
    pub fn inbox(&self) -> &Inbox {
        &self.0.inbox
    }

    /// What is known of an active connection of this provider; none where there is none, whatever the reason.
    pub async fn gate(
        &self,
        provider: Provider,
        id: ConnectionId,
    ) -> StoreResult<Option<Arc<Gate>>> {
        let now = self.0.ledger.clock().now();
        let fresh = |at: &Timestamp| now.micros().abs_diff(at.micros()) < BELIEVED_MICROS;
        let known = match self.0.gates.get(&id).await {
            Some((at, known)) if fresh(&at) => known,
            _ => {
                let looked_up = self.look_up(id).await?.map(Arc::new);
                self.0.gates.insert(id, (now, looked_up.clone())).await;
                looked_up
            }
        };
        Ok(known.filter(|gate| gate.provider == provider))
    }

    async fn look_up(&self, id: ConnectionId) -> StoreResult<Option<Gate>> {
        let db = self.0.ledger.db();
        let mut tx = db.read_directory().await?;
        let Some(org) = connection::store::org_of(&mut tx, id).await? else {
            return Ok(None);
        };
        drop(tx);
        let access = Access::system(org, Surface::Webhook);
        let mut tx = db.read(&access).await?;
        // With an organisation that was closed its integrations stop.
        if org::store::is_closed(&mut tx, org).await? {
            return Ok(None);
        }
        connection::store::gate(&mut tx, &access, id, &self.0.master_key).await
    }

    /// Stores what a letter brought. When this returns, all of it is durable, each item once however often it comes.
    pub async fn take(
        &self,
        gate: &Gate,
        items: &[Item],
    ) -> Result<Taken, habeo_core::inbox::Refusal> {
        let arrivals = items.iter().map(|item| self.take_one(gate, item));
        let arrivals = futures_util::future::try_join_all(arrivals).await?;
        let mut taken = Taken::default();
        for (item, arrival) in items.iter().zip(arrivals) {
            match (arrival, item.ignored) {
                (Arrival::Seen, _) => taken.duplicates += 1,
                (Arrival::First, Some(_)) => taken.ignored += 1,
                (Arrival::First, None) => taken.accepted += 1,
            }
        }
        Ok(taken)
    }

    async fn take_one(
        &self,
        gate: &Gate,
        item: &Item,
    ) -> Result<Arrival, habeo_core::inbox::Refusal> {
        let message = Incoming {
            org: gate.org,
            source: source(gate.provider.family()),
            key: &key(gate.id, &item.key),
            lane: None,
            body: &item.body,
            about: About {
                connection: Some(gate.id),
                kind: Some(&item.kind),
                ignored: item.ignored,
                keep: true,
            },
        };
        self.0.inbox.receive(message).await
    }

    /// Notes for the connection's administrators that a letter was refused.
    pub fn refused(&self, gate: &Gate, status: u16, reason: &str, bytes: usize) {
        self.0.refusals.note(gate, status, reason, bytes);
    }
}

/// The name of the inbox's source for a sort of systems.
#[must_use]
pub const fn source(family: Family) -> &'static str {
    family.as_str()
}

/// The secrets of a gate that are accepted at an instant.
#[must_use]
pub fn accepted(gate: &Gate, now: Timestamp) -> &[SecretString] {
    let count = match gate.previous_until {
        Some(until) if now < until => 2,
        _ => 1,
    };
    &gate.secrets[..gate.secrets.len().min(count)]
}

/// By what an item is known: within its connection, and short whatever the vendor wrote.
fn key(connection: ConnectionId, key: &str) -> String {
    let connection = connection.uuid().simple();
    let fits = key.len() <= KEY_BYTES_MAX && key.bytes().all(|b| b.is_ascii_graphic());
    if fits && !key.is_empty() {
        format!("{connection}:{key}")
    } else {
        let digest = sha256_hex(key.as_bytes());
        format!("{connection}:sha256:{digest}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn keys_fit_whatever_a_vendor_writes() {
        let id = ConnectionId::from_uuid(Uuid::nil());
        assert!(key(id, "jamf:9").ends_with(":jamf:9"));
        for odd in ["", "a b", "ü", &"k".repeat(201)] {
            let key = key(id, odd);
            assert!(key.contains(":sha256:") && key.len() <= 255, "{odd}");
        }
        assert_ne!(key(id, "a b"), key(id, "a  b"));
    }
}
