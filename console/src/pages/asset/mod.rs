//! One asset: what it is, who has it, where it is and what it is known by; what happened to it; and its label.

mod bought;
mod facts;
pub(super) mod history;
pub(super) mod label;

use askama::Template;
use habeo_core::access::{Access, Action};
use habeo_core::asset::store::{self, AssetDetail};
use habeo_core::device::show as device;
use habeo_core::id::AssetId;
use habeo_core::order;
use habeo_core::page::Limit;
use habeo_core::store::{StoreResult, Tx};
use habeo_core::ticket;
use habeo_core::ticket::store::Reader;
use habeo_core::unit::scope::{self, Scope};
use poem::web::{Data, Path};
use poem::{IntoResponse as _, Response, Result, handler};

use super::cases;
use super::procurement::names::Names;
use super::{absent, failed, instant, words};
use crate::Console;
use crate::page::{Frame, Page};
use crate::visitor::SignedIn;
use facts::Group;

/// How many of the last facts the page itself shows.
const LATEST: u8 = 5;

/// The head of every page of an asset: its name, and the ways to the others.
#[derive(Debug)]
struct Head {
    id: String,
    name: String,
    description: String,
    state: String,
    weight: &'static str,
    /// The record that goes on in its place.
    merged_into: Option<String>,
    has_label: bool,
    /// Whether the visitor may read what happened to it.
    has_history: bool,
}

impl Head {
    fn of(asset: &AssetDetail, has_history: bool) -> Self {
        Self {
            id: asset.id.to_string(),
            name: asset
                .tag
                .clone()
                .unwrap_or_else(|| "Asset without a tag".to_owned()),
            description: asset.description.clone(),
            state: words::state(asset.state),
            weight: words::weight(asset.state),
            merged_into: asset.merged_into_id.map(|id| id.to_string()),
            has_label: asset.tag.is_some(),
            has_history,
        }
    }
}

#[derive(Debug, Template)]
#[template(path = "asset.html")]
struct Show {
    frame: Frame,
    head: Head,
    groups: Vec<Group>,
    devices: Vec<Device>,
    cases: Vec<(String, &'static str)>,
    tickets: Vec<Listed>,
    more_tickets: bool,
    history: Vec<history::Happened>,
}

/// A device management's record of the asset.
#[derive(Debug)]
struct Device {
    provider: &'static str,
    status: String,
    since: String,
    seen: String,
    system: String,
    key: String,
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

/// One asset, as far as the visitor may see it; what they may not see is not there.
#[handler]
pub(crate) async fn show(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
) -> Result<Response> {
    let access = visitor.access();
    let (mut tx, scope, asset) = find(console, access, &id).await?;
    let reader = history::reader(&mut tx, access, asset.id).await;
    let reader = reader.map_err(failed)?;
    let history = match &reader {
        Some(reach) => {
            let limit = Limit::new(LATEST).unwrap_or_default();
            let page = history::read(console, &mut tx, &visitor, (&asset, reach), None, limit);
            page.await?.rows
        }
        None => Vec::new(),
    };
    let known = store::known_by(&mut tx, access, asset.id).await;
    let holds = store::hold_kinds(&mut tx, access, asset.id).await;
    let devices = device::devices(&mut tx, access, &[asset.id]).await;
    let cases = open_cases(&mut tx, access, asset.id).await;
    let (tickets, more_tickets) = tickets(&mut tx, access, &scope, asset.id)
        .await
        .map_err(failed)?;
    let known = known.map_err(failed)?;
    let lineage = order::lineage::of_asset(&mut tx, access, asset.id).await;
    let lineage = lineage.map_err(failed)?;
    let mut groups = facts::groups(&asset, &known, &holds.map_err(failed)?);
    if let Some(lineage) = &lineage {
        let people: Vec<_> = lineage
            .placed_by
            .into_iter()
            .chain(lineage.received_by)
            .collect();
        let names = Names::of(&mut tx, access, &people, &[], &[]).await;
        groups.push(bought::group(lineage, &names.map_err(failed)?));
    }
    let page = Show {
        frame: Frame::of(console, &visitor, "Asset"),
        head: Head::of(&asset, reader.is_some()),
        groups,
        devices: devices.map_err(failed)?.iter().map(Device::from).collect(),
        cases: cases.map_err(failed)?,
        tickets,
        more_tickets,
        history,
    };
    Ok(Page::of(&page).into_response())
}

/// The asset that an address names, where the visitor sees it.
async fn find(console: &Console, access: &Access, id: &str) -> Result<(Tx, Scope, AssetDetail)> {
    let id: AssetId = id.parse().map_err(|_| absent())?;
    let db = console.parts().ledger.db();
    let mut tx = db.read(access).await.map_err(failed)?;
    let scope = scope::resolve(&mut tx, access, Action::ReadAssets)
        .await
        .map_err(failed)?;
    let asset = store::by_id(&mut tx, access, &scope, id).await;
    let asset = asset.map_err(failed)?.ok_or_else(absent)?;
    Ok((tx, scope, asset))
}

/// The cases about it that the visitor could decide.
async fn open_cases(
    tx: &mut Tx,
    access: &Access,
    asset: AssetId,
) -> StoreResult<Vec<(String, &'static str)>> {
    if !access.may(Action::Correct) {
        return Ok(Vec::new());
    }
    let reach = scope::resolve(tx, access, Action::Correct).await?;
    let cases = device::cases_of(tx, access, &reach, asset).await?;
    let named = |case: device::ShownCase| (case.id.to_string(), cases::why(case.kind));
    Ok(cases.into_iter().map(named).collect())
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
        state: words::plain(ticket.status.as_str()),
        changed: instant(Some(ticket.updated_at)),
    });
    Ok((listed.collect(), more))
}

impl From<&device::ShownDevice> for Device {
    fn from(device: &device::ShownDevice) -> Self {
        let system = [&device.platform, &device.os_version];
        let system: Vec<&str> = system.into_iter().flatten().map(String::as_str).collect();
        Self {
            provider: device::management(device.provider),
            status: words::plain(device.status.as_str()),
            since: instant(Some(device.status_since)),
            seen: instant(device.seen_at),
            system: match &device.compliance {
                Some(compliance) => format!("{} ({compliance})", system.join(" ")),
                None => system.join(" "),
            },
            key: device.external_id.clone().unwrap_or_default(),
        }
    }
}
