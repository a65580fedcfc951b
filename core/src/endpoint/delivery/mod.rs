//! Deliveries: one event on its way to one endpoint, tried for a day.
//!
//! What is due is in a directory, so that one process can look for all organisations; what is said, and how it went, is in the tenant's own
//! tables. `lease` claims, `settle` notes what became of attempts, `confirm` makes accepted ones facts, `again` makes them once more, `log`
//! is what people look at.

pub mod again;
pub mod confirm;
pub mod lease;
pub mod log;
pub mod settle;

use crate::closed_set::closed_set;
use crate::store::{Query, StoreResult, Tx, Value};

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

const DUE: &str = "INSERT INTO delivery_due (org_id, delivery_id, endpoint_id, object_id, sequence, due_at, attempts, restarted, run) VALUES";

/// Writes what is due.
pub(super) async fn insert_due(tx: &mut Tx, rows: Vec<[Value; 9]>) -> StoreResult<()> {
    Query::insert_rows(tx, DUE, rows, "").await?;
    Ok(())
}
