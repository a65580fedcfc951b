//! Names that change what they mean: between saving and delivery, and between look-up and connection.

use std::collections::VecDeque;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use habeo_core::endpoint::command::ChangeEndpoint;
use habeo_core::endpoint::delivery::log;
use habeo_core::id::EndpointId;
use habeo_delivery::webhook::{self, Webhooks};
use habeo_egress::{Egress, Found, Lane, Resolve, Settings};
use habeo_tests::sink::Sink;
use habeo_tests::{both_engines, must};

use super::{Stage, events, master_key};

/// Of the part of IPv6 that is for the public Internet and is not given to anybody: it passes the rules and leads nowhere.
const NOWHERE: &str = "2000::1";

/// A name server that answers each question with the next of its answers, and goes on with the last.
#[derive(Debug)]
struct Turning {
    answers: Mutex<VecDeque<Vec<IpAddr>>>,
    asked: Mutex<usize>,
}

impl Turning {
    fn through(answers: &[&[&str]]) -> Arc<Self> {
        let read = |answer: &&[&str]| answer.iter().map(|one| must(one.parse())).collect();
        Arc::new(Self {
            answers: Mutex::new(answers.iter().map(read).collect()),
            asked: Mutex::default(),
        })
    }

    fn asked(&self) -> usize {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Resolve for Turning {
    fn resolve(&self, _: &str) -> Found {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let found = if answers.len() > 1 {
            answers.pop_front()
        } else {
            answers.front().cloned()
        };
        let found = found.ok_or_else(|| io::Error::other("no such name"));
        Box::pin(async move { found })
    }
}

/// Deliveries of the stage through a client with this name server, and the client.
fn through(stage: &Stage, names: &Arc<Turning>, allowed: &str) -> (Webhooks, Egress) {
    let ledger = stage.app.db.ledger.clone();
    let settings = Settings::new(ledger.shared_clock())
        .allow(must(allowed.parse()))
        .resolver(Arc::clone(names) as _);
    let egress = Egress::new(settings);
    let settings = webhook::Settings::default();
    let webhooks = Webhooks::new(ledger, egress.clone(), master_key(), settings);
    (webhooks, egress)
}

/// The stage's one endpoint, at another address.
async fn endpoint_at(stage: &Stage, url: &str) -> EndpointId {
    let (endpoint, _) = stage.endpoint(events(&["asset.registered"])).await;
    let change = ChangeEndpoint {
        endpoint,
        url: Some(url.to_owned()),
        description: None,
        settings: None,
    };
    must(
        stage
            .app
            .db
            .ledger
            .record(&stage.college.access, change)
            .await,
    );
    endpoint
}

/// Why the last delivery did not arrive; nothing where it did.
async fn refused(stage: &Stage, endpoint: EndpointId) -> Vec<String> {
    let access = &stage.college.access;
    let mut tx = stage.app.db.read(access).await;
    let page = must(log::page(&mut tx, access, endpoint, &log::Filter::default(), 1).await);
    let delivery = page.first().expect("a delivery").id;
    let attempts = must(log::attempts(&mut tx, access, (endpoint, delivery)).await);
    attempts.into_iter().map(|attempt| attempt.why).collect()
}

both_engines! {
    /// Public when it was saved, private when it is delivered, in every spelling of private; also with somebody public beside it.
    async fn a_name_turns_after_it_was_saved(db: TestDb) {
        let stage = Stage::set(&db).await;
        let port = stage.sink.host().rsplit(':').next().unwrap_or_default().to_owned();
        let url = format!("https://hooks.example.edu:{port}/hook");
        let names = Turning::through(&[
            &[NOWHERE], &["127.0.0.1"], &["10.0.0.8"], &["169.254.169.254"], &["::1"], &["::ffff:127.0.0.1"], &["64:ff9b::7f00:1"],
            &["fd00::8"], &[NOWHERE, "127.0.0.1"], &["0.0.0.0"],
        ]);
        let (webhooks, egress) = through(&stage, &names, "");
        let lane = Lane::Organization(stage.college.org);
        assert!(egress.target_to_save(lane, &url).await.is_ok());
        let endpoint = endpoint_at(&stage, &url).await;
        for attempt in 1..10 {
            stage.college.asset("Camera").register().await;
            assert_eq!(must(webhooks.deliver_due().await), 1);
            let whys = refused(&stage, endpoint).await;
            assert_eq!(whys.len(), 1);
            assert!(whys[0].contains("leads to an address that is not on the public Internet"), "{}", whys[0]);
            // Asked once when it was saved, and once for each attempt.
            assert_eq!(names.asked(), attempt + 1);
        }
        assert_eq!(stage.sink.received().len(), 0);
    }

    /// What was checked is what is connected to: an answer that would lead elsewhere is never asked for.
    async fn a_name_turns_before_the_connection(db: TestDb) {
        let stage = Stage::set(&db).await;
        let port = stage.sink.host().rsplit(':').next().unwrap_or_default().to_owned();
        // The receiver is at the first address; the second is somebody inside, at the same port.
        let inside = Sink::start_at(&format!("127.0.0.2:{port}")).await;
        let names = Turning::through(&[&["127.0.0.1"], &["127.0.0.2"]]);
        let (webhooks, _) = through(&stage, &names, &format!("hooks.campus.internal:{port}"));
        let endpoint = endpoint_at(&stage, &format!("http://hooks.campus.internal:{port}/hook")).await;
        stage.college.asset("Camera").register().await;
        assert_eq!(must(webhooks.deliver_due().await), 1);
        assert_eq!((names.asked(), refused(&stage, endpoint).await), (1, Vec::new()));
        assert_eq!((stage.sink.accepted().len(), inside.received().len()), (1, 0));
    }
}
