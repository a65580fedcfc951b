//! SQLite has no roles and no row security; what stands there is the triggers.

use std::collections::BTreeMap;

use sqlx::SqlitePool;

use super::super::{Db, Pools, StoreResult, migrate};
use super::Fault;

const TRIGGERS: &str = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'";

/// Every trigger that the migrations make, word for word, and no other: one of somebody else's could undo what these refuse.
pub(super) async fn faults(pool: &SqlitePool) -> StoreResult<Vec<Fault>> {
    let model = Db::in_memory().await?;
    migrate::migrate(&model).await?;
    let expected = match &model.0 {
        Pools::Sqlite { writer, .. } => triggers(writer).await?,
        Pools::Postgres(_) => BTreeMap::new(),
    };
    model.close().await;
    let found = triggers(pool).await?;
    let fault = |what: String| Fault {
        rule: "triggers",
        what,
    };
    let mut faults = Vec::new();
    for (name, text) in &expected {
        match found.get(name) {
            None => faults.push(fault(format!("the trigger {name} is missing"))),
            Some(other) if other != text => {
                faults.push(fault(format!("the trigger {name} was altered")));
            }
            Some(_) => {}
        }
    }
    for name in found.keys().filter(|name| !expected.contains_key(*name)) {
        faults.push(fault(format!("the trigger {name} is not one of ours")));
    }
    Ok(faults)
}

async fn triggers(pool: &SqlitePool) -> StoreResult<BTreeMap<String, String>> {
    let rows: Vec<(String, String)> = sqlx::query_as(TRIGGERS).fetch_all(pool).await?;
    Ok(rows.into_iter().collect())
}
