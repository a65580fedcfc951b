//! What of an answer is read: bounds, `Retry-After`, bodies that are left as they came.

use std::time::Duration;

use super::receiver::{Receiver, Way};
use super::{NOW, egress, org, to};
use crate::error::EgressError;
use crate::{
    ANSWER_BYTES_DEFAULT, ANSWER_BYTES_MAX, Answer, RETRY_AFTER_MAX, Request, retry_after,
};

async fn ask(way: Way, shaped: impl FnOnce(Request) -> Request) -> Result<Answer, EgressError> {
    let receiver = Receiver::start(way).await;
    let egress = egress(&[receiver.address]);
    let request = egress.get(org(1), &to(&egress, receiver.address, "/"));
    shaped(request).send().await
}

#[tokio::test]
async fn an_answer_is_read_up_to_its_bound() {
    let body = vec![b'a'; ANSWER_BYTES_DEFAULT];
    let answer = ask(Way::answer("200 OK", "", &body), |r| r)
        .await
        .expect("an answer");
    assert_eq!(
        (answer.body.len(), answer.cut),
        (ANSWER_BYTES_DEFAULT, false)
    );

    let longer = vec![b'a'; ANSWER_BYTES_DEFAULT + 1];
    let error = ask(Way::answer("200 OK", "", &longer), |r| r).await;
    assert_eq!(
        error.expect_err("too large"),
        EgressError::TooLarge(ANSWER_BYTES_DEFAULT)
    );

    let answer = ask(Way::answer("200 OK", "", &longer), |r| {
        r.answer_bytes_max(70_000)
    })
    .await;
    assert_eq!(answer.expect("an answer").body.len(), longer.len());

    let answer = ask(
        Way::answer("503 Busy", "", &longer),
        Request::cut_long_answer,
    )
    .await;
    let answer = answer.expect("an answer");
    assert_eq!(
        (answer.status, answer.body.len(), answer.cut),
        (503, ANSWER_BYTES_DEFAULT, true)
    );
}

#[tokio::test]
async fn no_bound_is_higher_than_the_highest() {
    let way = Way::answer("200 OK", "", &vec![b'a'; ANSWER_BYTES_MAX + 1]);
    let error = ask(way, |r| r.answer_bytes_max(usize::MAX)).await;
    assert_eq!(
        error.expect_err("too large"),
        EgressError::TooLarge(ANSWER_BYTES_MAX)
    );
}

#[tokio::test]
async fn an_endless_answer_ends_at_the_bound() {
    let error = ask(Way::Endless, |r| r).await.expect_err("too large");
    assert!(matches!(error, EgressError::TooLarge(_)));
    assert!(error.may_have_arrived());
    let answer = ask(Way::Endless, Request::cut_long_answer)
        .await
        .expect("an answer");
    assert_eq!(
        (answer.body.len(), answer.cut),
        (ANSWER_BYTES_DEFAULT, true)
    );
}

#[tokio::test]
async fn compressed_bodies_are_not_inflated() {
    let gzip = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x48\xcd\xc9\xc9\x07\x00\x86\xa6\x10\x36\x05\x00\x00\x00";
    for coding in ["gzip", "br", "zstd", "deflate"] {
        let way = Way::answer("200 OK", &format!("content-encoding: {coding}\r\n"), gzip);
        let answer = ask(way, |r| r).await.expect("an answer");
        assert_eq!(&answer.body[..], gzip, "{coding}");
    }
}

#[tokio::test]
async fn what_is_not_http_is_broken_and_what_is_not_json_too() {
    for bytes in [
        &b"SSH-2.0-OpenSSH_9.9\r\n"[..],
        b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n",
        b"\0\0\0\0",
    ] {
        let error = ask(Way::Answers(bytes.to_vec()), |r| {
            r.deadline(Duration::from_secs(2))
        })
        .await;
        let error = error.expect_err("no answer");
        assert!(matches!(error, EgressError::Broken(_)), "{error:?}");
        assert!(error.is_worth_repeating() && error.may_have_arrived());
    }
    let many = "a: b\r\n".repeat(100);
    let error = ask(Way::answer("200 OK", &many, b""), |r| r).await;
    assert!(matches!(
        error.expect_err("too many headers"),
        EgressError::Broken(_)
    ));
    let error = ask(Way::HangsUp, |r| r).await.expect_err("no answer");
    assert!(matches!(error, EgressError::Broken(_)), "{error:?}");
    let answer = ask(Way::ok(), |r| r).await.expect("an answer");
    assert!(matches!(answer.json::<bool>(), Err(EgressError::Broken(_))));
}

#[tokio::test]
async fn a_throttled_answer_says_how_long_to_wait() {
    let way = Way::answer(
        "429 Too Many",
        "retry-after: 30\r\n",
        b"{\"ok\":false,\"error\":\"ratelimited\"}",
    );
    let answer = ask(way, |r| r).await.expect("an answer");
    assert_eq!(answer.retry_after, Some(Duration::from_secs(30)));
    assert!(answer.is_worth_repeating());
    let answer = ask(Way::ok(), |r| r).await.expect("an answer");
    assert_eq!(answer.retry_after, None);
    assert!(!answer.is_worth_repeating());
}

#[test]
fn waits_are_seconds_or_dates_and_bounded() {
    let seconds = |text| retry_after::parse(text, NOW).map(|wait| wait.as_secs());
    let most = RETRY_AFTER_MAX.as_secs();
    for (text, wait) in [
        ("0", Some(0)),
        (" 120 ", Some(120)),
        ("999999999", Some(most)),
        ("99999999999999999999999999", Some(most)),
        ("Thu, 01 Jan 2026 00:01:40 GMT", Some(100)),
        ("Thursday, 01-Jan-26 00:01:40 GMT", Some(100)),
        ("Thu Jan  1 00:01:40 2026", Some(100)),
        ("Wed, 31 Dec 2025 23:59:59 GMT", Some(0)),
        ("Fri, 01 Jan 2100 00:00:00 GMT", Some(most)),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("soon", None),
        ("2026-01-01T00:01:40Z", None),
    ] {
        assert_eq!(seconds(text), wait, "{text}");
    }
}
