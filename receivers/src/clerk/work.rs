//! Working off what Clerk has reported: each message becomes a command of the organisation in whose inbox it is.

use habeo_core::access::{Access, Surface};
use habeo_core::id::OrgId;
use habeo_core::identity::{
    EndMembership, EndOrganization, EndUser, NoteSessionEnd, Refusal, TakeMembership,
    TakeOrganization, TakeProfile, Taken,
};
use habeo_core::inbox::worker::Handler;
use habeo_core::inbox::{About, Arrival, Incoming, Received, Verdict};
use habeo_core::ledger::{Command, RecordError};
use habeo_core::session::ended::Ended;
use habeo_core::store::StoreError;
use habeo_core::time::Timestamp;
use habeo_core::unplaced::{Others, Report, Waiting};

use super::event::{Envelope, Event, Membership};
use super::{Clerk, SOURCE, account, organization};
use crate::placing::place_waiting;

/// Why a message was not worked off.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("{0}")]
    Refused(Refusal),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("what waits cannot be placed: {0}")]
    Inbox(#[from] habeo_core::inbox::Refusal),
}

impl From<RecordError<Refusal>> for Trouble {
    fn from(error: RecordError<Refusal>) -> Self {
        match error {
            RecordError::Refused(refusal) => Self::Refused(refusal),
            RecordError::Store(error) => Self::Store(error),
        }
    }
}

impl Handler for Clerk {
    async fn handle(&self, received: &Received) -> Verdict {
        match self.work_off(received).await {
            Ok(()) => Verdict::Done,
            Err(Trouble::Refused(refusal)) => Verdict::Dead {
                why: refusal.to_string(),
            },
            Err(trouble) => Verdict::Again {
                at: None,
                why: trouble.to_string(),
            },
        }
    }
}

impl Clerk {
    async fn work_off(&self, received: &Received) -> Result<(), Trouble> {
        let Ok(envelope) = Envelope::parse(&received.body) else {
            return Ok(());
        };
        let happened_at = envelope.happened_at(received.received_at);
        let kind = envelope.kind.clone();
        let Ok(event) = envelope.event() else {
            return Ok(());
        };
        let (org, issuer) = (received.org, self.issuer().to_owned());
        let taken = match event {
            Event::User(user) => {
                let profile = user.profile(&issuer, happened_at);
                let barred = profile.bar.is_some();
                let taken = self.record(received, TakeProfile(profile)).await?;
                self.keep_latest(received, &kind, &user.id, happened_at)
                    .await?;
                if barred && taken == Taken::Applied {
                    let subject = &user.id;
                    let issuer = &issuer;
                    self.end(Ended::Subject { issuer, subject }).await?;
                }
                taken
            }
            Event::UserDeleted(subject) => {
                let (issuer_name, name) = (&issuer, &subject);
                self.end(Ended::Subject {
                    issuer: issuer_name,
                    subject: name,
                })
                .await?;
                self.record(received, EndUser { issuer, subject }).await?
            }
            Event::SessionEnded(session, how) => {
                let (issuer_name, session_id) = (&issuer, &session.id);
                self.end(Ended::Session {
                    issuer: issuer_name,
                    session_id,
                })
                .await?;
                let note = NoteSessionEnd {
                    issuer,
                    subject: session.user_id,
                    session_id: session.id,
                    how,
                };
                self.record(received, note).await?
            }
            Event::Organization(reported) => {
                let take = TakeOrganization {
                    issuer,
                    updated_at: reported.updated_at(happened_at),
                    external_id: reported.id.clone(),
                    name: reported.name,
                    slug: reported.slug,
                };
                let taken = self.record(received, take).await?;
                self.place_waiting(org, &reported.id).await?;
                taken
            }
            Event::OrganizationDeleted(external_id) => {
                let end = EndOrganization {
                    issuer,
                    external_id,
                };
                self.record(received, end).await?
            }
            Event::Membership(membership) => {
                let member = membership.member(&issuer, happened_at);
                let taken = self.record(received, TakeMembership(member)).await?;
                self.catch_up(received, &membership).await?;
                taken
            }
            Event::MembershipEnded(membership) => {
                self.end_membership(received, &membership, happened_at)
                    .await?
            }
            Event::Letter | Event::Other => Taken::Unchanged,
        };
        tracing::info!(org.id = %org, kind, outcome = taken.as_str(), "a report of Clerk was worked off");
        Ok(())
    }

    async fn record<C>(&self, received: &Received, command: C) -> Result<Taken, Trouble>
    where
        C: Command<Answer = Taken, Refusal = Refusal>,
    {
        let access = Access::system(received.org, Surface::Webhook);
        let access = access.within(Surface::Webhook, received.key.clone());
        Ok(self.ledger().record(&access, command).await?)
    }

    async fn end_membership(
        &self,
        received: &Received,
        membership: &Membership,
        happened_at: Timestamp,
    ) -> Result<Taken, Trouble> {
        let end = EndMembership {
            issuer: self.issuer().to_owned(),
            subject: membership.person.user_id.clone(),
            key: membership.id.clone(),
            updated_at: membership.updated_at(happened_at),
        };
        let taken = self.record(received, end).await?;
        if taken == Taken::Applied {
            self.end(Ended::Membership {
                issuer: self.issuer(),
                subject: &membership.person.user_id,
                organization: &membership.organization.id,
            })
            .await?;
        }
        Ok(taken)
    }

    /// Keeps the latest report of an account for organisations that the person joins later.
    async fn keep_latest(
        &self,
        received: &Received,
        kind: &str,
        user: &str,
        happened_at: Timestamp,
    ) -> Result<(), Trouble> {
        let report = Report {
            source: SOURCE,
            key: &received.key,
            kind,
            happened_at,
        };
        let waits_for = account(user);
        let unplaced = &self.0.unplaced;
        let kept = unplaced.keep(report, &waits_for, &received.body, Others::Go);
        if kept.await? == Arrival::First {
            // Whoever was joined while this was on its way has looked before it was kept.
            for org in self.organizations(user).await? {
                let incoming = Incoming {
                    org,
                    source: SOURCE,
                    key: &received.key,
                    lane: Some(user),
                    body: &received.body,
                    about: About::KEPT,
                };
                self.inbox().receive(incoming).await?;
            }
        }
        Ok(())
    }

    /// What was reported of an account before anybody knew that it belongs here.
    async fn catch_up(&self, received: &Received, membership: &Membership) -> Result<(), Trouble> {
        let waits_for = account(&membership.person.user_id);
        // Of an account only the latest report is kept.
        for waiting in self.0.unplaced.waiting(SOURCE, &waits_for, None).await? {
            let Ok(envelope) = Envelope::parse(&waiting.body) else {
                continue;
            };
            if let Ok(Event::User(user)) = envelope.event() {
                let profile = user.profile(self.issuer(), waiting.happened_at);
                self.record(received, TakeProfile(profile)).await?;
            }
        }
        let id = &membership.organization.id;
        self.place_waiting(received.org, id).await
    }

    /// What was reported while an organisation was not set up here.
    async fn place_waiting(&self, org: OrgId, id: &str) -> Result<(), Trouble> {
        let waits_for = organization(id);
        let lane = |waiting: &Waiting| {
            let envelope = Envelope::parse(&waiting.body).ok()?;
            Some(match envelope.event() {
                Ok(Event::Membership(one) | Event::MembershipEnded(one)) => one.person.user_id,
                _ => "organization".to_owned(),
            })
        };
        let places = (self.inbox(), &self.0.unplaced);
        place_waiting(places, (SOURCE, &waits_for), org, lane).await?;
        Ok(())
    }
}
