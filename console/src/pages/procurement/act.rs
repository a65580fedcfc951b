//! What is done with a requisition: handing it in, deciding on it, and changing what may be changed here.

use habeo_core::exact::Exact;
use habeo_core::id::{RequisitionId, RequisitionLineId};
use habeo_core::ledger::Command;
use habeo_core::requisition::Refusal;
use habeo_core::requisition::command::{
    AnswerPieces, Approve, Assign, Reject, RemoveLines, Reopen, Submit, Withdraw,
};
use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Response, Result, handler};
use serde::Deserialize;

use super::paged::At;
use super::places::chosen;
use super::{ask, notice, path, refused};
use crate::Console;
use crate::page::see_other;
use crate::pages::{Nothing, absent};
use crate::visitor::{SignedIn, Submitted};

/// Exactly what was shown.
#[derive(Debug, Deserialize)]
pub(crate) struct Shown {
    #[serde(default)]
    digest: String,
}

/// A decision on exactly what was shown.
#[derive(Debug, Deserialize)]
pub(crate) struct Decision {
    #[serde(default)]
    digest: String,
    #[serde(default, rename = "decision")]
    verdict: String,
    #[serde(default)]
    reason: String,
}

/// Why it is not wanted any more.
#[derive(Debug, Deserialize)]
pub(crate) struct Why {
    #[serde(default)]
    reason: String,
}

/// For whom it is and who pays.
#[derive(Debug, Deserialize)]
pub(crate) struct Purpose {
    #[serde(default)]
    unit: String,
    #[serde(default)]
    cost_centre: String,
    #[serde(default)]
    place: String,
}

/// How many pieces one unit of a line is.
#[derive(Debug, Deserialize)]
pub(crate) struct Counted {
    #[serde(default)]
    pieces: String,
    #[serde(flatten)]
    at: At,
}

/// Hands it in.
#[handler]
pub(crate) async fn submit(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(shown): Submitted<Shown>,
) -> Result<Response> {
    let requisition = named(&id)?;
    let digest = shown.digest;
    let command = Submit {
        requisition,
        digest,
    };
    done(
        console,
        &visitor,
        (requisition, "requisition_submitted"),
        command,
    )
    .await
}

/// Approves or rejects it.
#[handler]
pub(crate) async fn decide(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(decision): Submitted<Decision>,
) -> Result<Response> {
    let requisition = named(&id)?;
    let digest = decision.digest;
    match decision.verdict.as_str() {
        "approve" => {
            let command = Approve {
                requisition,
                digest,
            };
            done(
                console,
                &visitor,
                (requisition, "requisition_approved"),
                command,
            )
            .await
        }
        "reject" => {
            let command = Reject {
                requisition,
                digest,
                reason: decision.reason,
            };
            done(
                console,
                &visitor,
                (requisition, "requisition_rejected"),
                command,
            )
            .await
        }
        _ => Err(absent()),
    }
}

/// Withdraws it.
#[handler]
pub(crate) async fn withdraw(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(why): Submitted<Why>,
) -> Result<Response> {
    let requisition = named(&id)?;
    let command = Withdraw {
        requisition,
        reason: given(&why.reason),
    };
    done(
        console,
        &visitor,
        (requisition, "requisition_withdrawn"),
        command,
    )
    .await
}

/// Makes a draft of it again.
#[handler]
pub(crate) async fn reopen(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(_): Submitted<Nothing>,
) -> Result<Response> {
    let requisition = named(&id)?;
    let command = Reopen { requisition };
    done(console, &visitor, (requisition, "saved"), command).await
}

/// Says for whom it is, where it is to be sent and who pays.
#[handler]
pub(crate) async fn assign(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(purpose): Submitted<Purpose>,
) -> Result<Response> {
    let requisition = named(&id)?;
    let command = Assign {
        requisition,
        unit: purpose.unit.parse().map_err(|_| absent())?,
        location: chosen(&purpose.place)?,
        cost_centre: given(&purpose.cost_centre),
    };
    done(console, &visitor, (requisition, "saved"), command).await
}

/// Says how many pieces one unit of a line is.
#[handler]
pub(crate) async fn count(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path((id, line)): Path<(String, String)>,
    Submitted(said): Submitted<Counted>,
) -> Result<Response> {
    let requisition = named(&id)?;
    let line = line.parse().map_err(|_| absent())?;
    let Ok(pieces) = Exact::quantity(said.pieces.trim()) else {
        let why = "how many pieces one unit is, is a number such as 10";
        let back = path(requisition);
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        let page = notice(
            console,
            &visitor,
            (status, why),
            ("Back to the requisition", &back),
        );
        return Err(poem::Error::from_response(page));
    };
    let command = AnswerPieces {
        requisition,
        line,
        pieces,
    };
    done_at(console, &visitor, (requisition, "saved", &said.at), command).await
}

/// Takes a line away.
#[handler]
pub(crate) async fn remove(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path((id, line)): Path<(String, String)>,
    Submitted(at): Submitted<At>,
) -> Result<Response> {
    let requisition = named(&id)?;
    let line: RequisitionLineId = line.parse().map_err(|_| absent())?;
    let command = RemoveLines {
        requisition,
        lines: vec![line],
    };
    done_at(console, &visitor, (requisition, "saved", &at), command).await
}

fn named(id: &str) -> Result<RequisitionId> {
    id.parse().map_err(|_| absent())
}

fn given(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

async fn done<C>(
    console: &Console,
    visitor: &SignedIn,
    (id, said): (RequisitionId, &'static str),
    command: C,
) -> Result<Response>
where
    C: Command<Refusal = Refusal>,
{
    done_at(console, visitor, (id, said, &At::default()), command).await
}

/// The same on one of its pages of lines, to which it leads back.
async fn done_at<C>(
    console: &Console,
    visitor: &SignedIn,
    (id, said, at): (RequisitionId, &'static str, &At),
    command: C,
) -> Result<Response>
where
    C: Command<Refusal = Refusal>,
{
    let path = path(id);
    match ask(console, visitor, command).await? {
        Ok(_) => Ok(see_other(&format!("{path}?said={said}{}", at.and()))),
        Err(refusal) => Err(refused(
            console,
            visitor,
            &refusal,
            ("Back to the requisition", &path),
        )),
    }
}
