//! A worker at work: it begins at once, shares its places, survives its couriers and gives back what it cannot finish.

use std::sync::Arc;
use std::time::Duration;

use habeo_core::outbox::lease::Outbox;
use habeo_core::outbox::{Channel, Courier, Leased, Outcome, Status};
use habeo_delivery::{Settings, Worker};
use habeo_tests::builders::College;
use habeo_tests::{both_engines, must};
use tokio::sync::{Notify, mpsc};
use tokio::time::timeout;

use super::{Fake, attempts, claim, delivered, post, status};

/// For what happens at once, on a machine that is busy.
const SOON: Duration = Duration::from_secs(20);
/// Never, for a test.
const NEVER: Duration = Duration::from_hours(24);

/// A worker that looks for nothing by itself.
fn settings() -> Settings {
    Settings {
        look_every: NEVER,
        round_every: NEVER,
        finish: Duration::ZERO,
        ..Settings::default()
    }
}

/// Says what it was given, and delivers.
struct Telling(Channel, mpsc::UnboundedSender<Leased>);

impl Courier for Telling {
    fn channel(&self) -> Channel {
        self.0
    }

    async fn deliver(&self, parcel: &Leased) -> Outcome {
        must(self.1.send(parcel.clone()));
        delivered()
    }
}

/// Comes to no end.
struct Hanging(Arc<Notify>);

impl Courier for Hanging {
    fn channel(&self) -> Channel {
        Channel::Slack
    }

    async fn deliver(&self, _: &Leased) -> Outcome {
        self.0.notify_one();
        std::future::pending().await
    }
}

/// Does on each lane what it is called.
struct Moody;

impl Courier for Moody {
    fn channel(&self) -> Channel {
        Channel::Slack
    }

    fn deadline(&self) -> Duration {
        Duration::from_millis(50)
    }

    async fn deliver(&self, parcel: &Leased) -> Outcome {
        match parcel.lane.as_str() {
            "panics" => panic!("as it was told"),
            "hangs" => std::future::pending().await,
            _ => delivered(),
        }
    }
}

both_engines! {
    /// What is put into the outbox on a node sets out without waiting for anything else.
    async fn it_wakes_when_something_is_enqueued(db: TestDb) {
        let college = College::found(&db).await;
        let (sender, mut given) = mpsc::unbounded_channel();
        let worker = Worker::new(Outbox::new(db.ledger.clone()), settings());
        let running = worker.courier(Telling(Channel::Slack, sender.clone())).courier(Telling(Channel::Webhook, sender)).start();
        for channel in [Channel::Slack, Channel::Webhook, Channel::Slack] {
            let id = post(&college, channel, &[&format!("{channel} {}", college.number())]).await[0];
            let leased = must(timeout(SOON, given.recv()).await);
            assert_eq!(leased.map(|leased| leased.id), Some(id));
        }
        running.stop().await;
    }

    /// An organisation with ten thousand parcels keeps another with one waiting for a moment only.
    async fn nobody_starves(db: TestDb) {
        let loud = College::found(&db).await;
        let quiet = College::found_as(&db, "eastmark").await;
        post(&loud, Channel::Webhook, &vec!["a"; 10_000]).await;
        let id = post(&quiet, Channel::Webhook, &["a"]).await[0];
        let (sender, mut given) = mpsc::unbounded_channel();
        let places = Settings { places: 16, ..settings() };
        let worker = Worker::new(Outbox::new(db.ledger.clone()), places);
        let running = worker.courier(Telling(Channel::Webhook, sender)).start();
        let mut before = 0;
        while must(must(timeout(SOON, given.recv()).await).ok_or("the worker has ended")).id != id {
            before += 1;
        }
        running.stop().await;
        assert!(before <= 32, "{before} parcels came first");
    }

    /// A worker that stops gives back what is on its way: the next one has it at once.
    async fn a_stopped_worker_gives_back(db: TestDb) {
        let college = College::found(&db).await;
        let begun = Arc::new(Notify::new());
        let worker = Worker::new(Outbox::new(db.ledger.clone()), settings());
        let running = worker.courier(Hanging(Arc::clone(&begun))).start();
        let ids = post(&college, Channel::Slack, &["a", "a"]).await;
        must(timeout(SOON, begun.notified()).await);
        must(timeout(SOON, running.stop()).await);
        assert_eq!(attempts(&college, ids[0]).await, [(1, "given_back".to_owned())]);
        let leased = claim(&college, Channel::Slack).await;
        assert_eq!(leased.iter().map(|leased| (leased.id, leased.attempt)).collect::<Vec<_>>(), [(ids[0], 2)]);
    }

    /// What is wrong with the parcels of one organization keeps no other's waiting.
    async fn a_broken_organisation_stands_alone(db: TestDb) {
        let mut colleges = Vec::new();
        for slug in ["amark", "bmark"] {
            colleges.push(College::found_as(&db, slug).await);
        }
        colleges.sort_by_key(|college| college.org);
        let broken = post(&colleges[0], Channel::Webhook, &["a"]).await[0];
        let whole = post(&colleges[1], Channel::Webhook, &["a"]).await[0];
        let mut raw = db.raw().await;
        let id = raw.id(broken.uuid());
        must(raw.execute(&format!("DELETE FROM outbox WHERE id = {id}")).await);
        drop(raw);
        let fake = Fake::new(Channel::Webhook, |_| delivered());
        let done = fake.worker(&db.ledger).deliver_due().await;
        assert!(done.is_err(), "somebody has to look at it");
        assert_eq!(status(&colleges[1], whole).await, Status::Delivered);
        assert_eq!(fake.given().len(), 1);
    }

    /// A courier that panics or hangs has failed at that parcel, and at no other.
    async fn couriers_fail_alone(db: TestDb) {
        let college = College::found(&db).await;
        let ids = post(&college, Channel::Slack, &["panics", "hangs", "works"]).await;
        let other = post(&college, Channel::Teams, &["panics"]).await[0];
        let fake = Fake::new(Channel::Teams, |_| delivered());
        let worker = Worker::new(Outbox::new(db.ledger.clone()), settings()).courier(Moody).courier(fake);
        assert_eq!(must(worker.deliver_due().await), 4);
        for id in &ids[..2] {
            assert_eq!(attempts(&college, *id).await, [(1, "again".to_owned())]);
        }
        assert_eq!(status(&college, ids[2]).await, Status::Delivered);
        assert_eq!(status(&college, other).await, Status::Delivered);
    }
}
