//! The invented organisation. Everything about an asset follows from its number, so that a load knows what to ask for without looking.

use habeo_core::access::Role;
use habeo_core::asset::command::{Act, Command, Description, Register};
use habeo_core::asset::{Acquisition, Condition};
use habeo_core::catalogue::command::{Add, NewModel};
use habeo_core::grant::command::GiveGrant;
use habeo_core::id::{AssetId, CategoryId, LocationId, ManufacturerId, ModelId, PersonId, UnitId};
use habeo_core::location::command::CreateLocation;
use habeo_core::location::{LocationKind, RoomUse};
use habeo_core::person::command::RegisterPerson;
use habeo_core::person::{Affiliation, PersonStatus};
use habeo_core::random::Random;
use habeo_core::text::{BadText, Serial, Tag};
use habeo_core::time::Timestamp;
use habeo_core::unit::UnitKind;
use habeo_core::unit::command::CreateUnit;
use habeo_server::issuer;

/// The organisation's slug.
pub const SLUG: &str = "bench";
/// Its administrator at the sandbox issuer.
pub const ADMIN: &str = "user_bench_admin";
/// A technician of the tiny unit at the sandbox issuer.
pub const TECHNICIAN: &str = "user_bench_technician";
/// Where its tags are issued.
const NAMESPACE: &str = "BEN";
const COLLEGES: usize = 8;
const DEPARTMENTS_EACH: usize = 6;
const SITES: usize = 20;
const BUILDINGS_EACH: usize = 5;
const ROOMS_EACH: usize = 20;
const PEOPLE: usize = 2_000;
/// The tiny unit owns this part of the assets, but as many at least as it does of a million.
const TINY_ONE_IN: u32 = 50_000;
const TINY_MIN: u32 = 20;
/// So many assets have [`RARE_WORD`] in their description, however many there are.
const RARE: u32 = 20;
/// A word that every tenth asset has or stands for.
pub const COMMON_WORD: &str = "laptop";
/// A word that twenty assets have.
pub const RARE_WORD: &str = "gyroscope";
const CATEGORIES: [&str; 12] = [
    "Laptop",
    "Desktop",
    "Monitor",
    "Projector",
    "Printer",
    "Microscope",
    "Centrifuge",
    "Camera",
    "Tablet",
    "Server",
    "Switch",
    "Cart",
];
const MODELS: usize = 30;
const MAKERS: [&str; 6] = [
    "Northlight",
    "Adler",
    "Kestrel",
    "Orbis",
    "Tamarack",
    "Vireo",
];
const COLOURS: [&str; 5] = ["silver", "black", "grey", "white", "blue"];

/// The ids of what assets refer to.
#[derive(Debug)]
pub struct World {
    root: UnitId,
    colleges: Vec<UnitId>,
    departments: Vec<UnitId>,
    tiny: UnitId,
    places: Vec<(LocationId, LocationId, Vec<LocationId>)>,
    rooms: Vec<LocationId>,
    makers: Vec<ManufacturerId>,
    categories: Vec<CategoryId>,
    models: Vec<ModelId>,
    people: Vec<PersonId>,
    /// The number by which the first asset's label and serial number are made.
    first: u32,
    assets: u32,
}

/// The tag of the asset with this number.
pub fn tag(number: u32) -> Tag {
    Tag::issue(NAMESPACE, number)
}

/// Its serial number: multiplying by an odd number meets every value once, and in no order, as makers' numbers come.
pub fn serial(number: u32) -> String {
    format!("5CG{:08X}", number.wrapping_mul(0x9E37_79B1))
}

/// How many assets the tiny unit owns.
pub fn tiny_assets(assets: u32) -> u32 {
    (assets / TINY_ONE_IN).max(TINY_MIN)
}

impl World {
    /// Invents the ids.
    pub fn new(assets: u32, root: UnitId, now: Timestamp, random: &dyn Random) -> Self {
        let places: Vec<_> = (0..SITES * BUILDINGS_EACH)
            .scan(LocationId::generate(now, random), |site, i| {
                if i % BUILDINGS_EACH == 0 {
                    *site = LocationId::generate(now, random);
                }
                let rooms = (0..ROOMS_EACH).map(|_| LocationId::generate(now, random));
                Some((*site, LocationId::generate(now, random), rooms.collect()))
            })
            .collect();
        let rooms = places
            .iter()
            .flat_map(|(_, _, rooms): &(_, _, Vec<LocationId>)| rooms.iter().copied())
            .collect();
        let unit = |_| UnitId::generate(now, random);
        Self {
            root,
            colleges: (0..COLLEGES).map(unit).collect(),
            departments: (0..COLLEGES * DEPARTMENTS_EACH).map(unit).collect(),
            tiny: unit(0),
            places,
            rooms,
            makers: MAKERS
                .iter()
                .map(|_| ManufacturerId::generate(now, random))
                .collect(),
            categories: CATEGORIES
                .iter()
                .map(|_| CategoryId::generate(now, random))
                .collect(),
            models: (0..MODELS)
                .map(|_| ModelId::generate(now, random))
                .collect(),
            people: (0..PEOPLE)
                .map(|_| PersonId::generate(now, random))
                .collect(),
            first: 0,
            assets,
        }
    }

    /// The same with other labels and serial numbers.
    pub const fn numbered_from(mut self, first: u32) -> Self {
        self.first = first;
        self
    }

    /// Colleges, their departments, and the tiny unit.
    pub fn units(&self) -> Vec<CreateUnit> {
        let unit = |id, parent, kind, code, name| CreateUnit {
            id: Some(id),
            parent,
            kind,
            code,
            name,
        };
        let colleges = self.colleges.iter().enumerate().map(|(i, id)| {
            let (code, name) = (format!("C{i}"), format!("College {i}"));
            unit(*id, self.root, UnitKind::College, code, name)
        });
        let departments = self.departments.iter().enumerate().map(|(i, id)| {
            let (code, name) = (format!("D{i:02}"), format!("Department {i}"));
            let college = self.colleges[i / DEPARTMENTS_EACH];
            unit(*id, college, UnitKind::Department, code, name)
        });
        let tiny = unit(
            self.tiny,
            self.root,
            UnitKind::Centre,
            "TINY".to_owned(),
            "Observatory".to_owned(),
        );
        colleges.chain(departments).chain([tiny]).collect()
    }

    /// Sites, each with its buildings and rooms.
    pub fn locations(&self) -> Vec<CreateLocation> {
        let place = |id, parent, kind, code: String, name| CreateLocation {
            id: Some(id),
            parent,
            kind,
            code,
            name,
            room_use: (kind == LocationKind::Room).then_some(RoomUse::Office),
            timezone: None,
            controlling_unit: None,
        };
        let mut all = Vec::new();
        for (i, (site, building, rooms)) in self.places.iter().enumerate() {
            let (s, b) = (i / BUILDINGS_EACH, i % BUILDINGS_EACH);
            if b == 0 {
                let name = format!("Campus {s}");
                all.push(place(
                    *site,
                    None,
                    LocationKind::Campus,
                    format!("S{s:02}"),
                    name,
                ));
            }
            let code = format!("S{s:02}B{b}");
            let name = format!("Hall {s}-{b}");
            all.push(place(
                *building,
                Some(*site),
                LocationKind::Building,
                code.clone(),
                name,
            ));
            all.extend(rooms.iter().enumerate().map(|(r, room)| {
                let (code, name) = (format!("{code}R{r:02}"), format!("Room {r:03}"));
                place(*room, Some(*building), LocationKind::Room, code, name)
            }));
        }
        all
    }

    /// Makers, categories and models.
    pub fn catalogue(&self) -> Vec<Add> {
        let makers = self
            .makers
            .iter()
            .zip(MAKERS)
            .map(|(id, name)| Add::Manufacturer {
                id: Some(*id),
                name: name.to_owned(),
            });
        let categories = self
            .categories
            .iter()
            .zip(CATEGORIES)
            .map(|(id, name)| Add::Category {
                id: Some(*id),
                parent: None,
                code: name.to_uppercase(),
                name: format!("{name}s"),
            });
        let models = self.models.iter().enumerate().map(|(i, id)| {
            Add::Model(NewModel {
                id: Some(*id),
                manufacturer: self.makers[i % MAKERS.len()],
                category: self.categories[i % CATEGORIES.len()],
                name: format!(
                    "{} {} {i}",
                    MAKERS[i % MAKERS.len()],
                    CATEGORIES[i % CATEGORIES.len()]
                ),
                model_no: Some(format!("M-{i:03}")),
                bears_data: i % 2 == 0,
                requires_serial: true,
                useful_life_months: 60,
            })
        });
        makers.chain(categories).chain(models).collect()
    }

    /// People. The first administers everything, the second is a technician of the tiny unit.
    pub fn people(&self) -> Vec<RegisterPerson> {
        let person = |(i, id): (usize, &PersonId)| RegisterPerson {
            id: Some(*id),
            display_name: format!("Person{i} Example{}", i % 400),
            email: Some(format!("person{i}@bench.example")),
            hr_id: Some(format!("H{i:06}")),
            home_unit: self.departments[i % self.departments.len()],
            affiliation: Affiliation::Staff,
            status: PersonStatus::Active,
            separated_on: None,
            identities: match i {
                0 => vec![(issuer::ISSUER.to_owned(), ADMIN.to_owned())],
                1 => vec![(issuer::ISSUER.to_owned(), TECHNICIAN.to_owned())],
                _ => Vec::new(),
            },
        };
        self.people.iter().enumerate().map(person).collect()
    }

    /// The two roles.
    pub fn grants(&self) -> Vec<GiveGrant> {
        let grant = |person, role, root_unit| GiveGrant {
            person,
            role,
            root_unit,
            valid_to: None,
            remark: None,
        };
        vec![
            grant(self.people[0], Role::OrgAdmin, self.root),
            grant(self.people[1], Role::Technician, self.tiny),
        ]
    }

    /// The command that enters the asset with this number.
    pub fn asset(
        &self,
        number: u32,
        now: Timestamp,
        random: &dyn Random,
    ) -> Result<Command, BadText> {
        let n = usize::try_from(number).unwrap_or_default();
        let model = n % MODELS;
        let noun = CATEGORIES[model % CATEGORIES.len()].to_lowercase();
        let colour = COLOURS[n / MODELS % COLOURS.len()];
        let rare = if self.is_one_of(number, RARE) {
            format!(" with {RARE_WORD}")
        } else {
            String::new()
        };
        let unit = if self.is_one_of(number, tiny_assets(self.assets)) {
            self.tiny
        } else {
            self.departments[n % self.departments.len()]
        };
        Ok(Command {
            asset: AssetId::generate(now, random),
            act: Act::Register(Box::new(Register {
                what: Description {
                    description: format!("{noun}, {colour}, series {}{rare}", n % 97),
                    category: self.categories[model % CATEGORIES.len()],
                    model: Some(self.models[model]),
                    manufacturer: None,
                    unit,
                    acquisition: Acquisition::Purchase,
                    cost_minor: Some(50_000 + i64::from(number % 1_000) * 100),
                    currency: None,
                    po_no: Some(format!("PO-{:06}", number / 25)),
                    invoice_no: None,
                    acquired_on: None,
                    warranty_ends_on: None,
                },
                tag: Some(tag(self.first + number)),
                serial: Some(Serial::parse(&serial(self.first + number))?),
                location: Some(self.rooms[n * 7 % self.rooms.len()]),
                condition: Condition::Good,
                identifiers: Vec::new(),
                provenance: None,
            })),
            occurred_at: None,
            remark: None,
        })
    }

    /// Whether the asset is one of so many, evenly spread over all.
    fn is_one_of(&self, number: u32, many: u32) -> bool {
        number % (self.assets / many).max(1) == 3 && number / (self.assets / many).max(1) < many
    }
}

/// Numbers without a pattern that repeat with their seed (`SplitMix64`).
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below the bound.
    pub fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        u32::try_from(z % u64::from(bound.max(1))).unwrap_or_default()
    }
}
