//! What a device becomes that nobody has recorded: an asset that was received, of the unit that takes in what has no owner yet.

use super::decide::Taking;
use super::known::Known;
use super::maker::Products;
use super::report::Described;
use crate::asset::command::{Act, Command, Description, Register};
use crate::asset::{Acquisition, Condition};
use crate::catalogue;
use crate::catalogue::event::CatalogueEvent;
use crate::id::{AssetId, CategoryId, ManufacturerId, UnitId, new_uuid};
use crate::ledger::Work;
use crate::ledger::event::{Event, Fact, Stream};
use crate::store::{StoreError, StoreResult};
use crate::text;
use crate::unit::{self, UNASSIGNED_CODE};

/// The category of devices whose model nobody has entered.
pub const CATEGORY_CODE: &str = "MANAGED";
/// By what name it is entered when the first of them reports.
const CATEGORY_NAME: &str = "Managed devices";
/// What a device is that has neither maker nor model.
const NAMELESS: &str = "Managed device";
/// Where such an asset comes from, in the words that are kept with it.
const PROVENANCE: &str = "Reported by device management, without a serial number";
/// The most characters of what a model is called.
const MODEL_CHARS_MAX: usize = 200;

/// Where new devices go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Intake {
    pub unit: UnitId,
    category: CategoryId,
}

impl Intake {
    /// Looks up where they go, and what models there are. The category is entered when it is needed for the first time.
    pub async fn prepare(work: &mut Work, products: &mut Products) -> StoreResult<Self> {
        let access = work.access().clone();
        let unit = unit::store::by_code(work.tx(), &access, UNASSIGNED_CODE).await?;
        let unit = unit.ok_or(StoreError::Inconsistent {
            table: "unit",
            what: "no unit takes in what has no owner".to_owned(),
        })?;
        products.learn(catalogue::store::named_models(work.tx(), &access).await?);
        let category =
            catalogue::store::category_by_code(work.tx(), &access, CATEGORY_CODE).await?;
        let category = match category {
            Some(category) => category,
            None => enter_category(work).await?,
        };
        Ok(Self {
            unit: unit.id,
            category,
        })
    }

    /// The command by which a device is entered, and who made it. A model that is not in the catalogue is not made up: it is what the asset is
    /// described as, as an import does it.
    pub fn register(
        &self,
        id: AssetId,
        taking: Taking<'_>,
        known: &Known,
    ) -> (Command, Option<ManufacturerId>) {
        let device = &taking.report.device;
        let maker = known.maker(taking.identity);
        let names = [&device.model_identifier, &device.model];
        let names = names.into_iter().flatten().map(String::as_str);
        let model = maker.and_then(|maker| known.products.model(maker, names));
        let serial = taking.identity.serial.clone();
        let what = Description {
            description: described(device, taking.identity.manufacturer.as_deref()),
            category: model.map_or(self.category, |model| model.category_id),
            model: model.map(|model| model.id),
            manufacturer: maker,
            unit: self.unit,
            acquisition: Acquisition::Purchase,
            cost_minor: None,
            currency: None,
            po_no: None,
            invoice_no: None,
            acquired_on: None,
            warranty_ends_on: None,
        };
        let required = model.is_some_and(|model| model.requires_serial) && serial.is_none();
        let identifiers = taking.identity.identifiers.iter();
        let identifiers = identifiers.filter(|(kind, value)| !known.is_recorded(id, *kind, value));
        let register = Register {
            what,
            tag: None,
            location: None,
            condition: Condition::Unknown,
            identifiers: identifiers.cloned().collect(),
            provenance: required.then(|| PROVENANCE.to_owned()),
            serial,
        };
        let command = Command {
            asset: id,
            act: Act::Register(Box::new(register)),
            occurred_at: None,
            remark: None,
        };
        (command, maker)
    }
}

async fn enter_category(work: &mut Work) -> StoreResult<CategoryId> {
    let id = CategoryId::from_uuid(new_uuid(work.now(), work.random().as_ref()));
    let event = CatalogueEvent::CategoryAdded {
        parent: None,
        code: CATEGORY_CODE.to_owned(),
        name: CATEGORY_NAME.to_owned(),
    };
    let stream = Stream::Catalogue(id.uuid());
    work.record(Fact::now(stream, Event::Catalogue(event), Vec::new()))
        .await?;
    Ok(id)
}

/// What the device is, in the words of its maker: never what its user called it.
fn described(device: &Described, maker: Option<&str>) -> String {
    let model = device
        .model
        .as_deref()
        .or(device.model_identifier.as_deref());
    let model = model.and_then(|model| text::line(model, MODEL_CHARS_MAX).ok());
    match (model, maker) {
        (Some(model), Some(maker)) => {
            let begins = model.to_lowercase().starts_with(&maker.to_lowercase());
            if begins {
                model
            } else {
                format!("{maker} {model}")
            }
        }
        (Some(model), None) => model,
        (None, Some(maker)) => format!("{maker} device"),
        (None, None) => NAMELESS.to_owned(),
    }
}
