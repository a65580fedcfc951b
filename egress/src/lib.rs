//! The one door through which Habeo speaks to the outside: a guarded HTTP client.
//!
//! Addresses come from users, from vendors and from activities that somebody signed. None of them may lead into the network that Habeo stands
//! in. So an address passes three checks, before every attempt: its form ([`Target`]), the addresses its name means ([`Resolve`]), and the peer
//! that answered. The name is looked up once, and the connection is made to the very addresses that were checked: there is no second look-up
//! that could say something else.
//!
//! ```no_run
//! # use std::sync::Arc;
//! # use habeo_core::{id::OrgId, time::SystemClock};
//! # use habeo_egress::{Egress, EgressError, Lane, Settings};
//! # async fn example(org: OrgId, token: secrecy::SecretString) -> Result<(), Box<dyn std::error::Error>> {
//! let egress = Egress::new(Settings::new(Arc::new(SystemClock)));
//! let target = egress.target("https://slack.com/api/chat.postMessage")?;
//! let answer = egress
//!     .post(Lane::Organization(org), &target)
//!     .bearer(&token)
//!     .json(&serde_json::json!({"channel": "C1", "text": "hello"}))
//!     .send()
//!     .await?;
//! let body: serde_json::Value = answer.json()?;
//! # Ok(()) }
//! ```
//!
//! What is deliberately absent: redirects, proxies, cookies, decompression, HTTP/2, repetition, and a way around the checks. A private address
//! is reached by an entry of the [`AllowList`] alone, which the operator writes.

mod address;
mod allow;
mod answer;
mod client;
mod error;
mod excerpt;
mod lane;
mod own;
mod port;
mod request;
mod resolve;
mod retry_after;
mod target;
#[cfg(test)]
mod tests;
mod tls;

pub use allow::{AllowList, NotAnEntry};
pub use answer::Answer;
pub use client::{Egress, Settings};
pub use error::{EgressError, Refusal, Stage};
pub use lane::Lane;
pub use request::{
    ANSWER_BYTES_DEFAULT, ANSWER_BYTES_MAX, DEADLINE_DEFAULT, DEADLINE_MAX, Request,
};
pub use resolve::{Found, Resolve, SystemResolver};
pub use retry_after::RETRY_AFTER_MAX;
pub use target::{Target, URL_CHARS_MAX};
