//! Sites: the whole organisation's, with what the entity has there.

use habeo_core::access::Action;
use habeo_core::id::LocationId;
use habeo_core::location::store;
use habeo_core::page::Page;
use habeo_surface::ApiResult;
use habeo_surface::paging::PageLimit;
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use uuid::Uuid;

use crate::Marketplace;
use crate::caller::{Scoped, SitesRead};
use crate::list::{List, Rows};
use crate::view::site::SiteView;

/// Sites.
#[derive(Debug)]
pub struct SitesApi(pub Marketplace);

#[OpenApi]
impl SitesApi {
    /// A page of sites: campuses, stations, data centres, leased facilities.
    ///
    /// Places are the whole organization's; `asset_count` counts the entity's assets. Needs the scope `sites:read`.
    #[oai(
        path = "/orgs/:org_id/entities/:entity_id/sites",
        method = "get",
        operation_id = "listSites"
    )]
    async fn list(
        &self,
        app: Scoped<SitesRead>,
        #[oai(name = "org_id")] _org: Path<Uuid>,
        #[oai(name = "entity_id")] _entity: Path<Uuid>,
        /// How many rows, 1 to 100.
        #[oai(default)]
        limit: Query<PageLimit>,
        /// `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> ApiResult<Json<Rows<SiteView>>> {
        let list = List {
            access: app.access(),
            action: Action::ReadAssets,
            filter: "public sites",
        };
        let after = self.0.position(list, cursor.0.as_deref())?;
        let after = after.map_or(-1, |position| position.seq);
        let (mut tx, scope) = self.0.read(list.access, list.action).await?;
        let page = store::sites(&mut tx, list.access, after, limit.0.0).await?;
        let ids: Vec<LocationId> = page.rows.iter().map(|site| site.id).collect();
        let counts = store::counts(&mut tx, list.access, &scope, &ids).await?;
        let rows = page.rows.into_iter().map(|site| {
            let count = counts.get(&site.id).copied().unwrap_or_default();
            SiteView::new(site, count)
        });
        let rows: Vec<SiteView> = rows.collect();
        let next = page.next;
        Ok(self.0.rows(list, Page { rows, next }))
    }
}
