//! What can be asked of installed apps.

use secrecy::SecretString;

use super::event::AppInstallEvent;
use super::{AppInstall, INSTALLS_MAX, Refusal, Status, store};
use crate::app;
use crate::app_client::Status as ClientStatus;
use crate::app_client::{Client, Scopes};
use crate::endpoint;
use crate::id::{AppInstallId, UnitId};
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{Command, Failure, Work};
use crate::oauth::code::{self, NewCode};
use crate::oauth::store as tokens;
use crate::unit::{self, scope};

/// Consents to what an app asks for, for one unit, and by that installs it. Where it is installed for the unit already, that installation goes
/// on with what is consented to now; one that is suspended has to be resumed before. The answer is the code by which the app gets its tokens.
#[derive(Debug, Clone)]
pub struct Consent {
    /// Which app, as whoever consents was shown it.
    pub client: Client,
    /// For which unit, with everything below.
    pub unit: UnitId,
    /// To what.
    pub scopes: Scopes,
    /// Where the code is sent.
    pub redirect_uri: String,
    /// The challenge that the app's verifier has to meet (RFC 7636, S256).
    pub challenge: [u8; 32],
}

/// Stops an installation for now. Asking again changes nothing.
#[derive(Debug, Clone, Copy)]
pub struct Suspend {
    /// Which.
    pub install: AppInstallId,
}

/// Lets it work again. Asking again changes nothing.
#[derive(Debug, Clone, Copy)]
pub struct Resume {
    /// Which.
    pub install: AppInstallId,
}

/// Ends an installation: none of its tokens is accepted any more. Asking again changes nothing.
#[derive(Debug, Clone, Copy)]
pub struct Uninstall {
    /// Which.
    pub install: AppInstallId,
}

impl Command for Consent {
    type Answer = (AppInstallId, SecretString);
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<Self::Answer, Failure<Refusal>> {
        let access = work.access().clone();
        let refused = |refusal| Err(Failure::Refused(refusal));
        let Some(person) = access.person() else {
            return refused(Refusal::NotPermitted);
        };
        if !access.may(store::ACTION) {
            return refused(Refusal::NotPermitted);
        }
        let reach = scope::resolve(work.tx(), &access, store::ACTION).await?;
        let unit = unit::store::by_id(work.tx(), &access, self.unit).await?;
        if unit.is_none() || !reach.contains(self.unit) {
            return refused(Refusal::UnitUnknown);
        }
        let client = self.client;
        if client.kind == app::Kind::Internal && client.org != access.org() {
            return refused(Refusal::Internal);
        }
        if client.status == ClientStatus::Disabled {
            return refused(Refusal::Disabled);
        }
        if self.scopes.is_empty() || !client.settings.scopes.covers(&self.scopes) {
            return refused(Refusal::BadScopes);
        }
        let (now, random) = (work.now(), work.random());
        let known = store::of_client(work.tx(), &access, client.id, self.unit).await?;
        if known.is_none() && store::count(work.tx(), &access).await? >= INSTALLS_MAX {
            return refused(Refusal::TooMany);
        }
        // Whoever suspended it decides when it works again, and nobody by the way.
        if matches!(&known, Some((_, _, Status::Suspended))) {
            return refused(Refusal::Suspended);
        }
        let id = match &known {
            Some((id, ..)) => *id,
            None => AppInstallId::generate(now, random.as_ref()),
        };
        let event = AppInstallEvent::Consented {
            client: client.id,
            app_org: client.org,
            app: client.app,
            name: client.name,
            publisher: client.settings.publisher,
            unit: self.unit,
            scopes: self.scopes.clone(),
            person,
        };
        record(work, id, self.unit, event).await?;
        // What it hears must not go beyond what it may see from now on; it can subscribe again.
        if known.is_some_and(|(_, before, _)| !self.scopes.covers(&before)) {
            endpoint::command::remove_all_of_install(work, id).await?;
        }
        let new = NewCode {
            install: id,
            client: client.id,
            person,
            scopes: self.scopes,
            redirect_uri: self.redirect_uri,
            challenge: self.challenge,
        };
        let code = code::issue(work, new).await?;
        Ok((id, code))
    }
}

impl Command for Suspend {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let known = living(work, self.install).await?;
        if known.status == Status::Active {
            record(work, known.id, known.unit, AppInstallEvent::Suspended).await?;
            endpoint::command::pause_all_of_install(work, known.id).await?;
        }
        Ok(())
    }
}

impl Command for Resume {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let known = living(work, self.install).await?;
        if known.status == Status::Suspended {
            record(work, known.id, known.unit, AppInstallEvent::Resumed).await?;
            endpoint::command::resume_all_of_install(work, known.id).await?;
        }
        Ok(())
    }
}

impl Command for Uninstall {
    type Answer = ();
    type Refusal = Refusal;

    /// Whoever wants an app gone gets rid of it, whatever has become of the licence.
    fn is_change(&self) -> bool {
        false
    }

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let access = work.access().clone();
        let known = known(work, self.install).await?;
        if known.status == Status::Ended {
            return Ok(());
        }
        record(work, known.id, known.unit, AppInstallEvent::Uninstalled).await?;
        tokens::forget_install(work.tx(), &access, known.id).await?;
        endpoint::command::remove_all_of_install(work, known.id).await?;
        Ok(())
    }
}

async fn known(work: &mut Work, id: AppInstallId) -> Result<AppInstall, Failure<Refusal>> {
    let access = work.access().clone();
    let found = store::by_id(work.tx(), &access, id).await?;
    found.ok_or(Failure::Refused(Refusal::Unknown))
}

async fn living(work: &mut Work, id: AppInstallId) -> Result<AppInstall, Failure<Refusal>> {
    let known = known(work, id).await?;
    if known.status == Status::Ended {
        return Err(Failure::Refused(Refusal::Ended));
    }
    Ok(known)
}

async fn record(
    work: &mut Work,
    id: AppInstallId,
    unit: UnitId,
    event: AppInstallEvent,
) -> Result<(), Failure<Refusal>> {
    let fact = Fact::now(Stream::AppInstall(id), Event::AppInstall(event), vec![unit]);
    work.record(fact).await?;
    Ok(())
}
