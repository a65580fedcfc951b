//! What can be asked of installations.

use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};

use super::event::InstallEvent;
use super::settings::{checked, cut};
use super::{
    EndReason, Install, Platform, Refusal, Settings, Status, TEAMS_MAX, Tokens, Workspace, store,
};
use crate::access::{Access, Action, Reach};
use crate::id::{InstallId, PersonId};
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{Command, Failure, Work};
use crate::secret::MasterKey;
use crate::time::Timestamp;

/// Begins an installation. The answer is the `state` that the service gives back, shown once.
#[derive(Debug)]
pub struct BeginInstall {
    /// On which service.
    pub platform: Platform,
    /// SHA-256 of the cookie that ties this to the browser.
    pub cookie_hash: Vec<u8>,
}

/// Takes the `state` that came back, once: by the same person, in the same browser, within ten minutes.
#[derive(Debug)]
pub struct TakeState {
    /// On which service.
    pub platform: Platform,
    /// What came back.
    pub state: SecretString,
    /// SHA-256 of the browser's cookie.
    pub cookie_hash: Vec<u8>,
}

/// Connects a workspace, or connects it again. The answer is its installation.
#[derive(Debug)]
pub struct Connect {
    /// Which.
    pub workspace: Workspace,
    /// What it calls itself.
    pub name: String,
    /// The app's own user there.
    pub bot_user: String,
    /// The app's id there.
    pub app_id: String,
    /// What it was permitted.
    pub scopes: Vec<String>,
    /// By what it speaks, where a workspace has tokens of its own.
    pub tokens: Option<Tokens>,
    /// Whether it has yet to be shown that the workspace is the organisation's.
    pub pending: bool,
    /// The key that seals the tokens.
    pub master_key: Arc<MasterKey>,
}

/// The workspace of a pending installation was shown to be the organisation's. Only Habeo itself says so, by what the service signed.
#[derive(Debug, Clone, Copy)]
pub struct Activate {
    /// Which.
    pub install: InstallId,
}

/// The service does not accept the tokens any more. Asking again changes nothing, and nothing is changed where others were stored since.
#[derive(Debug, Clone)]
pub struct NeedReinstall {
    /// Which.
    pub install: InstallId,
    /// The token of requests with which the service was displeased.
    pub token: SecretString,
    /// What the service said.
    pub error: String,
    /// The key that seals the tokens.
    pub master_key: Arc<MasterKey>,
}

/// Chooses the settings.
#[derive(Debug, Clone)]
pub struct Configure {
    /// Of which.
    pub install: InstallId,
    /// What they are from now on.
    pub settings: Settings,
}

/// Ends an installation: its tokens are forgotten, and nobody is linked through it any more. Asking again changes nothing.
#[derive(Debug, Clone, Copy)]
pub struct Disconnect {
    /// Which.
    pub install: InstallId,
    /// Why.
    pub reason: EndReason,
}

/// Keeps fetched tokens; see [`super::rotate`].
#[derive(Debug)]
pub(super) struct KeepTokens {
    pub install: InstallId,
    pub tokens: Tokens,
    pub master_key: Arc<MasterKey>,
}

/// Something came in from a workspace, or went wrong. No fact.
#[derive(Debug, Clone)]
pub struct NoteHealth {
    /// Which.
    pub install: InstallId,
    /// What went wrong; none where something came in.
    pub error: Option<String>,
}

/// Something went right again: trouble that did not end the installation is over, unless there was more of it since. No fact.
#[derive(Debug, Clone, Copy)]
pub struct NoteRecovery {
    /// Which.
    pub install: InstallId,
    /// Of when the trouble is.
    pub error_at: Timestamp,
}

/// The service says from which workspaces of an enterprise it took the app, or to which it gave it back. No fact: it can say otherwise anytime.
#[derive(Debug, Clone)]
pub struct NoteTeams {
    /// The installation in the enterprise.
    pub install: InstallId,
    /// The keys of the workspaces.
    pub teams: Vec<String>,
    /// Whether the app was given to them; otherwise it was taken.
    pub granted: bool,
}

/// Whether the caller may connect and manage workspaces.
#[must_use]
pub fn may_manage(access: &Access) -> bool {
    access.reach(Action::Configure) == Reach::Whole
}

pub(super) fn manager(access: &Access) -> Result<PersonId, Failure<Refusal>> {
    match access.person() {
        Some(person) if may_manage(access) => Ok(person),
        _ => Err(Failure::Refused(Refusal::NotPermitted)),
    }
}

/// Managers, and Habeo itself when a service reports something.
fn permitted(access: &Access) -> Result<(), Failure<Refusal>> {
    if may_manage(access) {
        Ok(())
    } else {
        Err(Failure::Refused(Refusal::NotPermitted))
    }
}

impl Command for NeedReinstall {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let access = work.access().clone();
        permitted(&access)?;
        let install = known(work, self.install).await?;
        // Whoever used a token may hear of its end when another one is long in its place.
        let stored = store::tokens(work.tx(), &access, install.id, &self.master_key).await?;
        let used = |tokens: &Tokens| tokens.access.expose_secret() == self.token.expose_secret();
        if stored.is_some_and(|tokens| !used(&tokens)) {
            return Ok(());
        }
        let now = work.now();
        store::note_error(work.tx(), &access, install.id, cut(&self.error), now).await?;
        if install.status == Status::Live {
            record(work, install.id, InstallEvent::ReinstallNeeded).await?;
        }
        Ok(())
    }
}

impl Command for Configure {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let access = work.access().clone();
        permitted(&access)?;
        let install = known(work, self.install).await?;
        if install.status == Status::Ended {
            return Err(Failure::Refused(Refusal::Ended));
        }
        let settings = checked(&self.settings).map_err(Failure::Refused)?;
        if settings != install.settings {
            record(work, install.id, InstallEvent::Configured { settings }).await?;
        }
        Ok(())
    }
}

impl Command for Disconnect {
    type Answer = ();
    type Refusal = Refusal;

    fn is_change(&self) -> bool {
        false
    }

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let access = work.access().clone();
        permitted(&access)?;
        let install = known(work, self.install).await?;
        if install.status == Status::Ended {
            return Ok(());
        }
        let reason = self.reason;
        record(work, install.id, InstallEvent::Disconnected { reason }).await?;
        store::forget_private(work.tx(), &access, install.id).await?;
        crate::chat_link::store::forget_all(work.tx(), &access, install.id).await?;
        crate::chat_conversation::store::forget_all(work.tx(), &access, install.id).await?;
        Ok(())
    }
}

impl Command for KeepTokens {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let access = work.access().clone();
        permitted(&access)?;
        let install = known(work, self.install).await?;
        if install.status == Status::Ended {
            return Err(Failure::Refused(Refusal::Ended));
        }
        let random = work.random();
        let sealed = super::rotate::seal(
            &self.master_key,
            &access,
            install.id,
            &self.tokens,
            random.as_ref(),
        );
        store::keep_tokens(work.tx(), &access, install.id, sealed).await?;
        Ok(())
    }
}

impl Command for NoteHealth {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let access = work.access().clone();
        permitted(&access)?;
        let now = work.now();
        match self.error {
            Some(error) => {
                store::note_error(work.tx(), &access, self.install, cut(&error), now).await?;
            }
            None => store::note_event(work.tx(), &access, self.install, now).await?,
        }
        Ok(())
    }
}

impl Command for NoteRecovery {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let access = work.access().clone();
        permitted(&access)?;
        store::forget_error(work.tx(), &access, self.install, self.error_at).await?;
        Ok(())
    }
}

impl Command for NoteTeams {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let access = work.access().clone();
        permitted(&access)?;
        let mut refused = known(work, self.install).await?.refused_teams;
        if self.granted {
            refused.retain(|team| !self.teams.contains(team));
        } else {
            let keys = self.teams.into_iter();
            refused.extend(keys.filter(|team| crate::chat::key(team).is_ok()));
            refused.sort_unstable();
            refused.dedup();
        }
        if refused.len() > TEAMS_MAX {
            return Err(Failure::Refused(Refusal::BadKey("the list of workspaces")));
        }
        store::keep_refused_teams(work.tx(), &access, self.install, &refused).await?;
        Ok(())
    }
}

pub(super) async fn known(work: &mut Work, id: InstallId) -> Result<Install, Failure<Refusal>> {
    let access = work.access().clone();
    let found = store::by_id(work.tx(), &access, id).await?;
    found.ok_or(Failure::Refused(Refusal::Unknown))
}

pub(super) async fn record(
    work: &mut Work,
    id: InstallId,
    event: InstallEvent,
) -> Result<(), Failure<Refusal>> {
    let fact = Fact::now(Stream::Install(id), Event::Install(event), Vec::new());
    work.record(fact).await?;
    Ok(())
}
