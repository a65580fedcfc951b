//! Every supplier of the organization.

use askama::Template;
use habeo_core::supplier::{self, Supplier};
use poem::web::{Data, Query};
use poem::{IntoResponse as _, Response, Result, handler};

use super::{path, protocol, state};
use crate::Console;
use crate::page::{Frame, Page};
use crate::pages::connections::words::Mark;
use crate::pages::failed;
use crate::pages::said::Said;
use crate::visitor::SignedIn;

#[derive(Debug, Template)]
#[template(path = "suppliers.html")]
struct List {
    frame: Frame,
    said: Option<&'static str>,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    path: String,
    name: String,
    protocol: &'static str,
    state: Mark,
    currency: String,
    test: bool,
}

/// The suppliers.
#[handler]
pub(crate) async fn list(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Query(said): Query<Said>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let access = visitor.access();
    let db = console.parts().ledger.db();
    let mut tx = db.read(access).await.map_err(failed)?;
    let all = supplier::store::list(&mut tx, access).await;
    let list = List {
        frame: Frame::of(console, &visitor, "Suppliers"),
        said: said.sentence(),
        rows: all.map_err(failed)?.iter().map(row).collect(),
    };
    Ok(Page::of(&list).into_response())
}

fn row(supplier: &Supplier) -> Row {
    Row {
        path: path(supplier.id),
        name: supplier.name.clone(),
        protocol: protocol(supplier.protocol),
        state: state(supplier.status),
        currency: supplier.settings.currency.clone(),
        test: supplier.settings.mode == supplier::Mode::Test,
    }
}
