//! What leaves: the shapes of `/api/v1`. Every member is always there; what is not known is null.

mod asset;
mod common;
mod history;
pub mod ledger;
mod me;
mod names;
mod person;
mod purchase;
mod push;
mod scan;
mod site;
mod ticket;
mod unit;

pub use asset::{AssetView, AssignmentView, LocationView, MdmView, ModelName, TargetView};
pub use common::{Named, UnitName};
pub use history::{ActorView, HistoryEntry};
pub use me::{MeView, Organization, SeatView, User};
pub use names::{
    AffiliationName, AssetCondition, AssetState, AssignmentKindName, HoldKindName, MatchedBy,
    MdmStatus, NoticeSort, PersonStatusName, PieceState, PlaceKind, PlatformName, RoleName,
    RoomUseName, SeatState, SurfaceName, TargetKindName, UnitKindName,
};
pub use person::PersonView;
pub use purchase::{AssetDetailView, PriceView, PurchaseView, ShipmentView};
pub use push::{
    NoticePreference, NoticePreferences, NoticePreferencesBody, RegisterPushBody, RegisteredPush,
};
pub use scan::{HoldView, ScanView};
pub use site::{Building, Room, SiteCounts, SiteDetail, SiteView};
pub use ticket::{
    ProviderName, TicketAsset, TicketParty, TicketPerson, TicketPriority, TicketState,
    TicketStateFilter, TicketType, TicketUnlinked, TicketView,
};
pub use unit::UnitView;
