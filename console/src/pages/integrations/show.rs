//! One workspace: its health, its settings, the people who are linked, and the end of it.

use askama::Template;
use habeo_core::explain::Explain as _;
use habeo_core::id::{InstallId, PersonId};
use habeo_core::install::command::Configure;
use habeo_core::install::{self, Install, Settings, Status};
use habeo_core::ledger::RecordError;
use habeo_core::page::Limit;
use habeo_core::person;
use poem::http::StatusCode;
use poem::web::{Data, Path, Query};
use poem::{IntoResponse as _, Response, Result, handler};
use serde::Deserialize;

use super::super::said::Said;
use super::super::{absent, failed, word};
use super::digests::{self, Digests, Entered};
use super::state;
use crate::Console;
use crate::page::{Frame, Notice, Page, see_other};
use crate::pages::instant;
use crate::visitor::{SignedIn, Submitted};
use habeo_core::access::Action;
use habeo_core::unit::scope;

#[derive(Debug, Template)]
#[template(path = "integration.html")]
struct Show {
    frame: Frame,
    said: Option<&'static str>,
    install: Install,
    state: (&'static str, &'static str),
    service: &'static str,
    installed_at: String,
    installed_by: String,
    last_event: String,
    last_error_at: String,
    domains: String,
    fault: Option<String>,
    digests: Digests,
    digest_fault: Option<String>,
    people: Vec<Linked>,
    more: Option<i64>,
    live: bool,
    form_token: String,
}

#[derive(Debug)]
struct Linked {
    link: String,
    name: String,
    user: String,
    shown_name: String,
    how: &'static str,
    since: String,
}

/// What is wrong with what was entered in which form.
#[derive(Debug, Default)]
pub(super) struct Faults {
    pub domains: Option<String>,
    pub digest: Option<String>,
    /// What was entered in the form of the digests.
    pub entered: Entered,
}

/// Which part of the list of people.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Part {
    #[serde(default)]
    after: i64,
    #[serde(flatten)]
    said: Said,
}

/// One workspace.
#[handler]
pub(crate) async fn show(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Query(part): Query<Part>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    page(console, &visitor, parse(&id)?, &part, Faults::default()).await
}

/// What the form of the settings says.
#[derive(Debug, Deserialize)]
pub(crate) struct Chosen {
    #[serde(default)]
    domains: String,
    share: Option<String>,
}

/// Saves the settings.
#[handler]
pub(crate) async fn configure(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(chosen): Submitted<Chosen>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let id = parse(&id)?;
    let domains = chosen.domains.split([',', ' ', '\r', '\n']);
    let command = Configure {
        install: id,
        settings: Settings {
            trusted_email_domains: domains
                .filter(|domain| !domain.is_empty())
                .map(str::to_lowercase)
                .collect(),
            share_in_channels: chosen.share.is_some(),
        },
    };
    match console
        .parts()
        .ledger
        .record(visitor.access(), command)
        .await
    {
        Ok(()) => Ok(see_other(&format!("/admin/integrations/{id}?said=saved"))),
        Err(RecordError::Refused(install::Refusal::BadDomain)) => {
            let faults = Faults {
                domains: Some(install::Refusal::BadDomain.to_string()),
                ..Faults::default()
            };
            let response = page(console, &visitor, id, &Part::default(), faults).await?;
            Ok(response
                .with_status(StatusCode::UNPROCESSABLE_ENTITY)
                .into_response())
        }
        Err(RecordError::Refused(refusal)) => Ok(refused(console, &visitor, refusal)),
        Err(RecordError::Store(error)) => Err(failed(error)),
    }
}

/// Ends the connection, here and, as far as it can be reached, at the provider.
#[handler]
pub(crate) async fn disconnect(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(_): Submitted<super::super::Nothing>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    match console
        .parts()
        .bot
        .disconnect(visitor.access(), parse(&id)?)
        .await
    {
        Ok(()) => Ok(see_other("/admin/integrations?said=disconnected")),
        Err(RecordError::Refused(refusal)) => Ok(refused(console, &visitor, refusal)),
        Err(RecordError::Store(error)) => Err(failed(error)),
    }
}

pub(super) fn parse(id: &str) -> Result<InstallId> {
    id.parse().map_err(|_| absent())
}

pub(super) async fn page(
    console: &Console,
    visitor: &SignedIn,
    id: InstallId,
    part: &Part,
    faults: Faults,
) -> Result<Response> {
    let access = visitor.access();
    let mut tx = console
        .parts()
        .ledger
        .db()
        .read(access)
        .await
        .map_err(failed)?;
    let install = install::store::by_id(&mut tx, access, id)
        .await
        .map_err(failed)?;
    let install = install.ok_or_else(absent)?;
    let linked = install::store::linked_people(&mut tx, access, id, part.after, Limit::default())
        .await
        .map_err(failed)?;
    let mut ids: Vec<PersonId> = linked.rows.iter().map(|linked| linked.person).collect();
    ids.push(install.installed_by);
    let digests = digests::read(&mut tx, visitor, &install, faults.entered)
        .await
        .map_err(failed)?;
    let scope = scope::resolve(&mut tx, access, Action::ReadPeople)
        .await
        .map_err(failed)?;
    let names = person::store::names(&mut tx, access, &scope, &ids)
        .await
        .map_err(failed)?;
    let name = |id: PersonId| {
        let found = names.iter().find(|(known, _)| *known == id);
        found.map(|(_, name)| name.clone()).unwrap_or_default()
    };
    let more = linked
        .rows
        .last()
        .filter(|_| linked.next.is_some())
        .map(|last| last.seq);
    let page = Show {
        frame: Frame::of(console, visitor, "Integration"),
        said: part.said.sentence(),
        state: state(&install),
        service: word(install.workspace.platform),
        installed_at: instant(Some(install.installed_at)),
        installed_by: name(install.installed_by),
        last_event: instant(install.health.last_event_at),
        last_error_at: instant(install.health.last_error_at),
        domains: install.settings.trusted_email_domains.join(", "),
        fault: faults.domains,
        digests,
        digest_fault: faults.digest,
        people: linked
            .rows
            .iter()
            .map(|linked| Linked {
                link: linked.link.to_string(),
                name: name(linked.person),
                user: linked.user.clone(),
                shown_name: linked.shown_name.clone(),
                how: match linked.how {
                    habeo_core::chat_link::How::Page => "by signing in",
                    habeo_core::chat_link::How::Email => "by their address",
                },
                since: instant(Some(linked.linked_at)),
            })
            .collect(),
        more,
        live: install.status != Status::Ended,
        form_token: visitor.who().form_token,
        install,
    };
    Ok(Page::of(&page).into_response())
}

fn refused(console: &Console, visitor: &SignedIn, refusal: install::Refusal) -> Response {
    let status = match refusal.kind() {
        habeo_core::explain::Kind::NotFound => StatusCode::NOT_FOUND,
        _ => StatusCode::CONFLICT,
    };
    Notice::framed(
        Frame::of(console, visitor, "Integration"),
        status,
        "That did not work",
        super::super::sentence(&refusal.to_string()),
    )
    .link("Back to the integrations", "/admin/integrations")
    .into_response()
}
