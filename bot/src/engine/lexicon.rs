//! What an organization calls its units, places and things: read once, shared by all questions, and read again when it may have changed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use habeo_core::access::Access;
use habeo_core::id::OrgId;
use habeo_core::store::{Db, StoreResult, Tx};
use habeo_core::time::{SECOND_MICROS, Timestamp};
use habeo_core::{catalogue, location, org, unit};
use uuid::Uuid;

use super::days::Calendar;
use crate::intent::Vocabulary;
use crate::intent::vocabulary::{CategoryName, Lists, MakerName, ModelName, PlaceName, UnitName};

/// How long names are relied upon.
const FRESH_MICROS: i64 = 30 * SECOND_MICROS;

/// The names of one organization.
#[derive(Debug)]
pub struct Lexicon {
    /// As questions use them.
    pub vocabulary: Vocabulary,
    /// Its days.
    pub calendar: Calendar,
    /// ISO 4217.
    pub currency: String,
    /// By id: places with their whole path.
    names: HashMap<Uuid, String>,
    /// As [`Self::names`], in short.
    lists: Lists,
}

impl Lexicon {
    /// The name of a unit, place, category, product or maker.
    #[must_use]
    pub fn name(&self, id: Uuid) -> Option<&str> {
        self.names.get(&id).map(String::as_str)
    }

    /// The lists that it was made of.
    #[must_use]
    pub fn lists(&self) -> &Lists {
        &self.lists
    }

    async fn read(tx: &mut Tx, access: &Access) -> StoreResult<Self> {
        let org = org::store::own(tx, access).await?;
        let units = unit::store::all(tx, access).await?;
        let places = location::store::all(tx, access).await?;
        let makers = catalogue::store::manufacturers(tx, access).await?;
        let categories = catalogue::store::categories(tx, access).await?;
        let models = catalogue::store::named_models(tx, access).await?;
        let mut names = HashMap::new();
        names.extend(units.iter().map(|unit| (unit.id.uuid(), unit.name.clone())));
        names.extend(
            places
                .iter()
                .map(|place| (place.id.uuid(), place.path.clone())),
        );
        names.extend(
            makers
                .iter()
                .map(|maker| (maker.id.uuid(), maker.name.clone())),
        );
        let of_sort = |sort: &catalogue::store::NamedCategory| (sort.id.uuid(), sort.name.clone());
        names.extend(categories.iter().map(of_sort));
        names.extend(
            models
                .iter()
                .map(|model| (model.id.uuid(), model.name.clone())),
        );
        let lists = Lists {
            units: units
                .into_iter()
                .map(|unit| UnitName {
                    id: unit.id,
                    name: unit.name,
                    code: unit.code,
                    aliases: Vec::new(),
                })
                .collect(),
            places: places
                .into_iter()
                .filter(|place| place.active)
                .map(|place| PlaceName {
                    id: place.id,
                    name: place.name,
                    code: place.code,
                    parent: place.parent_id,
                    kind: place.kind,
                })
                .collect(),
            makers: makers
                .into_iter()
                .map(|maker| MakerName {
                    id: maker.id,
                    name: maker.name,
                })
                .collect(),
            categories: categories
                .into_iter()
                .map(|category| CategoryName {
                    id: category.id,
                    name: category.name,
                    code: category.code,
                })
                .collect(),
            models: models
                .into_iter()
                .map(|model| ModelName {
                    id: model.id,
                    name: model.name,
                    number: model.model_no,
                    maker: Some(model.manufacturer_id),
                    category: model.category_id,
                })
                .collect(),
        };
        Ok(Self {
            vocabulary: Vocabulary::build(&lists),
            calendar: Calendar::of(&org.timezone),
            currency: org.currency,
            names,
            lists,
        })
    }
}

/// What an organization calls its units, places and things, for whoever shows them besides.
#[derive(Debug, Clone)]
pub struct OrgNames(Arc<Lexicon>);

impl OrgNames {
    pub(super) const fn of(lexicon: Arc<Lexicon>) -> Self {
        Self(lexicon)
    }

    /// The name of a unit, place, category, product or maker.
    #[must_use]
    pub fn name(&self, id: Uuid) -> Option<&str> {
        self.0.name(id)
    }

    /// All of them.
    #[must_use]
    pub fn lists(&self) -> &Lists {
        self.0.lists()
    }
}

/// The names of every organization that was asked about.
#[derive(Debug, Default)]
pub struct Lexicons(Mutex<HashMap<OrgId, Arc<Slot>>>);

/// Those of one, read by one question at a time.
#[derive(Debug, Default)]
struct Slot(tokio::sync::Mutex<Option<(Timestamp, Arc<Lexicon>)>>);

impl Lexicons {
    /// The names of the caller's organization, at most half a minute old. Whoever comes first reads them; others wait for that reading.
    pub async fn get(&self, db: &Db, access: &Access, now: Timestamp) -> StoreResult<Arc<Lexicon>> {
        let slot = {
            let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(slots.entry(access.org()).or_default())
        };
        let mut kept = slot.0.lock().await;
        if let Some((read_at, lexicon)) = kept.as_ref()
            && read_at.plus_micros(FRESH_MICROS) > now
            && *read_at <= now
        {
            return Ok(Arc::clone(lexicon));
        }
        let mut tx = db.read(access).await?;
        let lexicon = Arc::new(Lexicon::read(&mut tx, access).await?);
        *kept = Some((now, Arc::clone(&lexicon)));
        Ok(lexicon)
    }
}
