//! Backups: a folder with a copy of the database and a manifest that says what is in it. The keys are not.
//!
//! A copy is of one engine and goes back into the same: SQLite's is its file, PostgreSQL's one file for each table. The folder gets its name when
//! it is complete, so that whatever bears it is. A restored database is verified before anything is said of it: digests, numbers of rows, and
//! every ledger from its first entry on.

mod manifest;
mod postgres;
mod restore;
mod sqlite;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use habeo_core::ledger::Ledger;
use habeo_core::secret::{MasterKey, reseal};
use habeo_core::store::{Engine, backup};

pub use manifest::{Manifest, OldHead};
pub use restore::restore;

/// Told what is being done.
pub type Progress<'a> = &'a (dyn Fn(&str, u64) + Send + Sync);

/// What a backup's folder is called while it is made.
fn unfinished(folder: &Path) -> PathBuf {
    let mut name = folder.file_name().unwrap_or_default().to_owned();
    name.push(".unfinished");
    folder.with_file_name(name)
}

/// Copies the whole installation into a new folder.
pub async fn make(
    ledger: &Ledger,
    keys: &MasterKey,
    folder: &Path,
    progress: Progress<'_>,
) -> anyhow::Result<Manifest> {
    if folder.exists() {
        bail!(
            "{} is there already; a backup never replaces another",
            folder.display()
        );
    }
    let draft = unfinished(folder);
    if draft.exists() {
        fs::remove_dir_all(&draft)
            .with_context(|| format!("{} cannot be removed", draft.display()))?;
    }
    private_folder(&draft)?;
    let db = ledger.db();
    let mut manifest = Manifest::new(db.engine(), ledger.clock().now());
    manifest.migrations = backup::migrations(db).await?;
    match db.engine() {
        Engine::Sqlite => sqlite::copy(ledger, &draft, &mut manifest, progress).await?,
        Engine::Postgres => postgres::copy(db, &draft, &mut manifest, progress).await?,
    }
    let used = reseal::usage(db).await?;
    manifest.keys = used.keys().map(ToString::to_string).collect();
    if !used.keys().all(|key| keys.knows(*key)) {
        bail!(
            "a secret is sealed with a key that is not configured; nobody could open it in the backup"
        );
    }
    manifest.write(&draft)?;
    fs::rename(&draft, folder)
        .with_context(|| format!("{} cannot be given its name", folder.display()))?;
    if let Some(parent) = folder
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
    {
        fs::File::open(parent)?.sync_all()?;
    }
    Ok(manifest)
}

/// A folder that only its owner can look into.
fn private_folder(path: &Path) -> anyhow::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(path)
        .with_context(|| format!("the folder {} cannot be made", path.display()))
}
