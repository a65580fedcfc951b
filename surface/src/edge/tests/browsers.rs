//! Scripts of other origins, and answers that travel compressed.

use std::io::Read;

use flate2::read::GzDecoder;

use super::*;

const PAGE: &str = "https://app.example";

fn vary(response: &Response) -> Vec<&str> {
    let lines = response.headers().get_all("vary").iter();
    let mut names: Vec<&str> = lines.filter_map(|line| line.to_str().ok()).collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn a_preflight_is_answered_before_anybody_is_asked_who_they_are() {
    let app = app();
    let ask = async |origin: &str, asks: bool| {
        let mut request = app.client.request(Method::OPTIONS, "/api/v1/things");
        request = request.header("origin", origin);
        if asks {
            request = request.header("access-control-request-method", "POST");
        }
        request.send().await
    };
    let leave = ask(PAGE, true).await.0;
    assert_eq!(leave.status(), StatusCode::NO_CONTENT);
    assert_eq!(leave.header("access-control-allow-origin"), Some(PAGE));
    assert!(
        leave
            .header("access-control-allow-headers")
            .is_some_and(|names| names.contains("authorization"))
    );
    assert_eq!(leave.header("access-control-allow-credentials"), None);
    assert_eq!(leave.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(vary(&leave), ["Origin"]);
    // To whoever is not on the list it is a method that the path does not have.
    for (origin, asks) in [
        ("https://app.example.evil", true),
        ("null", true),
        ("*", true),
        (PAGE, false),
    ] {
        let refused = ask(origin, asks).await;
        let (_, refused) = problem(refused, 405, "method_not_allowed").await;
        let named = refused.header("access-control-allow-origin");
        assert_eq!(named.is_some(), origin == PAGE, "{origin}");
    }
}

#[tokio::test]
async fn only_pages_of_the_list_may_read() {
    let app = app();
    for (origins, named) in [
        (&[PAGE][..], Some(PAGE)),
        (&["https://else.example"], None),
        (&[PAGE, PAGE], None),
        (&[], None),
    ] {
        let mut request = app.client.get("/api/v1/things");
        for origin in origins {
            request = request.header("origin", *origin);
        }
        // Refusals too, or a script could not tell why.
        let (_, response) = problem(request.send().await, 401, "unauthenticated").await;
        assert_eq!(
            response.header("access-control-allow-origin"),
            named,
            "{origins:?}"
        );
        assert_eq!(
            response.header("access-control-expose-headers").is_some(),
            named.is_some()
        );
        assert!(vary(&response).contains(&"Origin"));
    }
}

async fn list(app: &App, words: usize, headers: &[(&str, &str)]) -> Response {
    let q = "w".repeat(words);
    let mut request = app
        .client
        .get(format!("/api/v1/things?q={q}"))
        .header("authorization", format!("Bearer {}", token(json!({}))));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.0
}

#[tokio::test]
async fn json_of_some_size_is_compressed_for_those_who_take_it() {
    let app = app();
    let plain = list(&app, 1_000, &[]).await;
    assert_eq!(plain.header("content-encoding"), None);
    let tag = plain.header("etag").expect("a tag").to_owned();
    assert_eq!(vary(&plain), ["Accept", "Accept-Encoding", "Origin"]);
    let plain = plain.into_body().into_vec().await.expect("a body");
    let packed = list(&app, 1_000, &[("accept-encoding", "br, gzip")]).await;
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert_eq!(vary(&packed), ["Accept", "Accept-Encoding", "Origin"]);
    let weak = packed.header("etag").expect("a tag").to_owned();
    assert_eq!(weak, format!("W/{tag}"));
    let packed = packed.into_body().into_vec().await.expect("a body");
    assert!(packed.len() < plain.len() / 2);
    let mut inflated = Vec::new();
    GzDecoder::new(&*packed)
        .read_to_end(&mut inflated)
        .expect("gzip");
    assert_eq!(inflated, plain);
    // Either tag is known again, whatever the client takes now.
    for known in [&tag, &weak] {
        for coding in ["gzip", "identity"] {
            let again = list(
                &app,
                1_000,
                &[("accept-encoding", coding), ("if-none-match", known)],
            )
            .await;
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
            assert!(vary(&again).contains(&"Accept-Encoding"));
            assert!(again.into_body().is_empty());
        }
    }
    for (words, coding) in [(1_000, "gzip;q=0"), (1_000, "br"), (10, "gzip")] {
        let left = list(&app, words, &[("accept-encoding", coding)]).await;
        assert_eq!(left.header("content-encoding"), None, "{words} {coding}");
        assert!(left.header("etag").is_some_and(|tag| tag.starts_with('"')));
    }
}

/// Files of the reference are compressed already and say so once.
#[tokio::test]
async fn what_is_compressed_already_is_left_alone() {
    let app = app();
    let request = app
        .client
        .get("/api/v1/openapi.json")
        .header("accept-encoding", "gzip");
    let response = request.send().await.0;
    assert_eq!(response.header("content-encoding"), Some("gzip"));
    assert_eq!(vary(&response), ["Accept-Encoding", "Origin"]);
    let packed = response.into_body().into_vec().await.expect("a body");
    let mut inflated = Vec::new();
    GzDecoder::new(&*packed)
        .read_to_end(&mut inflated)
        .expect("gzip once");
    assert_eq!(inflated.first(), Some(&b'{'));
}
