//! Delivers what the outbox holds: a worker that claims parcels, hands each to the courier of its channel, and settles it.
//!
//! Every channel has a carrier of its own with places of its own, so that an outage of one receiver keeps no other waiting. Organisations have
//! their turn one after the other, and none ever holds all places. No courier is asked while a transaction is open; one that panics, hangs or
//! fails has failed at one attempt and at nothing else. Beside the carriers goes the upkeep: what is sent because of the hour, and what is
//! forgotten. Couriers that belong to no chat and no receiver of reports live here: [`push`].
//!
//! Deliveries to endpoints are many, and go another way: [`webhook`].

mod carrier;
mod courier;
mod figures;
mod forgetting;
mod hours;
pub mod push;
mod share;
mod upkeep;
pub mod webhook;
mod worker;

pub use upkeep::Upkeep;
pub use worker::{Running, Settings, Worker};
