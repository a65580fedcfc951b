//! Browsers that come back from a shop against the release binary: how soon a cart is read, entered and answered.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use clap::Args;
use habeo_core::access::{Access, Surface};
use habeo_core::punchout::command::StartSession;
use habeo_core::session::{Credential, Sessions};
use habeo_core::supplier::command::{CreateSupplier, Remove};
use habeo_core::supplier::{
    Credential as Identity, Mode, Operation, Protocol, SESSION_HOURS, Settings, Status, store,
};
use habeo_core::{org, unit};
use habeo_server::issuer;
use habeo_server::node::{Node, Purpose};
use secrecy::ExposeSecret as _;
use tokio::runtime::Runtime;
use url::form_urlencoded::Serializer;

use super::Drilled;
use super::times::quantile;
use crate::client::Client;
use crate::place::Place;
use crate::plan;
use crate::server::Server;

/// How many browsers come at once.
const BROWSERS: u32 = 8;
/// How soon 99 of 100 are to be answered.
const ANSWERED_MAX: Duration = Duration::from_millis(15);
/// How many come before it counts: connections are made and statements prepared.
const WARM: usize = 50;
/// More than any of it asks.
const GENEROUS: &str = "1000000";

/// What is measured.
#[derive(Debug, Args)]
pub struct Returns {
    #[command(flatten)]
    server: Drilled,
    #[command(flatten)]
    load: Load,
}

impl Returns {
    pub fn run(self, runtime: &Runtime) -> anyhow::Result<String> {
        let (habeo, place, _) = self.server.prepare(runtime)?;
        returned(runtime, &habeo, &place, self.load)
    }
}

#[derive(Debug, Clone, Copy, Args)]
struct Load {
    /// Carts.
    #[arg(long, default_value_t = 1_000)]
    carts: u32,
    /// Lines of each.
    #[arg(long, default_value_t = 50)]
    lines: u32,
    /// How many come a second.
    #[arg(long, default_value_t = 50)]
    rate: u32,
}

fn returned(runtime: &Runtime, habeo: &Path, place: &Place, load: Load) -> anyhow::Result<String> {
    let mut generous = place.clone();
    for name in [
        "HABEO_PUNCHOUT_RATE_ADDRESS",
        "HABEO_PUNCHOUT_RATE_ORGANIZATION",
    ] {
        let pair = (name.to_owned(), GENEROUS.to_owned());
        generous.variables.push(pair);
    }
    let cookies = runtime.block_on(visits(place, load.carts as usize + WARM))?;
    let forms: Vec<String> = cookies.iter().map(|it| form(it, load.lines)).collect();
    let bytes = forms.first().map_or(0, String::len);
    let server = Server::start(habeo, &generous)?;
    let (warm, counted) = forms.split_at(WARM);
    send(server.address, warm, load.rate)?;
    let times = send(server.address, counted, load.rate)?;
    let half = quantile(times.clone(), 0.5);
    let answered = quantile(times, 0.99);
    let report = format!(
        "{} carts of {} lines ({bytes} bytes as a form) at {}/s: read, entered and answered in p50 {half:.1?}, p99 {answered:.1?} ({ANSWERED_MAX:?})",
        load.carts, load.lines, load.rate
    );
    if answered > ANSWERED_MAX {
        bail!("{report}");
    }
    Ok(report)
}

/// Goes to a new supplier's shop so often; suppliers of earlier runs go. What the supplier gives back of each visit.
async fn visits(place: &Place, count: usize) -> anyhow::Result<Vec<String>> {
    let node = Node::open(&place.config()?, Purpose::Serving).await?;
    let ledger = &node.ledger;
    let org = org::store::by_slug(ledger.db(), plan::SLUG).await?;
    let system = Access::system(org.context("the organization is missing")?, Surface::System);
    let credential = Credential {
        issuer: issuer::ISSUER.to_owned(),
        subject: plan::ADMIN.to_owned(),
        organization: issuer::external_id(plan::SLUG),
        admin: false,
        impersonated: false,
    };
    let sessions = Sessions::new(ledger.clone());
    let buyer = sessions.resolve(&credential).await?.access;
    let mut tx = ledger.db().read(&system).await?;
    let before = store::list(&mut tx, &system).await?;
    let root = unit::store::root(&mut tx, &system).await?;
    let root = root.context("the organization has no unit")?;
    drop(tx);
    for old in before.iter().filter(|old| old.status != Status::Removed) {
        ledger.record(&system, Remove { supplier: old.id }).await?;
    }
    let create = CreateSupplier {
        protocol: Protocol::Cxml,
        name: "Bench".to_owned(),
        settings: settings(),
        master_key: Arc::clone(&node.master_key),
    };
    let (supplier, _) = ledger.record(&buyer, create).await?;
    let mut cookies = Vec::with_capacity(count);
    for _ in 0..count {
        let start = StartSession {
            supplier,
            operation: Operation::Create,
            requisition: None,
            unit: Some(root),
            location: None,
            cost_centre: None,
        };
        let started = ledger.record(&buyer, start).await?;
        cookies.push(started.cookie.expose_secret().to_owned());
    }
    ledger.db().close().await;
    Ok(cookies)
}

fn settings() -> Settings {
    let identity = |identity: &str| Identity {
        domain: "DUNS".to_owned(),
        identity: identity.to_owned(),
    };
    Settings {
        ours: identity("2"),
        theirs: vec![identity("1")],
        setup_url: "https://shop.example/setup".to_owned(),
        order_url: None,
        profile_url: None,
        http_start_page: false,
        repair_entities: false,
        operations: vec![Operation::Create],
        mode: Mode::Production,
        hook_field: None,
        units: BTreeMap::new(),
        rules: Vec::new(),
        tolerance_percent: None,
        tolerance_absolute: None,
        currency: "USD".to_owned(),
        session_hours: SESSION_HOURS,
    }
}

/// A cart as a browser posts it.
fn form(cookie: &str, lines: u32) -> String {
    let identity = |name: &str, identity: u32| {
        format!("<{name}><Credential domain=\"DUNS\"><Identity>{identity}</Identity></Credential>")
    };
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<cXML payloadID=\"{cookie}@vendor.example.com\" timestamp=\"2026-05-25T10:20:00-05:00\"><Header>{}</From>{}</To>{}<UserAgent>x</UserAgent></Sender></Header>\
         <Message><PunchOutOrderMessage><BuyerCookie>{cookie}</BuyerCookie><PunchOutOrderMessageHeader operationAllowed=\"edit\"><Total><Money currency=\"USD\">{}.00</Money></Total></PunchOutOrderMessageHeader>",
        identity("From", 1),
        identity("To", 2),
        identity("Sender", 1),
        lines * 100,
    );
    for line in 1..=lines {
        let written = write!(
            text,
            "<ItemIn quantity=\"1\" lineNumber=\"{line}\"><ItemID><SupplierPartID>LT14-{line:06}</SupplierPartID><SupplierPartAuxiliaryID>quote=88120|cfg={line}</SupplierPartAuxiliaryID></ItemID>\
             <ItemDetail><UnitPrice><Money currency=\"USD\">100.00</Money></UnitPrice><Description xml:lang=\"en-US\">14-inch laptop, 16 GB &amp; 512 GB SSD, number {line}</Description>\
             <UnitOfMeasure>EA</UnitOfMeasure><Classification domain=\"UNSPSC\">43211503</Classification><ManufacturerPartID>20X1S0AB{line:06}</ManufacturerPartID>\
             <ManufacturerName>Example Computers</ManufacturerName></ItemDetail></ItemIn>"
        );
        debug_assert!(written.is_ok(), "a text takes everything");
    }
    text.push_str("</PunchOutOrderMessage></Message></cXML>");
    Serializer::new(String::new())
        .append_pair("cxml-urlencoded", &text)
        .finish()
}

/// Posts forms at a pace. How long each waited from when it was due to its answer.
fn send(address: SocketAddr, forms: &[String], rate: u32) -> anyhow::Result<Vec<Duration>> {
    let begun = Instant::now();
    let sent: anyhow::Result<Vec<Vec<Duration>>> = thread::scope(|scope| {
        let browsers: Vec<_> = (0..BROWSERS as usize)
            .map(|browser| {
                scope.spawn(move || -> anyhow::Result<Vec<Duration>> {
                    let mut client = Client::connect(address)?;
                    let mut times = Vec::new();
                    for (at, form) in forms.iter().enumerate() {
                        if at % BROWSERS as usize != browser {
                            continue;
                        }
                        let seconds = f64::from(u32::try_from(at)?) / f64::from(rate);
                        let due = begun + Duration::from_secs_f64(seconds);
                        thread::sleep(due.saturating_duration_since(Instant::now()));
                        post(&mut client, form)?;
                        times.push(due.elapsed());
                    }
                    Ok(times)
                })
            })
            .collect();
        let joined = browsers.into_iter().map(|browser| {
            let outcome = browser.join();
            outcome.map_err(|_| anyhow::anyhow!("a browser ended early"))?
        });
        joined.collect()
    });
    Ok(sent?.into_iter().flatten().collect())
}

fn post(client: &mut Client, form: &str) -> anyhow::Result<()> {
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-site", "cross-site"),
    ];
    let answer = client.post("/api/punchout/return", &headers, form)?;
    if answer.status != 303 {
        bail!(
            "a cart was answered with {}: {}",
            answer.status,
            String::from_utf8_lossy(answer.body)
        );
    }
    Ok(())
}
