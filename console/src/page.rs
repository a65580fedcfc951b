//! One way a page leaves: rendered, with the policy that lets nothing run but our own files.

use askama::Template;
use poem::http::{HeaderName, HeaderValue, StatusCode, header};
use poem::{IntoResponse, Response};

use crate::Console;
use crate::visitor::SignedIn;

/// The policy of every page of the console: no inline code, no other origin, no frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
     trusted-types default";
/// The policy of a page whose form leads to an address of somebody else's afterwards: browsers hold the way back of a form against it as well.
pub(crate) fn policy_for_forms_to(target: &str) -> String {
    POLICY.replace(
        "form-action 'self'",
        &format!("form-action 'self' {target}"),
    )
}

/// The policy of a page whose form leads to a shop that may redirect to wherever it likes, which nobody here knows: by TLS, and without only where
/// the shop itself is reached so.
pub(crate) fn policy_for_forms_abroad(action: &str) -> String {
    let is_secure = action.to_ascii_lowercase().starts_with("https://");
    policy_for_forms_to(if is_secure { "https:" } else { "https: http:" })
}

const HTML: &str = "text/html; charset=utf-8";

/// What is around every page.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// The page's own name.
    pub title: &'static str,
    /// The address of the style sheet, which names its content.
    pub css: String,
    /// Who looks at it.
    pub visitor: Option<Who>,
}

/// Who looks at a page.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says whether a link of the navigation is there"
)]
pub(crate) struct Who {
    /// Their name.
    pub name: String,
    /// Their organization's name.
    pub organization: String,
    /// What their forms carry.
    pub form_token: String,
    /// Whether they manage integrations.
    pub manages: bool,
    /// Whether they correct records somewhere.
    pub corrects: bool,
    /// Whether they install apps for a unit.
    pub installs: bool,
    /// Whether they decide who has what somewhere.
    pub hands_over: bool,
    /// Whether they are auditors of the whole organization.
    pub audits: bool,
}

impl Frame {
    /// Around a page that anybody may see.
    pub(crate) fn open(console: &Console, title: &'static str) -> Self {
        Self {
            title,
            css: console.assets().css(),
            visitor: None,
        }
    }

    /// Around a page of somebody who has signed in.
    pub(crate) fn of(console: &Console, visitor: &SignedIn, title: &'static str) -> Self {
        Self {
            visitor: Some(visitor.who()),
            ..Self::open(console, title)
        }
    }
}

/// A rendered page.
#[derive(Debug)]
pub(crate) struct Page {
    status: StatusCode,
    html: Result<String, askama::Error>,
    policy: Option<String>,
}

impl Page {
    /// A page that was asked for and is there.
    pub(crate) fn of(template: &impl Template) -> Self {
        Self {
            status: StatusCode::OK,
            html: template.render(),
            policy: None,
        }
    }

    /// With another status.
    pub(crate) fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// With a policy of its own: the page on which an issuer's script runs has one, and the page of consent.
    pub(crate) fn policy(mut self, policy: String) -> Self {
        self.policy = Some(policy);
        self
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let html = match self.html {
            Ok(html) => html,
            Err(error) => {
                tracing::error!(%error, "a page cannot be rendered");
                return StatusCode::INTERNAL_SERVER_ERROR.into_response();
            }
        };
        let policy = self
            .policy
            .and_then(|policy| HeaderValue::try_from(policy).ok())
            .unwrap_or(HeaderValue::from_static(POLICY));
        Response::builder()
            .status(self.status)
            .content_type(HTML)
            .header(header::CONTENT_SECURITY_POLICY, policy)
            .header(header::CACHE_CONTROL, "no-store")
            .body(html)
    }
}

/// Leads on to another page of ours, by GET.
pub(crate) fn see_other(path: &str) -> Response {
    let location = HeaderValue::try_from(path).unwrap_or(HeaderValue::from_static("/"));
    Response::builder()
        .status(StatusCode::SEE_OTHER)
        .header(header::LOCATION, location)
        .finish()
}

/// The header by which a browser forgets what it keeps of us.
pub(crate) const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

/// A page that says one thing: what went wrong, or that something is done.
#[derive(Debug, Template)]
#[template(path = "notice.html")]
pub(crate) struct Notice {
    frame: Frame,
    status: StatusCode,
    heading: String,
    text: String,
    link: Option<(String, String)>,
}

impl Notice {
    /// A notice with this status.
    pub(crate) fn new(
        console: &Console,
        status: StatusCode,
        heading: impl Into<String>,
        text: impl Into<String>,
    ) -> Self {
        Self::framed(Frame::open(console, "Notice"), status, heading, text)
    }

    /// A notice within a frame, such as that of somebody who has signed in.
    pub(crate) fn framed(
        frame: Frame,
        status: StatusCode,
        heading: impl Into<String>,
        text: impl Into<String>,
    ) -> Self {
        Self {
            frame,
            status,
            heading: heading.into(),
            text: text.into(),
            link: None,
        }
    }

    /// With a way on.
    pub(crate) fn link(mut self, label: &str, path: &str) -> Self {
        self.link = Some((label.to_owned(), path.to_owned()));
        self
    }
}

impl IntoResponse for Notice {
    fn into_response(self) -> Response {
        let status = self.status;
        Page::of(&self).status(status).into_response()
    }
}

/// What is answered before anybody knows which console it is: no page, one sentence.
pub(crate) fn sentence(status: StatusCode, text: &'static str) -> Response {
    Response::builder()
        .status(status)
        .content_type("text/plain; charset=utf-8")
        .body(text)
}
