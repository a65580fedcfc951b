//! Assets: the list with its filters and searches, and single ones.

use habeo_core::access::{Access, Action};
use habeo_core::asset::as_of;
use habeo_core::asset::decide::Refusal;
use habeo_core::asset::search::{self, Filter, Quest};
use habeo_core::asset::store;
use habeo_core::id::{AssetId, CategoryId, LocationId, ModelId, PersonId, UnitId};
use habeo_core::order::lineage;
use habeo_core::store::Tx;
use habeo_core::time::Timestamp;
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
use crate::view::{AssetDetailView, AssetState, AssetView, PurchaseView};

/// The most characters of a search.
const Q_CHARS_MAX: usize = 200;

/// Assets.
#[derive(Debug)]
pub struct AssetsApi(pub Context);

#[OpenApi]
impl AssetsApi {
    /// A page of the assets you can see.
    ///
    /// Without `q` the order is that of entry into the record, and walking all pages yields every asset once, also while others are
    /// added. With `q` the order is by how it was found: exact tag, serial number or other code first, then beginnings of tags and serial
    /// numbers, then ends of serial numbers, then words of description, model, maker, category, place and holder. Filters narrow either.
    ///
    /// With `Accept: text/csv` the whole list comes as one table of at most a million rows, without pages; that is recorded in the ledger.
    #[oai(path = "/assets", method = "get", operation_id = "listAssets")]
    #[expect(
        clippy::too_many_arguments,
        reason = "one argument per documented parameter"
    )]
    async fn list(
        &self,
        caller: Caller,
        request: &Request,
        /// What to search for, at least two characters: a tag, a serial number, or words.
        q: Query<Option<String>>,
        /// Exactly this tag, or a former one of the asset.
        tag: Query<Option<String>>,
        /// Exactly this serial number.
        serial: Query<Option<String>>,
        /// Only in this state.
        state: Query<Option<AssetState>>,
        /// Only of this unit and everything below it.
        unit: Query<Option<Uuid>>,
        /// Only at this site.
        site: Query<Option<Uuid>>,
        /// Only of this category and everything below it.
        category: Query<Option<Uuid>>,
        /// Only of this product model.
        model: Query<Option<Uuid>>,
        /// Only in this person's custody.
        holder: Query<Option<Uuid>>,
        /// Only changed at this instant or later (RFC 3339).
        #[oai(name = "updatedSince")]
        updated_since: Query<Option<String>>,
        /// As it was at this instant (RFC 3339): the filters and your units apply to what the assets were then. Not together with `q`.
        #[oai(name = "asOf")]
        as_of: Query<Option<String>>,
        /// How many rows, 1 to 100.
        #[oai(default)]
        limit: Query<PageLimit>,
        /// `meta.nextCursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> ApiResult<Listing<AssetView>> {
        let filter = Filter {
            tag: tag.0,
            serial: serial.0,
            state: state.0.map(Into::into),
            unit: unit.0.map(UnitId::from_uuid),
            site: site.0.map(LocationId::from_uuid),
            category: category.0.map(CategoryId::from_uuid),
            model: model.0.map(ModelId::from_uuid),
            holder: holder.0.map(PersonId::from_uuid),
            updated_since: instant("updatedSince", updated_since.0.as_deref())?,
            ..Filter::default()
        };
        let q = q.0.map(search_text).transpose()?;
        let as_of = instant("asOf", as_of.0.as_deref())?;
        if as_of.is_some() && q.is_some() {
            return Err(Problem::parameter(
                "asOf",
                "excluded",
                "cannot be given together with `q`",
            ));
        }
        if table::wants_csv(request.headers()) {
            let selection = Selection::Assets(Box::new(filter), q);
            return self
                .0
                .export(caller.access(), selection, cursor.0.as_deref())
                .await;
        }
        let canonical = format!("assets {filter:?} {q:?} {as_of:?}");
        let list = List {
            access: caller.access(),
            action: Action::ReadAssets,
            filter: &canonical,
        };
        let after = self.0.position(list, cursor.0.as_deref())?;
        let (mut tx, scope) = self.0.read(list.access, list.action).await?;
        if let Some(at) = as_of {
            let index = match after
                .as_ref()
                .and_then(|position| position.key.parse().ok())
            {
                Some(index) => index,
                None => self.entry_at(&mut tx, list.access, at).await?,
            };
            let after = after.map_or(-1, |position| position.seq);
            let page = as_of::page(
                &mut tx,
                list.access,
                &scope,
                &filter,
                (index, after),
                limit.0.0,
            )
            .await?;
            return Ok(self.0.listing(list, page, request));
        }
        let page = match &q {
            None => {
                let after = after.map_or(-1, |position| position.seq);
                search::page(&mut tx, list.access, &scope, &filter, after, limit.0.0).await?
            }
            Some(q) => {
                let quest = Quest {
                    q,
                    filter: &filter,
                    after: after.as_ref(),
                };
                search::search(&mut tx, list.access, &scope, quest, limit.0.0).await?
            }
        };
        Ok(self.0.listing(list, page, request))
    }

    /// One asset with its assignment, its location and the purchase that it comes from.
    #[oai(path = "/assets/:id", method = "get", operation_id = "getAsset")]
    async fn get(
        &self,
        caller: Caller,
        id: Path<Uuid>,
        /// As it was at this instant (RFC 3339), if it belonged to your units then.
        #[oai(name = "asOf")]
        as_of: Query<Option<String>>,
    ) -> ApiResult<Json<One<AssetDetailView>>> {
        let access = caller.access();
        let as_of = instant("asOf", as_of.0.as_deref())?;
        let (mut tx, scope) = self.0.read(access, Action::ReadAssets).await?;
        let id = AssetId::from_uuid(id.0);
        let asset = match as_of {
            Some(at) => {
                let index = self.entry_at(&mut tx, access, at).await?;
                as_of::by_id(&mut tx, access, &scope, index, id).await?
            }
            None => store::by_id(&mut tx, access, &scope, id).await?,
        };
        let asset = asset.ok_or(Refusal::Unknown)?;
        let lineage = match as_of {
            Some(_) => None,
            None => lineage::of_asset(&mut tx, access, id).await?,
        };
        let purchase = match lineage {
            Some(lineage) => Some(PurchaseView::of(&mut tx, access, lineage).await?),
            None => None,
        };
        Ok(one(AssetDetailView {
            asset: asset.into(),
            purchase: purchase.into(),
        }))
    }
}

impl AssetsApi {
    /// The last entry that was recorded at an instant, which must lie between the first one and now.
    async fn entry_at(&self, tx: &mut Tx, access: &Access, at: Timestamp) -> ApiResult<i64> {
        if at > self.0.ledger().clock().now() {
            return Err(Problem::parameter(
                "asOf",
                "in_the_future",
                "lies in the future",
            ));
        }
        let index = as_of::entry_at(tx, access, at).await?;
        index.ok_or_else(|| {
            Problem::parameter(
                "asOf",
                "too_early",
                "lies before the first entry of the ledger",
            )
        })
    }
}

fn search_text(q: String) -> ApiResult<String> {
    if q.chars().count() > Q_CHARS_MAX {
        return Err(Problem::parameter(
            "q",
            "too_long",
            "is longer than 200 characters",
        ));
    }
    if q.trim().chars().count() < habeo_core::store::search::CHARS_MIN {
        return Err(Problem::parameter(
            "q",
            "too_short",
            "needs at least two characters",
        ));
    }
    Ok(q)
}

fn instant(name: &str, text: Option<&str>) -> ApiResult<Option<Timestamp>> {
    let parsed = text.map(str::parse).transpose();
    parsed.map_err(|_| Problem::parameter(name, "invalid", "is not a time as RFC 3339 writes it"))
}
