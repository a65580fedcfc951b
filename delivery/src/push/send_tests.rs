//! Sending, against a service that answers as it is told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use secrecy::SecretString;
use serde_json::{Value, json};

use super::*;

type Answer = Result<Reply, Unanswered>;

/// Answers what was laid down, and by a ticket for each message after that.
#[derive(Debug, Clone, Default)]
struct Script {
    answers: Arc<Mutex<VecDeque<Answer>>>,
    asked: Arc<Mutex<Vec<Vec<String>>>>,
}

impl Script {
    fn of(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self {
            answers: Arc::new(Mutex::new(answers.into_iter().collect())),
            asked: Arc::default(),
        }
    }

    /// The tokens of each request.
    fn asked(&self) -> Vec<Vec<String>> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.clone()
    }

    fn sizes(&self) -> Vec<usize> {
        self.asked().iter().map(Vec::len).collect()
    }
}

impl PushTransport for Script {
    async fn post(&self, _: Route, body: Vec<u8>) -> Answer {
        let messages: Vec<Value> = serde_json::from_slice(&body).expect("a list");
        let token = |one: &Value| one["to"][0].as_str().expect("one token").to_owned();
        let tokens: Vec<String> = messages.iter().map(token).collect();
        let tickets: Vec<Value> = tokens
            .iter()
            .map(|token| json!({"status": "ok", "id": format!("ticket {token}")}))
            .collect();
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.push(tokens);
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers
            .pop_front()
            .unwrap_or_else(|| reply(200, &json!({"data": tickets})))
    }
}

fn reply(status: u16, body: &Value) -> Answer {
    let body = serde_json::to_vec(body).map_err(|error| Unanswered {
        may_have_arrived: false,
        why: error.to_string(),
    })?;
    Ok(Reply {
        status,
        retry_after: None,
        body,
    })
}

fn fault(status: u16, code: &str) -> Answer {
    reply(status, &json!({"errors": [{"code": code, "message": "m"}]}))
}

fn token(n: usize) -> String {
    format!("ExpoPushToken[{n}]")
}

fn messages(count: usize) -> Vec<Outgoing> {
    (0..count)
        .map(|n| Outgoing::plain(SecretString::from(token(n))).expect("a message"))
        .collect()
}

async fn sent(script: &Script, count: usize) -> Vec<Fate> {
    let sender = Sender::new(script.clone(), 100_000);
    let ends_at = Instant::now() + Duration::from_secs(30);
    sender.send(&messages(count), ends_at).await
}

fn taken(n: usize) -> Fate {
    Fate::Taken(Some(format!("ticket {}", token(n))))
}

fn is_lost(fate: &Fate) -> bool {
    matches!(fate, Fate::Lost(_))
}

#[tokio::test]
async fn a_hundred_go_together_and_one_more_by_itself() {
    for (count, sizes) in [
        (1, vec![1]),
        (100, vec![100]),
        (101, vec![100, 1]),
        (150, vec![100, 50]),
        (0, vec![]),
    ] {
        let script = Script::default();
        let fates = sent(&script, count).await;
        assert_eq!(script.sizes(), sizes);
        assert_eq!(fates, (0..count).map(taken).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn tickets_are_given_in_order_whatever_some_of_them_say() {
    let tickets: Vec<Value> = (0..100)
        .map(|n| match n {
            13 => json!({"status": "error", "details": {"error": "DeviceNotRegistered"}}),
            50 => json!({"status": "error", "details": {"error": "InventedYesterday"}}),
            51 => json!({"status": "error"}),
            n => json!({"status": "ok", "id": n.to_string()}),
        })
        .collect();
    let script = Script::of([reply(200, &json!({"data": tickets}))]);
    let fates = sent(&script, 100).await;
    let refused = |code: &str| Fate::Refused(Some(code.to_owned()));
    assert_eq!(fates[13], refused("DeviceNotRegistered"));
    assert_eq!(fates[50], refused("InventedYesterday"));
    assert_eq!(fates[51], Fate::Refused(None));
    for n in [0, 12, 14, 49, 52, 99] {
        assert_eq!(fates[n], Fate::Taken(Some(n.to_string())));
    }
}

#[tokio::test]
async fn nothing_is_paired_by_guess() {
    for body in [
        json!({"data": [{"status": "ok", "id": "a"}]}),
        json!({"data": []}),
        json!({"data": {"status": "ok", "id": "a"}}),
        json!("odd"),
    ] {
        let script = Script::of([reply(200, &body)]);
        let fates = sent(&script, 2).await;
        let unsure = |fate: &Fate| matches!(fate, Fate::Unsure { again: false, .. });
        assert!(fates.iter().all(unsure), "{body}: {fates:?}");
        assert_eq!(script.sizes(), [2], "nothing is sent twice");
    }
    // One object for one message is an answer.
    let one = json!({"data": {"status": "ok", "id": "a"}});
    let fates = sent(&Script::of([reply(200, &one)]), 1).await;
    assert_eq!(fates, [Fate::Taken(Some("a".to_owned()))]);
}

#[tokio::test]
async fn what_fails_for_a_while_is_left_for_later() {
    for status in [408, 425, 429, 500, 503, 302] {
        let fates = sent(&Script::of([reply(status, &json!({}))]), 3).await;
        let later = |fate: &Fate| matches!(fate, Fate::Later { .. });
        assert!(fates.iter().all(later), "{status}: {fates:?}");
    }
    let fates = sent(&Script::of([fault(200, "TOO_MANY_REQUESTS")]), 1).await;
    assert!(matches!(fates[0], Fate::Later { .. }));
}

#[tokio::test]
async fn a_service_that_asks_to_be_left_alone_is() {
    let limited = Ok(Reply {
        status: 429,
        retry_after: Some(Duration::from_secs(40)),
        body: Vec::new(),
    });
    let script = Script::of([limited]);
    let sender = Sender::new(script.clone(), 100_000);
    let ends_at = Instant::now() + Duration::from_secs(30);
    for _ in 0..2 {
        let fates = sender.send(&messages(2), ends_at).await;
        assert!(
            matches!(&fates[..], [Fate::Later { after: Some(after), .. }, _] if after.as_secs() >= 38),
            "{fates:?}"
        );
    }
    assert_eq!(script.sizes(), [2], "it was asked once");
}

#[tokio::test]
async fn what_may_have_arrived_is_told_from_what_did_not() {
    for may_have_arrived in [true, false] {
        let lost = Err(Unanswered {
            may_have_arrived,
            why: "no answer in time".to_owned(),
        });
        let fates = sent(&Script::of([lost]), 1).await;
        let unsure = matches!(fates[0], Fate::Unsure { again: true, .. });
        assert_eq!(unsure, may_have_arrived);
    }
}

#[tokio::test]
async fn one_bad_message_costs_no_other() {
    let refused = || fault(400, "VALIDATION_ERROR");
    let script = Script::of([refused(), refused(), refused()]);
    let fates = sent(&script, 5).await;
    assert_eq!(script.sizes(), [5, 2, 1, 1, 3]);
    assert!(is_lost(&fates[0]), "{fates:?}");
    assert_eq!(fates[1..], [taken(1), taken(2), taken(3), taken(4)]);
    // The twentieth of a hundred, wherever the halves fall.
    let script = Bad(token(19));
    let sender = Sender::new(script, 100_000);
    let ends_at = Instant::now() + Duration::from_secs(30);
    let fates = sender.send(&messages(100), ends_at).await;
    for (n, fate) in fates.iter().enumerate() {
        assert_eq!(is_lost(fate), n == 19, "{n}: {fate:?}");
    }
    // With 200 as well; and one alone is not halved.
    let script = Script::of([fault(200, "VALIDATION_ERROR")]);
    let fates = sent(&script, 1).await;
    assert!(is_lost(&fates[0]) && script.sizes() == [1]);
}

#[tokio::test]
async fn what_is_too_many_is_halved_until_it_is_not() {
    let many = || fault(400, "PUSH_TOO_MANY_NOTIFICATIONS");
    let script = Script::of([many(), many()]);
    let fates = sent(&script, 8).await;
    assert_eq!(script.sizes(), [8, 4, 2, 2, 4]);
    assert_eq!(fates, (0..8).map(taken).collect::<Vec<_>>());
    let fates = sent(&Script::of([many()]), 1).await;
    assert!(is_lost(&fates[0]));
}

#[tokio::test]
async fn projects_go_by_themselves() {
    let details = json!({"@ours/app": [token(0), token(2)], "@theirs/app": [token(1)]});
    let mixed = || {
        let error =
            json!({"code": "PUSH_TOO_MANY_EXPERIENCE_IDS", "message": "m", "details": details});
        reply(400, &json!({"errors": [error]}))
    };
    let script = Script::of([mixed()]);
    let fates = sent(&script, 4).await;
    let mut groups = script.asked().split_off(1);
    groups.sort();
    assert_eq!(
        groups,
        [vec![token(0), token(2)], vec![token(1)], vec![token(3)]]
    );
    assert_eq!(fates, (0..4).map(taken).collect::<Vec<_>>());
    // Another app's phones are refused by themselves, and stop nobody.
    let script = Script::of([mixed(), fault(401, "UNAUTHORIZED")]);
    let fates = sent(&script, 3).await;
    assert_eq!((&fates[0], &fates[2]), (&taken(0), &taken(2)));
    assert!(is_lost(&fates[1]), "{fates:?}");
    // A service that says so of one by itself, too, is believed of that one only.
    let script = Script::of([mixed(), mixed(), mixed()]);
    let fates = sent(&script, 3).await;
    assert_eq!(
        fates.iter().filter(|fate| is_lost(fate)).count(),
        1,
        "{fates:?}"
    );
    // One that does not say which is whose has them by halves.
    let script = Script::of([fault(400, "PUSH_TOO_MANY_EXPERIENCE_IDS")]);
    let fates = sent(&script, 4).await;
    assert_eq!(script.sizes(), [4, 2, 2]);
    assert_eq!(fates, (0..4).map(taken).collect::<Vec<_>>());
}

/// Refuses every request with this phone in it.
struct Bad(String);

impl PushTransport for Bad {
    async fn post(&self, route: Route, body: Vec<u8>) -> Answer {
        if String::from_utf8_lossy(&body).contains(&self.0) {
            return fault(400, "VALIDATION_ERROR");
        }
        Script::default().post(route, body).await
    }
}

#[tokio::test]
async fn a_service_that_refuses_everything_is_not_asked_about_each() {
    let script = Script::of((0..300).map(|_| fault(400, "VALIDATION_ERROR")));
    let fates = sent(&script, 100).await;
    assert!(
        script.sizes().len() <= 2 * 32 + 1,
        "{}",
        script.sizes().len()
    );
    let later = |fate: &&Fate| matches!(fate, Fate::Later { .. });
    assert!(fates.iter().any(|fate| later(&fate)), "{fates:?}");
    assert!(fates.iter().all(|fate| is_lost(fate) || later(&fate)));
}

#[tokio::test]
async fn without_a_good_token_nobody_is_sent_to() {
    for answer in [
        fault(401, "UNAUTHORIZED"),
        fault(200, "UNAUTHORIZED"),
        reply(401, &json!({})),
        reply(403, &json!({})),
    ] {
        let script = Script::of([answer]);
        assert_eq!(sent(&script, 2).await, vec![Fate::Unauthorized; 2]);
        assert_eq!(script.sizes(), [2]);
    }
}

#[tokio::test]
async fn no_request_is_begun_too_late() {
    let script = Script::default();
    let sender = Sender::new(script.clone(), 100_000);
    let fates = sender.send(&messages(1), Instant::now()).await;
    assert!(matches!(fates[0], Fate::Later { .. }));
    assert!(script.sizes().is_empty());
}
