//! The guards of the commands: what else must be true beside the state.

use habeo_core::asset::command::{Act, Command, FieldValue};
use habeo_core::asset::decide::Refusal;
use habeo_core::asset::{
    Acquisition, AssignmentKind, Condition, DispositionMethod, HoldKind, IdentifierKind, LossKind,
    State, Target,
};
use habeo_core::explain::Explain;
use habeo_core::id::{AssetId, EventId, LocationId, PersonId};
use habeo_core::ledger::RecordError;
use habeo_core::org::command::CreateOrg;
use habeo_core::time::{SECOND_MICROS, Timestamp};
use habeo_tests::builders::{College, command, serial, tag};
use habeo_tests::{both_engines, must};
use uuid::Uuid;

use super::{asset_in, deploy, found, give_back, loan, refusal, refused, repair_out, sanitized};

async fn hold(college: &College, asset: AssetId, kind: HoldKind) {
    college.act(asset, Act::PlaceHold { kind }).await;
}

fn dispose(approved_by: [PersonId; 2], tag_removed: bool) -> Act {
    Act::Dispose {
        method: DispositionMethod::Donation,
        approved_by,
        tag_removed,
        sale_price_minor: None,
    }
}

async fn at(college: &College, asset: AssetId, act: Act, when: Timestamp) -> Result<(), Refusal> {
    let command = Command {
        occurred_at: Some(when),
        ..command(asset, act)
    };
    match college.db.ledger.record(&college.access, command).await {
        Ok(_) => Ok(()),
        failed => Err(refusal(failed)),
    }
}

both_engines! {
    /// Which hold forbids what.
    async fn holds_forbid_what_they_are_for(db: TestDb) {
        let college = College::found(&db).await;
        let both = [college.people.ada, college.people.ben];
        let write_off = Act::WriteOff { approved_by: both, investigation_closed: true };
        let cases: [(State, Act, &[HoldKind]); 5] = [
            (State::InStock, deploy(college.people.ada), &[HoldKind::Legal, HoldKind::Quarantine]),
            (State::InStock, loan(&college, 1), &[HoldKind::Legal, HoldKind::Quarantine, HoldKind::Reservation]),
            (State::InStock, Act::Retire, &[HoldKind::Legal]),
            (State::Missing, write_off, &[HoldKind::Legal, HoldKind::Investigation]),
            (State::Retired, dispose(both, true), &[HoldKind::Legal, HoldKind::Investigation, HoldKind::Sponsor]),
        ];
        for (state, act, forbidding) in cases {
            for kind in HoldKind::ALL.iter().copied() {
                let asset = asset_in(&college, state, Vec::new()).await.asset;
                hold(&college, asset, kind).await;
                let outcome = college.try_act(asset, act.clone()).await;
                if forbidding.contains(&kind) {
                    assert_eq!(refusal(outcome), Refusal::Held(kind), "{} under {kind}", act.name());
                } else {
                    assert!(outcome.is_ok(), "{} under {kind}: {outcome:?}", act.name());
                }
            }
        }
    }

    /// Approvals come from two different people who are there.
    async fn two_different_people_must_approve(db: TestDb) {
        let college = College::found(&db).await;
        let people = college.people;
        let stranger = PersonId::from_uuid(Uuid::from_u128(1));
        for (approved_by, expected) in [
            ([people.ada, people.ada], Refusal::TwoPersons),
            ([people.ada, people.gone], Refusal::ReferenceUnknown("the person")),
            ([stranger, people.ada], Refusal::ReferenceUnknown("the person")),
        ] {
            for (state, act) in [
                (State::Missing, Act::WriteOff { approved_by, investigation_closed: true }),
                (State::Retired, dispose(approved_by, true)),
                (State::Received, Act::Void { approved_by }),
            ] {
                let asset = asset_in(&college, state, Vec::new()).await.asset;
                assert_eq!(refused(&college, asset, act).await, expected);
            }
        }
        let asset = asset_in(&college, State::Missing, Vec::new()).await.asset;
        let open = Act::WriteOff { approved_by: [people.ada, people.ben], investigation_closed: false };
        assert_eq!(refused(&college, asset, open).await, Refusal::InvestigationOpen);
    }

    /// What bears data leaves only after somebody removed it and somebody else looked.
    async fn data_is_removed_before_surplus(db: TestDb) {
        let college = College::found(&db).await;
        let asset = college.asset("Laptop").model(college.catalogue.notebook).serial("SN-12345").register().await;
        college.act(asset, Act::Retire).await;
        let surplus = |sanitization| Act::Surplus { approved_by: college.people.ada, sanitization };
        assert_eq!(refused(&college, asset, surplus(None)).await, Refusal::SanitizationRequired);
        let mut alone = sanitized(&college);
        alone.verified_by = alone.by;
        assert_eq!(refused(&college, asset, surplus(Some(alone))).await, Refusal::SanitizationRequired);
        let mut by_nobody = sanitized(&college);
        by_nobody.by = college.people.gone;
        assert_eq!(refused(&college, asset, surplus(Some(by_nobody))).await.code(), "asset_reference_unknown");
        college.act(asset, surplus(Some(sanitized(&college)))).await;
        assert_eq!(college.state(asset).await, State::Surplus);
    }

    /// The label comes off before an asset leaves, and must be on when it comes back.
    async fn labels_are_removed_and_kept_when_they_should_be(db: TestDb) {
        let college = College::found(&db).await;
        let both = [college.people.ada, college.people.ben];
        let tagged = asset_in(&college, State::Retired, Vec::new()).await.asset;
        assert_eq!(refused(&college, tagged, dispose(both, false)).await, Refusal::TagNotRemoved);
        assert_eq!(refused(&college, tagged, Act::Reinstate { tag_attached: false }).await, Refusal::TagNotAttached);
        let untagged = asset_in(&college, State::Received, Vec::new()).await.asset;
        college.act(untagged, Act::Retire).await;
        assert_eq!(refused(&college, untagged, Act::Reinstate { tag_attached: true }).await, Refusal::TagNotAttached);
        college.act(untagged, dispose(both, false)).await;
    }

    /// A label counts as fixed when a scanner has read it back, in whatever spelling.
    async fn a_label_is_scanned_back(db: TestDb) {
        let college = College::found(&db).await;
        let asset = asset_in(&college, State::Received, Vec::new()).await.asset;
        let label = |scanned_back: &str| Act::Tag { tag: tag("LIB-0042"), scanned_back: scanned_back.to_owned() };
        assert_eq!(refused(&college, asset, label("LIB-0043")).await, Refusal::ScanBackDiffers(tag("LIB-0042")));
        assert_eq!(refused(&college, asset, label("")).await.code(), "asset_scan_back_differs");
        college.act(asset, label("lib 0042")).await;
    }

    /// A loan is renewed twice, each time to a later day, and not while somebody waits for it.
    async fn loans_are_renewed_within_their_limits(db: TestDb) {
        let college = College::found(&db).await;
        let now = db.ledger.clock().now();
        let asset = asset_in(&college, State::OnLoan, Vec::new()).await.asset;
        let renew = |days| Act::Renew { due_at: now.plus_days(days) };
        assert_eq!(refused(&college, asset, renew(7)).await, Refusal::DueDateNotLater);
        assert_eq!(refused(&college, asset, renew(-1)).await, Refusal::DueDateNotLater);
        college.act(asset, renew(8)).await;
        hold(&college, asset, HoldKind::Reservation).await;
        assert_eq!(refused(&college, asset, renew(9)).await, Refusal::Held(HoldKind::Reservation));
        let other = asset_in(&college, State::OnLoan, Vec::new()).await.asset;
        college.act(other, renew(8)).await;
        college.act(other, renew(9)).await;
        assert_eq!(refused(&college, other, renew(10)).await, Refusal::NoRenewalsLeft);
        let stock = college.asset("Tripod").register().await;
        assert_eq!(refused(&college, stock, loan(&college, 0)).await, Refusal::DueDateNotLater);
    }

    /// A model that requires a serial number gets one, or a waiver with a reason.
    async fn a_required_serial_number_is_recorded_or_waived_with_a_reason(db: TestDb) {
        let college = College::found(&db).await;
        let receive = |serial, serial_waived| Act::Receive { serial, serial_waived, location: None };
        for (act, remark, accepted) in [
            (receive(None, false), None, false),
            (receive(None, true), None, false),
            (receive(None, false), Some("The plate is missing"), false),
            (receive(None, true), Some("The plate is missing"), true),
            (receive(Some(serial("SN-9001")), false), None, true),
        ] {
            let order = college.asset("Laptop").model(college.catalogue.notebook).order();
            let asset = order.asset;
            assert!(db.ledger.record(&college.access, order).await.is_ok());
            let command = Command { remark: remark.map(ToOwned::to_owned), ..command(asset, act) };
            let outcome = db.ledger.record(&college.access, command).await;
            if accepted {
                assert!(outcome.is_ok(), "{outcome:?}");
            } else {
                assert_eq!(refusal(outcome), Refusal::SerialRequired);
            }
        }
    }

    /// Nothing happens before what it follows, and nothing in the future.
    async fn time_runs_forward(db: TestDb) {
        let college = College::found(&db).await;
        let start = db.ledger.clock().now();
        let asset = college.asset("Clock").register().await;
        db.clock.advance_micros(100 * SECOND_MICROS);
        let second = |n: i64| start.plus_micros(n * SECOND_MICROS);
        let ada = college.people.ada;
        assert_eq!(at(&college, asset, deploy(ada), second(101)).await, Err(Refusal::TimeOutOfOrder));
        assert_eq!(at(&college, asset, deploy(ada), second(-1)).await, Err(Refusal::TimeOutOfOrder));
        assert_eq!(at(&college, asset, deploy(ada), second(50)).await, Ok(()));
        assert_eq!(at(&college, asset, give_back(), second(49)).await, Err(Refusal::TimeOutOfOrder));
        assert_eq!(at(&college, asset, give_back(), second(50)).await, Ok(()));
        assert_eq!(at(&college, asset, deploy(ada), second(60)).await, Ok(()));
    }

    /// Things are handed to those who are there, to what exists, and never to themselves.
    async fn targets_exist_and_are_there(db: TestDb) {
        let college = College::found(&db).await;
        let theirs = College::found_as(&db, "eastmark").await;
        let asset = college.asset("Guitar").register().await;
        let foreign = theirs.asset("Foreign").register().await;
        let to = |target| Act::Deploy { target, kind: AssignmentKind::Permanent, location: None };
        for (target, expected) in [
            (Target::Person(college.people.gone), Refusal::ReferenceUnknown("the person")),
            (Target::Person(theirs.people.ada), Refusal::ReferenceUnknown("the person")),
            (Target::Unit(theirs.units.physics), Refusal::ReferenceUnknown("the unit")),
            (Target::Location(theirs.places.main), Refusal::ReferenceUnknown("the place")),
            (Target::Asset(foreign), Refusal::ReferenceUnknown("the other asset")),
            (Target::Asset(asset), Refusal::TargetIsSelf),
        ] {
            assert_eq!(refused(&college, asset, to(target)).await, expected, "{target:?}");
        }
        let cart = college.asset("Cart").register().await;
        college.act(asset, to(Target::Asset(cart))).await;
        assert_eq!(college.detail(asset).await.target_name, college.detail(cart).await.tag);
    }

    /// What is in repair with somebody's custody comes back before it is retired; the answer says by what.
    async fn custody_ends_before_retirement(db: TestDb) {
        let college = College::found(&db).await;
        let asset = asset_in(&college, State::InUse, Vec::new()).await.asset;
        college.act(asset, repair_out()).await;
        let refusal = refused(&college, asset, Act::Retire).await;
        let Refusal::InvalidTransition { allowed, .. } = &refusal else { panic!("{refusal:?}") };
        for name in allowed {
            assert!(habeo_core::asset::decide::allowed(State::InRepair).contains(name), "{name} is not possible in repair");
        }
        assert!(allowed.contains(&"repair_in") && !allowed.contains(&"retire"));
    }

    /// What was in custody is not void, whatever its state is now.
    async fn what_was_in_custody_is_not_voided(db: TestDb) {
        let college = College::found(&db).await;
        let asset = asset_in(&college, State::InUse, Vec::new()).await.asset;
        college.act(asset, give_back()).await;
        let void = Act::Void { approved_by: [college.people.ada, college.people.ben] };
        assert_eq!(refused(&college, asset, void).await, Refusal::HasHistory);
    }

    /// Gifts and things that were found need to say where they come from; a note needs words; a correction names an entry of this asset.
    async fn what_needs_an_explanation_has_one(db: TestDb) {
        let college = College::found(&db).await;
        let gift = college.asset("Harp").acquired(Acquisition::Gift);
        assert_eq!(refusal(gift.clone().try_register().await), Refusal::ProvenanceRequired);
        let explained = Command { remark: Some("From the estate of a friend".to_owned()), ..gift.command() };
        assert!(db.ledger.record(&college.access, explained).await.is_ok());
        let asset = college.asset("Flute").register().await;
        assert_eq!(refused(&college, asset, Act::Note).await, Refusal::RemarkRequired);
        let other = asset_in(&college, State::InStock, Vec::new()).await;
        let fields = vec![FieldValue::Condition(Condition::Fair)];
        for of in [other.event, EventId::from_uuid(Uuid::nil())] {
            let correct = Act::Correct { of, fields: fields.clone() };
            assert_eq!(refused(&college, asset, correct).await, Refusal::ReferenceUnknown("the entry to correct"));
        }
        let nowhere = Act::Move { location: LocationId::from_uuid(Uuid::nil()), observation: None };
        assert_eq!(refused(&college, asset, nowhere).await, Refusal::ReferenceUnknown("the place"));
    }

    /// An organization has a name that can be printed, a currency and a time zone; what is refused leaves nothing, its slug included.
    async fn an_organization_needs_a_name_a_currency_and_a_time_zone(db: TestDb) {
        let good = CreateOrg {
            name: "Westmark".to_owned(),
            slug: "westmark".to_owned(),
            timezone: "America/Chicago".to_owned(),
            currency: "USD".to_owned(),
            sandbox: false,
            external: Vec::new(),
            tag_namespaces: Vec::new(),
            units: None,
        };
        let wrong = [
            (CreateOrg { name: " ".to_owned(), ..good.clone() }, "org_name_invalid"),
            (CreateOrg { name: "x".repeat(201), ..good.clone() }, "org_name_invalid"),
            (CreateOrg { name: "a\u{202e}b".to_owned(), ..good.clone() }, "org_name_invalid"),
            (CreateOrg { currency: "usd".to_owned(), ..good.clone() }, "org_currency_invalid"),
            (CreateOrg { currency: "DOLLARS".to_owned(), ..good.clone() }, "org_currency_invalid"),
            (CreateOrg { timezone: String::new(), ..good.clone() }, "org_timezone_invalid"),
            (CreateOrg { timezone: "Chicago; DROP".to_owned(), ..good.clone() }, "org_timezone_invalid"),
        ];
        for (new, code) in wrong {
            let Err(RecordError::Refused(refusal)) = new.carry_out(&db.ledger).await else { panic!("{code} was not refused") };
            assert_eq!(refusal.code(), code);
        }
        must(good.carry_out(&db.ledger).await);
    }

    /// Texts and amounts that cannot be kept are refused, not failed on.
    async fn unusable_values_are_refused(db: TestDb) {
        let college = College::found(&db).await;
        let asset = college.asset("Easel").register().await;
        let wrong = [
            FieldValue::Description(String::new()),
            FieldValue::Description("a\u{0}b".to_owned()),
            FieldValue::Description("x".repeat(501)),
            FieldValue::PoNo(Some("\u{202e}".to_owned())),
            FieldValue::CostMinor(Some(-1)),
            FieldValue::CostMinor(Some(i64::MAX)),
        ];
        for field in wrong {
            let kind = refused(&college, asset, Act::ChangeFields(vec![field])).await.code();
            assert!(matches!(kind, "asset_text_invalid" | "asset_amount_invalid"), "{kind}");
        }
        assert_eq!(refused(&college, asset, Act::ChangeFields(Vec::new())).await.code(), "asset_count_invalid");
        // A model says who made it, whether it comes before or after in one change; whoever takes the model away can say who did.
        let (maker, model) = (FieldValue::Manufacturer(Some(college.catalogue.lumina)), FieldValue::Model(Some(college.catalogue.projector)));
        for both in [vec![maker.clone(), model.clone()], vec![model.clone(), maker.clone()]] {
            assert_eq!(refused(&college, asset, Act::ChangeFields(both)).await.code(), "asset_reference_unknown");
        }
        college.act(asset, Act::ChangeFields(vec![model])).await;
        college.act(asset, Act::ChangeFields(vec![FieldValue::Model(None), maker])).await;
        let gone = asset_in(&college, State::Missing, Vec::new()).await.asset;
        for raw_code in [String::new(), "a\u{0}b".to_owned(), "x".repeat(100_000)] {
            let Act::Found { mut observation, handed_to } = found(&college) else { continue };
            observation.raw_code = raw_code;
            let refusal = refused(&college, gone, Act::Found { observation, handed_to }).await;
            assert_eq!(refusal.code(), "asset_text_invalid");
        }
        let noted = Command { remark: Some("a\u{0}b".to_owned()), ..command(asset, Act::Note) };
        assert_eq!(refusal(db.ledger.record(&college.access, noted).await).code(), "asset_text_invalid");
    }

    /// The longest description is kept and found, also where one character stands for many.
    async fn the_longest_description_is_kept(db: TestDb) {
        let college = College::found(&db).await;
        for text in ["\u{fdfa}".repeat(500), "\u{1f9ea}".repeat(500), "x".repeat(500), "ﬃ".repeat(500), "㌀".repeat(500)] {
            let asset = college.asset(&text).register().await;
            assert_eq!(college.detail(asset).await.description, text);
        }
    }

    /// A found thing without a label is received again and is nobody's; a hold that forbids deploying forbids handing it over.
    async fn a_found_thing_is_handed_over_only_as_if_deployed(db: TestDb) {
        let college = College::found(&db).await;
        let missing = |to| {
            let mut act = found(&college);
            if let Act::Found { handed_to, .. } = &mut act {
                *handed_to = to;
            }
            act
        };
        let report = || Act::ReportMissing {
            kind: LossKind::Lost,
            discovered_on: college.db.ledger.clock().now().day(),
            police_no: None,
        };
        let ada = Some(Target::Person(college.people.ada));
        let bare = college.asset("Bare").untagged().register().await;
        college.act(bare, report()).await;
        assert_eq!(refusal(college.try_act(bare, missing(ada)).await), Refusal::TagNotAttached);
        college.act(bare, missing(None)).await;
        assert_eq!(college.state(bare).await, State::Received);
        let held = college.asset("Held").register().await;
        hold(&college, held, HoldKind::Legal).await;
        college.act(held, report()).await;
        assert_eq!(refusal(college.try_act(held, missing(ada)).await), Refusal::Held(HoldKind::Legal));
        college.act(held, missing(None)).await;
        assert_eq!(college.state(held).await, State::InStock);
    }

    /// What was not bought says where it came from, and the words are kept.
    async fn provenance_is_kept_with_the_entry(db: TestDb) {
        let college = College::found(&db).await;
        let mut gift = college.asset("Gift").acquired(Acquisition::Gift).command();
        gift.remark = None;
        if let Act::Register(new) = &mut gift.act {
            new.provenance = Some("  From the estate of a friend of the college.  ".to_owned());
        }
        must(college.db.ledger.record(&college.access, gift).await);
        let kept = "SELECT COUNT(*) FROM ledger_remark WHERE text = 'From the estate of a friend of the college.'";
        assert_eq!(college.db.raw().await.number(kept).await, 1);
    }

    /// One registration names an identifier once.
    async fn an_identifier_is_named_once(db: TestDb) {
        let college = College::found(&db).await;
        for kind in [IdentifierKind::Imei, IdentifierKind::MacWired] {
            let twice = college.asset("Phone").identifier(kind, "35-1").identifier(kind, "35 1").try_register().await;
            assert_eq!(refusal(twice), Refusal::IdentifierTaken);
        }
        let empty = college.asset("Phone").identifier(IdentifierKind::Barcode, "---").try_register().await;
        assert!(matches!(refusal(empty), Refusal::BadText("identifier", _)));
    }
}
