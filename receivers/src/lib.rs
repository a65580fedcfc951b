//! What other systems report in by signed webhooks: device management, help desks, the identity provider and billing.
//!
//! Every report takes the same way: a bounded number of bytes → whose connection → its proof → its time → stored sealed and durably →
//! answered → read → a command to the ledger. Nothing vendor-shaped leaves this crate: [`mdm`] and [`itsm`] turn what came in into
//! [`habeo_core::device::report::Report`] and [`habeo_core::ticket::report::Report`]. What somebody else wrote is a claim, never an order.
//!
//! [`admit::admit`] is the door, before anything is stored; `mdm::read` and `itsm::read` are for what was stored. Both are pure.

pub mod admit;
mod answer;
pub mod clerk;
mod document;
pub mod door;
mod gates;
pub mod itsm;
mod json;
pub mod letter;
pub mod mdm;
mod placing;
pub mod reception;
mod refusals;
pub mod signature;
pub mod stripe;
pub mod svix;
pub mod templates;
mod text;
mod times;
pub mod verify;
pub mod work;
pub mod xml;

#[cfg(test)]
mod tests;
