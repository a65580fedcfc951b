//! `habeo-bench`: how fast bulk writing is, and whether requests stay as fast when a hundred times as much is recorded.
//!
//! Everything is measured against the release binary over HTTP, as a caller meets it, and reported as ratios within one run: absolute
//! times belong to a machine, ratios to the program. `docs/performance.md` says what the tables mean.

mod ask;
mod bare;
mod cases;
mod client;
mod drill;
mod load;
mod place;
mod plan;
mod report;
mod run;
mod seed;
mod server;
mod terminal;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};

use place::{Engine, Place};

/// That of the binary which is measured.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Bulk and load measurements of Habeo.
#[derive(Debug, Parser)]
#[command(name = "habeo-bench")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write an invented organization and say how many assets per second were recorded.
    Seed(Seed),
    /// Measure requests against a small and a large database.
    Run(Run),
    /// Ask the questions of a chat and say how long their answers take.
    Ask(Ask),
    /// Try what a release promises.
    #[command(subcommand)]
    Drill(drill::Drill),
    /// Remove the databases of a run.
    Clean(Where),
}

/// On which engine, and where.
#[derive(Debug, Args)]
struct Where {
    #[arg(long, value_enum)]
    engine: Engine,
    /// SQLite: the folder under which every database has its own.
    #[arg(long, default_value = "bench-data")]
    dir: PathBuf,
    /// PostgreSQL: a superuser's address; the databases beside it are named `habeo_bench_…`.
    #[arg(long, default_value = "postgres://postgres@127.0.0.1:5432/postgres")]
    url: String,
}

impl Where {
    fn place(&self, assets: u32) -> anyhow::Result<Place> {
        match self.engine {
            Engine::Sqlite => Ok(Place::sqlite(&self.dir.join(place::size_name(assets)))),
            Engine::Postgres => {
                let name = format!("{}{}", place::DATABASE_PREFIX, place::size_name(assets));
                Place::postgres(&self.url, &name)
            }
        }
    }
}

#[derive(Debug, Args)]
struct Seed {
    #[command(flatten)]
    place: Where,
    /// How many assets.
    #[arg(long, default_value_t = 1_000_000)]
    assets: u32,
    /// Remove what is there first.
    #[arg(long)]
    anew: bool,
}

#[derive(Debug, Args)]
struct Ask {
    #[command(flatten)]
    place: Where,
    /// How many assets the database has.
    #[arg(long, default_value_t = 1_000_000)]
    assets: u32,
    /// How often each is asked.
    #[arg(long, default_value_t = 100)]
    times: usize,
}

#[derive(Debug, Args)]
struct Run {
    #[command(flatten)]
    place: Where,
    /// Assets of the small database.
    #[arg(long, default_value_t = 10_000)]
    small: u32,
    /// Assets of the large one.
    #[arg(long, default_value_t = 1_000_000)]
    large: u32,
    /// Requests per case, database and number of connections.
    #[arg(long, default_value_t = 20_000)]
    requests: usize,
    /// The most seconds that each of these may take.
    #[arg(long, default_value_t = 8)]
    seconds: u64,
    /// Only the cases whose name has this in it.
    #[arg(long)]
    only: Option<String>,
    /// The binary that is measured; by default the one beside this.
    #[arg(long)]
    habeo: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match act(arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            terminal::complain(&format!("habeo-bench: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn act(command: Command) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    match command {
        Command::Seed(seed) => runtime.block_on(async {
            let place = seed.place.place(seed.assets)?;
            if seed.anew {
                place.remove().await?;
            }
            let seeded = seed::seed(&place, seed.assets).await?;
            terminal::say(&report::seeded(seed.place.engine, seed.assets, seeded));
            Ok(())
        }),
        Command::Ask(ask) => runtime.block_on(async {
            let place = ask.place.place(ask.assets)?;
            terminal::say(&ask::ask(&place, ask.times).await?);
            Ok(())
        }),
        Command::Drill(drill) => drill.run(&runtime),
        Command::Clean(at) => runtime.block_on(async {
            for place in at.everything().await? {
                place.remove().await?;
            }
            Ok(())
        }),
        Command::Run(run) => {
            let habeo = beside(run.habeo)?;
            let sizes = [run.small, run.large];
            let places = [run.place.place(run.small)?, run.place.place(run.large)?];
            let settings = run::Settings {
                engine: run.place.engine,
                habeo,
                requests: run.requests,
                time_max: std::time::Duration::from_secs(run.seconds),
                only: run.only,
            };
            let report = run::run(&runtime, &settings, sizes, &places)?;
            terminal::say(&report);
            Ok(())
        }
    }
}

/// The binary that is meant: the named one, or the one beside this program.
fn beside(named: Option<PathBuf>) -> anyhow::Result<PathBuf> {
    match named {
        Some(path) => Ok(path),
        None => Ok(std::env::current_exe()?
            .parent()
            .context("this program lies nowhere")?
            .join("habeo")),
    }
}

impl Where {
    /// Every database that is there.
    async fn everything(&self) -> anyhow::Result<Vec<Place>> {
        match self.engine {
            Engine::Sqlite => Ok(vec![Place::sqlite(&self.dir)]),
            Engine::Postgres => Place::all_postgres(&self.url).await,
        }
    }
}
