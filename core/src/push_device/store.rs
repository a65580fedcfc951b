//! Phones in SQL.

use secrecy::{ExposeSecret as _, SecretString};

use super::Platform;
use crate::access::Access;
use crate::id::{OrgId, PersonId, PushDeviceId};
use crate::secret::{MasterKey, Place, Unsealable};
use crate::session::ended;
use crate::store::{Db, StoreResult, Tx, execute, fetch_all, fetch_one, fetch_optional};
use crate::time::Timestamp;

/// Where a phone's token is sealed.
pub(crate) const fn token_place(org: OrgId, row: &[u8]) -> Place<'_> {
    Place {
        column: "push_device_private.token_sealed",
        org: Some(org),
        row,
    }
}

/// A phone to which something can be sent.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Phone {
    /// Which.
    pub id: PushDeviceId,
    /// What system it runs.
    pub platform: Platform,
    token_sealed: Vec<u8>,
}

impl Phone {
    /// Its token.
    pub fn token(&self, key: &MasterKey, org: OrgId) -> Result<SecretString, Unsealable> {
        let row = self.id.uuid();
        let opened = key.open(token_place(org, row.as_bytes()), &self.token_sealed)?;
        let text = String::from_utf8(opened.expose_secret().clone()).map_err(|_| Unsealable)?;
        Ok(SecretString::from(text))
    }
}

/// What is kept beside the ledger.
pub(crate) struct Private {
    /// SHA-256 of the token: by it a phone is recognised.
    pub hash: Vec<u8>,
    /// The token, sealed.
    pub sealed: Vec<u8>,
    /// What its owner calls it.
    pub device_name: Option<String>,
    /// By what the session is known that registered it.
    pub session: Option<ended::Key>,
    /// When it was registered last.
    pub confirmed_at: Timestamp,
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
        "INSERT INTO push_device_private (org_id, id, token_hash, token_sealed, device_name, session_hash, confirmed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        access.org(),
        id,
        private.hash.clone(),
        private.sealed.clone(),
        private.device_name.clone(),
        private.session.map(|session| session.to_vec()),
        private.confirmed_at
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

/// Notes that a phone was registered once more, by what name and in which session.
pub(crate) async fn confirm(
    tx: &mut Tx,
    access: &Access,
    id: PushDeviceId,
    (device_name, session): (Option<String>, Option<ended::Key>),
    now: Timestamp,
) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE push_device_private SET device_name = $3, session_hash = $4, confirmed_at = $5 WHERE org_id = $1 AND id = $2",
        access.org(),
        id,
        device_name.clone(),
        session.map(|session| session.to_vec()),
        now
    )?;
    Ok(())
}

/// When a phone was registered last.
pub(crate) async fn confirmed_at(
    tx: &mut Tx,
    access: &Access,
    id: PushDeviceId,
) -> StoreResult<Option<Timestamp>> {
    let row: Option<(Timestamp,)> = fetch_optional!(
        tx,
        (Timestamp,),
        "SELECT COALESCE(p.confirmed_at, d.registered_at) FROM push_device d
         JOIN push_device_private p ON p.org_id = d.org_id AND p.id = d.id WHERE d.org_id = $1 AND d.id = $2",
        access.org(),
        id
    )?;
    Ok(row.map(|(at,)| at))
}

/// The phones of a person, in the order in which they were registered.
pub(crate) async fn of_person(
    tx: &mut Tx,
    access: &Access,
    person: PersonId,
) -> StoreResult<Vec<PushDeviceId>> {
    let rows: Vec<(PushDeviceId,)> = fetch_all!(
        tx,
        (PushDeviceId,),
        "SELECT id FROM push_device WHERE org_id = $1 AND person_id = $2 AND removed_at IS NULL ORDER BY seq",
        access.org(),
        person
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Those of them that were registered in a session.
pub(crate) async fn of_session(
    tx: &mut Tx,
    access: &Access,
    person: PersonId,
    session: &ended::Key,
) -> StoreResult<Vec<PushDeviceId>> {
    let rows: Vec<(PushDeviceId,)> = fetch_all!(
        tx,
        (PushDeviceId,),
        "SELECT d.id FROM push_device_private p JOIN push_device d ON d.org_id = p.org_id AND d.id = p.id
         WHERE p.org_id = $1 AND p.session_hash = $2 AND d.person_id = $3 AND d.removed_at IS NULL ORDER BY d.seq",
        access.org(),
        session.to_vec(),
        person
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// How many phones of a person receive anything: for whoever asks of their own.
pub async fn own(tx: &mut Tx, access: &Access) -> StoreResult<usize> {
    match access.person() {
        Some(person) => count_live(tx, access, person).await,
        None => Ok(0),
    }
}

/// A phone of a person, while it is registered, and by nobody else in another organisation: the directory says whose its token is.
pub(crate) async fn phone(
    tx: &mut Tx,
    access: &Access,
    (person, id): (PersonId, PushDeviceId),
) -> StoreResult<Option<Phone>> {
    fetch_optional!(
        tx,
        Phone,
        "SELECT d.id, d.platform, p.token_sealed FROM push_device d JOIN push_device_private p ON p.org_id = d.org_id AND p.id = d.id
         WHERE d.org_id = $1 AND d.id = $2 AND d.person_id = $3 AND d.removed_at IS NULL AND EXISTS (
             SELECT 1 FROM push_token_directory t WHERE t.token_hash = p.token_hash AND t.org_id = d.org_id AND t.device_id = d.id)",
        access.org(),
        id,
        person
    )
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

/// The most former records that are ended at a time.
const DISPLACED_MAX: i64 = 1_000;

/// Notes that another organisation's record of a phone has to end.
pub(crate) async fn note_displaced(
    tx: &mut Tx,
    (org, device): (OrgId, PushDeviceId),
) -> StoreResult<()> {
    execute!(
        tx,
        "INSERT INTO push_displaced (org_id, device_id) VALUES ($1, $2) ON CONFLICT (org_id, device_id) DO NOTHING",
        org,
        device
    )?;
    Ok(())
}

/// The records that have to end, of whatever organisations.
pub(crate) async fn displaced(db: &Db) -> StoreResult<Vec<(OrgId, PushDeviceId)>> {
    let mut tx = db.read_directory().await?;
    fetch_all!(
        &mut tx,
        (OrgId, PushDeviceId),
        "SELECT org_id, device_id FROM push_displaced ORDER BY org_id, device_id LIMIT $1",
        DISPLACED_MAX
    )
}

/// Notes that a record has ended.
pub(crate) async fn is_not_displaced(
    tx: &mut Tx,
    access: &Access,
    device: PushDeviceId,
) -> StoreResult<()> {
    execute!(
        tx,
        "DELETE FROM push_displaced WHERE org_id = $1 AND device_id = $2",
        access.org(),
        device
    )?;
    Ok(())
}
