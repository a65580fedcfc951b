//! What is sent: parcels, who delivers them and when, and what people are told.

mod disabled;
mod lanes;
mod leases;
mod loads;
mod notices;
mod worker;

use std::sync::{Arc, Mutex, PoisonError};

use habeo_core::access::Access;
use habeo_core::asset;
use habeo_core::explain::{Explain, Kind};
use habeo_core::id::ParcelId;
use habeo_core::ledger::{Command, Failure, Ledger, Work};
use habeo_core::outbox::lease::{Outbox, Wanted};
use habeo_core::outbox::{Channel, Courier, Leased, Outcome, Parcel, Status, store};
use habeo_delivery::{Settings, Worker};
use habeo_tests::builders::College;
use habeo_tests::must;

/// As many as there are.
const MANY: Wanted = Wanted {
    parcels: 1_000,
    again_max: 1_000,
};

/// Puts parcels into the outbox, after an act that they follow from, and perhaps takes everything back.
#[derive(Debug, Default)]
struct Post {
    act: Option<asset::command::Command>,
    parcels: Vec<Parcel>,
    refuse: bool,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("refused")]
struct Refused;

impl Explain for Refused {
    fn kind(&self) -> Kind {
        Kind::Conflict
    }

    fn code(&self) -> &'static str {
        "refused"
    }
}

impl Command for Post {
    type Answer = Vec<ParcelId>;
    type Refusal = Refused;

    async fn execute(self, work: &mut Work) -> Result<Vec<ParcelId>, Failure<Refused>> {
        if let Some(act) = self.act {
            act.execute(work).await.map_err(|failure| match failure {
                Failure::Refused(_) => Failure::Refused(Refused),
                Failure::Store(error) => Failure::Store(error),
            })?;
        }
        let mut ids = Vec::new();
        for parcel in self.parcels {
            ids.push(work.enqueue(parcel)?);
        }
        if self.refuse {
            return Err(Failure::Refused(Refused));
        }
        Ok(ids)
    }
}

fn parcel(channel: Channel, lane: &str) -> Parcel {
    Parcel {
        channel,
        lane: lane.to_owned(),
        body: "{}".to_owned(),
        cause: None,
    }
}

/// One parcel for each lane, in one unit of work.
async fn post(college: &College, channel: Channel, lanes: &[&str]) -> Vec<ParcelId> {
    let post = Post {
        parcels: lanes.iter().map(|lane| parcel(channel, lane)).collect(),
        ..Post::default()
    };
    must(college.db.ledger.record(&college.access, post).await)
}

fn outbox(college: &College) -> Outbox {
    Outbox::new(college.db.ledger.clone())
}

async fn claim(college: &College, channel: Channel) -> Vec<Leased> {
    must(outbox(college).claim(college.org, channel, MANY).await)
}

async fn settle(
    college: &College,
    leased: &Leased,
    outcome: Outcome,
) -> habeo_core::outbox::lease::Verdict {
    let done = [(leased.clone(), outcome)];
    must(outbox(college).settle(college.org, &done).await)[0]
}

fn delivered() -> Outcome {
    Outcome::Delivered {
        detail: "ok".to_owned(),
    }
}

fn again(after_seconds: Option<u64>) -> Outcome {
    Outcome::Again {
        after: after_seconds.map(std::time::Duration::from_secs),
        why: "503".to_owned(),
    }
}

async fn status(college: &College, id: ParcelId) -> Status {
    let mut tx = college.db.read(&college.access).await;
    must(must(store::by_id(&mut tx, &college.access, id).await).ok_or("no parcel")).status
}

/// The number and outcome of each attempt.
async fn attempts(college: &College, id: ParcelId) -> Vec<(i64, String)> {
    let mut tx = college.db.read(&college.access).await;
    let attempts = must(store::attempts(&mut tx, &college.access, id).await);
    attempts
        .into_iter()
        .map(|attempt| (attempt.attempt, attempt.outcome.to_string()))
        .collect()
}

/// How many parcels there are in all, and how many of them wait.
async fn count(college: &College) -> (i64, i64) {
    let mut raw = college.db.raw().await;
    let all = raw
        .number("SELECT CAST(COUNT(*) AS BIGINT) FROM outbox")
        .await;
    let due = raw
        .number("SELECT CAST(COUNT(*) AS BIGINT) FROM outbox_due")
        .await;
    (all, due)
}

type Answer = dyn Fn(&Leased) -> Outcome + Send + Sync;

/// A courier that notes what it is given and answers as it is told.
#[derive(Clone)]
struct Fake {
    channel: Channel,
    given: Arc<Mutex<Vec<Leased>>>,
    answer: Arc<Answer>,
}

impl Fake {
    fn new(channel: Channel, answer: impl Fn(&Leased) -> Outcome + Send + Sync + 'static) -> Self {
        Self {
            channel,
            given: Arc::default(),
            answer: Arc::new(answer),
        }
    }

    fn given(&self) -> Vec<Leased> {
        self.given
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn worker(&self, ledger: &Ledger) -> Worker {
        Worker::new(Outbox::new(ledger.clone()), Settings::default()).courier(self.clone())
    }
}

impl Courier for Fake {
    fn channel(&self) -> Channel {
        self.channel
    }

    async fn deliver(&self, parcel: &Leased) -> Outcome {
        self.given
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(parcel.clone());
        (self.answer)(parcel)
    }
}

/// The access of another college's operator, for what must not be seen.
fn foreign(college: &College) -> &Access {
    &college.access
}
