//! Settling parcels and giving them back: what became of an attempt, as far as its lease is still held.

use std::collections::{BTreeMap, HashSet};

use super::backoff::{self, Chance};
use super::lease::Outbox;
use super::{AttemptOutcome, DETAIL_BYTES_MAX, Leased, Outcome, Status, lane};
use crate::id::{LeaseToken, OrgId, ParcelId};
use crate::random::Random;
use crate::store::{Query, StoreResult, Tx, Value, execute};
use crate::time::Timestamp;

/// How many ids one statement names.
const LIST_MAX: usize = 64;

/// What became of a parcel when it was settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is done.
    Delivered,
    /// There was nothing to deliver any more.
    Obsolete,
    /// It is tried again at this instant.
    Again(Timestamp),
    /// It was given up; its row says why for a month.
    Dead,
    /// The lease had run out: somebody else has it, and this changed nothing.
    Late,
}

impl Outbox {
    /// Settles parcels of one organisation, each by what became of its attempt.
    pub async fn settle(
        &self,
        org: OrgId,
        done: &[(Leased, Outcome)],
    ) -> StoreResult<Vec<Verdict>> {
        let now = self.ledger().clock().now();
        let mut tx = self.ledger().db().write(org).await?;
        if done.iter().any(|(leased, _)| leased.channel.in_order()) {
            lane::hold(&mut tx, org).await?;
        }
        let mut verdicts: Vec<Verdict> = done
            .iter()
            .map(|(leased, outcome)| judge(leased, outcome, now, chance(self.ledger().random())))
            .collect();
        let held = release(&mut tx, org, done, &verdicts).await?;
        for ((leased, _), verdict) in done.iter().zip(&mut verdicts) {
            if !held.contains(&leased.id) {
                *verdict = Verdict::Late;
            }
        }
        keep_attempts(&mut tx, org, done, &verdicts, now).await?;
        close(&mut tx, org, done, &verdicts, now).await?;
        let finished = done
            .iter()
            .zip(&verdicts)
            .filter(|(_, verdict)| !matches!(verdict, Verdict::Again(_) | Verdict::Late))
            .map(|((leased, _), _)| leased);
        lane::let_next(&mut tx, org, finished, now).await?;
        self.commit(tx).await?;
        Ok(verdicts)
    }

    /// Gives parcels of one organisation back before their leases end: their attempts were broken off, and they are due at once.
    pub async fn give_back(&self, org: OrgId, leased: &[Leased]) -> StoreResult<()> {
        let now = self.ledger().clock().now();
        let mut tx = self.ledger().db().write(org).await?;
        let mut rows = Vec::new();
        for one in leased {
            let freed = execute!(
                &mut tx,
                "UPDATE outbox_due SET due_at = $4, lease_token = NULL WHERE org_id = $1 AND parcel_id = $2 AND lease_token = $3",
                org,
                one.id,
                one.token,
                now
            )?;
            if freed == 1 {
                let detail = "the worker was stopped before the answer came";
                rows.push(attempt_row(
                    org,
                    one,
                    AttemptOutcome::GivenBack,
                    detail,
                    now,
                ));
            }
        }
        Query::insert_rows(&mut tx, ATTEMPT_HEAD, rows, "").await?;
        self.commit(tx).await
    }
}

/// What follows from an outcome.
fn judge(leased: &Leased, outcome: &Outcome, now: Timestamp, chance: Chance) -> Verdict {
    match outcome {
        Outcome::Delivered { .. } => Verdict::Delivered,
        Outcome::Obsolete { .. } => Verdict::Obsolete,
        Outcome::Dead { .. } => Verdict::Dead,
        Outcome::Again { after, .. } => {
            let first = leased.first_attempt_at;
            backoff::next(leased.attempt, first, now, *after, chance)
                .map_or(Verdict::Dead, Verdict::Again)
        }
    }
}

fn chance(random: &dyn Random) -> Chance {
    let mut bytes = [0; 4];
    random.fill(&mut bytes);
    Chance(u32::from_be_bytes(bytes))
}

/// Ends leases, as far as they are still held: what is done is not due any more, what failed is due later. Which were held.
async fn release(
    tx: &mut Tx,
    org: OrgId,
    done: &[(Leased, Outcome)],
    verdicts: &[Verdict],
) -> StoreResult<HashSet<ParcelId>> {
    let mut held = HashSet::new();
    let mut finished: BTreeMap<LeaseToken, Vec<ParcelId>> = BTreeMap::new();
    for ((leased, _), verdict) in done.iter().zip(verdicts) {
        if let Verdict::Again(at) = verdict {
            let postponed = execute!(
                tx,
                "UPDATE outbox_due SET due_at = $4, retry = $5, lease_token = NULL
                 WHERE org_id = $1 AND parcel_id = $2 AND lease_token = $3",
                org,
                leased.id,
                leased.token,
                *at,
                true
            )?;
            if postponed == 1 {
                held.insert(leased.id);
            }
        } else {
            finished.entry(leased.token).or_default().push(leased.id);
        }
    }
    for (token, mut ids) in finished {
        // Everybody locks rows in one order.
        ids.sort_unstable();
        for ids in ids.chunks(LIST_MAX) {
            let mut query = Query::new("DELETE FROM outbox_due WHERE org_id = ");
            query.bind(org).push(" AND lease_token = ").bind(token);
            query
                .push(" AND parcel_id IN ")
                .bind_list(ids.iter().copied())
                .push(" RETURNING parcel_id");
            let rows: Vec<(ParcelId,)> = query.fetch_all(tx).await?;
            held.extend(rows.into_iter().map(|(id,)| id));
        }
    }
    Ok(held)
}

const ATTEMPT_HEAD: &str =
    "INSERT INTO outbox_attempt (org_id, parcel_id, attempt, at, outcome, detail) VALUES";

fn attempt_row(
    org: OrgId,
    leased: &Leased,
    outcome: AttemptOutcome,
    detail: &str,
    now: Timestamp,
) -> [Value; 6] {
    [
        org.into(),
        leased.id.into(),
        i64::from(leased.attempt).into(),
        now.into(),
        outcome.as_str().into(),
        bounded(detail).into(),
    ]
}

/// As much of a text as is kept, without what PostgreSQL's texts cannot hold.
fn bounded(detail: &str) -> String {
    let mut end = detail.len().min(DETAIL_BYTES_MAX);
    while !detail.is_char_boundary(end) {
        end -= 1;
    }
    detail[..end].replace('\0', " ")
}

async fn keep_attempts(
    tx: &mut Tx,
    org: OrgId,
    done: &[(Leased, Outcome)],
    verdicts: &[Verdict],
    now: Timestamp,
) -> StoreResult<()> {
    let mut rows = Vec::with_capacity(done.len());
    for ((leased, outcome), verdict) in done.iter().zip(verdicts) {
        let detail = match outcome {
            Outcome::Delivered { detail } => detail,
            Outcome::Obsolete { why } | Outcome::Again { why, .. } | Outcome::Dead { why } => why,
        };
        let kept = match verdict {
            Verdict::Delivered => AttemptOutcome::Delivered,
            Verdict::Obsolete => AttemptOutcome::Obsolete,
            Verdict::Again(_) => AttemptOutcome::Again,
            Verdict::Dead => AttemptOutcome::Dead,
            Verdict::Late => continue,
        };
        rows.push(attempt_row(org, leased, kept, detail, now));
    }
    Query::insert_rows(tx, ATTEMPT_HEAD, rows, "").await?;
    Ok(())
}

/// Notes at the parcels themselves how they ended.
async fn close(
    tx: &mut Tx,
    org: OrgId,
    done: &[(Leased, Outcome)],
    verdicts: &[Verdict],
    now: Timestamp,
) -> StoreResult<()> {
    for (verdict, status) in [
        (Verdict::Delivered, Status::Delivered),
        (Verdict::Obsolete, Status::Obsolete),
        (Verdict::Dead, Status::Dead),
    ] {
        let ids: Vec<ParcelId> = done
            .iter()
            .zip(verdicts)
            .filter(|(_, given)| **given == verdict)
            .map(|((leased, _), _)| leased.id)
            .collect();
        for ids in ids.chunks(LIST_MAX) {
            let mut query = Query::new("UPDATE outbox SET status = ");
            query
                .bind(status.as_str())
                .push(", settled_at = ")
                .bind(now);
            query.push(" WHERE org_id = ").bind(org).push(" AND id IN ");
            query.bind_list(ids.iter().copied());
            query.execute(tx).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_are_cut_between_characters() {
        let long = "ä".repeat(DETAIL_BYTES_MAX);
        assert_eq!(bounded(&long).len(), DETAIL_BYTES_MAX);
        assert_eq!(bounded(&format!("x{long}")).len(), DETAIL_BYTES_MAX - 1);
        assert_eq!(bounded("a\0b"), "a b");
    }
}
