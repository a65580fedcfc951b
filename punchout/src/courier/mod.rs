//! Orders on their way to suppliers: each version under one name, sent until somebody answers in cXML, a day long.

mod letter;

use std::time::Duration;

use habeo_core::access::{Access, Surface};
use habeo_core::id::OrderId;
use habeo_core::ledger::RecordError;
use habeo_core::order::sending::{Body, Meaning, Settle, Settled, meaning};
use habeo_core::order::store as orders;
use habeo_core::order::{Order, Version};
use habeo_core::outbox::backoff::WINDOW_MICROS;
use habeo_core::outbox::{Channel, Courier, Leased, Outcome};
use habeo_core::store::StoreResult;

use crate::desk::Punchout;
use crate::exchange::{DEADLINE, Exchanged, Letter, exchange};
use letter::{Unsendable, letter};

/// What is done besides the exchange itself: looking up what is sent, and noting what was answered.
const AROUND: Duration = Duration::from_secs(10);

/// Delivers orders. Cloning gives another handle to the same.
#[derive(Debug, Clone)]
pub struct OrderCourier(Punchout);

impl OrderCourier {
    /// A courier that sends by the desk's guarded client.
    #[must_use]
    pub const fn new(desk: Punchout) -> Self {
        Self(desk)
    }
}

impl Courier for OrderCourier {
    fn channel(&self) -> Channel {
        Channel::Supplier
    }

    fn deadline(&self) -> Duration {
        DEADLINE + AROUND
    }

    async fn deliver(&self, parcel: &Leased) -> Outcome {
        let Ok(body) = Body::parse(&parcel.body) else {
            return Outcome::Dead {
                why: "the parcel does not name an order".to_owned(),
            };
        };
        let access = Access::system(parcel.org, Surface::System);
        match self.sending(&access, body).await {
            Ok(Some((order, version))) => {
                let outcome = self.send(&access, &order, (body.version, &version)).await;
                self.settled(&access, (parcel, body), outcome).await
            }
            Ok(None) => Outcome::Obsolete {
                why: "this version of the order is not to be sent any more".to_owned(),
            },
            Err(error) => again(error.to_string()),
        }
    }
}

/// What became of an attempt.
enum Attempt {
    /// The supplier answered with this status.
    Answered(u16, String),
    /// There was no answer in cXML.
    Failed(String),
    /// It can never be sent as it is.
    Unsendable(Unsendable),
}

impl OrderCourier {
    async fn sending(&self, access: &Access, body: Body) -> StoreResult<Option<(Order, Version)>> {
        let mut tx = self.0.ledger().db().read(access).await?;
        orders::sending(&mut tx, access, body.order, body.version).await
    }

    async fn send(
        &self,
        access: &Access,
        order: &Order,
        (number, version): (i64, &Version),
    ) -> Attempt {
        let letter = match letter(&self.0, access, order, (number, version)).await {
            Ok(letter) => letter,
            Err(Unsendable::Store(error)) => return Attempt::Failed(error.to_string()),
            Err(why) => return Attempt::Unsendable(why),
        };
        let sent = Letter {
            org: access.org(),
            url: &letter.url,
            text: letter.text,
            secret: &letter.secret,
        };
        let Exchanged { outcome, .. } = exchange(&self.0, sent, letter.tolerance).await;
        match outcome {
            Ok(answer) => {
                let detail = answer.status.detail.unwrap_or_default();
                let said = format!("{} {detail}", answer.status.text);
                Attempt::Answered(answer.status.code, said.trim().to_owned())
            }
            Err(fault) => Attempt::Failed(format!("{}: {fault}", fault.code())),
        }
    }

    /// Notes what was answered before the parcel is settled: whoever dies between the two sends the same again, and is told so by its payload id.
    async fn settled(
        &self,
        access: &Access,
        (parcel, body): (&Leased, Body),
        attempt: Attempt,
    ) -> Outcome {
        let (why, given_up) = match attempt {
            Attempt::Answered(code, said) => match meaning(i64::from(code)) {
                Meaning::Settled(transmission) => {
                    let outcome = Settled::Answered { code: code.into() };
                    let noted = self.note(access, body.order, body.version, outcome).await;
                    let detail = format!("{code} {said} ({})", transmission.as_str());
                    return noted.map_or_else(again, |()| Outcome::Delivered { detail });
                }
                Meaning::Transient => (format!("the supplier answered {code}: {said}"), false),
            },
            Attempt::Failed(why) => (why, false),
            Attempt::Unsendable(why) => (why.to_string(), true),
        };
        if !given_up && !self.is_last(parcel) {
            return again(why);
        }
        let noted = self
            .note(access, body.order, body.version, Settled::GivenUp)
            .await;
        noted.map_or_else(again, |()| Outcome::Dead { why })
    }

    /// Whether no attempt follows this one.
    fn is_last(&self, parcel: &Leased) -> bool {
        self.0.now() >= parcel.first_attempt_at.plus_micros(WINDOW_MICROS)
    }

    async fn note(
        &self,
        access: &Access,
        order: OrderId,
        version: i64,
        outcome: Settled,
    ) -> Result<(), String> {
        let command = Settle {
            order,
            version,
            outcome,
        };
        match self.0.ledger().record(access, command).await {
            Ok(_) => Ok(()),
            Err(RecordError::Refused(refusal)) => {
                // It was settled by somebody else: nothing is to be noted, and nothing to be sent.
                tracing::warn!(%refusal, order.id = %order, "what became of an order was not noted");
                Ok(())
            }
            Err(RecordError::Store(error)) => Err(error.to_string()),
        }
    }
}

fn again(why: String) -> Outcome {
    Outcome::Again { after: None, why }
}
