//! The caller.

use super::common::UnitName;
use super::names::{RoleName, SeatState};
use habeo_core::seat::Standing;
use habeo_surface::nullable::Nullable;
use habeo_surface::wire::Instant;
use poem_openapi::Object;
use uuid::Uuid;

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
    /// The organization's licence, for its administrators; null where it has none, and for everybody else.
    pub seat: Nullable<SeatView>,
}

/// The licence of an organization.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct SeatView {
    /// What it lets people do: once it is suspended they read and change nothing.
    pub state: SeatState,
    /// How many seats there are.
    pub quantity: Nullable<i64>,
    /// How many people may sign in.
    pub in_use: i64,
    /// Whether that is more than there are seats. Nobody is turned away for it.
    pub over_limit: bool,
    /// Until when it is paid for.
    pub period_end: Nullable<Instant>,
    /// Until when a missing payment is borne.
    pub grace_until: Nullable<Instant>,
}

impl From<Standing> for SeatView {
    fn from(standing: Standing) -> Self {
        Self {
            state: standing.state.into(),
            quantity: standing.seat.quantity.into(),
            in_use: standing.in_use,
            over_limit: standing.is_over_limit(),
            period_end: standing.seat.period_end.map(Instant::from).into(),
            grace_until: standing.seat.grace_until.map(Instant::from).into(),
        }
    }
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
