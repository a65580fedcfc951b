//! What the audit page shows, as a file. That it left is recorded, so a form asks for it and no address.

use habeo_core::export::Format;
use poem::http::StatusCode;
use poem::web::Data;
use poem::{Response, Result, handler};
use serde::Deserialize;

use super::narrow::Narrow;
use crate::Console;
use crate::asked::Asked;
use crate::pages::failed;
use crate::visitor::{SignedIn, Submitted};

/// What is to leave, and in which form.
#[derive(Debug, Deserialize)]
pub(crate) struct Exported {
    #[serde(default)]
    asked: String,
    #[serde(default)]
    format: String,
}

/// The file.
#[handler]
pub(crate) async fn export(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Submitted(exported): Submitted<Exported>,
) -> Result<Response> {
    let visitor = visitor.auditing(console)?;
    let malformed = || poem::Error::from_status(StatusCode::BAD_REQUEST);
    let format = match exported.format.as_str() {
        "csv" => Format::Csv,
        "jsonl" => Format::JsonLines,
        _ => return Err(malformed()),
    };
    let access = visitor.access();
    let db = console.parts().ledger.db();
    let mut tx = db.read(access).await.map_err(failed)?;
    let asked = Asked::read(&exported.asked);
    let narrow = Narrow::read(&mut tx, access, &asked, visitor.timezone()).await;
    let narrow = narrow.map_err(failed)?;
    drop(tx);
    if !narrow.faults.is_empty() {
        return Err(malformed());
    }
    let tables = &console.parts().tables;
    tables.ledger(access, narrow.filter, format).await
}
