//! Units: the tree of colleges, schools and departments that owns everything and along which rights are given.

pub mod command;
pub mod event;
pub(crate) mod project;
pub mod scope;
pub mod store;

use crate::closed_set::closed_set;
use crate::id::UnitId;

/// The deepest level of the tree; the root is level 0.
pub const DEPTH_MAX: u8 = 12;

/// The code of every organisation's root unit.
pub const ROOT_CODE: &str = "ROOT";
/// The code of the unit that takes in what has no owner yet.
pub const UNASSIGNED_CODE: &str = "UNASSIGNED";

closed_set! {
    /// What sort of unit it is.
    UnitKind {
        /// The whole.
        Institution = "institution",
        /// A campus with its own administration.
        Campus = "campus",
        /// A college.
        College = "college",
        /// A school.
        School = "school",
        /// A department.
        Department = "department",
        /// A research centre.
        Centre = "centre",
        /// A laboratory.
        Lab = "lab",
        /// A service to the others.
        Service = "service",
    }
}

/// A unit as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Unit {
    /// Its id.
    pub id: UnitId,
    /// Its place in lists.
    pub seq: i64,
    /// The unit above it.
    pub parent_id: Option<UnitId>,
    /// What sort it is.
    pub kind: UnitKind,
    /// Its short name, unique in the organisation.
    pub code: String,
    /// Its name.
    pub name: String,
    /// How far below the root; the root is 0.
    pub depth: i64,
}
