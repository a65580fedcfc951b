//! Keys in SQL, and the directory by which a key's organisation is found.

use super::{ApiKey, Holder, Mode, Scope, Status, USED_WITHIN_MICROS};
use crate::access::{Access, Surface};
use crate::app::command::may_manage;
use crate::id::{ApiKeyId, AppId, OrgId, PersonId};
use crate::opaque;
use crate::org;
use crate::store::{
    Db, StoreError, StoreResult, Tx, execute, fetch_all, fetch_one, fetch_optional,
};
use crate::time::Timestamp;

#[derive(sqlx::FromRow)]
struct Row {
    id: ApiKeyId,
    seq: i64,
    app_id: AppId,
    name: String,
    scopes: String,
    mode: Mode,
    status: Status,
    hint: Option<String>,
    created_by: Option<PersonId>,
    created_at: Timestamp,
    revoked_at: Option<Timestamp>,
    last_used_at: Option<Timestamp>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT k.id, k.seq, k.app_id, k.name, k.scopes, k.mode, k.status, p.hint, k.created_by, k.created_at, k.revoked_at, p.last_used_at
             FROM api_key k LEFT JOIN api_key_private p ON p.org_id = k.org_id AND p.id = k.id WHERE k.org_id = $1",
            $rest
        )
    };
}

impl TryFrom<Row> for ApiKey {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        Ok(Self {
            id: row.id,
            seq: row.seq,
            app: row.app_id,
            name: row.name,
            scopes: scopes(&row.scopes)?,
            mode: row.mode,
            status: row.status,
            hint: row.hint.unwrap_or_default(),
            created_by: row.created_by,
            created_at: row.created_at,
            revoked_at: row.revoked_at,
            last_used_at: row.last_used_at,
        })
    }
}

fn scopes(text: &str) -> StoreResult<Vec<Scope>> {
    let scopes: Result<Vec<Scope>, _> = text.split(' ').map(str::parse).collect();
    scopes.map_err(|error| StoreError::Inconsistent {
        table: "api_key",
        what: error.to_string(),
    })
}

/// The organisation's keys, the revoked ones too, in the order of their making. Whoever may not manage apps sees none.
pub async fn list(tx: &mut Tx, access: &Access) -> StoreResult<Vec<ApiKey>> {
    if !may_manage(access) {
        return Ok(Vec::new());
    }
    let rows: Vec<Row> = fetch_all!(tx, Row, select!(" ORDER BY k.seq"), access.org())?;
    rows.into_iter().map(ApiKey::try_from).collect()
}

/// One of the organisation's keys, for whoever may manage apps.
pub async fn by_id(tx: &mut Tx, access: &Access, id: ApiKeyId) -> StoreResult<Option<ApiKey>> {
    if !may_manage(access) {
        return Ok(None);
    }
    let row: Option<Row> = fetch_optional!(tx, Row, select!(" AND k.id = $2"), access.org(), id)?;
    row.map(ApiKey::try_from).transpose()
}

/// How many keys are not revoked.
pub(super) async fn count(tx: &mut Tx, access: &Access) -> StoreResult<i64> {
    let (count,): (i64,) = fetch_one!(
        tx,
        (i64,),
        "SELECT CAST(COUNT(*) AS BIGINT) FROM api_key WHERE org_id = $1 AND status = 'active'",
        access.org()
    )?;
    Ok(count)
}

/// The keys of an app that are not revoked.
pub(super) async fn of_app(tx: &mut Tx, access: &Access, app: AppId) -> StoreResult<Vec<ApiKeyId>> {
    let rows: Vec<(ApiKeyId,)> = fetch_all!(
        tx,
        (ApiKeyId,),
        "SELECT id FROM api_key WHERE org_id = $1 AND app_id = $2 AND status = 'active' ORDER BY seq",
        access.org(),
        app
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

#[derive(sqlx::FromRow)]
struct HolderRow {
    app_id: AppId,
    scopes: String,
    mode: Mode,
    last_used_at: Option<Timestamp>,
}

/// Whose a key is, by its hash alone. The text's form was checked.
pub async fn find(db: &Db, key: &str) -> StoreResult<Option<(OrgId, ApiKeyId)>> {
    let mut tx = db.read_directory().await?;
    fetch_optional!(
        &mut tx,
        (OrgId, ApiKeyId),
        "SELECT org_id, key_id FROM api_key_directory WHERE key_hash = $1",
        opaque::hash(key)
    )
}

/// Who has a key, if it opens. The text's form was checked.
pub async fn holder(db: &Db, key: &str) -> StoreResult<Option<Holder>> {
    match find(db, key).await? {
        Some(found) => opens(db, found).await,
        None => Ok(None),
    }
}

/// Who has a key that was found, if it opens: the organisation is open, and the key is not revoked.
pub async fn opens(db: &Db, (org, id): (OrgId, ApiKeyId)) -> StoreResult<Option<Holder>> {
    let mut tx = db.read(&Access::system(org, Surface::Api)).await?;
    if org::store::is_closed(&mut tx, org).await? {
        return Ok(None);
    }
    let row: Option<HolderRow> = fetch_optional!(
        &mut tx,
        HolderRow,
        "SELECT k.app_id, k.scopes, k.mode, p.last_used_at FROM api_key k LEFT JOIN api_key_private p ON p.org_id = k.org_id AND p.id = k.id
         WHERE k.org_id = $1 AND k.id = $2 AND k.status = 'active'",
        org,
        id
    )?;
    row.map(|row| {
        let scopes = scopes(&row.scopes)?;
        Ok(Holder::new(
            (org, id),
            row.app_id,
            scopes,
            row.mode,
            row.last_used_at,
        ))
    })
    .transpose()
}

/// Notes that a key was used, to the minute.
pub async fn note_use(db: &Db, org: OrgId, id: ApiKeyId, now: Timestamp) -> StoreResult<()> {
    let mut tx = db.write(org).await?;
    execute!(
        &mut tx,
        "UPDATE api_key_private SET last_used_at = $3 WHERE org_id = $1 AND id = $2 AND (last_used_at IS NULL OR last_used_at < $4)",
        org,
        id,
        now,
        now.plus_micros(-USED_WITHIN_MICROS)
    )?;
    tx.commit().await
}

/// Lets a key be found by its hash, and keeps its last characters.
pub(super) async fn keep(
    tx: &mut Tx,
    access: &Access,
    id: ApiKeyId,
    hash: Vec<u8>,
    hint: &str,
) -> StoreResult<()> {
    execute!(
        tx,
        "INSERT INTO api_key_directory (key_hash, org_id, key_id) VALUES ($1, $2, $3)",
        hash.clone(),
        access.org(),
        id
    )?;
    execute!(
        tx,
        "INSERT INTO api_key_private (org_id, id, hint) VALUES ($1, $2, $3)",
        access.org(),
        id,
        hint
    )?;
    Ok(())
}

/// Forgets the hash of a key.
pub(super) async fn forget(tx: &mut Tx, access: &Access, id: ApiKeyId) -> StoreResult<()> {
    execute!(
        tx,
        "DELETE FROM api_key_directory WHERE org_id = $1 AND key_id = $2",
        access.org(),
        id
    )?;
    Ok(())
}
