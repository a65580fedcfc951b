//! Secrets of the installation itself, which belong to no organisation: sealed with the master key, the same on every node.

use secrecy::SecretBox;

use crate::random::Random;
use crate::secret::{MasterKey, Place, Unsealable};
use crate::store::{Db, StoreError, StoreResult, execute, fetch_optional};
use crate::time::Timestamp;

const COLUMN: &str = "installation_secret.sealed";

/// Why a secret of the installation cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum InstallationError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It was sealed with another master key.
    #[error("the database was sealed with another master key")]
    Unsealable(#[from] Unsealable),
}

/// The secret with this name; made and kept if there is none. When two nodes make one at the same moment, both get the first.
pub async fn secret(
    db: &Db,
    master_key: &MasterKey,
    name: &str,
    now: Timestamp,
    random: &dyn Random,
    make: impl FnOnce() -> Vec<u8>,
) -> Result<SecretBox<Vec<u8>>, InstallationError> {
    let place = Place {
        column: COLUMN,
        org: None,
        row: name.as_bytes(),
    };
    if let Some(sealed) = stored(db, name).await? {
        return Ok(master_key.open(place, &sealed)?);
    }
    let sealed = master_key.seal(place, &make(), random);
    let mut tx = db.write_directory().await?;
    execute!(
        &mut tx,
        "INSERT INTO installation_secret (name, sealed, created_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING",
        name,
        sealed,
        now
    )?;
    tx.commit().await?;
    let kept = stored(db, name).await?.ok_or(StoreError::Busy)?;
    Ok(master_key.open(place, &kept)?)
}

/// Makes sure that the master key is the one this database was first opened with. A new database remembers it from here on.
pub async fn check_key(
    db: &Db,
    master_key: &MasterKey,
    now: Timestamp,
    random: &dyn Random,
) -> Result<(), InstallationError> {
    let made = || {
        let mut bytes = vec![0; 16];
        random.fill(&mut bytes);
        bytes
    };
    secret(db, master_key, "master key check", now, random, made).await?;
    Ok(())
}

/// Whether anything was ever sealed here; then a lost master key must not be replaced by a new one.
pub async fn is_sealed(db: &Db) -> StoreResult<bool> {
    let mut tx = db.read_directory().await?;
    let row: Option<(String,)> = fetch_optional!(
        &mut tx,
        (String,),
        "SELECT name FROM installation_secret LIMIT 1"
    )?;
    Ok(row.is_some())
}

async fn stored(db: &Db, name: &str) -> StoreResult<Option<Vec<u8>>> {
    let mut tx = db.read_directory().await?;
    let row: Option<(Vec<u8>,)> = fetch_optional!(
        &mut tx,
        (Vec<u8>,),
        "SELECT sealed FROM installation_secret WHERE name = $1",
        name
    )?;
    Ok(row.map(|(sealed,)| sealed))
}
