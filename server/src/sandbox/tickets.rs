//! What the university's help desk has: what was repaired lately and is being, and what people asked for.

use std::collections::HashMap;

use habeo_core::access::Role;
use habeo_core::asset::Target;
use habeo_core::asset::command::Act;
use habeo_core::id::{AssetId, PersonId};
use habeo_core::text::Tag;
use habeo_core::ticket::report::{AssetRef, Change, Field, Party, Report, Version};
use habeo_core::ticket::{Priority, Sort, Status};
use habeo_core::time::{DAY_MICROS, Timestamp};

use super::dice::Dice;
use super::plan::{Grant, Person, PersonStatus, Step};

/// How far back the help desk remembers, in days.
const MEMORY_DAYS: i64 = 400;
/// How many things people asked for that are about no asset.
const REQUESTS: usize = 140;
/// Of how many repairs one named a label that nobody has.
const MISTYPED_PER_MILLE: u64 = 15;
/// The number of the first ticket.
const FIRST_NUMBER: usize = 1_001;

const BROKEN: &[&str] = &[
    "Does not switch on",
    "Battery lasts only minutes",
    "Screen flickers",
    "Overheats and switches itself off",
    "Keyboard: several keys do not respond",
    "No picture on the second output",
    "Makes a grinding noise",
    "Loses the network every few minutes",
    "Power connector is loose",
    "Shows an error after start",
    "Lens is scratched",
    "Needs calibration after it was dropped",
    "Does not charge in the cart",
    "Fan runs at full speed all the time",
];

const WANTED: &[&str] = &[
    "Docking station for a new desk",
    "Access to the lab printer",
    "Loan of a camera for a field trip",
    "Second screen",
    "Adapter for the lecture hall",
    "New account for a visiting lecturer",
    "Software for image analysis",
    "Label printer: new rolls",
    "Move of a workplace to another room",
    "Headset for online teaching",
];

/// Where a thing is while its history is read: its label and who has it.
#[derive(Debug, Default, Clone)]
struct Thing {
    tag: Option<Tag>,
    holder: Option<PersonId>,
    repair: Option<usize>,
}

/// What of people a ticket names.
struct Cast<'a> {
    people: HashMap<PersonId, &'a Person>,
    technicians: Vec<&'a Person>,
}

/// The help desk's tickets as of the morning on which the plan ends, in the order in which they were written.
pub fn plan(
    (people, grants): (&[Person], &[Grant]),
    steps: &[Step],
    today: Timestamp,
    dice: &Dice,
) -> Vec<Report> {
    let known: HashMap<PersonId, &Person> = people.iter().map(|one| (one.id, one)).collect();
    let technicians = grants
        .iter()
        .filter(|grant| grant.role == Role::Technician)
        .filter_map(|grant| known.get(&grant.person).copied())
        .collect();
    let cast = Cast {
        people: known,
        technicians,
    };
    let since = today.plus_micros(-MEMORY_DAYS * DAY_MICROS);
    let mut tickets = repairs(&cast, steps, since, dice);
    tickets.extend(requests(&cast, people, (since, today), dice));
    tickets.sort_by_key(|ticket| ticket.opened_at.value().copied());
    for (at, ticket) in tickets.iter_mut().enumerate() {
        let number = FIRST_NUMBER + at;
        ticket.external_id = (10_000 + number).to_string();
        ticket.external_key = Field::Set(format!("ITH-{number}"));
        ticket.url = Field::Set(format!("https://help.westmark.example/browse/ITH-{number}"));
    }
    tickets
}

/// What was sent to repair within memory.
fn repairs(cast: &Cast<'_>, steps: &[Step], since: Timestamp, dice: &Dice) -> Vec<Report> {
    let mut things: HashMap<AssetId, Thing> = HashMap::new();
    let mut tickets: Vec<Report> = Vec::new();
    for step in steps {
        let thing = things.entry(step.command.asset).or_default();
        match &step.command.act {
            Act::Register(new) => thing.tag.clone_from(&new.tag),
            Act::Tag { tag, .. } | Act::Retag { tag } => thing.tag = Some(tag.clone()),
            Act::Deploy { target, .. }
            | Act::Loan { target, .. }
            | Act::Reassign { target, .. } => {
                thing.holder = match target {
                    Target::Person(person) => Some(*person),
                    _ => None,
                };
            }
            Act::Return { .. } => thing.holder = None,
            Act::RepairOut { .. } if step.at >= since => {
                if let Some(tag) = &thing.tag {
                    let holder = thing.holder.and_then(|id| cast.people.get(&id).copied());
                    thing.repair = Some(tickets.len());
                    tickets.push(broken(cast, (tag, holder), step.at, dice));
                }
            }
            Act::RepairIn { .. } => {
                if let Some(ticket) = thing.repair.take() {
                    solve(&mut tickets[ticket], step.at, dice);
                }
            }
            _ => {}
        }
    }
    tickets
}

fn broken(
    cast: &Cast<'_>,
    (tag, holder): (&Tag, Option<&Person>),
    sent: Timestamp,
    dice: &Dice,
) -> Report {
    let opened = sent.plus_micros(-dice.range(2, 70) * DAY_MICROS / 24);
    let mistyped = dice.mille(MISTYPED_PER_MILLE);
    let named = if mistyped {
        format!("{}X", tag.as_str())
    } else {
        tag.as_str().to_owned()
    };
    let requester = holder.map_or(Field::Empty, |person| Field::Set(party(person)));
    let assignee = (!cast.technicians.is_empty()).then(|| party(dice.pick(&cast.technicians)));
    let status = dice.weighted(&[(70, Status::InProgress), (30, Status::OnHold)]);
    Report {
        title: Field::Set(dice.pick(BROKEN).to_owned()),
        sort: Field::Set(Sort::Incident),
        status: Field::Set(status),
        status_raw: Field::Set(word(status).to_owned()),
        requester,
        assignee: assignee.map_or(Field::Empty, Field::Set),
        assets: Field::Set(vec![AssetRef::Tag(named)]),
        ..written(opened, sent, dice)
    }
}

fn solve(ticket: &mut Report, at: Timestamp, dice: &Dice) {
    let status = dice.weighted(&[(25, Status::Resolved), (75, Status::Closed)]);
    ticket.status = Field::Set(status);
    ticket.status_raw = Field::Set(word(status).to_owned());
    ticket.resolved_at = Field::Set(at);
    ticket.version = Version::UpdatedAt(at);
    ticket.occurred_at = at;
}

fn requests(
    cast: &Cast<'_>,
    people: &[Person],
    (since, today): (Timestamp, Timestamp),
    dice: &Dice,
) -> Vec<Report> {
    let asking: Vec<&Person> = people
        .iter()
        .filter(|person| person.status == PersonStatus::Active && person.joined_on.start() < since)
        .collect();
    if asking.is_empty() || cast.technicians.is_empty() {
        return Vec::new();
    }
    let hours = (today.micros() - since.micros()) / DAY_MICROS * 24;
    let mut tickets = Vec::with_capacity(REQUESTS);
    for _ in 0..REQUESTS {
        let opened = since.plus_micros(dice.range(0, hours - 100) * DAY_MICROS / 24);
        let changed = opened.plus_micros(dice.range(1, 90) * DAY_MICROS / 24);
        let status = dice.weighted(&[
            (8, Status::Open),
            (8, Status::InProgress),
            (4, Status::OnHold),
            (70, Status::Closed),
            (10, Status::Canceled),
        ]);
        let mut ticket = Report {
            title: Field::Set(dice.pick(WANTED).to_owned()),
            sort: Field::Set(Sort::Request),
            status: Field::Set(status),
            status_raw: Field::Set(word(status).to_owned()),
            requester: Field::Set(party(dice.pick(&asking))),
            assignee: Field::Set(party(dice.pick(&cast.technicians))),
            assets: Field::Empty,
            ..written(opened, changed, dice)
        };
        if status == Status::Closed {
            ticket.resolved_at = Field::Set(changed);
        }
        tickets.push(ticket);
    }
    tickets
}

/// A ticket of which nothing is known but when it was written and last changed, and how urgent it is.
fn written(opened: Timestamp, changed: Timestamp, dice: &Dice) -> Report {
    let priority = dice.weighted(&[
        (3, Priority::Critical),
        (17, Priority::High),
        (60, Priority::Medium),
        (20, Priority::Low),
    ]);
    let raw = match priority {
        Priority::Critical => "Highest",
        Priority::High => "High",
        Priority::Low => "Low",
        _ => "Medium",
    };
    Report {
        external_id: String::new(),
        external_key: Field::Absent,
        url: Field::Absent,
        change: Change::Updated,
        title: Field::Absent,
        sort: Field::Absent,
        status: Field::Absent,
        status_raw: Field::Absent,
        priority: Field::Set(priority),
        priority_raw: Field::Set(raw.to_owned()),
        requester: Field::Absent,
        assignee: Field::Absent,
        assets: Field::Absent,
        opened_at: Field::Set(opened),
        resolved_at: Field::Empty,
        version: Version::UpdatedAt(changed),
        partial: false,
        occurred_at: changed,
        unmapped: Vec::new(),
    }
}

fn party(person: &Person) -> Party {
    Party {
        external_id: Some(person.subject.clone()),
        name: Some(person.name.clone()),
        email: Some(person.email.clone()),
    }
}

/// The help desk's own word for how far a ticket is.
const fn word(status: Status) -> &'static str {
    match status {
        Status::Open => "Waiting for support",
        Status::InProgress => "In progress",
        Status::OnHold => "Waiting for vendor",
        Status::Resolved => "Resolved",
        Status::Closed => "Closed",
        Status::Canceled => "Canceled",
        Status::Deleted => "Deleted",
    }
}
