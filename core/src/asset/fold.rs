//! From an asset and a fact to the asset after it: what each fact means, once.

use super::command::FieldValue;
use super::event::{AssetEvent, Change, Place, Record};
use super::project::{HoldRow, Shelf};
use super::{Asset, AssignmentKind, Condition, Hold, LocationSource, State};
use crate::id::AssetId;
use crate::ledger::event::Recorded;
use crate::time::Timestamp;

impl Shelf {
    pub(super) fn created(
        &mut self,
        id: AssetId,
        recorded: &Recorded,
        what: &Record,
        state: State,
    ) -> Asset {
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
            merged_into_id: None,
            ever_in_custody: false,
            since_index: recorded.index,
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
    pub(super) fn changed(
        &mut self,
        mut asset: Asset,
        recorded: &Recorded,
        event: &AssetEvent,
    ) -> Asset {
        let at = recorded.occurred_at;
        asset.rev += 1;
        asset.updated_at = recorded.recorded_at;
        match event {
            // `decide` refuses to create what exists; a ledger that did is caught by the audit, not here.
            AssetEvent::Ordered(_)
            | AssetEvent::Registered { .. }
            | AssetEvent::Noted
            | AssetEvent::Absorbed { .. }
            | AssetEvent::Parted { .. } => {}
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
            AssetEvent::AckAccepted { .. } => self.with_custody(&mut asset, |custody| {
                custody.acknowledged_at = Some(at);
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
                    _ if asset.tag.is_none() => become_state(&mut asset, State::Received, at),
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
            AssetEvent::Merged { into, .. } => asset.merged_into_id = Some(*into),
            AssetEvent::Unmerged { .. } => asset.merged_into_id = None,
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
}

pub(super) fn become_state(asset: &mut Asset, state: State, at: Timestamp) {
    asset.state = state;
    asset.state_since = at;
}

pub(super) fn put(asset: &mut Asset, place: Place, source: LocationSource, at: Timestamp) {
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
        FieldValue::InvoiceNo(invoice_no) => asset.invoice_no.clone_from(invoice_no),
        FieldValue::Unit(unit) => asset.owning_unit_id = *unit,
    }
}
