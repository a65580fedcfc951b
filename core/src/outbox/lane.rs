//! Lanes: the parcels of one recipient, of which only the oldest is ever due.
//!
//! Every other waits behind it without an end; whoever settles one lets the next go. Putting a parcel behind another and letting the next go
//! must not pass each other by, so both hold the organisation's lanes meanwhile.

use std::collections::{BTreeMap, HashMap};

use sha2::{Digest, Sha256};

use super::{Channel, Leased};
use crate::id::OrgId;
use crate::store::{Query, StoreResult, Tx, fetch_one};
use crate::time::Timestamp;

/// When a parcel is due that waits for another of its lane.
pub(super) const BEHIND_ANOTHER: Timestamp = Timestamp::from_micros(i64::MAX);
/// How many lanes one statement names.
const LIST_MAX: usize = 64;

/// What stands for a lane where nothing of an organisation may: in the directory of what is due. Two lanes that share it wait for each other,
/// and nothing worse.
pub(super) fn lane_hash(org: OrgId, channel: Channel, lane: &str) -> i64 {
    let digest: [u8; 32] = Sha256::new_with_prefix(b"habeo lane")
        .chain_update(org.uuid().as_bytes())
        .chain_update(channel.as_str().as_bytes())
        .chain_update([0])
        .chain_update(lane.as_bytes())
        .finalize()
        .into();
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    i64::from_be_bytes(first)
}

/// Keeps others from changing the order of the organisation's lanes until the transaction ends. SQLite has one writer anyway.
pub(crate) async fn hold(tx: &mut Tx, org: OrgId) -> StoreResult<()> {
    if let Tx::Postgres(_) = tx {
        let key = lane_hash(org, Channel::Webhook, "");
        fetch_one!(tx, (i32,), "SELECT 1 FROM pg_advisory_xact_lock($1)", key)?;
    }
    Ok(())
}

/// The place of the last parcel in each lane that is not empty.
pub(super) async fn ends(tx: &mut Tx, org: OrgId, lanes: &[i64]) -> StoreResult<HashMap<i64, i64>> {
    let mut ends = HashMap::new();
    for lanes in lanes.chunks(LIST_MAX) {
        let mut query =
            Query::new("SELECT lane_hash, MAX(lane_seq) FROM outbox_due WHERE org_id = ");
        query.bind(org).push(" AND lane_hash IN ");
        query.bind_list(lanes.iter().copied());
        query.push(" GROUP BY lane_hash");
        ends.extend(query.fetch_all::<(i64, i64)>(tx).await?);
    }
    Ok(ends)
}

/// Lets the next parcel of each lane go, after the pause that the lane keeps.
pub(super) async fn let_next<'a>(
    tx: &mut Tx,
    org: OrgId,
    finished: impl Iterator<Item = &'a Leased>,
    now: Timestamp,
) -> StoreResult<()> {
    let mut lanes: BTreeMap<Channel, Vec<i64>> = BTreeMap::new();
    for leased in finished.filter(|leased| leased.channel.in_order()) {
        lanes
            .entry(leased.channel)
            .or_default()
            .push(lane_hash(org, leased.channel, &leased.lane));
    }
    for (channel, mut lanes) in lanes {
        lanes.sort_unstable();
        let pause = i64::try_from(channel.pace().as_micros()).unwrap_or(i64::MAX);
        for lanes in lanes.chunks(LIST_MAX) {
            let mut query = Query::new("UPDATE outbox_due SET due_at = ");
            query.bind(now.plus_micros(pause));
            query.push(" WHERE org_id = ").bind(org);
            query.push(" AND due_at = ").bind(BEHIND_ANOTHER);
            query.push(" AND parcel_id IN ");
            push_heads(&mut query, org, lanes);
            query.execute(tx).await?;
        }
    }
    Ok(())
}

/// Appends the list of the first parcels of lanes: one short look along the index for each.
fn push_heads(query: &mut Query, org: OrgId, lanes: &[i64]) {
    let mut before = "((SELECT parcel_id FROM outbox_due WHERE org_id = ";
    for lane in lanes {
        query.push(before).bind(org);
        query.push(" AND lane_hash = ").bind(*lane);
        query.push(" ORDER BY lane_seq, parcel_id LIMIT 1)");
        before = ", (SELECT parcel_id FROM outbox_due WHERE org_id = ";
    }
    query.push(")");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_are_told_apart() {
        let orgs = [1, 2].map(|n| OrgId::from_uuid(uuid::Uuid::from_u128(n)));
        let mut hashes = Vec::new();
        for org in orgs {
            for channel in Channel::ALL {
                for lane in ["", "a", "b"] {
                    hashes.push(lane_hash(org, *channel, lane));
                }
            }
        }
        let all = hashes.len();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), all);
    }
}
