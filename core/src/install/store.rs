//! Installations in SQL, the directory by which a workspace's organisation is found, and what is kept beside the ledger.

use super::project::SEPARATOR;
use super::{Health, Install, Platform, Settings, Status, Tokens, Workspace};
use crate::access::Access;
use crate::id::{InstallId, OrgId, PersonId};
use crate::page::{Limit, Page};
use crate::secret::MasterKey;
use crate::store::{StoreResult, Tx, execute, fetch_all, fetch_optional};
use crate::time::{MINUTE_MICROS, Timestamp};

/// To whom a workspace is bound.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub(crate) struct Binding {
    #[sqlx(rename = "org_id")]
    pub org: OrgId,
    #[sqlx(rename = "install_id")]
    pub install: InstallId,
    pub pending: bool,
    pub since: Timestamp,
}

/// An installation that was begun.
#[derive(Debug)]
pub(crate) struct State {
    pub hash: Vec<u8>,
    pub person: PersonId,
    pub platform: Platform,
    pub cookie_hash: Vec<u8>,
    pub expires_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: InstallId,
    seq: i64,
    platform: Platform,
    workspace_key: String,
    status: Status,
    installed_by: PersonId,
    installed_at: Timestamp,
    bot_user: String,
    app_id: String,
    scopes: String,
    trusted_domains: String,
    share_in_channels: bool,
    name: Option<String>,
    last_event_at: Option<Timestamp>,
    last_error: Option<String>,
    last_error_at: Option<Timestamp>,
    refused_teams: Option<String>,
}

macro_rules! select {
    () => {
        "SELECT i.id, i.seq, i.platform, i.workspace_key, i.status, i.installed_by, i.installed_at, i.bot_user, i.app_id, i.scopes,
             i.trusted_domains, i.share_in_channels, p.name, p.last_event_at, p.last_error, p.last_error_at,
             p.refused_teams
         FROM install i LEFT JOIN install_private p ON p.org_id = i.org_id AND p.id = i.id"
    };
}

impl From<Row> for Install {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            seq: row.seq,
            workspace: Workspace {
                platform: row.platform,
                key: row.workspace_key,
            },
            status: row.status,
            installed_by: row.installed_by,
            installed_at: row.installed_at,
            name: row.name.unwrap_or_default(),
            bot_user: row.bot_user,
            app_id: row.app_id,
            scopes: split(&row.scopes),
            refused_teams: split(row.refused_teams.as_deref().unwrap_or_default()),
            settings: Settings {
                trusted_email_domains: split(&row.trusted_domains),
                share_in_channels: row.share_in_channels,
            },
            health: Health {
                last_event_at: row.last_event_at,
                last_error: row.last_error,
                last_error_at: row.last_error_at,
            },
        }
    }
}

fn split(text: &str) -> Vec<String> {
    text.split(SEPARATOR)
        .filter(|part| !part.is_empty())
        .map(ToOwned::to_owned)
        .collect()
}

/// To which organisation and installation a workspace belongs, if it is connected. The transaction is one of the directory.
pub async fn by_workspace(
    tx: &mut Tx,
    platform: Platform,
    key: &str,
) -> StoreResult<Option<(OrgId, InstallId)>> {
    fetch_optional!(
        tx,
        (OrgId, InstallId),
        "SELECT org_id, install_id FROM workspace_directory WHERE platform = $1 AND workspace_key = $2",
        platform,
        key
    )
}

/// The organisation's installations, the ended ones too, in the order of their first connection. Whoever may not manage them sees none.
pub async fn list(tx: &mut Tx, access: &Access) -> StoreResult<Vec<Install>> {
    if !super::command::may_manage(access) {
        return Ok(Vec::new());
    }
    let rows: Vec<Row> = fetch_all!(
        tx,
        Row,
        concat!(select!(), " WHERE i.org_id = $1 ORDER BY i.seq"),
        access.org()
    )?;
    Ok(rows.into_iter().map(Install::from).collect())
}

/// One of the organisation's installations.
pub async fn by_id(tx: &mut Tx, access: &Access, id: InstallId) -> StoreResult<Option<Install>> {
    let row: Option<Row> = fetch_optional!(
        tx,
        Row,
        concat!(select!(), " WHERE i.org_id = $1 AND i.id = $2"),
        access.org(),
        id
    )?;
    Ok(row.map(Install::from))
}

/// Whether an installation answers.
pub(crate) async fn is_live(tx: &mut Tx, access: &Access, id: InstallId) -> StoreResult<bool> {
    let row: Option<(Status,)> = fetch_optional!(
        tx,
        (Status,),
        "SELECT status FROM install WHERE org_id = $1 AND id = $2",
        access.org(),
        id
    )?;
    Ok(row == Some((Status::Live,)))
}

/// The tokens of an installation, if it has any and is not over. They are for whoever speaks to the service, and for nobody else.
pub async fn tokens(
    tx: &mut Tx,
    access: &Access,
    id: InstallId,
    key: &MasterKey,
) -> StoreResult<Option<Tokens>> {
    let row: Option<(Option<Vec<u8>>,)> = fetch_optional!(
        tx,
        (Option<Vec<u8>>,),
        "SELECT p.tokens_sealed FROM install_private p JOIN install i ON i.org_id = p.org_id AND i.id = p.id
         WHERE p.org_id = $1 AND p.id = $2 AND i.status <> 'ended'",
        access.org(),
        id
    )?;
    match row {
        Some((Some(sealed),)) => super::rotate::open(key, access, id, &sealed).map(Some),
        _ => Ok(None),
    }
}

/// Who is linked through an installation, in the order of linking. Whoever may not manage it sees nobody.
pub async fn linked_people(
    tx: &mut Tx,
    access: &Access,
    id: InstallId,
    after: i64,
    limit: Limit,
) -> StoreResult<Page<crate::chat_link::LinkedPerson>> {
    if !super::command::may_manage(access) {
        return Ok(Page {
            rows: Vec::new(),
            next: None,
        });
    }
    crate::chat_link::store::of_install(tx, access, id, after, limit).await
}

/// To whom a workspace is bound; the row is held until the transaction ends.
pub(crate) async fn lock_binding(
    tx: &mut Tx,
    workspace: &Workspace,
) -> StoreResult<Option<Binding>> {
    fetch_optional!(
        tx,
        Binding,
        "UPDATE workspace_directory SET since = since WHERE platform = $1 AND workspace_key = $2
         RETURNING org_id, install_id, pending, since",
        workspace.platform,
        &workspace.key
    )
}

/// Binds a workspace, where nobody has it or the one that is displaced has it still. Whether that was so.
pub(crate) async fn bind(
    tx: &mut Tx,
    workspace: &Workspace,
    binding: Binding,
    over: InstallId,
) -> StoreResult<bool> {
    let bound = execute!(
        tx,
        "INSERT INTO workspace_directory (platform, workspace_key, org_id, install_id, pending, since) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (platform, workspace_key) DO UPDATE SET org_id = excluded.org_id, install_id = excluded.install_id,
             pending = excluded.pending, since = excluded.since
         WHERE workspace_directory.install_id = $7",
        workspace.platform,
        &workspace.key,
        binding.org,
        binding.install,
        binding.pending,
        binding.since,
        over
    )?;
    Ok(bound == 1)
}

/// Keeps the state of an installation that was begun.
pub(crate) async fn keep_state(tx: &mut Tx, access: &Access, state: State) -> StoreResult<()> {
    execute!(
        tx,
        "INSERT INTO install_state (org_id, state_hash, person_id, platform, cookie_hash, expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
        access.org(),
        state.hash.clone(),
        state.person,
        state.platform,
        state.cookie_hash.clone(),
        state.expires_at
    )?;
    Ok(())
}

/// Takes a state away, if it is there, everything about it fits, and it has not expired at `expires_at` of what is asked for.
pub(crate) async fn take_state(tx: &mut Tx, access: &Access, state: State) -> StoreResult<bool> {
    let taken = execute!(
        tx,
        "DELETE FROM install_state WHERE org_id = $1 AND state_hash = $2 AND person_id = $3 AND platform = $4 AND cookie_hash = $5
             AND expires_at > $6",
        access.org(),
        state.hash.clone(),
        state.person,
        state.platform,
        state.cookie_hash.clone(),
        state.expires_at
    )?;
    Ok(taken == 1)
}

/// Forgets the states that have expired.
pub(crate) async fn forget_states(tx: &mut Tx, access: &Access, now: Timestamp) -> StoreResult<()> {
    execute!(
        tx,
        "DELETE FROM install_state WHERE org_id = $1 AND expires_at <= $2",
        access.org(),
        now
    )?;
    Ok(())
}

/// Keeps what the workspace calls itself.
pub(crate) async fn keep_name(
    tx: &mut Tx,
    access: &Access,
    id: InstallId,
    name: &str,
) -> StoreResult<()> {
    execute!(
        tx,
        "INSERT INTO install_private (org_id, id, name) VALUES ($1, $2, $3)
         ON CONFLICT (org_id, id) DO UPDATE SET name = excluded.name, last_error = NULL, last_error_at = NULL",
        access.org(),
        id,
        name
    )?;
    Ok(())
}

/// Keeps sealed tokens in place of those before.
pub(crate) async fn keep_tokens(
    tx: &mut Tx,
    access: &Access,
    id: InstallId,
    sealed: Vec<u8>,
) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE install_private SET tokens_sealed = $3 WHERE org_id = $1 AND id = $2",
        access.org(),
        id,
        sealed.clone()
    )?;
    Ok(())
}

/// Notes what went wrong.
pub(crate) async fn note_error(
    tx: &mut Tx,
    access: &Access,
    id: InstallId,
    error: String,
    now: Timestamp,
) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE install_private SET last_error = $3, last_error_at = $4 WHERE org_id = $1 AND id = $2",
        access.org(),
        id,
        &error,
        now
    )?;
    Ok(())
}

/// Forgets what went wrong, where it did not end the installation: what needs an administrator is theirs to read.
pub(crate) async fn forget_error(
    tx: &mut Tx,
    access: &Access,
    id: InstallId,
    at: Timestamp,
) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE install_private SET last_error = NULL, last_error_at = NULL WHERE org_id = $1 AND id = $2 AND last_error_at = $3
             AND EXISTS (SELECT 1 FROM install i WHERE i.org_id = $1 AND i.id = $2 AND i.status = 'live')",
        access.org(),
        id,
        at
    )?;
    Ok(())
}

/// Keeps from which workspaces of an enterprise the app was taken.
pub(crate) async fn keep_refused_teams(
    tx: &mut Tx,
    access: &Access,
    id: InstallId,
    teams: &[String],
) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE install_private SET refused_teams = $3 WHERE org_id = $1 AND id = $2",
        access.org(),
        id,
        teams.join(" ")
    )?;
    Ok(())
}

/// Notes that something came in; to the minute, so that most of it is not written.
pub(crate) async fn note_event(
    tx: &mut Tx,
    access: &Access,
    id: InstallId,
    now: Timestamp,
) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE install_private SET last_event_at = $3 WHERE org_id = $1 AND id = $2 AND (last_event_at IS NULL OR last_event_at <= $4)",
        access.org(),
        id,
        now,
        now.plus_micros(-MINUTE_MICROS)
    )?;
    Ok(())
}

/// Forgets the tokens, and the directory's pointer if it still points here. What the workspace called itself stays, for the list.
pub(crate) async fn forget_private(tx: &mut Tx, access: &Access, id: InstallId) -> StoreResult<()> {
    execute!(
        tx,
        "DELETE FROM workspace_directory WHERE org_id = $1 AND install_id = $2",
        access.org(),
        id
    )?;
    execute!(
        tx,
        "UPDATE install_private SET tokens_sealed = NULL WHERE org_id = $1 AND id = $2",
        access.org(),
        id
    )?;
    Ok(())
}
