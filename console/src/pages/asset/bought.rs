//! Where an asset comes from: its requisition, order, supplier, price, shipment, invoice, and when it was received.

use habeo_core::order::UnitState;
use habeo_core::order::lineage::{Lineage, Statement};
use habeo_core::order::report::Kind;
use serde_json::Value;

use super::facts::{Fact, Group};
use crate::pages::instant;
use crate::pages::procurement::names::Names;

/// How many of the things that documents said are shown, the last ones.
const SAID_SHOWN: usize = 10;

/// The facts, as a group of the page.
pub(super) fn group(lineage: &Lineage, names: &Names) -> Group {
    let order = format!("/procurement/orders/{}", lineage.order);
    let requisition = format!("/procurement/requisitions/{}", lineage.requisition);
    let supplier = lineage.supplier_name.clone();
    let price = &lineage.price;
    let mut facts = vec![
        linked(
            "Order",
            format!("{}, line {}", lineage.po_no, lineage.line),
            order,
        ),
        linked(
            "Requisition",
            lineage.requisition_no.to_string(),
            requisition,
        ),
        plain("Supplier", supplier.unwrap_or_else(|| "removed".to_owned())),
        plain("Part", lineage.part.clone()),
        plain(
            "Price",
            format!("{} {}", price.amount.plain(), price.currency),
        ),
        plain(
            "Ordered",
            by(instant(Some(lineage.placed_at)), lineage.placed_by, names),
        ),
    ];
    if let Some(shipment) = &lineage.shipment {
        let carrier = shipment.carrier.iter().chain(&shipment.tracking).cloned();
        let mut words = vec![shipment.reference.clone()];
        words.extend(carrier);
        facts.push(plain("Shipment", words.join(", ")));
    }
    facts.extend(lineage.invoice.clone().map(|it| plain("Invoice", it)));
    match (lineage.state, lineage.received_at) {
        (UnitState::Received, at) => {
            let received = by(instant(at), lineage.received_by, names);
            facts.push(plain("Received", received));
        }
        (UnitState::Expected, _) => facts.push(plain("Received", "not yet".to_owned())),
        (UnitState::Shipped, _) => facts.push(plain("Received", "on its way".to_owned())),
        (UnitState::Cancelled, _) => facts.push(plain("Received", "not to come".to_owned())),
    }
    if let Some(serial) = &lineage.conflict {
        let odd = format!("{serial}, which another asset has");
        facts.push(plain("Serial number announced", odd));
    }
    if lineage.is_contradicted {
        let odd = "its shipment was taken back by the supplier after it was received here";
        facts.push(plain("Contradicted", odd.to_owned()));
    }
    let skipped = lineage.said.len().saturating_sub(SAID_SHOWN);
    let said = lineage.said.iter().skip(skipped);
    facts.extend(said.map(|one| plain(kind(one.kind), told(one))));
    Group {
        key: "bought",
        title: "Bought",
        facts,
    }
}

fn by(at: String, who: Option<habeo_core::id::PersonId>, names: &Names) -> String {
    match who {
        Some(who) => format!("{at}, by {}", names.person(who)),
        None => at,
    }
}

const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Confirmation => "The supplier confirmed",
        Kind::StatusUpdate => "The supplier’s status",
        Kind::ShipNotice => "The supplier’s ship notice",
        Kind::Invoice => "The supplier’s invoice",
        Kind::Receipt => "A receipt",
        Kind::NotTaken => "Not taken",
    }
}

/// What a document said, as far as a reader has a word for it. What else it said stands in the ledger.
fn told(statement: &Statement) -> String {
    let said = &statement.said;
    let text = |name: &str| match &said[name] {
        Value::String(text) => Some(text.replace('_', " ")),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let quantity = text("quantity").zip(text("unit"));
    let price = said["price"]["amount"]
        .as_str()
        .zip(said["price"]["currency"].as_str());
    let withdrawn = said["withdrawn"] == true;
    let words = [
        text("answer"),
        text("purpose"),
        text("code").map(|code| format!("status {code}")),
        text("reference"),
        quantity.map(|(quantity, unit)| format!("{quantity} {unit}")),
        price.map(|(amount, currency)| format!("at {amount} {currency}")),
        text("deliversOn").map(|day| format!("to be here on {day}")),
        withdrawn.then(|| "taken back".to_owned()),
        statement.at.map(|at| instant(Some(at))),
    ];
    let words: Vec<String> = words.into_iter().flatten().collect();
    let about = if statement.line == 0 {
        "of the order"
    } else {
        "of this line"
    };
    format!("{about}: {}", words.join(", "))
}

fn plain(name: &'static str, value: String) -> Fact {
    Fact {
        name,
        value,
        path: None,
    }
}

fn linked(name: &'static str, value: String, path: String) -> Fact {
    Fact {
        name,
        value,
        path: Some(path),
    }
}
