//! How each asset comes onto the record, under which tag and serial number, and what becomes of it in the end.

use habeo_core::asset::IdentifierKind;
use habeo_core::text::{Serial, Tag};

use super::calendar::{self, MINUTE};
use super::dice::Dice;
use super::purchases::{Batch, Oddity, Purpose};
use super::serials::Numbers;
use super::{TAG_NAMESPACE, World};

/// The first number on a label.
const FIRST_TAG: u32 = 1_001;
/// The number that the product's own pages use as their example.
pub const EXAMPLE_TAG: u32 = 4_217;
/// How many things kept the label of a system that came before.
const LEGACY_TAGS: usize = 300;
/// Days in which the old inventory lists were taken over.
const TAKEOVER_DAYS: i64 = 85;

/// By which commands a thing comes onto the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Path {
    /// Register with a tag.
    Labelled,
    /// Register, then tag.
    Unlabelled,
    /// Order, receive, tag.
    Ordered,
}

/// How the history of a thing stands today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    InUse,
    InStock,
    OnLoan,
    InRepair,
    InTransit,
    Missing,
    Retired,
    Surplus,
    Disposed,
    WrittenOff,
    Odd(Oddity),
}

/// A thing before its history.
#[derive(Debug)]
pub struct Newcomer<'a> {
    pub batch: &'a Batch,
    /// Its position in the batch, which chooses its room.
    pub number: usize,
    pub path: Path,
    pub ordered_at: i64,
    pub received_at: i64,
    pub tagged_at: i64,
    pub tag: Option<Tag>,
    /// Relabelled from an old label at this time.
    pub retagged: Option<(i64, Tag)>,
    pub serial: Option<Serial>,
    pub identifiers: Vec<(IdentifierKind, String)>,
    pub ending: Ending,
    /// The day on which the last chapter begins.
    pub turning_day: i64,
}

/// All newcomers in the order of their batches.
pub fn all<'a>(world: &World, batches: &'a [Batch], dice: &Dice) -> Vec<Newcomer<'a>> {
    let mut numbers = Numbers::new(dice, &world.catalogue);
    let mut newcomers = Vec::with_capacity(super::purchases::ASSETS);
    for batch in batches {
        let arrival = Arrival::of(world, dice, batch);
        for number in 0..batch.quantity {
            let step = i64::try_from(number).unwrap_or(0) * 3 * MINUTE;
            let (ending, turning_day) = fate(world, dice, batch, arrival.tagged_at);
            newcomers.push(Newcomer {
                batch,
                number,
                path: arrival.path,
                ordered_at: arrival.ordered_at,
                received_at: arrival.received_at + step,
                tagged_at: arrival.tagged_at + step,
                tag: None,
                retagged: None,
                serial: numbers.serial(batch.model, batch.day),
                identifiers: numbers.identifiers(batch.model),
                ending,
                turning_day,
            });
        }
    }
    label(world, dice, &mut newcomers);
    newcomers
}

/// When a batch is ordered, received and labelled.
struct Arrival {
    path: Path,
    ordered_at: i64,
    received_at: i64,
    tagged_at: i64,
}

impl Arrival {
    fn of(world: &World, dice: &Dice, batch: &Batch) -> Self {
        let bought = batch.po_no.is_some();
        let inherited = batch.day < world.start;
        let (path, received) = match batch.oddity {
            Some(Oddity::OnOrder | Oddity::Cancelled) => (Path::Ordered, batch.day + 20),
            Some(Oddity::Unlabelled) if batch.quantity > 1 => {
                (Path::Ordered, world.today - dice.range(3, 5))
            }
            Some(Oddity::Unlabelled) => (Path::Unlabelled, world.today - dice.range(3, 12)),
            Some(Oddity::Mistaken) => (Path::Labelled, batch.day + 12),
            None if inherited => (Path::Labelled, world.start + dice.range(2, TAKEOVER_DAYS)),
            None => {
                let path = dice.weighted(&[
                    (62, Path::Labelled),
                    (12, Path::Unlabelled),
                    (26, Path::Ordered),
                ]);
                let path = if bought { path } else { Path::Labelled };
                (path, batch.day + dice.range(7, 34))
            }
        };
        // Mornings only: a batch is labelled one by one, three minutes each.
        let morning = |day| {
            let day = calendar::workday(day).min(world.today - 1);
            calendar::in_hours(dice, day).min(calendar::noon(day))
        };
        let received_at = morning(received);
        let tagged_at = match path {
            Path::Labelled => received_at,
            _ => morning(received + dice.range(1, 3)),
        };
        Self {
            path,
            ordered_at: morning(batch.day),
            received_at,
            tagged_at,
        }
    }
}

/// What becomes of a thing, and when that begins.
fn fate(world: &World, dice: &Dice, batch: &Batch, tagged_at: i64) -> (Ending, i64) {
    if let Some(oddity) = batch.oddity {
        return (Ending::Odd(oddity), world.today);
    }
    let today = world.today;
    let born = calendar::day_of(tagged_at);
    let life = world.catalogue.facts[batch.model].life_days;
    let worn = (today - batch.day) * 100 / life.max(1);
    let ends = match (batch.replaced_on, worn) {
        (Some(_), _) => 80,
        (None, ..50) => 1,
        (None, 50..80) => 2,
        (None, 80..100) => 6,
        (None, 100..130) => 15,
        _ => 26,
    };
    if dice.percent(ends) && today - born > 320 {
        let planned = match batch.replaced_on {
            Some(day) => day + dice.range(2, 50),
            None => batch.day + life * dice.range(70, 118) / 100,
        };
        let day = planned.clamp(born + 150, today - 150);
        return if dice.percent(26) {
            let recent = (today - dice.range(20, 330)).max(born + 120);
            (
                dice.weighted(&[(58, Ending::Retired), (42, Ending::Surplus)]),
                recent,
            )
        } else if dice.percent(8) {
            (Ending::WrittenOff, day)
        } else {
            (Ending::Disposed, day)
        };
    }
    if today - born < 45 {
        return (
            dice.weighted(&[(70, Ending::InUse), (30, Ending::InStock)]),
            today,
        );
    }
    stands(dice, batch.purpose, today)
}

/// How a thing stands that is still around.
fn stands(dice: &Dice, purpose: Purpose, today: i64) -> (Ending, i64) {
    let ending = dice.weighted(match purpose {
        Purpose::Person => &[
            (728, Ending::InUse),
            (200, Ending::InStock),
            (6, Ending::OnLoan),
            (28, Ending::InRepair),
            (30, Ending::InTransit),
            (18, Ending::Missing),
        ],
        Purpose::Room | Purpose::Unit => &[
            (812, Ending::InUse),
            (148, Ending::InStock),
            (2, Ending::OnLoan),
            (17, Ending::InRepair),
            (6, Ending::InTransit),
            (15, Ending::Missing),
        ],
        Purpose::Loan => &[
            (30, Ending::InUse),
            (310, Ending::InStock),
            (580, Ending::OnLoan),
            (40, Ending::InRepair),
            (10, Ending::InTransit),
            (30, Ending::Missing),
        ],
    });
    let days_ago = match ending {
        Ending::InUse => 1,
        Ending::InStock => dice.range(2, 240),
        Ending::OnLoan => dice.range(2, 20),
        Ending::InRepair => dice.range(2, 32),
        Ending::InTransit => dice.range(2, 8),
        _ => dice.range(6, 420),
    };
    (ending, today - days_ago)
}

/// Numbers the labels in the order in which they are stuck on.
fn label(world: &World, dice: &Dice, newcomers: &mut [Newcomer<'_>]) {
    let legacy = legacy_labels(world, dice, newcomers);
    let mut order: Vec<(i64, usize)> = Vec::with_capacity(newcomers.len());
    for (at, newcomer) in newcomers.iter_mut().enumerate() {
        let Some(old) = legacy.iter().find(|(number, _)| *number == at) else {
            if wears_a_label(newcomer) {
                order.push((newcomer.tagged_at, at));
            }
            continue;
        };
        newcomer.tag = Some(old.1.clone());
        if dice.percent(15) {
            // The old label did not scan, so it got a new one on the next round.
            let day = calendar::day_of(newcomer.tagged_at) + dice.range(1, 2);
            let again = calendar::in_hours(dice, day);
            newcomer.retagged = Some((again, old.1.clone()));
            order.push((again, at));
        }
    }
    order.sort_unstable();
    put_example(world, &mut order, newcomers);
    for (number, (_, at)) in (FIRST_TAG..).zip(order) {
        let tag = Tag::issue(TAG_NAMESPACE, number);
        let newcomer = &mut newcomers[at];
        match &mut newcomer.retagged {
            Some((_, later)) => *later = tag,
            None => newcomer.tag = Some(tag),
        }
    }
}

fn wears_a_label(newcomer: &Newcomer<'_>) -> bool {
    !matches!(
        newcomer.ending,
        Ending::Odd(Oddity::OnOrder | Oddity::Cancelled | Oddity::Unlabelled)
    )
}

/// Labels of older schemes for some of what was there before the ledger, by position.
fn legacy_labels(world: &World, dice: &Dice, newcomers: &[Newcomer<'_>]) -> Vec<(usize, Tag)> {
    let mut labels = Vec::with_capacity(LEGACY_TAGS);
    let mut counters = vec![0_i64; world.units.list.len()];
    for (at, newcomer) in newcomers.iter().enumerate() {
        if labels.len() == LEGACY_TAGS {
            break;
        }
        let inherited = newcomer.batch.day < world.start && newcomer.batch.oddity.is_none();
        if !inherited || !dice.percent(18) {
            continue;
        }
        let unit = newcomer.batch.unit;
        counters[unit] += dice.range(1, 13);
        let (code, count) = (world.units.code(unit), counters[unit]);
        let text = match code {
            "LIB" => format!("LIB {:05}", 20_300 + count),
            "ITS" | "NET" | "AVT" => format!("{code}{:06}", 4_000 + count),
            "BIO" | "CHE" | "PHY" => format!("{code}.{:04}", 700 + count),
            _ => format!("{code}-{:04}", 310 + count),
        };
        labels.extend(Tag::parse(&text).ok().map(|tag| (at, tag)));
    }
    labels
}

/// Makes the example's label fall on a laptop in somebody's hands, by swapping it with the nearest one.
fn put_example(world: &World, order: &mut [(i64, usize)], newcomers: &mut [Newcomer<'_>]) {
    let Ok(wanted) = usize::try_from(EXAMPLE_TAG - FIRST_TAG) else {
        return;
    };
    let fits = |at: usize| {
        let newcomer: &Newcomer<'_> = &newcomers[at];
        let facts = &world.catalogue.facts[newcomer.batch.model];
        facts.category == "laptop"
            && newcomer.batch.purpose == Purpose::Person
            && newcomer.ending == Ending::InUse
            && newcomer.retagged.is_none()
            && newcomer
                .serial
                .as_ref()
                .is_some_and(|s| !s.is_placeholder())
    };
    let nearest = (0..order.len())
        .filter(|place| fits(order[*place].1))
        .min_by_key(|place| place.abs_diff(wanted));
    if let Some(nearest) = nearest.filter(|_| wanted < order.len()) {
        let (one, two) = (order[nearest].1, order[wanted].1);
        order[nearest].1 = two;
        order[wanted].1 = one;
    }
}
