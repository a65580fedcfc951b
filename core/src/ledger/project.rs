//! From a fact to the tables that reads use: one match, by which a rebuild is the same work as the first time.

use super::event::{Event, Recorded};
use crate::asset::project::Shelf;
use crate::store::{StoreResult, Tx};
use crate::{catalogue, grant, location, org, person, push_device, unit};

/// What facts have changed and not yet been written.
#[derive(Debug, Default)]
pub(crate) struct Projection {
    /// Assets change many times within one transaction and are written once.
    pub assets: Shelf,
}

impl Projection {
    /// Applies one fact.
    pub async fn apply(
        &mut self,
        tx: &mut Tx,
        recorded: &Recorded,
        event: &Event,
    ) -> StoreResult<()> {
        match event {
            Event::Org(event) => org::project::apply(tx, recorded, event).await,
            Event::Unit(event) => unit::project::apply(tx, recorded, event).await,
            Event::Location(event) => location::project::apply(tx, recorded, event).await,
            Event::Person(event) => person::project::apply(tx, recorded, event).await,
            Event::Grant(event) => grant::project::apply(tx, recorded, event).await,
            Event::Catalogue(event) => catalogue::project::apply(tx, recorded, event).await,
            Event::Asset(event) => self.assets.apply(recorded, event),
            Event::PushDevice(event) => push_device::project::apply(tx, recorded, event).await,
        }
    }

    /// Writes what was held back.
    pub async fn flush(&mut self, tx: &mut Tx) -> StoreResult<()> {
        self.assets.flush(tx).await
    }
}
