//! The end of a ledger checked against itself, within a bound: for whoever asks on a page and waits for the answer.
//!
//! What came before the end is taken from the stored tiles. That the head has the root of both together shows that those belong to it; whether
//! each entry before the end still has the bytes that were hashed into them, only the whole check tells.

use super::{Finding, Hasher, Whole, walked};
use crate::access::Access;
use crate::ledger::audit;
use crate::ledger::checkpoint::{self, Signed};
use crate::ledger::note::{Checkpoint, NoteRefusal};
use crate::ledger::tile::{self, WIDTH};
use crate::ledger::tree::{Frontier, Hash};
use crate::store::{Db, StoreResult, Tx};

/// The most signed checkpoints that are checked.
const CHECKPOINTS_MAX: i64 = 1_000;

/// What was found of the end of a ledger that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recent {
    /// What the whole of it has, as far as it was looked at.
    pub whole: Whole,
    /// From which entry on every byte was hashed; 0 where it was the whole ledger.
    pub from: u64,
    /// The last checkpoint that was signed, with which the entries agree.
    pub signed: Option<Signed>,
}

/// Checks the last entries of a ledger, at least so many where there are more: their bytes, tiles, checkpoints, and the head.
pub async fn recent(
    db: &Db,
    access: &Access,
    entries_max: u64,
) -> StoreResult<Result<Recent, Finding>> {
    let keys: Vec<_> = checkpoint::keys(db)
        .await?
        .iter()
        .map(|key| key.public_key)
        .collect();
    let mut tx = db.read(access).await?;
    let head = audit::head(&mut tx, access).await?;
    let (size, root) = head.unwrap_or((0, Frontier::default().root()));
    let from = size.saturating_sub(entries_max) / WIDTH * WIDTH;
    let signed = checkpoint::latest(&mut tx, access).await?;
    let mut promised = Vec::new();
    let newest = checkpoint::since(&mut tx, access, from, CHECKPOINTS_MAX).await?;
    for kept in newest.iter().chain(&signed) {
        let size = kept.checkpoint.size;
        let why = match Checkpoint::open(&kept.note, &keys) {
            Ok(opened) if opened == kept.checkpoint => {
                promised.push(opened);
                continue;
            }
            Ok(_) => NoteRefusal::BadSignature,
            Err(why) => why,
        };
        return Ok(Err(Finding::Signature { size, why }));
    }
    // The last one may be older than the end that is looked at. Then its root is compared with that of the stored tiles.
    let (promised, older): (Vec<_>, Vec<_>) =
        promised.into_iter().partition(|one| one.size >= from);
    for one in older {
        if tile::root(&mut tx, access, one.size).await? != Some(one.root) {
            let (size, good) = (one.size, 0);
            return Ok(Err(Finding::Checkpoint { size, good }));
        }
    }
    let hasher = begin(&mut tx, access, from, promised).await?;
    let mut hasher = match walked(&mut tx, access.org(), size, hasher).await? {
        Ok(hasher) => hasher,
        Err(finding) => return Ok(Err(finding)),
    };
    if let Err(finding) = hasher.ends_at(size, &root) {
        return Ok(Err(finding));
    }
    Ok(Ok(Recent {
        whole: whole(&hasher, size, root),
        from,
        signed,
    }))
}

async fn begin(
    tx: &mut Tx,
    access: &Access,
    from: u64,
    mut promised: Vec<Checkpoint>,
) -> StoreResult<Hasher> {
    promised.sort_by_key(|one| one.size);
    promised.dedup();
    let frontier = tile::frontier(tx, access.org(), from).await?;
    Ok(Hasher::new(access.org(), promised, frontier))
}

fn whole(hasher: &Hasher, size: u64, root: Hash) -> Whole {
    Whole {
        size,
        root,
        tiles: hasher.tiles,
        checkpoints: hasher.checkpoints,
    }
}
