//! Whose invoices pay for an organisation: a tie that only the billing service's own report of a purchase makes.

use super::command::record;
use super::event::SeatEvent;
use super::{Taken, is_key, store};
use crate::explain::{Explain, Kind};
use crate::ledger::{Command, Failure, Work};
use crate::{org, seat};

/// A customer pays for the organisation.
#[derive(Debug, Clone)]
pub struct LinkCustomer {
    /// The customer's key.
    pub customer: String,
    /// The subscription that was begun, if one was.
    pub subscription: Option<String>,
    /// Whether real money is meant.
    pub livemode: bool,
    /// The report that says so.
    pub event_id: String,
}

/// The customer was deleted.
#[derive(Debug, Clone)]
pub struct DetachCustomer {
    /// The customer's key.
    pub customer: String,
    /// The report that says so.
    pub event_id: String,
}

/// Why a customer is not tied to an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The customer pays for somebody else.
    #[error("this customer is linked to another organization")]
    CustomerTaken,
    /// Somebody else pays for the organisation.
    #[error("the organization is linked to another customer, whose subscription is not over")]
    OrganizationTaken,
    /// A sandbox is never paid for with real money.
    #[error("a sandbox takes purchases of the test mode only")]
    WrongMode,
    /// The key is none.
    #[error("this is not a key of the billing service")]
    BadKey,
}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        match self {
            Self::CustomerTaken | Self::OrganizationTaken | Self::WrongMode => Kind::Conflict,
            Self::BadKey => Kind::Unacceptable,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::CustomerTaken => "billing_customer_taken",
            Self::OrganizationTaken => "billing_organization_taken",
            Self::WrongMode => "billing_mode_mismatch",
            Self::BadKey => "billing_key_invalid",
        }
    }
}

impl Command for LinkCustomer {
    type Answer = Taken;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<Taken, Failure<Refusal>> {
        let access = work.access().clone();
        if !is_key(&self.customer) || !self.subscription.as_deref().is_none_or(is_key) {
            return Err(Failure::Refused(Refusal::BadKey));
        }
        if self.livemode && org::store::own(work.tx(), &access).await?.is_sandbox {
            return Err(Failure::Refused(Refusal::WrongMode));
        }
        if let Some(seat) = store::own(work.tx(), &access).await? {
            if seat.customer == self.customer && !seat.detached {
                return Ok(Taken::Unchanged);
            }
            // Who pays names the organisation, and may name any: whoever pays for it already is not put aside by that.
            let all = store::subscriptions(work.tx(), access.org(), &seat.customer).await?;
            // One that was never paid for, or is not any more, is none that could be put aside.
            let unpaid =
                |status: &str| matches!(status, "unpaid" | "incomplete_expired" | "canceled");
            let over = seat.detached
                || (!all.is_empty()
                    && all.iter().all(|one| one.ended || unpaid(&one.terms.status)));
            if !over && seat.customer != self.customer {
                return Err(Failure::Refused(Refusal::OrganizationTaken));
            }
            store::leave_customer(work.tx(), &seat.customer, access.org()).await?;
        }
        let now = work.now();
        let whose = store::enter_customer(work.tx(), &self.customer, access.org(), now).await?;
        if whose != Some(access.org()) {
            return Err(Failure::Refused(Refusal::CustomerTaken));
        }
        let event = SeatEvent::CustomerLinked {
            customer: self.customer,
            subscription: self.subscription,
            livemode: self.livemode,
            event_id: self.event_id,
        };
        record(work, event).await?;
        Ok(Taken::Applied)
    }
}

impl Command for DetachCustomer {
    type Answer = Taken;
    type Refusal = std::convert::Infallible;

    async fn execute(self, work: &mut Work) -> Result<Taken, Failure<std::convert::Infallible>> {
        let access = work.access().clone();
        let seat = seat::store::own(work.tx(), &access).await?;
        match seat {
            Some(seat) if seat.customer == self.customer && !seat.detached => {}
            Some(seat) if seat.customer == self.customer => return Ok(Taken::Unchanged),
            _ => return Ok(Taken::Unknown),
        }
        store::leave_customer(work.tx(), &self.customer, access.org()).await?;
        let event = SeatEvent::CustomerDetached {
            customer: self.customer,
            event_id: self.event_id,
        };
        record(work, event).await?;
        Ok(Taken::Applied)
    }
}
