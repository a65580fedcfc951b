//! Orders on their way to suppliers: versions, each under one name for ever, and what the suppliers answer.
//!
//! A version's name, instant and lines are recorded before it is put into the outbox, so that whoever dies between sending and settling sends
//! the same again. The courier of [`Channel::Supplier`] reads [`Body`] from its parcel, asks [`super::store::sending`] for the version, renders
//! and sends it, judges the answer by [`meaning`], records [`Settle`] and settles the parcel.

use serde::{Deserialize, Serialize};

use super::aboard::Aboard;
use super::event::OrderEvent;
use super::report::Operation;
use super::{Order, Refusal, Transmission};
use crate::access::{Access, Action, Principal};
use crate::id::{EventId, OrderId};
use crate::ledger::tree;
use crate::ledger::{Command, Failure, Work};
use crate::outbox::{Channel, Parcel};
use crate::random::Random;
use crate::store::{StoreError, StoreResult};
use crate::time::Timestamp;

/// What stands in a parcel to a supplier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Body {
    /// Which order.
    pub order: OrderId,
    /// Which version of it.
    pub version: i64,
}

impl Body {
    /// Reads the body of a parcel.
    pub fn parse(body: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(body)
    }
}

/// What the code of an answer means for what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// It is settled.
    Settled(Transmission),
    /// It may be taken later: the same is sent again.
    Transient,
}

/// What the code of an answer means. An unknown one is taken for the first of its hundred.
#[must_use]
pub const fn meaning(code: i64) -> Meaning {
    match code {
        201 => Meaning::Settled(Transmission::Awaiting),
        280 | 281 => Meaning::Settled(Transmission::Forwarded),
        200..=299 => Meaning::Settled(Transmission::Accepted),
        400..=499 => Meaning::Settled(Transmission::Refused),
        _ => Meaning::Transient,
    }
}

/// Notes what became of a version on its way. Noting it again changes nothing.
#[derive(Debug, Clone, Copy)]
pub struct Settle {
    /// Which order.
    pub order: OrderId,
    /// Which version.
    pub version: i64,
    /// What became of it.
    pub outcome: Settled,
}

/// What became of a version on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// The supplier, or somebody between, answered so that nothing more is sent.
    Answered {
        /// The code of the answer.
        code: i64,
    },
    /// Nobody answered for as long as it was tried.
    GivenUp,
}

/// Sends the version that holds once more, as it is, after it was refused or given up.
#[derive(Debug, Clone, Copy)]
pub struct SendAgain {
    /// Which order.
    pub order: OrderId,
}

impl Command for Settle {
    type Answer = Transmission;
    type Refusal = Refusal;

    fn is_change(&self) -> bool {
        false
    }

    async fn execute(self, work: &mut Work) -> Result<Transmission, Failure<Refusal>> {
        if work.access().actor().principal != Principal::System {
            return Err(Failure::Refused(Refusal::NotPermitted));
        }
        let aboard = Aboard::load(work, self.order).await?;
        let mut aboard = aboard.ok_or(Failure::Refused(Refusal::Unknown))?;
        let version = aboard.order.versions.get(&self.version);
        let version = version.ok_or(Failure::Refused(Refusal::NotWaiting))?;
        if version.transmission != Transmission::Waiting {
            return Ok(version.transmission);
        }
        let (transmission, code) = match self.outcome {
            Settled::GivenUp => (Transmission::GivenUp, None),
            Settled::Answered { code } => match meaning(code) {
                Meaning::Settled(transmission) => (transmission, Some(code)),
                Meaning::Transient => return Ok(Transmission::Waiting),
            },
        };
        let event = OrderEvent::Sent {
            version: self.version,
            transmission,
            code,
        };
        aboard.record(work, event).await?;
        Ok(transmission)
    }
}

impl Command for SendAgain {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let mut aboard = Aboard::permitted(work, self.order, Action::Register).await?;
        let version = aboard.order.version();
        let failed = aboard.order.versions.get(&version).is_some_and(|one| {
            matches!(
                one.transmission,
                Transmission::Refused | Transmission::GivenUp
            )
        });
        if !failed {
            return Err(Failure::Refused(Refusal::NotFailed));
        }
        let event = OrderEvent::Sent {
            version,
            transmission: Transmission::Waiting,
            code: None,
        };
        let recorded = aboard.record(work, event).await?;
        enqueue(work, &aboard.order, version, recorded)?;
        Ok(())
    }
}

/// Makes the next version of an order as it is now, and puts it into the outbox.
pub(super) async fn send_next(
    work: &mut Work,
    aboard: &mut Aboard,
    operation: Operation,
) -> StoreResult<()> {
    let version = aboard.order.version() + 1;
    let payload_id = payload_id(work.access(), work.now(), work.random().as_ref());
    let event = OrderEvent::Versioned {
        version,
        operation,
        payload_id,
    };
    let recorded = aboard.record(work, event).await?;
    enqueue(work, &aboard.order, version, recorded)
}

fn enqueue(work: &mut Work, order: &Order, version: i64, cause: EventId) -> StoreResult<()> {
    let body = Body {
        order: order.id,
        version,
    };
    let inconsistent = |what: String| StoreError::Inconsistent {
        table: "outbox",
        what,
    };
    let body = serde_json::to_value(body).map_err(|error| inconsistent(error.to_string()))?;
    let body = tree::canonical(&body).map_err(|error| inconsistent(error.to_string()))?;
    work.enqueue(Parcel {
        channel: Channel::Supplier,
        lane: order.id.to_string(),
        body,
        cause: Some(cause),
    })?;
    Ok(())
}

/// The name of a document, as such names are made: an instant, something that nobody guesses, and who made it.
fn payload_id(access: &Access, now: Timestamp, random: &dyn Random) -> String {
    let mut bytes = [0; 12];
    random.fill(&mut bytes);
    let chance = bytes
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    format!("{}.{chance}@{}.habeo", now.micros(), access.org())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_taken_for_the_first_of_their_hundred() {
        use Transmission::{Accepted, Awaiting, Forwarded, Refused};
        for (code, settled) in [
            (200, Accepted),
            (201, Awaiting),
            (204, Accepted),
            (280, Forwarded),
            (281, Forwarded),
            (299, Accepted),
            (400, Refused),
            (409, Refused),
            (450, Refused),
        ] {
            assert_eq!(meaning(code), Meaning::Settled(settled), "{code}");
        }
        for code in [0, 302, 500, 550, 560, 999] {
            assert_eq!(meaning(code), Meaning::Transient, "{code}");
        }
    }
}
