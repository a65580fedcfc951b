//! Organisations in SQL, and the directory by which they are found.

use super::Org;
use crate::access::Access;
use crate::id::OrgId;
use crate::store::{Db, StoreResult, Tx, fetch_all, fetch_one, fetch_optional};
use crate::time::Timestamp;

/// The caller's organisation.
pub async fn own(tx: &mut Tx, access: &Access) -> StoreResult<Org> {
    fetch_one!(
        tx,
        Org,
        "SELECT org_id, name, slug, timezone, currency, loan_renewals_max, is_sandbox, created_at FROM org WHERE org_id = $1",
        access.org()
    )
}

/// Whether the organisation was closed: then nobody signs in, and nothing is done in its name.
pub async fn is_closed(tx: &mut Tx, org: OrgId) -> StoreResult<bool> {
    let row: Option<(Option<Timestamp>,)> = fetch_optional!(
        tx,
        (Option<Timestamp>,),
        "SELECT closed_at FROM org WHERE org_id = $1",
        org
    )?;
    Ok(row.is_some_and(|(closed_at,)| closed_at.is_some()))
}

/// What the rules of assets take from an organisation's settings: its currency, and how often a loan can be renewed.
pub(crate) async fn rules(tx: &mut Tx, org: OrgId) -> StoreResult<(String, i64)> {
    fetch_one!(
        tx,
        (String, i64),
        "SELECT currency, loan_renewals_max FROM org WHERE org_id = $1",
        org
    )
}

/// The namespaces in which the organisation issues tags with a check character.
pub async fn tag_namespaces(tx: &mut Tx, access: &Access) -> StoreResult<Vec<String>> {
    let rows: Vec<(String,)> = fetch_all!(
        tx,
        (String,),
        "SELECT namespace FROM tag_namespace WHERE org_id = $1 ORDER BY namespace",
        access.org()
    )?;
    Ok(rows.into_iter().map(|(namespace,)| namespace).collect())
}

/// The organisation that an issuer names, if it is known here.
pub async fn by_external_id(
    tx: &mut Tx,
    issuer: &str,
    external_id: &str,
) -> StoreResult<Option<OrgId>> {
    let row: Option<(OrgId,)> = fetch_optional!(
        tx,
        (OrgId,),
        "SELECT org_id FROM issuer_directory WHERE issuer = $1 AND external_id = $2",
        issuer,
        external_id
    )?;
    Ok(row.map(|(org,)| org))
}

/// Whether everything in the organisation is invented.
pub(crate) async fn is_sandbox(tx: &mut Tx, org: OrgId) -> StoreResult<bool> {
    let row: Option<(bool,)> = fetch_optional!(
        tx,
        (bool,),
        "SELECT is_sandbox FROM org WHERE org_id = $1",
        org
    )?;
    Ok(row.is_some_and(|(sandbox,)| sandbox))
}

/// Whether there is an organisation with this id: for reports that name one.
pub async fn exists(tx: &mut Tx, org: OrgId) -> StoreResult<bool> {
    let row: Option<(OrgId,)> = fetch_optional!(
        tx,
        (OrgId,),
        "SELECT org_id FROM org_directory WHERE org_id = $1",
        org
    )?;
    Ok(row.is_some())
}

/// How an issuer names the caller's organisation.
pub async fn external_ids(tx: &mut Tx, access: &Access, issuer: &str) -> StoreResult<Vec<String>> {
    let rows: Vec<(String,)> = fetch_all!(
        tx,
        (String,),
        "SELECT external_id FROM issuer_directory WHERE org_id = $1 AND issuer = $2 ORDER BY external_id",
        access.org(),
        issuer
    )?;
    Ok(rows.into_iter().map(|(external_id,)| external_id).collect())
}

/// The organisation with this slug: for the operator, who may name any.
pub async fn by_slug(db: &Db, slug: &str) -> StoreResult<Option<OrgId>> {
    let mut tx = db.read_directory().await?;
    let row: Option<(OrgId,)> = fetch_optional!(
        &mut tx,
        (OrgId,),
        "SELECT org_id FROM org_directory WHERE slug = $1",
        slug
    )?;
    Ok(row.map(|(org,)| org))
}

/// Every organisation with its slug: for the operator and for workers, which then act as each in turn.
pub async fn all(db: &Db) -> StoreResult<Vec<(OrgId, String)>> {
    let mut tx = db.read_directory().await?;
    fetch_all!(
        &mut tx,
        (OrgId, String),
        "SELECT org_id, slug FROM org_directory ORDER BY ordinal"
    )
}
