//! Going to a shop: the browser is sent there, in the top window.

use std::str::FromStr;

use askama::Template;
use habeo_core::id::RequisitionId;
use habeo_core::punchout::command::StartSession;
use habeo_core::supplier::Operation;
use poem::web::{Data, Path};
use poem::{IntoResponse as _, Response, Result, handler};
use serde::Deserialize;

use super::places::chosen;
use super::{LIST, find, notice, refused};
use crate::page::{Frame, Page, policy_for_forms_abroad};
use crate::pages::{absent, failed};
use crate::visitor::{SignedIn, Submitted};
use crate::{Console, Entrance};

#[derive(Debug, Template)]
#[template(path = "procurement_go.html")]
struct Go {
    frame: Frame,
    /// Where the shop is, where an address is enough.
    address: Option<String>,
    /// The form by which it is entered otherwise.
    form: Option<(String, Vec<(String, String)>)>,
}

/// What somebody wants to buy for.
#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    supplier: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    cost_centre: String,
    #[serde(default)]
    place: String,
}

/// With a requisition: to change it in the shop, or to look at it there.
#[derive(Debug, Deserialize)]
pub(crate) struct With {
    #[serde(default)]
    operation: String,
}

/// Goes to a shop to buy something new.
#[handler]
pub(crate) async fn buy(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Submitted(wanted): Submitted<Wanted>,
) -> Result<Response> {
    let centre = wanted.cost_centre.trim();
    let wanted = StartSession {
        supplier: named(&wanted.supplier)?,
        operation: Operation::Create,
        requisition: None,
        unit: Some(named(&wanted.unit)?),
        location: chosen(&wanted.place)?,
        cost_centre: Some(centre.to_owned()).filter(|centre| !centre.is_empty()),
    };
    enter(console, &visitor, wanted, LIST).await
}

/// Goes to the shop of a requisition again.
#[handler]
pub(crate) async fn again(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(with): Submitted<With>,
) -> Result<Response> {
    let operation = match with.operation.as_str() {
        "edit" => Operation::Edit,
        "inspect" => Operation::Inspect,
        _ => return Err(absent()),
    };
    let db = console.parts().ledger.db();
    let mut tx = db.read(visitor.access()).await.map_err(failed)?;
    let found = find(console, &visitor, &mut tx, &id).await?;
    drop(tx);
    let wanted = StartSession {
        supplier: found.supplier,
        operation,
        requisition: Some(found.id),
        unit: None,
        location: None,
        cost_centre: None,
    };
    enter(console, &visitor, wanted, &path(found.id)).await
}

fn path(id: RequisitionId) -> String {
    super::path(id)
}

fn named<T: FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| absent())
}

async fn enter(
    console: &Console,
    visitor: &SignedIn,
    wanted: StartSession,
    back: &str,
) -> Result<Response> {
    let shops = &console.parts().shops;
    let entrance = match shops.enter(visitor.access(), wanted).await {
        Ok(entrance) => entrance,
        Err(not) => {
            let way = ("Back", back);
            return Err(match not {
                crate::NotEntered::Refused(refusal) => refused(console, visitor, &refusal, way),
                crate::NotEntered::Supplier(why) => {
                    let status = poem::http::StatusCode::BAD_GATEWAY;
                    poem::Error::from_response(notice(console, visitor, (status, &why), way))
                }
                crate::NotEntered::Store(error) => failed(error),
            });
        }
    };
    let frame = Frame::of(console, visitor, "To the shop");
    Ok(match entrance {
        Entrance::Address(address) => Page::of(&Go {
            frame,
            address: Some(address),
            form: None,
        })
        .into_response(),
        Entrance::Form { action, fields } => {
            let policy = policy_for_forms_abroad(&action);
            let go = Go {
                frame,
                address: None,
                form: Some((action, fields)),
            };
            Page::of(&go).policy(policy).into_response()
        }
    })
}
