//! Endpoints in SQL, and what is kept of them beside the ledger.

use secrecy::{ExposeSecret as _, SecretString};

use super::{Because, Endpoint, Owner, Settings, Status, Target};
use crate::access::{Access, Action, Principal, Reach};
use crate::id::{AppClientId, AppId, AppInstallId, EndpointId, OrgId, PersonId};
use crate::secret::{MasterKey, Place};
use crate::store::{StoreError, StoreResult, Tx, execute, fetch_all, fetch_one, fetch_optional};
use crate::time::Timestamp;

/// Where secrets are sealed.
pub(super) const SECRET: &str = "endpoint_private.secret_sealed";
/// Where the ones before them are.
pub(super) const PREVIOUS: &str = "endpoint_private.previous_sealed";

/// Which endpoints somebody may manage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Authority {
    /// All of the organisation's.
    All,
    /// Those of one installed app.
    OfInstall(AppInstallId),
    /// None.
    None,
}

impl Authority {
    pub fn of(access: &Access) -> Self {
        match access.actor().principal {
            Principal::Install(install) if access.may(Action::Endpoints) => {
                Self::OfInstall(install)
            }
            Principal::Install(_) => Self::None,
            _ if access.reach(Action::Endpoints) == Reach::Whole => Self::All,
            _ => Self::None,
        }
    }

    fn includes(self, owner: Owner) -> bool {
        match self {
            Self::All => true,
            Self::OfInstall(install) => owner == Owner::Install(install),
            Self::None => false,
        }
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: EndpointId,
    seq: i64,
    app_id: Option<AppId>,
    install_id: Option<AppInstallId>,
    status: Status,
    because: Option<Because>,
    settings: String,
    created_by: Option<PersonId>,
    created_at: Timestamp,
    changed_at: Timestamp,
    url: Option<String>,
    description: Option<String>,
    previous_until: Option<Timestamp>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT e.id, e.seq, e.app_id, e.install_id, e.status, e.because, e.settings, e.created_by, e.created_at, e.changed_at,
                    p.url, p.description, p.previous_until
             FROM endpoint e LEFT JOIN endpoint_private p ON p.org_id = e.org_id AND p.id = e.id WHERE e.org_id = $1",
            $rest
        )
    };
}

impl TryFrom<Row> for Endpoint {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        Ok(Self {
            id: row.id,
            seq: row.seq,
            owner: owner(row.app_id, row.install_id)?,
            status: row.status,
            because: row.because,
            url: row.url.unwrap_or_default(),
            description: row.description,
            settings: settings(&row.settings)?,
            created_by: row.created_by,
            created_at: row.created_at,
            changed_at: row.changed_at,
            previous_until: row.previous_until,
        })
    }
}

fn owner(app: Option<AppId>, install: Option<AppInstallId>) -> StoreResult<Owner> {
    match (app, install) {
        (Some(app), None) => Ok(Owner::App(app)),
        (None, Some(install)) => Ok(Owner::Install(install)),
        _ => Err(inconsistent("an endpoint has one owner")),
    }
}

fn settings(text: &str) -> StoreResult<Settings> {
    serde_json::from_str(text).map_err(|error| inconsistent(&error.to_string()))
}

fn inconsistent(what: &str) -> StoreError {
    StoreError::Inconsistent {
        table: "endpoint",
        what: what.to_owned(),
    }
}

/// The endpoints that the caller may manage and that are not removed, in the order of their making.
pub async fn list(tx: &mut Tx, access: &Access) -> StoreResult<Vec<Endpoint>> {
    let rows: Vec<Row> = match Authority::of(access) {
        Authority::None => return Ok(Vec::new()),
        Authority::All => fetch_all!(
            tx,
            Row,
            select!(" AND e.status <> 'removed' ORDER BY e.seq"),
            access.org()
        )?,
        Authority::OfInstall(install) => fetch_all!(
            tx,
            Row,
            select!(" AND e.install_id = $2 AND e.status <> 'removed' ORDER BY e.seq"),
            access.org(),
            install
        )?,
    };
    rows.into_iter().map(Endpoint::try_from).collect()
}

/// One of the endpoints that the caller may manage, also where it is removed.
pub async fn by_id(tx: &mut Tx, access: &Access, id: EndpointId) -> StoreResult<Option<Endpoint>> {
    let authority = Authority::of(access);
    if authority == Authority::None {
        return Ok(None);
    }
    let row: Option<Row> = fetch_optional!(tx, Row, select!(" AND e.id = $2"), access.org(), id)?;
    let endpoint = row.map(Endpoint::try_from).transpose()?;
    Ok(endpoint.filter(|endpoint| authority.includes(endpoint.owner)))
}

/// An endpoint that is told of anything.
#[derive(Debug)]
pub(super) struct Listening {
    /// Which.
    pub id: EndpointId,
    /// The app of the organisation whose it is.
    pub app: Option<AppId>,
    /// Otherwise the client that the organisation installed.
    pub client: Option<AppClientId>,
    /// What it wants to hear.
    pub settings: Settings,
}

/// What the organisation's endpoints that are told of anything want to hear.
pub(super) async fn listening(tx: &mut Tx, org: OrgId) -> StoreResult<Vec<Listening>> {
    let rows: Vec<(EndpointId, Option<AppId>, Option<AppClientId>, String)> = fetch_all!(
        tx,
        (EndpointId, Option<AppId>, Option<AppClientId>, String),
        "SELECT e.id, e.app_id, i.client_id, e.settings FROM endpoint e
         LEFT JOIN app_install i ON i.org_id = e.org_id AND i.id = e.install_id
         WHERE e.org_id = $1 AND e.status = 'active' ORDER BY e.seq",
        org
    )?;
    rows.into_iter()
        .map(|(id, app, client, text)| {
            Ok(Listening {
                id,
                app,
                client,
                settings: settings(&text)?,
            })
        })
        .collect()
}

/// How many endpoints of the organisation's own apps are not removed.
pub(super) async fn count(tx: &mut Tx, access: &Access) -> StoreResult<i64> {
    let (count,): (i64,) = fetch_one!(
        tx,
        (i64,),
        "SELECT CAST(COUNT(*) AS BIGINT) FROM endpoint WHERE org_id = $1 AND app_id IS NOT NULL AND status <> 'removed'",
        access.org()
    )?;
    Ok(count)
}

/// How many endpoints of an installed app are not removed.
pub(super) async fn count_of_install(
    tx: &mut Tx,
    access: &Access,
    install: AppInstallId,
) -> StoreResult<i64> {
    let (count,): (i64,) = fetch_one!(
        tx,
        (i64,),
        "SELECT CAST(COUNT(*) AS BIGINT) FROM endpoint WHERE org_id = $1 AND install_id = $2 AND status <> 'removed'",
        access.org(),
        install
    )?;
    Ok(count)
}

/// The endpoints of an app that are not removed.
pub(super) async fn of_app(
    tx: &mut Tx,
    access: &Access,
    app: AppId,
) -> StoreResult<Vec<EndpointId>> {
    let rows: Vec<(EndpointId,)> = fetch_all!(
        tx,
        (EndpointId,),
        "SELECT id FROM endpoint WHERE org_id = $1 AND app_id = $2 AND status <> 'removed' ORDER BY seq",
        access.org(),
        app
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// The endpoints of an installed app that are not removed.
pub(super) async fn of_install(
    tx: &mut Tx,
    access: &Access,
    install: AppInstallId,
) -> StoreResult<Vec<EndpointId>> {
    let rows: Vec<(EndpointId,)> = fetch_all!(
        tx,
        (EndpointId,),
        "SELECT id FROM endpoint WHERE org_id = $1 AND install_id = $2 AND status <> 'removed' ORDER BY seq",
        access.org(),
        install
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// The endpoints of an installed app that are this far.
pub(super) async fn of_install_at(
    tx: &mut Tx,
    access: &Access,
    install: AppInstallId,
    status: Status,
) -> StoreResult<Vec<EndpointId>> {
    let rows: Vec<(EndpointId,)> = fetch_all!(
        tx,
        (EndpointId,),
        "SELECT id FROM endpoint WHERE org_id = $1 AND install_id = $2 AND status = $3 ORDER BY seq",
        access.org(),
        install,
        status
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// The endpoints of an installed app that rest because that was suspended.
pub(super) async fn resting_with_install(
    tx: &mut Tx,
    access: &Access,
    install: AppInstallId,
) -> StoreResult<Vec<EndpointId>> {
    let rows: Vec<(EndpointId,)> = fetch_all!(
        tx,
        (EndpointId,),
        "SELECT id FROM endpoint WHERE org_id = $1 AND install_id = $2 AND status = 'paused' AND because = $3 ORDER BY seq",
        access.org(),
        install,
        Because::Suspended
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Whether the organisation has an app that is not removed. Unlike the app's own store it needs no right to manage apps.
pub async fn has_app(tx: &mut Tx, access: &Access, app: AppId) -> StoreResult<bool> {
    let row: Option<(i32,)> = fetch_optional!(
        tx,
        (i32,),
        "SELECT 1 FROM app WHERE org_id = $1 AND id = $2 AND status = 'active'",
        access.org(),
        app
    )?;
    Ok(row.is_some())
}

/// How often the organisation's endpoints changed, for whoever does not have the head locked.
pub(super) async fn version(tx: &mut Tx, org: OrgId) -> StoreResult<i64> {
    let row: Option<(i64,)> = fetch_optional!(
        tx,
        (i64,),
        "SELECT endpoints_version FROM ledger_head WHERE org_id = $1",
        org
    )?;
    Ok(row.map_or(0, |(version,)| version))
}

/// Lets every writer know that the organisation's endpoints changed.
pub(super) async fn changed(tx: &mut Tx, access: &Access) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE ledger_head SET endpoints_version = endpoints_version + 1 WHERE org_id = $1",
        access.org()
    )?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct TargetRow {
    client_id: Option<AppClientId>,
    settings: String,
    url: String,
    secret_sealed: Vec<u8>,
    previous_sealed: Option<Vec<u8>>,
    previous_until: Option<Timestamp>,
    previous_accepted: bool,
}

/// What has to be known of an endpoint to deliver to it, also where it is removed and something is still on its way; and how often the
/// organisation's endpoints had changed then.
pub async fn target(
    tx: &mut Tx,
    org: OrgId,
    id: EndpointId,
    key: &MasterKey,
) -> StoreResult<Option<(i64, Target)>> {
    let version = version(tx, org).await?;
    let row: Option<TargetRow> = fetch_optional!(
        tx,
        TargetRow,
        "SELECT i.client_id, e.settings, p.url, p.secret_sealed, p.previous_sealed, p.previous_until, p.previous_accepted
         FROM endpoint e JOIN endpoint_private p ON p.org_id = e.org_id AND p.id = e.id
         LEFT JOIN app_install i ON i.org_id = e.org_id AND i.id = e.install_id WHERE e.org_id = $1 AND e.id = $2",
        org,
        id
    )?;
    let Some(row) = row else { return Ok(None) };
    let settings = settings(&row.settings)?;
    let previous = match row.previous_sealed.zip(row.previous_until) {
        Some((sealed, until)) => Some((opened(key, org, (PREVIOUS, id), &sealed)?, until)),
        None => None,
    };
    let target = Target {
        org,
        id,
        client: row.client_id,
        url: row.url,
        secret: opened(key, org, (SECRET, id), &row.secret_sealed)?,
        previous,
        previous_accepted: row.previous_accepted,
        limits: settings.limits(),
    };
    Ok(Some((version, target)))
}

fn opened(
    key: &MasterKey,
    org: OrgId,
    (column, id): (&str, EndpointId),
    sealed: &[u8],
) -> StoreResult<SecretString> {
    let row = id.uuid();
    let place = Place {
        column,
        org: Some(org),
        row: row.as_bytes(),
    };
    let bytes = key
        .open(place, sealed)
        .map_err(|error| inconsistent(&error.to_string()))?;
    let text = std::str::from_utf8(bytes.expose_secret());
    Ok(text
        .map_err(|_| inconsistent("a secret is no text"))?
        .into())
}

/// The present secret.
pub(super) async fn secret(
    tx: &mut Tx,
    access: &Access,
    id: EndpointId,
    key: &MasterKey,
) -> StoreResult<SecretString> {
    let (sealed,): (Vec<u8>,) = fetch_one!(
        tx,
        (Vec<u8>,),
        "SELECT secret_sealed FROM endpoint_private WHERE org_id = $1 AND id = $2",
        access.org(),
        id
    )?;
    opened(key, access.org(), (SECRET, id), &sealed)
}

/// The secrets of an endpoint that the caller may manage: the present one, and the one before for as long as it is kept.
pub(super) async fn secrets(
    tx: &mut Tx,
    access: &Access,
    id: EndpointId,
    key: &MasterKey,
) -> StoreResult<Vec<SecretString>> {
    if by_id(tx, access, id).await?.is_none() {
        return Ok(Vec::new());
    }
    let read = target(tx, access.org(), id, key).await?;
    let secrets = read.map(|(_, target)| {
        let previous = target.previous.map(|(secret, _)| secret);
        std::iter::once(target.secret).chain(previous).collect()
    });
    Ok(secrets.unwrap_or_default())
}

/// Keeps the address, the description and the secret of a new endpoint.
pub(super) async fn keep(
    tx: &mut Tx,
    access: &Access,
    id: EndpointId,
    (url, description): (&str, Option<&str>),
    sealed: Vec<u8>,
) -> StoreResult<()> {
    execute!(
        tx,
        "INSERT INTO endpoint_private (org_id, id, url, description, secret_sealed) VALUES ($1, $2, $3, $4, $5)",
        access.org(),
        id,
        url,
        description.map(str::to_owned),
        sealed.clone()
    )?;
    execute!(
        tx,
        "INSERT INTO endpoint_health (org_id, id) VALUES ($1, $2)",
        access.org(),
        id
    )?;
    Ok(())
}

/// Keeps another address and description.
pub(super) async fn rewrite(
    tx: &mut Tx,
    access: &Access,
    id: EndpointId,
    (url, description): (&str, Option<&str>),
) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE endpoint_private SET url = $3, description = $4 WHERE org_id = $1 AND id = $2",
        access.org(),
        id,
        url,
        description.map(str::to_owned)
    )?;
    Ok(())
}

/// Keeps a new secret, and the one before it for as long as it signs as well. Until the receiver is known to accept the new one, it is taken
/// to know the old one.
pub(super) async fn rotate(
    tx: &mut Tx,
    access: &Access,
    id: EndpointId,
    sealed: Vec<u8>,
    previous: Option<(Vec<u8>, Timestamp)>,
) -> StoreResult<()> {
    let (previous, previous_until) = previous.unzip();
    let accepted = previous.is_some();
    execute!(
        tx,
        "UPDATE endpoint_private SET secret_sealed = $3, previous_sealed = $4, previous_until = $5, previous_accepted = $6
         WHERE org_id = $1 AND id = $2",
        access.org(),
        id,
        sealed.clone(),
        previous.clone(),
        previous_until,
        accepted
    )?;
    Ok(())
}

/// Forgets the secret before the present one.
pub(super) async fn forget_previous(
    tx: &mut Tx,
    access: &Access,
    id: EndpointId,
) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE endpoint_private SET previous_sealed = NULL, previous_until = NULL, previous_accepted = $3
         WHERE org_id = $1 AND id = $2",
        access.org(),
        id,
        false
    )?;
    Ok(())
}

/// Begins to count anew how often deliveries failed: somebody who resumes an endpoint believes that it hears again.
pub(super) async fn forgive(tx: &mut Tx, access: &Access, id: EndpointId) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE endpoint_health SET failures_in_row = 0, failing_since = NULL, gone_times = 0, gone_since = NULL
         WHERE org_id = $1 AND id = $2",
        access.org(),
        id
    )?;
    Ok(())
}
