//! The console: pages for people, rendered on the server, that work without a script.
//!
//! A visitor is known by a cookie (`visitor`); whoever has none is led to the sign-in page. What changes anything is a form that only our
//! own pages can send (`guard`). Pages ask the same stores and give the same commands as every other surface; there is no rule here.

pub mod assets;
mod cookie;
mod guard;
mod page;
pub mod pages;
mod visitor;
mod webhook;

use std::sync::Arc;

use habeo_bot::Bot;
use habeo_core::access::{Access, Action};
use habeo_core::asset::search::Filter;
use habeo_core::connection::Provider;
use habeo_core::inbox::Inbox;
use habeo_core::ledger::Ledger;
use habeo_core::secret::MasterKey;
use habeo_core::session::Credential;
use habeo_core::store::Tx;
use habeo_core::unit::scope::{self, Scope};
use habeo_core::web_session::WebSessions;
use habeo_surface::token::Authenticator;
use poem::http::StatusCode;
use poem::{IntoResponse as _, Response, Route};
use url::Url;

pub use webhook::webhook_url;

/// Whom a newcomer to the sandbox can be.
#[derive(Debug, Clone)]
pub struct Persona {
    /// Names them in the form.
    pub key: String,
    /// What they are, such as `Administrator`.
    pub title: String,
    /// What they see and do.
    pub about: String,
    /// Who they are to the sandbox issuer.
    pub credential: Credential,
}

/// Who can be chosen at the sign-in page. Only a sandbox offers anybody.
pub trait Personas: Send + Sync + std::fmt::Debug {
    /// Everybody who can be chosen now.
    fn all(&self) -> std::pin::Pin<Box<dyn Future<Output = Vec<Persona>> + Send + '_>>;
}

/// Lists as files, made as the API makes them.
pub trait Tables: Send + Sync + std::fmt::Debug {
    /// The assets that pass a filter and, if any, a search, as far as this access sees them.
    fn assets<'a>(
        &'a self,
        access: &'a Access,
        filter: Filter,
        words: Option<String>,
    ) -> std::pin::Pin<Box<dyn Future<Output = poem::Result<Response>> + Send + 'a>>;
}

/// A text that an administrator pastes into another system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// What it is and where it goes.
    pub title: String,
    /// The text, with the address and the secret in their places.
    pub text: String,
}

/// What administrators paste into the systems that they connect.
pub trait Templates: Send + Sync + std::fmt::Debug {
    /// The texts for a connection of this product, with this address and this secret; none where nothing has to be pasted.
    fn of(&self, provider: Provider, url: &str, secret: &str) -> Vec<Template>;
}

/// How people prove who they are.
#[derive(Debug, Clone)]
pub enum SignIn {
    /// By choosing somebody of the sandbox.
    Sandbox(Arc<dyn Personas>),
    /// By Clerk's own pages.
    Clerk {
        /// The Frontend API of the instance, from which its script comes.
        frontend: Url,
    },
}

/// What the console is made of.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The ledger.
    pub ledger: Ledger,
    /// Verifies the tokens with which people sign in.
    pub authenticator: Arc<Authenticator>,
    /// How they get them.
    pub sign_in: SignIn,
    /// Makes files of lists.
    pub tables: Arc<dyn Tables>,
    /// Connects workspaces and disconnects them.
    pub bot: Bot,
    /// What came in from connected systems.
    pub inbox: Inbox,
    /// The key that seals their secrets.
    pub master_key: Arc<MasterKey>,
    /// What is pasted at their end.
    pub templates: Arc<dyn Templates>,
    /// How the server is reached from outside.
    pub public_url: Url,
}

/// The console of one installation. Cloning gives another handle to the same.
#[derive(Debug, Clone)]
pub struct Console(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    parts: Parts,
    sessions: WebSessions,
    assets: assets::Assets,
}

impl Console {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(Inner {
            sessions: WebSessions::new(parts.ledger.clone()),
            assets: assets::Assets::new(),
            parts,
        }))
    }

    pub(crate) fn parts(&self) -> &Parts {
        &self.0.parts
    }

    /// A transaction of whoever has this access, and what of the organization an action reaches.
    pub(crate) async fn reading(
        &self,
        access: &Access,
        action: Action,
    ) -> poem::Result<(Tx, Scope)> {
        let db = self.parts().ledger.db();
        let mut tx = db.read(access).await.map_err(pages::failed)?;
        let scope = scope::resolve(&mut tx, access, action).await;
        Ok((tx, scope.map_err(pages::failed)?))
    }

    pub(crate) fn sessions(&self) -> &WebSessions {
        &self.0.sessions
    }

    pub(crate) fn assets(&self) -> &assets::Assets {
        &self.0.assets
    }

    /// Whether visitors come by https. Only on the way to a loopback address they may not.
    pub(crate) fn is_https(&self) -> bool {
        self.parts().public_url.scheme() == "https"
    }

    /// A page that says one thing to whoever came by a link that is no good.
    #[must_use]
    pub fn refusal(&self, heading: &str, text: &str) -> Response {
        let status = StatusCode::BAD_REQUEST;
        page::Notice::new(self, status, heading, text).into_response()
    }

    /// Adds every page to a route tree.
    #[must_use]
    pub fn mount(&self, route: Route) -> Route {
        pages::mount(route, self)
    }
}
