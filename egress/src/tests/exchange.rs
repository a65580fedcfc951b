//! What is sent and what is not: bodies, headers, redirects, proxies, lanes.

use std::process::Command;
use std::time::Duration;

use secrecy::SecretString;
use serde_json::json;

use super::receiver::{Receiver, Way};
use super::{egress, org, to};
use crate::Lane;

#[tokio::test]
async fn json_is_posted_with_a_bearer_token() {
    let receiver = Receiver::start(Way::answer(
        "200 OK",
        "x-kept: yes\r\nx-other: no\r\n",
        b"{\"ok\":true}",
    ))
    .await;
    let egress = egress(&[receiver.address]);
    let answer = egress
        .post(
            org(1),
            &to(&egress, receiver.address, "/api/chat.postMessage"),
        )
        .bearer(&SecretString::from("xoxb-1"))
        .header("x-habeo-event-id", "e1")
        .json(&json!({"text": "hello"}))
        .keep_header("x-kept")
        .send()
        .await
        .expect("an answer");
    assert!(answer.is_success());
    assert_eq!(
        answer.json::<serde_json::Value>().expect("JSON")["ok"],
        true
    );
    assert_eq!(
        (answer.header("X-Kept"), answer.header("x-other")),
        (Some("yes"), None)
    );
    let request = receiver.request();
    assert!(
        request.starts_with("POST /api/chat.postMessage HTTP/1.1\r\n"),
        "{request}"
    );
    for line in [
        "authorization: Bearer xoxb-1",
        "x-habeo-event-id: e1",
        "content-type: application/json; charset=utf-8",
        "content-length: 16",
        "accept-encoding: identity",
        "user-agent: Habeo/",
    ] {
        assert!(request.contains(line), "{line}: {request}");
    }
    assert!(
        request.ends_with("\r\n\r\n{\"text\":\"hello\"}"),
        "{request}"
    );
}

#[tokio::test]
async fn forms_and_bytes_go_as_they_are() {
    let receiver = Receiver::start(Way::ok()).await;
    let egress = egress(&[receiver.address]);
    let target = to(&egress, receiver.address, "/token");
    let form = [
        ("grant_type", "client_credentials"),
        ("scope", "https://a/.default &"),
    ];
    egress
        .post(org(1), &target)
        .form(&form)
        .send()
        .await
        .expect("an answer");
    egress
        .put(org(1), &target)
        .body("text/xml", &b"<a/>"[..])
        .send()
        .await
        .expect("an answer");
    egress.get(org(1), &target).send().await.expect("an answer");
    let requests = receiver.requests();
    assert!(
        requests[0].text.ends_with(
            "\r\n\r\ngrant_type=client_credentials&scope=https%3A%2F%2Fa%2F.default+%26"
        )
    );
    assert!(
        requests[0]
            .text
            .contains("content-type: application/x-www-form-urlencoded\r\n")
    );
    assert!(
        requests[1].text.starts_with("PUT /token") && requests[1].text.ends_with("\r\n\r\n<a/>")
    );
    assert!(requests[2].text.starts_with("GET /token"));
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let elsewhere = Receiver::start(Way::ok()).await;
    for status in [
        "301 Moved",
        "302 Found",
        "303 See Other",
        "307 Temporary",
        "308 Permanent",
    ] {
        let location = format!("location: http://{}/\r\n", elsewhere.address);
        let receiver = Receiver::start(Way::answer(status, &location, b"")).await;
        let egress = egress(&[receiver.address, elsewhere.address]);
        let target = to(&egress, receiver.address, "/");
        let answer = egress
            .post(org(1), &target)
            .json(&1)
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status.to_string(), status[..3]);
        assert!(!answer.is_success());
    }
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn cookies_are_not_sent_back() {
    let receiver = Receiver::start(Way::answer("200 OK", "set-cookie: a=b; Path=/\r\n", b"")).await;
    let egress = egress(&[receiver.address]);
    let target = to(&egress, receiver.address, "/");
    for _ in 0..2 {
        egress.get(org(1), &target).send().await.expect("an answer");
    }
    let requests = receiver.requests();
    assert!(
        requests
            .iter()
            .all(|received| !received.text.contains("cookie"))
    );
}

#[tokio::test]
async fn a_lane_uses_its_connection_again_and_no_other_lane_does() {
    let receiver = Receiver::start(Way::ok()).await;
    let egress = egress(&[receiver.address]);
    let target = to(&egress, receiver.address, "/");
    let lanes = [
        org(1),
        org(1),
        org(2),
        Lane::Vendor("slack"),
        org(1),
        org(2),
        Lane::Vendor("teams"),
        Lane::Vendor("slack"),
    ];
    for lane in lanes {
        egress
            .clone()
            .post(lane, &target)
            .json(&1)
            .send()
            .await
            .expect("an answer");
        // The connection is given back a moment after the answer.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let used: Vec<usize> = receiver
        .requests()
        .iter()
        .map(|received| received.connection)
        .collect();
    assert_eq!(used, [1, 1, 2, 3, 1, 2, 4, 3]);
}

#[tokio::test]
async fn what_cannot_be_sent_is_an_error_and_nothing_leaves() {
    let receiver = Receiver::start(Way::ok()).await;
    let egress = egress(&[receiver.address]);
    let target = to(&egress, receiver.address, "/");
    let requests = [
        egress.post(org(1), &target).header("a b", "c"),
        egress.post(org(1), &target).header("a", "b\r\nc: d"),
        egress
            .post(org(1), &target)
            .bearer(&SecretString::from("a\nb")),
        egress.post(org(1), &target).form(&vec![vec![1]]),
    ];
    for request in requests {
        let error = request.send().await.expect_err("a fault");
        assert!(
            matches!(error, crate::EgressError::Unsendable(_)),
            "{error:?}"
        );
        assert!(!error.is_worth_repeating() && !error.may_have_arrived());
    }
    assert_eq!(receiver.connections(), 0);
}

const CHILD: &str = "HABEO_TEST_EGRESS_RECEIVER";

/// The environment belongs to the whole process, so the test runs itself once more with proxies in it: there it sends, here it looks at what
/// arrived.
#[tokio::test]
#[expect(
    clippy::disallowed_methods,
    reason = "the environment is what this is about"
)]
async fn proxy_variables_are_ignored() {
    if let Ok(receiver) = std::env::var(CHILD) {
        return send_past_the_proxy_and_through_it(&receiver).await;
    }
    let receiver = Receiver::start(Way::ok()).await;
    let proxy = Receiver::start(Way::ok()).await;
    let url = format!("http://{}", proxy.address);
    let mut child = Command::new(std::env::current_exe().expect("this binary"));
    child
        .args(["--exact", "tests::exchange::proxy_variables_are_ignored"])
        .env(CHILD, receiver.address.to_string())
        .env_remove("NO_PROXY")
        .env_remove("no_proxy");
    for name in [
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
    ] {
        child.env(name, &url);
    }
    let output = tokio::task::spawn_blocking(move || child.output()).await;
    let output = output.expect("a thread").expect("a process");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    assert!(receiver.request().starts_with("POST /past "));
    // The same environment leads an unguarded client to the proxy, so the variables were good.
    assert!(proxy.request().contains("/through "));
}

async fn send_past_the_proxy_and_through_it(receiver: &str) {
    let receiver = receiver.parse().expect("an address");
    let egress = egress(&[receiver]);
    let sent = egress
        .post(org(1), &to(&egress, receiver, "/past"))
        .json(&1)
        .send()
        .await;
    assert!(sent.expect("an answer").is_success());
    let unguarded = reqwest::Client::builder().build().expect("a client");
    unguarded
        .get(format!("http://{receiver}/through"))
        .send()
        .await
        .expect("an answer");
}
