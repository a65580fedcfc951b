//! Writing what a shelf holds back, many rows at a time, in the order that the references between the tables ask for.

use uuid::Uuid;

use super::event::Identifier;
use super::project::{CustodyRow, HoldRow, Shelf, TagRow, identifier_norm, reversed};
use super::store::claim;
use super::{Asset, Custody, State, Target};
use crate::id::{AssetId, LocationId, ManufacturerId, ModelId, OrgId};
use crate::store::search::{self, Document, Words};
use crate::store::{Query, StoreError, StoreResult, Tx, Value};
use crate::time::Timestamp;

const ASSET_HEAD: &str = "INSERT INTO asset (org_id, id, seq, tag, tag_norm, serial, serial_norm, serial_reversed, serial_claim_id,
    manufacturer_id, model_id, category_id, description, owning_unit_id, location_id, site_id, location_source, location_observed_at, state,
    state_since, prior_state, bound_for_id, condition, acquisition, acquired_on, received_on, in_service_on, cost_minor, currency, po_no,
    invoice_no, warranty_ends_on, last_verified_at, assignment_id, holder_id, ever_in_custody, rev, created_at, updated_at) VALUES";
const ASSET_TAIL: &str = " ON CONFLICT (org_id, id) DO UPDATE SET tag = excluded.tag, tag_norm = excluded.tag_norm,
    serial = excluded.serial, serial_norm = excluded.serial_norm, serial_reversed = excluded.serial_reversed,
    serial_claim_id = excluded.serial_claim_id, manufacturer_id = excluded.manufacturer_id, model_id = excluded.model_id,
    category_id = excluded.category_id, description = excluded.description, owning_unit_id = excluded.owning_unit_id,
    location_id = excluded.location_id, site_id = excluded.site_id, location_source = excluded.location_source,
    location_observed_at = excluded.location_observed_at, state = excluded.state, state_since = excluded.state_since,
    prior_state = excluded.prior_state, bound_for_id = excluded.bound_for_id, condition = excluded.condition,
    acquired_on = excluded.acquired_on, received_on = excluded.received_on, in_service_on = excluded.in_service_on,
    cost_minor = excluded.cost_minor, po_no = excluded.po_no, warranty_ends_on = excluded.warranty_ends_on,
    last_verified_at = excluded.last_verified_at, assignment_id = excluded.assignment_id, holder_id = excluded.holder_id,
    ever_in_custody = excluded.ever_in_custody, rev = excluded.rev, updated_at = excluded.updated_at";

fn asset_row(org: OrgId, asset: &Asset) -> [Value; 39] {
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
    let holder = asset.custody.and_then(|custody| match custody.target {
        Target::Person(id) => Some(id),
        _ => None,
    });
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
    ]
}

/// Writes what a shelf holds back.
pub(super) async fn all(tx: &mut Tx, org: OrgId, shelf: &mut Shelf) -> StoreResult<()> {
    let mut dirty: Vec<&Asset> = shelf.dirty.iter().filter_map(|id| shelf.get(*id)).collect();
    dirty.sort_unstable_by_key(|asset| asset.seq);
    let rows = dirty.iter().map(|asset| asset_row(org, asset)).collect();
    Query::insert_rows(tx, ASSET_HEAD, rows, ASSET_TAIL).await?;
    write_tags(tx, org, shelf).await?;
    write_identifiers(tx, org, shelf).await?;
    write_custody(tx, org, shelf).await?;
    write_holds(tx, org, shelf).await?;
    write_observations(tx, org, shelf).await?;
    write_tally(tx, org, shelf).await?;
    write_documents(tx, org, shelf).await
}

async fn write_tags(tx: &mut Tx, org: OrgId, shelf: &Shelf) -> StoreResult<()> {
    let row = |(norm, row): (&String, &TagRow)| {
        [
            org.into(),
            norm.as_str().into(),
            row.asset.into(),
            row.tag.as_str().into(),
            row.current.into(),
        ]
    };
    let rows: Vec<[Value; 5]> = shelf.tags.iter().map(row).collect();
    let expected = rows.len() as u64;
    // The condition makes the database itself refuse a label that is another asset's, whatever the rules overlooked.
    let written = Query::insert_rows(
        tx,
        "INSERT INTO asset_tag (org_id, tag_norm, asset_id, tag, current) VALUES",
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

async fn write_identifiers(tx: &mut Tx, org: OrgId, shelf: &Shelf) -> StoreResult<()> {
    let row = |(asset, identifier, at): &(AssetId, Identifier, Timestamp)| {
        [
            org.into(),
            (*asset).into(),
            identifier.kind.as_str().into(),
            identifier_norm(identifier).into(),
            identifier.value.as_str().into(),
            (*at).into(),
        ]
    };
    let rows = shelf.identifiers.iter().map(row).collect();
    let head = "INSERT INTO asset_identifier (org_id, asset_id, kind, value_norm, value, first_seen) VALUES";
    Query::insert_rows(tx, head, rows, "").await?;
    Ok(())
}

async fn write_custody(tx: &mut Tx, org: OrgId, shelf: &Shelf) -> StoreResult<()> {
    let mut custody: Vec<&CustodyRow> = shelf.custody.values().collect();
    // What ends must be written before what begins, or two intervals would be open at once.
    custody.sort_unstable_by_key(|row| (row.custody.from, row.custody.seq));
    let row = |row: &CustodyRow| {
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
        ]
    };
    Query::insert_rows(
        tx,
        "INSERT INTO assignment (org_id, id, seq, asset_id, target_kind, target_id, kind, from_at, to_at, due_at, renewals, suspended,
             condition_out, condition_in, issued_by, received_by) VALUES",
        custody.into_iter().map(row).collect(),
        " ON CONFLICT (org_id, id) DO UPDATE SET to_at = excluded.to_at, due_at = excluded.due_at, renewals = excluded.renewals,
             suspended = excluded.suspended, condition_in = excluded.condition_in, received_by = excluded.received_by",
    )
    .await?;
    Ok(())
}

async fn write_holds(tx: &mut Tx, org: OrgId, shelf: &Shelf) -> StoreResult<()> {
    let row = |row: &HoldRow| {
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
    };
    Query::insert_rows(
        tx,
        "INSERT INTO hold (org_id, id, seq, asset_id, kind, from_at, to_at, placed_by) VALUES",
        shelf.holds.values().map(row).collect(),
        " ON CONFLICT (org_id, id) DO UPDATE SET to_at = excluded.to_at",
    )
    .await?;
    Ok(())
}

async fn write_observations(tx: &mut Tx, org: OrgId, shelf: &Shelf) -> StoreResult<()> {
    let rows = shelf
        .observations
        .iter()
        .map(|(asset, observation, recorded_at)| {
            [
                org.into(),
                Value::from(observation.id),
                (*asset).into(),
                observation.raw_code.as_str().into(),
                observation.location.into(),
                observation.occurred_at.into(),
                (*recorded_at).into(),
            ]
        });
    Query::insert_rows(
        tx,
        "INSERT INTO observation (org_id, id, asset_id, raw_code, location_id, occurred_at, recorded_at) VALUES",
        rows.collect(),
        " ON CONFLICT (org_id, id) DO NOTHING",
    )
    .await?;
    Ok(())
}

async fn write_tally(tx: &mut Tx, org: OrgId, shelf: &Shelf) -> StoreResult<()> {
    let mut changed: Vec<_> = shelf
        .tally
        .iter()
        .filter(|(_, delta)| **delta != 0)
        .collect();
    changed.sort_unstable();
    let rows = changed.into_iter().map(|((unit, site), delta)| {
        [
            org.into(),
            (*unit).into(),
            site.map_or(Uuid::nil(), LocationId::uuid).into(),
            (*delta).into(),
        ]
    });
    Query::insert_rows(
        tx,
        "INSERT INTO asset_tally (org_id, unit_id, site_id, assets) VALUES",
        rows.collect(),
        " ON CONFLICT (org_id, unit_id, site_id) DO UPDATE SET assets = asset_tally.assets + excluded.assets",
    )
    .await?;
    Ok(())
}

async fn write_documents(tx: &mut Tx, org: OrgId, shelf: &mut Shelf) -> StoreResult<()> {
    let assets: Vec<Asset> = shelf
        .reindex
        .iter()
        .filter_map(|id| shelf.get(*id).cloned())
        .collect();
    learn_words(tx, org, shelf, &assets).await?;
    let documents = assets.iter().map(|asset| document(asset, shelf)).collect();
    search::index(tx, org, documents).await
}

/// Looks up the words of what the assets refer to, where they are not known yet.
async fn learn_words(
    tx: &mut Tx,
    org: OrgId,
    shelf: &mut Shelf,
    assets: &[Asset],
) -> StoreResult<()> {
    const WORDS: [&str; 4] = [
        "SELECT id, words FROM location WHERE org_id = ",
        "SELECT id, words FROM category WHERE org_id = ",
        "SELECT id, name || ' ' || COALESCE(model_no, '') FROM product_model WHERE org_id = ",
        "SELECT id, name FROM manufacturer WHERE org_id = ",
    ];
    for (i, select) in WORDS.into_iter().enumerate() {
        let referred = assets.iter().filter_map(|asset| references(asset)[i]);
        let mut ids: Vec<Uuid> = referred
            .filter(|id| !shelf.words.contains_key(id))
            .collect();
        ids.sort_unstable();
        ids.dedup();
        let found: Vec<(Uuid, String)> = Query::keyed(tx, select, org, "id", ids).await?;
        for (id, text) in found {
            shelf.learn_words(id, Words::of(&text).to_string());
        }
    }
    Ok(())
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

fn document(asset: &Asset, shelf: &Shelf) -> Document {
    let named = references(asset)
        .into_iter()
        .flatten()
        .filter_map(|id| shelf.words.get(&id));
    let words = named.fold(Words::of(&asset.description), |words, more| words.and(more));
    let mut text = words.to_string();
    if let Some(Custody {
        target: Target::Person(id),
        ..
    }) = asset.custody
    {
        text.push(' ');
        text.push_str(&search::holder_token(id));
    }
    Document {
        seq: asset.seq,
        text,
        replaces: !shelf.created.contains(&asset.id),
    }
}
