//! What can be asked of apps.

use super::event::AppEvent;
use super::{APPS_MAX, App, Kind, NAME_CHARS_MAX, Refusal, store};
use crate::access::{Access, Action, Reach};
use crate::id::AppId;
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{Command, Failure, Work};
use crate::{api_key, app_client, endpoint, text};

/// Enters an app. The answer is its id.
#[derive(Debug, Clone)]
pub struct CreateApp {
    /// What people call it.
    pub name: String,
    /// For whom it is.
    pub kind: Kind,
}

/// Calls an app something else. The same name again changes nothing.
#[derive(Debug, Clone)]
pub struct RenameApp {
    /// Which.
    pub app: AppId,
    /// What people call it from now on.
    pub name: String,
}

/// Ends an app, its keys and its endpoints. What waits to be delivered is delivered.
#[derive(Debug, Clone, Copy)]
pub struct RemoveApp {
    /// Which.
    pub app: AppId,
}

/// Whether the caller may manage apps.
#[must_use]
pub fn may_manage(access: &Access) -> bool {
    access.reach(Action::Configure) == Reach::Whole
}

fn permitted(access: &Access) -> Result<(), Failure<Refusal>> {
    if may_manage(access) {
        Ok(())
    } else {
        Err(Failure::Refused(Refusal::NotPermitted))
    }
}

fn name(name: &str) -> Result<String, Failure<Refusal>> {
    text::line(name, NAME_CHARS_MAX).map_err(|bad| Failure::Refused(Refusal::BadName(bad)))
}

impl Command for CreateApp {
    type Answer = AppId;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<AppId, Failure<Refusal>> {
        let access = work.access().clone();
        permitted(&access)?;
        let name = name(&self.name)?;
        if store::count(work.tx(), &access).await? >= APPS_MAX {
            return Err(Failure::Refused(Refusal::TooMany));
        }
        let (now, random) = (work.now(), work.random());
        let id = AppId::generate(now, random.as_ref());
        let kind = self.kind;
        record(work, id, AppEvent::Created { name, kind }).await?;
        Ok(id)
    }
}

impl Command for RenameApp {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let known = living(work, self.app).await?;
        let name = name(&self.name)?;
        if name != known.name {
            record(work, known.id, AppEvent::Renamed { name }).await?;
        }
        Ok(())
    }
}

impl Command for RemoveApp {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let known = living(work, self.app).await?;
        api_key::command::revoke_all(work, known.id).await?;
        endpoint::command::remove_all(work, known.id).await?;
        app_client::command::stop_all(work, known.id).await?;
        record(work, known.id, AppEvent::Removed {}).await
    }
}

/// The app, where the caller may manage it and it is not over.
pub(crate) async fn living(work: &mut Work, id: AppId) -> Result<App, Failure<Refusal>> {
    let access = work.access().clone();
    permitted(&access)?;
    let found = store::by_id(work.tx(), &access, id).await?;
    found.ok_or(Failure::Refused(Refusal::Unknown))
}

async fn record(work: &mut Work, id: AppId, event: AppEvent) -> Result<(), Failure<Refusal>> {
    let fact = Fact::now(Stream::App(id), Event::App(event), Vec::new());
    work.record(fact).await?;
    Ok(())
}
