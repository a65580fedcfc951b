//! Imports in SQL.

use super::Import;
use crate::access::Access;
use crate::id::ImportId;
use crate::store::{StoreResult, Tx, execute, fetch_optional};
use crate::time::Timestamp;

macro_rules! select {
    () => {
        "SELECT id, rows_total, rows_done, chunks_total, chunks_done, begun_at, finished_at FROM import_run"
    };
}

/// The import of this digest, if it was begun.
pub async fn by_digest(tx: &mut Tx, access: &Access, digest: &[u8]) -> StoreResult<Option<Import>> {
    fetch_optional!(
        tx,
        Import,
        concat!(select!(), " WHERE org_id = $1 AND digest = $2"),
        access.org(),
        digest
    )
}

/// One import.
pub async fn by_id(tx: &mut Tx, access: &Access, id: ImportId) -> StoreResult<Option<Import>> {
    fetch_optional!(
        tx,
        Import,
        concat!(select!(), " WHERE org_id = $1 AND id = $2"),
        access.org(),
        id
    )
}

/// Notes the beginning of one.
pub(crate) async fn begin(
    tx: &mut Tx,
    access: &Access,
    import: Import,
    digest: &[u8],
) -> StoreResult<()> {
    execute!(
        tx,
        "INSERT INTO import_run (org_id, id, digest, rows_total, rows_done, chunks_total, chunks_done, begun_at)
         VALUES ($1, $2, $3, $4, 0, $5, 0, $6)",
        access.org(),
        import.id,
        digest,
        import.rows_total,
        import.chunks_total,
        import.begun_at
    )?;
    Ok(())
}

/// Moves the count by one chunk, if this chunk is the next. Whoever tries the same chunk at the same time waits, and then is not.
pub(crate) async fn advance(
    tx: &mut Tx,
    access: &Access,
    id: ImportId,
    chunk: i64,
    rows: i64,
) -> StoreResult<bool> {
    let moved = execute!(
        tx,
        "UPDATE import_run SET chunks_done = chunks_done + 1, rows_done = rows_done + $4
         WHERE org_id = $1 AND id = $2 AND chunks_done = $3 AND chunks_total > $3",
        access.org(),
        id,
        chunk,
        rows
    )?;
    Ok(moved == 1)
}

/// Notes the end of one.
pub(crate) async fn finish(
    tx: &mut Tx,
    access: &Access,
    id: ImportId,
    at: Timestamp,
) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE import_run SET finished_at = $3 WHERE org_id = $1 AND id = $2",
        access.org(),
        id,
        at
    )?;
    Ok(())
}
