//! The sandbox's university: a synthetic but realistic plan of units, places, people, a catalogue and seven years of asset histories.
//!
//! Everything in this directory is synthetic: Westmark University does not exist, its people are combinations of names, their mail addresses
//! lie under the reserved top-level domain `.example`, and serial numbers are drawn by chance in the makers' styles. Makers' and products'
//! names are facts of the trade.
//!
//! The plan is pure: the same seed and day give the same plan, byte for byte, without a clock and without input or output. Whoever executes
//! it puts each [`Step`] through the ledger's ordinary write path, with the clock set to the step's time. Two promises hold by construction and
//! are checked by an independent model in the tests: every step is legal where it stands, and nobody holds anything after they left.

mod actors;
mod births;
mod calendar;
pub mod cast;
mod catalogue;
#[cfg(test)]
mod check;
mod closing;
mod dice;
mod grants;
mod incidents;
mod life;
mod models;
mod names;
mod people;
pub mod personas;
mod places;
mod plan;
mod programmes;
mod purchases;
mod remarks;
pub mod seed;
mod serials;
mod sites;
#[cfg(test)]
mod tests;
mod tickets;
mod timeline;
mod units;

pub use plan::{
    Affiliation, Category, Grant, Location, LocationKind, Manufacturer, Model, Person,
    PersonStatus, RoomUse, Step, Unit, UnitKind, University,
};

use habeo_core::id::ConnectionId;
use habeo_core::time::Day;

use actors::Actors;
use catalogue::Catalogue;
use dice::Dice;
use people::People;
use places::Places;
use units::Units;

/// The university's slug.
pub const SLUG: &str = "westmark";
/// The namespace of the university's tags.
pub const TAG_NAMESPACE: &str = "WMK";
/// Days of history before today: seven years.
const HISTORY_DAYS: i64 = 2_557;

/// What the histories are drawn from, by position rather than by id.
#[derive(Debug)]
struct World {
    /// The first day of the ledger.
    start: i64,
    /// The day on which the plan is made; nothing happens on it.
    today: i64,
    units: Units,
    places: Places,
    catalogue: Catalogue,
    people: People,
    actors: Actors,
}

/// Plans the university as it stands on the morning of `today`.
#[must_use]
pub fn university(seed: u64, today: Day) -> University {
    let today = calendar::number(today);
    let start = today - HISTORY_DAYS;
    let founded = calendar::day(start).start();
    let stream = |number| Dice::stream(seed, number);

    let units = Units::build(&stream(0), founded);
    let places = Places::build(&stream(1), founded, &units);
    let catalogue = Catalogue::build(&stream(2), founded);
    let people = People::build(&stream(3), (start, today), &units, &places);
    let (actors, grants) = grants::build(&stream(4), founded, &units, &people);
    let world = World {
        start,
        today,
        units,
        places,
        catalogue,
        people,
        actors,
    };
    let batches = purchases::plan(&world, &stream(5));
    let steps = timeline::plan(&world, &batches, &stream(6));
    let desk = stream(7);
    let morning = calendar::day(today).start();
    let tickets = tickets::plan((&world.people.list, &grants), &steps, morning, &desk);
    let desk = ConnectionId::generate(founded, desk.random());
    plan::assemble(world, grants, steps, (desk, tickets))
}
