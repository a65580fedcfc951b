//! From what there is to tell to parcels: one for each chat user that a person is.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde::Serialize;

use super::plan::TicketNews;
use super::{Body, Notice, Recipient};
use crate::access::Access;
use crate::chat_link::{self, Linked};
use crate::id::{AssetId, EventId, InstallId, PersonId};
use crate::install::Platform;
use crate::ledger::{Work, tree};
use crate::outbox::{Channel, Parcel};
use crate::store::{StoreError, StoreResult};
use crate::ticket;

impl From<Platform> for Channel {
    fn from(platform: Platform) -> Self {
        match platform {
            Platform::Slack => Self::Slack,
            Platform::Teams => Self::Teams,
        }
    }
}

/// Tells people what this unit of work handed to them, and of tickets on what they have. Where there is neither this asks nothing, and where
/// the organisation has no installation, once.
pub(crate) async fn announce(work: &mut Work) -> StoreResult<()> {
    let handovers = work.desk.tray.handovers.take();
    let tickets = std::mem::take(&mut work.desk.tray.tickets);
    let access = work.access().clone();
    let nothing = handovers.is_empty() && tickets.is_empty();
    if nothing || !super::store::any_live_install(work.tx(), &access).await? {
        return Ok(());
    }
    let mut readers = Readers::default();
    for handover in handovers {
        let notice = Notice::HandedToYou {
            asset: handover.asset,
            assignment: handover.assignment,
            due_at: handover.due_at,
        };
        let cause = Some(handover.cause);
        tell(work, &access, &mut readers, handover.person, notice, cause).await?;
    }
    tell_of_tickets(work, &access, &mut readers, tickets).await
}

/// Tells those who have the assets that tickets are about.
async fn tell_of_tickets(
    work: &mut Work,
    access: &Access,
    readers: &mut Readers,
    tickets: Vec<TicketNews>,
) -> StoreResult<()> {
    let mut assets: Vec<AssetId> = tickets.iter().map(|news| news.asset).collect();
    assets.sort_unstable();
    assets.dedup();
    let holders = ticket::store::holders(work.tx(), access, assets).await?;
    for news in tickets {
        let Some(person) = holders.get(&news.asset) else {
            continue;
        };
        let notice = Notice::TicketOnYours {
            asset: news.asset,
            ticket: news.ticket,
        };
        tell(work, access, readers, *person, notice, Some(news.cause)).await?;
    }
    Ok(())
}

/// The chat users of people, each looked up once in a unit of work.
#[derive(Debug, Default)]
pub(super) struct Readers(HashMap<PersonId, Vec<Linked>>);

/// Tells a person something in every chat in which they are known. In how many that is.
pub(super) async fn tell(
    work: &mut Work,
    access: &Access,
    readers: &mut Readers,
    person: PersonId,
    notice: Notice,
    cause: Option<EventId>,
) -> StoreResult<usize> {
    let linked = match readers.0.entry(person) {
        Entry::Occupied(known) => known.into_mut(),
        Entry::Vacant(unknown) => {
            unknown.insert(chat_link::store::of_person(work.tx(), access, person).await?)
        }
    };
    for one in &*linked {
        let body = Body {
            recipient: Recipient::Person {
                person,
                install: one.install,
                link: one.link,
            },
            notice,
        };
        work.enqueue(Parcel {
            channel: one.platform.into(),
            lane: format!("{}/user/{}", one.install, one.link),
            body: canonical(&body)?,
            cause,
        })?;
    }
    Ok(linked.len())
}

/// The lane of a channel of a chat service.
pub(crate) fn channel_lane(install: InstallId, chat: &str) -> String {
    format!("{install}/channel/{chat}")
}

/// The one spelling of a body.
pub(crate) fn canonical(body: &impl Serialize) -> StoreResult<String> {
    let value = serde_json::to_value(body).map_err(|error| unspeakable(&error))?;
    tree::canonical(&value).map_err(|error| unspeakable(&error))
}

fn unspeakable(error: &dyn std::error::Error) -> StoreError {
    StoreError::Inconsistent {
        table: "outbox",
        what: error.to_string(),
    }
}
