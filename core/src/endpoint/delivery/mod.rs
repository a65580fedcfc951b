//! Deliveries: one event on its way to one endpoint, tried for a day.
//!
//! What is due is in a directory, so that one process can look for all organisations; what is said, and how it went, is in the tenant's own
//! tables. `lease` claims, `settle` notes what became of attempts, `confirm` makes accepted ones facts, `again` makes them once more, `log`
//! is what people look at, `forget` ends what is kept long enough, and `give_up` what has waited too long.

pub mod again;
pub mod confirm;
pub mod forget;
pub mod give_up;
pub mod lease;
pub mod log;
pub mod settle;

use crate::closed_set::closed_set;
use crate::ledger::Ledger;
use crate::store::{Query, StoreError, StoreResult, Tx, Value, chain};

closed_set! {
    /// How far a delivery is.
    Status {
        /// It is to be made, or being made.
        Waiting = "waiting",
        /// Its receiver accepted it.
        Delivered = "delivered",
        /// It was given up a day after its first attempt.
        Exhausted = "exhausted",
    }
}

const DUE: &str = "INSERT INTO delivery_due (org_id, delivery_id, endpoint_id, event_id, form, object_id, sequence, due_at, attempts, restarted, run) VALUES";

/// Commits, and lets nobody build on a database that does not keep what it is given.
async fn commit(ledger: &Ledger, tx: Tx) -> StoreResult<()> {
    let committed = tx.commit().await.map_err(StoreError::at_commit);
    if let Err(error) = &committed
        && error.stops_writing()
    {
        ledger.stop(chain(error));
    }
    committed
}

/// Writes what is due.
pub(super) async fn insert_due(tx: &mut Tx, rows: Vec<[Value; 11]>) -> StoreResult<()> {
    Query::insert_rows(tx, DUE, rows, "").await?;
    Ok(())
}
