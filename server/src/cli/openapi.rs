//! `habeo openapi`: the description of `/api/v1`, `/public/v1` or `/api/punchout`, without a database of the reader's.

use std::sync::Arc;

use clap::Args;
use habeo_core::ledger::Ledger;
use habeo_core::random::SystemRandom;
use habeo_core::secret::MasterKey;
use habeo_core::store::Db;
use habeo_core::time::SystemClock;
use habeo_punchout::described;

use super::terminal::{Out, say};
use crate::node::Node;
use crate::{app, marketplace};

/// Which description.
#[derive(Debug, Args)]
pub struct Openapi {
    /// That of /public/v1, for apps of the marketplace.
    #[arg(long)]
    public: bool,
    /// That of /api/punchout, for suppliers and their shops.
    #[arg(long, conflicts_with = "public")]
    punchout: bool,
}

pub async fn run(wanted: &Openapi, out: Out<'_>) -> anyhow::Result<()> {
    if wanted.punchout {
        say(out, &serde_json::to_string_pretty(&described::document())?);
        return Ok(());
    }
    // The operations are described by the same values that carry them out, and those hold a database.
    let db = Db::in_memory().await?;
    let random = Arc::new(SystemRandom);
    let master_key = Arc::new(MasterKey::generate(random.as_ref()));
    let node = Node {
        ledger: Ledger::new(db, Arc::new(SystemClock), random),
        master_key,
    };
    let document = if wanted.public {
        marketplace::described(node)?
    } else {
        app::document(&node)?
    };
    say(out, &serde_json::to_string_pretty(document.value())?);
    Ok(())
}
