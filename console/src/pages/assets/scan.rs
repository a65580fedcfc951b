//! What a scanner reads. A scanner is a keyboard that ends each code with Enter: in the one field that leads to the asset, and in the list
//! it begins the next line.

use askama::Template;
use habeo_core::access::{Access, Action};
use habeo_core::asset::code::CHARS_MAX;
use habeo_core::asset::search::{self, Scanned};
use habeo_core::asset::store::AssetDetail;
use habeo_core::store::{StoreResult, Tx};
use habeo_core::unit::scope::{self, Scope};
use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{IntoResponse as _, Response, Result, handler};
use serde::Deserialize;

use super::columns::{self, Column};
use super::list::{Row, row};
use crate::Console;
use crate::asked::Asked;
use crate::page::{Frame, Page, see_other};
use crate::pages::{cases::called, failed};
use crate::visitor::{SignedIn, Submitted};

/// How many codes are looked up at once.
const CODES_MAX: usize = 200;

#[derive(Debug, Template)]
#[template(path = "scan.html")]
struct Scan {
    frame: Frame,
    /// What was looked for alone.
    code: String,
    /// What came of it, where it is not one asset.
    fault: Option<String>,
    /// What it may mean.
    candidates: Vec<(String, String)>,
    /// What was gathered, a code on each line.
    codes: String,
    codes_fault: Option<String>,
    columns: Vec<Column>,
    rows: Vec<Read>,
    found: usize,
    form_token: String,
}

/// A code that was gathered.
#[derive(Debug)]
struct Read {
    code: String,
    row: Option<Row>,
    /// What it is, where it is not one asset.
    fault: &'static str,
}

const NOTHING: &str = "Nothing with this code is visible to you.";
const MISREAD: &str = "The check character does not belong to this tag. Scan it again.";
const SEVERAL: &str = "Several assets have this code.";
const TOO_LONG: &str = "This is longer than any code.";

/// Leads from a code to its asset.
#[handler]
pub(crate) async fn show(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    asked: Asked,
) -> Result<Response> {
    match asked.one("code") {
        Some(code) => one(console, &visitor, code).await,
        None => Ok(Page::of(&empty(console, &visitor)).into_response()),
    }
}

/// Leads from the address on a label to its asset.
#[handler]
pub(crate) async fn label(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(tag): Path<String>,
) -> Result<Response> {
    one(console, &visitor, &tag).await
}

async fn one(console: &Console, visitor: &SignedIn, code: &str) -> Result<Response> {
    let (mut tx, scope) = read(console, visitor.access()).await?;
    let scanned = look_up(&mut tx, visitor.access(), &scope, code).await;
    let (fault, candidates) = match scanned.map_err(failed)? {
        Ok(Scanned::One(found)) => {
            return Ok(see_other(&format!("/assets/{}", found.asset.id)));
        }
        Ok(Scanned::Several(assets)) => (SEVERAL, assets),
        Ok(Scanned::Nothing) => (NOTHING, Vec::new()),
        Ok(Scanned::Misread) => (MISREAD, Vec::new()),
        Err(fault) => (fault, Vec::new()),
    };
    let named = |asset: &AssetDetail| {
        let name = format!("{}: {}", called(asset), asset.description);
        (asset.id.to_string(), name)
    };
    let page = Scan {
        code: code.to_owned(),
        fault: Some(fault.to_owned()),
        candidates: candidates.iter().map(named).collect(),
        ..empty(console, visitor)
    };
    Ok(Page::of(&page)
        .status(StatusCode::NOT_FOUND)
        .into_response())
}

/// What was gathered.
#[derive(Debug, Deserialize)]
pub(crate) struct Gathered {
    #[serde(default)]
    codes: String,
}

/// The assets of many codes, in the order in which they were read.
#[handler]
pub(crate) async fn gather(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Submitted(gathered): Submitted<Gathered>,
) -> Result<Response> {
    let codes: Vec<&str> = gathered.codes.lines().map(str::trim).collect();
    let codes: Vec<&str> = codes.into_iter().filter(|code| !code.is_empty()).collect();
    let mut page = Scan {
        codes: gathered.codes.clone(),
        columns: columns::chosen(&Asked::default()),
        ..empty(console, &visitor)
    };
    page.codes_fault = match codes.len() {
        0 => Some("Scan or type at least one code.".to_owned()),
        1..=CODES_MAX => None,
        many => Some(format!(
            "These are {many} codes. Up to {CODES_MAX} are looked up at once: take some away."
        )),
    };
    if page.codes_fault.is_some() {
        let page = Page::of(&page).status(StatusCode::UNPROCESSABLE_ENTITY);
        return Ok(page.into_response());
    }
    let access = visitor.access();
    let (mut tx, scope) = read(console, access).await?;
    for code in codes {
        let scanned = look_up(&mut tx, access, &scope, code).await;
        let (asset, fault) = match scanned.map_err(failed)? {
            Ok(Scanned::One(found)) => (Some(found.asset), ""),
            Ok(Scanned::Several(_)) => (None, SEVERAL),
            Ok(Scanned::Nothing) => (None, NOTHING),
            Ok(Scanned::Misread) => (None, MISREAD),
            Err(fault) => (None, fault),
        };
        page.rows.push(Read {
            code: code.to_owned(),
            row: asset.map(|asset| row(&asset, &page.columns)),
            fault,
        });
    }
    page.found = page.rows.iter().filter(|read| read.row.is_some()).count();
    Ok(Page::of(&page).into_response())
}

async fn read(console: &Console, access: &Access) -> Result<(Tx, Scope)> {
    let db = console.parts().ledger.db();
    let mut tx = db.read(access).await.map_err(failed)?;
    let scope = scope::resolve(&mut tx, access, Action::ReadAssets).await;
    Ok((tx, scope.map_err(failed)?))
}

/// What a code means, or why it can mean nothing.
async fn look_up(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    code: &str,
) -> StoreResult<std::result::Result<Scanned, &'static str>> {
    if code.chars().count() > CHARS_MAX {
        return Ok(Err(TOO_LONG));
    }
    search::scan(tx, access, scope, code).await.map(Ok)
}

fn empty(console: &Console, visitor: &SignedIn) -> Scan {
    Scan {
        frame: Frame::of(console, visitor, "Scan"),
        code: String::new(),
        fault: None,
        candidates: Vec::new(),
        codes: String::new(),
        codes_fault: None,
        columns: Vec::new(),
        rows: Vec::new(),
        found: 0,
        form_token: visitor.who().form_token,
    }
}
