//! What the simulator answers over HTTP: documents at one address, pages for visitors and for its own staff at the others.

use std::sync::Arc;

use poem::http::{Method, StatusCode, header};
use poem::{Request, Response};

use super::pages::{self, office, shop};
use super::quirk::Quirk;
use super::receive;
use super::vendor::Vendor;

/// A document is taken so large and no larger, because the last hundred are kept.
const DOCUMENT_BYTES_MAX: usize = 1024 * 1024;
/// So is a form of one of its own pages.
const FORM_BYTES_MAX: usize = 64 * 1024;

/// Answers one request.
pub(super) async fn answer(vendor: Arc<Vendor>, request: Request) -> Response {
    let path = request.uri().path().trim_matches('/').to_owned();
    let segments: Vec<&str> = path.split('/').collect();
    let method = request.method().clone();
    match (&method, segments.as_slice()) {
        (&Method::GET, [""]) => pages::index(&vendor),
        (&Method::GET, ["style.css"]) => pages::style(),
        (&Method::POST, ["cxml"]) => document(&vendor, request).await,
        (&Method::GET | &Method::POST, ["oci"]) => match call_up(request).await {
            Ok(fields) => shop::call_up(&vendor, fields),
            Err(refused) => refused.page(),
        },
        (&Method::GET, ["shop", session]) => shop::show(&vendor, session),
        (&Method::POST, ["shop", session, "add"]) => match own_form(&vendor, request).await {
            Ok(fields) => shop::add(&vendor, session, &fields),
            Err(refused) => refused.page(),
        },
        (&Method::POST, ["shop", session, "line", index]) => match own_form(&vendor, request).await
        {
            Ok(fields) => shop::change(&vendor, session, index, &fields),
            Err(refused) => refused.page(),
        },
        (&Method::GET, ["office"]) => match own_host(&vendor, &request) {
            Ok(()) => office::show(&vendor),
            Err(refused) => refused.page(),
        },
        (&Method::POST, ["office", act]) => match own_form(&vendor, request).await {
            Ok(fields) => office::act(&vendor, act, &fields).await,
            Err(refused) => refused.page(),
        },
        _ => pages::message(StatusCode::NOT_FOUND, "There is no such page."),
    }
}

/// A document from the buyer's server, with what goes wrong before it is looked at.
async fn document(vendor: &Vendor, mut request: Request) -> Response {
    let delay = vendor.state().delay;
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    if vendor.has(Quirk::ServerError) {
        return pages::message(
            StatusCode::INTERNAL_SERVER_ERROR,
            "The application server is being restarted.",
        );
    }
    if vendor.has(Quirk::WebPage) {
        return pages::message(StatusCode::OK, "Welcome to our shop. Please sign in.");
    }
    if vendor.has(Quirk::EmptyAnswer) {
        return Response::builder().status(StatusCode::OK).finish();
    }
    if vendor.has(Quirk::Redirect) {
        return Response::builder()
            .status(StatusCode::TEMPORARY_REDIRECT)
            .header(header::LOCATION, format!("{}/moved", vendor.base))
            .finish();
    }
    let content_type = request.header(header::CONTENT_TYPE).map(ToOwned::to_owned);
    let text = match request
        .take_body()
        .into_bytes_limit(DOCUMENT_BYTES_MAX)
        .await
    {
        Ok(bytes) => receive::answer(vendor, content_type.as_deref(), &bytes),
        Err(_) => receive::too_large(vendor),
    };
    // Also a refusal is an answer of the protocol, and travels under HTTP 200.
    Response::builder()
        .header(header::CONTENT_TYPE, "text/xml; charset=UTF-8")
        .body(text)
}

/// Why a form is not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refused {
    TooLarge,
    OtherSite,
    OtherName,
}

impl Refused {
    fn page(self) -> Response {
        let (status, text) = match self {
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "That is more than a form can hold.",
            ),
            Self::OtherSite => (StatusCode::FORBIDDEN, "This form came from another site."),
            Self::OtherName => (
                StatusCode::FORBIDDEN,
                "The simulator is not known under this name.",
            ),
        };
        pages::message(status, text)
    }
}

/// The fields of a call-up, which come from any page, in the address or in the body.
async fn call_up(mut request: Request) -> Result<Vec<(String, String)>, Refused> {
    let query = request.uri().query().unwrap_or_default().to_owned();
    let mut fields = pairs(query.as_bytes());
    let body = request.take_body().into_bytes_limit(FORM_BYTES_MAX).await;
    fields.extend(pairs(&body.map_err(|_| Refused::TooLarge)?));
    Ok(fields)
}

/// The fields of a form that one of our own pages posted. Other pages must not order anything on behalf of whoever runs this.
async fn own_form(vendor: &Vendor, mut request: Request) -> Result<Vec<(String, String)>, Refused> {
    own_host(vendor, &request)?;
    if let Some(origin) = request.header(header::ORIGIN) {
        let authority = origin.split_once("://").map(|(_, authority)| authority);
        if !authority.is_some_and(|authority| is_own(vendor, authority)) {
            return Err(Refused::OtherSite);
        }
    }
    let body = request.take_body().into_bytes_limit(FORM_BYTES_MAX).await;
    Ok(pairs(&body.map_err(|_| Refused::TooLarge)?))
}

/// A name that somebody else made to point here is not ours.
fn own_host(vendor: &Vendor, request: &Request) -> Result<(), Refused> {
    let host = request.header(header::HOST).unwrap_or_default();
    if is_own(vendor, host) {
        Ok(())
    } else {
        Err(Refused::OtherName)
    }
}

fn is_own(vendor: &Vendor, authority: &str) -> bool {
    vendor
        .hosts
        .iter()
        .any(|host| host.eq_ignore_ascii_case(authority))
}

fn pairs(bytes: &[u8]) -> Vec<(String, String)> {
    let pairs = url::form_urlencoded::parse(bytes);
    pairs
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}
