//! What happens to assets, as a feed that can be followed without missing anything.

use habeo_core::access::Action;
use habeo_core::ledger::feed::{self, FeedKey};
use habeo_core::unit::scope;
use habeo_surface::paging::{Listing, PageLimit};
use habeo_surface::{ApiResult, Caller};
use poem::Request;
use poem_openapi::OpenApi;
use poem_openapi::param::Query;

use crate::Context;
use crate::view::ledger::ChangeView;

/// The word for the end of the feed, to begin there.
const LATEST: &str = "latest";

/// Changes.
#[derive(Debug)]
pub struct ChangesApi(pub Context);

#[OpenApi]
impl ChangesApi {
    /// What happened to the assets you can see, in the order in which it was recorded.
    ///
    /// `meta.nextCursor` is always there: pass it back as `after` to go on, at once while pages have rows and every now and then when they
    /// have none. An asset that goes to where you cannot see it is there once more, as `asset.left_scope`. Nothing is left out and nothing comes twice, also while others write. Without `after` the feed begins with the first entry;
    /// with `after=latest` it begins now, with an empty page. A cursor is good for 30 days, and as long as your units stay the same.
    #[oai(path = "/changes", method = "get", operation_id = "listChanges")]
    async fn list(
        &self,
        caller: Caller,
        request: &Request,
        /// `meta.nextCursor` of the page before, or `latest`.
        after: Query<Option<String>>,
        /// How many rows, 1 to 100.
        #[oai(default)]
        limit: Query<PageLimit>,
    ) -> ApiResult<Listing<ChangeView>> {
        let access = caller.access();
        let (clock, random) = (self.0.ledger().clock(), self.0.ledger().random());
        let master_key = self.0.master_key();
        let key = FeedKey::new(&master_key, access);
        let begin = match after.0.as_deref() {
            Some(LATEST) => None,
            Some(cursor) => Some(key.open(cursor, clock.now())?),
            None => Some(-1),
        };
        let (mut tx, scope) = self.0.read(access, Action::ReadHistory).await?;
        let audited = scope::resolve(&mut tx, access, Action::ReadLedger).await?;
        let page = match begin {
            Some(after) => {
                feed::changes(&mut tx, access, (&scope, &audited), after, limit.0.0).await?
            }
            None => feed::end(&mut tx, access).await?,
        };
        let next = key.seal(page.next, clock.now(), random);
        let rows = page.rows.into_iter().map(ChangeView::from).collect();
        Ok(Listing::new_of(rows, Some(next), request, "after"))
    }
}
