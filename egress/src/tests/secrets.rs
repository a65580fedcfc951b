//! Secrets go to the receiver and nowhere else.

use secrecy::SecretString;
use serde_json::json;

use super::receiver::{Receiver, Way};
use super::{egress, org, to};
use crate::excerpt;

const TOKEN: &str = "xoxb-planted-token";
const IN_PATH: &str = "planted-path";
const IN_QUERY: &str = "planted-query";
const IN_BODY: &str = "planted-body";

fn is_clean(text: &str) -> bool {
    [TOKEN, IN_PATH, IN_QUERY, IN_BODY]
        .iter()
        .all(|planted| !text.contains(planted))
}

#[tokio::test]
async fn no_secret_is_in_what_can_be_printed() {
    let gone = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.local_addr().expect("an address")
    };
    let hangs_up = Receiver::start(Way::HangsUp).await;
    let too_large = Receiver::start(Way::Endless).await;
    let addresses = [gone, hangs_up.address, too_large.address];
    let egress = egress(&addresses);
    for address in addresses {
        let target = to(&egress, address, &format!("/{IN_PATH}?token={IN_QUERY}"));
        assert!(is_clean(&format!("{target} {target:?} {egress:?}")));
        let secret = SecretString::from(TOKEN);
        let request = egress
            .post(org(1), &target)
            .bearer(&secret)
            .secret_header("x-api-key", &secret)
            .json(&json!({"secret": IN_BODY}));
        let printed = format!("{request:?}");
        assert!(
            is_clean(&printed) && printed.contains(&address.to_string()),
            "{printed}"
        );
        let error = request.send().await.expect_err("no answer");
        let printed = format!("{error} {error:?}");
        assert!(is_clean(&printed), "{printed}");
    }
    let refused = egress.target(&format!("https://10.0.0.1/{IN_PATH}?token={IN_QUERY}"));
    let refusal = refused.expect_err("private");
    assert!(is_clean(&format!("{refusal} {refusal:?}")));
}

#[tokio::test]
async fn an_echo_of_a_secret_is_masked_for_people_and_the_answer_prints_no_body() {
    let echo = json!({"authorization": format!("Bearer {TOKEN}"), "secret": IN_BODY, "error": "no such route"});
    let receiver = Receiver::start(Way::answer(
        "404 Not Found",
        "",
        echo.to_string().as_bytes(),
    ))
    .await;
    let egress = egress(&[receiver.address]);
    let answer = egress
        .post(org(1), &to(&egress, receiver.address, "/"))
        .bearer(&SecretString::from(TOKEN))
        .hiding(&SecretString::from(IN_BODY))
        .send()
        .await
        .expect("an answer");
    assert!(is_clean(answer.excerpt()), "{}", answer.excerpt());
    assert!(answer.excerpt().contains("no such route"));
    let printed = format!("{answer:?}");
    assert!(
        printed.contains("404") && !printed.contains("route"),
        "{printed}"
    );
    // The program reads what was sent.
    assert!(String::from_utf8_lossy(&answer.body).contains(TOKEN));
}

#[test]
fn excerpts_are_short_readable_and_without_tokens() {
    let excerpt = |text: &str| excerpt::of(text.as_bytes(), &[]);
    assert_eq!(excerpt("  plain text\r\n"), "plain text");
    assert_eq!(excerpt("a\0b\u{1b}[31mc\u{202e}d"), "a b [31mc d");
    assert_eq!(
        excerpt("token=\"eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln\" end"),
        "token=\"[hidden]\" end"
    );
    assert_eq!(
        excerpt("{\"access_token\":\"hbo_at_0123456789abcdefghij\"}"),
        "{\"access_token\":\"[hidden]\"}"
    );
    let id = "request 01932c5e-7b1a-7c3d-8e4f-000000000001 failed";
    assert_eq!(excerpt(id), id);
    assert_eq!(excerpt(&"ä ".repeat(2_000)).len(), 1_022);
    assert!(excerpt(&"x ".repeat(1_000_000)).len() <= excerpt::EXCERPT_BYTES_MAX);
    assert_eq!(excerpt::of(b"\xff\xfe ok", &[]), "\u{fffd}\u{fffd} ok");
    assert_eq!(excerpt::of(b"a b", &[SecretString::from("")]), "a b");
}
