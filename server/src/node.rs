//! A node: the database opened, its key found, its ledger ready. What every command begins with.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use habeo_core::installation;
use habeo_core::ledger::Ledger;
use habeo_core::random::{Random, SystemRandom};
use habeo_core::secret::{MasterKey, reseal};
use habeo_core::store::{Db, PostgresRole, SqliteFile, lint, migrate};
use habeo_core::time::{Clock, SystemClock};
use secrecy::ExposeSecret;

use crate::config::{Config, Database};
use crate::keys;

const DATABASE_FILE: &str = "habeo.db";
const LOCK_FILE: &str = "serve.lock";

/// An opened installation.
#[derive(Debug)]
pub struct Node {
    /// Its records.
    pub ledger: Ledger,
    /// The key that seals its secrets.
    pub master_key: Arc<MasterKey>,
}

/// For what a database is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Many small requests.
    Serving,
    /// Few large ones.
    Bulk,
    /// None: nothing is made and no schema is changed.
    Inspecting,
}

impl Node {
    /// Opens the configured database. A SQLite file is brought to the present schema; PostgreSQL must have it.
    pub async fn open(config: &Config, purpose: Purpose) -> anyhow::Result<Self> {
        Self::open_with(config, purpose, Arc::new(SystemClock)).await
    }

    /// As [`Self::open`], with another clock.
    pub async fn open_with(
        config: &Config,
        purpose: Purpose,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Self> {
        let random: Arc<dyn Random> = Arc::new(SystemRandom);
        let (db, master_key) = match &config.database.url {
            None => open_sqlite(&config.database, purpose, random.as_ref()).await?,
            Some(url) => {
                let connections = config.database.connections;
                let db = Db::open_postgres(url.expose_secret(), PostgresRole::App, connections)
                    .await
                    .context("PostgreSQL cannot be used")?;
                migrate::check(&db).await?;
                let key = keys::configured(&config.database)?;
                let key = key.context("PostgreSQL needs HABEO_MASTER_KEY: 32 random bytes in base64, the same on every node")?;
                (db, key)
            }
        };
        lint::check(&db).await?;
        installation::check_key(&db, &master_key, clock.now(), random.as_ref()).await?;
        reseal::check(&db, &master_key).await?;
        Ok(Self {
            ledger: Ledger::new(db, clock, random),
            master_key: Arc::new(master_key),
        })
    }
}

/// Opens the configured database for reading its evidence: whatever else is wrong with it, and without the key to its secrets.
pub async fn open_evidence(config: &Config) -> anyhow::Result<Db> {
    let db = if let Some(url) = &config.database.url {
        let connections = config.database.connections;
        Db::open_postgres(url.expose_secret(), PostgresRole::App, connections)
            .await
            .context("PostgreSQL cannot be used")?
    } else {
        let path = database_file(&config.database);
        if !path.exists() {
            bail!("there is no database at {}", path.display());
        }
        let writer_cache_kib = SqliteFile::SERVING_CACHE_KIB;
        Db::open_sqlite(&SqliteFile {
            path,
            writer_cache_kib,
        })
        .await?
    };
    migrate::check(&db).await?;
    Ok(db)
}

/// The SQLite database of a folder.
#[must_use]
pub fn database_file(database: &Database) -> PathBuf {
    database.data_dir.join(DATABASE_FILE)
}

async fn open_sqlite(
    database: &Database,
    purpose: Purpose,
    random: &dyn Random,
) -> anyhow::Result<(Db, MasterKey)> {
    let folder = &database.data_dir;
    let path = database_file(database);
    if !path.exists() {
        if purpose == Purpose::Inspecting {
            bail!("there is no database at {}", path.display());
        }
        make_folder(folder)?;
        // Made here and not by SQLite, so that nobody else can read it from its first byte on.
        keys::private_file(&path)?;
    }
    let writer_cache_kib = match purpose {
        Purpose::Serving | Purpose::Inspecting => SqliteFile::SERVING_CACHE_KIB,
        Purpose::Bulk => SqliteFile::BULK_CACHE_KIB,
    };
    let db = Db::open_sqlite(&SqliteFile {
        path: path.clone(),
        writer_cache_kib,
    })
    .await
    .with_context(|| format!("{} cannot be opened", path.display()))?;
    if purpose == Purpose::Inspecting {
        migrate::check(&db).await?;
    } else {
        migrate::migrate(&db)
            .await
            .context("the database cannot be brought to the present schema")?;
    }
    let key = match keys::configured(database)? {
        Some(key) => key,
        None => keys::of_folder(folder, &db, random).await?,
    };
    Ok((db, key))
}

/// Makes a folder, unless it is there.
pub(crate) fn make_folder(folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder)
        .with_context(|| format!("the folder {} cannot be made", folder.display()))
}

/// Keeps a second server off the same SQLite folder for as long as it lives.
#[derive(Debug)]
pub struct ServeLock(
    #[expect(dead_code, reason = "held, not read: the lock ends with the file")] Option<File>,
);

impl ServeLock {
    /// Takes the lock. PostgreSQL needs none: several nodes are welcome there.
    pub fn take(config: &Config) -> anyhow::Result<Self> {
        if config.database.url.is_some() {
            return Ok(Self(None));
        }
        let folder = &config.database.data_dir;
        make_folder(folder)?;
        let path = folder.join(LOCK_FILE);
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .with_context(|| format!("{} cannot be opened", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(Some(file))),
            Err(TryLockError::WouldBlock) => {
                bail!(
                    "another `habeo serve` uses {} already",
                    config.database.data_dir.display()
                )
            }
            Err(TryLockError::Error(error)) => Err(error).context("the folder cannot be locked"),
        }
    }
}
