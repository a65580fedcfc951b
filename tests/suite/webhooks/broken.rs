//! Receivers that break off, answer late, or answer with more than anybody should read.

use std::time::Duration;

use habeo_core::endpoint::command::ChangeEndpoint;
use habeo_core::endpoint::delivery::{Status, log};
use habeo_tests::app::TestApp;
use habeo_tests::builders::College;
use habeo_tests::database::{TestDb, on_sqlite_in_one_thread};
use habeo_tests::sink::Sink;
use habeo_tests::unkind::{Unkind, Way};
use habeo_tests::{both_engines, must};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::time;

use super::{Stage, an_app, events};

/// A stage whose server may reach this host, with an endpoint there; one thing happens, and is delivered once.
async fn delivered(db: &TestDb, host: &str) -> (log::Delivery, Vec<log::Attempt>) {
    let college = College::found(db).await;
    let of = an_app(&college, "App").await;
    let app = TestApp::configured(db, &[("HABEO_ALLOW_PRIVATE_HOSTS", host)]).await;
    let sink = Sink::start().await;
    let stage = Stage {
        app,
        sink,
        college,
        of,
    };
    let (endpoint, _) = stage.endpoint(events(&["asset.registered"])).await;
    let change = ChangeEndpoint {
        endpoint,
        url: Some(format!("http://{host}/hook")),
        description: None,
        settings: None,
    };
    must(db.ledger.record(&stage.college.access, change).await);
    stage.college.asset("Camera").register().await;
    assert_eq!(stage.deliver().await, 1);
    let access = &stage.college.access;
    let mut tx = db.read(access).await;
    let page = must(log::page(&mut tx, access, endpoint, &log::Filter::default(), 1).await);
    let delivery = page.into_iter().next().expect("a delivery");
    let attempts = must(log::attempts(&mut tx, access, (endpoint, delivery.id)).await);
    (delivery, attempts)
}

async fn to_one_that(db: &TestDb, way: Way) -> (log::Delivery, Vec<log::Attempt>) {
    let receiver = Unkind::start(way).await;
    let (delivery, attempts) = delivered(db, &receiver.host).await;
    // Nothing is repeated within an attempt: the receiver has seen one request.
    assert_eq!(receiver.requests(), 1, "{way:?}");
    (delivery, attempts)
}

both_engines! {
    /// A connection that is reset has not accepted, and is tried again like every failure.
    async fn a_reset_connection(db: TestDb) {
        let (delivery, attempts) = to_one_that(&db, Way::Reset).await;
        assert_eq!((delivery.status, delivery.answer, attempts.len()), (Status::Waiting, None, 1));
        assert!(delivery.next_at.is_some() && !attempts[0].why.is_empty());
    }

    /// Nor has one that was half closed before the answer.
    async fn a_half_closed_connection(db: TestDb) {
        let (delivery, attempts) = to_one_that(&db, Way::HalfClosed).await;
        assert_eq!((delivery.status, delivery.answer, attempts.len()), (Status::Waiting, None, 1));
    }

    /// Nor one that was half closed in the middle of an answer, whatever that answer began with.
    async fn half_an_answer(db: TestDb) {
        let (delivery, attempts) = to_one_that(&db, Way::HalfAnswered).await;
        assert_eq!((delivery.status, delivery.answer, attempts.len()), (Status::Waiting, None, 1));
    }

    /// A header without an end is no answer.
    async fn a_header_without_an_end(db: TestDb) {
        let (delivery, attempts) = to_one_that(&db, Way::EndlessHeader).await;
        assert_eq!((delivery.status, delivery.answer, attempts.len()), (Status::Waiting, None, 1));
    }

    /// What is packed is not unpacked: it counts by its status, and what is kept of it is no longer than of others.
    async fn a_bomb_is_not_unpacked(db: TestDb) {
        let (delivery, attempts) = to_one_that(&db, Way::Bomb).await;
        assert_eq!((delivery.status, delivery.answer), (Status::Delivered, Some(200)));
        assert!(attempts.iter().all(|attempt| attempt.excerpt.len() <= 1_024 && !attempt.excerpt.contains("xxxx")));
    }

    /// 64 MiB that are well said are cut, and count.
    async fn a_long_answer_is_cut(db: TestDb) {
        let (delivery, attempts) = to_one_that(&db, Way::Long(64 * 1_024 * 1_024)).await;
        assert_eq!((delivery.status, delivery.answer), (Status::Delivered, Some(200)));
        assert!(attempts.iter().all(|attempt| attempt.excerpt.len() <= 1_024));
    }
}

/// A receiver that thinks for so long, on a clock that stands still but for that: nobody waits for it.
async fn late(pause: Duration) -> String {
    let listener = must(TcpListener::bind("127.0.0.1:0").await);
    let host = must(listener.local_addr()).to_string();
    tokio::spawn(async move {
        let (mut socket, _) = must(listener.accept().await);
        let mut buffer = [0; 4_096];
        must(socket.read(&mut buffer).await);
        // Nothing else goes on now than this one request, so the time goes from one of the two ends to the other.
        time::pause();
        time::sleep(pause).await;
        time::resume();
        // Whoever asked may have gone by now.
        drop(
            socket
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
                .await,
        );
        drop(socket.read(&mut buffer).await);
    });
    host
}

#[test]
fn an_answer_after_fourteen_seconds_counts() {
    on_sqlite_in_one_thread(async |db: TestDb| {
        let host = late(Duration::from_secs(14)).await;
        let (delivery, attempts) = delivered(&db, &host).await;
        assert_eq!(
            (delivery.status, delivery.answer, attempts.len()),
            (Status::Delivered, Some(200), 0)
        );
        assert!(delivery.millis.is_some_and(|millis| millis >= 14_000));
    });
}

#[test]
fn an_answer_after_sixteen_seconds_does_not() {
    on_sqlite_in_one_thread(async |db: TestDb| {
        let host = late(Duration::from_secs(16)).await;
        let (delivery, attempts) = delivered(&db, &host).await;
        assert_eq!((delivery.status, delivery.answer), (Status::Waiting, None));
        assert_eq!(attempts[0].why, "no answer in time");
    });
}
