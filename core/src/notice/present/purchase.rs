//! What came of what somebody wants to be bought, as it is when they are told.

use super::Present;
use crate::access::{Access, Surface};
use crate::chat_link::{self, Linked};
use crate::id::{ChatLinkId, OrderId, PersonId, RequisitionId};
use crate::install::Platform;
use crate::notice::{Notice, preference};
use crate::order::{self, LineState, Order, Transmission};
use crate::outbox::Leased;
use crate::requisition::{self, Requisition, State};
use crate::session::{Refusal, Sessions};
use crate::store::{Db, StoreResult, Tx};
use crate::supplier;

/// A notice to somebody about what they want to be bought.
#[derive(Debug, Clone)]
pub struct OfPurchase {
    /// What they may see and do, as of now.
    pub access: Access,
    /// As whom they are told.
    pub linked: Linked,
    /// What the supplier is called here.
    pub supplier: String,
    /// What came of it.
    pub what: Purchase,
}

/// What came of it.
#[derive(Debug, Clone)]
pub enum Purchase {
    /// It was approved, or rejected.
    Decided {
        /// What.
        requisition: Box<Requisition>,
        /// Why, in the words of whoever rejected it.
        reason: Option<String>,
    },
    /// Lines of the order wait for a decision.
    Stopped(Box<Order>),
    /// The supplier does not do all of it, or could not be told of it.
    Rejected(Box<Order>),
}

/// What a notice of this sort is about.
#[derive(Debug, Clone, Copy)]
pub(super) enum Which {
    Decided(RequisitionId),
    Stopped(OrderId),
    Rejected(OrderId),
}

impl Which {
    pub const fn of(notice: &Notice) -> Option<Self> {
        Some(match *notice {
            Notice::RequisitionDecided { requisition } => Self::Decided(requisition),
            Notice::OrderStopped { order } => Self::Stopped(order),
            Notice::OrderRejected { order } => Self::Rejected(order),
            _ => return None,
        })
    }

    /// To whoever wants it, as far as it is still so and they see it.
    pub async fn present(
        self,
        db: &Db,
        sessions: &Sessions,
        leased: &Leased,
        (person, link): (PersonId, ChatLinkId),
    ) -> StoreResult<Present> {
        let session = match sessions.of_person(leased.org, person).await {
            Ok(session) => session,
            Err(Refusal::Store(error)) => return Err(error),
            Err(_) => return Ok(Present::Obsolete("the reader is no member any more")),
        };
        let system = Access::system(leased.org, Surface::System);
        let mut tx = db.read(&system).await?;
        let linked = chat_link::store::of_person(&mut tx, &system, person).await?;
        let Some(linked) = linked.into_iter().find(|linked| linked.link == link) else {
            return Ok(Present::Obsolete(
                "the reader is not known in this chat any more",
            ));
        };
        let wants = preference::store::of_person(&mut tx, &system, person).await?;
        if !wants.get(super::super::Sort::Bought).chat {
            return Ok(Present::Obsolete("the reader does not want to be told"));
        }
        let surface = match linked.platform {
            Platform::Slack => Surface::Slack,
            Platform::Teams => Surface::Teams,
        };
        let access = session.access.within(surface, leased.id.to_string());
        let said = self.speak(&mut tx, &access, sessions).await?;
        let Some((supplier, what)) = said else {
            return Ok(Present::Obsolete(
                "it is not so any more, or the reader does not see it",
            ));
        };
        let supplier = supplier::store::name(&mut tx, &access, supplier).await?;
        Ok(Present::OfPurchase(Box::new(OfPurchase {
            access,
            linked,
            supplier: supplier.unwrap_or_else(|| "a supplier that was removed".to_owned()),
            what,
        })))
    }

    async fn speak(
        self,
        tx: &mut Tx,
        access: &Access,
        sessions: &Sessions,
    ) -> StoreResult<Option<(crate::id::SupplierId, Purchase)>> {
        let id = match self {
            Self::Decided(id) => {
                let found = requisition::store::by_id(tx, access, id, sessions.now()).await?;
                let decided = [State::Approved, State::Rejected, State::Ordered];
                let Some(found) = found.filter(|found| decided.contains(&found.state)) else {
                    return Ok(None);
                };
                let reason = match found.state {
                    State::Rejected => requisition::store::reason(tx, access, &found).await?,
                    _ => None,
                };
                let supplier = found.supplier;
                let requisition = Box::new(found);
                return Ok(Some((
                    supplier,
                    Purchase::Decided {
                        requisition,
                        reason,
                    },
                )));
            }
            Self::Stopped(id) | Self::Rejected(id) => id,
        };
        let Some(order) = order::store::by_id(tx, access, id).await? else {
            return Ok(None);
        };
        let supplier = order.supplier;
        let has = |state| order.lines.values().any(|line| line.state == state);
        let what = match self {
            Self::Stopped(_) if has(LineState::Stopped) => Purchase::Stopped(Box::new(order)),
            Self::Rejected(_) if has(LineState::Rejected) || is_untold(&order) => {
                Purchase::Rejected(Box::new(order))
            }
            _ => return Ok(None),
        };
        Ok(Some((supplier, what)))
    }
}

/// Whether the supplier did not take in the order as it is now.
fn is_untold(order: &Order) -> bool {
    let last = order.versions.last_key_value();
    last.is_some_and(|(_, version)| {
        matches!(
            version.transmission,
            Transmission::Refused | Transmission::GivenUp
        )
    })
}
