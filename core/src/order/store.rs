//! Orders in SQL: whole for the rules and for projecting, and as they are shown.

mod arrivals;
mod documents;
mod found;
mod kept;
mod letter;
mod rows;
mod shown;

use std::collections::{BTreeMap, HashMap};

pub use arrivals::{Arrival, ArrivalFilter, ArrivingLine, arriving};
pub use documents::{
    DocumentRow, DocumentState, document, documents, documents_of, documents_of_order,
    may_read_of_order, unread,
};
pub(super) use documents::{insert as insert_document, same, settle as settle_document};
pub use found::{Arriving, by_code};
pub(super) use found::{by_payload_id, by_po_no, next_number, serial_owners, shipment_of};
pub use kept::{BODY, KeptDocument, kept, kept_of_order};
pub(super) use kept::{Keep, forget_body, keep_body};
pub(super) use letter::keep_letter;
pub use letter::letter;
use rows::{LineRow, OrderRow, ShipmentRow, UnitRow, VersionRow};
pub(super) use rows::{Statement, write};
pub use shown::{Filter, Summary, page, sending};

use super::Order;
use super::decide::AssetNow;
use crate::access::{Access, Action};
use crate::asset::State;
use crate::id::{AssetId, OrderId, OrgId};
use crate::store::{Query, StoreError, StoreResult, Tx};
use crate::text::Serial;
use crate::unit::scope;

/// An order that the caller may see.
pub async fn by_id(tx: &mut Tx, access: &Access, id: OrderId) -> StoreResult<Option<Order>> {
    let Some(order) = whole(tx, access.org(), id).await? else {
        return Ok(None);
    };
    let scope = scope::resolve(tx, access, Action::ReadAssets).await?;
    Ok(scope.contains(order.unit).then_some(order))
}

/// An order whole, for deciding and projecting.
pub(super) async fn whole(tx: &mut Tx, org: OrgId, id: OrderId) -> StoreResult<Option<Order>> {
    let found: Vec<OrderRow> = Query::keyed(tx, OrderRow::SELECT, org, "id", [id]).await?;
    let Some(row) = found.into_iter().next() else {
        return Ok(None);
    };
    let lines: Vec<LineRow> = Query::keyed(tx, LineRow::SELECT, org, "order_id", [id]).await?;
    let units: Vec<UnitRow> = Query::keyed(tx, UnitRow::SELECT, org, "order_id", [id]).await?;
    let shipments: Vec<ShipmentRow> =
        Query::keyed(tx, ShipmentRow::SELECT, org, "order_id", [id]).await?;
    let versions: Vec<VersionRow> =
        Query::keyed(tx, VersionRow::SELECT, org, "order_id", [id]).await?;
    let mut order = row.order();
    order.lines = collected(lines.into_iter().map(LineRow::line))?;
    order.units = units.into_iter().map(UnitRow::unit).collect();
    let by_asset = order.units.iter().map(|(place, unit)| (unit.asset, *place));
    order.by_asset = by_asset.collect();
    order.shipments = collected(shipments.into_iter().map(ShipmentRow::shipment))?;
    order.versions = collected(versions.into_iter().map(VersionRow::version))?;
    Ok(Some(order))
}

fn collected<K: Ord, V>(
    rows: impl Iterator<Item = Result<(K, V), serde_json::Error>>,
) -> StoreResult<BTreeMap<K, V>> {
    rows.collect::<Result<_, _>>()
        .map_err(|error| inconsistent(&error))
}

/// A stored text that this program cannot have written.
pub(super) fn inconsistent(error: &serde_json::Error) -> StoreError {
    StoreError::Inconsistent {
        table: "purchase_order",
        what: error.to_string(),
    }
}

/// What the assets of an order are now, whoever has changed them.
pub(super) async fn assets(
    tx: &mut Tx,
    org: OrgId,
    order: &Order,
) -> StoreResult<HashMap<AssetId, AssetNow>> {
    const ASSETS: &str = "SELECT id, state, serial, merged_into_id FROM asset WHERE org_id = ";
    let ids = order.units.values().map(|unit| unit.asset);
    let rows: Vec<(AssetId, State, Option<Serial>, Option<AssetId>)> =
        Query::keyed(tx, ASSETS, org, "id", ids).await?;
    let known = rows.into_iter().map(|(id, state, serial, merged)| {
        let now = AssetNow {
            state,
            serial,
            is_merged: merged.is_some(),
        };
        (id, now)
    });
    Ok(known.collect())
}
