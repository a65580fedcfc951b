//! Finding assets: lists with filters and orders, how many there are, the tiers of a search, and what a scanned code means.

mod count;
mod filter;
mod list;
mod narrow;
mod scan;
mod sorted;
mod tiers;

pub use count::{Dimension, Group, Key, count, count_by};
pub use filter::Filter;
pub(super) use filter::Resolved;
pub use list::page;
pub use narrow::{Held, Lack, Narrow, Span};
pub use scan::{Found, Matched, ScanRefusal, Scanned, scan};
pub use sorted::{NAMED_MAX, Sort, SortKey, Sorted, page_sorted};
pub use tiers::{Quest, search};
