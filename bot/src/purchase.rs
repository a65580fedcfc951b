//! What somebody wants to be bought, as every chat shows it: to whoever decides on it, and before they confirm.

use habeo_core::id::RequisitionId;
use habeo_core::notice::present::{OfPurchase, Purchase, Wanted};
use habeo_core::order::{Line, LineState, Order};
use habeo_core::requisition::store::Compared;
use habeo_core::requisition::{Requisition, State};

use crate::engine::Press;
use crate::reply::{Act, Button, FormKind, Part, Reply, Row, Span, Style};

/// As many letters of a digest tell two states of a requisition apart to people. What counts is the whole of it, which buttons carry.
const DIGEST_LETTERS_SHOWN: usize = 16;

/// Where a requisition is shown whole.
pub(crate) fn path(requisition: RequisitionId) -> String {
    format!("/procurement/requisitions/{requisition}")
}

/// Exactly what a decision is on. Prices were stated by a browser, so what was last paid stands beside them.
pub(crate) fn parts(wanted: &Wanted) -> Vec<Part> {
    let requisition = &wanted.requisition;
    let mut facts = vec![
        ("Supplier".to_owned(), wanted.supplier.clone()),
        ("Unit".to_owned(), wanted.unit_name.clone()),
        ("Total".to_owned(), total(requisition)),
    ];
    if let Some(name) = &wanted.requester {
        facts.push(("Wanted by".to_owned(), name.clone()));
    }
    if let Some(centre) = &requisition.cost_centre {
        facts.push(("Cost center".to_owned(), centre.clone()));
    }
    let mut parts = vec![
        Part::Facts(facts),
        Part::Rows(wanted.lines.iter().map(line).collect()),
    ];
    let more = requisition.lines - i64::try_from(wanted.lines.len()).unwrap_or(i64::MAX);
    if more > 0 {
        let more = format!("{more} more lines are not shown here; Habeo shows all of them.");
        parts.push(Part::Note(more));
    }
    parts.push(Part::Note(format!(
        "Digest {}",
        shortened(&requisition.digest)
    )));
    parts
}

/// What somebody may do with it to whom it is shown while it waits for them.
pub(crate) fn buttons(requisition: &Requisition, address: String) -> Vec<Button> {
    let mut buttons = Vec::new();
    if requisition.state == State::Submitted {
        let (id, digest) = (requisition.id, &requisition.digest);
        let approve = Press::Approve(id, digest.clone()).spelled();
        buttons.push(Button::press("Approve", approve).styled(Style::Primary));
        let given = [("requisition", id.to_string()), ("digest", digest.clone())];
        let given = given.map(|(name, value)| (name.to_owned(), value));
        buttons.push(Button {
            label: "Reject".to_owned(),
            act: Act::Form(FormKind::RejectRequisition, given.into()),
            style: Style::Danger,
        });
    }
    buttons.push(Button::open("Open in Habeo", address));
    buttons
}

/// The sentence above a requisition that waits for whoever reads it.
pub(crate) fn waits(requisition: &Requisition) -> Part {
    Part::Text(vec![
        Span::Plain("Requisition ".to_owned()),
        Span::Strong(requisition.number.to_string()),
        Span::Plain(" waits for your approval.".to_owned()),
    ])
}

/// What came of a decision.
pub(crate) fn decided(requisition: &Requisition) -> Vec<Part> {
    let number = requisition.number;
    let heading = match requisition.state {
        State::Rejected => format!("Requisition {number} is rejected."),
        // The first of two.
        State::Submitted => format!("Your approval of requisition {number} is recorded."),
        _ => format!("Requisition {number} is approved."),
    };
    let mut parts = vec![
        Part::Heading(heading),
        Part::Facts(vec![("Total".to_owned(), total(requisition))]),
    ];
    if requisition.state == State::Submitted {
        let more = "It takes another person’s approval before it can be ordered.";
        parts.push(Part::Note(more.to_owned()));
    }
    parts
}

/// To somebody about what came of what they want to be bought.
pub(crate) fn of_purchase(told: &OfPurchase, address: impl Fn(&str) -> String) -> Reply {
    let (parts, page) = match &told.what {
        Purchase::Decided {
            requisition,
            reason,
        } => {
            let word = match requisition.state {
                State::Rejected => "rejected",
                _ => "approved",
            };
            let number = format!("Requisition {}", requisition.number);
            let mut facts = vec![
                ("Supplier".to_owned(), told.supplier.clone()),
                ("Total".to_owned(), total(requisition)),
            ];
            facts.extend(reason.clone().map(|reason| ("Reason".to_owned(), reason)));
            let parts = vec![
                Part::Text(vec![
                    Span::Strong(number),
                    Span::Plain(format!(", which you want to be bought, was {word}.")),
                ]),
                Part::Facts(facts),
            ];
            (parts, path(requisition.id))
        }
        Purchase::Stopped(order) => {
            let said = format!(
                " waits for a decision: {} would do something otherwise than it was ordered.",
                told.supplier
            );
            (of_order(order, said, LineState::Stopped), order_path(order))
        }
        Purchase::Rejected(order) => {
            let rejected = order
                .lines
                .values()
                .any(|line| line.state == LineState::Rejected);
            let said = if rejected {
                format!(
                    ": {} does not send everything that was ordered.",
                    told.supplier
                )
            } else {
                format!(" was not taken in by {}.", told.supplier)
            };
            (
                of_order(order, said, LineState::Rejected),
                order_path(order),
            )
        }
    };
    let open = Button::open("Open in Habeo", address(&page));
    Reply::new(parts, vec![open])
}

fn order_path(order: &Order) -> String {
    format!("/procurement/orders/{}", order.id)
}

/// What is said of an order, and its lines that are in this state.
fn of_order(order: &Order, said: String, state: LineState) -> Vec<Part> {
    let row = |(number, line): (&i64, &Line)| Row {
        title: format!("{number}. {}", line.description),
        detail: format!("{} {}", line.quantity.plain(), line.unit),
        ..Row::default()
    };
    let lines = order.lines.iter().filter(|(_, line)| line.state == state);
    let rows: Vec<Row> = lines.map(row).collect();
    let mut parts = vec![Part::Text(vec![
        Span::Plain("The order ".to_owned()),
        Span::Strong(order.po_no.clone()),
        Span::Plain(said),
    ])];
    if !rows.is_empty() {
        parts.push(Part::Rows(rows));
    }
    parts
}

fn total(requisition: &Requisition) -> String {
    format!("{} {}", requisition.total, requisition.currency)
}

fn shortened(digest: &str) -> &str {
    digest.get(..DIGEST_LETTERS_SHOWN).unwrap_or(digest)
}

fn line(compared: &Compared) -> Row {
    let (sent, stored) = (&compared.line.sent, &compared.line.stored);
    let mut detail = format!(
        "{} {} at {} {}",
        stored.quantity, sent.unit, stored.price, stored.currency
    );
    if let Some(paid) = &compared.paid {
        let over = if compared.is_over {
            ", which is more than before"
        } else {
            ""
        };
        detail = format!("{detail}; last paid {}{over}", paid.price);
    }
    Row {
        title: stored.description.clone(),
        detail,
        url: None,
        buttons: Vec::new(),
    }
}
