//! What the rules ask about the world around assets, loaded beforehand and for many commands at once, whoever gives them.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::event::{AssetEvent, Place};
use super::mentioned::{Claims, Mentioned};
use super::project::Shelf;
use super::{Asset, IdentifierKind, State, store};
use crate::catalogue::store::ModelFacts;
use crate::id::{
    AssetId, CategoryId, EventId, LocationId, ManufacturerId, ModelId, OrgId, PersonId, UnitId,
};
use crate::person::PersonStatus;
use crate::store::{Query, StoreResult, Tx};
use crate::text;
use crate::{catalogue, location, org, unit};

/// The facts that the rules ask for. What is not in here does not exist, as far as the rules know.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(super) currency: String,
    pub(super) loan_renewals_max: i64,
    /// What lies below the units at which those who ask have rights, themselves included.
    pub(super) below: HashMap<UnitId, HashSet<UnitId>>,
    pub(super) tags: HashMap<String, AssetId>,
    pub(super) serials: HashMap<SerialClaim, AssetId>,
    pub(super) identifiers: HashMap<(IdentifierKind, String), AssetId>,
    pub(super) models: HashMap<ModelId, ModelFacts>,
    pub(super) manufacturers: HashSet<ManufacturerId>,
    pub(super) categories: HashSet<CategoryId>,
    pub(super) places: HashMap<LocationId, Place>,
    pub(super) units: HashSet<UnitId>,
    pub(super) people: HashMap<PersonId, PersonStatus>,
    pub(super) assets: HashMap<AssetId, UnitId>,
    pub(super) entries: HashSet<(EventId, AssetId)>,
    outdated: bool,
}

/// A folded serial number, and the maker of whose numbers it is one; nil where nobody knows.
pub(super) type SerialClaim = (String, Uuid);

/// What the serial number of an asset claims.
pub(super) fn serial_claim(asset: &Asset) -> Option<SerialClaim> {
    let serial = asset.serial.as_ref()?;
    let claims = !serial.is_placeholder() && asset.state != State::Void;
    claims.then(|| {
        (
            serial.folded().to_owned(),
            store::claim(asset.manufacturer_id),
        )
    })
}

impl World {
    /// Loads the assets that commands mention onto the shelf, and everything the rules may ask about them.
    pub async fn load(
        tx: &mut Tx,
        org: OrgId,
        shelf: &mut Shelf,
        mut mentioned: Mentioned,
    ) -> StoreResult<Self> {
        shelf
            .load(tx, org, mentioned.assets.iter().copied())
            .await?;
        mentioned.what_the_assets_bring_in(shelf);
        let (currency, loan_renewals_max) = org::store::rules(tx, org).await?;
        let mut world = Self {
            currency,
            loan_renewals_max,
            below: unit::store::below(tx, org, mentioned.roots).await?,
            ..Self::default()
        };
        world.load_claims(tx, org, mentioned.claims).await?;
        if !mentioned.models.is_empty() {
            let ids: Vec<_> = mentioned.models.into_iter().collect();
            let models = catalogue::store::models(tx, org, &ids).await?;
            world.models = models.into_iter().map(|model| (model.id, model)).collect();
        }
        world.manufacturers = ids_of(
            tx,
            org,
            "SELECT id FROM manufacturer WHERE org_id = ",
            mentioned.manufacturers,
        )
        .await?;
        world.categories = ids_of(
            tx,
            org,
            "SELECT id FROM category WHERE org_id = ",
            mentioned.categories,
        )
        .await?;
        world.units = ids_of(
            tx,
            org,
            "SELECT id FROM unit WHERE org_id = ",
            mentioned.units,
        )
        .await?;
        world.assets = rows(
            tx,
            org,
            "SELECT id, owning_unit_id FROM asset WHERE org_id = ",
            "id",
            mentioned.others,
        )
        .await?
        .into_iter()
        .collect();
        world.people = rows(
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
                world.places.insert(
                    place.id,
                    Place {
                        id: place.id,
                        site: place.site_id,
                    },
                );
            }
        }
        world.load_entries(tx, org, mentioned.entries).await?;
        Ok(world)
    }

    /// Whether something was given up that another could have now, which only loading anew shows.
    pub const fn is_outdated(&self) -> bool {
        self.outdated
    }

    async fn load_claims(&mut self, tx: &mut Tx, org: OrgId, claims: Claims) -> StoreResult<()> {
        const TAGS: &str = "SELECT tag_norm, asset_id FROM asset_tag WHERE org_id = ";
        let tags: Vec<(String, AssetId)> = rows(tx, org, TAGS, "tag_norm", claims.tags).await?;
        self.tags = tags.into_iter().collect();
        self.load_serials(tx, org, claims.serials).await?;
        self.load_identifiers(tx, org, claims.identifiers).await
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

    /// Takes note of what an asset claims after a fact, for the commands that follow before the world is loaded anew.
    ///
    /// A serial number that it gave up stays claimed until then: two rows that exchange theirs cannot be written in any order.
    pub(super) fn learn(
        &mut self,
        former: Option<&SerialClaim>,
        asset: &Asset,
        event: &AssetEvent,
    ) {
        let claimed = serial_claim(asset);
        self.outdated |= former.is_some() && former != claimed.as_ref();
        if let Some(claim) = claimed {
            self.serials.insert(claim, asset.id);
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
