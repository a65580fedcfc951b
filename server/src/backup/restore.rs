//! The way back: into an empty place, verified, and with a word in every ledger that it has been away.

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail, ensure};
use habeo_core::access::{Access, Surface};
use habeo_core::ledger::Ledger;
use habeo_core::ledger::audit::{self, Verdict};
use habeo_core::ledger::tree;
use habeo_core::org;
use habeo_core::org::reopen::ReopenRestored;
use habeo_core::random::SystemRandom;
use habeo_core::secret::{MasterKey, reseal};
use habeo_core::store::backup::{self, Restoration};
use habeo_core::store::{Db, Engine, PostgresRole, SqliteFile, lint, migrate};
use habeo_core::time::SystemClock;
use secrecy::ExposeSecret;

use super::manifest::{Manifest, OldHead, engine_name};
use super::{Progress, postgres, sqlite};
use crate::config::Config;
use crate::keys;
use crate::node::{database_file, make_folder};

const PIECE_BYTES: u64 = 256 * 1024;

/// Restores a backup into the configured place, which has to be empty.
pub async fn restore(
    config: &Config,
    folder: &Path,
    progress: Progress<'_>,
) -> anyhow::Result<Manifest> {
    let manifest = Manifest::read(folder)?;
    let engine = match config.database.url {
        None => Engine::Sqlite,
        Some(_) => Engine::Postgres,
    };
    if manifest.engine != engine_name(engine) {
        bail!(
            "this is a backup of {}, and {} is configured; a copy goes back into the engine that it is of",
            manifest.engine,
            engine_name(engine)
        );
    }
    let keys = keys_for(config, &manifest)?;
    progress("checking the files", 0);
    manifest.check_files(folder)?;
    match engine {
        Engine::Sqlite => into_sqlite(config, folder, &manifest, &keys, progress).await?,
        Engine::Postgres => into_postgres(config, folder, &manifest, &keys, progress).await?,
    }
    Ok(manifest)
}

/// The keys without which the copy's secrets do not open. They are never in it.
fn keys_for(config: &Config, manifest: &Manifest) -> anyhow::Result<MasterKey> {
    let configured = keys::configured(&config.database)?;
    let keys = match (configured, &config.database.url) {
        (Some(keys), _) => Some(keys),
        (None, None) => keys::in_folder(&config.database.data_dir)?,
        (None, Some(_)) => None,
    };
    let needed = manifest.keys.join(" and ");
    let keys = keys.with_context(|| {
        format!(
            "the secrets in this backup were sealed with the master key {needed}, which is not in it; set HABEO_MASTER_KEY, or put \
             master.key into {}",
            config.database.data_dir.display()
        )
    })?;
    let known = [Some(keys.id()), keys.other_id()];
    let known: Vec<String> = known
        .into_iter()
        .flatten()
        .map(|id| id.to_string())
        .collect();
    ensure!(
        manifest.keys.iter().all(|key| known.contains(key)),
        "the secrets in this backup were sealed with the master key {needed}; configured is {}",
        known.join(" and ")
    );
    Ok(keys)
}

async fn into_sqlite(
    config: &Config,
    folder: &Path,
    manifest: &Manifest,
    keys: &MasterKey,
    progress: Progress<'_>,
) -> anyhow::Result<()> {
    let target = database_file(&config.database);
    if target.exists() {
        bail!("there is a database at {} already", target.display());
    }
    make_folder(&config.database.data_dir)?;
    // Under another name until it is verified: a server that starts meanwhile finds nothing.
    let draft = target.with_extension("db.restoring");
    for suffix in ["", "-wal", "-shm"] {
        let mut name = draft.clone().into_os_string();
        name.push(suffix);
        drop(fs::remove_file(name));
    }
    progress("copying the database", 0);
    let mut copy = keys::private_file(&draft)?;
    std::io::copy(&mut fs::File::open(folder.join(sqlite::FILE))?, &mut copy)?;
    copy.sync_all()?;
    drop(copy);
    let outcome = verify_sqlite(&draft, manifest, keys, progress).await;
    if let Err(error) = outcome {
        drop(fs::remove_file(&draft));
        return Err(error);
    }
    fs::rename(&draft, &target)?;
    fs::File::open(&config.database.data_dir)?.sync_all()?;
    Ok(())
}

async fn verify_sqlite(
    file: &Path,
    manifest: &Manifest,
    keys: &MasterKey,
    progress: Progress<'_>,
) -> anyhow::Result<()> {
    let db = Db::open_sqlite(&SqliteFile {
        path: file.to_owned(),
        writer_cache_kib: SqliteFile::SERVING_CACHE_KIB,
    })
    .await?;
    progress("checking the database", 0);
    backup::check_sqlite(&db).await?;
    ensure!(
        sqlite::tables(&db).await? == manifest.tables,
        "the numbers of rows are not those of the manifest"
    );
    ensure!(
        backup::migrations(&db).await? == manifest.migrations,
        "the schema is not that of the manifest"
    );
    migrate::migrate(&db)
        .await
        .context("the schema cannot be brought up to date")?;
    finish(&db, manifest, keys, progress).await?;
    db.close().await;
    Ok(())
}

async fn into_postgres(
    config: &Config,
    folder: &Path,
    manifest: &Manifest,
    keys: &MasterKey,
    progress: Progress<'_>,
) -> anyhow::Result<()> {
    let owner =
        config.database.owner_url.as_ref().context(
            "set HABEO_DATABASE_OWNER_URL: only the owner of the tables can fill them all",
        )?;
    let owner = Db::open_postgres(owner.expose_secret(), PostgresRole::Owner, 1).await?;
    migrate::migrate(&owner).await.context(
        "the schema cannot be made; `habeo migrate --create-roles` makes the roles it needs",
    )?;
    ensure!(
        backup::migrations(&owner).await? == manifest.migrations,
        "the backup has another schema: restore it with the version that made it ({}), then migrate",
        manifest.program
    );
    let mut restoration = Restoration::begin(&owner).await?;
    let tables = restoration.tables().to_vec();
    ensure!(
        tables.len() == manifest.tables.len(),
        "the backup has other tables than this schema"
    );
    for table in &tables {
        let copied = manifest
            .tables
            .iter()
            .find(|copied| copied.name == table.name);
        let copied = copied.with_context(|| format!("the backup has no {}", table.name))?;
        ensure!(
            copied.columns == table.columns,
            "{} has other columns in the backup",
            table.name
        );
        progress(&table.name, 0);
        let mut file = fs::File::open(folder.join(postgres::file_name(&table.name)))?;
        let rows = restoration
            .copy_in(table, &mut || {
                let mut piece = Vec::new();
                (&mut file).take(PIECE_BYTES).read_to_end(&mut piece)?;
                Ok(piece)
            })
            .await
            .with_context(|| format!("{} cannot be filled", table.name))?;
        ensure!(
            rows == copied.rows,
            "{} has {rows} rows, and the manifest says {}",
            table.name,
            copied.rows
        );
        progress(&table.name, rows);
    }
    restoration.commit().await?;
    owner.close().await;
    let url = config.database.url.as_ref().context("no database")?;
    let connections = config.database.connections;
    let db = Db::open_postgres(url.expose_secret(), PostgresRole::App, connections).await?;
    finish(&db, manifest, keys, progress)
        .await
        .context("the database was filled and is not what the manifest says; do not use it")?;
    db.close().await;
    Ok(())
}

/// Recomputes every ledger and compares its head with the manifest's; then the keys; then each ledger is told.
async fn finish(
    db: &Db,
    manifest: &Manifest,
    keys: &MasterKey,
    progress: Progress<'_>,
) -> anyhow::Result<()> {
    ensure!(
        sqlite::heads(db).await? == manifest.ledgers,
        "the heads of the ledgers are not those of the manifest"
    );
    for head in &manifest.ledgers {
        progress("verifying a ledger", head.size);
        let access = Access::system(head.org, Surface::System);
        let mut tx = db.read_snapshot(&access).await?;
        let verdict = audit::verify(&mut tx, &access).await?;
        ensure!(
            verdict == Verdict::Whole { size: head.size },
            "the ledger of {} is not whole: {verdict:?}",
            head.slug
        );
    }
    ensure!(
        org::store::all(db).await?.len() == manifest.ledgers.len(),
        "an organization has no ledger"
    );
    // Row security is in force again, or nothing is served from here.
    lint::check(db).await?;
    reseal::check(db, keys).await?;
    let ledger = Ledger::new(db.clone(), Arc::new(SystemClock), Arc::new(SystemRandom));
    open_epochs(&ledger, &manifest.ledgers).await
}

/// Begins a new epoch of each ledger, by an entry that names the head from which it goes on.
async fn open_epochs(ledger: &Ledger, heads: &[OldHead]) -> anyhow::Result<()> {
    for head in heads {
        let access = Access::system(head.org, Surface::System);
        let root = tree::unhex(&head.root)
            .and_then(|bytes| bytes.try_into().ok())
            .context("the manifest has a root that is none")?;
        let size = head.size;
        ledger
            .record(&access, ReopenRestored { size, root })
            .await?;
    }
    Ok(())
}
