//! What was last paid for a supplier's parts: kept, so that whoever approves sees it beside what a browser states.

use std::collections::HashMap;

use crate::access::Access;
use crate::exact::Exact;
use crate::id::{RequisitionId, SupplierId};
use crate::store::{Query, StoreResult, Tx};
use crate::supplier::Paid;
use crate::time::Timestamp;

/// By what a price is known within its supplier: the part, the currency and the unit that it is for.
pub type Asked = (String, String, String);

#[derive(sqlx::FromRow)]
struct Row {
    part_key: String,
    currency: String,
    unit: String,
    price: Exact,
    paid_at: Timestamp,
}

/// What was last paid for these parts of a supplier's.
pub async fn last_paid(
    tx: &mut Tx,
    access: &Access,
    supplier: SupplierId,
    parts: impl IntoIterator<Item = String>,
) -> StoreResult<HashMap<Asked, Paid>> {
    let mut parts: Vec<String> = parts.into_iter().collect();
    parts.sort_unstable();
    parts.dedup();
    let mut paid = HashMap::new();
    for chunk in parts.chunks(500) {
        let mut query = Query::new(
            "SELECT part_key, currency, unit, price, paid_at FROM supplier_price WHERE org_id = ",
        );
        query
            .bind(access.org())
            .push(" AND supplier_id = ")
            .bind(supplier)
            .push(" AND part_key IN ")
            .bind_keys(chunk.iter().cloned());
        let rows: Vec<Row> = query.fetch_all(tx).await?;
        paid.extend(rows.into_iter().map(|row| {
            let paid = Paid {
                price: row.price,
                at: row.paid_at,
            };
            ((row.part_key, row.currency, row.unit), paid)
        }));
    }
    Ok(paid)
}

/// Notes what is paid for parts from now on.
pub(crate) async fn note_paid(
    tx: &mut Tx,
    access: &Access,
    (supplier, requisition): (SupplierId, RequisitionId),
    paid: HashMap<Asked, Paid>,
) -> StoreResult<()> {
    const HEAD: &str = "INSERT INTO supplier_price (org_id, supplier_id, part_key, currency, unit, price, paid_at, requisition_id) VALUES";
    const TAIL: &str = " ON CONFLICT (org_id, supplier_id, part_key, currency, unit)
         DO UPDATE SET price = excluded.price, paid_at = excluded.paid_at, requisition_id = excluded.requisition_id";
    let rows = paid.into_iter().map(|((part, currency, unit), paid)| {
        [
            access.org().into(),
            supplier.into(),
            part.into(),
            currency.into(),
            unit.into(),
            paid.price.to_string().into(),
            paid.at.into(),
            requisition.into(),
        ]
    });
    Query::insert_rows(tx, HEAD, rows.collect(), TAIL).await?;
    Ok(())
}
