//! What something is and where it came from.

use super::super::field::Field;
use super::super::world::{KnownModel, World};
use super::{CODE_CHARS_MAX, IDENTIFIER_CHARS_MAX, One, What};
use habeo_core::asset::command::Description;
use habeo_core::asset::decide::{DESCRIPTION_CHARS_MAX, NUMBER_CHARS_MAX};
use habeo_core::asset::{Acquisition, IdentifierKind};
use habeo_core::id::{CategoryId, UnitId};
use habeo_core::money;
use habeo_core::text::{self, Serial};
use uuid::Uuid;

impl One<'_> {
    pub(super) fn description(&mut self, world: &World, what: &What) -> Option<Description> {
        let description = self.described();
        let acquisition = self
            .word(Field::Acquisition)
            .and_then(|word| self.member(Field::Acquisition, &word))
            .unwrap_or(Acquisition::Purchase);
        let (cost_minor, currency) = self.cost(&world.currency);
        let description = Description {
            description: description.unwrap_or_default(),
            category: what.category.unwrap_or(CategoryId::from_uuid(Uuid::nil())),
            model: what.model.map(|model| model.id),
            manufacturer: what.maker,
            unit: what.unit.unwrap_or(UnitId::from_uuid(Uuid::nil())),
            acquisition,
            cost_minor,
            currency,
            po_no: self.line(Field::PoNo, NUMBER_CHARS_MAX),
            invoice_no: self.line(Field::InvoiceNo, NUMBER_CHARS_MAX),
            acquired_on: self.day(Field::AcquiredOn),
            warranty_ends_on: self.day(Field::WarrantyEndsOn),
        };
        // The placeholders above stand only beside a fault.
        (what.unit.is_some() && what.category.is_some()).then_some(description)
    }

    /// The description, or what maker and model are called.
    pub(super) fn described(&mut self) -> Option<String> {
        if let Some(text) = self.line(Field::Description, DESCRIPTION_CHARS_MAX) {
            return Some(text);
        }
        let names = [Field::Manufacturer, Field::Model].map(|field| self.cell(field));
        let name = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
        if name.is_empty() {
            if self.faults.is_empty() {
                self.fault(
                    Field::Description,
                    "required",
                    "is required where no model is named".to_owned(),
                );
            }
            return None;
        }
        text::line(&name, DESCRIPTION_CHARS_MAX).ok()
    }

    pub(super) fn cost(&mut self, default: &str) -> (Option<i64>, Option<String>) {
        let currency = self
            .line(Field::Currency, CODE_CHARS_MAX)
            .map(|code| code.to_uppercase());
        if let Some(code) = &currency
            && !(code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()))
        {
            self.fault(
                Field::Currency,
                "currency",
                "must be three letters (ISO 4217)".to_owned(),
            );
            return (None, None);
        }
        let Some(text) = self.cell(Field::Cost) else {
            return (None, None);
        };
        let currency = currency.unwrap_or_else(|| default.to_owned());
        match money::minor(&text, &currency) {
            Ok(minor) => (Some(minor), Some(currency)),
            Err(error) => {
                self.fault(Field::Cost, "amount", error.to_string());
                (None, None)
            }
        }
    }

    pub(super) fn identifiers(&mut self) -> Vec<(IdentifierKind, String)> {
        let mut all = Vec::new();
        for kind in Field::identifiers() {
            let field = Field::Identifier(kind);
            let Some(value) = self.line(field, IDENTIFIER_CHARS_MAX) else {
                continue;
            };
            if text::fold_code(&value).is_empty() {
                self.fault(field, "text", text::BadText::Alphabet.to_string());
            } else {
                all.push((kind, value));
            }
        }
        all
    }

    /// Where it came from, where that is asked: of what was not bought, and of what should have a serial number and has none.
    pub(super) fn provenance(
        &mut self,
        what: &Description,
        model: Option<KnownModel>,
        serial: Option<&Serial>,
    ) -> Option<String> {
        let said = self.lines(Field::Provenance);
        let bought = matches!(
            what.acquisition,
            Acquisition::Purchase | Acquisition::Punchout
        );
        let no_serial = model.is_some_and(|model| model.requires_serial) && serial.is_none();
        let told = said.is_some() || self.cell(Field::Remark).is_some();
        if told || (bought && !no_serial) {
            return said;
        }
        if self.terms.provenance.is_none() {
            let (field, message) = if no_serial {
                (
                    Field::Serial,
                    "this model requires a serial number, or a word on why there is none (--provenance)",
                )
            } else {
                (
                    Field::Provenance,
                    "an asset that was not bought needs a word on where it came from (--provenance)",
                )
            };
            self.fault(field, "required", message.to_owned());
        }
        self.terms.provenance.clone()
    }
}
