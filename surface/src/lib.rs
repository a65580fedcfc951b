//! What every HTTP surface shares, and the only crate that knows status codes.
//!
//! A request passes [`edge`] first: it gets an id, is held against the bounds of `security.md`, and whatever comes back, an answer,
//! a refusal, a framework error or a panic, leaves with the same headers and in one spelling of failure, the [`problem`]. Inside, a
//! handler names [`caller::Caller`] in its signature; holding one is proof that a token was verified, that the session is inside
//! its rate, and that core knows the person. Bodies come in through [`body::StrictJson`], lists go out through [`paging`].
//!
//! The document of a service is lifted once, by [`openapi`]; what it says of the routes is the edge's [`openapi::RouteTable`], and what
//! it says of failures is what the [`catalogue`] lists and the edge answers. A server puts the parts together like this:
//!
//! ```
//! # use poem_openapi::{OpenApi, OpenApiService, payload::PlainText};
//! # struct Api;
//! # #[OpenApi]
//! # impl Api {
//! #     /// Whether the service answers
//! #     #[oai(path = "/ping", method = "get", operation_id = "ping")]
//! #     async fn ping(&self) -> PlainText<&'static str> { PlainText("pong") }
//! # }
//! # #[poem::handler]
//! # fn healthz() {}
//! use std::sync::Arc;
//!
//! use habeo_core::{random::SystemRandom, session::Sessions, time::SystemClock};
//! use habeo_surface::catalogue::Catalogue;
//! use habeo_surface::conditional::conditional;
//! use habeo_surface::edge::{PUSH_BODY_BYTES_MAX, Settings, edge};
//! use habeo_surface::openapi::{Document, DocumentError, FailureShape, Lift, RouteTable};
//! use habeo_surface::reference;
//! use habeo_surface::token::{Authenticator, Issuer, Quotas};
//! use poem::{Endpoint, EndpointExt, Response, Route, get};
//!
//! fn app(
//!     issuers: Vec<Issuer>,
//!     sessions: Sessions,
//! ) -> Result<impl Endpoint<Output = Response>, DocumentError> {
//!     let clock = Arc::new(SystemClock);
//!     let service = OpenApiService::new(Api, "Habeo", "1").url_prefix("/api/v1");
//!     let lift = Lift { public: &["ping"], failure: FailureShape::problem() };
//!     let document = Document::lift(&service.spec(), &lift)?;
//!     let catalogue = Arc::new(Catalogue::complete());
//!     let table = RouteTable::of(&document)
//!         .pages(reference::paths("/api/v1"))
//!         .pages(["/healthz"]);
//!     let authenticator = Authenticator::new(issuers, Arc::new(sessions), clock.clone(), Quotas::default());
//!     let route = Route::new()
//!         .nest("/api/v1", conditional(service))
//!         .at("/healthz", get(healthz));
//!     let route = reference::mount(route, "/api/v1", &document, &catalogue);
//!     let settings = Settings::new(clock, Arc::new(SystemRandom), catalogue)
//!         .routes(table)
//!         .body_limit("/api/v1/push/*", PUSH_BODY_BYTES_MAX);
//!     Ok(edge(route.data(Arc::new(authenticator)), settings))
//! }
//! ```
//!
//! Nothing here reads the environment, the system's clock or its randomness: all three are parameters.

pub mod body;
pub mod caller;
pub mod catalogue;
mod coding;
pub mod conditional;
pub mod edge;
pub mod limit;
pub mod nullable;
pub mod openapi;
pub mod paging;
pub mod problem;
pub mod reference;
pub mod spelling;
pub mod table;
pub mod token;
pub mod wire;

pub use caller::Caller;
pub use problem::{ApiResult, Problem};
