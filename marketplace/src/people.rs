//! People of the entity.

use habeo_core::access::Action;
use habeo_core::person::store::{self, Filter};
use habeo_surface::ApiResult;
use habeo_surface::paging::PageLimit;
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use uuid::Uuid;

use crate::Marketplace;
use crate::caller::{PeopleRead, Scoped};
use crate::list::{List, Rows};
use crate::view::person::PersonView;

/// People.
#[derive(Debug)]
pub struct PeopleApi(pub Marketplace);

#[OpenApi]
impl PeopleApi {
    /// A page of the entity's people, in the order of their entry.
    ///
    /// Needs the scope `people:read`.
    #[oai(
        path = "/orgs/:org_id/entities/:entity_id/people",
        method = "get",
        operation_id = "listPeople"
    )]
    async fn list(
        &self,
        app: Scoped<PeopleRead>,
        #[oai(name = "org_id")] _org: Path<Uuid>,
        #[oai(name = "entity_id")] _entity: Path<Uuid>,
        /// How many rows, 1 to 100.
        #[oai(default)]
        limit: Query<PageLimit>,
        /// `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> ApiResult<Json<Rows<PersonView>>> {
        let list = List {
            access: app.access(),
            action: Action::ReadPeople,
            filter: "public people",
        };
        let after = self.0.position(list, cursor.0.as_deref())?;
        let after = after.map_or(-1, |position| position.seq);
        let (mut tx, scope) = self.0.read(list.access, list.action).await?;
        let filter = Filter::default();
        let page = store::page(&mut tx, list.access, &scope, &filter, after, limit.0.0).await?;
        Ok(self.0.rows(list, page))
    }
}
