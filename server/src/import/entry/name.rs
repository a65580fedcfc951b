//! From names and codes to the units, products and places they mean.

use super::super::fault::shown;
use super::super::field::Field;
use super::super::world::{KnownModel, Unclear, World};
use super::{CODE_CHARS_MAX, NAME_CHARS_MAX, One, What};
use habeo_core::asset::decide::NUMBER_CHARS_MAX;
use habeo_core::id::{CategoryId, LocationId, ManufacturerId, UnitId};

impl One<'_> {
    pub(super) fn unclear(&mut self, field: Field, unclear: Unclear, what: &str, name: &str) {
        let name = shown(name);
        match unclear {
            Unclear::Unknown => self.fault(field, "unknown", format!("no {what} is called {name}")),
            Unclear::Ambiguous => self.fault(
                field,
                "ambiguous",
                format!("more than one {what} is called {name}"),
            ),
        }
    }

    pub(super) fn found<T>(
        &mut self,
        field: Field,
        found: Result<T, Unclear>,
        what: &str,
        name: &str,
    ) -> Option<T> {
        found
            .map_err(|unclear| self.unclear(field, unclear, what, name))
            .ok()
    }

    pub(super) fn unit_field(&self) -> Field {
        if self.mapping.column(Field::UnitCode).is_some() {
            Field::UnitCode
        } else {
            Field::Unit
        }
    }

    pub(super) fn what(&mut self, world: &mut World) -> What {
        let unit = self.unit(world);
        let named_maker = self.line(Field::Manufacturer, CODE_CHARS_MAX);
        let maker = named_maker.as_deref().and_then(|name| {
            let found = world.maker(name);
            self.found(Field::Manufacturer, found, "manufacturer", name)
        });
        let category = self.category(world);
        let model = if named_maker.is_some() && maker.is_none() {
            None
        } else {
            self.model(world, maker, category)
        };
        if category.is_none() && model.is_none() && self.faults.is_empty() {
            self.fault(
                Field::Category,
                "required",
                "is required where no model says what sort of thing it is".to_owned(),
            );
        }
        What {
            unit,
            model,
            // A model says who made it.
            maker: model.map(|model| model.manufacturer).or(maker),
            category: category.or(model.map(|model| model.category)),
            location: self.place(world),
        }
    }

    pub(super) fn unit(&mut self, world: &World) -> Option<UnitId> {
        if let Some(code) = self.line(Field::UnitCode, CODE_CHARS_MAX) {
            let found = world.unit_code(&code);
            return self.found(Field::UnitCode, found, "unit", &code);
        }
        let Some(name) = self.line(Field::Unit, NAME_CHARS_MAX) else {
            let field = self.unit_field();
            if self
                .faults
                .iter()
                .all(|fault| fault.column != self.mapping.header(field))
            {
                self.fault(
                    field,
                    "required",
                    "every asset has an owning unit: its code or its name".to_owned(),
                );
            }
            return None;
        };
        let found = world.unit(&name);
        self.found(Field::Unit, found, "unit", &name)
    }

    pub(super) fn category(&mut self, world: &mut World) -> Option<CategoryId> {
        let code = self.line(Field::CategoryCode, CODE_CHARS_MAX);
        let name = self.line(Field::Category, CODE_CHARS_MAX);
        if let Some(code) = &code {
            match (world.category_code(code), &name) {
                (Ok(id), _) => return Some(id),
                (Err(unclear), None) => {
                    self.unclear(Field::CategoryCode, unclear, "category", code);
                    return None;
                }
                // The name may still tell, or be made one of.
                (Err(_), Some(_)) => {}
            }
        }
        let name = name?;
        let found = world.category(&name);
        self.found(Field::Category, found, "category", &name)
    }

    pub(super) fn model(
        &mut self,
        world: &mut World,
        maker: Option<ManufacturerId>,
        category: Option<CategoryId>,
    ) -> Option<KnownModel> {
        let name = self.line(Field::Model, NAME_CHARS_MAX);
        let number = self.line(Field::ModelNo, NUMBER_CHARS_MAX);
        let (field, wanted) = match (&name, &number) {
            (Some(name), _) => (Field::Model, name),
            (None, Some(number)) => (Field::ModelNo, number),
            (None, None) => return None,
        };
        let mut found = world.model(maker, wanted);
        if let (Err(Unclear::Ambiguous), Some(number)) = (&found, &number) {
            found = world.model(maker, number);
        }
        if let (Err(Unclear::Unknown), Some(maker), Some(category)) = (&found, maker, category) {
            found = world.new_model(maker, category, wanted, number.as_deref());
        }
        let wanted = wanted.clone();
        self.found(field, found, "model", &wanted)
    }

    pub(super) fn place(&mut self, world: &mut World) -> Option<LocationId> {
        if let Some(path) = self.line(Field::Location, 7 * NAME_CHARS_MAX) {
            let found = world.path(&path);
            return self.found(Field::Location, found, "place", &path);
        }
        let levels = [Field::Site, Field::Building, Field::Room]
            .map(|field| (field, self.line(field, NAME_CHARS_MAX)));
        let mut names = Vec::new();
        let mut last = None;
        let mut gap = None;
        for (field, name) in &levels {
            match name {
                Some(name) => {
                    if let Some(gap) = gap {
                        self.fault(
                            gap,
                            "required",
                            "is required where a place within it is named".to_owned(),
                        );
                        return None;
                    }
                    names.push(name.as_str());
                    last = Some(*field);
                }
                None => gap = gap.or(Some(*field)),
            }
        }
        let last = last?;
        let found = world.steps(&names);
        self.found(last, found, "place", &names.join(" / "))
    }
}
