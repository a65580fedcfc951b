//! Conversations in SQL. What is read is the caller's own, and nobody else's.

use secrecy::{ExposeSecret, SecretBox};
use uuid::Uuid;

use super::{CONVERSATIONS_MAX, OFFERS_MAX, key_hash, token_hash};
use crate::access::Access;
use crate::id::{ConversationId, PersonId};
use crate::secret::{MasterKey, Place};
use crate::store::{StoreError, StoreResult, Tx, execute, fetch_one, fetch_optional};
use crate::time::Timestamp;

pub(super) struct Remembered {
    pub id: ConversationId,
    pub key_hash: Vec<u8>,
    pub person: PersonId,
    pub sealed: Vec<u8>,
}

pub(super) struct Offered {
    pub id: ConversationId,
    pub token_hash: Vec<u8>,
    pub person: PersonId,
    pub sealed: Vec<u8>,
}

const STATE: &str = "conversation.state_sealed";
const MEANINGS: &str = "conversation_offer.meanings_sealed";

pub(super) fn state_place<'a>(access: &Access, row: &'a Uuid) -> Place<'a> {
    place(STATE, access, row)
}

pub(super) fn offer_place<'a>(access: &Access, row: &'a Uuid) -> Place<'a> {
    place(MEANINGS, access, row)
}

fn place<'a>(column: &'static str, access: &Access, row: &'a Uuid) -> Place<'a> {
    Place {
        column,
        org: Some(access.org()),
        row: row.as_bytes(),
    }
}

/// What the caller's conversation of this key was about; none where there was none within a day.
pub async fn state(
    tx: &mut Tx,
    access: &Access,
    key: &str,
    now: Timestamp,
    master_key: &MasterKey,
) -> StoreResult<Option<Vec<u8>>> {
    let Some(person) = access.person() else {
        return Ok(None);
    };
    let row: Option<(Uuid, Vec<u8>)> = fetch_optional!(
        tx,
        (Uuid, Vec<u8>),
        "SELECT id, state_sealed FROM conversation WHERE org_id = $1 AND person_id = $2 AND key_hash = $3 AND expires_at > $4",
        access.org(),
        person,
        key_hash(key),
        now
    )?;
    let opened = row.map(|(id, sealed)| open(master_key, state_place(access, &id), &sealed));
    opened.transpose()
}

/// What the buttons stand for that carry this token, if it was the caller who was given them and within a day.
pub async fn offered(
    tx: &mut Tx,
    access: &Access,
    token: &str,
    now: Timestamp,
    master_key: &MasterKey,
) -> StoreResult<Option<Vec<u8>>> {
    let Some(person) = access.person() else {
        return Ok(None);
    };
    let row: Option<(Uuid, Vec<u8>)> = fetch_optional!(
        tx,
        (Uuid, Vec<u8>),
        "SELECT id, meanings_sealed FROM conversation_offer
         WHERE org_id = $1 AND token_hash = $2 AND person_id = $3 AND expires_at > $4",
        access.org(),
        token_hash(token),
        person,
        now
    )?;
    let opened = row.map(|(id, sealed)| open(master_key, offer_place(access, &id), &sealed));
    opened.transpose()
}

fn open(master_key: &MasterKey, place: Place<'_>, sealed: &[u8]) -> StoreResult<Vec<u8>> {
    let opened = master_key.open(place, sealed);
    let opened: SecretBox<Vec<u8>> = opened.map_err(|error| StoreError::Inconsistent {
        table: "conversation",
        what: error.to_string(),
    })?;
    Ok(opened.expose_secret().clone())
}

pub(super) async fn id(
    tx: &mut Tx,
    access: &Access,
    person: PersonId,
    key_hash: &[u8],
) -> StoreResult<Option<ConversationId>> {
    let row: Option<(ConversationId,)> = fetch_optional!(
        tx,
        (ConversationId,),
        "SELECT id FROM conversation WHERE org_id = $1 AND person_id = $2 AND key_hash = $3",
        access.org(),
        person,
        key_hash
    )?;
    Ok(row.map(|(id,)| id))
}

/// Forgets what has expired.
pub(super) async fn forget(tx: &mut Tx, access: &Access, now: Timestamp) -> StoreResult<()> {
    execute!(
        tx,
        "DELETE FROM conversation WHERE org_id = $1 AND expires_at <= $2",
        access.org(),
        now
    )?;
    execute!(
        tx,
        "DELETE FROM conversation_offer WHERE org_id = $1 AND expires_at <= $2",
        access.org(),
        now
    )?;
    Ok(())
}

/// Keeps what a conversation is about, and forgets the person's oldest ones beyond the bound.
pub(super) async fn keep(
    tx: &mut Tx,
    access: &Access,
    remembered: Remembered,
    (now, expires_at): (Timestamp, Timestamp),
) -> StoreResult<()> {
    execute!(
        tx,
        "INSERT INTO conversation (org_id, id, key_hash, person_id, state_sealed, updated_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (org_id, id) DO UPDATE
         SET state_sealed = excluded.state_sealed, updated_at = excluded.updated_at, expires_at = excluded.expires_at",
        access.org(),
        remembered.id,
        remembered.key_hash.clone(),
        remembered.person,
        remembered.sealed.clone(),
        now,
        expires_at
    )?;
    let (count,): (i64,) = fetch_one!(
        tx,
        (i64,),
        "SELECT CAST(COUNT(*) AS BIGINT) FROM conversation WHERE org_id = $1 AND person_id = $2",
        access.org(),
        remembered.person
    )?;
    if count > CONVERSATIONS_MAX {
        execute!(
            tx,
            "DELETE FROM conversation WHERE org_id = $1 AND id IN
                 (SELECT id FROM conversation WHERE org_id = $1 AND person_id = $2 ORDER BY updated_at, id LIMIT $3)",
            access.org(),
            remembered.person,
            count - CONVERSATIONS_MAX
        )?;
    }
    Ok(())
}

/// Keeps what buttons stand for, and forgets the person's oldest ones beyond the bound.
pub(super) async fn offer(
    tx: &mut Tx,
    access: &Access,
    offered: Offered,
    (now, expires_at): (Timestamp, Timestamp),
) -> StoreResult<()> {
    execute!(
        tx,
        "INSERT INTO conversation_offer (org_id, id, token_hash, person_id, meanings_sealed, offered_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        access.org(),
        offered.id,
        offered.token_hash.clone(),
        offered.person,
        offered.sealed.clone(),
        now,
        expires_at
    )?;
    let (count,): (i64,) = fetch_one!(
        tx,
        (i64,),
        "SELECT CAST(COUNT(*) AS BIGINT) FROM conversation_offer WHERE org_id = $1 AND person_id = $2",
        access.org(),
        offered.person
    )?;
    if count > OFFERS_MAX {
        execute!(
            tx,
            "DELETE FROM conversation_offer WHERE org_id = $1 AND id IN
                 (SELECT id FROM conversation_offer WHERE org_id = $1 AND person_id = $2 ORDER BY offered_at, id LIMIT $3)",
            access.org(),
            offered.person,
            count - OFFERS_MAX
        )?;
    }
    Ok(())
}
