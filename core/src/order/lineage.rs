//! Where an asset comes from: its requisition, order and line, what the supplier said of it, and who received it. One look-up.

use super::report::{Kind, Said, Source};
use super::store::inconsistent;
use super::{LineState, UnitState, po_no};
use crate::access::{Access, Action};
use crate::exact::Exact;
use crate::id::{
    AssetId, OrderId, PersonId, RequisitionId, ShipmentId, SupplierDocumentId, SupplierId, UnitId,
};
use crate::store::{Query, StoreResult, Tx, fetch_all, fetch_optional};
use crate::time::Timestamp;
use crate::unit::scope;

/// Where an asset comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lineage {
    /// The requisition.
    pub requisition: RequisitionId,
    /// The requisition's number.
    pub requisition_no: i64,
    /// The order.
    pub order: OrderId,
    /// The order's number as it is written.
    pub po_no: String,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// Who placed it.
    pub placed_by: Option<PersonId>,
    /// From whom.
    pub supplier: SupplierId,
    /// What that is called here.
    pub supplier_name: Option<String>,
    /// The supplier's number for the order.
    pub supplier_order: Option<String>,
    /// The line.
    pub line: i64,
    /// Which of its pieces it is, from 1.
    pub place: i64,
    /// The supplier's part number.
    pub part: String,
    /// How much was ordered.
    pub quantity: Exact,
    /// In which unit.
    pub unit: String,
    /// At which price.
    pub price: Said,
    /// How far the line is.
    pub line_state: LineState,
    /// How far the piece is.
    pub state: UnitState,
    /// Where its announced serial number stood; none for one that was scanned.
    pub serial_source: Option<Source>,
    /// A serial number announced for it that another asset has.
    pub conflict: Option<String>,
    /// Whether its shipment was withdrawn after it was received.
    pub is_contradicted: bool,
    /// The shipment with which it comes, or came.
    pub shipment: Option<ShipmentOf>,
    /// The invoice on which it stands.
    pub invoice: Option<String>,
    /// When it was received.
    pub received_at: Option<Timestamp>,
    /// Who received it.
    pub received_by: Option<PersonId>,
    /// What documents said of its line, or of the whole order, in their order.
    pub said: Vec<Statement>,
}

/// The shipment with which an asset comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShipmentOf {
    /// Which.
    pub id: ShipmentId,
    /// The supplier's number of it.
    pub reference: String,
    /// Who carries it.
    pub carrier: Option<String>,
    /// The carrier's numbers.
    pub tracking: Vec<String>,
    /// When it left.
    pub shipped_at: Option<Timestamp>,
    /// When it is to be here.
    pub expected_at: Option<Timestamp>,
}

/// What a document said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Which document.
    pub document: SupplierDocumentId,
    /// What sort it is.
    pub kind: Kind,
    /// Of which line; 0 for the whole order.
    pub line: i64,
    /// When that was recorded.
    pub at: Option<Timestamp>,
    /// What: an object that depends on the sort.
    pub said: serde_json::Value,
}

#[derive(sqlx::FromRow)]
struct Row {
    order_id: OrderId,
    requisition_id: RequisitionId,
    requisition_no: Option<i64>,
    number: i64,
    placed_at: Timestamp,
    placed_by: Option<PersonId>,
    supplier_id: SupplierId,
    supplier_name: Option<String>,
    supplier_order: Option<String>,
    owning_unit_id: UnitId,
    line: i64,
    place: i64,
    part: String,
    quantity: Exact,
    unit: String,
    price: String,
    line_state: LineState,
    state: UnitState,
    source: Option<Source>,
    conflict: Option<String>,
    is_contradicted: bool,
    shipment_id: Option<ShipmentId>,
    reference: Option<String>,
    carrier: Option<String>,
    tracking: Option<String>,
    shipped_at: Option<Timestamp>,
    expected_at: Option<Timestamp>,
    invoice: Option<String>,
    received_at: Option<Timestamp>,
    received_by: Option<PersonId>,
}

#[derive(sqlx::FromRow)]
struct SaidRow {
    document_id: SupplierDocumentId,
    kind: Kind,
    line: i64,
    said: String,
    settled_at: Option<Timestamp>,
}

const ROW: &str = "SELECT u.order_id, o.requisition_id, r.number AS requisition_no, o.number, o.placed_at, o.placed_by, o.supplier_id,
        p.name AS supplier_name, o.supplier_order, a.owning_unit_id, u.line, u.place, l.part, l.quantity, l.unit, l.price,
        l.state AS line_state, u.state, u.source, u.conflict, u.is_contradicted, u.shipment_id, s.reference, s.carrier, s.tracking,
        s.shipped_at, s.expected_at, u.invoice, u.received_at, u.received_by
     FROM order_unit u
     JOIN asset a ON a.org_id = u.org_id AND a.id = u.asset_id
     JOIN purchase_order o ON o.org_id = u.org_id AND o.id = u.order_id
     JOIN order_line l ON l.org_id = u.org_id AND l.order_id = u.order_id AND l.line = u.line
     LEFT JOIN requisition r ON r.org_id = o.org_id AND r.id = o.requisition_id
     LEFT JOIN supplier_private p ON p.org_id = o.org_id AND p.id = o.supplier_id
     LEFT JOIN order_shipment s ON s.org_id = u.org_id AND s.id = u.shipment_id
     WHERE u.org_id = $1 AND u.asset_id = $2";

const SAID: &str = "SELECT s.document_id, s.kind, s.line, s.said, d.settled_at FROM order_said s
     LEFT JOIN supplier_document d ON d.org_id = s.org_id AND d.id = s.document_id
     WHERE s.org_id = $1 AND s.order_id = $2 AND s.line IN (0, $3) ORDER BY s.log_index, s.item";

/// Where an asset comes from, for those who see the asset; none for what was not ordered here.
pub async fn of_asset(
    tx: &mut Tx,
    access: &Access,
    asset: AssetId,
) -> StoreResult<Option<Lineage>> {
    let row: Option<Row> = fetch_optional!(tx, Row, ROW, access.org(), asset)?;
    let Some(row) = row else { return Ok(None) };
    let scope = scope::resolve(tx, access, Action::ReadAssets).await?;
    if !scope.contains(row.owning_unit_id) {
        return Ok(None);
    }
    let said: Vec<SaidRow> = fetch_all!(tx, SaidRow, SAID, access.org(), row.order_id, row.line)?;
    let said = said.iter().map(statement);
    let said: Result<Vec<Statement>, _> = said.collect();
    let said = said.map_err(|error| inconsistent(&error))?;
    row.with(said)
        .map(Some)
        .map_err(|error| inconsistent(&error))
}

/// The assets of an order, by line and place, for those who see the order.
pub async fn assets_of(
    tx: &mut Tx,
    access: &Access,
    order: OrderId,
) -> StoreResult<Vec<(i64, i64, AssetId)>> {
    const OWNERS: &str = "SELECT id, owning_unit_id FROM asset WHERE org_id = ";
    let Some(order) = super::store::by_id(tx, access, order).await? else {
        return Ok(Vec::new());
    };
    let scope = scope::resolve(tx, access, Action::ReadAssets).await?;
    let assets = order.units.values().map(|unit| unit.asset);
    let owners: Vec<(AssetId, UnitId)> =
        Query::keyed(tx, OWNERS, access.org(), "id", assets).await?;
    let owners: std::collections::HashMap<AssetId, UnitId> = owners.into_iter().collect();
    let units = order.units.iter();
    let seen = units.filter(|(_, unit)| {
        owners
            .get(&unit.asset)
            .is_some_and(|own| scope.contains(*own))
    });
    Ok(seen
        .map(|((line, place), unit)| (*line, *place, unit.asset))
        .collect())
}

fn statement(row: &SaidRow) -> Result<Statement, serde_json::Error> {
    Ok(Statement {
        document: row.document_id,
        kind: row.kind,
        line: row.line,
        at: row.settled_at,
        said: serde_json::from_str(&row.said)?,
    })
}

impl Row {
    fn with(self, said: Vec<Statement>) -> Result<Lineage, serde_json::Error> {
        let tracking = self.tracking.as_deref().map(serde_json::from_str);
        let tracking: Vec<String> = tracking.transpose()?.unwrap_or_default();
        let shipment = self.shipment_id.map(|id| ShipmentOf {
            id,
            reference: self.reference.unwrap_or_default(),
            carrier: self.carrier,
            tracking,
            shipped_at: self.shipped_at,
            expected_at: self.expected_at,
        });
        Ok(Lineage {
            requisition: self.requisition_id,
            requisition_no: self.requisition_no.unwrap_or_default(),
            order: self.order_id,
            po_no: po_no(self.number),
            placed_at: self.placed_at,
            placed_by: self.placed_by,
            supplier: self.supplier_id,
            supplier_name: self.supplier_name,
            supplier_order: self.supplier_order,
            line: self.line,
            place: self.place,
            part: self.part,
            quantity: self.quantity,
            unit: self.unit,
            price: serde_json::from_str(&self.price)?,
            line_state: self.line_state,
            state: self.state,
            serial_source: self.source,
            conflict: self.conflict,
            is_contradicted: self.is_contradicted,
            shipment,
            invoice: self.invoice,
            received_at: self.received_at,
            received_by: self.received_by,
            said,
        })
    }
}
