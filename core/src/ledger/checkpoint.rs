//! Signed checkpoints: the promise that what a ledger holds today is still there tomorrow, kept where others can see it.
//!
//! A checkpoint is signed only when the tree has grown, and only after the tree was shown to be a continuation of the last one that was signed.
//! That last one is read from the database and from a place outside it: whoever puts an older database back meets the one outside.

use std::sync::Arc;

use super::note::{Checkpoint, NoteRefusal, PUBLIC_KEY_BYTES, SEED_BYTES, SigningKey, Verifier};
use super::tile::{self, signed, unsigned};
use super::tree::{Frontier, Hash};
use super::{Command, Failure, Ledger, RecordError, Work, audit, proof};
use crate::access::{Access, Surface};
use crate::explain::{Explain, Kind};
use crate::id::OrgId;
use crate::installation::{self, InstallationError};
use crate::secret::MasterKey;
use crate::store::{
    Db, StoreError, StoreResult, Tx, execute, fetch_all, fetch_one, fetch_optional,
};
use crate::time::{SECOND_MICROS, Timestamp};

/// At most this often is a ledger's checkpoint signed.
pub const INTERVAL_MICROS: i64 = 10 * SECOND_MICROS;

/// A signed checkpoint as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// What was signed.
    pub checkpoint: Checkpoint,
    /// The epoch of its origin.
    pub epoch: i64,
    /// The signed note.
    pub note: String,
    /// When it was signed.
    pub signed_at: Timestamp,
}

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

/// The place outside the database where the last signed checkpoint of each ledger is kept.
pub trait Witness: Send + Sync + std::fmt::Debug {
    /// The last note of an organisation's ledger, if there is one.
    fn last(&self, org: OrgId) -> std::io::Result<Option<String>>;
    /// Keeps a note durably in the place of the one before.
    fn keep(&self, org: OrgId, note: &str) -> std::io::Result<()>;
}

/// Why a ledger is not what was signed. Nothing may be signed until somebody has looked at it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Entries are gone.
    #[error("the ledger has {size} entries, and a checkpoint of {signed} was signed")]
    Smaller {
        /// How many there are.
        size: u64,
        /// How many there were.
        signed: u64,
    },
    /// Entries are others.
    #[error(
        "the ledger of {size} entries is not a continuation of the signed checkpoint of {signed}"
    )]
    Inconsistent {
        /// How many there are.
        size: u64,
        /// How many were signed.
        signed: u64,
    },
    /// The kept checkpoint is not one of ours.
    #[error("the last signed checkpoint cannot be trusted: {0}")]
    Note(#[from] NoteRefusal),
}

/// Why no checkpoint was signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// The ledger contradicts what was signed before.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The place outside the database cannot be read or written.
    #[error("the last checkpoint cannot be kept outside the database")]
    Witness(#[from] std::io::Error),
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

/// Signs the checkpoints of every ledger of an installation.
#[derive(Debug)]
pub struct Signer {
    ledger: Ledger,
    key: SigningKey,
    witness: Arc<dyn Witness>,
}

impl Signer {
    /// Opens the installation's newest key; the first time, makes one.
    pub async fn open(
        ledger: Ledger,
        master_key: &MasterKey,
        witness: Arc<dyn Witness>,
    ) -> Result<Self, KeyError> {
        let number = keys(ledger.db()).await?.last().map_or(1, |key| key.number);
        let key = publish_key(&ledger, master_key, number).await?;
        Ok(Self {
            ledger,
            key,
            witness,
        })
    }

    /// Whether the ledger has grown since its last checkpoint, and that is long enough ago.
    pub async fn is_due(&self, org: OrgId) -> StoreResult<bool> {
        let access = Access::system(org, Surface::System);
        let mut tx = self.ledger.db().read(&access).await?;
        let size = audit::size(&mut tx, &access).await?;
        let last = latest(&mut tx, &access).await?;
        let now = self.ledger.clock().now();
        Ok(match last {
            Some(last) => {
                size != last.checkpoint.size && last.signed_at.plus_micros(INTERVAL_MICROS) <= now
            }
            None => size > 0,
        })
    }

    /// Signs the ledger as it is, if it has grown and is a continuation of what was signed before.
    pub async fn sign(&self, org: OrgId) -> Result<Option<Signed>, SignError> {
        let access = Access::system(org, Surface::System);
        let now = self.ledger.clock().now();
        let known: Vec<_> = keys(self.ledger.db())
            .await?
            .iter()
            .map(|key| key.public_key)
            .collect();
        let outside = self.witness.last(org)?;
        let outside = outside
            .map(|note| Checkpoint::open(&note, &known))
            .transpose()
            .map_err(Fault::Note)?;
        self.complete_tiles(&access).await?;

        let mut tx = self.ledger.db().read(&access).await?;
        let Some(head) = Head::read(&mut tx, &access).await? else {
            return Ok(None);
        };
        let last = latest(&mut tx, &access).await?;
        let inside = last
            .as_ref()
            .map(|last| Checkpoint::open(&last.note, &known))
            .transpose()
            .map_err(Fault::Note)?;
        for before in inside.iter().chain(&outside) {
            head.check_continues(&mut tx, &access, before).await?;
        }
        drop(tx);
        let current = inside
            .as_ref()
            .filter(|inside| inside.origin == head.origin && inside.size == head.size);
        if let (Some(current), Some(last)) = (current, &last) {
            if outside.as_ref() != Some(current) {
                self.witness.keep(org, &last.note)?;
            }
            return Ok(None);
        }
        if head.size == 0
            || last.is_some_and(|last| {
                last.epoch == head.epoch && last.signed_at.plus_micros(INTERVAL_MICROS) > now
            })
        {
            return Ok(None);
        }
        let checkpoint = Checkpoint {
            origin: head.origin,
            size: head.size,
            root: head.root,
        };
        let note = self
            .key
            .sign(&checkpoint)
            .ok_or(Fault::Note(NoteRefusal::Malformed))?;
        let signed = Signed {
            checkpoint,
            epoch: head.epoch,
            note,
            signed_at: now,
        };
        // Outside first: what was ever shown to anybody is known there, whatever becomes of this database.
        self.witness.keep(org, &signed.note)?;
        match self.ledger.record(&access, Publish(signed.clone())).await {
            Ok(()) => Ok(Some(signed)),
            Err(RecordError::Refused(Refusal::Overtaken)) => Ok(None),
            Err(RecordError::Store(error)) => Err(error.into()),
        }
    }

    /// Stores what tiles are missing, which happens once after a program that did not store any.
    async fn complete_tiles(&self, access: &Access) -> StoreResult<()> {
        let mut tx = self.ledger.db().read(access).await?;
        let size = audit::size(&mut tx, access).await?;
        let missing = tile::are_missing(&mut tx, access.org(), size).await?;
        drop(tx);
        if missing {
            match self.ledger.record(access, CompleteTiles).await {
                Ok(()) | Err(RecordError::Refused(_)) => {}
                Err(RecordError::Store(error)) => return Err(error),
            }
        }
        Ok(())
    }
}

/// The end of a ledger under its present name.
struct Head {
    size: u64,
    root: Hash,
    origin: String,
    epoch: i64,
    /// The checkpoint that this epoch has said it cannot reach.
    given_up: Option<Checkpoint>,
}

impl Head {
    async fn read(tx: &mut Tx, access: &Access) -> StoreResult<Option<Self>> {
        let Some((size, root)) = audit::head(tx, access).await? else {
            return Ok(None);
        };
        let Some(first_origin) = origin(tx, access).await? else {
            return Ok(None);
        };
        let epochs = epochs(tx, access).await?;
        let last = epochs.into_iter().next_back();
        Ok(Some(match last {
            Some(epoch) => Self {
                size,
                root,
                origin: epoch.origin,
                epoch: epoch.epoch,
                given_up: Some(epoch.former),
            },
            None => Self {
                size,
                root,
                origin: first_origin,
                epoch: 1,
                given_up: None,
            },
        }))
    }

    /// Makes sure that this head is a continuation of a checkpoint, or has said why it is none.
    async fn check_continues(
        &self,
        tx: &mut Tx,
        access: &Access,
        before: &Checkpoint,
    ) -> Result<(), SignError> {
        if self.given_up.as_ref() == Some(before) {
            return Ok(());
        }
        let (size, signed) = (self.size, before.size);
        if size < signed {
            return Err(Fault::Smaller { size, signed }.into());
        }
        if continues(tx, access, before, size, &self.root).await? {
            Ok(())
        } else {
            Err(Fault::Inconsistent { size, signed }.into())
        }
    }
}

/// Whether the tree of this size and root is a continuation of a checkpoint.
pub async fn continues(
    tx: &mut Tx,
    access: &Access,
    before: &Checkpoint,
    size: u64,
    root: &Hash,
) -> StoreResult<bool> {
    if before.size == 0 {
        return Ok(before.root == Frontier::default().root());
    }
    let proof = match tile::consistency(tx, access, before.size, size).await {
        Ok(Some(proof)) => proof,
        // Hashes that contradict themselves are no proof.
        Ok(None) | Err(StoreError::Inconsistent { .. }) => return Ok(false),
        Err(error) => return Err(error),
    };
    Ok(proof::verify_consistency(before.size, size, &before.root, root, &proof.hashes).is_ok())
}

/// An epoch after the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Epoch {
    /// Which.
    pub epoch: i64,
    /// The ledger's name in it.
    pub origin: String,
    /// The last checkpoint of the epoch before, which the restored ledger does not reach.
    pub former: Checkpoint,
}

/// The present name of a ledger.
pub async fn origin(tx: &mut Tx, access: &Access) -> StoreResult<Option<String>> {
    let row: Option<(String,)> = fetch_optional!(
        tx,
        (String,),
        "SELECT log_origin FROM org WHERE org_id = $1",
        access.org()
    )?;
    Ok(row.map(|(origin,)| origin))
}

/// The epochs of a ledger after the first, in order.
pub async fn epochs(tx: &mut Tx, access: &Access) -> StoreResult<Vec<Epoch>> {
    let rows: Vec<(i64, String, String, i64, Vec<u8>)> = fetch_all!(
        tx,
        (i64, String, String, i64, Vec<u8>),
        "SELECT epoch, origin, former_origin, former_size, former_root FROM ledger_epoch WHERE org_id = $1 ORDER BY epoch",
        access.org()
    )?;
    rows.into_iter()
        .map(|(epoch, origin, former_origin, former_size, root)| {
            let former = checkpoint("ledger_epoch", former_origin, former_size, &root)?;
            Ok(Epoch {
                epoch,
                origin,
                former,
            })
        })
        .collect()
}

fn checkpoint(
    table: &'static str,
    origin: String,
    size: i64,
    root: &[u8],
) -> StoreResult<Checkpoint> {
    let root = root.try_into().map_err(|_| StoreError::Inconsistent {
        table,
        what: "the root is not a hash".to_owned(),
    })?;
    Ok(Checkpoint {
        origin,
        size: unsigned(size),
        root,
    })
}

type Row = (i64, i64, String, Vec<u8>, String, Timestamp);

fn signed_of((epoch, size, origin, root, note, signed_at): Row) -> StoreResult<Signed> {
    Ok(Signed {
        checkpoint: checkpoint("ledger_checkpoint", origin, size, &root)?,
        epoch,
        note,
        signed_at,
    })
}

/// The last checkpoint that was signed.
pub async fn latest(tx: &mut Tx, access: &Access) -> StoreResult<Option<Signed>> {
    let row: Option<Row> = fetch_optional!(
        tx,
        Row,
        "SELECT epoch, size, origin, root, note, signed_at FROM ledger_checkpoint WHERE org_id = $1 ORDER BY epoch DESC, size DESC LIMIT 1",
        access.org()
    )?;
    row.map(signed_of).transpose()
}

/// Every checkpoint, in order of size.
pub async fn all(tx: &mut Tx, access: &Access) -> StoreResult<Vec<Signed>> {
    let rows: Vec<Row> = fetch_all!(
        tx,
        Row,
        "SELECT epoch, size, origin, root, note, signed_at FROM ledger_checkpoint WHERE org_id = $1 ORDER BY size, epoch",
        access.org()
    )?;
    rows.into_iter().map(signed_of).collect()
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
async fn publish_key(
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

/// Why a checkpoint was not published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Another node was faster.
    #[error("a later checkpoint was signed in the meantime")]
    Overtaken,
}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        Kind::Conflict
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Overtaken => "checkpoint_overtaken",
        }
    }
}

/// Stores a signed checkpoint. It is no fact of the ledger: it is about the ledger.
#[derive(Debug)]
struct Publish(Signed);

impl Command for Publish {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let access = work.access().clone();
        let Signed {
            checkpoint,
            epoch,
            note,
            signed_at,
        } = self.0;
        let last = latest(work.tx(), &access).await?;
        if last.is_some_and(|last| (last.epoch, last.checkpoint.size) >= (epoch, checkpoint.size)) {
            return Err(Failure::Refused(Refusal::Overtaken));
        }
        execute!(
            work.tx(),
            "INSERT INTO ledger_checkpoint (org_id, epoch, size, origin, root, note, signed_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            access.org(),
            epoch,
            signed(checkpoint.size),
            &checkpoint.origin,
            checkpoint.root.to_vec(),
            &note,
            signed_at
        )?;
        Ok(())
    }
}

/// Stores the tiles that are missing.
#[derive(Debug)]
struct CompleteTiles;

impl Command for CompleteTiles {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let access = work.access().clone();
        let (size,): (i64,) = fetch_one!(
            work.tx(),
            (i64,),
            "SELECT size FROM ledger_head WHERE org_id = $1",
            access.org()
        )?;
        tile::catch_up(work.tx(), access.org(), unsigned(size)).await?;
        Ok(())
    }
}
