//! Confirming: deliveries that were accepted become facts, many of one endpoint in one entry.
//!
//! Settling numbers what was accepted, endpoint by endpoint; here everything after the last number that is on record follows. So a process
//! that dies between the two has lost nothing.

use super::super::event::EndpointEvent;
use crate::access::{Access, Principal, Surface};
use crate::explain::{Explain, Kind};
use crate::id::{EndpointId, EventId, OrgId};
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{Command, Failure, Work};
use crate::store::{Db, StoreResult, execute, fetch_all, fetch_optional};
use crate::time::Timestamp;

/// The most deliveries of one entry.
pub const BATCH_MAX: i64 = 500;

/// Records what an endpoint accepted. The answer is whether there may be more of it.
#[derive(Debug, Clone, Copy)]
pub struct Confirm {
    /// Which endpoint.
    pub endpoint: EndpointId,
}

/// Records which deliveries were given up.
#[derive(Debug, Clone)]
pub struct GiveUp {
    /// To which endpoint.
    pub endpoint: EndpointId,
    /// Of which events; at most [`BATCH_MAX`].
    pub events: Vec<EventId>,
}

/// Why nothing was recorded of deliveries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Only Habeo itself confirms.
    #[error("only the server itself records deliveries")]
    NotPermitted,
}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        match self {
            Self::NotPermitted => Kind::Forbidden,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotPermitted => "delivery_not_permitted",
        }
    }
}

#[derive(Debug, sqlx::FromRow)]
struct Accepted {
    settled_seq: i64,
    event_id: EventId,
    settled_at: Timestamp,
}

impl Command for Confirm {
    type Answer = bool;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<bool, Failure<Refusal>> {
        let org = work.access().org();
        only_the_server(work)?;
        let seen: Option<(i64,)> = fetch_optional!(
            work.tx(),
            (i64,),
            "SELECT confirmed_seq FROM endpoint_health WHERE org_id = $1 AND id = $2",
            org,
            self.endpoint
        )?;
        let Some((seen,)) = seen else {
            return Ok(false);
        };
        let accepted: Vec<Accepted> = fetch_all!(
            work.tx(),
            Accepted,
            "SELECT settled_seq, event_id, settled_at FROM delivery
             WHERE org_id = $1 AND endpoint_id = $2 AND settled_seq > $3 ORDER BY settled_seq LIMIT $4",
            org,
            self.endpoint,
            seen,
            BATCH_MAX
        )?;
        let (Some(first), Some(last)) = (accepted.first(), accepted.last()) else {
            return Ok(false);
        };
        let count = i64::try_from(accepted.len()).unwrap_or(BATCH_MAX);
        let event = EndpointEvent::Delivered {
            count,
            from: first.settled_at,
            to: last.settled_at,
            events: accepted.iter().map(|one| one.event_id).collect(),
        };
        let upto = last.settled_seq;
        record(work, self.endpoint, event).await?;
        execute!(
            work.tx(),
            "UPDATE endpoint_health SET confirmed_seq = $3 WHERE org_id = $1 AND id = $2",
            org,
            self.endpoint,
            upto
        )?;
        Ok(count == BATCH_MAX)
    }
}

impl Command for GiveUp {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        only_the_server(work)?;
        let events = self.events;
        record(work, self.endpoint, EndpointEvent::Exhausted { events }).await
    }
}

fn only_the_server(work: &Work) -> Result<(), Failure<Refusal>> {
    match work.access().actor().principal {
        Principal::System => Ok(()),
        _ => Err(Failure::Refused(Refusal::NotPermitted)),
    }
}

async fn record(
    work: &mut Work,
    id: EndpointId,
    event: EndpointEvent,
) -> Result<(), Failure<Refusal>> {
    let fact = Fact::now(Stream::Endpoint(id), Event::Endpoint(event), Vec::new());
    work.record(fact).await?;
    Ok(())
}

/// The endpoints of an organisation with accepted deliveries that are not facts yet.
pub async fn left_over(db: &Db, org: OrgId) -> StoreResult<Vec<EndpointId>> {
    let mut tx = db.read(&Access::system(org, Surface::System)).await?;
    let rows: Vec<(EndpointId,)> = fetch_all!(
        &mut tx,
        (EndpointId,),
        "SELECT id FROM endpoint_health WHERE org_id = $1 AND confirmed_seq < settled_seq",
        org
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}
