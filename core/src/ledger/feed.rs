//! What happened to assets, one entry after the other, as far as a reader may see it.
//!
//! Entries have dense indexes and are committed in their order, so a place in the ledger is a place in time: nothing is ever recorded before it.
//! A reader of a few units must not learn how much happens elsewhere, so the place is encrypted and looks new with every page.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

use super::audit;
use super::event::Stream;
use super::tile::signed;
use crate::access::{Access, Action};
use crate::asset::store::COLUMNS;
use crate::id::{AssetId, EventId, OrgId};
use crate::page::{CursorRefusal, Limit};
use crate::random::Random;
use crate::secret::{MasterKey, Place};
use crate::store::{Query, StoreResult, Tx};
use crate::time::{DAY_MICROS, Timestamp};
use crate::unit::scope::{Columns, Scope};

/// How long a place in the feed can be gone back to.
const CURSOR_LIFE_MICROS: i64 = 30 * DAY_MICROS;
const DIGEST_BYTES: usize = 8;
/// The longest cursor that is looked at.
const CURSOR_CHARS_MAX: usize = 200;
/// How many entries are looked at for one page of somebody who sees a part of the organisation. Whoever sees little gets short pages.
const WINDOW: i64 = 50_000;
/// Up to this many assets, a reader's page is put together from the histories of their assets instead.
const FEW_ASSETS: i64 = 2_000;

/// What is said of an entry by which an asset left what a reader can see.
pub const LEFT: &str = "asset.left_scope";

/// Something that happened to an asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The entry's id.
    pub event: EventId,
    /// What happened, or [`LEFT`].
    pub kind: String,
    /// To which asset.
    pub asset: AssetId,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

/// Some changes, and the entry after which the next ones are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// In the order of the ledger.
    pub rows: Vec<Change>,
    /// The last entry that was looked at.
    pub next: i64,
}

/// The end of the feed, with nothing in it.
pub async fn end(tx: &mut Tx, access: &Access) -> StoreResult<Changes> {
    let next = signed(audit::size(tx, access).await?) - 1;
    Ok(Changes {
        rows: Vec::new(),
        next,
    })
}

/// The changes after an entry: of the assets in scope now; for auditors also of those that belonged to their units when it happened, and
/// for everybody else where others left the scope.
pub async fn changes(
    tx: &mut Tx,
    access: &Access,
    (scope, audited): (&Scope, &Scope),
    after: i64,
    limit: Limit,
) -> StoreResult<Changes> {
    let last = end(tx, access).await?.next;
    let audits = access.may(Action::ReadLedger);
    let few = !audits && few_assets(tx, access, scope).await?;
    let until = match scope {
        Scope::Whole => last,
        _ if few => last,
        _ => last.min(after.saturating_add(WINDOW)),
    };
    let stretch = (after, until);
    let mut rows = happened(
        tx,
        access,
        scope,
        audits.then_some(audited),
        few,
        stretch,
        limit,
    )
    .await?;
    if *scope != Scope::Whole && !audits {
        rows.extend(left(tx, access, scope, stretch, limit).await?);
        rows.sort_unstable_by_key(|(index, _)| *index);
        rows.truncate(limit.rows());
    }
    let next = match rows.last() {
        Some((index, _)) if rows.len() == limit.rows() => *index,
        _ => until.max(after),
    };
    let rows = rows.into_iter().map(|(_, change)| change).collect();
    Ok(Changes { rows, next })
}

/// Entries after one index up to another, by their indexes.
type Stretch = (i64, i64);
type Placed = (i64, Change);

/// What happened to the assets in scope.
async fn happened(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    audited: Option<&Scope>,
    few: bool,
    (after, until): Stretch,
    limit: Limit,
) -> StoreResult<Vec<Placed>> {
    let mut query = Query::new("SELECT e.log_index, e.bytes FROM ledger_entry e WHERE e.org_id = ");
    query
        .bind(access.org())
        .push(" AND e.stream_kind = 'asset' AND e.log_index > ")
        .bind(after);
    query.push(" AND e.log_index <= ").bind(until);
    if *scope != Scope::Whole {
        query.push(" AND (");
        query.push(if few {
            "e.stream_id IN (SELECT a.id"
        } else {
            "EXISTS (SELECT 1"
        });
        query
            .push(" FROM asset a WHERE a.org_id = ")
            .bind(access.org());
        if !few {
            query.push(" AND a.id = e.stream_id");
        }
        scope.push_condition(&mut query, access.org(), COLUMNS);
        query.push(")");
        if let Some(audited) = audited {
            push_then(&mut query, access.org(), audited);
        }
        query.push(")");
    }
    query
        .push(" ORDER BY e.log_index LIMIT ")
        .bind(limit.plus_one() - 1);
    let rows: Vec<(i64, String)> = query.fetch_all(tx).await?;
    rows.iter()
        .map(|(index, bytes)| Ok((*index, change(bytes)?)))
        .collect()
}

/// Where assets that are out of scope now left it: whoever keeps a copy of what they see has to let go of them. What took them away is not told.
async fn left(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    (after, until): Stretch,
    limit: Limit,
) -> StoreResult<Vec<Placed>> {
    const WAS: Columns = Columns {
        unit: "v.owning_unit_id",
        own: Some("v.holder_id"),
    };
    const BECAME: Columns = Columns {
        unit: "next.owning_unit_id",
        own: Some("next.holder_id"),
    };
    let org = access.org();
    let mut query = Query::new(
        "SELECT e.log_index, e.bytes FROM asset_version v JOIN ledger_entry e ON e.org_id = v.org_id AND e.log_index = v.to_index
         WHERE v.org_id = ",
    );
    query.bind(org).push(" AND v.to_index > ").bind(after);
    query.push(" AND v.to_index <= ").bind(until);
    scope.push_condition(&mut query, org, WAS);
    query.push(
        " AND NOT EXISTS (SELECT 1 FROM asset_version next WHERE next.org_id = v.org_id AND next.id = v.id AND next.from_index = v.to_index",
    );
    scope.push_condition(&mut query, org, BECAME);
    query.push(") AND NOT EXISTS (SELECT 1 FROM asset a WHERE a.org_id = v.org_id AND a.id = v.id");
    scope.push_condition(&mut query, org, COLUMNS);
    query
        .push(") ORDER BY v.to_index LIMIT ")
        .bind(limit.plus_one() - 1);
    let rows: Vec<(i64, String)> = query.fetch_all(tx).await?;
    rows.iter()
        .map(|(index, bytes)| {
            let change = Change {
                kind: LEFT.to_owned(),
                ..change(bytes)?
            };
            Ok((*index, change))
        })
        .collect()
}

/// What an auditor's unit once had is theirs to prove: the entry that took it away included.
fn push_then(query: &mut Query, org: OrgId, audited: &Scope) {
    const THEN: Columns = Columns {
        unit: "v.owning_unit_id",
        own: None,
    };
    query
        .push(" OR EXISTS (SELECT 1 FROM asset_version v WHERE v.org_id = ")
        .bind(org)
        .push(
            " AND v.id = e.stream_id AND v.from_index <= e.log_index AND v.to_index >= e.log_index",
        );
    audited.push_condition(query, org, THEN);
    query.push(")");
}

/// Whether the units in scope have so few assets that looking through their histories is less work than looking through the ledger.
async fn few_assets(tx: &mut Tx, access: &Access, scope: &Scope) -> StoreResult<bool> {
    let Scope::Few { units, .. } = scope else {
        return Ok(false);
    };
    let mut query = Query::new(
        "SELECT CAST(COALESCE(SUM(assets), 0) AS BIGINT) FROM asset_tally WHERE org_id = ",
    );
    query
        .bind(access.org())
        .push(" AND unit_id IN ")
        .bind_list(units.iter().copied());
    let rows: Vec<(i64,)> = query.fetch_all(tx).await?;
    Ok(rows.first().is_none_or(|(assets,)| *assets <= FEW_ASSETS))
}

fn change(bytes: &str) -> StoreResult<Change> {
    let entry = audit::parse(bytes, None)?;
    let asset = match Stream::parse(&entry.stream) {
        Some(Stream::Asset(asset)) => asset,
        _ => AssetId::from_uuid(uuid::Uuid::nil()),
    };
    Ok(Change {
        event: entry.event_id,
        kind: entry.kind,
        asset,
        occurred_at: entry.occurred_at,
        recorded_at: entry.recorded_at,
    })
}

/// Seals and opens the places of one reader.
#[derive(Debug)]
pub struct FeedKey<'a> {
    master_key: &'a MasterKey,
    org: OrgId,
    scope: [u8; DIGEST_BYTES],
}

impl<'a> FeedKey<'a> {
    /// For this reader, as far as they see now.
    #[must_use]
    pub fn new(master_key: &'a MasterKey, access: &Access) -> Self {
        let text = format!(
            "{}|{}",
            access.scope_text(Action::ReadHistory),
            access.scope_text(Action::ReadLedger)
        );
        let mut scope = [0; DIGEST_BYTES];
        scope.copy_from_slice(&Sha256::digest(text.as_bytes())[..DIGEST_BYTES]);
        Self {
            master_key,
            org: access.org(),
            scope,
        }
    }

    fn place(&self) -> Place<'static> {
        Place {
            column: "changes.cursor",
            org: Some(self.org),
            row: b"",
        }
    }

    /// Writes a place as an opaque text that looks like no other.
    #[must_use]
    pub fn seal(&self, after: i64, now: Timestamp, random: &dyn Random) -> String {
        let expiry = now.plus_micros(CURSOR_LIFE_MICROS).micros();
        let secret = [&expiry.to_be_bytes()[..], &after.to_be_bytes(), &self.scope].concat();
        URL_SAFE_NO_PAD.encode(self.master_key.seal(self.place(), &secret, random))
    }

    /// Reads a place back.
    pub fn open(&self, cursor: &str, now: Timestamp) -> Result<i64, CursorRefusal> {
        let invalid = || CursorRefusal::Invalid;
        if cursor.len() > CURSOR_CHARS_MAX {
            return Err(invalid());
        }
        let sealed = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| invalid())?;
        let opened = self
            .master_key
            .open(self.place(), &sealed)
            .map_err(|_| invalid())?;
        let (expiry, rest) = opened
            .expose_secret()
            .split_first_chunk::<8>()
            .ok_or_else(invalid)?;
        let (after, scope) = rest.split_first_chunk::<8>().ok_or_else(invalid)?;
        if Timestamp::from_micros(i64::from_be_bytes(*expiry)) <= now {
            return Err(invalid());
        }
        if *scope != self.scope {
            return Err(CursorRefusal::Mismatch);
        }
        Ok(i64::from_be_bytes(*after))
    }
}
