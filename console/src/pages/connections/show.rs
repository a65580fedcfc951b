//! One connection: how it fares, what came in, its settings, its secret, and the end of it.

use askama::Template;
use habeo_core::access::Action;
use habeo_core::connection::{self, Connection, Refused, Status};
use habeo_core::id::ConnectionId;
use habeo_core::inbox::Delivery;
use habeo_core::time::Timestamp;
use habeo_core::unit::scope;
use habeo_core::{person, store};
use poem::web::{Data, Path, Query};
use poem::{IntoResponse as _, Response, Result, handler};

use super::form::{Entered, Faults, Form};
use super::words::{self, Mark};
use super::{find, parse};
use crate::page::{Frame, Page};
use crate::pages::said::Said;
use crate::pages::{failed, instant};
use crate::visitor::SignedIn;
use crate::{Console, webhook_url};

/// How many deliveries and refusals are shown.
const SHOWN: i64 = 100;

#[derive(Debug, Template)]
#[template(path = "connection.html")]
struct Show {
    frame: Frame,
    script: String,
    said: Option<&'static str>,
    connection: Connection,
    state: Mark,
    living: bool,
    paused: bool,
    product: &'static str,
    url: String,
    proof: String,
    created_at: String,
    created_by: Option<String>,
    last_letter: String,
    last_refusal: Option<(String, String)>,
    /// By what the secrets are told apart, the present one first.
    fingerprints: Vec<String>,
    rows: Vec<Row>,
    /// How long the secret before the present one is accepted, and until when.
    before: Option<(String, String)>,
    name: String,
    form: Form,
    form_token: String,
}

/// Something that came in, whether it was taken in or not.
#[derive(Debug)]
struct Row {
    at: Timestamp,
    when: String,
    what: String,
    /// Where more is told of it.
    link: Option<String>,
    mark: Mark,
    why: Option<String>,
    times: String,
}

/// What was entered and refused.
#[derive(Debug, Default)]
pub(super) struct Retry {
    pub name: Option<String>,
    pub entered: Option<Entered>,
    pub faults: Faults,
}

/// One connection.
#[handler]
pub(crate) async fn show(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Query(said): Query<Said>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    page(
        console,
        &visitor,
        parse(&id)?,
        said.sentence(),
        Retry::default(),
    )
    .await
}

/// What the page shows beside the connection itself.
struct Around {
    deliveries: Vec<Delivery>,
    refusals: Vec<Refused>,
    maker: Option<String>,
    fingerprints: Vec<String>,
}

pub(super) async fn page(
    console: &Console,
    visitor: &SignedIn,
    id: ConnectionId,
    said: Option<&'static str>,
    retry: Retry,
) -> Result<Response> {
    let connection = find(console, visitor, id).await?;
    let around = around(console, visitor, &connection)
        .await
        .map_err(failed)?;
    let now = console.parts().ledger.clock().now();
    let letter = around
        .deliveries
        .first()
        .map(|delivery| delivery.received_at);
    let refusal = around.refusals.iter().find(|one| words::is_refusal(one));
    let until = connection.previous_until.filter(|until| now < *until);
    let entered = retry.entered;
    let page = Show {
        frame: Frame::of(console, visitor, "Connection"),
        script: console.assets().copy(),
        said,
        state: words::state(&connection, letter, refusal.map(|refusal| refusal.at)),
        living: connection.status != Status::Removed,
        paused: connection.status == Status::Paused,
        product: connection.provider.title(),
        url: webhook_url(&console.parts().public_url, connection.provider, id),
        proof: words::proof(&connection.settings.proof),
        created_at: instant(Some(connection.created_at)),
        created_by: around.maker,
        last_letter: instant(letter),
        last_refusal: refusal.map(|refusal| (words::second(refusal.at), refusal.reason.clone())),
        fingerprints: around.fingerprints,
        rows: rows(&around.deliveries, &around.refusals),
        before: until.map(|until| (words::left(now, until), words::second(until))),
        name: retry.name.unwrap_or_else(|| connection.name.clone()),
        form: Form {
            entered: entered.unwrap_or_else(|| Entered::of(&connection.settings)),
            faults: retry.faults,
            provider: connection.provider,
        },
        form_token: visitor.who().form_token,
        connection,
    };
    Ok(Page::of(&page).into_response())
}

async fn around(
    console: &Console,
    visitor: &SignedIn,
    connection: &Connection,
) -> store::StoreResult<Around> {
    let (access, parts) = (visitor.access(), console.parts());
    let deliveries = parts.inbox.deliveries(access, connection.id, SHOWN).await?;
    let mut tx = parts.ledger.db().read(access).await?;
    let refusals = connection::store::refused(&mut tx, access, connection.id, SHOWN).await?;
    let scope = scope::resolve(&mut tx, access, Action::ReadPeople).await?;
    let maker: Vec<_> = connection.created_by.into_iter().collect();
    let mut names = person::store::names(&mut tx, access, &scope, &maker).await?;
    let id = connection.id;
    let fingerprints = connection::store::fingerprints(&mut tx, access, id, &parts.master_key);
    Ok(Around {
        fingerprints: fingerprints.await?,
        deliveries,
        refusals,
        maker: names.pop().map(|(_, name)| name),
    })
}

/// What was taken in and what was not, the latest first.
fn rows(deliveries: &[Delivery], refusals: &[Refused]) -> Vec<Row> {
    let taken = deliveries.iter().map(taken);
    let mut rows: Vec<Row> = taken.chain(refusals.iter().map(turned_away)).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.at));
    rows.truncate(usize::try_from(SHOWN).unwrap_or_default());
    rows
}

fn taken(delivery: &Delivery) -> Row {
    Row {
        at: delivery.received_at,
        when: words::second(delivery.received_at),
        what: delivery.kind.clone().unwrap_or_else(|| "Letter".to_owned()),
        link: Some(format!(
            "{}/deliveries/{}",
            super::path(delivery.connection),
            delivery.id
        )),
        mark: words::verdict(delivery),
        why: delivery.why.clone(),
        times: words::times(delivery.repeats + 1),
    }
}

fn turned_away(refused: &Refused) -> Row {
    Row {
        at: refused.at,
        when: words::second(refused.at),
        what: words::at_the_door(refused),
        link: None,
        mark: words::refused(refused.status),
        why: Some(refused.reason.clone()),
        times: words::times(refused.times),
    }
}
