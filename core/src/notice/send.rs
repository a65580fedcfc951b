//! From what there is to tell to parcels: one for each chat user that a person is, and for each of their phones.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde::Serialize;

use super::bought::tell_requesters;
use super::plan::{Sighting, TicketNews, Waiting};
use super::preference::{self, Preferences};
use super::store::Reachable;
use super::{Body, Notice, Recipient};
use crate::access::Access;
use crate::chat_link::{self, Linked};
use crate::id::{AssetId, EventId, InstallId, PersonId, PushDeviceId};
use crate::install::Platform;
use crate::ledger::{Work, tree};
use crate::outbox::{Channel, Parcel};
use crate::store::{StoreError, StoreResult};
use crate::{approval, push_device, ticket};

impl From<Platform> for Channel {
    fn from(platform: Platform) -> Self {
        match platform {
            Platform::Slack => Self::Slack,
            Platform::Teams => Self::Teams,
        }
    }
}

/// Tells people what this unit of work handed to them, of tickets on what they have, of where it was seen, of what waits for their approval,
/// and of what came of what they want to be bought. Where there is none of this it asks nothing, and where nobody in the organisation can be told anything, once.
pub(crate) async fn announce(work: &mut Work) -> StoreResult<()> {
    let handovers = work.desk.tray.handovers.take();
    let tickets = std::mem::take(&mut work.desk.tray.tickets);
    let sightings = std::mem::take(&mut work.desk.tray.sightings);
    let waiting = std::mem::take(&mut work.desk.tray.waiting);
    let bought = std::mem::take(&mut work.desk.tray.bought);
    let about_assets = !handovers.is_empty() || !tickets.is_empty() || !sightings.is_empty();
    if !about_assets && waiting.is_empty() && bought.is_empty() {
        return Ok(());
    }
    let access = work.access().clone();
    let Some(mut readers) = Readers::of(work, &access).await? else {
        return Ok(());
    };
    for handover in handovers {
        let notice = Notice::HandedToYou {
            asset: handover.asset,
            assignment: handover.assignment,
            due_at: handover.due_at,
        };
        let cause = Some(handover.cause);
        tell(work, &access, &mut readers, handover.person, notice, cause).await?;
    }
    tell_approvers(work, &access, &mut readers, waiting).await?;
    tell_requesters(work, &access, &mut readers, bought).await?;
    tell_holders(work, &access, &mut readers, tickets, sightings).await
}

/// Tells those who may approve what waits for it.
async fn tell_approvers(
    work: &mut Work,
    access: &Access,
    readers: &mut Readers,
    waiting: Vec<Waiting>,
) -> StoreResult<()> {
    let now = work.now();
    for one in waiting {
        let by = (one.own.as_slice(), now);
        let approvers = approval::store::approvers(work.tx(), access, one.unit, by).await?;
        let notice = Notice::RequisitionWaits {
            requisition: one.requisition,
        };
        for person in approvers {
            tell(work, access, readers, person, notice, Some(one.cause)).await?;
        }
    }
    Ok(())
}

/// Tells those who have the assets that tickets are about, or that were seen elsewhere.
async fn tell_holders(
    work: &mut Work,
    access: &Access,
    readers: &mut Readers,
    tickets: Vec<TicketNews>,
    sightings: Vec<Sighting>,
) -> StoreResult<()> {
    let of_tickets = tickets.iter().map(|news| news.asset);
    let mut assets: Vec<AssetId> = of_tickets
        .chain(sightings.iter().map(|seen| seen.asset))
        .collect();
    if assets.is_empty() {
        return Ok(());
    }
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
    for seen in sightings {
        // Who scanned it knows where it is.
        let Some(person) = holders.get(&seen.asset).filter(|it| seen.by != Some(**it)) else {
            continue;
        };
        let notice = Notice::SeenElsewhere {
            asset: seen.asset,
            location: seen.location,
        };
        tell(work, access, readers, *person, notice, Some(seen.cause)).await?;
    }
    Ok(())
}

/// By what a person can be told something, and what they want to be told.
#[derive(Debug)]
struct Reader {
    chats: Vec<Linked>,
    phones: Vec<PushDeviceId>,
    wants: Preferences,
}

/// Whom this unit of work tells something, each looked up once.
#[derive(Debug)]
pub(super) struct Readers {
    reachable: Reachable,
    known: HashMap<PersonId, Reader>,
}

impl Readers {
    /// Nobody yet; none where nobody of the organisation can be told anything.
    pub async fn of(work: &mut Work, access: &Access) -> StoreResult<Option<Self>> {
        let reachable = super::store::reachable(work.tx(), access).await?;
        Ok(reachable.any().then(|| Self {
            reachable,
            known: HashMap::new(),
        }))
    }

    async fn get(
        &mut self,
        work: &mut Work,
        access: &Access,
        person: PersonId,
    ) -> StoreResult<&Reader> {
        let unknown = match self.known.entry(person) {
            Entry::Occupied(known) => return Ok(known.into_mut()),
            Entry::Vacant(unknown) => unknown,
        };
        let chats = if self.reachable.chats {
            chat_link::store::of_person(work.tx(), access, person).await?
        } else {
            Vec::new()
        };
        let phones = if self.reachable.phones {
            push_device::store::of_person(work.tx(), access, person).await?
        } else {
            Vec::new()
        };
        let wants = preference::store::of_person(work.tx(), access, person).await?;
        Ok(unknown.insert(Reader {
            chats,
            phones,
            wants,
        }))
    }
}

/// Tells a person something in every chat in which they are known and on each of their phones, as far as they want it. In how many places that
/// is.
pub(super) async fn tell(
    work: &mut Work,
    access: &Access,
    readers: &mut Readers,
    person: PersonId,
    notice: Notice,
    cause: Option<EventId>,
) -> StoreResult<usize> {
    let reader = readers.get(work, access, person).await?;
    let wanted = notice.sort().map(|sort| reader.wants.get(sort));
    let mut letters = Vec::new();
    if wanted.is_none_or(|wanted| wanted.chat) {
        letters.extend(reader.chats.iter().map(|one| {
            let recipient = Recipient::Person {
                person,
                install: one.install,
                link: one.link,
            };
            let lane = format!("{}/user/{}", one.install, one.link);
            (Channel::from(one.platform), lane, recipient)
        }));
    }
    if wanted.is_some_and(|wanted| wanted.push && wanted.sort.is_on_phones()) {
        letters.extend(reader.phones.iter().map(|device| {
            let device = *device;
            let recipient = Recipient::Phone { person, device };
            (Channel::Push, device.to_string(), recipient)
        }));
    }
    let places = letters.len();
    for (channel, lane, recipient) in letters {
        let body = canonical(&Body { recipient, notice })?;
        work.enqueue(Parcel {
            channel,
            lane,
            body,
            cause,
        })?;
    }
    Ok(places)
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
