//! A page of a list, in order of entry.

use super::super::store::{AssetDetail, detail_columns, detail_tables};
use super::filter::{Filter, Resolved};
use crate::access::Access;
use crate::page::{Limit, Page, Position};
use crate::store::{Query, StoreResult, Tx, fetch_one};
use crate::unit::scope::Scope;

/// A page of the assets in scope that pass the filter, oldest first.
pub async fn page(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    filter: &Filter,
    after: i64,
    limit: Limit,
) -> StoreResult<Page<AssetDetail>> {
    let resolved = Resolved::new(tx, access, scope, filter).await?;
    let rows = walk(tx, access, scope, &resolved, after, limit.plus_one()).await?;
    Ok(Page::cut(rows, limit, |asset: &AssetDetail| {
        Position::after(asset.seq)
    }))
}

pub(super) async fn walk(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    resolved: &Resolved<'_>,
    after: i64,
    rows: i64,
) -> StoreResult<Vec<AssetDetail>> {
    let mut query = Query::new(concat!(
        "SELECT ",
        detail_columns!(),
        ", '' AS sort_key",
        detail_tables!(),
        " WHERE a.org_id = "
    ));
    query.bind(access.org());
    if resolved.is_of_units_alone() {
        // Every such page is read along the same indexes, whatever is asked for; on PostgreSQL planning it takes longer than reading it.
        tx.plan_once().await?;
    }
    let by_change = !resolved.names_few() && has_changed_little(tx, access, resolved).await?;
    if resolved.names_few() || by_change {
        // The plus keeps the engines from walking the list in its order to look for the one row that a tag or serial number names, or the few
        // that changed.
        query.push(" AND +a.seq > ").bind(after);
        // SQLite knows no numbers, and would take a unit for fewer rows than what changed.
        let mark = match tx {
            Tx::Sqlite(_) if by_change => "+",
            _ => "",
        };
        resolved.push_marked(&mut query, access, |_| mark, mark);
        resolved.push_units_marked(&mut query, access, scope, mark);
        query.push(" ORDER BY +a.seq LIMIT ").bind(rows);
        return query.fetch_all(tx).await;
    }
    if let Some((units, own)) = resolved.arms(scope) {
        // Each arm is read along its own index and no other: SQLite takes any that gives the order for as good.
        let mark = if let Tx::Sqlite(_) = tx { "+" } else { "" };
        query.push(" AND a.seq IN (SELECT arm.seq FROM (");
        let mut any = false;
        for unit in units {
            query.push(if any { " UNION " } else { "" });
            any = true;
            push_arm(&mut query, access, (resolved, mark), after, rows, |query| {
                query.push(" AND a.owning_unit_id = ").bind(unit);
            });
        }
        if let Some(own) = own {
            query.push(if any { " UNION " } else { "" });
            any = true;
            push_arm(&mut query, access, (resolved, mark), after, rows, |query| {
                query.push(" AND a.holder_id = ").bind(own);
            });
        }
        if !any {
            return Ok(Vec::new());
        }
        query
            .push(") arm ORDER BY arm.seq LIMIT ")
            .bind(rows)
            .push(")");
    } else {
        query.push(" AND a.seq > ").bind(after);
        resolved.push_conditions(&mut query, access);
        resolved.push_units(&mut query, access, scope);
    }
    query.push(" ORDER BY a.seq LIMIT ").bind(rows);
    query.fetch_all(tx).await
}

/// The most assets that are looked up by when they changed, rather than found on a walk through the list.
const CHANGED_MAX: i64 = 5_000;

/// Whether it is asked for what changed since an instant, and that is little in the whole organisation. Whoever keeps a copy asks so again and again,
/// of a list that may have a million assets.
async fn has_changed_little(
    tx: &mut Tx,
    access: &Access,
    resolved: &Resolved<'_>,
) -> StoreResult<bool> {
    let Some(since) = resolved.filter().updated_since else {
        return Ok(false);
    };
    let (changed,): (i64,) = fetch_one!(
        tx,
        (i64,),
        "SELECT CAST(COUNT(*) AS BIGINT) FROM (
             SELECT 1 FROM asset WHERE org_id = $1 AND updated_at >= $2 ORDER BY updated_at LIMIT $3) changed",
        access.org(),
        since,
        CHANGED_MAX + 1
    )?;
    Ok(changed <= CHANGED_MAX)
}

/// The next rows of one unit, read along its own index.
fn push_arm(
    query: &mut Query,
    access: &Access,
    (resolved, mark): (&Resolved<'_>, &'static str),
    after: i64,
    rows: i64,
    belongs: impl FnOnce(&mut Query),
) {
    query
        .push("SELECT one.seq FROM (SELECT a.seq FROM asset a WHERE a.org_id = ")
        .bind(access.org());
    belongs(query);
    query.push(" AND a.seq > ").bind(after);
    resolved.push_marked(query, access, |_| mark, mark);
    query
        .push(" ORDER BY a.seq LIMIT ")
        .bind(rows)
        .push(") one");
}
