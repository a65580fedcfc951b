//! What can be asked of endpoints.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::event::EndpointEvent;
use super::store::{self, Authority};
use super::{
    Amendment, Because, DESCRIPTION_CHARS_MAX, ENDPOINTS_MAX, Endpoint, OF_INSTALL_MAX, Owner,
    Refusal, SECRET_PREFIX, Settings, Status, URL_CHARS_MAX, WINDOW_MICROS_MAX, delivery, origin,
    topic,
};
use crate::access::{Access, Action, Principal, Reach, Surface};
use crate::api_key::Mode;
use crate::app_client::{Scope, to_hear};
use crate::app_install;
use crate::emitted::EmittedEvent;
use crate::id::{AppId, AppInstallId, DeliveryId, EndpointId, EventId};
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::tree;
use crate::ledger::{AtDesk, Command, Desk, Failure, Wanted, Work};
use crate::notice::{Notice, tell_managers};
use crate::secret::{MasterKey, Place};
use crate::store::StoreResult;
use crate::time::Timestamp;
use crate::{text, unit};

/// Bytes of a secret before it is spelled.
const SECRET_BYTES: usize = 32;
/// The most bytes of what a program says: the entry around it has to fit, too.
pub const DATA_BYTES_MAX: usize = 48 * 1_024;

/// Lets somebody be told. The answer is the endpoint with its secret, which is never shown again.
///
/// The address must have passed the rules for addresses that others chose; they are those of the crate that reaches them.
#[derive(Debug)]
pub struct CreateEndpoint {
    /// Whose it is.
    pub owner: Owner,
    /// Its address.
    pub url: String,
    /// What its owner calls it.
    pub description: Option<String>,
    /// What its owner chooses.
    pub settings: Settings,
    /// The key that seals the secret.
    pub master_key: Arc<MasterKey>,
}

/// Changes what the owner chose; what is not named stays. The address must have passed the rules.
#[derive(Debug, Clone)]
pub struct ChangeEndpoint {
    /// Which.
    pub endpoint: EndpointId,
    /// Another address.
    pub url: Option<String>,
    /// Another description; `Some(None)` takes it away.
    pub description: Option<Option<String>>,
    /// Other settings.
    pub settings: Option<Settings>,
}

/// Changes some of what the owner chose, and whether it is told of anything, together: what is not named stays as it is when this is done, whoever
/// else changes it meanwhile. The address must have passed the rules.
#[derive(Debug, Clone)]
pub struct AmendEndpoint {
    /// Which.
    pub endpoint: EndpointId,
    /// Another address.
    pub url: Option<String>,
    /// Another description; `Some(None)` takes it away.
    pub description: Option<Option<String>>,
    /// What else is chosen.
    pub settings: Amendment,
    /// Whether it is told of anything from now on.
    pub is_active: Option<bool>,
}

/// Tells it of nothing for now. Asking again changes nothing.
#[derive(Debug, Clone, Copy)]
pub struct PauseEndpoint {
    /// Which.
    pub endpoint: EndpointId,
}

/// Tells it again, from now on. Asking again changes nothing.
#[derive(Debug, Clone, Copy)]
pub struct ResumeEndpoint {
    /// Which.
    pub endpoint: EndpointId,
}

/// Ends an endpoint. What is on its way is still delivered.
#[derive(Debug, Clone, Copy)]
pub struct RemoveEndpoint {
    /// Which.
    pub endpoint: EndpointId,
}

/// Gives an endpoint another secret, which is the answer and never shown again. The one before signs as well for a while.
#[derive(Debug)]
pub struct RotateSecret {
    /// Of which.
    pub endpoint: EndpointId,
    /// How long the one before signs as well; 0 to [`WINDOW_MICROS_MAX`].
    pub window_micros: i64,
    /// The key that seals the secret.
    pub master_key: Arc<MasterKey>,
}

/// Lets the present secret alone sign. Asking again changes nothing.
#[derive(Debug, Clone, Copy)]
pub struct EndRotation {
    /// Of which.
    pub endpoint: EndpointId,
}

/// Sends an endpoint an event of type `webhook.test`. The answer is the event's id.
#[derive(Debug, Clone, Copy)]
pub struct TestEndpoint {
    /// Which.
    pub endpoint: EndpointId,
}

/// Nothing arrived for too long: it is told of nothing more. Only Habeo itself says so.
#[derive(Debug, Clone, Copy)]
pub struct DisableEndpoint {
    /// Which.
    pub endpoint: EndpointId,
    /// Why.
    pub because: Because,
}

/// Says something for others to hear. The answer is the event's id.
#[derive(Debug, Clone)]
pub struct Emit {
    /// Which app says it, one of the organisation's. Endpoints of that app hear it.
    pub app: AppId,
    /// For which organisations the key is that it was asked with: only where everything is invented may a program say what it likes.
    pub mode: Mode,
    /// The event's name: one that is announced anyway, or `webhook.test`.
    pub name: String,
    /// What it says.
    pub data: Value,
}

/// Makes one delivery once more, with the same event id and its attempts counted on.
#[derive(Debug, Clone, Copy)]
pub struct Redeliver {
    /// To which endpoint.
    pub endpoint: EndpointId,
    /// Which.
    pub delivery: DeliveryId,
}

/// Makes the deliveries of a time once more, at most [`REPLAY_MAX`].
#[derive(Debug, Clone, Copy)]
pub struct Replay {
    /// To which endpoint.
    pub endpoint: EndpointId,
    /// From when they were announced.
    pub from: Timestamp,
    /// Until when, exclusive.
    pub to: Timestamp,
    /// Only those that were given up.
    pub exhausted_only: bool,
    /// Only those after this one: the last of the time before.
    pub after: Option<DeliveryId>,
}

/// What is made once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replayed {
    /// How many deliveries.
    pub count: i64,
    /// The last of them, where there may be more after it.
    pub last: Option<DeliveryId>,
}

/// The most deliveries that are made once more by one command.
pub const REPLAY_MAX: i64 = 1_000;

/// Whether the caller may manage endpoints, all of them or some.
#[must_use]
pub fn may_manage(access: &Access) -> bool {
    Authority::of(access) != Authority::None
}

fn permitted(access: &Access) -> Result<Authority, Failure<Refusal>> {
    match Authority::of(access) {
        Authority::None => Err(Failure::Refused(Refusal::NotPermitted)),
        authority => Ok(authority),
    }
}

/// An address as it is kept: of printable ASCII, and no longer than may be. What it may lead to is checked by whoever reaches it.
fn url(url: &str) -> Result<&str, Failure<Refusal>> {
    let fits =
        (1..=URL_CHARS_MAX).contains(&url.len()) && url.bytes().all(|b| b.is_ascii_graphic());
    if fits {
        Ok(url)
    } else {
        Err(Failure::Refused(Refusal::BadUrl))
    }
}

fn description(text: Option<&str>) -> Result<Option<String>, Failure<Refusal>> {
    match text {
        None => Ok(None),
        Some(text) if text.trim().is_empty() => Ok(None),
        Some(text) => text::line(text, DESCRIPTION_CHARS_MAX)
            .map(Some)
            .map_err(|bad| Failure::Refused(Refusal::BadDescription(bad))),
    }
}

fn new_secret(work: &Work) -> SecretString {
    let mut bytes = [0; SECRET_BYTES];
    work.random().fill(&mut bytes);
    format!("{SECRET_PREFIX}{}", STANDARD.encode(bytes)).into()
}

fn sealed(
    work: &Work,
    key: &MasterKey,
    (column, id): (&str, EndpointId),
    secret: &SecretString,
) -> Vec<u8> {
    let row = id.uuid();
    let place = Place {
        column,
        org: Some(work.access().org()),
        row: row.as_bytes(),
    };
    let random = work.random();
    key.seal(place, secret.expose_secret().as_bytes(), random.as_ref())
}

impl CreateEndpoint {
    /// Whose it is to be; of an installed app the unit of work reads whether that works, because it may be ending at this moment.
    async fn owner(&self, work: &mut Work) -> Result<Owner, Failure<Refusal>> {
        let access = work.access().clone();
        let authority = permitted(&access)?;
        match (authority, self.owner) {
            (Authority::All, Owner::App(app)) => {
                if store::has_app(work.tx(), &access, app).await? {
                    Ok(self.owner)
                } else {
                    Err(Failure::Refused(Refusal::UnknownApp))
                }
            }
            (Authority::OfInstall(mine), Owner::Install(install)) if mine == install => {
                within_install(work, install, &self.settings).await?;
                Ok(self.owner)
            }
            _ => Err(Failure::Refused(Refusal::NotPermitted)),
        }
    }
}

/// Nothing but what an installation that works may see: its own unit, and events of what it was permitted.
async fn within_install(
    work: &mut Work,
    install: AppInstallId,
    settings: &Settings,
) -> Result<(), Failure<Refusal>> {
    let refused = |refusal| Err(Failure::Refused(refusal));
    let access = work.access().clone();
    let known = app_install::store::standing(work.tx(), &access, install).await?;
    let Some((unit, scopes, app_install::Status::Active)) = known else {
        return refused(Refusal::InstallNotActive);
    };
    if settings.units != [unit] {
        return refused(Refusal::UnknownUnit);
    }
    let may_hear = |event: &String| to_hear(event).is_some_and(|scope| scopes.has(scope));
    if !scopes.has(Scope::WebhooksWrite) || !settings.events.iter().all(may_hear) {
        return refused(Refusal::BeyondScopes);
    }
    Ok(())
}

/// Whether one more fits: those of an installed app are counted by themselves, so that none takes the places of the organisation's own.
async fn within_limits(work: &mut Work, owner: Owner) -> Result<(), Failure<Refusal>> {
    let access = work.access().clone();
    let (count, most, refusal) = match owner {
        Owner::App(_) => {
            let count = store::count(work.tx(), &access).await?;
            (count, ENDPOINTS_MAX, Refusal::TooMany)
        }
        Owner::Install(install) => {
            let count = store::count_of_install(work.tx(), &access, install).await?;
            (count, OF_INSTALL_MAX, Refusal::TooManyOfInstall)
        }
    };
    if count >= most {
        return Err(Failure::Refused(refusal));
    }
    Ok(())
}

impl Command for CreateEndpoint {
    type Answer = (EndpointId, SecretString);
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<Self::Answer, Failure<Refusal>> {
        let owner = self.owner(work).await?;
        let access = work.access().clone();
        let url = url(&self.url)?;
        let description = description(self.description.as_deref())?;
        let settings = checked(work, &self.settings).await?;
        within_limits(work, owner).await?;
        let (now, random) = (work.now(), work.random());
        let id = EndpointId::generate(now, random.as_ref());
        let event = EndpointEvent::Created {
            owner,
            origin: origin(url).to_owned(),
            settings,
        };
        record(work, id, event).await?;
        let secret = new_secret(work);
        let sealed = sealed(work, &self.master_key, (store::SECRET, id), &secret);
        let kept = (url, description.as_deref());
        store::keep(work.tx(), &access, id, kept, sealed).await?;
        store::changed(work.tx(), &access).await?;
        Ok((id, secret))
    }
}

/// Settings as they are kept: units that are there, and for an installed app its own unit and no other.
async fn checked(work: &mut Work, settings: &Settings) -> Result<Settings, Failure<Refusal>> {
    let settings = settings.checked().map_err(Failure::Refused)?;
    let whole = Access::system(work.access().org(), Surface::System);
    let found = unit::store::by_ids(work.tx(), &whole, &settings.units).await?;
    let within = match work.access().reach(Action::Endpoints) {
        Reach::Whole => true,
        Reach::Below(roots) => {
            !settings.units.is_empty() && settings.units.iter().all(|unit| roots.contains(unit))
        }
    };
    if within && found.len() == settings.units.len() {
        Ok(settings)
    } else {
        Err(Failure::Refused(Refusal::UnknownUnit))
    }
}

impl Command for ChangeEndpoint {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let known = own(work, self.endpoint).await?;
        let settings = match &self.settings {
            Some(settings) => checked(work, settings).await?,
            None => known.settings.clone(),
        };
        let kept = (self.url.as_deref(), self.description.as_ref());
        change(work, &known, kept, settings).await
    }
}

impl Command for AmendEndpoint {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let turned_only =
            self.url.is_none() && self.description.is_none() && self.settings.is_empty();
        let known = if turned_only {
            living(work, self.endpoint).await?
        } else {
            own(work, self.endpoint).await?
        };
        if !turned_only {
            let settings = self.settings.of(&known.settings);
            let settings = if settings == known.settings {
                settings
            } else {
                checked(work, &settings).await?
            };
            let kept = (self.url.as_deref(), self.description.as_ref());
            change(work, &known, kept, settings).await?;
        }
        match self.is_active {
            Some(true) => resume(work, &known).await,
            Some(false) => pause(work, &known).await,
            None => Ok(()),
        }
    }
}

/// Changes what differs.
async fn change(
    work: &mut Work,
    known: &Endpoint,
    (other_url, other_description): (Option<&str>, Option<&Option<String>>),
    settings: Settings,
) -> Result<(), Failure<Refusal>> {
    let access = work.access().clone();
    let url = url(other_url.unwrap_or(&known.url))?;
    let description = match other_description {
        Some(text) => description(text.as_deref())?,
        None => known.description.clone(),
    };
    if settings != known.settings || url != known.url {
        let event = EndpointEvent::Changed {
            origin: origin(url).to_owned(),
            settings,
        };
        record(work, known.id, event).await?;
    }
    let kept = (url, description.as_deref());
    store::rewrite(work.tx(), &access, known.id, kept).await?;
    store::changed(work.tx(), &access).await?;
    Ok(())
}

impl Command for PauseEndpoint {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let known = living(work, self.endpoint).await?;
        pause(work, &known).await
    }
}

async fn pause(work: &mut Work, known: &Endpoint) -> Result<(), Failure<Refusal>> {
    // One that rests with its app rests on its own account from now on.
    let suspended = known.because == Some(Because::Suspended);
    if suspended || matches!(known.status, Status::Active | Status::Disabled) {
        let access = work.access().clone();
        let event = EndpointEvent::Paused { suspended: false };
        record(work, known.id, event).await?;
        store::changed(work.tx(), &access).await?;
    }
    Ok(())
}

impl Command for ResumeEndpoint {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let known = living(work, self.endpoint).await?;
        resume(work, &known).await
    }
}

async fn resume(work: &mut Work, known: &Endpoint) -> Result<(), Failure<Refusal>> {
    if known.status != Status::Active {
        let access = work.access().clone();
        if let Owner::Install(install) = known.owner {
            let standing = app_install::store::standing(work.tx(), &access, install).await?;
            if !matches!(standing, Some((_, _, app_install::Status::Active))) {
                return Err(Failure::Refused(Refusal::InstallNotActive));
            }
        }
        record(work, known.id, EndpointEvent::Resumed {}).await?;
        store::forgive(work.tx(), &access, known.id).await?;
        store::changed(work.tx(), &access).await?;
    }
    Ok(())
}

impl Command for RemoveEndpoint {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let known = living(work, self.endpoint).await?;
        remove(work, known.id).await?;
        Ok(())
    }
}

async fn remove(work: &mut Work, id: EndpointId) -> StoreResult<()> {
    let access = work.access().clone();
    let fact = Fact::now(
        Stream::Endpoint(id),
        Event::Endpoint(EndpointEvent::Removed {}),
        Vec::new(),
    );
    work.record(fact).await?;
    store::changed(work.tx(), &access).await
}

/// Ends every endpoint of an app.
pub(crate) async fn remove_all(work: &mut Work, app: AppId) -> StoreResult<()> {
    let access = work.access().clone();
    for id in store::of_app(work.tx(), &access, app).await? {
        remove(work, id).await?;
    }
    Ok(())
}

/// Ends every endpoint of an installed app.
pub(crate) async fn remove_all_of_install(
    work: &mut Work,
    install: AppInstallId,
) -> StoreResult<()> {
    let access = work.access().clone();
    for id in store::of_install(work.tx(), &access, install).await? {
        remove(work, id).await?;
    }
    Ok(())
}

/// Tells the endpoints of an installed app of nothing while that is suspended.
pub(crate) async fn pause_all_of_install(
    work: &mut Work,
    install: AppInstallId,
) -> StoreResult<()> {
    let access = work.access().clone();
    let active = store::of_install_at(work.tx(), &access, install, Status::Active).await?;
    turn_all(work, active, &EndpointEvent::Paused { suspended: true }).await
}

/// Tells those again, from now on, that rested with their app. What somebody paused stays so.
pub(crate) async fn resume_all_of_install(
    work: &mut Work,
    install: AppInstallId,
) -> StoreResult<()> {
    let access = work.access().clone();
    let resting = store::resting_with_install(work.tx(), &access, install).await?;
    turn_all(work, resting, &EndpointEvent::Resumed {}).await
}

async fn turn_all(
    work: &mut Work,
    endpoints: Vec<EndpointId>,
    event: &EndpointEvent,
) -> StoreResult<()> {
    let access = work.access().clone();
    for id in endpoints {
        let event = Event::Endpoint(event.clone());
        let fact = Fact::now(Stream::Endpoint(id), event, Vec::new());
        work.record(fact).await?;
        store::changed(work.tx(), &access).await?;
    }
    Ok(())
}

impl Command for RotateSecret {
    type Answer = SecretString;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<SecretString, Failure<Refusal>> {
        let known = own(work, self.endpoint).await?;
        if !(0..=WINDOW_MICROS_MAX).contains(&self.window_micros) {
            return Err(Failure::Refused(Refusal::BadWindow));
        }
        let now = work.now();
        if known.previous_until.is_some_and(|until| now < until) {
            return Err(Failure::Refused(Refusal::Rotating));
        }
        let access = work.access().clone();
        let previous_until = now.plus_micros(self.window_micros);
        let event = EndpointEvent::SecretRotated { previous_until };
        record(work, known.id, event).await?;
        let (id, key) = (known.id, &self.master_key);
        // A sealed value opens in its own column only. What does not sign any more is not kept.
        let previous = if self.window_micros == 0 {
            None
        } else {
            let present = store::secret(work.tx(), &access, id, key).await?;
            let sealed = sealed(work, key, (store::PREVIOUS, id), &present);
            Some((sealed, previous_until))
        };
        let secret = new_secret(work);
        let sealed = sealed(work, key, (store::SECRET, id), &secret);
        store::rotate(work.tx(), &access, id, sealed, previous).await?;
        store::changed(work.tx(), &access).await?;
        Ok(secret)
    }
}

impl Command for EndRotation {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let known = own(work, self.endpoint).await?;
        let now = work.now();
        let access = work.access().clone();
        if known.previous_until.is_some_and(|until| now < until) {
            record(work, known.id, EndpointEvent::RotationEnded {}).await?;
        }
        store::forget_previous(work.tx(), &access, known.id).await?;
        store::changed(work.tx(), &access).await?;
        Ok(())
    }
}

impl Command for TestEndpoint {
    type Answer = EventId;
    type Refusal = Refusal;

    fn is_change(&self) -> bool {
        false
    }

    async fn execute(self, work: &mut Work) -> Result<EventId, Failure<Refusal>> {
        let known = living(work, self.endpoint).await?;
        record(work, known.id, EndpointEvent::Tested {}).await
    }
}

impl Command for DisableEndpoint {
    type Answer = bool;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<bool, Failure<Refusal>> {
        let access = work.access().clone();
        if access.actor().principal != Principal::System {
            return Err(Failure::Refused(Refusal::NotPermitted));
        }
        let known = living(work, self.endpoint).await?;
        if known.status != Status::Active {
            return Ok(false);
        }
        let because = self.because;
        let event = record(work, known.id, EndpointEvent::Disabled { because }).await?;
        store::changed(work.tx(), &access).await?;
        let notice = Notice::EndpointDisabled { endpoint: known.id };
        tell_managers(work, &access, Action::Endpoints, notice, Some(event)).await?;
        Ok(true)
    }
}

impl Emit {
    fn fact(&self, access: &Access) -> Result<Fact, Failure<Refusal>> {
        if !access.may(Action::Emit) {
            return Err(Failure::Refused(Refusal::NotPermitted));
        }
        if self.name != topic::TEST {
            if !topic::names().any(|name| name == self.name) {
                return Err(Failure::Refused(Refusal::UnknownEvent));
            }
            if self.mode != Mode::Test {
                return Err(Failure::Refused(Refusal::SandboxOnly));
            }
        }
        let is_data = self.data.is_object()
            && tree::canonical(&self.data).is_ok_and(|text| text.len() <= DATA_BYTES_MAX);
        if !is_data {
            return Err(Failure::Refused(Refusal::BadData));
        }
        let event = EmittedEvent::Emitted {
            name: self.name.clone(),
            data: self.data.clone(),
        };
        Ok(Fact::now(
            Stream::App(self.app),
            Event::Emitted(event),
            Vec::new(),
        ))
    }
}

impl AtDesk<EventId, Refusal> for Emit {
    fn want(&self, _: &Access, _: &mut Wanted) {}

    fn decide(&self, desk: &mut Desk) -> Result<EventId, Failure<Refusal>> {
        let fact = self.fact(desk.access())?;
        let actor = desk.access().actor().clone();
        Ok(desk.note(&actor, &fact)?.event)
    }
}

impl Command for Emit {
    type Answer = EventId;
    type Refusal = Refusal;

    fn is_change(&self) -> bool {
        false
    }

    fn at_desk(&self) -> Option<Box<dyn AtDesk<EventId, Refusal> + '_>> {
        Some(Box::new(self))
    }

    async fn execute(self, work: &mut Work) -> Result<EventId, Failure<Refusal>> {
        self.decide(work.desk())
    }
}

impl Command for Redeliver {
    type Answer = ();
    type Refusal = Refusal;

    fn is_change(&self) -> bool {
        false
    }

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let known = living(work, self.endpoint).await?;
        let access = work.access().clone();
        let now = work.now();
        let one = (known.id, self.delivery);
        // Its number is that of how it went before, which has to be on record first.
        delivery::confirm::all(work, known.id).await?;
        match delivery::again::one(work.tx(), &access, one, now).await? {
            delivery::again::Again::Unknown => {
                return Err(Failure::Refused(Refusal::UnknownDelivery));
            }
            delivery::again::Again::Forgotten => return Err(Failure::Refused(Refusal::Forgotten)),
            // It is on its way anyway: its next attempt is now.
            delivery::again::Again::Due => {}
        }
        let event = EndpointEvent::Redelivered {
            count: 1,
            delivery: Some(self.delivery),
            from: None,
            to: None,
        };
        record(work, known.id, event).await?;
        work.desk().tray.announced.waiting = true;
        Ok(())
    }
}

impl Command for Replay {
    type Answer = Replayed;
    type Refusal = Refusal;

    fn is_change(&self) -> bool {
        false
    }

    async fn execute(self, work: &mut Work) -> Result<Replayed, Failure<Refusal>> {
        let known = living(work, self.endpoint).await?;
        let access = work.access().clone();
        let now = work.now();
        delivery::confirm::all(work, known.id).await?;
        let range = delivery::again::Range {
            endpoint: known.id,
            from: self.from,
            to: self.to,
            exhausted_only: self.exhausted_only,
            after: self.after,
        };
        let (count, last) =
            delivery::again::range(work.tx(), &access, range, now, REPLAY_MAX).await?;
        if count > 0 {
            let event = EndpointEvent::Redelivered {
                count,
                delivery: None,
                from: Some(self.from),
                to: Some(self.to),
            };
            record(work, known.id, event).await?;
            work.desk().tray.announced.waiting = true;
        }
        Ok(Replayed { count, last })
    }
}

/// The endpoint, where the caller may manage it, also where it is over.
async fn present(work: &mut Work, id: EndpointId) -> Result<Endpoint, Failure<Refusal>> {
    let access = work.access().clone();
    permitted(&access)?;
    let found = store::by_id(work.tx(), &access, id).await?;
    found.ok_or(Failure::Refused(Refusal::Unknown))
}

/// The endpoint, where the caller may manage it and it is not over.
async fn living(work: &mut Work, id: EndpointId) -> Result<Endpoint, Failure<Refusal>> {
    let known = present(work, id).await?;
    if known.status == Status::Removed {
        return Err(Failure::Refused(Refusal::Removed));
    }
    Ok(known)
}

/// The endpoint, where it is not over and is the caller's to change. What an installed app is told, where, and under which secret is between the
/// app and Habeo; whoever installed it may stop it, let it go on, and end it.
async fn own(work: &mut Work, id: EndpointId) -> Result<Endpoint, Failure<Refusal>> {
    let known = living(work, id).await?;
    match (known.owner, Authority::of(work.access())) {
        (Owner::Install(_), Authority::All) => Err(Failure::Refused(Refusal::NotPermitted)),
        _ => Ok(known),
    }
}

async fn record(
    work: &mut Work,
    id: EndpointId,
    event: EndpointEvent,
) -> Result<EventId, Failure<Refusal>> {
    let fact = Fact::now(Stream::Endpoint(id), Event::Endpoint(event), Vec::new());
    Ok(work.record(fact).await?.event)
}
