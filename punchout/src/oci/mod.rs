//! SAP's Open Catalog Interface, 4.0 and 5.0: a form that opens a shop, and a form that comes back. The cart is the same as cXML's.
//!
//! There is no cookie: the session is known by what [`CallUp::hook_url`] has in it, best in its path.

mod call_up;
mod item;
mod returned;

pub use self::call_up::{CallUp, Function};
pub use self::returned::{Returned, open, read};
