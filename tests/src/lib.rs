//! What the suites are made of: databases of both engines, a browser, and builders of a small college.

pub mod app;
pub mod axe;
pub mod browser;
pub mod builders;
mod clones;
pub mod connections;
pub mod database;
pub mod evidence;
pub mod expo;
pub mod issuer;
pub mod market;
pub mod meter;
pub mod model;
mod postgres;
pub mod raw;
pub mod reports;
pub mod sink;
pub mod slack;
pub mod tab;
pub mod teams;
pub mod unkind;

use std::fmt::Debug;

/// The answer, or the end of the test: for what only a broken program refuses.
///
/// # Panics
///
/// When there is no answer.
#[track_caller]
pub fn must<T, E: Debug>(result: Result<T, E>) -> T {
    match result {
        Ok(answer) => answer,
        Err(error) => panic!("{error:?}"),
    }
}
