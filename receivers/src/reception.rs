//! Where letters of connections come in: whose they are, whether they prove it, and storing them durably before they are answered.

use std::sync::Arc;

use habeo_core::connection::{Family, Gate, Provider};
use habeo_core::id::ConnectionId;
use habeo_core::inbox::{About, Arrival, Inbox, Incoming};
use habeo_core::ledger::Ledger;
use habeo_core::secret::MasterKey;
use habeo_core::store::StoreResult;
use habeo_core::time::{SECOND_MICROS, Timestamp};
use habeo_surface::limit::{Key, Limiter, Quota};
use secrecy::SecretString;

use crate::gates::Gates;
use crate::letter::Item;
use crate::refusals::Refusals;
use crate::verify::sha256_hex;

/// The most bytes of a key behind the connection's id and the time.
const KEY_BYTES_MAX: usize = 200;

/// What a door needs. Cloning it gives another handle to the same.
#[derive(Debug, Clone)]
pub struct Reception(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    ledger: Ledger,
    inbox: Inbox,
    gates: Gates,
    rates: Limiter,
    refusals: Refusals,
}

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
            gates: Gates::new(ledger.clone(), master_key),
            rates: Limiter::new(Quota::CONNECTION, ledger.shared_clock()),
            ledger,
            inbox,
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
        let known = self.0.gates.of(id).await?;
        Ok(known.filter(|gate| gate.provider == provider))
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
            key: &key(gate.id, item),
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

    /// Counts a letter that proved itself; what has not could keep out what does. Otherwise in how many seconds the next may come.
    pub async fn count(&self, gate: &Gate) -> Result<(), u32> {
        let key = Key::new(&gate.org.to_string(), &gate.id.to_string());
        let report = self.0.rates.take(key).await;
        report.retry_after().map_or(Ok(()), Err)
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

/// By what an item is known: within its connection, in the order of time where that is known, and short whatever the vendor wrote.
fn key(connection: ConnectionId, item: &Item) -> String {
    let connection = connection.uuid().simple();
    let seconds = item.keyed_at.map(|at| at.micros() / SECOND_MICROS);
    let time = seconds.map_or(String::new(), |seconds| format!("{seconds:012}:"));
    let key = item.key.as_str();
    let fits = key.len() <= KEY_BYTES_MAX && key.bytes().all(|b| b.is_ascii_graphic());
    if fits && !key.is_empty() {
        format!("{connection}:{time}{key}")
    } else {
        let digest = sha256_hex(key.as_bytes());
        format!("{connection}:{time}sha256:{digest}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn key(named: &str, keyed_at: Option<Timestamp>) -> String {
        let item = Item {
            key: named.to_owned(),
            keyed_at,
            body: Vec::new(),
            kind: String::new(),
            ignored: None,
            trouble: None,
        };
        super::key(ConnectionId::from_uuid(Uuid::nil()), &item)
    }

    #[test]
    fn keys_fit_whatever_a_vendor_writes() {
        let latest = Timestamp::from_seconds(253_402_300_799);
        assert!(key("jamf:9", None).ends_with("0:jamf:9"));
        assert!(key("jamf:9", Some(latest)).ends_with(":253402300799:jamf:9"));
        for odd in ["", "a b", "ü", &"k".repeat(201)] {
            let key = key(odd, Some(latest));
            assert!(key.contains(":sha256:") && key.len() <= 255, "{odd}");
        }
        assert_ne!(key("a b", None), key("a  b", None));
    }

    #[test]
    fn what_happened_later_is_stored_behind_it() {
        let at = |seconds| Some(Timestamp::from_seconds(seconds));
        let earlier = key("jamf:9:z", at(999_999_999));
        assert!(earlier < key("jamf:9:a", at(1_000_000_000)));
    }
}
