//! The assets within the visitor's reach: the list with its search, filters and columns, its file, and what a scanner reads.

mod columns;
pub(super) mod list;
pub(super) mod scan;
mod wanted;
