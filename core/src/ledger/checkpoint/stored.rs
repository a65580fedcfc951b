//! The checkpoints and epochs of a ledger as they are stored.

use super::super::note::Checkpoint;
use super::super::tile::{signed, unsigned};
use crate::access::Access;
use crate::store::{StoreError, StoreResult, Tx, fetch_all, fetch_optional};
use crate::time::Timestamp;

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

/// The newest checkpoints of this size or more, in order of size.
pub async fn since(
    tx: &mut Tx,
    access: &Access,
    size: u64,
    checkpoints_max: i64,
) -> StoreResult<Vec<Signed>> {
    let rows: Vec<Row> = fetch_all!(
        tx,
        Row,
        "SELECT epoch, size, origin, root, note, signed_at FROM ledger_checkpoint WHERE org_id = $1 AND size >= $2
         ORDER BY epoch DESC, size DESC LIMIT $3",
        access.org(),
        signed(size),
        checkpoints_max
    )?;
    let mut all = rows
        .into_iter()
        .map(signed_of)
        .collect::<StoreResult<Vec<_>>>()?;
    all.sort_by_key(|one| (one.checkpoint.size, one.epoch));
    Ok(all)
}
