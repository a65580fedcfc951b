//! An order as it is sent: the same bytes at every attempt, because it is written at the first and kept. Only what proves us is put in each time:
//! that is nothing of the order's, and may be changed because the supplier did not accept it.

use std::collections::HashMap;
use std::sync::Arc;

use habeo_core::access::Access;
use habeo_core::id::RequisitionLineId;
use habeo_core::ledger::RecordError;
use habeo_core::order::letter::KeepLetter;
use habeo_core::order::report::Operation;
use habeo_core::order::store as orders;
use habeo_core::order::{self, Order, Version};
use habeo_core::requisition::Requisition;
use habeo_core::store::StoreError;
use habeo_core::supplier::Supplier;
use habeo_core::{location, org, requisition, supplier};
use secrecy::SecretString;

use crate::cxml::address::{Address, Text};
use crate::cxml::write::{self, ItemOut, NotKept, Order as Written, OrderKind};
use crate::desk::{Punchout, instant};
use crate::limits::Tolerance;
use crate::outgoing::outgoing;
use crate::sendable::{self, Texted};

/// Why an order cannot be sent as it is.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unsendable {
    /// The supplier takes no orders by cXML.
    #[error("no address for orders is entered for this supplier; send the order by hand")]
    NoAddress,
    /// Nothing proves us.
    #[error("there is nothing by which we prove ourselves to this supplier")]
    NoSecret,
    /// The supplier is gone.
    #[error("the supplier is not there any more")]
    NoSupplier,
    /// What is kept of the lines cannot be written.
    #[error("{0}")]
    BadLine(#[from] NotKept),
    /// What was written is not kept, so that nothing could be sent again as it was.
    #[error(transparent)]
    NotKept(order::Refusal),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is sent, and where to.
pub(super) struct OrderLetter {
    pub url: String,
    pub text: String,
    pub secret: SecretString,
    pub tolerance: Tolerance,
}

/// What is known of an order besides itself.
struct Around {
    requisition: Requisition,
    lines: HashMap<RequisitionLineId, Texted>,
    bill_to: Address,
    ship_to: Option<Address>,
}

pub(super) async fn letter(
    desk: &Punchout,
    access: &Access,
    order: &Order,
    (number, version): (i64, &Version),
) -> Result<OrderLetter, Unsendable> {
    let key = &desk.parts().master_key;
    let mut tx = desk.ledger().db().read(access).await?;
    let supplier = supplier::store::known(&mut tx, access, order.supplier).await?;
    let supplier = supplier.ok_or(Unsendable::NoSupplier)?;
    let secret = supplier::store::ours(&mut tx, access, supplier.id, key).await?;
    let secret = secret.ok_or(Unsendable::NoSecret)?;
    let kept = orders::letter(&mut tx, access, (order.id, number), key).await?;
    drop(tx);
    let settings = &supplier.settings;
    let url = settings.order_url.clone().ok_or(Unsendable::NoAddress)?;
    let text = match kept {
        Some(kept) => kept,
        None => first(desk, access, (order, &supplier), (number, version)).await?,
    };
    Ok(OrderLetter {
        url,
        text: write::with_secret(&text, &secret),
        tolerance: desk.tolerance(settings),
        secret,
    })
}

/// Writes a version for its first attempt, and keeps it for every other.
async fn first(
    desk: &Punchout,
    access: &Access,
    (order, supplier): (&Order, &Supplier),
    (number, version): (i64, &Version),
) -> Result<String, Unsendable> {
    let around = around(desk, access, order).await?;
    let name = version.payload_id.clone();
    let nobodys = write::without_secret();
    let envelope = outgoing(&supplier.settings, nobodys, name, version.made_at);
    let command = KeepLetter {
        order: order.id,
        version: number,
        text: write::order(&envelope, &written(order, (number, version), &around)?)?,
        master_key: Arc::clone(&desk.parts().master_key),
    };
    let kept = desk.ledger().record(access, command).await;
    kept.map_err(|error| match error {
        RecordError::Refused(refusal) => Unsendable::NotKept(refusal),
        RecordError::Store(error) => Unsendable::Store(error),
    })
}

async fn around(desk: &Punchout, access: &Access, order: &Order) -> Result<Around, Unsendable> {
    let mut tx = desk.ledger().db().read(access).await?;
    let found = requisition::store::by_id(&mut tx, access, order.requisition, desk.now()).await?;
    let requisition = found.ok_or(Unsendable::BadLine(NotKept))?;
    let lines = requisition::store::with_texts(&mut tx, access, &requisition).await?;
    let own = org::store::own(&mut tx, access).await?;
    let place = match order.location {
        Some(id) => location::store::by_id(&mut tx, access, id).await?,
        None => None,
    };
    Ok(Around {
        requisition,
        lines: lines.into_iter().map(|line| (line.0.id, line)).collect(),
        bill_to: named(own.name),
        ship_to: place.map(sendable::address),
    })
}

fn named(name: String) -> Address {
    Address {
        name: Text {
            lang: None,
            text: name,
        },
        ..Address::default()
    }
}

fn written(
    order: &Order,
    (number, version): (i64, &Version),
    around: &Around,
) -> Result<Written, Unsendable> {
    let before = order.versions.range(..number).next_back();
    let replaces = before.map(|(_, before)| before.payload_id.clone());
    let kind = match (version.operation, replaces) {
        (Operation::New, _) | (_, None) => OrderKind::New,
        (Operation::Update, Some(replaces)) => OrderKind::Update { replaces },
        (Operation::Delete, Some(replaces)) => OrderKind::Delete { replaces },
    };
    // What is taken back whole says what it was, because an order without lines is none.
    let lines = match (version.lines.is_empty(), before) {
        (true, Some((_, before))) => &before.lines,
        _ => &version.lines,
    };
    let items: Result<Vec<ItemOut>, NotKept> = lines
        .iter()
        .map(|line| sendable::of_order(line, around.lines.get(&line.of).ok_or(NotKept)?))
        .collect();
    Ok(Written {
        id: order.po_no.clone(),
        date: instant(order.placed_at),
        kind,
        version: u32::try_from(number).unwrap_or(u32::MAX),
        requisition_id: Some(around.requisition.number.to_string()),
        total: sendable::total(order, lines)?,
        ship_to: around.ship_to.clone(),
        bill_to: around.bill_to.clone(),
        shipping: None,
        tax: None,
        contacts: Vec::new(),
        comments: None,
        supplier_order: order.supplier_order.clone(),
        extrinsics: cost_centre(&around.requisition),
        items: items?,
    })
}

fn cost_centre(requisition: &Requisition) -> Vec<(String, String)> {
    let cost_centre = requisition.cost_centre.iter();
    cost_centre
        .map(|value| ("CostCenter".to_owned(), value.clone()))
        .collect()
}
