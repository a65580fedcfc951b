//! What a decision asks about the world around an asset, loaded beforehand and for many commands at once.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::command::Command;
use super::event::{AssetEvent, Place};
use super::mentioned::Mentioned;
use super::project::Shelf;
use super::refusal::Refusal;
use super::{Asset, IdentifierKind, State, Target, store};
use crate::access::{Access, Action, Reach};
use crate::catalogue::store::ModelFacts;
use crate::id::{
    AssetId, CategoryId, EventId, LocationId, ManufacturerId, ModelId, OrgId, PersonId, UnitId,
};
use crate::person::PersonStatus;
use crate::store::{Query, StoreResult, Tx};
use crate::text::{self, Serial, Tag};
use crate::{catalogue, location, org, unit};

/// The facts that the rules ask for. What is not in here does not exist, as far as the rules know.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub currency: String,
    pub loan_renewals_max: i64,
    rights: Rights,
    tags: HashMap<String, AssetId>,
    serials: HashMap<(String, Uuid), AssetId>,
    identifiers: HashMap<(IdentifierKind, String), AssetId>,
    models: HashMap<ModelId, ModelFacts>,
    manufacturers: HashSet<ManufacturerId>,
    categories: HashSet<CategoryId>,
    places: HashMap<LocationId, Place>,
    units: HashSet<UnitId>,
    people: HashMap<PersonId, PersonStatus>,
    assets: HashMap<AssetId, UnitId>,
    entries: HashSet<(EventId, AssetId)>,
}

/// How far the rights reach that the commands at hand need.
#[derive(Debug, Default)]
struct Rights {
    own: Option<PersonId>,
    reach: HashMap<Action, Option<HashSet<UnitId>>>,
}

impl Rights {
    async fn load(tx: &mut Tx, access: &Access, actions: HashSet<Action>) -> StoreResult<Self> {
        let mut reach = HashMap::new();
        for action in actions {
            let units = match access.reach(action) {
                Reach::Whole => None,
                Reach::Below(roots) => {
                    let mut units = HashSet::new();
                    for root in roots {
                        units.extend(unit::store::descendants(tx, access, root).await?);
                    }
                    Some(units)
                }
            };
            reach.insert(action, units);
        }
        Ok(Self {
            own: access.person(),
            reach,
        })
    }

    fn reaches(&self, action: Action, unit: UnitId) -> bool {
        match self.reach.get(&action) {
            Some(None) => true,
            Some(Some(units)) => units.contains(&unit),
            None => false,
        }
    }
}

impl Known {
    /// Loads the assets of the commands onto the shelf, and everything the rules may ask about them.
    pub async fn load(
        tx: &mut Tx,
        access: &Access,
        shelf: &mut Shelf,
        commands: &[&Command],
    ) -> StoreResult<Self> {
        let org = access.org();
        let mut mentioned = Mentioned::by(commands);
        let ids: HashSet<AssetId> = commands.iter().map(|command| command.asset).collect();
        shelf.load(tx, org, ids.iter().copied()).await?;
        for id in ids {
            if let Some(asset) = shelf.get(id) {
                mentioned.asset(asset);
            }
        }
        let settings = org::store::own(tx, access).await?;
        let mut known = Self {
            currency: settings.currency,
            loan_renewals_max: settings.loan_renewals_max,
            rights: Rights::load(tx, access, mentioned.actions).await?,
            ..Self::default()
        };
        known.tags = rows(
            tx,
            org,
            "SELECT tag_norm, asset_id FROM asset_tag WHERE org_id = ",
            "tag_norm",
            mentioned.tags,
        )
        .await?
        .into_iter()
        .collect();
        known.load_serials(tx, org, mentioned.serials).await?;
        known
            .load_identifiers(tx, org, mentioned.identifiers)
            .await?;
        if !mentioned.models.is_empty() {
            let ids: Vec<_> = mentioned.models.into_iter().collect();
            let models = catalogue::store::models(tx, org, &ids).await?;
            known.models = models.into_iter().map(|model| (model.id, model)).collect();
        }
        known.manufacturers = ids_of(
            tx,
            org,
            "SELECT id FROM manufacturer WHERE org_id = ",
            mentioned.manufacturers,
        )
        .await?;
        known.categories = ids_of(
            tx,
            org,
            "SELECT id FROM category WHERE org_id = ",
            mentioned.categories,
        )
        .await?;
        known.units = ids_of(
            tx,
            org,
            "SELECT id FROM unit WHERE org_id = ",
            mentioned.units,
        )
        .await?;
        known.assets = rows(
            tx,
            org,
            "SELECT id, owning_unit_id FROM asset WHERE org_id = ",
            "id",
            mentioned.others,
        )
        .await?
        .into_iter()
        .collect();
        known.people = rows(
            tx,
            org,
            "SELECT id, status FROM person WHERE org_id = ",
            "id",
            mentioned.people,
        )
        .await?
        .into_iter()
        .collect();
        if !mentioned.places.is_empty() {
            let ids: Vec<_> = mentioned.places.into_iter().collect();
            for place in location::store::by_ids(tx, org, &ids).await? {
                known.places.insert(
                    place.id,
                    Place {
                        id: place.id,
                        site: place.site_id,
                    },
                );
            }
        }
        known.load_entries(tx, org, mentioned.entries).await?;
        Ok(known)
    }

    async fn load_entries(
        &mut self,
        tx: &mut Tx,
        org: OrgId,
        events: HashSet<EventId>,
    ) -> StoreResult<()> {
        const STREAMS: &str = "SELECT event_id, stream_id FROM ledger_entry WHERE org_id = ";
        let entries: Vec<(EventId, Uuid)> = rows(tx, org, STREAMS, "event_id", events).await?;
        self.entries = entries
            .into_iter()
            .map(|(event, stream)| (event, AssetId::from_uuid(stream)))
            .collect();
        Ok(())
    }

    async fn load_serials(
        &mut self,
        tx: &mut Tx,
        org: OrgId,
        serials: HashSet<String>,
    ) -> StoreResult<()> {
        const CLAIMS: &str = "SELECT serial_norm, serial_claim_id, id FROM asset WHERE serial_claim_id IS NOT NULL AND org_id = ";
        let claims: Vec<(String, Uuid, AssetId)> =
            rows(tx, org, CLAIMS, "serial_norm", serials).await?;
        self.serials = claims
            .into_iter()
            .map(|(norm, maker, asset)| ((norm, maker), asset))
            .collect();
        Ok(())
    }

    async fn load_identifiers(
        &mut self,
        tx: &mut Tx,
        org: OrgId,
        values: HashSet<String>,
    ) -> StoreResult<()> {
        const CLAIMS: &str =
            "SELECT kind, value_norm, asset_id FROM asset_identifier WHERE org_id = ";
        let claims: Vec<(IdentifierKind, String, AssetId)> =
            rows(tx, org, CLAIMS, "value_norm", values).await?;
        self.identifiers = claims
            .into_iter()
            .map(|(kind, norm, asset)| ((kind, norm), asset))
            .collect();
        Ok(())
    }

    /// Takes note of what an asset claims after a fact, for the commands that follow in the same transaction.
    pub fn learn(&mut self, asset: &Asset, event: &AssetEvent) {
        let claimed = asset
            .serial
            .as_ref()
            .filter(|serial| !serial.is_placeholder() && asset.state != State::Void);
        if let Some(serial) = claimed {
            let claim = store::claim(asset.manufacturer_id);
            self.serials
                .insert((serial.folded().to_owned(), claim), asset.id);
        }
        if let Some(tag) = &asset.tag {
            self.tags.insert(tag.folded().to_owned(), asset.id);
        }
        if let AssetEvent::Registered { identifiers, .. } = event {
            for identifier in identifiers {
                let norm = text::fold_code(&identifier.value);
                self.identifiers.insert((identifier.kind, norm), asset.id);
            }
        }
        self.assets.insert(asset.id, asset.owning_unit_id);
    }

    /// Whether the caller sees the asset at all.
    pub fn sees(&self, asset: &Asset) -> bool {
        let holds = asset.custody.is_some_and(|custody| {
            self.rights
                .own
                .is_some_and(|own| custody.target == Target::Person(own))
        });
        holds
            || self
                .rights
                .reaches(Action::ReadAssets, asset.owning_unit_id)
    }

    pub fn permit(&self, action: Action, unit: UnitId) -> Result<(), Refusal> {
        if self.rights.reaches(action, unit) {
            Ok(())
        } else {
            Err(Refusal::NotPermitted)
        }
    }

    pub fn tag_free(&self, tag: &Tag, asset: AssetId) -> Result<(), Refusal> {
        match self.tags.get(tag.folded()) {
            // Going back to a former label is fine; it was never anybody else's.
            Some(owner) if *owner != asset => Err(Refusal::TagTaken(tag.clone())),
            _ => Ok(()),
        }
    }

    pub fn serial_free(
        &self,
        serial: &Serial,
        maker: Option<ManufacturerId>,
        asset: AssetId,
    ) -> Result<(), Refusal> {
        if serial.is_placeholder() {
            return Ok(());
        }
        match self
            .serials
            .get(&(serial.folded().to_owned(), store::claim(maker)))
        {
            Some(owner) if *owner != asset => Err(Refusal::SerialTaken(serial.clone())),
            _ => Ok(()),
        }
    }

    pub fn identifier_free(
        &self,
        kind: IdentifierKind,
        value: &str,
        asset: AssetId,
    ) -> Result<(), Refusal> {
        // Network adapters move between machines.
        if kind == IdentifierKind::MacWired {
            return Ok(());
        }
        match self.identifiers.get(&(kind, text::fold_code(value))) {
            Some(owner) if *owner != asset => Err(Refusal::IdentifierTaken),
            _ => Ok(()),
        }
    }

    pub fn model(&self, id: ModelId) -> Result<&ModelFacts, Refusal> {
        self.models
            .get(&id)
            .ok_or(Refusal::ReferenceUnknown("the model"))
    }

    pub fn manufacturer(&self, id: ManufacturerId) -> Result<ManufacturerId, Refusal> {
        exists(self.manufacturers.contains(&id), "the manufacturer").map(|()| id)
    }

    pub fn category(&self, id: CategoryId) -> Result<(), Refusal> {
        exists(self.categories.contains(&id), "the category")
    }

    pub fn unit(&self, id: UnitId) -> Result<(), Refusal> {
        exists(self.units.contains(&id), "the unit")
    }

    /// Somebody who is there: nothing is handed to, or approved by, those who have left.
    pub fn person(&self, id: PersonId) -> Result<(), Refusal> {
        exists(
            self.people
                .get(&id)
                .is_some_and(|status| *status != PersonStatus::Separated),
            "the person",
        )
    }

    /// Another asset that the caller sees.
    pub fn other_asset(&self, id: AssetId) -> Result<(), Refusal> {
        exists(
            self.assets
                .get(&id)
                .is_some_and(|unit| self.rights.reaches(Action::ReadAssets, *unit)),
            "the other asset",
        )
    }

    pub fn place(&self, id: Option<LocationId>) -> Result<Option<Place>, Refusal> {
        id.map(|id| self.place_at(id)).transpose()
    }

    pub fn place_at(&self, id: LocationId) -> Result<Place, Refusal> {
        self.places
            .get(&id)
            .copied()
            .ok_or(Refusal::ReferenceUnknown("the place"))
    }

    pub fn is_entry_of(&self, event: EventId, asset: AssetId) -> bool {
        self.entries.contains(&(event, asset))
    }
}

fn exists(does: bool, what: &'static str) -> Result<(), Refusal> {
    if does {
        Ok(())
    } else {
        Err(Refusal::ReferenceUnknown(what))
    }
}

/// The rows whose column is one of the values; `select` ends where the organisation is bound.
async fn rows<R, V>(
    tx: &mut Tx,
    org: OrgId,
    select: &'static str,
    column: &'static str,
    values: HashSet<V>,
) -> StoreResult<Vec<R>>
where
    R: for<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow>
        + for<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow>
        + Send
        + Unpin,
    V: Into<crate::store::Value>,
{
    Query::keyed(tx, select, org, column, values).await
}

/// Which of these ids exist.
async fn ids_of<I>(
    tx: &mut Tx,
    org: OrgId,
    select: &'static str,
    ids: HashSet<I>,
) -> StoreResult<HashSet<I>>
where
    I: Into<crate::store::Value> + Eq + std::hash::Hash + Send + Unpin,
    (I,): for<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow>
        + for<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow>,
{
    let found: Vec<(I,)> = rows(tx, org, select, "id", ids).await?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}
