//! What help desks reported, told to the ledger.

use habeo_core::connection::Connection;
use habeo_core::inbox::{Outcome, Received};
use habeo_core::ticket::Unlinked;
use habeo_core::ticket::command::{Outcome as Became, TakeReports, Taken};
use habeo_core::ticket::report::Report;

use super::{Sort, Worked};
use crate::itsm;
use crate::letter::Unreadable;

/// Help desks.
#[derive(Debug, Clone, Copy)]
pub struct OfTickets;

/// Works off what help desks reported.
pub type Tickets = Worked<OfTickets>;

impl Sort for OfTickets {
    /// With two of these at a time, and two megabytes each, a quarter of a gigabyte.
    const TOGETHER_MAX: usize = 64;

    type Report = Report;
    type Taken = Taken;
    type Take = TakeReports;

    fn read(connection: &Connection, received: &Received) -> Result<Vec<Report>, Unreadable> {
        itsm::read(
            connection.provider,
            &connection.settings,
            &received.body,
            received.received_at,
        )
    }

    fn take(connection: &Connection, reports: Vec<(String, Report)>) -> TakeReports {
        TakeReports {
            connection: connection.id,
            provider: connection.provider,
            reports,
        }
    }

    fn became(taken: &Taken) -> (&str, Outcome, Option<String>) {
        let (outcome, why) = became(taken);
        (&taken.key, outcome, why)
    }

    /// What no mapping knows is said where the connection's administrators look.
    fn remark(report: &Report) -> Option<String> {
        let words = &report.unmapped;
        (!words.is_empty()).then(|| format!("not mapped: {}", words.join(", ")))
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
