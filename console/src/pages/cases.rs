//! Cases: what device management reported, and nobody but a person can decide. The records stand side by side.

use askama::Template;
use habeo_core::access::Action;
use habeo_core::asset::store::AssetDetail;
use habeo_core::device::command::{DecideCase, Decision};
use habeo_core::device::show::{self as shown, ShownCase, ShownMember};
use habeo_core::device::{CaseKind, CaseState, MatchedBy, Refusal, Status};
use habeo_core::id::{AssetId, DuplicateCaseId};
use habeo_core::ledger::RecordError;
use habeo_core::page::Limit;
use poem::http::StatusCode;
use poem::web::{Data, Path, Query};
use poem::{IntoResponse as _, Response, Result, handler};
use serde::Deserialize;

use super::listed::Which;
use super::said::Said;
use super::{absent, failed, instant, sentence};
use crate::Console;
use crate::page::{Frame, Page, see_other};
use crate::visitor::{SignedIn, Submitted};

#[derive(Debug, Template)]
#[template(path = "cases.html")]
struct List {
    frame: Frame,
    said: Option<&'static str>,
    waiting: bool,
    rows: Vec<Row>,
    next: Option<String>,
}

#[derive(Debug)]
struct Row {
    id: String,
    why: &'static str,
    device: String,
    provider: &'static str,
    at: String,
    outcome: Option<String>,
}

/// The cases all of whose assets the visitor looks after.
#[handler]
pub(crate) async fn list(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Query(which): Query<Which>,
    Query(said): Query<Said>,
) -> Result<Response> {
    let visitor = visitor.permitted(console, Action::Correct)?;
    let access = visitor.access();
    let (waiting, before) = (which.waiting(), which.before::<DuplicateCaseId>()?);
    let (mut tx, scope) = console.reading(access, Action::Correct).await?;
    let page = shown::cases(&mut tx, access, &scope, waiting, before, Limit::default())
        .await
        .map_err(failed)?;
    let lowest = page.rows.last().map(|case| case.id);
    let next = page.next.and(lowest);
    let next = next.map(|lowest| which.next("/admin/cases", lowest));
    let list = List {
        frame: Frame::of(console, &visitor, "Cases"),
        said: said.sentence(),
        waiting,
        rows: page.rows.iter().map(Row::from).collect(),
        next,
    };
    Ok(Page::of(&list).into_response())
}

impl From<&ShownCase> for Row {
    fn from(case: &ShownCase) -> Self {
        Self {
            id: case.id.to_string(),
            why: why(case.kind),
            device: device(case),
            provider: shown::management(case.provider),
            at: instant(case.decided_at.or(Some(case.opened_at))),
            outcome: (case.state != CaseState::Open).then(|| outcome(case)),
        }
    }
}

#[derive(Debug, Template)]
#[template(path = "case.html")]
struct Show {
    frame: Frame,
    said: Option<&'static str>,
    fault: Option<String>,
    id: String,
    why: &'static str,
    about: &'static str,
    open: bool,
    outcome: String,
    reported: Vec<(&'static str, String)>,
    names: Vec<(String, String)>,
    facts: Vec<(&'static str, Vec<String>)>,
    form_token: String,
}

/// One case.
#[handler]
pub(crate) async fn show(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Query(said): Query<Said>,
) -> Result<Response> {
    let visitor = visitor.permitted(console, Action::Correct)?;
    let id: DuplicateCaseId = id.parse().map_err(|_| absent())?;
    let page = page(console, &visitor, id, said.sentence(), None).await?;
    Ok(Page::of(&page).into_response())
}

async fn page(
    console: &Console,
    visitor: &SignedIn,
    id: DuplicateCaseId,
    said: Option<&'static str>,
    fault: Option<String>,
) -> Result<Show> {
    let access = visitor.access();
    let (mut tx, scope) = console.reading(access, Action::Correct).await?;
    let found = shown::case(&mut tx, access, &scope, id).await;
    let (case, members) = found.map_err(failed)?.ok_or_else(absent)?;
    let names = members
        .iter()
        .map(|member| (member.asset.id.to_string(), called(&member.asset)));
    Ok(Show {
        frame: Frame::of(console, visitor, "Case"),
        said,
        fault,
        id: id.to_string(),
        why: why(case.kind),
        about: about(case.kind),
        open: case.state == CaseState::Open,
        outcome: outcome(&case),
        reported: reported(&case),
        names: names.collect(),
        facts: facts(&members),
        form_token: visitor.who().form_token,
    })
}

/// What was pressed.
#[derive(Debug, Deserialize)]
pub(crate) struct Pressed {
    #[serde(default)]
    decision: String,
    #[serde(default)]
    survivor: String,
}

/// Decides a case, or takes a decision back.
#[handler]
pub(crate) async fn decide(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(pressed): Submitted<Pressed>,
) -> Result<Response> {
    let visitor = visitor.permitted(console, Action::Correct)?;
    let case: DuplicateCaseId = id.parse().map_err(|_| absent())?;
    let (decision, said) = match pressed.decision.as_str() {
        "merge" => {
            let survivor: AssetId = pressed.survivor.parse().map_err(|_| absent())?;
            (Decision::Merge { survivor }, "merged")
        }
        "keep_apart" => (Decision::KeepApart, "kept_apart"),
        "ignore" => (Decision::Ignore, "ignored"),
        "undo" => (Decision::Undo, "undone"),
        _ => return Err(poem::Error::from_status(StatusCode::BAD_REQUEST)),
    };
    let command = DecideCase { case, decision };
    let ledger = &console.parts().ledger;
    match ledger.record(visitor.access(), command).await {
        Ok(()) => Ok(see_other(&format!("/admin/cases/{case}?said={said}"))),
        Err(RecordError::Refused(Refusal::CaseUnknown)) => Err(absent()),
        Err(RecordError::Refused(refusal)) => {
            let fault = sentence(&refusal.to_string());
            let page = page(console, &visitor, case, None, Some(fault)).await?;
            let response = Page::of(&page).status(StatusCode::CONFLICT);
            Ok(response.into_response())
        }
        Err(RecordError::Store(error)) => Err(failed(error)),
    }
}

/// What a case is called.
const fn why(kind: CaseKind) -> &'static str {
    match kind {
        CaseKind::TwoAssetsOneSerial => "Several assets with one serial number",
        CaseKind::OneRefTwoAssets => "One device, two assets",
        CaseKind::PlaceholderSerial => "A device without a serial number of its own",
        CaseKind::ReEnrolled => "A device that should be gone",
        CaseKind::ConflictingKeys => "Identifiers that disagree",
    }
}

/// What it means.
const fn about(kind: CaseKind) -> &'static str {
    match kind {
        CaseKind::TwoAssetsOneSerial => {
            "A device reported a serial number that several of your records have. Are they records of one asset?"
        }
        CaseKind::OneRefTwoAssets => {
            "The management's record of this device was linked to one asset, and now reports the serial number of another. Kept apart or ignored, reports go on to be taken for the asset that it was linked to."
        }
        CaseKind::PlaceholderSerial => {
            "The device reported a serial number that many devices have."
        }
        CaseKind::ReEnrolled => {
            "The asset was retired, passed to surplus or disposed of, and its device has reported since. The asset's state was not changed. Ignored, its device is followed again."
        }
        CaseKind::ConflictingKeys => {
            "What the device reported of itself is recorded of different assets, or of one with another serial number."
        }
    }
}

fn outcome(case: &ShownCase) -> String {
    let what = match case.state {
        CaseState::Open => return "Nobody has decided yet.".to_owned(),
        CaseState::Merged => "Merged",
        CaseState::Distinct => "Kept apart",
        CaseState::Ignored => "Ignored",
    };
    let by = case.decided_by_name.as_deref().unwrap_or("the operator");
    format!("{what} by {by}, {}.", instant(case.decided_at))
}

fn device(case: &ShownCase) -> String {
    let words = [&case.model, &case.serial];
    let words: Vec<&str> = words.into_iter().flatten().map(String::as_str).collect();
    if words.is_empty() {
        case.external_id.clone().unwrap_or_default()
    } else {
        words.join(", ")
    }
}

fn reported(case: &ShownCase) -> Vec<(&'static str, String)> {
    let mut facts = vec![("By", shown::management(case.provider).to_owned())];
    let known = [
        ("Its key there", &case.external_id),
        ("Serial number", &case.serial),
        ("Maker", &case.manufacturer),
        ("Model", &case.model),
    ];
    for (name, value) in known {
        facts.extend(value.clone().map(|value| (name, value)));
    }
    facts.push(("Noticed", instant(Some(case.opened_at))));
    facts
}

/// What an asset is called: by its label, or by what it is.
pub(super) fn called(asset: &AssetDetail) -> String {
    asset
        .tag
        .clone()
        .unwrap_or_else(|| asset.description.clone())
}

/// The records side by side, one line for each thing that may tell them apart.
fn facts(members: &[ShownMember]) -> Vec<(&'static str, Vec<String>)> {
    type Line = (&'static str, fn(&ShownMember) -> String);
    const LINES: [Line; 12] = [
        ("Recognized by", |member| {
            matched(member.matched_by).to_owned()
        }),
        ("What it is", |member| member.asset.description.clone()),
        ("Maker and model", |member| {
            let asset = &member.asset;
            let names = [&asset.manufacturer_name, &asset.model_name];
            let names: Vec<&str> = names.into_iter().flatten().map(String::as_str).collect();
            names.join(" ")
        }),
        ("Serial number", |member| {
            let serial = member.asset.serial.as_ref();
            serial.map(ToString::to_string).unwrap_or_default()
        }),
        ("State", |member| {
            member.asset.state.as_str().replace('_', " ")
        }),
        ("Owned by", |member| member.asset.owning_unit_name.clone()),
        ("With", |member| {
            member.asset.target_name.clone().unwrap_or_default()
        }),
        ("Place", |member| {
            member.asset.location_path.clone().unwrap_or_default()
        }),
        ("Bought on", |member| {
            let on = member.asset.acquired_on;
            on.map(|day| day.to_string()).unwrap_or_default()
        }),
        ("Entered", |member| instant(Some(member.asset.created_at))),
        ("Device management", |member| {
            let device = member.devices.first();
            device
                .map(|device| managed(device.status).to_owned())
                .unwrap_or_default()
        }),
        ("Last check-in", |member| {
            let seen = member.devices.first().and_then(|device| device.seen_at);
            seen.map(|seen| instant(Some(seen))).unwrap_or_default()
        }),
    ];
    let lines = LINES.into_iter().map(|(name, of)| {
        let values: Vec<String> = members.iter().map(of).collect();
        (name, values)
    });
    lines
        .filter(|(_, values)| values.iter().any(|value| !value.is_empty()))
        .collect()
}

const fn managed(status: Status) -> &'static str {
    match status {
        Status::PreEnrolled => "assigned, not set up yet",
        Status::Enrolled => "managed",
        Status::Unenrolled => "not managed any more",
    }
}

const fn matched(by: MatchedBy) -> &'static str {
    match by {
        MatchedBy::ExternalRef => "the management's own key",
        MatchedBy::Serial => "serial number",
        MatchedBy::Imei => "IMEI",
        MatchedBy::Meid => "MEID",
        MatchedBy::Udid => "device id",
        MatchedBy::SmbiosUuid => "main board",
        MatchedBy::MacWired => "wired network address",
    }
}
