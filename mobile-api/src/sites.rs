//! Sites: the places that lie in no other, and what is within them.

use habeo_core::access::Action;
use habeo_core::id::LocationId;
use habeo_core::location::{Location, LocationKind, store};
use habeo_core::page::{Limit, Page};
use habeo_surface::catalogue::nouns::SITE_UNKNOWN;
use habeo_surface::paging::{Listing, One, PageLimit, one};
use habeo_surface::{ApiResult, Caller, Problem, table};
use poem::Request;
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use uuid::Uuid;

use crate::Context;
use crate::context::List;
use crate::export::Selection;
use crate::view::{Building, Room, SiteDetail, SiteView};

/// The most places that one site's answer names. A campus has a few thousand rooms at most.
const PLACES_MAX: usize = 5_000;

/// Sites.
#[derive(Debug)]
pub struct SitesApi(pub Context);

#[OpenApi]
impl SitesApi {
    /// A page of sites: campuses, stations, data centres, leased facilities.
    ///
    /// Everybody in the organization sees the places; `counts.assets` counts what you can see. With `Accept: text/csv` the whole list
    /// comes as one table, without pages; that is recorded in the ledger.
    #[oai(path = "/sites", method = "get", operation_id = "listSites")]
    async fn list(
        &self,
        caller: Caller,
        request: &Request,
        /// How many rows, 1 to 100.
        #[oai(default)]
        limit: Query<PageLimit>,
        /// `meta.nextCursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> ApiResult<Listing<SiteView>> {
        if table::wants_csv(request.headers()) {
            return self
                .0
                .export(caller.access(), Selection::Sites, cursor.0.as_deref())
                .await;
        }
        let list = List {
            access: caller.access(),
            action: Action::ReadAssets,
            filter: "sites",
        };
        let after = self
            .0
            .position(list, cursor.0.as_deref())?
            .map_or(-1, |position| position.seq);
        let (mut tx, scope) = self.0.read(list.access, list.action).await?;
        let page = store::sites(&mut tx, list.access, after, limit.0.0).await?;
        let ids: Vec<LocationId> = page.rows.iter().map(|site| site.id).collect();
        let counts = store::counts(&mut tx, list.access, &scope, &ids).await?;
        let rows = page.rows.into_iter().map(|site| {
            let count = counts.get(&site.id).copied().unwrap_or_default();
            SiteView::new(site, count)
        });
        Ok(self.0.listing(
            list,
            Page {
                rows: rows.collect(),
                next: page.next,
            },
            request,
        ))
    }

    /// One site with its buildings and rooms.
    #[oai(path = "/sites/:id", method = "get", operation_id = "getSite")]
    async fn get(&self, caller: Caller, id: Path<Uuid>) -> ApiResult<Json<One<SiteDetail>>> {
        let access = caller.access();
        let (mut tx, scope) = self.0.read(access, Action::ReadAssets).await?;
        let site = store::by_id(&mut tx, access, LocationId::from_uuid(id.0)).await?;
        let site = site
            .filter(|place| place.parent_id.is_none())
            .ok_or_else(|| Problem::new(&SITE_UNKNOWN))?;
        let mut places = Vec::new();
        let mut after = -1;
        let mut complete = false;
        while !complete && places.len() < PLACES_MAX {
            let page = store::within(&mut tx, access, site.id, after, largest_page()).await?;
            places.extend(page.rows);
            complete = page.next.is_none();
            after = page.next.map_or(after, |position| position.seq);
        }
        let counts = store::counts(&mut tx, access, &scope, &[site.id]).await?;
        let count = counts.get(&site.id).copied().unwrap_or_default();
        Ok(one(SiteDetail {
            buildings: buildings(&places),
            places_complete: complete,
            site: SiteView::new(site, count),
        }))
    }
}

fn largest_page() -> Limit {
    Limit::new(Limit::MAX).unwrap_or_default()
}

/// Puts each room into the building it lies in, at whatever depth.
fn buildings(places: &[Location]) -> Vec<Building> {
    let within = |building: &Location| -> Vec<Room> {
        let id = building.id.to_string();
        places
            .iter()
            .filter(|place| place.kind != LocationKind::Floor && place.id != building.id)
            .filter(|place| place.lineage.split(' ').any(|above| above == id))
            .map(Room::from)
            .collect()
    };
    places
        .iter()
        .filter(|place| place.kind == LocationKind::Building)
        .map(|building| Building {
            id: building.id.uuid(),
            code: building.code.clone(),
            name: building.name.clone(),
            rooms: within(building),
        })
        .collect()
}
