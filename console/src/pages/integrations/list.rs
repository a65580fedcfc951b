//! The page of all integrations: one card per provider.

use askama::Template;
use habeo_bot::manifest;
use habeo_core::install::{self, Install, Platform, Status};
use poem::web::{Data, Query};
use poem::{IntoResponse as _, Response, Result, handler};

use super::super::connections::cards::{self, Card};
use super::super::failed;
use super::super::said::Said;
use super::state;
use crate::Console;
use crate::page::{Frame, Page};
use crate::pages::instant;
use crate::visitor::SignedIn;

#[derive(Debug, Template)]
#[template(path = "integrations.html")]
struct List {
    frame: Frame,
    said: Option<&'static str>,
    slack: Provider,
    teams: Provider,
    messages_url: String,
    scopes: Vec<(String, &'static str)>,
    /// Device managements and help desks.
    systems: Vec<Card>,
}

#[derive(Debug)]
struct Provider {
    /// Whether the server's settings name an app of this provider.
    configured: bool,
    installs: Vec<Connected>,
}

#[derive(Debug)]
struct Connected {
    id: String,
    name: String,
    state: (&'static str, &'static str),
    last_event: String,
    last_error: Option<String>,
}

impl From<&Install> for Connected {
    fn from(install: &Install) -> Self {
        Self {
            id: install.id.to_string(),
            name: install.name.clone(),
            state: state(install),
            last_event: instant(install.health.last_event_at),
            last_error: install.health.last_error.clone(),
        }
    }
}

/// All integrations.
#[handler]
pub(crate) async fn list(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Query(said): Query<Said>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let access = visitor.access();
    let mut tx = console
        .parts()
        .ledger
        .db()
        .read(access)
        .await
        .map_err(failed)?;
    let installs = install::store::list(&mut tx, access)
        .await
        .map_err(failed)?;
    drop(tx);
    let systems = cards::read(console, &visitor).await?;
    let provider = |platform: Platform, configured: bool| Provider {
        configured,
        installs: installs
            .iter()
            .filter(|install| install.workspace.platform == platform)
            .filter(|install| install.status != Status::Ended)
            .map(Connected::from)
            .collect(),
    };
    let bot = &console.parts().bot;
    let page = List {
        frame: Frame::of(console, &visitor, "Integrations"),
        said: said.sentence(),
        slack: provider(Platform::Slack, bot.slack().is_some()),
        teams: provider(Platform::Teams, bot.teams().is_some()),
        messages_url: format!(
            "{}/api/messages",
            console.parts().public_url.as_str().trim_end_matches('/')
        ),
        scopes: scopes(),
        systems,
    };
    Ok(Page::of(&page).into_response())
}

/// What Slack will ask the administrator to permit, in words.
fn scopes() -> Vec<(String, &'static str)> {
    let about = |scope: &str| match scope {
        "app_mentions:read" => "be told when somebody mentions Habeo in a channel",
        "channels:read" | "groups:read" => "know who else reads along in its channels",
        "chat:write" => "answer",
        "commands" => "offer /habeo and the shortcuts",
        "im:history" => "read what is written to Habeo directly",
        "im:write" => "write to a person directly: equipment handed over, due soon",
        "links:read" => "be told when somebody shares a link to an asset",
        "links:write" => "show tag and model below such a link, where answers may be shared",
        "team:read" => "know the workspace's name",
        "users:read" => "know whether somebody is a guest",
        "users:read.email" => "link people by their verified address, where you switch that on",
        _ => "",
    };
    manifest::slack::scopes()
        .into_iter()
        .map(|scope| {
            let about = about(&scope);
            (scope, about)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_permission_is_explained() {
        for (scope, about) in super::scopes() {
            assert!(!about.is_empty(), "{scope}");
        }
    }
}
