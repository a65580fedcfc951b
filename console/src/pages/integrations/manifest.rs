//! What is given to the vendors, ready for this server.

use habeo_bot::manifest::{BaseUrl, slack, teams};
use poem::http::{StatusCode, header};
use poem::web::Data;
use poem::{IntoResponse as _, Response, Result, handler};

use crate::Console;
use crate::page::{Frame, Notice};
use crate::visitor::SignedIn;

/// The Slack manifest.
#[handler]
pub(crate) fn slack_manifest(Data(console): Data<&Console>, visitor: SignedIn) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    match BaseUrl::parse(console.parts().public_url.as_str()) {
        Ok(base) => Ok(download(
            "habeo-slack-manifest.json",
            "application/json",
            format!("{:#}\n", slack::render(&base)).into_bytes(),
        )),
        Err(refusal) => Ok(impossible(console, &visitor, &refusal.to_string())),
    }
}

/// The Teams package.
#[handler]
pub(crate) fn teams_package(Data(console): Data<&Console>, visitor: SignedIn) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let Some(teams_app) = console.parts().bot.teams() else {
        let why = "The server's settings name no Teams bot yet: set HABEO_TEAMS_APP_ID and start it again.";
        return Ok(impossible(console, &visitor, why));
    };
    let app = BaseUrl::parse(console.parts().public_url.as_str())
        .and_then(|base| teams::App::new(base, &teams_app.settings().app_id, None));
    match app {
        Ok(app) => Ok(download(
            "habeo-teams.zip",
            "application/zip",
            app.package(),
        )),
        Err(refusal) => Ok(impossible(console, &visitor, &refusal.to_string())),
    }
}

fn download(name: &str, content_type: &str, bytes: Vec<u8>) -> Response {
    Response::builder()
        .content_type(content_type)
        .header(
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        )
        .body(bytes)
}

fn impossible(console: &Console, visitor: &SignedIn, why: &str) -> Response {
    Notice::framed(
        Frame::of(console, visitor, "Integrations"),
        StatusCode::CONFLICT,
        "That cannot be made yet",
        why,
    )
    .link("Back to the integrations", "/admin/integrations")
    .into_response()
}
