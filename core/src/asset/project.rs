//! Asset facts into their tables. Assets are folded in memory and written once per transaction, however often they changed.

use std::collections::{BTreeMap, HashMap, HashSet};

use uuid::Uuid;

use super::event::{AssetEvent, Identifier};
use super::fold::{become_state, put};
use super::version::{self, Version};
use super::{
    Asset, AssignmentKind, Condition, Custody, Hold, LocationSource, State, Target, store,
    write::{self, Indexed, Rows},
};
use crate::id::{
    AssetId, AssignmentId, CategoryId, HoldId, LocationId, ManufacturerId, ModelId, OrgId,
    PersonId, UnitId,
};
use crate::ledger::event::Recorded;
use crate::store::{StoreError, StoreResult, Tx};
use crate::text::{self, Tag};
use crate::time::Timestamp;

/// The assets that a transaction has loaded, and the rows it has to write.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    org: Option<OrgId>,
    assets: HashMap<AssetId, Asset>,
    pub(super) dirty: HashSet<AssetId>,
    /// What those were that are stored already, as they are stored.
    stored: HashMap<AssetId, Asset>,
    pub(super) created: HashSet<AssetId>,
    pub(super) reindex: HashSet<AssetId>,
    pub(super) custody: HashMap<AssignmentId, CustodyRow>,
    pub(super) holds: BTreeMap<HoldId, HoldRow>,
    pub(super) tags: BTreeMap<String, TagRow>,
    pub(super) identifiers: Vec<(AssetId, Identifier, Timestamp)>,
    pub(super) observations: Vec<(AssetId, super::command::Observation, Timestamp)>,
    pub(super) versions: Vec<Version>,
    pub(super) tally: HashMap<(UnitId, Option<LocationId>), i64>,
    pub(super) groups: HashMap<Alike, i64>,
    /// Those that belong to another unit than before; what belongs where they do follows them.
    rehomed: HashSet<AssetId>,
}

/// What assets have in common that are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Alike {
    pub unit: UnitId,
    pub state: State,
    pub held: bool,
    pub category: CategoryId,
    pub model: Option<ModelId>,
    pub maker: Option<ManufacturerId>,
    pub site: Option<LocationId>,
}

/// A custody interval as it is to be stored.
#[derive(Debug, Clone)]
pub(super) struct CustodyRow {
    pub asset: AssetId,
    pub custody: Custody,
    pub to: Option<Timestamp>,
    pub condition_in: Option<Condition>,
    pub received_by: Option<PersonId>,
}

/// A hold as it is to be stored.
#[derive(Debug, Clone)]
pub(super) struct HoldRow {
    pub asset: AssetId,
    pub hold: Hold,
    pub to: Option<Timestamp>,
}

/// A label as it is to be stored.
#[derive(Debug, Clone)]
pub(super) struct TagRow {
    pub asset: AssetId,
    pub tag: Tag,
    pub current: bool,
}

impl Shelf {
    /// Loads the assets that are not on the shelf yet.
    pub async fn load(
        &mut self,
        tx: &mut Tx,
        org: OrgId,
        ids: impl IntoIterator<Item = AssetId>,
    ) -> StoreResult<()> {
        let missing: Vec<AssetId> = ids
            .into_iter()
            .filter(|id| !self.assets.contains_key(id))
            .collect();
        for asset in store::load(tx, org, &missing).await? {
            self.assets.insert(asset.id, asset);
        }
        Ok(())
    }

    /// Lets go of the assets, which must have been written; words are kept.
    pub fn put_back(&mut self) {
        self.assets.clear();
    }

    /// An asset that was loaded.
    pub fn get(&self, id: AssetId) -> Option<&Asset> {
        self.assets.get(&id)
    }

    /// Folds one fact.
    pub fn apply(&mut self, recorded: &Recorded, event: &AssetEvent) -> StoreResult<()> {
        self.org = Some(recorded.org);
        let id = AssetId::from_uuid(recorded.stream.id());
        let before = self.assets.remove(&id);
        let counted_before = before.as_ref().and_then(counted);
        let alike_before = before.as_ref().and_then(alike);
        let found_before = before.as_ref().map(found_by);
        let after = match (before, event) {
            (None, AssetEvent::Ordered(what)) => self.created(id, recorded, what, State::Ordered),
            (
                None,
                AssetEvent::Registered {
                    what,
                    tag,
                    serial,
                    location,
                    condition,
                    identifiers,
                },
            ) => {
                let state = if tag.is_some() {
                    State::InStock
                } else {
                    State::Received
                };
                let mut asset = self.created(id, recorded, what, state);
                asset.received_on = Some(recorded.occurred_at.day());
                asset.serial.clone_from(serial);
                asset.condition = *condition;
                if let Some(tag) = tag {
                    self.label(&mut asset, tag);
                }
                if let Some(place) = location {
                    put(
                        &mut asset,
                        *place,
                        LocationSource::Declared,
                        recorded.occurred_at,
                    );
                }
                for identifier in identifiers {
                    self.identifiers
                        .push((id, identifier.clone(), recorded.occurred_at));
                }
                asset
            }
            (Some(asset), event) => {
                if self.dirty.insert(id) {
                    self.stored.insert(id, asset.clone());
                }
                let kept = self.keep_version(&asset, recorded);
                let mut after = self.changed(asset, recorded, event);
                if kept {
                    after.since_index = recorded.index;
                }
                after
            }
            (None, _) => {
                return Err(StoreError::Inconsistent {
                    table: "asset",
                    what: format!("a fact about {id}, which is not loaded"),
                });
            }
        };
        let counted_after = counted(&after);
        if counted_before != counted_after {
            if let Some(key) = counted_before {
                *self.tally.entry(key).or_default() -= 1;
            }
            if let Some(key) = counted_after {
                *self.tally.entry(key).or_default() += 1;
            }
        }
        let alike_after = alike(&after);
        if let (Some(before), Some(after)) = (alike_before, alike_after)
            && before.unit != after.unit
        {
            self.rehomed.insert(id);
        }
        if alike_before != alike_after {
            if let Some(group) = alike_before {
                *self.groups.entry(group).or_default() -= 1;
            }
            if let Some(group) = alike_after {
                *self.groups.entry(group).or_default() += 1;
            }
        }
        if found_before != Some(found_by(&after)) {
            self.reindex.insert(id);
        }
        self.dirty.insert(id);
        self.assets.insert(id, after);
        Ok(())
    }

    pub(super) fn label(&mut self, asset: &mut Asset, tag: &Tag) {
        if let Some(former) = asset.tag.replace(tag.clone()) {
            let row = TagRow {
                asset: asset.id,
                tag: former,
                current: false,
            };
            self.tags.insert(row.tag.folded().to_owned(), row);
        }
        let row = TagRow {
            asset: asset.id,
            tag: tag.clone(),
            current: true,
        };
        self.tags.insert(tag.folded().to_owned(), row);
    }

    pub(super) fn open(
        &mut self,
        asset: &mut Asset,
        recorded: &Recorded,
        id: AssignmentId,
        target: Target,
        kind: AssignmentKind,
        due_at: Option<Timestamp>,
    ) {
        let at = recorded.occurred_at;
        let custody = Custody {
            id,
            seq: recorded.index,
            target,
            kind,
            from: at,
            due_at,
            renewals: 0,
            suspended: false,
            condition_out: asset.condition,
            issued_by: recorded.person,
            acknowledged_at: None,
        };
        asset.custody = Some(custody);
        asset.ever_in_custody = true;
        asset.in_service_on.get_or_insert(at.day());
        self.write(asset.id, custody);
    }

    pub(super) fn close(
        &mut self,
        asset: &mut Asset,
        recorded: &Recorded,
        condition_in: Option<Condition>,
    ) {
        if let Some(mut custody) = asset.custody.take() {
            custody.suspended = false;
            let row = CustodyRow {
                asset: asset.id,
                custody,
                to: Some(recorded.occurred_at),
                condition_in,
                received_by: recorded.person,
            };
            self.custody.insert(custody.id, row);
        }
    }

    fn write(&mut self, asset: AssetId, custody: Custody) {
        let row = CustodyRow {
            asset,
            custody,
            to: None,
            condition_in: None,
            received_by: None,
        };
        self.custody.insert(custody.id, row);
    }

    pub(super) fn with_custody(&mut self, asset: &mut Asset, change: impl FnOnce(&mut Custody)) {
        if let Some(mut custody) = asset.custody {
            change(&mut custody);
            asset.custody = Some(custody);
            self.write(asset.id, custody);
        }
    }

    /// Custody rests, and what it rests from is remembered unless it rests already.
    pub(super) fn interrupt(
        &mut self,
        asset: &mut Asset,
        state: State,
        from: State,
        at: Timestamp,
    ) {
        if asset.prior_state.is_none() {
            asset.prior_state = Some(from);
        }
        become_state(asset, state, at);
        self.with_custody(asset, |custody| custody.suspended = true);
    }

    pub(super) fn resume(&mut self, asset: &mut Asset, state: State, at: Timestamp) {
        asset.prior_state = None;
        become_state(asset, state, at);
        self.with_custody(asset, |custody| custody.suspended = false);
    }

    /// Takes the rows that wait to be written.
    pub fn take(&mut self) -> Rows {
        let Some(org) = self.org else {
            return Rows::default();
        };
        let mut dirty: Vec<AssetId> = self.dirty.drain().collect();
        dirty.sort_unstable_by_key(|id| self.assets.get(id).map(|asset| asset.seq));
        let mut rows = Rows {
            org: Some(org),
            ..Rows::default()
        };
        for asset in dirty.iter().filter_map(|id| self.assets.get(id)) {
            let row = write::asset_row(org, asset);
            let stored = self.stored.remove(&asset.id);
            if self.created.contains(&asset.id) {
                rows.created.push(row);
            } else if stored.is_some_and(|stored| only_moved(stored, asset)) {
                rows.moved.push(row);
            } else {
                rows.changed.push(row);
            }
            if self.reindex.contains(&asset.id) {
                let replaces = !self.created.contains(&asset.id);
                rows.indexed.push(Indexed::new(asset, replaces));
            }
        }
        for (norm, tag) in std::mem::take(&mut self.tags) {
            let row = write::tag_row(org, &norm, &tag);
            // Whatever label a new asset has had, no asset had it before.
            if self.created.contains(&tag.asset) {
                rows.new_tags.push(row);
            } else {
                rows.other_tags.push(row);
            }
        }
        self.created.clear();
        self.reindex.clear();
        rows.rehomed = self.rehomed.drain().collect();
        let mut custody: Vec<CustodyRow> = self.custody.drain().map(|(_, row)| row).collect();
        // What ends must be written before what begins, or two intervals would be open at once.
        custody.sort_unstable_by_key(|row| (row.custody.from, row.custody.seq));
        rows.custody = custody
            .iter()
            .map(|row| write::custody_row(org, row))
            .collect();
        let holds = std::mem::take(&mut self.holds);
        rows.holds = holds
            .values()
            .map(|row| write::hold_row(org, row))
            .collect();
        rows.identifiers = self
            .identifiers
            .drain(..)
            .map(|(asset, identifier, at)| write::identifier_row(org, asset, &identifier, at))
            .collect();
        rows.observations = self
            .observations
            .drain(..)
            .map(|(asset, seen, at)| write::observation_row(org, asset, &seen, at))
            .collect();
        rows.versions = self
            .versions
            .drain(..)
            .map(|version| version::row(org, &version))
            .collect();
        rows
    }

    /// Takes what is to be written, and how many assets more or fewer there are, which is written once for all that was taken before: rows
    /// of a few units would be changed again and again otherwise.
    pub fn take_all(&mut self) -> Rows {
        let mut rows = self.take();
        let Some(org) = self.org else { return rows };
        let mut tally: Vec<_> = self
            .tally
            .drain()
            .filter(|(_, delta)| *delta != 0)
            .collect();
        tally.sort_unstable();
        rows.tally = tally
            .into_iter()
            .map(|((unit, site), delta)| write::tally_row(org, unit, site, delta))
            .collect();
        let groups = self.groups.drain().filter(|(_, delta)| *delta != 0);
        let mut groups: Vec<_> = groups.collect();
        groups.sort_unstable();
        rows.groups = groups
            .into_iter()
            .map(|(group, delta)| write::group_row(org, group, delta))
            .collect();
        rows
    }
}

/// Whether all that became of an asset is that it is somewhere else, or was seen.
fn only_moved(stored: Asset, asset: &Asset) -> bool {
    let moved = Asset {
        location_id: asset.location_id,
        site_id: asset.site_id,
        location_source: asset.location_source,
        location_observed_at: asset.location_observed_at,
        last_verified_at: asset.last_verified_at,
        rev: asset.rev,
        updated_at: asset.updated_at,
        since_index: asset.since_index,
        ..stored
    };
    moved == *asset
}

/// Under which unit and site the asset counts, while it is there at all.
fn counted(asset: &Asset) -> Option<(UnitId, Option<LocationId>)> {
    let live =
        !matches!(asset.state, State::Disposed | State::Void) && asset.merged_into_id.is_none();
    live.then_some((asset.owning_unit_id, asset.site_id))
}

/// With which others the asset is counted. A record that leads to another is none beside it.
fn alike(asset: &Asset) -> Option<Alike> {
    asset.merged_into_id.is_none().then_some(Alike {
        unit: asset.owning_unit_id,
        state: asset.state,
        held: asset.custody.is_some(),
        category: asset.category_id,
        model: asset.model_id,
        maker: asset.manufacturer_id,
        site: asset.site_id,
    })
}

/// Everything by which full text finds the asset.
fn found_by(asset: &Asset) -> (String, [Option<Uuid>; 5]) {
    let holder = asset.custody.and_then(|custody| match custody.target {
        Target::Person(id) => Some(id.uuid()),
        _ => None,
    });
    let ids = [
        asset.model_id.map(crate::id::ModelId::uuid),
        asset.manufacturer_id.map(crate::id::ManufacturerId::uuid),
        Some(asset.category_id.uuid()),
        asset.location_id.map(LocationId::uuid),
        holder,
    ];
    (asset.description.clone(), ids)
}

/// A serial number read from its end: people remember the last characters.
pub(super) fn reversed(folded: &str) -> String {
    folded.chars().rev().collect()
}

/// The folded form of a further identifier.
pub(super) fn identifier_norm(identifier: &Identifier) -> String {
    text::fold_code(&identifier.value)
}
