//! Places in SQL. The whole organisation sees them; only what is counted in them depends on who asks.

use super::Location;
use crate::access::Access;
use crate::id::{LocationId, OrgId, PersonId};
use crate::page::{Limit, Page, Position};
use crate::store::{Query, StoreResult, Tx, fetch_all, fetch_optional};
use crate::unit::scope::{Columns, Scope};

macro_rules! columns {
    () => {
        "id, seq, parent_id, site_id, kind, code, name, path, lineage, words, room_use, timezone, controlling_unit_id, active"
    };
}

/// How much there is at a site, as far as the caller may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Buildings.
    pub buildings: i64,
    /// Rooms.
    pub rooms: i64,
    /// Live assets in the caller's scope.
    pub assets: i64,
}

/// A page of sites, oldest first.
pub async fn sites(
    tx: &mut Tx,
    access: &Access,
    after: i64,
    limit: Limit,
) -> StoreResult<Page<Location>> {
    let rows = fetch_all!(
        tx,
        Location,
        concat!(
            "SELECT ",
            columns!(),
            " FROM location WHERE org_id = $1 AND parent_id IS NULL AND seq > $2 ORDER BY seq LIMIT $3"
        ),
        access.org(),
        after,
        limit.plus_one()
    )?;
    Ok(Page::cut(rows, limit, |site: &Location| {
        Position::after(site.seq)
    }))
}

/// Every place, those above before those within.
pub async fn all(tx: &mut Tx, access: &Access) -> StoreResult<Vec<Location>> {
    fetch_all!(
        tx,
        Location,
        concat!(
            "SELECT ",
            columns!(),
            " FROM location WHERE org_id = $1 ORDER BY seq"
        ),
        access.org()
    )
}

/// One place.
pub async fn by_id(tx: &mut Tx, access: &Access, id: LocationId) -> StoreResult<Option<Location>> {
    of_org(tx, access.org(), id).await
}

/// One place of an organisation: for the projection, which has no caller.
pub(crate) async fn of_org(
    tx: &mut Tx,
    org: OrgId,
    id: LocationId,
) -> StoreResult<Option<Location>> {
    fetch_optional!(
        tx,
        Location,
        concat!(
            "SELECT ",
            columns!(),
            " FROM location WHERE org_id = $1 AND id = $2"
        ),
        org,
        id
    )
}

/// Several places by id.
pub(crate) async fn by_ids(
    tx: &mut Tx,
    org: OrgId,
    ids: &[LocationId],
) -> StoreResult<Vec<Location>> {
    const PLACES: &str = concat!("SELECT ", columns!(), " FROM location WHERE org_id = ");
    Query::keyed(tx, PLACES, org, "id", ids.iter().copied()).await
}

/// A page of everything within a site, in the order of its entry into the record, the site itself left out.
pub async fn within(
    tx: &mut Tx,
    access: &Access,
    site: LocationId,
    after: i64,
    limit: Limit,
) -> StoreResult<Page<Location>> {
    let rows = fetch_all!(
        tx,
        Location,
        concat!(
            "SELECT ",
            columns!(),
            " FROM location WHERE org_id = $1 AND site_id = $2 AND seq > $3 AND parent_id IS NOT NULL ORDER BY seq LIMIT $4"
        ),
        access.org(),
        site,
        after,
        limit.plus_one()
    )?;
    Ok(Page::cut(rows, limit, |place: &Location| {
        Position::after(place.seq)
    }))
}

/// Places as assets name them: of these the sites, and of the others each with everything within it.
pub(crate) async fn with_everything_within(
    tx: &mut Tx,
    access: &Access,
    places: &[LocationId],
) -> StoreResult<(Vec<LocationId>, Vec<LocationId>)> {
    let named = by_ids(tx, access.org(), places).await?;
    let is_site = |place: &&Location| place.parent_id.is_none();
    let sites: Vec<LocationId> = named.iter().filter(is_site).map(|site| site.id).collect();
    let mut around: Vec<LocationId> = named
        .iter()
        .filter(|place| !is_site(place) && !sites.contains(&place.site_id))
        .map(|place| place.site_id)
        .collect();
    around.sort_unstable();
    around.dedup();
    let mut query = Query::new("SELECT id, lineage FROM location WHERE org_id = ");
    query
        .bind(access.org())
        .push(" AND site_id IN ")
        .bind_list(around.iter().copied());
    let rows: Vec<(LocationId, String)> = query.fetch_all(tx).await?;
    let wanted: Vec<String> = named
        .iter()
        .filter(|place| !is_site(place))
        .map(|place| place.id.to_string())
        .collect();
    let within = rows
        .into_iter()
        .filter(|(_, lineage)| {
            lineage
                .split(' ')
                .any(|above| wanted.iter().any(|wanted| wanted == above))
        })
        .map(|(id, _)| id)
        .collect();
    Ok((sites, within))
}

/// The buildings, rooms and assets of several sites.
pub async fn counts(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    sites: &[LocationId],
) -> StoreResult<std::collections::HashMap<LocationId, Counts>> {
    let mut counts: std::collections::HashMap<LocationId, Counts> =
        std::collections::HashMap::new();
    let mut places = Query::new(
        "SELECT site_id, CAST(SUM(CASE WHEN kind = 'building' THEN 1 ELSE 0 END) AS BIGINT),
             CAST(SUM(CASE WHEN kind = 'room' THEN 1 ELSE 0 END) AS BIGINT)
         FROM location WHERE org_id = ",
    );
    places
        .bind(access.org())
        .push(" AND site_id IN ")
        .bind_list(sites.iter().copied());
    places.push(" GROUP BY site_id");
    for (site, buildings, rooms) in places.fetch_all::<(LocationId, i64, i64)>(tx).await? {
        let entry = counts.entry(site).or_default();
        entry.buildings = buildings;
        entry.rooms = rooms;
    }
    let mut assets = Query::new(
        "SELECT t.site_id, CAST(SUM(t.assets) AS BIGINT) FROM asset_tally t WHERE t.org_id = ",
    );
    assets
        .bind(access.org())
        .push(" AND t.site_id IN ")
        .bind_list(sites.iter().copied());
    scope.push_condition(
        &mut assets,
        access.org(),
        Columns {
            unit: "t.unit_id",
            own: None,
        },
    );
    assets.push(" GROUP BY t.site_id");
    for (site, live) in assets.fetch_all::<(LocationId, i64)>(tx).await? {
        counts.entry(site).or_default().assets = live;
    }
    if let Some(own) = scope.own() {
        // The tally knows no holders: what the caller holds is added, but for what it has counted already.
        for (site, held) in held(tx, access, own, None, sites).await? {
            counts.entry(site).or_default().assets += held;
        }
        for (site, held) in held(tx, access, own, Some(scope), sites).await? {
            counts.entry(site).or_default().assets -= held;
        }
    }
    Ok(counts)
}

/// How many assets somebody holds at each of the sites; with a scope, only those that its units own.
async fn held(
    tx: &mut Tx,
    access: &Access,
    holder: PersonId,
    scope: Option<&Scope>,
    sites: &[LocationId],
) -> StoreResult<Vec<(LocationId, i64)>> {
    let mut query =
        Query::new("SELECT a.site_id, CAST(COUNT(*) AS BIGINT) FROM asset a WHERE a.org_id = ");
    query.bind(access.org());
    query.push(" AND a.holder_id = ").bind(holder);
    query
        .push(" AND a.site_id IN ")
        .bind_list(sites.iter().copied());
    if let Some(scope) = scope {
        let columns = Columns {
            unit: "a.owning_unit_id",
            own: None,
        };
        scope.push_condition(&mut query, access.org(), columns);
    }
    query.push(" GROUP BY a.site_id");
    query.fetch_all(tx).await
}

/// Every place with its code and its name, for reading what others call places.
pub(crate) async fn called(
    tx: &mut Tx,
    access: &Access,
) -> StoreResult<Vec<(LocationId, String, String)>> {
    fetch_all!(
        tx,
        (LocationId, String, String),
        "SELECT id, code, name FROM location WHERE org_id = $1 ORDER BY seq",
        access.org()
    )
}
