//! Assets of the entity.

use habeo_core::access::Action;
use habeo_core::asset::search::{self, Filter};
use habeo_surface::paging::PageLimit;
use habeo_surface::{ApiResult, Problem};
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use uuid::Uuid;

use crate::Marketplace;
use crate::caller::{AssetsRead, Scoped};
use crate::list::{List, Rows};
use crate::view::asset::AssetView;

/// Assets.
#[derive(Debug)]
pub struct AssetsApi(pub Marketplace);

#[OpenApi]
impl AssetsApi {
    /// A page of the entity's assets, in the order of their entry.
    ///
    /// Needs the scope `assets:read`.
    #[oai(
        path = "/orgs/:org_id/entities/:entity_id/assets",
        method = "get",
        operation_id = "listAssets"
    )]
    #[expect(
        clippy::too_many_arguments,
        reason = "one argument per documented parameter"
    )]
    async fn list(
        &self,
        app: Scoped<AssetsRead>,
        #[oai(name = "org_id")] _org: Path<Uuid>,
        #[oai(name = "entity_id")] _entity: Path<Uuid>,
        /// Only with exactly this tag, or a former one.
        tag: Query<Option<String>>,
        /// Only with exactly this serial number.
        serial: Query<Option<String>>,
        /// Only changed at this instant or later (RFC 3339).
        updated_since: Query<Option<String>>,
        /// How many rows, 1 to 100.
        #[oai(default)]
        limit: Query<PageLimit>,
        /// `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> ApiResult<Json<Rows<AssetView>>> {
        let since = updated_since.0.as_deref().map(str::parse).transpose();
        let filter = Filter {
            tag: tag.0,
            serial: serial.0,
            updated_since: since.map_err(|_| {
                let why = "is not a time as RFC 3339 writes it";
                Problem::parameter("updated_since", "invalid", why)
            })?,
            ..Filter::default()
        };
        let canonical = format!("public assets {filter:?}");
        let list = List {
            access: app.access(),
            action: Action::ReadAssets,
            filter: &canonical,
        };
        let after = self.0.position(list, cursor.0.as_deref())?;
        let after = after.map_or(-1, |position| position.seq);
        let (mut tx, scope) = self.0.read(list.access, list.action).await?;
        let page = search::page(&mut tx, list.access, &scope, &filter, after, limit.0.0).await?;
        Ok(self.0.rows(list, page))
    }
}
