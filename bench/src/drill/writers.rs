//! How many facts a second are recorded when many record at once, against how often the disk can be made to keep something.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use clap::Args;
use habeo_core::access::Access;
use habeo_core::asset::command::{Act, Command};
use habeo_core::asset::search::{self, Filter};
use habeo_core::id::{AssetId, LocationId};
use habeo_core::ledger::Ledger;
use habeo_core::page::Limit;
use habeo_core::unit::scope::Scope;
use habeo_server::node::Purpose;
use tokio::task::JoinSet;

use super::evidence::Database;
use crate::place::Scratch;
use crate::plan::Dice;
use crate::terminal::say;

#[derive(Debug, Args)]
pub struct Writers {
    #[command(flatten)]
    database: Database,
    /// How many record at once.
    #[arg(long = "writers", default_value_t = 64)]
    count: u32,
    /// How long each part takes.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// The ratio that is expected: 20 on SQLite and 8 on PostgreSQL when it is not said.
    #[arg(long)]
    at_least: Option<f64>,
}

/// Assets of which nobody else moves any, and rooms.
type Share = (Vec<AssetId>, Vec<LocationId>);

impl Writers {
    pub async fn run(self) -> anyhow::Result<()> {
        let time = Duration::from_secs(self.seconds);
        let (scratch, target) = self.database.scratch().await?;
        let bare = single_commits(scratch, time).await?;
        let (node, access) = self.database.open(Purpose::Serving).await?;
        let shares = shares(&node.ledger, &access, self.count).await?;
        let alone = moves(&node.ledger, &access, &shares[..1], time).await?;
        let together = moves(&node.ledger, &access, &shares, time).await?;
        node.ledger.db().close().await;
        let ratio = together / bare;
        let target = self.at_least.unwrap_or(target);
        let report = format!(
            "one row of a kilobyte changed per commit: {bare:.0}/s; assets moved by one writer: {alone:.0}/s; by {}: {together:.0}/s, \
             {ratio:.1} x the single commits (expected: {target})",
            self.count
        );
        if ratio < target {
            bail!("{report}");
        }
        say(&report);
        Ok(())
    }
}

/// Commits of one changed row each, one after another, as durable as the ledger's.
async fn single_commits(mut scratch: Scratch, time: Duration) -> anyhow::Result<f64> {
    let begun = Instant::now();
    let mut commits = 0_u32;
    while begun.elapsed() < time {
        scratch.commit_a_row(commits).await?;
        commits += 1;
    }
    let rate = f64::from(commits) / begun.elapsed().as_secs_f64();
    scratch.remove().await?;
    Ok(rate)
}

async fn shares(ledger: &Ledger, access: &Access, writers: u32) -> anyhow::Result<Vec<Share>> {
    let mut tx = ledger.db().read(access).await?;
    let filter = Filter::default();
    let page = search::page(&mut tx, access, &Scope::Whole, &filter, 0, Limit::WALK).await?;
    drop(tx);
    let rooms: Vec<LocationId> = page
        .rows
        .iter()
        .filter_map(|asset| asset.location_id)
        .collect();
    let each = page.rows.len() / usize::try_from(writers)?;
    if each == 0 || rooms.is_empty() {
        bail!("there are fewer assets than writers");
    }
    let shares = page.rows.chunks(each).take(usize::try_from(writers)?);
    Ok(shares
        .map(|assets| (assets.iter().map(|asset| asset.id).collect(), rooms.clone()))
        .collect())
}

/// How many moves a second are recorded by so many writers.
async fn moves(
    ledger: &Ledger,
    access: &Access,
    shares: &[Share],
    time: Duration,
) -> anyhow::Result<f64> {
    let begun = Instant::now();
    let mut writers = JoinSet::new();
    for (number, (assets, rooms)) in (0_u64..).zip(shares.iter().cloned()) {
        let (ledger, access) = (ledger.clone(), access.clone());
        let mut dice = Dice::new(number);
        writers.spawn(async move {
            let mut moved = 0_u32;
            while begun.elapsed() < time {
                let command = Command {
                    asset: *drawn(&mut dice, &assets)?,
                    act: Act::Move {
                        location: *drawn(&mut dice, &rooms)?,
                        observation: None,
                    },
                    occurred_at: None,
                    remark: None,
                };
                ledger.record(&access, command).await?;
                moved += 1;
            }
            anyhow::Ok(moved)
        });
    }
    let mut all = 0.0;
    while let Some(moved) = writers.join_next().await {
        all += f64::from(moved??);
    }
    Ok(all / begun.elapsed().as_secs_f64())
}

fn drawn<'a, T>(dice: &mut Dice, of: &'a [T]) -> anyhow::Result<&'a T> {
    let index = dice.below(u32::try_from(of.len())?);
    of.get(usize::try_from(index)?)
        .context("nothing to draw from")
}
