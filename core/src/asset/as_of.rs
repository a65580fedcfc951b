//! Assets as they were: single ones and lists, as the ledger knew them at an instant.
//!
//! What an asset is now is its row, and counts from an entry on; what it was before stands in its versions. An instant is turned into the last
//! entry that was recorded by then, and everything else is a question about that entry's index.

use super::search::{Filter, Resolved};
use super::store::{AssetDetail, COLUMNS, detail_columns};
use crate::access::Access;
use crate::id::AssetId;
use crate::ledger::audit;
use crate::page::{Limit, Page, Position};
use crate::store::{Query, StoreResult, Tx};
use crate::time::Timestamp;
use crate::unit::scope::Scope;

/// The last entry that was recorded by an instant; none before the first.
pub async fn entry_at(tx: &mut Tx, access: &Access, at: Timestamp) -> StoreResult<Option<i64>> {
    audit::last_recorded_by(tx, access, at).await
}

/// An asset as it was after this entry, if it was in scope then.
pub async fn by_id(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    index: i64,
    id: AssetId,
) -> StoreResult<Option<AssetDetail>> {
    let mut query = begin();
    for (i, arm) in ARMS.into_iter().enumerate() {
        push_arm(&mut query, access, arm, index, i > 0);
        query.push(" AND a.id = ").bind(id);
        scope.push_condition(&mut query, access.org(), COLUMNS);
    }
    query.push(END);
    query.push(" LIMIT 1");
    Ok(query.fetch_all(tx).await?.pop())
}

/// A page of the assets that passed the filter after the entry `index`, oldest first and beginning after the asset `after`. Filter and scope
/// apply to what they were then.
pub async fn page(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    filter: &Filter,
    (index, after): (i64, i64),
    limit: Limit,
) -> StoreResult<Page<AssetDetail>> {
    let resolved = Resolved::new(tx, access, scope, filter).await?;
    let mut query = begin();
    for (i, arm) in ARMS.into_iter().enumerate() {
        query.push(if i > 0 {
            " UNION ALL SELECT * FROM ("
        } else {
            "SELECT * FROM ("
        });
        push_arm(&mut query, access, arm, index, false);
        query.push(" AND a.seq > ").bind(after);
        resolved.push_conditions(&mut query, access);
        resolved.push_units(&mut query, access, scope);
        query.push(" ORDER BY a.seq LIMIT ").bind(limit.plus_one());
        query.push(") one");
    }
    query.push(END).push(" LIMIT ").bind(limit.plus_one());
    let rows = query.fetch_all(tx).await?;
    Ok(Page::cut(rows, limit, |asset: &AssetDetail| Position {
        tier: 0,
        // The next page is of the same moment, whatever is recorded in between.
        key: index.to_string(),
        seq: asset.seq,
    }))
}

/// Where rows come from that were good after an entry.
#[derive(Debug, Clone, Copy)]
enum Arm {
    Row,
    Version,
}

const ARMS: [Arm; 2] = [Arm::Row, Arm::Version];

/// The columns that both have; what changes about a custody is kept with each version, because its own row changes.
macro_rules! then_columns {
    ($custody:literal) => {
        concat!(
            "SELECT a.org_id, a.id, a.seq, a.tag, a.serial, a.manufacturer_id, a.model_id, a.category_id, a.description, a.state, a.state_since,
             a.condition, a.acquisition, a.owning_unit_id, a.location_id, a.site_id, a.acquired_on, a.cost_minor, a.currency,
             a.warranty_ends_on, a.last_verified_at, a.merged_into_id, a.rev, a.created_at, a.updated_at, a.assignment_id, ",
            $custody
        )
    };
}

fn begin() -> Query {
    Query::new(concat!(
        "SELECT ",
        detail_columns!(then),
        ", '' AS sort_key FROM ("
    ))
}

const END: &str =
    ") a LEFT JOIN assignment s ON s.org_id = a.org_id AND s.id = a.assignment_id ORDER BY a.seq";

fn push_arm(query: &mut Query, access: &Access, arm: Arm, index: i64, another: bool) {
    if another {
        query.push(" UNION ALL ");
    }
    match arm {
        Arm::Row => {
            query.push(then_columns!(
                "t.due_at, COALESCE(t.suspended, FALSE) AS suspended
                 FROM asset a LEFT JOIN assignment t ON t.org_id = a.org_id AND t.id = a.assignment_id WHERE a.org_id = "
            ));
            query.bind(access.org());
            query.push(" AND a.since_index <= ").bind(index);
        }
        Arm::Version => {
            query.push(then_columns!(
                "a.due_at, a.suspended FROM asset_version a WHERE a.org_id = "
            ));
            query.bind(access.org());
            query.push(" AND a.from_index <= ").bind(index);
            query.push(" AND a.to_index > ").bind(index);
        }
    }
}
