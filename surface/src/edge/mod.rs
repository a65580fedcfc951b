//! The edge: the outermost endpoint. Everything comes in through it, and everything leaves through it in one form.

mod body;
mod bounds;
mod client;
mod compress;
mod cors;
mod figures;
mod finish;
mod query;
mod reword;
mod state;
#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use habeo_core::id::new_uuid;
use habeo_core::random::Random;
use habeo_core::time::Clock;
use poem::http::{HeaderName, HeaderValue, header};
use poem::{Endpoint, IntoEndpoint, IntoResponse, Request, Response};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::catalogue::{self, Catalogue};
use crate::coding::accepts_gzip;
use crate::openapi::{METHODS, RoutePattern, RouteTable};
use crate::problem::Problem;
use crate::spelling::Spelling;

pub use body::{BODY_CHUNK_TIMEOUT, BODY_TIMEOUT};
pub use state::{CallerNote, RequestState};

/// How long a handler may take. The work it started as a unit of its own goes on; only the waiting ends.
pub const HANDLER_TIMEOUT: Duration = Duration::from_secs(15);
/// The longest that any may take.
pub const PATIENCE_MAX: Duration = Duration::from_secs(45);
/// How many handlers may be at work at once. More would only wait for the database together.
pub const HANDLERS_MAX: usize = 1_024;
/// The largest body where nothing else is said.
pub const BODY_BYTES_MAX: usize = 256 * 1_024;
/// The largest body that registers a device for push messages.
pub const PUSH_BODY_BYTES_MAX: usize = 4 * 1_024;
/// The header that carries the request id both ways.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What whoever reads the connection found wrong before there was a request to serve; the edge answers with it and looks no further.
#[derive(Debug, Clone)]
pub struct Refused(pub Problem);

/// What an edge needs to know.
#[derive(Debug, Clone)]
pub struct Settings {
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    catalogue: Arc<Catalogue>,
    routes: RouteTable,
    body_limits: Vec<(String, usize)>,
    trusted_proxies: Vec<IpAddr>,
    origins: Vec<HeaderValue>,
    https: bool,
    handlers: Arc<Semaphore>,
    watched: Vec<String>,
    spellings: Vec<(&'static str, Spelling)>,
    handler_timeout: Duration,
    patient: Vec<(String, Duration)>,
}

impl Settings {
    /// The usual bounds, without knowledge of any route.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, random: Arc<dyn Random>, catalogue: Arc<Catalogue>) -> Self {
        Self {
            clock,
            random,
            catalogue,
            routes: RouteTable::default(),
            body_limits: Vec::new(),
            trusted_proxies: Vec::new(),
            origins: Vec::new(),
            https: false,
            handlers: Arc::new(Semaphore::new(HANDLERS_MAX)),
            watched: Vec::new(),
            spellings: Vec::new(),
            handler_timeout: HANDLER_TIMEOUT,
            patient: Vec::new(),
        }
    }

    /// The routes and their parameters: those of the documents, and the pages beside them.
    #[must_use]
    pub fn routes(mut self, routes: RouteTable) -> Self {
        self.routes = routes;
        self
    }

    /// Another limit for the bodies of a path; one that ends in `*` means every path that begins so. The longest match counts.
    #[must_use]
    pub fn body_limit(mut self, path: impl Into<String>, bytes_max: usize) -> Self {
        self.body_limits.push((path.into(), bytes_max));
        self
    }

    /// The addresses whose `X-Forwarded-For` is believed.
    #[must_use]
    pub fn trusted_proxies(mut self, proxies: Vec<IpAddr>) -> Self {
        self.trusted_proxies = proxies;
        self
    }

    /// The origins whose pages may read answers in a browser.
    #[must_use]
    pub fn origins(mut self, origins: Vec<HeaderValue>) -> Self {
        self.origins = origins;
        self
    }

    /// The server is reached by https, by itself or through its proxy: answers say so for two years.
    #[must_use]
    pub fn https(mut self) -> Self {
        self.https = true;
        self
    }

    /// Another time for handlers; it can only be shortened.
    #[must_use]
    pub fn handler_timeout(mut self, timeout: Duration) -> Self {
        self.handler_timeout = timeout.min(HANDLER_TIMEOUT);
        self
    }

    /// Lets the handler of this path take longer than others, because somebody waits there for an answer from outside. A step of the path in braces
    /// is any step. At most [`PATIENCE_MAX`].
    #[must_use]
    pub fn patient(mut self, path: impl Into<String>, timeout: Duration) -> Self {
        self.patient.push((path.into(), timeout.min(PATIENCE_MAX)));
        self
    }

    fn handler_timeout_of(&self, path: &str) -> Duration {
        let patient = self.patient.iter().find(|(of, _)| is_of(of, path));
        patient.map_or(self.handler_timeout, |(_, timeout)| *timeout)
    }

    /// Another number of handlers at once; it can only be lowered.
    #[must_use]
    pub fn handlers_max(mut self, handlers: usize) -> Self {
        self.handlers = Arc::new(Semaphore::new(handlers.min(HANDLERS_MAX)));
        self
    }

    /// How failures are spelled below a path; elsewhere they are problem documents.
    #[must_use]
    pub fn spelling(mut self, path: &'static str, spelling: Spelling) -> Self {
        self.spellings.push((path, spelling));
        self
    }

    /// How failures of this path are spelled.
    fn spelling_of(&self, path: &str) -> Spelling {
        let below = |prefix: &str| {
            path.strip_prefix(prefix)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let found = self.spellings.iter().find(|(prefix, _)| below(prefix));
        found.map_or(Spelling::Problem, |(_, spelling)| *spelling)
    }

    /// Paths that answer whoever watches over the server, however much it has to do.
    #[must_use]
    pub fn watched<S: Into<String>>(mut self, paths: impl IntoIterator<Item = S>) -> Self {
        self.watched.extend(paths.into_iter().map(Into::into));
        self
    }

    /// A place among the handlers at work; none is needed on a watched path.
    fn handle(&self, path: &str) -> Result<Option<SemaphorePermit<'_>>, Problem> {
        match self.handlers.try_acquire() {
            Ok(place) => Ok(Some(place)),
            Err(_) if self.watched.iter().any(|watched| watched == path) => Ok(None),
            Err(_) => Err(Problem::new(&catalogue::BUSY)),
        }
    }

    fn body_bytes_max(&self, path: &str) -> usize {
        self.body_limits
            .iter()
            .filter(|(pattern, _)| match pattern.strip_suffix('*') {
                Some(prefix) => path.starts_with(prefix),
                None => path == pattern,
            })
            .max_by_key(|(pattern, _)| pattern.len())
            .map_or(BODY_BYTES_MAX, |(_, bytes_max)| *bytes_max)
    }
}

/// Whether a path is one of a pattern, step by step; a step in braces is any that is not empty.
fn is_of(pattern: &str, path: &str) -> bool {
    let is_any = |step: &str| step.starts_with('{') && step.ends_with('}');
    let mut steps = path.split('/');
    pattern.split('/').all(|wanted| match steps.next() {
        Some(step) if is_any(wanted) => !step.is_empty(),
        Some(step) => step == wanted,
        None => false,
    }) && steps.next().is_none()
}

/// Puts the edge around an endpoint, usually the whole route tree.
pub fn edge<E: IntoEndpoint>(endpoint: E, settings: Settings) -> impl Endpoint<Output = Response> {
    Edge {
        endpoint: endpoint.into_endpoint(),
        settings,
    }
}

struct Edge<E> {
    endpoint: E,
    settings: Settings,
}

impl<E: Endpoint> Endpoint for Edge<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let started = Instant::now();
        let method = request.method().clone();
        let route = self.settings.routes.find(request.uri().path());
        let state = Arc::new(self.state_of(&request, route));
        let spelling = self.settings.spelling_of(request.uri().path());
        let origin = cors::allowed(&request, &self.settings.origins);
        let gzip = accepts_gzip(request.headers());
        let answered = match cors::preflight(&request, origin.as_ref()) {
            Some(leave) => Ok(leave),
            None => self.answer(request, &state, route).await,
        };
        let mut response = match answered {
            Ok(response) => response,
            Err(problem) => {
                log_failure(&problem, &state);
                state.note_code(problem.code());
                let own = match spelling {
                    Spelling::Own(spell) => {
                        spell(&problem, state.request_id(), self.settings.clock.now())
                    }
                    _ => None,
                };
                own.unwrap_or_else(|| {
                    problem.render(spelling, &self.settings.catalogue, state.request_id())
                })
            }
        };
        finish::complete(&mut response, &state, &self.settings, route).await;
        if !self.settings.origins.is_empty() {
            cors::complete(&mut response, origin);
        }
        let response = compress::compress(response, gzip).await;
        let took = started.elapsed();
        finish::log(&response, &state, &method, took);
        figures::served(&response, &state, &method, took);
        Ok(response)
    }
}

impl<E: Endpoint> Edge<E> {
    fn state_of(&self, request: &Request, route: Option<&RoutePattern>) -> RequestState {
        let asked = request
            .headers()
            .get(REQUEST_ID)
            .and_then(|value| value.to_str().ok())
            .filter(|text| bounds::is_request_id(text));
        let request_id = match asked {
            Some(text) => text.to_owned(),
            None => new_uuid(self.settings.clock.now(), &*self.settings.random).to_string(),
        };
        let client = client::key_of(request, &self.settings.trusted_proxies);
        RequestState::new(
            request_id,
            request.uri().clone(),
            client,
            route.map(|route| route.pattern().clone()),
        )
    }

    async fn answer(
        &self,
        mut request: Request,
        state: &Arc<RequestState>,
        route: Option<&RoutePattern>,
    ) -> Result<Response, Problem> {
        if let Some(Refused(problem)) = request.data() {
            return Err(problem.clone());
        }
        bounds::check(&request)?;
        check_query(&request, state, route)?;
        let bytes_max = self.settings.body_bytes_max(request.uri().path());
        body::take(&mut request, bytes_max).await?;
        // Not before the body is there: whoever sends slowly must not keep others out.
        let _place = self.settings.handle(request.uri().path())?;
        request.set_data(state.clone());
        let patience = self.settings.handler_timeout_of(request.uri().path());
        let call = AssertUnwindSafe(self.endpoint.call(request)).catch_unwind();
        match tokio::time::timeout(patience, call).await {
            Err(_) => Err(Problem::new(&catalogue::UNAVAILABLE)),
            Ok(Err(_)) => Err(Problem::internal("the handler panicked")),
            Ok(Ok(Ok(response))) => {
                let response = response.into_response();
                state.note_pattern(response.data::<poem::PathPattern>());
                // A handler may have turned a problem into a response by itself, without knowing the request's id.
                match response.data::<Problem>().cloned() {
                    Some(problem) => Err(problem),
                    None => Ok(response),
                }
            }
            Ok(Ok(Err(error))) => {
                state.note_pattern(error.data::<poem::PathPattern>());
                reword::reword(error, route)
            }
        }
    }
}

/// Refuses a query that the operation does not take. Operations that ask for a caller tell only callers, so there the refusal
/// is kept until the caller is known.
fn check_query(
    request: &Request,
    state: &RequestState,
    route: Option<&RoutePattern>,
) -> Result<(), Problem> {
    let operation = route.and_then(|route| route.operation(request.method()));
    let Some(operation) = operation else {
        return Ok(());
    };
    match query::check(request.uri(), operation) {
        Err(fault) if operation.is_secured() => {
            state.note_query_fault(fault);
            Ok(())
        }
        checked => checked,
    }
}

fn log_failure(problem: &Problem, state: &RequestState) {
    if let Some(cause) = problem.cause() {
        tracing::error!(
            request.id = state.request_id(),
            code = problem.code(),
            cause,
            "a request failed on our side"
        );
    }
}

fn all_methods() -> HeaderValue {
    HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
}

fn allow_header(response: &mut Response, value: HeaderValue) {
    response.headers_mut().insert(header::ALLOW, value);
}
