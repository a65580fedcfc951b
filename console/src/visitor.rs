//! Who visits: naming [`SignedIn`] in a handler's signature is the whole of its authentication, and [`Submitted`] of its forms.

use habeo_core::access::{Access, Action};
use habeo_core::id::PersonId;
use habeo_core::install::command::may_manage;
use habeo_core::ledger::audit;
use habeo_core::web_session::{self, Visitor};
use habeo_core::{org, person};
use poem::http::StatusCode;
use poem::{Error, FromRequest, IntoResponse as _, Request, RequestBody, Response, Result};
use serde::de::DeserializeOwned;

use crate::Console;
use crate::cookie::Cookie;
use crate::page::{Frame, Notice, Who, see_other, sentence};

/// The largest form of the console.
const FORM_BYTES_MAX: usize = 64 * 1_024;
/// The longest path that is kept while somebody signs in.
const NEXT_BYTES_MAX: usize = 1_024;

/// Somebody whose session is good now.
#[derive(Debug, Clone)]
pub(crate) struct SignedIn {
    visitor: Visitor,
    name: String,
    address: Option<String>,
    organization: String,
    timezone: String,
    audits: bool,
    form_token: String,
}

impl SignedIn {
    /// What they may see and do.
    pub(crate) const fn access(&self) -> &Access {
        &self.visitor.access
    }

    /// Who they are.
    pub(crate) const fn person(&self) -> PersonId {
        self.visitor.person
    }

    /// Their mail address, as the organization has it.
    pub(crate) fn address(&self) -> Option<&str> {
        self.address.as_deref()
    }

    /// What the frame of their pages says of them.
    pub(crate) fn who(&self) -> Who {
        Who {
            name: self.name.clone(),
            organization: self.organization.clone(),
            form_token: self.form_token.clone(),
            manages: may_manage(self.access()),
            corrects: self.access().may(Action::Correct),
            installs: self.access().may(Action::Grant),
            hands_over: self.access().may(Action::Custody),
            audits: self.audits,
        }
    }

    /// The time zone of their organization.
    pub(crate) fn timezone(&self) -> &str {
        &self.timezone
    }

    /// Whether they are auditors of the whole organization; who is not is told so, on a page.
    pub(crate) fn auditing(self, console: &Console) -> Result<Self> {
        if self.audits {
            return Ok(self);
        }
        let notice = Notice::framed(
            Frame::of(console, &self, "Not permitted"),
            StatusCode::FORBIDDEN,
            "This page is for auditors",
            "The ledger is open to auditors of the whole organization. Ask one of its administrators.",
        );
        Err(Error::from_response(notice.into_response()))
    }

    /// Whether a role of theirs permits this anywhere; who has none is told so, on a page.
    pub(crate) fn permitted(self, console: &Console, action: Action) -> Result<Self> {
        if self.access().may(action) {
            return Ok(self);
        }
        let notice = Notice::framed(
            Frame::of(console, &self, "Not permitted"),
            StatusCode::FORBIDDEN,
            "Your role does not permit this",
            "This page is for those who look after the records of a unit. Ask an administrator of yours.",
        );
        Err(Error::from_response(notice.into_response()))
    }

    /// Whether they manage integrations; who does not is told so, on a page.
    pub(crate) fn managing(self, console: &Console) -> Result<Self> {
        if may_manage(self.access()) {
            return Ok(self);
        }
        let frame = Frame::of(console, &self, "Not permitted");
        let notice = Notice::framed(
            frame,
            StatusCode::FORBIDDEN,
            "This page is for administrators",
            "Connecting Habeo to other systems takes a role over the whole organization. Ask one of its administrators.",
        );
        Err(Error::from_response(notice.into_response()))
    }
}

/// The console of this request.
pub(crate) fn console(request: &Request) -> Result<&Console> {
    request.data::<Console>().ok_or_else(|| {
        Error::from_string(
            "the route is not wired with a console",
            StatusCode::INTERNAL_SERVER_ERROR,
        )
    })
}

impl<'a> FromRequest<'a> for SignedIn {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> Result<Self> {
        let console = console(request)?;
        let cookie = Cookie::Session.read(request.headers(), console.is_https());
        let found = match cookie {
            Some(cookie) => console
                .sessions()
                .find(cookie)
                .await
                .map_err(|refusal| Error::from_response(out_of_order(&refusal)))?
                .map(|visitor| (visitor, web_session::form_token(cookie))),
            None => None,
        };
        let Some((visitor, form_token)) = found else {
            return Err(Error::from_response(to_sign_in(request)));
        };
        named(console, visitor, form_token)
            .await
            .map_err(|error| Error::from_response(out_of_order(&error)))
    }
}

async fn named(
    console: &Console,
    visitor: Visitor,
    form_token: String,
) -> habeo_core::store::StoreResult<SignedIn> {
    let mut tx = console.parts().ledger.db().read(&visitor.access).await?;
    let organization = org::store::own(&mut tx, &visitor.access).await?;
    let audits = audit::may_audit_all(&mut tx, &visitor.access).await?;
    let own = person::store::own(&mut tx, &visitor.access).await?;
    let (name, address) = own.map_or_else(
        || (String::new(), None),
        |person| (person.display_name, person.email),
    );
    Ok(SignedIn {
        visitor,
        name,
        address,
        organization: organization.name,
        timezone: organization.timezone,
        audits,
        form_token,
    })
}

fn out_of_order(error: &dyn std::fmt::Display) -> Response {
    tracing::error!(%error, "a session of the console cannot be looked up");
    sentence(
        StatusCode::SERVICE_UNAVAILABLE,
        "The records cannot be read at the moment. Try again in a moment.",
    )
}

/// To the sign-in page, and back to where a reader wanted to be. What a form would have done is not repeated.
fn to_sign_in(request: &Request) -> Response {
    let wanted = request
        .uri()
        .path_and_query()
        .map(poem::http::uri::PathAndQuery::as_str)
        .filter(|_| request.method() == poem::http::Method::GET)
        .and_then(own_path);
    match wanted {
        Some(path) if path != "/" => {
            let query = serde_urlencoded::to_string([("next", path)]).unwrap_or_default();
            see_other(&format!("/sign-in?{query}"))
        }
        _ => see_other("/sign-in"),
    }
}

/// A path on this server; nothing that a browser would take for an address elsewhere.
pub(crate) fn own_path(text: &str) -> Option<&str> {
    let plain = text.len() <= NEXT_BYTES_MAX
        && text.starts_with('/')
        && !text.starts_with("//")
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    plain.then_some(text)
}

/// A form that our own page has given to this very browser, read.
#[derive(Debug)]
pub(crate) struct Submitted<T>(pub T);

#[derive(serde::Deserialize)]
struct Token {
    #[serde(default)]
    csrf: String,
}

impl<'a, T: DeserializeOwned> FromRequest<'a> for Submitted<T> {
    async fn from_request(request: &'a Request, body: &mut RequestBody) -> Result<Self> {
        let https = console(request)?.is_https();
        let bytes = body.take()?.into_bytes_limit(FORM_BYTES_MAX).await?;
        let unreadable = |_| Error::from_status(StatusCode::BAD_REQUEST);
        let token: Token = serde_urlencoded::from_bytes(&bytes).map_err(unreadable)?;
        let genuine = [Cookie::Session, Cookie::Browser]
            .into_iter()
            .filter_map(|cookie| cookie.read(request.headers(), https))
            .any(|cookie| web_session::is_form_token(cookie, &token.csrf));
        if !genuine {
            return Err(stale());
        }
        serde_urlencoded::from_bytes(&bytes)
            .map(Self)
            .map_err(unreadable)
    }
}

/// A form that was given to another browser, or to nobody.
pub(crate) fn stale() -> Error {
    Error::from_response(sentence(
        StatusCode::FORBIDDEN,
        "This form is no longer good. Open the page again and repeat what you did.",
    ))
}

/// The browser's own cookie, made now where there is none, and what its forms carry.
#[derive(Debug, Clone)]
pub(crate) struct Browser {
    /// The value.
    pub cookie: String,
    /// Whether the browser has it already.
    pub known: bool,
}

impl Browser {
    /// Sets the cookie where the browser has none.
    pub(crate) fn remember(&self, console: &Console, response: &mut Response) {
        if !self.known {
            Cookie::Browser.set(response.headers_mut(), &self.cookie, console.is_https());
        }
    }
}

impl<'a> FromRequest<'a> for Browser {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> Result<Self> {
        use secrecy::ExposeSecret as _;
        let console = console(request)?;
        let known = Cookie::Browser
            .read(request.headers(), console.is_https())
            .filter(|cookie| web_session::is_cookie(cookie));
        Ok(match known {
            Some(cookie) => Self {
                cookie: cookie.to_owned(),
                known: true,
            },
            None => Self {
                cookie: web_session::random_text(console.parts().ledger.random())
                    .expose_secret()
                    .to_owned(),
                known: false,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn only_paths_of_this_server_are_led_to() {
        for good in ["/", "/admin/integrations", "/link/slack?t=abc_-"] {
            assert_eq!(own_path(good), Some(good));
        }
        let long = format!("/{}", "a".repeat(1_024));
        for bad in [
            "",
            "admin",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\nb",
            "/ä",
            "/a b",
            &long,
        ] {
            assert_eq!(own_path(bad), None, "{bad}");
        }
    }
}
