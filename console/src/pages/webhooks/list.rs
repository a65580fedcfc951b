//! Every endpoint of the organization, and how it fares.

use std::collections::HashMap;

use askama::Template;
use habeo_core::app;
use habeo_core::endpoint::delivery::log::{self, Health};
use habeo_core::endpoint::{self, Endpoint, Owner};
use habeo_core::id::AppId;
use poem::web::{Data, Query};
use poem::{IntoResponse as _, Response, Result, handler};

use super::words;
use crate::Console;
use crate::asked::Asked;
use crate::page::{Frame, Page};
use crate::pages::assets::list::Choice;
use crate::pages::connections::words::Mark;
use crate::pages::said::Said;
use crate::pages::{failed, instant};
use crate::visitor::SignedIn;

/// How many endpoints a page has. Each is looked at by itself.
const ROWS: usize = 25;

#[derive(Debug, Template)]
#[template(path = "webhooks.html")]
struct List {
    frame: Frame,
    said: Option<&'static str>,
    states: Vec<Choice>,
    apps: Vec<Choice>,
    rows: Vec<Row>,
    narrowed: bool,
    next: Option<String>,
}

/// An endpoint in the list.
#[derive(Debug)]
struct Row {
    id: String,
    url: String,
    description: String,
    state: Mark,
    why: Option<&'static str>,
    events: String,
    app: String,
    fares: Fares,
}

/// How it fares.
#[derive(Debug)]
pub(super) struct Fares {
    pub day: String,
    pub week: String,
    /// What was accepted in each of the last 24 hours, and what failed, as paths.
    pub accepted: String,
    pub failed: String,
    pub p95: String,
    pub delivered: String,
}

impl From<&Health> for Fares {
    fn from(health: &Health) -> Self {
        let (accepted, failed) = words::bars(&health.hours);
        Self {
            day: words::percent(health.day),
            week: words::percent(health.week),
            accepted,
            failed,
            p95: health
                .p95_millis
                .map_or_else(|| "not known".to_owned(), |millis| format!("{millis} ms")),
            delivered: instant(health.delivered_at),
        }
    }
}

/// The endpoints.
#[handler]
pub(crate) async fn list(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    asked: Asked,
    Query(said): Query<Said>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let access = visitor.access();
    let now = console.parts().ledger.clock().now();
    let db = console.parts().ledger.db();
    let mut tx = db.read(access).await.map_err(failed)?;
    let apps = app::store::list(&mut tx, access).await.map_err(failed)?;
    let names = apps.iter().map(|app| (app.id, app.name.clone()));
    let names: HashMap<AppId, String> = names.collect();
    let (state, of_app) = (asked.one("state"), asked.one("app"));
    let after: i64 = asked
        .one("after")
        .and_then(|seq| seq.parse().ok())
        .unwrap_or(-1);
    let mut all = endpoint::store::list(&mut tx, access)
        .await
        .map_err(failed)?;
    all.retain(|one| {
        let is = |owner: Owner| matches!(owner, Owner::App(app) if of_app == Some(app.to_string().as_str()));
        one.seq > after
            && state.is_none_or(|state| one.status.as_str() == state)
            && (of_app.is_none() || is(one.owner))
    });
    let more = all.len() > ROWS;
    all.truncate(ROWS);
    let ending = all.last().map(|one| one.seq);
    let mut rows = Vec::with_capacity(all.len());
    for one in &all {
        let health = log::health(&mut tx, access, one.id, now).await;
        rows.push(row(one, &health.map_err(failed)?, &names));
    }
    drop(tx);
    let kept = asked.only(&["state", "app"]);
    let next = ending.filter(|_| more);
    let next = next.map(|ending| {
        kept.clone()
            .with("after", ending.to_string())
            .at(super::LIST)
    });
    let choice = |value: String, label: String, given: Option<&str>| Choice {
        chosen: given == Some(value.as_str()),
        value,
        label,
    };
    let states = [
        ("active", "active"),
        ("paused", "paused"),
        ("disabled", "disabled"),
    ];
    let degrees = states.into_iter();
    let degrees = degrees.map(|(value, label)| choice(value.to_owned(), label.to_owned(), state));
    let apps = apps.iter();
    let apps = apps.map(|app| choice(app.id.to_string(), app.name.clone(), of_app));
    let list = List {
        frame: Frame::of(console, &visitor, "Webhooks"),
        said: said.sentence(),
        states: degrees.collect(),
        apps: apps.collect(),
        rows,
        narrowed: !kept.is_empty(),
        next,
    };
    Ok(Page::of(&list).into_response())
}

fn row(endpoint: &Endpoint, health: &Health, apps: &HashMap<AppId, String>) -> Row {
    Row {
        id: endpoint.id.to_string(),
        url: endpoint.url.clone(),
        description: endpoint.description.clone().unwrap_or_default(),
        state: words::state(endpoint, health.failures_in_row),
        why: words::why(endpoint),
        events: endpoint.settings.events.join(", "),
        app: owner(endpoint.owner, apps),
        fares: Fares::from(health),
    }
}

/// Whose an endpoint is.
pub(super) fn owner(owner: Owner, apps: &HashMap<AppId, String>) -> String {
    match owner {
        Owner::App(app) => apps
            .get(&app)
            .cloned()
            .unwrap_or_else(|| "a removed program".to_owned()),
        Owner::Install(_) => "an installed app".to_owned(),
    }
}
