//! Receivers that are unkind: redirects, endless and dripping answers, silence, and addresses that lead inside.

use std::time::{Duration, Instant};

use habeo_core::endpoint::command::ChangeEndpoint;
use habeo_core::endpoint::delivery::{Status, log};
use habeo_core::id::EndpointId;
use habeo_tests::app::TestApp;
use habeo_tests::builders::College;
use habeo_tests::sink::Reply;
use habeo_tests::{both_engines, must};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::{Stage, an_app, events};

async fn last(stage: &Stage, endpoint: EndpointId) -> (log::Delivery, Vec<log::Attempt>) {
    let access = &stage.college.access;
    let mut tx = must(stage.app.db.ledger.db().read(access).await);
    let page = must(log::page(&mut tx, access, endpoint, &log::Filter::default(), 1).await);
    let delivery = page.into_iter().next().expect("a delivery");
    let attempts = must(log::attempts(&mut tx, access, (endpoint, delivery.id)).await);
    (delivery, attempts)
}

/// A receiver that answers every connection with these bytes, piece by piece.
async fn raw(pieces: Vec<(&'static [u8], Duration)>, endless: bool) -> String {
    let listener = must(TcpListener::bind("127.0.0.1:0").await);
    let host = must(listener.local_addr()).to_string();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let pieces = pieces.clone();
            tokio::spawn(async move {
                let mut buffer = [0; 4_096];
                drop(socket.read(&mut buffer).await);
                for (piece, pause) in pieces {
                    if socket.write_all(piece).await.is_err() {
                        return;
                    }
                    tokio::time::sleep(pause).await;
                }
                while endless && socket.write_all(&[b'x'; 8_192]).await.is_ok() {}
            });
        }
    });
    host
}

both_engines! {
    /// Only 2xx accepts; a redirect is not followed, and what a receiver says of our secret is not shown.
    async fn only_success_is_success(db: TestDb) {
        let stage = Stage::set(&db).await;
        let (endpoint, secret) = stage.endpoint(events(&["asset.registered"])).await;
        let location = stage.sink.url("/elsewhere");
        let replies = [
            Reply { headers: vec![("location", location)], ..Reply::status(302) },
            Reply { body: format!("bad signature for {secret}"), ..Reply::status(400) },
            Reply { body: "x".repeat(5_000), ..Reply::status(500) },
            Reply::status(204),
        ];
        let statuses: Vec<i64> = replies.iter().map(|reply| i64::from(reply.status)).collect();
        stage.sink.answer(replies);
        stage.college.asset("Camera").register().await;
        for _ in 0..statuses.len() {
            stage.deliver().await;
            stage.app.wait_seconds(600);
        }
        assert!(stage.sink.received().iter().all(|one| one.path == "/hook"));
        let (delivery, attempts) = last(&stage, endpoint).await;
        assert_eq!((delivery.status, delivery.attempts, delivery.answer), (Status::Delivered, 4, Some(204)));
        let seen: Vec<i64> = attempts.iter().filter_map(|attempt| attempt.answer).collect();
        assert_eq!(seen, statuses[..3]);
        assert!(!attempts[1].excerpt.contains(&secret), "{}", attempts[1].excerpt);
        assert!(attempts[1].excerpt.contains("bad signature"));
        assert!(attempts[2].excerpt.len() <= 1_024);
    }

    /// An endless answer is cut and counts; a dripping one has 15 seconds like every other, as has one that says nothing.
    async fn answers_have_an_end(db: TestDb) {
        const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n";
        let endless = raw(vec![(OK, Duration::ZERO)], true).await;
        let dripping = raw(vec![(OK, Duration::from_secs(1)); 1].into_iter().chain((0..60).map(|_| (&b"x"[..], Duration::from_secs(1)))).collect(), false).await;
        let silent = raw(vec![(b"", Duration::from_mins(2))], false).await;
        let broken = raw(vec![(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc", Duration::ZERO)], false).await;
        let college = College::found(&db).await;
        let of = an_app(&college, "App").await;
        let hosts = [&endless, &dripping, &silent, &broken].map(String::as_str).join(",");
        let app = TestApp::configured(&db, &[("HABEO_ALLOW_PRIVATE_HOSTS", &hosts)]).await;
        let sink = habeo_tests::sink::Sink::start().await;
        let stage = Stage { app, sink, college, of };
        let mut endpoints = Vec::new();
        for host in [&endless, &dripping, &silent, &broken] {
            let (endpoint, _) = stage.endpoint(events(&["asset.registered"])).await;
            let change = ChangeEndpoint { endpoint, url: Some(format!("http://{host}/")), description: None, settings: None };
            must(db.ledger.record(&stage.college.access, change).await);
            endpoints.push(endpoint);
        }
        stage.college.asset("Camera").register().await;
        let begun = Instant::now();
        assert_eq!(stage.deliver().await, 4);
        assert!(begun.elapsed() < Duration::from_secs(40));
        for (endpoint, accepted) in endpoints.into_iter().zip([true, false, false, false]) {
            let (delivery, attempts) = last(&stage, endpoint).await;
            assert_eq!(delivery.status == Status::Delivered, accepted, "{attempts:?}");
        }
    }

    /// No address inside is reached, whatever was saved: literals, mapped ones, names, and our own.
    async fn nothing_inside_is_reached(db: TestDb) {
        let stage = Stage::set(&db).await;
        let (endpoint, _) = stage.endpoint(events(&["asset.registered"])).await;
        let port = stage.sink.host().rsplit(':').next().unwrap_or_default().to_owned();
        let urls = [
            "https://127.0.0.1/".to_owned(),
            format!("http://localhost:{port}/"),
            format!("https://[::ffff:127.0.0.1]:{port}/"),
            "https://169.254.169.254/latest/meta-data".to_owned(),
            "https://10.0.0.8/".to_owned(),
            "https://user:pass@hooks.example.edu/".to_owned(),
            "ftp://hooks.example.edu/".to_owned(),
            "https://printer.internal/".to_owned(),
        ];
        for url in urls {
            let change = ChangeEndpoint { endpoint, url: Some(url.clone()), description: None, settings: None };
            must(db.ledger.record(&stage.college.access, change).await);
            stage.college.asset("Camera").register().await;
            stage.deliver().await;
            let (delivery, attempts) = last(&stage, endpoint).await;
            assert_eq!((delivery.status, delivery.answer), (Status::Waiting, None), "{url}");
            assert!(attempts[0].why.contains("refused"), "{url}: {}", attempts[0].why);
        }
        assert_eq!(stage.sink.received().len(), 0);
    }
}
