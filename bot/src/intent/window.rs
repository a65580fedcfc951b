//! Stretches of days, resolved against today when a question is read.

use habeo_core::time::Day;
use serde::{Deserialize, Serialize};

/// A date of an asset within a stretch of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// Which date.
    pub of: DateOf,
    /// The first day that counts; from the beginning when none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Day>,
    /// The last day that counts; without end when none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Day>,
}

/// Which date of an asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOf {
    /// The day it was bought.
    Bought,
    /// The last day of its warranty.
    WarrantyEnds,
    /// When it was last seen. What was never seen counts as seen before everything.
    Seen,
    /// When its loan ends.
    Due,
    /// Since when it has been in its state.
    StateSince,
    /// When its record last changed.
    Changed,
}
