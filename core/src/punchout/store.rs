//! Visits to shops in SQL, and the directory by which a cookie's visit is found.

mod document;

use super::Session;
use crate::access::{Access, Action};
use crate::id::{OrgId, PersonId, PunchoutId, RequisitionId};
use crate::ledger::Ledger;
use crate::requisition;
use crate::store::{Query, StoreError, StoreResult, Tx, execute, fetch_all, fetch_optional};
use crate::time::Timestamp;
use crate::unit::scope::{self, Columns};

use document::forget_documents;
pub(super) use document::{Keep, count, is_taken, keep, late, make_timely};
pub use document::{body, documents};

const COLUMNS: Columns = Columns {
    unit: "s.unit_id",
    own: Some("s.person_id"),
};

macro_rules! select {
    () => {
        "SELECT s.id, s.seq, s.supplier_id, s.person_id, s.unit_id, s.operation, s.requisition_id, s.location_id, s.cost_centre, s.state,
             s.created_at, s.expires_at, s.returned_at, s.document_hash, s.outcome FROM punchout_session s WHERE s.org_id = "
    };
}

/// Whose visit a cookie belongs to, by the SHA-256 of the cookie. The transaction is one of the directory. None: nobody's, or one that is long
/// over; nothing tells the two apart.
pub async fn by_cookie(
    tx: &mut Tx,
    cookie_hash: &[u8],
    now: Timestamp,
) -> StoreResult<Option<(OrgId, PunchoutId)>> {
    fetch_optional!(
        tx,
        (OrgId, PunchoutId),
        "SELECT org_id, session_id FROM punchout_directory WHERE cookie_hash = $1 AND expires_at > $2",
        cookie_hash.to_vec(),
        now
    )
}

/// Lets a visit be found by its cookie before its organisation is known.
pub(super) async fn bind(
    tx: &mut Tx,
    access: &Access,
    id: PunchoutId,
    cookie_hash: Vec<u8>,
    until: Timestamp,
) -> StoreResult<()> {
    execute!(
        tx,
        "INSERT INTO punchout_directory (cookie_hash, org_id, session_id, expires_at) VALUES ($1, $2, $3, $4)",
        cookie_hash.clone(),
        access.org(),
        id,
        until
    )?;
    Ok(())
}

/// Forgets cookies and documents whose time is over. How many rows that were.
pub async fn forget(tx: &mut Tx, access: &Access, now: Timestamp) -> StoreResult<u64> {
    let cookies = execute!(
        tx,
        "DELETE FROM punchout_directory WHERE org_id = $1 AND expires_at <= $2",
        access.org(),
        now
    )?;
    Ok(cookies + forget_documents(tx, access, now).await?)
}

/// The same beside any unit of work: by the hour, for organisations in which nobody goes to a shop any more.
pub async fn forget_due(ledger: &Ledger, access: &Access) -> StoreResult<u64> {
    let now = ledger.clock().now();
    let mut tx = ledger.db().write(access.org()).await?;
    let gone = forget(&mut tx, access, now).await?;
    ledger.commit(tx).await?;
    Ok(gone)
}

/// A visit for the rules, whoever asks.
pub(super) async fn known(
    tx: &mut Tx,
    access: &Access,
    id: PunchoutId,
) -> StoreResult<Option<Session>> {
    fetch_optional!(
        tx,
        Session,
        concat!(select!(), "$1 AND s.id = $2"),
        access.org(),
        id
    )
}

/// A visit for whoever made it, and for those who order for its unit.
pub async fn by_id(tx: &mut Tx, access: &Access, id: PunchoutId) -> StoreResult<Option<Session>> {
    let reach = scope::resolve(tx, access, Action::Register).await?;
    let mut query = Query::new(select!());
    query.bind(access.org()).push(" AND s.id = ").bind(id);
    reach.push_condition(&mut query, access.org(), COLUMNS);
    let rows: Vec<Session> = query.fetch_all(tx).await?;
    Ok(rows.into_iter().next())
}

/// A visit for whoever made it, for those who order for its unit, and for those who may decide on what came of it: it says what exactly they
/// decide on.
pub async fn seen(
    tx: &mut Tx,
    access: &Access,
    id: PunchoutId,
    now: Timestamp,
) -> StoreResult<Option<Session>> {
    if let Some(session) = by_id(tx, access, id).await? {
        return Ok(Some(session));
    }
    for one in requisition::store::of_session(tx, access, id, now).await? {
        if requisition::store::may_decide(tx, access, &one, now).await? {
            return known(tx, access, id).await;
        }
    }
    Ok(None)
}

/// The last visits of a person.
pub async fn of_person(
    tx: &mut Tx,
    access: &Access,
    person: PersonId,
    limit: i64,
) -> StoreResult<Vec<Session>> {
    if access.person() != Some(person) {
        return Ok(Vec::new());
    }
    fetch_all!(
        tx,
        Session,
        concat!(
            select!(),
            "$1 AND s.person_id = $2 ORDER BY s.seq DESC LIMIT $3"
        ),
        access.org(),
        person,
        limit
    )
}

/// The requisitions that the return of a visit made or changed.
pub(super) async fn requisitions(
    tx: &mut Tx,
    access: &Access,
    id: PunchoutId,
) -> StoreResult<Vec<RequisitionId>> {
    let row: Option<(Option<String>,)> = fetch_optional!(
        tx,
        (Option<String>,),
        "SELECT requisitions FROM punchout_session WHERE org_id = $1 AND id = $2",
        access.org(),
        id
    )?;
    let Some(text) = row.and_then(|(text,)| text) else {
        return Ok(Vec::new());
    };
    serde_json::from_str(&text).map_err(|error| StoreError::Inconsistent {
        table: "punchout_session",
        what: error.to_string(),
    })
}
