//! Two thousand invented people: who they are, where they work or study, and from when until when.

use std::collections::HashSet;

use habeo_core::id::PersonId;

use super::calendar;
use super::dice::Dice;
use super::names;
use super::places::Places;
use super::plan::{Affiliation, Person, PersonStatus, RoomUse};
use super::units::Units;

/// How many people there are.
pub const PEOPLE: usize = 2_000;
/// How many long-serving staff each unit has before chance adds the others: they hold the grants.
const CORE_STAFF: usize = 12;
/// The reserved domain of their addresses.
pub const MAIL_DOMAIN: &str = "westmark.example";

/// A person, seen from the histories.
#[derive(Debug, Clone)]
pub struct Facts {
    pub id: PersonId,
    pub affiliation: Affiliation,
    /// The day they came.
    pub joined: i64,
    /// The day from which they hold nothing; far away for those who are here.
    pub left: i64,
    /// The room in which they work.
    pub office: usize,
}

impl Facts {
    /// Whether they are here on both days and all days between.
    pub fn here(&self, from: i64, until: i64) -> bool {
        self.joined <= from && until < self.left
    }
}

/// Everybody, with look-ups by position.
#[derive(Debug)]
pub struct People {
    pub list: Vec<Person>,
    pub facts: Vec<Facts>,
    by_unit: Vec<Vec<usize>>,
    borrowers: Vec<usize>,
}

/// What is being filled while people are invented.
struct Register<'a> {
    dice: &'a Dice,
    units: &'a Units,
    /// The rooms with desks of each unit.
    offices: Vec<Vec<usize>>,
    /// The first day of the ledger and the day of the plan.
    span: (i64, i64),
    mailboxes: HashSet<String>,
    people: People,
}

impl People {
    /// Invents everybody.
    pub fn build(dice: &Dice, span: (i64, i64), units: &Units, places: &Places) -> Self {
        let mut register = Register {
            dice,
            units,
            offices: (0..units.list.len())
                .map(|unit| places.for_unit(unit, RoomUse::Office))
                .collect(),
            span,
            mailboxes: HashSet::new(),
            people: Self {
                list: Vec::with_capacity(PEOPLE),
                facts: Vec::with_capacity(PEOPLE),
                by_unit: vec![Vec::new(); units.list.len()],
                borrowers: Vec::new(),
            },
        };
        let staffed = Units::staffed();
        for (_, unit) in &staffed {
            for _ in 0..CORE_STAFF {
                register.core_staff(*unit);
            }
        }
        while register.people.list.len() < PEOPLE {
            let affiliation = dice.weighted(&[
                (22, Affiliation::Faculty),
                (26, Affiliation::Staff),
                (45, Affiliation::Student),
                (4, Affiliation::Affiliate),
                (3, Affiliation::Contractor),
            ]);
            register.anybody(dice.weighted(&staffed), affiliation);
        }
        register.people
    }

    /// Somebody of a unit, not a student, who is here from one day to another.
    pub fn holder(&self, dice: &Dice, unit: usize, from: i64, until: i64) -> Option<usize> {
        self.draw(dice, &self.by_unit[unit], from, until)
    }

    /// Somebody who may borrow: students mostly, who are here from one day to another.
    pub fn borrower(&self, dice: &Dice, from: i64, until: i64) -> Option<usize> {
        self.draw(dice, &self.borrowers, from, until)
    }

    fn draw(&self, dice: &Dice, among: &[usize], from: i64, until: i64) -> Option<usize> {
        const TRIES: usize = 24;
        if among.is_empty() {
            return None;
        }
        (0..TRIES)
            .map(|_| dice.pick(among))
            .find(|at| self.facts[*at].here(from, until))
    }

    /// The long-serving staff of a unit, in the order in which they were invented.
    pub fn core_staff(&self, unit: usize) -> &[usize] {
        let own = &self.by_unit[unit];
        &own[..own.len().min(CORE_STAFF)]
    }

    /// How many people of a unit are employed or work with it.
    pub fn headcount(&self, unit: usize) -> i64 {
        i64::try_from(self.by_unit[unit].len()).unwrap_or(0)
    }
}

impl Register<'_> {
    fn core_staff(&mut self, unit: usize) {
        let joined = self.span.0 - self.dice.range(200, 4_000);
        self.add(unit, Affiliation::Staff, joined, None);
    }

    fn anybody(&mut self, unit: usize, affiliation: Affiliation) {
        let (start, today) = self.span;
        let dice = self.dice;
        if affiliation == Affiliation::Student {
            // Most of those on record study now; the others left since the ledger began.
            let years_ago = dice.weighted(&[
                (24, 0),
                (24, 1),
                (20, 2),
                (18, 3),
                (5, 4),
                (4, 5),
                (3, 6),
                (2, 7),
            ]);
            let (year, month) = calendar::year_month(today);
            let first_term = if month >= 9 { year } else { year - 1 };
            let joined = calendar::first_of(first_term - years_ago, 8) + dice.range(14, 24);
            let graduates = calendar::first_of(first_term - years_ago + 4, 5) + 19;
            let stops = dice.percent(4).then(|| joined + dice.range(150, 700));
            self.add(unit, affiliation, joined, Some(stops.unwrap_or(graduates)));
            return;
        }
        let joined = if dice.percent(55) {
            start - dice.range(30, 5_000)
        } else {
            dice.range(start, today - 20)
        };
        let leaves = if matches!(
            affiliation,
            Affiliation::Affiliate | Affiliation::Contractor
        ) {
            Some(joined.max(start) + dice.range(300, 3_400))
        } else {
            dice.percent(20)
                .then(|| dice.range(joined.max(start) + 150, today + 200))
        };
        self.add(unit, affiliation, joined, leaves);
    }

    fn add(&mut self, unit: usize, affiliation: Affiliation, joined: i64, leaves: Option<i64>) {
        let dice = self.dice;
        // Leaving in the future is not known yet.
        let left = leaves.filter(|day| *day <= self.span.1);
        let id = PersonId::generate(calendar::day(self.span.0).start(), dice.random());
        let name = names::draw(dice);
        let email = self.mailbox(&name);
        let number = self.people.list.len();
        // Those who hold the grants are at work.
        let core = number < Units::staffed().len() * CORE_STAFF;
        let leave = if affiliation == Affiliation::Faculty {
            6
        } else {
            1
        };
        let status = if left.is_some() {
            PersonStatus::Separated
        } else if !core && dice.percent(leave) {
            PersonStatus::Leave
        } else {
            PersonStatus::Active
        };
        let student = affiliation == Affiliation::Student;
        self.people.list.push(Person {
            id,
            email,
            name,
            hr_id: (!student).then(|| format!("E{:06}", 100_419 + number * 7)),
            sis_id: student.then(|| format!("S{:08}", 20_118_207 + number * 13)),
            subject: subject(dice),
            affiliation,
            status,
            joined_on: calendar::day(joined),
            separated_on: left.map(calendar::day),
            unit: self.units.id(unit),
        });
        self.people.facts.push(Facts {
            id,
            affiliation,
            joined,
            left: left.unwrap_or(i64::MAX),
            office: dice.pick(&self.offices[unit]),
        });
        if !student {
            self.people.by_unit[unit].push(number);
        }
        if student || affiliation == Affiliation::Faculty {
            self.people.borrowers.push(number);
        }
    }

    fn mailbox(&mut self, name: &str) -> String {
        let base = names::mailbox(name);
        let mut local = base.clone();
        let mut number = 2;
        while !self.mailboxes.insert(local.clone()) {
            local = format!("{base}{number}");
            number += 1;
        }
        format!("{local}@{MAIL_DOMAIN}")
    }
}

/// A subject shaped like those of the identity provider that the sandbox stands in for.
fn subject(dice: &Dice) -> String {
    const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let tail: String = (0..22).map(|_| char::from(dice.pick(LETTERS))).collect();
    format!("user_sbx_{tail}")
}
