//! Carrying out commands to assets: load what the rules ask for, decide, record. One command or a thousand take the same way.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::command::Command;
use super::decide::{Moment, Refusal, decide};
use super::known::Known;
use super::world::serial_claim;
use crate::access::{Access, Actor};
use crate::explain::{Explain, Kind};
use crate::id::{AssetId, AssignmentId, EventId, HoldId};
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{self, AtDesk, Desk, Failure, Wanted, Work};
use crate::org;
use crate::time::Timestamp;

/// How many of many steps are decided while those before them are being written.
const STEPS_DECIDED_TOGETHER: usize = 256;
/// After how many steps deciding lets writing go on.
const STEPS_WITHOUT_PAUSE: usize = 8;

/// What a command left in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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

    fn at_desk(&self) -> Option<Box<dyn AtDesk<Done, Refusal> + '_>> {
        Some(Box::new(self))
    }

    async fn execute(self, work: &mut Work) -> Result<Done, Failure<Refusal>> {
        let mut wanted = Wanted::default();
        wanted.assets.command(work.access(), &self);
        work.load(wanted).await?;
        self.decide(work.desk())
    }
}

impl AtDesk<Done, Refusal> for Command {
    fn want(&self, access: &Access, wanted: &mut Wanted) {
        wanted.assets.command(access, self);
    }

    fn decide(&self, desk: &mut Desk) -> Result<Done, Failure<Refusal>> {
        let actor = desk.access().actor().clone();
        carry_out(desk, self, &actor)
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
        let mut wanted = Wanted::default();
        for step in self.0.iter() {
            wanted.assets.command(&access, &step.command);
        }
        work.load(wanted).await?;
        let mut done = Vec::with_capacity(self.0.len());
        for part in self.0.chunks(STEPS_DECIDED_TOGETHER) {
            // Deciding is our own computing and writing the database's: they go side by side.
            work.write_while(async |desk| decide_all(desk, access.actor(), part, &mut done).await)
                .await?
                .map_err(|failure| in_place(done.len(), failure))?;
        }
        Ok(done)
    }
}

async fn decide_all(
    desk: &mut Desk,
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
        done.push(carry_out(desk, &step.command, actor)?);
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

/// Carries out commands for whoever is given, with the access that they have now: for a command of another noun that causes them.
pub(crate) async fn carry_out_for(
    work: &mut Work,
    access: &Access,
    actor: &Actor,
    commands: &[Command],
) -> Result<Vec<Done>, Failure<Refusal>> {
    let mut wanted = Wanted::default();
    for command in commands {
        wanted.assets.command(access, command);
    }
    work.load(wanted).await?;
    let former = work.seat(access.clone());
    let desk = work.desk();
    let done = commands
        .iter()
        .map(|command| carry_out(desk, command, actor))
        .collect();
    work.seat(former);
    done
}

/// Carries out one command at the desk, for which it must have been loaded. A refused one has left nothing.
pub(crate) fn carry_out(
    desk: &mut Desk,
    command: &Command,
    actor: &Actor,
) -> Result<Done, Failure<Refusal>> {
    let moment = Moment {
        now: desk.now(),
        assignment: AssignmentId::generate(desk.now(), desk.random()),
        hold: HoldId::generate(desk.now(), desk.random()),
    };
    let known = Known::new(&desk.world, desk.access());
    let asset = desk.assets.get(command.asset);
    let events = decide(asset, command, &known, moment).map_err(Failure::Refused)?;
    let mut done = None;
    for event in events {
        let before = desk.assets.get(command.asset);
        let owner = before.map(|asset| asset.owning_unit_id);
        let claim = before.and_then(serial_claim);
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
            desk.world.learn(claim.as_ref(), asset, &event);
        }
        done = Some(Done {
            asset: command.asset,
            event: recorded.event,
            index: recorded.index,
        });
    }
    done.ok_or(Failure::Refused(Refusal::Unknown))
}
