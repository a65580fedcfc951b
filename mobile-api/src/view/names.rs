//! The closed sets of the domain as words on the wire.

use habeo_core::access::{Role, Surface};
use habeo_core::asset::search::Matched;
use habeo_core::asset::{AssignmentKind, Condition, HoldKind, State, TargetKind};
use habeo_core::device::Status;
use habeo_core::location::{LocationKind, RoomUse};
use habeo_core::notice::Sort;
use habeo_core::order::UnitState;
use habeo_core::person::{Affiliation, PersonStatus};
use habeo_core::push_device::Platform;
use habeo_core::seat::State as SeatCore;
use habeo_core::unit::UnitKind;
use poem_openapi::Enum;

/// Spells one of core's closed sets on the wire; a member that core gains does not compile until it is spelled here.
macro_rules! wire_enum {
    ($($(#[$meta:meta])* $name:ident = $core:ident { $($variant:ident),* $(,)? })*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
        #[oai(rename_all = "snake_case")]
        #[expect(missing_docs, reason = "the words are those of the domain")]
        pub enum $name { $($variant),* }

        impl From<$core> for $name {
            fn from(value: $core) -> Self {
                match value { $($core::$variant => Self::$variant),* }
            }
        }

        impl From<$name> for $core {
            fn from(value: $name) -> Self {
                match value { $($name::$variant => Self::$variant),* }
            }
        }
    )*};
}
pub(super) use wire_enum;

wire_enum! {
    /// Where an asset is in its life.
    AssetState = State {
        Ordered, Received, InStock, InUse, OnLoan, InTransit, InRepair, Missing, Retired, Surplus, Disposed, Void,
    }
    /// What shape an asset is in.
    AssetCondition = Condition { New, Good, Fair, Poor, Inoperable, Unknown }
    /// What somebody is told.
    NoticeSort = Sort { HandedToYou, DueSoon, TicketOnYours, SeenElsewhere, Bought }
    /// On what terms somebody has an asset.
    AssignmentKindName = AssignmentKind { Permanent, Shared, Loan, Room, Temporary }
    /// Who or what has an asset.
    TargetKindName = TargetKind { Person, Unit, Location, Asset }
    /// Why an asset must not be touched.
    HoldKindName = HoldKind { Legal, Quarantine, Reservation, Investigation, Sponsor }
    /// By what a scanned code was recognised.
    MatchedBy = Matched { Tag, Serial, Identifier }
    /// How far a piece of a purchase order is.
    PieceState = UnitState { Expected, Shipped, Received, Cancelled }
    /// What sort of place.
    PlaceKind = LocationKind {
        Campus, Building, Floor, Room, Rack, Cabinet, Cart, Stockroom, Vehicle, OffCampus, Home, LeasedFacility, Datacenter,
    }
    /// What a room is for.
    RoomUseName = RoomUse { Classroom, TeachingLab, ResearchLab, Office, AvBooth, Network, Storage, Public }
    /// How somebody belongs to the organization.
    AffiliationName = Affiliation { Faculty, Staff, Student, Affiliate, Contractor }
    /// What a licence lets people do.
    SeatState = SeatCore { Pending, Active, Grace, Suspended }
    /// Whether somebody is there.
    PersonStatusName = PersonStatus { Active, Leave, Separated }
    /// What sort of unit.
    UnitKindName = UnitKind { Institution, Campus, College, School, Department, Centre, Lab, Service }
    /// A role.
    RoleName = Role { OrgAdmin, UnitAdmin, Custodian, Technician, Procurement, Auditor, Requester, Integration }
    /// Whether a device is under management.
    MdmStatus = Status { PreEnrolled, Enrolled, Unenrolled }
    /// How something came in.
    SurfaceName = Surface { Web, Api, Mobile, Slack, Teams, Webhook, Import, System }
    /// What system a phone runs.
    PlatformName = Platform { Ios, Android }
}
