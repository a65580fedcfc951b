//! Appending: the head's lock, dense indexes, the frontier, and entries written many at a time.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::event::{Fact, Recorded};
use super::tile;
use super::tree::{self, Frontier, Hash};
use crate::access::{Actor, Principal};
use crate::id::{EventId, OrgId};
use crate::random::Random;
use crate::store::{self, Query, StoreError, StoreResult, Tx, execute, fetch_optional};
use crate::time::Timestamp;

/// The most bytes of one entry.
pub const ENTRY_BYTES_MAX: usize = 60 * 1024;
/// The version of the entry's form.
const FORMAT_VERSION: u8 = 1;
const SALT_BYTES: usize = 16;

/// The growing end of one organisation's ledger, held locked by the transaction that grows it.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    org: OrgId,
    frontier: Frontier,
    stored_size: u64,
    /// When the last entry was recorded; none before the first.
    last: Option<Timestamp>,
    /// How often the organisation's endpoints have changed.
    endpoints_version: i64,
    /// The leaves after the stored size, for the tiles that they complete.
    leaves: Vec<Hash>,
}

impl Head {
    /// Locks the organisation's head. Every writer of the organisation waits here, on both engines.
    pub async fn lock(tx: &mut Tx, org: OrgId) -> StoreResult<Option<Self>> {
        let row: Option<(i64, Vec<u8>, i64)> = fetch_optional!(
            tx,
            (i64, Vec<u8>, i64),
            "UPDATE ledger_head SET size = size WHERE org_id = $1 RETURNING size, frontier, endpoints_version",
            org
        )?;
        let Some((size, frontier, endpoints_version)) = row else {
            return Ok(None);
        };
        // Asked for apart: a statement that waits for the lock reads everything else as it was before it waited, and within the one above
        // PostgreSQL would read the whole ledger to find its last entry.
        let last: Option<(Timestamp,)> = fetch_optional!(
            tx,
            (Timestamp,),
            "SELECT recorded_at FROM ledger_entry WHERE org_id = $1 AND log_index = $2",
            org,
            size - 1
        )?;
        let last = last.map(|(at,)| at);
        let size = u64::try_from(size).unwrap_or(0);
        let frontier = Frontier::from_bytes(size, &frontier).ok_or(StoreError::Inconsistent {
            table: "ledger_head",
            what: "the frontier does not belong to the size".to_owned(),
        })?;
        Ok(Some(Self {
            org,
            frontier,
            stored_size: size,
            last,
            endpoints_version,
            leaves: Vec::new(),
        }))
    }

    /// Begins the ledger of a new organisation.
    pub async fn begin(tx: &mut Tx, org: OrgId) -> StoreResult<Self> {
        execute!(
            tx,
            "INSERT INTO ledger_head (org_id, size, frontier) VALUES ($1, 0, $2)",
            org,
            Vec::<u8>::new()
        )?;
        Ok(Self {
            org,
            frontier: Frontier::default(),
            stored_size: 0,
            last: None,
            endpoints_version: 0,
            leaves: Vec::new(),
        })
    }

    /// The present instant, as far as the ledger is concerned: a clock that was set back does not record anything before what it follows,
    /// or nobody could say what was known when.
    pub fn not_before_the_last(&self, now: Timestamp) -> Timestamp {
        self.last.map_or(now, |last| now.max(last))
    }

    /// How often the organisation's endpoints have changed: what is remembered of them is so as long as this is.
    pub const fn endpoints_version(&self) -> i64 {
        self.endpoints_version
    }

    /// How many entries it has grown by and not stored yet.
    pub const fn growth(&self) -> u64 {
        self.frontier.size() - self.stored_size
    }

    /// Appends a leaf.
    fn push(&mut self, leaf: Hash, recorded_at: Timestamp) {
        self.last = Some(recorded_at);
        self.frontier.push(leaf);
        self.leaves.push(leaf);
    }

    /// Stores the new size and frontier, if there are any, and the tiles that became complete. The entries must have been written.
    pub async fn store(&mut self, tx: &mut Tx) -> StoreResult<()> {
        let size = self.frontier.size();
        if size == self.stored_size {
            return Ok(());
        }
        let stored = execute!(
            tx,
            "UPDATE ledger_head SET size = $2, frontier = $3 WHERE org_id = $1 AND size = $4",
            self.org,
            signed(size),
            self.frontier.to_bytes(),
            signed(self.stored_size)
        )?;
        if stored != 1 {
            return Err(StoreError::Inconsistent {
                table: "ledger_head",
                what: "the head moved while it was locked".to_owned(),
            });
        }
        tile::store(tx, self.org, self.stored_size, &self.leaves).await?;
        self.leaves.clear();
        self.stored_size = size;
        Ok(())
    }
}

fn signed(size: u64) -> i64 {
    i64::try_from(size).expect("a ledger of 2^63 entries cannot be stored")
}

/// Entries that were given their index and wait to be written.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    entries: Vec<[store::Value; 9]>,
    remarks: Vec<[store::Value; 4]>,
}

impl Pending {
    /// Gives a fact its place in the ledger.
    pub fn append(
        &mut self,
        head: &mut Head,
        actor: &Actor,
        fact: &Fact,
        now: Timestamp,
        random: &dyn Random,
    ) -> StoreResult<Recorded> {
        let event = EventId::generate(now, random);
        let index = signed(head.frontier.size());
        let occurred_at = fact.occurred_at.unwrap_or(now);
        let commitment = fact
            .remark
            .as_deref()
            .map(|text| self.keep_remark(head.org, event, text, random));
        let mut whole = serde_json::to_value(&fact.event).map_err(|error| not_canonical(&error))?;
        let kind = whole["type"].take();
        let mut entry = json!({
            "v": FORMAT_VERSION,
            "org": head.org,
            "index": index,
            "eventId": event,
            "type": kind,
            "stream": format!("{}:{}", fact.stream.kind(), fact.stream.id()),
            "occurredAt": occurred_at,
            "recordedAt": now,
            "actor": actor_json(actor),
            "surface": actor.surface,
            "requestId": actor.request_id,
            "units": fact.units,
            "remark": commitment,
            "payload": whole["payload"].take(),
        });
        // Only where there is one: entries without a cause keep the form they have always had.
        if let Some(cause) = actor.cause {
            entry["causationId"] = json!(cause);
        }
        let bytes = tree::canonical(&entry).map_err(|error| not_canonical(&error))?;
        if bytes.len() > ENTRY_BYTES_MAX {
            return Err(not_canonical(&"longer than 60 KiB"));
        }
        let leaf = tree::leaf_hash(bytes.as_bytes());
        head.push(leaf, now);
        self.entries.push([
            head.org.into(),
            index.into(),
            event.into(),
            kind_text(&kind).into(),
            fact.stream.kind().into(),
            fact.stream.id().into(),
            now.into(),
            leaf.to_vec().into(),
            bytes.into(),
        ]);
        Ok(Recorded {
            org: head.org,
            index,
            event,
            occurred_at,
            recorded_at: now,
            person: actor.principal.person(),
            stream: fact.stream,
        })
    }

    /// Keeps the text outside the ledger and returns what goes in: without the salt, short texts could be guessed from their hash.
    fn keep_remark(
        &mut self,
        org: OrgId,
        event: EventId,
        text: &str,
        random: &dyn Random,
    ) -> String {
        let mut salt = vec![0; SALT_BYTES];
        random.fill(&mut salt);
        let commitment = Sha256::new_with_prefix(&salt)
            .chain_update(text.as_bytes())
            .finalize();
        self.remarks
            .push([org.into(), event.into(), salt.into(), text.into()]);
        tree::hex(&commitment)
    }

    /// Writes everything that waits.
    pub async fn write(self, tx: &mut Tx) -> StoreResult<()> {
        const ENTRY: &str = "INSERT INTO ledger_entry
            (org_id, log_index, event_id, type, stream_kind, stream_id, recorded_at, leaf_hash, bytes) VALUES";
        const REMARK: &str = "INSERT INTO ledger_remark (org_id, event_id, salt, text) VALUES";
        Query::insert_rows(tx, ENTRY, self.entries, "").await?;
        Query::insert_rows(tx, REMARK, self.remarks, "").await?;
        Ok(())
    }
}

fn actor_json(actor: &Actor) -> Value {
    let principal = match actor.principal {
        Principal::Person(id) => format!("person:{id}"),
        Principal::System => "system".to_owned(),
        Principal::Key(id) => format!("key:{id}"),
        Principal::Install(id) => format!("install:{id}"),
    };
    json!({"principal": principal, "role": actor.role})
}

fn kind_text(kind: &Value) -> String {
    kind.as_str().unwrap_or_default().to_owned()
}

fn not_canonical(why: &dyn std::fmt::Display) -> StoreError {
    StoreError::Inconsistent {
        table: "ledger_entry",
        what: why.to_string(),
    }
}
