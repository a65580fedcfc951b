//! That the ledger was given away as a file is itself a fact of it.

use super::event::OrgEvent;
use crate::access::{Action, Reach};
use crate::explain::{Explain, Kind};
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{Command, Failure, Work};

/// Records that the ledger was exported.
#[derive(Debug, Clone, Copy)]
pub struct NoteExport {
    /// How many entries the export has.
    pub size: u64,
}

/// Why an export was not recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Only auditors of the whole organisation and the operator may.
    #[error("you may not export the ledger")]
    NotPermitted,
}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        Kind::Forbidden
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotPermitted => "ledger_export_not_permitted",
        }
    }
}

impl Command for NoteExport {
    type Answer = ();
    type Refusal = Refusal;

    fn is_change(&self) -> bool {
        false
    }

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        if work.access().reach(Action::ReadLedger) != Reach::Whole {
            return Err(Failure::Refused(Refusal::NotPermitted));
        }
        let org = work.access().org();
        let event = OrgEvent::LedgerExported { size: self.size };
        work.record(Fact::now(Stream::Org(org), Event::Org(event), Vec::new()))
            .await?;
        Ok(())
    }
}
