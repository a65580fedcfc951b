//! What a report makes of a ticket. Pure: whatever order reports come in, and however often, the newest stands.

mod fields;
mod merge;
#[cfg(test)]
mod tests;

pub use fields::{Fields, cleaned};

use super::event::{About, Facts, Kept, Links, Step, TicketEvent};
use super::project::folded;
use super::report::{Change, Field, Report, Version};
use super::version::{self, is_older, is_same};
use super::{Link, Status, Ticket, Unlinked};
use crate::connection::Provider;
use crate::id::{ConnectionId, PersonId, TicketId, UnitId};
use crate::time::Timestamp;

/// What is kept of a ticket beside the ledger: texts, names, and how new what is known of it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Private {
    /// Its title.
    pub title: Option<String>,
    /// Where people look at it.
    pub url: Option<String>,
    /// The help desk's word for how far it is.
    pub status_raw: Option<String>,
    /// The help desk's word for how urgent it is.
    pub priority_raw: Option<String>,
    /// What the help desk calls whoever wants it.
    pub requester: Called,
    /// What the help desk calls whoever does it.
    pub assignee: Called,
    /// Of which report with all of its fields that is.
    pub version: Option<Version>,
    /// The newest report with some of its fields only, and which these are: they are newer than the rest.
    pub partial: Option<(Version, Fields)>,
    /// When it was last changed there.
    pub updated_at: Timestamp,
}

impl Default for Private {
    /// Nothing is kept yet.
    fn default() -> Self {
        Self {
            title: None,
            url: None,
            status_raw: None,
            priority_raw: None,
            requester: Called::default(),
            assignee: Called::default(),
            version: None,
            partial: None,
            updated_at: Timestamp::from_micros(0),
        }
    }
}

/// What a help desk calls somebody.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Called {
    /// Their name.
    pub name: Option<String>,
    /// The help desk's key for them.
    pub external_id: Option<String>,
}

/// A ticket with what is kept of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// As the ledger has it.
    pub ticket: Ticket,
    /// What is kept beside.
    pub private: Private,
}

/// What a report speaks of, as it was looked up here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Resolved {
    /// Who has the requester's address, if exactly one does.
    pub requester: Option<PersonId>,
    /// Who has the assignee's address, if exactly one does.
    pub assignee: Option<PersonId>,
    /// The assets that are named.
    pub links: Vec<Link>,
    /// Why there are none.
    pub unlinked: Option<Unlinked>,
}

/// Where a report comes from, and when it is worked off.
#[derive(Debug, Clone, Copy)]
pub struct Origin {
    /// Which connection reports.
    pub connection: ConnectionId,
    /// Whose product that is.
    pub provider: Provider,
    /// To which unit tickets belong that are about nothing.
    pub home: UnitId,
    /// The present instant.
    pub now: Timestamp,
}

impl Origin {
    /// Where a ticket belongs that is about nothing.
    const fn nowhere(self) -> Link {
        Link {
            asset: None,
            unit: self.home,
        }
    }
}

/// What comes of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It is older than what is known; nothing changes.
    Stale,
    /// It says nothing new; how new what is known is may have changed.
    Unchanged(Box<Private>),
    /// It does.
    Changed(Box<TicketEvent>, Box<Private>),
}

/// How much of a report is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Take {
    /// All that it mentions.
    All,
    /// All but these fields, of which something newer is known.
    Except(Fields),
    /// What is not known yet.
    Missing,
}

/// Decides.
#[must_use]
pub fn decide(
    known: Option<&Known>,
    report: &Report,
    resolved: &Resolved,
    origin: Origin,
) -> Decision {
    let (version, clamped) = version::believable(report.version, origin.now);
    let gone = report.change == Change::Deleted || report.status == Field::Set(Status::Deleted);
    let Some(take) = judged(known, report.partial, version, gone) else {
        return Decision::Stale;
    };
    let nothing = nothing(origin, report);
    let before = known.map_or(&nothing, |known| &known.ticket);
    let kept = known.map(|known| &known.private);
    let merged = merge::merge(before, kept, report, resolved, take);
    let (mut after, mut private) = merged;
    if after.links.is_empty() {
        after.links.push(origin.nowhere());
    }
    after.status = status(before.status, after.status, gone);
    if after.status.is_active() && !before.status.is_active() && !report.mentions_end() {
        // What is to be done again is not solved.
        after.resolved_at = None;
    }
    aged(&mut private, report, (version, take), origin.now);
    let facts = Facts {
        clamped,
        ..facts(known.map(|known| &known.ticket), &after)
    };
    let facts = Facts {
        kept: texts(&kept.cloned().unwrap_or_default(), &private),
        about: known.is_none().then(|| About {
            connection: origin.connection,
            provider: origin.provider,
            external_id: report.external_id.clone(),
        }),
        ..facts
    };
    let bare = Facts {
        clamped,
        ..Facts::default()
    };
    if facts == bare {
        return Decision::Unchanged(Box::new(private));
    }
    let event = named(known.map(|known| known.ticket.status), after.status, facts);
    debug_assert!(
        matches!(
            folded(known.map(|known| &known.ticket), &event, super::project::Place::of(&after)),
            Ok(folded) if folded == after
        ),
        "what is recorded is what was decided"
    );
    Decision::Changed(Box::new(event), Box::new(private))
}

/// How much of a report is taken; none of one that is older than what is known.
fn judged(known: Option<&Known>, partial: bool, version: Version, gone: bool) -> Option<Take> {
    let Some(known) = known else {
        return Some(Take::All);
    };
    let (whole, part) = (known.private.version, known.private.partial);
    let older = |than: Option<Version>| than.is_some_and(|than| is_older(than, version));
    let same = whole.is_some_and(|whole| is_same(whole, version));
    let part_version = part.map(|(version, _)| version);
    if older(whole) || partial && older(part_version) {
        return None;
    }
    let revived = revives(whole, version) && revives(part_version, version);
    if known.ticket.status == Status::Deleted && !gone && !revived {
        return None;
    }
    Some(match part {
        _ if partial && same => Take::Missing,
        Some((part, fields)) if !partial && is_older(part, version) => Take::Except(fields),
        _ => Take::All,
    })
}

/// Whether a report of something that was removed is surely newer than that.
fn revives(removed: Option<Version>, version: Version) -> bool {
    let Some(removed) = removed else { return true };
    match version::compare(removed, version) {
        Some(order) => order.is_gt(),
        // Of different kinds: their times are all there is.
        None => match (version::time(removed), version::time(version)) {
            (Some(removed), Some(reported)) => reported > removed,
            _ => true,
        },
    }
}

/// A ticket of which nothing is known.
fn nothing(origin: Origin, report: &Report) -> Ticket {
    Ticket {
        id: TicketId::from_uuid(uuid::Uuid::nil()),
        seq: 0,
        connection: origin.connection,
        provider: origin.provider,
        external_id: report.external_id.clone(),
        external_key: None,
        sort: super::Sort::Other,
        status: Status::Open,
        priority: None,
        requester: None,
        assignee: None,
        links: vec![origin.nowhere()],
        unlinked: Some(Unlinked::NotNamed),
        opened_at: None,
        resolved_at: None,
        created_at: origin.now,
        changed_at: origin.now,
    }
}

/// What was removed is open again by whatever is said of it afterwards.
const fn status(before: Status, merged: Status, gone: bool) -> Status {
    match (before, merged, gone) {
        (_, _, true) => Status::Deleted,
        (Status::Deleted, Status::Deleted, false) => Status::Open,
        _ => merged,
    }
}

/// Notes how new what is known now is.
fn aged(private: &mut Private, report: &Report, (version, take): (Version, Take), now: Timestamp) {
    let at = version::time(version).unwrap_or_else(|| report.occurred_at.min(now));
    if !report.partial {
        private.updated_at = at;
        private.version = Some(version);
        if take == Take::All {
            private.partial = None;
        }
    } else if take != Take::Missing {
        private.updated_at = private.updated_at.max(at);
        let before = private.partial.map(|(_, fields)| fields);
        let fields = before.unwrap_or_default().and(Fields::of(report));
        private.partial = Some((version, fields));
    }
}

fn facts(before: Option<&Ticket>, after: &Ticket) -> Facts {
    /// The step of one field, where it has a value at all or not.
    fn step<T: PartialEq + Clone>(
        before: Option<&Ticket>,
        after: &Ticket,
        of: impl Fn(&Ticket) -> Option<&T>,
    ) -> Option<Step<T>> {
        Step::between(before.and_then(&of), of(after))
    }
    let moved = before
        .is_none_or(|before| before.links != after.links || before.unlinked != after.unlinked);
    Facts {
        key: step(before, after, |ticket| ticket.external_key.as_ref()),
        sort: step(before, after, |ticket| Some(&ticket.sort)),
        status: step(before, after, |ticket| Some(&ticket.status)),
        priority: step(before, after, |ticket| ticket.priority.as_ref()),
        requester: step(before, after, |ticket| ticket.requester.as_ref()),
        assignee: step(before, after, |ticket| ticket.assignee.as_ref()),
        links: moved.then(|| Links {
            from: before
                .map(|before| before.links.clone())
                .unwrap_or_default(),
            to: after.links.clone(),
            unlinked: after.unlinked,
        }),
        opened_at: step(before, after, |ticket| ticket.opened_at.as_ref()),
        resolved_at: step(before, after, |ticket| ticket.resolved_at.as_ref()),
        ..Facts::default()
    }
}

/// Which of the kept texts differ.
fn texts(before: &Private, after: &Private) -> Vec<Kept> {
    [
        (Kept::Title, before.title != after.title),
        (Kept::Url, before.url != after.url),
        (Kept::StatusWord, before.status_raw != after.status_raw),
        (
            Kept::PriorityWord,
            before.priority_raw != after.priority_raw,
        ),
        (
            Kept::Requester,
            before.requester.name != after.requester.name,
        ),
        (Kept::Assignee, before.assignee.name != after.assignee.name),
    ]
    .into_iter()
    .filter_map(|(text, differs)| differs.then_some(text))
    .collect()
}

/// What to call what happened.
fn named(before: Option<Status>, after: Status, facts: Facts) -> TicketEvent {
    match before {
        _ if after == Status::Deleted && before != Some(after) => TicketEvent::Deleted(facts),
        None => TicketEvent::Opened(facts),
        Some(before) if before.is_active() && !after.is_active() => TicketEvent::Resolved(facts),
        Some(before) if !before.is_active() && after.is_active() => TicketEvent::Reopened(facts),
        Some(_) => TicketEvent::Changed(facts),
    }
}
