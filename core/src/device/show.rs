//! What people are shown of devices, cases and proposed hand-overs, as far as their rights reach.

use std::collections::HashMap;

use super::{CaseKind, CaseState, HandOverState, MatchedBy, Status};
use crate::access::Access;
use crate::asset::store::{self, AssetDetail};
use crate::connection::Provider;
use crate::id::{AssetId, ConnectionId, DuplicateCaseId, HandOverId, PersonId};
use crate::page::{Limit, Page, Position};
use crate::store::{Query, StoreResult, Tx, fetch_optional};
use crate::time::Timestamp;
use crate::unit::scope::{Columns, Scope};

/// Whose assets: nobody decides over one because they hold it.
const OF_UNITS: Columns = Columns {
    unit: "a.owning_unit_id",
    own: None,
};

/// A management by its own name.
#[must_use]
pub const fn management(provider: Provider) -> &'static str {
    match provider {
        Provider::Jamf => "Jamf Pro",
        Provider::Intune => "Microsoft Intune",
        Provider::Kandji => "Kandji",
        Provider::ServiceNow => "ServiceNow",
        Provider::Freshservice => "Freshservice",
        Provider::Jira => "Jira",
    }
}

/// A device as a connection reports it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ShownDevice {
    /// Which asset it is.
    pub asset_id: AssetId,
    /// Which connection reports.
    pub connection_id: ConnectionId,
    /// Whose product that is.
    pub provider: Provider,
    /// Whether it is under management.
    pub status: Status,
    /// Since when.
    pub status_since: Timestamp,
    /// The management's key for it.
    pub external_id: Option<String>,
    /// When it was last heard of.
    pub seen_at: Option<Timestamp>,
    /// Its system.
    pub platform: Option<String>,
    /// The version of its system.
    pub os_version: Option<String>,
    /// Whether it follows its rules, in the management's word.
    pub compliance: Option<String>,
}

/// The devices that these assets are; the caller must have been shown the assets. Those heard of last come first.
pub async fn devices(
    tx: &mut Tx,
    access: &Access,
    assets: &[AssetId],
) -> StoreResult<Vec<ShownDevice>> {
    const DEVICES: &str = "SELECT d.asset_id, d.connection_id, d.provider, d.status, d.status_since, d.external_id, p.seen_at, d.platform,
             d.os_version, d.compliance FROM device d
         LEFT JOIN device_private p ON p.org_id = d.org_id AND p.asset_id = d.asset_id AND p.connection_id = d.connection_id
         WHERE d.org_id = ";
    let assets = assets.iter().copied();
    let mut rows: Vec<ShownDevice> =
        Query::keyed(tx, DEVICES, access.org(), "d.asset_id", assets).await?;
    rows.sort_by_key(|row| (std::cmp::Reverse(row.seen_at), row.connection_id));
    Ok(rows)
}

/// A case in a list.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ShownCase {
    /// Its id.
    pub id: DuplicateCaseId,
    /// Its place in lists.
    pub seq: i64,
    /// Why somebody has to decide.
    pub kind: CaseKind,
    /// What became of it.
    pub state: CaseState,
    /// Which connection reported.
    pub connection_id: ConnectionId,
    /// Whose product that is.
    pub provider: Provider,
    /// The management's key for the device.
    pub external_id: Option<String>,
    /// The serial number that was reported.
    pub serial: Option<String>,
    /// The maker that was reported.
    pub manufacturer: Option<String>,
    /// The model that was reported.
    pub model: Option<String>,
    /// When it was noticed.
    pub opened_at: Timestamp,
    /// The record that goes on, where its assets were merged.
    pub survivor_id: Option<AssetId>,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
    /// Who decided, by name.
    pub decided_by_name: Option<String>,
}

macro_rules! cases {
    () => {
        "SELECT c.id, c.seq, c.kind, c.state, c.connection_id, c.provider, c.external_id, c.serial, c.manufacturer, c.model, c.opened_at,
             c.survivor_id, c.decided_at,
             (SELECT n.display_name FROM person_private n WHERE n.org_id = c.org_id AND n.id = c.decided_by) AS decided_by_name
         FROM duplicate_case c WHERE c.org_id = "
    };
}

/// A page of the cases all of whose assets are in scope, those that wait or those that were decided, the latest first.
pub async fn cases(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    waiting: bool,
    before: Option<DuplicateCaseId>,
    limit: Limit,
) -> StoreResult<Page<ShownCase>> {
    let mut query = Query::new(cases!());
    query.bind(access.org());
    query.push(if waiting {
        " AND c.state = 'open'"
    } else {
        " AND c.state IN ('merged', 'distinct', 'ignored')"
    });
    if let Some(before) = before {
        query
            .push(" AND c.seq < (SELECT b.seq FROM duplicate_case b WHERE b.org_id = ")
            .bind(access.org());
        query.push(" AND b.id = ").bind(before).push(")");
    }
    push_within(&mut query, access, scope);
    query
        .push(" ORDER BY c.seq DESC LIMIT ")
        .bind(limit.plus_one());
    let rows = query.fetch_all(tx).await?;
    Ok(Page::cut(rows, limit, |row: &ShownCase| {
        Position::after(row.seq)
    }))
}

/// The cases about an asset that wait for a decision, the latest first, of those all of whose assets are in scope.
pub async fn cases_of(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    asset: AssetId,
) -> StoreResult<Vec<ShownCase>> {
    let mut query = Query::new(cases!());
    query
        .bind(access.org())
        .push(
            " AND c.state = 'open' AND c.id IN (SELECT w.case_id FROM duplicate_member w WHERE w.org_id = ",
        )
        .bind(access.org());
    query.push(" AND w.asset_id = ").bind(asset).push(")");
    push_within(&mut query, access, scope);
    query.push(" ORDER BY c.seq DESC LIMIT ").bind(CASES_OF_MAX);
    query.fetch_all(tx).await
}

/// The most cases that are named beside one asset.
const CASES_OF_MAX: i64 = 20;

/// An asset of a case, with what managements report of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownMember {
    /// The asset.
    pub asset: AssetDetail,
    /// By what the device was taken for it.
    pub matched_by: MatchedBy,
    /// What managements report of it.
    pub devices: Vec<ShownDevice>,
}

/// One case with its assets, if all of them are in scope.
pub async fn case(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    id: DuplicateCaseId,
) -> StoreResult<Option<(ShownCase, Vec<ShownMember>)>> {
    let mut query = Query::new(cases!());
    query.bind(access.org()).push(" AND c.id = ").bind(id);
    push_within(&mut query, access, scope);
    let Some(case) = query.fetch_all::<ShownCase>(tx).await?.pop() else {
        return Ok(None);
    };
    let mut members: Vec<(AssetId, i64, MatchedBy)> =
        Query::keyed(tx, MEMBERS, access.org(), "case_id", [id]).await?;
    members.sort_unstable_by_key(|(_, place, _)| *place);
    let ids: Vec<AssetId> = members.iter().map(|(asset, ..)| *asset).collect();
    let mut details = details(tx, access, scope, &ids).await?;
    let devices = devices(tx, access, &ids).await?;
    let members = members.into_iter().filter_map(|(id, _, matched_by)| {
        let of_asset = devices.iter().filter(|device| device.asset_id == id);
        Some(ShownMember {
            asset: details.remove(&id)?,
            matched_by,
            devices: of_asset.cloned().collect(),
        })
    });
    Ok(Some((case, members.collect())))
}

const MEMBERS: &str = "SELECT asset_id, place, matched_by FROM duplicate_member WHERE org_id = ";

/// Appends that no asset of the case is out of scope.
fn push_within(query: &mut Query, access: &Access, scope: &Scope) {
    if *scope == Scope::Whole {
        return;
    }
    query.push(
        " AND (SELECT COUNT(*) FROM duplicate_member m WHERE m.org_id = c.org_id AND m.case_id = c.id) =
             (SELECT COUNT(*) FROM duplicate_member m JOIN asset a ON a.org_id = m.org_id AND a.id = m.asset_id
              WHERE m.org_id = c.org_id AND m.case_id = c.id",
    );
    scope.push_condition(query, access.org(), OF_UNITS);
    query.push(")");
}

async fn details(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    ids: &[AssetId],
) -> StoreResult<HashMap<AssetId, AssetDetail>> {
    let rows = store::by_ids(tx, access, scope, ids).await?;
    Ok(rows.into_iter().map(|asset| (asset.id, asset)).collect())
}

/// A proposed hand-over. In which words the management named the user is for those who decide over the asset.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ProposedHandOver {
    /// Its id.
    pub id: HandOverId,
    /// Its place in lists.
    pub seq: i64,
    /// Which asset.
    pub asset_id: AssetId,
    /// To whom.
    pub person_id: PersonId,
    /// By name.
    pub person_name: String,
    /// Whose product reported.
    pub provider: Provider,
    /// What became of it.
    pub state: HandOverState,
    /// When it was proposed.
    pub proposed_at: Timestamp,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
    /// Who decided, by name.
    pub decided_by_name: Option<String>,
    /// The user's address, as the management has it.
    pub email: Option<String>,
    /// The user's name in the directory, as the management has it.
    pub principal_name: Option<String>,
    /// The user name, as the management has it.
    pub username: Option<String>,
}

macro_rules! hand_overs {
    () => {
        "SELECT h.id, h.seq, h.asset_id, h.person_id, COALESCE(n.display_name, '') AS person_name, h.provider, h.state, h.proposed_at,
             h.decided_at, (SELECT d.display_name FROM person_private d WHERE d.org_id = h.org_id AND d.id = h.decided_by) AS decided_by_name,
             w.email, w.principal_name, w.username
         FROM hand_over h JOIN asset a ON a.org_id = h.org_id AND a.id = h.asset_id
         LEFT JOIN person_private n ON n.org_id = h.org_id AND n.id = h.person_id
         LEFT JOIN hand_over_private w ON w.org_id = h.org_id AND w.id = h.id
         WHERE h.org_id = "
    };
}

/// A page of the hand-overs that are proposed, or were decided, of assets in scope, the latest first, each with its asset.
pub async fn hand_overs(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    waiting: bool,
    before: Option<HandOverId>,
    limit: Limit,
) -> StoreResult<Page<(ProposedHandOver, AssetDetail)>> {
    let mut query = Query::new(hand_overs!());
    query.bind(access.org());
    query.push(if waiting {
        " AND h.state = 'proposed'"
    } else {
        " AND h.state IN ('accepted', 'declined')"
    });
    if let Some(before) = before {
        query
            .push(" AND h.seq < (SELECT b.seq FROM hand_over b WHERE b.org_id = ")
            .bind(access.org());
        query.push(" AND b.id = ").bind(before).push(")");
    }
    scope.push_condition(&mut query, access.org(), OF_UNITS);
    query
        .push(" ORDER BY h.seq DESC LIMIT ")
        .bind(limit.plus_one());
    let rows: Vec<ProposedHandOver> = query.fetch_all(tx).await?;
    let page = Page::cut(rows, limit, |row: &ProposedHandOver| {
        Position::after(row.seq)
    });
    let mut ids: Vec<AssetId> = page.rows.iter().map(|row| row.asset_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let details = details(tx, access, scope, &ids).await?;
    let with_asset = |row: ProposedHandOver| {
        let asset = details.get(&row.asset_id).cloned();
        asset.map(|asset| (row, asset))
    };
    Ok(Page {
        rows: page.rows.into_iter().filter_map(with_asset).collect(),
        next: page.next,
    })
}

/// One hand-over of an asset in scope, with its asset.
pub async fn hand_over(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    id: HandOverId,
) -> StoreResult<Option<(ProposedHandOver, AssetDetail)>> {
    let mut query = Query::new(hand_overs!());
    query.bind(access.org()).push(" AND h.id = ").bind(id);
    scope.push_condition(&mut query, access.org(), OF_UNITS);
    let Some(row) = query.fetch_all::<ProposedHandOver>(tx).await?.pop() else {
        return Ok(None);
    };
    let mut details = details(tx, access, scope, &[row.asset_id]).await?;
    Ok(details.remove(&row.asset_id).map(|asset| (row, asset)))
}

/// The person to whom a hand-over of an asset is proposed now; the caller must be one who decides over it.
pub async fn open_proposal(
    tx: &mut Tx,
    access: &Access,
    asset: AssetId,
) -> StoreResult<Option<(HandOverId, String)>> {
    fetch_optional!(
        tx,
        (HandOverId, String),
        "SELECT h.id, COALESCE(n.display_name, '') FROM hand_over h
         LEFT JOIN person_private n ON n.org_id = h.org_id AND n.id = h.person_id
         WHERE h.org_id = $1 AND h.asset_id = $2 AND h.state = 'proposed'",
        access.org(),
        asset
    )
}

/// How many cases, and how many hand-overs, wait for somebody with these rights.
pub async fn waiting(
    tx: &mut Tx,
    access: &Access,
    correct: &Scope,
    custody: &Scope,
) -> StoreResult<(i64, i64)> {
    let mut query =
        Query::new("SELECT CAST(COUNT(*) AS BIGINT) FROM duplicate_case c WHERE c.org_id = ");
    query.bind(access.org()).push(" AND c.state = 'open'");
    push_within(&mut query, access, correct);
    let cases: Vec<(i64,)> = query.fetch_all(tx).await?;
    let mut query = Query::new(
        "SELECT CAST(COUNT(*) AS BIGINT) FROM hand_over h JOIN asset a ON a.org_id = h.org_id AND a.id = h.asset_id WHERE h.org_id = ",
    );
    query.bind(access.org()).push(" AND h.state = 'proposed'");
    custody.push_condition(&mut query, access.org(), OF_UNITS);
    let hand_overs: Vec<(i64,)> = query.fetch_all(tx).await?;
    let one = |rows: Vec<(i64,)>| rows.first().map_or(0, |(count,)| *count);
    Ok((one(cases), one(hand_overs)))
}
