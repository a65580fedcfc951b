//! Wiring of the marketplace: what its crate does not know, given to it.

use std::pin::Pin;
use std::sync::Arc;

use habeo_console::Console;
use habeo_core::app_client::RATE_PER_MINUTE;
use habeo_core::id::OrgId;
use habeo_egress::{Egress, Lane};
use habeo_marketplace::{self as marketplace, Marketplace, Parts};
use habeo_surface::limit::Shared;
use habeo_surface::openapi::{Document, Lift};
use habeo_surface::reference::{File, Keep};
use poem::http::StatusCode;
use poem::{Response, Route};

use crate::config::Config;
use crate::node::Node;

/// Where the description of `/public/v1` is.
pub const DOCUMENT_PATH: &str = "/public/v1/openapi.json";

/// Pages as the console draws them.
#[derive(Debug)]
struct Pages(Console);

impl marketplace::Pages for Pages {
    fn refusal(&self, heading: &str, text: &str) -> Response {
        self.0.refusal(heading, text)
    }

    fn refusal_with(&self, heading: &str, text: &str, way: (&str, &str)) -> Response {
        self.0.refusal_with(heading, text, way)
    }
}

/// The rules of the guarded client.
#[derive(Debug)]
struct Rules(Egress);

impl marketplace::Addresses for Rules {
    fn check<'a>(
        &'a self,
        org: OrgId,
        url: &'a str,
    ) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>> {
        Box::pin(async move {
            let target = self.0.target_to_save(Lane::Organization(org), url).await;
            // The sentence is about "the address"; what it is put behind names the field.
            target
                .map(|_| ())
                .map_err(|refusal| format!("cannot be used: {refusal}"))
        })
    }
}

/// The marketplace as it is configured.
pub fn open(
    config: &Config,
    node: &Node,
    console: &Console,
    egress: Egress,
    shared: Option<Arc<Shared>>,
) -> anyhow::Result<Marketplace> {
    Ok(Marketplace::new(Parts {
        ledger: node.ledger.clone(),
        master_key: Arc::clone(&node.master_key),
        pages: Arc::new(Pages(console.clone())),
        addresses: Arc::new(Rules(egress)),
        public_url: config.public_url()?,
        per_minute: config.rates.public_per_minute,
        shared,
    }))
}

/// The description of `/public/v1`, which depends on nothing but the program.
pub fn document(marketplace: &Marketplace) -> anyhow::Result<Document> {
    let lift = Lift {
        public: &[],
        failure: marketplace::failures(),
    };
    Ok(Document::lift(
        &marketplace::api(marketplace).spec(),
        &lift,
    )?)
}

/// The same without a server: what is described needs neither pages nor a network.
pub fn described(node: Node) -> anyhow::Result<Document> {
    document(&Marketplace::new(Parts {
        ledger: node.ledger,
        master_key: node.master_key,
        pages: Arc::new(Nowhere),
        addresses: Arc::new(Nowhere),
        public_url: "http://localhost".parse()?,
        per_minute: RATE_PER_MINUTE,
        shared: None,
    }))
}

/// Where nobody is served there is no page and no address.
#[derive(Debug)]
struct Nowhere;

impl marketplace::Pages for Nowhere {
    fn refusal(&self, _: &str, _: &str) -> Response {
        StatusCode::NOT_FOUND.into()
    }

    fn refusal_with(&self, _: &str, _: &str, _: (&str, &str)) -> Response {
        StatusCode::NOT_FOUND.into()
    }
}

impl marketplace::Addresses for Nowhere {
    fn check<'a>(
        &'a self,
        _: OrgId,
        _: &'a str,
    ) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>> {
        Box::pin(async { Err("cannot be used where nobody is served".to_owned()) })
    }
}

/// Adds its routes and its description.
#[must_use]
pub fn mount(route: Route, marketplace: &Marketplace, document: &Document) -> Route {
    let json = File::from_plain(document.json().clone(), "application/json", Keep::Shortly);
    marketplace::mount(route, marketplace).at(DOCUMENT_PATH, json)
}
