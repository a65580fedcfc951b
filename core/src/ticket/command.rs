//! What can be asked of tickets: to take what a help desk reports.

use std::collections::{BTreeMap, HashMap};

use super::decide::{self, Decision, Known, Origin, Private, cleaned};
use super::event::TicketEvent;
use super::project::{Place, Rows, folded};
use super::report::Report;
use super::resolve::Directory;
use super::{Ticket, Unlinked, external_ref, store};
use crate::access::Access;
use crate::connection::reported::permitted;
pub use crate::connection::reported::{REPORTS_MAX, Refusal};
use crate::connection::{Provider, accepted};
use crate::id::{ConnectionId, TicketId};
use crate::ledger::event::{Event, Fact, Recorded, Stream};
use crate::ledger::{Command, Failure, Work};
use crate::notice::plan::{NEWS_MICROS, TicketNews};
use crate::store::{StoreError, StoreResult};
use crate::time::Timestamp;
use crate::unit::{self, UNASSIGNED_CODE};

/// Takes what a help desk reported, in the order in which it came in: all of it in one unit of work, however much it is.
#[derive(Debug, Clone)]
pub struct TakeReports {
    /// Which connection reports.
    pub connection: ConnectionId,
    /// Whose product that is.
    pub provider: Provider,
    /// Each report with the key by which its delivery is known.
    pub reports: Vec<(String, Report)>,
}

/// What became of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The key by which its delivery is known.
    pub key: String,
    /// What became of it.
    pub outcome: Outcome,
    /// The ticket, unless the report was refused.
    pub ticket: Option<TicketId>,
    /// Why the ticket is about no asset, where it is about none.
    pub unlinked: Option<Unlinked>,
    /// Whether the help desk's clock was too far ahead to be believed.
    pub clamped: bool,
}

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It changed something.
    Applied,
    /// It says what was known.
    Unchanged,
    /// It is older than what is known.
    Stale,
    /// It cannot be taken at all.
    Refused(BadReport),
}

/// Why one report cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadReport {
    /// The help desk's key for the ticket is empty, too long or cannot be shown.
    #[error("the key of the ticket is empty, longer than 200 characters or not printable")]
    BadKey,
}

impl Command for TakeReports {
    type Answer = Vec<Taken>;
    type Refusal = Refusal;

    fn weight(&self) -> usize {
        self.reports.len().max(1)
    }

    async fn execute(self, work: &mut Work) -> Result<Vec<Taken>, Failure<Refusal>> {
        let access = work.access().clone();
        permitted(&access, self.reports.len())?;
        Ok(self.take(work, &access).await?)
    }
}

impl TakeReports {
    async fn take(self, work: &mut Work, access: &Access) -> StoreResult<Vec<Taken>> {
        let mut keys = Vec::with_capacity(self.reports.len());
        let mut reports = Vec::with_capacity(self.reports.len());
        let mut places = Vec::with_capacity(self.reports.len());
        for (key, report) in self.reports {
            keys.push(key);
            let report = cleaned(report);
            places.push(report.as_ref().map(|_| reports.len()));
            reports.extend(report);
        }
        let origin = Origin {
            connection: self.connection,
            provider: self.provider,
            home: home(work, access).await?,
            now: work.now(),
        };
        let directory = Directory::load(work.tx(), access, &reports).await?;
        let mut batch = Batch::load(work, access, origin, &reports).await?;
        let mut taken = Vec::with_capacity(keys.len());
        for (key, place) in keys.into_iter().zip(places) {
            taken.push(match place {
                Some(place) => batch.one(work, key, &reports[place], &directory)?,
                None => Taken {
                    key,
                    outcome: Outcome::Refused(BadReport::BadKey),
                    ticket: None,
                    unlinked: None,
                    clamped: false,
                },
            });
        }
        batch.write(work, access).await?;
        accepted::tell(work, self.connection).await?;
        Ok(taken)
    }
}

/// The unit to which tickets belong that are about nothing.
async fn home(work: &mut Work, access: &Access) -> StoreResult<crate::id::UnitId> {
    let unit = unit::store::by_code(work.tx(), access, UNASSIGNED_CODE).await?;
    unit.map(|unit| unit.id).ok_or(StoreError::Inconsistent {
        table: "unit",
        what: "no unit takes in what has no owner".to_owned(),
    })
}

/// The tickets that a batch speaks of, as they are after each of its reports.
struct Batch {
    origin: Origin,
    known: HashMap<String, Known>,
    rows: Rows,
    kept: BTreeMap<TicketId, String>,
}

impl Batch {
    async fn load(
        work: &mut Work,
        access: &Access,
        origin: Origin,
        reports: &[Report],
    ) -> StoreResult<Self> {
        let mut refs: Vec<String> = reports
            .iter()
            .map(|report| external_ref(origin.connection, &report.external_id))
            .collect();
        refs.sort_unstable();
        refs.dedup();
        let known = store::known(work.tx(), access, refs).await?;
        let known = known.into_iter().map(|known| {
            let ticket = &known.ticket;
            (external_ref(ticket.connection, &ticket.external_id), known)
        });
        Ok(Self {
            origin,
            known: known.collect(),
            rows: Rows::default(),
            kept: BTreeMap::new(),
        })
    }

    fn one(
        &mut self,
        work: &mut Work,
        key: String,
        report: &Report,
        directory: &Directory,
    ) -> StoreResult<Taken> {
        let known_as = external_ref(self.origin.connection, &report.external_id);
        let resolved = directory.resolved(report);
        let known = self.known.get(&known_as);
        let decided = decide::decide(known, report, &resolved, self.origin);
        let outcome = match decided {
            Decision::Stale => Outcome::Stale,
            Decision::Unchanged(private) => {
                self.keep(&known_as, *private);
                Outcome::Unchanged
            }
            Decision::Changed(event, private) => {
                self.record(work, (&known_as, report), &event, *private)?;
                Outcome::Applied
            }
        };
        let ticket = self.known.get(&known_as).map(|known| &known.ticket);
        let (_, clamped) = super::version::believable(report.version, self.origin.now);
        Ok(Taken {
            key,
            outcome,
            ticket: ticket.map(|ticket| ticket.id),
            unlinked: ticket.and_then(|ticket| ticket.unlinked),
            clamped,
        })
    }

    fn keep(&mut self, known_as: &str, private: Private) {
        if let Some(known) = self.known.get_mut(known_as)
            && known.private != private
        {
            known.private = private;
            self.kept.insert(known.ticket.id, known_as.to_owned());
        }
    }

    fn record(
        &mut self,
        work: &mut Work,
        (known_as, report): (&str, &Report),
        event: &TicketEvent,
        private: Private,
    ) -> StoreResult<()> {
        let before = self.known.get(known_as).map(|known| &known.ticket);
        let id = before.map_or_else(
            || TicketId::generate(work.now(), work.random().as_ref()),
            |ticket| ticket.id,
        );
        let after = folded(
            before,
            event,
            Place {
                id,
                index: 0,
                at: work.now(),
            },
        )?;
        let mut units: Vec<_> = after.links.iter().map(|link| link.unit).collect();
        units.sort_unstable();
        units.dedup();
        let fact = Fact {
            occurred_at: Some(report.occurred_at.min(work.now())),
            ..Fact::now(Stream::Ticket(id), Event::Ticket(event.clone()), units)
        };
        let recorded = work.append(&fact)?;
        let ticket = folded(before, event, Place::new(&recorded))?;
        self.rows.note(&ticket, event, recorded.index);
        tell(work, &recorded, before, &ticket);
        self.kept.insert(id, known_as.to_owned());
        self.known
            .insert(known_as.to_owned(), Known { ticket, private });
        Ok(())
    }

    async fn write(self, work: &mut Work, access: &Access) -> StoreResult<()> {
        self.rows.write(work.tx(), access.org()).await?;
        let known = &self.known;
        let kept = self
            .kept
            .iter()
            .filter_map(|(id, known_as)| Some((*id, &known.get(known_as)?.private)));
        store::keep(work.tx(), access, kept).await
    }
}

/// Notes of which assets' holders should be told that somebody works on them. What was written long ago is no news.
fn tell(work: &mut Work, recorded: &Recorded, before: Option<&Ticket>, ticket: &Ticket) {
    let since = ticket.opened_at.unwrap_or(recorded.occurred_at);
    if !ticket.status.is_active() || is_old(since, recorded.recorded_at) {
        return;
    }
    let was = |asset| before.is_some_and(|before| before.assets().any(|other| other == asset));
    for asset in ticket.assets().filter(|asset| !was(*asset)) {
        work.desk().tray.tickets.push(TicketNews {
            ticket: ticket.id,
            asset,
            cause: recorded.event,
        });
    }
}

const fn is_old(since: Timestamp, now: Timestamp) -> bool {
    now.micros() - since.micros() > NEWS_MICROS
}
