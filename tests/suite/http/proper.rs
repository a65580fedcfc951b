//! What every answer has to be, whatever was asked.

use std::sync::LazyLock;

use habeo_surface::catalogue::Catalogue;
use habeo_tests::app::Answer;
use serde_json::Value;

use super::operations::Operation;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(Catalogue::complete);

/// Words that only our own insides have.
const INSIDES: [&str; 26] = [
    "sqlx",
    "sqlite",
    "postgres",
    "SELECT ",
    "INSERT ",
    "relation \"",
    "syntax error",
    "param0",
    "Option<",
    "alloc::",
    "core::",
    "std::",
    "String",
    "uuid::",
    "u64",
    "i64",
    "usize",
    "serde",
    "poem",
    "panicked",
    ".rs:",
    "src/",
    "/work",
    "/home",
    "/root",
    "fts5",
];

/// Holds an answer against the rules, and a refusal against the document.
#[track_caller]
pub fn assert_proper(answer: &Answer, operation: Option<&Operation>, what: &str) {
    let status = answer.status.as_u16();
    assert!(status < 500, "{what}: {status} {}", answer.text());
    assert_headers(answer, what);
    if let Some(operation) = operation {
        assert!(
            operation.statuses.contains(&status),
            "{what}: {} does not declare {status}: {}",
            operation.id,
            answer.text()
        );
    }
    if status >= 400 {
        assert_problem(answer, what);
    }
}

#[track_caller]
fn assert_headers(answer: &Answer, what: &str) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        (
            "permissions-policy",
            "camera=(self), microphone=(), geolocation=()",
        ),
        ("cache-control", "no-store"),
        (
            "content-security-policy",
            "default-src 'none'; frame-ancestors 'none'",
        ),
    ] {
        assert_eq!(answer.header(name), Some(value), "{what}: {name}");
    }
    let id = answer.header("x-request-id").expect("a request id");
    assert!((1..=64).contains(&id.len()), "{what}: {id}");
    assert_eq!(answer.header("server"), None, "{what}");
}

/// A problem document of the catalogue without a word of our insides.
#[track_caller]
pub fn assert_problem(answer: &Answer, what: &str) {
    let status = answer.status.as_u16();
    let body = answer.json();
    let text = answer.text();
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json"),
        "{what}: {text}"
    );
    assert_eq!(body["status"], status, "{what}: {text}");
    assert_eq!(
        body["requestId"].as_str(),
        answer.header("x-request-id"),
        "{what}: {text}"
    );
    let code = body["code"].as_str().unwrap_or_default();
    let entry = CATALOGUE.entries().find(|entry| entry.code == code);
    let entry = entry.unwrap_or_else(|| panic!("{what}: `{code}` is not in the catalogue"));
    assert_eq!(body["title"], entry.title, "{what}");
    assert_eq!(body["type"], format!("/api/v1/problems#{code}"), "{what}");
    for fault in body["errors"].as_array().into_iter().flatten() {
        assert!(
            fault["field"].is_string() && fault["code"].is_string() && fault["message"].is_string(),
            "{what}: {text}"
        );
    }
    for inside in INSIDES {
        assert!(
            !words_of(&body).contains(inside),
            "{what}: {inside} in {text}"
        );
    }
    match status {
        401 => assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{what}"),
        405 => assert!(answer.header("allow").is_some(), "{what}: no Allow"),
        429 | 503 => assert!(
            answer.header("retry-after").is_some(),
            "{what}: no Retry-After"
        ),
        _ => {}
    }
}

/// What a problem says in our own words; the request's id is the caller's to choose.
fn words_of(body: &Value) -> String {
    let mut body = body.clone();
    if let Some(members) = body.as_object_mut() {
        members.remove("requestId");
    }
    body.to_string()
}
