//! What is done by the hour: documents that nobody has read are read, and what was kept long enough is forgotten.

use std::time::Duration;

use habeo_core::access::{Access, Surface};
use habeo_core::page::Limit;
use habeo_core::store::StoreResult;
use habeo_core::{org, punchout};
use tokio::time::{Instant, sleep};

use crate::desk::Punchout;
use crate::documents::settle_all;

/// How often what was taken in and not read is looked for.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// How often what was kept long enough is forgotten.
const FORGET_EVERY: Duration = Duration::from_hours(1);

/// Makes its rounds until it is told to stop. Two nodes that do so at once do each other no harm: both commands change nothing twice.
pub async fn run(desk: Punchout, stopping: impl Future<Output = ()>) {
    let rounds = rounds(&desk);
    tokio::select! {
        () = stopping => {}
        () = rounds => {}
    }
}

async fn rounds(desk: &Punchout) {
    let mut forgotten: Option<Instant> = None;
    loop {
        let due = forgotten.is_none_or(|at| at.elapsed() >= FORGET_EVERY);
        match round(desk, due).await {
            Ok(()) if due => forgotten = Some(Instant::now()),
            Ok(()) => {}
            Err(error) => tracing::warn!(%error, "purchases are not looked after for now"),
        }
        sleep(LOOK_EVERY).await;
    }
}

/// One round over every organisation. What fails of one keeps no other waiting.
pub async fn round(desk: &Punchout, forgets: bool) -> StoreResult<()> {
    if desk.ledger().stopped_because().is_some() {
        return Ok(());
    }
    for (org, _) in org::store::all(desk.ledger().db()).await? {
        let access = Access::system(org, Surface::System);
        if let Err(error) = of_one(desk, &access, forgets).await {
            tracing::warn!(%error, org.id = %org, "purchases of an organization are not looked after for now");
        }
    }
    Ok(())
}

async fn of_one(desk: &Punchout, access: &Access, forgets: bool) -> StoreResult<()> {
    settle_all(desk, access, Limit::default()).await?;
    if forgets {
        punchout::store::forget_due(desk.ledger(), access).await?;
    }
    Ok(())
}
