//! One asset: where the links of chat answers lead. What it is, who has it, where it is, and what happened to it last.

use askama::Template;
use habeo_core::access::{Access, Action};
use habeo_core::asset::store::{self, AssetDetail};
use habeo_core::device;
use habeo_core::id::AssetId;
use habeo_core::ledger::audit;
use habeo_core::page::Limit;
use habeo_core::store::{StoreResult, Tx};
use habeo_core::ticket;
use habeo_core::ticket::store::Reader;
use habeo_core::unit::scope::{self, Scope};
use poem::web::{Data, Path};
use poem::{IntoResponse as _, Response, Result, handler};

use super::{absent, failed, instant};
use crate::Console;
use crate::page::{Frame, Page};
use crate::visitor::SignedIn;

#[derive(Debug, Template)]
#[template(path = "asset.html")]
struct Show {
    frame: Frame,
    asset: AssetDetail,
    facts: Vec<(&'static str, String)>,
    tickets: Vec<Listed>,
    more_tickets: bool,
    history: Vec<Happened>,
    more: bool,
}

/// A ticket about the asset.
#[derive(Debug)]
struct Listed {
    key: String,
    url: Option<String>,
    title: String,
    state: String,
    changed: String,
}

#[derive(Debug)]
struct Happened {
    at: String,
    what: String,
    how: String,
}

/// One asset, as far as the visitor may see it; what they may not see is not there.
#[handler]
pub(crate) async fn show(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
) -> Result<Response> {
    let id: AssetId = id.parse().map_err(|_| absent())?;
    let access = visitor.access();
    let (mut tx, scope) = console.reading(access, Action::ReadAssets).await?;
    let asset = store::by_id(&mut tx, access, &scope, id)
        .await
        .map_err(failed)?;
    let asset = asset.ok_or_else(absent)?;
    // Whoever sees an asset because they have it does not see its history with it.
    let reach = scope::resolve(&mut tx, access, Action::ReadHistory)
        .await
        .map_err(failed)?;
    let readable = store::by_id(&mut tx, access, &reach, id)
        .await
        .map_err(failed)?;
    let (history, more) = match readable {
        Some(_) => {
            let page = audit::of_asset(&mut tx, access, id, None, Limit::default()).await;
            let page = page.map_err(failed)?;
            let more = page.next.is_some();
            let happened = |entry: audit::Entry| Happened {
                at: instant(Some(entry.occurred_at)),
                what: device::show::happened(&entry.kind)
                    .map_or_else(|| words(&entry.kind), ToOwned::to_owned),
                how: words(&format!("{:?}", entry.surface).to_lowercase()),
            };
            (page.rows.into_iter().map(happened).collect(), more)
        }
        None => (Vec::new(), false),
    };
    let (tickets, more_tickets) = tickets(&mut tx, access, &scope, id).await.map_err(failed)?;
    let page = Show {
        frame: Frame::of(console, &visitor, "Asset"),
        facts: facts(&asset),
        asset,
        tickets,
        more_tickets,
        history,
        more,
    };
    Ok(Page::of(&page).into_response())
}

/// The newest tickets about an asset that the visitor sees, and whether there are more.
async fn tickets(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    asset: AssetId,
) -> StoreResult<(Vec<Listed>, bool)> {
    let reader = Reader {
        access,
        assets: scope,
        people: scope,
    };
    let filter = ticket::store::Filter {
        asset: Some(asset),
        ..ticket::store::Filter::default()
    };
    let page = ticket::store::page(tx, reader, filter, None, Limit::default()).await?;
    let more = page.next.is_some();
    let listed = page.rows.into_iter().map(|ticket| Listed {
        key: ticket.key,
        url: ticket.url,
        title: ticket.title.unwrap_or_default(),
        state: ticket.status.as_str().replace('_', " "),
        changed: instant(Some(ticket.updated_at)),
    });
    Ok((listed.collect(), more))
}

/// `asset.report_missing` for people: `report missing`; `ticket.opened`: `ticket opened`.
fn words(kind: &str) -> String {
    let name = match kind.strip_prefix("ticket.") {
        Some(happened) => return format!("ticket {happened}"),
        None => kind.rsplit('.').next().unwrap_or(kind),
    };
    name.replace('_', " ")
}

/// What device management says of an asset that it knows.
fn managed(asset: &AssetDetail) -> Option<String> {
    let name = device::show::management(asset.mdm_provider?);
    Some(format!("{name}: {}", words(asset.mdm_status?.as_str())))
}

fn facts(asset: &AssetDetail) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("State", words(asset.state.as_str())),
        ("Condition", words(asset.condition.as_str())),
        ("Category", asset.category_name.clone()),
        ("Owned by", asset.owning_unit_name.clone()),
    ];
    let model = [&asset.manufacturer_name, &asset.model_name]
        .into_iter()
        .flatten()
        .cloned()
        .collect::<Vec<_>>()
        .join(" ");
    let known = [
        ("Model", Some(model).filter(|model| !model.is_empty())),
        (
            "Serial number",
            asset.serial.as_ref().map(ToString::to_string),
        ),
        ("With", asset.target_name.clone()),
        ("Due back", asset.due_at.map(|due| instant(Some(due)))),
        (
            "Place",
            asset.location_path.clone().or(asset.location_name.clone()),
        ),
        (
            "Last seen",
            asset.last_verified_at.map(|seen| instant(Some(seen))),
        ),
        ("Bought on", asset.acquired_on.map(|day| day.to_string())),
        ("Device management", managed(asset)),
        (
            "Last check-in",
            asset.mdm_seen_at.map(|seen| instant(Some(seen))),
        ),
        (
            "Warranty until",
            asset.warranty_ends_on.map(|day| day.to_string()),
        ),
    ];
    for (name, value) in known {
        facts.extend(value.map(|value| (name, value)));
    }
    facts
}
