//! What the core promises, on both engines.

mod ledger;
