//! What whoever wants something to be bought learns of it: that it was decided on, and what the supplier does not do as it was ordered.

use super::send::{Readers, tell};
use super::{Notice, store};
use crate::access::Access;
use crate::id::{EventId, OrderId, PersonId, RequisitionId};
use crate::ledger::Work;
use crate::ledger::event::{Event, Recorded};
use crate::order::Transmission;
use crate::order::event::OrderEvent;
use crate::order::report::{Answer, ItemAnswer};
use crate::requisition::event::RequisitionEvent;
use crate::store::StoreResult;

/// Something that whoever wanted it learns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bought {
    /// What.
    pub notice: Notice,
    /// The fact.
    pub cause: EventId,
}

/// What follows from a fact for whoever wanted what it is about. Pure.
#[must_use]
pub fn bought(recorded: &Recorded, event: &Event) -> Option<Bought> {
    let stream = recorded.stream.id();
    let notice = match event {
        Event::Requisition(event) => {
            let decided = matches!(
                event,
                RequisitionEvent::Approved { complete: true, .. }
                    | RequisitionEvent::Rejected { .. }
            );
            let requisition = RequisitionId::from_uuid(stream);
            decided.then_some(Notice::RequisitionDecided { requisition })
        }
        Event::Order(event) => {
            let order = OrderId::from_uuid(stream);
            match event {
                OrderEvent::LineStopped { .. } => Some(Notice::OrderStopped { order }),
                event if is_rejection(event) => Some(Notice::OrderRejected { order }),
                _ => None,
            }
        }
        _ => None,
    };
    notice.map(|notice| Bought {
        notice,
        cause: recorded.event,
    })
}

/// Whether a supplier does not take an order, or does not send some of it; or cannot be told of it.
fn is_rejection(event: &OrderEvent) -> bool {
    match event {
        OrderEvent::Confirmed(said) => {
            let lines = said.lines.iter();
            said.answer == Answer::Reject
                || lines
                    .map(|line| line.answer)
                    .any(|it| it == ItemAnswer::Reject)
        }
        OrderEvent::Sent { transmission, .. } | OrderEvent::StatusSaid { transmission, .. } => {
            matches!(transmission, Transmission::Refused | Transmission::GivenUp)
        }
        _ => false,
    }
}

/// Tells those who wanted it, each once of what a unit of work did to the same thing. Who did it themselves knows.
pub(super) async fn tell_requesters(
    work: &mut Work,
    access: &Access,
    readers: &mut Readers,
    bought: Vec<Bought>,
) -> StoreResult<()> {
    let mut told: Vec<Notice> = Vec::new();
    for one in bought {
        if told.contains(&one.notice) {
            continue;
        }
        told.push(one.notice);
        let requester = requester(work, access, one.notice).await?;
        let Some(person) = requester.filter(|it| access.person() != Some(*it)) else {
            continue;
        };
        tell(work, access, readers, person, one.notice, Some(one.cause)).await?;
    }
    Ok(())
}

async fn requester(
    work: &mut Work,
    access: &Access,
    notice: Notice,
) -> StoreResult<Option<PersonId>> {
    match notice {
        Notice::RequisitionDecided { requisition } => {
            store::requester(work.tx(), access, requisition).await
        }
        Notice::OrderStopped { order } | Notice::OrderRejected { order } => {
            store::requester_of_order(work.tx(), access, order).await
        }
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::id::{OrgId, SupplierDocumentId};
    use crate::ledger::event::Stream;
    use crate::order::event::{Confirmed, LineAnswer};
    use crate::time::Timestamp;

    fn told(event: &Event) -> Option<Notice> {
        let at = Timestamp::from_seconds(1);
        let id = Uuid::from_u128(7);
        let stream = match event {
            Event::Order(_) => Stream::Order(OrderId::from_uuid(id)),
            _ => Stream::Requisition(RequisitionId::from_uuid(id)),
        };
        let recorded = Recorded {
            org: OrgId::from_uuid(Uuid::nil()),
            index: 0,
            event: EventId::from_uuid(Uuid::nil()),
            occurred_at: at,
            recorded_at: at,
            person: None,
            stream,
        };
        bought(&recorded, event).map(|bought| bought.notice)
    }

    #[test]
    fn a_decision_and_a_rejection_are_news_and_nothing_else_is() {
        let requisition = RequisitionId::from_uuid(Uuid::from_u128(7));
        let order = OrderId::from_uuid(Uuid::from_u128(7));
        let approved = |complete| {
            Event::Requisition(RequisitionEvent::Approved {
                digest: String::new(),
                on_behalf_of: None,
                complete,
            })
        };
        let decided = Some(Notice::RequisitionDecided { requisition });
        assert_eq!(told(&approved(true)), decided);
        assert_eq!(
            told(&approved(false)),
            None,
            "another person has to approve it"
        );
        assert_eq!(told(&Event::Requisition(RequisitionEvent::Withdrawn)), None);
        let sent = |transmission| {
            Event::Order(OrderEvent::Sent {
                version: 1,
                transmission,
                code: None,
            })
        };
        let rejected = Some(Notice::OrderRejected { order });
        assert_eq!(told(&sent(Transmission::Accepted)), None);
        assert_eq!(told(&sent(Transmission::Refused)), rejected);
        let said = |answer, line| {
            Event::Order(OrderEvent::Confirmed(Confirmed {
                document: SupplierDocumentId::from_uuid(Uuid::nil()),
                answer,
                reference: None,
                supplier_order: None,
                replaces: false,
                items: Vec::new(),
                lines: vec![LineAnswer {
                    line: 1,
                    answer: line,
                    promised_on: None,
                }],
                part: 0,
            }))
        };
        assert_eq!(told(&said(Answer::Accept, ItemAnswer::Accept)), None);
        assert_eq!(told(&said(Answer::Reject, ItemAnswer::Accept)), rejected);
        assert_eq!(told(&said(Answer::Except, ItemAnswer::Reject)), rejected);
    }
}
