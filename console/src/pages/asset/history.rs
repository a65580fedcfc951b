//! What happened to an asset: who, what, when, and what was before and is after.

use askama::Template;
use habeo_core::access::{Access, Action};
use habeo_core::asset::store::{self, AssetDetail};
use habeo_core::id::AssetId;
use habeo_core::ledger::audit::{self, Entry};
use habeo_core::ledger::words::{Difference, differences, told};
use habeo_core::page::{Limit, Page as Rows};
use habeo_core::store::{StoreResult, Tx};
use habeo_core::unit::scope::{self, Scope};
use habeo_core::zone;
use poem::web::{Data, Path};
use poem::{IntoResponse as _, Response, Result, handler};

use super::{Head, find};
use crate::Console;
use crate::asked::Asked;
use crate::page::{Frame, Page};
use crate::pages::known::Known;
use crate::pages::{absent, failed, words};
use crate::visitor::SignedIn;

/// How many facts a page has.
const ROWS: u8 = 50;

#[derive(Debug, Template)]
#[template(path = "asset_history.html")]
struct Show {
    frame: Frame,
    head: Head,
    rows: Vec<Happened>,
    first: bool,
    next: Option<i64>,
}

/// A fact in words.
#[derive(Debug)]
pub(super) struct Happened {
    /// Its index in the ledger, for whoever may look there.
    pub index: Option<i64>,
    /// When, in UTC.
    pub at: String,
    /// When, on the organization's clocks.
    pub local: String,
    /// What.
    pub what: String,
    /// Who.
    pub who: String,
    /// How it came in.
    pub how: &'static str,
    /// What was before, and is after.
    pub differences: Vec<Difference>,
    /// What was written about it.
    pub remark: Option<String>,
}

/// A page of the history.
#[handler]
pub(crate) async fn show(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Response> {
    let access = visitor.access();
    let before = asked.one("before").map(str::parse).transpose();
    let before: Option<i64> = before.map_err(|_| absent())?;
    let (mut tx, _, asset) = find(console, access, &id).await?;
    let reach = reader(&mut tx, access, asset.id).await.map_err(failed)?;
    let reach = reach.ok_or_else(absent)?;
    let limit = Limit::new(ROWS).unwrap_or_default();
    let page = read(console, &mut tx, &visitor, (&asset, &reach), before, limit).await?;
    drop(tx);
    let show = Show {
        frame: Frame::of(console, &visitor, "History"),
        head: Head::of(&asset, true),
        first: before.is_none(),
        next: page.next.map(|position| position.seq),
        rows: page.rows,
    };
    Ok(Page::of(&show).into_response())
}

/// How far the visitor reads histories, where that of this asset is among them.
pub(super) async fn reader(
    tx: &mut Tx,
    access: &Access,
    asset: AssetId,
) -> StoreResult<Option<Scope>> {
    let reach = scope::resolve(tx, access, Action::ReadHistory).await?;
    let found = store::by_id(tx, access, &reach, asset).await?;
    Ok(found.map(|_| reach))
}

/// Facts in words, newest first.
pub(super) async fn read(
    console: &Console,
    tx: &mut Tx,
    visitor: &SignedIn,
    (asset, reach): (&AssetDetail, &Scope),
    before: Option<i64>,
    limit: Limit,
) -> Result<Rows<Happened>> {
    let access = visitor.access();
    let engine = &console.parts().bot.common().parts().engine;
    let names = engine.names(access).await.map_err(failed)?;
    let page = audit::of_asset(tx, access, asset.id, before, limit).await;
    let page = page.map_err(failed)?;
    let known = Known::look_up(tx, access, names, reach.clone(), &page.rows).await;
    let known = known.map_err(failed)?.holder_of(asset);
    let audits = visitor.who().audits;
    Ok(page.map(|entry| happened(&entry, &known, reach, visitor.timezone(), audits)))
}

fn happened(entry: &Entry, known: &Known, reach: &Scope, timezone: &str, audits: bool) -> Happened {
    Happened {
        index: audits.then_some(entry.index),
        at: crate::pages::instant(Some(entry.occurred_at)),
        local: zone::on_the_wall(timezone, entry.occurred_at),
        what: told(entry, known),
        who: known.actor(entry),
        how: words::came_by(entry.surface),
        differences: differences(entry, known),
        remark: entry.remark_within(reach).map(ToOwned::to_owned),
    }
}
