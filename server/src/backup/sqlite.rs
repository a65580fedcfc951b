//! A copy of a SQLite database: the file itself, as of one moment.

use std::fs::OpenOptions;
use std::path::Path;

use habeo_core::access::{Access, Surface};
use habeo_core::ledger::tree::hex;
use habeo_core::ledger::{Ledger, audit};
use habeo_core::org;
use habeo_core::store::{Db, SqliteFile, backup};

use super::Progress;
use super::manifest::{FileCopy, Manifest, OldHead, TableCopy};
use crate::keys::private_file;

/// The file of a copy.
pub const FILE: &str = "habeo.db";

pub async fn copy(
    ledger: &Ledger,
    folder: &Path,
    manifest: &mut Manifest,
    progress: Progress<'_>,
) -> anyhow::Result<()> {
    let path = folder.join(FILE);
    // Made here and not by SQLite, so that nobody else can read it from its first byte on.
    private_file(&path)?;
    progress("copying the database", 0);
    backup::copy_sqlite(ledger.db(), &path).await?;
    // What the manifest says is read from the copy: the database goes on meanwhile.
    progress("reading the copy", 0);
    let copy = Db::open_sqlite(&SqliteFile {
        path: path.clone(),
        writer_cache_kib: SqliteFile::SERVING_CACHE_KIB,
    })
    .await?;
    manifest.tables = tables(&copy).await?;
    manifest.ledgers = heads(&copy).await?;
    copy.close().await;
    OpenOptions::new().write(true).open(&path)?.sync_all()?;
    manifest.files = vec![FileCopy::of(folder, FILE)?];
    Ok(())
}

pub async fn tables(db: &Db) -> anyhow::Result<Vec<TableCopy>> {
    let counts = backup::count_sqlite(db).await?;
    counts
        .into_iter()
        .map(|(name, rows)| {
            Ok(TableCopy {
                name,
                columns: Vec::new(),
                rows: u64::try_from(rows)?,
            })
        })
        .collect()
}

/// The heads of all ledgers in a database.
pub async fn heads(db: &Db) -> anyhow::Result<Vec<OldHead>> {
    let mut heads = Vec::new();
    for (org, slug) in org::store::all(db).await? {
        let access = Access::system(org, Surface::System);
        let mut tx = db.read(&access).await?;
        if let Some((size, root)) = audit::head(&mut tx, &access).await? {
            heads.push(OldHead {
                org,
                slug,
                size,
                root: hex(&root),
            });
        }
    }
    Ok(heads)
}
