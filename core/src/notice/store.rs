//! What notices need to know, in SQL, and what is remembered of those that were given.

use crate::access::Access;
use crate::asset::TargetKind;
use crate::id::{AssetId, AssignmentId, LocationId, OrderId, OrgId, PersonId, RequisitionId};
use crate::store::{Db, StoreResult, Tx, execute, fetch_all, fetch_one, fetch_optional};
use crate::time::{Day, Timestamp};

/// A loan of a person that ends soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Loan {
    pub id: AssignmentId,
    pub asset_id: AssetId,
    pub person_id: PersonId,
    pub due_at: Timestamp,
}

/// Organisations whose people can be told anything: in a chat, or on a phone.
pub async fn organizations(db: &Db) -> StoreResult<Vec<OrgId>> {
    let mut tx = db.read_directory().await?;
    // Workspaces are few. Phones are many, so that their index is walked from one organisation to the next.
    let rows: Vec<(OrgId,)> = fetch_all!(
        &mut tx,
        (OrgId,),
        "WITH RECURSIVE phoned (org_id) AS (
             SELECT * FROM (SELECT org_id FROM push_token_directory ORDER BY org_id LIMIT 1) AS first
             UNION ALL
             SELECT (SELECT d.org_id FROM push_token_directory d WHERE d.org_id > phoned.org_id ORDER BY d.org_id LIMIT 1)
             FROM phoned WHERE phoned.org_id IS NOT NULL)
         SELECT org_id FROM workspace_directory
         UNION
         SELECT org_id FROM phoned WHERE org_id IS NOT NULL
         ORDER BY org_id"
    )?;
    Ok(rows.into_iter().map(|(org,)| org).collect())
}

/// By what anybody of an organisation can be told anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reachable {
    pub chats: bool,
    pub phones: bool,
}

impl Reachable {
    pub const fn any(self) -> bool {
        self.chats || self.phones
    }
}

/// By what anybody can be told anything.
pub(super) async fn reachable(tx: &mut Tx, access: &Access) -> StoreResult<Reachable> {
    let (chats, phones): (bool, bool) = fetch_one!(
        tx,
        (bool, bool),
        "SELECT EXISTS (SELECT 1 FROM install WHERE org_id = $1 AND status = 'live'),
             EXISTS (SELECT 1 FROM push_device WHERE org_id = $1 AND removed_at IS NULL)",
        access.org()
    )?;
    Ok(Reachable { chats, phones })
}

/// Loans of people that end within a time and of whose end they were not told, after one of them.
pub(super) async fn loans_ending(
    tx: &mut Tx,
    access: &Access,
    (from, until): (Timestamp, Timestamp),
    after: Option<(Timestamp, AssignmentId)>,
    limit: i64,
) -> StoreResult<Vec<Loan>> {
    let (after_due, after_id) =
        after.map_or((from, uuid::Uuid::max()), |(due, id)| (due, id.uuid()));
    fetch_all!(
        tx,
        Loan,
        "SELECT s.id, s.asset_id, s.target_id AS person_id, s.due_at FROM assignment s
         WHERE s.org_id = $1 AND s.to_at IS NULL AND s.due_at IS NOT NULL AND s.due_at <= $2 AND (s.due_at, s.id) > ($3, $4)
             AND s.target_kind = $5 AND NOT s.suspended
             AND NOT EXISTS (SELECT 1 FROM notice_due n WHERE n.org_id = s.org_id AND n.assignment_id = s.id AND n.due_at = s.due_at)
         ORDER BY s.due_at, s.id LIMIT $6",
        access.org(),
        until,
        after_due,
        after_id,
        TargetKind::Person,
        limit
    )
}

/// Remembers that somebody was told.
pub(super) async fn remember(tx: &mut Tx, access: &Access, loan: &Loan) -> StoreResult<()> {
    execute!(
        tx,
        "INSERT INTO notice_due (org_id, assignment_id, due_at) VALUES ($1, $2, $3)",
        access.org(),
        loan.id,
        loan.due_at
    )?;
    Ok(())
}

/// Forgets of whom was told what has long been due.
pub(super) async fn forget(tx: &mut Tx, access: &Access, before: Timestamp) -> StoreResult<()> {
    execute!(
        tx,
        "DELETE FROM notice_due WHERE org_id = $1 AND due_at < $2",
        access.org(),
        before
    )?;
    Ok(())
}

/// The last local day on which loans were looked through.
pub(super) async fn last_day(tx: &mut Tx, access: &Access) -> StoreResult<Option<Day>> {
    let row: Option<(Day,)> = fetch_optional!(
        tx,
        (Day,),
        "SELECT day FROM notice_day WHERE org_id = $1",
        access.org()
    )?;
    Ok(row.map(|(day,)| day))
}

/// Notes that the day's loans were looked through.
pub(super) async fn keep_day(tx: &mut Tx, access: &Access, day: Day) -> StoreResult<()> {
    execute!(
        tx,
        "INSERT INTO notice_day (org_id, day) VALUES ($1, $2) ON CONFLICT (org_id) DO UPDATE SET day = excluded.day",
        access.org(),
        day
    )?;
    Ok(())
}

/// Which asset a person has in this custody, and until when; none once it has ended.
pub(super) async fn still_theirs(
    tx: &mut Tx,
    access: &Access,
    id: AssignmentId,
    person: PersonId,
) -> StoreResult<Option<(AssetId, Option<Timestamp>)>> {
    fetch_optional!(
        tx,
        (AssetId, Option<Timestamp>),
        "SELECT asset_id, due_at FROM assignment WHERE org_id = $1 AND id = $2 AND to_at IS NULL AND target_kind = $3 AND target_id = $4",
        access.org(),
        id,
        TargetKind::Person,
        person
    )
}

/// Whether a person has an asset that is still where it was seen.
pub(super) async fn still_there(
    tx: &mut Tx,
    access: &Access,
    (asset, person): (AssetId, PersonId),
    location: LocationId,
) -> StoreResult<bool> {
    let row: Option<(AssetId,)> = fetch_optional!(
        tx,
        (AssetId,),
        "SELECT id FROM asset WHERE org_id = $1 AND id = $2 AND holder_id = $3 AND location_id = $4",
        access.org(),
        asset,
        person,
        location
    )?;
    Ok(row.is_some())
}

/// Who wants a requisition.
pub(super) async fn requester(
    tx: &mut Tx,
    access: &Access,
    requisition: RequisitionId,
) -> StoreResult<Option<PersonId>> {
    let row: Option<(PersonId,)> = fetch_optional!(
        tx,
        (PersonId,),
        "SELECT requester_id FROM requisition WHERE org_id = $1 AND id = $2",
        access.org(),
        requisition
    )?;
    Ok(row.map(|(person,)| person))
}

/// Who wants what was ordered.
pub(super) async fn requester_of_order(
    tx: &mut Tx,
    access: &Access,
    order: OrderId,
) -> StoreResult<Option<PersonId>> {
    let row: Option<(PersonId,)> = fetch_optional!(
        tx,
        (PersonId,),
        "SELECT r.requester_id FROM purchase_order o JOIN requisition r ON r.org_id = o.org_id AND r.id = o.requisition_id
         WHERE o.org_id = $1 AND o.id = $2",
        access.org(),
        order
    )?;
    Ok(row.map(|(person,)| person))
}
