//! Assets in SQL: whole for the rules, and as they are shown.

use uuid::Uuid;

use super::{
    Acquisition, Asset, AssignmentKind, Condition, Custody, Hold, HoldKind, IdentifierKind, State,
    Target, TargetKind,
};
use crate::access::Access;
use crate::connection::Provider;
use crate::device::Status;
use crate::id::{
    AssetId, AssignmentId, CategoryId, HoldId, LocationId, ManufacturerId, ModelId, OrgId,
    PersonId, UnitId,
};
use crate::store::{Query, StoreError, StoreResult, Tx, fetch_all, fetch_optional};
use crate::text::Serial;
use crate::time::{Day, Timestamp};
use crate::unit::scope::{Columns, Scope};

/// How the scope applies to assets.
pub(crate) const COLUMNS: Columns = Columns {
    unit: "a.owning_unit_id",
    own: Some("a.holder_id"),
};

/// The id under which a maker's serial numbers are claimed; unknown makers share the nil UUID.
pub(super) fn claim(maker: Option<ManufacturerId>) -> Uuid {
    maker.map_or(Uuid::nil(), ManufacturerId::uuid)
}

/// Loads assets whole, custody and holds included, for the rules.
pub(super) async fn load(tx: &mut Tx, org: OrgId, ids: &[AssetId]) -> StoreResult<Vec<Asset>> {
    let mut assets: Vec<Asset> = Query::keyed(
        tx,
        "SELECT id, seq, tag, serial, manufacturer_id, model_id, category_id, description, owning_unit_id, location_id, site_id,
             location_source, location_observed_at, state, state_since, prior_state, bound_for_id, condition, acquisition, acquired_on,
             received_on, in_service_on, cost_minor, currency, po_no, invoice_no, warranty_ends_on, last_verified_at, merged_into_id,
             ever_in_custody, since_index, rev, created_at, updated_at
         FROM asset WHERE org_id = ",
        org,
        "id",
        ids.iter().copied(),
    )
    .await?;
    if assets.is_empty() {
        return Ok(assets);
    }
    let mut custody = open_custody(tx, org, ids).await?;
    let mut holds = open_holds(tx, org, ids).await?;
    for asset in &mut assets {
        asset.custody = custody.remove(&asset.id);
        asset.holds = holds.remove(&asset.id).unwrap_or_default();
    }
    Ok(assets)
}

#[derive(sqlx::FromRow)]
struct OpenCustody {
    asset_id: AssetId,
    id: AssignmentId,
    seq: i64,
    target_kind: TargetKind,
    target_id: Uuid,
    kind: AssignmentKind,
    from_at: Timestamp,
    due_at: Option<Timestamp>,
    renewals: i64,
    suspended: bool,
    condition_out: Condition,
    issued_by: Option<PersonId>,
    acknowledged_at: Option<Timestamp>,
}

async fn open_custody(
    tx: &mut Tx,
    org: OrgId,
    ids: &[AssetId],
) -> StoreResult<std::collections::HashMap<AssetId, Custody>> {
    let rows: Vec<OpenCustody> = Query::keyed(
        tx,
        "SELECT asset_id, id, seq, target_kind, target_id, kind, from_at, due_at, renewals, suspended, condition_out, issued_by,
             acknowledged_at
         FROM assignment WHERE to_at IS NULL AND org_id = ",
        org,
        "asset_id",
        ids.iter().copied(),
    )
    .await?;
    let custody = rows.into_iter().map(|row| {
        let custody = Custody {
            id: row.id,
            seq: row.seq,
            target: Target::new(row.target_kind, row.target_id),
            kind: row.kind,
            from: row.from_at,
            due_at: row.due_at,
            renewals: row.renewals,
            suspended: row.suspended,
            condition_out: row.condition_out,
            issued_by: row.issued_by,
            acknowledged_at: row.acknowledged_at,
        };
        (row.asset_id, custody)
    });
    Ok(custody.collect())
}

async fn open_holds(
    tx: &mut Tx,
    org: OrgId,
    ids: &[AssetId],
) -> StoreResult<std::collections::HashMap<AssetId, Vec<Hold>>> {
    let mut rows: Vec<(AssetId, HoldId, i64, HoldKind, Timestamp, Option<PersonId>)> = Query::keyed(
        tx,
        "SELECT asset_id, id, seq, kind, from_at, placed_by FROM hold WHERE to_at IS NULL AND org_id = ",
        org,
        "asset_id",
        ids.iter().copied(),
    )
    .await?;
    rows.sort_unstable_by_key(|(_, _, seq, ..)| *seq);
    let mut holds: std::collections::HashMap<AssetId, Vec<Hold>> = std::collections::HashMap::new();
    for (asset, id, seq, kind, from, placed_by) in rows {
        holds.entry(asset).or_default().push(Hold {
            id,
            seq,
            kind,
            from,
            placed_by,
        });
    }
    Ok(holds)
}

/// An asset as it is shown: every id with its name, as far as the reader of the asset may know it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct AssetDetail {
    /// Its id.
    pub id: AssetId,
    /// Its place in lists.
    pub seq: i64,
    /// Its label.
    pub tag: Option<String>,
    /// Its serial number.
    pub serial: Option<Serial>,
    /// Who made it.
    pub manufacturer_id: Option<ManufacturerId>,
    /// By name.
    pub manufacturer_name: Option<String>,
    /// Which product it is.
    pub model_id: Option<ModelId>,
    /// By name.
    pub model_name: Option<String>,
    /// The maker's number for the product.
    pub model_no: Option<String>,
    /// What sort of thing.
    pub category_id: CategoryId,
    /// By name.
    pub category_name: String,
    /// What it is.
    pub description: String,
    /// Where it is in its life.
    pub state: State,
    /// Since when.
    pub state_since: Timestamp,
    /// What shape it is in.
    pub condition: Condition,
    /// How it was come by.
    pub acquisition: Acquisition,
    /// Who owns it.
    pub owning_unit_id: UnitId,
    /// By name.
    pub owning_unit_name: String,
    /// Where it is.
    pub location_id: Option<LocationId>,
    /// By name.
    pub location_name: Option<String>,
    /// From the site down.
    pub location_path: Option<String>,
    /// The site.
    pub site_id: Option<LocationId>,
    /// The custody's terms.
    pub assignment_kind: Option<AssignmentKind>,
    /// Who or what has it.
    pub target_kind: Option<TargetKind>,
    /// Which one.
    pub target_id: Option<Uuid>,
    /// By name.
    pub target_name: Option<String>,
    /// Since when.
    pub assigned_from: Option<Timestamp>,
    /// Until when.
    pub due_at: Option<Timestamp>,
    /// Whether custody rests.
    pub suspended: Option<bool>,
    /// The day it was bought.
    pub acquired_on: Option<Day>,
    /// What it cost, in minor units.
    pub cost_minor: Option<i64>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// The last day of the warranty.
    pub warranty_ends_on: Option<Day>,
    /// When somebody last had it before their eyes.
    pub last_verified_at: Option<Timestamp>,
    /// The record that goes on for it, where it turned out to be of the same asset.
    pub merged_into_id: Option<AssetId>,
    /// Which device management reports it, that of the latest change where several do.
    pub mdm_provider: Option<Provider>,
    /// Whether it is under management there.
    pub mdm_status: Option<Status>,
    /// When a management last heard of it.
    pub mdm_seen_at: Option<Timestamp>,
    /// How many facts it has.
    pub rev: i64,
    /// When it was entered.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// What the order of the list is by, where that is not `seq`.
    pub sort_key: String,
}

/// The columns of [`AssetDetail`] but the last. Names come by sub-select: each is one look-up by key on either engine, where a join of ten
/// tables would have PostgreSQL search for an order among millions at every planning.
macro_rules! detail_columns {
    () => {
        detail_columns!(
            "s",
            "(SELECT d.provider FROM device d WHERE d.org_id = a.org_id AND d.asset_id = a.id ORDER BY d.status_since DESC, d.connection_id
              LIMIT 1) AS mdm_provider,
             (SELECT d.status FROM device d WHERE d.org_id = a.org_id AND d.asset_id = a.id ORDER BY d.status_since DESC, d.connection_id
              LIMIT 1) AS mdm_status,
             (SELECT MAX(p.seen_at) FROM device_private p WHERE p.org_id = a.org_id AND p.asset_id = a.id) AS mdm_seen_at"
        )
    };
    // What device management says is known of the present only.
    (then) => {
        detail_columns!(
            "a",
            "CAST(NULL AS TEXT) AS mdm_provider, CAST(NULL AS TEXT) AS mdm_status, CAST(NULL AS BIGINT) AS mdm_seen_at"
        )
    };
    // The table in which the changing parts of the custody stand, and what device management says.
    ($custody:literal, $mdm:literal) => {
        concat!(
        "a.id, a.seq, a.tag, a.serial, a.manufacturer_id, a.model_id, a.category_id, a.description, a.state, a.state_since, a.condition,
        a.acquisition, a.owning_unit_id, a.location_id, a.site_id, a.acquired_on, a.cost_minor, a.currency, a.warranty_ends_on,
        a.last_verified_at, a.merged_into_id, a.rev, a.created_at, a.updated_at,
        (SELECT f.name FROM manufacturer f WHERE f.org_id = a.org_id AND f.id = a.manufacturer_id) AS manufacturer_name,
        (SELECT m.name FROM product_model m WHERE m.org_id = a.org_id AND m.id = a.model_id) AS model_name,
        (SELECT m.model_no FROM product_model m WHERE m.org_id = a.org_id AND m.id = a.model_id) AS model_no,
        (SELECT c.name FROM category c WHERE c.org_id = a.org_id AND c.id = a.category_id) AS category_name,
        (SELECT u.name FROM unit u WHERE u.org_id = a.org_id AND u.id = a.owning_unit_id) AS owning_unit_name,
        (SELECT l.name FROM location l WHERE l.org_id = a.org_id AND l.id = a.location_id) AS location_name,
        (SELECT l.path FROM location l WHERE l.org_id = a.org_id AND l.id = a.location_id) AS location_path,
        s.kind AS assignment_kind, s.target_kind, s.target_id, s.from_at AS assigned_from, ", $custody, ".due_at, ", $custody, ".suspended,
        CASE s.target_kind
            WHEN 'person' THEN (SELECT n.display_name FROM person_private n WHERE n.org_id = s.org_id AND n.id = s.target_id)
            WHEN 'unit' THEN (SELECT u.name FROM unit u WHERE u.org_id = s.org_id AND u.id = s.target_id)
            WHEN 'location' THEN (SELECT l.path FROM location l WHERE l.org_id = s.org_id AND l.id = s.target_id)
            WHEN 'asset' THEN (SELECT COALESCE(o.tag, o.description) FROM asset o WHERE o.org_id = s.org_id AND o.id = s.target_id)
        END AS target_name, ", $mdm
        )
    };
}
pub(super) use detail_columns;

/// Where the columns of [`detail_columns`] come from; after `found`, which says what comes before the assets and in which order.
///
/// SQLite takes CROSS JOIN as an order: it has no statistics by which to find out that few assets are found.
macro_rules! detail_tables {
    () => {
        " FROM asset a LEFT JOIN assignment s ON s.org_id = a.org_id AND s.id = a.assignment_id"
    };
    (after $found:literal) => {
        concat!(" FROM ", $found, detail_tables!(beside))
    };
    (beside) => {
        " CROSS JOIN asset a LEFT JOIN assignment s ON s.org_id = a.org_id AND s.id = a.assignment_id"
    };
}
pub(super) use detail_tables;

/// Which of these folded labels are taken, by whomever: for imports.
pub async fn taken_tags(
    tx: &mut Tx,
    access: &Access,
    folded: Vec<String>,
) -> StoreResult<Vec<String>> {
    const TAGS: &str = "SELECT tag_norm, asset_id FROM asset_tag WHERE org_id = ";
    let rows: Vec<(String, AssetId)> =
        Query::keyed(tx, TAGS, access.org(), "tag_norm", folded).await?;
    Ok(rows.into_iter().map(|(tag, _)| tag).collect())
}

/// Which of these folded serial numbers are claimed, each with the maker it is claimed of; nil where the maker is not known: for imports.
pub async fn claimed_serials(
    tx: &mut Tx,
    access: &Access,
    folded: Vec<String>,
) -> StoreResult<Vec<(String, Uuid)>> {
    const CLAIMS: &str = "SELECT serial_norm, serial_claim_id FROM asset WHERE serial_claim_id IS NOT NULL AND org_id = ";
    Query::keyed(tx, CLAIMS, access.org(), "serial_norm", folded).await
}

/// Which of these folded further identifiers are recorded, each with its kind: for imports.
pub async fn claimed_identifiers(
    tx: &mut Tx,
    access: &Access,
    folded: Vec<String>,
) -> StoreResult<Vec<(String, super::IdentifierKind)>> {
    const CLAIMS: &str = "SELECT value_norm, kind FROM asset_identifier WHERE org_id = ";
    Query::keyed(tx, CLAIMS, access.org(), "value_norm", folded).await
}

/// How many facts each of these assets has, whether in scope or not: for finding out that one changed.
pub(crate) async fn revs(
    tx: &mut Tx,
    access: &Access,
    ids: &[AssetId],
) -> StoreResult<Vec<(AssetId, i64)>> {
    const REVS: &str = "SELECT id, rev FROM asset WHERE org_id = ";
    Query::keyed(tx, REVS, access.org(), "id", ids.iter().copied()).await
}

/// To whom these assets belong, whether in scope or not: for rules.
pub(crate) async fn owners(
    tx: &mut Tx,
    access: &Access,
    ids: &[AssetId],
) -> StoreResult<Vec<(AssetId, UnitId)>> {
    const OWNERS: &str = "SELECT id, owning_unit_id FROM asset WHERE org_id = ";
    Query::keyed(tx, OWNERS, access.org(), "id", ids.iter().copied()).await
}

/// The state of an asset and in whose custody it is, whether in scope or not: for rules.
pub(crate) async fn standing(
    tx: &mut Tx,
    access: &Access,
    id: AssetId,
) -> StoreResult<Option<(State, Option<Target>)>> {
    type Row = (State, Option<TargetKind>, Option<Uuid>);
    let row: Option<Row> = fetch_optional!(
        tx,
        Row,
        "SELECT a.state, s.target_kind, s.target_id FROM asset a
         LEFT JOIN assignment s ON s.org_id = a.org_id AND s.id = a.assignment_id WHERE a.org_id = $1 AND a.id = $2",
        access.org(),
        id
    )?;
    Ok(row.map(|(state, kind, id)| {
        let target = kind.zip(id).map(|(kind, id)| Target::new(kind, id));
        (state, target)
    }))
}

/// Whether any record leads to one of these.
pub(crate) async fn leads_anywhere(
    tx: &mut Tx,
    access: &Access,
    ids: &[AssetId],
) -> StoreResult<bool> {
    const LEADING: &str = "SELECT id FROM asset WHERE merged_into_id IS NOT NULL AND org_id = ";
    let rows: Vec<(AssetId,)> = Query::keyed(
        tx,
        LEADING,
        access.org(),
        "merged_into_id",
        ids.iter().copied(),
    )
    .await?;
    Ok(!rows.is_empty())
}

/// The assets that the person who asks has and has not acknowledged yet, those given to them last first.
pub async fn to_acknowledge(tx: &mut Tx, access: &Access, limit: i64) -> StoreResult<Vec<AssetId>> {
    let Some(person) = access.person() else {
        return Ok(Vec::new());
    };
    let rows: Vec<(AssetId,)> = fetch_all!(
        tx,
        (AssetId,),
        "SELECT s.asset_id FROM asset a JOIN assignment s ON s.org_id = a.org_id AND s.id = a.assignment_id
         WHERE a.org_id = $1 AND a.holder_id = $2 AND a.state IN ('in_use', 'on_loan') AND s.acknowledged_at IS NULL
         ORDER BY s.seq DESC LIMIT $3",
        access.org(),
        person,
        limit
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Whether an asset is in the caller's own custody, and they have not acknowledged it.
pub async fn is_to_acknowledge(tx: &mut Tx, access: &Access, asset: AssetId) -> StoreResult<bool> {
    let Some(person) = access.person() else {
        return Ok(false);
    };
    let found: Option<(AssetId,)> = fetch_optional!(
        tx,
        (AssetId,),
        "SELECT a.id FROM asset a JOIN assignment s ON s.org_id = a.org_id AND s.id = a.assignment_id
         WHERE a.org_id = $1 AND a.id = $2 AND a.holder_id = $3 AND a.state IN ('in_use', 'on_loan') AND s.acknowledged_at IS NULL",
        access.org(),
        asset,
        person
    )?;
    Ok(found.is_some())
}

/// One asset in scope.
pub async fn by_id(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    id: AssetId,
) -> StoreResult<Option<AssetDetail>> {
    Ok(by_ids(tx, access, scope, &[id]).await?.pop())
}

/// Those of these assets that are in scope, in the order of lists.
pub async fn by_ids(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    ids: &[AssetId],
) -> StoreResult<Vec<AssetDetail>> {
    let mut query = Query::new(concat!(
        "SELECT ",
        detail_columns!(),
        ", '' AS sort_key",
        detail_tables!(),
        " WHERE a.org_id = "
    ));
    query
        .bind(access.org())
        .push(" AND a.id IN ")
        .bind_list(ids.iter().copied());
    scope.push_condition(&mut query, access.org(), COLUMNS);
    query.push(" ORDER BY a.seq");
    query.fetch_all(tx).await
}

/// The kinds of the holds that are open on an asset the caller sees.
pub async fn hold_kinds(
    tx: &mut Tx,
    access: &Access,
    id: AssetId,
) -> StoreResult<Vec<(HoldKind, Timestamp)>> {
    let mut holds = open_holds(tx, access.org(), &[id]).await?;
    Ok(holds
        .remove(&id)
        .unwrap_or_default()
        .into_iter()
        .map(|hold| (hold.kind, hold.from))
        .collect())
}

/// By what an asset is or was known besides its label and serial number: further identifiers, and former labels.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KnownBy {
    /// Further identifiers, in the order in which they became known.
    pub identifiers: Vec<(IdentifierKind, String)>,
    /// Former labels, the oldest first.
    pub former_tags: Vec<String>,
}

/// The most entries that are read to find out.
const KNOWN_BY_ENTRIES_MAX: i64 = 200;

/// What an asset is known by, from its facts: the tables are keyed by what a scanner reads. The caller must have been shown the asset.
pub async fn known_by(tx: &mut Tx, access: &Access, id: AssetId) -> StoreResult<KnownBy> {
    #[derive(serde::Deserialize)]
    struct Fact {
        #[serde(rename = "type")]
        kind: String,
        payload: Payload,
    }
    #[derive(serde::Deserialize)]
    struct Payload {
        #[serde(default)]
        identifiers: Vec<super::event::Identifier>,
        from: Option<String>,
    }
    let rows: Vec<(String,)> = fetch_all!(
        tx,
        (String,),
        "SELECT bytes FROM ledger_entry WHERE org_id = $1 AND stream_id = $2
             AND type IN ('asset.registered', 'asset.retagged', 'identity.ref_linked') ORDER BY log_index LIMIT $3",
        access.org(),
        id,
        KNOWN_BY_ENTRIES_MAX
    )?;
    let mut known = KnownBy::default();
    for (bytes,) in rows {
        let fact: Fact =
            serde_json::from_str(&bytes).map_err(|error| StoreError::Inconsistent {
                table: "ledger_entry",
                what: error.to_string(),
            })?;
        for one in fact.payload.identifiers {
            let one = (one.kind, one.value);
            if !known.identifiers.contains(&one) {
                known.identifiers.push(one);
            }
        }
        if fact.kind == "asset.retagged" {
            known.former_tags.extend(fact.payload.from);
        }
    }
    Ok(known)
}
