//! The reads of a scan without HTTP: the same statements in the same transaction on a pool with the same settings, in one process.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use habeo_core::access::{Access, Surface};
use habeo_core::asset::search::{self, Scanned};
use habeo_core::org;
use habeo_core::unit::scope::Scope;
use habeo_server::node::{Node, Purpose};
use tokio::task::JoinSet;

use crate::load::{Bounds, Samples, micros};
use crate::place::Place;
use crate::plan::{self, Dice};

/// Scans at random, so many at once.
pub async fn scans(place: &Place, assets: u32, bounds: Bounds) -> anyhow::Result<Samples> {
    let node = Node::open(&place.config()?, Purpose::Serving).await?;
    let db = node.ledger.db().clone();
    let org = org::store::by_slug(&db, plan::SLUG)
        .await?
        .context("the organization is missing")?;
    let access = Access::system(org, Surface::Api);
    let left = Arc::new(AtomicUsize::new(bounds.requests));
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    for i in 0..bounds.connections {
        let (db, access, left) = (db.clone(), access.clone(), Arc::clone(&left));
        let mut dice = Dice::new(u64::try_from(i)? << 32);
        tasks.spawn(async move {
            let mut taken = Vec::new();
            while begun.elapsed() < bounds.time_max
                && left
                    .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1))
                    .is_ok()
            {
                let tag = plan::tag(dice.below(assets));
                let asked = Instant::now();
                let mut tx = db.read(&access).await?;
                let found = search::scan(&mut tx, &access, &Scope::Whole, tag.as_str()).await?;
                drop(tx);
                taken.push(micros(asked.elapsed()));
                anyhow::ensure!(
                    matches!(found, Scanned::One(_)),
                    "{} is missing",
                    tag.as_str()
                );
            }
            Ok(taken)
        });
    }
    let mut all = Vec::new();
    while let Some(taken) = tasks.join_next().await {
        all.extend(taken??);
    }
    let elapsed: Duration = begun.elapsed();
    db.close().await;
    Ok(Samples::new(all, elapsed))
}
