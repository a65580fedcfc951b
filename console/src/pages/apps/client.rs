//! Apps that the visitor's organization has registered: their settings, their secrets, and stopping them.

use askama::Template;
use habeo_core::app_client::command::{
    ConfigureClient, EndSecretRotation, RotateClientSecret, SetStatus,
};
use habeo_core::app_client::{Client, Proof, Refusal, Secret, Status, WINDOW_MICROS_MAX, store};
use habeo_core::explain::{Explain as _, Kind};
use habeo_core::id::AppClientId;
use habeo_core::ledger::Command;
use habeo_core::time::DAY_MICROS;
use poem::http::StatusCode;
use poem::web::{Data, Path, Query};
use poem::{IntoResponse as _, Response, Result, handler};
use serde::Deserialize;

use super::super::said::Said;
use super::super::{Nothing, instant};
use super::form::Entered;
use super::logo::Logo;
use super::{absent, ask, failed, new, refused, sentence};
use crate::Console;
use crate::page::{Frame, Page, see_other};
use crate::visitor::{SignedIn, Submitted};

const BACK: (&str, &str) = ("Back to your apps", "/apps/registered");

#[derive(Debug, Template)]
#[template(path = "apps_registered.html")]
struct List {
    frame: Frame,
    clients: Vec<(Client, Logo)>,
}

#[derive(Debug, Template)]
#[template(path = "app_registered.html")]
struct Show {
    frame: Frame,
    said: Option<&'static str>,
    client: Client,
    logo: Logo,
    secrets: Vec<(String, String)>,
    rotating: bool,
    confidential: bool,
    disabled: bool,
    entered: Entered,
    fault: Option<String>,
    form_token: String,
}

/// The registered apps.
#[handler]
pub(crate) async fn list(Data(console): Data<&Console>, visitor: SignedIn) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let access = visitor.access();
    let db = console.parts().ledger.db();
    let mut tx = db.read(access).await.map_err(failed)?;
    let clients = store::list(&mut tx, access).await.map_err(failed)?;
    let drawn = clients.into_iter().map(|client| {
        let logo = Logo::of(&client.settings);
        (client, logo)
    });
    let page = List {
        frame: Frame::of(console, &visitor, "Registered apps"),
        clients: drawn.collect(),
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
    let visitor = visitor.managing(console)?;
    let (client, secrets) = find(console, &visitor, parse(&id)?).await?;
    let entered = Entered::of(&client.settings);
    let said = said.sentence();
    Ok(page(console, &visitor, (client, secrets), said, entered, None).into_response())
}

fn page(
    console: &Console,
    visitor: &SignedIn,
    (client, secrets): (Client, Vec<Secret>),
    said: Option<&'static str>,
    entered: Entered,
    fault: Option<String>,
) -> Page {
    let known = secrets.iter().map(|secret| {
        let until = secret.expires_at.map(|at| instant(Some(at)));
        (secret.fingerprint(), until.unwrap_or_default())
    });
    Page::of(&Show {
        frame: Frame::of(console, visitor, "Registered app"),
        said,
        logo: Logo::of(&client.settings),
        secrets: known.collect(),
        rotating: secrets.len() > 1,
        confidential: client.proof == Proof::Confidential,
        disabled: client.status == Status::Disabled,
        client,
        entered,
        fault,
        form_token: visitor.who().form_token,
    })
}

/// Saves its settings.
#[handler]
pub(crate) async fn configure(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(entered): Submitted<Entered>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let client = parse(&id)?;
    let settings = entered.settings();
    let command = ConfigureClient { client, settings };
    match ask(console, &visitor, command).await? {
        Ok(()) => Ok(see_other(&format!("/apps/registered/{client}?said=saved"))),
        Err(refusal) if refusal.kind() == Kind::Unacceptable => {
            let found = find(console, &visitor, client).await?;
            let fault = Some(sentence(&refusal.to_string()));
            let page = page(console, &visitor, found, None, entered, fault);
            Ok(page
                .status(StatusCode::UNPROCESSABLE_ENTITY)
                .into_response())
        }
        Err(refusal) => Err(refused(console, &visitor, &refusal, BACK)),
    }
}

/// How long the present secret is accepted beside the new one.
#[derive(Debug, Deserialize)]
pub(crate) struct Window {
    #[serde(default)]
    window: String,
}

/// Gives it another secret, and shows it.
#[handler]
pub(crate) async fn rotate(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(window): Submitted<Window>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let client = parse(&id)?;
    let window_micros = match window.window.as_str() {
        "now" => 0,
        "day" => DAY_MICROS,
        _ => WINDOW_MICROS_MAX,
    };
    let command = RotateClientSecret {
        client,
        window_micros,
    };
    let secret = ask(console, &visitor, command).await?;
    let secret = secret.map_err(|refusal| refused(console, &visitor, &refusal, BACK))?;
    let (known, secrets) = find(console, &visitor, client).await?;
    let before = secrets.iter().find_map(|secret| secret.expires_at);
    let before = before.map(|at| instant(Some(at)));
    let named = (known.name.as_str(), id.as_str());
    Ok(new::rotated(console, &visitor, named, &secret, before).into_response())
}

/// Accepts the present secret only.
#[handler]
pub(crate) async fn end_rotation(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(_): Submitted<Nothing>,
) -> Result<Response> {
    let client = parse(&id)?;
    let onward = format!("/apps/registered/{client}?said=rotation_ended");
    carry_out(console, visitor, EndSecretRotation { client }, &onward).await
}

/// Whether it works.
#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    status: String,
}

/// Stops it wherever it is installed, or lets it work again.
#[handler]
pub(crate) async fn set_status(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(wanted): Submitted<Wanted>,
) -> Result<Response> {
    let client = parse(&id)?;
    let status = wanted.status.parse().map_err(|_| absent())?;
    let onward = format!("/apps/registered/{client}?said=saved");
    carry_out(console, visitor, SetStatus { client, status }, &onward).await
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
    let visitor = visitor.managing(console)?;
    let done = ask(console, &visitor, command).await?;
    done.map_err(|refusal| refused(console, &visitor, &refusal, BACK))?;
    Ok(see_other(onward))
}

async fn find(
    console: &Console,
    visitor: &SignedIn,
    id: AppClientId,
) -> Result<(Client, Vec<Secret>)> {
    let access = visitor.access();
    let ledger = &console.parts().ledger;
    let mut tx = ledger.db().read(access).await.map_err(failed)?;
    let found = store::by_id(&mut tx, access, id).await.map_err(failed)?;
    let client = found.ok_or_else(absent)?;
    let now = ledger.clock().now();
    let secrets = store::secrets(&mut tx, access, id, now).await;
    Ok((client, secrets.map_err(failed)?))
}

fn parse(id: &str) -> Result<AppClientId> {
    id.parse().map_err(|_| absent())
}
