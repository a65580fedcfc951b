//! Everything that a supplier sent, also what could not be read or was of no order.

use habeo_core::id::SupplierDocumentId;
use habeo_core::order::store;
use habeo_core::page::Limit;
use poem::web::{Data, Path};
use poem::{IntoResponse as _, Response, Result, handler};

use super::{find, parse, path};
use crate::Console;
use crate::asked::Asked;
use crate::page::{Frame, Page};
use crate::pages::procurement::documents::{List, Row, Show, file};
use crate::pages::{absent, failed};
use crate::visitor::SignedIn;

/// The documents, the newest first.
#[handler]
pub(crate) async fn list(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let access = visitor.access();
    let db = console.parts().ledger.db();
    let mut tx = db.read(access).await.map_err(failed)?;
    let supplier = find(&mut tx, &visitor, parse(&id)?).await?;
    let before = asked.one("before").and_then(|seq| seq.parse().ok());
    let page = store::documents_of(&mut tx, access, supplier.id, before, Limit::default()).await;
    let page = page.map_err(failed)?;
    let base = format!("{}/documents", path(supplier.id));
    let lowest = page.rows.last().map(|row| row.seq);
    let next = page.next.and(lowest);
    let list = List {
        frame: Frame::of(console, &visitor, "Documents"),
        of: (supplier.name.clone(), path(supplier.id)),
        rows: page
            .rows
            .iter()
            .map(|row| Row::of(row, &base, true))
            .collect(),
        next: next.map(|seq| format!("{base}?before={seq}")),
        sent: Vec::new(),
        attempts: Vec::new(),
    };
    Ok(Page::of(&list).into_response())
}

/// One of them, without its secrets.
#[handler]
pub(crate) async fn show(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path((id, document)): Path<(String, String)>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let kept = kept(console, &visitor, &id, &document).await?;
    let base = format!("{}/documents", path(kept.row.supplier));
    let frame = Frame::of(console, &visitor, "Document");
    Ok(Page::of(&Show::of(frame, &kept, base)).into_response())
}

/// The same as a file.
#[handler]
pub(crate) async fn download(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path((id, document)): Path<(String, String)>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let kept = kept(console, &visitor, &id, &document).await?;
    Ok(file(&document, kept.body))
}

async fn kept(
    console: &Console,
    visitor: &SignedIn,
    id: &str,
    document: &str,
) -> Result<store::KeptDocument> {
    let access = visitor.access();
    let supplier = parse(id)?;
    let document: SupplierDocumentId = document.parse().map_err(|_| absent())?;
    let db = console.parts().ledger.db();
    let mut tx = db.read(access).await.map_err(failed)?;
    let key = &console.parts().master_key;
    let kept = store::kept(&mut tx, access, document, key).await;
    let kept = kept.map_err(failed)?;
    kept.filter(|kept| kept.row.supplier == supplier)
        .ok_or_else(absent)
}
