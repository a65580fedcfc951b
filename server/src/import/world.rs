//! What the names in a file mean here: units, places, the catalogue, people; and what is to be made of those that mean nothing yet.

use std::collections::{HashMap, HashSet};

use habeo_core::access::{Access, Action, Reach};
use habeo_core::catalogue::command::{Add, NewModel};
use habeo_core::id::{CategoryId, LocationId, ManufacturerId, ModelId, PersonId, UnitId, new_uuid};
use habeo_core::ledger::Ledger;
use habeo_core::location::LocationKind;
use habeo_core::location::command::CreateLocation;
use habeo_core::person::{self, PersonStatus};
use habeo_core::store::StoreResult;
use habeo_core::{catalogue, location, org, unit};
use uuid::Uuid;

/// What may be made where a name means nothing yet.
#[derive(Debug, Clone, Copy, Default)]
pub struct Creating {
    /// Makers, categories and models.
    pub models: bool,
    /// Whether models that are made bear data, which asks for proof of its removal before they leave.
    pub models_bear_data: bool,
    /// Sites, buildings and rooms.
    pub places: bool,
}

/// Why a name means nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unclear {
    /// Nothing has it.
    Unknown,
    /// Several have it.
    Ambiguous,
}

/// What a model is, as far as an import asks.
#[derive(Debug, Clone, Copy)]
pub struct KnownModel {
    pub id: ModelId,
    pub manufacturer: ManufacturerId,
    pub category: CategoryId,
    pub requires_serial: bool,
}

/// Several things by one name.
#[derive(Debug)]
struct Names<K, V>(HashMap<K, Vec<V>>);

impl<K: std::hash::Hash + Eq, V: Copy + PartialEq> Names<K, V> {
    fn new() -> Self {
        Self(HashMap::new())
    }

    fn add(&mut self, name: K, value: V) {
        let all = self.0.entry(name).or_default();
        if !all.contains(&value) {
            all.push(value);
        }
    }

    fn one(&self, name: &K) -> Result<V, Unclear> {
        match self.0.get(name).map(Vec::as_slice) {
            Some([one]) => Ok(*one),
            Some([]) | None => Err(Unclear::Unknown),
            Some(_) => Err(Unclear::Ambiguous),
        }
    }
}

/// The organisation as a file may speak of it.
#[derive(Debug)]
pub struct World {
    /// What amounts are in where the file does not say.
    pub currency: String,
    creating: Creating,
    rights: HashMap<Action, Option<HashSet<UnitId>>>,
    unit_codes: Names<String, UnitId>,
    unit_names: Names<String, UnitId>,
    makers: Names<String, ManufacturerId>,
    category_codes: Names<String, CategoryId>,
    category_names: Names<String, CategoryId>,
    models: HashMap<ModelId, KnownModel>,
    models_of_maker: Names<(ManufacturerId, String), ModelId>,
    models_by_name: Names<String, ModelId>,
    paths: Names<String, LocationId>,
    within: Names<(Option<LocationId>, String), LocationId>,
    people: HashMap<String, Result<(PersonId, PersonStatus), Unclear>>,
    /// What has to be entered into the catalogue first.
    pub new_catalogue: Vec<Add>,
    /// What places have to be made first.
    pub new_places: Vec<CreateLocation>,
    ledger: Ledger,
}

/// Names are compared without case and without regard to how many spaces are between their words.
fn folded(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

impl World {
    /// Reads what names mean.
    pub async fn read(ledger: &Ledger, access: &Access, creating: Creating) -> StoreResult<Self> {
        let mut tx = ledger.db().read(access).await?;
        let mut rights = HashMap::new();
        for action in [
            Action::Register,
            Action::Custody,
            Action::Field,
            Action::Retire,
        ] {
            let units = match access.reach(action) {
                Reach::Whole => None,
                Reach::Below(roots) => {
                    let mut units = HashSet::new();
                    for root in roots {
                        units.extend(unit::store::descendants(&mut tx, access, root).await?);
                    }
                    Some(units)
                }
            };
            rights.insert(action, units);
        }
        let mut world = Self {
            currency: org::store::own(&mut tx, access).await?.currency,
            creating,
            rights,
            unit_codes: Names::new(),
            unit_names: Names::new(),
            makers: Names::new(),
            category_codes: Names::new(),
            category_names: Names::new(),
            models: HashMap::new(),
            models_of_maker: Names::new(),
            models_by_name: Names::new(),
            paths: Names::new(),
            within: Names::new(),
            people: HashMap::new(),
            new_catalogue: Vec::new(),
            new_places: Vec::new(),
            ledger: ledger.clone(),
        };
        for unit in unit::store::all(&mut tx, access).await? {
            world.unit_codes.add(folded(&unit.code), unit.id);
            world.unit_names.add(folded(&unit.name), unit.id);
        }
        for maker in catalogue::store::manufacturers(&mut tx, access).await? {
            world.makers.add(folded(&maker.name), maker.id);
        }
        for category in catalogue::store::categories(&mut tx, access).await? {
            world
                .category_codes
                .add(folded(&category.code), category.id);
            world
                .category_names
                .add(folded(&category.name), category.id);
        }
        for model in catalogue::store::named_models(&mut tx, access).await? {
            let known = KnownModel {
                id: model.id,
                manufacturer: model.manufacturer_id,
                category: model.category_id,
                requires_serial: model.requires_serial,
            };
            world.add_model(known, &model.name, model.model_no.as_deref());
        }
        for place in location::store::all(&mut tx, access).await? {
            world.add_place(
                place.id,
                place.parent_id,
                &place.path,
                [&place.name, &place.code],
            );
        }
        Ok(world)
    }

    fn add_model(&mut self, model: KnownModel, name: &str, number: Option<&str>) {
        self.models.insert(model.id, model);
        for name in std::iter::once(name).chain(number) {
            self.models_by_name.add(folded(name), model.id);
            self.models_of_maker
                .add((model.manufacturer, folded(name)), model.id);
        }
    }

    fn add_place(
        &mut self,
        id: LocationId,
        parent: Option<LocationId>,
        path: &str,
        names: [&String; 2],
    ) {
        self.paths.add(folded(path), id);
        for name in names {
            self.within.add((parent, folded(name)), id);
        }
    }

    fn fresh(&self) -> Uuid {
        new_uuid(self.ledger.clock().now(), self.ledger.random())
    }

    /// Looks up who has these addresses, unless that is known.
    pub async fn meet(&mut self, access: &Access, addresses: Vec<String>) -> StoreResult<()> {
        let mut unknown: Vec<String> = addresses
            .into_iter()
            .filter(|address| !self.people.contains_key(address))
            .collect();
        unknown.sort_unstable();
        unknown.dedup();
        if unknown.is_empty() {
            return Ok(());
        }
        let mut tx = self.ledger.db().read(access).await?;
        let found = person::store::by_addresses(&mut tx, access, unknown.clone()).await?;
        for address in unknown {
            self.people.insert(address, Err(Unclear::Unknown));
        }
        for (address, id, status) in found {
            let known = self.people.entry(address).or_insert(Err(Unclear::Unknown));
            *known = match known {
                Err(Unclear::Unknown) => Ok((id, status)),
                _ => Err(Unclear::Ambiguous),
            };
        }
        Ok(())
    }

    /// Who has an address, given in lower case, that was asked for with [`Self::meet`].
    pub fn person(&self, address: &str) -> Result<(PersonId, PersonStatus), Unclear> {
        self.people
            .get(address)
            .copied()
            .unwrap_or(Err(Unclear::Unknown))
    }

    /// Whether whoever imports may do this in a unit.
    pub fn may(&self, action: Action, unit: UnitId) -> bool {
        match self.rights.get(&action) {
            Some(None) => true,
            Some(Some(units)) => units.contains(&unit),
            None => false,
        }
    }

    /// The unit with this code.
    pub fn unit_code(&self, code: &str) -> Result<UnitId, Unclear> {
        self.unit_codes.one(&folded(code))
    }

    /// The unit with this code or name.
    pub fn unit(&self, text: &str) -> Result<UnitId, Unclear> {
        let name = folded(text);
        self.unit_codes
            .one(&name)
            .or_else(|_| self.unit_names.one(&name))
    }

    /// The category with this code or name; made where that is allowed.
    pub fn category(&mut self, text: &str) -> Result<CategoryId, Unclear> {
        let name = folded(text);
        let known = self
            .category_codes
            .one(&name)
            .or_else(|_| self.category_names.one(&name));
        if known != Err(Unclear::Unknown) || !self.creating.models {
            return known;
        }
        let id = CategoryId::from_uuid(self.fresh());
        let code = self.free_category_code(text);
        self.new_catalogue.push(Add::Category {
            id: Some(id),
            parent: None,
            code: code.clone(),
            name: text.to_owned(),
        });
        self.category_codes.add(folded(&code), id);
        self.category_names.add(name, id);
        Ok(id)
    }

    /// The category with this code.
    pub fn category_code(&self, code: &str) -> Result<CategoryId, Unclear> {
        self.category_codes.one(&folded(code))
    }

    fn free_category_code(&self, name: &str) -> String {
        const CHARS_MAX: usize = 28;
        let base: String = name
            .trim()
            .chars()
            .take(CHARS_MAX)
            .collect::<String>()
            .to_uppercase();
        let base: String = base.trim().chars().take(CHARS_MAX).collect();
        let mut code = base.clone();
        let mut n = 2;
        while self.category_codes.one(&folded(&code)) != Err(Unclear::Unknown) {
            code = format!("{base}-{n}");
            n += 1;
        }
        code
    }

    /// The maker of this name; made where that is allowed.
    pub fn maker(&mut self, text: &str) -> Result<ManufacturerId, Unclear> {
        let name = folded(text);
        let known = self.makers.one(&name);
        if known != Err(Unclear::Unknown) || !self.creating.models {
            return known;
        }
        let id = ManufacturerId::from_uuid(self.fresh());
        self.new_catalogue.push(Add::Manufacturer {
            id: Some(id),
            name: text.to_owned(),
        });
        self.makers.add(name, id);
        Ok(id)
    }

    /// The model with this name or number, of this maker if one is named.
    pub fn model(&self, maker: Option<ManufacturerId>, text: &str) -> Result<KnownModel, Unclear> {
        let name = folded(text);
        let id = match maker {
            Some(maker) => self.models_of_maker.one(&(maker, name)),
            None => self.models_by_name.one(&name),
        }?;
        self.models.get(&id).copied().ok_or(Unclear::Unknown)
    }

    /// A model that is made, where that is allowed.
    pub fn new_model(
        &mut self,
        manufacturer: ManufacturerId,
        category: CategoryId,
        name: &str,
        number: Option<&str>,
    ) -> Result<KnownModel, Unclear> {
        const USEFUL_LIFE_MONTHS: u16 = 60;
        if !self.creating.models {
            return Err(Unclear::Unknown);
        }
        let known = KnownModel {
            id: ModelId::from_uuid(self.fresh()),
            manufacturer,
            category,
            requires_serial: false,
        };
        self.new_catalogue.push(Add::Model(NewModel {
            id: Some(known.id),
            manufacturer,
            category,
            name: name.to_owned(),
            model_no: number.map(ToOwned::to_owned),
            bears_data: self.creating.models_bear_data,
            requires_serial: false,
            useful_life_months: USEFUL_LIFE_MONTHS,
        }));
        self.add_model(known, name, number);
        Ok(known)
    }

    /// The place of this path, such as `Main Campus / Library / Reading Room`; made where that is allowed.
    pub fn path(&mut self, path: &str) -> Result<LocationId, Unclear> {
        match self.paths.one(&folded(path)) {
            Err(Unclear::Unknown) => {}
            known => return known,
        }
        let steps: Vec<&str> = path.split(" / ").map(str::trim).collect();
        self.steps(&steps)
    }

    /// The place of this path, if there is one.
    pub fn known_path(&self, path: &str) -> Result<LocationId, Unclear> {
        self.paths.one(&folded(path))
    }

    /// The place that these names lead to from a site downwards; made where that is allowed.
    pub fn steps(&mut self, names: &[&str]) -> Result<LocationId, Unclear> {
        let mut parent = None;
        let mut path = String::new();
        for (level, name) in names.iter().enumerate() {
            if level > 0 {
                path.push_str(" / ");
            }
            path.push_str(name);
            let id = match self.within.one(&(parent, folded(name))) {
                Err(Unclear::Unknown) if self.creating.places && !name.is_empty() => {
                    self.new_place(parent, level, name, &path)
                }
                known => known?,
            };
            parent = Some(id);
        }
        parent.ok_or(Unclear::Unknown)
    }

    fn new_place(
        &mut self,
        parent: Option<LocationId>,
        level: usize,
        name: &str,
        path: &str,
    ) -> LocationId {
        const CODE_CHARS_MAX: usize = 64;
        let id = LocationId::from_uuid(self.fresh());
        let code: String = name.chars().take(CODE_CHARS_MAX).collect();
        self.new_places.push(CreateLocation {
            id: Some(id),
            parent,
            kind: match level {
                0 => LocationKind::Campus,
                1 => LocationKind::Building,
                _ => LocationKind::Room,
            },
            code: code.trim().to_owned(),
            name: name.to_owned(),
            room_use: None,
            timezone: None,
            controlling_unit: None,
        });
        let name = name.to_owned();
        self.add_place(id, parent, path, [&name, &code]);
        id
    }
}
