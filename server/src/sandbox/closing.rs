//! The last chapter of a history: how a thing stands today, or how it left.

use habeo_core::asset::command::{Act, Sanitization};
use habeo_core::asset::{DispositionMethod, HoldKind, LossKind, SanitizationMethod, State, Target};
use habeo_core::id::PersonId;
use habeo_core::time::{DAY_MICROS, Timestamp};

use super::births::{Ending, Newcomer};
use super::calendar;
use super::dice::Dice;
use super::life::{Holder, Life};
use super::plan::Step;
use super::purchases::{Oddity, Purpose};
use super::{World, remarks};

/// Writes the whole history of a newcomer.
pub fn write(world: &World, dice: &Dice, newcomer: &Newcomer<'_>, steps: &mut Vec<Step>) {
    let mut life = Life::begin(world, dice, newcomer, steps);
    if let Ending::Odd(oddity) = newcomer.ending {
        life.oddity(oddity);
        return;
    }
    life.settle_in();
    let turning_day = newcomer.turning_day;
    match newcomer.batch.purpose {
        Purpose::Loan => life.lending(turning_day),
        _ => life.in_custody(turning_day),
    }
    match newcomer.ending {
        Ending::InUse => life.end_in_use(),
        Ending::InStock => life.end_in_stock(),
        Ending::OnLoan => life.end_on_loan(),
        Ending::InRepair => life.end_in_repair(),
        Ending::InTransit => life.end_in_transit(),
        Ending::Missing => life.end_missing(),
        Ending::WrittenOff => life.end_written_off(),
        Ending::Retired | Ending::Surplus | Ending::Disposed => life.end_of_use(),
        Ending::Odd(_) => {}
    }
}

impl Life<'_> {
    fn oddity(&mut self, oddity: Oddity) {
        let (world, dice, newcomer) = (self.world, self.dice, self.newcomer);
        match oddity {
            Oddity::OnOrder => {}
            Oddity::Unlabelled => self.receive(),
            Oddity::Cancelled => {
                let remark = Some("Supplier cannot deliver this fiscal year");
                let actor = world
                    .actors
                    .unit_admin(dice, &world.units, newcomer.batch.unit);
                self.on(self.today() + dice.range(9, 30));
                self.step(actor, Act::Cancel, remark);
            }
            Oddity::Mistaken => {
                let approved_by = world
                    .actors
                    .approvers(dice, &world.units, newcomer.batch.unit);
                self.on(self.today() + dice.range(0, 2));
                let actor = approved_by[1];
                self.step(actor, Act::Void { approved_by }, Some("Entered twice"));
            }
        }
    }

    /// Is lent, renewed and returned again and again until a day.
    fn lending(&mut self, horizon: i64) {
        let dice = self.dice;
        let longest_gap = ((horizon - self.today()) / 7).clamp(8, 300);
        loop {
            let day = self.today() + dice.range(2, longest_gap);
            let due = day + dice.weighted(&[(20, 3), (35, 7), (30, 14), (15, 28)]);
            let renewals = dice.weighted(&[(74, 0), (18, 1), (8, 2)]);
            let late = dice.weighted(&[(60, -1), (25, 0), (10, 2), (5, 12)]);
            let back = due + renewals * 10 + late;
            if back + 4 >= horizon {
                return;
            }
            if dice.percent(12) {
                self.on(day - 1);
                self.note();
            }
            self.on(day);
            let Some(borrower) = self.world.people.borrower(dice, day, back + 8) else {
                continue;
            };
            self.lend(borrower, due);
            for renewal in 1..=renewals {
                self.on(due + (renewal - 1) * 10 - 3);
                let due_at = closing_time(due + renewal * 10);
                self.step(self.desk(), Act::Renew { due_at }, None);
            }
            self.on(back);
            self.give_back();
        }
    }

    fn lend(&mut self, borrower: usize, due: i64) {
        self.holder = Some(Holder::Person(borrower));
        self.state = State::OnLoan;
        let target = Target::Person(self.world.people.facts[borrower].id);
        let due_at = closing_time(due);
        self.step(self.desk(), Act::Loan { target, due_at }, None);
    }

    fn end_in_use(&mut self) {
        if self.holder.is_none() {
            let yesterday = self.world.today - 1;
            let day = (self.today() + self.dice.range(0, 6)).min(yesterday);
            self.on(day);
            self.deploy();
        }
    }

    fn end_in_stock(&mut self) {
        self.turn();
        self.back_to_stock();
    }

    fn end_on_loan(&mut self) {
        let (dice, today) = (self.dice, self.world.today);
        self.turn();
        self.back_to_stock();
        let lent = self.today();
        let Some(borrower) = self.world.people.borrower(dice, lent, today) else {
            return;
        };
        self.on(lent);
        let overdue = today - lent > 6 && dice.percent(9);
        let due = if overdue {
            today - dice.range(1, 4)
        } else {
            today + dice.range(1, 24)
        };
        self.lend(borrower, due);
    }

    fn end_in_repair(&mut self) {
        self.turn();
        self.let_go_of_leavers();
        self.send_to_repair();
    }

    fn end_in_transit(&mut self) {
        self.turn();
        self.let_go_of_leavers();
        self.send_away();
    }

    fn end_missing(&mut self) {
        self.turn();
        self.let_go_of_leavers();
        let kind = self
            .dice
            .weighted(&[(75, LossKind::Lost), (25, LossKind::Stolen)]);
        self.report_missing(kind);
    }

    fn end_written_off(&mut self) {
        self.turn();
        self.back_to_stock();
        let kind = self.dice.weighted(&[
            (60, LossKind::Lost),
            (25, LossKind::Stolen),
            (15, LossKind::Damaged),
        ]);
        self.report_missing(kind);
        self.on(self.today() + self.dice.range(60, 140));
        let approved_by = self.approvers();
        let act = Act::WriteOff {
            approved_by,
            investigation_closed: true,
        };
        self.step(approved_by[1], act, Some("Search closed, nothing found"));
    }

    /// Retirement, and as far as the ending says surplus and disposal.
    fn end_of_use(&mut self) {
        let dice = self.dice;
        self.turn();
        self.back_to_stock();
        if dice.percent(4) {
            self.retire();
            self.on(self.today() + dice.range(2, 9));
            let remark = Some("Still good enough for the open lab");
            self.step(
                self.custodian(),
                Act::Reinstate { tag_attached: true },
                remark,
            );
            self.on(self.today() + dice.range(1, 7));
            self.note();
        }
        self.on(self.today() + dice.range(0, 3));
        self.retire();
        let ending = self.newcomer.ending;
        let model = &self.world.catalogue.models[self.newcomer.batch.model];
        if ending == Ending::Retired {
            return;
        }
        if ending == Ending::Surplus || model.bears_data || dice.percent(60) {
            self.on(self.today() + dice.range(3, 14));
            self.pass_to_surplus(model.bears_data);
        }
        if ending == Ending::Disposed {
            self.on(self.today() + dice.range(8, 90));
            self.dispose(model.bears_data);
        }
    }

    fn retire(&mut self) {
        let remark = remarks::of_retirement(self.dice);
        self.step(self.custodian(), Act::Retire, remark);
    }

    fn pass_to_surplus(&mut self, bears_data: bool) {
        let (world, dice, newcomer) = (self.world, self.dice, self.newcomer);
        let approved_by = world
            .actors
            .unit_admin(dice, &world.units, newcomer.batch.unit);
        let by = self.technician();
        let sanitization = bears_data.then(|| Sanitization {
            method: dice.weighted(&[
                (30, SanitizationMethod::Clear),
                (48, SanitizationMethod::Purge),
                (22, SanitizationMethod::Destroy),
            ]),
            certificate_no: format!(
                "NAID-{}-{}",
                calendar::year_month(self.today()).0,
                dice.range(10_000, 99_999)
            ),
            by,
            verified_by: self.second(by),
        });
        let act = Act::Surplus {
            approved_by,
            sanitization,
        };
        self.step(self.custodian(), act, None);
    }

    fn dispose(&mut self, bears_data: bool) {
        let dice = self.dice;
        let method = dice.weighted(&[
            (46, DispositionMethod::Recycle),
            (26, DispositionMethod::PublicSale),
            (12, DispositionMethod::Donation),
            (6, DispositionMethod::TradeIn),
            (4, DispositionMethod::TransferOut),
            (6, DispositionMethod::Destroyed),
        ]);
        let sold = method == DispositionMethod::PublicSale;
        let cost = self.newcomer.batch.cost_minor.unwrap_or(20_000);
        let sale_price_minor = sold.then(|| cost * dice.range(2, 11) / 10_000 * 100);
        let approved_by = self.approvers();
        let remark = (bears_data && dice.percent(30)).then_some("Drives went to the shredder");
        let act = Act::Dispose {
            method,
            approved_by,
            tag_removed: true,
            sale_price_minor,
        };
        self.step(approved_by[1], act, remark);
    }

    /// Goes on to the turning day, at least to the next hour.
    fn turn(&mut self) {
        let day = self.newcomer.turning_day.max(self.today());
        self.on(day);
    }

    /// Takes it back from whoever has it, an hour before the next thing happens.
    fn back_to_stock(&mut self) {
        if self.holder.is_some() {
            self.give_back();
            self.on(self.today());
        }
    }

    /// Takes it back from somebody who will not be here any more when it comes home.
    fn let_go_of_leavers(&mut self) {
        if self.holder_leaves() <= self.world.today {
            self.back_to_stock();
        }
    }

    fn approvers(&self) -> [PersonId; 2] {
        let (world, dice, newcomer) = (self.world, self.dice, self.newcomer);
        world
            .actors
            .approvers(dice, &world.units, newcomer.batch.unit)
    }

    /// Somebody other than this person who can vouch for their work.
    fn second(&self, first: PersonId) -> PersonId {
        let custodian = self.custodian();
        if custodian == first {
            self.world.actors.admin
        } else {
            custodian
        }
    }
}

/// Places holds on things to which nothing happens any more.
pub fn hold(world: &World, dice: &Dice, last: &Step) -> Step {
    let (kind, remark) = dice.weighted(&[
        (
            30,
            (HoldKind::Legal, "Counsel letter 24-118, keep as it is"),
        ),
        (
            26,
            (
                HoldKind::Investigation,
                "Information security keeps the image",
            ),
        ),
        (
            22,
            (HoldKind::Sponsor, "Sponsor decides over title at closeout"),
        ),
        (22, (HoldKind::Quarantine, "Biosafety: wait for clearance")),
    ]);
    let since = last.at.micros();
    let days = dice.range(1, (world.today - 1 - calendar::day_of(since)).min(200));
    let mut step = last.clone();
    step.at = Timestamp::from_micros(since + days * DAY_MICROS);
    step.actor = dice.pick(&world.actors.auditors);
    step.command.act = Act::PlaceHold { kind };
    step.command.remark = Some(remark.to_owned());
    step
}

/// Five in the afternoon, when the desk closes.
fn closing_time(day: i64) -> Timestamp {
    Timestamp::from_micros(calendar::noon(day) + 300 * calendar::MINUTE)
}
