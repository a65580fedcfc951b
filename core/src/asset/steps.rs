//! Carrying out commands to assets: load what the rules ask for, decide, record. One command or a thousand take the same way.

use std::sync::Arc;

use super::command::Command;
use super::decide::{Moment, Refusal, decide};
use super::known::Known;
use crate::access::{Access, Actor};
use crate::explain::{Explain, Kind};
use crate::id::{AssetId, AssignmentId, EventId, HoldId};
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{self, Failure, Work};
use crate::org;
use crate::time::Timestamp;

/// What a command left in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    /// The asset.
    pub asset: AssetId,
    /// The entry.
    pub event: EventId,
    /// Its index.
    pub index: i64,
}

impl ledger::Command for Command {
    type Answer = Done;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<Done, Failure<Refusal>> {
        let actor = work.access().actor().clone();
        let mut known = load(work, &[&self]).await?;
        carry_out(work, &mut known, &self, &actor).await
    }
}

/// One of many commands.
#[derive(Debug, Clone)]
pub struct Step {
    /// What to do.
    pub command: Command,
    /// By whom and when, where that is not the caller and now. Only a sandbox has such a past.
    pub past: Option<(Actor, Timestamp)>,
}

/// Many commands in one transaction: all of them, or none.
#[derive(Debug, Clone)]
pub struct Steps(pub Arc<Vec<Step>>);

/// Which of many commands was refused, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StepsRefusal {
    /// A rule says no.
    #[error("command {position}: {refusal}")]
    Step {
        /// Its position, from 0.
        position: usize,
        /// Why.
        refusal: Refusal,
    },
    /// Only an organisation in which everything is invented can be given a past.
    #[error("only a sandbox organization can be given a history")]
    NotASandbox,
}

impl Explain for StepsRefusal {
    fn kind(&self) -> Kind {
        match self {
            Self::Step { refusal, .. } => refusal.kind(),
            Self::NotASandbox => Kind::Forbidden,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Step { refusal, .. } => refusal.code(),
            Self::NotASandbox => "not_a_sandbox",
        }
    }
}

impl ledger::Command for Steps {
    type Answer = Vec<Done>;
    type Refusal = StepsRefusal;

    fn weight(&self) -> usize {
        self.0.len()
    }

    async fn execute(self, work: &mut Work) -> Result<Vec<Done>, Failure<StepsRefusal>> {
        let access: Access = work.access().clone();
        let has_past = self.0.iter().any(|step| step.past.is_some());
        if has_past && !org::store::own(work.tx(), &access).await?.is_sandbox {
            return Err(Failure::Refused(StepsRefusal::NotASandbox));
        }
        let commands: Vec<&Command> = self.0.iter().map(|step| &step.command).collect();
        let mut known = load(work, &commands).await?;
        let mut done = Vec::with_capacity(commands.len());
        for (position, step) in self.0.iter().enumerate() {
            let actor = match &step.past {
                Some((actor, at)) => {
                    work.pretend_now(*at);
                    actor
                }
                None => access.actor(),
            };
            let one = carry_out(work, &mut known, &step.command, actor)
                .await
                .map_err(|failure| match failure {
                    Failure::Refused(refusal) => {
                        Failure::Refused(StepsRefusal::Step { position, refusal })
                    }
                    Failure::Store(error) => Failure::Store(error),
                })?;
            done.push(one);
        }
        Ok(done)
    }
}

async fn load<R>(work: &mut Work, commands: &[&Command]) -> Result<Known, Failure<R>> {
    let access = work.access().clone();
    let (tx, shelf) = work.tx_and_assets();
    Ok(Known::load(tx, &access, shelf, commands).await?)
}

async fn carry_out(
    work: &mut Work,
    known: &mut Known,
    command: &Command,
    actor: &Actor,
) -> Result<Done, Failure<Refusal>> {
    let random = work.random();
    let moment = Moment {
        now: work.now(),
        assignment: AssignmentId::generate(work.now(), random.as_ref()),
        hold: HoldId::generate(work.now(), random.as_ref()),
    };
    let events = decide(
        work.projection.assets.get(command.asset),
        command,
        known,
        moment,
    )
    .map_err(Failure::Refused)?;
    let mut done = None;
    for event in events {
        let owner = work
            .projection
            .assets
            .get(command.asset)
            .map(|asset| asset.owning_unit_id);
        let fact = Fact {
            stream: Stream::Asset(command.asset),
            units: owner
                .or(event.first_unit())
                .into_iter()
                .chain(event.next_unit())
                .collect(),
            event: Event::Asset(event.clone()),
            occurred_at: command.occurred_at,
            remark: command.words().map_err(Failure::Refused)?,
        };
        let recorded = work.record_as(actor, fact).await?;
        if let Some(asset) = work.projection.assets.get(command.asset) {
            known.learn(asset, &event);
        }
        done = Some(Done {
            asset: command.asset,
            event: recorded.event,
            index: recorded.index,
        });
    }
    done.ok_or(Failure::Refused(Refusal::Unknown))
}
