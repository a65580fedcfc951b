//! Answering an empty cart, and calling a visit off.

use super::{PunchoutEvent, Refusal, known, of_requisition, own, record};
use crate::access::Principal;
use crate::id::PunchoutId;
use crate::ledger::{Command, Failure, Work};
use crate::punchout::{Outcome, State};
use crate::requisition::{self, write};

/// Says whether the lines of a requisition go whose cart came back empty from the shop. Answering the same again changes nothing.
#[derive(Debug, Clone, Copy)]
pub struct AnswerEmpty {
    /// Of which visit, which is the caller's own.
    pub session: PunchoutId,
    /// Whether they go.
    pub remove: bool,
}

/// Ends a visit that came to nothing: by its owner, or by the system where the supplier refused it. Asking again changes nothing.
#[derive(Debug, Clone, Copy)]
pub struct CloseSession {
    /// Which.
    pub session: PunchoutId,
}

impl Command for AnswerEmpty {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let refused = Failure::Refused;
        let session = own(work, self.session).await?;
        let outcome = if self.remove {
            Outcome::Emptied
        } else {
            Outcome::Preserved
        };
        if session.outcome == Some(outcome) {
            return Ok(());
        }
        if session.outcome != Some(Outcome::Asking) {
            return Err(refused(Refusal::NothingAsked));
        }
        if self.remove {
            let access = work.access().clone();
            let id = session.requisition.ok_or(refused(Refusal::NothingAsked))?;
            let found = requisition::store::known(work.tx(), &access, id).await?;
            let found = found.ok_or(refused(Refusal::NothingAsked))?;
            if found.state != requisition::State::Draft {
                return Err(refused(Refusal::Locked));
            }
            write::empty(work, &found).await.map_err(of_requisition)?;
        }
        record(work, &session, PunchoutEvent::Answered { outcome }).await?;
        Ok(())
    }
}

impl Command for CloseSession {
    type Answer = ();
    type Refusal = Refusal;

    fn is_change(&self) -> bool {
        false
    }

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let session = match work.access().actor().principal {
            Principal::System => known(work, self.session).await?,
            _ => own(work, self.session).await?,
        };
        if session.state == State::Open {
            record(work, &session, PunchoutEvent::Closed).await?;
        }
        Ok(())
    }
}
