//! The names of the invented university of the evaluation, read from their file.

use std::collections::HashMap;

use habeo_core::id::{CategoryId, LocationId, ManufacturerId, ModelId, UnitId};
use habeo_core::location::LocationKind;
use uuid::Uuid;

use crate::intent::vocabulary::{CategoryName, Lists, MakerName, ModelName, PlaceName, UnitName};

/// One name to a line.
const NAMES: &str = include_str!("../../evaluation/vocabulary.txt");

/// The names as a server would list them.
pub(super) fn lists() -> Lists {
    let mut reader = Reader {
        lists: Lists::default(),
        known: HashMap::new(),
    };
    for (number, line) in NAMES
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.starts_with('#'))
    {
        if let Some((kind, rest)) = line.split_once(' ') {
            let fields: Vec<&str> = rest.split(" | ").collect();
            reader.line(kind, &fields, u128::try_from(number).unwrap_or_default());
        }
    }
    reader.lists
}

struct Reader {
    lists: Lists,
    known: HashMap<String, Uuid>,
}

impl Reader {
    fn line(&mut self, kind: &str, fields: &[&str], number: u128) {
        let uuid = Uuid::from_u128(number);
        let field = |at: usize| fields.get(at).map(ToString::to_string).unwrap_or_default();
        self.known.insert(format!("{kind} {}", field(0)), uuid);
        let known = |kind: &str, name: &str| self.known.get(&format!("{kind} {name}")).copied();
        let place = |parent: Option<Uuid>, kind: LocationKind| PlaceName {
            id: LocationId::from_uuid(uuid),
            name: field(1),
            code: field(0),
            parent: parent.map(LocationId::from_uuid),
            kind,
        };
        match kind {
            "unit" => self.lists.units.push(UnitName {
                id: UnitId::from_uuid(uuid),
                name: field(1),
                code: field(0),
                aliases: Vec::new(),
            }),
            "site" => self.lists.places.push(place(
                None,
                field(2).parse().unwrap_or(LocationKind::Campus),
            )),
            "building" => self
                .lists
                .places
                .push(place(known("site", &field(2)), LocationKind::Building)),
            "floor" => self
                .lists
                .places
                .push(place(known("building", &field(2)), LocationKind::Floor)),
            "room" => self
                .lists
                .places
                .push(place(known("floor", &field(2)), LocationKind::Room)),
            "maker" => self.lists.makers.push(MakerName {
                id: ManufacturerId::from_uuid(uuid),
                name: field(0),
            }),
            "category" => self.lists.categories.push(CategoryName {
                id: CategoryId::from_uuid(uuid),
                name: field(1),
                code: field(0),
            }),
            "model" => {
                let category = known("category", &field(3)).unwrap_or_default();
                self.lists.models.push(ModelName {
                    id: ModelId::from_uuid(uuid),
                    name: field(0),
                    number: Some(field(1)),
                    maker: known("maker", &field(2)).map(ManufacturerId::from_uuid),
                    category: CategoryId::from_uuid(category),
                });
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_has_all_kinds_of_names() {
        let lists = lists();
        assert_eq!(lists.units.len(), 21);
        assert_eq!(lists.makers.len(), 52);
        assert_eq!(lists.categories.len(), 46);
        assert!(lists.models.len() > 150 && lists.places.len() > 1_500);
        assert!(
            lists
                .models
                .iter()
                .all(|model| model.maker.is_some() && !model.category.uuid().is_nil())
        );
    }
}
