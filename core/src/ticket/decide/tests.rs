//! The rules as tables.

mod order;

use uuid::Uuid;

use super::*;
use crate::id::AssetId;
use crate::ticket::project::Place;
use crate::ticket::report::{AssetRef, Party};
use crate::ticket::{Priority, Sort};

fn uuid(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

const NOW: i64 = 1_000_000;

fn origin() -> Origin {
    Origin {
        connection: ConnectionId::from_uuid(uuid(1)),
        provider: Provider::Jira,
        home: UnitId::from_uuid(uuid(2)),
        now: at(NOW),
    }
}

fn link(asset: u128) -> Link {
    Link {
        asset: Some(AssetId::from_uuid(uuid(asset))),
        unit: UnitId::from_uuid(uuid(3)),
    }
}

/// A report that mentions nothing, of a version.
fn bare(seconds: i64) -> Report {
    Report {
        external_id: "10231".to_owned(),
        external_key: Field::Absent,
        url: Field::Absent,
        change: Change::Updated,
        title: Field::Absent,
        sort: Field::Absent,
        status: Field::Absent,
        status_raw: Field::Absent,
        priority: Field::Absent,
        priority_raw: Field::Absent,
        requester: Field::Absent,
        assignee: Field::Absent,
        assets: Field::Absent,
        opened_at: Field::Absent,
        resolved_at: Field::Absent,
        version: Version::UpdatedAt(at(seconds)),
        partial: false,
        occurred_at: at(seconds),
        unmapped: Vec::new(),
    }
}

/// A report that mentions everything.
fn whole(seconds: i64, status: Status) -> Report {
    Report {
        external_key: Field::Set("ITH-231".to_owned()),
        url: Field::Set("https://desk.example/ITH-231".to_owned()),
        title: Field::Set(format!("Title {seconds}")),
        sort: Field::Set(Sort::Incident),
        status: Field::Set(status),
        status_raw: Field::Set(status.as_str().to_owned()),
        priority: Field::Set(Priority::High),
        priority_raw: Field::Set("High".to_owned()),
        requester: Field::Set(somebody("qm:1")),
        assignee: Field::Set(somebody("5b10")),
        assets: Field::Set(vec![AssetRef::Tag("WM-1".to_owned())]),
        opened_at: Field::Set(at(10)),
        resolved_at: Field::Empty,
        ..bare(seconds)
    }
}

fn somebody(key: &str) -> Party {
    Party {
        external_id: Some(key.to_owned()),
        name: Some(format!("Name of {key}")),
        email: Some(format!("{key}@desk.example")),
    }
}

fn resolved() -> Resolved {
    Resolved {
        requester: Some(PersonId::from_uuid(uuid(11))),
        assignee: None,
        links: vec![link(7)],
        unlinked: None,
    }
}

/// A ticket and what is recorded of it, report after report.
#[derive(Default)]
struct Desk {
    known: Option<Known>,
    events: Vec<TicketEvent>,
}

impl Desk {
    fn take_with(&mut self, report: &Report, resolved: &Resolved) -> Decision {
        let decision = decide(self.known.as_ref(), report, resolved, origin());
        match &decision {
            Decision::Stale => {}
            Decision::Unchanged(private) => {
                if let Some(known) = &mut self.known {
                    known.private = (**private).clone();
                }
            }
            Decision::Changed(event, private) => {
                let before = self.known.as_ref().map(|known| &known.ticket);
                let place = Place {
                    id: TicketId::from_uuid(uuid(9)),
                    index: 5,
                    at: at(NOW),
                };
                let ticket = folded(before, event, place).expect("it can be folded");
                self.known = Some(Known {
                    ticket,
                    private: (**private).clone(),
                });
                self.events.push((**event).clone());
            }
        }
        decision
    }

    fn take(&mut self, report: &Report) -> Decision {
        self.take_with(report, &resolved())
    }

    fn known(&self) -> &Known {
        self.known.as_ref().expect("it is known")
    }

    fn status(&self) -> Status {
        self.known().ticket.status
    }

    /// What happened, by name.
    fn kinds(&self) -> Vec<&'static str> {
        self.events
            .iter()
            .map(|event| match event {
                TicketEvent::Opened(_) => "opened",
                TicketEvent::Changed(_) => "changed",
                TicketEvent::Resolved(_) => "resolved",
                TicketEvent::Reopened(_) => "reopened",
                TicketEvent::Deleted(_) => "deleted",
            })
            .collect()
    }
}

#[test]
fn a_life_of_a_ticket_has_its_names() {
    let mut desk = Desk::default();
    let deleted = Report {
        change: Change::Deleted,
        ..bare(70)
    };
    for report in [
        whole(10, Status::Open),
        whole(20, Status::InProgress),
        whole(30, Status::Resolved),
        whole(40, Status::Closed),
        whole(50, Status::Open),
        whole(60, Status::Canceled),
        deleted,
        whole(80, Status::InProgress),
    ] {
        assert!(matches!(desk.take(&report), Decision::Changed(..)));
    }
    let kinds = [
        "opened", "changed", "resolved", "changed", "reopened", "resolved", "deleted", "reopened",
    ];
    assert_eq!(desk.kinds(), kinds);
}

#[test]
fn what_is_older_changes_nothing_and_what_is_the_same_says_nothing_new() {
    let mut desk = Desk::default();
    desk.take(&whole(20, Status::InProgress));
    let before = desk.known().clone();
    assert_eq!(desk.take(&whole(19, Status::Closed)), Decision::Stale);
    assert!(matches!(
        desk.take(&whole(20, Status::InProgress)),
        Decision::Unchanged(_)
    ));
    assert_eq!(*desk.known(), before);
    // Two notifications of one update add up.
    let other = Report {
        priority: Field::Set(Priority::Low),
        ..bare(20)
    };
    assert!(matches!(desk.take(&other), Decision::Changed(..)));
    assert_eq!(
        (desk.status(), desk.known().ticket.priority),
        (Status::InProgress, Some(Priority::Low))
    );
}

#[test]
fn absent_is_not_empty() {
    let mut desk = Desk::default();
    desk.take(&whole(10, Status::Open));
    desk.take(&bare(20));
    let known = desk.known();
    assert_eq!(known.private.title.as_deref(), Some("Title 10"));
    assert_eq!(known.private.updated_at, at(20));
    assert_eq!(known.ticket.links, [link(7)]);
    desk.take(&Report {
        title: Field::Empty,
        requester: Field::Empty,
        assets: Field::Empty,
        priority: Field::Empty,
        status: Field::Empty,
        ..bare(30)
    });
    let known = desk.known();
    assert_eq!(
        (
            known.private.title.clone(),
            known.ticket.requester,
            known.ticket.priority
        ),
        (None, None, None)
    );
    assert_eq!(known.private.requester, Called::default());
    assert_eq!(known.ticket.status, Status::Open, "there is no empty state");
    assert_eq!(
        (known.ticket.links.as_slice(), known.ticket.unlinked),
        (&[origin().nowhere()][..], Some(Unlinked::NotNamed))
    );
}

/// Fields of a comment's report beside what is known, for reports older, equal and newer.
#[test]
fn a_part_never_takes_away_and_never_goes_back() {
    let part = |seconds| Report {
        partial: true,
        status: Field::Set(Status::InProgress),
        title: Field::Empty,
        assignee: Field::Empty,
        ..bare(seconds)
    };
    let mut desk = Desk::default();
    desk.take(&whole(20, Status::Open));
    assert_eq!(desk.take(&part(19)), Decision::Stale);
    assert!(
        matches!(desk.take(&part(20)), Decision::Unchanged(_)),
        "nothing in it was unknown"
    );
    assert!(matches!(desk.take(&part(30)), Decision::Changed(..)));
    let known = desk.known();
    assert_eq!(
        (known.ticket.status, known.private.updated_at),
        (Status::InProgress, at(30))
    );
    assert_eq!(known.private.title.as_deref(), Some("Title 20"));
    assert_eq!(known.private.assignee.external_id.as_deref(), Some("5b10"));
    // The whole report that it overtook brings everything but what the part knew better.
    desk.take(&Report {
        priority: Field::Set(Priority::Critical),
        ..whole(25, Status::OnHold)
    });
    let known = desk.known();
    assert_eq!(
        (known.ticket.status, known.ticket.priority),
        (Status::InProgress, Some(Priority::Critical))
    );
    assert_eq!(known.private.title.as_deref(), Some("Title 25"));
    desk.take(&whole(40, Status::Resolved));
    assert_eq!(
        (desk.status(), desk.known().private.partial),
        (Status::Resolved, None)
    );
    assert_eq!(desk.take(&part(39)), Decision::Stale);
}

#[test]
fn an_update_can_come_before_the_creation() {
    let mut desk = Desk::default();
    desk.take(&Report {
        partial: true,
        title: Field::Set("Only a title".to_owned()),
        ..bare(20)
    });
    assert_eq!(
        (desk.kinds(), desk.status()),
        (vec!["opened"], Status::Open)
    );
    let created = Report {
        change: Change::Created,
        ..whole(10, Status::OnHold)
    };
    assert!(matches!(desk.take(&created), Decision::Changed(..)));
    let known = desk.known();
    assert_eq!(
        known.ticket.status,
        Status::OnHold,
        "the part did not speak of it"
    );
    assert_eq!(known.private.title.as_deref(), Some("Only a title"));
}

/// A version, and whether it brings back a ticket that was removed at the known one.
#[test]
fn what_was_removed_stays_so_unless_something_newer_is_said() {
    use Version::{Counter, ReceivedAt, UpdatedAt};
    for (removed, reported, revived) in [
        (UpdatedAt(at(20)), UpdatedAt(at(19)), false),
        (UpdatedAt(at(20)), UpdatedAt(at(20)), false),
        (UpdatedAt(at(20)), UpdatedAt(at(21)), true),
        (Counter(8, None), Counter(8, Some(at(99))), false),
        (Counter(8, None), Counter(9, None), true),
        (ReceivedAt(at(20)), UpdatedAt(at(19)), false),
        (ReceivedAt(at(20)), UpdatedAt(at(21)), true),
    ] {
        let mut desk = Desk::default();
        desk.take(&whole(5, Status::Open));
        desk.take(&Report {
            change: Change::Deleted,
            version: removed,
            ..bare(20)
        });
        assert_eq!(desk.status(), Status::Deleted, "{removed:?}");
        desk.take(&Report {
            version: reported,
            ..whole(21, Status::InProgress)
        });
        let expected = if revived {
            Status::InProgress
        } else {
            Status::Deleted
        };
        assert_eq!(desk.status(), expected, "{removed:?} {reported:?}");
    }
}

#[test]
fn a_removal_of_something_unknown_is_remembered() {
    let mut desk = Desk::default();
    desk.take(&Report {
        change: Change::Deleted,
        ..bare(20)
    });
    assert_eq!(
        (desk.kinds(), desk.status()),
        (vec!["deleted"], Status::Deleted)
    );
    assert_eq!(desk.take(&whole(10, Status::Open)), Decision::Stale);
    // What comes back without a state is open.
    desk.take(&bare(30));
    assert_eq!(
        (desk.kinds(), desk.status()),
        (vec!["deleted", "reopened"], Status::Open)
    );
}

#[test]
fn a_changed_reference_moves_the_link_and_an_unknown_one_loosens_it() {
    let mut desk = Desk::default();
    desk.take(&whole(10, Status::Open));
    let moved = Resolved {
        links: vec![link(8)],
        ..resolved()
    };
    desk.take_with(&whole(20, Status::Open), &moved);
    assert_eq!(desk.known().ticket.links, [link(8)]);
    let lost = Resolved {
        links: Vec::new(),
        unlinked: Some(Unlinked::SeveralFound),
        ..resolved()
    };
    desk.take_with(&whole(30, Status::Open), &lost);
    let ticket = &desk.known().ticket;
    assert_eq!(
        (ticket.links.as_slice(), ticket.unlinked),
        (&[origin().nowhere()][..], Some(Unlinked::SeveralFound))
    );
}

/// Often the address of somebody is left out whose key is repeated.
#[test]
fn somebody_known_by_key_stays_who_they_are() {
    let mut desk = Desk::default();
    desk.take(&whole(10, Status::Open));
    let nameless = |key: &str| Party {
        external_id: Some(key.to_owned()),
        ..Party::default()
    };
    let unresolved = Resolved {
        requester: None,
        ..resolved()
    };
    let report = |seconds, key: &str| Report {
        requester: Field::Set(nameless(key)),
        ..bare(seconds)
    };
    desk.take_with(&report(20, "qm:1"), &unresolved);
    let known = desk.known();
    assert_eq!(known.ticket.requester, resolved().requester);
    assert_eq!(
        known.private.requester.name.as_deref(),
        Some("Name of qm:1")
    );
    desk.take_with(&report(30, "qm:2"), &unresolved);
    let known = desk.known();
    assert_eq!(
        (known.ticket.requester, known.private.requester.name.clone()),
        (None, None)
    );
}

#[test]
fn a_clock_far_ahead_is_clamped_and_said_so() {
    let mut desk = Desk::default();
    desk.take(&whole(NOW + 2 * 86_400, Status::Open));
    assert!(desk.events[0].facts().clamped);
    assert_eq!(
        desk.known().private.version,
        Some(Version::UpdatedAt(at(NOW)))
    );
    assert!(matches!(
        desk.take(&whole(NOW + 1, Status::Closed)),
        Decision::Changed(..)
    ));
}

#[test]
fn what_is_open_again_is_not_solved() {
    let mut desk = Desk::default();
    desk.take(&Report {
        resolved_at: Field::Set(at(15)),
        ..whole(20, Status::Resolved)
    });
    assert_eq!(desk.known().ticket.resolved_at, Some(at(15)));
    desk.take(&Report {
        status: Field::Set(Status::Open),
        ..bare(30)
    });
    assert_eq!(desk.known().ticket.resolved_at, None);
}

#[test]
fn entries_hold_no_texts() {
    let mut desk = Desk::default();
    desk.take(&whole(10, Status::Open));
    let entry = serde_json::to_string(&desk.events[0]).expect("an entry");
    for text in ["Title", "Name of", "desk.example", "qm:1"] {
        assert!(!entry.contains(text), "{text} in {entry}");
    }
    assert!(entry.contains("ITH-231"), "{entry}");
    let read: TicketEvent = serde_json::from_str(&entry).expect("it can be read back");
    assert_eq!(read, desk.events[0]);
}
