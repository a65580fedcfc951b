//! Changes of fields: what was there, what will be, and whether that may stand.

use super::State;
use super::command::FieldValue;
use super::decide::{DESCRIPTION_CHARS_MAX, FIELDS_MAX, amount, line, number};
use super::event::Change;
use super::life::Life;
use super::refusal::Refusal;
use crate::access::Action;
use crate::id::{ManufacturerId, ModelId};

impl Life<'_> {
    /// The changes that the fields amount to.
    pub(super) fn changes(&self, fields: &[FieldValue]) -> Result<Vec<Change>, Refusal> {
        if fields.is_empty() || fields.len() > FIELDS_MAX {
            return Err(Refusal::BadCount("fields"));
        }
        let mut changes = Vec::with_capacity(fields.len() + 1);
        // A model says who made it, the one that there will be as well as the one that there was.
        let model = fields
            .iter()
            .fold(self.asset.model_id, |model, field| match field {
                FieldValue::Model(to) => *to,
                _ => model,
            });
        for field in fields {
            if matches!(field, FieldValue::Manufacturer(_)) && model.is_some() {
                return Err(Refusal::ReferenceUnknown("a manufacturer beside a model"));
            }
            changes.push(self.change(field)?);
            if let FieldValue::Model(model) = field {
                let maker = self.maker_of(*model)?;
                if maker != self.asset.manufacturer_id {
                    changes.push(Change {
                        from: FieldValue::Manufacturer(self.asset.manufacturer_id),
                        to: FieldValue::Manufacturer(maker),
                    });
                }
            }
        }
        self.claim_is_free(&changes)?;
        Ok(changes)
    }

    /// A serial number is claimed with its maker: what counts is the pair that all the changes together leave.
    fn claim_is_free(&self, changes: &[Change]) -> Result<(), Refusal> {
        let mut serial = self.asset.serial.as_ref();
        let mut maker = self.asset.manufacturer_id;
        for change in changes {
            match &change.to {
                FieldValue::Serial(to) => serial = to.as_ref(),
                FieldValue::Manufacturer(to) => maker = *to,
                _ => {}
            }
        }
        match serial {
            Some(serial) if self.asset.state != State::Void => {
                self.known.serial_free(serial, maker, self.asset.id)
            }
            _ => Ok(()),
        }
    }

    fn change(&self, to: &FieldValue) -> Result<Change, Refusal> {
        let asset = self.asset;
        let (from, to) = match to {
            FieldValue::Description(text) => (
                FieldValue::Description(asset.description.clone()),
                FieldValue::Description(line("description", text, DESCRIPTION_CHARS_MAX)?),
            ),
            FieldValue::Serial(_) => (FieldValue::Serial(asset.serial.clone()), to.clone()),
            FieldValue::Category(id) => {
                self.known.category(*id)?;
                (FieldValue::Category(asset.category_id), to.clone())
            }
            FieldValue::Model(model) => {
                self.maker_of(*model)?;
                (FieldValue::Model(asset.model_id), to.clone())
            }
            FieldValue::Manufacturer(maker) => {
                if let Some(maker) = maker {
                    self.known.manufacturer(*maker)?;
                }
                (FieldValue::Manufacturer(asset.manufacturer_id), to.clone())
            }
            FieldValue::Condition(_) => (FieldValue::Condition(asset.condition), to.clone()),
            FieldValue::CostMinor(minor) => {
                amount("costMinor", *minor)?;
                (FieldValue::CostMinor(asset.cost_minor), to.clone())
            }
            FieldValue::AcquiredOn(_) => (FieldValue::AcquiredOn(asset.acquired_on), to.clone()),
            FieldValue::WarrantyEndsOn(_) => (
                FieldValue::WarrantyEndsOn(asset.warranty_ends_on),
                to.clone(),
            ),
            FieldValue::PoNo(po_no) => (
                FieldValue::PoNo(asset.po_no.clone()),
                FieldValue::PoNo(number("poNo", po_no.as_deref())?),
            ),
            FieldValue::InvoiceNo(invoice_no) => (
                FieldValue::InvoiceNo(asset.invoice_no.clone()),
                FieldValue::InvoiceNo(number("invoiceNo", invoice_no.as_deref())?),
            ),
            FieldValue::Unit(unit) => {
                self.known.unit(*unit)?;
                // A wrong owner is corrected by somebody with the right in both units.
                self.known.permit(Action::Correct, *unit)?;
                (FieldValue::Unit(asset.owning_unit_id), to.clone())
            }
        };
        Ok(Change { from, to })
    }

    /// Who makes the model; without one, whoever made the asset so far.
    fn maker_of(&self, model: Option<ModelId>) -> Result<Option<ManufacturerId>, Refusal> {
        match model {
            Some(model) => Ok(Some(self.known.model(model)?.manufacturer_id)),
            None => Ok(self.asset.manufacturer_id),
        }
    }
}
