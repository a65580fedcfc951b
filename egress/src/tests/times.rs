//! One deadline for everything, and a time of its own for names.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::{join_all, pending};
use tokio::net::TcpListener;

use super::receiver::{Receiver, Way};
use super::{egress, org, settings, to};
use crate::error::{EgressError, Stage};
use crate::resolve::{Found, LOOKUP_TIMEOUT, Resolve};
use crate::{DEADLINE_DEFAULT, Egress};

#[tokio::test]
async fn one_deadline_covers_head_and_body() {
    for way in [Way::Silent, Way::SlowHead, Way::SlowBody] {
        let receiver = Receiver::start(way.clone()).await;
        let egress = egress(&[receiver.address]);
        let target = to(&egress, receiver.address, "/");
        let began = Instant::now();
        let sent = egress
            .post(org(1), &target)
            .json(&1)
            .deadline(Duration::from_millis(300))
            .send()
            .await;
        let error = sent.expect_err("no answer");
        assert_eq!(error, EgressError::TimedOut(Stage::Answer), "{way:?}");
        assert!(error.is_worth_repeating() && error.may_have_arrived());
        let took = began.elapsed();
        assert!(
            (Duration::from_millis(290)..Duration::from_secs(3)).contains(&took),
            "{way:?}: {took:?}"
        );
    }
}

/// TLS that is never answered: the connection stands, the greeting does not come.
#[tokio::test]
async fn the_deadline_covers_tls() {
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = silent.local_addr().expect("an address");
    let egress = egress(&[address]);
    let target = egress
        .target(&format!("https://{address}/"))
        .expect("an allowed address");
    let sent = egress
        .get(org(1), &target)
        .deadline(Duration::from_millis(300))
        .send()
        .await;
    assert!(matches!(
        sent.expect_err("no answer"),
        EgressError::TimedOut(_)
    ));
}

#[derive(Debug, Default)]
struct Deaf(Arc<AtomicUsize>);

impl Resolve for Deaf {
    fn resolve(&self, _name: &str) -> Found {
        let looking = self.0.clone();
        Box::pin(async move {
            looking.fetch_add(1, Ordering::SeqCst);
            pending().await
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_name_that_nobody_answers_for_costs_two_seconds() {
    let egress = Egress::new(settings().resolver(Arc::new(Deaf::default())));
    let target = egress
        .target("https://hooks.example.edu/")
        .expect("a target");
    let began = tokio::time::Instant::now();
    let error = egress
        .get(org(1), &target)
        .send()
        .await
        .expect_err("no name");
    assert_eq!(error, EgressError::TimedOut(Stage::Name));
    assert!(error.is_worth_repeating() && !error.may_have_arrived());
    assert_eq!(began.elapsed().as_secs(), LOOKUP_TIMEOUT.as_secs());
    assert!(began.elapsed() < DEADLINE_DEFAULT);
}

/// Look-ups cannot be called off, so those that hang count until they end; and another lane has its own share.
#[tokio::test(start_paused = true)]
async fn hanging_look_ups_of_one_lane_are_bounded() {
    let deaf = Deaf::default();
    let looking = deaf.0.clone();
    let egress = Egress::new(settings().resolver(Arc::new(deaf)));
    let target = egress
        .target("https://hooks.example.edu/")
        .expect("a target");
    join_all((0..100).map(|_| egress.get(org(1), &target).send())).await;
    assert_eq!(looking.load(Ordering::SeqCst), 16);
    let other = egress.get(org(2), &target).send().await;
    assert_eq!(
        other.expect_err("no name"),
        EgressError::TimedOut(Stage::Name)
    );
    assert_eq!(looking.load(Ordering::SeqCst), 17);
}

#[tokio::test]
async fn nobody_listening_is_a_failed_connection() {
    let gone = {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        listener.local_addr().expect("an address")
    };
    let egress = egress(&[gone]);
    let sent = egress.get(org(1), &to(&egress, gone, "/")).send().await;
    let error = sent.expect_err("no connection");
    assert_eq!(
        error,
        EgressError::ConnectFailed(std::io::ErrorKind::ConnectionRefused)
    );
    assert!(error.is_worth_repeating() && !error.may_have_arrived());
}
