//! The edge around real routes: a small application to hold it against.

mod answers;
mod bodies;
mod browsers;
mod callers;

use std::sync::Arc;
use std::time::Duration;

use habeo_core::random::SeededRandom;
use habeo_core::time::SetClock;
use poem::http::{Method, StatusCode};
use poem::test::{TestClient, TestResponse};
use poem::{EndpointExt, Route, handler};
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::{Json, PlainText};
use poem_openapi::{Object, OpenApi, OpenApiService};
use serde_json::{Value, json};

use super::*;
use crate::body::StrictJson;
use crate::caller::Caller;
use crate::conditional::conditional;
use crate::openapi::{Document, FailureShape, Lift};
use crate::paging::{Listing, One, PageLimit, one};
use crate::problem::ApiResult;
use crate::reference;
use crate::token::testing::{
    self, Directory, KeyServer, NOW, authenticator, fixed_keys, header as token_header, signers,
    token,
};
use crate::token::{Authenticator, KeySource};

struct ThingsApi;

#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
struct ThingBody {
    name: String,
}

#[expect(clippy::unused_async, reason = "operations are asynchronous")]
#[OpenApi]
impl ThingsApi {
    /// A list.
    #[oai(path = "/things", method = "get", operation_id = "listThings")]
    async fn list(
        &self,
        caller: Caller,
        request: &Request,
        #[oai(default)] limit: Query<PageLimit>,
        q: Query<Option<String>>,
    ) -> ApiResult<Listing<String>> {
        let rows = vec![caller.access().org().to_string(), q.0.unwrap_or_default()];
        let next = (limit.0.0.rows() == 1).then(|| "c".to_owned());
        Ok(Listing::new(rows, next, request))
    }

    /// Takes one.
    #[oai(path = "/things", method = "post", operation_id = "createThing")]
    async fn create(
        &self,
        caller: Caller,
        body: StrictJson<ThingBody>,
    ) -> ApiResult<Json<One<String>>> {
        assert!(!caller.session_id().is_empty());
        Ok(one(body.0.name))
    }

    /// One by number, open to all.
    #[oai(path = "/things/:number", method = "get", operation_id = "getThing")]
    async fn get(&self, number: Path<u8>) -> PlainText<String> {
        PlainText(number.0.to_string())
    }
}

#[handler]
async fn slow() {
    tokio::time::sleep(Duration::from_mins(1)).await;
}

#[handler]
fn panics() {
    panic!("never shown");
}

#[handler]
fn fails() -> poem::Result<()> {
    Err(poem::error::InternalServerError(std::io::Error::other(
        "never shown",
    )))
}

#[handler]
fn own() -> Response {
    Response::builder()
        .header("cache-control", "public")
        .header("content-security-policy", "default-src 'self'")
        .finish()
}

#[expect(clippy::needless_pass_by_value, reason = "extractors are values")]
#[handler]
fn reads(body: Vec<u8>) -> String {
    body.len().to_string()
}

struct App {
    client: TestClient<poem::endpoint::BoxEndpoint<'static, Response>>,
    clock: Arc<SetClock>,
    authenticator: Arc<Authenticator>,
    document: Value,
}

fn app_with(keys: KeySource, timeout: Duration) -> App {
    let clock = testing::clock();
    let directory = Arc::new(Directory::default());
    let authenticator = Arc::new(authenticator(keys, &clock, &directory));
    let api = OpenApiService::new(ThingsApi, "Things", "1").url_prefix("/api/v1");
    let lift = Lift {
        public: &["getThing"],
        failure: FailureShape::problem(),
    };
    let document = Document::lift(&api.spec(), &lift).expect("a document");
    let catalogue = Arc::new(Catalogue::complete());
    let table = RouteTable::of(&document)
        .pages(reference::paths("/api/v1"))
        .pages(["/own"]);
    let routes = Route::new().nest("/api/v1", conditional(api));
    let routes = reference::mount(routes, "/api/v1", &document, &catalogue)
        .at("/slow", poem::get(slow))
        .at("/panics", poem::get(panics))
        .at("/fails", poem::get(fails))
        .at("/own", poem::get(own))
        .at("/reads", poem::post(reads))
        .data(authenticator.clone());
    let settings = Settings::new(clock.clone(), Arc::new(SeededRandom::new(1)), catalogue)
        .routes(table)
        .body_limit("/reads", 10)
        .origins(vec![HeaderValue::from_static("https://app.example")])
        .https()
        .handler_timeout(timeout);
    let client = TestClient::new(edge(routes, settings).boxed());
    App {
        client,
        clock,
        authenticator,
        document: document.value().clone(),
    }
}

fn app() -> App {
    app_with(fixed_keys(), HANDLER_TIMEOUT)
}

impl App {
    async fn list(&self, query: &str) -> TestResponse {
        self.client
            .get(format!("/api/v1/things{query}"))
            .header("authorization", format!("Bearer {}", token(json!({}))))
            .send()
            .await
    }
}

/// Takes an answer that must be a problem apart.
async fn problem(response: TestResponse, status: u16, code: &str) -> (Value, Response) {
    let mut response = response.0;
    let body: Value = response.take_body().into_json().await.expect("JSON");
    assert_eq!(response.status().as_u16(), status, "{body}");
    assert_eq!(
        response.content_type(),
        Some("application/problem+json"),
        "{body}"
    );
    assert_eq!(body["code"], code, "{body}");
    assert_eq!(body["status"], status, "{body}");
    assert_eq!(body["type"], format!("/api/v1/problems#{code}"));
    assert_eq!(
        body["requestId"],
        response.header("x-request-id").unwrap_or("none")
    );
    let text = body.to_string();
    for secret in ["param0", "never shown", "alloc::", "u8", "serde"] {
        assert!(!text.contains(secret), "{text}");
    }
    assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
    (body, response)
}

#[test]
fn patience_is_for_every_path_of_a_pattern() {
    for (pattern, path, is_of) in [
        ("/shop", "/shop", true),
        ("/shop", "/shop/1", false),
        ("/requisitions/{id}/shop", "/requisitions/1/shop", true),
        ("/requisitions/{id}/shop", "/requisitions//shop", false),
        ("/requisitions/{id}/shop", "/requisitions/1/2/shop", false),
        ("/requisitions/{id}/shop", "/requisitions/1", false),
        ("/requisitions/{id}/shop", "/requisitions/1/shop/2", false),
    ] {
        assert_eq!(super::is_of(pattern, path), is_of, "{pattern} {path}");
    }
}
