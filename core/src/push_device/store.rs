//! Phones in SQL.

use crate::access::Access;
use crate::id::{OrgId, PersonId, PushDeviceId};
use crate::store::{StoreResult, Tx, execute, fetch_one, fetch_optional};
use crate::time::Timestamp;

/// What is kept beside the ledger.
pub(crate) struct Private {
    /// SHA-256 of the token: by it a phone is recognised.
    pub hash: Vec<u8>,
    /// The token, sealed.
    pub sealed: Vec<u8>,
    /// What its owner calls it.
    pub device_name: Option<String>,
}

/// Where a token is registered, in whatever organisation.
pub(crate) async fn owner_of_token(
    tx: &mut Tx,
    hash: &[u8],
) -> StoreResult<Option<(OrgId, PushDeviceId)>> {
    fetch_optional!(
        tx,
        (OrgId, PushDeviceId),
        "SELECT org_id, device_id FROM push_token_directory WHERE token_hash = $1",
        hash
    )
}

/// Whose a registered phone is, and since when.
pub(crate) async fn live(
    tx: &mut Tx,
    access: &Access,
    id: PushDeviceId,
) -> StoreResult<Option<(PersonId, Timestamp)>> {
    fetch_optional!(
        tx,
        (PersonId, Timestamp),
        "SELECT person_id, registered_at FROM push_device WHERE org_id = $1 AND id = $2 AND removed_at IS NULL",
        access.org(),
        id
    )
}

/// How many phones a person has.
pub(crate) async fn count_live(
    tx: &mut Tx,
    access: &Access,
    person: PersonId,
) -> StoreResult<usize> {
    let (count,): (i64,) = fetch_one!(
        tx,
        (i64,),
        "SELECT COUNT(*) FROM push_device WHERE org_id = $1 AND person_id = $2 AND removed_at IS NULL",
        access.org(),
        person
    )?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// Keeps the token and points the directory at it.
pub(crate) async fn keep_private(
    tx: &mut Tx,
    access: &Access,
    id: PushDeviceId,
    private: Private,
) -> StoreResult<()> {
    execute!(
        tx,
        "INSERT INTO push_device_private (org_id, id, token_hash, token_sealed, device_name) VALUES ($1, $2, $3, $4, $5)",
        access.org(),
        id,
        private.hash.clone(),
        private.sealed.clone(),
        private.device_name.clone()
    )?;
    execute!(
        tx,
        "INSERT INTO push_token_directory (token_hash, org_id, device_id) VALUES ($1, $2, $3)
         ON CONFLICT (token_hash) DO UPDATE SET org_id = excluded.org_id, device_id = excluded.device_id",
        private.hash.clone(),
        access.org(),
        id
    )?;
    Ok(())
}

/// Gives a phone another name.
pub(crate) async fn rename(
    tx: &mut Tx,
    access: &Access,
    id: PushDeviceId,
    device_name: Option<String>,
) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE push_device_private SET device_name = $3 WHERE org_id = $1 AND id = $2",
        access.org(),
        id,
        device_name.clone()
    )?;
    Ok(())
}

/// Forgets the token, and the directory's pointer if it still points here.
pub(crate) async fn forget_private(
    tx: &mut Tx,
    access: &Access,
    id: PushDeviceId,
) -> StoreResult<()> {
    execute!(
        tx,
        "DELETE FROM push_token_directory WHERE org_id = $1 AND device_id = $2",
        access.org(),
        id
    )?;
    execute!(
        tx,
        "DELETE FROM push_device_private WHERE org_id = $1 AND id = $2",
        access.org(),
        id
    )?;
    Ok(())
}
