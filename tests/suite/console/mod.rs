//! The console: signing in and out, forms that only our pages send, integrations, digests, and linking chat accounts.

mod browser;
mod digests;
mod forms;
mod integrations;
mod link;
mod personas;
mod sessions;
