//! One attempt: signed, sent, and what became of it.
//!
//! While two secrets sign, the documented header holds the signature under the one that the receiver accepted last. A receiver that refuses it
//! is asked once more at once, with the two exchanged: so no delivery waits, whichever secret the receiver knows.

use std::time::Duration;

use habeo_core::endpoint::delivery::settle::{Attempt, Done};
use habeo_core::endpoint::handing::{Leased, Ready};
use habeo_core::endpoint::sign::Signer;
use habeo_egress::{Egress, EgressError, Lane};
use tokio::time::Instant;

use super::Inner;
use super::known::Known;
use super::outlet::Went;

/// For look-up, connection, TLS, headers and body together.
const DEADLINE: Duration = Duration::from_secs(15);
/// How much of an answer is read; the rest is dropped with its connection.
const ANSWER_BYTES_MAX: usize = 64 * 1_024;
/// How long a receiver rests that asks for fewer requests and does not say how long.
const REST: Duration = Duration::from_secs(1);
/// The longest that a receiver rests because it asked to; retries have their own pauses.
const REST_MAX: Duration = Duration::from_mins(1);

/// Makes one attempt, two where the first was refused while two secrets sign.
pub(super) async fn make(inner: &Inner, ready: Ready) -> Done {
    let Ready { leased, place } = ready;
    let known = match inner
        .targets
        .get(leased.org, leased.endpoint, leased.version)
        .await
    {
        Ok(Some(known)) => known,
        Ok(None) => return failed(inner, leased, "the endpoint is not known any more"),
        Err(error) => {
            tracing::warn!(org.id = %leased.org, %error, "an endpoint cannot be read; its deliveries wait");
            return failed(inner, leased, "the endpoint could not be read");
        }
    };
    let target = &known.target;
    match inner
        .targets
        .is_stopped(target, inner.ledger.clock().now())
        .await
    {
        Ok(false) => {}
        // It waits as if the receiver were away: an app that works again within a day has missed nothing that was on its way.
        Ok(true) => return failed(inner, leased, "the app was stopped by whoever publishes it"),
        Err(error) => {
            tracing::warn!(org.id = %leased.org, %error, "whether an app was stopped cannot be read; its deliveries wait");
            return failed(inner, leased, "the app could not be read");
        }
    }
    inner.places.choose(leased.endpoint, target.limits);
    let now = inner.ledger.clock().now();
    let window = target
        .previous
        .as_ref()
        .is_some_and(|(_, until)| now < *until);
    let previous = known.previous.as_ref().filter(|_| window);
    let previous_first = previous.is_some() && target.previous_accepted;
    let mut attempts = Vec::with_capacity(1);
    let mut sent = send(
        inner,
        &known,
        &leased,
        (previous, previous_first),
        leased.attempt,
    )
    .await;
    let mut by_previous = previous_first;
    if previous.is_some() && matches!(sent.attempt.answer, Some(400..=499)) {
        attempts.push(sent.attempt);
        by_previous = !previous_first;
        sent = send(
            inner,
            &known,
            &leased,
            (previous, by_previous),
            leased.attempt + 1,
        )
        .await;
    }
    inner.places.learn(leased.endpoint, sent.went);
    // Free before it is settled: what was answered burdens nobody any more.
    drop(place);
    attempts.push(sent.attempt);
    if sent.accepted && previous.is_some() && by_previous != target.previous_accepted {
        inner.targets.forget(leased.endpoint);
    }
    Done {
        leased,
        attempts,
        accepted: sent.accepted,
        by_previous: (sent.accepted && previous.is_some()).then_some(by_previous),
        retry_after: sent.retry_after,
    }
}

/// What became of one request.
struct Sent {
    attempt: Attempt,
    accepted: bool,
    retry_after: Option<Duration>,
    went: Went,
}

async fn send(
    inner: &Inner,
    known: &Known,
    leased: &Leased,
    (previous, previous_first): (Option<&Signer>, bool),
    number: u32,
) -> Sent {
    let begun = Instant::now();
    let answer = exchange(
        &inner.egress,
        known,
        leased,
        (previous, previous_first),
        (number, inner.ledger.clock().now().seconds()),
    )
    .await;
    let took = begun.elapsed();
    let mut sent = Sent {
        attempt: Attempt {
            attempt: number,
            at: inner.ledger.clock().now(),
            answer: None,
            millis: u32::try_from(took.as_millis()).unwrap_or(u32::MAX),
            why: String::new(),
            excerpt: String::new(),
        },
        accepted: false,
        retry_after: None,
        went: Went::Badly,
    };
    match answer {
        Ok(answer) => {
            sent.attempt.answer = Some(answer.status);
            answer.excerpt().clone_into(&mut sent.attempt.excerpt);
            sent.accepted = answer.is_success();
            sent.retry_after = answer.retry_after;
            sent.went = match answer.status {
                200..=299 => Went::Well(took),
                429 => Went::TooMany(answer.retry_after.unwrap_or(REST).min(REST_MAX)),
                _ => Went::Badly,
            };
            if !sent.accepted {
                let why = match answer.status {
                    300..=399 => "a redirect; the endpoint's own address has to answer",
                    _ => "an answer that is not of 200 to 299",
                };
                why.clone_into(&mut sent.attempt.why);
            }
        }
        Err(error) => sent.attempt.why = error.to_string(),
    }
    sent
}

async fn exchange(
    egress: &Egress,
    known: &Known,
    leased: &Leased,
    (previous, previous_first): (Option<&Signer>, bool),
    (number, timestamp): (u32, i64),
) -> Result<habeo_egress::Answer, EgressError> {
    let target = egress.target(&known.target.url)?;
    let body = &leased.body;
    let id = leased.event.to_string();
    let present = known.signer.habeo(body);
    let mut request = egress
        .post(Lane::Organization(leased.org), &target)
        .body("application/json", body.clone())
        .deadline(DEADLINE)
        .answer_bytes_max(ANSWER_BYTES_MAX)
        .cut_long_answer()
        .hiding(&known.target.secret)
        .header("X-Habeo-Event-Id", &id)
        .header("X-Habeo-Delivery-Attempt", &number.to_string())
        .header("webhook-id", &id)
        .header("webhook-timestamp", &timestamp.to_string());
    let mut standard = known.signer.standard(&id, timestamp, body);
    if let Some(previous) = previous {
        let before = previous.habeo(body);
        let (first, other) = if previous_first {
            (before, present)
        } else {
            (present, before)
        };
        request = request
            .header("X-Habeo-Signature", &first)
            .header("X-Habeo-Signature-Alt", &other);
        standard.push(' ');
        standard.push_str(&previous.standard(&id, timestamp, body));
        if let Some((secret, _)) = &known.target.previous {
            request = request.hiding(secret);
        }
    } else {
        request = request.header("X-Habeo-Signature", &present);
    }
    request.header("webhook-signature", &standard).send().await
}

/// An attempt that could not be begun.
fn failed(inner: &Inner, leased: Leased, why: &str) -> Done {
    let attempt = Attempt {
        attempt: leased.attempt,
        at: inner.ledger.clock().now(),
        answer: None,
        millis: 0,
        why: why.to_owned(),
        excerpt: String::new(),
    };
    Done {
        leased,
        attempts: vec![attempt],
        accepted: false,
        by_previous: None,
        retry_after: None,
    }
}
