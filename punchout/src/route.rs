//! The public routes, for whoever puts the server together.

use std::sync::Arc;
use std::time::Duration;

use habeo_surface::openapi::{Operation, RouteTable};
use habeo_surface::token::Authenticator;
use poem::endpoint::make_sync;
use poem::http::Method;
use poem::{EndpointExt as _, Response, Route, get, post};

use crate::desk::{DOCUMENTS_PATH, Punchout, RETURN_PATH, START_PATH};
use crate::{back, described, documents, start};

/// The most bytes of a body that come as far as a door, whatever it takes of them: a little more than it does, so that it is the door that says in words
/// that something is too large.
pub const EDGE_BODY_BYTES_MAX: usize = 9 * 1024 * 1024;

/// How long going to a shop may take: what the supplier is given, and a moment for what is ours.
pub const START_TIMEOUT: Duration = Duration::from_secs(40);

/// Adds the doors to a route. Who knocks at the one for people is known by the authenticator.
#[must_use]
pub fn mount(route: Route, desk: &Punchout, authenticator: &Arc<Authenticator>) -> Route {
    let back = || post(back::door::Door(desk.clone()));
    let described = described::document().to_string();
    let description = make_sync(move |_| {
        Response::builder()
            .content_type("application/json")
            .body(described.clone())
    });
    let start = post(start::door::Door(desk.clone())).data(Arc::clone(authenticator));
    route
        .at(described::PATH, get(description))
        .at(START_PATH, start)
        .at(RETURN_PATH, back())
        .at(format!("{RETURN_PATH}/:{}", back::door::KEY), back())
        .at(
            format!("{DOCUMENTS_PATH}/:{}", documents::door::SUPPLIER),
            post(documents::door::Door(desk.clone())),
        )
}

/// Adds the doors to the table of routes. A shop may add whatever it likes to the address of the way back.
#[must_use]
pub fn listed(table: RouteTable) -> RouteTable {
    let keyed = format!("{RETURN_PATH}/{{{}}}", back::door::KEY);
    let documents = format!("{DOCUMENTS_PATH}/{{{}}}", documents::door::SUPPLIER);
    let open =
        |table: RouteTable, path: &str| table.operation(path, &Method::POST, Operation::page());
    let table = table.pages([described::PATH]);
    let table = table.signed([START_PATH, documents.as_str()]);
    open(open(table, RETURN_PATH), &keyed)
}
