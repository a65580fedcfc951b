//! What help desks reported, told to the ledger.

use std::collections::HashMap;

use habeo_core::inbox::worker::Handler;
use habeo_core::inbox::{Outcome, Received, Verdict};
use habeo_core::ledger::Ledger;
use habeo_core::ticket::Unlinked;
use habeo_core::ticket::command::{Outcome as Became, TakeReports, Taken};

use super::{Told, access, letter_of, not_told};
use crate::itsm;

/// The most letters that are told to the ledger at once: with two of these at a time, and two megabytes each, a quarter of a gigabyte.
const TOGETHER_MAX: usize = 64;

/// Works off what help desks reported.
#[derive(Debug, Clone)]
pub struct Tickets(pub Ledger);

impl Handler for Tickets {
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
            itsm::read(
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
        // What no mapping knows is said where the connection's administrators look.
        let unmapped: HashMap<String, String> = reports
            .iter()
            .filter(|(_, report)| !report.unmapped.is_empty())
            .map(|(key, report)| (key.clone(), report.unmapped.join(", ")))
            .collect();
        let command = TakeReports {
            connection: connection.id,
            provider: connection.provider,
            reports,
        };
        match self.0.record(&access(first.org), command).await {
            Ok(taken) => {
                for one in taken {
                    let (outcome, why) = became(&one);
                    gathered.add(letter_of(&one.key), outcome, why);
                    if let Some(words) = unmapped.get(&one.key) {
                        let why = format!("not mapped: {words}");
                        gathered.add(letter_of(&one.key), outcome, Some(why));
                    }
                }
                gathered.verdicts(received.len())
            }
            Err(error) => not_told(received, &error),
        }
    }
}

fn became(taken: &Taken) -> (Outcome, Option<String>) {
    let unlinked = taken.unlinked.map(|why| match why {
        Unlinked::NotNamed => "it names no asset",
        Unlinked::NoneFound => "no asset has the tag or serial number that it names",
        Unlinked::SeveralFound => "several assets have what it names",
    });
    match taken.outcome {
        Became::Applied => match unlinked {
            Some(why) => (Outcome::Unlinked, Some(why.to_owned())),
            None => (Outcome::Applied, clamped(taken)),
        },
        Became::Unchanged => (Outcome::Unchanged, None),
        Became::Stale => (
            Outcome::Stale,
            Some("something later is known of the ticket".to_owned()),
        ),
        Became::Refused(why) => (Outcome::Refused, Some(why.to_string())),
    }
}

fn clamped(taken: &Taken) -> Option<String> {
    taken.clamped.then(|| {
        "the help desk's clock is more than a day ahead; the time of receipt counts".to_owned()
    })
}
