//! What a unit of work has to send: put into the outbox with everything else that it writes.

use std::collections::{BTreeSet, HashMap};

use super::lane::{self, BEHIND_ANOTHER, lane_hash};
use super::{BODY_BYTES_MAX, LANE_CHARS_MAX, Parcel, Status};
use crate::endpoint::announce::Announced;
use crate::id::{OrgId, ParcelId};
use crate::notice::Bought;
use crate::notice::plan::{Handovers, Sighting, TicketNews, Waiting};
use crate::store::{Query, StoreError, StoreResult, Tx, Value};
use crate::time::Timestamp;

const PARCEL_HEAD: &str = "INSERT INTO outbox (org_id, id, channel, lane, body, cause, status, attempts, enqueued_at) VALUES";
const DUE_HEAD: &str = "INSERT INTO outbox_due (org_id, parcel_id, channel, lane_hash, lane_seq, retry, due_at, enqueued_at) VALUES";

/// What one unit of work has to send.
#[derive(Debug, Default)]
pub(crate) struct Tray {
    parcels: Vec<(ParcelId, Parcel)>,
    /// What was handed to people, from which their notices follow once it is known who can be told.
    pub handovers: Handovers,
    /// Tickets about assets, of which those learn who have these.
    pub tickets: Vec<TicketNews>,
    /// What endpoints are told.
    pub announced: Announced,
    /// What was scanned elsewhere than where it was recorded, of which those learn who have it.
    pub sightings: Vec<Sighting>,
    /// Requisitions that wait for approval, of which those learn who may give it.
    pub waiting: Vec<Waiting>,
    /// What came of what somebody wants to be bought, of which they learn.
    pub bought: Vec<Bought>,
    /// Whether anything was put into the outbox.
    pub enqueued: bool,
}

impl Tray {
    /// Takes a parcel.
    pub fn put(&mut self, id: ParcelId, parcel: Parcel) -> StoreResult<()> {
        let fits = parcel.body.len() <= BODY_BYTES_MAX
            && parcel.lane.chars().count() <= LANE_CHARS_MAX
            && !parcel.lane.is_empty();
        if !fits {
            return Err(StoreError::Inconsistent {
                table: "outbox",
                what: "a parcel that does not fit".to_owned(),
            });
        }
        self.parcels.push((id, parcel));
        Ok(())
    }

    /// Puts everything into the outbox.
    pub async fn write(&mut self, tx: &mut Tx, org: OrgId, now: Timestamp) -> StoreResult<()> {
        if self.parcels.is_empty() {
            return Ok(());
        }
        let parcels = std::mem::take(&mut self.parcels);
        let lanes: BTreeSet<i64> = parcels
            .iter()
            .filter(|(_, parcel)| parcel.channel.in_order())
            .map(|(_, parcel)| lane_hash(org, parcel.channel, &parcel.lane))
            .collect();
        let lanes: Vec<i64> = lanes.into_iter().collect();
        if !lanes.is_empty() {
            lane::hold(tx, org).await?;
        }
        let mut last = lane::ends(tx, org, &lanes).await?;
        let mut due = Vec::with_capacity(parcels.len());
        let mut rows = Vec::with_capacity(parcels.len());
        for (id, parcel) in parcels {
            let lane = lane_hash(org, parcel.channel, &parcel.lane);
            let (lane_seq, due_at) = if parcel.channel.in_order() {
                place(&mut last, lane, now)
            } else {
                (0, now)
            };
            due.push([
                org.into(),
                id.into(),
                parcel.channel.as_str().into(),
                lane.into(),
                lane_seq.into(),
                false.into(),
                due_at.into(),
                now.into(),
            ]);
            rows.push([
                org.into(),
                id.into(),
                parcel.channel.as_str().into(),
                parcel.lane.into(),
                parcel.body.into(),
                parcel.cause.into(),
                Status::Waiting.as_str().into(),
                Value::Int(Some(0)),
                now.into(),
            ]);
        }
        Query::insert_rows(tx, PARCEL_HEAD, rows, "").await?;
        Query::insert_rows(tx, DUE_HEAD, due, "").await?;
        self.enqueued = true;
        Ok(())
    }
}

/// Gives a parcel its place at the end of a lane: the first of an empty one is due at once, every other when the one before it is done.
fn place(last: &mut HashMap<i64, i64>, lane: i64, now: Timestamp) -> (i64, Timestamp) {
    if let Some(seq) = last.get_mut(&lane) {
        *seq += 1;
        (*seq, BEHIND_ANOTHER)
    } else {
        last.insert(lane, 1);
        (1, now)
    }
}
