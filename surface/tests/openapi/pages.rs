//! The sample through its routes: the edge, the document and the reference, as a client sees them.

use habeo_surface::catalogue::Catalogue;
use poem::http::{Method, StatusCode, header};
use poem::test::{TestClient, TestResponse};

use crate::sample;

async fn get(path: &str, headers: &[(&str, &str)]) -> TestResponse {
    let client = TestClient::new(sample::app());
    let request = client.get(path).header("Authorization", "Bearer x");
    headers
        .iter()
        .fold(request, |request, (name, value)| {
            request.header(*name, *value)
        })
        .send()
        .await
}

fn header_of(response: &TestResponse, name: header::HeaderName) -> &str {
    response
        .0
        .headers()
        .get(name)
        .map_or("", |value| value.to_str().unwrap_or_default())
}

#[test]
fn the_table_finds_operations_as_the_router_does() {
    let table = sample::table();
    let found = |method: Method, path: &str| table.find(path)?.operation(&method)?.id();
    assert_eq!(found(Method::GET, "/api/v1/assets"), Some("listAssets"));
    assert_eq!(found(Method::HEAD, "/api/v1/assets"), Some("listAssets"));
    assert_eq!(found(Method::GET, "/api/v1/assets/x%2Fy"), Some("getAsset"));
    assert_eq!(found(Method::DELETE, "/api/v1/assets"), None);
    assert_eq!(found(Method::GET, "/api/v1/assets/"), None);
    assert_eq!(found(Method::GET, "/api/v1/assets/x/y/z"), None);
    let list = table.find("/api/v1/assets").unwrap();
    assert_eq!(list.allow().unwrap(), "GET, HEAD, POST");
    assert!(table.find("/api/v1/nothing").is_none());
    let list = list.operation(&Method::GET).unwrap();
    assert_eq!(
        list.query_names().collect::<Vec<_>>(),
        ["cursor", "limit", "state"]
    );
    let documented = table
        .operations()
        .filter(|(_, _, operation)| operation.id().is_some());
    assert_eq!(documented.count(), 7);
}

#[tokio::test]
async fn known_parameters_pass_and_lists_may_repeat() {
    for query in [
        "",
        "?limit=5",
        "?limit=5&cursor=10",
        "?state=assigned&state=in_stock",
        "?",
    ] {
        get(&format!("/api/v1/assets{query}"), &[])
            .await
            .assert_status_is_ok();
    }
}

#[tokio::test]
async fn unknown_and_repeated_parameters_are_refused_by_name() {
    let cases = [
        (
            "?limt=5",
            "there is no query parameter `limt` here; this operation takes cursor, limit, state",
        ),
        (
            "?limit=5&limit=6",
            "the parameter `limit` is given more than once and takes one value",
        ),
    ];
    for (query, detail) in cases {
        let response = get(&format!("/api/v1/assets{query}"), &[]).await;
        response.assert_status(StatusCode::BAD_REQUEST);
        let body: serde_json::Value = response.0.into_body().into_json().await.unwrap();
        assert_eq!(body["detail"], detail);
    }
}

#[tokio::test]
async fn the_document_is_served_with_a_tag_beside_the_nested_service() {
    let response = get("/api/v1/openapi.json", &[]).await;
    response.assert_status_is_ok();
    response.assert_header("content-type", "application/json");
    response.assert_header("cache-control", "public, max-age=300");
    let tag = header_of(&response, header::ETAG).to_owned();
    assert_eq!(tag, sample::document().etag());
    assert_eq!(
        response.0.into_body().into_bytes().await.unwrap(),
        *sample::document().json()
    );

    for known in [tag.clone(), format!("\"other\", W/{tag}"), "*".into()] {
        let response = get("/api/v1/openapi.json", &[("If-None-Match", &known)]).await;
        response.assert_status(StatusCode::NOT_MODIFIED);
        response.assert_header("etag", &tag);
    }
    get("/api/v1/openapi.json", &[("If-None-Match", "\"other\"")])
        .await
        .assert_status_is_ok();
}

#[tokio::test]
async fn head_has_the_headers_and_no_body() {
    let client = TestClient::new(sample::app());
    let response = client.head("/api/v1/openapi.json").send().await;
    response.assert_status_is_ok();
    response.assert_header("content-length", sample::document().json().len());
    assert!(response.0.into_body().into_vec().await.unwrap().is_empty());
    let response = client.post("/api/v1/openapi.json").send().await;
    response.assert_status(StatusCode::METHOD_NOT_ALLOWED);
    response.assert_header("allow", "GET, HEAD");
}

#[tokio::test]
async fn the_reference_has_no_inline_code_and_its_files_are_kept_for_ever() {
    let response = get("/api/v1/docs", &[]).await;
    response.assert_header("content-type", "text/html; charset=utf-8");
    let policy = header_of(&response, header::CONTENT_SECURITY_POLICY).to_owned();
    assert!(
        policy.contains("script-src 'self';")
            && policy.ends_with("trusted-types default dompurify"),
        "{policy}"
    );
    let page = response.0.into_body().into_string().await.unwrap();
    assert!(
        !page.contains('{') && !page.contains("style=") && !page.contains("onclick"),
        "{page}"
    );

    let files: Vec<_> = page
        .split('"')
        .filter(|text| text.starts_with("/api/v1/docs/"))
        .collect();
    assert_eq!(files.len(), 5);
    for file in files {
        let zipped = get(file, &[("Accept-Encoding", "gzip, br")]).await;
        zipped.assert_status_is_ok();
        zipped.assert_header("content-encoding", "gzip");
        zipped.assert_header("vary", "Accept-Encoding");
        zipped.assert_header("cache-control", "public, max-age=31536000, immutable");
        let plain = get(file, &[("Accept-Encoding", "gzip;q=0, identity")]).await;
        assert_eq!(header_of(&plain, header::CONTENT_ENCODING), "");
        assert_ne!(
            header_of(&plain, header::ETAG),
            header_of(&zipped, header::ETAG)
        );
        let (zipped, plain) = (
            zipped.0.into_body().into_vec().await.unwrap(),
            plain.0.into_body().into_vec().await.unwrap(),
        );
        assert!(
            zipped.starts_with(&[0x1f, 0x8b]) && std::str::from_utf8(&plain).is_ok(),
            "{file}"
        );
    }
    get("/api/v1/docs/0-init.js", &[])
        .await
        .assert_status(StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn every_problem_code_has_its_anchor() {
    let page = get("/api/v1/problems", &[])
        .await
        .0
        .into_body()
        .into_string()
        .await
        .unwrap();
    for entry in Catalogue::complete().entries() {
        assert!(page.contains(&format!("id=\"{}\"", entry.code)), "{page}");
    }
}
