//! The console: signing in and out, forms that only our pages send, integrations, and linking chat accounts.

mod browser;
mod forms;
mod integrations;
mod link;
mod sessions;
