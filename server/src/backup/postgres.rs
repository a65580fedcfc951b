//! A copy of a PostgreSQL database: one file for each table, all as of one moment.

use std::io::{BufWriter, Write as _};
use std::path::Path;

use habeo_core::ledger::tree::{Frontier, hex};
use habeo_core::store::Db;
use habeo_core::store::backup::{Snapshot, Table};

use super::Progress;
use super::manifest::{FileCopy, Manifest, OldHead, TableCopy};
use crate::keys::private_file;

const BUFFER_BYTES: usize = 256 * 1024;

/// The file of a table.
pub fn file_name(table: &str) -> String {
    format!("{table}.copy")
}

pub async fn copy(
    db: &Db,
    folder: &Path,
    manifest: &mut Manifest,
    progress: Progress<'_>,
) -> anyhow::Result<()> {
    let mut snapshot = Snapshot::begin(db).await?;
    let orgs = snapshot.orgs().await?;
    for table in snapshot.tables().await? {
        progress(&table.name, 0);
        let name = file_name(&table.name);
        let mut file = BufWriter::with_capacity(BUFFER_BYTES, private_file(&folder.join(&name))?);
        let mut sink = |bytes: &[u8]| file.write_all(bytes);
        let mut rows = 0;
        if table.of_org {
            for (org, _) in &orgs {
                snapshot.become_org(*org).await?;
                rows += snapshot.copy_out(&table, &mut sink).await?;
            }
        } else {
            rows = snapshot.copy_out(&table, &mut sink).await?;
        }
        file.into_inner()
            .map_err(std::io::IntoInnerError::into_error)?
            .sync_all()?;
        progress(&table.name, rows);
        manifest.files.push(FileCopy::of(folder, &name)?);
        let Table { name, columns, .. } = table;
        manifest.tables.push(TableCopy {
            name,
            columns,
            rows,
        });
    }
    for (org, slug) in orgs {
        snapshot.become_org(org).await?;
        if let Some((size, frontier)) = snapshot.head().await? {
            let size = u64::try_from(size)?;
            let frontier = Frontier::from_bytes(size, &frontier);
            let root = frontier.map(|frontier| hex(&frontier.root()));
            manifest.ledgers.push(OldHead {
                org,
                slug,
                size,
                root: root.unwrap_or_default(),
            });
        }
    }
    Ok(())
}
