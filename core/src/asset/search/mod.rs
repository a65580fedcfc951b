//! Finding assets: lists with filters, the tiers of a search, and what a scanned code means.

mod filter;
mod list;
mod scan;
mod tiers;

pub use filter::Filter;
pub(super) use filter::Resolved;
pub use list::page;
pub use scan::{Found, Matched, ScanRefusal, Scanned, scan};
pub use tiers::{Quest, search};
