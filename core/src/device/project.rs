//! Facts about devices into their tables. Many are folded into one row of each thing first, and written with few statements.

use std::collections::BTreeMap;

use super::event::{About, DeviceEvent, Evidence, Member};
use super::{CaseKind, CaseState, HandOverState, Status};
use crate::asset::event::Identifier;
use crate::connection::Provider;
use crate::id::{
    AssetId, AssignmentId, ConnectionId, DuplicateCaseId, HandOverId, OrgId, PersonId,
};
use crate::ledger::event::Recorded;
use crate::store::{Query, StoreResult, Tx, Value, execute};
use crate::text;
use crate::time::Timestamp;

/// Applies one fact.
pub(crate) async fn apply(
    tx: &mut Tx,
    recorded: &Recorded,
    event: &DeviceEvent,
) -> StoreResult<()> {
    let mut rows = Rows::default();
    rows.fold(recorded, event);
    rows.write(tx).await?;
    match event {
        DeviceEvent::Accepted { hand_over } => {
            decide_hand_over(tx, recorded, *hand_over, HandOverState::Accepted).await
        }
        DeviceEvent::Declined { hand_over } => {
            decide_hand_over(tx, recorded, *hand_over, HandOverState::Declined).await
        }
        DeviceEvent::Merged { survivor, .. } => {
            decide_case(tx, recorded, CaseState::Merged, Some(*survivor)).await
        }
        DeviceEvent::KeptApart {} => decide_case(tx, recorded, CaseState::Distinct, None).await,
        DeviceEvent::Ignored {} => decide_case(tx, recorded, CaseState::Ignored, None).await,
        DeviceEvent::Unmerged { .. } | DeviceEvent::Reopened {} => reopen(tx, recorded).await,
        _ => Ok(()),
    }
}

async fn decide_hand_over(
    tx: &mut Tx,
    recorded: &Recorded,
    id: HandOverId,
    state: HandOverState,
) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE hand_over SET state = $3, decided_at = $4, decided_by = $5 WHERE org_id = $1 AND id = $2",
        recorded.org,
        id,
        state,
        recorded.recorded_at,
        recorded.person
    )?;
    Ok(())
}

async fn decide_case(
    tx: &mut Tx,
    recorded: &Recorded,
    state: CaseState,
    survivor: Option<AssetId>,
) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE duplicate_case SET state = $3, survivor_id = $4, decided_at = $5, decided_by = $6 WHERE org_id = $1 AND id = $2",
        recorded.org,
        DuplicateCaseId::from_uuid(recorded.stream.id()),
        state,
        survivor,
        recorded.recorded_at,
        recorded.person
    )?;
    Ok(())
}

async fn reopen(tx: &mut Tx, recorded: &Recorded) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE duplicate_case SET state = $3, survivor_id = NULL, decided_at = NULL, decided_by = NULL WHERE org_id = $1 AND id = $2",
        recorded.org,
        DuplicateCaseId::from_uuid(recorded.stream.id()),
        CaseState::Open
    )?;
    Ok(())
}

/// Rows that wait to be written.
#[derive(Debug, Default)]
pub(super) struct Rows {
    org: Option<OrgId>,
    refs: BTreeMap<(ConnectionId, String), RefRow>,
    devices: BTreeMap<(AssetId, ConnectionId), DeviceRow>,
    identifiers: Vec<[Value; 6]>,
    cases: Vec<[Value; 13]>,
    members: Vec<[Value; 5]>,
    hand_overs: Vec<[Value; 10]>,
}

#[derive(Debug)]
struct RefRow {
    asset: AssetId,
    seq: i64,
    linked_at: Timestamp,
    superseded: Option<(String, Timestamp)>,
}

/// What a fact says of a device; what it says nothing of stays as it is.
#[derive(Debug)]
struct DeviceRow {
    seq: i64,
    provider: Provider,
    status: Status,
    status_since: Timestamp,
    /// Whether that began with one of these facts.
    moved: bool,
    external_id: Option<String>,
    enrolled_at: Option<Timestamp>,
    unenrolled_at: Option<Timestamp>,
    checked_in_at: Option<Timestamp>,
    about: About,
}

impl DeviceRow {
    fn new(recorded: &Recorded, provider: Provider, status: Status) -> Self {
        Self {
            seq: recorded.index,
            provider,
            status,
            status_since: recorded.occurred_at,
            moved: false,
            external_id: None,
            enrolled_at: None,
            unenrolled_at: None,
            checked_in_at: None,
            about: About::default(),
        }
    }

    /// The row after a later fact.
    fn then(self, later: Self) -> Self {
        Self {
            seq: self.seq,
            provider: later.provider,
            status: later.status,
            status_since: if later.moved {
                later.status_since
            } else {
                self.status_since
            },
            moved: self.moved || later.moved,
            external_id: later.external_id.or(self.external_id),
            enrolled_at: later.enrolled_at.or(self.enrolled_at),
            unenrolled_at: later.unenrolled_at.or(self.unenrolled_at),
            checked_in_at: later.checked_in_at.or(self.checked_in_at),
            about: self.about.then(&later.about),
        }
    }
}

impl About {
    /// What is known after a later report, which may have said nothing of some of it.
    pub(super) fn then(self, later: &Self) -> Self {
        Self {
            platform: later.platform.clone().or(self.platform),
            os_version: later.os_version.clone().or(self.os_version),
            ownership: later.ownership.or(self.ownership),
            compliance: later.compliance.clone().or(self.compliance),
        }
    }
}

impl Rows {
    /// Folds one fact; decisions of people are applied by themselves.
    pub(super) fn fold(&mut self, recorded: &Recorded, event: &DeviceEvent) {
        self.org = Some(recorded.org);
        let asset = AssetId::from_uuid(recorded.stream.id());
        match event {
            DeviceEvent::RefLinked {
                connection,
                external_id,
                identifiers,
                ..
            } => {
                self.link(recorded, asset, (*connection, external_id.clone()), None);
                let rows = identifiers.iter();
                self.identifiers
                    .extend(rows.map(|one| identifier(recorded, asset, one)));
            }
            DeviceEvent::RefSuperseded {
                connection,
                external_id,
                by,
            } => {
                let superseded = (by.clone(), recorded.occurred_at);
                let key = (*connection, external_id.clone());
                self.link(recorded, asset, key, Some(superseded));
            }
            DeviceEvent::Enrolled {
                connection,
                provider,
                external_id,
                status,
                about,
            } => {
                let enrolled = *status == Status::Enrolled;
                let row = DeviceRow {
                    moved: true,
                    external_id: external_id.clone(),
                    enrolled_at: enrolled.then_some(recorded.occurred_at),
                    about: about.clone(),
                    ..DeviceRow::new(recorded, *provider, *status)
                };
                self.device((asset, *connection), row);
            }
            DeviceEvent::CheckedIn {
                connection,
                provider,
                external_id,
                status,
                about,
                ..
            } => {
                let row = DeviceRow {
                    external_id: external_id.clone(),
                    checked_in_at: Some(recorded.occurred_at),
                    about: about.clone(),
                    ..DeviceRow::new(recorded, *provider, *status)
                };
                self.device((asset, *connection), row);
            }
            DeviceEvent::Unenrolled {
                connection,
                provider,
            } => {
                let row = DeviceRow {
                    moved: true,
                    unenrolled_at: Some(recorded.occurred_at),
                    ..DeviceRow::new(recorded, *provider, Status::Unenrolled)
                };
                self.device((asset, *connection), row);
            }
            DeviceEvent::Proposed {
                hand_over,
                connection,
                provider,
                person,
                assignment,
            } => self.hand_overs.push(hand_over_row(
                recorded,
                *hand_over,
                (*connection, *provider),
                *person,
                *assignment,
            )),
            DeviceEvent::CaseOpened {
                kind,
                fingerprint,
                members,
                evidence,
            } => self.case(recorded, *kind, fingerprint, members, evidence),
            // The history of the asset tells of it; the key's own facts say what becomes of the rows.
            DeviceEvent::ReEnrolled { .. }
            | DeviceEvent::Accepted { .. }
            | DeviceEvent::Declined { .. }
            | DeviceEvent::Merged { .. }
            | DeviceEvent::Unmerged { .. }
            | DeviceEvent::KeptApart {}
            | DeviceEvent::Ignored {}
            | DeviceEvent::Reopened {} => {}
        }
    }

    fn link(
        &mut self,
        recorded: &Recorded,
        asset: AssetId,
        key: (ConnectionId, String),
        superseded: Option<(String, Timestamp)>,
    ) {
        let row = self.refs.entry(key).or_insert(RefRow {
            asset,
            seq: recorded.index,
            linked_at: recorded.occurred_at,
            superseded: None,
        });
        row.asset = asset;
        row.superseded = superseded;
    }

    fn device(&mut self, key: (AssetId, ConnectionId), row: DeviceRow) {
        let row = match self.devices.remove(&key) {
            Some(former) => former.then(row),
            None => row,
        };
        self.devices.insert(key, row);
    }

    fn case(
        &mut self,
        recorded: &Recorded,
        kind: CaseKind,
        fingerprint: &str,
        members: &[Member],
        evidence: &Evidence,
    ) {
        let id = DuplicateCaseId::from_uuid(recorded.stream.id());
        self.cases.push([
            recorded.org.into(),
            id.into(),
            recorded.index.into(),
            kind.as_str().into(),
            CaseState::Open.as_str().into(),
            fingerprint.into(),
            evidence.connection.into(),
            evidence.provider.as_str().into(),
            evidence.external_id.clone().into(),
            evidence.serial.clone().into(),
            evidence.manufacturer.clone().into(),
            evidence.model.clone().into(),
            recorded.recorded_at.into(),
        ]);
        for (place, member) in members.iter().enumerate() {
            self.members.push([
                recorded.org.into(),
                id.into(),
                member.asset.into(),
                i64::try_from(place).unwrap_or(i64::MAX).into(),
                member.matched_by.as_str().into(),
            ]);
        }
    }

    /// Writes them.
    pub(super) async fn write(self, tx: &mut Tx) -> StoreResult<()> {
        let Some(org) = self.org else { return Ok(()) };
        let refs = self.refs.into_iter();
        let refs = refs.map(|(key, row)| ref_row(org, key, row)).collect();
        Query::insert_rows(tx, REF_HEAD, refs, REF_TAIL).await?;
        let (moved, heard): (Vec<_>, Vec<_>) =
            self.devices.into_iter().partition(|(_, row)| row.moved);
        for (devices, tail) in [(moved, MOVED_TAIL), (heard, HEARD_TAIL)] {
            let rows = devices.into_iter();
            let rows = rows.map(|(key, row)| device_row(org, key, row)).collect();
            Query::insert_rows(tx, DEVICE_HEAD, rows, tail).await?;
        }
        Query::insert_rows(
            tx,
            IDENTIFIER_HEAD,
            self.identifiers,
            " ON CONFLICT DO NOTHING",
        )
        .await?;
        Query::insert_rows(tx, CASE_HEAD, self.cases, "").await?;
        Query::insert_rows(tx, MEMBER_HEAD, self.members, "").await?;
        Query::insert_rows(tx, HAND_OVER_HEAD, self.hand_overs, "").await?;
        Ok(())
    }
}

const REF_HEAD: &str = "INSERT INTO external_ref (org_id, connection_id, external_id, asset_id, seq, linked_at, superseded_by, superseded_at) VALUES";
const REF_TAIL: &str =
    " ON CONFLICT (org_id, connection_id, external_id) DO UPDATE SET asset_id = excluded.asset_id,
    superseded_by = excluded.superseded_by, superseded_at = excluded.superseded_at";
const DEVICE_HEAD: &str = "INSERT INTO device (org_id, asset_id, connection_id, seq, provider, status, status_since, external_id, enrolled_at,
    unenrolled_at, checked_in_at, platform, os_version, ownership, compliance) VALUES";
/// What a fact says nothing of stays as it is.
macro_rules! device_tail {
    ($status:literal) => {
        concat!(
            " ON CONFLICT (org_id, asset_id, connection_id) DO UPDATE SET provider = excluded.provider, ",
            $status,
            "external_id = COALESCE(excluded.external_id, device.external_id),
             enrolled_at = COALESCE(excluded.enrolled_at, device.enrolled_at),
             unenrolled_at = COALESCE(excluded.unenrolled_at, device.unenrolled_at),
             checked_in_at = COALESCE(excluded.checked_in_at, device.checked_in_at), platform = COALESCE(excluded.platform, device.platform),
             os_version = COALESCE(excluded.os_version, device.os_version), ownership = COALESCE(excluded.ownership, device.ownership),
             compliance = COALESCE(excluded.compliance, device.compliance)"
        )
    };
}
const MOVED_TAIL: &str =
    device_tail!("status = excluded.status, status_since = excluded.status_since, ");
const HEARD_TAIL: &str = device_tail!("");
const IDENTIFIER_HEAD: &str =
    "INSERT INTO asset_identifier (org_id, asset_id, kind, value_norm, value, first_seen) VALUES";
const CASE_HEAD: &str = "INSERT INTO duplicate_case (org_id, id, seq, kind, state, fingerprint, connection_id, provider, external_id, serial,
    manufacturer, model, opened_at) VALUES";
const MEMBER_HEAD: &str =
    "INSERT INTO duplicate_member (org_id, case_id, asset_id, place, matched_by) VALUES";
const HAND_OVER_HEAD: &str = "INSERT INTO hand_over (org_id, id, seq, asset_id, person_id, connection_id, provider, assignment_id, state,
    proposed_at) VALUES";

fn ref_row(
    org: OrgId,
    (connection, external_id): (ConnectionId, String),
    row: RefRow,
) -> [Value; 8] {
    let (by, at) = row.superseded.unzip();
    [
        org.into(),
        connection.into(),
        external_id.into(),
        row.asset.into(),
        row.seq.into(),
        row.linked_at.into(),
        by.into(),
        at.into(),
    ]
}

fn device_row(
    org: OrgId,
    (asset, connection): (AssetId, ConnectionId),
    row: DeviceRow,
) -> [Value; 15] {
    let ownership = row.about.ownership;
    [
        org.into(),
        asset.into(),
        connection.into(),
        row.seq.into(),
        row.provider.as_str().into(),
        row.status.as_str().into(),
        row.status_since.into(),
        row.external_id.into(),
        row.enrolled_at.into(),
        row.unenrolled_at.into(),
        row.checked_in_at.into(),
        row.about.platform.into(),
        row.about.os_version.into(),
        ownership.map(|whose| whose.as_str().to_owned()).into(),
        row.about.compliance.into(),
    ]
}

fn identifier(recorded: &Recorded, asset: AssetId, one: &Identifier) -> [Value; 6] {
    [
        recorded.org.into(),
        asset.into(),
        one.kind.as_str().into(),
        text::fold_code(&one.value).into(),
        one.value.as_str().into(),
        recorded.occurred_at.into(),
    ]
}

fn hand_over_row(
    recorded: &Recorded,
    id: HandOverId,
    (connection, provider): (ConnectionId, Provider),
    person: PersonId,
    assignment: Option<AssignmentId>,
) -> [Value; 10] {
    [
        recorded.org.into(),
        id.into(),
        recorded.index.into(),
        AssetId::from_uuid(recorded.stream.id()).into(),
        person.into(),
        connection.into(),
        provider.as_str().into(),
        assignment.into(),
        HandOverState::Proposed.as_str().into(),
        recorded.recorded_at.into(),
    ]
}
