//! Documents that were taken in and cannot be worked off: refused after all, so that whoever looks after the supplier sees them, and so that they do
//! not stand before others for ever.

use super::cleaned;
use super::decide::{Code, finding};
use super::document::Refusal;
use super::event::OrderEvent;
use super::store::{self, DocumentState};
use crate::access::Principal;
use crate::id::SupplierDocumentId;
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{Command, Failure, Work};

/// Refuses a document that was taken in and could not be worked off. One that was worked off meanwhile stays as it is. Only the system gives this
/// command.
#[derive(Debug, Clone)]
pub struct GiveUp {
    /// Which.
    pub id: SupplierDocumentId,
    /// Why, by a stable code.
    pub why: String,
}

impl Command for GiveUp {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let access = work.access().clone();
        if access.actor().principal != Principal::System {
            return Err(Failure::Refused(Refusal::NotPermitted));
        }
        let row = store::document(work.tx(), &access, self.id).await?;
        let row = row.ok_or(Failure::Refused(Refusal::Unknown))?;
        if row.state != DocumentState::Taken {
            return Ok(());
        }
        let settled = OrderEvent::DocumentSettled {
            applied: false,
            orders: Vec::new(),
            findings: cleaned::kept(vec![finding(Code::NotDone, None, self.why)]),
        };
        let stream = Stream::SupplierDocument(self.id);
        work.record(Fact::now(stream, Event::Order(settled), Vec::new()))
            .await?;
        Ok(())
    }
}
