//! From where something came: the workspace's installation, and how it fares.

use std::time::Duration;

use habeo_core::access::{Access, Surface};
use habeo_core::chat_link::ChatUser;
use habeo_core::id::{InstallId, OrgId};
use habeo_core::install::command::{NoteHealth, NoteRecovery};
use habeo_core::install::{self, Install, Platform, Status};
use habeo_core::org;
use habeo_core::store::StoreResult;

use super::Slack;
use super::inbound::{Origin, is_id};
use super::web::{Caller, WebError};
use crate::asker::Known;
use crate::engine::{Asker, Place};

/// A workspace whose installation we know.
#[derive(Debug, Clone)]
pub(super) struct Workspace {
    pub org: OrgId,
    pub install: Install,
}

/// Where somebody asks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot<'a> {
    pub channel: &'a str,
    pub thread: Option<&'a str>,
    pub user: &'a str,
    pub place: Place,
}

impl Workspace {
    /// Whether it answers.
    pub fn is_live(&self) -> bool {
        self.install.status == Status::Live
    }

    /// Whether answers in channels may be for all to see.
    pub fn shares(&self) -> bool {
        self.install.settings.share_in_channels
    }

    /// Whether somebody belongs to another workspace than this one, as far as the request itself tells.
    pub fn is_foreign(&self, origin: &Origin, team_of_user: Option<&str>) -> bool {
        let here = [
            Some(self.install.workspace.key.as_str()),
            origin.team.as_deref(),
            origin.enterprise.as_deref(),
        ];
        team_of_user.is_some_and(|team| !team.is_empty() && !here.contains(&Some(team)))
    }

    /// Calls in its name.
    pub fn caller(&self, slack: &Slack, patience: Duration) -> Caller {
        slack.caller(self.org, &self.install, patience)
    }

    /// Somebody who is known, asking somewhere.
    pub fn asker(&self, known: &Known, spot: &Spot<'_>) -> Asker {
        let shorten = |text: &str| -> String { text.chars().take(64).collect() };
        Asker {
            access: known.access.clone(),
            user: ChatUser {
                install: self.install.id,
                user: spot.user.to_owned(),
            },
            platform: Platform::Slack,
            conversation: format!(
                "slack:{}:{}:{}:{}",
                self.install.id,
                shorten(spot.channel),
                shorten(spot.thread.unwrap_or("-")),
                shorten(spot.user)
            ),
            place: spot.place,
        }
    }
}

impl Slack {
    /// The workspace from which something came, where we know it and the app is the one that is installed there. What is over is unknown.
    pub(super) async fn workspace(&self, origin: &Origin) -> StoreResult<Option<Workspace>> {
        for key in origin.keys() {
            let db = self.ledger().db();
            let mut tx = db.read_directory().await?;
            let bound = install::store::by_workspace(&mut tx, Platform::Slack, key).await?;
            drop(tx);
            let Some((org, id)) = bound else { continue };
            let system = Access::system(org, Surface::Slack);
            let mut tx = db.read(&system).await?;
            // The app of an organisation that was closed answers nobody.
            if org::store::is_closed(&mut tx, org).await? {
                continue;
            }
            let install = install::store::by_id(&mut tx, &system, id).await?;
            let ours = |install: &Install| {
                let app = origin.app.as_deref();
                install.status != Status::Ended
                    && app.is_none_or(|app| app == install.app_id)
                    && !is_refused(install, origin)
            };
            if let Some(install) = install.filter(ours) {
                return Ok(Some(Workspace { org, install }));
            }
        }
        Ok(None)
    }

    /// An installation by its id.
    pub(super) async fn workspace_of(
        &self,
        org: OrgId,
        id: InstallId,
    ) -> StoreResult<Option<Workspace>> {
        let system = Access::system(org, Surface::Slack);
        let mut tx = self.ledger().db().read(&system).await?;
        let install = install::store::by_id(&mut tx, &system, id).await?;
        Ok(install
            .filter(|install| install.workspace.platform == Platform::Slack)
            .map(|install| Workspace { org, install }))
    }

    /// Notes that something came in from a workspace: once a minute is enough.
    pub(super) async fn note_heard(&self, workspace: &Workspace) {
        let now = self.ledger().clock().now();
        if self.heard().is_news(workspace.install.id, now) {
            self.note(workspace, None).await;
        }
    }

    /// Notes that something went right where something had gone wrong before.
    pub(super) async fn note_recovery(&self, workspace: &Workspace) {
        let Some(error_at) = workspace.install.health.last_error_at else {
            return;
        };
        let install = workspace.install.id;
        let note = NoteRecovery { install, error_at };
        let system = Access::system(workspace.org, Surface::Slack);
        if let Err(error) = self.ledger().record(&system, note).await {
            tracing::warn!(install.id = %install, %error, "how an installation fares could not be noted");
        }
    }

    /// Notes what went wrong in a workspace.
    pub(super) async fn note_trouble(&self, workspace: &Workspace, error: &WebError) {
        tracing::warn!(org.id = %workspace.org, install.id = %workspace.install.id, %error, "Slack was not told something");
        self.note(workspace, Some(error.to_string())).await;
    }

    async fn note(&self, workspace: &Workspace, error: Option<String>) {
        let install = workspace.install.id;
        let system = Access::system(workspace.org, Surface::Slack);
        let note = NoteHealth { install, error };
        if let Err(error) = self.ledger().record(&system, note).await {
            tracing::warn!(install.id = %install, %error, "how an installation fares could not be noted");
        }
    }
}

/// Whether the app was taken from the workspace where something happened, while it is still installed in others of the enterprise.
fn is_refused(install: &Install, origin: &Origin) -> bool {
    let team = origin.team.as_ref();
    team.is_some_and(|team| install.refused_teams.contains(team))
}

/// Whether something names a direct conversation with us.
pub(super) fn is_direct(channel: &str) -> bool {
    channel.starts_with('D') && is_id(channel)
}
