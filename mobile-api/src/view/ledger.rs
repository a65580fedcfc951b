//! What leaves about the ledger itself: checkpoints, entries, proofs, changes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use habeo_core::ledger::audit::Stored;
use habeo_core::ledger::checkpoint::{Key, Signed};
use habeo_core::ledger::feed::Change;
use habeo_core::ledger::note::Verifier;
use habeo_core::ledger::tile::Proof;
use habeo_core::ledger::tree;
use habeo_surface::wire::Instant;
use poem_openapi::Object;
use uuid::Uuid;

/// A hash or key as the wire has it.
fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The last signed checkpoint of the ledger.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct CheckpointView {
    /// The name of the ledger; its last part is the epoch, which rises after a restore.
    pub origin: String,
    /// How many entries there are.
    pub size: u64,
    /// The root of their tree (RFC 9162), in base64.
    pub root: String,
    /// The signed note (C2SP tlog-checkpoint), to be kept and checked elsewhere.
    pub note: String,
    /// When it was signed.
    pub signed_at: Instant,
    /// Every key with which checkpoints of this ledger are or were signed, oldest first.
    pub keys: Vec<CheckpointKey>,
}

/// A public key.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct CheckpointKey {
    /// By what signatures name it, in hexadecimal.
    pub id: String,
    /// The Ed25519 key, in base64.
    pub public_key: String,
    /// The same under the name of the ledger, as verifiers take it: `name+id+key`.
    pub verifier: String,
    /// Since when checkpoints are signed with it.
    pub since: Instant,
}

impl CheckpointView {
    /// A checkpoint with the keys of its installation.
    #[must_use]
    pub fn new(signed: Signed, keys: &[Key]) -> Self {
        let origin = signed.checkpoint.origin;
        let keys = keys.iter().map(|key| {
            let verifier = Verifier::new(&origin, key.public_key);
            CheckpointKey {
                id: tree::hex(&verifier.id()),
                public_key: base64(&key.public_key),
                verifier: verifier.to_string(),
                since: key.created_at.into(),
            }
        });
        Self {
            keys: keys.collect(),
            size: signed.checkpoint.size,
            root: base64(&signed.checkpoint.root),
            note: signed.note,
            signed_at: signed.signed_at.into(),
            origin,
        }
    }
}

/// An entry of the ledger.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct LedgerEntry {
    /// Its index; the first is 0.
    pub index: i64,
    /// SHA-256 of a zero byte and the bytes of `entry`, in base64.
    pub leaf_hash: String,
    /// The entry to the byte: canonical JSON (RFC 8785), encoded as UTF-8.
    pub entry: String,
}

impl From<Stored> for LedgerEntry {
    fn from(stored: Stored) -> Self {
        Self {
            index: stored.index,
            leaf_hash: base64(&stored.leaf_hash),
            entry: stored.bytes,
        }
    }
}

/// A proof that an entry is in the ledger.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct InclusionProof {
    /// The entry's index.
    pub index: u64,
    /// The size of the tree it is in.
    pub size: u64,
    /// The entry's leaf hash, in base64.
    pub leaf_hash: String,
    /// The root of the tree, in base64.
    pub root: String,
    /// The path from the leaf to the root, in base64 (RFC 9162 section 2.1.3).
    pub hashes: Vec<String>,
}

impl InclusionProof {
    /// A proof with what it is about.
    #[must_use]
    pub fn new(index: u64, size: u64, proof: &Proof) -> Self {
        Self {
            index,
            size,
            leaf_hash: base64(&proof.of),
            root: base64(&proof.root),
            hashes: proof.hashes.iter().map(|hash| base64(hash)).collect(),
        }
    }
}

/// A proof that a ledger is the beginning of a later one.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct ConsistencyProof {
    /// The smaller size.
    pub from: u64,
    /// The larger size.
    pub to: u64,
    /// The root of the smaller tree, in base64.
    pub from_root: String,
    /// The root of the larger tree, in base64.
    pub to_root: String,
    /// The hashes that connect them, in base64 (RFC 9162 section 2.1.4).
    pub hashes: Vec<String>,
}

impl ConsistencyProof {
    /// A proof with what it is about.
    #[must_use]
    pub fn new(from: u64, to: u64, proof: &Proof) -> Self {
        Self {
            from,
            to,
            from_root: base64(&proof.of),
            to_root: base64(&proof.root),
            hashes: proof.hashes.iter().map(|hash| base64(hash)).collect(),
        }
    }
}

/// Something that happened to an asset.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct ChangeView {
    /// Its event id.
    pub id: Uuid,
    /// What happened, such as `asset.deployed`; `asset.left_scope` when the asset went to where you do not see it, and is to be forgotten.
    #[oai(rename = "type")]
    pub kind: String,
    /// To which asset.
    pub asset_id: Uuid,
    /// When it happened.
    pub occurred_at: Instant,
    /// When it was recorded.
    pub recorded_at: Instant,
}

impl From<Change> for ChangeView {
    fn from(change: Change) -> Self {
        Self {
            id: change.event.uuid(),
            kind: change.kind,
            asset_id: change.asset.uuid(),
            occurred_at: change.occurred_at.into(),
            recorded_at: change.recorded_at.into(),
        }
    }
}
