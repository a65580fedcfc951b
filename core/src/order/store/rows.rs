//! The rows that an order is: read whole, and written as far as a fact is about them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;

use super::super::fold::Touched;
use super::super::report::{Answer, ItemAnswer, Kind, Operation, Said, Source};
use super::super::{
    Line, LineState, Order, Shipment, ShipmentState, Status, Stop, Transmission, Unit, UnitState,
    Version, po_no,
};
use super::inconsistent;
use crate::exact::Exact;
use crate::id::{
    AssetId, CategoryId, LocationId, ManufacturerId, ModelId, OrderId, OrgId, PersonId,
    RequisitionId, RequisitionLineId, ShipmentId, SupplierDocumentId, SupplierId, UnitId,
};
use crate::store::{Query, StoreResult, Tx, Value};
use crate::text::{Serial, fold_code};
use crate::time::{Day, Timestamp};

#[derive(sqlx::FromRow)]
pub(super) struct OrderRow {
    id: OrderId,
    seq: i64,
    number: i64,
    requisition_id: RequisitionId,
    supplier_id: SupplierId,
    unit_id: UnitId,
    location_id: Option<LocationId>,
    site_id: Option<LocationId>,
    currency: String,
    status: Status,
    answer: Option<Answer>,
    supplier_order: Option<String>,
    placed_by: Option<PersonId>,
    placed_at: Timestamp,
    changed_at: Timestamp,
}

impl OrderRow {
    pub const SELECT: &str = "SELECT id, seq, number, requisition_id, supplier_id, unit_id, location_id, site_id, currency, status, answer,
             supplier_order, placed_by, placed_at, changed_at FROM purchase_order WHERE org_id = ";

    /// The order without what belongs to it.
    pub fn order(self) -> Order {
        Order {
            id: self.id,
            seq: self.seq,
            number: self.number,
            po_no: po_no(self.number),
            requisition: self.requisition_id,
            supplier: self.supplier_id,
            unit: self.unit_id,
            location: self.location_id,
            site: self.site_id,
            currency: self.currency,
            status: self.status,
            answer: self.answer,
            supplier_order: self.supplier_order,
            placed_by: self.placed_by,
            placed_at: self.placed_at,
            changed_at: self.changed_at,
            lines: BTreeMap::new(),
            units: BTreeMap::new(),
            shipments: BTreeMap::new(),
            versions: BTreeMap::new(),
            by_asset: HashMap::new(),
        }
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct LineRow {
    line: i64,
    requisition_line_id: RequisitionLineId,
    part: String,
    maker_part: Option<String>,
    description: String,
    quantity: Exact,
    unit: String,
    pieces_per_unit: Option<Exact>,
    pieces: Option<i64>,
    price: String,
    agreed: Option<String>,
    cost_minor: Option<i64>,
    category_id: CategoryId,
    model_id: Option<ModelId>,
    maker_id: Option<ManufacturerId>,
    state: LineState,
    stop: Option<String>,
    answer: Option<ItemAnswer>,
    promised_on: Option<Day>,
}

impl LineRow {
    pub const SELECT: &str = "SELECT line, requisition_line_id, part, maker_part, description, quantity, unit, pieces_per_unit, pieces, price, agreed,
             cost_minor, category_id, model_id, maker_id, state, stop, answer, promised_on FROM order_line WHERE org_id = ";

    pub fn line(self) -> Result<(i64, Line), serde_json::Error> {
        let price: Said = serde_json::from_str(&self.price)?;
        let agreed = self.agreed.as_deref().map(serde_json::from_str);
        let agreed = agreed.transpose()?.unwrap_or_else(|| price.clone());
        let stop: Option<Stop> = self.stop.as_deref().map(serde_json::from_str).transpose()?;
        let line = Line {
            of: self.requisition_line_id,
            part: self.part,
            maker_part: self.maker_part,
            description: self.description,
            quantity: self.quantity,
            unit: self.unit,
            pieces_per_unit: self.pieces_per_unit,
            pieces: self.pieces,
            price,
            agreed,
            cost_minor: self.cost_minor,
            category: self.category_id,
            model: self.model_id,
            maker: self.maker_id,
            state: self.state,
            stop,
            answer: self.answer,
            promised_on: self.promised_on,
        };
        Ok((self.line, line))
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct UnitRow {
    line: i64,
    place: i64,
    asset_id: AssetId,
    state: UnitState,
    shipment_id: Option<ShipmentId>,
    serial: Option<Serial>,
    source: Option<Source>,
    tag: Option<String>,
    destination_id: Option<LocationId>,
    container: Option<String>,
    conflict: Option<String>,
    is_contradicted: bool,
    invoice: Option<String>,
    received_at: Option<Timestamp>,
    received_by: Option<PersonId>,
}

impl UnitRow {
    pub const SELECT: &str = "SELECT line, place, asset_id, state, shipment_id, serial, source, tag, destination_id, container, conflict,
             is_contradicted, invoice, received_at, received_by FROM order_unit WHERE org_id = ";

    pub fn unit(self) -> ((i64, i64), Unit) {
        let unit = Unit {
            asset: self.asset_id,
            state: self.state,
            shipment: self.shipment_id,
            serial: self.serial,
            source: self.source,
            tag: self.tag,
            place: self.destination_id,
            container: self.container,
            conflict: self.conflict,
            is_contradicted: self.is_contradicted,
            invoice: self.invoice,
            received_at: self.received_at,
            received_by: self.received_by,
        };
        ((self.line, self.place), unit)
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct ShipmentRow {
    id: ShipmentId,
    reference: String,
    state: ShipmentState,
    shipped_at: Option<Timestamp>,
    expected_at: Option<Timestamp>,
    carrier: Option<String>,
    tracking: String,
    document_id: SupplierDocumentId,
}

impl ShipmentRow {
    pub const SELECT: &str = "SELECT id, reference, state, shipped_at, expected_at, carrier, tracking, document_id FROM order_shipment WHERE org_id = ";

    pub fn shipment(self) -> Result<(ShipmentId, Shipment), serde_json::Error> {
        let shipment = Shipment {
            reference: self.reference,
            state: self.state,
            shipped_at: self.shipped_at,
            expected_at: self.expected_at,
            carrier: self.carrier,
            tracking: serde_json::from_str(&self.tracking)?,
            document: self.document_id,
        };
        Ok((self.id, shipment))
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct VersionRow {
    version: i64,
    operation: Operation,
    payload_id: String,
    made_at: Timestamp,
    lines: String,
    transmission: Transmission,
    code: Option<i64>,
    settled_at: Option<Timestamp>,
}

impl VersionRow {
    pub const SELECT: &str = "SELECT version, operation, payload_id, made_at, lines, transmission, code, settled_at FROM order_version WHERE org_id = ";

    pub fn version(self) -> Result<(i64, Version), serde_json::Error> {
        let version = Version {
            operation: self.operation,
            payload_id: self.payload_id,
            made_at: self.made_at,
            lines: serde_json::from_str(&self.lines)?,
            transmission: self.transmission,
            code: self.code,
            settled_at: self.settled_at,
        };
        Ok((self.version, version))
    }
}

const ORDER_HEAD: &str = "INSERT INTO purchase_order (org_id, id, seq, number, requisition_id, supplier_id, unit_id, location_id, site_id, currency,
    status, answer, supplier_order, placed_by, placed_at, changed_at) VALUES";
const ORDER_TAIL: &str =
    " ON CONFLICT (org_id, id) DO UPDATE SET status = excluded.status, answer = excluded.answer,
    supplier_order = excluded.supplier_order, changed_at = excluded.changed_at";
const LINE_HEAD: &str = "INSERT INTO order_line (org_id, order_id, line, requisition_line_id, part, maker_part, description, quantity, unit,
    pieces_per_unit, pieces, price, agreed, cost_minor, category_id, model_id, maker_id, state, stop, answer, promised_on) VALUES";
const LINE_TAIL: &str = " ON CONFLICT (org_id, order_id, line) DO UPDATE SET part = excluded.part, maker_part = excluded.maker_part,
    description = excluded.description, quantity = excluded.quantity, pieces_per_unit = excluded.pieces_per_unit, pieces = excluded.pieces,
    price = excluded.price, agreed = excluded.agreed, cost_minor = excluded.cost_minor, model_id = excluded.model_id, state = excluded.state, stop = excluded.stop, answer = excluded.answer,
    promised_on = excluded.promised_on";
const UNIT_HEAD: &str = "INSERT INTO order_unit (org_id, order_id, line, place, asset_id, state, shipment_id, serial, source, tag, destination_id,
    container, conflict, is_contradicted, invoice, received_at, received_by) VALUES";
const UNIT_TAIL: &str = " ON CONFLICT (org_id, order_id, line, place) DO UPDATE SET state = excluded.state, shipment_id = excluded.shipment_id,
    serial = excluded.serial, source = excluded.source, tag = excluded.tag, destination_id = excluded.destination_id, container = excluded.container,
    conflict = excluded.conflict, is_contradicted = excluded.is_contradicted, invoice = excluded.invoice, received_at = excluded.received_at,
    received_by = excluded.received_by";
const SHIPMENT_HEAD: &str = "INSERT INTO order_shipment (org_id, id, order_id, reference, state, shipped_at, expected_at, carrier, tracking,
    document_id) VALUES";
const SHIPMENT_TAIL: &str = " ON CONFLICT (org_id, id) DO UPDATE SET state = excluded.state, shipped_at = excluded.shipped_at,
    expected_at = excluded.expected_at, carrier = excluded.carrier, tracking = excluded.tracking, document_id = excluded.document_id";
const VERSION_HEAD: &str = "INSERT INTO order_version (org_id, order_id, version, operation, payload_id, made_at, lines, transmission, code,
    settled_at) VALUES";
const VERSION_TAIL: &str = " ON CONFLICT (org_id, order_id, version) DO UPDATE SET transmission = excluded.transmission, code = excluded.code,
    settled_at = excluded.settled_at";
const CODE_HEAD: &str =
    "INSERT INTO order_arrival_code (org_id, code_norm, shipment_id, order_id) VALUES";
const CODE_TAIL: &str = " ON CONFLICT (org_id, code_norm, shipment_id) DO NOTHING";
const SAID_HEAD: &str = "INSERT INTO order_said (org_id, order_id, document_id, item, line, kind, said, log_index) VALUES";

/// What a document said of a line, as it is kept.
#[derive(Debug)]
pub(in super::super) struct Statement {
    pub document: SupplierDocumentId,
    pub item: i64,
    pub line: i64,
    pub kind: Kind,
    pub said: String,
    pub index: i64,
}

/// Writes what of an order a fact was about.
pub(in super::super) async fn write(
    tx: &mut Tx,
    org: OrgId,
    (order, touched): (&Order, &Touched),
    statements: Vec<Statement>,
) -> StoreResult<()> {
    let id = order.id;
    let head = vec![order_row(org, order)];
    Query::insert_rows(tx, ORDER_HEAD, head, ORDER_TAIL).await?;
    let lines = of(&order.lines, &touched.lines);
    let lines: Result<Vec<_>, _> = lines
        .map(|(number, line)| line_row(org, id, *number, line))
        .collect();
    let lines = lines.map_err(|error| inconsistent(&error))?;
    Query::insert_rows(tx, LINE_HEAD, lines, LINE_TAIL).await?;
    let units = of(&order.units, &touched.units);
    let units = units.map(|(place, unit)| unit_row(org, id, *place, unit));
    Query::insert_rows(tx, UNIT_HEAD, units.collect(), UNIT_TAIL).await?;
    let shipments = of(&order.shipments, &touched.shipments);
    let shipments: Result<Vec<_>, _> = shipments
        .map(|(shipment, one)| shipment_row(org, id, *shipment, one))
        .collect();
    let shipments = shipments.map_err(|error| inconsistent(&error))?;
    Query::insert_rows(tx, SHIPMENT_HEAD, shipments, SHIPMENT_TAIL).await?;
    let versions = of(&order.versions, &touched.versions);
    let versions: Result<Vec<_>, _> = versions
        .map(|(number, version)| version_row(org, id, *number, version))
        .collect();
    let versions = versions.map_err(|error| inconsistent(&error))?;
    Query::insert_rows(tx, VERSION_HEAD, versions, VERSION_TAIL).await?;
    let codes = codes(order, touched).into_iter();
    let codes = codes.map(|(code, shipment)| [org.into(), code.into(), shipment.into(), id.into()]);
    Query::insert_rows(tx, CODE_HEAD, codes.collect(), CODE_TAIL).await?;
    let statements = statements.into_iter();
    let statements = statements.map(|one| statement_row(org, id, one));
    Query::insert_rows(tx, SAID_HEAD, statements.collect(), "").await?;
    Ok(())
}

fn of<'a, K: Ord, V>(
    all: &'a BTreeMap<K, V>,
    touched: &'a BTreeSet<K>,
) -> impl Iterator<Item = (&'a K, &'a V)> {
    touched.iter().filter_map(|key| all.get_key_value(key))
}

/// What can be read from what arrives, as far as a fact was about it.
fn codes(order: &Order, touched: &Touched) -> BTreeSet<(String, ShipmentId)> {
    let shipments = of(&order.shipments, &touched.shipments);
    let of_shipments = shipments.flat_map(|(id, shipment)| {
        let all = std::iter::once(&shipment.reference).chain(&shipment.tracking);
        all.map(|code| (fold_code(code), *id))
    });
    let of_boxes = of(&order.units, &touched.units).filter_map(|(_, unit)| {
        let container = unit.container.as_deref()?;
        Some((fold_code(container), unit.shipment?))
    });
    let codes = of_shipments.chain(of_boxes);
    codes.filter(|(code, _)| !code.is_empty()).collect()
}

fn json(value: &impl Serialize) -> Result<Value, serde_json::Error> {
    serde_json::to_string(value).map(Value::from)
}

fn word(word: Option<&'static str>) -> Value {
    Value::Text(word.map(ToOwned::to_owned))
}

fn order_row(org: OrgId, order: &Order) -> [Value; 16] {
    [
        org.into(),
        order.id.into(),
        order.seq.into(),
        order.number.into(),
        order.requisition.into(),
        order.supplier.into(),
        order.unit.into(),
        order.location.into(),
        order.site.into(),
        order.currency.as_str().into(),
        order.status.as_str().into(),
        word(order.answer.map(Answer::as_str)),
        order.supplier_order.clone().into(),
        order.placed_by.into(),
        order.placed_at.into(),
        order.changed_at.into(),
    ]
}

fn line_row(
    org: OrgId,
    order: OrderId,
    number: i64,
    line: &Line,
) -> Result<[Value; 21], serde_json::Error> {
    let stop = line.stop.as_ref().map(serde_json::to_string).transpose()?;
    Ok([
        org.into(),
        order.into(),
        number.into(),
        line.of.into(),
        line.part.as_str().into(),
        line.maker_part.clone().into(),
        line.description.as_str().into(),
        line.quantity.to_string().into(),
        line.unit.as_str().into(),
        line.pieces_per_unit.map(|pieces| pieces.to_string()).into(),
        line.pieces.into(),
        json(&line.price)?,
        json(&line.agreed)?,
        line.cost_minor.into(),
        line.category.into(),
        line.model.into(),
        line.maker.into(),
        line.state.as_str().into(),
        stop.into(),
        word(line.answer.map(ItemAnswer::as_str)),
        line.promised_on.into(),
    ])
}

fn unit_row(org: OrgId, order: OrderId, (line, place): (i64, i64), unit: &Unit) -> [Value; 17] {
    let serial = unit.serial.as_ref();
    [
        org.into(),
        order.into(),
        line.into(),
        place.into(),
        unit.asset.into(),
        unit.state.as_str().into(),
        unit.shipment.into(),
        serial.map(|serial| serial.as_str().to_owned()).into(),
        word(unit.source.map(Source::as_str)),
        unit.tag.clone().into(),
        unit.place.into(),
        unit.container.clone().into(),
        unit.conflict.clone().into(),
        unit.is_contradicted.into(),
        unit.invoice.clone().into(),
        unit.received_at.into(),
        unit.received_by.into(),
    ]
}

fn shipment_row(
    org: OrgId,
    order: OrderId,
    id: ShipmentId,
    shipment: &Shipment,
) -> Result<[Value; 10], serde_json::Error> {
    Ok([
        org.into(),
        id.into(),
        order.into(),
        shipment.reference.as_str().into(),
        shipment.state.as_str().into(),
        shipment.shipped_at.into(),
        shipment.expected_at.into(),
        shipment.carrier.clone().into(),
        json(&shipment.tracking)?,
        shipment.document.into(),
    ])
}

fn version_row(
    org: OrgId,
    order: OrderId,
    number: i64,
    version: &Version,
) -> Result<[Value; 10], serde_json::Error> {
    Ok([
        org.into(),
        order.into(),
        number.into(),
        version.operation.as_str().into(),
        version.payload_id.as_str().into(),
        version.made_at.into(),
        json(&version.lines)?,
        version.transmission.as_str().into(),
        version.code.into(),
        version.settled_at.into(),
    ])
}

fn statement_row(org: OrgId, order: OrderId, one: Statement) -> [Value; 8] {
    [
        org.into(),
        order.into(),
        one.document.into(),
        one.item.into(),
        one.line.into(),
        one.kind.as_str().into(),
        one.said.into(),
        one.index.into(),
    ]
}
