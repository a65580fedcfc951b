//! What is done with an order: placing it, deciding about its lines, taking back, and sending again.

use habeo_core::exact::Exact;
use habeo_core::id::{OrderId, RequisitionId};
use habeo_core::ledger::Command;
use habeo_core::order::Refusal;
use habeo_core::order::command::{AnswerPieces, Cancel, DecideLine, Pieces, Place};
use habeo_core::order::sending::SendAgain;
use poem::web::{Data, Path};
use poem::{Response, Result, handler};
use serde::Deserialize;

use super::path;
use crate::Console;
use crate::page::see_other;
use crate::pages::procurement::paged::At;
use crate::pages::procurement::{self, ask, notice, refused};
use crate::pages::{Nothing, absent};
use crate::visitor::{SignedIn, Submitted};

/// What was pressed.
#[derive(Debug, Deserialize)]
pub(crate) struct Decision {
    #[serde(default, rename = "decision")]
    verdict: String,
    /// What one of the line's unit costs, where the supplier's price cannot be compared.
    #[serde(default)]
    price: String,
    #[serde(flatten)]
    at: At,
}

/// How many pieces a line is.
#[derive(Debug, Deserialize)]
pub(crate) struct Counted {
    #[serde(default)]
    pieces: String,
    #[serde(default)]
    per: String,
    #[serde(flatten)]
    at: At,
}

/// Orders an approved requisition.
#[handler]
pub(crate) async fn send(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(_): Submitted<Nothing>,
) -> Result<Response> {
    let requisition: RequisitionId = id.parse().map_err(|_| absent())?;
    match ask(console, &visitor, Place { requisition }).await? {
        Ok(order) => Ok(see_other(&format!("{}?said=order_placed", path(order)))),
        Err(refusal) => {
            let back = procurement::path(requisition);
            Err(refused(
                console,
                &visitor,
                &refusal,
                ("Back to the requisition", &back),
            ))
        }
    }
}

/// Decides what a line was stopped for.
#[handler]
pub(crate) async fn decide(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path((id, line)): Path<(String, i64)>,
    Submitted(decision): Submitted<Decision>,
) -> Result<Response> {
    let order = named(&id)?;
    let accept = match decision.verdict.as_str() {
        "accept" => true,
        "refuse" => false,
        _ => return Err(absent()),
    };
    let price = Some(decision.price.trim()).filter(|price| !price.is_empty());
    let Ok(price) = price.map(Exact::amount).transpose() else {
        let why = "a price is a number such as 1149.00, without a currency";
        let status = poem::http::StatusCode::UNPROCESSABLE_ENTITY;
        let page = notice(
            console,
            &visitor,
            (status, why),
            ("Back to the order", &path(order)),
        );
        return Err(poem::Error::from_response(page));
    };
    let command = DecideLine {
        order,
        line,
        accept,
        price,
    };
    done(console, &visitor, (order, &decision.at), command).await
}

/// Says how many pieces a line is.
#[handler]
pub(crate) async fn count(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path((id, line)): Path<(String, i64)>,
    Submitted(said): Submitted<Counted>,
) -> Result<Response> {
    let order = named(&id)?;
    let Ok(count) = said.pieces.trim().parse() else {
        let why = "how many pieces it is, is a whole number";
        let way = ("Back to the order", path(order));
        let status = poem::http::StatusCode::UNPROCESSABLE_ENTITY;
        let page = notice(console, &visitor, (status, why), (way.0, &way.1));
        return Err(poem::Error::from_response(page));
    };
    let pieces = if said.per == "all" {
        Pieces::InAll(count)
    } else {
        Pieces::PerUnit(count)
    };
    let command = AnswerPieces {
        order,
        line,
        pieces,
    };
    done(console, &visitor, (order, &said.at), command).await
}

/// Takes a line back.
#[handler]
pub(crate) async fn cancel_line(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path((id, line)): Path<(String, i64)>,
    Submitted(at): Submitted<At>,
) -> Result<Response> {
    let order = named(&id)?;
    let line = Some(line);
    done(console, &visitor, (order, &at), Cancel { order, line }).await
}

/// Takes the order back.
#[handler]
pub(crate) async fn cancel(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(_): Submitted<Nothing>,
) -> Result<Response> {
    let order = named(&id)?;
    let at = At::default();
    done(
        console,
        &visitor,
        (order, &at),
        Cancel { order, line: None },
    )
    .await
}

/// Sends what the supplier did not get once more.
#[handler]
pub(crate) async fn send_again(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(_): Submitted<Nothing>,
) -> Result<Response> {
    let order = named(&id)?;
    let path = path(order);
    match ask(console, &visitor, SendAgain { order }).await? {
        Ok(()) => Ok(see_other(&format!("{path}?said=order_sent_again"))),
        Err(refusal) => {
            let way = ("Back to the order", path.as_str());
            Err(refused(console, &visitor, &refusal, way))
        }
    }
}

fn named(id: &str) -> Result<OrderId> {
    id.parse().map_err(|_| absent())
}

async fn done<C>(
    console: &Console,
    visitor: &SignedIn,
    (order, at): (OrderId, &At),
    command: C,
) -> Result<Response>
where
    C: Command<Refusal = Refusal>,
{
    let path = path(order);
    match ask(console, visitor, command).await? {
        Ok(_) => Ok(see_other(&format!("{path}?said=saved{}", at.and()))),
        Err(refusal) => Err(refused(
            console,
            visitor,
            &refusal,
            ("Back to the order", &path),
        )),
    }
}
