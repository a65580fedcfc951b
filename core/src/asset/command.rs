//! What can be asked of an asset. State changes by these commands only; there is no "set state".

use serde::{Deserialize, Serialize};

use super::{
    Acquisition, AssignmentKind, Condition, DispositionMethod, HoldKind, IdentifierKind, LossKind,
    RepairBy, SanitizationMethod, Target,
};
use crate::id::{
    AssetId, CategoryId, EventId, HoldId, LocationId, ManufacturerId, ModelId, ObservationId,
    PersonId, UnitId,
};
use crate::text::{Serial, Tag};
use crate::time::{Day, Timestamp};

/// A command to one asset.
#[derive(Debug, Clone)]
pub struct Command {
    /// Which asset; [`Act::Order`] and [`Act::Register`] name one that does not exist yet.
    pub asset: AssetId,
    /// What to do.
    pub act: Act,
    /// When it happened, if not now. Never later than now.
    pub occurred_at: Option<Timestamp>,
    /// Why, in the words of whoever did it: at most 2,000 characters, kept outside the ledger, which holds a commitment to it.
    pub remark: Option<String>,
}

/// What can be done.
#[derive(Debug, Clone)]
pub enum Act {
    /// Nothing → ordered.
    Order(Box<Description>),
    /// Nothing → received, or in stock where a tag is given.
    Register(Box<Register>),
    /// Ordered → received.
    Receive {
        /// The serial number found on it.
        serial: Option<Serial>,
        /// Why there is none, where the model requires one.
        serial_waived: bool,
        /// Where it was put.
        location: Option<LocationId>,
    },
    /// Received → in stock.
    Tag {
        /// The label.
        tag: Tag,
        /// What a scanner read from the label after it was fixed.
        scanned_back: String,
    },
    /// In stock → in use.
    Deploy {
        /// To whom or what.
        target: Target,
        /// On what terms.
        kind: AssignmentKind,
        /// Where it is now; unchanged when none.
        location: Option<LocationId>,
    },
    /// In stock → on loan.
    Loan {
        /// To whom or what.
        target: Target,
        /// Until when.
        due_at: Timestamp,
    },
    /// On loan → on loan, for longer.
    Renew {
        /// Until when now; later than before.
        due_at: Timestamp,
    },
    /// In use → in use by another.
    Reassign {
        /// To whom or what.
        target: Target,
        /// On what terms.
        kind: AssignmentKind,
        /// Where it is now; unchanged when none.
        location: Option<LocationId>,
    },
    /// In use or on loan → in stock.
    Return {
        /// The shape it came back in.
        condition: Condition,
        /// Where it was put.
        location: Option<LocationId>,
    },
    /// In stock or in use → in transit.
    Dispatch {
        /// Where it goes.
        to: LocationId,
    },
    /// In transit → what it was before, at the place it was sent to or another.
    Arrive {
        /// Where it arrived; where it was sent to when none.
        at: Option<LocationId>,
    },
    /// In stock, in use or on loan → in repair.
    RepairOut {
        /// Who repairs it.
        by: RepairBy,
        /// The workshop's return number.
        rma_no: Option<String>,
    },
    /// In repair → what it was before, or in stock.
    RepairIn {
        /// The shape it came back in.
        condition: Condition,
    },
    /// Any live state but ordered, retired and surplus → missing.
    ReportMissing {
        /// How.
        kind: LossKind,
        /// When it was noticed.
        discovered_on: Day,
        /// The police report's number.
        police_no: Option<String>,
    },
    /// Missing → in stock, or in use by somebody.
    Found {
        /// The scan that proves it.
        observation: Observation,
        /// Who gets it now; nobody: it goes to stock.
        handed_to: Option<Target>,
    },
    /// Missing → disposed.
    WriteOff {
        /// Two different people.
        approved_by: [PersonId; 2],
        /// Whether the investigation is closed.
        investigation_closed: bool,
    },
    /// Received, in stock or in repair → retired.
    Retire,
    /// Retired → in stock.
    Reinstate {
        /// Whether the label is still on it.
        tag_attached: bool,
    },
    /// Retired → surplus.
    Surplus {
        /// Who agreed for the unit.
        approved_by: PersonId,
        /// How its data was removed; required where the model bears data.
        sanitization: Option<Sanitization>,
    },
    /// Retired or surplus → disposed.
    Dispose {
        /// How.
        method: DispositionMethod,
        /// Two different people.
        approved_by: [PersonId; 2],
        /// Whether the label was taken off.
        tag_removed: bool,
        /// What it brought, in minor units of its currency.
        sale_price_minor: Option<i64>,
    },
    /// Ordered → void.
    Cancel,
    /// Received or in stock → void: recorded in error, nothing has happened to it since.
    Void {
        /// Two different people.
        approved_by: [PersonId; 2],
    },
    /// Whoever was given it says that they have it. Theirs alone to say, and once.
    Acknowledge,
    /// Another place; no other change.
    Move {
        /// Where it is.
        location: LocationId,
        /// The scan that showed it; declared when none.
        observation: Option<ObservationId>,
    },
    /// The remark is the whole of it.
    Note,
    /// Another label; the old one stays an alias for ever.
    Retag {
        /// The new label.
        tag: Tag,
    },
    /// A hold from now on.
    PlaceHold {
        /// Why.
        kind: HoldKind,
    },
    /// The end of a hold.
    ReleaseHold {
        /// Which.
        hold: HoldId,
    },
    /// Recorded fields were changed in reality.
    ChangeFields(Vec<FieldValue>),
    /// Recorded fields were wrong; `of` is the entry that recorded them.
    Correct {
        /// The entry that is corrected.
        of: EventId,
        /// What it should have said.
        fields: Vec<FieldValue>,
    },
}

/// What is known of an asset when it is ordered.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Description {
    /// What it is, in 1 to 500 characters.
    pub description: String,
    /// Which category.
    pub category: CategoryId,
    /// Which model, if it is one of the catalogue.
    pub model: Option<ModelId>,
    /// Who made it, if known and not said by the model.
    pub manufacturer: Option<ManufacturerId>,
    /// Which unit owns it.
    pub unit: UnitId,
    /// How it was come by.
    pub acquisition: Acquisition,
    /// What it cost, in minor units.
    pub cost_minor: Option<i64>,
    /// ISO 4217; the organisation's own when none.
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

/// An asset that is here already.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Register {
    /// What it is.
    pub what: Description,
    /// Its label; with one it is in stock at once.
    pub tag: Option<Tag>,
    /// Its serial number.
    pub serial: Option<Serial>,
    /// Where it is.
    pub location: Option<LocationId>,
    /// The shape it is in.
    pub condition: Condition,
    /// Other ways to recognise it.
    pub identifiers: Vec<(IdentifierKind, String)>,
    /// Where it came from, for gifts, found things and old records: required unless bought.
    pub provenance: Option<String>,
}

/// A scan made in the field. Its id is made on the device, so that repeating it changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Observation {
    /// Made on the device.
    pub id: ObservationId,
    /// What the scanner read.
    pub raw_code: String,
    /// Where.
    pub location: Option<LocationId>,
    /// When, by the device.
    pub occurred_at: Timestamp,
}

/// Proof that an asset holds no data any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sanitization {
    /// How.
    pub method: SanitizationMethod,
    /// The certificate's number.
    pub certificate_no: String,
    /// Who did it.
    pub by: PersonId,
    /// Who checked it: somebody else.
    pub verified_by: PersonId,
}

/// A recorded field with its new value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "field", content = "value", rename_all = "snake_case")]
pub enum FieldValue {
    /// What it is, in 1 to 500 characters.
    Description(String),
    /// Its serial number.
    Serial(Option<Serial>),
    /// Its category.
    Category(CategoryId),
    /// Its model.
    Model(Option<ModelId>),
    /// Its maker, where it has no model.
    Manufacturer(Option<ManufacturerId>),
    /// The shape it is in.
    Condition(Condition),
    /// What it cost, in minor units.
    CostMinor(Option<i64>),
    /// The day it was bought.
    AcquiredOn(Option<Day>),
    /// The last day of the warranty.
    WarrantyEndsOn(Option<Day>),
    /// The purchase order.
    PoNo(Option<String>),
    /// The invoice.
    InvoiceNo(Option<String>),
    /// The owner, where the record named the wrong one. A transfer between units is another matter.
    Unit(UnitId),
}
