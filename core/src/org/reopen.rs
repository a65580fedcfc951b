//! Going on after a restore: the ledger says which head it could not reach, and takes another name.

use super::event::OrgEvent;
use crate::access::{Action, Reach};
use crate::explain::{Explain, Kind};
use crate::ledger::checkpoint::{self, continues};
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::note::Checkpoint;
use crate::ledger::{Command, Failure, Work, audit, tree};
use crate::store::{StoreError, StoreResult, fetch_one};

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
        if access.reach(Action::Configure) != Reach::Whole {
            return Err(Failure::Refused(Refusal::NotPermitted));
        }
        let origin = log_origin(work).await?;
        let named = base(&origin).filter(|named| base(&self.former.origin).as_ref() == Some(named));
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
        Ok(begin_epoch(work, &named, self.former).await?)
    }
}

/// Begins a new epoch of a ledger that was just restored: the first entry after a restoration names the head from which it goes on. Whatever
/// was recorded after the backup, and is lost, has another continuation; under another name nobody takes the one for the other.
#[derive(Debug, Clone)]
pub struct ReopenRestored {
    /// How many entries the backup had.
    pub size: u64,
    /// The root over them.
    pub root: tree::Hash,
}

impl Command for ReopenRestored {
    type Answer = String;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<String, Failure<Refusal>> {
        let access = work.access().clone();
        if access.reach(Action::Configure) != Reach::Whole {
            return Err(Failure::Refused(Refusal::NotPermitted));
        }
        let origin = log_origin(work).await?;
        let Some(named) = base(&origin) else {
            return Err(Failure::Refused(Refusal::Foreign(origin)));
        };
        let former = Checkpoint {
            origin,
            size: self.size,
            root: self.root,
        };
        Ok(begin_epoch(work, &named, former).await?)
    }
}

/// The name under which checkpoints are signed at present.
async fn log_origin(work: &mut Work) -> StoreResult<String> {
    let org = work.access().org();
    let (origin,): (String,) = fetch_one!(
        work.tx(),
        (String,),
        "SELECT log_origin FROM org WHERE org_id = $1",
        org
    )?;
    Ok(origin)
}

/// What the names of all epochs of a ledger have in common: all but the last part.
fn base(origin: &str) -> Option<String> {
    origin.rsplit_once('/').map(|(base, _)| base.to_owned())
}

async fn begin_epoch(work: &mut Work, named: &str, former: Checkpoint) -> StoreResult<String> {
    let access = work.access().clone();
    let org = access.org();
    let given_up = former
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
        former_origin: former.origin,
        former_size: former.size,
        former_root: tree::hex(&former.root),
    };
    work.record(Fact::now(Stream::Org(org), Event::Org(event), Vec::new()))
        .await?;
    Ok(origin)
}

impl From<Refusal> for Failure<Refusal> {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
