//! One endpoint: how it fares, what it is told of, and what was sent to it.

use std::collections::HashMap;

use askama::Template;
use habeo_core::app;
use habeo_core::endpoint::delivery::log::{self, Delivery, Filter};
use habeo_core::endpoint::{Endpoint, Status};
use habeo_core::id::DeliveryId;
use poem::http::StatusCode;
use poem::web::{Data, Path, Query};
use poem::{IntoResponse as _, Response, Result, handler};

use super::list::{Fares, owner};
use super::{find, words};
use crate::Console;
use crate::asked::Asked;
use crate::page::{Frame, Page};
use crate::pages::assets::list::Choice;
use crate::pages::connections::words::{Mark, left, second};
use crate::pages::said::Said;
use crate::pages::{absent, failed, instant};
use crate::visitor::SignedIn;

/// How many deliveries a page has.
const ROWS: usize = 25;

#[derive(Debug, Template)]
#[template(path = "webhook.html")]
struct Show {
    frame: Frame,
    said: Option<&'static str>,
    id: String,
    url: String,
    state: Mark,
    why: Option<&'static str>,
    facts: Vec<(&'static str, String)>,
    fares: Fares,
    /// How long the secret before the present one signs as well, and until when.
    before: Option<(String, String)>,
    paused: bool,
    removed: bool,
    statuses: Vec<Choice>,
    event: String,
    event_fault: bool,
    rows: Vec<Row>,
    next: Option<String>,
    form_token: String,
}

/// A delivery in the list.
#[derive(Debug)]
struct Row {
    id: String,
    name: String,
    event: String,
    state: Mark,
    answer: String,
    attempts: i64,
    at: String,
    next: Option<String>,
}

/// The endpoint with a page of its deliveries.
#[handler]
pub(crate) async fn show(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    asked: Asked,
    Query(said): Query<Said>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let endpoint = find(console, &visitor, &id).await?;
    let access = visitor.access();
    let now = console.parts().ledger.clock().now();
    let before = asked.one("before").map(str::parse).transpose();
    let before: Option<DeliveryId> = before.map_err(|_| absent())?;
    let status = asked.one("status").and_then(|status| status.parse().ok());
    let event = asked.one("event").map(str::parse).transpose();
    let filter = Filter {
        status,
        event: event.unwrap_or_default(),
        before,
    };
    let engine = &console.parts().bot.common().parts().engine;
    let names = engine.names(access).await.map_err(failed)?;
    let db = console.parts().ledger.db();
    let mut tx = db.read(access).await.map_err(failed)?;
    let apps = app::store::list(&mut tx, access).await.map_err(failed)?;
    let apps: HashMap<_, _> = apps.into_iter().map(|app| (app.id, app.name)).collect();
    let health = log::health(&mut tx, access, endpoint.id, now).await;
    let health = health.map_err(failed)?;
    let limit = i64::try_from(ROWS + 1).unwrap_or(i64::MAX);
    let mut found = if event.is_ok() {
        let page = log::page(&mut tx, access, endpoint.id, &filter, limit).await;
        page.map_err(failed)?
    } else {
        Vec::new()
    };
    drop(tx);
    let more = found.len() > ROWS;
    found.truncate(ROWS);
    let kept = asked.only(&["status", "event"]);
    let last = found.last().filter(|_| more).map(|one| one.id.to_string());
    let here = super::path(endpoint.id);
    let next = last.map(|last| kept.with("before", last).at(&here));
    let units = endpoint.settings.units.iter();
    let units = units.map(|unit| names.name(unit.uuid()).unwrap_or("a unit").to_owned());
    let units: Vec<String> = units.collect();
    let show = Show {
        frame: Frame::of(console, &visitor, "Endpoint"),
        said: said.sentence(),
        id: endpoint.id.to_string(),
        url: endpoint.url.clone(),
        state: words::state(&endpoint, health.failures_in_row),
        why: words::why(&endpoint),
        facts: facts(&endpoint, &owner(endpoint.owner, &apps), &units, &health),
        fares: Fares::from(&health),
        before: endpoint
            .previous_until
            .filter(|until| *until > now)
            .map(|until| (left(now, until), second(until))),
        paused: matches!(endpoint.status, Status::Paused | Status::Disabled),
        removed: endpoint.status == Status::Removed,
        statuses: statuses(asked.one("status")),
        event: asked.one("event").unwrap_or_default().to_owned(),
        event_fault: event.is_err(),
        rows: found.iter().map(row).collect(),
        next,
        form_token: visitor.who().form_token,
    };
    let status = if show.event_fault {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    };
    Ok(Page::of(&show).status(status).into_response())
}

fn statuses(given: Option<&str>) -> Vec<Choice> {
    let all = [
        ("delivered", "delivered"),
        ("waiting", "waiting"),
        ("exhausted", "given up"),
    ];
    let choice = |(value, label): (&str, &str)| Choice {
        chosen: given == Some(value),
        value: value.to_owned(),
        label: label.to_owned(),
    };
    all.into_iter().map(choice).collect()
}

fn row(delivery: &Delivery) -> Row {
    Row {
        id: delivery.id.to_string(),
        name: delivery.name.clone(),
        event: delivery.event_id.to_string(),
        state: words::progress(delivery),
        answer: answer(delivery),
        attempts: delivery.attempts,
        at: second(delivery.enqueued_at),
        next: delivery.next_at.map(second),
    }
}

/// What the receiver said last.
pub(super) fn answer(delivery: &Delivery) -> String {
    match (delivery.answer, delivery.millis) {
        (Some(status), Some(millis)) => format!("{status} in {millis} ms"),
        (Some(status), None) => status.to_string(),
        (None, _) if delivery.attempts > 0 => "no answer".to_owned(),
        (None, _) => String::new(),
    }
}

fn facts(
    endpoint: &Endpoint,
    owner: &str,
    units: &[String],
    health: &log::Health,
) -> Vec<(&'static str, String)> {
    let settings = &endpoint.settings;
    let mut facts = Vec::new();
    if let Some(description) = &endpoint.description {
        facts.push(("Description", description.clone()));
    }
    facts.push(("Program", owner.to_owned()));
    facts.push(("Told of", settings.events.join(", ")));
    let units = if units.is_empty() {
        "everything".to_owned()
    } else {
        format!("{} and what is below", units.join(", "))
    };
    facts.push(("Of which units", units));
    if let Some(filter) = &settings.filter {
        let only = format!("{} is {}", filter.pointer, filter.equals);
        facts.push(("Only where", only));
    }
    let order = if settings.ordered {
        "events of one object one after another"
    } else {
        "as they come"
    };
    facts.push(("Order", order.to_owned()));
    let says = if settings.thin {
        "which object only"
    } else {
        "what happened"
    };
    facts.push(("Says", says.to_owned()));
    if let Some(rate) = settings.per_second {
        facts.push(("Requests a second, at most", rate.to_string()));
    }
    if let Some(at_once) = settings.at_once {
        facts.push(("Requests at once, at most", at_once.to_string()));
    }
    facts.push(("Made", instant(Some(endpoint.created_at))));
    facts.push(("Last attempt", instant(health.attempted_at)));
    if let Some(next) = health.next_at {
        facts.push(("Next attempt", second(next)));
    }
    if let Some(oldest) = health.oldest_waiting_at {
        facts.push(("Oldest that waits", second(oldest)));
    }
    if health.failures_in_row > 0 {
        let row = format!("{} one after another", health.failures_in_row);
        facts.push(("Failed", row));
    }
    facts
}
