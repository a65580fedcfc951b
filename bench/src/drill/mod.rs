//! Drills: what a release promises and must withstand, tried on the release binary as a whole. Each is a file of its own.

mod evidence;
mod flip;
mod hostile;
mod kill;
mod malformed;
mod outage;
mod outbox;
mod reports;
mod reports_kill;
mod returns;
mod sigterm;
mod slack;
mod slow_sockets;
mod tenancy;
mod times;
mod webhooks;
mod wire;
mod writers;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use tokio::runtime::Runtime;

use crate::place::Place;
use crate::{Where, beside, seed, terminal};

/// Which promise.
#[derive(Debug, Subcommand)]
pub enum Drill {
    /// Ask for what belongs to others, in every way the API description offers, and compare with asking for what does not exist.
    Tenancy(tenancy::Tenancy),
    /// Hold hundreds of connections that send next to nothing, and compare how long others wait.
    SlowSockets {
        #[command(flatten)]
        server: Drilled,
        /// How many.
        #[arg(long, default_value_t = 500)]
        sockets: usize,
        /// Measured requests, with and without them each.
        #[arg(long, default_value_t = 20_000)]
        requests: usize,
    },
    /// Send what is no request, and requests that mean no good.
    Malformed {
        #[command(flatten)]
        server: Drilled,
        /// How many.
        #[arg(long, default_value_t = 20_000)]
        requests: u32,
        /// The number from which they are made.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Ask the server to stop while it is asked for everything else.
    Sigterm {
        #[command(flatten)]
        server: Drilled,
        /// How often.
        #[arg(long, default_value_t = 50)]
        rounds: u32,
    },
    /// End the server without a word while it records, and see that nothing it answered for is lost.
    Kill {
        #[command(flatten)]
        server: Drilled,
        /// How often.
        #[arg(long, default_value_t = 100)]
        cycles: u32,
    },
    /// Let what is under the server go away and come back while it records.
    Outage {
        #[command(flatten)]
        server: Drilled,
        /// The shell command that takes it away and brings it back.
        #[arg(long)]
        outage: String,
        /// How often.
        #[arg(long, default_value_t = 5)]
        times: u32,
    },
    /// Record with many writers at once, and compare with single commits on the same disk.
    Writers(writers::Writers),
    /// Hand things over, with a notice for each, and deliver the notices.
    Outbox(outbox::OutboxDrill),
    /// Let Slack send events at a pace and all at once, and see how soon they are taken and answered, and that none is lost.
    Slack {
        #[command(flatten)]
        server: Drilled,
        /// Events at a pace.
        #[arg(long, default_value_t = 2_000)]
        events: u32,
        /// How many a second.
        #[arg(long, default_value_t = 50)]
        rate: u32,
        /// Events within five seconds.
        #[arg(long, default_value_t = 500)]
        burst: u32,
    },
    /// Let a device management report at full speed, at half of it, and in a storm of enrolments.
    Reports {
        #[command(flatten)]
        server: Drilled,
        /// How long each part takes.
        #[arg(long, default_value_t = 10)]
        seconds: u64,
        /// Enrolments in a row.
        #[arg(long, default_value_t = 20_000)]
        storm: u32,
    },
    /// End the server without a word while reports come in, and see that each has its effect, once.
    ReportsKill {
        #[command(flatten)]
        server: Drilled,
        /// How often.
        #[arg(long, default_value_t = 25)]
        cycles: u32,
    },
    /// Let browsers bring carts from a shop at a pace, and see how soon each is answered.
    Returns(returns::Returns),
    /// Let a program emit events at full speed and at a pace, and see how soon endpoints are told and what it costs.
    Webhooks {
        #[command(flatten)]
        server: Drilled,
        /// Events at full speed.
        #[arg(long, default_value_t = 10_000)]
        posts: u32,
        /// Endpoints that hear each.
        #[arg(long, default_value_t = 1)]
        endpoints: u32,
        /// Events a second at a pace.
        #[arg(long, default_value_t = 200)]
        rate: u32,
    },
    /// End the server without a word while events are emitted, and see that each arrives.
    WebhooksKill {
        #[command(flatten)]
        server: Drilled,
        /// How often.
        #[arg(long, default_value_t = 50)]
        cycles: u32,
    },
    /// Let another organization's receivers hang and drip, and see that deliveries are not late for it.
    WebhooksSlow(webhooks::slow::Slow),
    /// Alter single bytes of stored entries, one at a time, and see that each is found where it is.
    Flip(flip::Flip),
    /// Verify a whole ledger.
    Verify(evidence::Verify),
    /// Prove that entries are in the ledger and that it has only grown.
    Proof(evidence::Proof),
    /// Make every table again from the entries, and compare.
    Rebuild(evidence::Rebuild),
}

/// What is drilled.
#[derive(Debug, Args)]
pub struct Drilled {
    #[command(flatten)]
    place: Where,
    /// Assets of the database, which is seeded where it is not there.
    #[arg(long, default_value_t = 10_000)]
    assets: u32,
    /// The binary; by default the one beside this.
    #[arg(long)]
    habeo: Option<PathBuf>,
}

impl Drilled {
    fn prepare(self, runtime: &Runtime) -> anyhow::Result<(PathBuf, Place, u32)> {
        let place = self.place.place(self.assets)?;
        if !runtime.block_on(seed::is_there(&place))? {
            runtime.block_on(seed::seed(&place, self.assets))?;
        }
        Ok((beside(self.habeo)?, place, self.assets))
    }
}

impl Drill {
    pub fn run(self, runtime: &Runtime) -> anyhow::Result<()> {
        let report = match self {
            Self::Tenancy(drill) => return drill.run(runtime),
            Self::Writers(drill) => return runtime.block_on(drill.run()),
            Self::Outbox(drill) => return runtime.block_on(drill.run()),
            Self::Flip(drill) => return runtime.block_on(drill.run()),
            Self::Verify(drill) => return runtime.block_on(drill.run()),
            Self::Proof(drill) => return runtime.block_on(drill.run()),
            Self::Rebuild(drill) => return runtime.block_on(drill.run()),
            Self::SlowSockets {
                server,
                sockets,
                requests,
            } => {
                let (habeo, place, assets) = server.prepare(runtime)?;
                slow_sockets::run(runtime, &habeo, &place, assets, sockets, requests)?
            }
            Self::Malformed {
                server,
                requests,
                seed,
            } => {
                let (habeo, place, _) = server.prepare(runtime)?;
                malformed::run(&habeo, &place, requests, seed)?
            }
            Self::Kill { server, cycles } => {
                let (habeo, place, _) = server.prepare(runtime)?;
                kill::run(runtime, &habeo, &place, cycles)?
            }
            Self::Outage {
                server,
                outage,
                times,
            } => {
                let (habeo, place, _) = server.prepare(runtime)?;
                outage::run(runtime, &habeo, &place, &outage, times)?
            }
            Self::Slack {
                server,
                events,
                rate,
                burst,
            } => {
                let (habeo, place, assets) = server.prepare(runtime)?;
                let load = slack::Load {
                    events,
                    rate,
                    burst,
                };
                slack::run(runtime, &habeo, &place, assets, load)?
            }
            Self::Reports {
                server,
                seconds,
                storm,
            } => {
                let (habeo, place, assets) = server.prepare(runtime)?;
                reports::run(
                    runtime,
                    &habeo,
                    &place,
                    assets,
                    reports::Load { seconds, storm },
                )?
            }
            Self::ReportsKill { server, cycles } => {
                let (habeo, place, _) = server.prepare(runtime)?;
                reports_kill::run(runtime, &habeo, &place, cycles)?
            }
            Self::Returns(returns) => returns.run(runtime)?,
            Self::Webhooks {
                server,
                posts,
                endpoints,
                rate,
            } => {
                let (habeo, place, _) = server.prepare(runtime)?;
                let load = webhooks::Load {
                    posts,
                    endpoints,
                    rate,
                };
                webhooks::run(runtime, &habeo, &place, load)?
            }
            Self::WebhooksKill { server, cycles } => {
                let (habeo, place, _) = server.prepare(runtime)?;
                webhooks::killed(runtime, &habeo, &place, cycles)?
            }
            Self::WebhooksSlow(slow) => slow.run(runtime)?,
            Self::Sigterm { server, rounds } => {
                let (habeo, place, assets) = server.prepare(runtime)?;
                sigterm::run(&habeo, &place, assets, rounds)?
            }
        };
        terminal::say(&report);
        Ok(())
    }
}
