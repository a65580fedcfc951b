//! What leaves: the shapes of `/api/v1`. Every member is always there; what is not known is null.

pub mod ledger;

use habeo_core::access::{Role, Surface};
use habeo_core::asset::search::{Found, Matched};
use habeo_core::asset::store::AssetDetail;
use habeo_core::asset::{AssignmentKind, Condition, HoldKind, State, TargetKind};
use habeo_core::id::PersonId;
use habeo_core::ledger::audit;
use habeo_core::location::store::Counts;
use habeo_core::location::{Location, LocationKind, RoomUse};
use habeo_core::person::{Affiliation, Person, PersonStatus};
use habeo_core::push_device::Platform;
use habeo_core::push_device::command::Registered;
use habeo_core::unit::{Unit, UnitKind};
use habeo_surface::nullable::Nullable;
use habeo_surface::wire::{CivilDay, Instant};
use poem_openapi::types::Any;
use poem_openapi::{Enum, Object};
use serde_json::Value;
use uuid::Uuid;

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

wire_enum! {
    /// Where an asset is in its life.
    AssetState = State {
        Ordered, Received, InStock, InUse, OnLoan, InTransit, InRepair, Missing, Retired, Surplus, Disposed, Void,
    }
    /// What shape an asset is in.
    AssetCondition = Condition { New, Good, Fair, Poor, Inoperable, Unknown }
    /// On what terms somebody has an asset.
    AssignmentKindName = AssignmentKind { Permanent, Shared, Loan, Room, Temporary }
    /// Who or what has an asset.
    TargetKindName = TargetKind { Person, Unit, Location, Asset }
    /// Why an asset must not be touched.
    HoldKindName = HoldKind { Legal, Quarantine, Reservation, Investigation, Sponsor }
    /// By what a scanned code was recognised.
    MatchedBy = Matched { Tag, Serial, Identifier }
    /// What sort of place.
    PlaceKind = LocationKind {
        Campus, Building, Floor, Room, Rack, Cabinet, Cart, Stockroom, Vehicle, OffCampus, Home, LeasedFacility, Datacenter,
    }
    /// What a room is for.
    RoomUseName = RoomUse { Classroom, TeachingLab, ResearchLab, Office, AvBooth, Network, Storage, Public }
    /// How somebody belongs to the organization.
    AffiliationName = Affiliation { Faculty, Staff, Student, Affiliate, Contractor }
    /// Whether somebody is there.
    PersonStatusName = PersonStatus { Active, Leave, Separated }
    /// What sort of unit.
    UnitKindName = UnitKind { Institution, Campus, College, School, Department, Centre, Lab, Service }
    /// A role.
    RoleName = Role { OrgAdmin, UnitAdmin, Custodian, Technician, Procurement, Auditor, Requester, Integration }
    /// How something came in.
    SurfaceName = Surface { Web, Api, Mobile, Slack, Teams, Webhook, Import, System }
    /// What system a phone runs.
    PlatformName = Platform { Ios, Android }
}

/// Who the caller is.
#[derive(Debug, Object)]
pub struct MeView {
    /// The person.
    pub user: User,
    /// Their active organization.
    pub organization: Organization,
    /// The strongest role they hold in it.
    pub role: RoleName,
    /// The topmost units whose assets they see.
    pub units: Vec<UnitName>,
}

/// The person who asks.
#[derive(Debug, Object)]
pub struct User {
    /// Their id.
    pub id: Uuid,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: Nullable<String>,
}

/// An organization.
#[derive(Debug, Object)]
pub struct Organization {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Its name in addresses.
    pub slug: String,
    /// Whether everything in it is invented.
    pub sandbox: bool,
}

/// A unit by name.
#[derive(Debug, Object)]
pub struct UnitName {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
}

impl From<Unit> for UnitName {
    fn from(unit: Unit) -> Self {
        Self {
            id: unit.id.uuid(),
            name: unit.name,
        }
    }
}

/// Something with an id and a name.
#[derive(Debug, Object)]
pub struct Named {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
}

fn named(id: Option<Uuid>, name: Option<String>) -> Nullable<Named> {
    id.zip(name).map(|(id, name)| Named { id, name }).into()
}

/// A product model.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct ModelName {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Its maker's number for it.
    pub model_no: Nullable<String>,
}

/// An asset with its assignment and location.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct AssetView {
    /// Its id.
    pub id: Uuid,
    /// What is printed on its label.
    pub tag: Nullable<String>,
    /// Its maker's serial number.
    pub serial: Nullable<String>,
    /// Who made it.
    pub manufacturer: Nullable<Named>,
    /// Which product it is.
    pub model: Nullable<ModelName>,
    /// What sort of thing.
    pub category: Named,
    /// What it is.
    pub description: String,
    /// Where it is in its life.
    pub state: AssetState,
    /// Since when.
    pub state_since: Instant,
    /// What shape it is in.
    pub condition: AssetCondition,
    /// Who owns it.
    pub unit: UnitName,
    /// In whose custody it is. While it is in transit, in repair or missing, custody rests.
    pub assignment: Nullable<AssignmentView>,
    /// Where it is.
    pub location: Nullable<LocationView>,
    /// The day it was bought.
    pub acquired_on: Nullable<CivilDay>,
    /// What it cost, in minor units of `currency`.
    pub cost_minor: Nullable<i64>,
    /// ISO 4217.
    pub currency: Nullable<String>,
    /// The last day of its warranty.
    pub warranty_ends_on: Nullable<CivilDay>,
    /// When somebody last had it before their eyes.
    pub last_verified_at: Nullable<Instant>,
    /// What device management says of it.
    pub mdm: Nullable<MdmView>,
    /// When it was entered.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

/// What device management says of an asset.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct MdmView {
    /// Which system.
    pub provider: String,
    /// When the device last reported to it.
    pub last_seen_at: Nullable<Instant>,
}

/// An asset's custody.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct AssignmentView {
    /// On what terms.
    pub kind: AssignmentKindName,
    /// Who or what has it.
    pub target: TargetView,
    /// Since when.
    pub from: Instant,
    /// Until when it is lent.
    pub due_at: Nullable<Instant>,
    /// Whether custody rests.
    pub suspended: bool,
}

/// Who or what has an asset.
#[derive(Debug, Object)]
pub struct TargetView {
    /// What sort.
    #[oai(rename = "type")]
    pub kind: TargetKindName,
    /// Which one.
    pub id: Uuid,
    /// By name.
    pub name: String,
}

/// Where an asset is.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct LocationView {
    /// The place.
    pub id: Uuid,
    /// By name.
    pub name: String,
    /// The names from the site down to it.
    pub path: String,
    /// Its site.
    pub site_id: Uuid,
}

impl From<AssetDetail> for AssetView {
    fn from(asset: AssetDetail) -> Self {
        let assignment = assignment(&asset);
        let location = match (
            asset.location_id,
            asset.site_id,
            asset.location_name,
            asset.location_path,
        ) {
            (Some(id), Some(site), Some(name), Some(path)) => Some(LocationView {
                id: id.uuid(),
                name,
                path,
                site_id: site.uuid(),
            }),
            _ => None,
        };
        let model = asset
            .model_id
            .zip(asset.model_name)
            .map(|(id, name)| ModelName {
                id: id.uuid(),
                name,
                model_no: asset.model_no.into(),
            });
        Self {
            id: asset.id.uuid(),
            tag: asset.tag.into(),
            serial: asset.serial.map(String::from).into(),
            manufacturer: named(
                asset
                    .manufacturer_id
                    .map(habeo_core::id::ManufacturerId::uuid),
                asset.manufacturer_name,
            ),
            model: model.into(),
            category: Named {
                id: asset.category_id.uuid(),
                name: asset.category_name,
            },
            description: asset.description,
            state: asset.state.into(),
            state_since: asset.state_since.into(),
            condition: asset.condition.into(),
            unit: UnitName {
                id: asset.owning_unit_id.uuid(),
                name: asset.owning_unit_name,
            },
            assignment: assignment.into(),
            location: location.into(),
            acquired_on: asset.acquired_on.map(CivilDay::from).into(),
            cost_minor: asset.cost_minor.into(),
            currency: asset.currency.into(),
            warranty_ends_on: asset.warranty_ends_on.map(CivilDay::from).into(),
            last_verified_at: asset.last_verified_at.map(Instant::from).into(),
            mdm: Nullable(None),
            created_at: asset.created_at.into(),
            updated_at: asset.updated_at.into(),
        }
    }
}

fn assignment(asset: &AssetDetail) -> Option<AssignmentView> {
    Some(AssignmentView {
        kind: asset.assignment_kind?.into(),
        target: TargetView {
            kind: asset.target_kind?.into(),
            id: asset.target_id?,
            name: asset.target_name.clone().unwrap_or_default(),
        },
        from: asset.assigned_from?.into(),
        due_at: asset.due_at.map(Instant::from).into(),
        suspended: asset.suspended.unwrap_or(false),
    })
}

/// An asset that a scan found.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct ScanView {
    /// The asset.
    #[oai(flatten)]
    pub asset: AssetView,
    /// By what it was recognised.
    pub matched_by: MatchedBy,
    /// The holds that are placed on it.
    pub holds: Vec<HoldView>,
}

/// A hold that is placed on an asset.
#[derive(Debug, Object)]
pub struct HoldView {
    /// Why.
    pub kind: HoldKindName,
    /// Since when.
    pub from: Instant,
}

impl From<Found> for ScanView {
    fn from(found: Found) -> Self {
        let hold = |(kind, from): (HoldKind, habeo_core::time::Timestamp)| HoldView {
            kind: kind.into(),
            from: from.into(),
        };
        Self {
            asset: found.asset.into(),
            matched_by: found.matched.into(),
            holds: found.holds.into_iter().map(hold).collect(),
        }
    }
}

/// One fact about an asset.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct HistoryEntry {
    /// Its event id.
    pub id: Uuid,
    /// What happened, such as `asset.deployed`.
    #[oai(rename = "type")]
    pub kind: String,
    /// When it happened.
    pub occurred_at: Instant,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// Who did it.
    pub actor: ActorView,
    /// How it came in.
    pub surface: SurfaceName,
    /// The request, where there was one.
    pub request_id: Nullable<String>,
    /// What was written about it.
    pub remark: Nullable<String>,
    /// The fact itself; its members depend on `type`.
    pub payload: Any<Value>,
}

/// Who did something.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct ActorView {
    /// The person; null when Habeo itself or its operator did it.
    pub person_id: Nullable<Uuid>,
    /// Their name, where you may know it.
    pub name: Nullable<String>,
    /// The role they acted in.
    pub role: RoleName,
}

impl HistoryEntry {
    /// An entry with its actor as far as the reader may know them.
    #[must_use]
    pub fn new(entry: audit::Entry, person: Option<PersonId>, name: Option<String>) -> Self {
        Self {
            id: entry.event_id.uuid(),
            kind: entry.kind,
            occurred_at: entry.occurred_at.into(),
            recorded_at: entry.recorded_at.into(),
            actor: ActorView {
                person_id: person.map(PersonId::uuid).into(),
                name: name.into(),
                role: entry.actor.role.into(),
            },
            surface: entry.surface.into(),
            request_id: entry.request_id.into(),
            remark: entry.remark_text.into(),
            payload: Any(entry.payload),
        }
    }
}

/// A person.
#[derive(Debug, Object)]
pub struct PersonView {
    /// Their id.
    pub id: Uuid,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: Nullable<String>,
    /// How they belong.
    pub affiliation: AffiliationName,
    /// Whether they are there.
    pub status: PersonStatusName,
    /// Their unit.
    pub unit: UnitName,
}

impl From<Person> for PersonView {
    fn from(person: Person) -> Self {
        Self {
            id: person.id.uuid(),
            name: person.display_name,
            email: person.email.into(),
            affiliation: person.affiliation.into(),
            status: person.status.into(),
            unit: UnitName {
                id: person.home_unit_id.uuid(),
                name: person.home_unit_name,
            },
        }
    }
}

/// A site.
#[derive(Debug, Object)]
pub struct SiteView {
    /// Its id.
    pub id: Uuid,
    /// Its short name.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What sort of place.
    pub kind: PlaceKind,
    /// IANA time zone.
    pub timezone: Nullable<String>,
    /// How much there is.
    pub counts: SiteCounts,
}

/// How much there is at a site.
#[derive(Debug, Object)]
pub struct SiteCounts {
    /// Buildings.
    pub buildings: i64,
    /// Rooms.
    pub rooms: i64,
    /// Assets you can see that are neither disposed of nor void.
    pub assets: i64,
}

impl SiteView {
    /// A site with its counts.
    #[must_use]
    pub fn new(site: Location, counts: Counts) -> Self {
        Self {
            id: site.id.uuid(),
            code: site.code,
            name: site.name,
            kind: site.kind.into(),
            timezone: site.timezone.into(),
            counts: SiteCounts {
                buildings: counts.buildings,
                rooms: counts.rooms,
                assets: counts.assets,
            },
        }
    }
}

/// A site with what is within it.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct SiteDetail {
    /// The site.
    #[oai(flatten)]
    pub site: SiteView,
    /// Its buildings.
    pub buildings: Vec<Building>,
    /// Whether every place is named; false beyond 5,000 places.
    pub places_complete: bool,
}

/// A building with its rooms.
#[derive(Debug, Object)]
pub struct Building {
    /// Its id.
    pub id: Uuid,
    /// Its short name.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its rooms, and whatever else lies in it, on all floors.
    pub rooms: Vec<Room>,
}

/// A room or another place within a building.
#[derive(Debug, Object)]
pub struct Room {
    /// Its id.
    pub id: Uuid,
    /// Its short name.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What sort of place.
    pub kind: PlaceKind,
    /// What it is for.
    #[oai(rename = "use")]
    pub room_use: Nullable<RoomUseName>,
    /// The names from the site down to it.
    pub path: String,
}

impl From<&Location> for Room {
    fn from(place: &Location) -> Self {
        Self {
            id: place.id.uuid(),
            code: place.code.clone(),
            name: place.name.clone(),
            kind: place.kind.into(),
            room_use: place.room_use.map(RoomUseName::from).into(),
            path: place.path.clone(),
        }
    }
}

/// A unit.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct UnitView {
    /// Its id.
    pub id: Uuid,
    /// The unit above it.
    pub parent_id: Nullable<Uuid>,
    /// What sort it is.
    pub kind: UnitKindName,
    /// Its short name.
    pub code: String,
    /// Its name.
    pub name: String,
    /// How far below the root; the root is 0.
    pub depth: i64,
}

impl From<Unit> for UnitView {
    fn from(unit: Unit) -> Self {
        Self {
            id: unit.id.uuid(),
            parent_id: unit.parent_id.map(habeo_core::id::UnitId::uuid).into(),
            kind: unit.kind.into(),
            code: unit.code,
            name: unit.name,
            depth: unit.depth,
        }
    }
}

/// A phone that wants notifications.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase", deny_unknown_fields)]
pub struct RegisterPushBody {
    /// The Expo push token, such as `ExponentPushToken[…]`.
    #[oai(validator(min_length = 1, max_length = 255))]
    pub token: String,
    /// What system the phone runs.
    pub platform: PlatformName,
    /// What its owner calls it.
    #[oai(validator(max_length = 100))]
    pub device_name: Option<String>,
}

/// A registered phone.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct RegisteredPush {
    /// Its id, by which it is removed.
    pub id: Uuid,
    /// Since when.
    pub registered_at: Instant,
}

impl From<Registered> for RegisteredPush {
    fn from(registered: Registered) -> Self {
        Self {
            id: registered.id.uuid(),
            registered_at: registered.registered_at.into(),
        }
    }
}
