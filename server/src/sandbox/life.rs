//! The history of one asset from its birth to its last chapter: custody, and what happens in between.

use habeo_core::asset::command::{Act, Command, Description, Register};
use habeo_core::asset::{AssignmentKind, Condition, State, Target};
use habeo_core::id::{AssetId, LocationId, PersonId};
use habeo_core::text::Tag;
use habeo_core::time::Timestamp;

use super::births::{Newcomer, Path};
use super::calendar::{self, MINUTE};
use super::dice::Dice;
use super::plan::{Affiliation, Step};
use super::purchases::Purpose;
use super::{World, remarks};

/// In whose hands a thing is, by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    Person(usize),
    Room(usize),
    Unit(usize),
}

/// A history while it is written.
#[derive(Debug)]
pub struct Life<'a> {
    pub world: &'a World,
    pub dice: &'a Dice,
    pub newcomer: &'a Newcomer<'a>,
    pub state: State,
    pub holder: Option<Holder>,
    steps: &'a mut Vec<Step>,
    asset: AssetId,
    pub tag: Option<Tag>,
    pub now: i64,
    /// When the present holder would like something else.
    tenure_end: i64,
}

impl<'a> Life<'a> {
    /// Puts a newcomer onto the record.
    pub fn begin(
        world: &'a World,
        dice: &'a Dice,
        newcomer: &'a Newcomer<'a>,
        steps: &'a mut Vec<Step>,
    ) -> Self {
        let first = match newcomer.path {
            Path::Labelled => newcomer.tagged_at,
            Path::Unlabelled => newcomer.received_at,
            Path::Ordered => newcomer.ordered_at,
        };
        let asset = AssetId::generate(Timestamp::from_micros(first), dice.random());
        let mut life = Self {
            world,
            dice,
            newcomer,
            state: State::Ordered,
            holder: None,
            steps,
            asset,
            tag: None,
            now: first,
            tenure_end: 0,
        };
        match newcomer.path {
            Path::Ordered => life.order(),
            Path::Labelled | Path::Unlabelled => life.register(),
        }
        life
    }

    /// Receives and labels what is not yet labelled.
    pub fn settle_in(&mut self) {
        self.receive();
        if self.state == State::Received
            && let Some(tag) = self.newcomer.tag.clone()
        {
            self.now = self.newcomer.tagged_at.max(self.now + MINUTE);
            let scanned_back = tag.as_str().to_owned();
            self.tag = Some(tag.clone());
            self.state = State::InStock;
            self.step(self.custodian(), Act::Tag { tag, scanned_back }, None);
        }
        if let Some((at, tag)) = self.newcomer.retagged.clone() {
            self.now = at.max(self.now + MINUTE);
            self.tag = Some(tag.clone());
            self.step(
                self.custodian(),
                Act::Retag { tag },
                Some("Old label does not scan"),
            );
        }
    }

    /// Receives what was ordered.
    pub fn receive(&mut self) {
        if self.state != State::Ordered {
            return;
        }
        self.now = self.newcomer.received_at.max(self.now + MINUTE);
        let serial = self.newcomer.serial.clone();
        let required = self.world.catalogue.models[self.newcomer.batch.model].requires_serial;
        let serial_waived = serial.is_none() && required;
        self.state = State::Received;
        let location = Some(self.world.places.id(self.store()));
        let act = Act::Receive {
            serial,
            serial_waived,
            location,
        };
        self.step(self.buyer(), act, None);
    }

    fn order(&mut self) {
        let description = Box::new(self.description());
        self.step(self.buyer(), Act::Order(description), None);
    }

    fn register(&mut self) {
        let Newcomer { path, batch, .. } = self.newcomer;
        let tag = self
            .newcomer
            .tag
            .clone()
            .filter(|_| *path == Path::Labelled);
        self.state = if tag.is_some() {
            State::InStock
        } else {
            State::Received
        };
        self.tag.clone_from(&tag);
        let inherited = batch.day < self.world.start;
        let condition = if inherited {
            self.dice.weighted(&[
                (60, Condition::Good),
                (30, Condition::Fair),
                (10, Condition::Unknown),
            ])
        } else {
            Condition::New
        };
        let taken_over =
            inherited.then(|| "Taken over from the inventory list of the old system".to_owned());
        let register = Register {
            what: self.description(),
            tag,
            serial: self.newcomer.serial.clone(),
            location: Some(self.world.places.id(self.store())),
            condition,
            identifiers: self.newcomer.identifiers.clone(),
            provenance: batch.provenance.clone().or(taken_over),
        };
        let actor = if self.dice.percent(60) {
            self.buyer()
        } else {
            self.custodian()
        };
        self.step(actor, Act::Register(Box::new(register)), None);
    }

    fn description(&self) -> Description {
        let batch = self.newcomer.batch;
        let catalogue = &self.world.catalogue;
        let model = &catalogue.models[batch.model];
        let months = catalogue.facts[batch.model].warranty_months;
        let bought = batch.po_no.is_some();
        Description {
            description: batch.description.clone(),
            category: model.category,
            model: Some(model.id),
            manufacturer: Some(model.manufacturer),
            unit: self.world.units.id(batch.unit),
            acquisition: batch.acquisition,
            cost_minor: batch.cost_minor,
            currency: batch.cost_minor.map(|_| "USD".to_owned()),
            po_no: batch.po_no.clone(),
            invoice_no: batch.invoice_no.clone(),
            acquired_on: Some(calendar::day(batch.day)),
            warranty_ends_on: bought.then(|| calendar::day(batch.day + months * 365 / 12)),
        }
    }

    /// Lives in custody of people, rooms or units until a day.
    pub fn in_custody(&mut self, horizon: i64) {
        let mut first = true;
        loop {
            if self.holder.is_none() {
                let gap = if first {
                    self.dice.range(0, 12)
                } else {
                    self.dice.range(4, 70)
                };
                let day = self.today() + gap;
                if day + 8 >= horizon {
                    return;
                }
                self.on(day);
                self.deploy();
            }
            first = false;
            let end = self.tenure_end.min(self.holder_leaves() - 4).min(horizon);
            let holder = self.holder;
            self.everyday(end);
            if self.holder != holder {
                continue;
            }
            if end >= horizon {
                return;
            }
            self.on(end);
            let next = self.next_holder();
            if self.dice.percent(60) && self.holder != holder {
                let (target, kind, location) = next;
                self.step(
                    self.technician(),
                    Act::Reassign {
                        target,
                        kind,
                        location,
                    },
                    None,
                );
            } else {
                self.give_back();
            }
        }
    }

    /// In stock → in use, now.
    pub fn deploy(&mut self) {
        let (target, kind, location) = self.next_holder();
        self.state = State::InUse;
        self.step(
            self.technician(),
            Act::Deploy {
                target,
                kind,
                location,
            },
            None,
        );
    }

    /// Chooses the next holder and remembers it.
    pub fn next_holder(&mut self) -> (Target, AssignmentKind, Option<LocationId>) {
        let (world, dice, batch) = (self.world, self.dice, self.newcomer.batch);
        let day = self.today();
        self.tenure_end = day + dice.range(420, 1_900);
        let person = match batch.purpose {
            Purpose::Person => {
                world
                    .people
                    .holder(dice, batch.unit, day, (day + 90).min(world.today))
            }
            _ => None,
        };
        if let Some(person) = person {
            self.holder = Some(Holder::Person(person));
            let facts = &world.people.facts[person];
            let kind = match facts.affiliation {
                Affiliation::Faculty | Affiliation::Staff => AssignmentKind::Permanent,
                _ => AssignmentKind::Temporary,
            };
            let location = dice.percent(80).then(|| world.places.id(facts.office));
            return (Target::Person(facts.id), kind, location);
        }
        if batch.purpose == Purpose::Room && !batch.rooms.is_empty() {
            // A room keeps what is in it until the refresh; only a few things wander.
            self.tenure_end = day + dice.range(900, 4_200);
            let intended = batch.rooms[self.newcomer.number % batch.rooms.len()];
            let room = match self.holder {
                Some(Holder::Room(room)) => world.places.sibling(dice, room),
                _ => intended,
            };
            self.holder = Some(Holder::Room(room));
            let id = world.places.id(room);
            return (Target::Location(id), AssignmentKind::Room, Some(id));
        }
        self.holder = Some(Holder::Unit(batch.unit));
        let location = world.places.id(self.store());
        (
            Target::Unit(world.units.id(batch.unit)),
            AssignmentKind::Shared,
            Some(location),
        )
    }

    /// In use or on loan → in stock, now.
    pub fn give_back(&mut self) {
        let condition = self.shape();
        let location = Some(self.world.places.id(self.store()));
        self.holder = None;
        self.state = State::InStock;
        let remark = remarks::of_return(self.dice);
        let actor = self.desk();
        self.step(
            actor,
            Act::Return {
                condition,
                location,
            },
            remark,
        );
    }

    /// The shape of a thing of this age.
    pub fn shape(&self) -> Condition {
        let age = self.today() - self.newcomer.batch.day;
        let life = self.world.catalogue.facts[self.newcomer.batch.model].life_days;
        self.dice.weighted(match age * 100 / life.max(1) {
            ..40 => &[
                (88, Condition::Good),
                (10, Condition::Fair),
                (2, Condition::Poor),
            ],
            40..90 => &[
                (62, Condition::Good),
                (30, Condition::Fair),
                (8, Condition::Poor),
            ],
            _ => &[
                (30, Condition::Good),
                (46, Condition::Fair),
                (20, Condition::Poor),
                (4, Condition::Inoperable),
            ],
        })
    }

    /// The day from which the present holder holds nothing.
    pub fn holder_leaves(&self) -> i64 {
        match self.holder {
            Some(Holder::Person(person)) => self.world.people.facts[person].left,
            _ => i64::MAX,
        }
    }

    /// A room in which the owner keeps what nobody uses.
    pub fn store(&self) -> usize {
        self.world.places.store(self.dice, self.newcomer.batch.unit)
    }

    pub fn technician(&self) -> PersonId {
        let Self {
            world,
            dice,
            newcomer,
            ..
        } = self;
        world
            .actors
            .technician(dice, &world.units, newcomer.batch.unit)
    }

    pub fn custodian(&self) -> PersonId {
        let Self {
            world,
            dice,
            newcomer,
            ..
        } = self;
        world
            .actors
            .custodian(dice, &world.units, newcomer.batch.unit)
    }

    fn buyer(&self) -> PersonId {
        let Self {
            world,
            dice,
            newcomer,
            ..
        } = self;
        world.actors.buyer(dice, &world.units, newcomer.batch.unit)
    }

    /// Who hands over: the loan desk where things are lent, a technician elsewhere.
    pub fn desk(&self) -> PersonId {
        if self.newcomer.batch.purpose == Purpose::Loan || self.state == State::OnLoan {
            self.dice.pick(&self.world.actors.loan_desk)
        } else {
            self.technician()
        }
    }

    /// The day it is in this history.
    pub fn today(&self) -> i64 {
        calendar::day_of(self.now)
    }

    /// Goes on to the working hours of a day, or a little later than now.
    pub fn on(&mut self, day: i64) {
        let last = self.world.today - 1;
        // Nothing is planned for the weekend, unless yesterday was one.
        let day = if calendar::workday(day) > last {
            day.min(last)
        } else {
            calendar::workday(day)
        };
        let at = calendar::in_hours(self.dice, day);
        self.now = if at > self.now {
            at
        } else {
            self.now + self.dice.range(4, 25) * MINUTE
        };
    }

    /// Writes a step at the present time.
    pub fn step(&mut self, actor: PersonId, act: Act, remark: Option<&str>) {
        self.steps.push(Step {
            at: Timestamp::from_micros(self.now),
            actor,
            command: Command {
                asset: self.asset,
                act,
                occurred_at: None,
                remark: remark.map(ToOwned::to_owned),
            },
        });
        // Two facts about one thing never share an instant.
        self.now += MINUTE;
    }
}
