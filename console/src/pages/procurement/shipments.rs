//! Shipments from a table that somebody brings in a supplier's place: read and shown first, then taken.

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use habeo_core::access::Action;
use habeo_core::order::Order;
use habeo_core::supplier;
use habeo_core::unit::scope;
use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{IntoResponse as _, Response, Result, handler};

use crate::page::{Frame, Page};
use crate::pages::{absent, failed, sentence};
use crate::upload::{FILE_BYTES_MAX, Uploaded};
use crate::visitor::SignedIn;
use crate::{Brought, Console, NotBrought, Remark};

/// How many remarks are shown.
const REMARKS_SHOWN: usize = 100;

#[derive(Debug, Template)]
#[template(path = "shipments.html")]
struct Bring {
    frame: Frame,
    path: String,
    order: String,
    po_no: String,
    supplier: String,
    fault: Option<String>,
    /// Whether the table was taken.
    taken: bool,
    shipments: Vec<Brought>,
    remarks: Vec<Remark>,
    more: usize,
    /// The table, for the second step.
    table: Option<String>,
    form_token: String,
}

/// What a page says above its form.
#[derive(Default)]
struct Saying {
    fault: Option<String>,
    taken: bool,
    shipments: Vec<Brought>,
    remarks: Vec<Remark>,
    table: Option<String>,
}

/// The form.
#[handler]
pub(crate) async fn show(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
) -> Result<Response> {
    let (order, supplier) = of(console, &visitor, &id).await?;
    let page = page(console, &visitor, (&order, supplier), Saying::default());
    Ok(page.into_response())
}

/// Reads a table and shows what it says; the second time it is taken.
#[handler]
pub(crate) async fn bring(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    form: Uploaded,
) -> Result<Response> {
    let (order, supplier) = of(console, &visitor, &id).await?;
    let (step, shown) = (form.text("step"), form.bytes("shown"));
    let table = match shown {
        Some(shown) => URL_SAFE_NO_PAD.decode(shown).map_err(|_| absent())?,
        None => form.bytes("table").unwrap_or_default().to_vec(),
    };
    let unfit = match table.len() {
        0 => Some("Choose a file."),
        bytes if bytes > FILE_BYTES_MAX => {
            Some("The table is larger than 1 MB. Bring it in parts.")
        }
        _ => None,
    };
    if let Some(fault) = unfit {
        let fault = Some(fault.to_owned());
        let saying = Saying {
            fault,
            ..Saying::default()
        };
        let page = page(console, &visitor, (&order, supplier), saying);
        return Ok(page
            .status(StatusCode::UNPROCESSABLE_ENTITY)
            .into_response());
    }
    let (shops, access) = (&console.parts().shops, visitor.access());
    let takes = step == "take" && shown.is_some();
    let kept = URL_SAFE_NO_PAD.encode(&table);
    let done = if takes {
        shops.take_shipments(access, order.supplier, table).await
    } else {
        shops.read_shipments(access, order.supplier, table).await
    };
    let (saying, status) = match done {
        Ok((shipments, remarks)) => {
            let saying = Saying {
                taken: takes,
                shipments,
                remarks,
                table: (!takes).then_some(kept),
                ..Saying::default()
            };
            (saying, StatusCode::OK)
        }
        Err(NotBrought::Store(error)) => return Err(failed(error)),
        Err(NotBrought::Unknown) => return Err(absent()),
        Err(NotBrought::Refused(why)) => {
            let fault = Some(sentence(&why));
            let saying = Saying {
                fault,
                ..Saying::default()
            };
            (saying, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(NotBrought::Unread(remarks)) => {
            let fault = Some("The table cannot be taken, and nothing of it was.".to_owned());
            let saying = Saying {
                fault,
                remarks,
                ..Saying::default()
            };
            (saying, StatusCode::UNPROCESSABLE_ENTITY)
        }
    };
    let page = page(console, &visitor, (&order, supplier), saying);
    Ok(page.status(status).into_response())
}

/// The order, for those who order for its unit, and what its supplier is called.
async fn of(console: &Console, visitor: &SignedIn, id: &str) -> Result<(Order, String)> {
    let access = visitor.access();
    let db = console.parts().ledger.db();
    let mut tx = db.read(access).await.map_err(failed)?;
    let order = super::order::find(&mut tx, visitor, id).await?;
    let reach = scope::resolve(&mut tx, access, Action::Register).await;
    if !reach.map_err(failed)?.contains(order.unit) {
        return Err(absent());
    }
    let name = supplier::store::name(&mut tx, access, order.supplier).await;
    let name = name.map_err(failed)?;
    Ok((order, name.unwrap_or_else(|| "the supplier".to_owned())))
}

fn page(
    console: &Console,
    visitor: &SignedIn,
    (order, supplier): (&Order, String),
    mut saying: Saying,
) -> Page {
    let more = saying.remarks.len().saturating_sub(REMARKS_SHOWN);
    saying.remarks.truncate(REMARKS_SHOWN);
    Page::of(&Bring {
        frame: Frame::of(console, visitor, "Shipments"),
        path: format!("{}/shipments/{}", super::LIST, order.id),
        order: super::order::path(order.id),
        po_no: order.po_no.clone(),
        supplier,
        fault: saying.fault,
        taken: saying.taken,
        shipments: saying.shipments,
        remarks: saying.remarks,
        more,
        table: saying.table,
        form_token: visitor.who().form_token,
    })
}
