//! What can be asked of keys.

use secrecy::{ExposeSecret as _, SecretString};

use super::event::ApiKeyEvent;
use super::{KEYS_MAX, Mode, NAME_CHARS_MAX, Refusal, Scope, Status, store};
use crate::app::command::may_manage;
use crate::app::{self, command::living};
use crate::id::{ApiKeyId, AppId};
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{Command, Failure, Work};
use crate::store::StoreResult;
use crate::{opaque, org, text};

/// Makes a key. The answer is the key, which is never shown again.
#[derive(Debug, Clone)]
pub struct CreateKey {
    /// Whose it is.
    pub app: AppId,
    /// What people call it.
    pub name: String,
    /// What it is good for.
    pub scopes: Vec<Scope>,
}

/// Lets a key open nothing any more. Asking again changes nothing.
#[derive(Debug, Clone, Copy)]
pub struct RevokeKey {
    /// Which.
    pub key: ApiKeyId,
}

fn app_refused(failure: Failure<app::Refusal>) -> Failure<Refusal> {
    match failure {
        Failure::Refused(refusal) => Failure::Refused(refusal.into()),
        Failure::Store(error) => Failure::Store(error),
    }
}

impl Command for CreateKey {
    type Answer = (ApiKeyId, SecretString);
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<Self::Answer, Failure<Refusal>> {
        let app = living(work, self.app).await.map_err(app_refused)?;
        let access = work.access().clone();
        let name = text::line(&self.name, NAME_CHARS_MAX)
            .map_err(|bad| Failure::Refused(Refusal::BadName(bad)))?;
        let mut scopes = self.scopes;
        scopes.sort_unstable();
        scopes.dedup();
        if scopes.is_empty() {
            return Err(Failure::Refused(Refusal::NoScope));
        }
        if store::count(work.tx(), &access).await? >= KEYS_MAX {
            return Err(Failure::Refused(Refusal::TooMany));
        }
        let mode = if org::store::is_sandbox(work.tx(), access.org()).await? {
            Mode::Test
        } else {
            Mode::Live
        };
        let (now, random) = (work.now(), work.random());
        let id = ApiKeyId::generate(now, random.as_ref());
        let event = ApiKeyEvent::Created {
            app: app.id,
            name,
            scopes,
            mode,
        };
        record(work, id, event).await?;
        let key = opaque::generate(mode.prefix(), random.as_ref());
        let hash = opaque::hash(key.expose_secret());
        store::keep(work.tx(), &access, id, hash, &opaque::hint(&key)).await?;
        Ok((id, key))
    }
}

impl Command for RevokeKey {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let access = work.access().clone();
        if !may_manage(&access) {
            return Err(Failure::Refused(app::Refusal::NotPermitted.into()));
        }
        let found = store::by_id(work.tx(), &access, self.key).await?;
        let known = found.ok_or(Failure::Refused(Refusal::Unknown))?;
        if known.status == Status::Active {
            revoke(work, known.id).await?;
        }
        Ok(())
    }
}

/// Revokes every key of an app.
pub(crate) async fn revoke_all(work: &mut Work, app: AppId) -> StoreResult<()> {
    let access = work.access().clone();
    for key in store::of_app(work.tx(), &access, app).await? {
        revoke(work, key).await?;
    }
    Ok(())
}

async fn revoke(work: &mut Work, id: ApiKeyId) -> StoreResult<()> {
    let access = work.access().clone();
    record(work, id, ApiKeyEvent::Revoked {}).await?;
    store::forget(work.tx(), &access, id).await
}

async fn record(work: &mut Work, id: ApiKeyId, event: ApiKeyEvent) -> StoreResult<()> {
    let fact = Fact::now(Stream::ApiKey(id), Event::ApiKey(event), Vec::new());
    work.record(fact).await?;
    Ok(())
}
