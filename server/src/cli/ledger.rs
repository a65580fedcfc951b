//! `habeo ledger`: the tables that follow from the entries, and what the operator does about the ledger itself.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use habeo_core::access::{Access, Surface};
use habeo_core::ledger::checkpoint::{self, Witness as _};
use habeo_core::ledger::note::Checkpoint;
use habeo_core::ledger::rebuild::{self, Difference};
use habeo_core::org::reopen::ReopenLog;
use habeo_core::store::{Db, PostgresRole};
use secrecy::ExposeSecret;

use super::audit::selected;
use super::terminal::{Out, say};
use crate::checkpoints::Folder;
use crate::config::Config;
use crate::node::{Node, Purpose};

/// What can be done about ledgers.
#[derive(Debug, Subcommand)]
pub enum Ledger {
    /// Make every table that follows from the entries again, compare, and replace what differs.
    Rebuild(Rebuild),
    /// After a restore from a copy that is older than the last signed checkpoint: say so in the ledger, and go on under a new name.
    Reopen(Reopen),
    /// Sign checkpoints with a new key from now on. The old public keys stay published.
    RotateKey,
}

/// What is rebuilt.
#[derive(Debug, Args)]
pub struct Rebuild {
    /// Only the organization with this slug.
    #[arg(long, value_name = "SLUG")]
    org: Option<String>,
    /// Compare and replace nothing; ends with 1 when something differs.
    #[arg(long)]
    check: bool,
}

/// What is given up.
#[derive(Debug, Args)]
pub struct Reopen {
    /// Which organization's ledger.
    #[arg(long, value_name = "SLUG")]
    org: String,
    /// The last signed checkpoint, where it is not the one in the checkpoint folder.
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
}

impl Ledger {
    pub async fn run(self, config: &Config, out: Out<'_>) -> anyhow::Result<ExitCode> {
        match self {
            Self::Rebuild(command) => command.run(config, out).await,
            Self::Reopen(command) => command.run(config, out).await,
            Self::RotateKey => {
                let node = Node::open(config, Purpose::Serving).await?;
                let key = checkpoint::rotate_key(&node.ledger, &node.master_key).await?;
                say(
                    out,
                    &format!(
                        "Checkpoints are signed with key {} from the next start on.",
                        key.number
                    ),
                );
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

impl Rebuild {
    async fn run(self, config: &Config, out: Out<'_>) -> anyhow::Result<ExitCode> {
        let node = Node::open(config, Purpose::Bulk).await?;
        let mut differs = false;
        for (org, slug) in selected(node.ledger.db(), self.org.as_deref()).await? {
            let access = Access::system(org, Surface::System);
            let begun = Instant::now();
            let differences = rebuild::check(node.ledger.db(), &access).await?;
            if differences.is_empty() {
                say(
                    out,
                    &format!(
                        "ok    {slug}: every table is what the entries say ({:.1?})",
                        begun.elapsed()
                    ),
                );
                continue;
            }
            differs = true;
            for Difference {
                table,
                live,
                rebuilt,
                foreign,
            } in differences
            {
                say(
                    out,
                    &format!(
                        "FAULT {slug}: {table} has {live} rows and should have {rebuilt}; {foreign} of them are wrong"
                    ),
                );
            }
            if !self.check {
                let entries = replace(config, &node, &access).await?;
                say(
                    out,
                    &format!("      {slug}: replaced from {entries} entries"),
                );
            }
        }
        node.ledger.db().close().await;
        Ok(if differs && self.check {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        })
    }
}

/// Replaces the tables: as whoever has the file on SQLite, as the owner on PostgreSQL.
async fn replace(config: &Config, node: &Node, access: &Access) -> anyhow::Result<u64> {
    if config.database.url.is_none() {
        return Ok(rebuild::replace(node.ledger.db(), access).await?);
    }
    let owner = config.database.owner_url.as_ref();
    let owner = owner.context(
        "set HABEO_DATABASE_OWNER_URL: the role that serves may not take away what it has written",
    )?;
    let db = Db::open_postgres(owner.expose_secret(), PostgresRole::Owner, 2).await?;
    let entries = rebuild::replace(&db, access).await?;
    db.close().await;
    Ok(entries)
}

impl Reopen {
    async fn run(self, config: &Config, out: Out<'_>) -> anyhow::Result<ExitCode> {
        let node = Node::open(config, Purpose::Serving).await?;
        for (org, slug) in selected(node.ledger.db(), Some(&self.org)).await? {
            let kept = match (&self.checkpoint, Folder::configured(&config.database)) {
                (Some(file), _) => Some(
                    std::fs::read_to_string(file)
                        .with_context(|| format!("{} cannot be read", file.display()))?,
                ),
                (None, Some(folder)) => folder.last(org)?,
                (None, None) => None,
            };
            let Some(kept) = kept else {
                bail!(
                    "there is no signed checkpoint of {slug} outside the database; name one with --checkpoint"
                );
            };
            let keys: Vec<_> = checkpoint::keys(node.ledger.db())
                .await?
                .iter()
                .map(|key| key.public_key)
                .collect();
            let former = Checkpoint::open(&kept, &keys)?;
            let lost = former.size;
            let access = Access::system(org, Surface::System);
            let origin = node.ledger.record(&access, ReopenLog { former }).await?;
            say(
                out,
                &format!(
                    "{slug} goes on as {origin}; the checkpoint of {lost} entries is given up, and its entry says so."
                ),
            );
        }
        Ok(ExitCode::SUCCESS)
    }
}
