//! What commands want to have been loaded before they are decided: for one of them, or for all that wait, at once.

use std::collections::HashSet;

use super::work::Desk;
use crate::asset::mentioned::Mentioned;
use crate::asset::world::World;
use crate::idempotency::Name;
use crate::store::{StoreResult, Tx};

/// What is wanted.
#[derive(Debug, Default)]
pub struct Wanted {
    pub(crate) assets: Mentioned,
    pub(crate) answers: HashSet<Name>,
}

impl Wanted {
    /// Puts it on the desk.
    pub(super) async fn load(self, tx: &mut Tx, desk: &mut Desk) -> StoreResult<()> {
        let org = desk.access.org();
        if !self.assets.is_empty() {
            desk.world = World::load(tx, org, &mut desk.assets, self.assets).await?;
        }
        desk.answers.load(tx, org, self.answers).await
    }
}
