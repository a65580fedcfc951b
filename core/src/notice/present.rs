//! What a notice says at the moment of its delivery, to a reader with the rights they have then; or that there is nothing left to say.

mod approver;
mod purchase;
mod wanted;

use super::{Body, Notice, Recipient, preference, store};
use crate::access::{Access, Action, Reach, Surface};
use crate::asset::{self, store::AssetDetail};
use crate::chat_link::{self, Linked};
use crate::digest::{self, Digest, store::Counts};
use crate::endpoint::{self, Endpoint};
use crate::id::{
    AssetId, AssignmentId, ChatLinkId, DigestId, EndpointId, LocationId, OrgId, PersonId, TicketId,
};
use crate::install::Platform;
use crate::outbox::Leased;
use crate::push_device::store::Phone;
use crate::seat::{self, Standing};
use crate::session::{Refusal, Sessions};
use crate::store::{Db, StoreResult, Tx};
use crate::ticket;
use crate::ticket::store::{Reader, Shown};
use crate::time::Timestamp;
use crate::unit::scope;
use crate::{push_device, session};

pub use purchase::{OfPurchase, Purchase};
pub use wanted::{LINES_SHOWN, Wanted, wanted};

/// What there is to say.
#[derive(Debug, Clone)]
pub enum Present {
    /// To somebody in a chat, about an asset they have.
    ToPerson(Box<ToPerson>),
    /// To somebody on a phone, about an asset they have.
    ToPhone(Box<ToPhone>),
    /// To an administrator, about the licence.
    ToAdministrator(Box<ToAdministrator>),
    /// To somebody who manages endpoints, about one of them.
    OfEndpoint(Box<OfEndpoint>),
    /// To somebody whose approval something waits for.
    ToApprover(Box<ToApprover>),
    /// To somebody about what they want to be bought.
    OfPurchase(Box<OfPurchase>),
    /// To a channel.
    ToChannel(Box<ToChannel>),
    /// Nothing any more; the parcel is [`crate::outbox::Outcome::Obsolete`].
    Obsolete(&'static str),
}

/// A notice to somebody in a chat.
#[derive(Debug, Clone)]
pub struct ToPerson {
    /// What they may see and do, as of now.
    pub access: Access,
    /// As whom they are told.
    pub linked: Linked,
    /// What it is about.
    pub notice: Notice,
    /// The asset, as they see it.
    pub asset: AssetDetail,
    /// Until when they have it.
    pub due_at: Option<Timestamp>,
    /// The ticket that the notice is about, as they see it.
    pub ticket: Option<Shown>,
}

/// A notice to somebody on a phone.
#[derive(Debug, Clone)]
pub struct ToPhone {
    /// Which phone.
    pub phone: Phone,
    /// What it is about.
    pub notice: Notice,
    /// The asset, as its owner sees it.
    pub asset: AssetDetail,
    /// Until when they have it.
    pub due_at: Option<Timestamp>,
}

/// A notice to an administrator.
#[derive(Debug, Clone)]
pub struct ToAdministrator {
    /// As whom they are told.
    pub linked: Linked,
    /// The licence, as of now.
    pub standing: Standing,
}

/// A notice to somebody who manages endpoints.
#[derive(Debug, Clone)]
pub struct OfEndpoint {
    /// As whom they are told.
    pub linked: Linked,
    /// The endpoint that is told of nothing more.
    pub endpoint: Endpoint,
}

/// A notice to somebody who may approve what another wants to be bought.
#[derive(Debug, Clone)]
pub struct ToApprover {
    /// What they may see and do, as of now.
    pub access: Access,
    /// As whom they are told.
    pub linked: Linked,
    /// What waits.
    pub wanted: Wanted,
}

/// A digest for a channel.
#[derive(Debug, Clone)]
pub struct ToChannel {
    /// The digest.
    pub digest: Digest,
    /// The unit's name.
    pub unit_name: String,
    /// What changed in it.
    pub counts: Counts,
}

/// Looks up what a parcel has to say. A parcel that holds no notice says nothing.
pub async fn present(db: &Db, sessions: &Sessions, leased: &Leased) -> StoreResult<Present> {
    let Some(Body { recipient, notice }) = Body::read(&leased.body) else {
        return Ok(Present::Obsolete("the parcel holds no notice"));
    };
    let person = match recipient {
        Recipient::Person { person, .. } | Recipient::Phone { person, .. } => person,
        Recipient::Channel { digest, .. } => return to_channel(db, leased, digest, notice).await,
    };
    if let Recipient::Person { link, .. } = recipient {
        let reader = (person, link);
        match notice {
            Notice::SeatsExceeded => {
                return to_administrator(db, sessions, leased, reader).await;
            }
            Notice::EndpointDisabled { endpoint } => {
                return of_endpoint(db, sessions, leased, reader, endpoint).await;
            }
            _ => {}
        }
    }
    if let (Recipient::Person { link, .. }, Notice::RequisitionWaits { requisition }) =
        (&recipient, &notice)
    {
        return approver::to_approver(db, sessions, leased, (person, *link), *requisition).await;
    }
    if let Recipient::Person { link, .. } = recipient
        && let Some(purchase) = purchase::Which::of(&notice)
    {
        return purchase.present(db, sessions, leased, (person, link)).await;
    }
    let Some(about) = About::of(&notice) else {
        return Ok(Present::Obsolete("the parcel is for nobody"));
    };
    let session = match sessions.of_person(leased.org, person).await {
        Ok(session) => session,
        Err(Refusal::Store(error)) => return Err(error),
        Err(_) => return Ok(Present::Obsolete("the reader is no member any more")),
    };
    let said = speak(db, leased, &session, (recipient, notice), about).await?;
    Ok(said.unwrap_or_else(Present::Obsolete))
}

/// About the licence, to whoever administers the organisation.
async fn to_administrator(
    db: &Db,
    sessions: &Sessions,
    leased: &Leased,
    reader: (PersonId, ChatLinkId),
) -> StoreResult<Present> {
    let system = Access::system(leased.org, Surface::System);
    let mut tx = db.read(&system).await?;
    let reader = manager(&mut tx, sessions, leased.org, reader, Action::Configure).await?;
    let linked = match reader {
        Ok(linked) => linked,
        Err(why) => return Ok(Present::Obsolete(why)),
    };
    let standing = seat::store::standing(&mut tx, &system, sessions.now()).await?;
    Ok(match standing.filter(Standing::exceeds_seats) {
        Some(standing) => Present::ToAdministrator(Box::new(ToAdministrator { linked, standing })),
        None => Present::Obsolete("there are seats enough"),
    })
}

/// Of an endpoint that was disabled, to whoever manages endpoints.
async fn of_endpoint(
    db: &Db,
    sessions: &Sessions,
    leased: &Leased,
    reader: (PersonId, ChatLinkId),
    endpoint: EndpointId,
) -> StoreResult<Present> {
    let system = Access::system(leased.org, Surface::System);
    let mut tx = db.read(&system).await?;
    let reader = manager(&mut tx, sessions, leased.org, reader, Action::Endpoints).await?;
    let linked = match reader {
        Ok(linked) => linked,
        Err(why) => return Ok(Present::Obsolete(why)),
    };
    let found = endpoint::store::by_id(&mut tx, &system, endpoint).await?;
    let disabled = found.filter(|endpoint| endpoint.status == endpoint::Status::Disabled);
    Ok(match disabled {
        Some(endpoint) => Present::OfEndpoint(Box::new(OfEndpoint { linked, endpoint })),
        None => Present::Obsolete("the endpoint is not disabled any more"),
    })
}

/// As whom somebody is told who may do this in the whole organisation; or why they are not told.
async fn manager(
    tx: &mut Tx,
    sessions: &Sessions,
    org: OrgId,
    (person, link): (PersonId, ChatLinkId),
    action: Action,
) -> StoreResult<Result<Linked, &'static str>> {
    let session = match sessions.of_person(org, person).await {
        Ok(session) => session,
        Err(Refusal::Store(error)) => return Err(error),
        Err(_) => return Ok(Err("the reader is no member any more")),
    };
    if session.access.reach(action) != Reach::Whole {
        return Ok(Err("the reader is no administrator any more"));
    }
    let system = Access::system(org, Surface::System);
    let linked = chat_link::store::of_person(tx, &system, person).await?;
    let linked = linked.into_iter().find(|linked| linked.link == link);
    Ok(linked.ok_or("the reader is not known in this chat any more"))
}

async fn to_channel(
    db: &Db,
    leased: &Leased,
    digest: DigestId,
    notice: Notice,
) -> StoreResult<Present> {
    let Notice::Digest { after, until } = notice else {
        return Ok(Present::Obsolete("the parcel is for nobody"));
    };
    let access = Access::system(leased.org, Surface::System);
    let mut tx = db.read(&access).await?;
    let Some(digest) = digest::store::live(&mut tx, &access, digest).await? else {
        return Ok(Present::Obsolete(
            "the channel does not receive it any more",
        ));
    };
    let counts = digest::store::counts(&mut tx, &access, digest.unit, (after, until)).await?;
    if counts.is_empty() {
        return Ok(Present::Obsolete("nothing has changed"));
    }
    let unit_name = digest::store::unit_name(&mut tx, &access, digest.unit).await?;
    Ok(Present::ToChannel(Box::new(ToChannel {
        digest,
        unit_name,
        counts,
    })))
}

/// Which asset a notice is about, and what must still be so for it to be given.
#[derive(Debug, Clone, Copy)]
struct About {
    asset: AssetId,
    still: Still,
}

/// What must still be so.
#[derive(Debug, Clone, Copy)]
enum Still {
    /// The reader has the asset in this custody; where they are told of its end, it ends then.
    Custody(AssignmentId, Option<Timestamp>),
    /// The reader has the asset, and this ticket is about it and to be done.
    Ticket(TicketId),
    /// The reader has the asset, and it is where it was seen.
    Seen(LocationId),
}

impl About {
    const fn of(notice: &Notice) -> Option<Self> {
        Some(match *notice {
            Notice::HandedToYou {
                asset, assignment, ..
            } => Self {
                asset,
                still: Still::Custody(assignment, None),
            },
            Notice::DueSoon {
                asset,
                assignment,
                due_at,
            } => Self {
                asset,
                still: Still::Custody(assignment, Some(due_at)),
            },
            Notice::TicketOnYours { asset, ticket } => Self {
                asset,
                still: Still::Ticket(ticket),
            },
            Notice::SeenElsewhere { asset, location } => Self {
                asset,
                still: Still::Seen(location),
            },
            Notice::SeatsExceeded
            | Notice::EndpointDisabled { .. }
            | Notice::RequisitionWaits { .. }
            | Notice::RequisitionDecided { .. }
            | Notice::OrderStopped { .. }
            | Notice::OrderRejected { .. }
            | Notice::Digest { .. } => {
                return None;
            }
        })
    }
}

/// By what a reader is told.
enum By {
    Chat(Linked),
    Phone(Phone),
}

/// About an asset that must still be the reader's; or why there is nothing to say.
async fn speak(
    db: &Db,
    leased: &Leased,
    session: &session::Session,
    (recipient, notice): (Recipient, Notice),
    about: About,
) -> StoreResult<Result<Present, &'static str>> {
    let person = session.person;
    let system = Access::system(leased.org, Surface::System);
    let mut tx = db.read(&system).await?;
    let Some(by) = by(&mut tx, &system, person, recipient).await? else {
        return Ok(Err("the reader is not known by this any more"));
    };
    let wants = preference::store::of_person(&mut tx, &system, person).await?;
    let wanted = notice.sort().map(|sort| wants.get(sort));
    if wanted.is_some_and(|wanted| !by.is_wanted(wanted)) {
        return Ok(Err("the reader does not want to be told"));
    }
    let Some(due_at) = still_so(&mut tx, &system, person, about).await? else {
        return Ok(Err("the asset has moved on"));
    };
    let access = session
        .access
        .clone()
        .within(by.surface(), leased.id.to_string());
    let reach = scope::resolve(&mut tx, &access, Action::ReadAssets).await?;
    let Some(asset) = asset::store::by_id(&mut tx, &access, &reach, about.asset).await? else {
        return Ok(Err("the reader does not see the asset"));
    };
    let linked = match by {
        By::Phone(phone) => {
            return Ok(Ok(Present::ToPhone(Box::new(ToPhone {
                phone,
                notice,
                asset,
                due_at,
            }))));
        }
        By::Chat(linked) => linked,
    };
    let ticket = match about.still {
        Still::Custody(..) | Still::Seen(_) => None,
        Still::Ticket(id) => {
            let people = scope::resolve(&mut tx, &access, Action::ReadPeople).await?;
            let reader = Reader {
                access: &access,
                assets: &reach,
                people: &people,
            };
            ticket::store::by_id(&mut tx, reader, id).await?
        }
    };
    Ok(Ok(Present::ToPerson(Box::new(ToPerson {
        access,
        linked,
        notice,
        asset,
        due_at,
        ticket,
    }))))
}

impl By {
    const fn surface(&self) -> Surface {
        match self {
            Self::Chat(linked) => match linked.platform {
                Platform::Slack => Surface::Slack,
                Platform::Teams => Surface::Teams,
            },
            Self::Phone(_) => Surface::Mobile,
        }
    }

    const fn is_wanted(&self, wanted: preference::Preference) -> bool {
        match self {
            Self::Chat(_) => wanted.chat,
            Self::Phone(_) => wanted.push,
        }
    }
}

/// As whom, or on what, the reader is still known.
async fn by(
    tx: &mut Tx,
    system: &Access,
    person: PersonId,
    recipient: Recipient,
) -> StoreResult<Option<By>> {
    Ok(match recipient {
        Recipient::Person { link, .. } => {
            let linked = chat_link::store::of_person(tx, system, person).await?;
            let linked = linked.into_iter().find(|linked| linked.link == link);
            linked.map(By::Chat)
        }
        Recipient::Phone { device, .. } => {
            let phone = push_device::store::phone(tx, system, (person, device)).await?;
            phone.map(By::Phone)
        }
        Recipient::Channel { .. } => None,
    })
}

/// Until when the reader has the asset, if what they are told of it is still so.
async fn still_so(
    tx: &mut Tx,
    system: &Access,
    person: PersonId,
    about: About,
) -> StoreResult<Option<Option<Timestamp>>> {
    let asset = about.asset;
    Ok(match about.still {
        Still::Custody(assignment, ends) => {
            let custody = store::still_theirs(tx, system, assignment, person).await?;
            custody
                .filter(|(of, due_at)| *of == asset && (ends.is_none() || ends == *due_at))
                .map(|(_, due_at)| due_at)
        }
        Still::Ticket(ticket) => {
            let about = (asset, person);
            let still = ticket::store::still_about(tx, system, ticket, about).await?;
            still.then_some(None)
        }
        Still::Seen(location) => {
            let still = store::still_there(tx, system, (asset, person), location).await?;
            still.then_some(None)
        }
    })
}
