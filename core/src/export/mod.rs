//! Exports: whole lists that left, as facts. An export is recorded before its first byte leaves, and once more when the last one has.

pub mod cell;
pub mod command;
pub mod event;

use crate::closed_set::closed_set;

closed_set! {
    /// What was exported.
    List {
        /// Assets.
        Assets = "assets",
        /// The history of one asset.
        AssetHistory = "asset_history",
        /// People.
        People = "people",
        /// Sites.
        Sites = "sites",
        /// Units.
        Units = "units",
    }
}
