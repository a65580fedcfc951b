//! Procurement: the documents that go to suppliers' systems and come from them, and the doors by which they do.
//!
//! One half knows documents and nothing else: no database, no network, no clock. [`form::open`] finds the document in what a browser posted;
//! [`cxml`] reads and writes its kinds; [`oci`] is the other protocol of catalogues; [`notice_csv`] reads shipments from tables.
//!
//! The other half speaks HTTP, and is the only one that does: [`start`] goes to a shop, [`back`] takes what a browser brings from there,
//! [`documents`] takes what suppliers send, [`courier`] sends orders, [`probe`] tests a connection. What is decided is decided by core; each of
//! these is a function that the console calls as the doors do ([`route`]).
//!
//! What is refused is only what would have to be guessed: a session, an item, a quantity, a price, a currency. Everything else is a warning,
//! shown to people. Errors and warnings have stable names ([`code::Code`]) and places ([`finding::Finding`]).

pub mod back;
mod carried;
pub mod code;
pub mod courier;
pub mod cxml;
pub mod described;
pub mod desk;
pub mod documents;
pub mod entities;
pub mod exact;
mod exchange;
pub mod fault;
pub mod finding;
pub mod form;
mod kept;
pub mod limits;
pub mod moment;
pub mod notice_csv;
pub mod oci;
mod outgoing;
mod page;
pub mod probe;
pub mod redact;
pub mod route;
mod sendable;
pub mod simulator;
pub mod start;
pub mod stop;
pub mod unit;
pub mod unspsc;
pub mod upkeep;

#[cfg(test)]
mod tests;
