//! Sessions of the console in SQL.

use super::LIFE_MICROS;
use crate::access::Access;
use crate::id::{OrgId, PersonId, WebSessionId};
use crate::session::ended;
use crate::store::{Db, StoreResult, Tx, execute, fetch_optional};
use crate::time::Timestamp;

/// A session as it is stored.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Row {
    pub person_id: PersonId,
    pub issuer_session_hash: Vec<u8>,
    pub issuer_subject_hash: Vec<u8>,
    pub issuer_membership_hash: Vec<u8>,
    pub created_at: Timestamp,
    pub seen_at: Timestamp,
}

impl Row {
    /// By what the issuer may have ended it.
    pub fn keys(&self) -> Vec<ended::Key> {
        [
            &self.issuer_session_hash,
            &self.issuer_subject_hash,
            &self.issuer_membership_hash,
        ]
        .into_iter()
        .filter_map(|hash| hash.as_slice().try_into().ok())
        .collect()
    }
}

/// Where a cookie leads.
pub(super) async fn whose(
    tx: &mut Tx,
    cookie_hash: &[u8],
    now: Timestamp,
) -> StoreResult<Option<(OrgId, WebSessionId)>> {
    fetch_optional!(
        tx,
        (OrgId, WebSessionId),
        "SELECT org_id, session_id FROM web_session_directory WHERE cookie_hash = $1 AND expires_at > $2",
        cookie_hash,
        now
    )
}

/// A session that was not ended.
pub(super) async fn live(
    tx: &mut Tx,
    access: &Access,
    id: WebSessionId,
) -> StoreResult<Option<Row>> {
    fetch_optional!(
        tx,
        Row,
        "SELECT person_id, issuer_session_hash, issuer_subject_hash, issuer_membership_hash, created_at, seen_at FROM web_session
         WHERE org_id = $1 AND id = $2 AND ended_at IS NULL",
        access.org(),
        id
    )
}

/// Enters a session.
pub(super) async fn insert(
    tx: &mut Tx,
    access: &Access,
    id: WebSessionId,
    row: &Row,
) -> StoreResult<()> {
    execute!(
        tx,
        "INSERT INTO web_session (org_id, id, person_id, issuer_session_hash, issuer_subject_hash, issuer_membership_hash, created_at, seen_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        access.org(),
        id,
        row.person_id,
        row.issuer_session_hash.as_slice(),
        row.issuer_subject_hash.as_slice(),
        row.issuer_membership_hash.as_slice(),
        row.created_at,
        row.seen_at
    )?;
    Ok(())
}

/// Points the directory at it.
pub(super) async fn point_to(
    tx: &mut Tx,
    access: &Access,
    cookie_hash: &[u8],
    id: WebSessionId,
    expires_at: Timestamp,
) -> StoreResult<()> {
    execute!(
        tx,
        "INSERT INTO web_session_directory (cookie_hash, org_id, session_id, expires_at) VALUES ($1, $2, $3, $4)",
        cookie_hash,
        access.org(),
        id,
        expires_at
    )?;
    Ok(())
}

/// Ends it; false where it had ended already.
pub(super) async fn end(
    tx: &mut Tx,
    access: &Access,
    id: WebSessionId,
    now: Timestamp,
) -> StoreResult<bool> {
    let ended = execute!(
        tx,
        "UPDATE web_session SET ended_at = $3 WHERE org_id = $1 AND id = $2 AND ended_at IS NULL",
        access.org(),
        id,
        now
    )?;
    Ok(ended > 0)
}

/// Removes what nobody can come back to: this organization's sessions, and everybody's pointers.
pub(super) async fn forget_old(tx: &mut Tx, access: &Access, now: Timestamp) -> StoreResult<()> {
    execute!(
        tx,
        "DELETE FROM web_session WHERE org_id = $1 AND created_at <= $2",
        access.org(),
        now.plus_micros(-LIFE_MICROS)
    )?;
    execute!(
        tx,
        "DELETE FROM web_session_directory WHERE expires_at <= $1",
        now
    )?;
    Ok(())
}

/// Notes that it was used. Nothing follows from it but that it stays open.
pub(super) async fn note_seen(
    db: &Db,
    org: OrgId,
    id: WebSessionId,
    now: Timestamp,
) -> StoreResult<()> {
    let mut tx = db.write(org).await?;
    execute!(
        &mut tx,
        "UPDATE web_session SET seen_at = $3 WHERE org_id = $1 AND id = $2 AND seen_at < $3",
        org,
        id,
        now
    )?;
    tx.commit().await
}
