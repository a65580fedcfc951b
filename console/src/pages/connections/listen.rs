//! Waiting for the next letter of a connection: a page that looks again by itself for a minute, and tells what came and what was made of it.

use askama::Template;
use habeo_core::connection::{self, Connection, Refused, Status};
use habeo_core::inbox::{Delivery, Progress};
use habeo_core::time::{MINUTE_MICROS, Timestamp};
use poem::web::{Data, Path, Query};
use poem::{IntoResponse as _, Response, Result, handler};
use serde::Deserialize;

use super::words::{self, Mark};
use super::{find, parse, path};
use crate::page::{Frame, Page, see_other};
use crate::pages::failed;
use crate::visitor::SignedIn;
use crate::{Console, webhook_url};

/// How long a letter is waited for, and again for what is made of it.
const PATIENCE_MICROS: i64 = MINUTE_MICROS;
/// How often the page looks again.
const LOOK_EVERY_SECONDS: u32 = 2;
/// Among how many of the last ones what came since is looked for.
const LOOKED_AT: i64 = 100;

#[derive(Debug, Template)]
#[template(path = "connection_listen.html")]
struct Listen {
    frame: Frame,
    connection: Connection,
    product: &'static str,
    url: String,
    proof: String,
    paused: bool,
    since: String,
    seconds_left: i64,
    look_every_seconds: u32,
    refresh: bool,
    came: Option<Came>,
}

/// What came.
#[derive(Debug)]
struct Came {
    when: String,
    what: String,
    mark: Mark,
    why: Option<String>,
    link: Option<String>,
    taken: bool,
}

/// Since when the page listens, and how often letters had come again by then.
#[derive(Debug, Deserialize)]
pub(crate) struct Listening {
    since: Option<i64>,
    #[serde(default)]
    repeats: i64,
}

/// The page that listens.
#[handler]
pub(crate) async fn show(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Query(from): Query<Listening>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let connection = find(console, &visitor, parse(&id)?).await?;
    let (access, parts) = (visitor.access(), console.parts());
    let now = parts.ledger.clock().now();
    let deliveries = parts
        .inbox
        .deliveries(access, connection.id, LOOKED_AT)
        .await;
    let deliveries = deliveries.map_err(failed)?;
    let repeats: i64 = deliveries.iter().map(|delivery| delivery.repeats).sum();
    // An address that was made elsewhere, or long ago, listens from now on.
    let since = from.since.map(Timestamp::from_micros);
    let Some(since) = since.filter(|since| (now.plus_days(-1)..=now).contains(since)) else {
        let since = now.micros();
        let onward = format!(
            "{}/listen?since={since}&repeats={repeats}",
            path(connection.id)
        );
        return Ok(see_other(&onward));
    };
    let mut tx = parts.ledger.db().read(access).await.map_err(failed)?;
    let refusals = connection::store::refused(&mut tx, access, connection.id, LOOKED_AT).await;
    let refusals = refusals.map_err(failed)?;
    drop(tx);
    let came = first(since, &deliveries, &refusals);
    let came = came.or_else(|| (repeats > from.repeats).then(|| (false, repeated(now))));
    let settled = came.as_ref().is_some_and(|came| !came.0);
    let until = since.plus_micros(PATIENCE_MICROS * if came.is_some() { 2 } else { 1 });
    let page = Listen {
        frame: Frame::of(console, &visitor, "Waiting for a letter"),
        product: connection.provider.title(),
        url: webhook_url(&parts.public_url, connection.provider, connection.id),
        proof: words::proof(&connection.settings.proof),
        paused: connection.status != Status::Active,
        since: words::second(since),
        seconds_left: (until.micros() - now.micros()).max(0) / 1_000_000,
        look_every_seconds: LOOK_EVERY_SECONDS,
        refresh: !settled && now < until && connection.status == Status::Active,
        came: came.map(|(_, came)| came),
        connection,
    };
    Ok(Page::of(&page).into_response())
}

/// The first that came since, and whether it is still to be worked off.
fn first(since: Timestamp, deliveries: &[Delivery], refusals: &[Refused]) -> Option<(bool, Came)> {
    let letter = deliveries
        .iter()
        .rev()
        .find(|delivery| since <= delivery.received_at);
    let refusal = refusals.iter().rev().find(|refusal| since <= refusal.at);
    match (letter, refusal) {
        (Some(letter), Some(refusal)) if refusal.at < letter.received_at => {
            Some((false, turned_away(refusal)))
        }
        (Some(letter), _) => Some((letter.progress == Progress::Waiting, taken(letter))),
        (None, Some(refusal)) => Some((false, turned_away(refusal))),
        (None, None) => None,
    }
}

fn taken(delivery: &Delivery) -> Came {
    Came {
        when: words::second(delivery.received_at),
        what: delivery.kind.clone().unwrap_or_else(|| "Letter".to_owned()),
        mark: words::verdict(delivery),
        why: delivery.why.clone(),
        link: Some(format!(
            "{}/deliveries/{}",
            path(delivery.connection),
            delivery.id
        )),
        taken: true,
    }
}

fn repeated(now: Timestamp) -> Came {
    Came {
        when: words::second(now),
        what: "A letter that had come before".to_owned(),
        mark: ("Known already", "good"),
        why: Some("it is the same as an earlier one, so nothing follows from it again".to_owned()),
        link: None,
        taken: true,
    }
}

fn turned_away(refused: &Refused) -> Came {
    Came {
        when: words::second(refused.at),
        what: words::at_the_door(refused),
        mark: words::refused(refused.status),
        why: Some(refused.reason.clone()),
        link: None,
        taken: false,
    }
}
