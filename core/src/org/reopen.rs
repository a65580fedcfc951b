//! Going on after a restore: the ledger says which head it could not reach, and takes another name.

use super::event::OrgEvent;
use crate::access::{Action, Reach};
use crate::explain::{Explain, Kind};
use crate::ledger::checkpoint::{self, continues};
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::note::Checkpoint;
use crate::ledger::{Command, Failure, Work, audit, tree};
use crate::store::{StoreError, fetch_one};

/// Begins a new epoch of a ledger that was restored from a copy older than its last signed checkpoint.
#[derive(Debug, Clone)]
pub struct ReopenLog {
    /// The last signed checkpoint, with its signature checked.
    pub former: Checkpoint,
}

/// Why no new epoch was begun.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Only the operator and administrators may.
    #[error("you may not begin a new epoch of the ledger")]
    NotPermitted,
    /// The ledger reaches the checkpoint, so nothing was lost.
    #[error("the ledger of {0} entries contains that checkpoint; there is nothing to give up")]
    NothingLost(u64),
    /// The checkpoint is another ledger's.
    #[error("the checkpoint is of {0}, which is not this ledger")]
    Foreign(String),
}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        match self {
            Self::NotPermitted => Kind::Forbidden,
            Self::NothingLost(_) => Kind::Conflict,
            Self::Foreign(_) => Kind::Unacceptable,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotPermitted => "log_not_permitted",
            Self::NothingLost(_) => "log_nothing_lost",
            Self::Foreign(_) => "log_checkpoint_foreign",
        }
    }
}

impl Command for ReopenLog {
    type Answer = String;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<String, Failure<Refusal>> {
        let access = work.access().clone();
        let org = access.org();
        if access.reach(Action::Configure) != Reach::Whole {
            return Err(Failure::Refused(Refusal::NotPermitted));
        }
        let (log_origin,): (String,) = fetch_one!(
            work.tx(),
            (String,),
            "SELECT log_origin FROM org WHERE org_id = $1",
            org
        )?;
        // All epochs of a ledger have the same name up to the last part.
        let base = |origin: &str| origin.rsplit_once('/').map(|(base, _)| base.to_owned());
        let named =
            base(&log_origin).filter(|named| base(&self.former.origin).as_ref() == Some(named));
        let Some(named) = named else {
            return Err(Failure::Refused(Refusal::Foreign(self.former.origin)));
        };
        let head = audit::head(work.tx(), &access).await?;
        let (size, root) = head.ok_or(StoreError::Inconsistent {
            table: "ledger_head",
            what: "the organisation has no ledger".to_owned(),
        })?;
        let reached = self.former.size <= size
            && continues(work.tx(), &access, &self.former, size, &root).await?;
        if reached {
            return Err(Failure::Refused(Refusal::NothingLost(size)));
        }
        let given_up = self
            .former
            .origin
            .rsplit('/')
            .next()
            .and_then(|epoch| epoch.parse::<u32>().ok());
        let last = checkpoint::epochs(work.tx(), &access)
            .await?
            .last()
            .map_or(1, |epoch| epoch.epoch);
        // The lost entries may have begun epochs of their own, whose names must not be taken again.
        let epoch = given_up.unwrap_or(1).max(u32::try_from(last).unwrap_or(1)) + 1;
        let origin = format!("{named}/{epoch}");
        let event = OrgEvent::LogReopened {
            epoch,
            log_origin: origin.clone(),
            former_origin: self.former.origin,
            former_size: self.former.size,
            former_root: tree::hex(&self.former.root),
        };
        work.record(Fact::now(Stream::Org(org), Event::Org(event), Vec::new()))
            .await?;
        Ok(origin)
    }
}

impl From<Refusal> for Failure<Refusal> {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
