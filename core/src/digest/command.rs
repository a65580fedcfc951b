//! What can be asked of digests.

use super::event::DigestEvent;
use super::{Cadence, DIGESTS_MAX, last_scheduled, store};
use crate::access::Action;
use crate::chat;
use crate::explain::{Explain, Kind};
use crate::id::{DigestId, InstallId, UnitId};
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{Command, Failure, Work};
use crate::{org, person, unit, zone};

/// A channel that is to receive what changes in a unit.
#[derive(Debug, Clone)]
pub struct Subscribe {
    /// Through which installation.
    pub install: InstallId,
    /// The channel's key there.
    pub chat: String,
    /// Of which unit, with everything below.
    pub unit: UnitId,
    /// How often.
    pub cadence: Cadence,
    /// From which hour on, 0 to 23, where the organisation is.
    pub local_hour: u8,
}

/// A channel that is not to receive it any more.
#[derive(Debug, Clone, Copy)]
pub struct Unsubscribe {
    /// Which digest.
    pub digest: DigestId,
}

/// Why a digest was not subscribed or ended.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// No such digest in the caller's units.
    #[error("no digest with this id is visible to you")]
    Unknown,
    /// No such installation.
    #[error("no working installation with this id is known")]
    InstallUnknown,
    /// No such unit among those that the caller administers.
    #[error("no unit with this id is administered by you")]
    UnitUnknown,
    /// Not a channel.
    #[error("the channel's {0}")]
    BadChannel(#[from] chat::NotAKey),
    /// Not an hour.
    #[error("an hour is 0 to 23")]
    BadHour,
    /// It is so already.
    #[error("this channel receives the unit's digest already")]
    AlreadySubscribed,
    /// Too many.
    #[error("there are {DIGESTS_MAX} digests already; end one first")]
    TooMany,
}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        match self {
            Self::Unknown => Kind::NotFound,
            Self::InstallUnknown | Self::UnitUnknown | Self::BadChannel(_) | Self::BadHour => {
                Kind::Unacceptable
            }
            Self::AlreadySubscribed | Self::TooMany => Kind::Conflict,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "digest_unknown",
            Self::InstallUnknown => "digest_install_unknown",
            Self::UnitUnknown => "digest_unit_unknown",
            Self::BadChannel(_) => "digest_channel_invalid",
            Self::BadHour => "digest_hour_invalid",
            Self::AlreadySubscribed => "digest_already_subscribed",
            Self::TooMany => "digest_limit_reached",
        }
    }
}

impl Command for Subscribe {
    type Answer = DigestId;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<DigestId, Failure<Refusal>> {
        let refused = Failure::Refused;
        let access = work.access().clone();
        let chat = chat::key(&self.chat)
            .map_err(|error| refused(Refusal::BadChannel(error)))?
            .to_owned();
        if self.local_hour > 23 {
            return Err(refused(Refusal::BadHour));
        }
        let exists = unit::store::by_id(work.tx(), &access, self.unit).await?;
        if exists.is_none() || !administered(work, self.unit).await? {
            return Err(refused(Refusal::UnitUnknown));
        }
        if !store::speaks(work.tx(), &access, self.install).await? {
            return Err(refused(Refusal::InstallUnknown));
        }
        let (all, same) = store::count(work.tx(), &access, self.install, &chat, self.unit).await?;
        if same > 0 {
            return Err(refused(Refusal::AlreadySubscribed));
        }
        if all >= DIGESTS_MAX {
            return Err(refused(Refusal::TooMany));
        }
        let timezone = org::store::own(work.tx(), &access).await?.timezone;
        let id = DigestId::generate(work.now(), work.random().as_ref());
        let event = DigestEvent::Subscribed {
            install: self.install,
            chat,
            unit: self.unit,
            cadence: self.cadence,
            local_hour: self.local_hour,
        };
        let recorded = work
            .record(Fact::now(
                Stream::Digest(id),
                Event::Digest(event),
                vec![self.unit],
            ))
            .await?;
        // The first one tells of what follows from here.
        let local = zone::local(&timezone, work.now());
        let day = last_scheduled(self.cadence, self.local_hour, local);
        store::keep_told(work.tx(), &access, id, recorded.index, day).await?;
        Ok(id)
    }
}

impl Command for Unsubscribe {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let access = work.access().clone();
        let unit = store::open(work.tx(), &access, self.digest).await?;
        let unit = match unit {
            Some(unit) if administered(work, unit).await? => unit,
            _ => return Err(Failure::Refused(Refusal::Unknown)),
        };
        work.record(Fact::now(
            Stream::Digest(self.digest),
            Event::Digest(DigestEvent::Unsubscribed {}),
            vec![unit],
        ))
        .await?;
        Ok(())
    }
}

/// Who gives roles in a unit administers it.
async fn administered<R>(work: &mut Work, unit: UnitId) -> Result<bool, Failure<R>> {
    let access = work.access().clone();
    Ok(person::command::in_reach(work, &access, Action::Grant, unit).await?)
}
