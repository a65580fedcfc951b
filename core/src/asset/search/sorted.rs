//! Pages in other orders than that of entry, each read along an index or put in order from few rows.
//!
//! Where few assets pass, they are looked up by the part of the filter that names the fewest, and put in order; where many do, the order is
//! walked until the page is full. The kept numbers say which is less work, so that neither engine has to guess.

use super::super::store::{AssetDetail, detail_columns, detail_tables};
use super::count::count_resolved;
use super::filter::{Filter, Part, Resolved, Source};
use super::list;
use super::narrow::push_span;
use crate::access::Access;
use crate::id::AssetId;
use crate::page::{Limit, Page, Position};
use crate::store::{Query, StoreResult, Tx};
use crate::unit::scope::Scope;

/// What a list is in the order of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sort {
    /// By what.
    pub by: SortKey,
    /// Whether the last comes first.
    pub descending: bool,
}

/// By what a list is put in order. What has no such value comes last, but what was never seen was seen before everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortKey {
    /// When it was entered.
    #[default]
    Entry,
    /// The day it was bought.
    Acquired,
    /// When it was last seen.
    Verified,
    /// The last day of its warranty.
    Warranty,
    /// What it cost.
    Cost,
    /// When it is due back; only what is.
    Due,
    /// Its label.
    Tag,
    /// The name of its product.
    Model,
    /// The name of its unit.
    Unit,
    /// The path of its place.
    Place,
    /// Its state.
    State,
    /// The name of whoever has it.
    Holder,
}

/// The most assets that are put in the order of their names; longer lists are in the order of entry.
pub const NAMED_MAX: i64 = 2_000;

/// A page of a list, and the order in which it could be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sorted {
    /// The page.
    pub page: Page<AssetDetail>,
    /// Whether the list was too long for the order that was asked for.
    pub in_order_of_entry: bool,
}

/// A page of the assets in scope that pass the filter, in an order.
pub async fn page_sorted(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    filter: &Filter,
    (sort, after): (Sort, Option<&Position>),
    limit: Limit,
) -> StoreResult<Sorted> {
    let resolved = Resolved::new(tx, access, scope, filter).await?;
    let list = Ordered {
        access,
        scope,
        resolved: &resolved,
    };
    let mut in_order_of_entry = false;
    let page = match sort.by {
        SortKey::Entry if !sort.descending => list.entered(tx, after, limit).await?,
        SortKey::Model | SortKey::Unit | SortKey::Place | SortKey::State | SortKey::Holder => {
            let named = list.named(tx, sort, after, limit).await?;
            in_order_of_entry = named.is_none();
            match named {
                Some(page) => page,
                None => list.entered(tx, after, limit).await?,
            }
        }
        _ => list.valued(tx, sort, after, limit).await?,
    };
    Ok(Sorted {
        page,
        in_order_of_entry,
    })
}

struct Ordered<'a> {
    access: &'a Access,
    scope: &'a Scope,
    resolved: &'a Resolved<'a>,
}

/// Which rows of an order are read: those with a value, or those without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Valued = 1,
    Without = 2,
}

/// How the rows of a page are come by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Drive {
    /// By walking the order.
    Walk,
    /// By looking them up along this part, or along whatever the engine likes, and putting them in order.
    LookUp(Option<Part>),
}

impl Drive {
    /// What stands before the columns of a part: on SQLite a plus keeps an index from being used. PostgreSQL has statistics, and no plus for
    /// texts.
    fn mark(self, tx: &Tx, part: Part) -> &'static str {
        let used = match self {
            Self::Walk => false,
            Self::LookUp(None) => true,
            Self::LookUp(Some(driver)) => driver == part,
        };
        if used { "" } else { plus(tx) }
    }
}

fn plus(tx: &Tx) -> &'static str {
    if let Tx::Sqlite(_) = tx { "+" } else { "" }
}

impl Ordered<'_> {
    async fn entered(
        &self,
        tx: &mut Tx,
        after: Option<&Position>,
        limit: Limit,
    ) -> StoreResult<Page<AssetDetail>> {
        let after = after.map_or(0, |position| position.seq);
        let drive = self.drive(tx, SortKey::Entry, limit).await?;
        let merged =
            drive == Drive::LookUp(Some(Part::Unit)) && self.resolved.arms(self.scope).is_some();
        if merged || drive == Drive::Walk {
            let resolved = self.resolved;
            let rows = list::walk(
                tx,
                self.access,
                self.scope,
                resolved,
                after,
                limit.plus_one(),
            )
            .await?;
            return Ok(Page::cut(rows, limit, |asset: &AssetDetail| {
                Position::after(asset.seq)
            }));
        }
        let mut query = Query::new(PLAIN_ENTRY);
        query
            .bind(self.access.org())
            .push(" AND +a.seq > ")
            .bind(after);
        self.push_filter(&mut query, tx, SortKey::Entry, drive);
        query.push(" ORDER BY +a.seq LIMIT ").bind(limit.plus_one());
        let rows = query.fetch_all(tx).await?;
        Ok(Page::cut(rows, limit, |asset: &AssetDetail| {
            Position::after(asset.seq)
        }))
    }

    /// Which way is less work, by the kept numbers.
    async fn drive(&self, tx: &mut Tx, by: SortKey, limit: Limit) -> StoreResult<Drive> {
        let parts = self.resolved.parts(self.scope);
        if self.resolved.names_few() {
            return Ok(Drive::LookUp(None));
        }
        if by == SortKey::Due || by.is_ranged_in(self.resolved.filter()) {
            return Ok(Drive::Walk);
        }
        if self.resolved.is_ranged() {
            return Ok(Drive::LookUp(None));
        }
        if self.resolved.is_within_sites() {
            return Ok(Drive::LookUp(Some(Part::Place)));
        }
        if parts.is_empty() {
            return Ok(Drive::Walk);
        }
        let whole = Filter::default();
        let everything = Resolved::new(tx, self.access, &Scope::Whole, &whole).await?;
        let all = count_resolved(tx, self.access, &Scope::Whole, &everything).await?;
        let mut fewest: Option<(i64, Part)> = None;
        for part in parts {
            let mut query = Query::new(
                "SELECT CAST(COALESCE(SUM(t.assets), 0) AS BIGINT) FROM asset_group t WHERE t.org_id = ",
            );
            query.bind(self.access.org());
            self.resolved
                .push_part(&mut query, self.access, self.scope, part);
            let rows: Vec<(i64,)> = query.fetch_all(tx).await?;
            let assets = rows.first().map_or(0, |(assets,)| *assets);
            if fewest.is_none_or(|(few, _)| assets < few) {
                fewest = Some((assets, part));
            }
        }
        let Some((few, part)) = fewest else {
            return Ok(Drive::Walk);
        };
        let pass = self.passing(tx).await?.max(1);
        // Walking meets one row that passes among so many.
        let walked = limit.plus_one().saturating_mul(all) / pass;
        Ok(if walked < few {
            Drive::Walk
        } else {
            Drive::LookUp(Some(part))
        })
    }

    /// How many assets pass what the kept numbers know of the filter.
    async fn passing(&self, tx: &mut Tx) -> StoreResult<i64> {
        let mut query = Query::new(
            "SELECT CAST(COALESCE(SUM(t.assets), 0) AS BIGINT) FROM asset_group t WHERE t.org_id = ",
        );
        query.bind(self.access.org());
        self.resolved
            .push_shared(&mut query, Source::Groups, |_| "");
        self.resolved
            .push_units_of_groups(&mut query, self.access, self.scope);
        let rows: Vec<(i64,)> = query.fetch_all(tx).await?;
        Ok(rows.first().map_or(0, |(assets,)| *assets))
    }

    /// Appends filter and scope, so marked that what drives is looked up along and nothing else.
    fn push_filter(&self, query: &mut Query, tx: &Tx, by: SortKey, drive: Drive) {
        let walked = drive == Drive::Walk && by.is_ranged_in(self.resolved.filter());
        let free = drive == Drive::LookUp(None);
        let rest = if walked || free { "" } else { plus(tx) };
        let mark = |part| drive.mark(tx, part);
        self.resolved.push_marked(query, self.access, mark, rest);
        let mark = mark(Part::Unit);
        self.resolved
            .push_units_marked(query, self.access, self.scope, mark);
    }

    /// A page in the order of a value that an index is by.
    async fn valued(
        &self,
        tx: &mut Tx,
        sort: Sort,
        after: Option<&Position>,
        limit: Limit,
    ) -> StoreResult<Page<AssetDetail>> {
        let drive = self.drive(tx, sort.by, limit).await?;
        let stages: &[Stage] = match (sort.by, sort.descending) {
            (SortKey::Due | SortKey::Entry, _) => &[Stage::Valued],
            // What is narrowed to some values has one; only what was never seen counts as seen before all.
            (by, _) if by != SortKey::Verified && by.is_ranged_in(self.resolved.filter()) => {
                &[Stage::Valued]
            }
            (SortKey::Verified, false) => &[Stage::Without, Stage::Valued],
            _ => &[Stage::Valued, Stage::Without],
        };
        let begun = stages
            .iter()
            .position(|stage| after.is_some_and(|after| after.tier == *stage as u8))
            .unwrap_or(0);
        let mut rows: Vec<(Stage, AssetDetail)> = Vec::new();
        for (i, stage) in stages.iter().enumerate().skip(begun) {
            let wanted = limit.plus_one() - i64::try_from(rows.len()).unwrap_or(i64::MAX);
            if wanted <= 0 {
                break;
            }
            let after = after.filter(|_| i == begun);
            let found = self.stage(tx, sort, (*stage, drive), after, wanted).await?;
            rows.extend(found.into_iter().map(|asset| (*stage, asset)));
        }
        let page = Page::cut(rows, limit, |(stage, asset)| Position {
            tier: *stage as u8,
            key: asset.sort_key.clone(),
            seq: asset.seq,
        });
        Ok(page.map(|(_, asset)| asset))
    }

    async fn stage(
        &self,
        tx: &mut Tx,
        sort: Sort,
        (stage, drive): (Stage, Drive),
        after: Option<&Position>,
        rows: i64,
    ) -> StoreResult<Vec<AssetDetail>> {
        let walk = drive == Drive::Walk && stage == Stage::Valued;
        let (begin, column) = sort.by.read(walk);
        let mut query = Query::new(begin);
        query.bind(self.access.org()).push(" AND a.org_id = ");
        query.bind(self.access.org());
        let hidden = if drive == Drive::Walk { "" } else { plus(tx) };
        query.push(" AND ").push(hidden).push(column);
        query.push(match stage {
            Stage::Valued => " IS NOT NULL",
            Stage::Without => " IS NULL",
        });
        if walk && sort.by == SortKey::Due {
            // The filter's own condition is about the assets; this one is where the walk begins and ends.
            let due = self.resolved.filter().narrow.due;
            push_span(&mut query, [" AND ", "", "found.due_at"], due);
        }
        let descending = sort.descending && stage == Stage::Valued;
        if let Some(after) = after {
            let column = (stage == Stage::Valued).then_some((hidden, column));
            push_after(&mut query, sort.by, column, descending, after);
        }
        self.push_filter(&mut query, tx, sort.by, drive);
        query.push(" ORDER BY ");
        if stage == Stage::Valued {
            query.push(hidden).push(column);
            query.push(if descending { " DESC, " } else { ", " });
        }
        query.push(hidden).push("a.seq");
        query.push(if descending {
            " DESC LIMIT "
        } else {
            " LIMIT "
        });
        query.bind(rows);
        query.fetch_all(tx).await
    }

    /// A page in the order of names; none where too many assets pass.
    async fn named(
        &self,
        tx: &mut Tx,
        sort: Sort,
        after: Option<&Position>,
        limit: Limit,
    ) -> StoreResult<Option<Page<AssetDetail>>> {
        let drive = self.drive(tx, sort.by, limit).await?;
        let mut query = Query::new("SELECT a.id, ");
        query.push(sort.by.plain());
        query.push(concat!(detail_tables!(), " WHERE a.org_id = "));
        query.bind(self.access.org());
        self.push_filter(&mut query, tx, sort.by, drive);
        query.push(" LIMIT ").bind(NAMED_MAX + 1);
        let mut rows: Vec<(AssetId, Option<String>)> = query.fetch_all(tx).await?;
        if rows.len() as u64 > NAMED_MAX.unsigned_abs() {
            return Ok(None);
        }
        // What has no name comes last either way.
        rows.sort_by(|(one, a), (other, b)| match (a, b) {
            (Some(a), Some(b)) if sort.descending => b.cmp(a).then(one.cmp(other)),
            (Some(a), Some(b)) => a.cmp(b).then(one.cmp(other)),
            (None, None) => one.cmp(other),
            (a, b) => b.is_some().cmp(&a.is_some()),
        });
        let begin = after.and_then(|after| usize::try_from(after.seq).ok());
        let begin = begin.unwrap_or(0).min(rows.len());
        let end = (begin + limit.rows()).min(rows.len());
        let ids: Vec<AssetId> = rows[begin..end].iter().map(|(id, _)| *id).collect();
        let mut assets = super::super::store::by_ids(tx, self.access, self.scope, &ids).await?;
        assets.sort_by_key(|asset| ids.iter().position(|id| *id == asset.id));
        let next = (end < rows.len()).then(|| Position::after(i64::try_from(end).unwrap_or(0)));
        Ok(Some(Page { rows: assets, next }))
    }
}

/// Appends what comes after a position: by the column that the order is by, or by entry alone.
fn push_after(
    query: &mut Query,
    by: SortKey,
    column: Option<(&'static str, &'static str)>,
    descending: bool,
    after: &Position,
) {
    let Some((hidden, column)) = column else {
        query.push(" AND a.seq > ").bind(after.seq);
        return;
    };
    query.push(" AND (").push(hidden).push(column);
    query.push(if descending {
        ", a.seq) < ("
    } else {
        ", a.seq) > ("
    });
    if by.is_text() {
        query.bind(after.key.as_str());
    } else {
        query.bind(after.key.parse::<i64>().unwrap_or_default());
    }
    query.push(", ").bind(after.seq).push(")");
}

macro_rules! page {
    ($key:literal) => {
        concat!(
            "SELECT ",
            detail_columns!(),
            ", COALESCE(CAST(",
            $key,
            " AS TEXT), '') AS sort_key",
            detail_tables!(),
            " WHERE a.org_id = "
        )
    };
    ($key:literal along $found:literal where $condition:literal) => {
        concat!(
            "SELECT ",
            detail_columns!(),
            ", CAST(",
            $key,
            " AS TEXT) AS sort_key",
            detail_tables!(after $found),
            " WHERE a.id = found.asset_id AND ",
            $condition,
            " AND found.org_id = "
        )
    };
}

const PLAIN_ENTRY: &str = page!("a.seq");

impl SortKey {
    /// How a page is read: the statement up to the organisation, and the column that the order is by.
    const fn read(self, walk: bool) -> (&'static str, &'static str) {
        let begin = match (self, walk) {
            (Self::Acquired, _) => page!("a.acquired_on"),
            (Self::Warranty, _) => page!("a.warranty_ends_on"),
            (Self::Verified, _) => page!("a.last_verified_at"),
            (Self::Cost, _) => page!("a.cost_minor"),
            (Self::Due, false) => page!("s.due_at"),
            (Self::Due, true) => {
                page!("found.due_at" along "assignment found" where "found.to_at IS NULL AND found.due_at IS NOT NULL")
            }
            (Self::Tag, false) => page!("a.tag_norm"),
            (Self::Tag, true) => {
                page!("found.tag_norm" along "asset_tag found" where "found.current")
            }
            _ => PLAIN_ENTRY,
        };
        let column = match (self, walk) {
            (Self::Due, true) => "found.due_at",
            (Self::Tag, true) => "found.tag_norm",
            _ => self.plain(),
        };
        (begin, column)
    }

    /// What stands in a statement over the assets for it.
    const fn plain(self) -> &'static str {
        match self {
            Self::Entry => "a.seq",
            Self::Acquired => "a.acquired_on",
            Self::Verified => "a.last_verified_at",
            Self::Warranty => "a.warranty_ends_on",
            Self::Cost => "a.cost_minor",
            Self::Due => "s.due_at",
            Self::Tag => "a.tag_norm",
            Self::Model => {
                "(SELECT m.name FROM product_model m WHERE m.org_id = a.org_id AND m.id = a.model_id)"
            }
            Self::Unit => {
                "(SELECT u.name FROM unit u WHERE u.org_id = a.org_id AND u.id = a.owning_unit_id)"
            }
            Self::Place => {
                "(SELECT l.path FROM location l WHERE l.org_id = a.org_id AND l.id = a.location_id)"
            }
            Self::State => "a.state",
            Self::Holder => {
                "(SELECT n.display_name FROM person_private n WHERE n.org_id = a.org_id AND n.id = a.holder_id)"
            }
        }
    }

    const fn is_text(self) -> bool {
        matches!(self, Self::Acquired | Self::Warranty | Self::Tag)
    }

    /// Whether a filter narrows the very value that the order is by.
    const fn is_ranged_in(self, filter: &Filter) -> bool {
        let narrow = &filter.narrow;
        match self {
            Self::Acquired => narrow.acquired.is_some(),
            Self::Verified => narrow.verified.is_some(),
            Self::Warranty => narrow.warranty.is_some(),
            Self::Cost => narrow.cost.is_some(),
            _ => false,
        }
    }
}
