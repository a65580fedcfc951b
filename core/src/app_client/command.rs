//! What can be asked of clients.

use secrecy::{ExposeSecret as _, SecretString};

use super::event::AppClientEvent;
use super::{
    CLIENTS_MAX, Client, Form, Proof, Refusal, Settings, Status, WINDOW_MICROS_MAX, decide, store,
};
use crate::access::Principal;
use crate::app;
use crate::app::command::CreateApp;
use crate::id::{AppClientId, AppId};
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{Command, Failure, Work};
use crate::oauth::token::{self, Sort};
use crate::store::StoreResult;

/// Registers an app. A confidential one gets a secret, which is never shown again.
#[derive(Debug, Clone)]
pub struct RegisterClient {
    /// What it is called.
    pub name: String,
    /// For whom it is.
    pub kind: app::Kind,
    /// What sort of program it is.
    pub form: Form,
    /// Whether it can keep a secret.
    pub proof: Proof,
    /// What its owner chooses.
    pub settings: Settings,
    /// How many requests a minute each installation may make, if not the usual number.
    pub rate_per_minute: Option<u32>,
}

/// An app that was registered.
#[derive(Debug)]
pub struct Registered {
    /// The app.
    pub app: AppId,
    /// Its `client_id`.
    pub client: AppClientId,
    /// Its secret, if it can keep one.
    pub secret: Option<SecretString>,
}

/// Chooses the settings.
#[derive(Debug, Clone)]
pub struct ConfigureClient {
    /// Of which.
    pub client: AppClientId,
    /// What they are from now on.
    pub settings: Settings,
}

/// Sets how many requests a minute each installation may make.
#[derive(Debug, Clone, Copy)]
pub struct SetRate {
    /// Of which.
    pub client: AppClientId,
    /// How many; none for the usual number.
    pub rate_per_minute: Option<u32>,
}

/// Stops a client wherever it is installed, or lets it work again. Asking again changes nothing.
#[derive(Debug, Clone, Copy)]
pub struct SetStatus {
    /// Which.
    pub client: AppClientId,
    /// How far it is from now on.
    pub status: Status,
}

/// Gives a client another secret, which is the answer and never shown again. The one before is accepted for a while.
#[derive(Debug, Clone, Copy)]
pub struct RotateClientSecret {
    /// Which.
    pub client: AppClientId,
    /// How long the one before is accepted; 0 to [`WINDOW_MICROS_MAX`].
    pub window_micros: i64,
}

/// Accepts the present secret only. Asking again changes nothing.
#[derive(Debug, Clone, Copy)]
pub struct EndSecretRotation {
    /// Of which.
    pub client: AppClientId,
}

impl Command for RegisterClient {
    type Answer = Registered;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<Registered, Failure<Refusal>> {
        let access = work.access().clone();
        permitted(work)?;
        let settings = decide::settings(self.form, &self.settings).map_err(Failure::Refused)?;
        let rate_per_minute = self.rate_per_minute;
        decide::rate(rate_per_minute, by_operator(work)).map_err(Failure::Refused)?;
        if store::count(work.tx(), &access).await? >= CLIENTS_MAX {
            return Err(Failure::Refused(Refusal::TooMany));
        }
        let create = CreateApp {
            name: self.name,
            kind: self.kind,
        };
        let app = create.execute(work).await.map_err(of_app)?;
        let (now, random) = (work.now(), work.random());
        let client = AppClientId::generate(now, random.as_ref());
        let event = AppClientEvent::Registered {
            app,
            form: self.form,
            proof: self.proof,
            settings,
            rate_per_minute,
        };
        record(work, client, event).await?;
        store::bind(work.tx(), &access, client, rate_per_minute).await?;
        let secret = match self.proof {
            Proof::Public => None,
            Proof::Confidential => Some(new_secret(work, client).await?),
        };
        Ok(Registered {
            app,
            client,
            secret,
        })
    }
}

impl Command for ConfigureClient {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let known = known(work, self.client).await?;
        let settings = decide::settings(known.form, &self.settings).map_err(Failure::Refused)?;
        if settings != known.settings {
            record(work, known.id, AppClientEvent::Configured { settings }).await?;
        }
        Ok(())
    }
}

impl Command for SetRate {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let known = known(work, self.client).await?;
        let rate_per_minute = self.rate_per_minute;
        decide::rate(rate_per_minute, by_operator(work)).map_err(Failure::Refused)?;
        if rate_per_minute != known.rate_per_minute {
            record(work, known.id, AppClientEvent::RateSet { rate_per_minute }).await?;
            let access = work.access().clone();
            store::tell(work.tx(), &access, known.id, known.status, rate_per_minute).await?;
        }
        Ok(())
    }
}

impl Command for SetStatus {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let known = known(work, self.client).await?;
        let status = self.status;
        if status != known.status {
            record(work, known.id, AppClientEvent::StatusSet { status }).await?;
            let access = work.access().clone();
            store::tell(work.tx(), &access, known.id, status, known.rate_per_minute).await?;
        }
        Ok(())
    }
}

impl Command for RotateClientSecret {
    type Answer = SecretString;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<SecretString, Failure<Refusal>> {
        let known = known(work, self.client).await?;
        if known.proof == Proof::Public {
            return Err(Failure::Refused(Refusal::NoSecret));
        }
        if !(0..=WINDOW_MICROS_MAX).contains(&self.window_micros) {
            return Err(Failure::Refused(Refusal::BadWindow));
        }
        let (access, now) = (work.access().clone(), work.now());
        // The one before the last would stop working at once, and nobody could tell whether it is still in use.
        if store::secrets(work.tx(), &access, known.id, now)
            .await?
            .len()
            > 1
        {
            return Err(Failure::Refused(Refusal::Rotating));
        }
        let previous_until = now.plus_micros(self.window_micros);
        record(
            work,
            known.id,
            AppClientEvent::SecretRotated { previous_until },
        )
        .await?;
        store::end_secrets(work.tx(), &access, known.id, previous_until).await?;
        store::forget_secrets(work.tx(), &access, known.id, now).await?;
        new_secret(work, known.id).await
    }
}

impl Command for EndSecretRotation {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let known = known(work, self.client).await?;
        let (access, now) = (work.access().clone(), work.now());
        if store::secrets(work.tx(), &access, known.id, now)
            .await?
            .len()
            > 1
        {
            record(work, known.id, AppClientEvent::RotationEnded).await?;
            // Only the one before has an end.
            let far = now.plus_micros(WINDOW_MICROS_MAX);
            store::forget_secrets(work.tx(), &access, known.id, far).await?;
        }
        Ok(())
    }
}

/// Stops every client of an app that is over.
pub(crate) async fn stop_all(work: &mut Work, app: AppId) -> StoreResult<()> {
    let access = work.access().clone();
    for id in store::of_app(work.tx(), &access, app).await? {
        let status = Status::Disabled;
        let event = Event::AppClient(AppClientEvent::StatusSet { status });
        work.record(Fact::now(Stream::AppClient(id), event, Vec::new()))
            .await?;
        store::tell(work.tx(), &access, id, status, None).await?;
    }
    Ok(())
}

fn permitted(work: &Work) -> Result<(), Failure<Refusal>> {
    if app::command::may_manage(work.access()) {
        Ok(())
    } else {
        Err(Failure::Refused(Refusal::App(app::Refusal::NotPermitted)))
    }
}

fn by_operator(work: &Work) -> bool {
    work.access().actor().principal == Principal::System
}

fn of_app(failure: Failure<app::Refusal>) -> Failure<Refusal> {
    match failure {
        Failure::Refused(refusal) => Failure::Refused(Refusal::App(refusal)),
        Failure::Store(error) => Failure::Store(error),
    }
}

async fn new_secret(work: &mut Work, id: AppClientId) -> Result<SecretString, Failure<Refusal>> {
    let (access, now, random) = (work.access().clone(), work.now(), work.random());
    let secret = token::draw(Sort::ClientSecret, random.as_ref());
    let hash = token::hash(secret.expose_secret());
    store::keep_secret(work.tx(), &access, id, &hash, now).await?;
    Ok(secret)
}

/// The client, where the caller may manage it.
async fn known(work: &mut Work, id: AppClientId) -> Result<Client, Failure<Refusal>> {
    permitted(work)?;
    let access = work.access().clone();
    let found = store::by_id(work.tx(), &access, id).await?;
    found.ok_or(Failure::Refused(Refusal::Unknown))
}

async fn record(
    work: &mut Work,
    id: AppClientId,
    event: AppClientEvent,
) -> Result<(), Failure<Refusal>> {
    let fact = Fact::now(Stream::AppClient(id), Event::AppClient(event), Vec::new());
    work.record(fact).await?;
    Ok(())
}
