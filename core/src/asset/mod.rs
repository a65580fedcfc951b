//! Assets: what the organisation owns, where it is, who holds it, and what may happen to it next.

pub mod as_of;
mod change;
pub mod code;
pub mod command;
pub mod decide;
pub mod event;
mod fold;
mod known;
mod life;
pub(crate) mod mentioned;
pub(crate) mod merge;
pub(crate) mod project;
mod refusal;
pub mod rehearse;
pub mod search;
pub mod steps;
pub mod store;
mod transition;
mod version;
pub(crate) mod world;
pub(crate) mod write;

use serde::{Deserialize, Serialize};

use crate::closed_set::closed_set;
use crate::id::{
    AssetId, AssignmentId, CategoryId, HoldId, LocationId, ManufacturerId, ModelId, PersonId,
    UnitId,
};
use crate::text::{Serial, Tag};
use crate::time::{Day, Timestamp};

closed_set! {
    /// Where an asset is in its life.
    State {
        /// Bought, not yet here.
        Ordered = "ordered",
        /// Here, not yet labelled.
        Received = "received",
        /// Labelled and free.
        InStock = "in_stock",
        /// In somebody's custody.
        InUse = "in_use",
        /// In somebody's custody until a date.
        OnLoan = "on_loan",
        /// Between two places.
        InTransit = "in_transit",
        /// With a workshop.
        InRepair = "in_repair",
        /// Not where it should be.
        Missing = "missing",
        /// No longer used.
        Retired = "retired",
        /// Offered to others.
        Surplus = "surplus",
        /// Gone, with proof. Terminal.
        Disposed = "disposed",
        /// Recorded in error. Terminal.
        Void = "void",
    }
    /// What shape it is in.
    Condition {
        /// Unused.
        New = "new",
        /// Without faults.
        Good = "good",
        /// Worn.
        Fair = "fair",
        /// Usable with trouble.
        Poor = "poor",
        /// Not usable.
        Inoperable = "inoperable",
        /// Never looked at.
        Unknown = "unknown",
    }
    /// How the organisation came by it.
    Acquisition {
        /// Bought by purchase order.
        Purchase = "purchase",
        /// Bought through a supplier's catalogue.
        Punchout = "punchout",
        /// Given.
        Gift = "gift",
        /// Built in house.
        Fabricated = "fabricated",
        /// Lent by the government.
        GovernmentFurnished = "government_furnished",
        /// Bought with a contract's money.
        ContractorAcquired = "contractor_acquired",
        /// Taken over from another institution.
        TransferIn = "transfer_in",
        /// Leased.
        Lease = "lease",
        /// Got in exchange.
        TradeIn = "trade_in",
    }
    /// What the word for the custody is.
    AssignmentKind {
        /// Until further notice.
        Permanent = "permanent",
        /// By several people.
        Shared = "shared",
        /// Until a date.
        Loan = "loan",
        /// With a room.
        Room = "room",
        /// For a while.
        Temporary = "temporary",
    }
    /// Why an asset must not be touched.
    HoldKind {
        /// A court or counsel asked for it.
        Legal = "legal",
        /// Contaminated, infected or unsafe.
        Quarantine = "quarantine",
        /// Promised to somebody.
        Reservation = "reservation",
        /// Being looked into.
        Investigation = "investigation",
        /// A sponsor decides over it.
        Sponsor = "sponsor",
    }
    /// What sort of further identifier.
    IdentifierKind {
        /// Mobile equipment identity, 15 digits.
        Imei = "imei",
        /// Mobile equipment identifier, 14 hexadecimal digits.
        Meid = "meid",
        /// Apple's unique device id.
        Udid = "udid",
        /// The firmware's UUID.
        SmbiosUuid = "smbios_uuid",
        /// The wired network address.
        MacWired = "mac_wired",
        /// The directory's device id.
        AzureDevice = "azure_device",
        /// An RFID tag.
        EpcRfid = "epc_rfid",
        /// A label of a system that came before.
        LegacyTag = "legacy_tag",
        /// A federal property number.
        FederalPropertyNo = "federal_property_no",
        /// Any other barcode on it.
        Barcode = "barcode",
    }
    /// How it went missing.
    LossKind {
        /// Nobody knows.
        Lost = "lost",
        /// Somebody took it.
        Stolen = "stolen",
        /// Destroyed beyond recovery.
        Damaged = "damaged",
    }
    /// How it left.
    DispositionMethod {
        /// Another part of the organisation took it.
        InternalReuse = "internal_reuse",
        /// Another institution took it.
        TransferOut = "transfer_out",
        /// Sold.
        PublicSale = "public_sale",
        /// Given away.
        Donation = "donation",
        /// Recycled.
        Recycle = "recycle",
        /// Given in exchange.
        TradeIn = "trade_in",
        /// Given back to the lessor.
        LeaseReturn = "lease_return",
        /// Given back to the sponsor.
        ReturnToSponsor = "return_to_sponsor",
        /// Destroyed.
        Destroyed = "destroyed",
        /// Replaced by the vendor.
        VendorReplacement = "vendor_replacement",
        /// Given up.
        WrittenOff = "written_off",
    }
    /// How stored data was made unreadable (NIST SP 800-88).
    SanitizationMethod {
        /// Overwritten.
        Clear = "clear",
        /// Made unrecoverable in a laboratory too.
        Purge = "purge",
        /// Physically destroyed.
        Destroy = "destroy",
    }
    /// How the place of an asset became known.
    LocationSource {
        /// Somebody said so.
        Declared = "declared",
        /// Somebody scanned it there.
        Scanned = "scanned",
        /// Device management reported it.
        Mdm = "mdm",
        /// A reader saw it.
        Rfid = "rfid",
    }
    /// Who repairs it.
    RepairBy {
        /// An outside workshop.
        Vendor = "vendor",
        /// The organisation's own bench.
        Bench = "bench",
    }
}

closed_set! {
    /// The word for who or what has custody.
    TargetKind {
        /// A person.
        Person = "person",
        /// A unit.
        Unit = "unit",
        /// A place.
        Location = "location",
        /// Another asset.
        Asset = "asset",
    }
}

/// In whose custody an asset can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "type", content = "id", rename_all = "snake_case")]
pub enum Target {
    /// Somebody's.
    Person(PersonId),
    /// A unit's.
    Unit(UnitId),
    /// A room's.
    Location(LocationId),
    /// Another asset's, such as a cart's.
    Asset(AssetId),
}

impl Target {
    /// The word for it.
    #[must_use]
    pub const fn kind(self) -> TargetKind {
        match self {
            Self::Person(_) => TargetKind::Person,
            Self::Unit(_) => TargetKind::Unit,
            Self::Location(_) => TargetKind::Location,
            Self::Asset(_) => TargetKind::Asset,
        }
    }

    /// Which one it is.
    #[must_use]
    pub const fn uuid(self) -> uuid::Uuid {
        match self {
            Self::Person(id) => id.uuid(),
            Self::Unit(id) => id.uuid(),
            Self::Location(id) => id.uuid(),
            Self::Asset(id) => id.uuid(),
        }
    }

    /// Puts both together again.
    #[must_use]
    pub const fn new(kind: TargetKind, id: uuid::Uuid) -> Self {
        match kind {
            TargetKind::Person => Self::Person(PersonId::from_uuid(id)),
            TargetKind::Unit => Self::Unit(UnitId::from_uuid(id)),
            TargetKind::Location => Self::Location(LocationId::from_uuid(id)),
            TargetKind::Asset => Self::Asset(AssetId::from_uuid(id)),
        }
    }
}

/// An asset with everything its rules ask about. Built by folding its events, one after the other.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Asset {
    /// Its id.
    pub id: AssetId,
    /// Its place in lists: the ledger index of its first entry.
    pub seq: i64,
    /// Its label; required from `in_stock` on.
    pub tag: Option<Tag>,
    /// Its serial number.
    pub serial: Option<Serial>,
    /// Who made it.
    pub manufacturer_id: Option<ManufacturerId>,
    /// Which product it is.
    pub model_id: Option<ModelId>,
    /// What sort of thing.
    pub category_id: CategoryId,
    /// What it is, in 1 to 500 characters.
    pub description: String,
    /// The unit that owns it; never none.
    pub owning_unit_id: UnitId,
    /// Where it is.
    pub location_id: Option<LocationId>,
    /// The site that place belongs to.
    pub site_id: Option<LocationId>,
    /// How that is known.
    pub location_source: Option<LocationSource>,
    /// Since when that is known.
    pub location_observed_at: Option<Timestamp>,
    /// Where it is in its life.
    pub state: State,
    /// Since when.
    pub state_since: Timestamp,
    /// What it returns to from transit or repair.
    pub prior_state: Option<State>,
    /// Where it is being sent.
    pub bound_for_id: Option<LocationId>,
    /// What shape it is in.
    pub condition: Condition,
    /// How it was come by.
    pub acquisition: Acquisition,
    /// The day it was bought.
    pub acquired_on: Option<Day>,
    /// The day it arrived.
    pub received_on: Option<Day>,
    /// The day it was first given into custody.
    pub in_service_on: Option<Day>,
    /// What it cost, in minor units.
    pub cost_minor: Option<i64>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// The purchase order.
    pub po_no: Option<String>,
    /// The invoice.
    pub invoice_no: Option<String>,
    /// The last day of the warranty.
    pub warranty_ends_on: Option<Day>,
    /// When somebody last had it before their eyes.
    pub last_verified_at: Option<Timestamp>,
    /// The record that goes on for it, where it turned out to be of the same asset.
    pub merged_into_id: Option<AssetId>,
    /// Whether it was ever in custody.
    pub ever_in_custody: bool,
    /// The entry from which on it has been as it is.
    pub since_index: i64,
    /// How many facts it has; the ETag's ground.
    pub rev: i64,
    /// When it was entered.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// In whose custody it is, suspended or not.
    #[sqlx(skip)]
    pub custody: Option<Custody>,
    /// The holds that are open.
    #[sqlx(skip)]
    pub holds: Vec<Hold>,
}

/// An open custody interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Custody {
    /// Its id.
    pub id: AssignmentId,
    /// The ledger index of the entry that opened it.
    pub seq: i64,
    /// Who or what has it.
    pub target: Target,
    /// On what terms.
    pub kind: AssignmentKind,
    /// Since when.
    pub from: Timestamp,
    /// Until when it is lent.
    pub due_at: Option<Timestamp>,
    /// How often the loan was renewed.
    pub renewals: i64,
    /// Whether it rests while the asset is in transit, in repair or missing.
    pub suspended: bool,
    /// The shape it went out in.
    pub condition_out: Condition,
    /// Who gave it out.
    pub issued_by: Option<PersonId>,
    /// When its holder acknowledged that they have it.
    pub acknowledged_at: Option<Timestamp>,
}

/// An open hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    /// Its id.
    pub id: HoldId,
    /// The ledger index of the entry that placed it.
    pub seq: i64,
    /// Why.
    pub kind: HoldKind,
    /// Since when.
    pub from: Timestamp,
    /// Who placed it.
    pub placed_by: Option<PersonId>,
}
