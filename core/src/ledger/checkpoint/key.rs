//! The keys with which checkpoints are signed.

use super::super::Ledger;
use super::super::note::{PUBLIC_KEY_BYTES, SEED_BYTES, SigningKey, Verifier};
use crate::installation::{self, InstallationError};
use crate::secret::MasterKey;
use crate::store::{Db, StoreError, StoreResult, execute, fetch_all};
use crate::time::Timestamp;

/// A key with which checkpoints are, or were, signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Which one, from 1.
    pub number: i64,
    /// Its public half.
    pub public_key: [u8; PUBLIC_KEY_BYTES],
    /// Since when.
    pub created_at: Timestamp,
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// It cannot be read or kept.
    #[error(transparent)]
    Installation(#[from] InstallationError),
    /// What is kept is not a key, or not the published one's other half.
    #[error("the checkpoint key does not belong to the published one")]
    Mismatch,
}

impl From<StoreError> for KeyError {
    fn from(error: StoreError) -> Self {
        Self::Installation(error.into())
    }
}

/// Every public key with which a checkpoint was ever signed, in order.
pub async fn keys(db: &Db) -> StoreResult<Vec<Key>> {
    let mut tx = db.read_directory().await?;
    let rows: Vec<(i64, Vec<u8>, Timestamp)> = fetch_all!(
        &mut tx,
        (i64, Vec<u8>, Timestamp),
        "SELECT number, public_key, created_at FROM checkpoint_key ORDER BY number"
    )?;
    rows.into_iter()
        .map(|(number, public_key, created_at)| {
            let public_key = public_key
                .try_into()
                .map_err(|_| StoreError::Inconsistent {
                    table: "checkpoint_key",
                    what: format!("key {number} does not have 32 bytes"),
                })?;
            Ok(Key {
                number,
                public_key,
                created_at,
            })
        })
        .collect()
}

/// The keys under the name of a ledger, as programs of others take them.
#[must_use]
pub fn verifiers(keys: &[Key], origin: &str) -> Vec<Verifier> {
    keys.iter()
        .map(|key| Verifier::new(origin, key.public_key))
        .collect()
}

/// Lets checkpoints be signed with a new key from now on; the ones before stay published.
pub async fn rotate_key(ledger: &Ledger, master_key: &MasterKey) -> Result<Key, KeyError> {
    let next = keys(ledger.db())
        .await?
        .last()
        .map_or(1, |key| key.number + 1);
    publish_key(ledger, master_key, next).await?;
    let newest = keys(ledger.db()).await?.pop();
    newest
        .filter(|key| key.number == next)
        .ok_or(KeyError::Mismatch)
}

/// The signing key with this number, made and published if it is not there.
pub(super) async fn publish_key(
    ledger: &Ledger,
    master_key: &MasterKey,
    number: i64,
) -> Result<SigningKey, KeyError> {
    let (db, now, random) = (ledger.db(), ledger.clock().now(), ledger.random());
    let make = || {
        let mut seed = vec![0; SEED_BYTES];
        random.fill(&mut seed);
        seed
    };
    let name = format!("checkpoint key {number}");
    let seed = installation::secret(db, master_key, &name, now, random, make).await?;
    let key = SigningKey::from_seed(&seed).ok_or(KeyError::Mismatch)?;
    let public_key = key.public_key().ok_or(KeyError::Mismatch)?;
    let published = keys(db).await?;
    if !published.iter().any(|key| key.number == number) {
        let mut tx = db.write_directory().await?;
        execute!(
            &mut tx,
            "INSERT INTO checkpoint_key (number, public_key, created_at) VALUES ($1, $2, $3) ON CONFLICT (number) DO NOTHING",
            number,
            public_key.to_vec(),
            now
        )?;
        tx.commit().await?;
    }
    let published = keys(db).await?;
    if published
        .iter()
        .any(|key| key.number == number && key.public_key == public_key)
    {
        Ok(key)
    } else {
        Err(KeyError::Mismatch)
    }
}
