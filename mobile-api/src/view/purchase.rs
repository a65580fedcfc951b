//! Where an asset comes from, where it was ordered here.

use habeo_core::access::{Access, Action};
use habeo_core::id::PersonId;
use habeo_core::order::lineage::{Lineage, ShipmentOf};
use habeo_core::person;
use habeo_core::store::{StoreResult, Tx};
use habeo_core::unit::scope;
use habeo_surface::nullable::Nullable;
use habeo_surface::wire::Instant;
use poem_openapi::Object;
use uuid::Uuid;

use super::asset::AssetView;
use super::common::{Named, named};
use super::names::PieceState;

/// An asset with everything that is shown of a single one.
#[derive(Debug, Object)]
pub struct AssetDetailView {
    /// The asset.
    #[oai(flatten)]
    pub asset: AssetView,
    /// The purchase that it comes from. Null where it was not ordered here, and for an instant in the past.
    pub purchase: Nullable<PurchaseView>,
}

/// A price for one unit of what was ordered.
#[derive(Debug, Object)]
pub struct PriceView {
    /// A decimal number, exactly.
    pub amount: String,
    /// ISO 4217.
    pub currency: String,
}

/// The purchase that an asset comes from.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct PurchaseView {
    /// The requisition's id.
    pub requisition_id: Uuid,
    /// The requisition's number.
    pub requisition_no: i64,
    /// The purchase order's id.
    pub order_id: Uuid,
    /// The purchase order's number, such as `PO-000123`.
    pub order_no: String,
    /// Its line, from 1.
    pub line: i64,
    /// Which piece of the line it is, from 1.
    pub piece: i64,
    /// From whom.
    pub supplier: Nullable<Named>,
    /// The supplier's number for the order.
    pub supplier_order_no: Nullable<String>,
    /// The supplier's part number.
    pub part_no: String,
    /// At which price.
    pub price: PriceView,
    /// When it was ordered.
    pub placed_at: Instant,
    /// By whom, where you may know them.
    pub placed_by: Nullable<Named>,
    /// How far it is.
    pub state: PieceState,
    /// The shipment with which it comes, or came.
    pub shipment: Nullable<ShipmentView>,
    /// The invoice on which it stands.
    pub invoice_no: Nullable<String>,
    /// When it was received.
    pub received_at: Nullable<Instant>,
    /// By whom, where you may know them.
    pub received_by: Nullable<Named>,
    /// Whether the supplier took its shipment back after it had been received.
    pub contradicted: bool,
    /// A serial number that was announced for it and that another asset has.
    pub serial_conflict: Nullable<String>,
}

/// A shipment.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct ShipmentView {
    /// The supplier's number of it.
    pub reference: String,
    /// Who carries it.
    pub carrier: Nullable<String>,
    /// The carrier's numbers.
    pub tracking: Vec<String>,
    /// When it left.
    pub shipped_at: Nullable<Instant>,
    /// When it is to be here.
    pub expected_at: Nullable<Instant>,
}

impl PurchaseView {
    /// With the names of those whom the caller may know.
    pub async fn of(tx: &mut Tx, access: &Access, lineage: Lineage) -> StoreResult<Self> {
        let people = lineage.placed_by.into_iter().chain(lineage.received_by);
        let people: Vec<PersonId> = people.collect();
        let scope = scope::resolve(tx, access, Action::ReadPeople).await?;
        let known = person::store::names(tx, access, &scope, &people).await?;
        let somebody = |id: Option<PersonId>| {
            let found = known.iter().find(|(known, _)| Some(*known) == id);
            let found = found.map(|(id, name)| Named {
                id: id.uuid(),
                name: name.clone(),
            });
            Nullable::from(found)
        };
        Ok(Self {
            requisition_id: lineage.requisition.uuid(),
            requisition_no: lineage.requisition_no,
            order_id: lineage.order.uuid(),
            order_no: lineage.po_no,
            line: lineage.line,
            piece: lineage.place,
            supplier: named(Some(lineage.supplier.uuid()), lineage.supplier_name),
            supplier_order_no: lineage.supplier_order.into(),
            part_no: lineage.part,
            price: PriceView {
                amount: lineage.price.amount.plain().to_string(),
                currency: lineage.price.currency,
            },
            placed_at: lineage.placed_at.into(),
            placed_by: somebody(lineage.placed_by),
            state: lineage.state.into(),
            shipment: lineage.shipment.map(ShipmentView::from).into(),
            invoice_no: lineage.invoice.into(),
            received_at: lineage.received_at.map(Instant::from).into(),
            received_by: somebody(lineage.received_by),
            contradicted: lineage.is_contradicted,
            serial_conflict: lineage.conflict.into(),
        })
    }
}

impl From<ShipmentOf> for ShipmentView {
    fn from(shipment: ShipmentOf) -> Self {
        Self {
            reference: shipment.reference,
            carrier: shipment.carrier.into(),
            tracking: shipment.tracking,
            shipped_at: shipment.shipped_at.map(Instant::from).into(),
            expected_at: shipment.expected_at.map(Instant::from).into(),
        }
    }
}
