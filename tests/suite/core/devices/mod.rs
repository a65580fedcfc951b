//! What device managements report: which asset a device is, what follows, what does not, and what people decide.

mod cases;
mod hand_overs;
mod matching;
mod streams;

use habeo_core::access::{Access, Surface};
use habeo_core::connection::Provider;
use habeo_core::device::report::{Described, Kind, Report, User};
use habeo_core::device::show::{self, ShownDevice};
use habeo_core::device::take::{Outcome, TakeReports};
use habeo_core::id::{AssetId, ConnectionId, DuplicateCaseId};
use habeo_core::time::{DAY_MICROS, MINUTE_MICROS, Timestamp};
use habeo_tests::builders::College;
use habeo_tests::database::START;
use habeo_tests::must;
use uuid::Uuid;

/// A connected device management.
pub(super) struct Mdm<'a> {
    college: &'a College,
    connection: ConnectionId,
    provider: Provider,
    access: Access,
}

impl<'a> Mdm<'a> {
    /// The first of a college: Intune, which implies no maker. Now is a month after the college was founded.
    fn of(college: &'a College) -> Self {
        Self::numbered(college, 1, Provider::Intune)
    }

    fn numbered(college: &'a College, number: u128, provider: Provider) -> Self {
        let now = START.plus_micros(30 * DAY_MICROS);
        if college.db.clock_now() < now {
            college.db.clock.set(now);
        }
        Self {
            college,
            connection: ConnectionId::from_uuid(Uuid::from_u128(number)),
            provider,
            access: Access::system(college.org, Surface::Webhook),
        }
    }

    async fn take(&self, reports: Vec<Report>) -> Vec<Outcome> {
        let keyed = reports.into_iter().enumerate();
        let reports = keyed.map(|(n, report)| (n.to_string(), report)).collect();
        let command = TakeReports {
            connection: self.connection,
            provider: self.provider,
            reports,
        };
        let taken = must(self.college.db.ledger.record(&self.access, command).await);
        taken.into_iter().map(|taken| taken.outcome).collect()
    }

    async fn one(&self, report: Report) -> Outcome {
        must(self.take(vec![report]).await.pop().ok_or("no outcome"))
    }

    /// Takes a report that must leave facts, and says of which asset.
    async fn applied(&self, report: Report) -> AssetId {
        match self.one(report).await {
            Outcome::Applied { asset, .. } => asset,
            other => panic!("{other:?}"),
        }
    }

    /// Takes a report that must open a case.
    async fn case(&self, report: Report) -> DuplicateCaseId {
        match self.one(report).await {
            Outcome::Case { case, opened: true } => case,
            other => panic!("{other:?}"),
        }
    }

    /// What this connection says of an asset.
    async fn device(&self, asset: AssetId) -> Option<ShownDevice> {
        let mut tx = self.college.db.read(&self.access).await;
        let devices = must(show::devices(&mut tx, &self.access, &[asset]).await);
        let mut ours = devices.into_iter();
        ours.find(|device| device.connection_id == self.connection)
    }
}

/// So many minutes after the college was founded.
fn at(minutes: i64) -> Timestamp {
    START.plus_micros(minutes * MINUTE_MICROS)
}

/// A report of a device with this key and serial number.
fn report(kind: Kind, id: &str, serial: &str, minutes: i64) -> Report {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Report {
        external_id: text(id),
        kind,
        occurred_at: at(minutes),
        device: Described {
            serial: text(serial),
            model: Some("Folio 14".to_owned()),
            ..Described::default()
        },
        user: None,
        place: None,
    }
}

fn used_by(mut report: Report, email: &str) -> Report {
    report.user = Some(User {
        email: Some(email.to_owned()),
        ..User::default()
    });
    report
}

/// The facts about devices, in their order.
async fn facts(college: &College) -> Vec<String> {
    let mut raw = college.db.raw().await;
    raw.texts(
        "SELECT type FROM ledger_entry WHERE type LIKE 'mdm.%' OR type LIKE 'identity.%' ORDER BY log_index",
    )
    .await
}

/// How many assets a college has.
async fn assets(college: &College) -> usize {
    let mut raw = college.db.raw().await;
    raw.texts("SELECT description FROM asset").await.len()
}
