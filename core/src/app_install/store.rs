//! Installed apps in SQL.

use super::{AppInstall, Status};
use crate::access::{Access, Action};
use crate::app_client::Scopes;
use crate::id::{AppClientId, AppId, AppInstallId, OrgId, PersonId, UnitId};
use crate::store::{Db, Query, StoreResult, Tx, execute, fetch_one, fetch_optional};
use crate::time::{MINUTE_MICROS, Timestamp};
use crate::unit::scope::{self, Columns};

/// Whoever administers a unit decides over the apps that were installed for it.
pub const ACTION: Action = Action::Grant;

const COLUMNS: Columns = Columns {
    unit: "i.unit_id",
    own: None,
};

#[derive(sqlx::FromRow)]
struct Row {
    id: AppInstallId,
    seq: i64,
    client_id: AppClientId,
    app_org: OrgId,
    app_id: AppId,
    name: String,
    publisher: String,
    unit_id: UnitId,
    unit_name: String,
    scopes: Scopes,
    status: Status,
    installed_by: PersonId,
    installed_at: Timestamp,
    last_used_at: Option<Timestamp>,
}

macro_rules! select {
    () => {
        "SELECT i.id, i.seq, i.client_id, i.app_org, i.app_id, i.name, i.publisher, i.unit_id, u.name AS unit_name, i.scopes, i.status,
             i.installed_by, i.installed_at, l.last_used_at
         FROM app_install i JOIN unit u ON u.org_id = i.org_id AND u.id = i.unit_id
         LEFT JOIN app_install_use l ON l.org_id = i.org_id AND l.id = i.id"
    };
}

impl From<Row> for AppInstall {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            seq: row.seq,
            client: row.client_id,
            app_org: row.app_org,
            app: row.app_id,
            name: row.name,
            publisher: row.publisher,
            unit: row.unit_id,
            unit_name: row.unit_name,
            scopes: row.scopes,
            status: row.status,
            installed_by: row.installed_by,
            installed_at: row.installed_at,
            last_used_at: row.last_used_at,
        }
    }
}

/// The apps that are installed for units that the caller administers, in the order in which they were installed first.
pub async fn list(tx: &mut Tx, access: &Access) -> StoreResult<Vec<AppInstall>> {
    let scope = scope::resolve(tx, access, ACTION).await?;
    let mut query = Query::new(concat!(
        select!(),
        " WHERE i.status <> 'ended' AND i.org_id = "
    ));
    query.bind(access.org());
    scope.push_condition(&mut query, access.org(), COLUMNS);
    query.push(" ORDER BY i.seq");
    let rows: Vec<Row> = query.fetch_all(tx).await?;
    Ok(rows.into_iter().map(AppInstall::from).collect())
}

/// An app that is or was installed for a unit that the caller administers.
pub async fn by_id(
    tx: &mut Tx,
    access: &Access,
    id: AppInstallId,
) -> StoreResult<Option<AppInstall>> {
    let scope = scope::resolve(tx, access, ACTION).await?;
    let row: Option<Row> = fetch_optional!(
        tx,
        Row,
        concat!(select!(), " WHERE i.org_id = $1 AND i.id = $2"),
        access.org(),
        id
    )?;
    let seen = row.filter(|row| scope.contains(row.unit_id));
    Ok(seen.map(AppInstall::from))
}

/// For which unit an installation is, what it may do, and how far it is. It needs no right to administer units: an app asks for itself.
pub(crate) async fn standing(
    tx: &mut Tx,
    access: &Access,
    id: AppInstallId,
) -> StoreResult<Option<(UnitId, Scopes, Status)>> {
    fetch_optional!(
        tx,
        (UnitId, Scopes, Status),
        "SELECT unit_id, scopes, status FROM app_install WHERE org_id = $1 AND id = $2",
        access.org(),
        id
    )
}

/// The installation of a client for a unit with what it may do and how far it is, if there is one that has not ended.
pub(super) async fn of_client(
    tx: &mut Tx,
    access: &Access,
    client: AppClientId,
    unit: UnitId,
) -> StoreResult<Option<(AppInstallId, Scopes, Status)>> {
    fetch_optional!(
        tx,
        (AppInstallId, Scopes, Status),
        "SELECT id, scopes, status FROM app_install WHERE org_id = $1 AND client_id = $2 AND unit_id = $3 AND status <> 'ended'",
        access.org(),
        client,
        unit
    )
}

pub(super) async fn count(tx: &mut Tx, access: &Access) -> StoreResult<usize> {
    let (count,): (i64,) = fetch_one!(
        tx,
        (i64,),
        "SELECT CAST(COUNT(*) AS BIGINT) FROM app_install WHERE org_id = $1 AND status <> 'ended'",
        access.org()
    )?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// Notes that an installation asked for something; to the minute, so that most of it is not written. Nothing follows from it.
pub async fn note_use(
    db: &Db,
    access: &Access,
    id: AppInstallId,
    now: Timestamp,
) -> StoreResult<()> {
    let mut tx = db.write(access.org()).await?;
    execute!(
        &mut tx,
        "INSERT INTO app_install_use (org_id, id, last_used_at) VALUES ($1, $2, $3)
         ON CONFLICT (org_id, id) DO UPDATE SET last_used_at = excluded.last_used_at
         WHERE app_install_use.last_used_at <= $4",
        access.org(),
        id,
        now,
        now.plus_micros(-MINUTE_MICROS)
    )?;
    tx.commit().await
}
