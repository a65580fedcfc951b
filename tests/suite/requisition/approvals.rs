//! Who approves what: by which right, up to which amount, in whose place, and exactly what was shown.

use habeo_core::access::{Access, Role};
use habeo_core::approval::command::{Delegate, EndDelegation, SetLimits};
use habeo_core::approval::{self, Limit};
use habeo_core::exact::Exact;
use habeo_core::id::{PersonId, RequisitionId};
use habeo_core::ledger::RecordError;
use habeo_core::requisition::command::{Approve, Assign, Reject};
use habeo_core::requisition::{Refusal, Requisition, State, store};
use habeo_core::time::DAY_MICROS;
use habeo_tests::builders::College;
use habeo_tests::{both_engines, must};

use super::{Shop, entries, is_whole, line, person, seen};
use crate::core::refusal;

/// Up to five thousand dollars one person approves in science.
async fn limit(college: &College) {
    let set = SetLimits {
        unit: college.units.science,
        limits: Some(vec![Limit {
            currency: "usd".to_owned(),
            one_up_to: Exact::whole(5_000),
        }]),
    };
    must(college.db.ledger.record(&college.access, set).await);
}

async fn unit_admin(college: &College, name: &str) -> PersonId {
    person(college, name, &[(Role::UnitAdmin, college.units.science)]).await
}

async fn approve(
    college: &College,
    who: PersonId,
    requisition: &Requisition,
) -> Result<Requisition, RecordError<Refusal>> {
    let access = college.access_as(who).await;
    approve_as(college, &access, requisition.id, &requisition.digest).await
}

async fn approve_as(
    college: &College,
    access: &Access,
    requisition: RequisitionId,
    digest: &str,
) -> Result<Requisition, RecordError<Refusal>> {
    let approve = Approve {
        requisition,
        digest: digest.to_owned(),
    };
    college.db.ledger.record(access, approve).await
}

async fn waiting(college: &College, who: PersonId) -> Vec<RequisitionId> {
    let access = college.access_as(who).await;
    let mut tx = college.db.read(&access).await;
    let now = college.db.clock_now();
    let found = must(store::waiting(&mut tx, &access, now, 10).await);
    found.into_iter().map(|found| found.id).collect()
}

async fn delegate(college: &College, from: PersonId, to: PersonId) -> habeo_core::id::DelegationId {
    let access = college.access_as(from).await;
    let now = college.db.clock_now();
    let delegate = Delegate {
        to,
        starts_at: now,
        ends_at: now.plus_micros(DAY_MICROS),
    };
    must(college.db.ledger.record(&access, delegate).await)
}

both_engines! {
    /// Up to the limit one person, above it two; the nearest unit above decides.
    async fn above_the_limit_two_people_approve(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        limit(&college).await;
        let (one, two) = (unit_admin(&college, "Uma Example").await, unit_admin(&college, "Udo Example").await);
        let small = shop.hand_in(vec![line("A", "1", "5000.00")]).await;
        assert_eq!((small.state, small.approvals_needed), (State::Submitted, 1));
        assert_eq!(must(approve(&college, one, &small).await).state, State::Approved);
        let large = shop.hand_in(vec![line("A", "1", "5000.01")]).await;
        assert_eq!(large.approvals_needed, 2);
        assert_eq!(waiting(&college, one).await, [large.id]);
        assert_eq!(must(approve(&college, one, &large).await).state, State::Submitted);
        assert_eq!(waiting(&college, one).await, []);
        assert_eq!(refusal(approve(&college, one, &large).await), Refusal::AlreadyApproved);
        assert_eq!(must(approve(&college, two, &large).await).state, State::Approved);
        assert_eq!(refusal(approve(&college, two, &large).await), Refusal::WrongState(State::Approved));
        let mut tx = db.read(&college.access).await;
        let said = must(store::decisions(&mut tx, &college.access, large.id).await);
        drop(tx);
        assert!(said.iter().all(|one| one.digest == large.digest) && said.len() == 2);
        is_whole(&college).await;
    }

    /// Two at once, where one suffices: one approves, the other is told that it is done.
    async fn of_two_approvers_at_once_one_suffices(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let (one, two) = (unit_admin(&college, "Uma Example").await, unit_admin(&college, "Udo Example").await);
        for _ in 0..5 {
            let waits = shop.hand_in(vec![line("A", "1", "1")]).await;
            let (first, second) = tokio::join!(approve(&college, one, &waits), approve(&college, two, &waits));
            let yes = [&first, &second].into_iter().filter(|it| it.is_ok()).count();
            assert_eq!(yes, 1, "{first:?} {second:?}");
        }
        assert_eq!(entries(&college, "requisition.approved").await, 5);
        is_whole(&college).await;
    }

    /// Nobody approves their own; nobody without the right; nobody from elsewhere, to whom it does not exist.
    async fn approving_takes_the_right_and_another_person(db: TestDb) {
        let college = College::found(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        let shop = Shop::open(&college).await;
        let waits = shop.hand_in(vec![line("A", "1", "1")]).await;
        college.grant(shop.buyer, Role::UnitAdmin, college.units.science).await;
        assert_eq!(refusal(approve(&college, shop.buyer, &waits).await), Refusal::Own);
        assert_eq!(waiting(&college, shop.buyer).await, []);
        let colleague = person(&college, "Cy Example", &[(Role::Procurement, college.units.physics)]).await;
        assert_eq!(refusal(approve(&college, colleague, &waits).await), Refusal::NotPermitted);
        let elsewhere = person(&college, "El Example", &[(Role::UnitAdmin, college.units.arts)]).await;
        assert_eq!(refusal(approve(&college, elsewhere, &waits).await), Refusal::Unknown);
        assert_eq!(waiting(&college, elsewhere).await, []);
        let stranger = other.access_of(&[(Role::OrgAdmin, other.units.root)]).await;
        assert_eq!(refusal(approve_as(&college, &stranger, waits.id, &waits.digest).await), Refusal::Unknown);
        assert!(seen(&college, &stranger, waits.id).await.is_none());
        assert_eq!(refusal(approve_as(&college, &college.access, waits.id, &waits.digest).await), Refusal::NotAPerson);
        assert_eq!(entries(&college, "requisition.approved").await, 0);
    }

    /// Who stands in for somebody approves by that one's right, as long as it is lent and as long as that one has it, and not beside them.
    async fn somebody_approves_in_anothers_place(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        limit(&college).await;
        let holder = unit_admin(&college, "Uma Example").await;
        let stand_in = person(&college, "Ian Example", &[]).await;
        let large = shop.hand_in(vec![line("A", "1", "9000")]).await;
        assert_eq!(refusal(approve(&college, stand_in, &large).await), Refusal::Unknown);
        let lent = delegate(&college, holder, stand_in).await;
        assert_eq!(waiting(&college, stand_in).await, [large.id]);
        must(approve(&college, stand_in, &large).await);
        assert_eq!(refusal(approve(&college, holder, &large).await), Refusal::AlreadyApproved);
        let mut tx = db.read(&college.access).await;
        let said = must(store::decisions(&mut tx, &college.access, large.id).await);
        drop(tx);
        assert_eq!((said[0].person, said[0].on_behalf_of), (stand_in, Some(holder)));
        let next = shop.hand_in(vec![line("A", "1", "1")]).await;
        let access = college.access_as(holder).await;
        must(db.ledger.record(&access, EndDelegation { delegation: lent }).await);
        assert_eq!(refusal(approve(&college, stand_in, &next).await), Refusal::Unknown);
        delegate(&college, holder, stand_in).await;
        db.clock.advance_micros(DAY_MICROS);
        assert_eq!(refusal(approve(&college, stand_in, &next).await), Refusal::Unknown);
        is_whole(&college).await;
    }

    /// Whoever wants something has it approved by nobody who stands in for them.
    async fn a_stand_in_does_not_approve_what_their_principal_wants(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        college.grant(shop.buyer, Role::UnitAdmin, college.units.science).await;
        let stand_in = person(&college, "Ian Example", &[(Role::Auditor, college.units.root)]).await;
        delegate(&college, shop.buyer, stand_in).await;
        let waits = shop.hand_in(vec![line("A", "1", "1")]).await;
        assert_eq!(waiting(&college, stand_in).await, []);
        assert_eq!(refusal(approve(&college, stand_in, &waits).await), Refusal::NotPermitted);
    }

    /// Delegations and limits are for those who may give and set them, and within bounds.
    async fn what_is_lent_and_limited_has_bounds(db: TestDb) {
        let college = College::found(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        let holder = unit_admin(&college, "Uma Example").await;
        let access = college.access_as(holder).await;
        let buyer = college.access_of(&[(Role::Procurement, college.units.root)]).await;
        let now = db.clock_now();
        let until = |to, days: i64| Delegate { to, starts_at: now, ends_at: now.plus_micros(days * DAY_MICROS) };
        for (by, given, why) in [
            (&buyer, until(holder, 1), approval::Refusal::NothingToDelegate),
            (&college.access, until(holder, 1), approval::Refusal::NotAPerson),
            (&access, until(holder, 1), approval::Refusal::BadDelegate),
            (&access, until(college.people.gone, 1), approval::Refusal::BadDelegate),
            (&access, until(other.people.ada, 1), approval::Refusal::BadDelegate),
            (&access, until(college.people.ada, 181), approval::Refusal::BadTime),
            (&access, until(college.people.ada, 0), approval::Refusal::BadTime),
        ] {
            assert_eq!(refusal(db.ledger.record(by, given).await), why, "{given:?}");
        }
        let lent = delegate(&college, holder, college.people.ada).await;
        let end = EndDelegation { delegation: lent };
        assert_eq!(refusal(db.ledger.record(&buyer, end).await), approval::Refusal::UnknownDelegation);
        assert_eq!(refusal(db.ledger.record(&other.access, end).await), approval::Refusal::UnknownDelegation);
        let set = |unit, amount: &str| SetLimits {
            unit,
            limits: Some(vec![Limit { currency: "USD".to_owned(), one_up_to: Exact::amount(amount).expect("an amount") }]),
        };
        // Whom limits bind does not set them.
        assert_eq!(refusal(db.ledger.record(&access, set(college.units.science, "1")).await), approval::Refusal::NotPermitted);
        assert_eq!(refusal(db.ledger.record(&college.access, set(college.units.science, "-1")).await), approval::Refusal::BadLimits);
        assert_eq!(refusal(db.ledger.record(&other.access, set(college.units.science, "1")).await), approval::Refusal::UnknownUnit);
        for _ in 0..2 {
            must(db.ledger.record(&college.access, set(college.units.science, "1")).await);
        }
        assert_eq!(entries(&college, "approval.policy_set").await, 1);
        must(db.ledger.record(&college.access, SetLimits { unit: college.units.science, limits: None }).await);
        let mut tx = db.read(&college.access).await;
        assert_eq!(must(approval::store::of_unit(&mut tx, &college.access, college.units.physics).await), None);
        drop(tx);
        is_whole(&college).await;
    }

    /// An approval is of what was shown: another cost centre, and it has to be given again, by both.
    async fn what_changed_is_approved_again(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        limit(&college).await;
        let (one, two) = (unit_admin(&college, "Uma Example").await, unit_admin(&college, "Udo Example").await);
        let large = shop.hand_in(vec![line("A", "1", "9000")]).await;
        must(approve(&college, one, &large).await);
        let access = college.access_as(two).await;
        let assign = || Assign {
            requisition: large.id,
            unit: large.unit,
            location: Some(college.places.workshop),
            cost_centre: Some("4711-20".to_owned()),
        };
        let changed = must(db.ledger.record(&access, assign()).await);
        assert_ne!(changed.digest, large.digest);
        assert_eq!(must(db.ledger.record(&access, assign()).await), changed);
        assert_eq!(refusal(approve(&college, two, &large).await), Refusal::Changed);
        // The first yes was to something else.
        assert_eq!(must(approve(&college, two, &changed).await).state, State::Submitted);
        assert_eq!(must(approve(&college, one, &changed).await).state, State::Approved);
        let mut tx = db.read(&college.access).await;
        let approved = must(store::for_order(&mut tx, &college.access, large.id).await).expect("it may be ordered");
        drop(tx);
        assert_eq!(approved.requisition.cost_centre.as_deref(), Some("4711-20"));
        // Even what was approved waits again once it is for somebody else.
        let back = Assign { cost_centre: None, ..assign() };
        assert_eq!(must(db.ledger.record(&access, back).await).state, State::Submitted);
        is_whole(&college).await;
    }

    /// A no names its reason, which is kept beside the ledger; whoever said yes may still say no.
    async fn a_no_has_a_reason(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        limit(&college).await;
        let one = unit_admin(&college, "Uma Example").await;
        let large = shop.hand_in(vec![line("A", "1", "9000")]).await;
        must(approve(&college, one, &large).await);
        let access = college.access_as(one).await;
        let reject = |reason: &str| Reject { requisition: large.id, digest: large.digest.clone(), reason: reason.to_owned() };
        assert!(matches!(refusal(db.ledger.record(&access, reject(" ")).await), Refusal::BadReason(_)));
        let rejected = must(db.ledger.record(&access, reject("Not this year, Bo")).await);
        assert_eq!(rejected.state, State::Rejected);
        let mut tx = db.read(&college.access).await;
        let reason = must(store::reason(&mut tx, &college.access, &rejected).await);
        drop(tx);
        assert_eq!(reason.as_deref(), Some("Not this year, Bo"));
        let bytes = db.raw().await.texts("SELECT bytes FROM ledger_entry WHERE type LIKE 'requisition.%'").await.concat();
        assert!(!bytes.contains("Not this year"));
        is_whole(&college).await;
    }
}
