//! What is to be received: orders of which something is still to come, for those who receive.

use crate::access::{Access, Action};
use crate::id::{LocationId, OrderId, SupplierId, UnitId};
use crate::order::{LineState, po_no};
use crate::page::{Limit, Page, Position};
use crate::store::{Query, StoreResult, Tx};
use crate::time::{Day, Timestamp};
use crate::unit;
use crate::unit::scope::{self, Columns};

const COLUMNS: Columns = Columns {
    unit: "o.unit_id",
    own: None,
};

/// What a list of what is to be received can be narrowed to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ArrivalFilter {
    /// Of this unit and of everything below it.
    pub unit: Option<UnitId>,
    /// To this site.
    pub site: Option<LocationId>,
}

/// An order of which something is still to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// Which.
    pub order: OrderId,
    /// Its place in lists.
    pub seq: i64,
    /// Its number as it is written.
    pub po_no: String,
    /// From whom.
    pub supplier: SupplierId,
    /// For which unit.
    pub unit: UnitId,
    /// To which site.
    pub site: Option<LocationId>,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// The lines of which something is still to come, in their order.
    pub lines: Vec<ArrivingLine>,
}

/// A line of which something is still to come.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ArrivingLine {
    order_id: OrderId,
    /// Its number.
    pub line: i64,
    /// What it is.
    pub description: String,
    /// How far it is.
    pub state: LineState,
    /// When it is to be here, as the supplier last said.
    pub promised_on: Option<Day>,
    /// How many pieces it is; none while somebody has to say.
    pub pieces: Option<i64>,
    /// How many of them are to come, and not on their way.
    pub expected: i64,
    /// How many are on their way.
    pub shipped: i64,
    /// How many are here.
    pub received: i64,
}

#[derive(sqlx::FromRow)]
struct OrderRow {
    id: OrderId,
    seq: i64,
    number: i64,
    supplier_id: SupplierId,
    unit_id: UnitId,
    site_id: Option<LocationId>,
    placed_at: Timestamp,
}

/// A page of the orders of which something is still to come to units that the caller receives for, the oldest first.
pub async fn arriving(
    tx: &mut Tx,
    access: &Access,
    filter: ArrivalFilter,
    after: Option<i64>,
    limit: Limit,
) -> StoreResult<Page<Arrival>> {
    let scope = scope::resolve(tx, access, Action::Register).await?;
    let mut query = Query::new(
        "SELECT o.id, o.seq, o.number, o.supplier_id, o.unit_id, o.site_id, o.placed_at FROM purchase_order o WHERE o.org_id = ",
    );
    query
        .bind(access.org())
        .push(" AND o.status = 'open' AND o.seq > ");
    query.bind(after.unwrap_or(-1));
    if let Some(unit) = filter.unit {
        let within = unit::store::descendants(tx, access, unit).await?;
        query.push(" AND o.unit_id IN ").bind_list(within);
    }
    if let Some(site) = filter.site {
        query.push(" AND o.site_id = ").bind(site);
    }
    scope.push_condition(&mut query, access.org(), COLUMNS);
    query.push(" ORDER BY o.seq LIMIT ").bind(limit.plus_one());
    let rows: Vec<OrderRow> = query.fetch_all(tx).await?;
    let page = Page::cut(rows, limit, |row| Position::after(row.seq));
    let ids: Vec<OrderId> = page.rows.iter().map(|row| row.id).collect();
    let lines = lines(tx, access, &ids).await?;
    Ok(page.map(|row| Arrival {
        order: row.id,
        seq: row.seq,
        po_no: po_no(row.number),
        supplier: row.supplier_id,
        unit: row.unit_id,
        site: row.site_id,
        placed_at: row.placed_at,
        lines: lines
            .iter()
            .filter(|line| line.order_id == row.id)
            .cloned()
            .collect(),
    }))
}

async fn lines(tx: &mut Tx, access: &Access, orders: &[OrderId]) -> StoreResult<Vec<ArrivingLine>> {
    let mut query = Query::new(
        "SELECT l.order_id, l.line, l.description, l.state, l.promised_on, l.pieces,
             CAST(COUNT(CASE WHEN u.state = 'expected' THEN 1 END) AS BIGINT) AS expected,
             CAST(COUNT(CASE WHEN u.state = 'shipped' THEN 1 END) AS BIGINT) AS shipped,
             CAST(COUNT(CASE WHEN u.state = 'received' THEN 1 END) AS BIGINT) AS received
         FROM order_line l LEFT JOIN order_unit u ON u.org_id = l.org_id AND u.order_id = l.order_id AND u.line = l.line
         WHERE l.org_id = ",
    );
    query.bind(access.org()).push(" AND l.order_id IN ");
    query.bind_list(orders.iter().copied());
    query.push(
        " AND l.state IN ('open', 'stopped')
         GROUP BY l.order_id, l.line, l.description, l.state, l.promised_on, l.pieces
         HAVING l.pieces IS NULL OR COUNT(CASE WHEN u.state IN ('expected', 'shipped') THEN 1 END) > 0
         ORDER BY l.order_id, l.line",
    );
    query.fetch_all(tx).await
}
