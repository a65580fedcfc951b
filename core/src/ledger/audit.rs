//! Reading the ledger back.

use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::access::{Access, Action, Reach, Role, Surface};
use crate::explain::{Explain, Kind};
use crate::id::{AssetId, EventId, PersonId, UnitId};
use crate::page::{Limit, Page, Position};
use crate::store::{Query, StoreError, StoreResult, Tx, fetch_all, fetch_optional};
use crate::time::Timestamp;
use crate::unit::scope::Scope;

/// An entry of the ledger, read back from its bytes.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// Its index.
    pub index: i64,
    /// Its id; outside it is the event id.
    pub event_id: EventId,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it is about: `kind:id`.
    pub stream: String,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Who did it.
    pub actor: EntryActor,
    /// How it came in.
    pub surface: Surface,
    /// The request.
    pub request_id: Option<String>,
    /// The entry from which it follows.
    pub causation_id: Option<EventId>,
    /// The units it concerned.
    pub units: Vec<UnitId>,
    /// The commitment to what was written about it.
    pub remark: Option<String>,
    /// The rest.
    pub payload: Value,
    /// What was written about it, where it is still kept.
    #[serde(skip)]
    pub remark_text: Option<String>,
}

impl Entry {
    /// The person who did it, if it was one.
    #[must_use]
    pub fn person(&self) -> Option<PersonId> {
        self.actor.principal.strip_prefix("person:")?.parse().ok()
    }

    /// What was written about it, as far as a reader with this scope may know: what concerned units out of reach stays with them.
    #[must_use]
    pub fn remark_within(&self, scope: &Scope) -> Option<&str> {
        let own = self.units.iter().all(|unit| scope.contains(*unit));
        self.remark_text.as_deref().filter(|_| own)
    }
}

/// Who did what an entry says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct EntryActor {
    /// `person:<id>` or `system`.
    pub principal: String,
    /// The role they acted in.
    pub role: Role,
}

/// The facts about one thing, newest first. The caller must have been shown the thing itself.
pub async fn history(
    tx: &mut Tx,
    access: &Access,
    stream: Uuid,
    before: Option<i64>,
    limit: Limit,
) -> StoreResult<Page<Entry>> {
    let rows: Vec<(String, Option<String>)> = fetch_all!(
        tx,
        (String, Option<String>),
        "SELECT e.bytes, r.text FROM ledger_entry e
         LEFT JOIN ledger_remark r ON r.org_id = e.org_id AND r.event_id = e.event_id
         WHERE e.org_id = $1 AND e.stream_id = $2 AND e.log_index < $3 ORDER BY e.log_index DESC LIMIT $4",
        access.org(),
        stream,
        before.unwrap_or(i64::MAX),
        limit.plus_one()
    )?;
    let entries = rows
        .into_iter()
        .map(|(bytes, remark)| parse(&bytes, remark))
        .collect::<StoreResult<Vec<_>>>()?;
    Ok(Page::cut(entries, limit, |entry| {
        Position::after(entry.index)
    }))
}

/// The facts about an asset and about the tickets that concern it, newest first. The caller must have been shown the asset. What such a ticket
/// is about besides is another matter, and left out.
pub async fn of_asset(
    tx: &mut Tx,
    access: &Access,
    asset: AssetId,
    before: Option<i64>,
    limit: Limit,
) -> StoreResult<Page<Entry>> {
    const ASSET: &str =
        "SELECT own.log_index FROM (SELECT e.log_index FROM ledger_entry e WHERE e.stream_id = ";
    const TICKETS: &str = "SELECT of_tickets.log_index FROM (SELECT e.log_index FROM ticket_entry e WHERE e.asset_id = ";
    let before = before.unwrap_or(i64::MAX);
    let mut query = Query::new(
        "SELECT e.bytes, r.text FROM ledger_entry e LEFT JOIN ledger_remark r ON r.org_id = e.org_id AND r.event_id = e.event_id
         WHERE e.org_id = ",
    );
    query
        .bind(access.org())
        .push(" AND e.log_index IN (SELECT one.log_index FROM (");
    for (select, name) in [(ASSET, ") own UNION ALL "), (TICKETS, ") of_tickets")] {
        query.push(select).bind(asset);
        query.push(" AND e.org_id = ").bind(access.org());
        query.push(" AND e.log_index < ").bind(before);
        query
            .push(" ORDER BY e.log_index DESC LIMIT ")
            .bind(limit.plus_one())
            .push(name);
    }
    query
        .push(") one ORDER BY one.log_index DESC LIMIT ")
        .bind(limit.plus_one())
        .push(") ORDER BY e.log_index DESC");
    let rows: Vec<(String, Option<String>)> = query.fetch_all(tx).await?;
    let entries = rows
        .into_iter()
        .map(|(bytes, remark)| Ok(concerning(parse(&bytes, remark)?, asset)))
        .collect::<StoreResult<Vec<_>>>()?;
    Ok(Page::cut(entries, limit, |entry| {
        Position::after(entry.index)
    }))
}

/// An entry about a ticket without the other assets that it names.
fn concerning(mut entry: Entry, asset: AssetId) -> Entry {
    let id = asset.to_string();
    if !entry.kind.starts_with("ticket.") {
        return entry;
    }
    for side in ["from", "to"] {
        if let Some(Value::Array(links)) = entry.payload.pointer_mut(&format!("/links/{side}")) {
            links.retain(|link| link["asset"] == id.as_str());
        }
    }
    entry
}

pub(crate) fn parse(bytes: &str, remark_text: Option<String>) -> StoreResult<Entry> {
    let entry: Entry = serde_json::from_str(bytes).map_err(|error| StoreError::Inconsistent {
        table: "ledger_entry",
        what: error.to_string(),
    })?;
    Ok(Entry {
        remark_text,
        ..entry
    })
}

/// Why somebody is not shown the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// They are no auditor of the whole organisation.
    #[error("the ledger is open to auditors of the whole organization")]
    NotPermitted,
    /// There is nothing signed to be shown.
    #[error(
        "no checkpoint of the ledger was signed yet; one follows within seconds of the first entry"
    )]
    NoCheckpoint,
}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        match self {
            Self::NotPermitted => Kind::Forbidden,
            Self::NoCheckpoint => Kind::NotFound,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotPermitted => "ledger_not_permitted",
            Self::NoCheckpoint => "ledger_checkpoint_unknown",
        }
    }
}

/// Whether a role of the caller permits reading the ledger of the whole organisation.
pub async fn may_audit_all(tx: &mut Tx, access: &Access) -> StoreResult<bool> {
    match access.reach(Action::ReadLedger) {
        Reach::Whole => Ok(true),
        Reach::Below(roots) if roots.is_empty() => Ok(false),
        Reach::Below(roots) => {
            let root = crate::unit::store::root(tx, access).await?;
            Ok(root.is_some_and(|root| roots.contains(&root)))
        }
    }
}

/// An entry as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Stored {
    /// Its index.
    #[sqlx(rename = "log_index")]
    pub index: i64,
    /// Its leaf hash.
    pub leaf_hash: Vec<u8>,
    /// Its exact bytes.
    pub bytes: String,
}

/// The entries after an index. The caller must have been found to be an auditor of the whole organisation.
pub async fn page(
    tx: &mut Tx,
    access: &Access,
    after: i64,
    limit: Limit,
) -> StoreResult<Page<Stored>> {
    let rows: Vec<Stored> = fetch_all!(
        tx,
        Stored,
        "SELECT log_index, leaf_hash, bytes FROM ledger_entry WHERE org_id = $1 AND log_index > $2 ORDER BY log_index LIMIT $3",
        access.org(),
        after,
        limit.plus_one()
    )?;
    Ok(Page::cut(rows, limit, |entry| Position::after(entry.index)))
}

/// How many entries an organisation's ledger has.
pub async fn size(tx: &mut Tx, access: &Access) -> StoreResult<u64> {
    let row: Option<(i64,)> = fetch_optional!(
        tx,
        (i64,),
        "SELECT size FROM ledger_head WHERE org_id = $1",
        access.org()
    )?;
    Ok(row.map_or(0, |(size,)| super::tile::unsigned(size)))
}

/// The last entry that was recorded at this instant or before; none before the first.
///
/// Entries are in the order of their time, so this halves the ledger until one is left: no index on the time has to be written with every entry.
pub async fn last_recorded_by(
    tx: &mut Tx,
    access: &Access,
    at: Timestamp,
) -> StoreResult<Option<i64>> {
    let (mut low, mut high) = (0, super::tile::signed(size(tx, access).await?));
    while low < high {
        let middle = low + (high - low) / 2;
        let row: Option<(Timestamp,)> = fetch_optional!(
            tx,
            (Timestamp,),
            "SELECT recorded_at FROM ledger_entry WHERE org_id = $1 AND log_index = $2",
            access.org(),
            middle
        )?;
        if row.is_some_and(|(recorded_at,)| recorded_at <= at) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok((low > 0).then(|| low - 1))
}

/// The size and root of an organisation's tree.
pub async fn head(tx: &mut Tx, access: &Access) -> StoreResult<Option<(u64, super::tree::Hash)>> {
    let row: Option<(i64, Vec<u8>)> = fetch_optional!(
        tx,
        (i64, Vec<u8>),
        "SELECT size, frontier FROM ledger_head WHERE org_id = $1",
        access.org()
    )?;
    let Some((size, frontier)) = row else {
        return Ok(None);
    };
    let size = u64::try_from(size).unwrap_or(0);
    let frontier =
        super::tree::Frontier::from_bytes(size, &frontier).ok_or(StoreError::Inconsistent {
            table: "ledger_head",
            what: "the frontier does not belong to the size".to_owned(),
        })?;
    Ok(Some((size, frontier.root())))
}

/// What a recomputation of the whole tree found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Every entry hashes to its leaf, indexes are dense, and the leaves make up the stored root.
    Whole {
        /// How many entries there are.
        size: u64,
    },
    /// The first entry that does not.
    Broken {
        /// Its index.
        index: u64,
    },
    /// The entries are whole, but the head does not belong to them.
    HeadDiffers,
}

/// Recomputes the tree from the stored bytes.
pub async fn verify(tx: &mut Tx, access: &Access) -> StoreResult<Verdict> {
    const CHUNK: i64 = 2_000;
    let mut frontier = super::tree::Frontier::default();
    loop {
        let next = i64::try_from(frontier.size()).unwrap_or(i64::MAX);
        let rows: Vec<(i64, Vec<u8>, String)> = fetch_all!(
            tx,
            (i64, Vec<u8>, String),
            "SELECT log_index, leaf_hash, bytes FROM ledger_entry WHERE org_id = $1 AND log_index >= $2 ORDER BY log_index LIMIT $3",
            access.org(),
            next,
            CHUNK
        )?;
        let last = i64::try_from(rows.len()).unwrap_or(CHUNK) < CHUNK;
        for (index, leaf, bytes) in rows {
            let expected = frontier.size();
            let hash = super::tree::leaf_hash(bytes.as_bytes());
            if u64::try_from(index) != Ok(expected) || leaf != hash {
                return Ok(Verdict::Broken { index: expected });
            }
            frontier.push(hash);
        }
        if last {
            break;
        }
    }
    let whole = head(tx, access).await? == Some((frontier.size(), frontier.root()));
    Ok(if whole {
        Verdict::Whole {
            size: frontier.size(),
        }
    } else {
        Verdict::HeadDiffers
    })
}
