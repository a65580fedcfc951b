//! What a notice says at the moment of its delivery, to a reader with the rights they have then; or that there is nothing left to say.

use super::{Body, Notice, Recipient, store};
use crate::access::{Access, Action, Reach, Surface};
use crate::asset::{self, store::AssetDetail};
use crate::chat_link::{self, Linked};
use crate::digest::{self, Digest, store::Counts};
use crate::id::{AssetId, AssignmentId, ChatLinkId, PersonId, TicketId};
use crate::install::Platform;
use crate::outbox::Leased;
use crate::seat::{self, Standing};
use crate::session::{Refusal, Session, Sessions};
use crate::store::{Db, StoreResult, Tx};
use crate::ticket;
use crate::ticket::store::{Reader, Shown};
use crate::time::Timestamp;
use crate::unit::scope;

/// What there is to say.
#[derive(Debug, Clone)]
pub enum Present {
    /// To somebody, about an asset they have.
    ToPerson(Box<ToPerson>),
    /// To an administrator, about the licence.
    ToAdministrator(Box<ToAdministrator>),
    /// To a channel.
    ToChannel(Box<ToChannel>),
    /// Nothing any more; the parcel is [`crate::outbox::Outcome::Obsolete`].
    Obsolete(&'static str),
}

/// A notice to somebody.
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

/// A notice to an administrator.
#[derive(Debug, Clone)]
pub struct ToAdministrator {
    /// As whom they are told.
    pub linked: Linked,
    /// The licence, as of now.
    pub standing: Standing,
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
    let Some(body) = Body::read(&leased.body) else {
        return Ok(Present::Obsolete("the parcel holds no notice"));
    };
    match (body.recipient, body.notice) {
        (
            Recipient::Person { person, link, .. },
            Notice::HandedToYou {
                asset, assignment, ..
            },
        ) => {
            let still = Still::Custody(assignment, None);
            to_person(
                db,
                sessions,
                leased,
                body.notice,
                (person, link),
                (asset, still),
            )
            .await
        }
        (
            Recipient::Person { person, link, .. },
            Notice::DueSoon {
                asset,
                assignment,
                due_at,
            },
        ) => {
            let still = Still::Custody(assignment, Some(due_at));
            to_person(
                db,
                sessions,
                leased,
                body.notice,
                (person, link),
                (asset, still),
            )
            .await
        }
        (Recipient::Person { person, link, .. }, Notice::TicketOnYours { asset, ticket }) => {
            let still = Still::Ticket(ticket);
            to_person(
                db,
                sessions,
                leased,
                body.notice,
                (person, link),
                (asset, still),
            )
            .await
        }
        (Recipient::Person { person, link, .. }, Notice::SeatsExceeded) => {
            to_administrator(db, sessions, leased, (person, link)).await
        }
        (Recipient::Channel { digest, .. }, Notice::Digest { after, until }) => {
            let access = Access::system(leased.org, Surface::System);
            let mut tx = db.read(&access).await?;
            let Some(digest) = digest::store::live(&mut tx, &access, digest).await? else {
                return Ok(Present::Obsolete(
                    "the channel does not receive it any more",
                ));
            };
            let counts =
                digest::store::counts(&mut tx, &access, digest.unit, (after, until)).await?;
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
        _ => Ok(Present::Obsolete("the parcel is for nobody")),
    }
}

/// What must still be so for a notice to be given.
#[derive(Debug, Clone, Copy)]
enum Still {
    /// The reader has the asset in this custody; where they are told of its end, it ends then.
    Custody(AssignmentId, Option<Timestamp>),
    /// The reader has the asset, and this ticket is about it and to be done.
    Ticket(TicketId),
}

/// About an asset that must still be the reader's.
async fn to_person(
    db: &Db,
    sessions: &Sessions,
    leased: &Leased,
    notice: Notice,
    (person, link): (PersonId, ChatLinkId),
    (asset, still): (AssetId, Still),
) -> StoreResult<Present> {
    let system = Access::system(leased.org, Surface::System);
    let reader = reader(db, sessions, &system, (person, link)).await?;
    let (session, linked, mut tx) = match reader {
        Ok(reader) => reader,
        Err(why) => return Ok(Present::Obsolete(why)),
    };
    let Some(due_at) = still_so(&mut tx, &system, person, (asset, still)).await? else {
        return Ok(Present::Obsolete("the asset has moved on"));
    };
    let surface = match linked.platform {
        Platform::Slack => Surface::Slack,
        Platform::Teams => Surface::Teams,
    };
    let access = session.access.within(surface, leased.id.to_string());
    let reach = scope::resolve(&mut tx, &access, Action::ReadAssets).await?;
    let Some(asset) = asset::store::by_id(&mut tx, &access, &reach, asset).await? else {
        return Ok(Present::Obsolete("the reader does not see the asset"));
    };
    let ticket = match still {
        Still::Custody(..) => None,
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
    Ok(Present::ToPerson(Box::new(ToPerson {
        access,
        linked,
        notice,
        asset,
        due_at,
        ticket,
    })))
}

/// About the licence, to whoever administers the organisation.
async fn to_administrator(
    db: &Db,
    sessions: &Sessions,
    leased: &Leased,
    (person, link): (PersonId, ChatLinkId),
) -> StoreResult<Present> {
    let system = Access::system(leased.org, Surface::System);
    let reader = reader(db, sessions, &system, (person, link)).await?;
    let (session, linked, mut tx) = match reader {
        Ok(reader) => reader,
        Err(why) => return Ok(Present::Obsolete(why)),
    };
    if session.access.reach(Action::Configure) != Reach::Whole {
        return Ok(Present::Obsolete("the reader is no administrator any more"));
    }
    let standing = seat::store::standing(&mut tx, &system, sessions.now()).await?;
    Ok(match standing.filter(Standing::exceeds_seats) {
        Some(standing) => Present::ToAdministrator(Box::new(ToAdministrator { linked, standing })),
        None => Present::Obsolete("there are seats enough"),
    })
}

/// Somebody as one of the chat users they are, with what they may do now, and a transaction to look up what they are told; or why nobody is.
async fn reader(
    db: &Db,
    sessions: &Sessions,
    system: &Access,
    (person, link): (PersonId, ChatLinkId),
) -> StoreResult<Result<(Session, Linked, Tx), &'static str>> {
    let session = match sessions.of_person(system.org(), person).await {
        Ok(session) => session,
        Err(Refusal::Store(error)) => return Err(error),
        Err(_) => return Ok(Err("the reader is no member any more")),
    };
    let mut tx = db.read(system).await?;
    let linked = chat_link::store::of_person(&mut tx, system, person).await?;
    let linked = linked.into_iter().find(|linked| linked.link == link);
    Ok(linked
        .map(|linked| (session, linked, tx))
        .ok_or("the reader is not known in this chat any more"))
}

/// Until when the reader has the asset, if what they are told of it is still so.
async fn still_so(
    tx: &mut Tx,
    system: &Access,
    person: PersonId,
    (asset, still): (AssetId, Still),
) -> StoreResult<Option<Option<Timestamp>>> {
    Ok(match still {
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
    })
}
