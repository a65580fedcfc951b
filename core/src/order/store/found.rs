//! Finding orders and what belongs to them: by numbers, by names of documents, by what is read from a box.

use std::collections::HashMap;

use crate::access::{Access, Action};
use crate::id::{AssetId, ManufacturerId, OrderId, OrgId, ShipmentId, SupplierId};
use crate::store::{Query, StoreResult, Tx, fetch_one, fetch_optional};
use crate::text::fold_code;
use crate::unit::scope::{self, Columns};

const COLUMNS: Columns = Columns {
    unit: "o.unit_id",
    own: None,
};

/// The number of the next order. The ledger's head is held meanwhile, and what is not committed has taken none: so there are no gaps.
pub(in super::super) async fn next_number(tx: &mut Tx, org: OrgId) -> StoreResult<i64> {
    let (last,): (i64,) = fetch_one!(
        tx,
        (i64,),
        "SELECT CAST(COALESCE(MAX(number), 0) AS BIGINT) FROM purchase_order WHERE org_id = $1",
        org
    )?;
    Ok(last + 1)
}

/// A supplier's order by our number for it.
pub(in super::super) async fn by_po_no(
    tx: &mut Tx,
    org: OrgId,
    supplier: SupplierId,
    po_no: &str,
) -> StoreResult<Option<OrderId>> {
    let Some(number) = number(po_no) else {
        return Ok(None);
    };
    let row: Option<(OrderId,)> = fetch_optional!(
        tx,
        (OrderId,),
        "SELECT id FROM purchase_order WHERE org_id = $1 AND number = $2 AND supplier_id = $3",
        org,
        number,
        supplier
    )?;
    Ok(row.map(|(id,)| id))
}

/// Reads `PO-000123`, whatever its case; nothing else is a number of ours.
fn number(po_no: &str) -> Option<i64> {
    let po_no = po_no.trim().to_uppercase();
    let digits = po_no.strip_prefix("PO-")?;
    let is_ours = digits.len() >= 6 && digits.bytes().all(|b| b.is_ascii_digit());
    is_ours.then(|| digits.parse().ok())?
}

/// A supplier's order by the name of a document in which it was sent.
pub(in super::super) async fn by_payload_id(
    tx: &mut Tx,
    org: OrgId,
    supplier: SupplierId,
    payload_id: &str,
) -> StoreResult<Option<OrderId>> {
    let row: Option<(OrderId,)> = fetch_optional!(
        tx,
        (OrderId,),
        "SELECT o.id FROM order_version v JOIN purchase_order o ON o.org_id = v.org_id AND o.id = v.order_id
         WHERE v.org_id = $1 AND v.payload_id = $2 AND o.supplier_id = $3",
        org,
        payload_id.trim(),
        supplier
    )?;
    Ok(row.map(|(id,)| id))
}

/// The orders of a supplier of which a shipment was announced under this number.
pub(in super::super) async fn shipment_of(
    tx: &mut Tx,
    org: OrgId,
    supplier: SupplierId,
    reference: &str,
) -> StoreResult<Vec<OrderId>> {
    let mut query = Query::new(
        "SELECT s.order_id FROM order_shipment s JOIN purchase_order o ON o.org_id = s.org_id AND o.id = s.order_id
         JOIN order_arrival_code c ON c.org_id = s.org_id AND c.shipment_id = s.id WHERE c.org_id = ",
    );
    query
        .bind(org)
        .push(" AND c.code_norm = ")
        .bind(fold_code(reference));
    query.push(" AND s.reference = ").bind(reference);
    query.push(" AND o.supplier_id = ").bind(supplier);
    query.push(" ORDER BY o.seq");
    let rows: Vec<(OrderId,)> = query.fetch_all(tx).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// To whom serial numbers belong, folded, with the makers of whose numbers they are.
pub(in super::super) async fn serial_owners(
    tx: &mut Tx,
    org: OrgId,
    serials: Vec<String>,
) -> StoreResult<HashMap<String, Vec<(AssetId, Option<ManufacturerId>)>>> {
    const OWNERS: &str = "SELECT serial_norm, id, manufacturer_id FROM asset WHERE serial_claim_id IS NOT NULL AND org_id = ";
    let rows: Vec<(String, AssetId, Option<ManufacturerId>)> =
        Query::keyed(tx, OWNERS, org, "serial_norm", serials).await?;
    let mut owners: HashMap<String, Vec<(AssetId, Option<ManufacturerId>)>> = HashMap::new();
    for (serial, asset, maker) in rows {
        owners.entry(serial).or_default().push((asset, maker));
    }
    Ok(owners)
}

/// An order that something arriving may be of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Arriving {
    /// Which order.
    pub order_id: OrderId,
    /// With which shipment, where the code is of one.
    pub shipment_id: Option<ShipmentId>,
}

/// The orders of units that the caller receives for, of which something arriving with this code may be: an order's number, a shipment's, a
/// carrier's, or the code on a box.
pub async fn by_code(tx: &mut Tx, access: &Access, code: &str) -> StoreResult<Vec<Arriving>> {
    let scope = scope::resolve(tx, access, Action::Register).await?;
    let mut query = Query::new(
        "SELECT c.order_id, c.shipment_id FROM order_arrival_code c
         JOIN purchase_order o ON o.org_id = c.org_id AND o.id = c.order_id WHERE c.org_id = ",
    );
    query.bind(access.org());
    query.push(" AND c.code_norm = ").bind(fold_code(code));
    scope.push_condition(&mut query, access.org(), COLUMNS);
    query.push(" ORDER BY o.seq");
    let mut found: Vec<Arriving> = query.fetch_all(tx).await?;
    if let Some(number) = number(code) {
        let mut query = Query::new("SELECT o.id FROM purchase_order o WHERE o.org_id = ");
        query.bind(access.org());
        query.push(" AND o.number = ").bind(number);
        scope.push_condition(&mut query, access.org(), COLUMNS);
        let rows: Vec<(OrderId,)> = query.fetch_all(tx).await?;
        found.extend(rows.into_iter().map(|(order_id,)| Arriving {
            order_id,
            shipment_id: None,
        }));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn only_our_own_form_is_our_number() {
        for (text, expected) in [
            ("PO-000123", Some(123)),
            (" po-1234567 ", Some(1_234_567)),
            ("123", None),
            ("PO-123", None),
            ("PO-00012x", None),
            ("", None),
        ] {
            assert_eq!(number(text), expected, "{text}");
        }
    }
}
