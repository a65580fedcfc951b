//! A small college with units, places, a catalogue and people, and assets in one line.

use std::sync::atomic::{AtomicU32, Ordering};

use habeo_core::access::{Access, Role};
use habeo_core::asset::command::{Act, Command, Description, Register};
use habeo_core::asset::decide::Refusal;
use habeo_core::asset::steps::Done;
use habeo_core::asset::store::{self, AssetDetail};
use habeo_core::asset::{Acquisition, Condition, IdentifierKind, State};
use habeo_core::catalogue::command::{Add, NewModel};
use habeo_core::grant::command::GiveGrant;
use habeo_core::id::{
    AssetId, CategoryId, GrantId, LocationId, ManufacturerId, ModelId, OrgId, PersonId, UnitId,
    new_uuid,
};
use habeo_core::ledger::{All, RecordError};
use habeo_core::location::LocationKind;
use habeo_core::location::command::CreateLocation;
use habeo_core::org::command::CreateOrg;
use habeo_core::person::command::RegisterPerson;
use habeo_core::person::{Affiliation, PersonStatus};
use habeo_core::session::{Credential, Session, Sessions};
use habeo_core::text::{Serial, Tag};
use habeo_core::unit::UnitKind;
use habeo_core::unit::command::CreateUnit;
use habeo_core::unit::scope::Scope;
use uuid::Uuid;

use crate::database::TestDb;
use crate::must;

/// The token issuer of every college.
pub const ISSUER: &str = "https://issuer.example";
/// The namespace in which colleges issue tags.
pub const NAMESPACE: &str = "WMK";

/// An organisation with everything that assets refer to.
#[derive(Debug)]
pub struct College {
    /// Where it is recorded.
    pub db: TestDb,
    /// Its id.
    pub org: OrgId,
    /// Its name in addresses, and the issuer's name for it.
    pub slug: String,
    /// The operator's access to it.
    pub access: Access,
    /// Its unit tree.
    pub units: Units,
    /// Its places.
    pub places: Places,
    /// Its catalogue.
    pub catalogue: Catalogue,
    /// Its people.
    pub people: People,
    counter: AtomicU32,
}

/// The tree: the root, `unassigned`, and two colleges with two departments each.
#[derive(Debug, Clone, Copy)]
pub struct Units {
    /// The whole.
    pub root: UnitId,
    /// What takes in things without an owner.
    pub unassigned: UnitId,
    /// A college.
    pub arts: UnitId,
    /// A department of `arts`.
    pub history: UnitId,
    /// A department of `arts`.
    pub music: UnitId,
    /// A college.
    pub science: UnitId,
    /// A department of `science`.
    pub physics: UnitId,
    /// A department of `science`.
    pub chemistry: UnitId,
}

/// Two sites with a building and a room each.
#[derive(Debug, Clone, Copy)]
pub struct Places {
    /// A site.
    pub main: LocationId,
    /// A building of `main`.
    pub library: LocationId,
    /// A room of `library`.
    pub reading_room: LocationId,
    /// A site.
    pub north: LocationId,
    /// A building of `north`.
    pub foundry: LocationId,
    /// A room of `foundry`.
    pub workshop: LocationId,
}

/// Two makers, three categories, two models.
#[derive(Debug, Clone, Copy)]
pub struct Catalogue {
    /// A category.
    pub computers: CategoryId,
    /// A category below `computers`.
    pub laptops: CategoryId,
    /// A category.
    pub projectors: CategoryId,
    /// A maker.
    pub lumina: ManufacturerId,
    /// Another maker.
    pub orbis: ManufacturerId,
    /// A laptop of `lumina` that bears data and has to have a serial number.
    pub notebook: ModelId,
    /// A projector of `orbis` that does neither.
    pub projector: ModelId,
}

/// Somebody of each sort.
#[derive(Debug, Clone, Copy)]
pub struct People {
    /// Faculty of physics.
    pub ada: PersonId,
    /// Staff of history.
    pub ben: PersonId,
    /// A student of music.
    pub cleo: PersonId,
    /// Has left physics.
    pub gone: PersonId,
}

impl College {
    /// Founds the college that most tests need.
    pub async fn found(db: &TestDb) -> Self {
        Self::found_as(db, "westmark").await
    }

    /// Founds one under another name.
    pub async fn found_as(db: &TestDb, slug: &str) -> Self {
        let new = CreateOrg {
            name: format!("{slug} College"),
            slug: slug.to_owned(),
            timezone: "America/Chicago".to_owned(),
            currency: "USD".to_owned(),
            sandbox: false,
            external: vec![(ISSUER.to_owned(), slug.to_owned())],
            tag_namespaces: vec![NAMESPACE.to_owned()],
            units: None,
        };
        let created = must(new.carry_out(&db.ledger).await);
        let access = db.system(created.org);
        let base = Base {
            db,
            access: &access,
        };
        let units = base.units(created.root, created.unassigned).await;
        let places = base.places().await;
        let catalogue = base.catalogue().await;
        let people = base.people(units).await;
        Self {
            db: db.clone(),
            org: created.org,
            slug: slug.to_owned(),
            access,
            units,
            places,
            catalogue,
            people,
            counter: AtomicU32::new(0),
        }
    }

    /// A number that no other call gets.
    pub fn number(&self) -> u32 {
        self.counter.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// Adds a unit.
    pub async fn unit(&self, parent: UnitId, code: &str) -> UnitId {
        let (id, new) = self.base().unit(parent, UnitKind::Department, code);
        must(self.db.ledger.record(&self.access, new).await);
        id
    }

    /// Adds a place; without a parent it is a site.
    pub async fn place(&self, parent: Option<LocationId>, name: &str) -> LocationId {
        let kind = if parent.is_some() {
            LocationKind::Room
        } else {
            LocationKind::Campus
        };
        let (id, new) = self.base().place(parent, kind, name);
        must(self.db.ledger.record(&self.access, new).await);
        id
    }

    fn base(&self) -> Base<'_> {
        Base {
            db: &self.db,
            access: &self.access,
        }
    }

    /// Registers a person who can sign in, with these roles.
    pub async fn member(&self, name: &str, home: UnitId, roles: &[(Role, UnitId)]) -> Member {
        let subject = format!("user_{}", self.number());
        let new = RegisterPerson {
            identities: vec![(ISSUER.to_owned(), subject.clone())],
            ..person(name, home, Affiliation::Staff, PersonStatus::Active)
        };
        let person = must(self.db.ledger.record(&self.access, new).await);
        for (role, unit) in roles {
            self.grant(person, *role, *unit).await;
        }
        Member {
            person,
            credential: self.credential(&subject),
        }
    }

    /// Signs a member in.
    pub async fn sign_in(&self, member: &Member) -> Session {
        let sessions = Sessions::new(self.db.ledger.clone());
        must(sessions.resolve(&member.credential).await)
    }

    /// The access of somebody new with these roles, at home in the root.
    pub async fn access_of(&self, roles: &[(Role, UnitId)]) -> Access {
        let member = self.member("Robin Example", self.units.root, roles).await;
        self.sign_in(&member).await.access
    }

    /// What a token of this subject says.
    #[must_use]
    pub fn credential(&self, subject: &str) -> Credential {
        Credential {
            issuer: ISSUER.to_owned(),
            subject: subject.to_owned(),
            organization: self.slug.clone(),
            admin: false,
        }
    }

    /// Gives a role.
    pub async fn grant(&self, person: PersonId, role: Role, root_unit: UnitId) -> GrantId {
        let grant = GiveGrant {
            person,
            role,
            root_unit,
            valid_to: None,
            remark: None,
        };
        must(self.db.ledger.record(&self.access, grant).await)
    }

    /// Begins an asset: bought, new, labelled, of physics, without a model.
    #[must_use]
    pub fn asset(&self, description: &str) -> NewAsset<'_> {
        let what = Description {
            description: description.to_owned(),
            category: self.catalogue.laptops,
            model: None,
            manufacturer: None,
            unit: self.units.physics,
            acquisition: Acquisition::Purchase,
            cost_minor: None,
            currency: None,
            po_no: None,
            invoice_no: None,
            acquired_on: None,
            warranty_ends_on: None,
        };
        let register = Register {
            what,
            tag: Some(Tag::issue(NAMESPACE, self.number())),
            serial: None,
            location: None,
            condition: Condition::New,
            identifiers: Vec::new(),
            provenance: None,
        };
        NewAsset {
            college: self,
            id: AssetId::generate(self.db.ledger.clock().now(), self.db.ledger.random()),
            register,
        }
    }

    /// Does something to an asset as the operator.
    pub async fn act(&self, asset: AssetId, act: Act) -> Done {
        must(self.try_act(asset, act).await)
    }

    /// Tries something as the operator.
    pub async fn try_act(&self, asset: AssetId, act: Act) -> Result<Done, RecordError<Refusal>> {
        self.try_as(&self.access, asset, act).await
    }

    /// Tries something as somebody.
    pub async fn try_as(
        &self,
        access: &Access,
        asset: AssetId,
        act: Act,
    ) -> Result<Done, RecordError<Refusal>> {
        self.db.ledger.record(access, command(asset, act)).await
    }

    /// The state of an asset.
    pub async fn state(&self, asset: AssetId) -> State {
        self.detail(asset).await.state
    }

    /// An asset as the operator sees it.
    pub async fn detail(&self, asset: AssetId) -> AssetDetail {
        let mut tx = self.db.read(&self.access).await;
        let found = store::by_id(&mut tx, &self.access, &Scope::Whole, asset).await;
        must(must(found).ok_or("no such asset"))
    }
}

/// Somebody who can sign in.
#[derive(Debug, Clone)]
pub struct Member {
    /// Who.
    pub person: PersonId,
    /// By what token.
    pub credential: Credential,
}

/// A command of this moment, without a remark.
#[must_use]
pub fn command(asset: AssetId, act: Act) -> Command {
    Command {
        asset,
        act,
        occurred_at: None,
        remark: None,
    }
}

/// A person without identities.
#[must_use]
pub fn person(
    name: &str,
    home_unit: UnitId,
    affiliation: Affiliation,
    status: PersonStatus,
) -> RegisterPerson {
    RegisterPerson {
        id: None,
        display_name: name.to_owned(),
        email: None,
        hr_id: None,
        home_unit,
        affiliation,
        status,
        separated_on: None,
        identities: Vec::new(),
    }
}

/// A tag that is known to be well-formed.
#[must_use]
pub fn tag(text: &str) -> Tag {
    must(Tag::parse(text))
}

/// A serial number that is known to be well-formed.
#[must_use]
pub fn serial(text: &str) -> Serial {
    must(Serial::parse(text))
}

/// An asset that is about to be registered.
#[derive(Debug, Clone)]
pub struct NewAsset<'a> {
    college: &'a College,
    id: AssetId,
    register: Register,
}

impl NewAsset<'_> {
    /// With this label.
    #[must_use]
    pub fn tag(mut self, text: &str) -> Self {
        self.register.tag = Some(tag(text));
        self
    }

    /// Without a label: received only.
    #[must_use]
    pub fn untagged(mut self) -> Self {
        self.register.tag = None;
        self
    }

    /// With this serial number.
    #[must_use]
    pub fn serial(mut self, text: &str) -> Self {
        self.register.serial = Some(serial(text));
        self
    }

    /// Of this unit.
    #[must_use]
    pub fn unit(mut self, unit: UnitId) -> Self {
        self.register.what.unit = unit;
        self
    }

    /// At this place.
    #[must_use]
    pub fn at(mut self, place: LocationId) -> Self {
        self.register.location = Some(place);
        self
    }

    /// Of this model.
    #[must_use]
    pub fn model(mut self, model: ModelId) -> Self {
        self.register.what.model = Some(model);
        self
    }

    /// By this maker.
    #[must_use]
    pub fn maker(mut self, maker: ManufacturerId) -> Self {
        self.register.what.manufacturer = Some(maker);
        self
    }

    /// Of this category.
    #[must_use]
    pub fn category(mut self, category: CategoryId) -> Self {
        self.register.what.category = category;
        self
    }

    /// Come by like this.
    #[must_use]
    pub fn acquired(mut self, acquisition: Acquisition) -> Self {
        self.register.what.acquisition = acquisition;
        self
    }

    /// Recognised by this as well.
    #[must_use]
    pub fn identifier(mut self, kind: IdentifierKind, value: &str) -> Self {
        self.register.identifiers.push((kind, value.to_owned()));
        self
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> AssetId {
        self.id
    }

    /// What would be ordered instead of registered.
    #[must_use]
    pub fn order(self) -> Command {
        command(self.id, Act::Order(Box::new(self.register.what)))
    }

    /// The command that registers it.
    #[must_use]
    pub fn command(self) -> Command {
        command(self.id, Act::Register(Box::new(self.register)))
    }

    /// Registers it.
    pub async fn register(self) -> AssetId {
        must(self.try_register().await).asset
    }

    /// Tries to register it.
    pub async fn try_register(self) -> Result<Done, RecordError<Refusal>> {
        let college = self.college;
        let command = self.command();
        college.db.ledger.record(&college.access, command).await
    }
}

/// What is needed to found a college. Each sort of thing is one transaction with ids that are known before.
struct Base<'a> {
    db: &'a TestDb,
    access: &'a Access,
}

impl Base<'_> {
    fn fresh(&self) -> Uuid {
        new_uuid(self.db.ledger.clock().now(), self.db.ledger.random())
    }

    async fn all<C: habeo_core::ledger::Command>(&self, commands: Vec<C>) -> Vec<C::Answer>
    where
        C::Refusal: std::fmt::Debug,
    {
        must(self.db.ledger.record(self.access, All(commands)).await)
    }

    fn unit(&self, parent: UnitId, kind: UnitKind, code: &str) -> (UnitId, CreateUnit) {
        let id = UnitId::from_uuid(self.fresh());
        let new = CreateUnit {
            id: Some(id),
            parent,
            kind,
            code: code.to_owned(),
            name: format!("{code} unit"),
        };
        (id, new)
    }

    async fn units(&self, root: UnitId, unassigned: UnitId) -> Units {
        use UnitKind::{College, Department};
        let (arts, new_arts) = self.unit(root, College, "ARTS");
        let (science, new_science) = self.unit(root, College, "SCI");
        let (history, new_history) = self.unit(arts, Department, "HIST");
        let (music, new_music) = self.unit(arts, Department, "MUSIC");
        let (physics, new_physics) = self.unit(science, Department, "PHYS");
        let (chemistry, new_chemistry) = self.unit(science, Department, "CHEM");
        self.all(vec![
            new_arts,
            new_science,
            new_history,
            new_music,
            new_physics,
            new_chemistry,
        ])
        .await;
        Units {
            root,
            unassigned,
            arts,
            history,
            music,
            science,
            physics,
            chemistry,
        }
    }

    fn place(
        &self,
        parent: Option<LocationId>,
        kind: LocationKind,
        name: &str,
    ) -> (LocationId, CreateLocation) {
        let id = LocationId::from_uuid(self.fresh());
        let new = CreateLocation {
            id: Some(id),
            parent,
            kind,
            code: name.chars().take(8).collect(),
            name: name.to_owned(),
            room_use: None,
            timezone: None,
            controlling_unit: None,
        };
        (id, new)
    }

    async fn places(&self) -> Places {
        use LocationKind::{Building, Campus, Room};
        let (main, new_main) = self.place(None, Campus, "Main Campus");
        let (library, new_library) = self.place(Some(main), Building, "Library");
        let (reading_room, new_reading_room) = self.place(Some(library), Room, "Reading Room");
        let (north, new_north) = self.place(None, Campus, "North Campus");
        let (foundry, new_foundry) = self.place(Some(north), Building, "Foundry");
        let (workshop, new_workshop) = self.place(Some(foundry), Room, "Workshop");
        self.all(vec![
            new_main,
            new_library,
            new_reading_room,
            new_north,
            new_foundry,
            new_workshop,
        ])
        .await;
        Places {
            main,
            library,
            reading_room,
            north,
            foundry,
            workshop,
        }
    }

    async fn catalogue(&self) -> Catalogue {
        let catalogue = Catalogue {
            computers: CategoryId::from_uuid(self.fresh()),
            laptops: CategoryId::from_uuid(self.fresh()),
            projectors: CategoryId::from_uuid(self.fresh()),
            lumina: ManufacturerId::from_uuid(self.fresh()),
            orbis: ManufacturerId::from_uuid(self.fresh()),
            notebook: ModelId::from_uuid(self.fresh()),
            projector: ModelId::from_uuid(self.fresh()),
        };
        let notebook = NewModel {
            id: Some(catalogue.notebook),
            manufacturer: catalogue.lumina,
            category: catalogue.laptops,
            name: "Slate 14".to_owned(),
            model_no: Some("SL14-2".to_owned()),
            bears_data: true,
            requires_serial: true,
            useful_life_months: 48,
        };
        let projector = NewModel {
            id: Some(catalogue.projector),
            manufacturer: catalogue.orbis,
            category: catalogue.projectors,
            name: "Beam 900".to_owned(),
            model_no: None,
            bears_data: false,
            requires_serial: false,
            ..notebook.clone()
        };
        self.all(vec![
            category(catalogue.computers, None, "COMP", "Computers"),
            category(
                catalogue.laptops,
                Some(catalogue.computers),
                "LAP",
                "Laptops",
            ),
            category(catalogue.projectors, None, "PROJ", "Projectors"),
            maker(catalogue.lumina, "Lumina"),
            maker(catalogue.orbis, "Orbis Optics"),
            Add::Model(notebook),
            Add::Model(projector),
        ])
        .await;
        catalogue
    }

    async fn people(&self, units: Units) -> People {
        use Affiliation::{Faculty, Staff, Student};
        use PersonStatus::{Active, Separated};
        let people = self
            .all(vec![
                person("Ada Example", units.physics, Faculty, Active),
                person("Ben Sample", units.history, Staff, Active),
                person("Cleo Muster", units.music, Student, Active),
                person("Gone Example", units.physics, Faculty, Separated),
            ])
            .await;
        People {
            ada: people[0],
            ben: people[1],
            cleo: people[2],
            gone: people[3],
        }
    }
}

fn category(id: CategoryId, parent: Option<CategoryId>, code: &str, name: &str) -> Add {
    Add::Category {
        id: Some(id),
        parent,
        code: code.to_owned(),
        name: name.to_owned(),
    }
}

fn maker(id: ManufacturerId, name: &str) -> Add {
    Add::Manufacturer {
        id: Some(id),
        name: name.to_owned(),
    }
}
