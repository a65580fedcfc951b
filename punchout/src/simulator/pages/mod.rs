//! The simulator's pages. None needs a script.

pub mod office;
pub mod shop;

use askama::Template;
use poem::Response;
use poem::http::{StatusCode, header};

use super::catalogue::SUPPLIER;
use super::vendor::Vendor;

const STYLE: &str = include_str!("../../../templates/simulator/style.css");
/// Forms may go anywhere, because carts do; nothing else is loaded from elsewhere.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'";

#[derive(Debug, Template)]
#[template(path = "simulator/index.html")]
struct Index {
    title: &'static str,
    base: String,
}

#[derive(Debug, Template)]
#[template(path = "simulator/message.html")]
struct Message<'a> {
    title: &'static str,
    text: &'a str,
}

/// The first page: what this is.
pub fn index(vendor: &Vendor) -> Response {
    let index = Index {
        title: SUPPLIER,
        base: vendor.base.clone(),
    };
    page(StatusCode::OK, &index)
}

/// The one style sheet.
pub fn style() -> Response {
    Response::builder()
        .header(header::CONTENT_TYPE, "text/css; charset=utf-8")
        .body(STYLE)
}

/// A page that says one thing.
pub fn message(status: StatusCode, text: &str) -> Response {
    page(
        status,
        &Message {
            title: SUPPLIER,
            text,
        },
    )
}

/// Another page, by GET.
pub fn see_other(path: String) -> Response {
    Response::builder()
        .status(StatusCode::SEE_OTHER)
        .header(header::LOCATION, path)
        .finish()
}

fn page(status: StatusCode, template: &impl Template) -> Response {
    let html = template.render().expect("a template writes to memory");
    Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, "text/html; charset=utf-8")
        .header(header::CONTENT_SECURITY_POLICY, POLICY)
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(header::CACHE_CONTROL, "no-store")
        .body(html)
}

/// The first value of a field.
fn field<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = fields.iter().find(|(known, _)| known == name)?;
    Some(found.1.trim()).filter(|value| !value.is_empty())
}
