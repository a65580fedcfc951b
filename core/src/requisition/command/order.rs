//! What an order that is made of a requisition leaves with it.

use super::{Refusal, again, decide, write};
use crate::id::{OrderId, RequisitionId};
use crate::ledger::{Failure, Work};
use crate::requisition::event::RequisitionEvent;
use crate::requisition::{Requisition, State};

/// Records within a unit of work that an order was made of an approved requisition. Who may order was asked before.
pub async fn ordered(
    work: &mut Work,
    requisition: RequisitionId,
    order: OrderId,
) -> Result<Requisition, Failure<Refusal>> {
    let found = again(work, requisition).await?;
    decide::in_state(&found, &[State::Approved]).map_err(Failure::Refused)?;
    let event = RequisitionEvent::Ordered {
        order,
        digest: found.digest.clone(),
    };
    write::record(work, &found, event, None).await?;
    again(work, requisition).await
}
