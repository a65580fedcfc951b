//! People: the directory of those whom the caller may see.

use habeo_core::access::Action;
use habeo_core::id::{PersonId, UnitId};
use habeo_core::person::command::Refusal;
use habeo_core::person::store::{self, Filter};
use habeo_surface::paging::{Listing, One, PageLimit, one};
use habeo_surface::{ApiResult, Caller, table};
use poem::Request;
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use uuid::Uuid;

use crate::Context;
use crate::context::List;
use crate::export::Selection;
use crate::view::{AffiliationName, PersonStatusName, PersonView};

/// People.
#[derive(Debug)]
pub struct PeopleApi(pub Context);

#[OpenApi]
impl PeopleApi {
    /// A page of the people you can see: those of your units, and yourself.
    ///
    /// With `Accept: text/csv` the whole list comes as one table, without pages; that is recorded in the ledger.
    #[oai(path = "/people", method = "get", operation_id = "listPeople")]
    #[expect(
        clippy::too_many_arguments,
        reason = "one argument per documented parameter"
    )]
    async fn list(
        &self,
        caller: Caller,
        request: &Request,
        /// Beginnings of the words of a name, or an exact mail address.
        #[oai(validator(max_length = 200))]
        q: Query<Option<String>>,
        /// Only of this unit and everything below it.
        unit: Query<Option<Uuid>>,
        /// Only with this affiliation.
        affiliation: Query<Option<AffiliationName>>,
        /// Only with this status.
        status: Query<Option<PersonStatusName>>,
        /// How many rows, 1 to 100.
        #[oai(default)]
        limit: Query<PageLimit>,
        /// `meta.nextCursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> ApiResult<Listing<PersonView>> {
        let filter = Filter {
            q: q.0,
            unit: unit.0.map(UnitId::from_uuid),
            affiliation: affiliation.0.map(Into::into),
            status: status.0.map(Into::into),
        };
        if table::wants_csv(request.headers()) {
            let selection = Selection::People(filter);
            return self
                .0
                .export(caller.access(), selection, cursor.0.as_deref())
                .await;
        }
        let canonical = format!("people {filter:?}");
        let list = List {
            access: caller.access(),
            action: Action::ReadPeople,
            filter: &canonical,
        };
        let after = self
            .0
            .position(list, cursor.0.as_deref())?
            .map_or(-1, |position| position.seq);
        let (mut tx, scope) = self.0.read(list.access, list.action).await?;
        let page = store::page(&mut tx, list.access, &scope, &filter, after, limit.0.0).await?;
        Ok(self.0.listing(list, page, request))
    }

    /// One person.
    #[oai(path = "/people/:id", method = "get", operation_id = "getPerson")]
    async fn get(&self, caller: Caller, id: Path<Uuid>) -> ApiResult<Json<One<PersonView>>> {
        let access = caller.access();
        let (mut tx, scope) = self.0.read(access, Action::ReadPeople).await?;
        let person = store::by_id(&mut tx, access, &scope, PersonId::from_uuid(id.0)).await?;
        Ok(one(person.ok_or(Refusal::Unknown)?))
    }
}
