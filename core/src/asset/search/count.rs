//! How many there are, and how they divide: from the kept numbers where these tell, from the assets themselves where they do not.

use std::collections::HashMap;

use uuid::Uuid;

use super::super::State;
use super::filter::{Filter, Resolved, Source};
use crate::access::Access;
use crate::id::UnitId;
use crate::store::{Query, StoreResult, Tx, fetch_all};
use crate::unit::scope::Scope;

/// By what a number is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dimension {
    /// The owning unit.
    Unit,
    /// The part of the organisation right below its top to which the owning unit belongs, or what the caller sees of it.
    College,
    /// The site.
    Site,
    /// The building; the place itself where it is in none.
    Building,
    /// The room or other place.
    Place,
    /// The state.
    State,
    /// The category.
    Category,
    /// The product.
    Model,
    /// The maker.
    Maker,
    /// The person who holds it.
    Holder,
    /// The year it was bought.
    Year,
}

/// What the assets of a group have in common; none where they have nothing of the sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// A unit, place, category, product, maker or person.
    Id(Uuid),
    /// A state.
    State(State),
    /// A year.
    Year(i32),
    /// Nothing.
    None,
}

/// How many assets have something in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group {
    /// What.
    pub key: Key,
    /// How many.
    pub assets: i64,
}

/// How many assets in scope pass the filter.
pub async fn count(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    filter: &Filter,
) -> StoreResult<i64> {
    let resolved = Resolved::new(tx, access, scope, filter).await?;
    count_resolved(tx, access, scope, &resolved).await
}

pub(super) async fn count_resolved(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    resolved: &Resolved<'_>,
) -> StoreResult<i64> {
    if !resolved.is_grouped() {
        let mut query =
            Query::new("SELECT CAST(COUNT(*) AS BIGINT) FROM asset a WHERE a.org_id = ");
        query.bind(access.org());
        resolved.push_conditions(&mut query, access);
        resolved.push_units(&mut query, access, scope);
        return one(query, tx).await;
    }
    let mut query = Query::new(
        "SELECT CAST(COALESCE(SUM(t.assets), 0) AS BIGINT) FROM asset_group t WHERE t.org_id = ",
    );
    query.bind(access.org());
    resolved.push_shared(&mut query, Source::Groups, |_| "");
    resolved.push_units_of_groups(&mut query, access, scope);
    let in_units = one(query, tx).await?;
    let own = own_elsewhere(tx, access, scope, resolved, Column::State).await?;
    Ok(in_units + own.values().sum::<i64>())
}

async fn one(query: Query, tx: &mut Tx) -> StoreResult<i64> {
    let rows: Vec<(i64,)> = query.fetch_all(tx).await?;
    Ok(rows.first().map_or(0, |(count,)| *count))
}

/// How the assets in scope that pass the filter divide, the largest group first.
pub async fn count_by(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    filter: &Filter,
    by: Dimension,
) -> StoreResult<Vec<Group>> {
    let resolved = Resolved::new(tx, access, scope, filter).await?;
    let column = by.column();
    let mut groups = if resolved.is_grouped() && column.in_groups().is_some() {
        let mut groups = from_groups(tx, access, scope, &resolved, column).await?;
        for (key, assets) in own_elsewhere(tx, access, scope, &resolved, column).await? {
            *groups.entry(key).or_default() += assets;
        }
        groups
    } else {
        from_assets(tx, access, scope, &resolved, column).await?
    };
    match by {
        Dimension::College => groups = by_college(tx, access, scope, groups).await?,
        Dimension::Building => groups = by_building(tx, access, groups).await?,
        _ => {}
    }
    let groups = groups.into_iter().filter(|(_, assets)| *assets != 0);
    let mut groups: Vec<Group> = groups.map(|(key, assets)| Group { key, assets }).collect();
    groups.sort_unstable_by_key(|group| (std::cmp::Reverse(group.assets), group.key));
    Ok(groups)
}

/// A column by which rows are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Unit,
    Site,
    Place,
    State,
    Category,
    Model,
    Maker,
    Holder,
    Year,
}

impl Dimension {
    const fn column(self) -> Column {
        match self {
            Self::Unit | Self::College => Column::Unit,
            Self::Site => Column::Site,
            Self::Building | Self::Place => Column::Place,
            Self::State => Column::State,
            Self::Category => Column::Category,
            Self::Model => Column::Model,
            Self::Maker => Column::Maker,
            Self::Holder => Column::Holder,
            Self::Year => Column::Year,
        }
    }
}

impl Column {
    const fn in_groups(self) -> Option<&'static str> {
        match self {
            Self::Unit => Some("t.unit_id"),
            Self::Site => Some("t.site_id"),
            Self::State => Some("t.state"),
            Self::Category => Some("t.category_id"),
            Self::Model => Some("t.model_id"),
            Self::Maker => Some("t.manufacturer_id"),
            Self::Place | Self::Holder | Self::Year => None,
        }
    }

    const fn in_assets(self) -> &'static str {
        match self {
            Self::Unit => "a.owning_unit_id",
            Self::Site => "a.site_id",
            Self::Place => "a.location_id",
            Self::State => "a.state",
            Self::Category => "a.category_id",
            Self::Model => "a.model_id",
            Self::Maker => "a.manufacturer_id",
            Self::Holder => "a.holder_id",
            Self::Year => "substr(a.acquired_on, 1, 4)",
        }
    }
}

type Groups = HashMap<Key, i64>;

async fn from_groups(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    resolved: &Resolved<'_>,
    column: Column,
) -> StoreResult<Groups> {
    let Some(name) = column.in_groups() else {
        return Ok(Groups::new());
    };
    let mut query = Query::new("SELECT ");
    query
        .push(name)
        .push(", CAST(SUM(t.assets) AS BIGINT) FROM asset_group t WHERE t.org_id = ")
        .bind(access.org());
    resolved.push_shared(&mut query, Source::Groups, |_| "");
    resolved.push_units_of_groups(&mut query, access, scope);
    query.push(" GROUP BY ").push(name);
    keyed(query, tx, column).await
}

async fn from_assets(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    resolved: &Resolved<'_>,
    column: Column,
) -> StoreResult<Groups> {
    let mut query = Query::new("SELECT ");
    query
        .push(column.in_assets())
        .push(", CAST(COUNT(*) AS BIGINT) FROM asset a WHERE a.org_id = ")
        .bind(access.org());
    resolved.push_conditions(&mut query, access);
    resolved.push_units(&mut query, access, scope);
    if column == Column::Holder {
        query.push(" AND a.holder_id IS NOT NULL");
    }
    query.push(" GROUP BY ").push(column.in_assets());
    keyed(query, tx, column).await
}

/// What the caller holds outside the units that they see: the kept numbers know no holders.
async fn own_elsewhere(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    resolved: &Resolved<'_>,
    column: Column,
) -> StoreResult<Groups> {
    let Some(own) = scope.own() else {
        return Ok(Groups::new());
    };
    let mut query = Query::new("SELECT a.owning_unit_id, a.id FROM asset a WHERE a.org_id = ");
    query
        .bind(access.org())
        .push(" AND a.holder_id = ")
        .bind(own);
    // The holder names the few rows; nothing else is worth looking them up by.
    let mark = if let Tx::Sqlite(_) = tx { "+" } else { "" };
    resolved.push_marked(&mut query, access, |_| mark, mark);
    resolved.push_unit_filter(&mut query);
    let held: Vec<(UnitId, Uuid)> = query.fetch_all(tx).await?;
    let elsewhere: Vec<Uuid> = held
        .into_iter()
        .filter(|(unit, _)| !scope.contains(*unit))
        .map(|(_, asset)| asset)
        .collect();
    if elsewhere.is_empty() {
        return Ok(Groups::new());
    }
    let mut query = Query::new("SELECT ");
    query
        .push(column.in_assets())
        .push(", CAST(COUNT(*) AS BIGINT) FROM asset a WHERE a.org_id = ")
        .bind(access.org())
        .push(" AND a.id IN ")
        .bind_list(elsewhere);
    query.push(" GROUP BY ").push(column.in_assets());
    keyed(query, tx, column).await
}

async fn keyed(query: Query, tx: &mut Tx, column: Column) -> StoreResult<Groups> {
    let mut groups = Groups::new();
    match column {
        Column::State => {
            for (state, assets) in query.fetch_all::<(State, i64)>(tx).await? {
                *groups.entry(Key::State(state)).or_default() += assets;
            }
        }
        Column::Year => {
            for (year, assets) in query.fetch_all::<(Option<String>, i64)>(tx).await? {
                let key = year
                    .and_then(|year| year.parse().ok())
                    .map_or(Key::None, Key::Year);
                *groups.entry(key).or_default() += assets;
            }
        }
        _ => {
            for (id, assets) in query.fetch_all::<(Option<Uuid>, i64)>(tx).await? {
                let id = id.filter(|id| !id.is_nil());
                *groups.entry(id.map_or(Key::None, Key::Id)).or_default() += assets;
            }
        }
    }
    Ok(groups)
}

/// Adds units up to what lies right below the top of the tree, or to the highest unit above them that the caller sees.
async fn by_college(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    groups: Groups,
) -> StoreResult<Groups> {
    let above: Vec<(UnitId, UnitId)> = fetch_all!(
        tx,
        (UnitId, UnitId),
        "SELECT c.descendant_id, c.ancestor_id FROM unit_closure c JOIN unit u ON u.org_id = c.org_id AND u.id = c.ancestor_id
         WHERE c.org_id = $1 AND u.parent_id IS NOT NULL ORDER BY c.distance",
        access.org()
    )?;
    let mut top: HashMap<Uuid, UnitId> = HashMap::new();
    for (unit, ancestor) in above {
        if scope.contains(ancestor) {
            // From near to far, so that the last one stays.
            top.insert(unit.uuid(), ancestor);
        }
    }
    Ok(added_up(groups, |id| {
        top.get(&id).map_or(id, |top| top.uuid())
    }))
}

async fn by_building(tx: &mut Tx, access: &Access, groups: Groups) -> StoreResult<Groups> {
    let places: Vec<(Uuid, String)> = fetch_all!(
        tx,
        (Uuid, String),
        "SELECT id, lineage FROM location WHERE org_id = $1",
        access.org()
    )?;
    let buildings: Vec<(Uuid,)> = fetch_all!(
        tx,
        (Uuid,),
        "SELECT id FROM location WHERE org_id = $1 AND kind = 'building'",
        access.org()
    )?;
    let buildings: std::collections::HashSet<Uuid> =
        buildings.into_iter().map(|(id,)| id).collect();
    let of: HashMap<Uuid, Uuid> = places
        .into_iter()
        .filter_map(|(id, lineage)| {
            let mut above = lineage.split(' ').filter_map(|id| id.parse().ok());
            above
                .find(|above| buildings.contains(above))
                .map(|building| (id, building))
        })
        .collect();
    Ok(added_up(groups, |id| of.get(&id).copied().unwrap_or(id)))
}

fn added_up(groups: Groups, up: impl Fn(Uuid) -> Uuid) -> Groups {
    let mut sums = Groups::new();
    for (key, assets) in groups {
        let key = match key {
            Key::Id(id) => Key::Id(up(id)),
            other => other,
        };
        *sums.entry(key).or_default() += assets;
    }
    sums
}
