//! Whether one organization's receivers that never come to an end make another organization's deliveries late.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::bail;
use clap::Args;
use habeo_core::org;
use habeo_server::node::{Node, Purpose};
use tokio::runtime::Runtime;

use super::sink::{Arrived, endless, sink};
use super::{await_arrivals, connect, delays, post, quantile, reaching};
use crate::drill::Drilled;
use crate::place::Place;
use crate::server::Server;
use crate::{plan, seed};

/// The organization whose receivers are slow.
const SLOW: &str = "bench-slow";
/// Its labels and serial numbers begin here.
const SLOW_FIRST: u32 = 800_000;
const SLOW_ASSETS: u32 = 10;
/// Its receivers; each hears of everything.
const ENDPOINTS: u32 = 10;
/// How long its deliveries may take to be under way.
const BEGUN_MAX: Duration = Duration::from_secs(5);
const SECONDS: u32 = 10;
/// What the healthy organization may wait for a delivery, in p99.
const LATE: Duration = Duration::from_millis(50);

/// How the drill is run.
#[derive(Debug, Args)]
pub struct Slow {
    #[command(flatten)]
    server: Drilled,
    /// Deliveries that never come to an end.
    #[arg(long, default_value_t = 3_000)]
    deliveries: u32,
    /// Events a second of the organization beside them.
    #[arg(long, default_value_t = 200)]
    rate: u32,
}

impl Slow {
    pub fn run(self, runtime: &Runtime) -> anyhow::Result<String> {
        let (habeo, place, _) = self.server.prepare(runtime)?;
        drill(runtime, &habeo, &place, (self.deliveries, self.rate))
    }
}

/// So many deliveries hang or drip while another organization posts at a pace.
fn drill(
    runtime: &Runtime,
    habeo: &Path,
    place: &Place,
    (deliveries, rate): (u32, u32),
) -> anyhow::Result<String> {
    let (arrived, held) = (Arrived::default(), Arc::new(AtomicU32::new(0)));
    let (good, bad) = (sink(&arrived)?, endless(&held)?);
    let (healthy, slow) = runtime.block_on(async {
        found(place).await?;
        let healthy = connect(place, plan::SLUG, good, 1).await?;
        anyhow::Ok((healthy, connect(place, SLOW, bad, ENDPOINTS).await?))
    })?;
    let server = Server::start(habeo, &reaching(place, &[good, bad]))?;
    let at_pace = || -> anyhow::Result<Duration> {
        let before = super::total(&arrived);
        let sent = post(
            server.address,
            &healthy,
            rate * SECONDS,
            Some(f64::from(rate)),
        )?;
        await_arrivals(&arrived, before, rate * SECONDS)?;
        Ok(quantile(delays(&arrived, &sent), 0.99))
    };
    let alone = at_pace()?;
    post(server.address, &slow, deliveries / ENDPOINTS, None)?;
    let begun = Instant::now();
    while held.load(Ordering::Relaxed) < ENDPOINTS && begun.elapsed() < BEGUN_MAX {
        thread::sleep(Duration::from_millis(5));
    }
    let beside = at_pace()?;
    let connections = held.load(Ordering::Relaxed);
    let report = format!(
        "{deliveries} deliveries of another organization hang or drip ({connections} connections): at {rate}/s delivered in p99 {beside:.2?}, \
         without them {alone:.2?}"
    );
    if beside > LATE || connections < ENDPOINTS {
        bail!("{report}");
    }
    Ok(report)
}

/// Founds the slow organization where it is not there.
async fn found(place: &Place) -> anyhow::Result<()> {
    let node = Node::open(&place.config()?, Purpose::Bulk).await?;
    let known = org::store::by_slug(node.ledger.db(), SLOW).await?;
    node.ledger.db().close().await;
    if known.is_none() {
        seed::seed_as(place, SLOW, SLOW_FIRST, SLOW_ASSETS).await?;
    }
    Ok(())
}
