//! How refusals and failures look from outside.

use super::*;
use habeo_core::session;
use habeo_core::store::StoreError;

async fn body(problem: &Problem) -> serde_json::Value {
    let response = problem.render(Spelling::Problem, &Catalogue::house(), "r-1");
    assert_eq!(response.content_type(), Some(PROBLEM_MEDIA_TYPE));
    response.into_body().into_json().await.expect("JSON")
}

#[tokio::test]
async fn a_refusal_is_shown_as_it_is_written() {
    let problem = Problem::from(session::Refusal::NotAMember);
    assert_eq!(
        body(&problem).await,
        serde_json::json!({
            "type": "/api/v1/problems#membership_required",
            "title": "Membership required",
            "status": 403,
            "code": "membership_required",
            "detail": "you are not an active member of this organization",
            "requestId": "r-1",
        })
    );
}

#[tokio::test]
async fn a_failure_of_ours_is_kept_for_the_log() {
    let error = session::Refusal::Store(StoreError::Inconsistent {
        table: "asset",
        what: "secret of the trade".to_owned(),
    });
    let problem = Problem::from(error);
    let shown = body(&problem).await;
    assert_eq!(shown["status"], 500);
    assert!(!shown.to_string().contains("asset"), "{shown}");
    assert!(
        problem
            .cause()
            .is_some_and(|cause| cause.contains("secret of the trade"))
    );
}

#[test]
fn what_passes_says_when_to_come_back() {
    let response =
        Problem::from(StoreError::Busy).render(Spelling::Problem, &Catalogue::house(), "r");
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.header("retry-after"), Some("1"));
}

#[test]
fn unauthenticated_answers_name_the_scheme() {
    let response = Problem::new(&catalogue::UNAUTHENTICATED).render(
        Spelling::Problem,
        &Catalogue::house(),
        "r",
    );
    assert_eq!(response.header("www-authenticate"), Some("Bearer"));
}

#[test]
#[cfg(debug_assertions)]
#[should_panic(expected = "not in the catalogue")]
fn a_code_outside_the_catalogue_cannot_be_missed() {
    let entry = Entry {
        code: "made_up",
        ..catalogue::FORBIDDEN
    };
    let _ = Problem::new(&entry).render(Spelling::Problem, &Catalogue::house(), "r");
}
