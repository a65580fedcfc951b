//! Requisitions in SQL.

mod line;
mod waiting;

use super::{Approved, Decided, Requisition, State};
use crate::access::{Access, Action};
use crate::id::{RequisitionId, SupplierId, UnitId};
use crate::page::{Limit, Page, Position};
use crate::store::{Query, StoreResult, Tx, fetch_all, fetch_one, fetch_optional};
use crate::unit;
use crate::unit::scope::{self, Columns, Scope};

pub use line::{Compared, compared, raw, with_texts};
pub(crate) use line::{asked, lines};
pub(super) use line::{insert, remove, with_raw as whole_lines};
pub(super) use waiting::decider;
pub(crate) use waiting::{deciders, own};
pub use waiting::{may_decide, waiting, waits_for};

/// How the scope applies to requisitions.
pub(super) const COLUMNS: Columns = Columns {
    unit: "r.unit_id",
    own: Some("r.requester_id"),
};

pub(super) const SELECT: &str =
    "SELECT r.id, r.seq, r.number, r.supplier_id, r.session_id, r.requester_id, r.unit_id, r.location_id, r.cost_centre, r.currency, r.state,
        r.allowed, r.quote_pending, r.supplier_order, r.lines, r.total, r.digest, r.round, r.approvals_needed, r.created_at, r.changed_at,
        r.submitted_at, r.decided_at, r.decided_index, r.order_id
     FROM requisition r WHERE r.org_id = ";

/// What a list of requisitions can be narrowed to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filter {
    /// How far they are.
    pub state: Option<State>,
    /// For this unit and everything below it.
    pub unit: Option<UnitId>,
    /// From this supplier.
    pub supplier: Option<SupplierId>,
    /// Those that the caller wants.
    pub mine: bool,
}

/// One requisition for the rules, whoever asks.
pub(crate) async fn known(
    tx: &mut Tx,
    access: &Access,
    id: RequisitionId,
) -> StoreResult<Option<Requisition>> {
    let mut query = Query::new(SELECT);
    query.bind(access.org()).push(" AND r.id = ").bind(id);
    let rows: Vec<Requisition> = query.fetch_all(tx).await?;
    Ok(rows.into_iter().next())
}

/// One requisition for whoever sees its unit, wants it, or may decide on it.
pub async fn by_id(
    tx: &mut Tx,
    access: &Access,
    id: RequisitionId,
    now: crate::time::Timestamp,
) -> StoreResult<Option<Requisition>> {
    let Some(found) = known(tx, access, id).await? else {
        return Ok(None);
    };
    let own = access.person() == Some(found.requester);
    if own
        || scope::resolve(tx, access, Action::ReadAssets)
            .await?
            .contains(found.unit)
    {
        return Ok(Some(found));
    }
    let decides = decider(tx, access, &found, now).await?.is_some();
    Ok(Some(found).filter(|_| decides))
}

/// The requisitions whose lines are from a visit, as far as the caller sees them, the first first.
pub async fn of_session(
    tx: &mut Tx,
    access: &Access,
    session: crate::id::PunchoutId,
    now: crate::time::Timestamp,
) -> StoreResult<Vec<Requisition>> {
    let mut query = Query::new(SELECT);
    query.bind(access.org());
    query.push(" AND r.session_id = ").bind(session);
    query.push(" ORDER BY r.seq");
    let all: Vec<Requisition> = query.fetch_all(tx).await?;
    let mut seen = Vec::with_capacity(all.len());
    for one in all {
        seen.extend(by_id(tx, access, one.id, now).await?);
    }
    Ok(seen)
}

/// A page of the requisitions that the caller sees by their units or wants themselves, newest first.
pub async fn page(
    tx: &mut Tx,
    access: &Access,
    filter: Filter,
    before: Option<i64>,
    limit: Limit,
) -> StoreResult<Page<Requisition>> {
    let scope = scope::resolve(tx, access, Action::ReadAssets).await?;
    let mut query = Query::new(SELECT);
    query.bind(access.org());
    query.push(" AND r.seq < ").bind(before.unwrap_or(i64::MAX));
    if !narrow(tx, access, &scope, filter, &mut query).await? {
        return Ok(Page::cut(Vec::new(), limit, |row: &Requisition| {
            Position::after(row.seq)
        }));
    }
    query
        .push(" ORDER BY r.seq DESC LIMIT ")
        .bind(limit.plus_one());
    let rows = query.fetch_all(tx).await?;
    Ok(Page::cut(rows, limit, |row: &Requisition| {
        Position::after(row.seq)
    }))
}

/// Appends what a filter narrows to, within what the caller sees; false where that is nothing.
async fn narrow(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    filter: Filter,
    query: &mut Query,
) -> StoreResult<bool> {
    scope.push_condition(query, access.org(), COLUMNS);
    if let Some(state) = filter.state {
        query.push(" AND r.state = ").bind(state.as_str());
    }
    if let Some(supplier) = filter.supplier {
        query.push(" AND r.supplier_id = ").bind(supplier);
    }
    if filter.mine {
        let Some(person) = access.person() else {
            return Ok(false);
        };
        query.push(" AND r.requester_id = ").bind(person);
    }
    if let Some(unit) = filter.unit {
        let below = unit::store::descendants(tx, access, unit).await?;
        query.push(" AND r.unit_id IN ").bind_list(below);
    }
    Ok(true)
}

/// The number of the next requisition. The organisation's head is locked, so nobody else gets the same.
pub(super) async fn next_number(tx: &mut Tx, access: &Access) -> StoreResult<i64> {
    let (number,): (i64,) = fetch_one!(
        tx,
        (i64,),
        "SELECT CAST(COALESCE(MAX(number), 0) + 1 AS BIGINT) FROM requisition WHERE org_id = $1",
        access.org()
    )?;
    Ok(number)
}

/// What was said of a requisition, in every round, in its order. For whoever sees it.
pub async fn decisions(
    tx: &mut Tx,
    access: &Access,
    id: RequisitionId,
) -> StoreResult<Vec<Decided>> {
    fetch_all!(
        tx,
        Decided,
        "SELECT round, person_id, for_id, decision, digest, at FROM requisition_decision WHERE org_id = $1 AND requisition_id = $2
         ORDER BY round, at, person_id",
        access.org(),
        id
    )
}

/// Why a requisition was rejected or withdrawn, in somebody's words. For whoever sees it.
pub async fn reason(
    tx: &mut Tx,
    access: &Access,
    requisition: &Requisition,
) -> StoreResult<Option<String>> {
    let Some(index) = requisition.decided_index else {
        return Ok(None);
    };
    let row: Option<(String,)> = fetch_optional!(
        tx,
        (String,),
        "SELECT r.text FROM ledger_entry e JOIN ledger_remark r ON r.org_id = e.org_id AND r.event_id = e.event_id
         WHERE e.org_id = $1 AND e.log_index = $2",
        access.org(),
        index
    )?;
    Ok(row.map(|(text,)| text))
}

/// An approved requisition with its lines, for the order that is made of it. The caller orders for its unit, or is the system.
pub async fn for_order(
    tx: &mut Tx,
    access: &Access,
    id: RequisitionId,
) -> StoreResult<Option<Approved>> {
    let reach = scope::resolve(tx, access, Action::Register).await?;
    let found = known(tx, access, id).await?;
    let found = found.filter(|found| found.state == State::Approved && reach.contains(found.unit));
    let Some(requisition) = found else {
        return Ok(None);
    };
    let lines = whole_lines(tx, access, id).await?;
    Ok(Some(Approved { requisition, lines }))
}
