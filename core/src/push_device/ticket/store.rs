//! Tickets in SQL.

use super::{Due, Sent, TICKET_CHARS_MAX, Ticket, TicketStatus, ask_at};
use crate::access::Access;
use crate::id::{OrgId, ParcelId};
use crate::store::{Db, Query, StoreResult, Tx, execute, fetch_all, fetch_one, fetch_optional};
use crate::time::{DAY_MICROS, SECOND_MICROS, Timestamp};

/// How long what became of them is kept: as long as the parcels.
pub const KEPT_MICROS: i64 = 30 * DAY_MICROS;
/// How long a node that asks keeps the others from asking the same. Nothing is lost by asking twice.
const CLAIM_MICROS: i64 = 60 * SECOND_MICROS;

/// Keeps what the service took, all of it or nothing.
pub async fn keep(db: &Db, org: OrgId, sent: &[Sent], sent_at: Timestamp) -> StoreResult<()> {
    let first = ask_at(sent_at, 0).unwrap_or(sent_at);
    let mut tx = db.write(org).await?;
    for one in sent
        .iter()
        .filter(|one| one.ticket.chars().count() <= TICKET_CHARS_MAX)
    {
        // Whoever gives a name twice is asked of it once.
        let new = execute!(
            &mut tx,
            "INSERT INTO push_ticket (org_id, ticket, parcel_id, device_id, platform, sent_at, status) VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (org_id, ticket) DO NOTHING",
            org,
            one.ticket.clone(),
            one.parcel,
            one.device,
            one.platform,
            sent_at,
            TicketStatus::Sent
        )?;
        if new == 1 {
            execute!(
                &mut tx,
                "INSERT INTO push_ticket_due (org_id, ticket, asked, sent_at, ask_at) VALUES ($1, $2, 0, $3, $4)",
                org,
                one.ticket.clone(),
                sent_at,
                first
            )?;
        }
    }
    tx.commit().await
}

// Chosen once and then marked, as parcels are claimed.
macro_rules! claim_sql {
    ($skip:literal) => {
        concat!(
            "WITH chosen AS MATERIALIZED (
                 SELECT org_id, ticket FROM push_ticket_due WHERE ask_at <= $1 ORDER BY ask_at LIMIT $3",
            $skip,
            ") UPDATE push_ticket_due SET ask_at = $2
             WHERE ask_at <= $1 AND (org_id, ticket) IN (SELECT org_id, ticket FROM chosen)
             RETURNING org_id, ticket, asked, sent_at"
        )
    };
}

/// Takes tickets of whatever organisation of which it is time to ask.
pub async fn claim(db: &Db, now: Timestamp, limit: i64) -> StoreResult<Vec<Due>> {
    let mut tx = db.write_directory().await?;
    let sql = match tx {
        Tx::Sqlite(_) => claim_sql!(""),
        Tx::Postgres(_) => claim_sql!(" FOR UPDATE SKIP LOCKED"),
    };
    let until = now.plus_micros(CLAIM_MICROS);
    let due = fetch_all!(&mut tx, Due, sql, now, until, limit)?;
    tx.commit().await?;
    Ok(due)
}

/// Leaves tickets of which could not be asked for later.
pub async fn postpone(db: &Db, due: &[Due], until: Timestamp) -> StoreResult<()> {
    let mut tx = db.write_directory().await?;
    for one in due {
        execute!(
            &mut tx,
            "UPDATE push_ticket_due SET ask_at = $3 WHERE org_id = $1 AND ticket = $2",
            one.org,
            one.ticket.clone(),
            until
        )?;
    }
    tx.commit().await
}

/// Notes that the service said nothing of tickets yet: it is asked again at their next time, and after the last they are unknown. How many are.
pub async fn not_yet(db: &Db, org: OrgId, due: &[&Due], now: Timestamp) -> StoreResult<usize> {
    let mut unknown = 0;
    let mut tx = db.write(org).await?;
    for one in due {
        if let Some(next) = ask_at(one.sent_at, one.asked + 1) {
            execute!(
                &mut tx,
                "UPDATE push_ticket_due SET asked = $3, ask_at = $4 WHERE org_id = $1 AND ticket = $2",
                org,
                one.ticket.clone(),
                one.asked + 1,
                next
            )?;
        } else if end(
            &mut tx,
            org,
            &one.ticket,
            (TicketStatus::Unknown, None),
            now,
        )
        .await?
        {
            unknown += 1;
        }
    }
    tx.commit().await?;
    Ok(unknown)
}

/// Notes what became of a ticket. Whether that was not known yet.
pub async fn settle(
    db: &Db,
    org: OrgId,
    ticket: &str,
    (status, code): (TicketStatus, Option<String>),
    now: Timestamp,
) -> StoreResult<bool> {
    let mut tx = db.write(org).await?;
    let settled = end(&mut tx, org, ticket, (status, code), now).await?;
    tx.commit().await?;
    Ok(settled)
}

async fn end(
    tx: &mut Tx,
    org: OrgId,
    ticket: &str,
    (status, code): (TicketStatus, Option<String>),
    now: Timestamp,
) -> StoreResult<bool> {
    let ended = execute!(
        tx,
        "UPDATE push_ticket SET status = $3, code = $4, settled_at = $5 WHERE org_id = $1 AND ticket = $2 AND settled_at IS NULL",
        org,
        ticket,
        status,
        code,
        now
    )?;
    execute!(
        tx,
        "DELETE FROM push_ticket_due WHERE org_id = $1 AND ticket = $2",
        org,
        ticket
    )?;
    Ok(ended == 1)
}

/// A ticket by the service's name for it.
pub async fn by_name(tx: &mut Tx, access: &Access, ticket: &str) -> StoreResult<Option<Ticket>> {
    fetch_optional!(
        tx,
        Ticket,
        "SELECT ticket, parcel_id, device_id, platform, sent_at, status, code FROM push_ticket WHERE org_id = $1 AND ticket = $2",
        access.org(),
        ticket
    )
}

/// How often a parcel was taken by the service.
pub async fn times_sent(tx: &mut Tx, access: &Access, parcel: ParcelId) -> StoreResult<i64> {
    let (times,): (i64,) = fetch_one!(
        tx,
        (i64,),
        "SELECT CAST(COUNT(*) AS BIGINT) FROM push_ticket WHERE org_id = $1 AND parcel_id = $2",
        access.org(),
        parcel
    )?;
    Ok(times)
}

/// Forgets what was sent long ago. How many tickets.
pub async fn forget(db: &Db, org: OrgId, now: Timestamp) -> StoreResult<u64> {
    let before = now.plus_micros(-KEPT_MICROS);
    let mut tx = db.write(org).await?;
    let mut gone = 0;
    for head in [
        "DELETE FROM push_ticket_due WHERE org_id = ",
        "DELETE FROM push_ticket WHERE org_id = ",
    ] {
        let mut query = Query::new(head);
        query.bind(org).push(" AND sent_at < ").bind(before);
        gone = query.execute(&mut tx).await?;
    }
    tx.commit().await?;
    Ok(gone)
}
