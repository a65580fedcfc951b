//! What can be asked of the catalogue.

use uuid::Uuid;

use super::event::CatalogueEvent;
use super::store;
use crate::access::{Action, Reach};
use crate::explain::{Explain, Kind};
use crate::id::{CategoryId, ManufacturerId, ModelId, new_uuid};
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{Command, Failure, Work};
use crate::text;

/// Something to enter into the catalogue; its id where it was planned elsewhere, a new one otherwise.
#[derive(Debug, Clone)]
pub enum Add {
    /// A maker.
    Manufacturer {
        /// Its id.
        id: Option<ManufacturerId>,
        /// 1 to 120 characters.
        name: String,
    },
    /// A category.
    Category {
        /// Its id.
        id: Option<CategoryId>,
        /// The category above it.
        parent: Option<CategoryId>,
        /// 1 to 32 characters, unique in the organisation.
        code: String,
        /// 1 to 120 characters.
        name: String,
    },
    /// A product.
    Model(NewModel),
}

/// A product to enter.
#[derive(Debug, Clone)]
pub struct NewModel {
    /// Its id.
    pub id: Option<ModelId>,
    /// Who makes it.
    pub manufacturer: ManufacturerId,
    /// What sort it is.
    pub category: CategoryId,
    /// 1 to 200 characters.
    pub name: String,
    /// Its maker's number for it.
    pub model_no: Option<String>,
    /// Whether it stores data that must be removed before it leaves.
    pub bears_data: bool,
    /// Whether each one has a serial number that must be recorded.
    pub requires_serial: bool,
    /// How long it is used, in months.
    pub useful_life_months: u16,
}

/// Why something was not entered.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The caller may not.
    #[error("you may not change the catalogue")]
    NotPermitted,
    /// The maker does not exist.
    #[error("no manufacturer with this id is known")]
    ManufacturerUnknown,
    /// The category does not exist.
    #[error("no category with this id is known")]
    CategoryUnknown,
    /// The code is in use.
    #[error("the category code {0} is already in use")]
    CodeTaken(String),
    /// A text is unusable.
    #[error("code or name {0}")]
    BadText(text::BadText),
}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        match self {
            Self::NotPermitted => Kind::Forbidden,
            Self::CodeTaken(_) => Kind::Conflict,
            Self::ManufacturerUnknown | Self::CategoryUnknown | Self::BadText(_) => {
                Kind::Unacceptable
            }
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotPermitted => "catalogue_not_permitted",
            Self::ManufacturerUnknown => "catalogue_manufacturer_unknown",
            Self::CategoryUnknown => "catalogue_category_unknown",
            Self::CodeTaken(_) => "catalogue_code_taken",
            Self::BadText(_) => "catalogue_text_invalid",
        }
    }
}

fn line(text: &str, chars_max: usize) -> Result<String, Failure<Refusal>> {
    text::line(text, chars_max).map_err(|error| Failure::Refused(Refusal::BadText(error)))
}

impl Command for Add {
    type Answer = Uuid;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<Uuid, Failure<Refusal>> {
        let refused = Failure::Refused;
        let access = work.access().clone();
        if access.reach(Action::Configure) != Reach::Whole {
            return Err(refused(Refusal::NotPermitted));
        }
        let fresh = new_uuid(work.now(), work.random().as_ref());
        let (id, event) = match self {
            Self::Manufacturer { id, name } => (
                id.map_or(fresh, ManufacturerId::uuid),
                CatalogueEvent::ManufacturerAdded {
                    name: line(&name, 120)?,
                },
            ),
            Self::Category {
                id,
                parent,
                code,
                name,
            } => {
                let code = line(&code, 32)?;
                if let Some(parent) = parent
                    && store::category_place(work.tx(), access.org(), parent)
                        .await?
                        .is_none()
                {
                    return Err(refused(Refusal::CategoryUnknown));
                }
                if store::category_by_code(work.tx(), &access, &code)
                    .await?
                    .is_some()
                {
                    return Err(refused(Refusal::CodeTaken(code)));
                }
                (
                    id.map_or(fresh, CategoryId::uuid),
                    CatalogueEvent::CategoryAdded {
                        parent,
                        code,
                        name: line(&name, 120)?,
                    },
                )
            }
            Self::Model(new) => {
                if !store::manufacturer_exists(work.tx(), &access, new.manufacturer).await? {
                    return Err(refused(Refusal::ManufacturerUnknown));
                }
                if store::category_place(work.tx(), access.org(), new.category)
                    .await?
                    .is_none()
                {
                    return Err(refused(Refusal::CategoryUnknown));
                }
                let event = CatalogueEvent::ModelAdded {
                    manufacturer: new.manufacturer,
                    category: new.category,
                    name: line(&new.name, 200)?,
                    model_no: new.model_no.as_deref().map(|no| line(no, 64)).transpose()?,
                    bears_data: new.bears_data,
                    requires_serial: new.requires_serial,
                    useful_life_months: new.useful_life_months,
                };
                (new.id.map_or(fresh, ModelId::uuid), event)
            }
        };
        work.record(Fact::now(
            Stream::Catalogue(id),
            Event::Catalogue(event),
            Vec::new(),
        ))
        .await?;
        Ok(id)
    }
}
