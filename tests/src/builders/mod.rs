//! A small college with units, places, a catalogue and people, and assets in one line.

mod asset;
mod base;
pub mod chat;
pub mod connection;

use std::sync::atomic::{AtomicU32, Ordering};

pub use asset::NewAsset;
use base::Base;
use habeo_core::access::{Access, Role};
use habeo_core::asset::command::{Act, Command, Description, Register};
use habeo_core::asset::decide::Refusal;
use habeo_core::asset::steps::Done;
use habeo_core::asset::store::{self, AssetDetail};
use habeo_core::asset::{Acquisition, Condition, State};
use habeo_core::grant::command::GiveGrant;
use habeo_core::id::{
    AssetId, CategoryId, GrantId, LocationId, ManufacturerId, ModelId, OrgId, PersonId, UnitId,
};
use habeo_core::ledger::RecordError;
use habeo_core::location::LocationKind;
use habeo_core::org::command::CreateOrg;
use habeo_core::person::command::RegisterPerson;
use habeo_core::person::{Affiliation, PersonStatus};
use habeo_core::session::{Credential, Session, Sessions};
use habeo_core::text::{Serial, Tag};
use habeo_core::unit::UnitKind;
use habeo_core::unit::scope::Scope;

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
        Self::founded(db, slug, false).await
    }

    /// Founds one in which everything is invented.
    pub async fn sandbox(db: &TestDb, slug: &str) -> Self {
        Self::founded(db, slug, true).await
    }

    async fn founded(db: &TestDb, slug: &str, sandbox: bool) -> Self {
        let new = CreateOrg {
            name: format!("{slug} College"),
            slug: slug.to_owned(),
            timezone: "America/Chicago".to_owned(),
            currency: "USD".to_owned(),
            sandbox,
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
            impersonated: false,
            issuer: ISSUER.to_owned(),
            subject: subject.to_owned(),
            organization: self.slug.clone(),
            admin: false,
        }
    }

    /// The access of somebody who is known already.
    pub async fn access_as(&self, person: PersonId) -> Access {
        let sessions = Sessions::new(self.db.ledger.clone());
        must(sessions.of_person(self.org, person).await).access
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
