//! Tickets of help desks in answers: lists of them, and how one reads in a line.

use habeo_core::access::Action;
use habeo_core::id::AssetId;
use habeo_core::page::Limit;
use habeo_core::store::StoreResult;
use habeo_core::ticket::store::{self, Filter, Reader, Shown, StatusFilter};
use habeo_core::ticket::{Priority, Status, Unlinked};
use habeo_core::unit::scope;

use super::list::{ROWS, capitalised};
use super::memory::{Meaning, Place};
use super::turn::{Answer, Outcome, Stop, Turn};
use super::words;
use crate::intent::{AssetRef, Intent, Progress, TicketsOf};
use crate::reply::{Part, Row, Style};

/// The most characters of a title in a line.
const TITLE_CHARS: usize = 120;

impl Turn<'_> {
    /// A list of tickets, newest first. Only the asker reads it: titles are what people wrote.
    pub async fn tickets(
        &mut self,
        (of, progress): (&TicketsOf, Progress),
        intent: &Intent,
        place: Option<&Place>,
    ) -> Result<Outcome, Stop> {
        self.keep_private();
        let mut filter = Filter {
            status: status(progress),
            ..Filter::default()
        };
        let mut about: Vec<AssetId> = Vec::new();
        let mut what = intent.in_words();
        match of {
            TicketsOf::Everything => {}
            TicketsOf::Mine => filter.mine = true,
            TicketsOf::Unit(unit) => {
                let Some(only) = unit.only() else {
                    let said = format!("Several units are called {}. Which one?", unit.name);
                    return Err(Answer::unanswered(said).into());
                };
                filter.unit = Some(only);
            }
            TicketsOf::Asset(which) => {
                let asset = self.asset(which, intent).await?;
                filter.asset = Some(asset.id);
                about.push(asset.id);
                what = named(intent, &words::called(&asset));
            }
        }
        let before = place.map(|place| place.position().seq);
        let (total, page) = self.ticket_page(filter, before).await?;
        let shown_before = place.map_or(0, |place| place.shown);
        if page.rows.is_empty() {
            let said = match shown_before {
                0 => format!("{}: none.", capitalised(&what)),
                _ => "That was all of it.".to_owned(),
            };
            let answer = Answer::of(vec![Part::text(said)], 0).about(intent.clone(), about, None);
            return Ok(Outcome::Said(Box::new(answer)));
        }
        let count = u32::try_from(page.rows.len()).unwrap_or(u32::MAX);
        let until = shown_before.saturating_add(count);
        let numbers = words::thousands(total.max(0).unsigned_abs());
        let said = if total <= i64::from(until) && shown_before == 0 {
            format!("{}: {numbers}.", capitalised(&what))
        } else {
            let from = shown_before + 1;
            format!(
                "{}: {numbers}. These are {from} to {until}.",
                capitalised(&what)
            )
        };
        let rows: Vec<Row> = page.rows.iter().map(row).collect();
        let parts = vec![Part::text(said), Part::Rows(rows)];
        let mut answer = Answer::of(parts, page.rows.len());
        let next = page.next.map(|position| Place::new(position, until));
        if let Some(next) = &next {
            let meaning = Meaning {
                place: Some(next.clone()),
                bound: self.bound.clone(),
                ..Meaning::of(intent.clone())
            };
            let more = self.offer("Show more", meaning);
            answer.buttons.push(more.styled(Style::Primary));
        }
        Ok(Outcome::Said(Box::new(answer.about(
            intent.clone(),
            about,
            next,
        ))))
    }

    async fn ticket_page(
        &mut self,
        filter: Filter,
        before: Option<i64>,
    ) -> StoreResult<(i64, habeo_core::page::Page<Shown>)> {
        let access = &self.asker.access;
        let people = scope::resolve(&mut self.tx, access, Action::ReadPeople).await?;
        let reader = Reader {
            access,
            assets: &self.scope,
            people: &people,
        };
        let limit = Limit::new(ROWS).unwrap_or_default();
        let total = store::count(&mut self.tx, reader, filter).await?;
        let page = store::page(&mut self.tx, reader, filter, before, limit).await?;
        Ok((total, page))
    }

    /// What the asker wants, works on or has, and what is to be done still.
    pub async fn own_tickets(&mut self) -> StoreResult<Vec<Row>> {
        let filter = Filter {
            status: StatusFilter::Active,
            mine: true,
            ..Filter::default()
        };
        let (_, page) = self.ticket_page(filter, None).await?;
        Ok(page.rows.iter().map(row).collect())
    }

    /// How many tickets about an asset are to be done still.
    pub async fn open_tickets(&mut self, asset: AssetId) -> StoreResult<i64> {
        let filter = Filter {
            status: StatusFilter::Active,
            asset: Some(asset),
            ..Filter::default()
        };
        let access = &self.asker.access;
        let reader = Reader {
            access,
            assets: &self.scope,
            people: &self.scope,
        };
        store::count(&mut self.tx, reader, filter).await
    }
}

/// What was asked, with the asset by its own name.
fn named(intent: &Intent, called: &str) -> String {
    let Intent::Tickets { progress, .. } = intent else {
        return intent.in_words();
    };
    match crate::intent::Phrase::parse(called) {
        Ok(code) => Intent::Tickets {
            of: TicketsOf::Asset(AssetRef::Code(code)),
            progress: *progress,
        }
        .in_words(),
        Err(_) => intent.in_words(),
    }
}

const fn status(progress: Progress) -> StatusFilter {
    match progress {
        Progress::Any => StatusFilter::Present,
        Progress::Open => StatusFilter::Active,
        Progress::Ended => StatusFilter::Ended,
    }
}

/// A ticket as a line of a list.
pub fn row(ticket: &Shown) -> Row {
    let title = match &ticket.title {
        Some(title) => format!(
            "{} · {}",
            ticket.key,
            crate::reply::shortened(title, TITLE_CHARS)
        ),
        None => ticket.key.clone(),
    };
    let mut details = vec![state(ticket.status).to_owned()];
    details.extend(ticket.priority.and_then(urgency).map(ToOwned::to_owned));
    let assets: Vec<String> = ticket
        .assets
        .iter()
        .map(|asset| {
            asset
                .tag
                .clone()
                .unwrap_or_else(|| asset.description.clone())
        })
        .collect();
    if !assets.is_empty() {
        details.push(format!("about {}", assets.join(", ")));
    }
    details.extend(ticket.unlinked.map(|why| unlinked(why).to_owned()));
    Row {
        title,
        detail: details.join(", "),
        url: ticket.url.clone(),
        buttons: Vec::new(),
    }
}

/// How far a ticket is, as it is said after "is".
pub const fn state(status: Status) -> &'static str {
    match status {
        Status::Open => "open",
        Status::InProgress => "in progress",
        Status::OnHold => "on hold",
        Status::Resolved => "resolved",
        Status::Closed => "closed",
        Status::Canceled => "canceled",
        Status::Deleted => "removed",
    }
}

const fn urgency(priority: Priority) -> Option<&'static str> {
    match priority {
        Priority::Critical => Some("critical"),
        Priority::High => Some("urgent"),
        Priority::Medium | Priority::Low | Priority::Planning => None,
    }
}

const fn unlinked(why: Unlinked) -> &'static str {
    match why {
        Unlinked::NotNamed => "about no asset",
        Unlinked::NoneFound => "about an asset that is not in the record",
        Unlinked::SeveralFound => "about an asset that several in the record could be",
    }
}
