//! Units: the part of the tree that the caller may see.

use habeo_core::access::Action;
use habeo_core::unit::store;
use habeo_surface::paging::{Listing, PageLimit};
use habeo_surface::{ApiResult, Caller, table};
use poem::Request;
use poem_openapi::OpenApi;
use poem_openapi::param::Query;

use crate::Context;
use crate::context::List;
use crate::export::Selection;
use crate::view::UnitView;

/// Units.
#[derive(Debug)]
pub struct UnitsApi(pub Context);

#[OpenApi]
impl UnitsApi {
    /// A page of the units whose assets you can see.
    ///
    /// With `Accept: text/csv` the whole list comes as one table, without pages; that is recorded in the ledger.
    #[oai(path = "/units", method = "get", operation_id = "listUnits")]
    async fn list(
        &self,
        caller: Caller,
        request: &Request,
        /// How many rows, 1 to 100.
        #[oai(default)]
        limit: Query<PageLimit>,
        /// `meta.nextCursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> ApiResult<Listing<UnitView>> {
        if table::wants_csv(request.headers()) {
            return self
                .0
                .export(caller.access(), Selection::Units, cursor.0.as_deref())
                .await;
        }
        let list = List {
            access: caller.access(),
            action: Action::ReadAssets,
            filter: "units",
        };
        let after = self
            .0
            .position(list, cursor.0.as_deref())?
            .map_or(-1, |position| position.seq);
        let (mut tx, scope) = self.0.read(list.access, list.action).await?;
        let page = store::page(&mut tx, list.access, &scope, after, limit.0.0).await?;
        Ok(self.0.listing(list, page, request))
    }
}
