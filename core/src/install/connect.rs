//! How a workspace is connected: begun in a browser, finished in the same one, and bound to one organisation.

use secrecy::SecretString;

use super::command::{Activate, BeginInstall, Connect, TakeState, known, manager, record};
use super::event::InstallEvent;
use super::{
    NAME_CHARS_MAX, PENDING_LIFE_MICROS, Refusal, SCOPES_MAX, STATE_LIFE_MICROS, Status, store,
};
use crate::access::Principal;
use crate::chat;
use crate::id::InstallId;
use crate::ledger::{Command, Failure, Work};
use crate::text;

impl Command for BeginInstall {
    type Answer = SecretString;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<SecretString, Failure<Refusal>> {
        let access = work.access().clone();
        let person = manager(&access)?;
        let (now, random) = (work.now(), work.random());
        store::forget_states(work.tx(), &access, now).await?;
        let state = chat::one_time(random.as_ref());
        let row = store::State {
            hash: chat::hash(&state),
            person,
            platform: self.platform,
            cookie_hash: self.cookie_hash,
            expires_at: now.plus_micros(STATE_LIFE_MICROS),
        };
        store::keep_state(work.tx(), &access, row).await?;
        Ok(state)
    }
}

impl Command for TakeState {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let access = work.access().clone();
        let person = manager(&access)?;
        let state = store::State {
            hash: chat::hash(&self.state),
            person,
            platform: self.platform,
            cookie_hash: self.cookie_hash,
            expires_at: work.now(),
        };
        if store::take_state(work.tx(), &access, state).await? {
            Ok(())
        } else {
            Err(Failure::Refused(Refusal::StateUnknown))
        }
    }
}

impl Connect {
    fn checked(mut self) -> Result<Self, Refusal> {
        chat::key(&self.workspace.key).map_err(|_| Refusal::BadKey("the workspace's key"))?;
        chat::key(&self.bot_user).map_err(|_| Refusal::BadKey("the app's user"))?;
        chat::key(&self.app_id).map_err(|_| Refusal::BadKey("the app's id"))?;
        self.scopes.sort_unstable();
        self.scopes.dedup();
        let usable = self.scopes.iter().all(|scope| chat::key(scope).is_ok());
        if !usable || self.scopes.len() > SCOPES_MAX {
            return Err(Refusal::BadKey("a scope"));
        }
        self.name = text::line(&self.name, NAME_CHARS_MAX).map_err(Refusal::BadName)?;
        Ok(self)
    }
}

impl Command for Connect {
    type Answer = InstallId;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<InstallId, Failure<Refusal>> {
        let access = work.access().clone();
        let person = manager(&access)?;
        let new = self.checked().map_err(Failure::Refused)?;
        let (now, random) = (work.now(), work.random());
        let bound = store::lock_binding(work.tx(), &new.workspace).await?;
        let before = match &bound {
            Some(bound) if bound.org == access.org() => {
                store::by_id(work.tx(), &access, bound.install).await?
            }
            // Whoever shows that it is theirs comes before whoever only says so, and a claim without proof lasts for an hour.
            Some(bound) if bound.pending => {
                if new.pending && now < bound.since.plus_micros(PENDING_LIFE_MICROS) {
                    return Err(Failure::Refused(Refusal::BoundElsewhere));
                }
                None
            }
            Some(_) => return Err(Failure::Refused(Refusal::BoundElsewhere)),
            None => None,
        };
        let (id, event) = if let Some(install) = before {
            // What was proved stays proved.
            let pending = new.pending && install.status == Status::Pending;
            let event = InstallEvent::Reconnected {
                person,
                bot_user: new.bot_user,
                app_id: new.app_id,
                scopes: new.scopes,
                pending,
            };
            (install.id, event)
        } else {
            let event = InstallEvent::Connected {
                platform: new.workspace.platform,
                workspace: new.workspace.key.clone(),
                person,
                bot_user: new.bot_user,
                app_id: new.app_id,
                scopes: new.scopes,
                pending: new.pending,
            };
            (InstallId::generate(now, random.as_ref()), event)
        };
        let pending = matches!(
            event,
            InstallEvent::Connected { pending: true, .. }
                | InstallEvent::Reconnected { pending: true, .. }
        );
        record(work, id, event).await?;
        let binding = store::Binding {
            org: access.org(),
            install: id,
            pending,
            since: now,
        };
        let over = bound.map_or(id, |bound| bound.install);
        if !store::bind(work.tx(), &new.workspace, binding, over).await? {
            return Err(Failure::Refused(Refusal::BoundElsewhere));
        }
        store::keep_name(work.tx(), &access, id, &new.name).await?;
        if let Some(tokens) = &new.tokens {
            let sealed = super::rotate::seal(&new.master_key, &access, id, tokens, random.as_ref());
            store::keep_tokens(work.tx(), &access, id, sealed).await?;
        }
        Ok(id)
    }
}

impl Command for Activate {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let access = work.access().clone();
        if access.actor().principal != Principal::System {
            return Err(Failure::Refused(Refusal::NotPermitted));
        }
        let install = known(work, self.install).await?;
        match install.status {
            Status::Pending => {}
            Status::Live => return Ok(()),
            Status::NeedsReinstall => return Err(Failure::Refused(Refusal::NotLive)),
            Status::Ended => return Err(Failure::Refused(Refusal::Ended)),
        }
        // Somebody who showed that the workspace is theirs may have taken it over.
        let bound = store::lock_binding(work.tx(), &install.workspace).await?;
        if bound.is_none_or(|bound| bound.install != install.id) {
            return Err(Failure::Refused(Refusal::BoundElsewhere));
        }
        record(work, install.id, InstallEvent::Activated).await?;
        let binding = store::Binding {
            org: access.org(),
            install: install.id,
            pending: false,
            since: work.now(),
        };
        if store::bind(work.tx(), &install.workspace, binding, install.id).await? {
            Ok(())
        } else {
            Err(Failure::Refused(Refusal::BoundElsewhere))
        }
    }
}
