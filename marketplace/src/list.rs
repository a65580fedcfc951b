//! Lists: a page of rows, sealed cursors, and what is said around them.

use habeo_core::access::{Access, Action};
use habeo_core::page::{Binding, Page, Position};
use habeo_core::store::{StoreResult, Tx};
use habeo_core::unit::scope::{self, Scope};
use habeo_surface::nullable::Nullable;
use habeo_surface::{ApiResult, paging};
use poem_openapi::Object;
use poem_openapi::payload::Json;
use poem_openapi::types::{ParseFromJSON, ToJSON, Type};

use crate::Marketplace;

/// A page of a list.
#[derive(Debug, Object)]
pub struct Rows<T: Type + ParseFromJSON + ToJSON> {
    /// The rows in order.
    pub data: Vec<T>,
    /// Where the next page begins, to be sent as `cursor`; `null` on the last one.
    pub next_cursor: Nullable<String>,
}

/// A list as one app asks for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct List<'a> {
    /// What the app may see.
    pub access: &'a Access,
    /// By which right it sees the rows.
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

impl Marketplace {
    /// Begins a read and resolves how far the action reaches.
    pub(crate) async fn read(&self, access: &Access, action: Action) -> StoreResult<(Tx, Scope)> {
        let mut tx = self.ledger().db().read(access).await?;
        let scope = scope::resolve(&mut tx, access, action).await?;
        Ok((tx, scope))
    }

    /// Where the page that a cursor names begins.
    pub(crate) fn position(
        &self,
        list: List<'_>,
        cursor: Option<&str>,
    ) -> ApiResult<Option<Position>> {
        let now = self.ledger().clock().now();
        let opened = paging::open_cursor(self.cursor_key(), list.into(), cursor, now);
        Ok(opened?)
    }

    /// Answers a page.
    pub(crate) fn rows<R, V>(&self, list: List<'_>, page: Page<R>) -> Json<Rows<V>>
    where
        V: From<R> + Type + ParseFromJSON + ToJSON,
    {
        let now = self.ledger().clock().now();
        let next = paging::seal_cursor(self.cursor_key(), list.into(), page.next.as_ref(), now);
        Json(Rows {
            data: page.rows.into_iter().map(V::from).collect(),
            next_cursor: next.into(),
        })
    }
}
