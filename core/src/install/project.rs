//! Facts about installations into their table. With an installation end the ties that were made through it.

use super::event::InstallEvent;
use super::{Settings, Status};
use crate::id::{InstallId, PersonId};
use crate::ledger::event::Recorded;
use crate::store::{StoreResult, Tx, execute};

/// What separates scopes and domains where they are one text; neither contains it.
pub(super) const SEPARATOR: char = ' ';

pub(crate) async fn apply(
    tx: &mut Tx,
    recorded: &Recorded,
    event: &InstallEvent,
) -> StoreResult<()> {
    let id = InstallId::from_uuid(recorded.stream.id());
    match event {
        InstallEvent::Connected {
            platform,
            workspace,
            person,
            bot_user,
            app_id,
            scopes,
            pending,
        } => {
            execute!(
                tx,
                "INSERT INTO install (org_id, id, seq, platform, workspace_key, status, installed_by, installed_at, bot_user, app_id, scopes,
                     trusted_domains, share_in_channels) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', $12)",
                recorded.org,
                id,
                recorded.index,
                *platform,
                workspace,
                standing(*pending),
                *person,
                recorded.recorded_at,
                bot_user,
                app_id,
                scopes.join(" "),
                false
            )?;
        }
        InstallEvent::Reconnected {
            person,
            bot_user,
            app_id,
            scopes,
            pending,
        } => reconnect(tx, recorded, *person, (bot_user, app_id, scopes), *pending).await?,
        InstallEvent::Activated => become_status(tx, recorded, Status::Live).await?,
        InstallEvent::ReinstallNeeded => {
            become_status(tx, recorded, Status::NeedsReinstall).await?;
        }
        InstallEvent::Configured { settings } => configure(tx, recorded, settings).await?,
        InstallEvent::Disconnected { .. } => {
            become_status(tx, recorded, Status::Ended).await?;
            execute!(
                tx,
                "UPDATE chat_link SET ended_at = $3 WHERE org_id = $1 AND install_id = $2 AND ended_at IS NULL",
                recorded.org,
                id,
                recorded.recorded_at
            )?;
        }
    }
    Ok(())
}

fn standing(pending: bool) -> Status {
    if pending {
        Status::Pending
    } else {
        Status::Live
    }
}

async fn become_status(tx: &mut Tx, recorded: &Recorded, status: Status) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE install SET status = $3 WHERE org_id = $1 AND id = $2",
        recorded.org,
        recorded.stream.id(),
        status
    )?;
    Ok(())
}

async fn reconnect(
    tx: &mut Tx,
    recorded: &Recorded,
    person: PersonId,
    (bot_user, app_id, scopes): (&str, &str, &[String]),
    pending: bool,
) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE install SET status = $3, installed_by = $4, installed_at = $5, bot_user = $6, app_id = $7, scopes = $8
         WHERE org_id = $1 AND id = $2",
        recorded.org,
        recorded.stream.id(),
        standing(pending),
        person,
        recorded.recorded_at,
        bot_user,
        app_id,
        scopes.join(" ")
    )?;
    Ok(())
}

async fn configure(tx: &mut Tx, recorded: &Recorded, settings: &Settings) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE install SET trusted_domains = $3, share_in_channels = $4 WHERE org_id = $1 AND id = $2",
        recorded.org,
        recorded.stream.id(),
        settings.trusted_email_domains.join(" "),
        settings.share_in_channels
    )?;
    Ok(())
}
