//! Who reads along in a channel: what is for the organisation's own eyes is said only where nobody else has any.
//!
//! Slack tells of a channel whether another organisation shares it, and of a user whether they are a guest. What it does not tell, or not in time,
//! counts as a stranger.

use std::time::Duration;

use habeo_core::id::{InstallId, OrgId};
use moka::future::Cache;
use tokio::time::timeout;

use super::Slack;
use super::web::{Caller, WebError};
use super::workspace::Workspace;

/// How long what is known of a channel or a member counts: somebody may have been let in since.
const KNOWN_FOR: Duration = Duration::from_mins(10);
const KNOWN_MAX: u64 = 20_000;
/// How long it may take to find out; the answer is its asker's alone meanwhile.
const PATIENCE: Duration = Duration::from_secs(8);
/// In a channel of more members, nobody can be sure of all.
const MEMBERS_MAX: usize = 100;

/// What is known of channels and of members. Kept apart by installation, for ids are a workspace's own.
#[derive(Debug)]
pub(super) struct Circles {
    channels: Cache<(OrgId, InstallId, String), bool>,
    members: Cache<(OrgId, InstallId, String), bool>,
}

impl Default for Circles {
    fn default() -> Self {
        let kept = || {
            Cache::builder()
                .max_capacity(KNOWN_MAX)
                .time_to_live(KNOWN_FOR)
                .build()
        };
        Self {
            channels: kept(),
            members: kept(),
        }
    }
}

impl Slack {
    /// Whether all who read a channel are full members of the workspace or organisation.
    pub(super) async fn is_among_ourselves(&self, workspace: &Workspace, channel: &str) -> bool {
        let key = |id: &str| (workspace.org, workspace.install.id, id.to_owned());
        let known = &self.circles().channels;
        if let Some(known) = known.get(&key(channel)).await {
            return known;
        }
        let caller = workspace.caller(self, PATIENCE).within(PATIENCE);
        match timeout(PATIENCE, self.look_round(workspace, &caller, channel)).await {
            Ok(Ok(ours)) => {
                known.insert(key(channel), ours).await;
                ours
            }
            Ok(Err(error)) => {
                self.note_trouble(workspace, &error).await;
                false
            }
            Err(_) => {
                tracing::info!(install.id = %workspace.install.id, "it was not found out in time who reads a channel");
                false
            }
        }
    }

    /// Whether a channel is this organisation's alone, as far as guests do not matter.
    pub(super) async fn is_our_channel(
        &self,
        caller: &Caller,
        channel: &str,
    ) -> Result<bool, WebError> {
        Ok(self.web().channel(caller, channel).await?.is_ours())
    }

    async fn look_round(
        &self,
        workspace: &Workspace,
        caller: &Caller,
        channel: &str,
    ) -> Result<bool, WebError> {
        if !self.is_our_channel(caller, channel).await? {
            return Ok(false);
        }
        let Some(members) = self.web().members(caller, channel, MEMBERS_MAX).await? else {
            return Ok(false);
        };
        let bot = workspace.install.bot_user.as_str();
        for member in members.iter().filter(|member| *member != bot) {
            let key = (workspace.org, workspace.install.id, member.clone());
            let known = &self.circles().members;
            let is_full = if let Some(is_full) = known.get(&key).await {
                is_full
            } else {
                let user = self.web().user(caller, member).await?;
                let is_full = user.reads_as_member_of(&workspace.install.workspace.key);
                known.insert(key, is_full).await;
                is_full
            };
            if !is_full {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
