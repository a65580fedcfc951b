//! What happens to an asset between the changes of hands: checks, moves, repairs, trips, losses.

use habeo_core::asset::command::{Act, FieldValue, Observation};
use habeo_core::asset::{Condition, LossKind, RepairBy, State};
use habeo_core::id::ObservationId;
use habeo_core::time::Timestamp;

use super::calendar::{self, MINUTE};
use super::life::Life;
use super::purchases::Purpose;
use super::remarks;

impl Life<'_> {
    /// What happens while somebody has it: checks, moves, repairs, trips. It is over when it was lost, whoever got it then.
    pub fn everyday(&mut self, end: i64) {
        let holder = self.holder;
        while self.holder == holder {
            let day = self.today() + self.dice.range(180, 1_300);
            if day + 36 >= end {
                return;
            }
            self.on(day);
            self.incident();
        }
    }

    /// One small thing that happens to something in stock or in use; over within five weeks.
    fn incident(&mut self) {
        let mobile = self.newcomer.batch.purpose != Purpose::Room;
        match self.dice.range(0, 99) {
            0..18 if mobile => self.wander(),
            18..30 => self.repair(),
            30..38 if mobile => self.travel(),
            38..41 => self.lose_and_find(),
            41..51 => self.change_field(),
            _ => self.note(),
        }
    }

    /// A remark and nothing else.
    pub fn note(&mut self) {
        let facts = &self.world.catalogue.facts[self.newcomer.batch.model];
        let remark = remarks::note(self.dice, facts.group, facts.category);
        self.step(self.technician(), Act::Note, Some(remark));
    }

    fn wander(&mut self) {
        let room = self.world.places.near(self.dice, self.newcomer.batch.unit);
        let location = self.world.places.id(room);
        let remark = remarks::of_move(self.dice);
        self.step(
            self.technician(),
            Act::Move {
                location,
                observation: None,
            },
            remark,
        );
    }

    fn repair(&mut self) {
        self.send_to_repair();
        self.on(self.today() + self.dice.range(3, 26));
        let condition = self
            .dice
            .weighted(&[(70, Condition::Good), (30, Condition::Fair)]);
        self.state = self.carried_on();
        self.step(self.technician(), Act::RepairIn { condition }, None);
    }

    /// In stock, in use or on loan → in repair, now.
    pub fn send_to_repair(&mut self) {
        let by = self
            .dice
            .weighted(&[(60, RepairBy::Vendor), (40, RepairBy::Bench)]);
        let rma_no =
            (by == RepairBy::Vendor).then(|| format!("RMA-{}", self.dice.range(200_000, 989_999)));
        let remark = remarks::of_repair(self.dice);
        self.state = State::InRepair;
        self.step(self.technician(), Act::RepairOut { by, rma_no }, remark);
    }

    fn travel(&mut self) {
        self.send_away();
        self.on(self.today() + self.dice.range(1, 6));
        self.state = self.carried_on();
        self.step(self.technician(), Act::Arrive { at: None }, None);
    }

    /// In stock or in use → in transit, now.
    pub fn send_away(&mut self) {
        let to = self.world.places.elsewhere(self.dice, Some(self.store()));
        let remark = remarks::of_dispatch(self.dice);
        self.state = State::InTransit;
        self.step(self.technician(), Act::Dispatch { to }, remark);
    }

    fn lose_and_find(&mut self) {
        self.report_missing(LossKind::Lost);
        self.on(self.today() + self.dice.range(2, 30));
        let at = Timestamp::from_micros(self.now - self.dice.range(1, 9) * MINUTE);
        let observation = Observation {
            id: ObservationId::generate(at, self.dice.random()),
            raw_code: self
                .tag
                .as_ref()
                .map_or_else(String::new, |tag| tag.as_str().to_owned()),
            location: Some(self.world.places.id(self.store())),
            occurred_at: at,
        };
        self.holder = None;
        let handed_to = self.dice.percent(60).then(|| self.next_holder().0);
        self.state = self.carried_on();
        let remark = remarks::of_find(self.dice);
        self.step(
            self.technician(),
            Act::Found {
                observation,
                handed_to,
            },
            remark,
        );
    }

    /// Any state of a labelled thing that is around → missing, now.
    pub fn report_missing(&mut self, kind: LossKind) {
        let discovered_on = calendar::day(self.today());
        let police_no = (kind == LossKind::Stolen).then(|| {
            format!(
                "WPD {}-{:05}",
                discovered_on.year(),
                self.dice.range(120, 48_000)
            )
        });
        let remark = remarks::of_loss(self.dice);
        self.state = State::Missing;
        let act = Act::ReportMissing {
            kind,
            discovered_on,
            police_no,
        };
        self.step(self.technician(), act, remark);
    }

    fn change_field(&mut self) {
        let fields = match self.dice.range(0, 2) {
            0 => vec![FieldValue::Condition(self.shape())],
            1 => {
                let day = self.today() + self.dice.range(300, 800);
                vec![FieldValue::WarrantyEndsOn(Some(calendar::day(day)))]
            }
            _ => {
                let addition = remarks::addition(self.dice);
                let description = format!("{}, {addition}", self.newcomer.batch.description);
                vec![FieldValue::Description(description)]
            }
        };
        self.step(self.custodian(), Act::ChangeFields(fields), None);
    }

    /// The state of a thing that is neither away nor lost: in use where somebody has it.
    fn carried_on(&self) -> State {
        if self.holder.is_some() {
            State::InUse
        } else {
            State::InStock
        }
    }
}
