//! What Habeo knows.
pub mod access;
pub mod asset;
pub mod explain;
pub mod id;
pub mod page;
pub mod random;
pub mod secret;
pub mod session;
pub mod store;
pub mod text;
pub mod time;
