//! Clients in SQL, the directory by which a client's organisation is found, and the digests of their secrets.

use super::{Client, Form, Proof, RATE_PER_MINUTE_MAX, Secret, Settings, Status};
use crate::access::{Access, Surface};
use crate::app;
use crate::id::{AppClientId, AppId, OrgId, PersonId};
use crate::oauth::token::Hash;
use crate::org;
use crate::store::{
    Db, Query, StoreError, StoreResult, Tx, execute, fetch_all, fetch_one, fetch_optional,
};
use crate::time::Timestamp;

#[derive(sqlx::FromRow)]
struct Row {
    org_id: OrgId,
    id: AppClientId,
    seq: i64,
    app_id: AppId,
    name: String,
    kind: app::Kind,
    form: Form,
    proof: Proof,
    settings: String,
    rate_per_minute: Option<i64>,
    status: Status,
    created_by: Option<PersonId>,
    created_at: Timestamp,
}

macro_rules! select {
    () => {
        "SELECT c.org_id, c.id, c.seq, c.app_id, a.name, a.kind, c.form, c.proof, c.settings, c.rate_per_minute, c.status, c.created_by,
             c.created_at
         FROM app_client c JOIN app a ON a.org_id = c.org_id AND a.id = c.app_id AND a.status = 'active'"
    };
}

impl TryFrom<Row> for Client {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        let settings: Settings =
            serde_json::from_str(&row.settings).map_err(|error| StoreError::Inconsistent {
                table: "app_client",
                what: error.to_string(),
            })?;
        Ok(Self {
            id: row.id,
            seq: row.seq,
            org: row.org_id,
            app: row.app_id,
            name: row.name,
            kind: row.kind,
            form: row.form,
            proof: row.proof,
            settings,
            rate_per_minute: row.rate_per_minute.map(rate),
            status: row.status,
            created_by: row.created_by,
            created_at: row.created_at,
        })
    }
}

/// A stored rate. One that no rule allows is the nearest that it does.
pub(crate) fn rate(stored: i64) -> u32 {
    u32::try_from(stored)
        .unwrap_or(RATE_PER_MINUTE_MAX)
        .clamp(1, RATE_PER_MINUTE_MAX)
}

/// Whose a client is. The transaction is one of the directory.
pub async fn org_of(tx: &mut Tx, id: AppClientId) -> StoreResult<Option<OrgId>> {
    let row: Option<(OrgId,)> = fetch_optional!(
        tx,
        (OrgId,),
        "SELECT org_id FROM app_client_directory WHERE client_id = $1",
        id
    )?;
    Ok(row.map(|(org,)| org))
}

/// The organisation's clients, in the order of their registration. Whoever may not manage them sees none.
pub async fn list(tx: &mut Tx, access: &Access) -> StoreResult<Vec<Client>> {
    if !app::command::may_manage(access) {
        return Ok(Vec::new());
    }
    let rows: Vec<Row> = fetch_all!(
        tx,
        Row,
        concat!(select!(), " WHERE c.org_id = $1 ORDER BY c.seq"),
        access.org()
    )?;
    rows.into_iter().map(Client::try_from).collect()
}

/// One of the organisation's clients.
pub async fn by_id(tx: &mut Tx, access: &Access, id: AppClientId) -> StoreResult<Option<Client>> {
    let row: Option<Row> = fetch_optional!(
        tx,
        Row,
        concat!(select!(), " WHERE c.org_id = $1 AND c.id = $2"),
        access.org(),
        id
    )?;
    row.map(Client::try_from).transpose()
}

/// The secrets that a client of the organisation can prove itself by, the latest first.
pub async fn secrets(
    tx: &mut Tx,
    access: &Access,
    id: AppClientId,
    now: Timestamp,
) -> StoreResult<Vec<Secret>> {
    let rows: Vec<(Vec<u8>, Timestamp, Option<Timestamp>)> = fetch_all!(
        tx,
        (Vec<u8>, Timestamp, Option<Timestamp>),
        "SELECT secret_hash, created_at, expires_at FROM app_client_secret
         WHERE org_id = $1 AND client_id = $2 AND (expires_at IS NULL OR expires_at > $3) ORDER BY created_at DESC, secret_hash",
        access.org(),
        id,
        now
    )?;
    let known = rows
        .into_iter()
        .filter_map(|(hash, created_at, expires_at)| {
            Some(Secret {
                hash: hash.try_into().ok()?,
                created_at,
                expires_at,
            })
        });
    Ok(known.collect())
}

/// A client of whatever organisation that is not closed, with the secrets it can prove itself by: for whoever an app shows itself to. What of it others see is what
/// its owner registered it for.
pub async fn find(
    db: &Db,
    id: AppClientId,
    now: Timestamp,
) -> StoreResult<Option<(Client, Vec<Secret>)>> {
    let mut tx = db.read_directory().await?;
    let Some(org) = org_of(&mut tx, id).await? else {
        return Ok(None);
    };
    drop(tx);
    let owner = Access::system(org, Surface::System);
    let mut tx = db.read(&owner).await?;
    if org::store::is_closed(&mut tx, org).await? {
        return Ok(None);
    }
    let Some(client) = by_id(&mut tx, &owner, id).await? else {
        return Ok(None);
    };
    let secrets = secrets(&mut tx, &owner, id, now).await?;
    Ok(Some((client, secrets)))
}

/// Which of these clients are stopped, by their owner or the operator, wherever they are installed.
pub async fn stopped(tx: &mut Tx, clients: &[AppClientId]) -> StoreResult<Vec<AppClientId>> {
    if clients.is_empty() {
        return Ok(Vec::new());
    }
    let mut query =
        Query::new("SELECT client_id FROM app_client_directory WHERE disabled AND client_id IN ");
    query.bind_list(clients.iter().copied());
    let rows: Vec<(AppClientId,)> = query.fetch_all(tx).await?;
    Ok(rows.into_iter().map(|(client,)| client).collect())
}

/// Whether a client is stopped. What is not known is.
pub async fn is_stopped(db: &Db, client: AppClientId) -> StoreResult<bool> {
    let mut tx = db.read_directory().await?;
    let row: Option<(bool,)> = fetch_optional!(
        &mut tx,
        (bool,),
        "SELECT disabled FROM app_client_directory WHERE client_id = $1",
        client
    )?;
    Ok(row.is_none_or(|(disabled,)| disabled))
}

/// The clients of an app that work.
pub(super) async fn of_app(
    tx: &mut Tx,
    access: &Access,
    app: AppId,
) -> StoreResult<Vec<AppClientId>> {
    let rows: Vec<(AppClientId,)> = fetch_all!(
        tx,
        (AppClientId,),
        "SELECT id FROM app_client WHERE org_id = $1 AND app_id = $2 AND status = 'active' ORDER BY seq",
        access.org(),
        app
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// How many clients of apps that are not removed there are.
pub(super) async fn count(tx: &mut Tx, access: &Access) -> StoreResult<usize> {
    let (count,): (i64,) = fetch_one!(
        tx,
        (i64,),
        "SELECT CAST(COUNT(*) AS BIGINT) FROM app_client c
         JOIN app a ON a.org_id = c.org_id AND a.id = c.app_id AND a.status = 'active' WHERE c.org_id = $1",
        access.org()
    )?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// Points the directory at a new client.
pub(super) async fn bind(
    tx: &mut Tx,
    access: &Access,
    id: AppClientId,
    rate: Option<u32>,
) -> StoreResult<()> {
    execute!(
        tx,
        "INSERT INTO app_client_directory (client_id, org_id, disabled, rate_per_minute) VALUES ($1, $2, $3, $4)",
        id,
        access.org(),
        false,
        rate.map(i64::from)
    )?;
    Ok(())
}

/// Tells the directory what has to be known of a client with every request of an installation.
pub(super) async fn tell(
    tx: &mut Tx,
    access: &Access,
    id: AppClientId,
    status: Status,
    rate: Option<u32>,
) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE app_client_directory SET disabled = $3, rate_per_minute = $4 WHERE org_id = $1 AND client_id = $2",
        access.org(),
        id,
        status == Status::Disabled,
        rate.map(i64::from)
    )?;
    Ok(())
}

/// Keeps the digest of a new secret.
pub(super) async fn keep_secret(
    tx: &mut Tx,
    access: &Access,
    id: AppClientId,
    hash: &Hash,
    now: Timestamp,
) -> StoreResult<()> {
    execute!(
        tx,
        "INSERT INTO app_client_secret (org_id, client_id, secret_hash, created_at) VALUES ($1, $2, $3, $4)",
        access.org(),
        id,
        hash.as_slice(),
        now
    )?;
    Ok(())
}

/// Lets every secret of a client end at this instant, those that end earlier then.
pub(super) async fn end_secrets(
    tx: &mut Tx,
    access: &Access,
    id: AppClientId,
    at: Timestamp,
) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE app_client_secret SET expires_at = $3 WHERE org_id = $1 AND client_id = $2 AND (expires_at IS NULL OR expires_at > $3)",
        access.org(),
        id,
        at
    )?;
    Ok(())
}

/// Forgets the secrets that end at this instant or before it.
pub(super) async fn forget_secrets(
    tx: &mut Tx,
    access: &Access,
    id: AppClientId,
    until: Timestamp,
) -> StoreResult<()> {
    execute!(
        tx,
        "DELETE FROM app_client_secret WHERE org_id = $1 AND client_id = $2 AND expires_at <= $3",
        access.org(),
        id,
        until
    )?;
    Ok(())
}
