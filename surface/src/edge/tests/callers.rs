//! Who is let in, and what they are told otherwise.

use super::*;

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
    for query in ["?limt=1", "?limit=1&limit=2"] {
        let anonymous = app.client.get(format!("/api/v1/things{query}"));
        problem(anonymous.send().await, 401, "unauthenticated").await;
    }
    let open = app.client.get("/api/v1/things/7?x=1").send().await;
    problem(open, 400, "unknown_parameter").await;
}

#[tokio::test]
async fn unknown_and_repeated_parameters_are_refused_by_name() {
    let app = app();
    let long = "x".repeat(500);
    let cut = format!("{}…", "x".repeat(64));
    let takes = "this operation takes limit, q";
    let cases = [
        (
            "limt=5",
            "unknown_parameter",
            "limt",
            format!("there is no query parameter `limt` here; {takes}"),
        ),
        (
            "limit=5&limit=6",
            "parameter_invalid",
            "limit",
            "the parameter `limit` is given more than once and takes one value".to_owned(),
        ),
        (
            "%22%0A=1",
            "unknown_parameter",
            r#"\"\n"#,
            format!(r#"there is no query parameter `\"\n` here; {takes}"#),
        ),
        (
            &long,
            "unknown_parameter",
            &cut,
            format!("there is no query parameter `{cut}` here; {takes}"),
        ),
    ];
    for (query, code, field, detail) in cases {
        let response = app.list(&format!("?{query}")).await;
        let (body, _) = problem(response, 400, code).await;
        assert_eq!(body["errors"][0]["field"], field);
        assert_eq!(body["detail"], detail);
    }
    let open = app.client.get(format!("/api/v1/things/7?{long}"));
    let (body, _) = problem(open.send().await, 400, "unknown_parameter").await;
    let detail = body["detail"].as_str().expect("words");
    assert!(
        detail.len() < 200 && detail.ends_with("` here; this operation takes none"),
        "{detail}"
    );
    for query in ["", "?", "?&", "?limit=5&q=a"] {
        app.list(query).await.assert_status_is_ok();
    }
}

#[tokio::test]
async fn every_bad_token_gets_the_same_answer() {
    let app = app();
    let good = token(json!({}));
    let stranger = signers()[2].sign(&token_header(), &testing::claims());
    app.authenticator
        .end(&habeo_core::session::ended::Ended::Session {
            issuer: testing::ISSUER,
            session_id: "sess_revoked",
        });
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

/// A subscriber's writer that keeps everything.
#[derive(Clone, Default)]
struct Kept(Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("the log").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_names_the_caller_and_no_secret() {
    let kept = Kept::default();
    let writer = kept.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_writer(move || writer.clone())
        .finish();
    // For the whole process: with a subscriber of one thread, what other threads log first is decided without it.
    tracing::subscriber::set_global_default(subscriber).expect("the only subscriber");
    let app = app();
    let send = async |path: &str, token: &str| {
        let request = app.client.get(path).header("x-request-id", "logged");
        let request = request.header("authorization", format!("Bearer {token}"));
        request.send().await.0.status()
    };
    let good = send("/api/v1/things?q=private", &token(json!({}))).await;
    assert_eq!(good, StatusCode::OK);
    let expired = token(json!({"exp": NOW - 60}));
    let bad = send("/api/v1/things", &expired).await;
    assert_eq!(bad, StatusCode::UNAUTHORIZED);
    assert_eq!(send("/api/v1/things/77", "x").await, StatusCode::OK);
    let log = String::from_utf8(kept.0.lock().expect("the log").clone()).expect("UTF-8");
    let ours: Vec<&str> = log.lines().filter(|line| line.contains("logged")).collect();
    let log = ours.join("\n");
    for part in [
        r#""route":"/api/v1/things""#,
        r#""route":"/api/v1/things/{number}""#,
        r#""status":200"#,
        r#""reason":"token-expired""#,
        r#""code":"unauthenticated""#,
        r#""org.id":"00000000-0000-0000-0000-000000000001""#,
        r#""duration_ms":"#,
    ] {
        assert!(log.contains(part), "{part} is not in {log}");
    }
    for secret in ["private", "Bearer", "eyJ", "/77"] {
        assert!(!log.contains(secret), "{secret} is in {log}");
    }
}
