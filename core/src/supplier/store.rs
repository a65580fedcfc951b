//! Suppliers in SQL, the directory by which a supplier's organisation is found, and what is kept beside the ledger.

mod price;
mod private;

use secrecy::SecretString;

use super::command::may_manage;
use super::{Gate, Protocol, Settings, Status, Supplier};
use crate::access::Access;
use crate::id::{OrgId, PersonId, SupplierId};
use crate::secret::MasterKey;
use crate::store::{StoreError, StoreResult, Tx, fetch_all, fetch_one, fetch_optional};
use crate::time::Timestamp;

pub(crate) use price::note_paid;
pub use price::{Asked, last_paid};
use private::opened;
pub(super) use private::{
    CALL_UP, OURS, PREVIOUS, THEIRS, bind, forget, forget_previous, keep, rename, rotate, secret,
    set_call_up, set_ours,
};

#[derive(sqlx::FromRow)]
struct Row {
    id: SupplierId,
    seq: i64,
    protocol: Protocol,
    status: Status,
    created_by: Option<PersonId>,
    created_at: Timestamp,
    settings: String,
    name: Option<String>,
    has_ours: bool,
    previous_until: Option<Timestamp>,
}

macro_rules! select {
    () => {
        "SELECT s.id, s.seq, s.protocol, s.status, s.created_by, s.created_at, s.settings, p.name, p.ours_sealed IS NOT NULL AS has_ours,
             p.previous_until
         FROM supplier s LEFT JOIN supplier_private p ON p.org_id = s.org_id AND p.id = s.id"
    };
}

impl TryFrom<Row> for Supplier {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        Ok(Self {
            id: row.id,
            seq: row.seq,
            protocol: row.protocol,
            status: row.status,
            name: row.name.unwrap_or_default(),
            created_by: row.created_by,
            created_at: row.created_at,
            settings: settings(&row.settings)?,
            has_ours: row.has_ours,
            previous_until: row.previous_until,
        })
    }
}

fn settings(text: &str) -> StoreResult<Settings> {
    serde_json::from_str(text).map_err(|error| inconsistent(&error.to_string()))
}

fn inconsistent(what: &str) -> StoreError {
    StoreError::Inconsistent {
        table: "supplier",
        what: what.to_owned(),
    }
}

/// Whose a supplier is. The transaction is one of the directory.
pub async fn org_of(tx: &mut Tx, id: SupplierId) -> StoreResult<Option<OrgId>> {
    let row: Option<(OrgId,)> = fetch_optional!(
        tx,
        (OrgId,),
        "SELECT org_id FROM supplier_directory WHERE supplier_id = $1",
        id
    )?;
    Ok(row.map(|(org,)| org))
}

/// The organisation's suppliers, the removed ones too, in the order of their making. Whoever may not manage them sees none.
pub async fn list(tx: &mut Tx, access: &Access) -> StoreResult<Vec<Supplier>> {
    if !may_manage(access) {
        return Ok(Vec::new());
    }
    let rows: Vec<Row> = fetch_all!(
        tx,
        Row,
        concat!(select!(), " WHERE s.org_id = $1 ORDER BY s.seq"),
        access.org()
    )?;
    rows.into_iter().map(Supplier::try_from).collect()
}

/// One of the organisation's suppliers, for whoever may manage them.
pub async fn by_id(tx: &mut Tx, access: &Access, id: SupplierId) -> StoreResult<Option<Supplier>> {
    if !may_manage(access) {
        return Ok(None);
    }
    known(tx, access, id).await
}

/// One of the organisation's suppliers, for what is bought there in somebody's name, whoever may or may not manage it.
pub async fn known(tx: &mut Tx, access: &Access, id: SupplierId) -> StoreResult<Option<Supplier>> {
    let row: Option<Row> = fetch_optional!(
        tx,
        Row,
        concat!(select!(), " WHERE s.org_id = $1 AND s.id = $2"),
        access.org(),
        id
    )?;
    row.map(Supplier::try_from).transpose()
}

/// A supplier as those see it who buy there.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Shop {
    /// Which.
    pub id: SupplierId,
    /// What people here call it.
    pub name: String,
    /// How its shop is entered.
    pub protocol: Protocol,
    /// Whether one may buy there now.
    pub status: Status,
}

/// The suppliers that are not removed, by name, for everybody of the organisation: where one may buy is no secret within it.
pub async fn shops(tx: &mut Tx, access: &Access) -> StoreResult<Vec<Shop>> {
    let mut shops: Vec<Shop> = fetch_all!(
        tx,
        Shop,
        "SELECT s.id, p.name, s.protocol, s.status FROM supplier s
         JOIN supplier_private p ON p.org_id = s.org_id AND p.id = s.id WHERE s.org_id = $1 AND s.status <> 'removed' ORDER BY s.seq",
        access.org()
    )?;
    shops.sort_by_cached_key(|shop| shop.name.to_lowercase());
    Ok(shops)
}

/// What a supplier is called, removed or not.
pub async fn name(tx: &mut Tx, access: &Access, id: SupplierId) -> StoreResult<Option<String>> {
    let row: Option<(String,)> = fetch_optional!(
        tx,
        (String,),
        "SELECT name FROM supplier_private WHERE org_id = $1 AND id = $2",
        access.org(),
        id
    )?;
    Ok(row.map(|(name,)| name))
}

/// How many suppliers are not removed.
pub(super) async fn count(tx: &mut Tx, access: &Access) -> StoreResult<usize> {
    let (count,): (i64,) = fetch_one!(
        tx,
        (i64,),
        "SELECT CAST(COUNT(*) AS BIGINT) FROM supplier WHERE org_id = $1 AND status <> 'removed'",
        access.org()
    )?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

#[derive(sqlx::FromRow)]
struct GateRow {
    settings: String,
    theirs_sealed: Option<Vec<u8>>,
    previous_sealed: Option<Vec<u8>>,
    previous_until: Option<Timestamp>,
}

/// What has to be known to let a supplier's documents in; none where it sends nothing.
pub async fn gate(
    tx: &mut Tx,
    access: &Access,
    id: SupplierId,
    key: &MasterKey,
) -> StoreResult<Option<Gate>> {
    let row: Option<GateRow> = fetch_optional!(
        tx,
        GateRow,
        "SELECT s.settings, p.theirs_sealed, p.previous_sealed, p.previous_until
         FROM supplier s JOIN supplier_private p ON p.org_id = s.org_id AND p.id = s.id
         WHERE s.org_id = $1 AND s.id = $2 AND s.status = 'active'",
        access.org(),
        id
    )?;
    let Some(row) = row else { return Ok(None) };
    let present = row.theirs_sealed.map(|sealed| (THEIRS, sealed));
    let previous = row.previous_sealed.map(|sealed| (PREVIOUS, sealed));
    let secrets: StoreResult<Vec<SecretString>> = present
        .into_iter()
        .chain(previous)
        .map(|(column, sealed)| opened(key, access.org(), (column, id), &sealed))
        .collect();
    Ok(Some(Gate {
        org: access.org(),
        id,
        settings: settings(&row.settings)?,
        secrets: secrets?,
        previous_until: row.previous_until,
    }))
}

/// What we prove ourselves with to a supplier that is not removed. For what is sent to it in somebody's name, whoever may or may not manage it.
pub async fn ours(
    tx: &mut Tx,
    access: &Access,
    id: SupplierId,
    key: &MasterKey,
) -> StoreResult<Option<SecretString>> {
    secret(tx, access, id, key, OURS).await
}

/// The fields that a supplier's catalogue is called up with, with their values.
pub async fn call_up(
    tx: &mut Tx,
    access: &Access,
    id: SupplierId,
    key: &MasterKey,
) -> StoreResult<Vec<(String, SecretString)>> {
    use secrecy::ExposeSecret as _;
    let Some(text) = secret(tx, access, id, key, CALL_UP).await? else {
        return Ok(Vec::new());
    };
    let fields: Vec<(String, SecretString)> = serde_json::from_str(text.expose_secret())
        .map_err(|error| inconsistent(&error.to_string()))?;
    Ok(fields)
}
