//! Why something about a client is refused, in words for whoever asked.

use crate::app;
use crate::explain::{Explain, Kind};
use crate::text::BadText;

/// Why something about a client was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such client.
    #[error("no registered app with this id is known to your organization")]
    Unknown,
    /// The app itself was refused.
    #[error(transparent)]
    App(app::Refusal),
    /// A text is unusable.
    #[error("{0} {1}")]
    BadText(&'static str, BadText),
    /// The website is unusable.
    #[error("the website is an https address of at most 512 characters")]
    BadWebsite,
    /// The logo is unusable.
    #[error("a logo is a color such as #1f6feb and one or two letters or digits")]
    BadLogo,
    /// An address that people are sent back to is unusable.
    #[error(
        "a redirect URI is an https address of at most 512 characters without a fragment or a user; a native app may also have http://127.0.0.1 or http://[::1]"
    )]
    BadRedirect,
    /// There is no such address, or too many, or one twice.
    #[error("an app has one to ten redirect URIs, each once")]
    BadRedirectCount,
    /// It asks for nothing.
    #[error("an app asks for one scope at least")]
    NoScopes,
    /// The rate is unusable.
    #[error("a rate is 1 to 100000 requests a minute, and more than 120 only by the operator")]
    BadRate,
    /// There are too many.
    #[error("an organization registers at most 100 apps")]
    TooMany,
    /// It has no secret to rotate.
    #[error("this app is a public client, which has no secret")]
    NoSecret,
    /// Two secrets are accepted already.
    #[error("the secret before this one is still accepted; end that first")]
    Rotating,
    /// The window is unusable.
    #[error("the secret before is accepted for at most seven days")]
    BadWindow,
}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        match self {
            Self::Unknown => Kind::NotFound,
            Self::App(refusal) => refusal.kind(),
            Self::TooMany | Self::NoSecret | Self::Rotating => Kind::Conflict,
            Self::BadText(..)
            | Self::BadWebsite
            | Self::BadLogo
            | Self::BadRedirect
            | Self::BadRedirectCount
            | Self::NoScopes
            | Self::BadRate
            | Self::BadWindow => Kind::Unacceptable,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "app_client_unknown",
            Self::App(refusal) => refusal.code(),
            Self::BadText(..) => "app_client_text_invalid",
            Self::BadWebsite => "app_client_website_invalid",
            Self::BadLogo => "app_client_logo_invalid",
            Self::BadRedirect => "app_client_redirect_invalid",
            Self::BadRedirectCount => "app_client_redirect_count_invalid",
            Self::NoScopes => "app_client_scopes_missing",
            Self::BadRate => "app_client_rate_invalid",
            Self::TooMany => "app_client_limit_reached",
            Self::NoSecret => "app_client_has_no_secret",
            Self::Rotating => "app_client_secret_rotating",
            Self::BadWindow => "app_client_window_invalid",
        }
    }
}
