//! What can be asked of phones.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::event::PushDeviceEvent;
use super::store::{self, Private};
use super::{DEVICES_MAX, Platform};
use crate::access::{Access, Surface};
use crate::explain::{Explain, Kind};
use crate::id::{OrgId, PersonId, PushDeviceId};
use crate::idempotency::{self, Answer, Key, Once};
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{Command, Failure, Ledger, RecordError, Work};
use crate::secret::MasterKey;
use crate::session::ended;
use crate::store::StoreResult;
use crate::text;
use crate::time::Timestamp;

/// The most bytes of a token.
pub const TOKEN_BYTES_MAX: usize = 255;
/// The most characters of a phone's name.
pub const NAME_CHARS_MAX: usize = 100;
/// The most characters between the brackets of a token.
const OPAQUE_CHARS_MAX: usize = 200;

/// A phone that wants notifications for whoever asks.
#[derive(Debug, Clone)]
pub struct Register {
    /// The Expo push token, in either of its bracket forms or as the bare 36-character form.
    pub token: String,
    /// What system it runs.
    pub platform: Platform,
    /// What its owner calls it.
    pub device_name: Option<String>,
    /// By what the session is known in which it is registered, so that the phone goes with it.
    pub session: Option<ended::Key>,
    /// The key that seals the token.
    pub master_key: Arc<MasterKey>,
}

/// A registered phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered {
    /// Its id.
    pub id: PushDeviceId,
    /// Since when.
    pub registered_at: Timestamp,
    /// Another organisation's record of the same phone, which has to end. It is kept until it has.
    displaced: Option<(OrgId, PushDeviceId)>,
}

/// A phone that is not to receive notifications any more.
#[derive(Debug, Clone, Copy)]
pub struct Remove {
    /// Which.
    pub device: PushDeviceId,
}

/// A phone that the push service does not know any more, or did not when something was sent to it.
#[derive(Debug, Clone, Copy)]
pub struct Disable {
    /// Which.
    pub device: PushDeviceId,
    /// When that was sent of which the service says so. Whoever registered the phone since is believed rather.
    pub sent_at: Timestamp,
}

/// Why a phone was not registered or removed.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// No such phone of the caller's.
    #[error("no push device with this id is registered by you")]
    Unknown,
    /// Not a push token.
    #[error("this is not an Expo push token")]
    BadToken,
    /// The name is unusable.
    #[error("deviceName {0}")]
    BadName(text::BadText),
    /// Only people have phones.
    #[error("only a signed-in person can register a device")]
    NotAPerson,
    /// The session in which it is registered has ended meanwhile.
    #[error("the session has ended; sign in and register the device again")]
    SessionEnded,
    /// Too many.
    #[error("you have {DEVICES_MAX} registered devices already; remove one first")]
    TooMany,
}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        match self {
            Self::Unknown => Kind::NotFound,
            Self::BadToken | Self::BadName(_) => Kind::Unacceptable,
            Self::NotAPerson => Kind::Forbidden,
            Self::SessionEnded => Kind::Unauthenticated,
            Self::TooMany => Kind::Conflict,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "push_device_unknown",
            Self::BadToken => "push_token_invalid",
            Self::BadName(_) => "push_device_name_invalid",
            Self::NotAPerson => "push_device_not_a_person",
            Self::SessionEnded => "push_device_session_ended",
            Self::TooMany => "push_device_limit_reached",
        }
    }
}

/// Whether this is a token of the Expo push service: `ExponentPushToken[…]`, `ExpoPushToken[…]` or the bare form of 8-4-4-4-12.
#[must_use]
pub fn is_expo_token(token: &str) -> bool {
    if token.len() > TOKEN_BYTES_MAX {
        return false;
    }
    let opaque = token
        .strip_prefix("ExponentPushToken[")
        .or_else(|| token.strip_prefix("ExpoPushToken["))
        .and_then(|rest| rest.strip_suffix(']'));
    if let Some(opaque) = opaque {
        return (1..=OPAQUE_CHARS_MAX).contains(&opaque.len())
            && opaque
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    }
    let groups: Vec<&str> = token.split('-').collect();
    groups.len() == 5
        && groups.iter().zip([8, 4, 4, 4, 12]).all(|(group, length)| {
            group.len() == length
                && group
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}

/// The operation's name among those that can be repeated.
const ROUTE: &str = "push_register";

impl Register {
    /// Registers the phone; where another organisation had it, that record ends afterwards, because a phone has one owner. From the registration
    /// on nothing is sent by the former record, and should nobody come to end it now, the upkeep of phones does: [`end_displaced`].
    ///
    /// With a key, a repetition is answered with what was answered first.
    pub async fn carry_out(
        self,
        ledger: &Ledger,
        access: &Access,
        key: Option<Key>,
    ) -> Result<Answer<Registered>, RecordError<idempotency::Refusal<Refusal>>> {
        let done = if let Some(key) = key {
            // The hash stands for the token: what is kept must not hold it.
            let token = Sha256::digest(self.token.trim().as_bytes());
            let input = format!("{token:x?} {} {:?}", self.platform, self.device_name);
            let once = Once {
                key,
                route: ROUTE,
                input,
                command: self,
            };
            ledger.record(access, once).await?
        } else {
            let answer = ledger.record(access, self).await.map_err(of_command)?;
            Answer {
                answer,
                replayed: false,
            }
        };
        if let Some(former) = done.answer.displaced.filter(|_| !done.replayed) {
            // Whoever registered the phone has it, whatever becomes of the former record at this moment.
            if let Err(error) = displace(ledger, former).await {
                tracing::warn!(org.id = %former.0, %error, "the record of a phone that moved is ended later");
            }
        }
        Ok(done)
    }
}

/// Ends what is left of phones that another organisation has registered since. How many records.
///
/// One that cannot be ended now stays for the next time, and keeps no other from it.
pub async fn end_displaced(ledger: &Ledger) -> StoreResult<usize> {
    let mut ended = 0;
    for former in store::displaced(ledger.db()).await? {
        match displace(ledger, former).await {
            Ok(()) => ended += 1,
            Err(error) => {
                tracing::warn!(org.id = %former.0, %error, "the record of a phone that moved cannot be ended");
            }
        }
    }
    Ok(ended)
}

async fn displace(
    ledger: &Ledger,
    (org, device): (OrgId, PushDeviceId),
) -> Result<(), RecordError<Refusal>> {
    let former = Access::system(org, Surface::System);
    ledger.record(&former, Displace { device }).await
}

fn of_command(error: RecordError<Refusal>) -> RecordError<idempotency::Refusal<Refusal>> {
    match error {
        RecordError::Refused(refusal) => {
            RecordError::Refused(idempotency::Refusal::Command(refusal))
        }
        RecordError::Store(error) => RecordError::Store(error),
    }
}

impl Command for Register {
    type Answer = Registered;
    type Refusal = Refusal;

    fn is_change(&self) -> bool {
        false
    }

    async fn execute(self, work: &mut Work) -> Result<Registered, Failure<Refusal>> {
        let refused = Failure::Refused;
        let access = work.access().clone();
        let person = access.person().ok_or(refused(Refusal::NotAPerson))?;
        if let Some(session) = self.session {
            // Whoever ends a session notes it first and signs its phones out then: a phone is either seen by that, or refused here.
            let since = work.now().plus_micros(-ended::KEPT_MICROS);
            if ended::any_since(work.tx(), &[session], since).await? {
                return Err(refused(Refusal::SessionEnded));
            }
        }
        let token = self.token.trim();
        if !is_expo_token(token) {
            return Err(refused(Refusal::BadToken));
        }
        let device_name = self
            .device_name
            .as_deref()
            .map(|name| text::line(name, NAME_CHARS_MAX))
            .transpose()
            .map_err(|error| refused(Refusal::BadName(error)))?;
        let hash = Sha256::digest(token.as_bytes()).to_vec();
        let owner = store::owner_of_token(work.tx(), &hash).await?;
        let mut displaced = None;
        if let Some((org, device)) = owner {
            if org == access.org() {
                match store::live(work.tx(), &access, device).await? {
                    // The same phone of the same person: asking again changes nothing but its name.
                    Some((owner, registered_at)) if owner == person => {
                        let (name, session, now) = (device_name, self.session, work.now());
                        store::confirm(work.tx(), &access, device, (name, session), now).await?;
                        return Ok(Registered {
                            id: device,
                            registered_at,
                            displaced: None,
                        });
                    }
                    Some((person, _)) => {
                        let moved = PushDeviceEvent::Removed {
                            person,
                            moved: true,
                        };
                        end(work, device, moved).await?;
                    }
                    None => {}
                }
            } else {
                displaced = Some((org, device));
            }
        }
        if store::count_live(work.tx(), &access, person).await? >= DEVICES_MAX {
            return Err(refused(Refusal::TooMany));
        }
        let random = work.random();
        let id = PushDeviceId::generate(work.now(), random.as_ref());
        let row = id.uuid();
        let place = store::token_place(access.org(), row.as_bytes());
        let sealed = self
            .master_key
            .seal(place, token.as_bytes(), random.as_ref());
        let event = PushDeviceEvent::Registered {
            person,
            platform: self.platform,
        };
        work.record(Fact::now(
            Stream::PushDevice(id),
            Event::PushDevice(event),
            Vec::new(),
        ))
        .await?;
        let private = Private {
            hash,
            sealed,
            device_name,
            session: self.session,
            confirmed_at: work.now(),
        };
        store::keep_private(work.tx(), &access, id, private).await?;
        if let Some(former) = displaced {
            store::note_displaced(work.tx(), former).await?;
        }
        Ok(Registered {
            id,
            registered_at: work.now(),
            displaced,
        })
    }
}

impl Command for Remove {
    type Answer = ();
    type Refusal = Refusal;

    fn is_change(&self) -> bool {
        false
    }

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let access = work.access().clone();
        let live = store::live(work.tx(), &access, self.device).await?;
        match live {
            Some((person, _)) if Some(person) == access.person() => {
                let removed = PushDeviceEvent::Removed {
                    person,
                    moved: false,
                };
                Ok(end(work, self.device, removed).await?)
            }
            // Somebody else's phone is nobody's business.
            _ => Err(Failure::Refused(Refusal::Unknown)),
        }
    }
}

/// The end of a record whose phone was registered in another organisation.
#[derive(Debug)]
struct Displace {
    device: PushDeviceId,
}

impl Command for Displace {
    type Answer = ();
    type Refusal = Refusal;

    fn is_change(&self) -> bool {
        false
    }

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let access = work.access().clone();
        if let Some((person, _)) = store::live(work.tx(), &access, self.device).await? {
            let moved = PushDeviceEvent::Removed {
                person,
                moved: true,
            };
            end(work, self.device, moved).await?;
        }
        Ok(store::is_not_displaced(work.tx(), &access, self.device).await?)
    }
}

impl Command for Disable {
    /// Whether it was in use.
    type Answer = bool;
    type Refusal = Refusal;

    fn is_change(&self) -> bool {
        false
    }

    async fn execute(self, work: &mut Work) -> Result<bool, Failure<Refusal>> {
        let access = work.access().clone();
        let Some((person, _)) = store::live(work.tx(), &access, self.device).await? else {
            return Ok(false);
        };
        let confirmed_at = store::confirmed_at(work.tx(), &access, self.device).await?;
        if confirmed_at.is_some_and(|at| at > self.sent_at) {
            return Ok(false);
        }
        end(work, self.device, PushDeviceEvent::Disabled { person }).await?;
        Ok(true)
    }
}

/// Ends the phones of somebody: those of one session, or all of them where there is none left. How many.
pub(crate) async fn sign_out(
    work: &mut Work,
    person: PersonId,
    session: Option<ended::Key>,
) -> StoreResult<usize> {
    let access = work.access().clone();
    let phones = match session {
        Some(session) => store::of_session(work.tx(), &access, person, &session).await?,
        None => store::of_person(work.tx(), &access, person).await?,
    };
    let ended = phones.len();
    for device in phones {
        end(work, device, PushDeviceEvent::SignedOut { person }).await?;
    }
    Ok(ended)
}

async fn end(work: &mut Work, device: PushDeviceId, event: PushDeviceEvent) -> StoreResult<()> {
    let access = work.access().clone();
    work.record(Fact::now(
        Stream::PushDevice(device),
        Event::PushDevice(event),
        Vec::new(),
    ))
    .await?;
    store::forget_private(work.tx(), &access, device).await
}

#[cfg(test)]
mod tests {
    use super::is_expo_token;

    #[test]
    fn tokens_have_one_of_three_forms() {
        for good in [
            "ExponentPushToken[xxxxxxxxxxxxxxxxxxxxxx]",
            "ExpoPushToken[a-b_c]",
            "f8a1c2d3-0000-zzzz-1111-abcdefghijkl",
        ] {
            assert!(is_expo_token(good), "{good}");
        }
        let long = format!("ExpoPushToken[{}]", "a".repeat(201));
        for bad in [
            "",
            "ExponentPushToken[]",
            "expopushtoken[a]",
            "ExpoPushToken[a b]",
            "ExpoPushToken[a",
            "F8A1C2D3-0000-zzzz-1111-abcdefghijkl",
            &long,
        ] {
            assert!(!is_expo_token(bad), "{bad}");
        }
    }
}
