//! `habeo keys`: the master key that seals secrets at rest.

use anyhow::bail;
use clap::Subcommand;
use habeo_core::random::SystemRandom;
use habeo_core::secret::{KeyId, MasterKey, reseal};
use habeo_core::store::Engine;

use super::terminal::{Out, Progress, say};
use crate::config::Config;
use crate::keys;
use crate::node::{Node, Purpose, ServeLock};

/// What can be done with keys.
#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Print a new key, for `HABEO_MASTER_KEY`.
    New,
    /// Print which keys are configured and how many secrets each has sealed. Never the keys themselves.
    Status,
    /// Replace the master key, and seal anew what the previous one sealed.
    ///
    /// The folder of a SQLite database gets a new key of its own. Where the keys are configured, put the new one into `HABEO_MASTER_KEY` and the
    /// old one into `HABEO_MASTER_KEY_PREVIOUS` on every node first. Stopping and repeating it is safe.
    Rotate,
}

impl Keys {
    pub async fn run(self, config: &Config, out: Out<'_>) -> anyhow::Result<()> {
        match self {
            Self::New => {
                let key = MasterKey::generate(&SystemRandom);
                say(out, &keys::spelled(&key));
                Ok(())
            }
            Self::Status => status(config, out).await,
            Self::Rotate => rotate(config, out).await,
        }
    }
}

async fn status(config: &Config, out: Out<'_>) -> anyhow::Result<()> {
    let node = Node::open(config, Purpose::Inspecting).await?;
    let usage = reseal::usage(node.ledger.db()).await?;
    let sealed = |id: KeyId| usage.get(&id).copied().unwrap_or(0);
    let current = node.master_key.id();
    say(
        out,
        &format!("current   {current}  {} secrets", sealed(current)),
    );
    if let Some(other) = node.master_key.other_id() {
        say(
            out,
            &format!("previous  {other}  {} secrets", sealed(other)),
        );
    }
    Ok(())
}

async fn rotate(config: &Config, out: Out<'_>) -> anyhow::Result<()> {
    let node = Node::open(config, Purpose::Serving).await?;
    let db = node.ledger.db();
    let usage = reseal::usage(db).await?;
    let other = node.master_key.other_id();
    let unfinished = other.is_some_and(|other| usage.contains_key(&other));
    let of_folder = db.engine() == Engine::Sqlite && config.database.master_key.is_none();
    let rotated;
    let master_key = if unfinished {
        &*node.master_key
    } else if of_folder {
        rotated = keys::rotate_folder(&config.database.data_dir, node.ledger.random())?;
        tracing::info!(key.new = %rotated.id(), key.old = %node.master_key.id(), "the master key was rotated");
        say(out, &format!("The master key is {} now.", rotated.id()));
        &rotated
    } else if other.is_none() {
        bail!(
            "put a new key (`habeo keys new`) into HABEO_MASTER_KEY and the present one into HABEO_MASTER_KEY_PREVIOUS, on every node, \
             and run this again"
        );
    } else {
        say(out, "Nothing is sealed with the previous key any more.");
        return Ok(());
    };
    // A server that was started before the rotation does not know the new key; what is sealed anew under it would be lost to it.
    if of_folder && ServeLock::take(config).is_err() {
        say(
            out,
            "A server runs on this folder. Restart it: it seals anew what the previous key sealed, while it serves.",
        );
        return Ok(());
    }
    let progress = Progress::new("sealed anew");
    let total = usage.values().sum();
    let done = reseal::reseal(db, master_key, node.ledger.random(), &|done| {
        progress.at(done, total);
    })
    .await?;
    progress.done();
    tracing::info!(
        secrets = done,
        "secrets were sealed anew with the current master key"
    );
    say(out, &format!("{done} secrets are sealed anew."));
    Ok(())
}
