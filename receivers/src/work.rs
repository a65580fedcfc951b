//! Working off what came in from connections: read, and told to the ledger, many of one connection together.

mod devices;
mod tickets;

use std::collections::HashMap;
use std::marker::PhantomData;

use habeo_core::access::{Access, Surface};
use habeo_core::connection::reported::Refusal;
use habeo_core::connection::{self, Connection};
use habeo_core::explain::{Explain, Kind};
use habeo_core::inbox::worker::Handler;
use habeo_core::inbox::{Outcome, Received, Verdict};
use habeo_core::ledger::{Command, Ledger, RecordError};
use habeo_core::store::StoreResult;

use crate::letter::Unreadable;

pub use self::devices::Devices;
pub use self::tickets::Tickets;

/// A sort of systems: how its letters are read, what the ledger is told of them, and what came of that.
pub trait Sort: Send + Sync + 'static {
    /// The most letters that are told to the ledger at once.
    const TOGETHER_MAX: usize;
    /// What a letter reports.
    type Report: Send + Sync + 'static;
    /// What became of a report.
    type Taken: Send + 'static;
    /// What the ledger is told.
    type Take: Command<Answer = Vec<Self::Taken>, Refusal = Refusal>;

    /// What a letter reports.
    fn read(connection: &Connection, received: &Received) -> Result<Vec<Self::Report>, Unreadable>;
    /// What the ledger is told of reports, each with the key by which its outcome is known.
    fn take(connection: &Connection, reports: Vec<(String, Self::Report)>) -> Self::Take;
    /// What became of a report: its key, the outcome, and why.
    fn became(taken: &Self::Taken) -> (&str, Outcome, Option<String>);
    /// What administrators are told of a report beside its outcome.
    fn remark(_report: &Self::Report) -> Option<String> {
        None
    }
}

/// Works off what a sort of systems reported.
#[derive(Debug, Clone)]
pub struct Worked<S> {
    ledger: Ledger,
    sort: PhantomData<S>,
}

impl<S> Worked<S> {
    /// Tells this ledger.
    #[must_use]
    pub const fn new(ledger: Ledger) -> Self {
        Self {
            ledger,
            sort: PhantomData,
        }
    }
}

impl<S: Sort> Handler for Worked<S> {
    const TOGETHER_MAX: usize = S::TOGETHER_MAX;

    async fn handle(&self, received: &Received) -> Verdict {
        let verdicts = self.handle_together(std::slice::from_ref(received)).await;
        verdicts.into_iter().next().unwrap_or(Verdict::Done)
    }

    async fn handle_together(&self, received: &[Received]) -> Vec<Verdict> {
        let Some(first) = received.first() else {
            return Vec::new();
        };
        let told = Told::of(&self.ledger, received, S::read).await;
        let Told {
            connection,
            reports,
            mut gathered,
        } = match told {
            Ok(told) => told,
            Err(verdicts) => return verdicts,
        };
        let remarks = reports
            .iter()
            .filter_map(|(key, report)| Some((key.clone(), S::remark(report)?)));
        let remarks: HashMap<String, String> = remarks.collect();
        let take = S::take(&connection, reports);
        match self.ledger.record(&access(first.org), take).await {
            Ok(taken) => {
                for one in &taken {
                    let (key, outcome, why) = S::became(one);
                    gathered.add(letter_of(key), outcome, why);
                    if let Some(remark) = remarks.get(key) {
                        gathered.add(letter_of(key), outcome, Some(remark.clone()));
                    }
                }
                gathered.verdicts(received.len())
            }
            Err(error) => not_told(received, &error),
        }
    }
}

/// A verdict with an outcome.
const fn noted(outcome: Outcome, why: Option<String>) -> Verdict {
    Verdict::Noted { outcome, why }
}

fn again(why: String) -> Verdict {
    Verdict::Again { at: None, why }
}

/// Nothing can be done now; whoever waits is told why.
fn all_again(received: &[Received], why: &str) -> Vec<Verdict> {
    vec![again(why.to_owned()); received.len()]
}

/// What several letters of one connection report, with the place of its letter as the key of each report.
struct Told<R> {
    connection: Connection,
    reports: Vec<(String, R)>,
    gathered: Gathered,
}

impl<R> Told<R> {
    /// Reads letters. Otherwise what is to come of all of them.
    async fn of(
        ledger: &Ledger,
        received: &[Received],
        read: impl Fn(&Connection, &Received) -> Result<Vec<R>, Unreadable>,
    ) -> Result<Self, Vec<Verdict>> {
        let connection = match connection_of(ledger, received).await {
            Ok(Some(connection)) => connection,
            Ok(None) => {
                let why = Some("the connection is not known".to_owned());
                return Err(vec![noted(Outcome::Refused, why); received.len()]);
            }
            Err(error) => {
                tracing::error!(%error, "what was reported cannot be read");
                return Err(all_again(received, "the store failed"));
            }
        };
        let mut reports = Vec::with_capacity(received.len());
        let mut gathered = Gathered::default();
        for (letter, one) in received.iter().enumerate() {
            match read(&connection, one) {
                Ok(read) => {
                    reports.extend(read.into_iter().map(|report| (letter.to_string(), report)));
                }
                Err(why) => gathered.add(letter, Outcome::Unreadable, Some(why.to_string())),
            }
        }
        Ok(Self {
            connection,
            reports,
            gathered,
        })
    }
}

/// The place of a letter by the key of its report.
fn letter_of(key: &str) -> usize {
    key.parse().unwrap_or(usize::MAX)
}

/// The connection of several letters, which is one. None: it is not known any more, and neither is how its letters were to be read.
async fn connection_of(ledger: &Ledger, received: &[Received]) -> StoreResult<Option<Connection>> {
    let Some((org, id)) = received
        .first()
        .and_then(|one| Some((one.org, one.connection?)))
    else {
        return Ok(None);
    };
    let access = access(org);
    let mut tx = ledger.db().read(&access).await?;
    connection::store::by_id(&mut tx, &access, id).await
}

/// As whom the ledger is told: Habeo itself, on behalf of what a system reported.
fn access(org: habeo_core::id::OrgId) -> Access {
    Access::system(org, Surface::Webhook)
}

/// What is to come of letters that the ledger did not take as a whole: those that failed of something passing are told again.
fn not_told<R: Explain + std::fmt::Debug>(
    received: &[Received],
    error: &RecordError<R>,
) -> Vec<Verdict> {
    match error {
        RecordError::Refused(refusal)
            if !matches!(refusal.kind(), Kind::Internal | Kind::Unavailable) =>
        {
            vec![noted(Outcome::Refused, Some(refusal.to_string())); received.len()]
        }
        RecordError::Refused(refusal) => all_again(received, &refusal.to_string()),
        RecordError::Store(error) => {
            tracing::error!(%error, "what was reported was not recorded");
            all_again(received, "the store failed")
        }
    }
}

/// Each letter's outcomes, put together from those of its reports: what came of most of it is said, and every reason once.
#[derive(Debug, Default)]
struct Gathered(HashMap<usize, Vec<(Outcome, Option<String>)>>);

impl Gathered {
    fn add(&mut self, letter: usize, outcome: Outcome, why: Option<String>) {
        self.0.entry(letter).or_default().push((outcome, why));
    }

    fn verdicts(mut self, letters: usize) -> Vec<Verdict> {
        (0..letters).map(|letter| self.verdict(letter)).collect()
    }

    /// The verdict of a letter. One that reported nothing is of no interest.
    fn verdict(&mut self, letter: usize) -> Verdict {
        let Some(mut outcomes) = self.0.remove(&letter) else {
            return noted(Outcome::Ignored, Some("it reports nothing".to_owned()));
        };
        outcomes.sort_by_key(|(outcome, _)| weight(*outcome));
        let mut reasons: Vec<String> = Vec::new();
        for why in outcomes.iter().filter_map(|(_, why)| why.as_ref()) {
            if !reasons.contains(why) {
                reasons.push(why.clone());
            }
        }
        let first = outcomes
            .first()
            .map_or(Outcome::Ignored, |(outcome, _)| *outcome);
        noted(first, (!reasons.is_empty()).then(|| reasons.join("; ")))
    }
}

/// What is worth more attention comes first.
const fn weight(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Refused | Outcome::Unreadable => 0,
        Outcome::Held => 1,
        Outcome::Unlinked => 2,
        Outcome::Applied => 3,
        Outcome::Stale => 4,
        Outcome::Unchanged => 5,
        Outcome::Ignored => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_needs_attention_is_said_first() {
        let mut gathered = Gathered::default();
        gathered.add(0, Outcome::Unchanged, None);
        gathered.add(0, Outcome::Held, Some("two assets".to_owned()));
        gathered.add(0, Outcome::Held, Some("two assets".to_owned()));
        let held = noted(Outcome::Held, Some("two assets".to_owned()));
        assert_eq!(gathered.verdict(0), held);
        assert!(matches!(
            gathered.verdict(1),
            Verdict::Noted {
                outcome: Outcome::Ignored,
                ..
            }
        ));
    }
}
