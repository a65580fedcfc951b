//! The console: signing in and out, forms that only our pages send, integrations, digests, files of lists, and linking chat accounts.

mod browser;
mod digests;
mod exports;
mod forms;
mod integrations;
mod link;
mod personas;
mod sessions;
mod tickets;
