//! Beginning a group's transaction, which is the part that can be done again: nothing of the group has run yet.

use std::time::Duration;

use super::append::Head;
use crate::id::OrgId;
use crate::random::Random;
use crate::store::{Db, StoreError, StoreResult, Tx};

/// How often a transaction is begun anew when it collides with another.
const RETRIES_MAX: u32 = 3;
/// The first pause between two beginnings; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(5);

/// Begins a writing transaction and locks the organisation's head.
///
/// A collision later on is answered as one: commands are taken apart when they run, and the caller can ask again.
pub(super) async fn begin(
    db: &Db,
    random: &dyn Random,
    org: OrgId,
) -> StoreResult<(Tx, Option<Head>)> {
    let mut retries = 0;
    loop {
        match attempt(db, org).await {
            Err(StoreError::Collided) if retries < RETRIES_MAX => {
                tokio::time::sleep(pause(retries, random)).await;
                retries += 1;
            }
            outcome => return outcome,
        }
    }
}

async fn attempt(db: &Db, org: OrgId) -> StoreResult<(Tx, Option<Head>)> {
    let mut tx = db.write(org).await?;
    let head = Head::lock(&mut tx, org).await?;
    Ok((tx, head))
}

/// Half to three halves of the nominal pause, so that those who collided do not meet again.
fn pause(retries: u32, random: &dyn Random) -> Duration {
    let mut byte = [0];
    random.fill(&mut byte);
    let nominal = PAUSE * 2_u32.pow(retries);
    nominal / 2 + nominal * u32::from(byte[0]) / 255
}
