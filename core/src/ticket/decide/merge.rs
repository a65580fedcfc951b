//! A report laid over what is known, field by field. What it does not mention stays, and what it says is empty goes, unless only some of its
//! fields were sent.

use super::{Called, Fields, Private, Resolved, Take};
use crate::id::PersonId;
use crate::ticket::report::{Field, Party, Report};
use crate::ticket::{Ticket, Unlinked};

/// What a ticket is after a report, but for its status where it was removed.
pub(super) fn merge(
    before: &Ticket,
    kept: Option<&Private>,
    report: &Report,
    resolved: &Resolved,
    take: Take,
) -> (Ticket, Private) {
    let mut ticket = before.clone();
    let mut private = kept.cloned().unwrap_or_default();
    let over = Over {
        take,
        partial: report.partial,
    };
    over.lay(&mut ticket.external_key, &report.external_key, Fields::KEY);
    over.lay(&mut private.url, &report.url, Fields::URL);
    over.lay(&mut private.title, &report.title, Fields::TITLE);
    over.lay(&mut ticket.priority, &report.priority, Fields::PRIORITY);
    over.lay(
        &mut private.status_raw,
        &report.status_raw,
        Fields::STATUS_RAW,
    );
    over.lay(
        &mut private.priority_raw,
        &report.priority_raw,
        Fields::PRIORITY_RAW,
    );
    over.lay(&mut ticket.opened_at, &report.opened_at, Fields::OPENED);
    over.lay(
        &mut ticket.resolved_at,
        &report.resolved_at,
        Fields::RESOLVED,
    );
    if let Some(sort) = over.always(&report.sort, Fields::SORT) {
        ticket.sort = sort;
    }
    if let Some(status) = over.always(&report.status, Fields::STATUS) {
        ticket.status = status;
    }
    over.party(
        (&mut ticket.requester, &mut private.requester),
        (&report.requester, resolved.requester),
        Fields::REQUESTER,
    );
    over.party(
        (&mut ticket.assignee, &mut private.assignee),
        (&report.assignee, resolved.assignee),
        Fields::ASSIGNEE,
    );
    over.links(&mut ticket, &report.assets, resolved);
    (ticket, private)
}

/// How a report is laid over what is known.
#[derive(Clone, Copy)]
struct Over {
    take: Take,
    partial: bool,
}

impl Over {
    /// Whether a value of this field replaces what is known, if anything is.
    const fn sets(self, field: Fields, known: bool) -> bool {
        match self.take {
            Take::All => true,
            Take::Except(newer) => !newer.has(field),
            Take::Missing => !known,
        }
    }

    fn lay<T: Clone>(self, slot: &mut Option<T>, reported: &Field<T>, field: Fields) {
        if !self.sets(field, slot.is_some()) {
            return;
        }
        match reported {
            Field::Absent => {}
            Field::Empty if self.partial => {}
            Field::Empty => *slot = None,
            Field::Set(value) => *slot = Some(value.clone()),
        }
    }

    /// The value of a field that is never empty.
    fn always<T: Copy>(self, reported: &Field<T>, field: Fields) -> Option<T> {
        reported.value().copied().filter(|_| self.sets(field, true))
    }

    /// Somebody: who they are here, and what the help desk calls them. It often leaves out the address of somebody whose key it repeats.
    fn party(
        self,
        (person, called): (&mut Option<PersonId>, &mut Called),
        (reported, found): (&Field<Party>, Option<PersonId>),
        field: Fields,
    ) {
        let known = person.is_some() || *called != Called::default();
        if !self.sets(field, known) {
            return;
        }
        match reported {
            Field::Absent => {}
            Field::Empty if self.partial => {}
            Field::Empty => {
                *person = None;
                *called = Called::default();
            }
            Field::Set(party) => {
                let same = party.external_id.is_some() && party.external_id == called.external_id;
                if party.email.is_some() || !same {
                    *person = found;
                }
                let name = party.name.clone();
                *called = Called {
                    name: name.or_else(|| called.name.take().filter(|_| same)),
                    external_id: party.external_id.clone(),
                };
            }
        }
    }

    fn links(
        self,
        ticket: &mut Ticket,
        reported: &Field<Vec<crate::ticket::report::AssetRef>>,
        resolved: &Resolved,
    ) {
        if !self.sets(Fields::ASSETS, ticket.assets().next().is_some()) {
            return;
        }
        match reported {
            Field::Absent => {}
            Field::Empty if self.partial => {}
            Field::Empty => {
                ticket.links.clear();
                ticket.unlinked = Some(Unlinked::NotNamed);
            }
            Field::Set(_) => {
                ticket.links.clone_from(&resolved.links);
                ticket.unlinked = resolved.unlinked;
            }
        }
    }
}
