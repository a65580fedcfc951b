//! The console: signing in and out, forms that only our pages send, integrations, connections, digests, cases and hand-overs, files of lists, and linking chat accounts.

pub(crate) mod browser;
mod connections;
mod devices;
mod digests;
mod exports;
mod forms;
mod integrations;
mod link;
mod personas;
mod sessions;
mod tickets;
