//! The way to a vendor and back: begun by an administrator in this browser, and finished by the same one in the same.

use habeo_bot::connect::{Connected, Refusal};
use habeo_core::install::Platform;
use poem::http::{HeaderValue, StatusCode, header};
use poem::web::Data;
use poem::{IntoResponse as _, Request, Response, Result, handler};
use url::Url;

use super::super::{sentence, word};
use crate::Console;
use crate::page::{Frame, Notice, see_other};
use crate::visitor::{Browser, SignedIn};

/// To Slack, to ask for its permission.
#[handler]
pub(crate) async fn slack_install(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    browser: Browser,
) -> Result<Response> {
    begin(console, visitor, &browser, Platform::Slack).await
}

/// To Microsoft, to ask for the tenant's consent.
#[handler]
pub(crate) async fn teams_install(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    browser: Browser,
) -> Result<Response> {
    begin(console, visitor, &browser, Platform::Teams).await
}

/// Back from Slack.
#[handler]
pub(crate) async fn slack_callback(
    request: &Request,
    Data(console): Data<&Console>,
    visitor: SignedIn,
    browser: Browser,
) -> Result<Response> {
    finish(console, visitor, &browser, Platform::Slack, request).await
}

/// Back from Microsoft.
#[handler]
pub(crate) async fn teams_callback(
    request: &Request,
    Data(console): Data<&Console>,
    visitor: SignedIn,
    browser: Browser,
) -> Result<Response> {
    finish(console, visitor, &browser, Platform::Teams, request).await
}

async fn begin(
    console: &Console,
    visitor: SignedIn,
    browser: &Browser,
    platform: Platform,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let bot = &console.parts().bot;
    match bot.begin(visitor.access(), platform, &browser.cookie).await {
        Ok(url) => {
            let mut response = leave(&url);
            browser.remember(console, &mut response);
            Ok(response)
        }
        Err(refusal) => Ok(refused(console, &visitor, platform, &refusal)),
    }
}

/// To an address of the vendor's, which the bot has made from settings.
fn leave(url: &Url) -> Response {
    let location = HeaderValue::try_from(url.as_str()).unwrap_or(HeaderValue::from_static("/"));
    Response::builder()
        .status(StatusCode::SEE_OTHER)
        .header(header::LOCATION, location)
        .finish()
}

async fn finish(
    console: &Console,
    visitor: SignedIn,
    browser: &Browser,
    platform: Platform,
    request: &Request,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let query = request.uri().query().unwrap_or_default();
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
    let bot = &console.parts().bot;
    let finished = bot.finish(visitor.access(), platform, &browser.cookie, &pairs);
    match finished.await {
        Ok(Connected::Ready) => Ok(see_other(match platform {
            Platform::Slack => "/admin/integrations?said=slack_connected",
            Platform::Teams => "/admin/integrations?said=teams_connected",
        })),
        // Microsoft's consent proves nothing of whose tenant it is; the next page of theirs does.
        Ok(Connected::GoOn(url)) => Ok(leave(&url)),
        Err(refusal) => Ok(refused(console, &visitor, platform, &refusal)),
    }
}

fn refused(
    console: &Console,
    visitor: &SignedIn,
    platform: Platform,
    refusal: &Refusal,
) -> Response {
    let heading = format!("{} is not connected", word(platform));
    Notice::framed(
        Frame::of(console, visitor, "Integrations"),
        StatusCode::CONFLICT,
        heading,
        sentence(&refusal.to_string()),
    )
    .link("Back to the integrations", "/admin/integrations")
    .into_response()
}
