//! What Habeo knows: a college's assets, who holds them, where they are, and the ledger that proves it.
//!
//! Every change enters through one door, [`ledger::Ledger::record`]: a command is validated by its types, carried out by its noun inside
//! one transaction, and leaves facts behind, each a leaf of the organisation's Merkle tree. Tables are projections of those facts. Every
//! read takes an [`access::Access`], which only verified credentials make; what it does not reach does not exist.
//!
//! This crate knows nothing of HTTP, of vendors' protocols or of the process it runs in: time, randomness and configuration are given to it.
//! Each noun is a folder with the same files: types, `command`, `decide`, `event`, `project`, `store`.

pub mod access;
pub mod api_key;
pub mod app;
pub mod app_client;
pub mod app_install;
pub mod approval;
pub mod asset;
pub mod catalogue;
pub mod chat;
pub mod chat_conversation;
pub mod chat_link;
pub(crate) mod closed_set;
pub mod confirm;
pub mod connection;
pub mod conversation;
pub mod device;
pub mod digest;
pub mod emitted;
pub mod endpoint;
pub mod exact;
pub mod explain;
pub mod export;
pub mod grant;
pub mod id;
pub mod idempotency;
pub mod identity;
pub mod import;
pub mod inbox;
pub mod install;
pub mod installation;
pub mod lease;
pub mod ledger;
pub mod location;
pub mod measure;
pub mod money;
pub mod notice;
pub mod oauth;
pub mod opaque;
pub mod order;
pub mod org;
pub mod outbox;
pub mod page;
pub mod person;
pub mod punchout;
pub mod push_device;
pub mod random;
pub mod requisition;
pub mod seat;
pub mod secret;
pub mod session;
pub mod store;
pub mod supplier;
pub mod text;
pub mod ticket;
pub mod time;
pub mod unit;
pub mod unplaced;
pub mod web_session;
pub mod zone;

pub use closed_set::NotAMember;
