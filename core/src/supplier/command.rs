//! What can be asked of suppliers.

use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};

use super::event::{Secret, SupplierEvent};
use super::settings::checked;
use super::{
    NAME_CHARS_MAX, Operation, Protocol, Refusal, SUPPLIERS_MAX, Settings, Status, Supplier,
    WINDOW_MICROS_MAX, store,
};
use crate::access::{Access, Action, Reach};
use crate::chat;
use crate::id::SupplierId;
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{Command, Failure, Work};
use crate::secret::{MasterKey, Place};
use crate::text;

/// What a secret of ours begins with, so that whoever finds one knows whose it is.
const SECRET_PREFIX: &str = "hbp_";
/// The most characters of a secret that somebody chose.
const SECRET_CHARS_MAX: usize = 512;
/// The fewest of one by which a supplier proves itself to us.
const THEIRS_CHARS_MIN: usize = 12;
/// The most fields that a catalogue is called up with.
const FIELDS_MAX: usize = 50;

/// Connects a supplier. The answer is its id, and the secret by which it proves itself to us, which is never shown again.
#[derive(Debug)]
pub struct CreateSupplier {
    /// How its shop is entered.
    pub protocol: Protocol,
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
    pub supplier: SupplierId,
    /// What they are from now on.
    pub settings: Settings,
}

/// Offers an operation of it no more, whatever else its settings are by now; buying something new always stays. Asking again changes nothing.
#[derive(Debug, Clone, Copy)]
pub struct WithdrawOperation {
    /// Of which.
    pub supplier: SupplierId,
    /// What it does not offer.
    pub operation: Operation,
}

/// Calls it something else. No fact: a name may be anybody's.
#[derive(Debug, Clone)]
pub struct Rename {
    /// Which.
    pub supplier: SupplierId,
    /// What people here call it from now on.
    pub name: String,
}

/// Buys nothing there for now. Asking again changes nothing.
#[derive(Debug, Clone, Copy)]
pub struct Pause {
    /// Which.
    pub supplier: SupplierId,
}

/// Buys there again. Asking again changes nothing.
#[derive(Debug, Clone, Copy)]
pub struct Resume {
    /// Which.
    pub supplier: SupplierId,
}

/// Keeps what we prove ourselves with, which the supplier gave us.
#[derive(Debug)]
pub struct SetOurs {
    /// To which.
    pub supplier: SupplierId,
    /// The secret.
    pub secret: SecretString,
    /// The key that seals it.
    pub master_key: Arc<MasterKey>,
}

/// Keeps what a catalogue without a handshake is called up with: its fields and their values.
#[derive(Debug)]
pub struct SetCallUp {
    /// Which.
    pub supplier: SupplierId,
    /// The fields, in their order.
    pub fields: Vec<(String, SecretString)>,
    /// The key that seals them.
    pub master_key: Arc<MasterKey>,
}

/// Gives a supplier another secret to prove itself with. The one before is accepted for a while. The answer is the secret, never shown again.
#[derive(Debug)]
pub struct RotateTheirs {
    /// Which.
    pub supplier: SupplierId,
    /// What it is from now on, where the supplier chose it; a new one otherwise.
    pub secret: Option<SecretString>,
    /// How long the one before is accepted; 0 to [`WINDOW_MICROS_MAX`].
    pub window_micros: i64,
    /// The key that seals it.
    pub master_key: Arc<MasterKey>,
}

/// Accepts the present secret only. Asking again changes nothing.
#[derive(Debug, Clone, Copy)]
pub struct EndRotation {
    /// Of which.
    pub supplier: SupplierId,
}

/// Ends a supplier: its secrets are forgotten. What was bought stays. Asking again changes nothing.
#[derive(Debug, Clone, Copy)]
pub struct Remove {
    /// Which.
    pub supplier: SupplierId,
}

/// Whether the caller may manage suppliers.
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

/// A secret that somebody typed: sent in documents, so every character counts and none may be lost at the ends.
fn typed(secret: &SecretString, least: usize) -> Result<(), Failure<Refusal>> {
    let text = secret.expose_secret();
    let fits = (least..=SECRET_CHARS_MAX).contains(&text.chars().count());
    if fits && text.trim() == text && text.chars().all(text::is_printable) {
        return Ok(());
    }
    let why = if least == THEIRS_CHARS_MIN {
        "a secret by which a supplier proves itself has 12 to 512 printable characters and no space at its ends"
    } else {
        "a secret has 1 to 512 printable characters and no space at its ends"
    };
    Err(Failure::Refused(Refusal::BadSecret(why)))
}

fn sealed(
    work: &Work,
    key: &MasterKey,
    (column, id): (&str, SupplierId),
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

impl Command for CreateSupplier {
    type Answer = (SupplierId, SecretString);
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<Self::Answer, Failure<Refusal>> {
        let access = work.access().clone();
        permitted(&access)?;
        let name = name(&self.name)?;
        let settings = checked(self.protocol, &self.settings).map_err(Failure::Refused)?;
        if store::count(work.tx(), &access).await? >= SUPPLIERS_MAX {
            return Err(Failure::Refused(Refusal::TooMany));
        }
        let (now, random) = (work.now(), work.random());
        let id = SupplierId::generate(now, random.as_ref());
        let protocol = self.protocol;
        record(work, id, SupplierEvent::Created { protocol, settings }).await?;
        let secret = new_secret(work);
        let sealed = sealed(work, &self.master_key, (store::THEIRS, id), &secret);
        store::keep(work.tx(), &access, id, &name, sealed).await?;
        store::bind(work.tx(), &access, id).await?;
        Ok((id, secret))
    }
}

impl Command for Configure {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let known = living(work, self.supplier).await?;
        let settings = checked(known.protocol, &self.settings).map_err(Failure::Refused)?;
        if settings != known.settings {
            record(work, known.id, SupplierEvent::Configured { settings }).await?;
        }
        Ok(())
    }
}

impl Command for WithdrawOperation {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let known = living(work, self.supplier).await?;
        let mut settings = known.settings;
        if self.operation != Operation::Create && settings.operations.contains(&self.operation) {
            settings.operations.retain(|one| *one != self.operation);
            record(work, known.id, SupplierEvent::Configured { settings }).await?;
        }
        Ok(())
    }
}

impl Command for Rename {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let known = living(work, self.supplier).await?;
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
        let known = living(work, self.supplier).await?;
        if known.status == Status::Active {
            record(work, known.id, SupplierEvent::Paused).await?;
        }
        Ok(())
    }
}

impl Command for Resume {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let known = living(work, self.supplier).await?;
        if known.status == Status::Paused {
            record(work, known.id, SupplierEvent::Resumed).await?;
        }
        Ok(())
    }
}

impl Command for SetOurs {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let known = living(work, self.supplier).await?;
        typed(&self.secret, 1)?;
        let (access, key, id) = (work.access().clone(), &self.master_key, known.id);
        let theirs = store::secret(work.tx(), &access, id, key, store::THEIRS).await?;
        differ(theirs.as_ref(), Some(&self.secret))?;
        let secret = Secret::Ours;
        let previous_until = None;
        record(
            work,
            id,
            SupplierEvent::SecretSet {
                secret,
                previous_until,
            },
        )
        .await?;
        let sealed = sealed(work, key, (store::OURS, id), &self.secret);
        store::set_ours(work.tx(), &access, id, sealed).await?;
        Ok(())
    }
}

impl Command for SetCallUp {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let known = living(work, self.supplier).await?;
        if known.protocol != Protocol::Oci {
            let why = "only an OCI catalogue is called up with fields";
            return Err(Failure::Refused(Refusal::BadSecret(why)));
        }
        let fields = fields(&self.fields).map_err(Failure::Refused)?;
        let (access, id) = (work.access().clone(), known.id);
        let secret = Secret::CallUp;
        let previous_until = None;
        record(
            work,
            id,
            SupplierEvent::SecretSet {
                secret,
                previous_until,
            },
        )
        .await?;
        let sealed = sealed(work, &self.master_key, (store::CALL_UP, id), &fields);
        store::set_call_up(work.tx(), &access, id, sealed).await?;
        Ok(())
    }
}

/// The fields as one text.
fn fields(fields: &[(String, SecretString)]) -> Result<SecretString, Refusal> {
    let bad = Refusal::BadSecret(
        "a catalogue is called up with at most 50 fields, each with a name of 1 to 100 and a value of up to 512 printable characters",
    );
    let fits = |(name, value): &(String, SecretString)| {
        let value = value.expose_secret();
        (1..=100).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_graphic())
            && value.chars().count() <= SECRET_CHARS_MAX
            && value.chars().all(text::is_printable)
    };
    if fields.len() > FIELDS_MAX || !fields.iter().all(fits) {
        return Err(bad);
    }
    let pairs: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.expose_secret()))
        .collect();
    serde_json::to_string(&pairs)
        .map(SecretString::from)
        .map_err(|_| bad)
}

/// What both sides prove themselves with must not be the same.
fn differ(
    theirs: Option<&SecretString>,
    ours: Option<&SecretString>,
) -> Result<(), Failure<Refusal>> {
    let same = theirs
        .zip(ours)
        .is_some_and(|(theirs, ours)| theirs.expose_secret() == ours.expose_secret());
    if same {
        Err(Failure::Refused(Refusal::SameSecret))
    } else {
        Ok(())
    }
}

impl Command for RotateTheirs {
    type Answer = SecretString;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<SecretString, Failure<Refusal>> {
        let known = living(work, self.supplier).await?;
        if !(0..=WINDOW_MICROS_MAX).contains(&self.window_micros) {
            return Err(Failure::Refused(Refusal::BadWindow));
        }
        if let Some(secret) = &self.secret {
            typed(secret, THEIRS_CHARS_MIN)?;
        }
        let now = work.now();
        // The one before the last would stop working at once, and nobody could tell whether it is still in use.
        if known.previous_until.is_some_and(|until| now < until) {
            return Err(Failure::Refused(Refusal::Rotating));
        }
        let (access, key, id) = (work.access().clone(), &self.master_key, known.id);
        let secret = self.secret.unwrap_or_else(|| new_secret(work));
        let ours = store::secret(work.tx(), &access, id, key, store::OURS).await?;
        differ(Some(&secret), ours.as_ref())?;
        // A sealed value opens in its own column only. What is not accepted any more is not kept.
        let present = match self.window_micros {
            0 => None,
            _ => store::secret(work.tx(), &access, id, key, store::THEIRS).await?,
        };
        let until = now.plus_micros(self.window_micros);
        let previous = present.map(|present| {
            let sealed = sealed(work, key, (store::PREVIOUS, id), &present);
            (sealed, until)
        });
        let event = SupplierEvent::SecretSet {
            secret: Secret::Theirs,
            previous_until: previous.is_some().then_some(until),
        };
        record(work, id, event).await?;
        let sealed = sealed(work, key, (store::THEIRS, id), &secret);
        store::rotate(work.tx(), &access, id, sealed, previous).await?;
        Ok(secret)
    }
}

impl Command for EndRotation {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let known = living(work, self.supplier).await?;
        let now = work.now();
        if known.previous_until.is_some_and(|until| now < until) {
            record(work, known.id, SupplierEvent::RotationEnded).await?;
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
        let found = store::by_id(work.tx(), &access, self.supplier).await?;
        let known = found.ok_or(Failure::Refused(Refusal::Unknown))?;
        if known.status == Status::Removed {
            return Ok(());
        }
        record(work, known.id, SupplierEvent::Removed).await?;
        store::forget(work.tx(), &access, known.id).await?;
        Ok(())
    }
}

/// The supplier, where the caller may manage it and it is not over.
async fn living(work: &mut Work, id: SupplierId) -> Result<Supplier, Failure<Refusal>> {
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
    id: SupplierId,
    event: SupplierEvent,
) -> Result<(), Failure<Refusal>> {
    let fact = Fact::now(Stream::Supplier(id), Event::Supplier(event), Vec::new());
    work.record(fact).await?;
    Ok(())
}
