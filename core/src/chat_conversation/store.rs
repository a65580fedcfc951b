//! Conversations of chat services in the database.

use super::{Kind, Open, Reference};
use crate::access::Access;
use crate::id::InstallId;
use crate::store::{StoreResult, Tx, execute, fetch_all, fetch_optional};
use crate::time::Timestamp;

#[derive(sqlx::FromRow)]
struct Row {
    install_id: InstallId,
    conversation: String,
    kind: Kind,
    chat_user: Option<String>,
    address: Option<String>,
    service_url: String,
    name: Option<String>,
    seen_at: Timestamp,
    disabled_at: Option<Timestamp>,
}

impl From<Row> for Reference {
    fn from(row: Row) -> Self {
        Self {
            install: row.install_id,
            conversation: row.conversation,
            kind: row.kind,
            user: row.chat_user,
            address: row.address,
            service_url: row.service_url,
            name: row.name,
            seen_at: row.seen_at,
            disabled_at: row.disabled_at,
        }
    }
}

macro_rules! select {
    () => {
        "SELECT install_id, conversation, kind, chat_user, address, service_url, name, seen_at, disabled_at FROM chat_conversation"
    };
}

/// A conversation, open or closed.
pub async fn by_conversation(
    tx: &mut Tx,
    access: &Access,
    install: InstallId,
    conversation: &str,
) -> StoreResult<Option<Reference>> {
    let row: Option<Row> = fetch_optional!(
        tx,
        Row,
        concat!(
            select!(),
            " WHERE org_id = $1 AND install_id = $2 AND conversation = $3"
        ),
        access.org(),
        install,
        conversation
    )?;
    Ok(row.map(Reference::from))
}

/// The conversation with one chat user alone: the latest that is open, else the latest.
pub async fn personal(
    tx: &mut Tx,
    access: &Access,
    install: InstallId,
    user: &str,
) -> StoreResult<Option<Reference>> {
    let row: Option<Row> = fetch_optional!(
        tx,
        Row,
        concat!(
            select!(),
            " WHERE org_id = $1 AND install_id = $2 AND chat_user = $3 AND kind = 'personal'
             ORDER BY CASE WHEN disabled_at IS NULL THEN 0 ELSE 1 END, seen_at DESC, conversation LIMIT 1"
        ),
        access.org(),
        install,
        user
    )?;
    Ok(row.map(Reference::from))
}

/// Open conversations that several take part in, the latest first.
pub async fn several(
    tx: &mut Tx,
    access: &Access,
    install: InstallId,
    limit: i64,
) -> StoreResult<Vec<Reference>> {
    let rows: Vec<Row> = fetch_all!(
        tx,
        Row,
        concat!(
            select!(),
            " WHERE org_id = $1 AND install_id = $2 AND kind <> 'personal' AND disabled_at IS NULL
             ORDER BY seen_at DESC, conversation LIMIT $3"
        ),
        access.org(),
        install,
        limit
    )?;
    Ok(rows.into_iter().map(Reference::from).collect())
}

/// The conversations of several people that are open, by name; those without one last. Whoever may not manage the installation sees none.
pub async fn shared(tx: &mut Tx, access: &Access, install: InstallId) -> StoreResult<Vec<Open>> {
    if !crate::install::command::may_manage(access) {
        return Ok(Vec::new());
    }
    fetch_all!(
        tx,
        Open,
        "SELECT conversation, kind, name FROM chat_conversation
         WHERE org_id = $1 AND install_id = $2 AND kind <> 'personal' AND disabled_at IS NULL
         ORDER BY name NULLS LAST, conversation LIMIT 500",
        access.org(),
        install
    )
}

pub(super) async fn note(tx: &mut Tx, access: &Access, seen: &Reference) -> StoreResult<()> {
    execute!(
        tx,
        "INSERT INTO chat_conversation (org_id, install_id, conversation, kind, chat_user, address, service_url, seen_at, name)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (org_id, install_id, conversation) DO UPDATE SET kind = excluded.kind, chat_user = excluded.chat_user,
             address = excluded.address, service_url = excluded.service_url, seen_at = excluded.seen_at, disabled_at = NULL,
             name = COALESCE(excluded.name, chat_conversation.name)",
        access.org(),
        seen.install,
        &seen.conversation,
        seen.kind,
        seen.user.as_deref(),
        seen.address.as_deref(),
        &seen.service_url,
        seen.seen_at,
        seen.name.as_deref()
    )?;
    Ok(())
}

pub(super) async fn close(
    tx: &mut Tx,
    access: &Access,
    install: InstallId,
    conversation: &str,
    now: Timestamp,
) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE chat_conversation SET disabled_at = $4 WHERE org_id = $1 AND install_id = $2 AND conversation = $3 AND disabled_at IS NULL",
        access.org(),
        install,
        conversation,
        now
    )?;
    Ok(())
}

pub(super) async fn forget_welcome(
    tx: &mut Tx,
    access: &Access,
    install: InstallId,
    conversation: &str,
) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE chat_conversation SET welcomed_at = NULL WHERE org_id = $1 AND install_id = $2 AND conversation = $3",
        access.org(),
        install,
        conversation
    )?;
    Ok(())
}

/// Forgets every conversation of an installation.
pub(crate) async fn forget_all(
    tx: &mut Tx,
    access: &Access,
    install: InstallId,
) -> StoreResult<()> {
    execute!(
        tx,
        "DELETE FROM chat_conversation WHERE org_id = $1 AND install_id = $2",
        access.org(),
        install
    )?;
    Ok(())
}

pub(super) async fn welcome(
    tx: &mut Tx,
    access: &Access,
    install: InstallId,
    conversation: &str,
    now: Timestamp,
) -> StoreResult<bool> {
    let changed = execute!(
        tx,
        "UPDATE chat_conversation SET welcomed_at = $4 WHERE org_id = $1 AND install_id = $2 AND conversation = $3 AND welcomed_at IS NULL",
        access.org(),
        install,
        conversation,
        now
    )?;
    Ok(changed > 0)
}
