//! Processes that end, and databases that do not answer, while deliveries are under way.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use habeo_core::endpoint::Owner;
use habeo_core::endpoint::command::CreateEndpoint;
use habeo_core::endpoint::delivery::{Status, log};
use habeo_core::time::SECOND_MICROS;
use habeo_tests::app::TestApp;
use habeo_tests::builders::College;
use habeo_tests::{both_engines, must};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::sleep;

use super::{Stage, an_app, events, master_key};

/// How often something is looked at that has to become so, and how many times: far longer than it takes.
const LOOK_EVERY: Duration = Duration::from_millis(50);
const LOOKS: usize = 1_200;

async fn becomes(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..LOOKS {
        if is_so().await {
            return;
        }
        sleep(LOOK_EVERY).await;
    }
    panic!("{what} does not come");
}

/// A receiver that accepts when it is told to.
struct Slow {
    host: String,
    asked: Arc<AtomicUsize>,
    answer: watch::Sender<bool>,
}

impl Slow {
    async fn start() -> Self {
        let listener = must(TcpListener::bind("127.0.0.1:0").await);
        let host = must(listener.local_addr()).to_string();
        let (asked, answer) = (Arc::<AtomicUsize>::default(), watch::Sender::new(false));
        let (counted, told) = (Arc::clone(&asked), answer.subscribe());
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (counted, told) = (Arc::clone(&counted), told.clone());
                // Whoever asks may go away at any time.
                tokio::spawn(async move { drop(serve(socket, &counted, told).await) });
            }
        });
        Self {
            host,
            asked,
            answer,
        }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

async fn serve(
    mut socket: TcpStream,
    asked: &AtomicUsize,
    mut told: watch::Receiver<bool>,
) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut buffer = [0; 4_096];
    // The body is JSON and the last of it.
    while !request.ends_with(b"}") {
        let read = socket.read(&mut buffer).await?;
        if read == 0 {
            return Ok(());
        }
        request.extend_from_slice(&buffer[..read]);
    }
    asked.fetch_add(1, Ordering::SeqCst);
    drop(told.wait_for(|told| *told).await);
    socket
        .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        .await
}

both_engines! {
    /// A process that ends in order says that it lives until nothing of it is under way, and is forgotten at once afterwards.
    async fn an_orderly_end_is_not_inherited(db: TestDb) {
        let slow = Slow::start().await;
        let college = College::found(&db).await;
        let app = TestApp::configured(&db, &[("HABEO_ALLOW_PRIVATE_HOSTS", slow.host.as_str())]).await;
        let owner = Owner::App(an_app(&college, "Slow").await);
        let command = CreateEndpoint {
            owner,
            url: format!("http://{}/", slow.host),
            description: None,
            settings: events(&["asset.registered"]),
            master_key: master_key(),
        };
        must(db.ledger.record(&college.access, command).await);
        let running = must(app.app.webhooks.clone().start().await);
        college.asset("Camera").register().await;
        becomes("a request", async || slow.asked() == 1).await;
        let stopping = tokio::spawn(running.stop());
        let mut lives = std::collections::BTreeSet::new();
        becomes("a sign of life after another", async || {
            db.clock.advance_micros(SECOND_MICROS);
            let alive = "SELECT alive_until FROM delivery_run";
            lives.extend(db.raw().await.numbers(alive).await);
            // The first may be from before it was told to stop, and so may one that was under way then.
            lives.len() > 4
        })
        .await;
        slow.answer.send_replace(true);
        must(stopping.await);
        assert_eq!(slow.asked(), 1);
        let mut raw = db.raw().await;
        assert_eq!(raw.number("SELECT CAST(COUNT(*) AS BIGINT) FROM delivery_run").await, 0);
        let delivered = "SELECT CAST(COUNT(*) AS BIGINT) FROM delivery WHERE status = 'delivered'";
        assert_eq!(raw.number(delivered).await, 1);
    }

    /// What was accepted while the database could not note it is noted when it can, and not made again.
    async fn what_came_back_is_kept(db: TestDb) {
        let stage = Stage::set(&db).await;
        let access = &stage.college.access;
        let (endpoint, _) = stage.endpoint(events(&["asset.registered"])).await;
        let running = must(stage.app.app.webhooks.clone().start().await);
        let mut raw = db.raw().await;
        must(raw.execute("ALTER TABLE endpoint_health RENAME TO endpoint_health_away").await);
        stage.college.asset("Camera").register().await;
        becomes("a request", async || stage.sink.received().len() == 1).await;
        // Long enough for settling to have failed.
        sleep(Duration::from_millis(500)).await;
        must(raw.execute("ALTER TABLE endpoint_health_away RENAME TO endpoint_health").await);
        becomes("its settling", async || {
            let mut tx = must(db.ledger.db().read(access).await);
            let page = must(log::page(&mut tx, access, endpoint, &log::Filter::default(), 1).await);
            page[0].status == Status::Delivered
        })
        .await;
        running.stop().await;
        assert_eq!(stage.sink.received().len(), 1);
        assert_eq!(stage.entries("webhook.delivered").await, 1);
        stage.is_whole().await;
    }
}
