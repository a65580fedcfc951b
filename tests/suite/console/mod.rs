//! The console: signing in and out, forms that only our pages send, the record and its audit, integrations, connections, digests, cases and hand-overs, files of lists, and linking chat accounts.

mod approvals;
mod assets;
mod audit;
pub(crate) mod browser;
mod connections;
mod devices;
mod digests;
mod exports;
mod forms;
mod integrations;
mod link;
mod personas;
mod programs;
mod records;
mod sessions;
mod tickets;
mod unscripted;
mod webhooks;
