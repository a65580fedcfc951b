//! Labels for pieces that were received without one.

use habeo_core::access::Action;
use habeo_core::asset::command::{Act, Command};
use habeo_core::asset::decide::Refusal;
use habeo_core::id::AssetId;
use habeo_core::text::Tag;
use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{IntoResponse as _, Response, Result, handler};
use serde::Deserialize;

use super::scanned::Entered;
use super::{Saying, desk, path};
use crate::Console;
use crate::page::{Page, see_other};
use crate::pages::procurement::{ask, order};
use crate::pages::{absent, failed, sentence};
use crate::visitor::{SignedIn, Submitted};

/// A label that was fixed to a piece.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Labelled {
    asset: String,
    tag: String,
}

/// Labels a piece.
#[handler]
pub(crate) async fn fix(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(labelled): Submitted<Labelled>,
) -> Result<Response> {
    let visitor = visitor.permitted(console, Action::Register)?;
    let asset: AssetId = labelled.asset.parse().map_err(|_| absent())?;
    let db = console.parts().ledger.db();
    let mut tx = db.read(visitor.access()).await.map_err(failed)?;
    let order = order::find(&mut tx, &visitor, &id).await?;
    drop(tx);
    if !order.units.values().any(|unit| unit.asset == asset) {
        return Err(absent());
    }
    let fault = match Tag::parse(labelled.tag.trim()) {
        Err(bad) => sentence(&format!("the label {bad}")),
        Ok(tag) => {
            let scanned_back = tag.as_str().to_owned();
            let command = Command {
                asset,
                act: Act::Tag { tag, scanned_back },
                occurred_at: None,
                remark: None,
            };
            match ask(console, &visitor, command).await? {
                Ok(_) => return Ok(see_other(&format!("{}?said=labelled", path(order.id)))),
                Err(Refusal::Unknown) => return Err(absent()),
                Err(refusal) => sentence(&refusal.to_string()),
            }
        }
    };
    let saying = Saying {
        fault: Some(fault),
        ..Saying::default()
    };
    let page = desk(console, &visitor, &id, Entered::default(), saying).await?;
    let page = Page::of(&page).status(StatusCode::UNPROCESSABLE_ENTITY);
    Ok(page.into_response())
}
