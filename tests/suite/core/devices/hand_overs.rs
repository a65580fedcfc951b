//! Hand-overs: proposed where a unit wants that, for exactly one person, and decided by those who decide over the asset.

use habeo_core::access::{Access, Action, Role};
use habeo_core::asset::command::Act;
use habeo_core::asset::decide::Refusal as AssetRefusal;
use habeo_core::asset::{AssignmentKind, HoldKind, State, Target};
use habeo_core::device::command::{AcceptHandOver, DeclineHandOver};
use habeo_core::device::report::{Kind, Report, User};
use habeo_core::device::{Refusal, show};
use habeo_core::explain::Explain as _;
use habeo_core::id::{AssetId, HandOverId, PersonId, UnitId};
use habeo_core::page::Limit;
use habeo_core::person::command::{ChangeStatus, RegisterPerson};
use habeo_core::person::erase::ErasePerson;
use habeo_core::person::{Affiliation, PersonStatus};
use habeo_core::unit;
use habeo_core::unit::command::SetPolicy;
use habeo_core::unit::scope;
use habeo_tests::builders::{College, person};
use habeo_tests::{both_engines, must};

use super::super::{deploy, refusal};
use super::{Mdm, facts, report, used_by};

async fn somebody(college: &College, name: &str, email: &str) -> PersonId {
    let new = RegisterPerson {
        email: Some(email.to_owned()),
        ..person(
            name,
            college.units.physics,
            Affiliation::Staff,
            PersonStatus::Active,
        )
    };
    must(college.db.ledger.record(&college.access, new).await)
}

async fn policy(college: &College, unit: UnitId, propose: Option<bool>) {
    let set = SetPolicy {
        unit,
        propose_hand_overs: propose,
    };
    must(college.db.ledger.record(&college.access, set).await);
}

/// What is proposed to somebody with these rights.
async fn proposed(college: &College, access: &Access) -> Vec<(HandOverId, AssetId, PersonId)> {
    let mut tx = college.db.read(access).await;
    let scope = must(scope::resolve(&mut tx, access, Action::Custody).await);
    let page = must(show::hand_overs(&mut tx, access, &scope, true, None, Limit::default()).await);
    let rows = page.rows.into_iter();
    rows.map(|(row, _)| (row.id, row.asset_id, row.person_id))
        .collect()
}

fn login(serial: &str, email: &str, minutes: i64) -> Report {
    used_by(report(Kind::Login, "d-1", serial, minutes), email)
}

both_engines! {
    /// A user never takes an asset by signing in; where the unit wants it, somebody is asked, once.
    async fn a_login_proposes_and_changes_nothing(db: TestDb) {
        let college = College::found(&db).await;
        let mdm = Mdm::of(&college);
        let pat = somebody(&college, "Pat Example", "pat@westmark.example").await;
        let asset = college.asset("Laptop").serial("LT-100100").register().await;
        college.act(asset, deploy(college.people.ada)).await;
        // Off by default.
        mdm.applied(login("LT-100100", "pat@westmark.example", 1)).await;
        assert_eq!(proposed(&college, &college.access).await, []);
        policy(&college, college.units.root, Some(true)).await;
        mdm.applied(login("LT-100100", "PAT@westmark.example ", 2)).await;
        let waiting = proposed(&college, &college.access).await;
        assert_eq!(waiting.iter().map(|(_, asset, person)| (*asset, *person)).collect::<Vec<_>>(), [(asset, pat)]);
        // Once, whoever signs in meanwhile.
        mdm.one(login("LT-100100", "pat@westmark.example", 3)).await;
        somebody(&college, "Kim Example", "kim@westmark.example").await;
        mdm.one(login("LT-100100", "kim@westmark.example", 4)).await;
        assert_eq!(proposed(&college, &college.access).await, waiting);
        let detail = college.detail(asset).await;
        assert_eq!(detail.target_id, Some(college.people.ada.uuid()));
        // The words in which the management named them are not in the ledger.
        let mut raw = db.raw().await;
        let entries = raw.texts("SELECT bytes FROM ledger_entry").await;
        assert!(entries.iter().all(|entry| !entry.contains("westmark.example")));
    }

    /// With a person who has left goes what names them, also beside devices and proposals; entries stay, and so do the names of others.
    async fn whoever_is_erased_is_named_nowhere(db: TestDb) {
        let college = College::found(&db).await;
        let mdm = Mdm::of(&college);
        policy(&college, college.units.root, Some(true)).await;
        let pat = somebody(&college, "Pat Planted", "pat.planted@westmark.example").await;
        somebody(&college, "Kim Example", "kim@westmark.example").await;
        for (n, email) in ["pat.planted@westmark.example", "kim@westmark.example"].into_iter().enumerate() {
            let serial = format!("LT-{n}");
            college.asset("Laptop").serial(&serial).register().await;
            mdm.applied(used_by(report(Kind::Login, &format!("d-{n}"), &serial, 1), email)).await;
        }
        let erase = ErasePerson { person: pat };
        assert_eq!(refusal(db.ledger.record(&college.access, erase).await).code(), "person_still_here");
        let gone = ChangeStatus { person: pat, status: PersonStatus::Separated, separated_on: None };
        must(db.ledger.record(&college.access, gone).await);
        let elsewhere = college.access_of(&[(Role::UnitAdmin, college.units.music)]).await;
        assert_eq!(refusal(db.ledger.record(&elsewhere, erase).await).code(), "person_not_permitted");
        let other = College::found_as(&db, "eastmark").await;
        assert_eq!(refusal(db.ledger.record(&other.access, erase).await).code(), "person_unknown");
        let entries = "SELECT bytes FROM ledger_entry WHERE type <> 'person.erased' ORDER BY org_id, log_index";
        let before = db.raw().await.texts(entries).await;
        assert!(db.raw().await.everything().await.contains("planted"), "it is all looked at");
        assert!(must(db.ledger.record(&college.access, erase).await));
        assert!(!must(db.ledger.record(&college.access, erase).await), "nothing is left");
        let mut raw = db.raw().await;
        let everything = raw.everything().await;
        assert!(!everything.contains("planted") && everything.contains("kim@westmark.example"));
        assert_eq!(raw.texts(entries).await, before);
        let erased = raw.number("SELECT COUNT(*) FROM ledger_entry WHERE type = 'person.erased'").await;
        assert_eq!(erased, 1);
    }

    /// The nearest unit that says something decides.
    async fn a_policy_is_inherited(db: TestDb) {
        let college = College::found(&db).await;
        let mdm = Mdm::of(&college);
        somebody(&college, "Pat Example", "pat@westmark.example").await;
        policy(&college, college.units.root, Some(true)).await;
        policy(&college, college.units.science, Some(false)).await;
        policy(&college, college.units.physics, Some(true)).await;
        let units = [
            (college.units.history, true), (college.units.science, false), (college.units.chemistry, false), (college.units.physics, true),
        ];
        for (n, (unit, proposes)) in units.into_iter().enumerate() {
            let serial = format!("POLICY-{n}");
            let asset = college.asset("Laptop").unit(unit).serial(&serial).register().await;
            mdm.applied(used_by(report(Kind::Login, &format!("p-{n}"), &serial, 1), "pat@westmark.example")).await;
            let waits = proposed(&college, &college.access).await.iter().any(|(_, of, _)| *of == asset);
            assert_eq!(waits, proposes, "{n}");
        }
        policy(&college, college.units.physics, None).await;
        let mut tx = db.read(&college.access).await;
        let said = must(unit::store::with_policy(&mut tx, &college.access, &scope::Scope::Whole).await);
        assert_eq!(said, [(college.units.root, true), (college.units.science, false)]);
    }

    /// Address first, then the directory's name, then the user name; and exactly one person.
    async fn exactly_one_person_is_meant(db: TestDb) {
        let college = College::found(&db).await;
        let mdm = Mdm::of(&college);
        policy(&college, college.units.root, Some(true)).await;
        let pat = somebody(&college, "Pat Example", "pat.lee@westmark.example").await;
        let kim = somebody(&college, "Kim Example", "kim@westmark.example").await;
        for _ in 0..2 {
            somebody(&college, "Twin Example", "twin@westmark.example").await;
        }
        somebody(&college, "Pat Elsewhere", "double@one.example").await;
        somebody(&college, "Pat Elsewhere", "double@two.example").await;
        let user = |email: &str, principal: &str, name: &str| {
            let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            User { email: text(email), principal_name: text(principal), username: text(name), display_name: Some("Pat Lee".to_owned()) }
        };
        let cases = [
            (user("pat.lee@westmark.example", "kim@westmark.example", ""), Some(pat)),
            (user("nobody@westmark.example", "kim@westmark.example", "pat.lee"), Some(kim)),
            (user("", "", "PAT.LEE"), Some(pat)),
            (user("", "", "WESTMARK\\pat.lee"), Some(pat)),
            (user("", "", "kim@westmark.example"), Some(kim)),
            (user("twin@westmark.example", "kim@westmark.example", ""), None),
            (user("", "", "double"), None),
            (user("", "", "pat"), None),
            (user("", "", "pat.lee@"), None),
            (user("", "", ""), None),
        ];
        for (n, (user, expected)) in cases.into_iter().enumerate() {
            let serial = format!("PERSON-{n}0");
            let asset = college.asset("Laptop").serial(&serial).register().await;
            let mut login = report(Kind::Login, &format!("u-{n}"), &serial, 1);
            login.user = Some(user);
            mdm.applied(login).await;
            let found = proposed(&college, &college.access).await.into_iter().find(|(_, of, _)| *of == asset);
            assert_eq!(found.map(|(_, _, person)| person), expected, "{n}");
        }
        // Somebody who has left is proposed nothing.
        let gone = RegisterPerson {
            email: Some("gone@westmark.example".to_owned()),
            ..person("Gone Example", college.units.physics, Affiliation::Staff, PersonStatus::Separated)
        };
        must(db.ledger.record(&college.access, gone).await);
        let asset = college.asset("Laptop").serial("PERSON-900").register().await;
        mdm.applied(login("PERSON-900", "gone@westmark.example", 1)).await;
        assert!(proposed(&college, &college.access).await.iter().all(|(_, of, _)| *of != asset));
    }

    /// What is lent, shared, with a room, or not there to be handed over is left alone, and so is what is with the right person.
    async fn what_is_not_to_be_handed_over(db: TestDb) {
        let college = College::found(&db).await;
        let mdm = Mdm::of(&college);
        policy(&college, college.units.root, Some(true)).await;
        let pat = somebody(&college, "Pat Example", "pat@westmark.example").await;
        let shared = Act::Deploy { target: Target::Person(college.people.ada), kind: AssignmentKind::Shared, location: None };
        let room = Act::Deploy { target: Target::Location(college.places.workshop), kind: AssignmentKind::Room, location: None };
        let loan = Act::Loan { target: Target::Person(college.people.ada), due_at: db.clock_now().plus_days(9) };
        for (n, act) in [shared, room, loan, deploy(pat), Act::Retire].into_iter().enumerate() {
            let serial = format!("LEFT-{n}00");
            let asset = college.asset("Laptop").serial(&serial).register().await;
            college.act(asset, act).await;
            mdm.one(used_by(report(Kind::Login, &format!("l-{n}"), &serial, 1), "pat@westmark.example")).await;
        }
        assert_eq!(proposed(&college, &college.access).await, []);
        // A plain check-in tells of nobody.
        let asset = college.asset("Laptop").serial("LEFT-9000").register().await;
        mdm.applied(used_by(report(Kind::CheckIn, "l-9", "LEFT-9000", 1), "pat@westmark.example")).await;
        assert!(proposed(&college, &college.access).await.iter().all(|(_, of, _)| *of != asset));
    }

    /// Accepting is handing over, with its rules, rights and facts; declining lasts until somebody else has it.
    async fn accepting_and_declining(db: TestDb) {
        let college = College::found(&db).await;
        let mdm = Mdm::of(&college);
        policy(&college, college.units.root, Some(true)).await;
        let pat = somebody(&college, "Pat Example", "pat@westmark.example").await;
        let asset = college.asset("Laptop").serial("ACC-10010").register().await;
        mdm.applied(login("ACC-10010", "pat@westmark.example", 1)).await;
        let (first, ..) = proposed(&college, &college.access).await[0];
        // Not for those of another unit, nor for those who only look.
        let elsewhere = college.access_of(&[(Role::UnitAdmin, college.units.arts)]).await;
        let auditor = college.access_of(&[(Role::Auditor, college.units.root)]).await;
        for access in [&elsewhere, &auditor] {
            assert_eq!(proposed(&college, access).await, []);
            let accept = AcceptHandOver { hand_over: first };
            assert_eq!(refusal(db.ledger.record(access, accept).await), Refusal::HandOverUnknown);
            let decline = DeclineHandOver { hand_over: first };
            assert_eq!(refusal(db.ledger.record(access, decline).await), Refusal::HandOverUnknown);
        }
        let custodian = college.access_of(&[(Role::Custodian, college.units.science)]).await;
        must(db.ledger.record(&custodian, DeclineHandOver { hand_over: first }).await);
        assert_eq!(refusal(db.ledger.record(&custodian, AcceptHandOver { hand_over: first }).await), Refusal::HandOverDecided);
        mdm.one(login("ACC-10010", "pat@westmark.example", 2)).await;
        assert_eq!(proposed(&college, &custodian).await, []);
        // Somebody else has it: the question is another one.
        college.act(asset, deploy(college.people.ada)).await;
        mdm.one(login("ACC-10010", "pat@westmark.example", 3)).await;
        let (second, ..) = proposed(&college, &custodian).await[0];
        assert_eq!(must(db.ledger.record(&custodian, AcceptHandOver { hand_over: second }).await), asset);
        let detail = college.detail(asset).await;
        assert_eq!((detail.state, detail.target_id), (State::InUse, Some(pat.uuid())));
        assert_eq!(proposed(&college, &custodian).await, []);
        let told: Vec<String> = facts(&college).await.into_iter().filter(|kind| kind.starts_with("mdm.")).collect();
        assert_eq!(told, ["mdm.enrolled", "mdm.proposed", "mdm.declined", "mdm.proposed", "mdm.accepted"]);
        let mut raw = db.raw().await;
        assert_eq!(raw.texts("SELECT type FROM ledger_entry WHERE type = 'asset.reassigned'").await.len(), 1);
    }

    /// The rules of assets hold for a proposal as for anything else; a refused one still waits.
    async fn a_hold_keeps_it_where_it_is(db: TestDb) {
        let college = College::found(&db).await;
        let mdm = Mdm::of(&college);
        policy(&college, college.units.root, Some(true)).await;
        somebody(&college, "Pat Example", "pat@westmark.example").await;
        let asset = college.asset("Laptop").serial("HOLD-1001").register().await;
        mdm.applied(login("HOLD-1001", "pat@westmark.example", 1)).await;
        college.act(asset, Act::PlaceHold { kind: HoldKind::Legal }).await;
        let (hand_over, ..) = proposed(&college, &college.access).await[0];
        let refused = refusal(db.ledger.record(&college.access, AcceptHandOver { hand_over }).await);
        assert_eq!(refused, Refusal::Asset(AssetRefusal::Held(HoldKind::Legal)));
        assert_eq!(proposed(&college, &college.access).await.len(), 1);
        assert_eq!(college.state(asset).await, State::InStock);
    }

    /// Who has it already by other means only settles the proposal.
    async fn it_may_have_been_handed_over_already(db: TestDb) {
        let college = College::found(&db).await;
        let mdm = Mdm::of(&college);
        policy(&college, college.units.root, Some(true)).await;
        let pat = somebody(&college, "Pat Example", "pat@westmark.example").await;
        let asset = college.asset("Laptop").serial("DONE-1001").register().await;
        mdm.applied(login("DONE-1001", "pat@westmark.example", 1)).await;
        college.act(asset, deploy(pat)).await;
        let rev = college.detail(asset).await.rev;
        let (hand_over, ..) = proposed(&college, &college.access).await[0];
        must(db.ledger.record(&college.access, AcceptHandOver { hand_over }).await);
        assert_eq!(college.detail(asset).await.rev, rev);
        assert_eq!(proposed(&college, &college.access).await, []);
    }

    /// Policies are set by those who administer the unit; for others it does not exist.
    async fn policies_are_the_administrators(db: TestDb) {
        let college = College::found(&db).await;
        let admin = college.access_of(&[(Role::UnitAdmin, college.units.science)]).await;
        let custodian = college.access_of(&[(Role::Custodian, college.units.root)]).await;
        let set = |unit| SetPolicy { unit, propose_hand_overs: Some(true) };
        must(db.ledger.record(&admin, set(college.units.physics)).await);
        assert!(matches!(refusal(db.ledger.record(&admin, set(college.units.arts)).await), unit::command::Refusal::Unknown));
        assert!(matches!(refusal(db.ledger.record(&custodian, set(college.units.physics)).await), unit::command::Refusal::Unknown));
    }
}
