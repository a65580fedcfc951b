//! Beginning and ending a session, as units of work.

use std::convert::Infallible;

use super::LIFE_MICROS;
use super::event::AuthEvent;
use super::store::{self, Row};
use crate::id::{PersonId, WebSessionId};
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{Command, Failure, Work};
use crate::session::ended;

/// A session begins.
#[derive(Debug)]
pub(super) struct Begin {
    pub id: WebSessionId,
    pub person: PersonId,
    pub cookie_hash: [u8; 32],
    pub keys: [ended::Key; 3],
}

impl Command for Begin {
    type Answer = ();
    type Refusal = Infallible;

    fn is_change(&self) -> bool {
        false
    }

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Infallible>> {
        let access = work.access().clone();
        let now = work.now();
        record(work, self.person, AuthEvent::Login { session: self.id }).await?;
        let [session, subject, membership] = self.keys;
        let row = Row {
            person_id: self.person,
            issuer_session_hash: session.to_vec(),
            issuer_subject_hash: subject.to_vec(),
            issuer_membership_hash: membership.to_vec(),
            created_at: now,
            seen_at: now,
        };
        store::forget_old(work.tx(), &access, now).await?;
        store::insert(work.tx(), &access, self.id, &row).await?;
        let expires_at = now.plus_micros(LIFE_MICROS);
        store::point_to(work.tx(), &access, &self.cookie_hash, self.id, expires_at).await?;
        Ok(())
    }
}

/// A session ends because its owner says so.
#[derive(Debug)]
pub(super) struct End {
    pub id: WebSessionId,
    pub person: PersonId,
}

impl Command for End {
    type Answer = ();
    type Refusal = Infallible;

    fn is_change(&self) -> bool {
        false
    }

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Infallible>> {
        let access = work.access().clone();
        let now = work.now();
        // Twice at once: the second finds nothing to end.
        if store::end(work.tx(), &access, self.id, now).await? {
            record(work, self.person, AuthEvent::Logout { session: self.id }).await?;
        }
        Ok(())
    }
}

async fn record(
    work: &mut Work,
    person: PersonId,
    event: AuthEvent,
) -> Result<(), Failure<Infallible>> {
    let fact = Fact::now(Stream::Person(person), Event::Auth(event), Vec::new());
    work.record(fact).await?;
    Ok(())
}
