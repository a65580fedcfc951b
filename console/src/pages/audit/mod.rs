//! The ledger for auditors of the whole organization: who did what to what and when, single entries with their proof, verification, and files.

pub(super) mod entry;
pub(super) mod export;
pub(super) mod list;
mod narrow;
pub(super) mod verify;
