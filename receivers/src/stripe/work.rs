//! Working off what Stripe has reported: each message becomes a command of the organisation in whose inbox it is.

use std::convert::Infallible;

use habeo_core::access::{Access, Surface};
use habeo_core::inbox::worker::Handler;
use habeo_core::inbox::{Received, Verdict};
use habeo_core::ledger::{Command, RecordError};
use habeo_core::org;
use habeo_core::seat::Taken;
use habeo_core::seat::command::{Invoice, TakeInvoice, TakeSubscription};
use habeo_core::seat::link::{DetachCustomer, LinkCustomer};
use habeo_core::store::{StoreError, StoreResult};
use habeo_core::unplaced::Waiting;

use super::event::{Envelope, Event, Purchase};
use super::{LANE, SOURCE, Stripe};
use crate::placing::place_waiting;

/// Why a message was not worked off.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("what waits cannot be placed: {0}")]
    Inbox(#[from] habeo_core::inbox::Refusal),
}

impl From<RecordError<Infallible>> for Trouble {
    fn from(error: RecordError<Infallible>) -> Self {
        match error {
            RecordError::Store(error) => Self::Store(error),
            RecordError::Refused(never) => match never {},
        }
    }
}

impl Handler for Stripe {
    async fn handle(&self, received: &Received) -> Verdict {
        match self.work_off(received).await {
            Ok(()) => Verdict::Done,
            Err(trouble) => Verdict::Again {
                at: None,
                why: trouble.to_string(),
            },
        }
    }
}

impl Stripe {
    async fn work_off(&self, received: &Received) -> Result<(), Trouble> {
        let Ok(envelope) = Envelope::parse(&received.body) else {
            return Ok(());
        };
        if !self.is_of_its_mode(received, &envelope).await? {
            tracing::warn!(
                org.id = %received.org, event = envelope.id,
                "Stripe reports for an organization in the mode that is not the organization's; it is not listened to"
            );
            return Ok(());
        }
        let settings = &self.0.settings;
        let Ok(event) = envelope.event(&settings.seat_prices, received.received_at) else {
            return Ok(());
        };
        let at = envelope.created(received.received_at);
        let grace_micros = settings.grace_micros;
        let event_id = envelope.id.clone();
        let taken = match event {
            Event::Purchase(purchase) => self.link(received, &envelope, &purchase).await?,
            Event::Subscription(subscription, report) => match subscription.customer() {
                Some(customer) => {
                    let take = TakeSubscription {
                        subscription: subscription.id,
                        customer,
                        report,
                        grace_micros,
                    };
                    self.record(received, take).await?
                }
                None => Taken::Unknown,
            },
            Event::Invoice {
                subscription, paid, ..
            } => {
                let what = if paid { Invoice::Paid } else { Invoice::Failed };
                let take = TakeInvoice {
                    subscription,
                    event_id,
                    at,
                    what,
                    grace_micros,
                };
                self.record(received, take).await?
            }
            Event::CustomerDeleted(customer) => {
                let detach = DetachCustomer { customer, event_id };
                self.record(received, detach).await?
            }
            Event::OfCustomer(_) | Event::Thin | Event::Other => Taken::Unchanged,
        };
        if taken == Taken::Unclear {
            tracing::warn!(org.id = %received.org, event = envelope.id, "two reports of one second contradict each other; look at Stripe which of them holds");
        }
        tracing::info!(org.id = %received.org, kind = envelope.kind, outcome = taken.as_str(), "a report of Stripe was worked off");
        Ok(())
    }

    /// A sandbox is never paid for. Every other organisation is paid for in the live mode, unless this server does not have one.
    async fn is_of_its_mode(&self, received: &Received, envelope: &Envelope) -> StoreResult<bool> {
        let access = Access::system(received.org, Surface::Webhook);
        let mut tx = self.0.ledger.db().read(&access).await?;
        let sandbox = org::store::own(&mut tx, &access).await?.is_sandbox;
        let wanted = !sandbox && !self.0.settings.live_secrets.is_empty();
        Ok(envelope.livemode.unwrap_or(wanted) == wanted)
    }

    async fn record<C>(&self, received: &Received, command: C) -> Result<Taken, Trouble>
    where
        C: Command<Answer = Taken, Refusal = Infallible>,
    {
        let access = Self::access(received);
        Ok(self.0.ledger.record(&access, command).await?)
    }

    fn access(received: &Received) -> Access {
        let access = Access::system(received.org, Surface::Webhook);
        access.within(Surface::Webhook, received.key.clone())
    }

    async fn link(
        &self,
        received: &Received,
        envelope: &Envelope,
        purchase: &Purchase,
    ) -> Result<Taken, Trouble> {
        let Some(customer) = purchase.customer() else {
            return Ok(Taken::Unknown);
        };
        let link = LinkCustomer {
            customer: customer.clone(),
            subscription: purchase.subscription(),
            livemode: envelope.livemode.unwrap_or_default(),
            event_id: envelope.id.clone(),
        };
        let access = Self::access(received);
        let taken = match self.0.ledger.record(&access, link).await {
            Ok(taken) => taken,
            Err(RecordError::Store(error)) => return Err(error.into()),
            Err(RecordError::Refused(refusal)) => {
                tracing::error!(org.id = %received.org, event = envelope.id, %refusal, "a purchase at Stripe was not linked");
                return Ok(Taken::Unknown);
            }
        };
        self.place_waiting(received, &customer).await?;
        Ok(taken)
    }

    /// What was reported of the customer before, in the order in which it happened: behind this message in its lane.
    async fn place_waiting(&self, received: &Received, customer: &str) -> Result<(), Trouble> {
        let places = (&self.0.inbox, &self.0.unplaced);
        let lane = |_: &Waiting| Some(LANE.to_owned());
        place_waiting(places, (SOURCE, customer), received.org, lane).await?;
        Ok(())
    }
}
