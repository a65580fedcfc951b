//! Writing the invented organisation through the ledger, some thousand assets per unit of work.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use habeo_core::access::{Access, Surface};
use habeo_core::asset::steps::{Step, Steps};
use habeo_core::ledger::{All, Command, Ledger};
use habeo_core::org;
use habeo_core::org::command::CreateOrg;
use habeo_server::issuer;
use habeo_server::node::{Node, Purpose};
use indicatif::{ProgressBar, ProgressStyle};
use tokio::task::JoinSet;

use crate::place::Place;
use crate::plan::{self, World};
use crate::terminal::complain;

/// How many assets one unit of work enters. The more, the more often a page of a random index is changed before it is written.
const STEPS_PER_UNIT: u32 = 32_000;
/// How many units of work are under way: the next ones are put together while one is written.
const UNITS_IN_FLIGHT: usize = 2;
/// How often plain lines tell of progress.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// How long it took.
#[derive(Debug, Clone, Copy)]
pub struct Seeded {
    /// To enter the assets; what they refer to was there.
    pub assets: Duration,
}

/// Whether the place has an organisation already.
pub async fn is_there(place: &Place) -> anyhow::Result<bool> {
    place.create().await?;
    let node = Node::open(&place.config()?, Purpose::Serving).await?;
    let org = org::store::by_slug(node.ledger.db(), plan::SLUG).await?;
    node.ledger.db().close().await;
    Ok(org.is_some())
}

/// Writes the organisation.
pub async fn seed(place: &Place, assets: u32) -> anyhow::Result<Seeded> {
    if is_there(place).await? {
        bail!("there is an organization already; `--anew` removes it first");
    }
    let node = Node::open(&place.config()?, Purpose::Bulk).await?;
    let taken = found(&node.ledger, plan::SLUG, 0, assets).await?;
    node.ledger.db().close().await;
    place.settle().await?;
    Ok(Seeded { assets: taken })
}

/// Writes an organisation of another name, whose labels and serial numbers begin elsewhere, beside those that are there.
pub async fn seed_as(place: &Place, slug: &str, first: u32, assets: u32) -> anyhow::Result<()> {
    place.create().await?;
    let node = Node::open(&place.config()?, Purpose::Bulk).await?;
    found(&node.ledger, slug, first, assets).await?;
    node.ledger.db().close().await;
    place.settle().await
}

async fn found(ledger: &Ledger, slug: &str, first: u32, assets: u32) -> anyhow::Result<Duration> {
    let create = CreateOrg {
        name: "Bench College".to_owned(),
        slug: slug.to_owned(),
        timezone: "UTC".to_owned(),
        currency: "USD".to_owned(),
        sandbox: false,
        external: vec![(issuer::ISSUER.to_owned(), issuer::external_id(slug))],
        tag_namespaces: Vec::new(),
        units: None,
    };
    let created = create.carry_out(ledger).await?;
    let access = Access::system(created.org, Surface::Import);
    let world = World::new(assets, created.root, ledger.clock().now(), ledger.random());
    let world = world.numbered_from(first);
    all(ledger, &access, world.units()).await?;
    all(ledger, &access, world.locations()).await?;
    all(ledger, &access, world.catalogue()).await?;
    all(ledger, &access, world.people()).await?;
    all(ledger, &access, world.grants()).await?;
    let begun = Instant::now();
    enter(ledger, &access, world, assets).await?;
    Ok(begun.elapsed())
}

async fn all<C>(ledger: &Ledger, access: &Access, commands: Vec<C>) -> anyhow::Result<()>
where
    C: Command,
    C::Refusal: std::error::Error + Sync,
{
    ledger.record(access, All(commands)).await?;
    Ok(())
}

/// Enters the assets. The next units of work are put together while the ones before are written.
async fn enter(ledger: &Ledger, access: &Access, world: World, assets: u32) -> anyhow::Result<()> {
    let progress = Progress::new(assets);
    let mut in_flight = JoinSet::new();
    let mut begun = 0;
    let mut done = 0;
    let random = ledger.shared_random();
    while done < assets {
        while begun < assets && in_flight.len() < UNITS_IN_FLIGHT {
            let until = (begun + STEPS_PER_UNIT).min(assets);
            let now = ledger.clock().now();
            let steps: Vec<Step> = (begun..until)
                .map(|number| {
                    let command = world.asset(number, now, random.as_ref())?;
                    Ok(Step {
                        command,
                        past: None,
                    })
                })
                .collect::<anyhow::Result<_>>()?;
            let (ledger, access) = (ledger.clone(), access.clone());
            in_flight.spawn(async move { ledger.record(&access, Steps(Arc::new(steps))).await });
            begun = until;
        }
        let written = in_flight
            .join_next()
            .await
            .context("nothing is written")???;
        done += u32::try_from(written.len())?;
        progress.at(done);
    }
    progress.bar.finish_and_clear();
    Ok(())
}

/// A bar on a terminal, lines elsewhere.
struct Progress {
    bar: ProgressBar,
    begun: Instant,
    last_line: std::cell::Cell<Instant>,
    all: u32,
}

impl Progress {
    fn new(all: u32) -> Self {
        let bar = ProgressBar::new(u64::from(all));
        if let Ok(style) =
            ProgressStyle::with_template("{wide_bar} {pos}/{len} {per_sec} {elapsed}")
        {
            bar.set_style(style);
        }
        let now = Instant::now();
        Self {
            bar,
            begun: now,
            last_line: std::cell::Cell::new(now),
            all,
        }
    }

    fn at(&self, done: u32) {
        self.bar.set_position(u64::from(done));
        if self.bar.is_hidden() && self.last_line.get().elapsed() > LINE_EVERY {
            self.last_line.set(Instant::now());
            let seconds = self.begun.elapsed().as_secs_f64();
            let rate = f64::from(done) / seconds;
            complain(&format!("{done} of {} assets, {rate:.0}/s", self.all));
        }
    }
}
