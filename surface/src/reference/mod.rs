//! The pages beside the API: the document itself, the interactive reference and the list of problem codes.
//!
//! Everything comes from this server. The reference is Swagger UI behind a shell of ours without inline code, so the page
//! runs under a policy that allows scripts and styles from here only.

mod file;
mod page;
mod problems;

use std::sync::Arc;

use poem::{Route, get};

pub use self::file::{File, Keep, fingerprint};
pub use self::page::{Assets, POLICY};
use crate::catalogue::Catalogue;
use crate::openapi::Document;

/// The patterns of the pages under `prefix`, for [`crate::openapi::RouteTable::pages`].
pub fn paths(prefix: &str) -> impl Iterator<Item = String> {
    ["openapi.json", "docs", "docs/{file}", "problems"]
        .into_iter()
        .map(move |page| format!("{prefix}/{page}"))
}

/// Adds the pages to `route`, under `prefix`: `openapi.json`, `docs` with its files, and `problems` with every code of the catalogue.
///
/// They are ordinary routes beside a service that is nested at the same prefix: the router prefers the literal path.
#[must_use]
pub fn mount(route: Route, prefix: &str, document: &Document, catalogue: &Catalogue) -> Route {
    let assets = Arc::new(Assets::new(prefix));
    let json = File::from_plain(document.json().clone(), "application/json", Keep::Shortly);
    // Each path by itself: a wildcard under a nested prefix would also take the prefix.
    route
        .at(format!("{prefix}/openapi.json"), json)
        .at(format!("{prefix}/docs"), assets.reference_page())
        .at(
            format!("{prefix}/docs/:file"),
            get(page::AssetEndpoint::new(Arc::clone(&assets))),
        )
        .at(
            format!("{prefix}/problems"),
            assets.problems_page(catalogue),
        )
}
