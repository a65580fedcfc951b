//! What the ledger holds can be read for ever: every fact parses, and says the same bytes again.

use std::collections::BTreeSet;

use habeo_core::asset::State;
use habeo_core::asset::command::{Act, Command, FieldValue};
use habeo_core::asset::{Condition, HoldKind};
use habeo_core::ledger::event::Event;
use habeo_core::ledger::tree;
use habeo_tests::builders::{College, command, serial, tag};
use habeo_tests::{both_engines, must};
use serde_json::Value;

use super::{all, asset_in, found, give_back, repair_in};

/// Leaves every sort of fact behind.
async fn everything(college: &College) {
    for state in State::ALL.iter().copied() {
        let done = asset_in(
            college,
            state,
            vec![Act::PlaceHold {
                kind: HoldKind::Sponsor,
            }],
        )
        .await;
        let asset = done.asset;
        let ways_on = match state {
            State::Ordered => vec![
                Act::Receive {
                    serial: Some(serial("SN-424242")),
                    serial_waived: false,
                    location: None,
                },
                Act::Retire,
            ],
            State::Received => vec![
                Act::Tag {
                    tag: tag("F-1"),
                    scanned_back: "F1".to_owned(),
                },
                Act::Retag { tag: tag("F-2") },
            ],
            State::InUse => vec![
                Act::Move {
                    location: college.places.library,
                    observation: None,
                },
                give_back(),
            ],
            State::OnLoan => vec![
                Act::Renew {
                    due_at: college.db.ledger.clock().now().plus_days(90),
                },
                give_back(),
            ],
            State::InTransit => vec![Act::Arrive { at: None }],
            State::InRepair => vec![repair_in()],
            State::Missing => vec![found(college)],
            State::Retired => vec![Act::Reinstate { tag_attached: true }],
            State::InStock => vec![
                Act::ChangeFields(vec![
                    FieldValue::Serial(None),
                    FieldValue::Model(None),
                    FieldValue::CostMinor(Some(129_900)),
                    FieldValue::WarrantyEndsOn(Some(must("2027-01-31".parse()))),
                    FieldValue::Unit(college.units.music),
                ]),
                Act::Correct {
                    of: done.event,
                    fields: vec![
                        FieldValue::Condition(Condition::Fair),
                        FieldValue::PoNo(None),
                    ],
                },
            ],
            State::Surplus | State::Disposed | State::Void => Vec::new(),
        };
        all(
            college,
            ways_on.into_iter().map(|act| command(asset, act)).collect(),
        )
        .await;
        let note = Command {
            remark: Some("\u{1f4a1} \"quoted\" \\ and\nlined".to_owned()),
            ..command(asset, Act::Note)
        };
        all(college, vec![note]).await;
    }
    let ordered = asset_in(college, State::Ordered, Vec::new()).await.asset;
    college.act(ordered, Act::Cancel).await;
    college
        .member(
            "Una Example",
            college.units.arts,
            &[(habeo_core::access::Role::Auditor, college.units.arts)],
        )
        .await;
}

both_engines! {
    /// Each entry is read into its typed fact, written again, and is the same to the byte.
    async fn every_entry_parses_and_says_the_same_again(db: TestDb) {
        let college = College::found(&db).await;
        everything(&college).await;
        let mut kinds = BTreeSet::new();
        let mut raw = db.raw().await;
        let stored = raw.texts("SELECT bytes FROM ledger_entry ORDER BY log_index").await;
        for bytes in &stored {
            let mut entry: Value = must(serde_json::from_str(bytes));
            assert_eq!(&must(tree::canonical(&entry)), bytes, "not canonical");
            let kind = must(entry["type"].as_str().ok_or("no type")).to_owned();
            let event = must(Event::from_stored(&kind, entry["payload"].clone()));
            let mut again = must(serde_json::to_value(&event));
            assert_eq!(again["type"], kind);
            entry["payload"] = again["payload"].take();
            assert_eq!(&must(tree::canonical(&entry)), bytes);
            kinds.insert(kind);
        }
        for kind in [
            "asset.ordered", "asset.registered", "asset.received", "asset.tagged", "asset.retagged", "asset.deployed", "asset.loaned", "asset.renewed",
            "asset.returned", "asset.dispatched", "asset.arrived", "asset.missing", "asset.found", "asset.retired", "asset.reinstated", "asset.surplused",
            "asset.cancelled", "asset.voided", "asset.moved", "asset.noted", "asset.field_changed", "asset.corrected", "org.created", "unit.created",
            "location.created", "person.registered", "grant.given",
        ] {
            assert!(kinds.contains(kind), "no {kind} among {kinds:?}");
        }
    }

    /// A type that this program does not know is refused, not guessed.
    async fn an_unknown_fact_is_refused(db: TestDb) {
        drop(db);
        for kind in ["asset.teleported", "unheard.of", "", "asset"] {
            assert!(Event::from_stored(kind, Value::Null).is_err(), "{kind}");
        }
    }
}
