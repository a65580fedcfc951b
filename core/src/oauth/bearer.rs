//! From a token to what its app may see: looked up at every request, so that what has ended has ended at once, on every node.

use super::store;
use super::token::{Known, Sort};
use crate::access::{Access, Surface};
use crate::app_client::Scopes;
use crate::app_client::store::rate;
use crate::app_install::{self, Status};
use crate::id::{AppClientId, AppId, AppInstallId, OrgId, PersonId, UnitId};
use crate::org;
use crate::store::{Db, StoreResult, Tx, fetch_optional};
use crate::time::{MINUTE_MICROS, Timestamp};

/// An app that proved by its token that it was installed. Holding one proves nothing of whether it works at the moment: [`Self::works`] says so.
#[derive(Debug, Clone)]
pub struct Bearer {
    /// In which organisation.
    pub org: OrgId,
    /// Which installation.
    pub install: AppInstallId,
    /// Which client.
    pub client: AppClientId,
    /// Which app.
    pub app: AppId,
    /// What the app was called when somebody consented.
    pub name: String,
    /// Who published it.
    pub publisher: String,
    /// For which unit, with everything below.
    pub unit: UnitId,
    /// What the token permits and the installation still does.
    pub scopes: Scopes,
    /// Since when somebody's consent holds.
    pub installed_at: Timestamp,
    /// By whom.
    pub installed_by: PersonId,
    /// Since when the token is accepted.
    pub issued_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
    /// How many requests a minute it may make, if not the usual number.
    pub rate_per_minute: Option<u32>,
    /// Whether it is worth noting that it was used.
    pub use_is_stale: bool,
    works: bool,
}

impl Bearer {
    /// Whether the installation works: it is not suspended, its app was not stopped, its organisation is not closed.
    #[must_use]
    pub const fn works(&self) -> bool {
        self.works
    }

    /// What the app may see: its unit and everything below, as far as its scopes go.
    #[must_use]
    pub fn access(&self, request_id: String) -> Access {
        let actions = app_install::actions(&self.scopes);
        let access = Access::of_install(self.org, self.install, self.unit, actions);
        access.within(Surface::Api, request_id)
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    install_id: AppInstallId,
    scopes: Scopes,
    created_at: Timestamp,
    expires_at: Timestamp,
    client_id: AppClientId,
    app_id: AppId,
    name: String,
    publisher: String,
    unit_id: UnitId,
    install_scopes: Scopes,
    status: Status,
    installed_at: Timestamp,
    installed_by: PersonId,
    last_used_at: Option<Timestamp>,
}

/// Whose a token of requests is, if it is accepted. Nothing is looked up for a token of another sort.
pub async fn find(db: &Db, token: Known, now: Timestamp) -> StoreResult<Option<Bearer>> {
    if token.sort != Sort::Access {
        return Ok(None);
    }
    let Some((org, disabled, per_minute)) = directory(db, token, now).await? else {
        return Ok(None);
    };
    let system = Access::system(org, Surface::System);
    let mut tx = db.read(&system).await?;
    let Some(row) = row(&mut tx, &system, token, now).await? else {
        return Ok(None);
    };
    let closed = org::store::is_closed(&mut tx, org).await?;
    Ok(Some(Bearer {
        org,
        install: row.install_id,
        client: row.client_id,
        app: row.app_id,
        name: row.name,
        publisher: row.publisher,
        unit: row.unit_id,
        scopes: row.scopes.within(&row.install_scopes),
        installed_at: row.installed_at,
        installed_by: row.installed_by,
        issued_at: row.created_at,
        expires_at: row.expires_at,
        rate_per_minute: per_minute.map(rate),
        use_is_stale: row
            .last_used_at
            .is_none_or(|last| last.plus_micros(MINUTE_MICROS) <= now),
        works: row.status == Status::Active && !disabled && !closed,
    }))
}

async fn directory(
    db: &Db,
    token: Known,
    now: Timestamp,
) -> StoreResult<Option<(OrgId, bool, Option<i64>)>> {
    let mut tx = db.read_directory().await?;
    fetch_optional!(
        &mut tx,
        (OrgId, bool, Option<i64>),
        "SELECT t.org_id, c.disabled, c.rate_per_minute FROM oauth_directory t
         JOIN app_client_directory c ON c.client_id = t.client_id WHERE t.token_hash = $1 AND t.expires_at > $2",
        token.hash.as_slice(),
        now
    )
}

async fn row(
    tx: &mut Tx,
    access: &Access,
    token: Known,
    now: Timestamp,
) -> StoreResult<Option<Row>> {
    fetch_optional!(
        tx,
        Row,
        "SELECT t.install_id, t.scopes, t.created_at, t.expires_at, i.client_id, i.app_id, i.name, i.publisher, i.unit_id,
             i.scopes AS install_scopes, i.status, i.installed_at, i.installed_by, l.last_used_at
         FROM oauth_token t JOIN oauth_grant g ON g.org_id = t.org_id AND g.id = t.grant_id
         JOIN app_install i ON i.org_id = t.org_id AND i.id = t.install_id
         LEFT JOIN app_install_use l ON l.org_id = i.org_id AND l.id = i.id
         WHERE t.org_id = $1 AND t.token_hash = $2 AND t.kind = 'access' AND t.revoked_at IS NULL AND t.expires_at > $3
             AND g.revoked_at IS NULL AND i.status <> 'ended'",
        access.org(),
        token.hash.as_slice(),
        now
    )
}

/// What an app may know of a token of its own (RFC 7662).
#[derive(Debug, Clone)]
pub struct Introspected {
    /// Whether it is one of requests; otherwise a refresh token.
    pub of_requests: bool,
    /// What it permits.
    pub scopes: Scopes,
    /// Since when it is accepted.
    pub issued_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
    /// The installation.
    pub install: AppInstallId,
    /// In which organisation.
    pub org: OrgId,
    /// For which unit.
    pub unit: UnitId,
}

/// What a token of this client's is, if it is accepted. A refresh token is while it is the one of its family.
pub async fn introspect(
    db: &Db,
    client: AppClientId,
    token: Known,
    now: Timestamp,
) -> StoreResult<Option<Introspected>> {
    let Some(org) = super::org_of(db, &token.hash).await? else {
        return Ok(None);
    };
    let system = Access::system(org, Surface::System);
    let mut tx = db.read(&system).await?;
    let Some(row) = store::token(&mut tx, &system, &token.hash).await? else {
        return Ok(None);
    };
    let Some(grant) = store::grant(&mut tx, &system, row.grant_id).await? else {
        return Ok(None);
    };
    let of_requests = row.kind == store::ACCESS;
    let closed = org::store::is_closed(&mut tx, org).await?;
    let live = !closed
        && grant.client_id == client
        && grant.revoked_at.is_none()
        && grant.status == Status::Active
        && row.revoked_at.is_none()
        && row.expires_at > now
        && (of_requests || grant.current_hash == token.hash);
    Ok(live.then(|| Introspected {
        of_requests,
        scopes: row.scopes.within(&grant.install_scopes),
        issued_at: row.created_at,
        expires_at: row.expires_at,
        install: grant.install_id,
        org,
        unit: grant.unit_id,
    }))
}
