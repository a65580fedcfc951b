//! Carrying out commands to assets: load what the rules ask for, decide, record. One command or a thousand take the same way.

use std::sync::Arc;

use super::command::Command;
use super::decide::{Moment, Refusal, decide};
use super::known::Known;
use crate::access::{Access, Actor};
use crate::explain::{Explain, Kind};
use crate::id::{AssetId, AssignmentId, EventId, HoldId};
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{self, Desk, Failure, Work};
use crate::org;
use crate::time::Timestamp;

/// How many of many steps are decided while those before them are being written.
const STEPS_DECIDED_TOGETHER: usize = 256;
/// After how many steps deciding lets writing go on.
const STEPS_WITHOUT_PAUSE: usize = 8;

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
        carry_out(work.tx_and_desk().1, &mut known, &self, &actor)
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
        for part in self.0.chunks(STEPS_DECIDED_TOGETHER) {
            // Deciding is our own computing and writing the database's: they go side by side.
            work.write_while(async |desk| {
                decide_all(desk, &mut known, access.actor(), part, &mut done).await
            })
            .await?
            .map_err(|failure| in_place(done.len(), failure))?;
        }
        Ok(done)
    }
}

async fn decide_all(
    desk: &mut Desk,
    known: &mut Known,
    caller: &Actor,
    steps: &[Step],
    done: &mut Vec<Done>,
) -> Result<(), Failure<Refusal>> {
    for step in steps {
        let actor = match &step.past {
            Some((actor, at)) => {
                desk.pretend_now(*at);
                actor
            }
            None => caller,
        };
        done.push(carry_out(desk, known, &step.command, actor)?);
        if done.len().is_multiple_of(STEPS_WITHOUT_PAUSE) {
            // The other side takes a word now and then to be sent on with its next statement.
            tokio::task::yield_now().await;
        }
    }
    Ok(())
}

fn in_place(position: usize, failure: Failure<Refusal>) -> Failure<StepsRefusal> {
    match failure {
        Failure::Refused(refusal) => Failure::Refused(StepsRefusal::Step { position, refusal }),
        Failure::Store(error) => Failure::Store(error),
    }
}

async fn load<R>(work: &mut Work, commands: &[&Command]) -> Result<Known, Failure<R>> {
    let access = work.access().clone();
    let (tx, desk) = work.tx_and_desk();
    Ok(Known::load(tx, &access, &mut desk.assets, commands).await?)
}

fn carry_out(
    desk: &mut Desk,
    known: &mut Known,
    command: &Command,
    actor: &Actor,
) -> Result<Done, Failure<Refusal>> {
    let moment = Moment {
        now: desk.now(),
        assignment: AssignmentId::generate(desk.now(), desk.random()),
        hold: HoldId::generate(desk.now(), desk.random()),
    };
    let events =
        decide(desk.assets.get(command.asset), command, known, moment).map_err(Failure::Refused)?;
    let mut done = None;
    for event in events {
        let owner = desk
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
            event: Event::Asset(event),
            occurred_at: command.occurred_at,
            remark: command.words().map_err(Failure::Refused)?,
        };
        let (recorded, event) = desk.record_of_asset(actor, fact)?;
        if let Some(asset) = desk.assets.get(command.asset) {
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
