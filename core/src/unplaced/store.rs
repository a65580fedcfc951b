//! What waits to be placed, in SQL.

use crate::store::{Query, StoreResult, Tx, execute, fetch_all, fetch_optional};
use crate::time::Timestamp;

/// A report to be kept.
pub(super) struct New<'a> {
    pub name: &'a str,
    pub source: &'a str,
    pub kind: String,
    pub waits_for: Option<String>,
    pub happened_at: Timestamp,
    pub received_at: Timestamp,
    pub sealed: Option<Vec<u8>>,
}

/// A report that waits.
#[derive(sqlx::FromRow)]
pub(super) struct Row {
    pub name: String,
    pub happened_at: Timestamp,
    pub received_at: Timestamp,
    #[sqlx(rename = "body_sealed")]
    pub sealed: Vec<u8>,
}

/// Whether a report came in before.
pub(super) async fn is_known(tx: &mut Tx, name: &str) -> StoreResult<bool> {
    let row: Option<(String,)> = fetch_optional!(
        tx,
        (String,),
        "SELECT name FROM unplaced WHERE name = $1",
        name
    )?;
    Ok(row.is_some())
}

/// Keeps a report; false where it was there.
pub(super) async fn put(tx: &mut Tx, new: &New<'_>) -> StoreResult<bool> {
    let put = execute!(
        tx,
        "INSERT INTO unplaced (name, source, kind, waits_for, happened_at, received_at, body_sealed) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (name) DO NOTHING",
        new.name,
        new.source,
        &new.kind,
        new.waits_for.as_deref(),
        new.happened_at,
        new.received_at,
        new.sealed.as_deref()
    )?;
    Ok(put == 1)
}

/// Of what waits for the same, forgets what the earlier ones say.
pub(super) async fn supersede(tx: &mut Tx, new: &New<'_>) -> StoreResult<()> {
    let latest: Option<(String,)> = fetch_optional!(
        tx,
        (String,),
        "SELECT name FROM unplaced WHERE source = $1 AND waits_for = $2 ORDER BY happened_at DESC, name DESC LIMIT 1",
        new.source,
        new.waits_for.as_deref()
    )?;
    if let Some((latest,)) = latest {
        execute!(
            tx,
            "UPDATE unplaced SET waits_for = NULL, body_sealed = NULL WHERE source = $1 AND waits_for = $2 AND name <> $3",
            new.source,
            new.waits_for.as_deref(),
            latest
        )?;
    }
    Ok(())
}

/// A place in the order of what waits for the same.
pub(super) struct Place {
    pub happened_at: Timestamp,
    pub received_at: Timestamp,
    pub name: String,
}

impl Place {
    /// Before everything.
    pub const BEGINNING: Self = Self {
        happened_at: Timestamp::from_micros(i64::MIN),
        received_at: Timestamp::from_micros(i64::MIN),
        name: String::new(),
    };
}

/// So much of what waits for something behind a place, the earliest first.
pub(super) async fn waiting(
    tx: &mut Tx,
    (source, waits_for): (&str, &str),
    after: &Place,
    most: i64,
) -> StoreResult<Vec<Row>> {
    fetch_all!(
        tx,
        Row,
        "SELECT name, happened_at, received_at, body_sealed FROM unplaced
         WHERE source = $1 AND waits_for = $2 AND body_sealed IS NOT NULL AND (happened_at, received_at, name) > ($3, $4, $5)
         ORDER BY happened_at, received_at, name LIMIT $6",
        source,
        waits_for,
        after.happened_at,
        after.received_at,
        &after.name,
        most
    )
}

/// Forgets what reports say.
pub(super) async fn placed(tx: &mut Tx, names: Vec<String>) -> StoreResult<()> {
    let mut query =
        Query::new("UPDATE unplaced SET waits_for = NULL, body_sealed = NULL WHERE name IN ");
    query.bind_keys(names);
    query.execute(tx).await?;
    Ok(())
}

/// Removes what came in before an instant.
pub(super) async fn forget(tx: &mut Tx, before: Timestamp) -> StoreResult<u64> {
    execute!(tx, "DELETE FROM unplaced WHERE received_at < $1", before)
}
