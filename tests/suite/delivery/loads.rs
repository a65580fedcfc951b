//! Parcels that travel together: of whatever organisations, no more loads at a time than the courier takes, each parcel settled by itself.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use habeo_core::id::OrgId;
use habeo_core::outbox::lease::Outbox;
use habeo_core::outbox::{Channel, Courier, Leased, Load, Outcome, Status};
use habeo_delivery::{Settings, Worker};
use habeo_tests::builders::College;
use habeo_tests::{both_engines, must};

use super::{again, delivered, outbox, post, status};

/// Takes three together, twice at a time, and says nothing of the last of each load.
#[derive(Clone, Default)]
struct Wagon {
    loads: Arc<Mutex<Vec<Vec<OrgId>>>>,
    under_way: Arc<Mutex<(usize, usize)>>,
    forgetful: bool,
}

impl Wagon {
    fn loads(&self) -> Vec<Vec<OrgId>> {
        let loads = self.loads.lock().unwrap_or_else(PoisonError::into_inner);
        loads.clone()
    }

    fn count(&self, begins: bool) {
        let mut counts = self
            .under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        counts.0 = if begins { counts.0 + 1 } else { counts.0 - 1 };
        counts.1 = counts.1.max(counts.0);
    }
}

impl Courier for Wagon {
    fn channel(&self) -> Channel {
        Channel::Push
    }

    fn load(&self) -> Load {
        Load {
            parcels: 3,
            at_once: Some(2),
        }
    }

    async fn deliver(&self, _: &Leased) -> Outcome {
        again(None)
    }

    async fn deliver_many(&self, parcels: &[Leased]) -> Vec<Outcome> {
        self.count(true);
        tokio::time::sleep(Duration::from_millis(20)).await;
        let orgs = parcels.iter().map(|parcel| parcel.org).collect();
        let mut loads = self.loads.lock().unwrap_or_else(PoisonError::into_inner);
        loads.push(orgs);
        drop(loads);
        self.count(false);
        let said = parcels.len() - usize::from(self.forgetful);
        vec![delivered(); said]
    }
}

fn worker(college: &College, wagon: &Wagon) -> Worker {
    Worker::new(Outbox::new(college.db.ledger.clone()), Settings::default()).courier(wagon.clone())
}

both_engines! {
    /// Ten parcels of two organisations are four loads at most of which two share one, and never are more than two on their way.
    async fn parcels_travel_together(db: TestDb) {
        let (one, other) = (College::found(&db).await, College::found_as(&db, "eastmark").await);
        let lanes: Vec<String> = (0..5).map(|n| format!("phone {n}")).collect();
        let lanes: Vec<&str> = lanes.iter().map(String::as_str).collect();
        let mut ids = Vec::new();
        for college in [&one, &other] {
            for id in post(college, Channel::Push, &lanes).await {
                ids.push((college, id));
            }
        }
        let wagon = Wagon::default();
        assert_eq!(must(worker(&one, &wagon).deliver_due().await), 10);
        let loads = wagon.loads();
        assert!(loads.iter().all(|load| load.len() <= 3), "{loads:?}");
        assert!(loads.iter().any(|load| load.contains(&one.org) && load.contains(&other.org)), "{loads:?}");
        assert_eq!(loads.iter().map(Vec::len).sum::<usize>(), 10);
        assert!(wagon.under_way.lock().unwrap_or_else(PoisonError::into_inner).1 <= 2);
        for (college, id) in ids {
            assert_eq!(status(college, id).await, Status::Delivered);
        }
    }

    /// A parcel of which the courier says nothing has failed, and the others of its load have not.
    async fn what_is_not_spoken_of_is_tried_again(db: TestDb) {
        let college = College::found(&db).await;
        let ids = post(&college, Channel::Push, &["a", "b", "c"]).await;
        let wagon = Wagon { forgetful: true, ..Wagon::default() };
        must(worker(&college, &wagon).deliver_due().await);
        let mut statuses = Vec::new();
        for id in ids {
            statuses.push(status(&college, id).await);
        }
        assert_eq!(statuses, [Status::Delivered, Status::Delivered, Status::Waiting]);
    }

    /// What a receiver says later did not arrive goes back under its id, with a pause, before what waits behind it; nothing else does.
    async fn a_delivered_parcel_is_put_back(db: TestDb) {
        let college = College::found(&db).await;
        let first = post(&college, Channel::Push, &["a"]).await[0];
        assert_eq!(must(outbox(&college).reopen(college.org, first).await), None, "it waits still");
        let wagon = Wagon::default();
        must(worker(&college, &wagon).deliver_due().await);
        let due_at = must(outbox(&college).reopen(college.org, first).await);
        assert!(due_at.is_some_and(|at| at > db.clock_now()));
        assert_eq!(must(outbox(&college).reopen(college.org, first).await), None, "once");
        let second = post(&college, Channel::Push, &["a"]).await[0];
        assert_eq!(must(worker(&college, &wagon).deliver_due().await), 0);
        db.clock.advance_micros(60_000_000);
        assert_eq!(must(worker(&college, &wagon).deliver_due().await), 2);
        for id in [first, second] {
            assert_eq!(status(&college, id).await, Status::Delivered);
        }
        db.clock.advance_micros(25 * 3_600_000_000);
        assert_eq!(must(outbox(&college).reopen(college.org, first).await), None, "its day is over");
        let foreign = College::found_as(&db, "eastmark").await;
        assert_eq!(must(outbox(&college).reopen(foreign.org, second).await), None);
    }
}
