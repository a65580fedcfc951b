//! Facts about assets. Each says everything its projection needs, so that a rebuild asks nobody.

use serde::{Deserialize, Serialize};

use super::command::{FieldValue, Observation, Sanitization};
use super::{
    Acquisition, AssignmentKind, Condition, DispositionMethod, HoldKind, IdentifierKind, LossKind,
    RepairBy, State, Target,
};
use crate::id::{
    AssetId, AssignmentId, CategoryId, DuplicateCaseId, EventId, HoldId, LocationId,
    ManufacturerId, ModelId, ObservationId, PersonId, UnitId,
};
use crate::text::{Serial, Tag};
use crate::time::{Day, Timestamp};

/// What was known of an asset when it entered the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// What it is.
    pub description: String,
    /// What sort of thing.
    pub category: CategoryId,
    /// Which product.
    pub model: Option<ModelId>,
    /// Who made it.
    pub manufacturer: Option<ManufacturerId>,
    /// Who owns it.
    pub unit: UnitId,
    /// How it was come by.
    pub acquisition: Acquisition,
    /// What it cost.
    pub cost_minor: Option<i64>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// The purchase order.
    pub po_no: Option<String>,
    /// The invoice.
    pub invoice_no: Option<String>,
    /// The day it was bought.
    pub acquired_on: Option<Day>,
    /// The last day of the warranty.
    pub warranty_ends_on: Option<Day>,
}

/// A place with the site it belonged to when the fact was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// The place.
    pub id: LocationId,
    /// Its site.
    pub site: LocationId,
}

/// Another way to recognise an asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Identifier {
    /// What sort.
    pub kind: IdentifierKind,
    /// As it was given.
    pub value: String,
}

/// A field before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// What it was.
    pub from: FieldValue,
    /// What it is.
    pub to: FieldValue,
}

/// What happened to an asset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "payload", rename_all_fields = "camelCase")]
pub enum AssetEvent {
    /// It was ordered.
    #[serde(rename = "asset.ordered")]
    Ordered(Record),
    /// It entered the record.
    #[serde(rename = "asset.registered")]
    Registered {
        /// What was known.
        what: Record,
        /// Its label.
        tag: Option<Tag>,
        /// Its serial number.
        serial: Option<Serial>,
        /// Where it was.
        location: Option<Place>,
        /// What shape it was in.
        condition: Condition,
        /// Other ways to recognise it.
        identifiers: Vec<Identifier>,
    },
    /// It arrived.
    #[serde(rename = "asset.received")]
    Received {
        /// The serial number found on it.
        serial: Option<Serial>,
        /// Whether a required serial number was waived.
        serial_waived: bool,
        /// Where it was put.
        location: Option<Place>,
    },
    /// It got its label.
    #[serde(rename = "asset.tagged")]
    Tagged {
        /// Which.
        tag: Tag,
    },
    /// It got another label.
    #[serde(rename = "asset.retagged")]
    Retagged {
        /// The old one.
        from: Option<Tag>,
        /// The new one.
        to: Tag,
    },
    /// It went into custody.
    #[serde(rename = "asset.deployed")]
    Deployed {
        /// The custody.
        assignment: AssignmentId,
        /// Whose.
        target: Target,
        /// On what terms.
        kind: AssignmentKind,
        /// Where it is now.
        location: Option<Place>,
    },
    /// It was lent.
    #[serde(rename = "asset.loaned")]
    Loaned {
        /// The custody.
        assignment: AssignmentId,
        /// Whose.
        target: Target,
        /// Until when.
        due_at: Timestamp,
    },
    /// A loan was made longer.
    #[serde(rename = "asset.renewed")]
    Renewed {
        /// The custody.
        assignment: AssignmentId,
        /// When it was due.
        due_from: Option<Timestamp>,
        /// When it is due.
        due_at: Timestamp,
    },
    /// It changed hands.
    #[serde(rename = "asset.reassigned")]
    Reassigned {
        /// The custody that ended.
        closed: AssignmentId,
        /// The custody that began at the same instant.
        assignment: AssignmentId,
        /// Whose.
        target: Target,
        /// On what terms.
        kind: AssignmentKind,
        /// Where it is now.
        location: Option<Place>,
    },
    /// It came back.
    #[serde(rename = "asset.returned")]
    Returned {
        /// The custody that ended.
        closed: AssignmentId,
        /// The shape it came back in.
        condition: Condition,
        /// Where it was put.
        location: Option<Place>,
    },
    /// It was sent somewhere.
    #[serde(rename = "asset.dispatched")]
    Dispatched {
        /// Where it was.
        from: Option<LocationId>,
        /// Where it goes.
        to: Place,
        /// What it was before.
        from_state: State,
    },
    /// It arrived there.
    #[serde(rename = "asset.arrived")]
    Arrived {
        /// Where.
        location: Place,
        /// What it is again.
        to_state: State,
    },
    /// It went to a workshop.
    #[serde(rename = "asset.repair_started")]
    RepairStarted {
        /// Which sort.
        by: RepairBy,
        /// The workshop's return number.
        rma_no: Option<String>,
        /// What it was before.
        from_state: State,
    },
    /// It came back from there.
    #[serde(rename = "asset.repair_ended")]
    RepairEnded {
        /// The shape it came back in.
        condition: Condition,
        /// What it is again.
        to_state: State,
    },
    /// Nobody knows where it is.
    #[serde(rename = "asset.missing")]
    Missing {
        /// How.
        kind: LossKind,
        /// When it was noticed.
        discovered_on: Day,
        /// The police report's number.
        police_no: Option<String>,
        /// What it was before.
        from_state: State,
    },
    /// It was found.
    #[serde(rename = "asset.found")]
    Found {
        /// The scan that proves it.
        observation: Observation,
        /// Where.
        location: Option<Place>,
        /// The custody that ended.
        closed: Option<AssignmentId>,
        /// The custody that began.
        assignment: Option<AssignmentId>,
        /// Whose.
        target: Option<Target>,
    },
    /// It was given up.
    #[serde(rename = "asset.written_off")]
    WrittenOff {
        /// Who approved.
        approved_by: [PersonId; 2],
        /// The custody that ended.
        closed: Option<AssignmentId>,
    },
    /// It is no longer used.
    #[serde(rename = "asset.retired")]
    Retired {
        /// What it was before.
        from_state: State,
    },
    /// It is used again.
    #[serde(rename = "asset.reinstated")]
    Reinstated,
    /// It is offered to others.
    #[serde(rename = "asset.surplused")]
    Surplused {
        /// Who agreed for the unit.
        approved_by: PersonId,
        /// How its data was removed.
        sanitization: Option<Sanitization>,
    },
    /// It left for good.
    #[serde(rename = "asset.disposed")]
    Disposed {
        /// How.
        method: DispositionMethod,
        /// Who approved.
        approved_by: [PersonId; 2],
        /// What it brought, in minor units.
        sale_price_minor: Option<i64>,
    },
    /// Its order was cancelled.
    #[serde(rename = "asset.cancelled")]
    Cancelled,
    /// It should never have been recorded.
    #[serde(rename = "asset.voided")]
    Voided {
        /// Who approved.
        approved_by: [PersonId; 2],
    },
    /// Whoever was given it said that they have it.
    #[serde(rename = "custody.ack_accepted")]
    AckAccepted {
        /// The custody.
        assignment: AssignmentId,
        /// Who said so.
        person: PersonId,
    },
    /// It is somewhere else.
    #[serde(rename = "asset.moved")]
    Moved {
        /// Where it was.
        from: Option<LocationId>,
        /// Where it is.
        to: Place,
        /// The scan that showed it.
        observation: Option<ObservationId>,
    },
    /// Somebody wrote something about it.
    #[serde(rename = "asset.noted")]
    Noted,
    /// Something about it changed.
    #[serde(rename = "asset.field_changed")]
    FieldChanged {
        /// What.
        changes: Vec<Change>,
    },
    /// An earlier entry was wrong.
    #[serde(rename = "asset.corrected")]
    Corrected {
        /// Which.
        of: EventId,
        /// What it should have said.
        changes: Vec<Change>,
    },
    /// It is the record of an asset that has another, which goes on.
    #[serde(rename = "asset.merged")]
    Merged {
        /// The record that goes on.
        into: AssetId,
        /// The case in which that was decided.
        case: DuplicateCaseId,
    },
    /// Another record leads to it from now on.
    #[serde(rename = "asset.absorbed")]
    Absorbed {
        /// The other record.
        other: AssetId,
        /// The case in which that was decided.
        case: DuplicateCaseId,
    },
    /// It is of an asset of its own, after all.
    #[serde(rename = "asset.unmerged")]
    Unmerged {
        /// The record that it led to.
        from: AssetId,
        /// The case in which that was decided.
        case: DuplicateCaseId,
    },
    /// Another record does not lead to it any more.
    #[serde(rename = "asset.parted")]
    Parted {
        /// The other record.
        other: AssetId,
        /// The case in which that was decided.
        case: DuplicateCaseId,
    },
    /// It must not be touched.
    #[serde(rename = "hold.placed")]
    HoldPlaced {
        /// The hold.
        hold: HoldId,
        /// Why.
        kind: HoldKind,
    },
    /// It may be touched again.
    #[serde(rename = "hold.released")]
    HoldReleased {
        /// The hold.
        hold: HoldId,
    },
}

impl AssetEvent {
    /// The owner that a change of owner leaves: both units were concerned.
    pub(super) fn next_unit(&self) -> Option<UnitId> {
        match self {
            Self::FieldChanged { changes } | Self::Corrected { changes, .. } => {
                changes.iter().rev().find_map(|change| match change.to {
                    FieldValue::Unit(unit) => Some(unit),
                    _ => None,
                })
            }
            _ => None,
        }
    }

    /// The owner that a creating fact names.
    pub(super) const fn first_unit(&self) -> Option<UnitId> {
        match self {
            Self::Ordered(what) | Self::Registered { what, .. } => Some(what.unit),
            _ => None,
        }
    }
}
