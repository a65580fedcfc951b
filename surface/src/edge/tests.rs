//! The edge around real routes: what every answer carries, and how every failure is worded.

use std::sync::Arc;
use std::time::Duration;

use habeo_core::random::SeededRandom;
use habeo_core::time::SetClock;
use poem::http::StatusCode;
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
use crate::paging::{Listing, One, PageLimit, one};
use crate::problem::ApiResult;
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
    tokio::time::sleep(Duration::from_secs(60)).await;
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

#[handler]
async fn reads(body: String) -> String {
    body.len().to_string()
}

struct App {
    client: TestClient<poem::endpoint::BoxEndpoint<'static, Response>>,
    clock: Arc<SetClock>,
    authenticator: Arc<Authenticator>,
}

fn app_with(keys: KeySource, timeout: Duration) -> App {
    let clock = testing::clock();
    let directory = Arc::new(Directory::default());
    let authenticator = Arc::new(authenticator(keys, &clock, &directory));
    let api = OpenApiService::new(ThingsApi, "Things", "1");
    let document: Value = serde_json::from_str(&api.spec()).expect("a document");
    let routes = Route::new()
        .nest("/api/v1", conditional(api))
        .at("/slow", poem::get(slow))
        .at("/panics", poem::get(panics))
        .at("/fails", poem::get(fails))
        .at("/own", poem::get(own))
        .at("/reads", poem::post(reads))
        .data(authenticator.clone());
    let settings = Settings::new(
        clock.clone(),
        Arc::new(SeededRandom::new(1)),
        Arc::new(Catalogue::house()),
    )
    .routes(RouteTable::default().document(&document, "/api/v1"))
    .body_limit("/reads", 10)
    .https()
    .handler_timeout(timeout);
    let client = TestClient::new(edge(routes, settings).boxed());
    App {
        client,
        clock,
        authenticator,
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

#[tokio::test]
async fn every_answer_carries_the_headers() {
    let app = app();
    for path in ["/api/v1/things/7", "/nothing", "/panics", "/own"] {
        let response = app.client.get(path).send().await.0;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            (
                "permissions-policy",
                "camera=(self), microphone=(), geolocation=()",
            ),
            (
                "strict-transport-security",
                "max-age=63072000; includeSubDomains",
            ),
        ] {
            assert_eq!(response.header(name), Some(value), "{path}");
        }
        let id = response.header("x-request-id").expect("an id");
        assert_eq!(id.len(), 36, "{path}");
        let sets = path == "/own";
        let caching = if sets { "public" } else { "no-store" };
        assert_eq!(response.header("cache-control"), Some(caching));
        let policy = response.header("content-security-policy").expect("one");
        assert_eq!(policy.contains("'none'"), !sets, "{path}");
    }
}

#[tokio::test]
async fn an_id_is_echoed_only_if_it_is_plain() {
    let app = app();
    let long = "a".repeat(65);
    for (sent, echoed) in [
        ("A.b_c-9", true),
        ("a b", false),
        ("a\"", false),
        ("", false),
        (&long, false),
    ] {
        let request = app.client.get("/own").header("x-request-id", sent);
        let response = request.send().await.0;
        let id = response.header("x-request-id").expect("an id");
        assert_eq!(id == sent, echoed, "{sent}");
    }
}

#[tokio::test]
async fn failures_are_problems_in_our_words() {
    let app = app();
    problem(
        app.client.get("/nothing").send().await,
        404,
        "route_unknown",
    )
    .await;
    problem(
        app.client.get("/panics").send().await,
        500,
        "internal_error",
    )
    .await;
    problem(app.client.get("/fails").send().await, 500, "internal_error").await;
    let hasty = app_with(fixed_keys(), Duration::from_millis(20));
    let late = hasty.client.get("/slow").send().await;
    let (_, late) = problem(late, 503, "unavailable").await;
    assert_eq!(late.header("retry-after"), Some("1"));
    let path = app.client.get("/api/v1/things/many").send().await;
    let (body, _) = problem(path, 400, "parameter_invalid").await;
    assert_eq!(body["errors"][0]["field"], "number");
    assert!(!body.to_string().contains("many"), "{body}");
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let app = app();
    let request = app.client.delete("/api/v1/things").send().await;
    let (_, response) = problem(request, 405, "method_not_allowed").await;
    assert_eq!(response.header("allow"), Some("GET, HEAD, POST"));
    for method in ["TRACE", "CONNECT", "BREW"] {
        let method = Method::from_bytes(method.as_bytes()).expect("a token");
        let request = app.client.request(method, "/own").send().await;
        let (_, response) = problem(request, 405, "method_not_allowed").await;
        assert!(response.header("allow").is_some());
    }
}

#[tokio::test]
async fn bounds_of_the_head() {
    let app = app();
    let send = async |path: String, headers: Vec<(String, String)>| {
        let mut request = app.client.get(path);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        request.send().await
    };
    let none = Vec::new;
    problem(
        send(format!("/{}", "a".repeat(8_192)), none()).await,
        414,
        "uri_too_long",
    )
    .await;
    let many: Vec<String> = (0..33).map(|i| format!("a{i}=1")).collect();
    let many = format!("/own?{}", many.join("&"));
    problem(send(many, none()).await, 400, "invalid_request").await;
    let long = format!("/own?a={}", "1".repeat(1_024));
    problem(send(long, none()).await, 400, "invalid_request").await;
    let many = (0..65)
        .map(|i| (format!("x-h{i}"), "1".to_owned()))
        .collect();
    problem(
        send("/own".to_owned(), many).await,
        431,
        "headers_too_large",
    )
    .await;
    let large = vec![("x-h".to_owned(), "1".repeat(17_000))];
    problem(
        send("/own".to_owned(), large).await,
        431,
        "headers_too_large",
    )
    .await;
    let packed = vec![("content-encoding".to_owned(), "gzip".to_owned())];
    problem(
        send("/own".to_owned(), packed).await,
        415,
        "unsupported_media_type",
    )
    .await;
    let plain = vec![("content-encoding".to_owned(), "identity".to_owned())];
    assert_eq!(
        send("/own".to_owned(), plain).await.0.status(),
        StatusCode::OK
    );
}

#[tokio::test]
async fn bodies_are_bounded_declared_or_not() {
    let app = app();
    let read = app.client.post("/reads").body("0123456789").send().await;
    read.assert_text("10").await;
    let read = app.client.post("/reads").body("0123456789a").send().await;
    problem(read, 413, "payload_too_large").await;
    let declared = app.client.post("/reads").header("content-length", "11");
    problem(declared.send().await, 413, "payload_too_large").await;
    let declared = app.client.post("/reads").header("content-length", "-1");
    problem(declared.send().await, 400, "invalid_request").await;
    let other = app
        .client
        .post("/own")
        .body("x".repeat(257 * 1_024))
        .send()
        .await;
    problem(other, 413, "payload_too_large").await;
}

#[tokio::test]
async fn a_caller_sees_and_is_counted() {
    let app = app();
    let response = app.list("?limit=1&q=x").await.0;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.header("x-ratelimit-limit"), Some("100"));
    assert_eq!(response.header("x-ratelimit-remaining"), Some("99"));
    assert_eq!(response.header("ratelimit"), Some("\"sustained\";r=99;t=1"));
    assert_eq!(
        response.header("link"),
        Some("</api/v1/things?limit=1&q=x&cursor=c>; rel=\"next\"")
    );
    let tag = response.header("etag").expect("a tag").to_owned();
    // A known representation is free.
    let again = app
        .client
        .get("/api/v1/things?limit=1&q=x")
        .header("authorization", format!("bearer {}", token(json!({}))))
        .header("if-none-match", tag)
        .send()
        .await
        .0;
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(again.header("x-ratelimit-remaining"), Some("99"));
}

#[tokio::test]
async fn the_two_hundred_and_first_is_refused() {
    let app = app();
    for _ in 0..200 {
        app.list("").await.assert_status_is_ok();
    }
    let (_, response) = problem(app.list("").await, 429, "rate_limited").await;
    assert_eq!(response.header("retry-after"), Some("1"));
    assert_eq!(response.header("x-ratelimit-remaining"), Some("0"));
    assert_eq!(
        response.header("x-ratelimit-reset"),
        Some((NOW + 120).to_string().as_str())
    );
    // A new token of the same session shares the bucket; another session does not.
    let bearer = |changes: Value| format!("Bearer {}", token(changes));
    let same = app
        .client
        .get("/api/v1/things")
        .header("authorization", bearer(json!({"jti": "k"})));
    problem(same.send().await, 429, "rate_limited").await;
    let other = app
        .client
        .get("/api/v1/things")
        .header("authorization", bearer(json!({"sid": "s2"})));
    other.send().await.assert_status_is_ok();
    app.clock.advance_micros(600_000);
    app.list("").await.assert_status_is_ok();
}

#[tokio::test]
async fn parameters_are_checked_after_the_caller() {
    let app = app();
    let (body, _) = problem(app.list("?limt=1").await, 400, "unknown_parameter").await;
    assert_eq!(body["errors"][0]["field"], "limt");
    for limit in ["0", "101", "x", ""] {
        let response = app.list(&format!("?limit={limit}")).await;
        let (body, response) = problem(response, 400, "parameter_invalid").await;
        assert_eq!(body["errors"][0]["field"], "limit");
        assert!(response.header("x-ratelimit-limit").is_some());
    }
    let anonymous = app.client.get("/api/v1/things?limt=1").send().await;
    problem(anonymous, 401, "unauthenticated").await;
    let open = app.client.get("/api/v1/things/7?x=1").send().await;
    problem(open, 400, "unknown_parameter").await;
}

#[tokio::test]
async fn every_bad_token_gets_the_same_answer() {
    let app = app();
    let good = token(json!({}));
    let stranger = signers()[2].sign(&token_header(), &testing::claims());
    app.authenticator.revoke("sess_revoked");
    let bad: Vec<Vec<String>> = vec![
        vec![],
        vec![String::new()],
        vec!["Bearer".to_owned()],
        vec![format!("Basic {good}")],
        vec![format!("Bearer {good}"), format!("Bearer {good}")],
        vec![format!("Bearer {stranger}")],
        vec![format!("Bearer {}", token(json!({"exp": NOW - 60})))],
        vec![format!("Bearer {}", token(json!({"sid": "sess_revoked"})))],
    ];
    let mut bodies = Vec::new();
    for values in bad {
        let mut request = app.client.get("/api/v1/things");
        for value in values {
            request = request.header("authorization", value);
        }
        let request = request.header("x-request-id", "same");
        let (body, response) = problem(request.send().await, 401, "unauthenticated").await;
        assert_eq!(response.header("www-authenticate"), Some("Bearer"));
        bodies.push(body);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1);
    // Thirty a minute from one address, then patience; good tokens from there still work.
    for _ in 0..22 {
        let request = app.client.get("/api/v1/things").send().await;
        request.assert_status(StatusCode::UNAUTHORIZED);
    }
    let refused = app.client.get("/api/v1/things").send().await;
    let (_, response) = problem(refused, 429, "rate_limited").await;
    assert!(response.header("retry-after").is_some());
    app.list("").await.assert_status_is_ok();
}

#[tokio::test]
async fn good_tokens_can_still_be_refused() {
    let app = app();
    let cases = [
        (json!({"sts": "pending"}), "session_pending"),
        (json!({"o": null}), "no_active_organization"),
        (json!({"o": {"id": "org_unknown"}}), "organization_unknown"),
        (json!({"sub": "user_left"}), "membership_required"),
    ];
    for (changes, code) in cases {
        let bearer = format!("Bearer {}", token(changes));
        let request = app
            .client
            .get("/api/v1/things")
            .header("authorization", bearer);
        let (_, response) = problem(request.send().await, 403, code).await;
        assert!(response.header("x-ratelimit-limit").is_some(), "{code}");
    }
}

#[tokio::test]
async fn who_acts_for_another_only_reads() {
    let app = app();
    let bearer = format!("Bearer {}", token(json!({"act": {"sub": "user_support"}})));
    let read = app
        .client
        .get("/api/v1/things")
        .header("authorization", &bearer);
    read.send().await.assert_status_is_ok();
    let write = app
        .client
        .post("/api/v1/things")
        .header("authorization", &bearer)
        .body_json(&json!({"name": "a"}));
    problem(write.send().await, 403, "forbidden").await;
}

#[tokio::test]
async fn bodies_are_strict() {
    let app = app();
    let post = async |media_type: &str, body: &'static str| {
        app.client
            .post("/api/v1/things")
            .header("authorization", format!("Bearer {}", token(json!({}))))
            .content_type(media_type)
            .body(body)
            .send()
            .await
    };
    let good = post("application/json", r#"{"name":"a"}"#).await;
    good.assert_json(json!({"data": "a"})).await;
    let (body, _) = problem(
        post("application/json", r#"{"nam":"a"}"#).await,
        422,
        "body_invalid",
    )
    .await;
    assert_eq!(
        body["errors"],
        json!([{"field": "name", "code": "required", "message": "is required"}])
    );
    problem(post("application/json", "{").await, 400, "body_invalid").await;
    problem(
        post("text/plain", "{}").await,
        415,
        "unsupported_media_type",
    )
    .await;
}

#[tokio::test]
async fn an_issuer_that_was_never_reached_is_not_the_callers_fault() {
    let server = KeyServer::start(None).await;
    let app = app_with(server.keys.clone(), HANDLER_TIMEOUT);
    let (_, response) = problem(app.list("").await, 503, "auth_unavailable").await;
    assert_eq!(response.header("retry-after"), Some("1"));
}
