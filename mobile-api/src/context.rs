//! What every operation needs: the ledger, and the keys by which it speaks to callers.

use std::sync::Arc;

use futures_util::stream;
use habeo_core::access::{Access, Action};
use habeo_core::export::Format;
use habeo_core::ledger::Ledger;
use habeo_core::page::{Binding, CursorKey, Page, Position};
use habeo_core::secret::MasterKey;
use habeo_core::store::{StoreResult, Tx};
use habeo_core::unit::scope::{self, Scope};
use habeo_surface::paging::{self, Listing};
use habeo_surface::{ApiResult, Problem, catalogue, table};
use poem::http::{HeaderValue, header};
use poem::{Request, Response};
use poem_openapi::types::{ParseFromJSON, ToJSON, Type};
use tokio::sync::Semaphore;

use crate::export::{self, Selection};

/// The means of the operations; cloning gives another handle to the same.
#[derive(Debug, Clone)]
pub struct Context {
    ledger: Ledger,
    cursor_key: CursorKey,
    master_key: Arc<MasterKey>,
    exports: Arc<Semaphore>,
}

/// How many exports leave at once. Each keeps a connection and a snapshot; one more is asked to come back.
const EXPORTS_AT_ONCE: usize = 4;

/// A list as one caller asks for it: by which right, and narrowed to what.
#[derive(Debug, Clone, Copy)]
pub struct List<'a> {
    /// Who asks.
    pub access: &'a Access,
    /// By which right they see the rows.
    pub action: Action,
    /// The list and its filters in a canonical spelling.
    pub filter: &'a str,
}

impl<'a> From<List<'a>> for Binding<'a> {
    fn from(list: List<'a>) -> Self {
        Self {
            access: list.access,
            action: list.action,
            filter: list.filter,
        }
    }
}

impl Context {
    /// Keys are derived from the installation's master key.
    #[must_use]
    pub fn new(ledger: Ledger, master_key: Arc<MasterKey>) -> Self {
        Self {
            ledger,
            cursor_key: master_key.cursor_key(),
            master_key,
            exports: Arc::new(Semaphore::new(EXPORTS_AT_ONCE)),
        }
    }

    /// The ledger.
    #[must_use]
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The key that seals secrets at rest.
    #[must_use]
    pub fn master_key(&self) -> Arc<MasterKey> {
        Arc::clone(&self.master_key)
    }

    /// Begins a read and resolves how far the action reaches.
    pub async fn read(&self, access: &Access, action: Action) -> StoreResult<(Tx, Scope)> {
        let mut tx = self.ledger.db().read(access).await?;
        let scope = scope::resolve(&mut tx, access, action).await?;
        Ok((tx, scope))
    }

    /// Where the page that a cursor names begins.
    pub fn position(&self, list: List<'_>, cursor: Option<&str>) -> ApiResult<Option<Position>> {
        let now = self.ledger.clock().now();
        Ok(paging::open_cursor(
            &self.cursor_key,
            list.into(),
            cursor,
            now,
        )?)
    }

    /// Answers a whole list as a table.
    pub async fn export<V>(
        &self,
        access: &Access,
        selection: Selection,
        cursor: Option<&str>,
    ) -> ApiResult<Listing<V>>
    where
        V: Type + ParseFromJSON + ToJSON,
    {
        if cursor.is_some() {
            let why = "has no meaning with `Accept: text/csv`, which answers the whole list";
            return Err(Problem::parameter("cursor", "not_with_csv", why));
        }
        let table = self.table(access, selection).await?;
        Ok(Listing::table(table))
    }

    /// A whole list as a table. So many at once leave as there are permits, whoever asks for them.
    pub async fn table(&self, access: &Access, selection: Selection) -> ApiResult<Response> {
        let permit = Arc::clone(&self.exports)
            .try_acquire_owned()
            .map_err(|_| Problem::new(&catalogue::BUSY))?;
        let format = selection.format();
        let name = format!("{}.{}", selection.list(), format.ending());
        let pieces = export::begin(&self.ledger, access, selection, export::ROWS_MAX).await?;
        // The permit lives as long as the pieces do.
        let bytes = stream::unfold((pieces, permit), |(mut pieces, permit)| async move {
            let piece = pieces.recv().await?;
            Some((piece, (pieces, permit)))
        });
        let mut response = table::answer(&name, bytes);
        if format == Format::JsonLines {
            let lines = HeaderValue::from_static(format.media_type());
            response.headers_mut().insert(header::CONTENT_TYPE, lines);
        }
        Ok(response)
    }

    /// Answers a page.
    pub fn listing<R, V>(&self, list: List<'_>, page: Page<R>, request: &Request) -> Listing<V>
    where
        V: From<R> + Type + ParseFromJSON + ToJSON,
    {
        let now = self.ledger.clock().now();
        let next = paging::seal_cursor(&self.cursor_key, list.into(), page.next.as_ref(), now);
        Listing::new(page.rows.into_iter().map(V::from).collect(), next, request)
    }
}
