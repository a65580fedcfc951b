//! Tickets about the entity's assets.

use habeo_core::access::Action;
use habeo_core::ticket::store::{self, Filter, Reader};
use habeo_core::unit::scope;
use habeo_surface::ApiResult;
use habeo_surface::paging::PageLimit;
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use uuid::Uuid;

use crate::Marketplace;
use crate::caller::{Scoped, TicketsRead};
use crate::list::{List, Rows};
use crate::view::ticket::TicketView;

/// Tickets.
#[derive(Debug)]
pub struct TicketsApi(pub Marketplace);

#[OpenApi]
impl TicketsApi {
    /// A page of the tickets about the entity's assets, newest first.
    ///
    /// What was removed in the help desk is left out. Names of people are there with the scope `people:read` as well. Needs the scope
    /// `tickets:read`.
    #[oai(
        path = "/orgs/:org_id/entities/:entity_id/tickets",
        method = "get",
        operation_id = "listTickets"
    )]
    async fn list(
        &self,
        app: Scoped<TicketsRead>,
        #[oai(name = "org_id")] _org: Path<Uuid>,
        #[oai(name = "entity_id")] _entity: Path<Uuid>,
        /// How many rows, 1 to 100.
        #[oai(default)]
        limit: Query<PageLimit>,
        /// `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> ApiResult<Json<Rows<TicketView>>> {
        let list = List {
            access: app.access(),
            action: Action::ReadAssets,
            filter: "public tickets",
        };
        let before = self.0.position(list, cursor.0.as_deref())?;
        let before = before.map(|position| position.seq);
        let (mut tx, assets) = self.0.read(list.access, list.action).await?;
        let people = scope::resolve(&mut tx, list.access, Action::ReadPeople).await?;
        let reader = Reader {
            access: list.access,
            assets: &assets,
            people: &people,
        };
        let page = store::page(&mut tx, reader, Filter::default(), before, limit.0.0).await?;
        Ok(self.0.rows(list, page))
    }
}
