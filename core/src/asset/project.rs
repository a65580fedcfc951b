//! Asset facts into their tables. Assets are folded in memory and written once per transaction, however often they changed.

use std::collections::{BTreeMap, HashMap, HashSet};

use uuid::Uuid;

use super::command::FieldValue;
use super::event::{AssetEvent, Change, Identifier, Place, Record};
use super::{
    Asset, AssignmentKind, Condition, Custody, Hold, LocationSource, State, Target, store,
};
use crate::id::{AssetId, AssignmentId, HoldId, LocationId, OrgId, PersonId, UnitId};
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
    pub(super) created: HashSet<AssetId>,
    pub(super) reindex: HashSet<AssetId>,
    pub(super) custody: HashMap<AssignmentId, CustodyRow>,
    pub(super) holds: BTreeMap<HoldId, HoldRow>,
    pub(super) tags: BTreeMap<String, TagRow>,
    pub(super) identifiers: Vec<(AssetId, Identifier, Timestamp)>,
    pub(super) observations: Vec<(AssetId, super::command::Observation, Timestamp)>,
    pub(super) tally: HashMap<(UnitId, Option<LocationId>), i64>,
    pub(super) lineages: HashMap<Uuid, String>,
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

    /// An asset that was loaded.
    pub fn get(&self, id: AssetId) -> Option<&Asset> {
        self.assets.get(&id)
    }

    /// Remembers the places above a place, which the index needs.
    pub fn learn_lineage(&mut self, id: Uuid, lineage: String) {
        self.lineages.insert(id, lineage);
    }

    /// Folds one fact.
    pub fn apply(&mut self, recorded: &Recorded, event: &AssetEvent) -> StoreResult<()> {
        self.org = Some(recorded.org);
        let id = AssetId::from_uuid(recorded.stream.id());
        let before = self.assets.remove(&id);
        let counted_before = before.as_ref().and_then(counted);
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
            (Some(asset), event) => self.changed(asset, recorded, event),
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
        if found_before != Some(found_by(&after)) {
            self.reindex.insert(id);
        }
        self.dirty.insert(id);
        self.assets.insert(id, after);
        Ok(())
    }

    fn created(&mut self, id: AssetId, recorded: &Recorded, what: &Record, state: State) -> Asset {
        self.created.insert(id);
        Asset {
            id,
            seq: recorded.index,
            tag: None,
            serial: None,
            manufacturer_id: what.manufacturer,
            model_id: what.model,
            category_id: what.category,
            description: what.description.clone(),
            owning_unit_id: what.unit,
            location_id: None,
            site_id: None,
            location_source: None,
            location_observed_at: None,
            state,
            state_since: recorded.occurred_at,
            prior_state: None,
            bound_for_id: None,
            condition: Condition::Unknown,
            acquisition: what.acquisition,
            acquired_on: what.acquired_on,
            received_on: None,
            in_service_on: None,
            cost_minor: what.cost_minor,
            currency: what.currency.clone(),
            po_no: what.po_no.clone(),
            invoice_no: what.invoice_no.clone(),
            warranty_ends_on: what.warranty_ends_on,
            last_verified_at: None,
            ever_in_custody: false,
            rev: 1,
            created_at: recorded.recorded_at,
            updated_at: recorded.recorded_at,
            custody: None,
            holds: Vec::new(),
        }
    }

    #[expect(
        clippy::too_many_lines,
        reason = "one arm per fact: what each changes is read side by side"
    )]
    fn changed(&mut self, mut asset: Asset, recorded: &Recorded, event: &AssetEvent) -> Asset {
        let at = recorded.occurred_at;
        asset.rev += 1;
        asset.updated_at = recorded.recorded_at;
        match event {
            // `decide` refuses to create what exists; a ledger that did is caught by the audit, not here.
            AssetEvent::Ordered(_) | AssetEvent::Registered { .. } | AssetEvent::Noted => {}
            AssetEvent::Received {
                serial, location, ..
            } => {
                become_state(&mut asset, State::Received, at);
                asset.received_on = Some(at.day());
                asset.condition = Condition::New;
                if serial.is_some() {
                    asset.serial.clone_from(serial);
                }
                put_if(&mut asset, *location, at);
            }
            AssetEvent::Tagged { tag } => {
                become_state(&mut asset, State::InStock, at);
                self.label(&mut asset, tag);
            }
            AssetEvent::Retagged { to, .. } => self.label(&mut asset, to),
            AssetEvent::Deployed {
                assignment,
                target,
                kind,
                location,
            } => {
                become_state(&mut asset, State::InUse, at);
                self.open(&mut asset, recorded, *assignment, *target, *kind, None);
                put_if(&mut asset, *location, at);
            }
            AssetEvent::Loaned {
                assignment,
                target,
                due_at,
            } => {
                become_state(&mut asset, State::OnLoan, at);
                self.open(
                    &mut asset,
                    recorded,
                    *assignment,
                    *target,
                    AssignmentKind::Loan,
                    Some(*due_at),
                );
            }
            AssetEvent::Renewed { due_at, .. } => self.with_custody(&mut asset, |custody| {
                custody.due_at = Some(*due_at);
                custody.renewals += 1;
            }),
            AssetEvent::Reassigned {
                assignment,
                target,
                kind,
                location,
                ..
            } => {
                asset.state_since = at;
                self.close(&mut asset, recorded, None);
                self.open(&mut asset, recorded, *assignment, *target, *kind, None);
                put_if(&mut asset, *location, at);
            }
            AssetEvent::Returned {
                condition,
                location,
                ..
            } => {
                become_state(&mut asset, State::InStock, at);
                asset.condition = *condition;
                self.close(&mut asset, recorded, Some(*condition));
                put_if(&mut asset, *location, at);
            }
            AssetEvent::Dispatched { to, from_state, .. } => {
                self.interrupt(&mut asset, State::InTransit, *from_state, at);
                asset.bound_for_id = Some(to.id);
            }
            AssetEvent::Arrived { location, to_state } => {
                self.resume(&mut asset, *to_state, at);
                asset.bound_for_id = None;
                put(&mut asset, *location, LocationSource::Declared, at);
            }
            AssetEvent::RepairStarted { from_state, .. } => {
                self.interrupt(&mut asset, State::InRepair, *from_state, at);
            }
            AssetEvent::RepairEnded {
                condition,
                to_state,
            } => {
                self.resume(&mut asset, *to_state, at);
                asset.condition = *condition;
            }
            AssetEvent::Missing { from_state, .. } => {
                self.interrupt(&mut asset, State::Missing, *from_state, at);
                asset.bound_for_id = None;
            }
            AssetEvent::Found {
                observation,
                location,
                assignment,
                target,
                ..
            } => {
                self.close(&mut asset, recorded, None);
                asset.prior_state = None;
                asset.last_verified_at = Some(observation.occurred_at);
                self.observations
                    .push((asset.id, observation.clone(), recorded.recorded_at));
                if let Some(place) = location {
                    put(
                        &mut asset,
                        *place,
                        LocationSource::Scanned,
                        observation.occurred_at,
                    );
                }
                match (assignment, target) {
                    (Some(assignment), Some(target)) => {
                        become_state(&mut asset, State::InUse, at);
                        self.open(
                            &mut asset,
                            recorded,
                            *assignment,
                            *target,
                            AssignmentKind::Permanent,
                            None,
                        );
                    }
                    _ => become_state(&mut asset, State::InStock, at),
                }
            }
            AssetEvent::WrittenOff { .. } => {
                self.close(&mut asset, recorded, None);
                asset.prior_state = None;
                become_state(&mut asset, State::Disposed, at);
            }
            AssetEvent::Retired { .. } => {
                asset.prior_state = None;
                become_state(&mut asset, State::Retired, at);
            }
            AssetEvent::Reinstated => become_state(&mut asset, State::InStock, at),
            AssetEvent::Surplused { .. } => become_state(&mut asset, State::Surplus, at),
            AssetEvent::Disposed { .. } => become_state(&mut asset, State::Disposed, at),
            AssetEvent::Cancelled | AssetEvent::Voided { .. } => {
                become_state(&mut asset, State::Void, at);
            }
            AssetEvent::Moved {
                to, observation, ..
            } => {
                let source = match observation {
                    Some(_) => LocationSource::Scanned,
                    None => LocationSource::Declared,
                };
                if observation.is_some() {
                    asset.last_verified_at = Some(at);
                }
                put(&mut asset, *to, source, at);
            }
            AssetEvent::FieldChanged { changes } | AssetEvent::Corrected { changes, .. } => {
                for Change { to, .. } in changes {
                    set(&mut asset, to);
                }
            }
            AssetEvent::HoldPlaced { hold, kind } => {
                let hold = Hold {
                    id: *hold,
                    seq: recorded.index,
                    kind: *kind,
                    from: at,
                    placed_by: recorded.person,
                };
                asset.holds.push(hold);
                self.holds.insert(
                    hold.id,
                    HoldRow {
                        asset: asset.id,
                        hold,
                        to: None,
                    },
                );
            }
            AssetEvent::HoldReleased { hold } => {
                if let Some(i) = asset.holds.iter().position(|open| open.id == *hold) {
                    let hold = asset.holds.remove(i);
                    self.holds.insert(
                        hold.id,
                        HoldRow {
                            asset: asset.id,
                            hold,
                            to: Some(at),
                        },
                    );
                }
            }
        }
        asset
    }

    fn label(&mut self, asset: &mut Asset, tag: &Tag) {
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

    fn open(
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
        };
        asset.custody = Some(custody);
        asset.ever_in_custody = true;
        asset.in_service_on.get_or_insert(at.day());
        self.write(asset.id, custody);
    }

    fn close(&mut self, asset: &mut Asset, recorded: &Recorded, condition_in: Option<Condition>) {
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

    fn with_custody(&mut self, asset: &mut Asset, change: impl FnOnce(&mut Custody)) {
        if let Some(mut custody) = asset.custody {
            change(&mut custody);
            asset.custody = Some(custody);
            self.write(asset.id, custody);
        }
    }

    /// Custody rests, and what it rests from is remembered unless it rests already.
    fn interrupt(&mut self, asset: &mut Asset, state: State, from: State, at: Timestamp) {
        if asset.prior_state.is_none() {
            asset.prior_state = Some(from);
        }
        become_state(asset, state, at);
        self.with_custody(asset, |custody| custody.suspended = true);
    }

    fn resume(&mut self, asset: &mut Asset, state: State, at: Timestamp) {
        asset.prior_state = None;
        become_state(asset, state, at);
        self.with_custody(asset, |custody| custody.suspended = false);
    }

    /// Writes everything, in the order that the references between the tables ask for.
    pub async fn flush(&mut self, tx: &mut Tx) -> StoreResult<()> {
        let Some(org) = self.org else { return Ok(()) };
        store::write(tx, org, self).await?;
        self.dirty.clear();
        self.created.clear();
        self.reindex.clear();
        self.custody.clear();
        self.holds.clear();
        self.tags.clear();
        self.identifiers.clear();
        self.observations.clear();
        self.tally.clear();
        Ok(())
    }
}

fn become_state(asset: &mut Asset, state: State, at: Timestamp) {
    asset.state = state;
    asset.state_since = at;
}

fn put(asset: &mut Asset, place: Place, source: LocationSource, at: Timestamp) {
    asset.location_id = Some(place.id);
    asset.site_id = Some(place.site);
    asset.location_source = Some(source);
    asset.location_observed_at = Some(at);
}

fn put_if(asset: &mut Asset, place: Option<Place>, at: Timestamp) {
    if let Some(place) = place {
        put(asset, place, LocationSource::Declared, at);
    }
}

fn set(asset: &mut Asset, field: &FieldValue) {
    match field {
        FieldValue::Description(text) => asset.description.clone_from(text),
        FieldValue::Serial(serial) => asset.serial.clone_from(serial),
        FieldValue::Category(id) => asset.category_id = *id,
        FieldValue::Model(id) => asset.model_id = *id,
        FieldValue::Manufacturer(id) => asset.manufacturer_id = *id,
        FieldValue::Condition(condition) => asset.condition = *condition,
        FieldValue::CostMinor(minor) => asset.cost_minor = *minor,
        FieldValue::AcquiredOn(day) => asset.acquired_on = *day,
        FieldValue::WarrantyEndsOn(day) => asset.warranty_ends_on = *day,
        FieldValue::PoNo(po_no) => asset.po_no.clone_from(po_no),
        FieldValue::Unit(unit) => asset.owning_unit_id = *unit,
    }
}

/// Under which unit and site the asset counts, while it is there at all.
fn counted(asset: &Asset) -> Option<(UnitId, Option<LocationId>)> {
    let live = !matches!(asset.state, State::Disposed | State::Void);
    live.then_some((asset.owning_unit_id, asset.site_id))
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
