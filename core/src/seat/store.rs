//! Licences in SQL.

use super::decide::Seen;
use super::{Past, Seat, Standing, State, Step, Subscription, Terms};
use crate::access::Access;
use crate::id::OrgId;
use crate::ledger::audit;
use crate::ledger::event::Event;
use crate::page::{Limit, Page, Position};
use crate::store::{
    Db, StoreError, StoreResult, Tx, execute, fetch_all, fetch_one, fetch_optional,
};
use crate::time::{Day, Timestamp};

#[derive(sqlx::FromRow)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a row, whose columns are facts apart from each other"
)]
struct SeatRow {
    customer: String,
    livemode: bool,
    detached: bool,
    state: State,
    quantity: Option<i64>,
    period_end: Option<Timestamp>,
    grace_until: Option<Timestamp>,
    metered: bool,
    unclear: bool,
    changed_at: Timestamp,
}

impl From<SeatRow> for Seat {
    fn from(row: SeatRow) -> Self {
        Self {
            customer: row.customer,
            livemode: row.livemode,
            detached: row.detached,
            state: row.state,
            quantity: row.quantity,
            period_end: row.period_end,
            grace_until: row.grace_until,
            metered: row.metered,
            unclear: row.unclear,
            changed_at: row.changed_at,
        }
    }
}

/// The licence of the caller's organisation, if it has one.
pub async fn own(tx: &mut Tx, access: &Access) -> StoreResult<Option<Seat>> {
    let row: Option<SeatRow> = fetch_optional!(
        tx,
        SeatRow,
        "SELECT customer, livemode, detached, state, quantity, period_end, grace_until, metered, unclear, changed_at FROM seat
         WHERE org_id = $1",
        access.org()
    )?;
    Ok(row.map(Seat::from))
}

/// The licence as it is shown: what it lets people do at this instant, and how many seats are used.
pub async fn standing(
    tx: &mut Tx,
    access: &Access,
    now: Timestamp,
) -> StoreResult<Option<Standing>> {
    let Some(seat) = own(tx, access).await? else {
        return Ok(None);
    };
    Ok(Some(Standing {
        state: seat.state_at(now),
        seat,
        in_use: in_use(tx, access).await?,
    }))
}

/// How many people may sign in: nobody who has left, and nobody whose sign-in has ended.
pub async fn in_use(tx: &mut Tx, access: &Access) -> StoreResult<i64> {
    let (people,): (i64,) = fetch_one!(
        tx,
        (i64,),
        "SELECT CAST(COUNT(DISTINCT i.person_id) AS BIGINT) FROM person_identity i
         JOIN person p ON p.org_id = i.org_id AND p.id = i.person_id
         WHERE i.org_id = $1 AND i.ended_at IS NULL AND p.status <> 'separated'",
        access.org()
    )?;
    Ok(people)
}

/// What was recorded of the licence, the latest first.
pub async fn history(
    tx: &mut Tx,
    access: &Access,
    before: Option<i64>,
    limit: Limit,
) -> StoreResult<Page<Past>> {
    let rows: Vec<(String,)> = fetch_all!(
        tx,
        (String,),
        "SELECT bytes FROM ledger_entry WHERE org_id = $1 AND stream_id = $1 AND log_index < $2
             AND type IN ('billing.customer_linked', 'billing.customer_detached', 'billing.seats_changed', 'billing.grace_entered',
                 'billing.grace_left')
         ORDER BY log_index DESC LIMIT $3",
        access.org(),
        before.unwrap_or(i64::MAX),
        limit.plus_one()
    )?;
    let past = rows
        .iter()
        .map(|(bytes,)| past(bytes))
        .collect::<StoreResult<Vec<_>>>()?;
    Ok(Page::cut(past, limit, |past| Position::after(past.index)))
}

fn past(bytes: &str) -> StoreResult<Past> {
    let entry = audit::parse(bytes, None)?;
    match Event::from_stored(&entry.kind, entry.payload)? {
        Event::Seat(event) => Ok(Past {
            index: entry.index,
            recorded_at: entry.recorded_at,
            event,
        }),
        _ => Err(StoreError::Inconsistent {
            table: "ledger_entry",
            what: "a fact of another family among those of licences".to_owned(),
        }),
    }
}

#[derive(sqlx::FromRow)]
struct SubscriptionRow {
    id: String,
    status: String,
    state: State,
    quantity: Option<i64>,
    period_end: Option<Timestamp>,
    failed_at: Option<Timestamp>,
    grace_until: Option<Timestamp>,
    metered: bool,
    unclear: bool,
    ended: bool,
}

impl From<SubscriptionRow> for Subscription {
    fn from(row: SubscriptionRow) -> Self {
        Self {
            id: row.id,
            terms: Terms {
                status: row.status,
                state: row.state,
                quantity: row.quantity,
                period_end: row.period_end,
                metered: row.metered,
            },
            failed_at: row.failed_at,
            grace_until: row.grace_until,
            unclear: row.unclear,
            ended: row.ended,
        }
    }
}

/// The subscriptions of a customer.
pub async fn subscriptions(
    tx: &mut Tx,
    org: OrgId,
    customer: &str,
) -> StoreResult<Vec<Subscription>> {
    let rows: Vec<SubscriptionRow> = fetch_all!(
        tx,
        SubscriptionRow,
        "SELECT id, status, state, quantity, period_end, failed_at, grace_until, metered, unclear, ended FROM seat_subscription
         WHERE org_id = $1 AND customer = $2 ORDER BY id",
        org,
        customer
    )?;
    Ok(rows.into_iter().map(Subscription::from).collect())
}

/// One subscription.
pub(crate) async fn subscription(
    tx: &mut Tx,
    access: &Access,
    id: &str,
) -> StoreResult<Option<Subscription>> {
    let row: Option<SubscriptionRow> = fetch_optional!(
        tx,
        SubscriptionRow,
        "SELECT id, status, state, quantity, period_end, failed_at, grace_until, metered, unclear, ended FROM seat_subscription
         WHERE org_id = $1 AND id = $2",
        access.org(),
        id
    )?;
    Ok(row.map(Subscription::from))
}

/// Up to which report a subscription is known.
pub(crate) async fn seen(
    tx: &mut Tx,
    access: &Access,
    subscription: &str,
) -> StoreResult<Option<Seen>> {
    let row: Option<(Timestamp, String, Step)> = fetch_optional!(
        tx,
        (Timestamp, String, Step),
        "SELECT event_at, event_id, step FROM seat_seen WHERE org_id = $1 AND subscription = $2",
        access.org(),
        subscription
    )?;
    Ok(row.map(|(at, event_id, step)| Seen { at, event_id, step }))
}

/// Notes up to which report it is.
pub(crate) async fn note_seen(
    tx: &mut Tx,
    access: &Access,
    subscription: &str,
    seen: &Seen,
) -> StoreResult<()> {
    execute!(
        tx,
        "INSERT INTO seat_seen (org_id, subscription, event_at, event_id, step) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (org_id, subscription) DO UPDATE SET event_at = excluded.event_at, event_id = excluded.event_id, step = excluded.step",
        access.org(),
        subscription,
        seen.at,
        &seen.event_id,
        seen.step
    )?;
    Ok(())
}

/// Whether people may only read: what every change asks first.
pub(crate) async fn is_read_only(tx: &mut Tx, org: OrgId, now: Timestamp) -> StoreResult<bool> {
    let row: Option<(State, Option<Timestamp>)> = fetch_optional!(
        tx,
        (State, Option<Timestamp>),
        "SELECT state, grace_until FROM seat WHERE org_id = $1",
        org
    )?;
    Ok(row.is_some_and(|(state, until)| super::state_at(state, until, now) == State::Suspended))
}

/// Whose customer it is; read before the organisation is known.
pub async fn by_customer(tx: &mut Tx, customer: &str) -> StoreResult<Option<OrgId>> {
    let row: Option<(OrgId,)> = fetch_optional!(
        tx,
        (OrgId,),
        "SELECT org_id FROM billing_directory WHERE customer = $1",
        customer
    )?;
    Ok(row.map(|(org,)| org))
}

/// Enters a customer into the directory; whose it is then.
pub(crate) async fn enter_customer(
    tx: &mut Tx,
    customer: &str,
    org: OrgId,
    now: Timestamp,
) -> StoreResult<Option<OrgId>> {
    execute!(
        tx,
        "INSERT INTO billing_directory (customer, org_id, linked_at) VALUES ($1, $2, $3) ON CONFLICT (customer) DO NOTHING",
        customer,
        org,
        now
    )?;
    by_customer(tx, customer).await
}

/// Takes a customer out of the directory.
pub(crate) async fn leave_customer(tx: &mut Tx, customer: &str, org: OrgId) -> StoreResult<()> {
    execute!(
        tx,
        "DELETE FROM billing_directory WHERE customer = $1 AND org_id = $2",
        customer,
        org
    )?;
    Ok(())
}

/// Every organisation that has ever been linked and still is: for workers, which then act as each in turn.
pub async fn organizations(db: &Db) -> StoreResult<Vec<OrgId>> {
    let mut tx = db.read_directory().await?;
    let rows: Vec<(OrgId,)> = fetch_all!(
        &mut tx,
        (OrgId,),
        "SELECT DISTINCT org_id FROM billing_directory ORDER BY org_id"
    )?;
    Ok(rows.into_iter().map(|(org,)| org).collect())
}

/// Whether the seats in use were reported for a day.
pub(crate) async fn is_reported(tx: &mut Tx, access: &Access, day: Day) -> StoreResult<bool> {
    let row: Option<(i64,)> = fetch_optional!(
        tx,
        (i64,),
        "SELECT seats FROM seat_report WHERE org_id = $1 AND day = $2",
        access.org(),
        day
    )?;
    Ok(row.is_some())
}

/// Notes what was reported for a day; false where that was done before.
pub(crate) async fn note_report(
    tx: &mut Tx,
    access: &Access,
    day: Day,
    seats: i64,
) -> StoreResult<bool> {
    let noted = execute!(
        tx,
        "INSERT INTO seat_report (org_id, day, seats) VALUES ($1, $2, $3) ON CONFLICT (org_id, day) DO NOTHING",
        access.org(),
        day,
        seats
    )?;
    Ok(noted == 1)
}
