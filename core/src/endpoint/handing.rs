//! Handing deliveries over: what a unit of work announces goes straight to whoever delivers in this process, without being claimed first.
//!
//! A delivery that is handed over was written as taken by this process, so it needs no second transaction before it sets out. Where there
//! is no place for it at once, it is written as due, and claimed when there is.

use std::fmt;

use bytes::Bytes;
use uuid::Uuid;

use super::Form;
use crate::id::{DeliveryId, EndpointId, EventId, OrgId, RunId};
use crate::time::Timestamp;

/// A delivery that one process has, and nobody else.
#[derive(Debug, Clone)]
pub struct Leased {
    /// In which organisation.
    pub org: OrgId,
    /// Which.
    pub id: DeliveryId,
    /// To which endpoint.
    pub endpoint: EndpointId,
    /// Of which event.
    pub event: EventId,
    /// In which form.
    pub form: Form,
    /// When it was announced.
    pub enqueued_at: Timestamp,
    /// The object whose later events wait for this one, where the endpoint wants them in order.
    pub object: Option<Uuid>,
    /// The exact bytes.
    pub body: Bytes,
    /// Which attempt this is; the first is 1.
    pub attempt: u32,
    /// How many attempts there were when it was begun anew, as whoever asks for it once more does; the pauses count from there.
    pub restarted: u32,
    /// When the first attempt was; that of this one, where it is the first.
    pub first_attempt_at: Timestamp,
    /// How often the organisation's endpoints had changed when it was taken: what is known of the endpoint is at least as new.
    pub version: i64,
}

/// How many requests an endpoint's owner allows, all processes together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// The most that may be begun in a second, where they chose one.
    pub per_second: Option<u32>,
    /// The most that may be under way at once, where they chose one.
    pub at_once: Option<u32>,
}

/// A place among those that are under way. It is free again when this is dropped.
pub struct Place(Box<dyn FnOnce() + Send + Sync>);

impl Place {
    /// A place that is given back by this.
    #[must_use]
    pub fn given_back_by(give_back: impl FnOnce() + Send + Sync + 'static) -> Self {
        Self(Box::new(give_back))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let give_back = std::mem::replace(&mut self.0, Box::new(|| {}));
        give_back();
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Place")
    }
}

/// A delivery with its place.
#[derive(Debug)]
pub struct Ready {
    /// What is to be delivered.
    pub leased: Leased,
    /// Its place.
    pub place: Place,
}

/// Whoever delivers in this process.
pub trait Hand: fmt::Debug + Send + Sync {
    /// As what it takes deliveries.
    fn run(&self) -> RunId;

    /// A place for one more delivery to this endpoint, if one is free at this moment within what its owner allows.
    fn place(&self, org: OrgId, endpoint: EndpointId, limits: Limits) -> Option<Place>;

    /// Takes deliveries that have become durable.
    fn take(&self, ready: Vec<Ready>);

    /// Something is due that nobody has taken.
    fn look(&self);
}
