//! What is done because of the hour: the end of grace is recorded, and the seats in use are reported once a day where the plan has a meter.

use std::convert::Infallible;

use serde::{Deserialize, Serialize};

use super::command::{EndGrace, has_run_out};
use super::store;
use crate::access::{Access, Surface};
use crate::id::OrgId;
use crate::ledger::{Command, Failure, Ledger, RecordError, Work};
use crate::notice::send::canonical;
use crate::outbox::{Channel, Parcel};
use crate::store::StoreResult;
use crate::time::Day;

/// All reports of one organisation go one after the other.
const LANE: &str = "meter";

/// How many seats were in use on a day, as it is put into the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    /// Whose invoice it goes to.
    pub customer: String,
    /// Whether real money is meant.
    pub livemode: bool,
    /// For which day.
    pub day: Day,
    /// How many.
    pub seats: i64,
}

impl Usage {
    /// The one name of the report of an organisation's day: sent twice, it counts once.
    #[must_use]
    pub fn identifier(&self, org: OrgId) -> String {
        format!("habeo-seats-{org}-{}", self.day)
    }
}

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// Whether somebody's grace has run out without that being recorded.
    pub grace: bool,
    /// Whether the seats in use are to be reported for today.
    pub usage: bool,
}

/// Looks what is due in an organisation; nothing is written.
pub async fn due(ledger: &Ledger, org: OrgId) -> StoreResult<Due> {
    let access = Access::system(org, Surface::System);
    let now = ledger.clock().now();
    let mut tx = ledger.db().read(&access).await?;
    let Some(seat) = store::own(&mut tx, &access).await? else {
        return Ok(Due {
            grace: false,
            usage: false,
        });
    };
    let subscriptions = store::subscriptions(&mut tx, org, &seat.customer).await?;
    let reported = store::is_reported(&mut tx, &access, now.day()).await?;
    Ok(Due {
        grace: subscriptions.iter().any(|one| has_run_out(one, now)),
        usage: seat.metered && !seat.detached && !reported,
    })
}

/// Records that grace has run out, where it has.
pub async fn end_grace(ledger: &Ledger, org: OrgId) -> StoreResult<usize> {
    carry_out(ledger, org, EndGrace).await
}

/// Puts today's report into the outbox, once a day. Whether it did.
pub async fn report(ledger: &Ledger, org: OrgId) -> StoreResult<bool> {
    carry_out(ledger, org, Report).await
}

async fn carry_out<C: Command<Refusal = Infallible>>(
    ledger: &Ledger,
    org: OrgId,
    command: C,
) -> StoreResult<C::Answer> {
    let access = Access::system(org, Surface::System);
    let recorded = ledger.record(&access, command).await;
    recorded.map_err(|error| match error {
        RecordError::Store(error) => error,
        RecordError::Refused(never) => match never {},
    })
}

#[derive(Debug)]
struct Report;

impl Command for Report {
    type Answer = bool;
    type Refusal = Infallible;

    async fn execute(self, work: &mut Work) -> Result<bool, Failure<Infallible>> {
        let access = work.access().clone();
        let day = work.now().day();
        let seat = store::own(work.tx(), &access).await?;
        let Some(seat) = seat.filter(|seat| seat.metered && !seat.detached) else {
            return Ok(false);
        };
        let seats = store::in_use(work.tx(), &access).await?;
        if !store::note_report(work.tx(), &access, day, seats).await? {
            return Ok(false);
        }
        let usage = Usage {
            customer: seat.customer,
            livemode: seat.livemode,
            day,
            seats,
        };
        work.enqueue(Parcel {
            channel: Channel::Billing,
            lane: LANE.to_owned(),
            body: canonical(&usage)?,
            cause: None,
        })?;
        Ok(true)
    }
}
