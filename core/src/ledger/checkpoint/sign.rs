//! Signing what continues what was signed.

use super::super::note::{Checkpoint, NoteRefusal, SigningKey};
use super::super::tile;
use super::super::tree::{Frontier, Hash};
use super::super::{Ledger, RecordError, audit, proof};
use super::key::{KeyError, keys, publish_key};
use super::publish::{CompleteTiles, Publish, Refusal};
use super::stored::{Signed, epochs, latest, origin};
use crate::access::{Access, Surface};
use crate::id::OrgId;
use crate::secret::MasterKey;
use crate::store::{StoreError, StoreResult, Tx};
use crate::time::SECOND_MICROS;
use std::sync::Arc;

/// At most this often is a ledger's checkpoint signed.
pub const INTERVAL_MICROS: i64 = 10 * SECOND_MICROS;

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

    /// Makes sure that a ledger is a continuation of what was signed of it, here and outside the database.
    pub async fn check(&self, org: OrgId) -> Result<(), SignError> {
        self.examine(&Access::system(org, Surface::System)).await?;
        Ok(())
    }

    /// Reads what a ledger is and what was signed of it, and makes sure that they belong together. None where there is no ledger.
    async fn examine(&self, access: &Access) -> Result<Option<Examined>, SignError> {
        let known: Vec<_> = keys(self.ledger.db())
            .await?
            .iter()
            .map(|key| key.public_key)
            .collect();
        // Before the head, which may grow and be signed by another node in the meantime.
        let outside = self.witness.last(access.org())?;
        let outside = outside
            .map(|note| Checkpoint::open(&note, &known))
            .transpose()
            .map_err(Fault::Note)?;
        self.complete_tiles(access).await?;
        let mut tx = self.ledger.db().read(access).await?;
        let Some(head) = Head::read(&mut tx, access).await? else {
            return Ok(None);
        };
        let last = latest(&mut tx, access).await?;
        let inside = last
            .as_ref()
            .map(|last| Checkpoint::open(&last.note, &known))
            .transpose()
            .map_err(Fault::Note)?;
        for before in inside.iter().chain(&outside) {
            head.check_continues(&mut tx, access, before).await?;
        }
        Ok(Some(Examined {
            head,
            last,
            inside,
            outside,
        }))
    }

    /// Signs the ledger as it is, if it has grown and is a continuation of what was signed before.
    pub async fn sign(&self, org: OrgId) -> Result<Option<Signed>, SignError> {
        let access = Access::system(org, Surface::System);
        let now = self.ledger.clock().now();
        let Some(Examined {
            head,
            last,
            inside,
            outside,
        }) = self.examine(&access).await?
        else {
            return Ok(None);
        };
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

/// A ledger and what was last signed of it.
struct Examined {
    head: Head,
    last: Option<Signed>,
    /// The note of `last`.
    inside: Option<Checkpoint>,
    /// The note that is kept outside the database.
    outside: Option<Checkpoint>,
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
    let proof = match tile::consistency_of_entries(tx, access, before.size, size).await {
        Ok(Some(proof)) => proof,
        // Hashes that contradict themselves are no proof.
        Ok(None) | Err(StoreError::Inconsistent { .. }) => return Ok(false),
        Err(error) => return Err(error),
    };
    Ok(proof::verify_consistency(before.size, size, &before.root, root, &proof.hashes).is_ok())
}
