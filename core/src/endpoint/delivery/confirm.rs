//! Confirming: deliveries that were accepted or given up become facts, many of one endpoint in one entry.
//!
//! Settling numbers what is done with, endpoint by endpoint; here everything after the last number that is on record follows. So a process
//! that dies between the two has lost nothing.

use super::super::event::EndpointEvent;
use super::Status;
use crate::access::{Access, Principal, Surface};
use crate::explain::{Explain, Kind};
use crate::id::{EndpointId, EventId, OrgId};
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{Command, Failure, Work};
use crate::store::{Db, StoreResult, execute, fetch_all, fetch_optional};
use crate::time::Timestamp;

/// The most deliveries of one entry.
pub const BATCH_MAX: i64 = 500;

/// Records what an endpoint accepted and what was given up. The answer is whether there may be more of it.
#[derive(Debug, Clone, Copy)]
pub struct Confirm {
    /// Which endpoint.
    pub endpoint: EndpointId,
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
struct Done {
    settled_seq: i64,
    event_id: EventId,
    settled_at: Timestamp,
    status: Status,
}

impl Command for Confirm {
    type Answer = bool;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<bool, Failure<Refusal>> {
        only_the_server(work)?;
        Ok(a_batch(work, self.endpoint).await?)
    }
}

/// Records everything of an endpoint that is done with, and keeps more from being settled until the unit of work ends: what changes what was
/// settled comes after what is on record of it.
pub(crate) async fn all(work: &mut Work, endpoint: EndpointId) -> StoreResult<()> {
    let org = work.access().org();
    // Whoever settles writes this row first.
    execute!(
        work.tx(),
        "UPDATE endpoint_health SET settled_seq = settled_seq WHERE org_id = $1 AND id = $2",
        org,
        endpoint
    )?;
    while a_batch(work, endpoint).await? {}
    Ok(())
}

/// Whether there may be more.
async fn a_batch(work: &mut Work, endpoint: EndpointId) -> StoreResult<bool> {
    let org = work.access().org();
    let seen: Option<(i64,)> = fetch_optional!(
        work.tx(),
        (i64,),
        "SELECT confirmed_seq FROM endpoint_health WHERE org_id = $1 AND id = $2",
        org,
        endpoint
    )?;
    let Some((seen,)) = seen else {
        return Ok(false);
    };
    let done: Vec<Done> = fetch_all!(
        work.tx(),
        Done,
        "SELECT settled_seq, event_id, settled_at, status FROM delivery
         WHERE org_id = $1 AND endpoint_id = $2 AND settled_seq > $3 ORDER BY settled_seq LIMIT $4",
        org,
        endpoint,
        seen,
        BATCH_MAX
    )?;
    let Some(upto) = done.last().map(|last| last.settled_seq) else {
        return Ok(false);
    };
    let full = i64::try_from(done.len()).is_ok_and(|done| done >= BATCH_MAX);
    let (exhausted, accepted): (Vec<Done>, Vec<Done>) = done
        .into_iter()
        .partition(|done| done.status == Status::Exhausted);
    if let (Some(first), Some(last)) = (accepted.first(), accepted.last()) {
        let event = EndpointEvent::Delivered {
            count: i64::try_from(accepted.len()).unwrap_or(BATCH_MAX),
            from: first.settled_at,
            to: last.settled_at,
            events: accepted.iter().map(|one| one.event_id).collect(),
        };
        record(work, endpoint, event)?;
    }
    if !exhausted.is_empty() {
        let events = exhausted.iter().map(|one| one.event_id).collect();
        record(work, endpoint, EndpointEvent::Exhausted { events })?;
    }
    execute!(
        work.tx(),
        "UPDATE endpoint_health SET confirmed_seq = $3 WHERE org_id = $1 AND id = $2",
        org,
        endpoint,
        upto
    )?;
    Ok(full)
}

fn only_the_server(work: &Work) -> Result<(), Failure<Refusal>> {
    match work.access().actor().principal {
        Principal::System => Ok(()),
        _ => Err(Failure::Refused(Refusal::NotPermitted)),
    }
}

/// The server says so, whoever made it look.
fn record(work: &mut Work, id: EndpointId, event: EndpointEvent) -> StoreResult<()> {
    let server = Access::system(work.access().org(), Surface::System);
    let fact = Fact::now(Stream::Endpoint(id), Event::Endpoint(event), Vec::new());
    work.desk().note(server.actor(), &fact)?;
    Ok(())
}

/// The endpoints of an organisation with deliveries that are done with and not facts yet.
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
