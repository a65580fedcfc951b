//! Tickets of help desks: those of an asset, lists, and single ones.

use habeo_core::access::{Access, Action};
use habeo_core::asset;
use habeo_core::id::{AssetId, TicketId, UnitId};
use habeo_core::page::Page;
use habeo_core::store::{StoreResult, Tx};
use habeo_core::ticket::Refusal;
use habeo_core::ticket::store::{self, Filter, Reader, Shown, StatusFilter};
use habeo_core::unit::scope::{self, Scope};
use habeo_surface::paging::{Listing, One, PageLimit, one};
use habeo_surface::{ApiResult, Caller};
use poem::Request;
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use uuid::Uuid;

use crate::Context;
use crate::context::List;
use crate::view::{TicketPerson, TicketStateFilter, TicketView};

/// Tickets.
#[derive(Debug)]
pub struct TicketsApi(pub Context);

/// How far a caller sees assets and people.
struct Sight {
    tx: Tx,
    assets: Scope,
    people: Scope,
}

impl Sight {
    const fn parts<'a>(&'a mut self, access: &'a Access) -> (&'a mut Tx, Reader<'a>) {
        let reader = Reader {
            access,
            assets: &self.assets,
            people: &self.people,
        };
        (&mut self.tx, reader)
    }
}

#[OpenApi]
impl TicketsApi {
    /// A page of the tickets you can see, newest first.
    ///
    /// These are the tickets about assets you can see, those that you want or work on, and, for who sees the unit that takes in what has no
    /// owner, those that are about no asset. What was removed in the help desk is left out unless `state` asks for it.
    #[oai(path = "/tickets", method = "get", operation_id = "listTickets")]
    #[expect(
        clippy::too_many_arguments,
        reason = "one argument per documented parameter"
    )]
    async fn list(
        &self,
        caller: Caller,
        request: &Request,
        /// Only this far: one state, `active` for what somebody still has to do, `ended` for what nobody has to do any more.
        state: Query<Option<TicketStateFilter>>,
        /// Only about this asset.
        asset: Query<Option<Uuid>>,
        /// Only about assets of this unit and everything below it.
        unit: Query<Option<Uuid>>,
        /// `me`: only what you want or work on, and what is about something you have.
        person: Query<Option<TicketPerson>>,
        /// How many rows, 1 to 100.
        #[oai(default)]
        limit: Query<PageLimit>,
        /// `meta.nextCursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> ApiResult<Listing<TicketView>> {
        let filter = Filter {
            status: state.0.map(StatusFilter::from).unwrap_or_default(),
            asset: asset.0.map(AssetId::from_uuid),
            unit: unit.0.map(UnitId::from_uuid),
            mine: person.0.is_some(),
        };
        let canonical = format!("tickets {filter:?}");
        let list = List {
            access: caller.access(),
            action: Action::ReadAssets,
            filter: &canonical,
        };
        let before = self.before(list, cursor.0.as_deref())?;
        let mut sight = self.sight(list.access).await?;
        let (tx, reader) = sight.parts(list.access);
        let page = store::page(tx, reader, filter, before, limit.0.0).await?;
        Ok(self.0.listing(list, page, request))
    }

    /// A page of the tickets about an asset, newest first.
    #[oai(
        path = "/assets/:id/tickets",
        method = "get",
        operation_id = "listAssetTickets"
    )]
    async fn of_asset(
        &self,
        caller: Caller,
        request: &Request,
        id: Path<Uuid>,
        /// Only this far: one state, `active` for what somebody still has to do, `ended` for what nobody has to do any more.
        state: Query<Option<TicketStateFilter>>,
        /// How many rows, 1 to 100.
        #[oai(default)]
        limit: Query<PageLimit>,
        /// `meta.nextCursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> ApiResult<Listing<TicketView>> {
        let id = AssetId::from_uuid(id.0);
        let status = state.0.map(StatusFilter::from).unwrap_or_default();
        let canonical = format!("tickets of {id} {status:?}");
        let list = List {
            access: caller.access(),
            action: Action::ReadAssets,
            filter: &canonical,
        };
        let before = self.before(list, cursor.0.as_deref())?;
        let mut sight = self.sight(list.access).await?;
        let seen = asset::store::by_id(&mut sight.tx, list.access, &sight.assets, id).await?;
        seen.ok_or(asset::decide::Refusal::Unknown)?;
        let filter = Filter {
            status,
            asset: Some(id),
            ..Filter::default()
        };
        let (tx, reader) = sight.parts(list.access);
        let page: Page<Shown> = store::page(tx, reader, filter, before, limit.0.0).await?;
        Ok(self.0.listing(list, page, request))
    }

    /// One ticket.
    #[oai(path = "/tickets/:id", method = "get", operation_id = "getTicket")]
    async fn get(&self, caller: Caller, id: Path<Uuid>) -> ApiResult<Json<One<TicketView>>> {
        let access = caller.access();
        let mut sight = self.sight(access).await?;
        let (tx, reader) = sight.parts(access);
        let ticket = store::by_id(tx, reader, TicketId::from_uuid(id.0)).await?;
        Ok(one(ticket.ok_or(Refusal::Unknown)?))
    }
}

impl TicketsApi {
    fn before(&self, list: List<'_>, cursor: Option<&str>) -> ApiResult<Option<i64>> {
        Ok(self.0.position(list, cursor)?.map(|position| position.seq))
    }

    async fn sight(&self, access: &Access) -> StoreResult<Sight> {
        let (mut tx, assets) = self.0.read(access, Action::ReadAssets).await?;
        let people = scope::resolve(&mut tx, access, Action::ReadPeople).await?;
        Ok(Sight { tx, assets, people })
    }
}
