//! What can be asked of a licence: to take in what the billing service reports. Only Habeo itself asks.

use std::convert::Infallible;

use super::decide::{self, Order, Report, Seen};
use super::event::SeatEvent;
use super::{State, Subscription, Taken, store};
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{Command, Failure, Work};
use crate::store::StoreResult;
use crate::time::Timestamp;

/// A report about a subscription.
#[derive(Debug, Clone)]
pub struct TakeSubscription {
    /// Its key.
    pub subscription: String,
    /// Whose it is.
    pub customer: String,
    /// What is reported.
    pub report: Report,
    /// How long a missing payment is borne.
    pub grace_micros: i64,
}

/// What is reported of an invoice of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Invoice {
    /// It was paid.
    Paid,
    /// It was not, though it should have been.
    Failed,
}

/// A report about an invoice.
#[derive(Debug, Clone)]
pub struct TakeInvoice {
    /// The subscription it is for.
    pub subscription: String,
    /// The report's key.
    pub event_id: String,
    /// When the billing service made it.
    pub at: Timestamp,
    /// What it says.
    pub what: Invoice,
    /// How long a missing payment is borne.
    pub grace_micros: i64,
}

/// Records that the time of those who were borne with is up. How many subscriptions that was.
#[derive(Debug, Clone, Copy)]
pub struct EndGrace;

impl Command for TakeSubscription {
    type Answer = Taken;
    type Refusal = Infallible;

    async fn execute(self, work: &mut Work) -> Result<Taken, Failure<Infallible>> {
        let access = work.access().clone();
        let seat = store::own(work.tx(), &access).await?;
        // Linked to somebody else in the meantime, or never.
        if seat.is_none_or(|seat| seat.customer != self.customer) {
            return Ok(Taken::Unknown);
        }
        let known = store::subscription(work.tx(), &access, &self.subscription).await?;
        let seen = store::seen(work.tx(), &access, &self.subscription).await?;
        match decide::order(seen.as_ref(), known.as_ref(), &self.report) {
            Order::Earlier => Ok(Taken::Stale),
            Order::Unclear => {
                if let Some(known) = known.filter(|known| !known.unclear) {
                    let mut flagged = known.clone();
                    flagged.unclear = true;
                    self.change(work, Some(&known), &flagged).await?;
                }
                Ok(Taken::Unclear)
            }
            Order::Later => self.follow(work, known).await,
        }
    }
}

impl TakeSubscription {
    async fn follow(
        &self,
        work: &mut Work,
        known: Option<Subscription>,
    ) -> Result<Taken, Failure<Infallible>> {
        let access = work.access().clone();
        let report = &self.report;
        let next = decide::after(
            &self.subscription,
            known.as_ref(),
            report,
            self.grace_micros,
        );
        let seen = Seen {
            at: report.at,
            event_id: report.event_id.clone(),
            step: report.step,
        };
        store::note_seen(work.tx(), &access, &self.subscription, &seen).await?;
        if known.as_ref() == Some(&next) {
            return Ok(Taken::Unchanged);
        }
        self.change(work, known.as_ref(), &next).await?;
        grace(work, known.as_ref(), &next, &report.event_id).await?;
        Ok(Taken::Applied)
    }

    async fn change(
        &self,
        work: &mut Work,
        known: Option<&Subscription>,
        next: &Subscription,
    ) -> StoreResult<()> {
        let access = work.access().clone();
        let in_use = store::in_use(work.tx(), &access).await?;
        let event = SeatEvent::SeatsChanged {
            subscription: self.subscription.clone(),
            customer: self.customer.clone(),
            event_id: self.report.event_id.clone(),
            reported_at: self.report.at,
            before: known.map(|known| known.terms.clone()),
            after: next.terms.clone(),
            failed_at: next.failed_at,
            grace_until: next.grace_until,
            ended: next.ended,
            unclear: next.unclear,
            in_use,
            over_limit: next.terms.quantity.is_some_and(|seats| in_use > seats),
        };
        record(work, event).await
    }
}

impl Command for TakeInvoice {
    type Answer = Taken;
    type Refusal = Infallible;

    async fn execute(self, work: &mut Work) -> Result<Taken, Failure<Infallible>> {
        let access = work.access().clone();
        let Some(known) = store::subscription(work.tx(), &access, &self.subscription).await? else {
            return Ok(Taken::Unknown);
        };
        let next = match self.what {
            Invoice::Failed => {
                let seen = store::seen(work.tx(), &access, &self.subscription).await?;
                decide::after_failure(&known, seen.as_ref(), self.at, self.grace_micros)
            }
            Invoice::Paid => decide::after_payment(&known, self.at),
        };
        let Some(next) = next else {
            return Ok(Taken::Unchanged);
        };
        grace(work, Some(&known), &next, &self.event_id).await?;
        Ok(Taken::Applied)
    }
}

impl Command for EndGrace {
    type Answer = usize;
    type Refusal = Infallible;

    async fn execute(self, work: &mut Work) -> Result<usize, Failure<Infallible>> {
        let access = work.access().clone();
        let now = work.now();
        let Some(seat) = store::own(work.tx(), &access).await? else {
            return Ok(0);
        };
        let all = store::subscriptions(work.tx(), access.org(), &seat.customer).await?;
        let mut ended = 0;
        for one in all.into_iter().filter(|one| has_run_out(one, now)) {
            let event = SeatEvent::GraceLeft {
                subscription: one.id,
                event_id: None,
                to: State::Suspended,
            };
            record(work, event).await?;
            ended += 1;
        }
        Ok(ended)
    }
}

/// Whether the time of a subscription that was borne with is up.
pub(super) fn has_run_out(one: &Subscription, now: Timestamp) -> bool {
    one.terms.state == State::Grace && one.grace_until.is_some_and(|until| until <= now)
}

/// Records that grace began, or ended.
async fn grace(
    work: &mut Work,
    known: Option<&Subscription>,
    next: &Subscription,
    event_id: &str,
) -> StoreResult<()> {
    let was = known.map(|known| (known.terms.state, known.failed_at));
    let is = (next.terms.state, next.failed_at);
    let event = match (was, is, next.grace_until) {
        (was, (State::Grace, Some(failed_at)), Some(until)) if was != Some(is) => {
            SeatEvent::GraceEntered {
                subscription: next.id.clone(),
                event_id: event_id.to_owned(),
                failed_at,
                until,
            }
        }
        // Also of one whose time was up: the payment came after all.
        (Some((State::Grace | State::Suspended, Some(_))), (to, None), _) => SeatEvent::GraceLeft {
            subscription: next.id.clone(),
            event_id: Some(event_id.to_owned()),
            to,
        },
        _ => return Ok(()),
    };
    record(work, event).await
}

pub(super) async fn record(work: &mut Work, event: SeatEvent) -> StoreResult<()> {
    let org = work.access().org();
    let fact = Fact::now(Stream::Org(org), Event::Seat(event), Vec::new());
    work.record(fact).await?;
    Ok(())
}
