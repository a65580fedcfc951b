//! What a visitor sees: the catalogue, the cart, and the ways back.

use askama::Template;
use poem::Response;
use poem::http::StatusCode;

use super::super::cart::Leaving;
use super::super::catalogue::{self, CURRENCY, PRODUCTS, Product, SUPPLIER};
use super::super::form::{self, CartForm};
use super::super::oci::{self, CalledUp, NotOpened};
use super::super::session::{NotAdded, Origin, Session};
use super::super::settings::Operation;
use super::super::vendor::Vendor;
use super::{field, message, page, see_other};

#[derive(Debug, Template)]
#[template(path = "simulator/shop.html")]
struct Shop<'a> {
    title: &'static str,
    session: &'a Session,
    products: Vec<&'static Product>,
    lines: Vec<LineView>,
    total: String,
    leavings: Vec<LeavingView>,
}

#[derive(Debug)]
struct LineView {
    index: usize,
    name: &'static str,
    unit: &'static str,
    quantity: String,
    price: String,
}

/// A way back: a button and the form behind it.
#[derive(Debug)]
struct LeavingView {
    id: &'static str,
    button: &'static str,
    form: CartForm,
}

#[derive(Debug, Template)]
#[template(path = "simulator/answer.html")]
struct Answer {
    title: &'static str,
    form: CartForm,
}

/// The catalogue and the cart.
pub fn show(vendor: &Vendor, id: &str) -> Response {
    let Some(session) = vendor.session(id, |session| session.clone()) else {
        return unknown();
    };
    let shop = Shop {
        title: SUPPLIER,
        products: products(session.selected.as_deref()),
        lines: lines(&session),
        total: format!("{} {CURRENCY}", session.total().money()),
        leavings: leavings(vendor, &session),
        session: &session,
    };
    page(StatusCode::OK, &shop)
}

/// Puts something into the cart.
pub fn add(vendor: &Vendor, id: &str, fields: &[(String, String)]) -> Response {
    let product = field(fields, "part").and_then(catalogue::by_part);
    let quantity = field(fields, "quantity").unwrap_or("1").parse();
    let number = vendor.next();
    let added = match (product, quantity) {
        (Some(product), Ok(quantity)) => {
            vendor.session(id, |session| session.add(product, quantity, number))
        }
        (None, _) => Some(Err(NotAdded::Unknown)),
        (_, Err(_)) => Some(Err(NotAdded::Quantity)),
    };
    changed(id, added)
}

/// Wants another quantity of a line, or none of it.
pub fn change(vendor: &Vendor, id: &str, index: &str, fields: &[(String, String)]) -> Response {
    let Ok(index) = index.parse() else {
        return unknown();
    };
    let quantity = field(fields, "quantity").unwrap_or_default().parse();
    let outcome = vendor.session(id, |session| match quantity {
        _ if field(fields, "remove").is_some() => session.remove(index),
        Ok(quantity) => session.change(index, quantity),
        Err(_) => Err(NotAdded::Quantity),
    });
    changed(id, outcome)
}

/// Opens a session by the other protocol.
pub fn call_up(vendor: &Vendor, fields: Vec<(String, String)>) -> Response {
    match oci::open(vendor, fields) {
        Ok(CalledUp::Shopping(id)) => see_other(format!("/shop/{id}")),
        Ok(CalledUp::Answering(id)) => {
            let session = vendor.session(&id, |session| session.clone());
            match session.and_then(|session| form::form(vendor, &session, Leaving::WithCart)) {
                Some(form) => page(
                    StatusCode::OK,
                    &Answer {
                        title: SUPPLIER,
                        form,
                    },
                ),
                None => unknown(),
            }
        }
        Err(NotOpened::Unknown) => {
            message(StatusCode::UNAUTHORIZED, &NotOpened::Unknown.to_string())
        }
        Err(refusal) => message(StatusCode::BAD_REQUEST, &refusal.to_string()),
    }
}

fn changed(id: &str, outcome: Option<Result<(), NotAdded>>) -> Response {
    match outcome {
        Some(Ok(())) => see_other(format!("/shop/{id}")),
        Some(Err(NotAdded::ReadOnly)) => {
            message(StatusCode::FORBIDDEN, &NotAdded::ReadOnly.to_string())
        }
        Some(Err(refusal)) => message(StatusCode::BAD_REQUEST, &refusal.to_string()),
        None => unknown(),
    }
}

fn unknown() -> Response {
    message(
        StatusCode::NOT_FOUND,
        "This visit is not known any more. Begin again where you came from.",
    )
}

/// What was asked for comes first.
fn products(selected: Option<&str>) -> Vec<&'static Product> {
    let mut products: Vec<&Product> = PRODUCTS.iter().collect();
    products.sort_by_key(|product| Some(product.part) != selected);
    products
}

fn lines(session: &Session) -> Vec<LineView> {
    let numbered = session.lines.iter().enumerate();
    let view = numbered.map(|(index, line)| LineView {
        index,
        name: line.product.name,
        unit: line.product.unit_name,
        quantity: line.quantity.to_string(),
        price: format!("{} {CURRENCY}", line.price().money()),
    });
    view.collect()
}

fn leavings(vendor: &Vendor, session: &Session) -> Vec<LeavingView> {
    let is_cxml = matches!(session.origin, Origin::Cxml { .. });
    let with_cart = ("return", "Return cart", Leaving::WithCart);
    let empty = ("empty", "Leave with an empty cart", Leaving::Empty);
    let no_change = ("no-change", "Leave without a change", Leaving::NoChange);
    let ways = match session.operation {
        Operation::Inspect => vec![no_change],
        Operation::Create | Operation::Edit if is_cxml => vec![with_cart, empty, no_change],
        Operation::Create | Operation::Edit => vec![with_cart, empty],
    };
    let ways = ways.into_iter().filter_map(|(id, button, leaving)| {
        let form = form::form(vendor, session, leaving)?;
        Some(LeavingView { id, button, form })
    });
    ways.collect()
}
