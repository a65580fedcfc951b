//! One delivery: what was sent, to the byte, what was answered, and sending it again.

use askama::Template;
use habeo_core::endpoint::command::Redeliver;
use habeo_core::endpoint::delivery::log::{self, Attempt, Delivery};
use habeo_core::endpoint::sign;
use habeo_core::endpoint::{Endpoint, Status};
use habeo_core::id::DeliveryId;
use poem::http::header;
use poem::web::{Data, Path, Query};
use poem::{IntoResponse as _, Response, Result, handler};

use super::show::answer;
use super::{ask, find, path, refused, words};
use crate::Console;
use crate::page::{Frame, Page, see_other};
use crate::pages::connections::words::{Mark, second};
use crate::pages::said::Said;
use crate::pages::{Nothing, absent, failed};
use crate::visitor::{SignedIn, Submitted};

#[derive(Debug, Template)]
#[template(path = "webhook_delivery.html")]
struct Show {
    frame: Frame,
    said: Option<&'static str>,
    script: String,
    endpoint: String,
    url: String,
    id: String,
    name: String,
    state: Mark,
    facts: Vec<(&'static str, String)>,
    body: Option<Body>,
    attempts: Vec<Tried>,
    again: bool,
    form_token: String,
}

/// What was sent.
#[derive(Debug)]
struct Body {
    pretty: String,
    raw: String,
    bytes: usize,
    /// A line for a terminal.
    curl: String,
    is_signed: bool,
}

/// An attempt of which something was kept.
#[derive(Debug)]
struct Tried {
    number: i64,
    at: String,
    answer: String,
    why: String,
    excerpt: String,
}

impl From<&Attempt> for Tried {
    fn from(attempt: &Attempt) -> Self {
        let status = attempt.answer;
        let status = status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
        Self {
            number: attempt.attempt,
            at: second(attempt.at),
            answer: format!("{status} after {} ms", attempt.millis),
            why: attempt.why.clone(),
            excerpt: attempt.excerpt.clone(),
        }
    }
}

/// The delivery.
#[handler]
pub(crate) async fn show(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path((endpoint, delivery)): Path<(String, String)>,
    Query(said): Query<Said>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let (endpoint, delivery) = of(console, &visitor, &endpoint, &delivery).await?;
    let access = visitor.access();
    let db = console.parts().ledger.db();
    let mut tx = db.read(access).await.map_err(failed)?;
    let key = (endpoint.id, delivery.id);
    let attempts = log::attempts(&mut tx, access, key).await.map_err(failed)?;
    let body = log::body(&mut tx, access, key).await.map_err(failed)?;
    let body = match body {
        Some(raw) => {
            let now = console.parts().ledger.clock().now();
            let said = (delivery.event_id, raw.as_bytes(), now);
            let key = &console.parts().master_key;
            let signed = sign::headers(&mut tx, access, endpoint.id, key, said).await;
            let signed = signed.map_err(failed)?;
            Some(Body {
                pretty: pretty(&raw),
                bytes: raw.len(),
                is_signed: signed.is_some(),
                curl: curl(&endpoint, &signed.unwrap_or_default(), &raw),
                raw,
            })
        }
        None => None,
    };
    drop(tx);
    let page = Show {
        frame: Frame::of(console, &visitor, "Delivery"),
        said: said.sentence(),
        script: console.assets().copy(),
        endpoint: endpoint.id.to_string(),
        url: endpoint.url.clone(),
        id: delivery.id.to_string(),
        name: delivery.name.clone(),
        state: words::progress(&delivery),
        facts: facts(&delivery),
        again: body.is_some() && endpoint.status != Status::Removed,
        body,
        attempts: attempts.iter().map(Tried::from).collect(),
        form_token: visitor.who().form_token,
    };
    Ok(Page::of(&page).into_response())
}

/// What was sent, as a file.
#[handler]
pub(crate) async fn download(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path((endpoint, delivery)): Path<(String, String)>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let (endpoint, delivery) = of(console, &visitor, &endpoint, &delivery).await?;
    let access = visitor.access();
    let db = console.parts().ledger.db();
    let mut tx = db.read(access).await.map_err(failed)?;
    let body = log::body(&mut tx, access, (endpoint.id, delivery.id)).await;
    let body = body.map_err(failed)?.ok_or_else(absent)?;
    Ok(Response::builder()
        .content_type("application/json")
        .header(
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{}.json\"", delivery.id),
        )
        .header(header::CACHE_CONTROL, "no-store")
        .body(body))
}

/// Sends it once more, under the same event id.
#[handler]
pub(crate) async fn again(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path((endpoint, delivery)): Path<(String, String)>,
    Submitted(_): Submitted<Nothing>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let (endpoint, delivery) = of(console, &visitor, &endpoint, &delivery).await?;
    let command = Redeliver {
        endpoint: endpoint.id,
        delivery: delivery.id,
    };
    let done = ask(console, &visitor, command).await?;
    done.map_err(|refusal| refused(console, &visitor, refusal))?;
    let here = path(endpoint.id);
    let here = format!("{here}/deliveries/{}?said=redelivered", delivery.id);
    Ok(see_other(&here))
}

/// A delivery of an endpoint of the visitor's organization.
async fn of(
    console: &Console,
    visitor: &SignedIn,
    endpoint: &str,
    delivery: &str,
) -> Result<(Endpoint, Delivery)> {
    let id: DeliveryId = delivery.parse().map_err(|_| absent())?;
    let endpoint = find(console, visitor, endpoint).await?;
    let access = visitor.access();
    let db = console.parts().ledger.db();
    let mut tx = db.read(access).await.map_err(failed)?;
    let found = log::by_id(&mut tx, access, (endpoint.id, id)).await;
    let delivery = found.map_err(failed)?.ok_or_else(absent)?;
    Ok((endpoint, delivery))
}

fn facts(delivery: &Delivery) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("Event", delivery.event_id.to_string()),
        (
            "About",
            format!("{} {}", delivery.object_kind, delivery.object_id),
        ),
        ("Announced", second(delivery.enqueued_at)),
        ("Attempts", delivery.attempts.to_string()),
    ];
    let answer = answer(delivery);
    if !answer.is_empty() {
        facts.push(("Last answer", answer));
    }
    if let Some(at) = delivery.settled_at {
        facts.push(("Done with", second(at)));
    }
    if let Some(at) = delivery.next_at {
        facts.push(("Next attempt", second(at)));
    }
    facts
}

/// JSON in lines.
fn pretty(raw: &str) -> String {
    let value: Option<serde_json::Value> = serde_json::from_str(raw).ok();
    value.map_or_else(|| raw.to_owned(), |value| format!("{value:#}"))
}

/// A line for a terminal that sends the same bytes with these headers.
fn curl(endpoint: &Endpoint, headers: &[(&'static str, String)], raw: &str) -> String {
    let mut line = "curl -X POST -H 'Content-Type: application/json'".to_owned();
    for (name, value) in headers {
        line.push_str(" -H ");
        line.push_str(&words::quoted(&format!("{name}: {value}")));
    }
    let (body, url) = (words::quoted(raw), words::quoted(&endpoint.url));
    format!("{line} --data-binary {body} {url}")
}
