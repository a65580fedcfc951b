//! Units in SQL.

use std::collections::{HashMap, HashSet};

use super::Unit;
use super::scope::{Columns, Scope};
use crate::access::Access;
use crate::id::{OrgId, UnitId};
use crate::page::{Limit, Page, Position};
use crate::store::{Query, StoreResult, Tx, fetch_all, fetch_optional};

const COLUMNS: Columns = Columns {
    unit: "u.id",
    own: None,
};

/// A page of the units in scope, oldest first.
pub async fn page(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    after: i64,
    limit: Limit,
) -> StoreResult<Page<Unit>> {
    let mut query = Query::new(
        "SELECT u.id, u.seq, u.parent_id, u.kind, u.code, u.name, u.depth FROM unit u WHERE u.org_id = ",
    );
    query.bind(access.org()).push(" AND u.seq > ").bind(after);
    scope.push_condition(&mut query, access.org(), COLUMNS);
    query.push(" ORDER BY u.seq LIMIT ").bind(limit.plus_one());
    let rows = query.fetch_all(tx).await?;
    Ok(Page::cut(rows, limit, |unit: &Unit| {
        Position::after(unit.seq)
    }))
}

/// One unit of the organisation, whether in scope or not: for rules, not for showing.
pub async fn by_id(tx: &mut Tx, access: &Access, id: UnitId) -> StoreResult<Option<Unit>> {
    fetch_optional!(
        tx,
        Unit,
        "SELECT id, seq, parent_id, kind, code, name, depth FROM unit WHERE org_id = $1 AND id = $2",
        access.org(),
        id
    )
}

/// Several units of the organisation by id: for naming what a caller already sees.
pub async fn by_ids(tx: &mut Tx, access: &Access, ids: &[UnitId]) -> StoreResult<Vec<Unit>> {
    let mut query = Query::new(
        "SELECT u.id, u.seq, u.parent_id, u.kind, u.code, u.name, u.depth FROM unit u WHERE u.org_id = ",
    );
    query
        .bind(access.org())
        .push(" AND u.id IN ")
        .bind_list(ids.iter().copied());
    query.push(" ORDER BY u.seq");
    query.fetch_all(tx).await
}

/// The unit with this code, whether in scope or not: for the operator and for imports.
pub async fn by_code(tx: &mut Tx, access: &Access, code: &str) -> StoreResult<Option<Unit>> {
    fetch_optional!(
        tx,
        Unit,
        "SELECT id, seq, parent_id, kind, code, name, depth FROM unit WHERE org_id = $1 AND code = $2",
        access.org(),
        code
    )
}

/// Every unit, whether in scope or not: for imports.
pub async fn all(tx: &mut Tx, access: &Access) -> StoreResult<Vec<Unit>> {
    fetch_all!(
        tx,
        Unit,
        "SELECT id, seq, parent_id, kind, code, name, depth FROM unit WHERE org_id = $1 ORDER BY seq",
        access.org()
    )
}

/// Whether a unit has this code.
pub(crate) async fn code_exists(tx: &mut Tx, access: &Access, code: &str) -> StoreResult<bool> {
    Ok(by_code(tx, access, code).await?.is_some())
}

/// The unit itself and everything below it.
pub async fn descendants(tx: &mut Tx, access: &Access, root: UnitId) -> StoreResult<Vec<UnitId>> {
    let rows: Vec<(UnitId,)> = fetch_all!(
        tx,
        (UnitId,),
        "SELECT descendant_id FROM unit_closure WHERE org_id = $1 AND ancestor_id = $2 ORDER BY descendant_id",
        access.org(),
        root
    )?;
    Ok(rows.into_iter().map(|(unit,)| unit).collect())
}

/// What lies below each of these units, themselves included.
pub(crate) async fn below(
    tx: &mut Tx,
    org: OrgId,
    roots: HashSet<UnitId>,
) -> StoreResult<HashMap<UnitId, HashSet<UnitId>>> {
    const BELOW: &str = "SELECT ancestor_id, descendant_id FROM unit_closure WHERE org_id = ";
    let rows: Vec<(UnitId, UnitId)> = Query::keyed(tx, BELOW, org, "ancestor_id", roots).await?;
    let mut below: HashMap<UnitId, HashSet<UnitId>> = HashMap::new();
    for (root, unit) in rows {
        below.entry(root).or_default().insert(unit);
    }
    Ok(below)
}

/// The root of the tree.
pub async fn root(tx: &mut Tx, access: &Access) -> StoreResult<Option<UnitId>> {
    let row: Option<(UnitId,)> = fetch_optional!(
        tx,
        (UnitId,),
        "SELECT id FROM unit WHERE org_id = $1 AND parent_id IS NULL ORDER BY seq LIMIT 1",
        access.org()
    )?;
    Ok(row.map(|(id,)| id))
}

/// What a unit itself says of whether hand-overs are proposed.
pub(crate) async fn own_policy(
    tx: &mut Tx,
    access: &Access,
    unit: UnitId,
) -> StoreResult<Option<bool>> {
    let row: Option<(Option<bool>,)> = fetch_optional!(
        tx,
        (Option<bool>,),
        "SELECT propose_hand_overs FROM unit WHERE org_id = $1 AND id = $2",
        access.org(),
        unit
    )?;
    Ok(row.and_then(|(policy,)| policy))
}

/// The units in scope that say themselves whether hand-overs are proposed.
pub async fn with_policy(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
) -> StoreResult<Vec<(UnitId, bool)>> {
    let mut query = Query::new("SELECT u.id, u.propose_hand_overs FROM unit u WHERE u.org_id = ");
    query
        .bind(access.org())
        .push(" AND u.propose_hand_overs IS NOT NULL");
    scope.push_condition(&mut query, access.org(), COLUMNS);
    query.push(" ORDER BY u.seq");
    query.fetch_all(tx).await
}

/// Whether hand-overs are proposed for the assets of these units: what the nearest unit says, they themselves first. Where none does, they are
/// not.
pub(crate) async fn hand_over_policies(
    tx: &mut Tx,
    org: OrgId,
    units: HashSet<UnitId>,
) -> StoreResult<HashMap<UnitId, bool>> {
    const POLICIES: &str =
        "SELECT c.descendant_id, c.distance, u.propose_hand_overs FROM unit_closure c
         JOIN unit u ON u.org_id = c.org_id AND u.id = c.ancestor_id
         WHERE u.propose_hand_overs IS NOT NULL AND c.org_id = ";
    let mut rows: Vec<(UnitId, i64, bool)> =
        Query::keyed(tx, POLICIES, org, "c.descendant_id", units).await?;
    // The nearest last, so that it stays.
    rows.sort_unstable_by_key(|(_, distance, _)| std::cmp::Reverse(*distance));
    Ok(rows
        .into_iter()
        .map(|(unit, _, proposes)| (unit, proposes))
        .collect())
}
