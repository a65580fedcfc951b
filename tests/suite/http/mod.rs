//! The surface as its callers meet it: the whole server over both engines.

mod api;
mod auth;
mod contract;
mod devices;
mod hostile;
mod keys;
mod ledger;
mod limits;
mod operations;
mod proper;
mod push;
mod ready;
mod tenancy;
mod tickets;
mod tokens;
#[cfg(feature = "without-org-filter")]
mod unfiltered;
mod wire;
mod world;
