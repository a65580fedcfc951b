//! Lists of orders, and what the courier to suppliers needs of one.

use super::super::report::Answer;
use super::super::{Order, Status, Transmission, Version, po_no};
use super::whole;
use crate::access::{Access, Action, Principal};
use crate::id::{OrderId, RequisitionId, SupplierId, UnitId};
use crate::page::{Limit, Page, Position};
use crate::store::{Query, StoreResult, Tx};
use crate::time::Timestamp;
use crate::unit;
use crate::unit::scope::{self, Columns};

const COLUMNS: Columns = Columns {
    unit: "o.unit_id",
    own: None,
};

/// What a list of orders can be narrowed to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only those that are so far.
    pub status: Option<Status>,
    /// Of this unit and of everything below it.
    pub unit: Option<UnitId>,
    /// From this supplier.
    pub supplier: Option<SupplierId>,
    /// Only those of which somebody has to decide something.
    pub waiting: bool,
}

/// An order in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Which.
    pub id: OrderId,
    /// Its place in lists.
    pub seq: i64,
    /// Its number as it is written.
    pub po_no: String,
    /// Of which requisition.
    pub requisition: RequisitionId,
    /// From whom.
    pub supplier: SupplierId,
    /// For which unit.
    pub unit: UnitId,
    /// How far it is.
    pub status: Status,
    /// What the supplier last said of the whole.
    pub answer: Option<Answer>,
    /// How far its last version is on its way.
    pub transmission: Option<Transmission>,
    /// How many lines it has, and of how many somebody has to decide something.
    pub lines: i64,
    /// Of how many lines somebody has to decide or say something.
    pub waiting: i64,
    /// When it was placed.
    pub placed_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: OrderId,
    seq: i64,
    number: i64,
    requisition_id: RequisitionId,
    supplier_id: SupplierId,
    unit_id: UnitId,
    status: Status,
    answer: Option<Answer>,
    transmission: Option<Transmission>,
    lines: i64,
    waiting: i64,
    placed_at: Timestamp,
}

impl From<Row> for Summary {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            seq: row.seq,
            po_no: po_no(row.number),
            requisition: row.requisition_id,
            supplier: row.supplier_id,
            unit: row.unit_id,
            status: row.status,
            answer: row.answer,
            transmission: row.transmission,
            lines: row.lines,
            waiting: row.waiting,
            placed_at: row.placed_at,
        }
    }
}

/// A page of the orders of units whose assets the caller sees, the newest first.
pub async fn page(
    tx: &mut Tx,
    access: &Access,
    filter: Filter,
    before: Option<i64>,
    limit: Limit,
) -> StoreResult<Page<Summary>> {
    // As the index of these lines has it.
    const WAITING: &str = "l.state = 'stopped' OR l.state = 'open' AND l.pieces IS NULL";
    let scope = scope::resolve(tx, access, Action::ReadAssets).await?;
    let mut query = Query::new(
        "SELECT o.id, o.seq, o.number, o.requisition_id, o.supplier_id, o.unit_id, o.status, o.answer,
             (SELECT v.transmission FROM order_version v WHERE v.org_id = o.org_id AND v.order_id = o.id ORDER BY v.version DESC LIMIT 1)
                 AS transmission,
             (SELECT CAST(COUNT(*) AS BIGINT) FROM order_line l WHERE l.org_id = o.org_id AND l.order_id = o.id) AS lines,
             (SELECT CAST(COUNT(*) AS BIGINT) FROM order_line l WHERE l.org_id = o.org_id AND l.order_id = o.id AND (",
    );
    query.push(WAITING).push(
        ")) AS waiting, o.placed_at
         FROM purchase_order o WHERE o.org_id = ",
    );
    query
        .bind(access.org())
        .push(" AND o.seq < ")
        .bind(before.unwrap_or(i64::MAX));
    if let Some(status) = filter.status {
        query.push(" AND o.status = ").bind(status.as_str());
    }
    if let Some(supplier) = filter.supplier {
        query.push(" AND o.supplier_id = ").bind(supplier);
    }
    if let Some(unit) = filter.unit {
        let within = unit::store::descendants(tx, access, unit).await?;
        query.push(" AND o.unit_id IN ").bind_list(within);
    }
    if filter.waiting {
        query.push(" AND o.id IN (SELECT l.order_id FROM order_line l WHERE l.org_id = ");
        query.bind(access.org()).push(" AND (");
        query.push(WAITING).push("))");
    }
    scope.push_condition(&mut query, access.org(), COLUMNS);
    query
        .push(" ORDER BY o.seq DESC LIMIT ")
        .bind(limit.plus_one());
    let rows: Vec<Row> = query.fetch_all(tx).await?;
    let rows = rows.into_iter().map(Summary::from).collect();
    Ok(Page::cut(rows, limit, |row| Position::after(row.seq)))
}

/// An order with a version of it as it is to be sent, for the courier; none where it is not on its way, or the caller is not Habeo itself.
pub async fn sending(
    tx: &mut Tx,
    access: &Access,
    id: OrderId,
    version: i64,
) -> StoreResult<Option<(Order, Version)>> {
    if access.actor().principal != Principal::System {
        return Ok(None);
    }
    let Some(order) = whole(tx, access.org(), id).await? else {
        return Ok(None);
    };
    let found = order.versions.get(&version).cloned();
    let found = found.filter(|one| one.transmission == Transmission::Waiting);
    Ok(found.map(|version| (order, version)))
}
