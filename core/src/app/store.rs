//! Apps in SQL.

use super::App;
use super::command::may_manage;
use crate::access::Access;
use crate::id::AppId;
use crate::store::{StoreResult, Tx, fetch_all, fetch_one, fetch_optional};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, seq, name, kind, status, created_by, created_at FROM app WHERE org_id = $1",
            $rest
        )
    };
}

/// The organisation's apps that are not removed, in the order of their making. Whoever may not manage them sees none.
pub async fn list(tx: &mut Tx, access: &Access) -> StoreResult<Vec<App>> {
    if !may_manage(access) {
        return Ok(Vec::new());
    }
    fetch_all!(
        tx,
        App,
        select!(" AND status = 'active' ORDER BY seq"),
        access.org()
    )
}

/// One of the organisation's apps that is not removed, for whoever may manage them.
pub async fn by_id(tx: &mut Tx, access: &Access, id: AppId) -> StoreResult<Option<App>> {
    if !may_manage(access) {
        return Ok(None);
    }
    fetch_optional!(
        tx,
        App,
        select!(" AND id = $2 AND status = 'active'"),
        access.org(),
        id
    )
}

/// How many apps are not removed.
pub(super) async fn count(tx: &mut Tx, access: &Access) -> StoreResult<i64> {
    let (count,): (i64,) = fetch_one!(
        tx,
        (i64,),
        "SELECT CAST(COUNT(*) AS BIGINT) FROM app WHERE org_id = $1 AND status = 'active'",
        access.org()
    )?;
    Ok(count)
}
