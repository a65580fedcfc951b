//! What must hold of every plan.

use std::collections::HashSet;
use std::fmt::{self, Write};
use std::hash::{DefaultHasher, Hasher};

use habeo_core::asset::{State, Target};
use habeo_core::text::is_printable;
use habeo_core::time::Day;

use super::check::Checker;
use super::{PersonStatus, University, university};

fn today() -> Day {
    "2026-07-28".parse().expect("a day")
}

#[test]
fn every_step_is_legal_and_the_end_is_realistic() {
    let plan = university(1, today());
    let mut checker = Checker::new(&plan);
    checker.replay(today());

    assert_eq!(checker.assets.len(), 12_000);
    let per_mille = |states: &[State]| checker.count(states) * 1_000 / 12_000;
    let spread: Vec<(State, usize)> = State::ALL
        .iter()
        .map(|state| (*state, checker.count(&[*state])))
        .collect();
    let within = |states: &[State], low: usize, high: usize| {
        let found = per_mille(states);
        assert!(
            (low..=high).contains(&found),
            "{states:?}: {found}\u{2030} of {spread:?}"
        );
    };
    within(&[State::InUse], 590, 650);
    within(&[State::InStock], 125, 175);
    within(&[State::OnLoan], 30, 50);
    within(&[State::InRepair], 14, 28);
    within(&[State::InTransit], 6, 16);
    within(&[State::Missing], 10, 22);
    within(&[State::Retired, State::Surplus], 30, 50);
    within(&[State::Disposed], 85, 130);
    for state in [State::Ordered, State::Received, State::Void] {
        assert!((5..60).contains(&checker.count(&[state])), "{spread:?}");
    }
    assert!(
        (75_000..=90_000).contains(&plan.steps.len()),
        "{}",
        plan.steps.len()
    );

    let end = today().start();
    let overdue = checker
        .assets
        .values()
        .filter(|asset| asset.state == State::OnLoan && asset.due_at.is_some_and(|due| due < end))
        .count();
    assert!((3..60).contains(&overdue), "{overdue}");
    let held = checker.assets.values().filter(|asset| asset.held).count();
    assert!((24..=60).contains(&held), "{held}");
    let legacy = checker
        .tags
        .iter()
        .filter(|tag| !tag.starts_with("WMK"))
        .count();
    assert!((280..=300).contains(&legacy), "{legacy}");
}

#[test]
fn other_seeds_and_days_are_legal_too() {
    for (seed, day) in [(7, "2031-01-01"), (u64::MAX, "2024-02-29")] {
        let today = day.parse().expect("a day");
        let plan = university(seed, today);
        let mut checker = Checker::new(&plan);
        checker.replay(today);
        assert!(
            (75_000..=90_000).contains(&plan.steps.len()),
            "{}",
            plan.steps.len()
        );
        assert_eq!(checker.assets.len(), 12_000);
        assert_example(&plan, &checker);
    }
}

#[test]
fn the_example_of_the_product_page_is_a_laptop_in_somebodys_hands() {
    let plan = university(1, today());
    let mut checker = Checker::new(&plan);
    checker.replay(today());
    assert_example(&plan, &checker);
}

fn assert_example(plan: &University, checker: &Checker<'_>) {
    let asset = checker
        .assets
        .values()
        .find(|asset| {
            asset
                .tag
                .as_ref()
                .is_some_and(|tag| tag.as_str() == "WMK-004217-S")
        })
        .expect("it exists");
    assert_eq!(asset.state, State::InUse);
    assert!(matches!(asset.holder, Some(Target::Person(_))), "{asset:?}");
    let category = checker.models[&asset.model].category;
    let laptop = plan
        .categories
        .iter()
        .find(|category| category.code == "laptop");
    assert_eq!(laptop.map(|found| found.id), Some(category));
}

#[test]
fn people_are_printable_and_their_dates_fit() {
    let plan = university(1, today());
    assert_eq!(plan.people.len(), 2_000);
    let (mut emails, mut subjects) = (HashSet::new(), HashSet::new());
    for person in &plan.people {
        assert!(person.name.chars().all(is_printable));
        assert!(person.email.is_ascii() && person.email.ends_with("@westmark.example"));
        assert!(emails.insert(&person.email) && subjects.insert(&person.subject));
        assert_eq!(
            person.status == PersonStatus::Separated,
            person.separated_on.is_some()
        );
        assert!(
            person
                .separated_on
                .is_none_or(|day| day > person.joined_on && day <= today())
        );
        assert!(person.joined_on <= today());
    }
    let gone = plan
        .people
        .iter()
        .filter(|p| p.separated_on.is_some())
        .count();
    assert!((200..700).contains(&gone), "{gone}");
}

#[test]
fn grants_are_held_by_people_who_stay() {
    let plan = university(1, today());
    for grant in &plan.grants {
        let person = plan
            .people
            .iter()
            .find(|p| p.id == grant.person)
            .expect("a person");
        assert_eq!(person.status, PersonStatus::Active);
        assert!(person.joined_on.start() < plan.founded);
    }
    let of_technician: Vec<_> = plan
        .grants
        .iter()
        .filter(|g| g.person == plan.technician)
        .collect();
    assert_eq!(of_technician.len(), 1);
    assert_eq!(of_technician[0].unit, plan.technician_college);
    let holders: HashSet<_> = plan.grants.iter().map(|grant| grant.person).collect();
    assert_eq!(holders.len(), plan.grants.len());
}

/// Hashes what is written to it, so that plans can be compared without keeping their text.
struct Digest(DefaultHasher);

impl Write for Digest {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}

fn digest(plan: &University) -> u64 {
    let mut digest = Digest(DefaultHasher::new());
    write!(digest, "{plan:?}").expect("hashing cannot fail");
    digest.0.finish()
}

#[test]
fn the_help_desk_knows_repairs_and_requests() {
    let plan = university(1, today());
    assert!(
        (500..2_500).contains(&plan.tickets.len()),
        "{}",
        plan.tickets.len()
    );
    let morning = today().start();
    let mut open = 0;
    let mut keys = HashSet::new();
    for ticket in &plan.tickets {
        assert!(keys.insert(&ticket.external_id));
        let opened = ticket.opened_at.value().expect("when it was written");
        assert!(*opened <= ticket.occurred_at && ticket.occurred_at <= morning.plus_days(1));
        let status = ticket.status.value().expect("how far it is");
        open += usize::from(status.is_active());
        assert!(!(status.is_active() && ticket.resolved_at.value().is_some()));
    }
    assert!((20..400).contains(&open), "{open}");
}

#[test]
fn a_seed_and_a_day_determine_the_plan() {
    let first = digest(&university(1, today()));
    assert_eq!(first, digest(&university(1, today())));
    assert_ne!(first, digest(&university(2, today())));
    assert_ne!(first, digest(&university(1, today().plus_days(1))));
}
