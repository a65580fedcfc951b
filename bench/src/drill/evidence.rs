//! How long it takes to verify, to prove and to rebuild.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use clap::Args;
use habeo_core::access::{Access, Surface};
use habeo_core::ledger::{audit, proof, rebuild, tile, tree, verify};
use habeo_core::org;
use habeo_server::node::{Node, Purpose, database_file};

use crate::Where;
use crate::place::{Engine, Scratch};
use crate::plan::{self, Dice};
use crate::terminal::say;

/// Which database.
#[derive(Debug, Args)]
pub struct Database {
    #[command(flatten)]
    place: Where,
    /// Assets of the database.
    #[arg(long, default_value_t = 1_000_000)]
    assets: u32,
}

impl Database {
    /// Opens it as the operator of the invented organization.
    pub async fn open(&self, purpose: Purpose) -> anyhow::Result<(Node, Access)> {
        let node = Node::open(&self.place.place(self.assets)?.config()?, purpose).await?;
        let org = org::store::by_slug(node.ledger.db(), plan::SLUG).await?;
        let org = org.context("there is no organization; `habeo-bench seed` makes one")?;
        Ok((node, Access::system(org, Surface::System)))
    }
}

impl Database {
    /// A table beside it, and how many times its commits the ledger's writers are expected to reach.
    pub async fn scratch(&self) -> anyhow::Result<(Scratch, f64)> {
        let ratio = match self.place.engine {
            Engine::Sqlite => 20.0,
            Engine::Postgres => 8.0,
        };
        let place = self.place.place(self.assets)?;
        Ok((place.scratch().await?, ratio))
    }

    /// The file of a SQLite database.
    pub fn file(&self) -> anyhow::Result<std::path::PathBuf> {
        let config = self.place.place(self.assets)?.config()?;
        if config.database.url.is_some() {
            bail!("only a SQLite file can be copied");
        }
        Ok(database_file(&config.database))
    }
}

#[derive(Debug, Args)]
pub struct Verify {
    #[command(flatten)]
    database: Database,
}

impl Verify {
    pub async fn run(self) -> anyhow::Result<()> {
        let (node, access) = self.database.open(Purpose::Inspecting).await?;
        let begun = Instant::now();
        let whole = verify::whole(node.ledger.db(), &access, None).await??;
        let taken = begun.elapsed();
        let rate = count(whole.size) / taken.as_secs_f64();
        say(&format!(
            "verify: {} entries and {} tiles in {taken:.2?}, {rate:.0} entries/s",
            whole.size, whole.tiles
        ));
        node.ledger.db().close().await;
        Ok(())
    }
}

#[derive(Debug, Args)]
pub struct Proof {
    #[command(flatten)]
    database: Database,
    /// How many proofs of each sort.
    #[arg(long, default_value_t = 2_000)]
    proofs: usize,
}

impl Proof {
    pub async fn run(self) -> anyhow::Result<()> {
        let (node, access) = self.database.open(Purpose::Serving).await?;
        let db = node.ledger.db();
        let mut tx = db.read(&access).await?;
        let (size, root) = audit::head(&mut tx, &access)
            .await?
            .context("an empty ledger")?;
        drop(tx);
        let mut dice = Dice::new(1);
        let mut draw = |below: u64| -> anyhow::Result<u64> {
            Ok(u64::from(dice.below(u32::try_from(below)?)))
        };
        let (mut included, mut grown) = (Vec::new(), Vec::new());
        for _ in 0..self.proofs {
            let index = draw(size)?;
            let begun = Instant::now();
            let mut tx = db.read(&access).await?;
            let found = tile::inclusion(&mut tx, &access, index, size)
                .await?
                .context("not in the tree")?;
            drop(tx);
            included.push(begun.elapsed());
            proof::verify_inclusion(index, size, &found.of, &found.hashes, &root)?;
            let from = draw(size)? + 1;
            let begun = Instant::now();
            let mut tx = db.read(&access).await?;
            let found = tile::consistency(&mut tx, &access, from, size)
                .await?
                .context("not a beginning")?;
            drop(tx);
            grown.push(begun.elapsed());
            proof::verify_consistency(from, size, &found.of, &root, &found.hashes)?;
        }
        say(&format!("tree of {size}, root {}", tree::hex(&root)));
        say(&format!("inclusion:   {}", spread(included)));
        say(&format!("consistency: {}", spread(grown)));
        node.ledger.db().close().await;
        Ok(())
    }
}

#[derive(Debug, Args)]
pub struct Rebuild {
    #[command(flatten)]
    database: Database,
}

impl Rebuild {
    pub async fn run(self) -> anyhow::Result<()> {
        let (node, access) = self.database.open(Purpose::Bulk).await?;
        let mut tx = node.ledger.db().read(&access).await?;
        let size = audit::size(&mut tx, &access).await?;
        drop(tx);
        let begun = Instant::now();
        let differences = rebuild::check(node.ledger.db(), &access).await?;
        let taken = begun.elapsed();
        if !differences.is_empty() {
            bail!("the tables are not what the entries say: {differences:?}");
        }
        let rate = count(size) / taken.as_secs_f64();
        say(&format!(
            "rebuild: {size} entries projected again and found equal in {taken:.2?}, {rate:.0} entries/s"
        ));
        node.ledger.db().close().await;
        Ok(())
    }
}

fn count(size: u64) -> f64 {
    f64::from(u32::try_from(size).unwrap_or(u32::MAX))
}

fn spread(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |per_mille: usize| {
        times
            .get(times.len() * per_mille / 1_000)
            .copied()
            .unwrap_or_default()
    };
    let last = times.last().copied().unwrap_or_default();
    format!(
        "p50 {:.2?}, p99 {:.2?}, longest {last:.2?} of {}",
        at(500),
        at(990),
        times.len()
    )
}
