//! The console: pages for people, rendered on the server, that work without a script.
//!
//! A visitor is known by a cookie (`visitor`); whoever has none is led to the sign-in page. What changes anything is a form that only our
//! own pages can send (`guard`). Pages ask the same stores and give the same commands as every other surface; there is no rule here.

mod asked;
pub mod assets;
mod checks;
mod cookie;
mod guard;
mod once;
mod page;
pub mod pages;
mod upload;
mod visitor;
mod webhook;

use std::sync::Arc;

use habeo_bot::Bot;
use habeo_core::access::{Access, Action};
use habeo_core::asset::search::Filter;
use habeo_core::connection::Provider;
use habeo_core::export::Format;
use habeo_core::id::{PunchoutDocumentId, PunchoutId, SupplierId};
use habeo_core::inbox::Inbox;
use habeo_core::ledger::{Ledger, trail};
use habeo_core::page::CursorKey;
use habeo_core::punchout::command::StartSession;
use habeo_core::secret::MasterKey;
use habeo_core::session::Credential;
use habeo_core::store::Tx;
use habeo_core::unit::scope::{self, Scope};
use habeo_core::web_session::WebSessions;
use habeo_surface::token::Authenticator;
use poem::http::StatusCode;
use poem::{IntoResponse as _, Response, Route};
use secrecy::SecretString;
use url::Url;

/// Where tables of shipments are brought, which are larger than other forms; and how large.
pub const UPLOAD_PATHS: &str = "/procurement/shipments/*";
/// The most bytes of such a form: the table twice over, because a browser may have to send what it was shown.
pub const UPLOAD_BYTES_MAX: usize = upload::FORM_BYTES_MAX;

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

    /// The entries of the ledger that pass a filter, for this access, which must be that of an auditor of the whole organization.
    fn ledger<'a>(
        &'a self,
        access: &'a Access,
        filter: trail::Filter,
        format: Format,
    ) -> std::pin::Pin<Box<dyn Future<Output = poem::Result<Response>> + Send + 'a>>;
}

/// What makes session tokens, where this server issues them itself.
pub trait Tokens: Send + Sync + std::fmt::Debug {
    /// A token of the person behind this access; none where tokens come from somebody else, or the person has no name there.
    fn mint<'a>(
        &'a self,
        access: &'a Access,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<Option<SecretString>, Unminted>> + Send + 'a>>;
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
#[error("no token can be made: {0}")]
pub struct Unminted(pub String);

/// What may be reached of addresses that others choose.
pub trait Addresses: Send + Sync + std::fmt::Debug {
    /// An address that is about to be saved, as it is kept, or why it may not be reached.
    fn check<'a>(
        &'a self,
        access: &'a Access,
        url: &'a str,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<String, String>> + Send + 'a>>;
}

/// Where a browser goes that goes to a supplier's shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entrance {
    /// To this address.
    Address(String),
    /// To this one, by a form with these fields.
    Form {
        /// Where the form goes.
        action: String,
        /// Its fields, in their order.
        fields: Vec<(String, String)>,
    },
}

/// Why nobody went to a shop, or nothing came back.
#[derive(Debug, thiserror::Error)]
pub enum NotEntered {
    /// A rule of ours says no.
    #[error(transparent)]
    Refused(habeo_core::punchout::Refusal),
    /// The supplier does not answer as it should, in words for whoever wanted to shop.
    #[error("{0}")]
    Supplier(String),
    /// The store failed.
    #[error(transparent)]
    Store(habeo_core::store::StoreError),
}

/// A shipment of a table that somebody brings in a supplier's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brought {
    /// The supplier's number of it.
    pub reference: Option<String>,
    /// What it is of, and how much, in words.
    pub about: Vec<String>,
    /// Whether it was taken; none where the table was only read.
    pub taken: Option<bool>,
    /// What is odd or wrong about it.
    pub said: Vec<String>,
}

/// Something about a table, where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The line of the table, from 1, and the name of the column, where it is about one place.
    pub place: Option<(usize, String)>,
    /// What it is.
    pub text: String,
}

/// Why a table was not read. Nothing of it was taken.
#[derive(Debug, thiserror::Error)]
pub enum NotBrought {
    /// It is wrong in these places.
    #[error("the table cannot be read")]
    Unread(Vec<Remark>),
    /// It is about something that is not the visitor's.
    #[error("{0}")]
    Refused(String),
    /// There is no such supplier.
    #[error("no such supplier")]
    Unknown,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] habeo_core::store::StoreError),
}

/// What came of a table: its shipments, and what is odd about it.
pub type Bringing = Result<(Vec<Brought>, Vec<Remark>), NotBrought>;

/// The shops of suppliers.
pub trait Shops: Send + Sync + std::fmt::Debug {
    /// Begins a visit, and says where the browser goes.
    fn enter<'a>(
        &'a self,
        access: &'a Access,
        wanted: StartSession,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<Entrance, NotEntered>> + Send + 'a>>;

    /// Asks a supplier whether the connection works: what came of it, as a sentence, and whether that is good.
    fn probe<'a>(
        &'a self,
        access: &'a Access,
        supplier: SupplierId,
    ) -> std::pin::Pin<Box<dyn Future<Output = (String, bool)> + Send + 'a>>;

    /// Where a supplier sends its documents.
    fn documents_url(&self, supplier: SupplierId) -> String;

    /// Reads a table of shipments that the visitor brings in a supplier's place, and takes nothing.
    fn read_shipments<'a>(
        &'a self,
        access: &'a Access,
        supplier: SupplierId,
        table: Vec<u8>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Bringing> + Send + 'a>>;

    /// Takes it. The same table again changes nothing.
    fn take_shipments<'a>(
        &'a self,
        access: &'a Access,
        supplier: SupplierId,
        table: Vec<u8>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Bringing> + Send + 'a>>;

    /// Takes a document after all that came too late.
    fn recover<'a>(
        &'a self,
        access: &'a Access,
        session: PunchoutId,
        document: PunchoutDocumentId,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<(), NotEntered>> + Send + 'a>>;
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

/// Where the style sheet of the pages is, for pages that others make.
#[must_use]
pub fn stylesheet() -> String {
    assets::Assets::new().css()
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
    /// Makes session tokens where this server issues them.
    pub tokens: Arc<dyn Tokens>,
    /// What may be reached of the addresses of endpoints.
    pub addresses: Arc<dyn Addresses>,
    /// The shops of suppliers.
    pub shops: Arc<dyn Shops>,
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
    cursor_key: CursorKey,
    checks: checks::Checks,
}

impl Console {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(Inner {
            sessions: WebSessions::new(parts.ledger.clone()),
            assets: assets::Assets::new(),
            cursor_key: parts.master_key.cursor_key(),
            checks: checks::Checks::default(),
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

    /// Seals where the next page of a list begins.
    pub(crate) fn cursor_key(&self) -> &CursorKey {
        &self.0.cursor_key
    }

    /// Which ledgers are being verified now.
    pub(crate) fn checks(&self) -> &checks::Checks {
        &self.0.checks
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

    /// The same with a way on: what it is called, and where it leads. Nobody goes there who does not want to.
    #[must_use]
    pub fn refusal_with(&self, heading: &str, text: &str, (label, way): (&str, &str)) -> Response {
        let status = StatusCode::BAD_REQUEST;
        page::Notice::new(self, status, heading, text)
            .link(label, way)
            .into_response()
    }

    /// Adds every page to a route tree.
    #[must_use]
    pub fn mount(&self, route: Route) -> Route {
        pages::mount(route, self)
    }
}
