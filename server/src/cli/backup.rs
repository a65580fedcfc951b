//! `habeo backup` and `habeo restore`.

use std::path::PathBuf;

use clap::Args;

use super::terminal::{Out, complain, say};
use crate::backup;
use crate::config::Config;
use crate::node::{Node, Purpose, ServeLock};

/// A copy of everything.
#[derive(Debug, Args)]
pub struct Backup {
    /// The folder to make. It must not be there yet.
    folder: PathBuf,
}

/// The way back.
#[derive(Debug, Args)]
pub struct Restore {
    /// The folder of a backup.
    folder: PathBuf,
}

fn tell(what: &str, count: u64) {
    if count == 0 {
        complain(what);
    } else {
        complain(&format!("{what}: {count}"));
    }
}

impl Backup {
    pub async fn run(self, config: &Config, out: Out<'_>) -> anyhow::Result<()> {
        let node = Node::open(config, Purpose::Inspecting).await?;
        let manifest = backup::make(&node.ledger, &node.master_key, &self.folder, &tell).await?;
        let bytes: u64 = manifest.files.iter().map(|file| file.bytes).sum();
        say(
            out,
            &format!(
                "{} holds {} organizations in {bytes} bytes.",
                self.folder.display(),
                manifest.ledgers.len()
            ),
        );
        say(
            out,
            &format!(
                "Its secrets open with the master key {} only, which is not in it: keep that elsewhere.",
                manifest.keys.join(" and ")
            ),
        );
        node.ledger.db().close().await;
        Ok(())
    }
}

impl Restore {
    pub async fn run(self, config: &Config, out: Out<'_>) -> anyhow::Result<()> {
        // Nobody serves the folder while it is filled.
        let _lock = ServeLock::take(config)?;
        let manifest = backup::restore(config, &self.folder, &tell).await?;
        for head in &manifest.ledgers {
            say(
                out,
                &format!(
                    "{}: {} entries, verified; root {}",
                    head.slug, head.size, head.root
                ),
            );
        }
        say(out, "Everything is restored.");
        Ok(())
    }
}
