//! An independent model of the lifecycle: it replays a plan and refuses what the ledger would refuse.

use std::collections::{HashMap, HashSet};
use std::fmt::{self, Write};
use std::hash::{DefaultHasher, Hasher};

use habeo_core::access::Action;
use habeo_core::asset::command::{Act, Description};
use habeo_core::asset::{Acquisition, State, Target};
use habeo_core::id::{AssetId, LocationId, ModelId, PersonId, UnitId};
use habeo_core::text::{Serial, Tag, is_printable};
use habeo_core::time::{Day, Timestamp};

use super::{Model, PersonStatus, Step, University, university};

const TODAY: &str = "2026-07-28";

fn today() -> Day {
    TODAY.parse().expect("a day")
}

/// What the model knows of an asset.
#[derive(Debug, Clone)]
struct Asset {
    state: State,
    /// What it was before it went away or broke.
    before: State,
    holder: Option<Target>,
    due_at: Option<Timestamp>,
    renewals: u8,
    unit: UnitId,
    model: ModelId,
    tag: Option<Tag>,
    held: bool,
    steps: u32,
    last: Timestamp,
}

struct Checker<'a> {
    plan: &'a University,
    units: HashMap<UnitId, Option<UnitId>>,
    places: HashSet<LocationId>,
    models: HashMap<ModelId, &'a Model>,
    left: HashMap<PersonId, (Timestamp, Option<Timestamp>)>,
    grants: HashMap<PersonId, Vec<(habeo_core::access::Role, UnitId)>>,
    tags: HashSet<String>,
    serials: HashSet<(habeo_core::id::ManufacturerId, String)>,
    identifiers: HashSet<String>,
    assets: HashMap<AssetId, Asset>,
}

impl<'a> Checker<'a> {
    fn new(plan: &'a University) -> Self {
        let mut grants: HashMap<_, Vec<_>> = HashMap::new();
        for grant in &plan.grants {
            grants
                .entry(grant.person)
                .or_default()
                .push((grant.role, grant.unit));
        }
        Self {
            plan,
            units: plan.units.iter().map(|u| (u.id, u.parent)).collect(),
            places: plan.locations.iter().map(|l| l.id).collect(),
            models: plan.models.iter().map(|m| (m.id, m)).collect(),
            left: plan
                .people
                .iter()
                .map(|p| (p.id, (p.joined_on.start(), p.separated_on.map(Day::start))))
                .collect(),
            grants,
            tags: HashSet::new(),
            serials: HashSet::new(),
            identifiers: HashSet::new(),
            assets: HashMap::new(),
        }
    }

    fn replay(&mut self) {
        let end = today().start().plus_micros(6 * 3_600 * 1_000_000);
        let mut last = self.plan.founded;
        for step in &self.plan.steps {
            assert!(step.at >= last && step.at <= end, "out of time: {step:?}");
            last = step.at;
            self.apply(step);
        }
        for asset in self.assets.values() {
            let open = matches!(asset.state, State::InUse | State::OnLoan);
            assert!(!open || asset.holder.is_some(), "{asset:?}");
            self.stays(asset.holder, end);
        }
    }

    fn apply(&mut self, step: &Step) {
        let id = step.command.asset;
        if let Some(remark) = &step.command.remark {
            assert!((1..=2_000).contains(&remark.len()) && remark.chars().all(is_printable));
        }
        let mut asset = match &step.command.act {
            Act::Order(what) => {
                self.described(what);
                assert!(what.po_no.is_some());
                born(step, what, State::Ordered)
            }
            Act::Register(register) => {
                self.described(&register.what);
                let bought = matches!(
                    register.what.acquisition,
                    Acquisition::Purchase | Acquisition::Punchout
                );
                assert!(bought || register.provenance.is_some());
                self.placed(register.location);
                let model = self.models[&register.what.model.expect("a model")];
                assert!(register.serial.is_some() || !model.requires_serial);
                self.numbered(model, register.serial.as_ref());
                for (kind, value) in &register.identifiers {
                    assert!(self.identifiers.insert(format!("{kind}:{value}")));
                }
                let mut asset = born(step, &register.what, State::Received);
                if let Some(tag) = &register.tag {
                    self.label(&mut asset, tag);
                    asset.state = State::InStock;
                }
                asset
            }
            _ => {
                let asset = self.assets.get(&id).expect("it exists").clone();
                assert!(asset.last < step.at, "two facts at one instant: {step:?}");
                asset
            }
        };
        self.permitted(step, asset.unit);
        self.act(&mut asset, step);
        asset.steps += 1;
        asset.last = step.at;
        let known = self.assets.insert(id, asset).is_some();
        let births = matches!(&step.command.act, Act::Order(_) | Act::Register(_));
        assert_ne!(known, births, "born twice or never: {step:?}");
    }

    /// The state machine.
    fn act(&mut self, asset: &mut Asset, step: &Step) {
        use State as S;
        let was = asset.state;
        let from =
            |allowed: &[State]| assert!(allowed.contains(&was), "{was} does not take {step:?}");
        let live = !matches!(was, S::Disposed | S::Void);
        match &step.command.act {
            Act::Order(_) | Act::Register(_) => {}
            Act::Receive {
                serial,
                serial_waived,
                location,
            } => {
                from(&[S::Ordered]);
                self.placed(*location);
                let model = self.models[&asset.model];
                assert!(serial.is_some() || !model.requires_serial || *serial_waived);
                self.numbered(model, serial.as_ref());
                asset.state = S::Received;
            }
            Act::Tag { tag, scanned_back } => {
                from(&[S::Received]);
                assert_eq!(tag.as_str(), scanned_back);
                self.label(asset, tag);
                asset.state = S::InStock;
            }
            Act::Retag { tag } => {
                assert!(live && asset.tag.is_some());
                self.label(asset, tag);
            }
            Act::Deploy {
                target, location, ..
            } => {
                from(&[S::InStock]);
                self.placed(*location);
                self.open(asset, *target, step);
                asset.state = S::InUse;
            }
            Act::Reassign {
                target, location, ..
            } => {
                from(&[S::InUse]);
                self.placed(*location);
                self.close(asset, step);
                self.open(asset, *target, step);
            }
            Act::Loan { target, due_at } => {
                from(&[S::InStock]);
                assert!(*due_at > step.at);
                self.open(asset, *target, step);
                (asset.due_at, asset.renewals) = (Some(*due_at), 0);
                asset.state = S::OnLoan;
            }
            Act::Renew { due_at } => {
                from(&[S::OnLoan]);
                assert!(
                    asset
                        .due_at
                        .is_some_and(|due| due > step.at && *due_at > due),
                    "{step:?}"
                );
                asset.renewals += 1;
                assert!(asset.renewals <= 2);
                asset.due_at = Some(*due_at);
            }
            Act::Return { location, .. } => {
                from(&[S::InUse, S::OnLoan]);
                self.placed(*location);
                self.close(asset, step);
                asset.state = S::InStock;
            }
            Act::Dispatch { to } => {
                from(&[S::InStock, S::InUse]);
                self.placed(Some(*to));
                (asset.before, asset.state) = (was, S::InTransit);
            }
            Act::Arrive { at } => {
                from(&[S::InTransit]);
                self.placed(*at);
                asset.state = asset.before;
            }
            Act::RepairOut { .. } => {
                from(&[S::InStock, S::InUse, S::OnLoan]);
                (asset.before, asset.state) = (was, S::InRepair);
            }
            Act::RepairIn { .. } => {
                from(&[S::InRepair]);
                asset.state = asset.before;
            }
            Act::ReportMissing { discovered_on, .. } => {
                assert!(live && !matches!(was, S::Ordered | S::Retired | S::Surplus | S::Missing));
                assert!(discovered_on.start() <= step.at);
                asset.state = S::Missing;
            }
            Act::Found {
                observation,
                handed_to,
            } => {
                from(&[S::Missing]);
                assert!(observation.occurred_at <= step.at && observation.occurred_at > asset.last);
                assert_eq!(
                    asset.tag.as_ref().map(Tag::as_str),
                    Some(observation.raw_code.as_str())
                );
                self.placed(observation.location);
                self.close(asset, step);
                asset.state = S::InStock;
                if let Some(target) = handed_to {
                    self.open(asset, *target, step);
                    asset.state = S::InUse;
                }
            }
            Act::WriteOff {
                approved_by,
                investigation_closed,
            } => {
                from(&[S::Missing]);
                assert!(*investigation_closed);
                self.two(*approved_by, asset.unit);
                self.close(asset, step);
                asset.state = S::Disposed;
            }
            Act::Retire => {
                from(&[S::Received, S::InStock, S::InRepair]);
                assert!(asset.holder.is_none());
                asset.state = S::Retired;
            }
            Act::Reinstate { tag_attached } => {
                from(&[S::Retired]);
                assert!(*tag_attached);
                asset.state = S::InStock;
            }
            Act::Surplus {
                approved_by,
                sanitization,
            } => {
                from(&[S::Retired]);
                assert!(self.may(*approved_by, Action::Dispose, asset.unit));
                assert!(sanitization.is_some() || !self.models[&asset.model].bears_data);
                if let Some(proof) = sanitization {
                    assert_ne!(proof.by, proof.verified_by);
                    assert!(self.left.contains_key(&proof.by));
                    assert!(self.left.contains_key(&proof.verified_by));
                }
                asset.state = S::Surplus;
            }
            Act::Dispose {
                approved_by,
                tag_removed,
                sale_price_minor,
                ..
            } => {
                from(&[S::Retired, S::Surplus]);
                assert!(was == S::Surplus || !self.models[&asset.model].bears_data);
                assert!(*tag_removed && sale_price_minor.is_none_or(|price| price >= 0));
                self.two(*approved_by, asset.unit);
                asset.state = S::Disposed;
            }
            Act::Cancel => {
                from(&[S::Ordered]);
                asset.state = S::Void;
            }
            Act::Void { approved_by } => {
                from(&[S::Received, S::InStock]);
                assert_eq!(asset.steps, 1);
                self.two(*approved_by, asset.unit);
                asset.state = S::Void;
            }
            Act::Move { location, .. } => {
                assert!(live);
                self.placed(Some(*location));
            }
            Act::Note => assert!(step.command.remark.is_some()),
            Act::PlaceHold { .. } => {
                assert!(live);
                asset.held = true;
                return;
            }
            Act::ChangeFields(fields) => assert!(live && !fields.is_empty()),
            Act::ReleaseHold { .. } | Act::Correct { .. } => panic!("needs an id of the ledger"),
        }
        assert!(!asset.held, "something follows a hold: {step:?}");
    }

    fn open(&self, asset: &mut Asset, target: Target, step: &Step) {
        assert!(asset.holder.is_none(), "two holders: {step:?}");
        match target {
            Target::Person(person) => {
                assert!(self.left[&person].0 <= step.at, "not here yet: {step:?}");
                self.stays(Some(target), step.at);
            }
            Target::Unit(unit) => assert!(self.units.contains_key(&unit)),
            Target::Location(place) => self.placed(Some(place)),
            Target::Asset(other) => assert!(self.assets.contains_key(&other)),
        }
        asset.holder = Some(target);
    }

    fn close(&self, asset: &mut Asset, step: &Step) {
        self.stays(asset.holder, step.at);
        asset.holder = None;
        asset.due_at = None;
    }

    /// Whoever held it until now was still here.
    fn stays(&self, holder: Option<Target>, until: Timestamp) {
        if let Some(Target::Person(person)) = holder {
            let left = self.left[&person].1;
            assert!(
                left.is_none_or(|left| until < left),
                "{person} left and holds something"
            );
        }
    }

    fn described(&self, what: &Description) {
        assert!((1..=500).contains(&what.description.chars().count()));
        assert!(what.description.chars().all(is_printable));
        assert!(self.units.contains_key(&what.unit));
        let model = self.models[&what.model.expect("a model")];
        assert_eq!(model.category, what.category);
        assert_eq!(Some(model.manufacturer), what.manufacturer);
        assert!(what.cost_minor.is_none_or(|cost| cost > 0));
    }

    fn placed(&self, place: Option<LocationId>) {
        assert!(place.is_none_or(|place| self.places.contains(&place)));
    }

    fn numbered(&mut self, model: &Model, serial: Option<&Serial>) {
        if let Some(serial) = serial.filter(|s| !s.is_placeholder()) {
            let key = (model.manufacturer, serial.folded().to_owned());
            assert!(self.serials.insert(key), "{serial} occurs twice");
        }
    }

    fn label(&mut self, asset: &mut Asset, tag: &Tag) {
        assert!(
            self.tags.insert(tag.folded().to_owned()),
            "{tag} occurs twice"
        );
        asset.tag = Some(tag.clone());
    }

    fn two(&self, approved_by: [PersonId; 2], unit: UnitId) {
        assert_ne!(approved_by[0], approved_by[1]);
        for person in approved_by {
            assert!(self.may(person, Action::Dispose, unit));
        }
    }

    fn may(&self, person: PersonId, action: Action, unit: UnitId) -> bool {
        let above: Vec<UnitId> =
            std::iter::successors(Some(unit), |unit| self.units[unit]).collect();
        self.grants.get(&person).is_some_and(|grants| {
            grants
                .iter()
                .any(|(role, root)| above.contains(root) && role.actions().contains(action))
        })
    }

    fn permitted(&self, step: &Step, unit: UnitId) {
        let action = match &step.command.act {
            Act::Order(_) | Act::Register(_) | Act::Receive { .. } | Act::Tag { .. } => {
                Action::Register
            }
            Act::Cancel | Act::Retag { .. } => Action::Register,
            Act::Deploy { .. }
            | Act::Loan { .. }
            | Act::Renew { .. }
            | Act::Reassign { .. }
            | Act::Return { .. } => Action::Custody,
            Act::Retire | Act::Reinstate { .. } | Act::Surplus { .. } => Action::Retire,
            Act::Dispose { .. } | Act::WriteOff { .. } | Act::Void { .. } => Action::Dispose,
            Act::PlaceHold { .. } | Act::ReleaseHold { .. } => Action::Hold,
            Act::ChangeFields(_) | Act::Correct { .. } => Action::Correct,
            _ => Action::Field,
        };
        assert!(
            self.may(step.actor, action, unit),
            "{action:?} is not theirs: {step:?}"
        );
    }

    fn count(&self, states: &[State]) -> usize {
        self.assets
            .values()
            .filter(|asset| states.contains(&asset.state))
            .count()
    }
}

fn born(step: &Step, what: &Description, state: State) -> Asset {
    Asset {
        state,
        before: state,
        holder: None,
        due_at: None,
        renewals: 0,
        unit: what.unit,
        model: what.model.expect("a model"),
        tag: None,
        held: false,
        steps: 0,
        last: step.at,
    }
}

#[test]
fn every_step_is_legal_and_the_end_is_realistic() {
    let plan = university(1, today());
    let mut checker = Checker::new(&plan);
    checker.replay();

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
        let plan = university(seed, day.parse().expect("a day"));
        let mut checker = Checker::new(&plan);
        for step in &plan.steps {
            checker.apply(step);
        }
        assert_eq!(checker.assets.len(), 12_000);
        assert_example(&plan, &checker);
    }
}

#[test]
fn the_example_of_the_product_page_is_a_laptop_in_somebodys_hands() {
    let plan = university(1, today());
    let mut checker = Checker::new(&plan);
    checker.replay();
    assert_example(&plan, &checker);
}

#[test]
fn zz_show() {
    let t = std::time::Instant::now();
    let plan = university(1, today());
    println!("SHOW {:?}", t.elapsed());
    let mut checker = Checker::new(&plan);
    checker.replay();
    let ex = checker.assets.iter().find(|(_, a)| a.tag.as_ref().is_some_and(|t| t.as_str()=="WMK-004217-S")).unwrap().0;
    let mut ids = vec![*ex];
    for st in [State::Disposed, State::OnLoan, State::Missing, State::InUse, State::Surplus] {
        let mut c: Vec<_> = checker.assets.iter().filter(|(_, a)| a.state==st).collect(); c.sort_by_key(|(i,_)| **i);
        ids.push(*c[c.len()/3].0);
    }
    for id in ids { for s in plan.steps.iter().filter(|s| s.command.asset==id) { println!("SHOW {} {:?} {:?}", s.at, s.command.act, s.command.remark); } println!("SHOW"); }
    for p in plan.people.iter().step_by(130) { println!("SHOW {} {} {:?} {:?} {} {:?}", p.name, p.email, p.affiliation, p.status, p.joined_on, p.separated_on); }
    for l in plan.locations.iter().step_by(97) { println!("SHOW {} {} {:?}", l.code, l.name, l.kind); }
    println!("SHOW grants {} rooms {} models {}", plan.grants.len(), plan.locations.iter().filter(|l| l.room_use.is_some()).count(), plan.models.len());
    let mut held: HashMap<PersonId, usize> = HashMap::new();
    for a in checker.assets.values() { if let Some(Target::Person(p)) = a.holder { *held.entry(p).or_default() += 1; } }
    let mut v: Vec<_> = held.values().copied().collect(); v.sort(); println!("SHOW holders {} max {:?} median {}", v.len(), v.last(), v[v.len()/2]);
    let mut fam: std::collections::BTreeMap<&str, usize> = Default::default();
    for a in checker.assets.values() { let c = checker.models[&a.model].category; *fam.entry(plan.categories.iter().find(|x| x.id==c).unwrap().code).or_default()+=1; }
    println!("SHOW {fam:?}");
    let mut byu: std::collections::BTreeMap<&str, usize> = Default::default();
    for a in checker.assets.values() { *byu.entry(plan.units.iter().find(|x| x.id==a.unit).unwrap().code).or_default()+=1; }
    println!("SHOW {byu:?}");
    let mut peryear: std::collections::BTreeMap<i32, usize> = Default::default();
    for s in &plan.steps { *peryear.entry(s.at.day().year()).or_default()+=1; }
    println!("SHOW {peryear:?}");
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
        assert_ne!(person.status, PersonStatus::Separated);
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
fn a_seed_and_a_day_determine_the_plan() {
    let first = digest(&university(1, today()));
    assert_eq!(first, digest(&university(1, today())));
    assert_ne!(first, digest(&university(2, today())));
    assert_ne!(first, digest(&university(1, today().plus_days(1))));
}
