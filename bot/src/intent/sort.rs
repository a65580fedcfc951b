//! Orders of lists and ways to break a number down.

use serde::{Deserialize, Serialize};

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sort {
    /// By what.
    pub by: SortKey,
    /// Whether the highest, latest or last comes first.
    #[serde(default)]
    pub descending: bool,
}

/// What a list is ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SortKey {
    /// The day it was bought: ascending is oldest first.
    Bought,
    /// What it cost.
    Cost,
    /// When it was last seen.
    Seen,
    /// When it is due.
    Due,
    /// When its warranty ends.
    WarrantyEnds,
    /// Its tag.
    Tag,
    /// Its model.
    Model,
    /// Its unit.
    Unit,
    /// Its place.
    Place,
    /// Its state.
    State,
    /// Its holder.
    Holder,
}

/// What a number is broken down by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dimension {
    /// The owning unit.
    Unit,
    /// The college or division above the owning unit.
    College,
    /// The site.
    Site,
    /// The building.
    Building,
    /// The room.
    Room,
    /// The category.
    Category,
    /// The maker.
    Maker,
    /// The model.
    Model,
    /// The state.
    State,
    /// Whoever has it.
    Holder,
    /// The year it was bought.
    Year,
}

/// Which group of a breakdown is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Extreme {
    /// The largest.
    Most,
    /// The smallest.
    Fewest,
}
