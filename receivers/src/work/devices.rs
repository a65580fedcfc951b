//! What device managements reported, told to the ledger.

use habeo_core::connection::Connection;
use habeo_core::device::report::Report;
use habeo_core::device::take::{Outcome as Became, TakeReports, Taken};
use habeo_core::inbox::{Outcome, Received};

use super::{Sort, Worked};
use crate::letter::Unreadable;
use crate::mdm;

/// Device managements.
#[derive(Debug, Clone, Copy)]
pub struct OfDevices;

/// Works off what device managements reported.
pub type Devices = Worked<OfDevices>;

impl Sort for OfDevices {
    /// With two of these at a time, and a megabyte each, a quarter of a gigabyte.
    const TOGETHER_MAX: usize = 128;

    type Report = Report;
    type Taken = Taken;
    type Take = TakeReports;

    fn read(connection: &Connection, received: &Received) -> Result<Vec<Report>, Unreadable> {
        mdm::read(
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
        let (outcome, why) = became(&taken.outcome);
        (&taken.key, outcome, why)
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
