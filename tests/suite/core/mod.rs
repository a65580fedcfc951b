//! What the core promises, on both engines.

mod chat_links;
mod codes;
mod confirms;
mod connections;
mod counts;
mod custody;
mod deliveries;
mod devices;
mod ends;
pub(crate) mod evidence;
mod facts;
mod feed;
mod group;
mod guards;
mod halt;
mod help_desk;
mod inbox;
mod installs;
mod ledger;
mod lifecycle;
mod lint;
mod past;
mod reading;
mod rebuilt;
mod rights;
mod scope;
mod search;
mod security;
pub(crate) mod tickets;
mod trail;
mod uniqueness;

use std::fmt::Debug;
use std::sync::Arc;

use habeo_core::asset::command::{Act, Command, Observation, Sanitization};
use habeo_core::asset::decide::Refusal;
use habeo_core::asset::steps::{Done, Step, Steps};
use habeo_core::asset::{
    AssignmentKind, Condition, LossKind, RepairBy, SanitizationMethod, State, Target,
};
use habeo_core::id::{AssetId, ObservationId, PersonId};
use habeo_core::ledger::RecordError;
use habeo_tests::builders::{College, command};
use habeo_tests::must;

/// The rule that said no.
#[track_caller]
pub(crate) fn refusal<T: Debug, R: Debug>(result: Result<T, RecordError<R>>) -> R {
    match result {
        Err(RecordError::Refused(refusal)) => refusal,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

pub(crate) fn deploy(to: PersonId) -> Act {
    Act::Deploy {
        target: Target::Person(to),
        kind: AssignmentKind::Permanent,
        location: None,
    }
}

pub(crate) fn give_back() -> Act {
    Act::Return {
        condition: Condition::Good,
        location: None,
    }
}

fn repair_out() -> Act {
    Act::RepairOut {
        by: RepairBy::Bench,
        rma_no: None,
    }
}

fn repair_in() -> Act {
    Act::RepairIn {
        condition: Condition::Fair,
    }
}

fn missing(college: &College) -> Act {
    Act::ReportMissing {
        kind: LossKind::Lost,
        discovered_on: college.db.ledger.clock().now().day(),
        police_no: None,
    }
}

fn found(college: &College) -> Act {
    let now = college.db.ledger.clock().now();
    Act::Found {
        observation: Observation {
            id: ObservationId::generate(now, college.db.ledger.random()),
            raw_code: "WMK-1".to_owned(),
            location: Some(college.places.workshop),
            occurred_at: now,
        },
        handed_to: None,
    }
}

fn loan(college: &College, days: i64) -> Act {
    Act::Loan {
        target: Target::Person(college.people.cleo),
        due_at: college.db.ledger.clock().now().plus_days(days),
    }
}

fn sanitized(college: &College) -> Sanitization {
    Sanitization {
        method: SanitizationMethod::Purge,
        certificate_no: "C-17".to_owned(),
        by: college.people.ada,
        verified_by: college.people.ben,
    }
}

/// The commands that lead from a registered asset to a state; `in_transit` and `missing` come from `in_use`, `in_repair` from the shelf.
fn path(college: &College, state: State) -> Vec<Act> {
    let ada = college.people.ada;
    match state {
        State::Ordered | State::Received | State::InStock => vec![],
        State::InUse => vec![deploy(ada)],
        State::OnLoan => vec![loan(college, 7)],
        State::InTransit => vec![
            deploy(ada),
            Act::Dispatch {
                to: college.places.north,
            },
        ],
        State::InRepair => vec![repair_out()],
        State::Missing => vec![deploy(ada), missing(college)],
        State::Retired => vec![Act::Retire],
        State::Surplus => vec![
            Act::Retire,
            Act::Surplus {
                approved_by: ada,
                sanitization: None,
            },
        ],
        State::Disposed => vec![
            missing(college),
            Act::WriteOff {
                approved_by: [ada, college.people.ben],
                investigation_closed: true,
            },
        ],
        State::Void => vec![Act::Void {
            approved_by: [ada, college.people.ben],
        }],
    }
}

/// Brings an asset into a state in one transaction and returns it with the entry that began it.
async fn asset_in(college: &College, state: State, before: Vec<Act>) -> Done {
    let new = college.asset("Oscilloscope");
    let id = new.id();
    let first = match state {
        State::Ordered => new.order(),
        State::Received => new.untagged().command(),
        _ => new.command(),
    };
    let rest = before.into_iter().chain(path(college, state));
    let commands = std::iter::once(first).chain(rest.map(|act| command(id, act)));
    let done = all(college, commands.collect()).await;
    assert_eq!(college.state(id).await, state);
    must(done.first().copied().ok_or("no commands"))
}

/// Carries out several commands in one transaction.
pub(crate) async fn all(college: &College, commands: Vec<Command>) -> Vec<Done> {
    must(try_all(college, commands).await)
}

async fn try_all(
    college: &College,
    commands: Vec<Command>,
) -> Result<Vec<Done>, RecordError<habeo_core::asset::steps::StepsRefusal>> {
    let steps = commands
        .into_iter()
        .map(|command| Step {
            command,
            past: None,
        })
        .collect();
    let steps = Steps(Arc::new(steps));
    college.db.ledger.record(&college.access, steps).await
}

/// Tries a command that must be refused.
async fn refused(college: &College, asset: AssetId, act: Act) -> Refusal {
    refusal(college.try_act(asset, act).await)
}
