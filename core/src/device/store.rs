//! What reports may concern, in SQL: read for a whole batch by a few statements, and what of it is kept beside the ledger.

use std::collections::HashMap;

use super::event::About;
use super::{CaseState, HandOverState, Status};
use crate::access::Access;
use crate::asset::{AssignmentKind, IdentifierKind, State, TargetKind};
use crate::id::{
    AssetId, AssignmentId, ConnectionId, DuplicateCaseId, HandOverId, ManufacturerId, OrgId,
    PersonId, UnitId,
};
use crate::store::{Query, StoreResult, Tx, Value, execute, fetch_all, fetch_optional};
use crate::text::Serial;
use crate::time::Timestamp;
use uuid::Uuid;

/// A management's key, as far as matching asks.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct RefRow {
    pub external_id: String,
    pub connection_id: ConnectionId,
    pub asset_id: AssetId,
    pub superseded_by: Option<String>,
}

/// The keys that reports of one connection name.
pub(super) async fn refs(
    tx: &mut Tx,
    org: OrgId,
    connection: ConnectionId,
    external_ids: Vec<String>,
) -> StoreResult<Vec<RefRow>> {
    const REFS: &str = "SELECT external_id, connection_id, asset_id, superseded_by FROM external_ref WHERE org_id = ";
    let mut rows: Vec<RefRow> = Query::keyed(tx, REFS, org, "external_id", external_ids).await?;
    rows.retain(|row| row.connection_id == connection);
    Ok(rows)
}

/// The assets that have these folded serial numbers.
pub(super) async fn by_serials(
    tx: &mut Tx,
    org: OrgId,
    folded: Vec<String>,
) -> StoreResult<Vec<AssetId>> {
    const SERIALS: &str = "SELECT id FROM asset WHERE org_id = ";
    let rows: Vec<(AssetId,)> = Query::keyed(tx, SERIALS, org, "serial_norm", folded).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// The assets that have these folded identifiers.
pub(super) async fn by_identifiers(
    tx: &mut Tx,
    org: OrgId,
    folded: Vec<String>,
) -> StoreResult<Vec<(IdentifierKind, String, AssetId)>> {
    const IDENTIFIERS: &str =
        "SELECT kind, value_norm, asset_id FROM asset_identifier WHERE org_id = ";
    Query::keyed(tx, IDENTIFIERS, org, "value_norm", folded).await
}

/// An asset, as far as matching and what follows ask.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Candidate {
    pub id: AssetId,
    pub serial: Option<Serial>,
    pub manufacturer_id: Option<ManufacturerId>,
    pub owning_unit_id: UnitId,
    pub state: State,
    pub state_since: Timestamp,
    pub merged_into_id: Option<AssetId>,
    pub assignment_id: Option<AssignmentId>,
    pub assignment_kind: Option<AssignmentKind>,
    pub target_kind: Option<TargetKind>,
    pub target_id: Option<Uuid>,
}

impl Candidate {
    /// Who has it, if it is a person.
    pub fn holder(&self) -> Option<PersonId> {
        match (self.target_kind, self.target_id) {
            (Some(TargetKind::Person), Some(id)) => Some(PersonId::from_uuid(id)),
            _ => None,
        }
    }
}

/// Assets by their ids, and, where they were merged, the records that they lead to.
pub(super) async fn candidates(
    tx: &mut Tx,
    org: OrgId,
    ids: Vec<AssetId>,
) -> StoreResult<HashMap<AssetId, Candidate>> {
    const ASSETS: &str = "SELECT a.id, a.serial, a.manufacturer_id, a.owning_unit_id, a.state, a.state_since, a.merged_into_id, a.assignment_id,
             s.kind AS assignment_kind, s.target_kind, s.target_id
         FROM asset a LEFT JOIN assignment s ON s.org_id = a.org_id AND s.id = a.assignment_id WHERE a.org_id = ";
    let mut found: HashMap<AssetId, Candidate> = HashMap::new();
    let mut wanted = ids;
    while !wanted.is_empty() {
        wanted.sort_unstable();
        wanted.dedup();
        let rows: Vec<Candidate> = Query::keyed(tx, ASSETS, org, "a.id", wanted).await?;
        wanted = rows.iter().filter_map(|row| row.merged_into_id).collect();
        found.extend(rows.into_iter().map(|row| (row.id, row)));
        wanted.retain(|id| !found.contains_key(id));
    }
    Ok(found)
}

/// What a connection last reported of an asset, as facts and beside them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Device {
    pub status: Status,
    pub external_id: Option<String>,
    pub enrolled_at: Option<Timestamp>,
    pub unenrolled_at: Option<Timestamp>,
    pub checked_in_at: Option<Timestamp>,
    pub about: About,
}

#[derive(sqlx::FromRow)]
struct DeviceRow {
    asset_id: AssetId,
    connection_id: ConnectionId,
    status: Status,
    external_id: Option<String>,
    enrolled_at: Option<Timestamp>,
    unenrolled_at: Option<Timestamp>,
    checked_in_at: Option<Timestamp>,
    platform: Option<String>,
    os_version: Option<String>,
    ownership: Option<super::report::Ownership>,
    compliance: Option<String>,
}

/// What a connection last reported of these assets.
pub(super) async fn devices(
    tx: &mut Tx,
    org: OrgId,
    connection: ConnectionId,
    assets: &[AssetId],
) -> StoreResult<HashMap<AssetId, Device>> {
    const DEVICES: &str = "SELECT asset_id, connection_id, status, external_id, enrolled_at, unenrolled_at, checked_in_at, platform, os_version,
             ownership, compliance FROM device WHERE org_id = ";
    let assets = assets.iter().copied();
    let rows: Vec<DeviceRow> = Query::keyed(tx, DEVICES, org, "asset_id", assets).await?;
    let rows = rows.into_iter();
    let ours = rows.filter(|row| row.connection_id == connection);
    Ok(ours
        .map(|row| {
            let device = Device {
                status: row.status,
                external_id: row.external_id,
                enrolled_at: row.enrolled_at,
                unenrolled_at: row.unenrolled_at,
                checked_in_at: row.checked_in_at,
                about: About {
                    platform: row.platform,
                    os_version: row.os_version,
                    ownership: row.ownership,
                    compliance: row.compliance,
                },
            };
            (row.asset_id, device)
        })
        .collect())
}

/// What is kept of a device beside the ledger.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Private {
    pub asset_id: AssetId,
    pub connection_id: ConnectionId,
    /// When it was last heard of.
    pub seen_at: Timestamp,
    /// When it was last said to be under management.
    pub vouched_at: Option<Timestamp>,
    /// When it was last said to have left.
    pub left_at: Option<Timestamp>,
    pub name: Option<String>,
    pub serial: Option<String>,
    pub provider_tag: Option<String>,
    pub email: Option<String>,
    pub principal_name: Option<String>,
    pub username: Option<String>,
    pub display_name: Option<String>,
    pub building: Option<String>,
    pub department: Option<String>,
    pub room: Option<String>,
}

/// What is kept of these devices.
pub(super) async fn privates(
    tx: &mut Tx,
    org: OrgId,
    connection: ConnectionId,
    assets: &[AssetId],
) -> StoreResult<HashMap<AssetId, Private>> {
    const KEPT: &str = "SELECT asset_id, connection_id, seen_at, vouched_at, left_at, name, serial, provider_tag, email, principal_name, username,
             display_name, building, department, room FROM device_private WHERE org_id = ";
    let assets = assets.iter().copied();
    let rows: Vec<Private> = Query::keyed(tx, KEPT, org, "asset_id", assets).await?;
    let rows = rows.into_iter();
    let ours = rows.filter(|row| row.connection_id == connection);
    Ok(ours.map(|row| (row.asset_id, row)).collect())
}

const PRIVATE_HEAD: &str = "INSERT INTO device_private (org_id, asset_id, connection_id, seen_at, vouched_at, left_at, name, serial, provider_tag,
    email, principal_name, username, display_name, building, department, room) VALUES";
const PRIVATE_TAIL: &str = " ON CONFLICT (org_id, asset_id, connection_id) DO UPDATE SET seen_at = excluded.seen_at,
    vouched_at = excluded.vouched_at, left_at = excluded.left_at, name = excluded.name, serial = excluded.serial,
    provider_tag = excluded.provider_tag, email = excluded.email, principal_name = excluded.principal_name, username = excluded.username,
    display_name = excluded.display_name, building = excluded.building, department = excluded.department, room = excluded.room";

/// Keeps what is known of devices beside the ledger.
pub(super) async fn keep_privates(tx: &mut Tx, org: OrgId, rows: Vec<Private>) -> StoreResult<()> {
    let rows = rows.into_iter().map(|row| -> [Value; 16] {
        [
            org.into(),
            row.asset_id.into(),
            row.connection_id.into(),
            row.seen_at.into(),
            row.vouched_at.into(),
            row.left_at.into(),
            row.name.into(),
            row.serial.into(),
            row.provider_tag.into(),
            row.email.into(),
            row.principal_name.into(),
            row.username.into(),
            row.display_name.into(),
            row.building.into(),
            row.department.into(),
            row.room.into(),
        ]
    });
    Query::insert_rows(tx, PRIVATE_HEAD, rows.collect(), PRIVATE_TAIL).await?;
    Ok(())
}

/// A proposal of a hand-over, as far as another one asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct HandOverRow {
    pub asset_id: AssetId,
    pub person_id: PersonId,
    pub assignment_id: Option<AssignmentId>,
    pub state: HandOverState,
}

/// The proposals that there were for these assets.
pub(super) async fn hand_overs(
    tx: &mut Tx,
    org: OrgId,
    assets: &[AssetId],
) -> StoreResult<Vec<HandOverRow>> {
    const PROPOSED: &str =
        "SELECT asset_id, person_id, assignment_id, state FROM hand_over WHERE org_id = ";
    Query::keyed(tx, PROPOSED, org, "asset_id", assets.iter().copied()).await
}

/// The cases that these assets are members of, by what they are known by when they are reported again.
pub(super) async fn cases(
    tx: &mut Tx,
    org: OrgId,
    assets: &[AssetId],
) -> StoreResult<HashMap<String, (DuplicateCaseId, CaseState)>> {
    const CASES: &str = "SELECT c.fingerprint, c.id, c.state FROM duplicate_member m
         JOIN duplicate_case c ON c.org_id = m.org_id AND c.id = m.case_id WHERE m.org_id = ";
    type Row = (String, DuplicateCaseId, CaseState);
    let rows: Vec<Row> = Query::keyed(tx, CASES, org, "m.asset_id", assets.iter().copied()).await?;
    Ok(rows
        .into_iter()
        .map(|(fingerprint, id, state)| (fingerprint, (id, state)))
        .collect())
}

/// In which words a management named somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    pub id: HandOverId,
    pub user: super::report::User,
}

const NAMED_HEAD: &str = "INSERT INTO hand_over_private (org_id, id, email, principal_name, username, display_name) VALUES";

/// Keeps the words in which proposals name people.
pub(super) async fn keep_named(tx: &mut Tx, org: OrgId, named: Vec<Named>) -> StoreResult<()> {
    let rows = named.into_iter().map(|one| -> [Value; 6] {
        [
            org.into(),
            one.id.into(),
            one.user.email.into(),
            one.user.principal_name.into(),
            one.user.username.into(),
            one.user.display_name.into(),
        ]
    });
    Query::insert_rows(tx, NAMED_HEAD, rows.collect(), "").await?;
    Ok(())
}

/// A proposal, as far as a decision asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct OpenHandOver {
    pub asset_id: AssetId,
    pub person_id: PersonId,
    pub state: HandOverState,
}

/// One proposal, whether in scope or not.
pub(super) async fn hand_over(
    tx: &mut Tx,
    org: OrgId,
    id: HandOverId,
) -> StoreResult<Option<OpenHandOver>> {
    fetch_optional!(
        tx,
        OpenHandOver,
        "SELECT asset_id, person_id, state FROM hand_over WHERE org_id = $1 AND id = $2",
        org,
        id
    )
}

/// A case, as far as a decision asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Case {
    pub state: CaseState,
    pub survivor: Option<AssetId>,
    pub members: Vec<AssetId>,
}

/// One case, whether in scope or not.
pub(super) async fn case(
    tx: &mut Tx,
    org: OrgId,
    id: DuplicateCaseId,
) -> StoreResult<Option<Case>> {
    let row: Option<(CaseState, Option<AssetId>)> = fetch_optional!(
        tx,
        (CaseState, Option<AssetId>),
        "SELECT state, survivor_id FROM duplicate_case WHERE org_id = $1 AND id = $2",
        org,
        id
    )?;
    let Some((state, survivor)) = row else {
        return Ok(None);
    };
    let members: Vec<(AssetId,)> = fetch_all!(
        tx,
        (AssetId,),
        "SELECT asset_id FROM duplicate_member WHERE org_id = $1 AND case_id = $2 ORDER BY place",
        org,
        id
    )?;
    Ok(Some(Case {
        state,
        survivor,
        members: members.into_iter().map(|(id,)| id).collect(),
    }))
}

/// Forgets what devices are called and whom their managements name, where that is this person: by their address, or in words by which a
/// proposal for them named them. How many devices it was.
pub(crate) async fn erase_user(
    tx: &mut Tx,
    access: &Access,
    person: PersonId,
    address: Option<String>,
) -> StoreResult<u64> {
    execute!(
        tx,
        "UPDATE device_private SET name = NULL, email = NULL, principal_name = NULL, username = NULL, display_name = NULL
         WHERE org_id = $1 AND (lower(email) = $3 OR lower(principal_name) = $3 OR EXISTS (
             SELECT 1 FROM hand_over h JOIN hand_over_private p ON p.org_id = h.org_id AND p.id = h.id
             WHERE h.org_id = device_private.org_id AND h.asset_id = device_private.asset_id AND h.connection_id = device_private.connection_id
               AND h.person_id = $2 AND (p.email = device_private.email OR p.principal_name = device_private.principal_name
                   OR p.username = device_private.username OR p.display_name = device_private.display_name)))",
        access.org(),
        person,
        address
    )
}

/// Forgets in which words proposals named a person. How many proposals it was.
pub(crate) async fn erase_named(
    tx: &mut Tx,
    access: &Access,
    person: PersonId,
) -> StoreResult<u64> {
    execute!(
        tx,
        "UPDATE hand_over_private SET email = NULL, principal_name = NULL, username = NULL, display_name = NULL
         WHERE org_id = $1 AND id IN (SELECT id FROM hand_over WHERE org_id = $1 AND person_id = $2)
           AND (email IS NOT NULL OR principal_name IS NOT NULL OR username IS NOT NULL OR display_name IS NOT NULL)",
        access.org(),
        person
    )
}
