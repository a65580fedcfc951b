//! The way back: `POST /api/punchout/return`, and the same with a visit's key in its path.
//!
//! A browser gets a redirect to the console's page of the visit, or a page; a program gets a document of cXML. No session is looked at, set or
//! changed here.

use std::sync::Arc;

use askama::Template;
use habeo_surface::edge::RequestState;
use poem::http::{HeaderMap, HeaderValue, StatusCode, header};
use poem::{Endpoint, Request, Response};
use url::form_urlencoded;

use super::turned::{Turned, Why};
use super::words::words;
use super::{Came, Posted, is_bare, take};
use crate::code::Code;
use crate::cxml::write::{AnswerId, response};
use crate::desk::{CART_PATH, Punchout, SHOPS_PATH, cart_path, instant};
use crate::exchange::CONTENT_TYPE;
use crate::finding::Finding;
use crate::page;

/// The parameter of the path, and the name of the query's, that may hold a visit's key.
pub(crate) const KEY: &str = super::opened::KEY_FIELD;
/// The longest key that is looked at.
const KEY_BYTES_MAX: usize = 256;

/// The door.
pub(crate) struct Door(pub Punchout);

#[derive(Debug, Template)]
#[template(path = "returned.html")]
struct Page<'a> {
    stylesheet: &'a str,
    heading: &'a str,
    text: &'a str,
    findings: Vec<String>,
    supplier: Option<&'a str>,
    link: Option<(&'a str, String)>,
    again: &'a str,
    code: &'a str,
}

impl Endpoint for Door {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        // One byte more than is taken: what is too large is then told by the reader, in words.
        let bytes_max = self.0.parts().limits.body_bytes + 1;
        let body = request.take_body().into_bytes_limit(bytes_max).await;
        let navigates = is(request.headers(), "sec-fetch-mode", "navigate");
        let Ok(body) = body else {
            let turned = Turned::new(Why::Unread(vec![too_large(bytes_max - 1)]));
            return Ok(self.refused(&turned, !navigates && !is_form(request.headers())));
        };
        let program = is_bare(&body) && !navigates;
        let posted = Posted {
            body,
            content_type: text(request.headers(), header::CONTENT_TYPE.as_str()),
            key: key(&request),
            client: client(&request),
        };
        Ok(match take(&self.0, posted).await {
            Ok(came) => self.taken(came, program),
            Err(turned) => self.refused(&turned, program),
        })
    }
}

impl Door {
    fn taken(&self, came: Came, program: bool) -> Response {
        if program {
            return self.document(200, "OK", &[]);
        }
        let location = HeaderValue::try_from(cart_path(came.session));
        Response::builder()
            .status(StatusCode::SEE_OTHER)
            .header(
                header::LOCATION,
                location.unwrap_or(HeaderValue::from_static(CART_PATH)),
            )
            .header(header::REFERRER_POLICY, "no-referrer")
            .header(header::CACHE_CONTROL, "no-store")
            .finish()
    }

    fn refused(&self, turned: &Turned, program: bool) -> Response {
        let code = turned.code();
        tracing::info!(
            code,
            session.id = turned.session.map(|id| id.to_string()),
            "a return from a shop was not taken"
        );
        if program {
            let (status, text) = turned.cxml();
            return match &turned.why {
                Why::Unread(findings) => self.document(status, text, findings),
                _ => self.document(status, &format!("{text}: {}", told(turned, code)), &[]),
            };
        }
        let mut response = self.page(turned, code);
        if let Why::TooMany { seconds } = turned.why {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }

    fn page(&self, turned: &Turned, code: &str) -> Response {
        let (heading, text) = words(turned);
        let recoverable = matches!(&turned.why, Why::Late(late) if late.is_recoverable());
        let mine = turned
            .session
            .filter(|_| recoverable || matches!(turned.why, Why::Late(_)));
        let link = mine.map(|session| ("Look at this visit", cart_path(session)));
        let page = Page {
            stylesheet: &self.0.parts().stylesheet,
            heading,
            text: &text,
            findings: turned.findings(),
            supplier: turned.supplier.as_deref(),
            link,
            again: SHOPS_PATH,
            code,
        };
        page::html(turned.http(), page.render(), page::POLICY)
    }

    /// What a program gets: always HTTP 200, or it would come again for hours.
    fn document(&self, status: u16, text: &str, findings: &[Finding]) -> Response {
        let id = AnswerId {
            payload_id: self.0.payload_id(),
            timestamp: instant(self.0.now()),
        };
        Response::builder()
            .content_type(CONTENT_TYPE)
            .header(header::CACHE_CONTROL, "no-store")
            .body(response(&id, status, text, findings))
    }
}

/// The code, and what is wrong with lines where something is.
fn told(turned: &Turned, code: &str) -> String {
    let findings = turned.findings();
    if findings.is_empty() {
        code.to_owned()
    } else {
        findings.join("; ")
    }
}

fn too_large(bytes_max: usize) -> Finding {
    let says = format!("the body is larger than {bytes_max} bytes");
    Finding::nowhere(Code::BodyTooLarge, says)
}

/// The visit's key: in the path, or in the query.
fn key(request: &Request) -> Option<String> {
    let in_path = request.raw_path_param(KEY).map(str::to_owned);
    let query = request.uri().query().unwrap_or_default();
    let in_query = || {
        form_urlencoded::parse(query.as_bytes())
            .find(|(name, _)| name == KEY)
            .map(|(_, value)| value.into_owned())
    };
    let key = in_path.or_else(in_query);
    key.filter(|key| (1..=KEY_BYTES_MAX).contains(&key.len()))
}

/// By what an address is counted.
pub(crate) fn client(request: &Request) -> String {
    let state = request.data::<Arc<RequestState>>();
    state
        .map(|state| state.client_key().to_owned())
        .unwrap_or_default()
}

/// The one value of a header, as text.
pub(crate) fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    Some(value.to_owned())
}

fn is(headers: &HeaderMap, name: &str, value: &str) -> bool {
    text(headers, name).is_some_and(|said| said.eq_ignore_ascii_case(value))
}

fn is_form(headers: &HeaderMap) -> bool {
    text(headers, header::CONTENT_TYPE.as_str()).is_some_and(|said| said.contains("form"))
}
