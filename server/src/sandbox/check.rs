//! An independent model of the lifecycle: it replays a plan and refuses what the ledger would refuse.

use std::collections::{HashMap, HashSet};

use habeo_core::access::Action;
use habeo_core::asset::command::{Act, Description};
use habeo_core::asset::{Acquisition, State, Target};
use habeo_core::id::{AssetId, LocationId, ModelId, PersonId, UnitId};
use habeo_core::text::{Serial, Tag, is_printable};
use habeo_core::time::{DAY_MICROS, Day, Timestamp};

use super::{Model, Step, University};

/// What the model knows of an asset.
#[derive(Debug, Clone)]
pub struct Asset {
    pub state: State,
    /// What it was before it went away or broke.
    before: State,
    pub holder: Option<Target>,
    pub due_at: Option<Timestamp>,
    renewals: u8,
    unit: UnitId,
    pub model: ModelId,
    pub tag: Option<Tag>,
    pub held: bool,
    steps: u32,
    last: Timestamp,
}

pub struct Checker<'a> {
    plan: &'a University,
    units: HashMap<UnitId, Option<UnitId>>,
    places: HashSet<LocationId>,
    pub models: HashMap<ModelId, &'a Model>,
    left: HashMap<PersonId, (Timestamp, Option<Timestamp>)>,
    grants: HashMap<PersonId, Vec<(habeo_core::access::Role, UnitId)>>,
    pub tags: HashSet<String>,
    serials: HashSet<(habeo_core::id::ManufacturerId, String)>,
    identifiers: HashSet<String>,
    pub assets: HashMap<AssetId, Asset>,
}

impl<'a> Checker<'a> {
    /// Knows the plan and has replayed nothing.
    pub fn new(plan: &'a University) -> Self {
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

    /// Replays every step; what is planned for `today` must have happened by six in the morning.
    pub fn replay(&mut self, today: Day) {
        let end = today.start().plus_micros(DAY_MICROS / 4);
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
    #[expect(
        clippy::too_many_lines,
        reason = "one match that reads like the table it checks"
    )]
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
            Act::Acknowledge => {
                from(&[S::InUse, S::OnLoan]);
                assert!(matches!(asset.holder, Some(Target::Person(_))));
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

    /// How many assets are in one of these states.
    pub fn count(&self, states: &[State]) -> usize {
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
