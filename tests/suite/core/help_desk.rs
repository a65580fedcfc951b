//! A help desk that reports, for whatever is tested of tickets.

use habeo_core::access::{Access, Surface};
use habeo_core::connection::Provider;
use habeo_core::id::{ConnectionId, TicketId, new_uuid};
use habeo_core::ticket::command::{Outcome, TakeReports, Taken};
use habeo_core::ticket::report::{AssetRef, Change, Field, Report, Version};
use habeo_core::ticket::{Priority, Sort, Status};
use habeo_core::time::Timestamp;
use habeo_tests::builders::College;
use habeo_tests::must;

/// A help desk of a college.
pub(crate) struct Desk<'a> {
    college: &'a College,
    pub(crate) access: Access,
    pub(crate) connection: ConnectionId,
}

impl<'a> Desk<'a> {
    pub(crate) fn of(college: &'a College) -> Self {
        let (now, random) = (college.db.ledger.clock().now(), college.db.ledger.random());
        Self {
            college,
            access: Access::system(college.org, Surface::Webhook),
            connection: ConnectionId::from_uuid(new_uuid(now, random)),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.college.db.ledger.clock().now()
    }

    /// An open ticket about an asset with this tag, as it is now.
    pub(crate) fn ticket(&self, id: &str, tag: &str) -> Report {
        Report {
            assets: Field::Set(vec![AssetRef::Tag(tag.to_owned())]),
            ..self.about_nothing(id)
        }
    }

    pub(crate) fn about_nothing(&self, id: &str) -> Report {
        let now = self.now();
        Report {
            external_id: id.to_owned(),
            external_key: Field::Set(format!("ITH-{id}")),
            url: Field::Set(format!("https://desk.example/browse/ITH-{id}")),
            change: Change::Updated,
            title: Field::Set(format!("Battery swollen {id}")),
            sort: Field::Set(Sort::Incident),
            status: Field::Set(Status::Open),
            status_raw: Field::Set("Waiting for support".to_owned()),
            priority: Field::Set(Priority::High),
            priority_raw: Field::Set("High".to_owned()),
            requester: Field::Absent,
            assignee: Field::Absent,
            assets: Field::Empty,
            opened_at: Field::Set(now),
            resolved_at: Field::Empty,
            version: Version::UpdatedAt(now),
            partial: false,
            occurred_at: now,
            unmapped: Vec::new(),
        }
    }

    /// The same a second later, in another state.
    pub(crate) fn later(&self, report: &Report, status: Status) -> Report {
        self.college.db.clock.advance_micros(1_000_000);
        Report {
            status: Field::Set(status),
            version: Version::UpdatedAt(self.now()),
            occurred_at: self.now(),
            ..report.clone()
        }
    }

    pub(crate) async fn take(&self, reports: &[Report]) -> Vec<Taken> {
        let keyed = |(n, report): (usize, &Report)| (format!("jira:{n}"), report.clone());
        let take = TakeReports {
            connection: self.connection,
            provider: Provider::Jira,
            reports: reports.iter().enumerate().map(keyed).collect(),
        };
        must(self.college.db.ledger.record(&self.access, take).await)
    }

    pub(crate) async fn one(&self, report: &Report) -> Taken {
        let mut taken = self.take(std::slice::from_ref(report)).await;
        taken.remove(0)
    }

    /// Opens a ticket about an asset with this tag.
    pub(crate) async fn open(&self, id: &str, tag: &str) -> TicketId {
        let taken = self.one(&self.ticket(id, tag)).await;
        assert_eq!((taken.outcome, taken.unlinked), (Outcome::Applied, None));
        must(taken.ticket.ok_or("a ticket"))
    }
}
