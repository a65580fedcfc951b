//! What can be asked of connections.

use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};

use super::event::ConnectionEvent;
use super::settings::checked;
use super::{
    CONNECTIONS_MAX, Connection, NAME_CHARS_MAX, Provider, Refusal, Settings, Status, Use,
    WINDOW_MICROS_MAX, store,
};
use crate::access::{Access, Action, Reach};
use crate::chat;
use crate::id::{ConnectionId, ReceiptId};
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{Command, Failure, Work};
use crate::secret::{MasterKey, Place};
use crate::text;

/// What a secret begins with, so that whoever finds one knows whose it is.
const SECRET_PREFIX: &str = "hbs_";

/// Connects a system. The answer is the connection with its secret, which is never shown again.
#[derive(Debug)]
pub struct CreateConnection {
    /// Whose product.
    pub provider: Provider,
    /// What people here call it.
    pub name: String,
    /// What its administrators choose.
    pub settings: Settings,
    /// The key that seals the secret.
    pub master_key: Arc<MasterKey>,
}

/// Chooses the settings.
#[derive(Debug, Clone)]
pub struct Configure {
    /// Of which.
    pub connection: ConnectionId,
    /// What they are from now on.
    pub settings: Settings,
}

/// Calls it something else. No fact: a name may be anybody's.
#[derive(Debug, Clone)]
pub struct Rename {
    /// Which.
    pub connection: ConnectionId,
    /// What people here call it from now on.
    pub name: String,
}

/// Takes nothing in for now. Asking again changes nothing.
#[derive(Debug, Clone, Copy)]
pub struct Pause {
    /// Which.
    pub connection: ConnectionId,
}

/// Takes in again. Asking again changes nothing.
#[derive(Debug, Clone, Copy)]
pub struct Resume {
    /// Which.
    pub connection: ConnectionId,
}

/// Gives a connection another secret, which is the answer and never shown again. The one before is accepted for a while.
#[derive(Debug)]
pub struct RotateSecret {
    /// Which.
    pub connection: ConnectionId,
    /// How long the one before is accepted; 0 to [`WINDOW_MICROS_MAX`].
    pub window_micros: i64,
    /// The key that seals the secret.
    pub master_key: Arc<MasterKey>,
}

/// Accepts the present secret only. Asking again changes nothing.
#[derive(Debug, Clone, Copy)]
pub struct EndRotation {
    /// Of which.
    pub connection: ConnectionId,
}

/// Ends a connection: its secrets are forgotten. What it reported stays. Asking again changes nothing.
#[derive(Debug, Clone, Copy)]
pub struct Remove {
    /// Which.
    pub connection: ConnectionId,
}

/// Somebody looks at what a connection sent, or has it worked off again: recorded before they do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UseDelivery {
    /// Of which connection.
    pub connection: ConnectionId,
    /// Which letter.
    pub delivery: ReceiptId,
    /// For what.
    pub to: Use,
}

/// Letters of a connection were refused. No fact.
#[derive(Debug, Clone)]
pub struct NoteRefusal {
    /// Whose letters they claimed to be.
    pub connection: ConnectionId,
    /// What was answered.
    pub status: u16,
    /// Why, in words for administrators.
    pub reason: String,
    /// How many bytes the last of them had.
    pub bytes: usize,
    /// How many alike.
    pub times: i64,
}

/// Whether the caller may manage connections.
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

fn new_secret(work: &Work) -> SecretString {
    let random = work.random();
    let text = chat::one_time(random.as_ref());
    format!("{SECRET_PREFIX}{}", text.expose_secret()).into()
}

fn sealed(
    work: &Work,
    key: &MasterKey,
    (column, id): (&str, ConnectionId),
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

impl Command for CreateConnection {
    type Answer = (ConnectionId, SecretString);
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<Self::Answer, Failure<Refusal>> {
        let access = work.access().clone();
        permitted(&access)?;
        let name = name(&self.name)?;
        let settings = checked(self.provider, &self.settings).map_err(Failure::Refused)?;
        if store::count(work.tx(), &access).await? >= CONNECTIONS_MAX {
            return Err(Failure::Refused(Refusal::TooMany));
        }
        let (now, random) = (work.now(), work.random());
        let id = ConnectionId::generate(now, random.as_ref());
        let provider = self.provider;
        let user = settings.proof.basic_user().map(ToOwned::to_owned);
        let settings = settings.of_the_ledger();
        record(work, id, ConnectionEvent::Created { provider, settings }).await?;
        let secret = new_secret(work);
        let sealed = sealed(work, &self.master_key, (store::SECRET, id), &secret);
        store::keep(work.tx(), &access, id, &name, sealed).await?;
        store::keep_user(work.tx(), &access, id, user.as_deref()).await?;
        store::bind(work.tx(), &access, id).await?;
        Ok((id, secret))
    }
}

impl Command for Configure {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let known = living(work, self.connection).await?;
        let settings = checked(known.provider, &self.settings).map_err(Failure::Refused)?;
        if settings != known.settings {
            let access = work.access().clone();
            let user = settings.proof.basic_user();
            store::keep_user(work.tx(), &access, known.id, user).await?;
            let settings = settings.of_the_ledger();
            record(work, known.id, ConnectionEvent::Configured { settings }).await?;
        }
        Ok(())
    }
}

impl Command for Rename {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let known = living(work, self.connection).await?;
        let name = name(&self.name)?;
        let access = work.access().clone();
        store::rename(work.tx(), &access, known.id, &name).await?;
        Ok(())
    }
}

impl Command for Pause {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let known = living(work, self.connection).await?;
        if known.status == Status::Active {
            record(work, known.id, ConnectionEvent::Paused).await?;
        }
        Ok(())
    }
}

impl Command for Resume {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let known = living(work, self.connection).await?;
        if known.status == Status::Paused {
            record(work, known.id, ConnectionEvent::Resumed).await?;
        }
        Ok(())
    }
}

impl Command for RotateSecret {
    type Answer = SecretString;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<SecretString, Failure<Refusal>> {
        let known = living(work, self.connection).await?;
        if !(0..=WINDOW_MICROS_MAX).contains(&self.window_micros) {
            return Err(Failure::Refused(Refusal::BadWindow));
        }
        let now = work.now();
        // The one before the last would stop working at once, and nobody could tell whether it is still in use.
        if known.previous_until.is_some_and(|until| now < until) {
            return Err(Failure::Refused(Refusal::Rotating));
        }
        let access = work.access().clone();
        let previous_until = now.plus_micros(self.window_micros);
        record(
            work,
            known.id,
            ConnectionEvent::SecretRotated { previous_until },
        )
        .await?;
        let (id, key) = (known.id, &self.master_key);
        // A sealed value opens in its own column only. What is not accepted any more is not kept.
        let present = match self.window_micros {
            0 => None,
            _ => store::secret(work.tx(), &access, id, key).await?,
        };
        let previous = present.map(|present| {
            let sealed = sealed(work, key, (store::PREVIOUS, id), &present);
            (sealed, previous_until)
        });
        let secret = new_secret(work);
        let sealed = sealed(work, key, (store::SECRET, id), &secret);
        store::rotate(work.tx(), &access, id, sealed, previous).await?;
        Ok(secret)
    }
}

impl Command for EndRotation {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let known = living(work, self.connection).await?;
        let now = work.now();
        if known.previous_until.is_some_and(|until| now < until) {
            record(work, known.id, ConnectionEvent::RotationEnded).await?;
        }
        let access = work.access().clone();
        store::forget_previous(work.tx(), &access, known.id).await?;
        Ok(())
    }
}

impl Command for Remove {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let access = work.access().clone();
        permitted(&access)?;
        let found = store::by_id(work.tx(), &access, self.connection).await?;
        let known = found.ok_or(Failure::Refused(Refusal::Unknown))?;
        if known.status == Status::Removed {
            return Ok(());
        }
        record(work, known.id, ConnectionEvent::Removed).await?;
        store::forget(work.tx(), &access, known.id).await?;
        Ok(())
    }
}

impl Command for UseDelivery {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let access = work.access().clone();
        permitted(&access)?;
        let (delivery, to) = (self.delivery, self.to);
        let event = ConnectionEvent::DeliveryUsed { delivery, to };
        record(work, self.connection, event).await
    }
}

impl Command for NoteRefusal {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let access = work.access().clone();
        permitted(&access)?;
        let (now, random) = (work.now(), work.random());
        let id = ReceiptId::generate(now, random.as_ref());
        store::note_refusal(work.tx(), &access, id, now, &self).await?;
        Ok(())
    }
}

/// The connection, where the caller may manage it and it is not over.
async fn living(work: &mut Work, id: ConnectionId) -> Result<Connection, Failure<Refusal>> {
    let access = work.access().clone();
    permitted(&access)?;
    let found = store::by_id(work.tx(), &access, id).await?;
    let known = found.ok_or(Failure::Refused(Refusal::Unknown))?;
    if known.status == Status::Removed {
        return Err(Failure::Refused(Refusal::Removed));
    }
    Ok(known)
}

async fn record(
    work: &mut Work,
    id: ConnectionId,
    event: ConnectionEvent,
) -> Result<(), Failure<Refusal>> {
    let fact = Fact::now(Stream::Connection(id), Event::Connection(event), Vec::new());
    work.record(fact).await?;
    Ok(())
}
