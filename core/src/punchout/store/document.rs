//! Documents of visits in SQL: sealed, and gone when their time is over.

use secrecy::ExposeSecret as _;

use super::super::cart::Warning;
use super::super::{Direction, Document, Kept, Late, Session};
use super::seen;
use crate::access::Access;
use crate::id::{PunchoutDocumentId, PunchoutId};
use crate::random::Random;
use crate::secret::{MasterKey, Place};
use crate::store::{StoreError, StoreResult, Tx, execute, fetch_all, fetch_one, fetch_optional};
use crate::time::Timestamp;

/// Where documents are sealed.
const BODY: &str = "punchout_document.body_sealed";

#[derive(sqlx::FromRow)]
struct Row {
    id: PunchoutDocumentId,
    at: Timestamp,
    direction: Direction,
    kind: String,
    decoded: String,
    warnings: String,
    hash: String,
    bytes: i64,
    late: Option<Late>,
    expires_at: Timestamp,
}

macro_rules! select {
    () => {
        "SELECT id, at, direction, kind, decoded, warnings, hash, bytes, late, expires_at FROM punchout_document
         WHERE org_id = $1 AND session_id = $2"
    };
}

impl TryFrom<Row> for Kept {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        let warnings: Vec<Warning> =
            serde_json::from_str(&row.warnings).map_err(|error| inconsistent(&error))?;
        Ok(Self {
            id: row.id,
            at: row.at,
            direction: row.direction,
            kind: row.kind,
            decoded: row.decoded,
            warnings,
            hash: row.hash,
            bytes: row.bytes,
            late: row.late,
            expires_at: row.expires_at,
        })
    }
}

fn inconsistent(error: &dyn std::error::Error) -> StoreError {
    StoreError::Inconsistent {
        table: "punchout_document",
        what: error.to_string(),
    }
}

/// What is to be kept of a document, and until when.
pub(in super::super) struct Keep<'a> {
    pub session: PunchoutId,
    pub document: &'a Document,
    pub late: Option<Late>,
    pub until: Timestamp,
}

/// Keeps a document.
pub(in super::super) async fn keep(
    tx: &mut Tx,
    access: &Access,
    keep: Keep<'_>,
    (key, random, now): (&MasterKey, &dyn Random, Timestamp),
) -> StoreResult<()> {
    let id = PunchoutDocumentId::generate(now, random);
    let document = keep.document;
    let row = id.uuid();
    let place = Place {
        column: BODY,
        org: Some(access.org()),
        row: row.as_bytes(),
    };
    let sealed = key.seal(place, &document.body, random);
    let warnings =
        serde_json::to_string(&document.warnings).map_err(|error| inconsistent(&error))?;
    execute!(
        tx,
        "INSERT INTO punchout_document (org_id, id, session_id, at, direction, kind, decoded, warnings, hash, bytes, late, body_sealed, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        access.org(),
        id,
        keep.session,
        now,
        document.direction,
        &document.kind,
        &document.decoded,
        &warnings,
        &document.hash,
        i64::try_from(document.bytes).unwrap_or(i64::MAX),
        keep.late,
        sealed.clone(),
        keep.until
    )?;
    Ok(())
}

/// The documents of a visit that the caller sees, in their order; those whose time is over are gone.
pub async fn documents(
    tx: &mut Tx,
    access: &Access,
    session: PunchoutId,
    now: Timestamp,
) -> StoreResult<Vec<Kept>> {
    if seen(tx, access, session, now).await?.is_none() {
        return Ok(Vec::new());
    }
    let rows: Vec<Row> = fetch_all!(
        tx,
        Row,
        concat!(select!(), " AND expires_at > $3 ORDER BY at, id"),
        access.org(),
        session,
        now
    )?;
    rows.into_iter().map(Kept::try_from).collect()
}

/// What a document of a visit says, for whoever sees the visit.
pub async fn body(
    tx: &mut Tx,
    access: &Access,
    (session, id): (PunchoutId, PunchoutDocumentId),
    key: &MasterKey,
    now: Timestamp,
) -> StoreResult<Option<Vec<u8>>> {
    if seen(tx, access, session, now).await?.is_none() {
        return Ok(None);
    }
    let row: Option<(Vec<u8>,)> = fetch_optional!(
        tx,
        (Vec<u8>,),
        "SELECT body_sealed FROM punchout_document WHERE org_id = $1 AND session_id = $2 AND id = $3 AND expires_at > $4",
        access.org(),
        session,
        id,
        now
    )?;
    let Some((sealed,)) = row else {
        return Ok(None);
    };
    let row = id.uuid();
    let place = Place {
        column: BODY,
        org: Some(access.org()),
        row: row.as_bytes(),
    };
    let opened = key
        .open(place, &sealed)
        .map_err(|error| inconsistent(&error))?;
    Ok(Some(opened.expose_secret().clone()))
}

/// How many documents are kept of a visit, and how many of them were not taken.
pub(in super::super) async fn count(
    tx: &mut Tx,
    access: &Access,
    session: PunchoutId,
) -> StoreResult<(i64, i64)> {
    fetch_one!(
        tx,
        (i64, i64),
        "SELECT CAST(COUNT(*) AS BIGINT), CAST(COUNT(late) AS BIGINT) FROM punchout_document WHERE org_id = $1 AND session_id = $2",
        access.org(),
        session
    )
}

/// The documents of a visit that were not taken and are still there.
pub(in super::super) async fn late(
    tx: &mut Tx,
    access: &Access,
    session: &Session,
    now: Timestamp,
) -> StoreResult<Vec<Kept>> {
    let rows: Vec<Row> = fetch_all!(
        tx,
        Row,
        concat!(
            select!(),
            " AND late IS NOT NULL AND expires_at > $3 ORDER BY at, id"
        ),
        access.org(),
        session.id,
        now
    )?;
    rows.into_iter().map(Kept::try_from).collect()
}

/// Whether a document of a visit is the one with which it ended.
pub(in super::super) async fn is_taken(
    tx: &mut Tx,
    access: &Access,
    (session, id): (&Session, PunchoutDocumentId),
) -> StoreResult<bool> {
    let row: Option<(String,)> = fetch_optional!(
        tx,
        (String,),
        "SELECT hash FROM punchout_document WHERE org_id = $1 AND session_id = $2 AND id = $3 AND late IS NULL",
        access.org(),
        session.id,
        id
    )?;
    Ok(row.is_some_and(|(hash,)| session.document_hash.as_deref() == Some(hash.as_str())))
}

/// Lets a document that was not taken count as one that was.
pub(in super::super) async fn make_timely(
    tx: &mut Tx,
    access: &Access,
    id: PunchoutDocumentId,
    until: Timestamp,
) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE punchout_document SET late = NULL, expires_at = $3 WHERE org_id = $1 AND id = $2",
        access.org(),
        id,
        until
    )?;
    Ok(())
}

/// Forgets documents whose time is over.
pub(in super::super) async fn forget_documents(
    tx: &mut Tx,
    access: &Access,
    now: Timestamp,
) -> StoreResult<u64> {
    execute!(
        tx,
        "DELETE FROM punchout_document WHERE org_id = $1 AND expires_at <= $2",
        access.org(),
        now
    )
}
