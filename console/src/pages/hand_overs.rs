//! Hand-overs that are proposed because somebody else uses a device, and where they are proposed at all.

use askama::Template;
use habeo_core::access::Action;
use habeo_core::asset::store::AssetDetail;
use habeo_core::device::command::{AcceptHandOver, DeclineHandOver};
use habeo_core::device::show::{self as shown, ProposedHandOver};
use habeo_core::device::{HandOverState, Refusal};
use habeo_core::id::{HandOverId, UnitId};
use habeo_core::ledger::RecordError;
use habeo_core::page::Limit;
use habeo_core::store::{StoreResult, Tx};
use habeo_core::unit::command::SetPolicy;
use habeo_core::unit::scope;
use habeo_core::{access::Access, unit};
use poem::http::StatusCode;
use poem::web::{Data, Path, Query};
use poem::{IntoResponse as _, Response, Result, handler};
use serde::Deserialize;

use super::cases::called;
use super::listed::Which;
use super::said::Said;
use super::{absent, failed, instant, sentence};
use crate::Console;
use crate::page::{Frame, Page, see_other};
use crate::visitor::{SignedIn, Submitted};

#[derive(Debug, Template)]
#[template(path = "hand_overs.html")]
struct List {
    frame: Frame,
    said: Option<&'static str>,
    waiting: bool,
    rows: Vec<Row>,
    next: Option<String>,
    units: Vec<(String, String)>,
    form_token: String,
}

#[derive(Debug)]
struct Row {
    id: String,
    asset: String,
    holder: String,
    person: String,
    at: String,
    outcome: Option<&'static str>,
}

/// The hand-overs of assets whose custody the visitor decides.
#[handler]
pub(crate) async fn list(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Query(which): Query<Which>,
    Query(said): Query<Said>,
) -> Result<Response> {
    let visitor = visitor.permitted(console, Action::Custody)?;
    let access = visitor.access();
    let (waiting, before) = (which.waiting(), which.before::<HandOverId>()?);
    let (mut tx, scope) = console.reading(access, Action::Custody).await?;
    let page = shown::hand_overs(&mut tx, access, &scope, waiting, before, Limit::default())
        .await
        .map_err(failed)?;
    let lowest = page.rows.last().map(|(row, _)| row.id);
    let next = page.next.and(lowest);
    let next = next.map(|lowest| which.next("/admin/hand-overs", lowest));
    let list = List {
        frame: Frame::of(console, &visitor, "Hand-overs"),
        said: said.sentence(),
        waiting,
        rows: page.rows.iter().map(row).collect(),
        next,
        units: units(&mut tx, access).await.map_err(failed)?,
        form_token: visitor.who().form_token,
    };
    Ok(Page::of(&list).into_response())
}

fn row((proposed, asset): &(ProposedHandOver, AssetDetail)) -> Row {
    Row {
        id: proposed.id.to_string(),
        asset: called(asset),
        holder: holder(asset),
        person: proposed.person_name.clone(),
        at: instant(proposed.decided_at.or(Some(proposed.proposed_at))),
        outcome: outcome(proposed.state),
    }
}

fn holder(asset: &AssetDetail) -> String {
    let holder = asset.target_name.clone();
    holder.unwrap_or_else(|| "nobody".to_owned())
}

const fn outcome(state: HandOverState) -> Option<&'static str> {
    match state {
        HandOverState::Proposed => None,
        HandOverState::Accepted => Some("Accepted"),
        HandOverState::Declined => Some("Declined"),
    }
}

/// The units that the visitor administers, in the order of the tree, each with what it says now.
async fn units(tx: &mut Tx, access: &Access) -> StoreResult<Vec<(String, String)>> {
    let scope = scope::resolve(tx, access, Action::Grant).await?;
    let said = unit::store::with_policy(tx, access, &scope).await?;
    let all = unit::store::all(tx, access).await?;
    let mut listed = Vec::new();
    let roots = all.iter().filter(|unit| unit.parent_id.is_none());
    for root in roots {
        below(&all, root, &mut |unit| {
            if !scope.contains(unit.id) {
                return;
            }
            let own = said.iter().find(|(id, _)| *id == unit.id);
            let own = match own {
                Some((_, true)) => " (proposes)",
                Some((_, false)) => " (proposes nothing)",
                None => "",
            };
            listed.push((unit.id.to_string(), format!("{}{own}", unit.name)));
        });
    }
    Ok(listed)
}

fn below(all: &[unit::Unit], of: &unit::Unit, visit: &mut impl FnMut(&unit::Unit)) {
    visit(of);
    for unit in all.iter().filter(|unit| unit.parent_id == Some(of.id)) {
        below(all, unit, visit);
    }
}

#[derive(Debug, Template)]
#[template(path = "hand_over.html")]
struct Show {
    frame: Frame,
    fault: Option<String>,
    id: String,
    asset: String,
    asset_id: String,
    person: String,
    open: bool,
    facts: Vec<(&'static str, String)>,
    form_token: String,
}

/// One hand-over.
#[handler]
pub(crate) async fn show(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
) -> Result<Response> {
    let visitor = visitor.permitted(console, Action::Custody)?;
    let id: HandOverId = id.parse().map_err(|_| absent())?;
    let page = page(console, &visitor, id, None).await?;
    Ok(Page::of(&page).into_response())
}

async fn page(
    console: &Console,
    visitor: &SignedIn,
    id: HandOverId,
    fault: Option<String>,
) -> Result<Show> {
    let access = visitor.access();
    let (mut tx, scope) = console.reading(access, Action::Custody).await?;
    let found = shown::hand_over(&mut tx, access, &scope, id).await;
    let (proposed, asset) = found.map_err(failed)?.ok_or_else(absent)?;
    Ok(Show {
        frame: Frame::of(console, visitor, "Hand-over"),
        fault,
        id: id.to_string(),
        asset: called(&asset),
        asset_id: asset.id.to_string(),
        person: proposed.person_name.clone(),
        open: proposed.state == HandOverState::Proposed,
        facts: facts(&proposed, &asset),
        form_token: visitor.who().form_token,
    })
}

fn facts(proposed: &ProposedHandOver, asset: &AssetDetail) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("Asset", asset.description.clone()),
        ("Owned by", asset.owning_unit_name.clone()),
        ("State", asset.state.as_str().replace('_', " ")),
        ("Now with", holder(asset)),
        ("Proposed for", proposed.person_name.clone()),
        (
            "Because of",
            shown::management(proposed.provider).to_owned(),
        ),
    ];
    let words = [
        ("Address there", &proposed.email),
        ("Directory name there", &proposed.principal_name),
        ("User name there", &proposed.username),
    ];
    for (name, value) in words {
        facts.extend(value.clone().map(|value| (name, value)));
    }
    facts.push(("Proposed", instant(Some(proposed.proposed_at))));
    if let Some(outcome) = outcome(proposed.state) {
        let by = proposed.decided_by_name.as_deref();
        let by = by.unwrap_or("the operator");
        let at = instant(proposed.decided_at);
        facts.push((outcome, format!("by {by}, {at}")));
    }
    facts
}

/// What was pressed.
#[derive(Debug, Deserialize)]
pub(crate) struct Pressed {
    #[serde(default)]
    decision: String,
}

/// Accepts a hand-over, or declines it.
#[handler]
pub(crate) async fn decide(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(pressed): Submitted<Pressed>,
) -> Result<Response> {
    let visitor = visitor.permitted(console, Action::Custody)?;
    let hand_over: HandOverId = id.parse().map_err(|_| absent())?;
    let (ledger, access) = (&console.parts().ledger, visitor.access());
    let (done, said) = match pressed.decision.as_str() {
        "accept" => {
            let command = AcceptHandOver { hand_over };
            (ledger.record(access, command).await, "accepted")
        }
        "decline" => {
            let command = DeclineHandOver { hand_over };
            (ledger.record(access, command).await, "declined")
        }
        _ => return Err(poem::Error::from_status(StatusCode::BAD_REQUEST)),
    };
    match done {
        Ok(_) => Ok(see_other(&format!("/admin/hand-overs?said={said}"))),
        Err(RecordError::Refused(Refusal::HandOverUnknown)) => Err(absent()),
        Err(RecordError::Refused(refusal)) => {
            let fault = sentence(&refusal.to_string());
            let page = page(console, &visitor, hand_over, Some(fault)).await?;
            let response = Page::of(&page).status(StatusCode::CONFLICT);
            Ok(response.into_response())
        }
        Err(RecordError::Store(error)) => Err(failed(error)),
    }
}

/// What a unit is to do.
#[derive(Debug, Deserialize)]
pub(crate) struct Chosen {
    #[serde(default)]
    unit: String,
    #[serde(default)]
    propose: String,
}

/// Sets what a unit says.
#[handler]
pub(crate) async fn set_policy(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Submitted(chosen): Submitted<Chosen>,
) -> Result<Response> {
    let visitor = visitor.permitted(console, Action::Grant)?;
    let unit: UnitId = chosen.unit.parse().map_err(|_| absent())?;
    let propose_hand_overs = match chosen.propose.as_str() {
        "yes" => Some(true),
        "no" => Some(false),
        "inherit" => None,
        _ => return Err(poem::Error::from_status(StatusCode::BAD_REQUEST)),
    };
    let command = SetPolicy {
        unit,
        propose_hand_overs,
    };
    let ledger = &console.parts().ledger;
    match ledger.record(visitor.access(), command).await {
        Ok(()) => Ok(see_other("/admin/hand-overs?said=policy")),
        // A unit that somebody does not administer does not exist for them.
        Err(RecordError::Refused(_)) => Err(absent()),
        Err(RecordError::Store(error)) => Err(failed(error)),
    }
}
