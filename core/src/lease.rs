//! Work that only one node does at a time: whoever has the lease does it, until the lease runs out or is renewed.

use crate::store::{Db, StoreResult, execute};
use crate::time::Timestamp;

/// Takes or renews a lease until an instant. Whether it is ours now.
pub async fn take(
    db: &Db,
    name: &str,
    holder: &str,
    now: Timestamp,
    until: Timestamp,
) -> StoreResult<bool> {
    let mut tx = db.write_directory().await?;
    let taken = execute!(
        &mut tx,
        "INSERT INTO lease (name, holder, until) VALUES ($1, $2, $3)
         ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
         WHERE lease.holder = excluded.holder OR lease.until <= $4",
        name,
        holder,
        until,
        now
    )?;
    tx.commit().await?;
    Ok(taken == 1)
}

/// Gives a lease back before it runs out, if it is still ours.
pub async fn give_back(db: &Db, name: &str, holder: &str, now: Timestamp) -> StoreResult<()> {
    let mut tx = db.write_directory().await?;
    execute!(
        &mut tx,
        "UPDATE lease SET until = $3 WHERE name = $1 AND holder = $2 AND until > $3",
        name,
        holder,
        now
    )?;
    tx.commit().await
}
