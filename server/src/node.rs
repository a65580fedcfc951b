//! A node: the database opened, its key found, its ledger ready. What every command begins with.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use habeo_core::installation;
use habeo_core::ledger::Ledger;
use habeo_core::random::{Random, SystemRandom};
use habeo_core::secret::{MASTER_KEY_BYTES, MasterKey};
use habeo_core::store::{Db, PostgresRole, SqliteFile, lint, migrate};
use habeo_core::time::{Clock, SystemClock};
use secrecy::ExposeSecret;

use crate::config::{Config, Database};

const DATABASE_FILE: &str = "habeo.db";
const KEY_FILE: &str = "master.key";
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
                let key = config.database.master_key.as_ref();
                let key = key.context("PostgreSQL needs HABEO_MASTER_KEY: 32 random bytes in base64, the same on every node")?;
                (db, parse_key(key.expose_secret())?)
            }
        };
        lint::check(&db).await?;
        installation::check_key(&db, &master_key, clock.now(), random.as_ref()).await?;
        Ok(Self {
            ledger: Ledger::new(db, clock, random),
            master_key: Arc::new(master_key),
        })
    }
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
        private_file(&path)?;
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
    let key = match &database.master_key {
        Some(key) => parse_key(key.expose_secret())?,
        None => key_of_folder(folder, &db, random).await?,
    };
    Ok((db, key))
}

fn parse_key(text: &str) -> anyhow::Result<MasterKey> {
    let bytes = STANDARD
        .decode(text.trim())
        .context("the master key is not base64")?;
    let bytes: [u8; MASTER_KEY_BYTES] = bytes
        .try_into()
        .ok()
        .context("the master key does not have 32 bytes")?;
    Ok(MasterKey::new(bytes))
}

/// A new folder gets its own key; a database that was sealed with a lost one is not given another.
async fn key_of_folder(folder: &Path, db: &Db, random: &dyn Random) -> anyhow::Result<MasterKey> {
    let path = folder.join(KEY_FILE);
    if path.exists() {
        let text = fs::read_to_string(&path)
            .with_context(|| format!("{} cannot be read", path.display()))?;
        return parse_key(&text);
    }
    if installation::is_sealed(db).await? {
        bail!(
            "{} is missing; without it the secrets in this database cannot be opened",
            path.display()
        );
    }
    let key = MasterKey::generate(random);
    let mut file = private_file(&path)?;
    writeln!(file, "{}", STANDARD.encode(key.expose()))?;
    file.sync_all()?;
    Ok(key)
}

fn make_folder(folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder)
        .with_context(|| format!("the folder {} cannot be made", folder.display()))
}

/// A file that only its owner can read.
fn private_file(path: &Path) -> anyhow::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .with_context(|| format!("{} cannot be made", path.display()))
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
