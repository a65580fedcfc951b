//! The server as it is wired, over the database of a test, called in process or on a loopback port.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use habeo_core::secret::MasterKey;
use habeo_core::session::Credential;
use habeo_core::time::SECOND_MICROS;
use habeo_server::app::App;
use habeo_server::config::Config;
use habeo_server::listen::Bound;
use habeo_server::listen::limits::Limits;
use habeo_server::node::Node;
use poem::endpoint::BoxEndpoint;
use poem::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use poem::{Body, Endpoint as _, EndpointExt as _, Request, Response};
use serde_json::Value;

use crate::builders::{ISSUER, Member};
use crate::database::TestDb;
use crate::evidence::MASTER_KEY;
use crate::issuer::{self, PARTY};
use crate::must;

/// More than any test asks, so that only the tests of the limiter meet it.
const GENEROUS: &str = "1000000";

/// The whole server of one test. Cloning gives another handle to the same.
#[derive(Clone)]
pub struct TestApp {
    /// Its database.
    pub db: TestDb,
    /// Its parts.
    pub app: Arc<App>,
    endpoint: Arc<BoxEndpoint<'static, Response>>,
}

impl fmt::Debug for TestApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestApp")
            .field("app", &self.app)
            .finish_non_exhaustive()
    }
}

impl TestApp {
    /// The server with the tests' issuer configured as Clerk, and no rate that a test could meet.
    pub async fn over(db: &TestDb) -> Self {
        let rates = [
            ("HABEO_RATE_LIMIT_API", GENEROUS),
            ("HABEO_RATE_LIMIT_API_BURST", GENEROUS),
        ];
        Self::configured(db, &rates).await
    }

    /// The server with the tests' issuer configured as Clerk, and these settings besides.
    pub async fn configured(db: &TestDb, settings: &[(&str, &str)]) -> Self {
        let pem = issuer::issuer().pem();
        let clerk = [
            ("HABEO_CLERK_ISSUER", ISSUER),
            ("HABEO_CLERK_JWT_KEY", pem.as_str()),
            ("HABEO_CLERK_AUTHORIZED_PARTIES", PARTY),
        ];
        Self::of(db, clerk.iter().chain(settings)).await
    }

    /// The server with the tests' issuer configured as Clerk, whose keys it fetches from this address.
    pub async fn with_keys_at(db: &TestDb, url: &str) -> Self {
        let clerk = [
            ("HABEO_CLERK_ISSUER", ISSUER),
            ("HABEO_CLERK_JWKS_URL", url),
            ("HABEO_CLERK_AUTHORIZED_PARTIES", PARTY),
            ("HABEO_RATE_LIMIT_API", GENEROUS),
            ("HABEO_RATE_LIMIT_API_BURST", GENEROUS),
        ];
        Self::of(db, &clerk).await
    }

    /// The server as it is before Clerk is configured: the sandbox issuer issues the tokens.
    pub async fn with_sandbox_issuer(db: &TestDb) -> Self {
        Self::of(db, &[]).await
    }

    async fn of<'a>(
        db: &TestDb,
        settings: impl IntoIterator<Item = &'a (&'a str, &'a str)>,
    ) -> Self {
        let variables = settings
            .into_iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let config = must(Config::load(None, variables));
        let node = Node {
            ledger: db.ledger.clone(),
            master_key: Arc::new(MasterKey::new(MASTER_KEY)),
        };
        let app = must(App::new(&config, node).await);
        let endpoint = app.endpoint(&config).boxed();
        Self {
            db: db.clone(),
            app: Arc::new(app),
            endpoint: Arc::new(endpoint),
        }
    }

    /// The published description of `/api/v1`.
    #[must_use]
    pub fn document(&self) -> &Value {
        self.app.document.value()
    }

    /// A fresh token of a member's one session.
    #[must_use]
    pub fn token(&self, member: &Member) -> String {
        self.token_of(&member.credential)
    }

    /// A fresh token for whatever the issuer says.
    #[must_use]
    pub fn token_of(&self, credential: &Credential) -> String {
        issuer::token(credential, self.db.ledger.clock().now())
    }

    /// Lets time pass.
    pub fn wait_seconds(&self, seconds: i64) {
        self.db.clock.advance_micros(seconds * SECOND_MICROS);
    }

    /// Begins a request.
    pub fn request(&self, method: Method, target: &str) -> Call<'_> {
        Call {
            app: self,
            method,
            target: must(target.parse().map_err(|_| target.to_owned())),
            headers: HeaderMap::new(),
            body: Body::empty(),
        }
    }

    /// Begins a GET.
    pub fn get(&self, target: &str) -> Call<'_> {
        self.request(Method::GET, target)
    }

    /// Begins a POST.
    pub fn post(&self, target: &str) -> Call<'_> {
        self.request(Method::POST, target)
    }

    /// Begins a DELETE.
    pub fn delete(&self, target: &str) -> Call<'_> {
        self.request(Method::DELETE, target)
    }

    /// Listens on a free loopback port until the test ends, and says at which origin.
    pub async fn listen(&self) -> String {
        format!("http://{}", self.listen_within(Limits::default()).await)
    }

    /// Listens on a free loopback port with tighter limits.
    pub async fn listen_within(&self, limits: Limits) -> SocketAddr {
        let bound = Bound::to(SocketAddr::from(([127, 0, 0, 1], 0))).await;
        self.listen_at(must(bound).limits(limits))
    }

    /// Listens where somebody has said already that it would.
    pub fn listen_at(&self, bound: Bound) -> SocketAddr {
        let address = bound.address();
        tokio::spawn(bound.serve(Arc::clone(&self.endpoint), self.app.stop.clone()));
        address
    }
}

/// A request on its way.
#[derive(Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct Call<'a> {
    app: &'a TestApp,
    method: Method,
    target: Uri,
    headers: HeaderMap,
    body: Body,
}

impl Call<'_> {
    /// With a bearer token.
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// As a member.
    pub fn by(self, member: &Member) -> Self {
        let token = self.app.token(member);
        self.bearer(&token)
    }

    /// With another header line.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = must(HeaderName::from_bytes(name.as_bytes()));
        self.headers
            .append(name, must(HeaderValue::from_str(value)));
        self
    }

    /// With a JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.header(header::CONTENT_TYPE.as_str(), "application/json")
            .body(body.to_string())
    }

    /// With any body.
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    /// Sends it.
    pub async fn send(self) -> Answer {
        let mut request = Request::builder()
            .method(self.method)
            .uri(self.target)
            .body(self.body);
        *request.headers_mut() = self.headers;
        let response = match self.app.endpoint.call(request).await {
            Ok(response) => response,
            Err(error) => error.into_response(),
        };
        let (parts, body) = response.into_parts();
        Answer {
            status: parts.status,
            headers: parts.headers,
            bytes: must(body.into_vec().await),
        }
    }
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// A header, where it is there once and readable.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next()?.to_str().ok()?;
        values.next().is_none().then_some(value)
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The body as JSON; null where it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_default()
    }

    /// The code of a failure as the plain spelling has it, or nothing.
    #[must_use]
    pub fn error(&self) -> String {
        self.json()["error"].as_str().unwrap_or_default().to_owned()
    }

    /// The code of a problem, or nothing.
    #[must_use]
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The body of an answer that has to be a success.
    ///
    /// # Panics
    ///
    /// When it is anything else.
    #[track_caller]
    #[expect(
        clippy::must_use_candidate,
        reason = "the success itself is what many tests ask for"
    )]
    pub fn ok(&self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text());
        self.json()
    }

    /// The body of a problem that has to have this status and code.
    ///
    /// # Panics
    ///
    /// When it is anything else.
    #[track_caller]
    #[expect(
        clippy::must_use_candidate,
        reason = "the status and code themselves are what many tests ask for"
    )]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        let body = self.json();
        let found = (self.status.as_u16(), body["code"].as_str());
        assert_eq!(found, (status, Some(code)), "{}", self.text());
        body
    }
}
