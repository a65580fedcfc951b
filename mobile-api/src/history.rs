//! What happened to an asset.

use std::collections::HashMap;

use habeo_core::access::Action;
use habeo_core::asset::decide::Refusal;
use habeo_core::asset::store;
use habeo_core::id::{AssetId, PersonId};
use habeo_core::ledger::audit;
use habeo_core::page::Page;
use habeo_core::person;
use habeo_core::unit::scope::{self, Scope};
use habeo_surface::paging::{Listing, PageLimit};
use habeo_surface::{ApiResult, Caller, table};
use poem::Request;
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use uuid::Uuid;

use crate::Context;
use crate::context::List;
use crate::export::Selection;
use crate::view::HistoryEntry;

/// Histories.
#[derive(Debug)]
pub struct HistoryApi(pub Context);

#[OpenApi]
impl HistoryApi {
    /// What happened to an asset, newest first.
    ///
    /// Each entry is one fact of the ledger; `id` is its event id. What happened to tickets about the asset is among them, as far as it concerns
    /// this asset. Names of people outside your units and remarks made while the asset
    /// belonged to another unit are null. With `Accept: text/csv` the whole history comes as one table; that is recorded in the ledger.
    #[oai(
        path = "/assets/:id/history",
        method = "get",
        operation_id = "getAssetHistory"
    )]
    async fn history(
        &self,
        caller: Caller,
        request: &Request,
        id: Path<Uuid>,
        /// How many rows, 1 to 100.
        #[oai(default)]
        limit: Query<PageLimit>,
        /// `meta.nextCursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> ApiResult<Listing<HistoryEntry>> {
        let canonical = format!("history {}", id.0);
        let list = List {
            access: caller.access(),
            action: Action::ReadHistory,
            filter: &canonical,
        };
        if table::wants_csv(request.headers()) {
            // Whoever may not see the asset is told so before anything leaves.
            let (mut tx, scope) = self.0.read(list.access, list.action).await?;
            let id = AssetId::from_uuid(id.0);
            let asset = store::by_id(&mut tx, list.access, &scope, id).await?;
            let asset = asset.ok_or(Refusal::Unknown)?;
            drop(tx);
            return self
                .0
                .export(
                    list.access,
                    Selection::History(asset.id),
                    cursor.0.as_deref(),
                )
                .await;
        }
        let before = self
            .0
            .position(list, cursor.0.as_deref())?
            .map(|position| position.seq);
        let (mut tx, scope) = self.0.read(list.access, list.action).await?;
        let asset = store::by_id(&mut tx, list.access, &scope, AssetId::from_uuid(id.0)).await?;
        let asset = asset.ok_or(Refusal::Unknown)?;
        let page = audit::of_asset(&mut tx, list.access, asset.id, before, limit.0.0).await?;
        let people = scope::resolve(&mut tx, list.access, Action::ReadPeople).await?;
        let actors: Vec<PersonId> = page.rows.iter().filter_map(actor).collect();
        let names: HashMap<PersonId, String> =
            person::store::names(&mut tx, list.access, &people, &actors)
                .await?
                .into_iter()
                .collect();
        let rows = page
            .rows
            .into_iter()
            .map(|entry| view(entry, &scope, &names))
            .collect();
        Ok(self.0.listing(
            list,
            Page {
                rows,
                next: page.next,
            },
            request,
        ))
    }
}

pub(crate) fn actor(entry: &audit::Entry) -> Option<PersonId> {
    entry.actor.principal.strip_prefix("person:")?.parse().ok()
}

/// An entry without what was written while the asset belonged to somebody out of reach.
pub(crate) fn within(mut entry: audit::Entry, scope: &Scope) -> audit::Entry {
    let own = entry.units.iter().all(|unit| scope.contains(*unit));
    if !own {
        entry.remark_text = None;
    }
    entry
}

fn view(entry: audit::Entry, scope: &Scope, names: &HashMap<PersonId, String>) -> HistoryEntry {
    let entry = within(entry, scope);
    let person = actor(&entry);
    let name = person.and_then(|person| names.get(&person).cloned());
    HistoryEntry::new(entry, person, name)
}
