//! An order while something is done to it: as it is after every fact so far, with its assets.

use std::collections::HashMap;

use super::decide::{AssetAct, AssetNow, Decided};
use super::event::{OrderEvent, Placed};
use super::{Order, Refusal, project, store};
use crate::access::{Access, Action};
use crate::asset;
use crate::asset::command::{Act, Command};
use crate::asset::steps;
use crate::id::{AssetId, EventId, OrderId};
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{Failure, Work};
use crate::store::{StoreError, StoreResult};
use crate::unit::scope;

/// An order that something is done to.
#[derive(Debug)]
pub(super) struct Aboard {
    pub order: Order,
    pub assets: HashMap<AssetId, AssetNow>,
    /// The last fact, from which what happens to assets follows.
    cause: Option<EventId>,
}

impl Aboard {
    /// An order and its assets, for Habeo itself.
    pub async fn load(work: &mut Work, id: OrderId) -> StoreResult<Option<Self>> {
        let org = work.access().org();
        // What was decided about assets so far is to be in the tables.
        work.load(crate::ledger::Wanted::default()).await?;
        let Some(order) = store::whole(work.tx(), org, id).await? else {
            return Ok(None);
        };
        let assets = store::assets(work.tx(), org, &order).await?;
        Ok(Some(Self {
            order,
            assets,
            cause: None,
        }))
    }

    /// An order of a unit in which the caller may do this. What they do not see is unknown.
    pub async fn permitted(
        work: &mut Work,
        id: OrderId,
        action: Action,
    ) -> Result<Self, Failure<Refusal>> {
        let unknown = || Failure::Refused(Refusal::Unknown);
        let access = work.access().clone();
        let aboard = Self::load(work, id).await?.ok_or_else(unknown)?;
        let sees = scope::resolve(work.tx(), &access, Action::ReadAssets).await?;
        if !sees.contains(aboard.order.unit) {
            return Err(unknown());
        }
        let may = scope::resolve(work.tx(), &access, action).await?;
        if !may.contains(aboard.order.unit) {
            return Err(Failure::Refused(Refusal::NotPermitted));
        }
        Ok(aboard)
    }

    /// One that is placed by this fact.
    pub async fn begin(work: &mut Work, id: OrderId, placed: Placed) -> StoreResult<Self> {
        let unit = placed.unit;
        let mut parts = OrderEvent::Placed(Box::new(placed)).parts().into_iter();
        let Some(OrderEvent::Placed(first)) = parts.next() else {
            return Err(StoreError::Inconsistent {
                table: "purchase_order",
                what: "an order of which nothing is said".to_owned(),
            });
        };
        let event = OrderEvent::Placed(first.clone());
        let fact = Fact::now(Stream::Order(id), Event::Order(event), vec![unit]);
        let recorded = work.append(&fact)?;
        let order = project::begin(work.tx(), &recorded, &first).await?;
        let mut aboard = Self {
            order,
            assets: HashMap::new(),
            cause: Some(recorded.event),
        };
        for part in parts {
            aboard.record_part(work, part).await?;
        }
        Ok(aboard)
    }

    /// Records a fact about it, in as many entries as it takes. The last of them.
    pub async fn record(&mut self, work: &mut Work, event: OrderEvent) -> StoreResult<EventId> {
        let mut last = None;
        for part in event.parts() {
            last = Some(self.record_part(work, part).await?);
        }
        last.ok_or_else(|| StoreError::Inconsistent {
            table: "purchase_order",
            what: "a fact of which nothing is said".to_owned(),
        })
    }

    async fn record_part(&mut self, work: &mut Work, event: OrderEvent) -> StoreResult<EventId> {
        let stream = Stream::Order(self.order.id);
        let units = vec![self.order.unit];
        let fact = Fact::now(stream, Event::Order(event.clone()), units);
        let recorded = work.append(&fact)?;
        project::follow(work.tx(), &recorded, &mut self.order, &event).await?;
        self.cause = Some(recorded.event);
        Ok(recorded.event)
    }

    /// Records what was decided of it, and does what follows to assets.
    pub async fn carry_out(
        &mut self,
        work: &mut Work,
        decided: Decided,
    ) -> Result<(), Failure<asset::decide::Refusal>> {
        for event in decided.events {
            self.record(work, event).await?;
        }
        // What is given up can be taken only once that is written.
        let (frees, takes): (Vec<AssetAct>, Vec<AssetAct>) =
            decided.acts.into_iter().partition(AssetAct::frees);
        for acts in [frees, takes] {
            let acts: Vec<(AssetId, Act)> = acts.iter().map(|one| (one.asset, one.act())).collect();
            self.act(work, acts).await?;
        }
        Ok(())
    }

    /// Does what follows from the order to assets: with the rights of Habeo itself, because the order was approved, and in the name of whoever
    /// caused it.
    pub async fn act(
        &self,
        work: &mut Work,
        acts: Vec<(AssetId, Act)>,
    ) -> Result<(), Failure<asset::decide::Refusal>> {
        let surface = work.access().actor().surface;
        let own = Access::system(work.access().org(), surface);
        let acts = acts.into_iter().map(|(asset, act)| (asset, act, None));
        self.act_as(work, &own, acts.collect()).await
    }

    /// Whether an asset has a serial number, as its record says.
    pub fn has_serial(&self, asset: AssetId) -> bool {
        let now = self.assets.get(&asset);
        now.is_some_and(|now| now.serial.is_some())
    }

    /// Does something to assets with the rights of somebody, each with why where they said so.
    pub async fn act_as(
        &self,
        work: &mut Work,
        access: &Access,
        acts: Vec<(AssetId, Act, Option<String>)>,
    ) -> Result<(), Failure<asset::decide::Refusal>> {
        if acts.is_empty() {
            return Ok(());
        }
        let mut actor = work.access().actor().clone();
        actor.cause = self.cause;
        let commands = acts.into_iter().map(|(asset, act, remark)| Command {
            asset,
            act,
            occurred_at: None,
            remark,
        });
        let commands: Vec<Command> = commands.collect();
        steps::carry_out_for(work, access, &actor, &commands).await?;
        Ok(())
    }
}

/// A refusal of assets as one of orders.
pub(super) fn of_asset(failure: Failure<asset::decide::Refusal>) -> Failure<Refusal> {
    match failure {
        Failure::Refused(refusal) => Failure::Refused(Refusal::Asset(refusal)),
        Failure::Store(error) => Failure::Store(error),
    }
}
