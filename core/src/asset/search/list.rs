//! A page of a list, in order of entry.

use super::super::store::{AssetDetail, detail_columns, detail_tables};
use super::filter::{Filter, Resolved};
use crate::access::Access;
use crate::page::{Limit, Page, Position};
use crate::store::{Query, StoreResult, Tx};
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
    if resolved.names_few() {
        // The plus keeps the engines from walking the list in its order to look for the one row that a tag or serial number names.
        query.push(" AND +a.seq > ").bind(after);
        resolved.push_conditions(&mut query, access);
        resolved.push_units(&mut query, access, scope);
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
