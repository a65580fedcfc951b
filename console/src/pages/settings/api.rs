//! How programs ask: a token of one's own for trying the API, and keys of the organization's programs.

use std::collections::HashMap;

use askama::Template;
use habeo_core::api_key::{self, ApiKey, Scope, Status};
use habeo_core::app::command::may_manage;
use habeo_core::app::{self, App};
use habeo_core::id::AppId;
use poem::http::StatusCode;
use poem::web::{Data, Query};
use poem::{IntoResponse as _, Response, Result, handler};
use secrecy::{ExposeSecret as _, SecretString};

use super::keys::Entered;
use crate::page::{Frame, Notice, Page};
use crate::pages::assets::list::Choice;
use crate::pages::said::Said;
use crate::pages::{Nothing, failed, instant};
use crate::visitor::{SignedIn, Submitted};
use crate::{Console, SignIn};

#[derive(Debug, Template)]
#[template(path = "settings_api.html")]
struct Show {
    frame: Frame,
    said: Option<&'static str>,
    sandbox: bool,
    public_url: String,
    /// Whether the visitor manages the organization's keys.
    manages: bool,
    apps: Vec<Choice>,
    scopes: Vec<Choice>,
    keys: Vec<Row>,
    form: Form,
    form_token: String,
}

/// The form of a new key.
#[derive(Debug, Default)]
pub(super) struct Form {
    pub entered: Entered,
    /// What is wrong with which field.
    pub faults: Vec<(&'static str, String)>,
}

impl Form {
    /// What is wrong with a field.
    fn fault(&self, name: &str) -> Option<&str> {
        let found = self.faults.iter().find(|(known, _)| *known == name);
        found.map(|(_, fault)| fault.as_str())
    }
}

/// A key in the list.
#[derive(Debug)]
struct Row {
    id: String,
    name: String,
    app: String,
    hint: String,
    scopes: Vec<&'static str>,
    made: String,
    used: String,
    revoked: Option<String>,
}

/// What a key is good for, in words.
pub(super) const fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::EventsWrite => "Say events that the organization’s endpoints hear",
        Scope::ControlWebhooks => "Add, change and remove endpoints",
    }
}

/// The page.
#[handler]
pub(crate) async fn show(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Query(said): Query<Said>,
) -> Result<Response> {
    let page = page(console, &visitor, Form::default(), said.sentence()).await?;
    Ok(page.into_response())
}

/// The page with a form as it was filled in.
pub(super) async fn page(
    console: &Console,
    visitor: &SignedIn,
    form: Form,
    said: Option<&'static str>,
) -> Result<Page> {
    let access = visitor.access();
    let db = console.parts().ledger.db();
    let mut tx = db.read(access).await.map_err(failed)?;
    let apps = app::store::list(&mut tx, access).await.map_err(failed)?;
    let keys = api_key::store::list(&mut tx, access)
        .await
        .map_err(failed)?;
    drop(tx);
    let names = apps.iter().map(|app| (app.id, app.name.clone()));
    let names: HashMap<AppId, String> = names.collect();
    let row = |key: &ApiKey| Row {
        id: key.id.to_string(),
        name: key.name.clone(),
        app: names
            .get(&key.app)
            .cloned()
            .unwrap_or_else(|| "a removed program".to_owned()),
        hint: format!("{}…{}", key.mode.prefix(), key.hint),
        scopes: key.scopes.iter().map(|one| scope(*one)).collect(),
        made: instant(Some(key.created_at)),
        used: instant(key.last_used_at),
        revoked: (key.status == Status::Revoked).then(|| instant(key.revoked_at)),
    };
    let entered = &form.entered;
    let choice = |app: &App| {
        let value = app.id.to_string();
        Choice {
            chosen: value == entered.app,
            value,
            label: app.name.clone(),
        }
    };
    let apps: Vec<Choice> = apps.iter().map(choice).collect();
    let good_for = |one: &Scope| Choice {
        chosen: entered.has(one.as_str()),
        value: one.to_string(),
        label: scope(*one).to_owned(),
    };
    let scopes: Vec<Choice> = Scope::ALL.iter().map(good_for).collect();
    let shown = Show {
        frame: Frame::of(console, visitor, "API"),
        said,
        sandbox: matches!(console.parts().sign_in, SignIn::Sandbox(_)),
        public_url: base(console),
        manages: may_manage(access),
        keys: keys.iter().rev().map(row).collect(),
        apps,
        scopes,
        form,
        form_token: visitor.who().form_token,
    };
    let good = shown.form.faults.is_empty();
    let status = if good {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    Ok(Page::of(&shown).status(status))
}

/// How the server is reached, without a slash at the end.
pub(super) fn base(console: &Console) -> String {
    let url = console.parts().public_url.as_str();
    url.trim_end_matches('/').to_owned()
}

#[derive(Debug, Template)]
#[template(path = "settings_secret.html")]
pub(super) struct Told {
    pub frame: Frame,
    pub script: String,
    pub heading: String,
    pub about: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// Shown on this page only.
    pub secret: String,
    /// A line for a terminal that works as it is.
    pub curl: String,
}

/// Makes a session token of the visitor's own, where the sandbox issuer issues them.
#[handler]
pub(crate) async fn mint(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Submitted(_): Submitted<Nothing>,
) -> Result<Response> {
    let minted = console.parts().tokens.mint(visitor.access()).await;
    let Some(token) = minted.map_err(failed)? else {
        let notice = Notice::framed(
            Frame::of(console, &visitor, "API"),
            StatusCode::CONFLICT,
            "Tokens are not issued here",
            "Session tokens of this server come from Clerk, or you are not known to the sandbox issuer.",
        );
        return Ok(notice.link("To the page", "/settings/api").into_response());
    };
    Ok(told(console, &visitor, &token).into_response())
}

fn told(console: &Console, visitor: &SignedIn, token: &SecretString) -> Page {
    let token = token.expose_secret();
    let told = Told {
        frame: Frame::of(console, visitor, "API"),
        script: console.assets().copy(),
        heading: "A session token".to_owned(),
        about: "It speaks for you, with your rights, for an hour. It is shown on this page only.",
        label: "Token",
        curl: format!(
            "curl -H 'Authorization: Bearer {token}' '{}/api/v1/me'",
            base(console)
        ),
        secret: token.to_owned(),
    };
    Page::of(&told)
}
