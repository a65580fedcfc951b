//! Drills: what a release promises, tried on the release binary as a whole. Each is a file of its own.

mod tenancy;

use clap::Subcommand;

/// Which promise.
#[derive(Debug, Subcommand)]
pub enum Drill {
    /// Ask for what belongs to others, in every way the API description offers, and compare with asking for what does not exist.
    Tenancy(tenancy::Tenancy),
}

impl Drill {
    pub fn run(self, runtime: &tokio::runtime::Runtime) -> anyhow::Result<()> {
        match self {
            Self::Tenancy(drill) => drill.run(runtime),
        }
    }
}
