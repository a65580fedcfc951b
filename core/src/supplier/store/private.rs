//! What is kept of suppliers beside the ledger: names, and secrets that are sealed.

use secrecy::{ExposeSecret as _, SecretString};

use super::inconsistent;
use crate::access::Access;
use crate::id::{OrgId, SupplierId};
use crate::secret::{MasterKey, Place};
use crate::store::{StoreResult, Tx, execute, fetch_optional};
use crate::time::Timestamp;

/// Where it is sealed by what we prove ourselves.
pub(in super::super) const OURS: &str = "supplier_private.ours_sealed";
/// Where it is by what the supplier does.
pub(in super::super) const THEIRS: &str = "supplier_private.theirs_sealed";
/// Where the one before that is.
pub(in super::super) const PREVIOUS: &str = "supplier_private.previous_sealed";
/// Where it is with what its catalogue is called up.
pub(in super::super) const CALL_UP: &str = "supplier_private.call_up_sealed";

type Sealed = (
    Option<Vec<u8>>,
    Option<Vec<u8>>,
    Option<Vec<u8>>,
    Option<Vec<u8>>,
);

/// One of a supplier's secrets, by the column in which it is sealed.
pub(in super::super) async fn secret(
    tx: &mut Tx,
    access: &Access,
    id: SupplierId,
    key: &MasterKey,
    column: &'static str,
) -> StoreResult<Option<SecretString>> {
    let row: Option<Sealed> = fetch_optional!(
        tx,
        Sealed,
        "SELECT ours_sealed, theirs_sealed, previous_sealed, call_up_sealed FROM supplier_private WHERE org_id = $1 AND id = $2",
        access.org(),
        id
    )?;
    let Some((ours, theirs, previous, call_up)) = row else {
        return Ok(None);
    };
    let sealed = match column {
        OURS => ours,
        THEIRS => theirs,
        PREVIOUS => previous,
        _ => call_up,
    };
    sealed
        .map(|sealed| opened(key, access.org(), (column, id), &sealed))
        .transpose()
}

pub(super) fn opened(
    key: &MasterKey,
    org: OrgId,
    (column, id): (&str, SupplierId),
    sealed: &[u8],
) -> StoreResult<SecretString> {
    let row = id.uuid();
    let place = Place {
        column,
        org: Some(org),
        row: row.as_bytes(),
    };
    let bytes = key
        .open(place, sealed)
        .map_err(|error| inconsistent(&error.to_string()))?;
    let text = std::str::from_utf8(bytes.expose_secret());
    Ok(text
        .map_err(|_| inconsistent("a secret is no text"))?
        .into())
}

/// Keeps the name of a new supplier and the secret by which it proves itself.
pub(in super::super) async fn keep(
    tx: &mut Tx,
    access: &Access,
    id: SupplierId,
    name: &str,
    sealed: Vec<u8>,
) -> StoreResult<()> {
    execute!(
        tx,
        "INSERT INTO supplier_private (org_id, id, name, theirs_sealed) VALUES ($1, $2, $3, $4)",
        access.org(),
        id,
        name,
        sealed.clone()
    )?;
    Ok(())
}

/// Lets a supplier be found before its organisation is known.
pub(in super::super) async fn bind(
    tx: &mut Tx,
    access: &Access,
    id: SupplierId,
) -> StoreResult<()> {
    execute!(
        tx,
        "INSERT INTO supplier_directory (supplier_id, org_id) VALUES ($1, $2)",
        id,
        access.org()
    )?;
    Ok(())
}

pub(in super::super) async fn rename(
    tx: &mut Tx,
    access: &Access,
    id: SupplierId,
    name: &str,
) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE supplier_private SET name = $3 WHERE org_id = $1 AND id = $2",
        access.org(),
        id,
        name
    )?;
    Ok(())
}

pub(in super::super) async fn set_ours(
    tx: &mut Tx,
    access: &Access,
    id: SupplierId,
    sealed: Vec<u8>,
) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE supplier_private SET ours_sealed = $3 WHERE org_id = $1 AND id = $2",
        access.org(),
        id,
        sealed.clone()
    )?;
    Ok(())
}

pub(in super::super) async fn set_call_up(
    tx: &mut Tx,
    access: &Access,
    id: SupplierId,
    sealed: Vec<u8>,
) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE supplier_private SET call_up_sealed = $3 WHERE org_id = $1 AND id = $2",
        access.org(),
        id,
        sealed.clone()
    )?;
    Ok(())
}

/// Keeps a new secret of theirs, and the one before it for as long as it is accepted.
pub(in super::super) async fn rotate(
    tx: &mut Tx,
    access: &Access,
    id: SupplierId,
    sealed: Vec<u8>,
    previous: Option<(Vec<u8>, Timestamp)>,
) -> StoreResult<()> {
    let (previous, previous_until) = previous.unzip();
    execute!(
        tx,
        "UPDATE supplier_private SET theirs_sealed = $3, previous_sealed = $4, previous_until = $5 WHERE org_id = $1 AND id = $2",
        access.org(),
        id,
        sealed.clone(),
        previous.clone(),
        previous_until
    )?;
    Ok(())
}

pub(in super::super) async fn forget_previous(
    tx: &mut Tx,
    access: &Access,
    id: SupplierId,
) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE supplier_private SET previous_sealed = NULL, previous_until = NULL WHERE org_id = $1 AND id = $2",
        access.org(),
        id
    )?;
    Ok(())
}

/// Forgets the secrets and the directory's pointer. The name stays, for what was bought there.
pub(in super::super) async fn forget(
    tx: &mut Tx,
    access: &Access,
    id: SupplierId,
) -> StoreResult<()> {
    execute!(
        tx,
        "DELETE FROM supplier_directory WHERE supplier_id = $1 AND org_id = $2",
        id,
        access.org()
    )?;
    execute!(
        tx,
        "UPDATE supplier_private SET ours_sealed = NULL, theirs_sealed = NULL, previous_sealed = NULL, previous_until = NULL,
             call_up_sealed = NULL WHERE org_id = $1 AND id = $2",
        access.org(),
        id
    )?;
    Ok(())
}
