//! A requisition: what the supplier sent beside what is kept and what will be ordered, who has to approve it, and what may be done with it now.

use askama::Template;
use habeo_core::access::Action;
use habeo_core::requisition::store::{self, Compared};
use habeo_core::requisition::{Decided, Decision, Requisition, State};
use habeo_core::store::Tx;
use habeo_core::supplier::{self, Operation, Supplier};
use habeo_core::unit::scope;
use habeo_core::{location, requisition};
use poem::web::{Data, Path, Query};
use poem::{IntoResponse as _, Response, Result, handler};

use super::names::Names;
use super::paged::{At, Paged};
use super::places::places;
use super::{find, words};
use crate::Console;
use crate::page::{Frame, Page};
use crate::pages::assets::list::Choice;
use crate::pages::connections::words::Mark;
use crate::pages::said::Said;
use crate::pages::{failed, instant};
use crate::visitor::SignedIn;

#[derive(Debug, Template)]
#[template(path = "requisition.html")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says whether something may be done now"
)]
struct Show {
    frame: Frame,
    said: Option<&'static str>,
    path: String,
    number: i64,
    state: Mark,
    digest: String,
    facts: Vec<(&'static str, String)>,
    reason: Option<String>,
    visit: String,
    lines: Vec<Line>,
    paged: Paged,
    /// Where it may be sent to.
    destinations: Vec<Choice>,
    total: String,
    decisions: Vec<String>,
    units: Vec<Choice>,
    cost_centre: String,
    /// Whether the visitor may change it.
    changes: bool,
    /// Whether it can be handed in now.
    submits: bool,
    withdraws: bool,
    reopens: bool,
    /// Whether it waits for the visitor.
    decides: bool,
    edits: bool,
    inspects: bool,
    quote_pending: bool,
    /// Whether it can be ordered now.
    places: bool,
    /// The order that was made of it.
    order: Option<String>,
    form_token: String,
}

/// A line.
#[derive(Debug)]
struct Line {
    id: String,
    position: i64,
    description: String,
    sent: Vec<(&'static str, String)>,
    kept: Vec<(&'static str, String)>,
    ordered: Vec<(&'static str, String)>,
    amount: String,
    paid: Option<String>,
    is_over: bool,
    warnings: Vec<String>,
    url: Option<String>,
}

/// The page.
#[handler]
pub(crate) async fn show(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Query(at): Query<At>,
    Query(said): Query<Said>,
) -> Result<Response> {
    let access = visitor.access();
    let db = console.parts().ledger.db();
    let mut tx = db.read(access).await.map_err(failed)?;
    let found = find(console, &visitor, &mut tx, &id).await?;
    let now = console.parts().ledger.clock().now();
    let seller = supplier::store::known(&mut tx, access, found.supplier).await;
    let seller = seller.map_err(failed)?.ok_or_else(crate::pages::absent)?;
    let lines = store::compared(&mut tx, access, &found, &seller.settings).await;
    let lines = lines.map_err(failed)?;
    let paged = Paged::of(lines.len(), &at, &super::path(found.id));
    let decisions = store::decisions(&mut tx, access, found.id).await;
    let decisions = decisions.map_err(failed)?;
    let names = names(&mut tx, &visitor, &found, &decisions).await?;
    let decides = store::waits_for(&mut tx, access, &found, now).await;
    let registers = registers(&mut tx, &visitor, &found).await?;
    let orders = registers || visitor.person() == found.requester;
    let reason = store::reason(&mut tx, access, &found)
        .await
        .map_err(failed)?;
    let mut units = super::list::units(&mut tx, &visitor).await?;
    let own = found.unit.to_string();
    for unit in &mut units {
        unit.chosen = unit.value == own;
    }
    let goes = |operation: Operation| {
        found.allowed.implies(operation) && seller.settings.operations.contains(&operation)
    };
    let draft = found.state == State::Draft;
    let page = Show {
        frame: Frame::of(console, &visitor, "Requisition"),
        said: said.sentence(),
        path: super::path(found.id),
        number: found.number,
        state: words::state(found.state),
        digest: found.digest.clone(),
        facts: facts(&mut tx, &visitor, (&found, &seller), &names).await?,
        reason,
        visit: format!("{}/carts/{}", super::LIST, found.session),
        lines: paged.part(lines.iter()).map(line).collect(),
        paged,
        destinations: places(&mut tx, &visitor, found.location).await?,
        total: words::money(found.total, &found.currency),
        decisions: said_of(&decisions, &found, &names),
        units,
        cost_centre: found.cost_centre.clone().unwrap_or_default(),
        changes: orders && draft,
        submits: orders && draft && found.lines > 0 && !found.quote_pending,
        withdraws: orders
            && matches!(
                found.state,
                State::Draft | State::Submitted | State::Approved | State::Rejected
            ),
        reopens: orders && matches!(found.state, State::Rejected | State::Withdrawn),
        decides: decides.map_err(failed)?,
        edits: orders && draft && goes(Operation::Edit),
        inspects: goes(Operation::Inspect),
        quote_pending: found.quote_pending,
        places: registers && found.state == State::Approved && !found.quote_pending,
        order: found.order.map(super::order::path),
        form_token: visitor.who().form_token,
    };
    Ok(Page::of(&page).into_response())
}

/// Whether the visitor orders for its unit.
async fn registers(tx: &mut Tx, visitor: &SignedIn, found: &Requisition) -> Result<bool> {
    let scope = scope::resolve(tx, visitor.access(), Action::Register).await;
    Ok(scope.map_err(failed)?.contains(found.unit))
}

async fn names(
    tx: &mut Tx,
    visitor: &SignedIn,
    found: &Requisition,
    decisions: &[Decided],
) -> Result<Names> {
    let mut people = vec![found.requester];
    for one in decisions {
        people.push(one.person);
        people.extend(one.on_behalf_of);
    }
    let access = visitor.access();
    let names = Names::of(tx, access, &people, &[found.unit], &[found.supplier]).await;
    names.map_err(failed)
}

async fn facts(
    tx: &mut Tx,
    visitor: &SignedIn,
    (found, seller): (&Requisition, &Supplier),
    names: &Names,
) -> Result<Vec<(&'static str, String)>> {
    let mut facts = vec![
        ("Supplier", seller.name.clone()),
        ("Wanted by", names.person(found.requester)),
        ("For", names.unit(found.unit)),
    ];
    facts.extend(found.cost_centre.clone().map(|it| ("Cost centre", it)));
    if let Some(place) = found.location {
        let place = location::store::by_id(tx, visitor.access(), place).await;
        let name = place.map_err(failed)?.map(|place| place.name);
        facts.extend(name.map(|name| ("To be sent to", name)));
    }
    facts.extend(
        found
            .supplier_order
            .clone()
            .map(|it| ("The supplier’s quote", it)),
    );
    if found.approvals_needed > 0 {
        let people = words::many(found.approvals_needed, "person", "different people");
        facts.push(("Approved by", format!("{people} other than who wants it")));
    }
    facts.push(("Began", instant(Some(found.created_at))));
    facts.extend(
        found
            .submitted_at
            .map(|at| ("Handed in", instant(Some(at)))),
    );
    facts.extend(found.decided_at.map(|at| ("Decided", instant(Some(at)))));
    Ok(facts)
}

/// What was said, in its order; of an earlier round it says so.
fn said_of(decisions: &[Decided], found: &Requisition, names: &Names) -> Vec<String> {
    let mut said = Vec::new();
    for one in decisions {
        let what = match one.decision {
            Decision::Approved => "approved it",
            Decision::Rejected => "rejected it",
        };
        let whose = one.on_behalf_of.map(|whose| names.person(whose));
        let whose = whose.map(|name| format!(" in the place of {name}"));
        let before = if one.round == found.round {
            ""
        } else {
            ", before it was changed"
        };
        let who = names.person(one.person);
        let whose = whose.unwrap_or_default();
        said.push(format!(
            "{who}{whose} {what}{before}, {}",
            instant(Some(one.at))
        ));
    }
    said
}

fn line(compared: &Compared) -> Line {
    let requisition::Line {
        sent,
        stored,
        warnings,
        ..
    } = &compared.line;
    let ordered = compared.line.ordered();
    let price = |price| words::money(price, &stored.currency);
    let mut from = vec![
        ("Quantity", sent.quantity.clone()),
        ("Unit", sent.unit.clone()),
        ("Part", sent.part.clone()),
        (
            "Price",
            format!("{} {}", sent.price.amount, sent.price.currency),
        ),
    ];
    from.extend(sent.aux.clone().map(|aux| ("Rest of the part", aux)));
    let maker = [&sent.manufacturer, &sent.manufacturer_part];
    let maker: Vec<&str> = maker.into_iter().flatten().map(String::as_str).collect();
    if !maker.is_empty() {
        from.push(("Maker", maker.join(" ")));
    }
    from.extend(sent.lead_time.clone().map(|days| ("Lead time", days)));
    let pieces = stored.pieces.map(|pieces| pieces.plain().to_string());
    let mut kept = vec![
        ("Quantity", stored.quantity.plain().to_string()),
        (
            "One unit is",
            pieces.map_or_else(|| "not known".to_owned(), |it| format!("{it} pieces")),
        ),
        ("Price", price(stored.price)),
    ];
    kept.extend(stored.unspsc.clone().map(|code| ("UNSPSC", code)));
    let things = ordered
        .assets
        .map(|assets| words::many(assets.into(), "asset", "assets"));
    let will = vec![
        (
            "Order",
            format!("{} {}", ordered.quantity.plain(), ordered.unit),
        ),
        ("At", price(ordered.price)),
        (
            "Makes",
            things.unwrap_or_else(|| "no assets until somebody says how many".to_owned()),
        ),
    ];
    Line {
        id: compared.line.id.to_string(),
        position: compared.line.position,
        description: stored.description.clone(),
        sent: from,
        kept,
        ordered: will,
        amount: price(stored.amount),
        paid: compared.paid.as_ref().map(|paid| {
            let (last, at) = (price(paid.price), instant(Some(paid.at)));
            format!("{last} was last paid, {at}")
        }),
        is_over: compared.is_over,
        warnings: warnings
            .iter()
            .map(|warning| format!("{} ({})", warning.detail, warning.code))
            .collect(),
        url: stored.url.clone(),
    }
}
