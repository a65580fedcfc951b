//! Signing in and out: by choosing somebody of the sandbox, or with the issuer's token.

use askama::Template;
use habeo_core::session::{Credential, Refusal};
use habeo_core::web_session;
use habeo_surface::edge::RequestState;
use habeo_surface::token::{Fault, Standing};
use poem::http::{HeaderValue, StatusCode};
use poem::web::{Data, Query};
use poem::{IntoResponse as _, Request, Response, handler};
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use std::sync::Arc;
use url::Url;

use crate::cookie::Cookie;
use crate::page::{CLEAR_SITE_DATA, Frame, Notice, Page, see_other};
use crate::visitor::{Browser, SignedIn, Submitted, own_path};
use crate::{Console, Persona, SignIn};

/// Where somebody wanted to be.
#[derive(Debug, Deserialize)]
pub(crate) struct Next {
    #[serde(default)]
    next: String,
}

impl Next {
    fn path(&self) -> &str {
        own_path(&self.next).unwrap_or("/")
    }
}

#[derive(Debug, Template)]
#[template(path = "sign_in_sandbox.html")]
struct Sandbox {
    frame: Frame,
    personas: Vec<Persona>,
    next: String,
    form_token: String,
}

#[derive(Debug, Template)]
#[template(path = "sign_in_clerk.html")]
struct Clerk {
    frame: Frame,
    script: String,
    publishable_key: String,
    own_script: String,
    next: String,
    form_token: String,
}

/// The sign-in page.
#[handler]
pub(crate) async fn show(
    Data(console): Data<&Console>,
    browser: Browser,
    visitor: poem::Result<SignedIn>,
    Query(next): Query<Next>,
) -> Response {
    if visitor.is_ok() {
        return see_other(next.path());
    }
    let frame = Frame::open(console, "Sign in");
    let form_token = web_session::form_token(&browser.cookie);
    let next = next.path().to_owned();
    let mut response = match &console.parts().sign_in {
        SignIn::Sandbox(personas) => Page::of(&Sandbox {
            frame,
            personas: personas.all().await,
            next,
            form_token,
        })
        .into_response(),
        SignIn::Clerk { frontend } => Page::of(&Clerk {
            frame,
            script: clerk_script(frontend),
            publishable_key: publishable_key(frontend),
            own_script: console.assets().sign_in(),
            next,
            form_token,
        })
        .policy(clerk_policy(frontend))
        .into_response(),
    };
    browser.remember(console, &mut response);
    response
}

/// Clerk's script without its components: the page only asks it for a token, or to lead to its own pages.
fn clerk_script(frontend: &Url) -> String {
    let origin = frontend.as_str().trim_end_matches('/');
    format!("{origin}/npm/@clerk/clerk-js@5/dist/clerk.headless.browser.js")
}

/// The instance's public key is its Frontend API's host in base64, behind a word for whether it is a development instance.
fn publishable_key(frontend: &Url) -> String {
    use base64::Engine as _;
    let host = frontend.host_str().unwrap_or_default();
    let kind = if host.ends_with(".accounts.dev") {
        "pk_test_"
    } else {
        "pk_live_"
    };
    let encoded = base64::engine::general_purpose::STANDARD.encode(format!("{host}$"));
    format!("{kind}{encoded}")
}

/// This page alone lets the issuer's script run and speak to the issuer.
fn clerk_policy(frontend: &Url) -> String {
    let origin = frontend.origin().ascii_serialization();
    format!(
        "default-src 'none'; script-src 'self' {origin}; style-src 'self'; img-src 'self' data:; font-src 'self'; \
         connect-src 'self' {origin}; worker-src 'self' blob:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
}

/// A persona of the sandbox.
#[derive(Debug, Deserialize)]
pub(crate) struct Choice {
    persona: String,
    #[serde(flatten)]
    next: Next,
}

/// Signs in as somebody of the sandbox.
#[handler]
pub(crate) async fn choose(
    request: &Request,
    Data(console): Data<&Console>,
    Submitted(choice): Submitted<Choice>,
) -> Response {
    let SignIn::Sandbox(personas) = &console.parts().sign_in else {
        return no_such_way(console);
    };
    let all = personas.all().await;
    let Some(persona) = all.iter().find(|persona| persona.key == choice.persona) else {
        return no_such_way(console);
    };
    // A sandbox has no sessions of its own that could be ended elsewhere.
    begin(
        request,
        console,
        &persona.credential,
        "",
        choice.next.path(),
    )
    .await
}

/// A token of the issuer.
#[derive(Deserialize)]
pub(crate) struct Exchange {
    token: String,
    #[serde(flatten)]
    next: Next,
}

/// Signs in with an issuer's token.
#[handler]
pub(crate) async fn exchange(
    request: &Request,
    Data(console): Data<&Console>,
    Submitted(form): Submitted<Exchange>,
) -> Response {
    let verified = match console.parts().authenticator.verify(&form.token).await {
        Ok(verified) => verified,
        Err(Fault::KeysUnavailable) => return unavailable(console),
        Err(Fault::Refused(reason)) => {
            if let Some(state) = request.data::<Arc<RequestState>>() {
                state.note_reason(reason.code());
            }
            return refused(
                console,
                StatusCode::UNAUTHORIZED,
                "Your sign-in has run out or is not one of this server's.",
            );
        }
    };
    match &verified.standing {
        Standing::Active(credential) => {
            begin(
                request,
                console,
                credential,
                &verified.session_id,
                form.next.path(),
            )
            .await
        }
        Standing::Pending => refused(
            console,
            StatusCode::FORBIDDEN,
            "Your sign-in is not complete: there is something left to do at the sign-in service.",
        ),
        Standing::NoOrganization => refused(
            console,
            StatusCode::FORBIDDEN,
            "You have not chosen an organization at the sign-in service.",
        ),
    }
}

/// Ends the session.
#[handler]
pub(crate) async fn leave(
    request: &Request,
    Data(console): Data<&Console>,
    Submitted(_): Submitted<super::Nothing>,
) -> Response {
    let https = console.is_https();
    if let Some(cookie) = Cookie::Session.read(request.headers(), https)
        && let Err(error) = console.sessions().end(cookie).await
    {
        tracing::error!(%error, "a session of the console cannot be ended");
        return unavailable(console);
    }
    let mut response = see_other("/sign-in");
    let headers = response.headers_mut();
    Cookie::Session.clear(headers, https);
    headers.insert(
        CLEAR_SITE_DATA,
        HeaderValue::from_static("\"cache\", \"storage\""),
    );
    response
}

async fn begin(
    request: &Request,
    console: &Console,
    credential: &Credential,
    issuer_session: &str,
    next: &str,
) -> Response {
    match console.sessions().begin(credential, issuer_session).await {
        Ok(cookie) => {
            // The cookie takes the place of the one before, of which nobody would know any more that it is still good.
            if let Some(before) = Cookie::Session.read(request.headers(), console.is_https())
                && let Err(error) = console.sessions().end(before).await
            {
                tracing::error!(%error, "the browser's earlier session cannot be ended");
                return unavailable(console);
            }
            let mut response = see_other(next);
            let headers = response.headers_mut();
            Cookie::Session.set(headers, cookie.expose_secret(), console.is_https());
            response
        }
        Err(Refusal::UnknownOrganization | Refusal::NotAMember) => refused(
            console,
            StatusCode::FORBIDDEN,
            "You are not an active member of an organization that this server keeps records for.",
        ),
        Err(Refusal::OrganizationClosed) => refused(
            console,
            StatusCode::FORBIDDEN,
            "Your organization was closed. Its records are kept; the operator of this server can open it again.",
        ),
        Err(Refusal::Store(error)) => {
            tracing::error!(%error, "a session of the console cannot be begun");
            unavailable(console)
        }
    }
}

fn refused(console: &Console, status: StatusCode, why: &str) -> Response {
    Notice::new(console, status, "You are not signed in", why)
        .link("Try again", "/sign-in")
        .into_response()
}

fn no_such_way(console: &Console) -> Response {
    refused(
        console,
        StatusCode::FORBIDDEN,
        "This server does not offer that way of signing in.",
    )
}

fn unavailable(console: &Console) -> Response {
    Notice::new(
        console,
        StatusCode::SERVICE_UNAVAILABLE,
        "That is not possible at the moment",
        "The records or the sign-in service cannot be reached. Nothing was changed; try again in a moment.",
    )
    .link("Try again", "/sign-in")
    .into_response()
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::publishable_key;

    #[test]
    fn the_public_key_of_an_instance_is_its_host() {
        let key = |url: &str| publishable_key(&Url::parse(url).expect("an address"));
        assert_eq!(
            key("https://clerk.example.edu"),
            "pk_live_Y2xlcmsuZXhhbXBsZS5lZHUk"
        );
        assert_eq!(
            key("https://calm-otter-1.clerk.accounts.dev"),
            "pk_test_Y2FsbS1vdHRlci0xLmNsZXJrLmFjY291bnRzLmRldiQ="
        );
    }
}
