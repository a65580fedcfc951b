//! Bodies that are taken, and the words in which others are refused.

use super::*;
use poem_openapi::Object;

#[derive(Debug, Object)]
#[oai(deny_unknown_fields, rename_all = "camelCase")]
struct RegisterBody {
    #[oai(validator(max_length = 10))]
    push_token: String,
    count: u8,
    label: Option<String>,
    inner: Option<Inner>,
}

#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
struct Inner {
    on: bool,
    names: Option<Vec<String>>,
}

fn refused(body: &str) -> Problem {
    parse::<RegisterBody>(body.as_bytes()).expect_err("a refusal")
}

#[test]
fn a_good_body_is_taken() {
    let body = r#"{"count":1,"pushToken":"abc","inner":{"on":true}}"#;
    let parsed: RegisterBody = parse(body.as_bytes()).expect("a good body");
    assert_eq!((parsed.push_token.as_str(), parsed.count), ("abc", 1));
}

#[test]
fn every_fault_names_its_field_and_no_value() {
    let cases = [
        (r#"{"count":1}"#, "pushToken", "required"),
        (r#"{"pushToken":"abc"}"#, "count", "required"),
        (r#"{"pushToken":7331,"count":1}"#, "pushToken", "invalid"),
        (r#"{"pushToken":null,"count":1}"#, "pushToken", "invalid"),
        (r#"{"pushToken":"abc","count":7331}"#, "count", "invalid"),
        (r#"{"pushToken":"abc","count":1.5}"#, "count", "invalid"),
        (
            r#"{"pushToken":"7331-7331-7331","count":1}"#,
            "pushToken",
            "out_of_bounds",
        ),
        (
            r#"{"pushToken":"abc","count":1,"label":[7331]}"#,
            "label",
            "invalid",
        ),
        (
            r#"{"pushToken":"abc","count":1,"inner":{"off":7331}}"#,
            "inner",
            "invalid",
        ),
        (
            r#"{"pushToken":"abc","count":1,"inner":{"on":true,"x":7331}}"#,
            "inner",
            "invalid",
        ),
        (
            r#"{"pushToken":"abc","count":1,"extra":7331}"#,
            "extra",
            "unknown",
        ),
        (r#"{"extra":7331,"pushToken":"abc"}"#, "count", "required"),
    ];
    for (body, field, code) in cases {
        let problem = refused(body);
        assert_eq!(
            problem.status_code(),
            StatusCode::UNPROCESSABLE_ENTITY,
            "{body}"
        );
        assert_eq!(problem.code(), "body_invalid");
        let fault = &problem.errors()[0];
        assert_eq!((fault.field.as_str(), fault.code), (field, code), "{body}");
        assert!(!format!("{problem:?}").contains("7331"), "{problem:?}");
    }
}

#[test]
fn what_is_no_object_is_malformed() {
    for body in ["", "null", "[]", "7", "{\"a\":1,\"a\":1}"] {
        let problem = refused(body);
        assert_eq!(problem.status_code(), StatusCode::BAD_REQUEST, "{body}");
        assert_eq!(problem.code(), "body_invalid");
    }
}

#[test]
fn one_media_type_is_taken() {
    for good in [
        "application/json",
        "Application/JSON; charset=UTF-8",
        "application/json;charset=\"utf-8\"",
    ] {
        assert!(is_json(good), "{good}");
    }
    for bad in [
        "",
        "text/json",
        "application/merge-patch+json",
        "application/json; charset=latin1",
        "application/jsonx",
    ] {
        assert!(!is_json(bad), "{bad}");
    }
}
