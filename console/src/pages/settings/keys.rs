//! Keys of the organization's programs: made, shown once, and revoked.

use habeo_core::api_key::command::{CreateKey, RevokeKey};
use habeo_core::api_key::{NAME_CHARS_MAX, Refusal, Scope};
use habeo_core::app;
use habeo_core::app::command::CreateApp;
use habeo_core::explain::{Explain, Kind};
use habeo_core::id::{ApiKeyId, AppId};
use habeo_core::ledger::RecordError;
use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Error, IntoResponse as _, Response, Result, handler};
use secrecy::ExposeSecret as _;

use super::api::{Form, Told, base, page};
use crate::Console;
use crate::asked::Asked;
use crate::page::{Frame, Notice, Page, see_other};
use crate::pages::{Nothing, absent, failed, sentence};
use crate::visitor::{SignedIn, Submitted};

/// What was filled in.
#[derive(Debug, Default)]
pub(super) struct Entered {
    pub name: String,
    /// The app's id; empty for a new one.
    pub app: String,
    pub new_app: String,
    pub scopes: Vec<Scope>,
}

impl Entered {
    fn read(fields: Vec<(String, String)>) -> Self {
        let asked = Asked::of(fields);
        let text = |name: &str| asked.one(name).unwrap_or_default().to_owned();
        Self {
            name: text("name"),
            app: text("app"),
            new_app: text("new_app"),
            scopes: asked
                .all("scope")
                .filter_map(|one| one.parse().ok())
                .collect(),
        }
    }

    /// Whether a scope was chosen.
    pub(super) fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|one| one.as_str() == scope)
    }

    /// What can be seen to be wrong before anything is asked of the ledger.
    fn faults(&self) -> Vec<(&'static str, String)> {
        let mut faults = Vec::new();
        if self.name.is_empty() || self.name.chars().count() > NAME_CHARS_MAX {
            let fault = format!("A name has 1 to {NAME_CHARS_MAX} characters.");
            faults.push(("name", fault));
        }
        if self.scopes.is_empty() {
            let fault = "Choose what the key is good for.";
            faults.push(("scope", fault.to_owned()));
        }
        if self.app.is_empty() && self.new_app.is_empty() {
            let fault = "Choose the program, or name a new one.";
            faults.push(("app", fault.to_owned()));
        }
        faults
    }
}

/// Makes a key, and shows it.
#[handler]
pub(crate) async fn create(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Submitted(fields): Submitted<Vec<(String, String)>>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let mut entered = Entered::read(fields);
    let faults = entered.faults();
    if !faults.is_empty() {
        return again(console, &visitor, entered, faults).await;
    }
    let app = match chosen(console, &visitor, &entered).await? {
        Ok(app) => app,
        Err(fault) => return again(console, &visitor, entered, vec![("app", fault)]).await,
    };
    // A program that was entered just now is chosen from here on, should the key be refused.
    if entered.app.is_empty() {
        entered.new_app.clear();
    }
    entered.app = app.to_string();
    let command = CreateKey {
        app,
        name: entered.name.clone(),
        scopes: entered.scopes.clone(),
    };
    let ledger = &console.parts().ledger;
    match ledger.record(visitor.access(), command).await {
        Ok((_, key)) => {
            let page = told(console, &visitor, &entered, key.expose_secret());
            Ok(page.into_response())
        }
        Err(RecordError::Refused(refusal)) => {
            let field = match &refusal {
                Refusal::NoScope => "scope",
                Refusal::App(app::Refusal::Unknown) => "app",
                _ => "name",
            };
            if refusal.kind() == Kind::Forbidden {
                return Err(refused(console, &visitor, &refusal));
            }
            let fault = sentence(&refusal.to_string());
            again(console, &visitor, entered, vec![(field, fault)]).await
        }
        Err(RecordError::Store(error)) => Err(failed(error)),
    }
}

/// The program that was chosen, or a new one.
async fn chosen(
    console: &Console,
    visitor: &SignedIn,
    entered: &Entered,
) -> Result<std::result::Result<AppId, String>> {
    if !entered.app.is_empty() {
        let parsed: Option<AppId> = entered.app.parse().ok();
        return Ok(parsed.ok_or_else(|| "There is no such program.".to_owned()));
    }
    let command = CreateApp {
        name: entered.new_app.clone(),
        kind: app::Kind::Internal,
    };
    let ledger = &console.parts().ledger;
    match ledger.record(visitor.access(), command).await {
        Ok(app) => Ok(Ok(app)),
        Err(RecordError::Refused(refusal)) => Ok(Err(sentence(&refusal.to_string()))),
        Err(RecordError::Store(error)) => Err(failed(error)),
    }
}

async fn again(
    console: &Console,
    visitor: &SignedIn,
    entered: Entered,
    faults: Vec<(&'static str, String)>,
) -> Result<Response> {
    let form = Form { entered, faults };
    Ok(page(console, visitor, form, None).await?.into_response())
}

fn told(console: &Console, visitor: &SignedIn, entered: &Entered, key: &str) -> Page {
    let base = base(console);
    let curl = if entered.has(Scope::ControlWebhooks.as_str()) {
        format!("curl -H 'Authorization: Bearer {key}' '{base}/v1/webhooks'")
    } else {
        format!(
            "curl -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' \
             -d '{{\"type\":\"webhook.test\",\"data\":{{}}}}' '{base}/v1/events'"
        )
    };
    Page::of(&Told {
        frame: Frame::of(console, visitor, "API"),
        script: console.assets().copy(),
        heading: format!("The key {}", entered.name),
        about: "It is shown on this page only, and never again. Keep it where your program finds it, and nobody else.",
        label: "Key",
        secret: key.to_owned(),
        curl,
    })
}

/// Lets a key open nothing any more.
#[handler]
pub(crate) async fn revoke(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(key): Path<String>,
    Submitted(_): Submitted<Nothing>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let key: ApiKeyId = key.parse().map_err(|_| absent())?;
    let ledger = &console.parts().ledger;
    match ledger.record(visitor.access(), RevokeKey { key }).await {
        Ok(()) => Ok(see_other("/settings/api?said=key_revoked")),
        Err(RecordError::Refused(Refusal::Unknown)) => Err(absent()),
        Err(RecordError::Refused(refusal)) => Err(refused(console, &visitor, &refusal)),
        Err(RecordError::Store(error)) => Err(failed(error)),
    }
}

fn refused(console: &Console, visitor: &SignedIn, refusal: &Refusal) -> Error {
    let status = match refusal.kind() {
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::Conflict => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let frame = Frame::of(console, visitor, "API");
    let why = sentence(&refusal.to_string());
    let notice = Notice::framed(frame, status, "That did not work", why);
    Error::from_response(notice.link("To the page", "/settings/api").into_response())
}
