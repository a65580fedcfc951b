//! What every answer carries, and how every failure is worded.

use super::*;

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
    let pages = reference::paths("/api/v1").map(|path| path.replace("{file}", "init.js"));
    for page in pages.chain(["/own".to_owned()]) {
        let request = app.client.post(&page).send().await;
        let (_, response) = problem(request, 405, "method_not_allowed").await;
        assert_eq!(response.header("allow"), Some("GET, HEAD"), "{page}");
    }
    // Not in the table, so that nothing better is known.
    let request = app.client.put("/reads").send().await;
    let (_, response) = problem(request, 405, "method_not_allowed").await;
    assert_eq!(response.headers().get("allow"), Some(&all_methods()));
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
async fn a_page_is_found_whatever_its_query() {
    let app = app();
    for page in ["/own", "/api/v1/docs", "/api/v1/openapi.json"] {
        let linked = app.client.get(format!("{page}?from=mail&from=mail"));
        linked.send().await.assert_status_is_ok();
    }
}

/// Every header that the document promises for an answer is on it.
fn keeps_the_promise(document: &Value, operation: &str, response: &Response) {
    let status = response.status();
    let promised =
        &document["paths"].pointer(operation).expect("an operation")["responses"][status.as_str()];
    let promised = match promised["$ref"].as_str() {
        Some(reference) => document.pointer(&reference[1..]).expect("a component"),
        None => promised,
    };
    let headers = promised["headers"].as_object();
    let headers = headers.unwrap_or_else(|| panic!("{operation} does not document {status}"));
    // The last page has no link to a next one.
    for name in headers.keys().filter(|name| *name != "Link") {
        let sent = response.headers().contains_key(name.as_str());
        assert!(sent, "{operation}: {status} without {name}");
    }
}

#[tokio::test]
async fn the_document_describes_what_is_answered() {
    let app = app();
    let (list, create) = ("/~1api~1v1~1things/get", "/~1api~1v1~1things/post");
    let get = "/~1api~1v1~1things~1{number}/get";
    let bearer = format!("Bearer {}", token(json!({})));
    let pending = format!("Bearer {}", token(json!({"sts": "pending"})));
    let things = "/api/v1/things";
    let large = "x".repeat(257 * 1_024);
    let long = "x".repeat(8_192);
    let wide = "x".repeat(17_000);
    let client = &app.client;
    let post = |media_type: &str| {
        client
            .post(things)
            .content_type(media_type)
            .header("authorization", &bearer)
    };
    let as_caller = || client.get(things).header("authorization", &bearer);
    let json = "application/json";
    let cases = [
        (200, list, as_caller()),
        (200, create, post(json).body(r#"{"name":"a"}"#)),
        (200, get, client.get("/api/v1/things/7")),
        (400, list, as_caller().query("limit", &"x")),
        (400, get, client.get("/api/v1/things/many")),
        (401, list, client.get(things)),
        (
            403,
            list,
            client.get(things).header("authorization", &pending),
        ),
        (405, list, client.delete(things)),
        (413, list, as_caller().body(large.clone())),
        (413, create, post(json).body(large)),
        (414, list, as_caller().query("q", &long)),
        (415, list, as_caller().header("content-encoding", "gzip")),
        (415, create, post("text/plain").body("{}")),
        (422, create, post(json).body("{}")),
        (431, list, as_caller().header("x-wide", &wide)),
    ];
    for (status, operation, request) in cases {
        let response = request.send().await.0;
        assert_eq!(response.status().as_u16(), status, "{operation}");
        keeps_the_promise(&app.document, operation, &response);
    }
    for _ in 0..200 {
        as_caller().send().await;
    }
    let refused = as_caller().send().await.0;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    keeps_the_promise(&app.document, list, &refused);
    let server = KeyServer::start(None).await;
    let app = app_with(server.keys.clone(), HANDLER_TIMEOUT);
    let unavailable = app.list("").await.0;
    assert_eq!(unavailable.status(), StatusCode::SERVICE_UNAVAILABLE);
    keeps_the_promise(&app.document, list, &unavailable);
}
