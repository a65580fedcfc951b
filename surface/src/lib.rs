//! What every HTTP surface shares, and the only crate that knows status codes.
//!
//! A request passes [`edge`] first: it gets an id, is held against the bounds of `security.md`, and whatever comes back, an answer,
//! a refusal, a framework error or a panic, leaves with the same headers and in one spelling of failure, the [`problem`]. Inside, a
//! handler names [`caller::Caller`] in its signature; holding one is proof that a token was verified, that the session is inside
//! its rate, and that core knows the person. Bodies come in through [`body::StrictJson`], lists go out through [`paging`].
//!
//! Nothing here reads the environment, the system's clock or its randomness: all three are parameters.

pub mod body;
pub mod caller;
pub mod catalogue;
pub mod conditional;
pub mod edge;
pub mod limit;
pub mod nullable;
pub mod openapi;
pub mod paging;
pub mod problem;
pub mod reference;
pub mod token;
pub mod wire;

pub use caller::Caller;
pub use problem::{ApiResult, Problem};
