//! Every command in every state: what is allowed leads where it should, and nothing else is allowed.

use habeo_core::asset::command::{Act, Command, FieldValue};
use habeo_core::asset::decide::Refusal;
use habeo_core::asset::steps::Done;
use habeo_core::asset::{Condition, DispositionMethod, HoldKind, State};
use habeo_core::explain::Explain;
use habeo_core::id::{HoldId, PersonId};
use habeo_core::ledger::RecordError;
use habeo_core::text::Tag;
use habeo_tests::builders::{College, command};
use habeo_tests::{both_engines, must};

use super::{
    all, asset_in, deploy, found, give_back, loan, missing, refusal, repair_in, repair_out,
};

use State as S;

const SAME_IN_ALL: &[State] = State::ALL;
const LIVE: &[State] = &[
    S::Ordered,
    S::Received,
    S::InStock,
    S::InUse,
    S::OnLoan,
    S::InTransit,
    S::InRepair,
    S::Missing,
    S::Retired,
    S::Surplus,
];

/// From where to where each command leads; taken from the domain's own table, not from the program's.
const CHANGES: &[(&str, &[(State, State)])] = &[
    ("receive", &[(S::Ordered, S::Received)]),
    ("tag", &[(S::Received, S::InStock)]),
    ("deploy", &[(S::InStock, S::InUse)]),
    ("loan", &[(S::InStock, S::OnLoan)]),
    ("renew", &[(S::OnLoan, S::OnLoan)]),
    ("reassign", &[(S::InUse, S::InUse)]),
    ("return", &[(S::InUse, S::InStock), (S::OnLoan, S::InStock)]),
    (
        "dispatch",
        &[(S::InStock, S::InTransit), (S::InUse, S::InTransit)],
    ),
    ("arrive", &[(S::InTransit, S::InUse)]),
    (
        "repair_out",
        &[
            (S::InStock, S::InRepair),
            (S::InUse, S::InRepair),
            (S::OnLoan, S::InRepair),
        ],
    ),
    ("repair_in", &[(S::InRepair, S::InStock)]),
    (
        "report_missing",
        &[
            (S::Received, S::Missing),
            (S::InStock, S::Missing),
            (S::InUse, S::Missing),
            (S::OnLoan, S::Missing),
            (S::InTransit, S::Missing),
            (S::InRepair, S::Missing),
        ],
    ),
    ("found", &[(S::Missing, S::InStock)]),
    ("write_off", &[(S::Missing, S::Disposed)]),
    (
        "retire",
        &[
            (S::Received, S::Retired),
            (S::InStock, S::Retired),
            (S::InRepair, S::Retired),
        ],
    ),
    ("reinstate", &[(S::Retired, S::InStock)]),
    ("to_surplus", &[(S::Retired, S::Surplus)]),
    (
        "dispose",
        &[(S::Retired, S::Disposed), (S::Surplus, S::Disposed)],
    ),
    ("cancel", &[(S::Ordered, S::Void)]),
    ("void", &[(S::Received, S::Void), (S::InStock, S::Void)]),
];

/// Where the commands are allowed that change no state.
const STAYS: &[(&str, &[State])] = &[
    (
        "move",
        &[
            S::Received,
            S::InStock,
            S::InUse,
            S::OnLoan,
            S::InRepair,
            S::Retired,
            S::Surplus,
        ],
    ),
    ("acknowledge", &[S::InUse, S::OnLoan]),
    ("note", SAME_IN_ALL),
    (
        "retag",
        &[S::InStock, S::InUse, S::OnLoan, S::InTransit, S::InRepair],
    ),
    ("place_hold", LIVE),
    ("release_hold", SAME_IN_ALL),
    ("change_fields", LIVE),
    ("correct", SAME_IN_ALL),
];

/// Where a command leads from a state, if anywhere.
fn leads_to(name: &str, from: State) -> Option<State> {
    let changes = CHANGES.iter().find(|(command, _)| *command == name);
    let change = changes.and_then(|(_, pairs)| pairs.iter().find(|(start, _)| *start == from));
    let stays = STAYS
        .iter()
        .any(|(command, states)| *command == name && states.contains(&from));
    change.map(|(_, to)| *to).or(stays.then_some(from))
}

fn names() -> impl Iterator<Item = &'static str> {
    let changes = CHANGES.iter().map(|(name, _)| *name);
    changes.chain(STAYS.iter().map(|(name, _)| *name))
}

/// A command by its name, with everything its guards ask for.
async fn act(college: &College, name: &str, asset: Done) -> Act {
    let people = college.people;
    let both = [people.ada, people.ben];
    let fresh = || Tag::issue("WMK", 900_000 + college.number());
    match name {
        "receive" => Act::Receive {
            serial: None,
            serial_waived: false,
            location: None,
        },
        "tag" => {
            let tag = fresh();
            Act::Tag {
                scanned_back: tag.as_str().to_lowercase(),
                tag,
            }
        }
        "deploy" => deploy(people.ben),
        "loan" => loan(college, 3),
        "renew" => Act::Renew {
            due_at: college.db.ledger.clock().now().plus_days(30),
        },
        "reassign" => match deploy(people.ben) {
            Act::Deploy {
                target,
                kind,
                location,
            } => Act::Reassign {
                target,
                kind,
                location,
            },
            other => other,
        },
        "return" => give_back(),
        "dispatch" => Act::Dispatch {
            to: college.places.north,
        },
        "arrive" => Act::Arrive { at: None },
        "repair_out" => repair_out(),
        "repair_in" => repair_in(),
        "report_missing" => missing(college),
        "found" => found(college),
        "write_off" => Act::WriteOff {
            approved_by: both,
            investigation_closed: true,
        },
        "retire" => Act::Retire,
        "reinstate" => Act::Reinstate { tag_attached: true },
        "to_surplus" => Act::Surplus {
            approved_by: people.ada,
            sanitization: None,
        },
        "dispose" => Act::Dispose {
            method: DispositionMethod::Recycle,
            approved_by: both,
            tag_removed: true,
            sale_price_minor: None,
        },
        "cancel" => Act::Cancel,
        "void" => Act::Void { approved_by: both },
        "move" => Act::Move {
            location: college.places.workshop,
            observation: None,
        },
        "acknowledge" => Act::Acknowledge,
        "note" => Act::Note,
        "retag" => Act::Retag { tag: fresh() },
        "place_hold" => Act::PlaceHold {
            kind: HoldKind::Sponsor,
        },
        "release_hold" => Act::ReleaseHold {
            hold: open_hold(college, asset).await,
        },
        "change_fields" => Act::ChangeFields(vec![FieldValue::Condition(Condition::Poor)]),
        "correct" => Act::Correct {
            of: asset.event,
            fields: vec![FieldValue::Description("Better".to_owned())],
        },
        other => panic!("no such command: {other}"),
    }
}

async fn open_hold(college: &College, asset: Done) -> HoldId {
    let mut raw = college.db.raw().await;
    let hex = match raw {
        habeo_tests::raw::Raw::Sqlite(_) => "lower(hex(id))",
        habeo_tests::raw::Raw::Postgres(_) => "replace(id::text, '-', '')",
    };
    let sql = format!(
        "SELECT {hex} FROM hold WHERE asset_id = {}",
        raw.id(asset.asset.uuid())
    );
    let id = must(raw.texts(&sql).await.pop().ok_or("no hold"));
    HoldId::from_uuid(must(uuid::Uuid::parse_str(&id)))
}

async fn attempt(college: &College, name: &str, asset: Done) -> Result<Done, RecordError<Refusal>> {
    let command = Command {
        remark: (name == "note").then(|| "Looked at it".to_owned()),
        ..command(asset.asset, act(college, name, asset).await)
    };
    let holder = college.detail(asset.asset).await.target_id;
    let access = match holder.filter(|_| name == "acknowledge") {
        // Only the holder says this.
        Some(holder) => college.access_as(PersonId::from_uuid(holder)).await,
        None => college.access.clone(),
    };
    college.db.ledger.record(&access, command).await
}

both_engines! {
    /// All pairs of a state and a command. A sponsor's hold is on each, so that there is one to release; it forbids disposal alone.
    async fn every_command_is_allowed_exactly_where_the_table_says(db: TestDb) {
        let college = College::found(&db).await;
        for from in State::ALL.iter().copied() {
            let hold = || vec![Act::PlaceHold { kind: HoldKind::Sponsor }];
            let expected: Vec<&str> = names().filter(|name| leads_to(name, from).is_some()).collect();
            let untouched = asset_in(&college, from, hold()).await;
            for name in names() {
                let Some(to) = leads_to(name, from) else {
                    let refusal = refusal(attempt(&college, name, untouched).await);
                    assert_eq!(refusal.code(), "invalid_transition", "{name} when {from}");
                    let Refusal::InvalidTransition { command, state, mut allowed } = refusal else { continue };
                    let mut expected = expected.clone();
                    allowed.sort_unstable();
                    expected.sort_unstable();
                    assert_eq!((command, state, allowed), (name, from, expected));
                    continue;
                };
                let before = if name == "dispose" { Vec::new() } else { hold() };
                let asset = asset_in(&college, from, before).await;
                must(attempt(&college, name, asset).await);
                assert_eq!(college.state(asset.asset).await, to, "{name} when {from}");
            }
            assert_eq!(college.state(untouched.asset).await, from);
        }
    }

    /// What exists cannot be registered or ordered again, whatever became of it.
    async fn nothing_is_created_twice(db: TestDb) {
        let college = College::found(&db).await;
        for state in [S::Ordered, S::InStock, S::Disposed, S::Void] {
            let asset = asset_in(&college, state, Vec::new()).await.asset;
            for new in [college.asset("Again").command(), college.asset("Again").order()] {
                let again = Command { asset, ..new };
                let refusal = refusal(db.ledger.record(&college.access, again).await);
                assert_eq!(refusal, Refusal::Exists);
            }
        }
    }

    /// From transit and from repair an asset goes back to what it was: with its custody where it had one.
    async fn interruptions_end_where_they_began(db: TestDb) {
        let college = College::found(&db).await;
        let to = Act::Dispatch { to: college.places.north };
        for (start, out, back) in [
            (S::InStock, to.clone(), Act::Arrive { at: None }),
            (S::InUse, to, Act::Arrive { at: None }),
            (S::InStock, repair_out(), repair_in()),
            (S::InUse, repair_out(), repair_in()),
            (S::OnLoan, repair_out(), repair_in()),
        ] {
            let asset = asset_in(&college, start, Vec::new()).await.asset;
            all(&college, vec![command(asset, out), command(asset, back)]).await;
            assert_eq!(college.state(asset).await, start);
        }
    }
}
