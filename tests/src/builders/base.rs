//! What a college has from its first day.

use habeo_core::access::Access;
use habeo_core::catalogue::command::{Add, NewModel};
use habeo_core::id::{CategoryId, LocationId, ManufacturerId, ModelId, UnitId, new_uuid};
use habeo_core::ledger::All;
use habeo_core::location::LocationKind;
use habeo_core::location::command::CreateLocation;
use habeo_core::person::{Affiliation, PersonStatus};
use habeo_core::unit::UnitKind;
use habeo_core::unit::command::CreateUnit;
use uuid::Uuid;

use super::{Catalogue, People, Places, Units, person};
use crate::database::TestDb;
use crate::must;

/// What is needed to found a college. Each sort of thing is one transaction with ids that are known before.
pub(super) struct Base<'a> {
    pub db: &'a TestDb,
    pub access: &'a Access,
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

    pub fn unit(&self, parent: UnitId, kind: UnitKind, code: &str) -> (UnitId, CreateUnit) {
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

    pub async fn units(&self, root: UnitId, unassigned: UnitId) -> Units {
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

    pub fn place(
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

    pub async fn places(&self) -> Places {
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

    pub async fn catalogue(&self) -> Catalogue {
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

    pub async fn people(&self, units: Units) -> People {
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
