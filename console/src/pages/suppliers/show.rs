//! A supplier: how it is connected, and whether the connection works.

use askama::Template;
use habeo_core::supplier::{self, Mode, Protocol, Status, Supplier};
use poem::web::{Data, Path, Query};
use poem::{IntoResponse as _, Response, Result, handler};

use super::{find, parse, path, protocol, state};
use crate::Console;
use crate::page::{Frame, Page};
use crate::pages::connections::words::Mark;
use crate::pages::said::Said;
use crate::pages::{Nothing, failed, instant};
use crate::visitor::{SignedIn, Submitted};

#[derive(Debug, Template)]
#[template(path = "supplier.html")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says whether a part of the page is there"
)]
struct Show {
    frame: Frame,
    said: Option<&'static str>,
    /// What a test found, and whether that is good.
    found: Option<(String, bool)>,
    path: String,
    name: String,
    state: Mark,
    facts: Vec<(&'static str, String)>,
    has_ours: bool,
    /// Whether it is a catalogue that is called up with a log-in, and the names of the fields that are kept.
    is_catalogue: bool,
    login: Vec<String>,
    rotating: Option<String>,
    active: bool,
    removed: bool,
    form_token: String,
}

/// The page.
#[handler]
pub(crate) async fn show(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Query(said): Query<Said>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let page = page(console, &visitor, &id, (said.sentence(), None)).await?;
    Ok(page.into_response())
}

/// Tests the connection, and shows what came of it.
#[handler]
pub(crate) async fn test(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(_): Submitted<Nothing>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let shops = &console.parts().shops;
    let found = shops.probe(visitor.access(), parse(&id)?).await;
    let page = page(console, &visitor, &id, (None, Some(found))).await?;
    Ok(page.into_response())
}

async fn page(
    console: &Console,
    visitor: &SignedIn,
    id: &str,
    (said, found): (Option<&'static str>, Option<(String, bool)>),
) -> Result<Page> {
    let db = console.parts().ledger.db();
    let mut tx = db.read(visitor.access()).await.map_err(failed)?;
    let supplier = find(&mut tx, visitor, parse(id)?).await?;
    let now = console.parts().ledger.clock().now();
    let is_catalogue = supplier.protocol == Protocol::Oci;
    let login = if is_catalogue {
        let key = &console.parts().master_key;
        let kept = supplier::store::call_up(&mut tx, visitor.access(), supplier.id, key).await;
        let kept = kept.map_err(failed)?;
        kept.into_iter().map(|(name, _)| name).collect()
    } else {
        Vec::new()
    };
    let until = supplier.previous_until.filter(|until| now < *until);
    Ok(Page::of(&Show {
        frame: Frame::of(console, visitor, "Supplier"),
        said,
        found,
        path: path(supplier.id),
        name: supplier.name.clone(),
        state: state(supplier.status),
        facts: facts(console, &supplier),
        has_ours: supplier.has_ours,
        is_catalogue,
        login,
        rotating: until.map(|until| instant(Some(until))),
        active: supplier.status == Status::Active,
        removed: supplier.status == Status::Removed,
        form_token: visitor.who().form_token,
    }))
}

fn facts(console: &Console, supplier: &Supplier) -> Vec<(&'static str, String)> {
    let settings = &supplier.settings;
    let name = |domain: &str, identity: &str| format!("{domain} {identity}").trim().to_owned();
    let theirs = settings.theirs.iter();
    let theirs: Vec<String> = theirs.map(|one| name(&one.domain, &one.identity)).collect();
    let operations = settings.operations.iter().map(ToString::to_string);
    let mut facts = vec![
        ("Protocol", protocol(supplier.protocol).to_owned()),
        (
            "Its documents are sent to",
            console.parts().shops.documents_url(supplier.id),
        ),
        (
            "Who we are to it",
            name(&settings.ours.domain, &settings.ours.identity),
        ),
        ("Who it is", theirs.join("; ")),
        ("Its shop", settings.setup_url.clone()),
    ];
    facts.extend(settings.order_url.clone().map(|url| ("Orders go to", url)));
    facts.push((
        "In the shop one may",
        operations.collect::<Vec<_>>().join(", "),
    ));
    facts.push(("Paid in", settings.currency.clone()));
    facts.push((
        "Documents are",
        match settings.mode {
            Mode::Production => "meant".to_owned(),
            Mode::Test => "for testing: nothing real follows".to_owned(),
        },
    ));
    facts.push(("Connected", instant(Some(supplier.created_at))));
    facts
}
