//! Writing what a shelf holds back, many rows at a time, in the order that the references between the tables ask for.

use std::collections::HashMap;

use uuid::Uuid;

use super::command::Observation;
use super::event::Identifier;
use super::project::{Alike, CustodyRow, HoldRow, TagRow, identifier_norm, reversed};
use super::store::claim;
use super::{Asset, State, Target, version};
use crate::id::{AssetId, LocationId, ManufacturerId, ModelId, OrgId, PersonId, UnitId};
use crate::store::search::{self, Document, Listed, Words};
use crate::store::{Query, StoreError, StoreResult, Tx, Value};
use crate::ticket;
use crate::time::Timestamp;

const ASSET_HEAD: &str = "INSERT INTO asset (org_id, id, seq, tag, tag_norm, serial, serial_norm, serial_reversed, serial_claim_id,
    manufacturer_id, model_id, category_id, description, owning_unit_id, location_id, site_id, location_source, location_observed_at, state,
    state_since, prior_state, bound_for_id, condition, acquisition, acquired_on, received_on, in_service_on, cost_minor, currency, po_no,
    invoice_no, warranty_ends_on, last_verified_at, assignment_id, holder_id, ever_in_custody, rev, created_at, updated_at,
    since_index, merged_into_id) VALUES";
const ASSET_TAIL: &str = " ON CONFLICT (org_id, id) DO UPDATE SET tag = excluded.tag, tag_norm = excluded.tag_norm,
    serial = excluded.serial, serial_norm = excluded.serial_norm, serial_reversed = excluded.serial_reversed,
    serial_claim_id = excluded.serial_claim_id, manufacturer_id = excluded.manufacturer_id, model_id = excluded.model_id,
    category_id = excluded.category_id, description = excluded.description, owning_unit_id = excluded.owning_unit_id,
    location_id = excluded.location_id, site_id = excluded.site_id, location_source = excluded.location_source,
    location_observed_at = excluded.location_observed_at, state = excluded.state, state_since = excluded.state_since,
    prior_state = excluded.prior_state, bound_for_id = excluded.bound_for_id, condition = excluded.condition,
    acquired_on = excluded.acquired_on, received_on = excluded.received_on, in_service_on = excluded.in_service_on,
    cost_minor = excluded.cost_minor, po_no = excluded.po_no, invoice_no = excluded.invoice_no, warranty_ends_on = excluded.warranty_ends_on,
    last_verified_at = excluded.last_verified_at, assignment_id = excluded.assignment_id, holder_id = excluded.holder_id,
    ever_in_custody = excluded.ever_in_custody, rev = excluded.rev, updated_at = excluded.updated_at,
    since_index = excluded.since_index, merged_into_id = excluded.merged_into_id";

/// As [`ASSET_TAIL`] for an asset of which nothing changed but what is named here: SQLite writes an index anew as soon as a column of it is
/// named, changed or not, and what is moved most often is to touch two of them instead of a dozen.
const ASSET_TAIL_MOVED: &str = " ON CONFLICT (org_id, id) DO UPDATE SET location_id = excluded.location_id, site_id = excluded.site_id,
    location_source = excluded.location_source, location_observed_at = excluded.location_observed_at,
    last_verified_at = excluded.last_verified_at, rev = excluded.rev, updated_at = excluded.updated_at, since_index = excluded.since_index";

pub(super) fn asset_row(org: OrgId, asset: &Asset) -> [Value; 41] {
    let serial_norm = asset
        .serial
        .as_ref()
        .map(|serial| serial.folded().to_owned());
    // A voided record and a placeholder claim no serial number; the index lets such rows be.
    let claimed = asset.state != State::Void
        && asset
            .serial
            .as_ref()
            .is_some_and(|serial| !serial.is_placeholder());
    let holder = holder(asset);
    [
        org.into(),
        asset.id.into(),
        asset.seq.into(),
        asset.tag.as_ref().map(|tag| tag.as_str().to_owned()).into(),
        asset.tag.as_ref().map(|tag| tag.folded().to_owned()).into(),
        asset
            .serial
            .as_ref()
            .map(|serial| serial.as_str().to_owned())
            .into(),
        serial_norm.clone().into(),
        serial_norm.as_deref().map(reversed).into(),
        claimed.then(|| claim(asset.manufacturer_id)).into(),
        asset.manufacturer_id.into(),
        asset.model_id.into(),
        asset.category_id.into(),
        asset.description.as_str().into(),
        asset.owning_unit_id.into(),
        asset.location_id.into(),
        asset.site_id.into(),
        asset
            .location_source
            .map(|source| source.as_str().to_owned())
            .into(),
        asset.location_observed_at.into(),
        asset.state.as_str().into(),
        asset.state_since.into(),
        asset
            .prior_state
            .map(|state| state.as_str().to_owned())
            .into(),
        asset.bound_for_id.into(),
        asset.condition.as_str().into(),
        asset.acquisition.as_str().into(),
        asset.acquired_on.into(),
        asset.received_on.into(),
        asset.in_service_on.into(),
        asset.cost_minor.into(),
        asset.currency.clone().into(),
        asset.po_no.clone().into(),
        asset.invoice_no.clone().into(),
        asset.warranty_ends_on.into(),
        asset.last_verified_at.into(),
        asset.custody.map(|custody| custody.id).into(),
        holder.into(),
        asset.ever_in_custody.into(),
        asset.rev.into(),
        asset.created_at.into(),
        asset.updated_at.into(),
        asset.since_index.into(),
        asset.merged_into_id.into(),
    ]
}

/// Rows of assets and of what belongs to them, as they are to be written.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(super) org: Option<OrgId>,
    pub(super) created: Vec<[Value; 41]>,
    pub(super) changed: Vec<[Value; 41]>,
    pub(super) moved: Vec<[Value; 41]>,
    pub(super) new_tags: Vec<[Value; 5]>,
    pub(super) other_tags: Vec<[Value; 5]>,
    pub(super) identifiers: Vec<[Value; 6]>,
    pub(super) custody: Vec<[Value; 17]>,
    pub(super) holds: Vec<[Value; 8]>,
    pub(super) observations: Vec<[Value; 7]>,
    pub(super) versions: Vec<[Value; version::COLUMNS]>,
    pub(super) tally: Vec<[Value; 4]>,
    pub(super) groups: Vec<[Value; 9]>,
    pub(super) indexed: Vec<Indexed>,
    pub(super) rehomed: Vec<AssetId>,
}

/// What a transaction has learned of the words by which places, categories, models and makers are found, and which words it has listed.
#[derive(Debug, Default)]
pub(crate) struct WordBook {
    of: HashMap<Uuid, String>,
    listed: Listed,
}

impl Rows {
    /// Writes them, in the order that the references between the tables ask for.
    pub async fn write(self, tx: &mut Tx, words: &mut WordBook) -> StoreResult<()> {
        let Some(org) = self.org else { return Ok(()) };
        // A new row can only be new; asking whether it is there would cost a third of writing it.
        Query::insert_rows(tx, ASSET_HEAD, self.created, "").await?;
        Query::insert_rows(tx, ASSET_HEAD, self.changed, ASSET_TAIL).await?;
        Query::insert_rows(tx, ASSET_HEAD, self.moved, ASSET_TAIL_MOVED).await?;
        Query::insert_rows(tx, TAG_HEAD, self.new_tags, "").await?;
        write_other_tags(tx, self.other_tags).await?;
        Query::insert_rows(tx, IDENTIFIER_HEAD, self.identifiers, "").await?;
        Query::insert_rows(tx, CUSTODY_HEAD, self.custody, CUSTODY_TAIL).await?;
        Query::insert_rows(tx, HOLD_HEAD, self.holds, HOLD_TAIL).await?;
        Query::insert_rows(
            tx,
            OBSERVATION_HEAD,
            self.observations,
            " ON CONFLICT (org_id, id) DO NOTHING",
        )
        .await?;
        Query::insert_rows(tx, version::HEAD, self.versions, "").await?;
        Query::insert_rows(tx, TALLY_HEAD, self.tally, TALLY_TAIL).await?;
        Query::insert_rows(tx, GROUP_HEAD, self.groups, GROUP_TAIL).await?;
        ticket::store::rehome(tx, org, &self.rehomed).await?;
        words.learn(tx, org, &self.indexed).await?;
        let documents = self.indexed.iter().map(|asset| words.document(asset));
        let documents = documents.collect();
        search::index(tx, org, documents, &mut words.listed).await
    }
}

const TAG_HEAD: &str = "INSERT INTO asset_tag (org_id, tag_norm, asset_id, tag, current) VALUES";
const IDENTIFIER_HEAD: &str =
    "INSERT INTO asset_identifier (org_id, asset_id, kind, value_norm, value, first_seen) VALUES";
const CUSTODY_HEAD: &str = "INSERT INTO assignment (org_id, id, seq, asset_id, target_kind, target_id, kind, from_at, to_at, due_at, renewals,
    suspended, condition_out, condition_in, issued_by, received_by, acknowledged_at) VALUES";
const CUSTODY_TAIL: &str = " ON CONFLICT (org_id, id) DO UPDATE SET to_at = excluded.to_at, due_at = excluded.due_at,
    renewals = excluded.renewals, suspended = excluded.suspended, condition_in = excluded.condition_in, received_by = excluded.received_by,
    acknowledged_at = excluded.acknowledged_at";
const HOLD_HEAD: &str =
    "INSERT INTO hold (org_id, id, seq, asset_id, kind, from_at, to_at, placed_by) VALUES";
const HOLD_TAIL: &str = " ON CONFLICT (org_id, id) DO UPDATE SET to_at = excluded.to_at";
const OBSERVATION_HEAD: &str = "INSERT INTO observation (org_id, id, asset_id, raw_code, location_id, occurred_at, recorded_at) VALUES";
const TALLY_HEAD: &str = "INSERT INTO asset_tally (org_id, unit_id, site_id, assets) VALUES";
const TALLY_TAIL: &str = " ON CONFLICT (org_id, unit_id, site_id) DO UPDATE SET assets = asset_tally.assets + excluded.assets";
const GROUP_HEAD: &str = "INSERT INTO asset_group (org_id, unit_id, state, held, category_id, model_id, manufacturer_id, site_id, assets) VALUES";
const GROUP_TAIL: &str =
    " ON CONFLICT (org_id, unit_id, state, held, category_id, model_id, manufacturer_id, site_id)
    DO UPDATE SET assets = asset_group.assets + excluded.assets";

async fn write_other_tags(tx: &mut Tx, rows: Vec<[Value; 5]>) -> StoreResult<()> {
    let expected = rows.len() as u64;
    // The condition makes the database itself refuse a label that is another asset's, whatever the rules overlooked.
    let written = Query::insert_rows(
        tx,
        TAG_HEAD,
        rows,
        " ON CONFLICT (org_id, tag_norm) DO UPDATE SET current = excluded.current WHERE asset_tag.asset_id = excluded.asset_id",
    )
    .await?;
    if written == expected {
        Ok(())
    } else {
        Err(StoreError::Inconsistent {
            table: "asset_tag",
            what: "a label belongs to another asset".to_owned(),
        })
    }
}

pub(super) fn tag_row(org: OrgId, norm: &str, row: &TagRow) -> [Value; 5] {
    [
        org.into(),
        norm.into(),
        row.asset.into(),
        row.tag.as_str().into(),
        row.current.into(),
    ]
}

pub(super) fn identifier_row(
    org: OrgId,
    asset: AssetId,
    identifier: &Identifier,
    at: Timestamp,
) -> [Value; 6] {
    [
        org.into(),
        asset.into(),
        identifier.kind.as_str().into(),
        identifier_norm(identifier).into(),
        identifier.value.as_str().into(),
        at.into(),
    ]
}

pub(super) fn custody_row(org: OrgId, row: &CustodyRow) -> [Value; 17] {
    let custody = row.custody;
    [
        org.into(),
        custody.id.into(),
        custody.seq.into(),
        row.asset.into(),
        custody.target.kind().as_str().into(),
        custody.target.uuid().into(),
        custody.kind.as_str().into(),
        custody.from.into(),
        row.to.into(),
        custody.due_at.into(),
        custody.renewals.into(),
        custody.suspended.into(),
        custody.condition_out.as_str().into(),
        row.condition_in
            .map(|condition| condition.as_str().to_owned())
            .into(),
        custody.issued_by.into(),
        row.received_by.into(),
        custody.acknowledged_at.into(),
    ]
}

pub(super) fn hold_row(org: OrgId, row: &HoldRow) -> [Value; 8] {
    [
        org.into(),
        row.hold.id.into(),
        row.hold.seq.into(),
        row.asset.into(),
        row.hold.kind.as_str().into(),
        row.hold.from.into(),
        row.to.into(),
        row.hold.placed_by.into(),
    ]
}

pub(super) fn observation_row(
    org: OrgId,
    asset: AssetId,
    observation: &Observation,
    recorded_at: Timestamp,
) -> [Value; 7] {
    [
        org.into(),
        observation.id.into(),
        asset.into(),
        observation.raw_code.as_str().into(),
        observation.location.into(),
        observation.occurred_at.into(),
        recorded_at.into(),
    ]
}

pub(super) fn tally_row(
    org: OrgId,
    unit: UnitId,
    site: Option<LocationId>,
    delta: i64,
) -> [Value; 4] {
    [
        org.into(),
        unit.into(),
        site.map_or(Uuid::nil(), LocationId::uuid).into(),
        delta.into(),
    ]
}

pub(super) fn group_row(org: OrgId, group: Alike, delta: i64) -> [Value; 9] {
    [
        org.into(),
        group.unit.into(),
        group.state.as_str().into(),
        group.held.into(),
        group.category.into(),
        group.model.map_or(Uuid::nil(), ModelId::uuid).into(),
        group.maker.map_or(Uuid::nil(), ManufacturerId::uuid).into(),
        group.site.map_or(Uuid::nil(), LocationId::uuid).into(),
        delta.into(),
    ]
}

/// An asset whose place in the full-text index is to be written.
#[derive(Debug)]
pub(super) struct Indexed {
    seq: i64,
    description: String,
    references: [Option<Uuid>; 4],
    holder: Option<PersonId>,
    replaces: bool,
}

impl Indexed {
    pub fn new(asset: &Asset, replaces: bool) -> Self {
        Self {
            seq: asset.seq,
            description: asset.description.clone(),
            references: references(asset),
            holder: holder(asset),
            replaces,
        }
    }
}

impl WordBook {
    /// Looks up the words of what the assets refer to, where they are not known yet.
    async fn learn(&mut self, tx: &mut Tx, org: OrgId, assets: &[Indexed]) -> StoreResult<()> {
        const WORDS: [&str; 4] = [
            "SELECT id, words FROM location WHERE org_id = ",
            "SELECT id, words FROM category WHERE org_id = ",
            "SELECT id, name || ' ' || COALESCE(model_no, '') FROM product_model WHERE org_id = ",
            "SELECT id, name FROM manufacturer WHERE org_id = ",
        ];
        let referred = assets.iter().flat_map(|asset| asset.references).flatten();
        let mut ids: Vec<Uuid> = referred.filter(|id| !self.of.contains_key(id)).collect();
        ids.sort_unstable();
        ids.dedup();
        // No two things have one id, whatever they are.
        let found: Vec<(Uuid, String)> = Query::keyed_among(tx, &WORDS, org, "id", ids).await?;
        for (id, text) in found {
            self.of.insert(id, Words::of(&text).to_string());
        }
        Ok(())
    }

    fn document(&self, asset: &Indexed) -> Document {
        let named = asset
            .references
            .into_iter()
            .flatten()
            .filter_map(|id| self.of.get(&id));
        let words = named.fold(Words::of(&asset.description), |words, more| words.and(more));
        let mut text = words.to_string();
        if let Some(person) = asset.holder {
            text.push(' ');
            text.push_str(&search::holder_token(person));
        }
        Document {
            seq: asset.seq,
            text,
            replaces: asset.replaces,
        }
    }
}

fn holder(asset: &Asset) -> Option<PersonId> {
    asset.custody.and_then(|custody| match custody.target {
        Target::Person(id) => Some(id),
        _ => None,
    })
}

/// By whose names an asset is found: its place, category, model and maker.
fn references(asset: &Asset) -> [Option<Uuid>; 4] {
    [
        asset.location_id.map(LocationId::uuid),
        Some(asset.category_id.uuid()),
        asset.model_id.map(ModelId::uuid),
        asset.manufacturer_id.map(ManufacturerId::uuid),
    ]
}
