//! What people set up for their own programs.

pub(super) mod api;
pub(super) mod keys;
