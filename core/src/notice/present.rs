//! What a notice says at the moment of its delivery, to a reader with the rights they have then; or that there is nothing left to say.

use super::{Body, Notice, Recipient, store};
use crate::access::{Access, Action, Surface};
use crate::asset::{self, store::AssetDetail};
use crate::chat_link::{self, Linked};
use crate::digest::{self, Digest, store::Counts};
use crate::id::{AssetId, AssignmentId, ChatLinkId, PersonId};
use crate::install::Platform;
use crate::outbox::Leased;
use crate::session::{Refusal, Sessions};
use crate::store::{Db, StoreResult};
use crate::time::Timestamp;
use crate::unit::scope;

/// What there is to say.
#[derive(Debug, Clone)]
pub enum Present {
    /// To somebody, about an asset they have.
    ToPerson(Box<ToPerson>),
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
            to_person(
                db,
                sessions,
                leased,
                body.notice,
                (person, link),
                (asset, assignment, None),
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
            let custody = (asset, assignment, Some(due_at));
            to_person(db, sessions, leased, body.notice, (person, link), custody).await
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

/// About a custody that must still be the reader's, and where they were told of its end, must still end then.
async fn to_person(
    db: &Db,
    sessions: &Sessions,
    leased: &Leased,
    notice: Notice,
    (person, link): (PersonId, ChatLinkId),
    (asset, assignment, ends): (AssetId, AssignmentId, Option<Timestamp>),
) -> StoreResult<Present> {
    let session = match sessions.of_person(leased.org, person).await {
        Ok(session) => session,
        Err(Refusal::Store(error)) => return Err(error),
        Err(_) => return Ok(Present::Obsolete("the reader is no member any more")),
    };
    let system = Access::system(leased.org, Surface::System);
    let mut tx = db.read(&system).await?;
    let linked = chat_link::store::of_person(&mut tx, &system, person).await?;
    let Some(linked) = linked.into_iter().find(|linked| linked.link == link) else {
        return Ok(Present::Obsolete(
            "the reader is not known in this chat any more",
        ));
    };
    let custody = store::still_theirs(&mut tx, &system, assignment, person).await?;
    let due_at = match custody {
        Some((of, due_at)) if of == asset && (ends.is_none() || ends == due_at) => due_at,
        _ => return Ok(Present::Obsolete("the asset has moved on")),
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
    Ok(Present::ToPerson(Box::new(ToPerson {
        access,
        linked,
        notice,
        asset,
        due_at,
    })))
}
