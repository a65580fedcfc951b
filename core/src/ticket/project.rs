//! Facts about tickets into their tables: one at a time when everything is projected anew, many at once when a help desk reports.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::event::{Step, TicketEvent};
use super::{Link, Sort, Status, Ticket, Unlinked, store};
use crate::id::{AssetId, OrgId, TicketId, UnitId};
use crate::ledger::event::Recorded;
use crate::store::{StoreError, StoreResult, Tx};
use crate::time::Timestamp;

/// Where and when a fact about a ticket was recorded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub id: TicketId,
    pub index: i64,
    pub at: Timestamp,
}

impl Place {
    /// Of a fact.
    pub fn new(recorded: &Recorded) -> Self {
        Self {
            id: TicketId::from_uuid(recorded.stream.id()),
            index: recorded.index,
            at: recorded.recorded_at,
        }
    }

    /// The place that leaves a ticket as it is.
    pub(super) const fn of(ticket: &Ticket) -> Self {
        Self {
            id: ticket.id,
            index: ticket.seq,
            at: ticket.changed_at,
        }
    }
}

/// A ticket after a fact.
pub(crate) fn folded(
    before: Option<&Ticket>,
    event: &TicketEvent,
    place: Place,
) -> StoreResult<Ticket> {
    let facts = event.facts();
    let mut ticket = match (before, &facts.about) {
        (Some(ticket), _) => ticket.clone(),
        (None, Some(about)) => Ticket {
            id: place.id,
            seq: place.index,
            connection: about.connection,
            provider: about.provider,
            external_id: about.external_id.clone(),
            external_key: None,
            sort: Sort::Other,
            status: Status::Open,
            priority: None,
            requester: None,
            assignee: None,
            links: Vec::new(),
            unlinked: Some(Unlinked::NotNamed),
            opened_at: None,
            resolved_at: None,
            created_at: place.at,
            changed_at: place.at,
        },
        (None, None) => {
            return Err(StoreError::Inconsistent {
                table: "ticket",
                what: format!("a fact about {}, which is not known", place.id),
            });
        }
    };
    take(&mut ticket.external_key, facts.key.as_ref());
    take(&mut ticket.priority, facts.priority.as_ref());
    take(&mut ticket.requester, facts.requester.as_ref());
    take(&mut ticket.assignee, facts.assignee.as_ref());
    take(&mut ticket.opened_at, facts.opened_at.as_ref());
    take(&mut ticket.resolved_at, facts.resolved_at.as_ref());
    ticket.sort = to(facts.sort.as_ref()).unwrap_or(ticket.sort);
    ticket.status = to(facts.status.as_ref()).unwrap_or(ticket.status);
    if let Some(links) = &facts.links {
        ticket.links.clone_from(&links.to);
        ticket.unlinked = links.unlinked;
    }
    ticket.changed_at = place.at;
    Ok(ticket)
}

fn take<T: Clone>(slot: &mut Option<T>, step: Option<&Step<T>>) {
    if let Some(step) = step {
        slot.clone_from(&step.to);
    }
}

fn to<T: Copy>(step: Option<&Step<T>>) -> Option<T> {
    step.and_then(|step| step.to)
}

/// The rows that facts leave, as they are to be written: however many facts there are of one ticket, the last row of each key stands.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    tickets: BTreeMap<i64, Ticket>,
    links: BTreeMap<(TicketId, Uuid), LinkRow>,
    entries: Vec<(AssetId, i64)>,
}

/// Where a ticket belongs, or belonged.
#[derive(Debug, Clone, Copy)]
pub(super) struct LinkRow {
    pub unit: UnitId,
    pub seq: i64,
    pub active: bool,
    pub current: bool,
}

impl Rows {
    /// Takes in a fact and what the ticket is after it.
    pub fn note(&mut self, ticket: &Ticket, event: &TicketEvent, index: i64) {
        let former = event.facts().links.as_ref().map(|links| &links.from);
        let former = former.into_iter().flatten();
        let left: Vec<Link> = former
            .filter(|link| ticket.links.iter().all(|other| other.asset != link.asset))
            .copied()
            .collect();
        let mut concerned: Vec<AssetId> = ticket.assets().collect();
        concerned.extend(left.iter().filter_map(|link| link.asset));
        concerned.sort_unstable();
        concerned.dedup();
        let entries = concerned.into_iter().map(|asset| (asset, index));
        self.entries.extend(entries);
        for (links, current) in [(&left, false), (&ticket.links, true)] {
            for link in links {
                let key = (ticket.id, link.asset.map_or(Uuid::nil(), AssetId::uuid));
                let row = LinkRow {
                    unit: link.unit,
                    seq: ticket.seq,
                    active: ticket.status.is_active(),
                    current,
                };
                self.links.insert(key, row);
            }
        }
        self.tickets.insert(ticket.seq, ticket.clone());
    }

    /// Writes them.
    pub async fn write(self, tx: &mut Tx, org: OrgId) -> StoreResult<()> {
        store::write(tx, org, self.tickets.values(), &self.links, self.entries).await
    }
}

/// Applies one fact.
pub(crate) async fn apply(
    tx: &mut Tx,
    recorded: &Recorded,
    event: &TicketEvent,
) -> StoreResult<()> {
    let place = Place::new(recorded);
    let before = match event.facts().about {
        Some(_) => None,
        None => store::by_key(tx, recorded.org, place.id).await?,
    };
    let after = folded(before.as_ref(), event, place)?;
    let mut rows = Rows::default();
    rows.note(&after, event, recorded.index);
    rows.write(tx, recorded.org).await
}
