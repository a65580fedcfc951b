//! The plain structs of the plan. They name things as `domain.md` does and spell closed sets with `as_str`.

use habeo_core::access::Role;
use habeo_core::asset::command::Command;
use habeo_core::id::{
    CategoryId, ConnectionId, GrantId, LocationId, ManufacturerId, ModelId, PersonId, UnitId,
};
use habeo_core::ticket::report::Report;
use habeo_core::time::{Day, Timestamp};

use super::units::{UNASSIGNED, Units};
use super::{TAG_NAMESPACE, World, calendar};

pub use habeo_core::location::{LocationKind, RoomUse};
pub use habeo_core::person::{Affiliation, PersonStatus};
pub use habeo_core::unit::UnitKind;

/// The whole plan. Lists are in an order in which they can be written: parents stand before children.
#[derive(Debug, Clone)]
pub struct University {
    /// The name of the organisation.
    pub name: &'static str,
    /// Its name in addresses.
    pub slug: &'static str,
    /// The namespace of its tags.
    pub tag_namespace: &'static str,
    /// The time zone of its main campus.
    pub timezone: &'static str,
    /// ISO 4217.
    pub currency: &'static str,
    /// The month in which its fiscal year begins.
    pub fiscal_year_start: u8,
    /// When its ledger begins: before the first step.
    pub founded: Timestamp,
    /// The unit tree, the root first.
    pub units: Vec<Unit>,
    /// The intake unit for what nobody has claimed.
    pub unassigned: UnitId,
    /// Sites, buildings, floors and rooms.
    pub locations: Vec<Location>,
    /// The category tree.
    pub categories: Vec<Category>,
    /// The makers.
    pub manufacturers: Vec<Manufacturer>,
    /// The products.
    pub models: Vec<Model>,
    /// Everybody, those who left included.
    pub people: Vec<Person>,
    /// Who may do what, valid from `founded` on.
    pub grants: Vec<Grant>,
    /// Who administers the organisation.
    pub admin: PersonId,
    /// A technician whose only grant is at `technician_college`.
    pub technician: PersonId,
    /// The college of that technician.
    pub technician_college: UnitId,
    /// Everything that happens to the assets, in ascending time.
    pub steps: Vec<Step>,
    /// The help desk.
    pub help_desk: ConnectionId,
    /// What it has, as of the morning on which the plan ends.
    pub tickets: Vec<Report>,
}

/// A node of the unit tree.
#[derive(Debug, Clone)]
pub struct Unit {
    /// Its id.
    pub id: UnitId,
    /// The unit above; none at the root.
    pub parent: Option<UnitId>,
    /// What it is.
    pub kind: UnitKind,
    /// Its short code.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
}

/// A place. One without a parent is a site.
#[derive(Debug, Clone)]
pub struct Location {
    /// Its id.
    pub id: LocationId,
    /// The place around it.
    pub parent: Option<LocationId>,
    /// What it is.
    pub kind: LocationKind,
    /// Its code, unique in the organisation.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What it is for, where it is a room.
    pub room_use: Option<RoomUse>,
    /// The unit that runs it, where it is a room.
    pub controlling_unit: Option<UnitId>,
    /// The IANA time zone, where it is a site.
    pub timezone: Option<&'static str>,
}

/// A node of the category tree.
#[derive(Debug, Clone)]
pub struct Category {
    /// Its id.
    pub id: CategoryId,
    /// The category above.
    pub parent: Option<CategoryId>,
    /// Its short code.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
}

/// A maker of products.
#[derive(Debug, Clone)]
pub struct Manufacturer {
    /// Its id.
    pub id: ManufacturerId,
    /// Its name.
    pub name: &'static str,
}

/// A product.
#[derive(Debug, Clone)]
pub struct Model {
    /// Its id.
    pub id: ModelId,
    /// Who makes it.
    pub manufacturer: ManufacturerId,
    /// What sort of thing it is.
    pub category: CategoryId,
    /// Its name.
    pub name: &'static str,
    /// The maker's model number.
    pub model_no: &'static str,
    /// Whether it keeps data that must be removed before it leaves.
    pub bears_data: bool,
    /// Whether each one has a serial number.
    pub requires_serial: bool,
    /// Whether each one has an IMEI.
    pub requires_imei: bool,
    /// Months until it is normally replaced.
    pub useful_life_months: u16,
    /// Lowest and highest price paid, in minor units of the organisation's currency.
    pub price_minor: (i64, i64),
    /// Codes of the units that buy it; empty: all.
    pub liked_by: &'static [&'static str],
}

/// An invented person.
#[derive(Debug, Clone)]
pub struct Person {
    /// Its id.
    pub id: PersonId,
    /// First and last name.
    pub name: String,
    /// An address under `westmark.example`.
    pub email: String,
    /// The personnel number, for those who are employed.
    pub hr_id: Option<String>,
    /// The student number, for students.
    pub sis_id: Option<String>,
    /// The subject in tokens of the sandbox's issuer.
    pub subject: String,
    /// How they belong here.
    pub affiliation: Affiliation,
    /// Whether they are here.
    pub status: PersonStatus,
    /// The day they came.
    pub joined_on: Day,
    /// The day they left; from its first instant on they hold nothing.
    pub separated_on: Option<Day>,
    /// Where they belong.
    pub unit: UnitId,
}

/// A role at a unit.
#[derive(Debug, Clone)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// Who holds it.
    pub person: PersonId,
    /// What it permits.
    pub role: Role,
    /// Where, and in everything below.
    pub unit: UnitId,
    /// Why it was given.
    pub reason: &'static str,
}

/// One thing that happens to one asset.
#[derive(Debug, Clone)]
pub struct Step {
    /// When.
    pub at: Timestamp,
    /// Who does it: holds a grant that permits it at the asset's unit or above.
    pub actor: PersonId,
    /// What is done.
    pub command: Command,
}

/// Puts the parts together.
pub fn assemble(
    world: World,
    grants: Vec<Grant>,
    steps: Vec<Step>,
    (help_desk, tickets): (ConnectionId, Vec<Report>),
) -> University {
    let unassigned = world.units.id(Units::at(UNASSIGNED));
    let technician_college = world.units.id(Units::at(super::grants::TECHNICIAN_COLLEGE));
    University {
        name: "Westmark University",
        slug: "westmark",
        tag_namespace: TAG_NAMESPACE,
        timezone: "America/New_York",
        currency: "USD",
        fiscal_year_start: 7,
        founded: calendar::day(world.start).start(),
        unassigned,
        admin: world.actors.admin,
        technician: world.actors.technician,
        technician_college,
        units: world.units.list,
        locations: world.places.list,
        categories: world.catalogue.categories,
        manufacturers: world.catalogue.manufacturers,
        models: world.catalogue.models,
        people: world.people.list,
        grants,
        steps,
        help_desk,
        tickets,
    }
}
