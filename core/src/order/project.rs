//! Facts about orders and suppliers' documents into their tables: the same way the first time and when everything is projected anew.

use serde_json::json;

use super::Order;
use super::event::{OrderEvent, Placed, Quantity};
use super::fold::{Place, Touched, begun, fold};
use super::report::Kind;
use super::store::{self, Statement};
use crate::id::SupplierDocumentId;
use crate::ledger::event::{Recorded, Stream};
use crate::store::{StoreError, StoreResult, Tx};

/// Applies one fact.
pub(crate) async fn apply(tx: &mut Tx, recorded: &Recorded, event: &OrderEvent) -> StoreResult<()> {
    let org = recorded.org;
    match event {
        OrderEvent::DocumentTaken {
            supplier,
            kind,
            payload_id,
            digest,
            replaces,
        } => {
            let (of, named) = ((*supplier, *kind), (payload_id.as_str(), digest.as_str()));
            store::insert_document(tx, recorded, *replaces, of, named).await
        }
        OrderEvent::DocumentSettled {
            applied, findings, ..
        } => store::settle_document(tx, recorded, *applied, findings).await,
        OrderEvent::Placed(placed) => begin(tx, recorded, placed).await.map(drop),
        _ => {
            let before = match recorded.stream {
                Stream::Order(id) => store::whole(tx, org, id).await?,
                _ => None,
            };
            let mut order = before.ok_or_else(|| StoreError::Inconsistent {
                table: "purchase_order",
                what: format!("a fact about {}, which is not known", recorded.stream.id()),
            })?;
            follow(tx, recorded, &mut order, event).await
        }
    }
}

/// Begins an order by its first fact and writes it.
pub(super) async fn begin(tx: &mut Tx, recorded: &Recorded, placed: &Placed) -> StoreResult<Order> {
    let order = begun(placed, Place::new(recorded));
    let touched = Touched {
        lines: order.lines.keys().copied().collect(),
        ..Touched::default()
    };
    store::write(tx, recorded.org, (&order, &touched), Vec::new()).await?;
    Ok(order)
}

/// Folds a further fact into an order and writes what it is about.
pub(super) async fn follow(
    tx: &mut Tx,
    recorded: &Recorded,
    order: &mut Order,
    event: &OrderEvent,
) -> StoreResult<()> {
    let touched = fold(order, event, Place::new(recorded));
    let statements = statements(event, recorded.index);
    store::write(tx, recorded.org, (order, &touched), statements).await
}

/// What a fact says that a document said, line by line; line 0 is the whole.
fn statements(event: &OrderEvent, index: i64) -> Vec<Statement> {
    let mut said = Vec::new();
    match event {
        OrderEvent::Confirmed(confirmed) => {
            let whole = json!({"answer": confirmed.answer, "reference": confirmed.reference});
            if confirmed.part == 0 {
                said.push((0, whole.to_string()));
            }
            let items = confirmed.items.iter();
            said.extend(items.map(|item| (item.line, json!(item).to_string())));
            listed(confirmed.document, Kind::Confirmation, said, index)
        }
        OrderEvent::StatusSaid { document, code, .. } => {
            said.push((0, json!({"code": code}).to_string()));
            listed(*document, Kind::StatusUpdate, said, index)
        }
        OrderEvent::Shipped(shipped) => {
            let whole = json!({
                "shipment": shipped.shipment, "reference": shipped.reference, "shippedAt": shipped.shipped_at,
                "expectedAt": shipped.expected_at, "carrier": shipped.carrier, "tracking": shipped.tracking,
            });
            if shipped.part == 0 {
                said.push((0, whole.to_string()));
            }
            said.extend(shipped.items.iter().map(quantity));
            listed(shipped.document, Kind::ShipNotice, said, index)
        }
        OrderEvent::ShipmentWithdrawn {
            document,
            shipment,
            part: 0,
            ..
        } => {
            let whole = json!({"shipment": shipment, "withdrawn": true});
            said.push((0, whole.to_string()));
            listed(*document, Kind::ShipNotice, said, index)
        }
        OrderEvent::Invoiced(invoiced) => {
            let whole = json!({
                "reference": invoiced.reference, "purpose": invoiced.purpose, "operation": invoiced.operation,
            });
            if invoiced.part == 0 {
                said.push((0, whole.to_string()));
            }
            said.extend(invoiced.items.iter().map(quantity));
            listed(invoiced.document, Kind::Invoice, said, index)
        }
        _ => Vec::new(),
    }
}

fn quantity(item: &Quantity) -> (i64, String) {
    (item.line, json!(item).to_string())
}

fn listed(
    document: SupplierDocumentId,
    kind: Kind,
    said: Vec<(i64, String)>,
    index: i64,
) -> Vec<Statement> {
    let numbered = (0..).zip(said);
    let statement = |(item, (line, said))| Statement {
        document,
        item,
        line,
        kind,
        said,
        index,
    };
    numbered.map(statement).collect()
}
