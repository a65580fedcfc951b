//! The door that Stripe knocks at: bytes within a bound, their signature, then whatever they say; kept before it is answered.

use habeo_core::id::OrgId;
use habeo_core::inbox::{About, Incoming};
use habeo_core::seat::store;
use habeo_core::store::StoreResult;
use habeo_core::time::Timestamp;
use habeo_core::unplaced::{Others, Report};
use habeo_core::{org, seat};
use habeo_surface::Problem;
use poem::{Endpoint, Request, Response, Route, post};

use super::event::{Envelope, Event, Purchase};
use super::signature::{self, Mode};
use super::{LANE, SOURCE, Stripe};
use crate::answer::{self, Word};

/// The most bytes of a message.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;
/// Where the door is.
pub const PATH: &str = "/api/webhooks/stripe";

/// Adds the door to a route. Where no secret is set up it is there, and lets nobody in.
#[must_use]
pub fn mount(route: Route, stripe: &Stripe) -> Route {
    route.at(PATH, post(Door(stripe.clone())))
}

struct Door(Stripe);

impl Endpoint for Door {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let body = answer::bytes(&mut request, BODY_BYTES_MAX).await?;
        let stripe = &self.0;
        let now = stripe.0.ledger.clock().now();
        let settings = &stripe.0.settings;
        let (live, test) = (&settings.live_secrets, &settings.test_secrets);
        let mode = signature::verify(live, test, request.headers(), &body, now);
        let mode = mode.map_err(|_| answer::unsigned())?;
        answer::is_json(request.headers())?;
        let envelope = Envelope::parse(&body).map_err(|_| answer::unreadable())?;
        if !seat::is_key(&envelope.id) {
            return Err(answer::unreadable().into());
        }
        let message = Message {
            created: envelope.created(now),
            envelope,
            body: &body,
            mode,
        };
        let word = Box::pin(stripe.take(&message, now)).await?;
        Ok(word.answer())
    }
}

/// A message whose signature is good.
struct Message<'a> {
    envelope: Envelope,
    created: Timestamp,
    body: &'a [u8],
    mode: Mode,
}

impl Message<'_> {
    fn report(&self) -> Report<'_> {
        Report {
            source: SOURCE,
            key: &self.envelope.id,
            kind: &self.envelope.kind,
            happened_at: self.created,
        }
    }
}

type Taken = Result<Word, Problem>;

impl Stripe {
    async fn take(&self, message: &Message<'_>, now: Timestamp) -> Taken {
        let envelope = &message.envelope;
        let live = message.mode == Mode::Live;
        if envelope.livemode.is_some_and(|livemode| livemode != live) {
            tracing::warn!(
                event = envelope.id,
                "Stripe reports of one mode with the secret of the other; it is not listened to"
            );
            return self.ignore(message).await;
        }
        let Ok(event) = envelope.event(&self.0.settings.seat_prices, now) else {
            tracing::warn!(
                event = envelope.id,
                kind = envelope.kind,
                "a report of Stripe cannot be read"
            );
            return self.ignore(message).await;
        };
        match event {
            Event::Purchase(purchase) => self.take_purchase(message, &purchase).await,
            Event::Subscription(subscription, _) => match subscription.customer() {
                Some(customer) => self.take_of(message, &customer).await,
                None => self.ignore(message).await,
            },
            Event::Invoice { customer, .. } | Event::CustomerDeleted(customer) => {
                self.take_of(message, &customer).await
            }
            // It changes nothing, and is noted where it belongs.
            Event::OfCustomer(customer) => match self.paid_for(&customer).await {
                Ok(Some(org)) => self.place(message, org).await,
                Ok(None) => self.ignore(message).await,
                Err(error) => Err(answer::failed(error)),
            },
            Event::Thin => {
                note_thin(envelope);
                self.ignore(message).await
            }
            Event::Other => self.ignore(message).await,
        }
    }

    async fn ignore(&self, message: &Message<'_>) -> Taken {
        let noted = self.0.unplaced.note(message.report()).await;
        Ok(Word::Ignored.on(noted.map_err(answer::failed)?))
    }

    /// What a purchase says of an organisation is believed where there is such an organisation, and where its mode is that of the message.
    async fn take_purchase(&self, message: &Message<'_>, purchase: &Purchase) -> Taken {
        let named = purchase.organization();
        let org: Option<OrgId> = named.and_then(|id| id.trim().parse().ok());
        let org = match org {
            Some(org) => self.known(org).await.map_err(answer::failed)?,
            None => None,
        };
        if let (Some(org), Some(_), true) = (org, purchase.customer(), purchase.is_of_seats()) {
            return self.place(message, org).await;
        }
        tracing::warn!(
            event = message.envelope.id,
            "a purchase at Stripe is of no subscription that is paid for, or names no organization that is known here"
        );
        self.ignore(message).await
    }

    async fn take_of(&self, message: &Message<'_>, customer: &str) -> Taken {
        if let Some(org) = self.paid_for(customer).await.map_err(answer::failed)? {
            return self.place(message, org).await;
        }
        let unplaced = &self.0.unplaced;
        let kept = unplaced.keep(message.report(), customer, message.body, Others::Stay);
        let kept = kept.await.map_err(answer::failed)?;
        // The customer may have been linked since they were looked for: then nobody would come for it any more.
        if let Some(org) = self.paid_for(customer).await.map_err(answer::failed)? {
            let word = self.place(message, org).await?;
            let key = &message.envelope.id;
            unplaced
                .placed(SOURCE, &[key.as_str()])
                .await
                .map_err(answer::failed)?;
            return Ok(word);
        }
        Ok(Word::Waiting.on(kept))
    }

    async fn place(&self, message: &Message<'_>, org: OrgId) -> Taken {
        let incoming = Incoming {
            org,
            source: SOURCE,
            key: &message.envelope.id,
            lane: Some(LANE),
            body: message.body,
            about: About::KEPT,
        };
        let arrival = self.0.inbox.receive(incoming).await;
        Ok(Word::Accepted.on(arrival.map_err(answer::unkept)?))
    }

    async fn known(&self, org: OrgId) -> StoreResult<Option<OrgId>> {
        let mut tx = self.0.ledger.db().read_directory().await?;
        let exists = org::store::exists(&mut tx, org).await?;
        Ok(exists.then_some(org))
    }

    async fn paid_for(&self, customer: &str) -> StoreResult<Option<OrgId>> {
        let mut tx = self.0.ledger.db().read_directory().await?;
        store::by_customer(&mut tx, customer).await
    }
}

/// Only one of the other product's reports says something about us: that a meter does not take what it is sent.
fn note_thin(envelope: &Envelope) {
    if envelope.kind.starts_with("v1.billing.meter.") {
        let about = envelope.related_object.as_ref();
        let meter = about.and_then(|about| about["id"].as_str());
        tracing::error!(
            kind = envelope.kind,
            meter,
            "Stripe says that a meter does not take reports of used seats"
        );
    }
}
