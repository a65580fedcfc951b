//! Cases: what no rule may decide is opened once, changes nothing, and is decided by people, who can take it back.

use habeo_core::access::{Access, Action, Role};
use habeo_core::asset::command::Act;
use habeo_core::asset::decide::Refusal as AssetRefusal;
use habeo_core::asset::search::{self, Filter, Scanned};
use habeo_core::asset::{HoldKind, IdentifierKind, State};
use habeo_core::device::command::{DecideCase, Decision};
use habeo_core::device::report::Kind;
use habeo_core::device::show::{self, ShownCase};
use habeo_core::device::take::Outcome;
use habeo_core::device::{CaseKind, CaseState, Refusal, Status};
use habeo_core::id::{AssetId, DuplicateCaseId};
use habeo_core::page::Limit;
use habeo_core::unit::scope::{self, Scope};
use habeo_tests::builders::College;
use habeo_tests::{both_engines, must};

use super::super::reading::{by_id, ids, scan, search as find, walk};
use super::super::{deploy, missing, refusal, refused};
use super::{Mdm, assets, facts, report};

async fn cases(college: &College, access: &Access, waiting: bool) -> Vec<ShownCase> {
    let mut tx = college.db.read(access).await;
    let scope = must(scope::resolve(&mut tx, access, Action::Correct).await);
    must(show::cases(&mut tx, access, &scope, waiting, None, Limit::default()).await).rows
}

async fn decide(college: &College, access: &Access, case: DuplicateCaseId, decision: Decision) {
    must(
        college
            .db
            .ledger
            .record(access, DecideCase { case, decision })
            .await,
    );
}

async fn not_decided(
    college: &College,
    access: &Access,
    case: DuplicateCaseId,
    decision: Decision,
) -> Refusal {
    refusal(
        college
            .db
            .ledger
            .record(access, DecideCase { case, decision })
            .await,
    )
}

/// Two records of one laptop, entered by two people, and the case in which that is noticed.
async fn twice(college: &College, mdm: &Mdm<'_>) -> (AssetId, AssetId, DuplicateCaseId) {
    let one = college
        .asset("Laptop")
        .maker(college.catalogue.lumina)
        .tag("OLD-1")
        .serial("TWICE-1")
        .register()
        .await;
    let other = college
        .asset("Notebook")
        .tag("OLD-2")
        .serial("TWICE-1")
        .register()
        .await;
    let case = mdm.case(report(Kind::Enrolled, "d-1", "TWICE-1", 1)).await;
    (one, other, case)
}

async fn one_scanned(college: &College, code: &str) -> AssetId {
    match scan(&college.db, &college.access, code).await {
        Scanned::One(found) => found.asset.id,
        other => panic!("{code}: {other:?}"),
    }
}

async fn counted(college: &College) -> i64 {
    let mut tx = college.db.read(&college.access).await;
    must(search::count(&mut tx, &college.access, &Scope::Whole, &Filter::default()).await)
}

both_engines! {
    /// Several assets with the serial number: one case, however often it is reported, and no write.
    async fn several_with_one_serial_number(db: TestDb) {
        let college = College::found(&db).await;
        let mdm = Mdm::of(&college);
        let (one, other, case) = twice(&college, &mdm).await;
        for minutes in 2..6 {
            let again = mdm.one(report(Kind::CheckIn, "d-1", "TWICE-1", minutes)).await;
            assert_eq!(again, Outcome::Case { case, opened: false });
        }
        let open = cases(&college, &college.access, true).await;
        assert_eq!(open.iter().map(|case| (case.id, case.kind, case.state)).collect::<Vec<_>>(), [(case, CaseKind::TwoAssetsOneSerial, CaseState::Open)]);
        assert_eq!(facts(&college).await, ["identity.case_opened"]);
        for asset in [one, other] {
            assert_eq!(mdm.device(asset).await, None);
        }
        let mut tx = db.read(&college.access).await;
        let (_, members) = must(must(show::case(&mut tx, &college.access, &Scope::Whole, case).await).ok_or("no case"));
        let mut found: Vec<AssetId> = members.iter().map(|member| member.asset.id).collect();
        found.sort_unstable();
        let mut expected = vec![one, other];
        expected.sort_unstable();
        assert_eq!(found, expected);
    }

    /// The key says one asset and the serial number another: no write; kept apart, the key decides.
    async fn key_and_serial_number_disagree(db: TestDb) {
        let college = College::found(&db).await;
        let mdm = Mdm::of(&college);
        let one = college.asset("One").serial("DIS-10001").register().await;
        let other = college.asset("Other").serial("DIS-20002").register().await;
        mdm.applied(report(Kind::Enrolled, "d-1", "DIS-10001", 1)).await;
        let before = facts(&college).await.len();
        let case = mdm.case(report(Kind::Unenrolled, "d-1", "DIS-20002", 2)).await;
        assert_eq!(facts(&college).await.len(), before + 1);
        assert_eq!(mdm.device(one).await.map(|device| device.status), Some(Status::Enrolled));
        assert_eq!(mdm.device(other).await, None);
        assert_eq!(cases(&college, &college.access, true).await[0].kind, CaseKind::OneRefTwoAssets);
        decide(&college, &college.access, case, Decision::KeepApart).await;
        assert_eq!(mdm.one(report(Kind::CheckIn, "d-1", "DIS-20002", 3)).await, Outcome::Unchanged { asset: one });
        decide(&college, &college.access, case, Decision::Undo).await;
        let again = mdm.one(report(Kind::CheckIn, "d-1", "DIS-20002", 4)).await;
        assert_eq!(again, Outcome::Case { case, opened: false });
    }

    /// A key whose device reports a serial number that its asset does not have, and an identifier that belongs elsewhere.
    async fn keys_that_conflict(db: TestDb) {
        let college = College::found(&db).await;
        let mdm = Mdm::of(&college);
        let asset = college.asset("Phone").serial("KEY-10001").identifier(IdentifierKind::Imei, "356938035643809").register().await;
        mdm.applied(report(Kind::Enrolled, "d-1", "KEY-10001", 1)).await;
        let case = mdm.case(report(Kind::CheckIn, "d-1", "KEY-77777", 2)).await;
        decide(&college, &college.access, case, Decision::Ignore).await;
        assert_eq!(mdm.one(report(Kind::CheckIn, "d-1", "KEY-77777", 3)).await, Outcome::Unchanged { asset });
        let mut stranger = report(Kind::Enrolled, "d-2", "KEY-88888", 4);
        stranger.device.imei = Some("356938035643809".to_owned());
        mdm.case(stranger).await;
        assert_eq!(cases(&college, &college.access, true).await[0].kind, CaseKind::ConflictingKeys);
        assert_eq!(assets(&college).await, 1);
        let refused = not_decided(&college, &college.access, case, Decision::Ignore).await;
        assert_eq!(refused, Refusal::CaseDecided);
    }

    /// A device that reports after its asset was retired or disposed of is news, and changes no state; that it left is none.
    async fn a_device_that_should_be_gone(db: TestDb) {
        let college = College::found(&db).await;
        let mdm = Mdm::of(&college);
        for (n, state) in [State::Retired, State::Surplus, State::Disposed].into_iter().enumerate() {
            let serial = format!("GONE-{n}000");
            let id = format!("g-{n}");
            let asset = college.asset("Laptop").serial(&serial).register().await;
            mdm.applied(report(Kind::Enrolled, &id, &serial, 1)).await;
            for act in super::super::path(&college, state) {
                college.act(asset, act).await;
            }
            let seen = |kind| {
                let mut report = report(kind, &id, &serial, 1);
                report.occurred_at = db.clock_now();
                report
            };
            // What it said before is only late.
            assert_eq!(mdm.one(report(Kind::CheckIn, &id, &serial, 2)).await, Outcome::Unchanged { asset });
            db.clock.advance_micros(1);
            let case = mdm.case(seen(Kind::CheckIn)).await;
            assert_eq!(mdm.one(seen(Kind::Enrolled)).await, Outcome::Case { case, opened: false });
            assert_eq!(college.state(asset).await, state);
            let refused = not_decided(&college, &college.access, case, Decision::Merge { survivor: asset }).await;
            assert_eq!(refused, Refusal::NothingToMerge);
            db.clock.advance_micros(1);
            assert_eq!(mdm.applied(seen(Kind::Unenrolled)).await, asset);
            decide(&college, &college.access, case, Decision::Ignore).await;
            db.clock.advance_micros(1);
            assert_eq!(mdm.applied(seen(Kind::Enrolled)).await, asset);
            assert_eq!(college.state(asset).await, state);
        }
    }

    /// Merged: the record that stays is found by everything that led to the other, which counts no more, and reports go on to it.
    async fn merged_records_are_one(db: TestDb) {
        let college = College::found(&db).await;
        let mdm = Mdm::of(&college);
        let (one, other, case) = twice(&college, &mdm).await;
        assert_eq!(counted(&college).await, 2);
        decide(&college, &college.access, case, Decision::Merge { survivor: one }).await;
        for code in ["OLD-1", "old 2", "TWICE-1"] {
            assert_eq!(one_scanned(&college, code).await, one, "{code}");
        }
        assert_eq!(counted(&college).await, 1);
        let everything = walk(&db, &college.access, &Filter::default(), 2).await;
        assert_eq!(ids(&everything), [one]);
        for q in ["OLD-2", "OLD", "TWICE-1", "Notebook", "ICE-1"] {
            assert!(!ids(&find(&db, &college.access, q, &Filter::default(), 2).await).contains(&other), "{q}");
        }
        assert_eq!(ids(&find(&db, &college.access, "OLD-2", &Filter::default(), 2).await), [one]);
        let tagged = Filter { tag: Some("OLD-2".to_owned()), ..Filter::default() };
        assert_eq!(ids(&walk(&db, &college.access, &tagged, 2).await), [one]);
        // It is still there, with its state and its history, and says where it leads.
        let merged = must(by_id(&db, &college.access, other).await.ok_or("gone"));
        assert_eq!((merged.state, merged.merged_into_id), (State::InStock, Some(one)));
        assert_eq!(refused(&college, other, deploy(college.people.ada)).await, AssetRefusal::Merged);
        assert_eq!(mdm.applied(report(Kind::Enrolled, "d-1", "TWICE-1", 2)).await, one);
        assert_eq!(mdm.device(other).await, None);
        let taken = college.asset("Third").tag("OLD-2").try_register().await;
        assert!(matches!(refusal(taken), AssetRefusal::TagTaken(_)));
    }

    /// Taken back, everything is as it was, and the case is open again.
    async fn a_merge_is_taken_back(db: TestDb) {
        let college = College::found(&db).await;
        let mdm = Mdm::of(&college);
        let (one, other, case) = twice(&college, &mdm).await;
        let before = must(by_id(&db, &college.access, other).await.ok_or("gone"));
        decide(&college, &college.access, case, Decision::Merge { survivor: one }).await;
        decide(&college, &college.access, case, Decision::Undo).await;
        assert_eq!(one_scanned(&college, "OLD-2").await, other);
        assert_eq!(counted(&college).await, 2);
        let after = must(by_id(&db, &college.access, other).await.ok_or("gone"));
        let same = habeo_core::asset::store::AssetDetail { rev: before.rev, updated_at: before.updated_at, ..after };
        assert_eq!(same, before);
        assert_eq!(not_decided(&college, &college.access, case, Decision::Undo).await, Refusal::CaseOpen);
        let again = mdm.one(report(Kind::Enrolled, "d-1", "TWICE-1", 2)).await;
        assert_eq!(again, Outcome::Case { case, opened: false });
        // And the other way round.
        decide(&college, &college.access, case, Decision::Merge { survivor: other }).await;
        assert_eq!(one_scanned(&college, "OLD-1").await, other);
        college.act(other, deploy(college.people.ada)).await;
        assert_eq!(counted(&college).await, 1);
    }

    /// What somebody has, or must not be touched, does not go out of sight; chains and strangers are refused.
    async fn what_is_in_use_stays(db: TestDb) {
        let college = College::found(&db).await;
        let mdm = Mdm::of(&college);
        let (one, other, case) = twice(&college, &mdm).await;
        college.act(other, deploy(college.people.ada)).await;
        assert_eq!(not_decided(&college, &college.access, case, Decision::Merge { survivor: one }).await, Refusal::InUse);
        college.act(one, Act::PlaceHold { kind: HoldKind::Legal }).await;
        assert_eq!(not_decided(&college, &college.access, case, Decision::Merge { survivor: other }).await, Refusal::InUse);
        let stranger = college.asset("Stranger").register().await;
        assert_eq!(not_decided(&college, &college.access, case, Decision::Merge { survivor: stranger }).await, Refusal::NotAMember);
        assert_eq!(counted(&college).await, 3);
        // What has absorbed another is not merged away in its turn.
        college.act(other, super::super::give_back()).await;
        let hold = college.asset("Third").maker(college.catalogue.orbis).serial("TWICE-1").register().await;
        let second = mdm.case(report(Kind::Enrolled, "d-9", "TWICE-1", 3)).await;
        assert_ne!(second, case);
        decide(&college, &college.access, case, Decision::Merge { survivor: one }).await;
        let refused = not_decided(&college, &college.access, second, Decision::Merge { survivor: hold }).await;
        assert_eq!(refused, Refusal::NotStanding);
        college.act(hold, missing(&college)).await;
    }

    /// A case with an asset outside one's units does not exist, for showing and for deciding.
    async fn a_case_is_within_its_units(db: TestDb) {
        let college = College::found(&db).await;
        let mdm = Mdm::of(&college);
        let one = college.asset("Ours").maker(college.catalogue.lumina).serial("UNITS-1").register().await;
        college.asset("Theirs").unit(college.units.music).serial("UNITS-1").register().await;
        let case = mdm.case(report(Kind::Enrolled, "d-1", "UNITS-1", 1)).await;
        let physics = college.access_of(&[(Role::Custodian, college.units.physics)]).await;
        let both = college.access_of(&[(Role::Custodian, college.units.science), (Role::Custodian, college.units.music)]).await;
        let reader = college.access_of(&[(Role::Auditor, college.units.root)]).await;
        for access in [&physics, &reader] {
            assert_eq!(cases(&college, access, true).await, []);
            let mut tx = db.read(access).await;
            let scope = must(scope::resolve(&mut tx, access, Action::Correct).await);
            assert_eq!(must(show::case(&mut tx, access, &scope, case).await), None);
            drop(tx);
            for decision in [Decision::KeepApart, Decision::Ignore, Decision::Undo, Decision::Merge { survivor: one }] {
                assert_eq!(not_decided(&college, access, case, decision).await, Refusal::CaseUnknown);
            }
        }
        assert_eq!(cases(&college, &both, true).await.len(), 1);
        decide(&college, &both, case, Decision::Merge { survivor: one }).await;
        let decided = cases(&college, &both, false).await;
        assert_eq!(decided[0].decided_by_name.as_deref(), Some("Robin Example"));
        // Another organisation's is unknown as well.
        let other = College::found_as(&db, "eastmark").await;
        assert_eq!(not_decided(&other, &other.access, case, Decision::Undo).await, Refusal::CaseUnknown);
    }
}
