//! Sending digests: each at its hour, once, of everything since the last.

use super::{Digest, last_scheduled, store};
use crate::access::{Access, Surface};
use crate::id::{DigestId, OrgId};
use crate::install::Platform;
use crate::ledger::{Command, Failure, Ledger, RecordError, Work, audit};
use crate::notice::remind::Never;
use crate::notice::send::{canonical, channel_lane};
use crate::notice::{Body, Notice, Recipient};
use crate::org;
use crate::outbox::Parcel;
use crate::store::{StoreResult, Tx, fetch_one};
use crate::time::Day;
use crate::zone::{self, Local};

/// Whether the hour of any digest of an organisation has come.
pub async fn is_due(ledger: &Ledger, org: OrgId) -> StoreResult<bool> {
    let access = Access::system(org, Surface::System);
    Ok(!due(ledger, &access).await?.is_empty())
}

/// The digests whose hour has come, each with the day for which it is.
async fn due(ledger: &Ledger, access: &Access) -> StoreResult<Vec<(DigestId, Day)>> {
    let mut tx = ledger.db().read(access).await?;
    let digests = store::all(&mut tx, access).await?;
    if digests.is_empty() {
        return Ok(Vec::new());
    }
    let timezone = org::store::own(&mut tx, access).await?.timezone;
    let local = zone::local(&timezone, ledger.clock().now());
    let mut due = Vec::new();
    for digest in digests {
        let day = scheduled(&digest, local);
        let told = store::told(&mut tx, access, digest.id).await?;
        if told.is_none_or(|(_, last)| last < day) {
            due.push((digest.id, day));
        }
    }
    Ok(due)
}

/// Sends the digests of an organisation whose hour has come. How many.
pub async fn send_due(ledger: &Ledger, org: OrgId) -> StoreResult<usize> {
    let access = Access::system(org, Surface::System);
    let mut parcels = 0;
    for (digest, day) in due(ledger, &access).await? {
        let send = Send { digest, day };
        parcels += ledger
            .record(&access, send)
            .await
            .map_err(|error| match error {
                RecordError::Store(error) => error,
                RecordError::Refused(never) => match never {},
            })?;
    }
    Ok(parcels)
}

fn scheduled(digest: &Digest, local: Local) -> Day {
    let hour = u8::try_from(digest.local_hour).unwrap_or(0);
    last_scheduled(digest.cadence, hour, local)
}

/// One digest of one day.
#[derive(Debug)]
struct Send {
    digest: DigestId,
    day: Day,
}

impl Command for Send {
    type Answer = usize;
    type Refusal = Never;

    async fn execute(self, work: &mut Work) -> Result<usize, Failure<Never>> {
        let access = work.access().clone();
        let Some(digest) = store::live(work.tx(), &access, self.digest).await? else {
            return Ok(0);
        };
        let told = store::told(work.tx(), &access, self.digest).await?;
        if told.is_some_and(|(_, last)| last >= self.day) {
            return Ok(0);
        }
        let size = audit::size(work.tx(), &access).await?;
        let until = i64::try_from(size).unwrap_or(i64::MAX) - 1;
        // Where it was lost how far it has told, it begins anew.
        let after = told.map_or(until, |(until, _)| until);
        store::keep_told(work.tx(), &access, self.digest, until, self.day).await?;
        if after >= until {
            return Ok(0);
        }
        let platform = platform(work.tx(), &access, &digest).await?;
        let body = Body {
            recipient: Recipient::Channel {
                install: digest.install,
                digest: digest.id,
            },
            notice: Notice::Digest { after, until },
        };
        work.enqueue(Parcel {
            channel: platform.into(),
            lane: channel_lane(digest.install, &digest.chat),
            body: canonical(&body)?,
            cause: None,
        })?;
        Ok(1)
    }
}

async fn platform(tx: &mut Tx, access: &Access, digest: &Digest) -> StoreResult<Platform> {
    let (platform,): (Platform,) = fetch_one!(
        tx,
        (Platform,),
        "SELECT platform FROM install WHERE org_id = $1 AND id = $2",
        access.org(),
        digest.install
    )?;
    Ok(platform)
}
