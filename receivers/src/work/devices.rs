//! What device managements reported, told to the ledger.

use habeo_core::device::take::{Outcome as Became, TakeReports};
use habeo_core::inbox::worker::Handler;
use habeo_core::inbox::{Outcome, Received, Verdict};
use habeo_core::ledger::Ledger;

use super::{Told, access, letter_of, not_told};
use crate::mdm;

/// The most letters that are told to the ledger at once: with two of these at a time, and a megabyte each, a quarter of a gigabyte.
const TOGETHER_MAX: usize = 128;

/// Works off what device managements reported.
#[derive(Debug, Clone)]
pub struct Devices(pub Ledger);

impl Handler for Devices {
    const TOGETHER_MAX: usize = TOGETHER_MAX;

    async fn handle(&self, received: &Received) -> Verdict {
        let verdicts = self.handle_together(std::slice::from_ref(received)).await;
        verdicts.into_iter().next().unwrap_or(Verdict::Done)
    }

    async fn handle_together(&self, received: &[Received]) -> Vec<Verdict> {
        let Some(first) = received.first() else {
            return Vec::new();
        };
        let read = Told::of(&self.0, received, |connection, one| {
            mdm::read(
                connection.provider,
                &connection.settings,
                &one.body,
                one.received_at,
            )
        });
        let Told {
            connection,
            reports,
            mut gathered,
        } = match read.await {
            Ok(read) => read,
            Err(verdicts) => return verdicts,
        };
        let command = TakeReports {
            connection: connection.id,
            provider: connection.provider,
            reports,
        };
        match self.0.record(&access(first.org), command).await {
            Ok(taken) => {
                for one in taken {
                    let (outcome, why) = became(&one.outcome);
                    gathered.add(letter_of(&one.key), outcome, why);
                }
                gathered.verdicts(received.len())
            }
            Err(error) => not_told(received, &error),
        }
    }
}

fn became(outcome: &Became) -> (Outcome, Option<String>) {
    match outcome {
        Became::Applied { entered: true, .. } => (
            Outcome::Applied,
            Some("an asset was entered for the device".to_owned()),
        ),
        Became::Applied { .. } => (Outcome::Applied, None),
        Became::Unchanged { .. } => (Outcome::Unchanged, None),
        Became::Stale { .. } => (
            Outcome::Stale,
            Some("something later is known of the device".to_owned()),
        ),
        Became::Case { case, .. } => (
            Outcome::Held,
            Some(format!(
                "somebody has to decide which asset it is: case {case}"
            )),
        ),
        Became::NoIdentity => (
            Outcome::Refused,
            Some("nothing in it tells which device it is".to_owned()),
        ),
        Became::Refused(why) => (Outcome::Refused, Some(why.to_string())),
    }
}
