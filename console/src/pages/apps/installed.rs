//! Apps that are installed: which, for whom, what they may do, and the end of them.

use askama::Template;
use habeo_core::access::Action;
use habeo_core::app_client::Scope;
use habeo_core::app_install::command::{Resume, Suspend, Uninstall};
use habeo_core::app_install::{AppInstall, Refusal, Status, store};
use habeo_core::id::{AppInstallId, PersonId};
use habeo_core::ledger::Command;
use habeo_core::person;
use habeo_core::unit::scope;
use poem::web::{Data, Path, Query};
use poem::{IntoResponse as _, Response, Result, handler};

use super::super::said::Said;
use super::super::{Nothing, instant};
use super::{absent, ask, failed, refused};
use crate::Console;
use crate::page::{Frame, Page, see_other};
use crate::visitor::{SignedIn, Submitted};

const BACK: (&str, &str) = ("Back to the apps", "/apps");

#[derive(Debug, Template)]
#[template(path = "apps.html")]
struct List {
    frame: Frame,
    said: Option<&'static str>,
    registers: bool,
    rows: Vec<Row>,
}

#[derive(Debug, Template)]
#[template(path = "app_installed.html")]
struct Show {
    frame: Frame,
    said: Option<&'static str>,
    row: Row,
    client: String,
    scopes: Vec<&'static str>,
    suspended: bool,
    ended: bool,
    form_token: String,
}

/// An installed app as it is shown.
#[derive(Debug)]
struct Row {
    id: String,
    name: String,
    publisher: String,
    unit: String,
    scopes: String,
    state: (&'static str, &'static str),
    by: String,
    at: String,
    used: String,
}

/// The installed apps.
#[handler]
pub(crate) async fn list(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Query(said): Query<Said>,
) -> Result<Response> {
    let visitor = visitor.permitted(console, store::ACTION)?;
    let access = visitor.access();
    let db = console.parts().ledger.db();
    let mut tx = db.read(access).await.map_err(failed)?;
    let installs = store::list(&mut tx, access).await.map_err(failed)?;
    drop(tx);
    let page = List {
        frame: Frame::of(console, &visitor, "Apps"),
        said: said.sentence(),
        registers: habeo_core::app::command::may_manage(access),
        rows: rows(console, &visitor, &installs).await?,
    };
    Ok(Page::of(&page).into_response())
}

/// One of them.
#[handler]
pub(crate) async fn show(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Query(said): Query<Said>,
) -> Result<Response> {
    let visitor = visitor.permitted(console, store::ACTION)?;
    let access = visitor.access();
    let db = console.parts().ledger.db();
    let mut tx = db.read(access).await.map_err(failed)?;
    let found = store::by_id(&mut tx, access, parse(&id)?).await;
    let install = found.map_err(failed)?.ok_or_else(absent)?;
    drop(tx);
    let mut shown = rows(console, &visitor, std::slice::from_ref(&install)).await?;
    let page = Show {
        frame: Frame::of(console, &visitor, "App"),
        said: said.sentence(),
        row: shown.pop().ok_or_else(absent)?,
        client: install.client.to_string(),
        scopes: install.scopes.iter().map(Scope::in_words).collect(),
        suspended: install.status == Status::Suspended,
        ended: install.status == Status::Ended,
        form_token: visitor.who().form_token,
    };
    Ok(Page::of(&page).into_response())
}

async fn rows(console: &Console, visitor: &SignedIn, installs: &[AppInstall]) -> Result<Vec<Row>> {
    let access = visitor.access();
    let db = console.parts().ledger.db();
    let mut tx = db.read(access).await.map_err(failed)?;
    let ids: Vec<PersonId> = installs
        .iter()
        .map(|install| install.installed_by)
        .collect();
    let scope = scope::resolve(&mut tx, access, Action::ReadPeople)
        .await
        .map_err(failed)?;
    let names = person::store::names(&mut tx, access, &scope, &ids)
        .await
        .map_err(failed)?;
    let name = |id: PersonId| {
        let found = names.iter().find(|(known, _)| *known == id);
        found.map_or_else(
            || "somebody of another unit".to_owned(),
            |(_, name)| name.clone(),
        )
    };
    let shown = installs.iter().map(|install| Row {
        id: install.id.to_string(),
        name: install.name.clone(),
        publisher: install.publisher.clone(),
        unit: install.unit_name.clone(),
        scopes: install.scopes.to_string(),
        state: match install.status {
            Status::Active => ("works", "good"),
            Status::Suspended => ("suspended", "bad"),
            Status::Ended => ("uninstalled", "bad"),
        },
        by: name(install.installed_by),
        at: instant(Some(install.installed_at)),
        used: instant(install.last_used_at),
    });
    Ok(shown.collect())
}

/// Stops it for now.
#[handler]
pub(crate) async fn suspend(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(_): Submitted<Nothing>,
) -> Result<Response> {
    let install = parse(&id)?;
    let onward = format!("/apps/{install}?said=app_suspended");
    carry_out(console, visitor, Suspend { install }, &onward).await
}

/// Lets it work again.
#[handler]
pub(crate) async fn resume(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(_): Submitted<Nothing>,
) -> Result<Response> {
    let install = parse(&id)?;
    let onward = format!("/apps/{install}?said=app_resumed");
    carry_out(console, visitor, Resume { install }, &onward).await
}

/// Ends it.
#[handler]
pub(crate) async fn uninstall(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(_): Submitted<Nothing>,
) -> Result<Response> {
    let install = parse(&id)?;
    let onward = "/apps?said=app_uninstalled";
    carry_out(console, visitor, Uninstall { install }, onward).await
}

async fn carry_out<C>(
    console: &Console,
    visitor: SignedIn,
    command: C,
    onward: &str,
) -> Result<Response>
where
    C: Command<Answer = (), Refusal = Refusal>,
{
    let visitor = visitor.permitted(console, store::ACTION)?;
    let done = ask(console, &visitor, command).await?;
    done.map_err(|refusal| refused(console, &visitor, &refusal, BACK))?;
    Ok(see_other(onward))
}

fn parse(id: &str) -> Result<AppInstallId> {
    id.parse().map_err(|_| absent())
}
