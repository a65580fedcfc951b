//! Signing checkpoints in the background: one node at a time, and never on top of a ledger that is not what was signed before.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use habeo_core::id::OrgId;
use habeo_core::lease;
use habeo_core::ledger::checkpoint::{INTERVAL_MICROS, SignError, Signer, Witness};
use habeo_core::org::store;
use habeo_core::time::SECOND_MICROS;
use tracing::{error, info, warn};

use crate::config::{Config, Database};
use crate::node::Node;

/// How often it is looked for what has grown.
const ROUND: Duration = Duration::from_micros(INTERVAL_MICROS.unsigned_abs());
const LEASE: &str = "checkpoints";
/// How long a node that has gone away keeps the others from signing.
const LEASE_MICROS: i64 = 30 * SECOND_MICROS;

/// The last checkpoints as files in a folder, one per ledger.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder that is configured; none where checkpoints stay in the database alone.
    #[must_use]
    pub fn configured(database: &Database) -> Option<Self> {
        let default = || {
            database
                .url
                .is_none()
                .then(|| database.data_dir.join("checkpoints"))
        };
        database.checkpoint_dir.clone().or_else(default).map(Self)
    }

    fn file(&self, org: OrgId) -> PathBuf {
        self.0.join(format!("{org}.checkpoint"))
    }
}

impl Witness for Folder {
    fn last(&self, org: OrgId) -> io::Result<Option<String>> {
        match fs::read_to_string(self.file(org)) {
            Ok(note) => Ok(Some(note)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn keep(&self, org: OrgId, note: &str) -> io::Result<()> {
        fs::create_dir_all(&self.0)?;
        let path = self.file(org);
        let written = path.with_extension("new");
        let mut file = File::create(&written)?;
        file.write_all(note.as_bytes())?;
        file.sync_all()?;
        fs::rename(&written, &path)?;
        sync_folder(&self.0)
    }
}

/// A renamed file is durable when its folder is.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()
    } else {
        Ok(())
    }
}

/// No place outside the database.
#[derive(Debug)]
struct Nowhere;

impl Witness for Nowhere {
    fn last(&self, _: OrgId) -> io::Result<Option<String>> {
        Ok(None)
    }

    fn keep(&self, _: OrgId, _: &str) -> io::Result<()> {
        Ok(())
    }
}

/// The work of signing.
#[derive(Debug)]
pub struct Checkpoints {
    signer: Signer,
    ledger: habeo_core::ledger::Ledger,
    holder: String,
}

/// Nothing is signed any more.
#[derive(Debug)]
pub struct Stopped;

impl Checkpoints {
    /// Opens the installation's key, and makes sure that every ledger is a continuation of what was signed of it: a database that was put
    /// back is found before anything is recorded on top of it.
    pub async fn open(config: &Config, node: &Node) -> anyhow::Result<Self> {
        let witness: Arc<dyn Witness> = if let Some(folder) = Folder::configured(&config.database) {
            Arc::new(folder)
        } else {
            warn!(
                "HABEO_CHECKPOINT_DIR is not set: a database that was put back to an earlier state cannot be told from a whole one"
            );
            Arc::new(Nowhere)
        };
        let ledger = node.ledger.clone();
        let signer = Signer::open(ledger.clone(), &node.master_key, witness).await;
        let holder = OrgId::generate(ledger.clock().now(), ledger.random()).to_string();
        let checkpoints = Self {
            signer: signer.context("the checkpoint key cannot be used")?,
            ledger,
            holder,
        };
        checkpoints.check().await?;
        Ok(checkpoints)
    }

    async fn check(&self) -> anyhow::Result<()> {
        for (org, slug) in store::all(self.ledger.db()).await? {
            match self.signer.check(org).await {
                Ok(()) => {}
                Err(SignError::Fault(fault)) => bail!(
                    "the ledger of {slug} is not what was signed: {fault}. `habeo audit verify` looks at it; after a restore, \
                     `habeo ledger reopen` goes on under another name"
                ),
                // It is looked at again before anything is signed.
                Err(SignError::Witness(error)) => {
                    error!(org.id = %org, %error, "the last checkpoint cannot be read outside the database");
                }
                Err(SignError::Store(error)) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Signs what grows until the process ends, or until a ledger turns out to be another one than was signed.
    pub async fn run(self) {
        loop {
            tokio::time::sleep(ROUND).await;
            if let Err(Stopped) = self.round().await {
                return;
            }
        }
    }

    /// Signs every ledger that has grown.
    pub async fn round(&self) -> Result<(), Stopped> {
        let orgs = match store::all(self.ledger.db()).await {
            Ok(orgs) => orgs,
            Err(error) => {
                warn!(%error, "the organizations cannot be read; checkpoints wait");
                return Ok(());
            }
        };
        for (org, slug) in orgs {
            match self.sign(org).await {
                Ok(()) => {}
                Err(SignError::Fault(fault)) => {
                    error!(org.id = %org, %fault, "a checkpoint was refused; nothing is recorded any more until somebody has looked at it");
                    let what = format!("the ledger of {slug} is not what was signed: {fault}");
                    self.ledger.stop(what);
                    return Err(Stopped);
                }
                Err(SignError::Witness(error)) => {
                    error!(org.id = %org, %error, "the last checkpoint cannot be kept outside the database; none is signed");
                }
                Err(SignError::Store(error)) => {
                    warn!(org.id = %org, %error, "a checkpoint could not be signed; it is tried again");
                }
            }
        }
        Ok(())
    }

    async fn sign(&self, org: OrgId) -> Result<(), SignError> {
        if !self.signer.is_due(org).await? {
            return Ok(());
        }
        let now = self.ledger.clock().now();
        // Only when there is something to sign: an installation at rest writes nothing.
        if !lease::take(
            self.ledger.db(),
            LEASE,
            &self.holder,
            now,
            now.plus_micros(LEASE_MICROS),
        )
        .await?
        {
            return Ok(());
        }
        if let Some(signed) = self.signer.sign(org).await? {
            info!(org.id = %org, size = signed.checkpoint.size, "a checkpoint was signed");
        }
        Ok(())
    }
}
