//! Messages of connections in SQL, for those who look after them.

use crate::access::Access;
use crate::id::{ConnectionId, ReceiptId};
use crate::inbox::Progress;
use crate::inbox::deliveries::Delivery;
use crate::store::{StoreResult, Tx, execute, fetch_all, fetch_optional};
use crate::time::Timestamp;

macro_rules! select {
    () => {
        "SELECT id, connection_id, kind, received_at, settled_at, state, outcome, error, attempts, repeats, body_sealed IS NOT NULL AS kept
         FROM inbox WHERE org_id = $1"
    };
}

/// What came in from a connection, the latest first.
pub(in crate::inbox) async fn of_connection(
    tx: &mut Tx,
    access: &Access,
    connection: ConnectionId,
    limit: i64,
) -> StoreResult<Vec<Delivery>> {
    fetch_all!(
        tx,
        Delivery,
        concat!(
            select!(),
            " AND connection_id = $2 ORDER BY received_at DESC, id DESC LIMIT $3"
        ),
        access.org(),
        connection,
        limit
    )
}

/// One message of any connection.
pub(in crate::inbox) async fn by_id(
    tx: &mut Tx,
    access: &Access,
    id: ReceiptId,
) -> StoreResult<Option<Delivery>> {
    fetch_optional!(
        tx,
        Delivery,
        concat!(select!(), " AND id = $2 AND connection_id IS NOT NULL"),
        access.org(),
        id
    )
}

/// When something last came in from a connection.
pub(in crate::inbox) async fn latest(
    tx: &mut Tx,
    access: &Access,
    connection: ConnectionId,
) -> StoreResult<Option<Timestamp>> {
    let row: Option<(Timestamp,)> = fetch_optional!(
        tx,
        (Timestamp,),
        "SELECT received_at FROM inbox WHERE org_id = $1 AND connection_id = $2 ORDER BY received_at DESC, id DESC LIMIT 1",
        access.org(),
        connection
    )?;
    Ok(row.map(|(at,)| at))
}

/// What one message of a connection says, sealed, if it is still kept.
pub(in crate::inbox) async fn sealed(
    tx: &mut Tx,
    access: &Access,
    id: ReceiptId,
) -> StoreResult<Option<(String, Progress, Option<Vec<u8>>)>> {
    fetch_optional!(
        tx,
        (String, Progress, Option<Vec<u8>>),
        "SELECT source, state, body_sealed FROM inbox WHERE org_id = $1 AND id = $2 AND connection_id IS NOT NULL",
        access.org(),
        id
    )
}

/// Makes a message wait again.
pub(in crate::inbox) async fn wait_again(
    tx: &mut Tx,
    access: &Access,
    (id, source): (ReceiptId, &str),
    now: Timestamp,
) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE inbox SET state = 'waiting', attempts = 0, settled_at = NULL, outcome = NULL, error = NULL WHERE org_id = $1 AND id = $2",
        access.org(),
        id
    )?;
    execute!(
        tx,
        "INSERT INTO inbox_directory (org_id, id, source, place, due_at, attempts) VALUES ($1, $2, $3, $4, $5, 0)
         ON CONFLICT (org_id, id) DO NOTHING",
        access.org(),
        id,
        source,
        now.micros(),
        now
    )?;
    Ok(())
}
