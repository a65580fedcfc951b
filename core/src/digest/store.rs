//! Digests in SQL: which there are, how far each has told, and what changed in a unit.

use std::collections::BTreeMap;

use super::Digest;
use crate::access::Access;
use crate::id::{DigestId, InstallId, UnitId};
use crate::store::{StoreError, StoreResult, Tx, execute, fetch_all, fetch_one, fetch_optional};
use crate::time::Day;

/// How many changes of each sort: `asset.deployed` and its like.
pub type Counts = BTreeMap<String, i64>;

/// How many entries are looked at in one statement.
const WINDOW: i64 = 50_000;

macro_rules! live {
    () => {
        "SELECT d.id, d.install_id, d.chat, d.unit_id, d.cadence, d.local_hour FROM digest d
         JOIN install i ON i.org_id = d.org_id AND i.id = d.install_id
         WHERE d.org_id = $1 AND d.ended_at IS NULL AND i.status = 'live' "
    };
}

/// A digest that is sent.
pub async fn live(tx: &mut Tx, access: &Access, id: DigestId) -> StoreResult<Option<Digest>> {
    fetch_optional!(
        tx,
        Digest,
        concat!(live!(), "AND d.id = $2"),
        access.org(),
        id
    )
}

/// Every digest that is sent, in the order in which they were subscribed.
pub async fn all(tx: &mut Tx, access: &Access) -> StoreResult<Vec<Digest>> {
    fetch_all!(tx, Digest, concat!(live!(), "ORDER BY d.seq"), access.org())
}

/// The digests of one installation that are sent, in the order in which they were subscribed.
pub async fn of_install(
    tx: &mut Tx,
    access: &Access,
    install: InstallId,
) -> StoreResult<Vec<Digest>> {
    fetch_all!(
        tx,
        Digest,
        concat!(live!(), "AND d.install_id = $2 ORDER BY d.seq"),
        access.org(),
        install
    )
}

/// A digest that was not ended, whatever its installation is.
pub(super) async fn open(
    tx: &mut Tx,
    access: &Access,
    id: DigestId,
) -> StoreResult<Option<UnitId>> {
    let row: Option<(UnitId,)> = fetch_optional!(
        tx,
        (UnitId,),
        "SELECT unit_id FROM digest WHERE org_id = $1 AND id = $2 AND ended_at IS NULL",
        access.org(),
        id
    )?;
    Ok(row.map(|(unit,)| unit))
}

/// Whether an installation can be spoken through.
pub(super) async fn speaks(tx: &mut Tx, access: &Access, install: InstallId) -> StoreResult<bool> {
    let row: Option<(i32,)> = fetch_optional!(
        tx,
        (i32,),
        "SELECT 1 FROM install WHERE org_id = $1 AND id = $2 AND status = 'live'",
        access.org(),
        install
    )?;
    Ok(row.is_some())
}

/// How many digests there are, and how many of them for this unit in this channel.
pub(super) async fn count(
    tx: &mut Tx,
    access: &Access,
    install: InstallId,
    chat: &str,
    unit: UnitId,
) -> StoreResult<(i64, i64)> {
    fetch_one!(
        tx,
        (i64, i64),
        "SELECT CAST(COUNT(*) AS BIGINT),
             CAST(COALESCE(SUM(CASE WHEN install_id = $2 AND chat = $3 AND unit_id = $4 THEN 1 ELSE 0 END), 0) AS BIGINT)
         FROM digest WHERE org_id = $1 AND ended_at IS NULL",
        access.org(),
        install,
        chat,
        unit
    )
}

/// The last entry of which a digest told, and for which day.
pub(super) async fn told(
    tx: &mut Tx,
    access: &Access,
    id: DigestId,
) -> StoreResult<Option<(i64, Day)>> {
    fetch_optional!(
        tx,
        (i64, Day),
        "SELECT until, day FROM digest_run WHERE org_id = $1 AND digest_id = $2",
        access.org(),
        id
    )
}

/// Notes how far a digest has told.
pub(super) async fn keep_told(
    tx: &mut Tx,
    access: &Access,
    id: DigestId,
    until: i64,
    day: Day,
) -> StoreResult<()> {
    execute!(
        tx,
        "INSERT INTO digest_run (org_id, digest_id, until, day) VALUES ($1, $2, $3, $4)
         ON CONFLICT (org_id, digest_id) DO UPDATE SET until = excluded.until, day = excluded.day",
        access.org(),
        id,
        until,
        day
    )?;
    Ok(())
}

/// What happened to the assets of a unit and of everything below it, and to tickets about them, after one entry up to another. No name and no asset is in it.
pub async fn counts(
    tx: &mut Tx,
    access: &Access,
    unit: UnitId,
    (after, until): (i64, i64),
) -> StoreResult<Counts> {
    let mut counts = Counts::new();
    let mut from = after;
    while from < until {
        let to = until.min(from.saturating_add(WINDOW));
        let rows: Vec<(String, i64)> = fetch_all!(
            tx,
            (String, i64),
            "SELECT e.type, CAST(COUNT(*) AS BIGINT) FROM ledger_entry e
             JOIN asset a ON a.org_id = e.org_id AND a.id = e.stream_id
             JOIN unit_closure c ON c.org_id = a.org_id AND c.descendant_id = a.owning_unit_id AND c.ancestor_id = $4
             WHERE e.org_id = $1 AND e.log_index > $2 AND e.log_index <= $3 AND e.stream_kind = 'asset' GROUP BY e.type",
            access.org(),
            from,
            to,
            unit
        )?;
        let of_tickets: Vec<(String, i64)> = fetch_all!(
            tx,
            (String, i64),
            "SELECT e.type, CAST(COUNT(*) AS BIGINT) FROM ledger_entry e
             WHERE e.org_id = $1 AND e.log_index > $2 AND e.log_index <= $3 AND e.stream_kind = 'ticket'
                 AND EXISTS (SELECT 1 FROM ticket_link k
                     JOIN unit_closure c ON c.org_id = k.org_id AND c.descendant_id = k.unit_id AND c.ancestor_id = $4
                     WHERE k.org_id = e.org_id AND k.ticket_id = e.stream_id AND k.current)
             GROUP BY e.type",
            access.org(),
            from,
            to,
            unit
        )?;
        for (kind, count) in rows.into_iter().chain(of_tickets) {
            *counts.entry(kind).or_default() += count;
        }
        from = to;
    }
    Ok(counts)
}

/// A unit's name.
pub(crate) async fn unit_name(tx: &mut Tx, access: &Access, unit: UnitId) -> StoreResult<String> {
    let unit = crate::unit::store::by_id(tx, access, unit).await?;
    unit.map(|unit| unit.name).ok_or(StoreError::Inconsistent {
        table: "digest",
        what: "its unit is not there".to_owned(),
    })
}
