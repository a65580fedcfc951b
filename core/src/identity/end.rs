//! The ends that an issuer reports: of a membership, of an account, of a session.

use super::command::{end_grant, of_habeo, record};
use super::store::{self, Identity};
use super::{EndReason, Object, Refusal, Taken};
use crate::access::Access;
use crate::id::PersonId;
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{Command, Failure, Work};
use crate::person::PersonStatus;
use crate::person::command::ChangeStatus;
use crate::person::event::PersonEvent;
use crate::session::ended::Ended;
use crate::store::StoreResult;
use crate::time::Timestamp;
use crate::web_session::event::AuthEvent;
use crate::{chat_link, grant, push_device};

/// A membership of the organisation ended. The sign-in ends with it, and every role with the last sign-in; the person stays on record.
#[derive(Debug, Clone)]
pub struct EndMembership {
    /// The issuer.
    pub issuer: String,
    /// Its name for the person.
    pub subject: String,
    /// Its name for the membership.
    pub key: String,
    /// When the membership was changed last, as far as it says.
    pub updated_at: Timestamp,
}

/// The issuer deleted an account. Beside what ends with a membership, chat users are no longer tied to the person, who is taken to have left.
#[derive(Debug, Clone)]
pub struct EndUser {
    /// The issuer.
    pub issuer: String,
    /// Its name for the person.
    pub subject: String,
}

/// The issuer ended a session of somebody, which is recorded, and with it the phones that were registered in it; that its tokens are refused is
/// seen to before.
#[derive(Debug, Clone)]
pub struct NoteSessionEnd {
    /// The issuer.
    pub issuer: String,
    /// Its name for the person.
    pub subject: String,
    /// Its name for the session.
    pub session_id: String,
    /// Its word for how.
    pub how: &'static str,
}

impl Command for EndMembership {
    type Answer = Taken;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<Taken, Failure<Refusal>> {
        let access = of_habeo(work)?;
        let now = work.now();
        let (issuer, subject) = (self.issuer.as_str(), self.subject.as_str());
        store::bury_within(work.tx(), issuer, Object::Membership, &self.key, now).await?;
        let found = store::by_subject(work.tx(), access.org(), issuer, subject).await?;
        let Some(mut identity) = found else {
            return Ok(Taken::Unknown);
        };
        // Who came back has another membership, which the end of the first one does not concern.
        let is_another = identity
            .membership_key
            .as_ref()
            .is_some_and(|key| *key != self.key)
            && identity.membership_updated_at >= Some(self.updated_at);
        if is_another || identity.ended_at.is_some() {
            return Ok(Taken::Stale);
        }
        let who = (issuer, subject);
        end(work, &access, who, &mut identity, EndReason::Membership).await?;
        Ok(Taken::Applied)
    }
}

impl Command for EndUser {
    type Answer = Taken;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<Taken, Failure<Refusal>> {
        let access = of_habeo(work)?;
        let now = work.now();
        let (issuer, subject) = (self.issuer.as_str(), self.subject.as_str());
        store::bury_within(work.tx(), issuer, Object::User, subject, now).await?;
        let found = store::by_subject(work.tx(), access.org(), issuer, subject).await?;
        let Some(mut identity) = found else {
            return Ok(Taken::Unknown);
        };
        let person = identity.person_id;
        let had_ended = identity.ended_at.is_some();
        if !had_ended {
            let who = (issuer, subject);
            end(work, &access, who, &mut identity, EndReason::Deleted).await?;
        }
        let left = leave(work, &access, person).await?;
        Ok(if left || !had_ended {
            Taken::Applied
        } else {
            Taken::Unchanged
        })
    }
}

impl Command for NoteSessionEnd {
    type Answer = Taken;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<Taken, Failure<Refusal>> {
        let access = of_habeo(work)?;
        let found = store::by_subject(work.tx(), access.org(), &self.issuer, &self.subject).await?;
        let Some(identity) = found else {
            return Ok(Taken::Unknown);
        };
        let session = Ended::Session {
            issuer: &self.issuer,
            session_id: &self.session_id,
        };
        // Who signs out on a phone is not told anything there any more.
        push_device::command::sign_out(work, identity.person_id, Some(session.key())).await?;
        let event = AuthEvent::SessionEnded {
            issuer: self.issuer,
            how: self.how.to_owned(),
        };
        let stream = Stream::Person(identity.person_id);
        work.record(Fact::now(stream, Event::Auth(event), Vec::new()))
            .await?;
        Ok(Taken::Applied)
    }
}

/// Ends a sign-in, and every role with the last one: rights do not come back by themselves.
async fn end(
    work: &mut Work,
    access: &Access,
    (issuer, subject): (&str, &str),
    identity: &mut Identity,
    why: EndReason,
) -> StoreResult<()> {
    let now = work.now();
    let person = identity.person_id;
    identity.ended_at = Some(now);
    let admin_grant = identity.admin_grant_id.take();
    store::keep(work.tx(), access, (issuer, subject), identity).await?;
    let issuer = issuer.to_owned();
    record(work, person, PersonEvent::IdentityEnded { issuer, why }).await?;
    if store::has_another(work.tx(), access, person).await? {
        if let Some(grant) = admin_grant {
            end_grant(work, grant).await?;
        }
        return Ok(());
    }
    for grant in grant::store::live(work.tx(), access.org(), person, now).await? {
        end_grant(work, grant.id).await?;
    }
    push_device::command::sign_out(work, person, None).await?;
    Ok(())
}

/// Without any account left, somebody is taken to have left. Whether that is new.
async fn leave(work: &mut Work, access: &Access, person: PersonId) -> StoreResult<bool> {
    if store::has_another(work.tx(), access, person).await? {
        return Ok(false);
    }
    let mut changed = false;
    for link in store::chat_links(work.tx(), access, person).await? {
        let unlink = chat_link::command::Unlink { link };
        match unlink.execute(work).await {
            Ok(()) => changed = true,
            Err(Failure::Refused(_)) => {}
            Err(Failure::Store(error)) => return Err(error),
        }
    }
    let standing = crate::person::store::standing(work.tx(), access, person).await?;
    if standing.is_some_and(|(_, status)| status == PersonStatus::Separated) {
        return Ok(changed);
    }
    let gone = ChangeStatus {
        person,
        status: PersonStatus::Separated,
        separated_on: Some(work.now().day()),
    };
    match gone.execute(work).await {
        Ok(()) => Ok(true),
        Err(Failure::Refused(_)) => Ok(changed),
        Err(Failure::Store(error)) => Err(error),
    }
}
