//! A small supplier that speaks the suppliers' protocols over HTTP: for tests over loopback, and for whoever wants to try Habeo without a supplier.
//!
//! It shares nothing with our own readers and writers of documents, so that a mistake of ours is not made here as well; where the guide leaves no
//! doubt it is stricter than most suppliers. What they do wrong it does when it is told to ([`Quirk`]).
//!
//! Everything is kept in memory, within bounds, and is gone when it ends. Whoever reaches its pages may use them: it belongs on loopback.

mod cart;
pub mod catalogue;
pub mod confirm;
mod decimal;
mod door;
mod element;
mod envelope;
mod form;
pub mod invoice;
mod oci;
mod order;
mod pages;
mod profile;
mod quirk;
mod receive;
mod running;
mod send;
mod session;
mod settings;
mod setup;
pub mod ship;
mod strict;
#[cfg(test)]
mod tests;
mod vendor;

pub use cart::Leaving;
pub use decimal::{Decimal, NotADecimal};
pub use form::{CartForm, Posted};
pub use order::{Order, OrderLine};
pub use quirk::{NotAQuirk, Quirk};
pub use running::{NotStarted, Running, Simulator};
pub use send::{NotSent, Outcome, Sent};
pub use session::{Line, NotAdded, Origin, Session};
pub use settings::{Encoding, Identity, Operation, PORT, Settings};
pub use vendor::Received;
