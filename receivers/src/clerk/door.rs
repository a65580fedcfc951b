//! The door that Clerk knocks at: bytes within a bound, their signature, then whatever they say; kept before it is answered.

use habeo_core::id::OrgId;
use habeo_core::identity::{Object, store};
use habeo_core::inbox::{About, Arrival, Incoming};
use habeo_core::ledger::RecordError;
use habeo_core::org;
use habeo_core::org::command::{CreateOrg, NAME_CHARS_MAX, is_slug};
use habeo_core::session::ended::Ended;
use habeo_core::store::StoreResult;
use habeo_core::text;
use habeo_core::unplaced::{Others, Report};
use habeo_surface::Problem;
use poem::{Endpoint, Request, Response, Route, post};

use super::event::{Envelope, Event, Membership, Organization, Session, User};
use super::{Clerk, SOURCE, account, organization};
use crate::answer::{self, Word};
use crate::svix;

/// The most bytes of a message.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;
/// Where the door is.
pub const PATH: &str = "/api/webhooks/clerk";

/// The lane of what is about an organisation itself.
const ORGANIZATION_LANE: &str = "organization";
/// How many slugs are tried for an organisation whose own is taken, or none.
const SLUGS_MAX: u32 = 50;
/// The most characters of a slug that leave room for a number.
const SLUG_CHARS_MAX: usize = 36;

/// Adds the door to a route. Where no secret is set up it is there, and lets nobody in.
#[must_use]
pub fn mount(route: Route, clerk: &Clerk) -> Route {
    route.at(PATH, post(Door(clerk.clone())))
}

struct Door(Clerk);

impl Endpoint for Door {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let body = answer::bytes(&mut request, BODY_BYTES_MAX).await?;
        let clerk = &self.0;
        let now = clerk.ledger().clock().now();
        let secrets = &clerk.0.settings.secrets;
        let key = svix::verify(secrets, request.headers(), &body, now);
        let key = key.map_err(|_| answer::unsigned())?;
        answer::is_json(request.headers())?;
        let envelope = Envelope::parse(&body).map_err(|_| answer::unreadable())?;
        let message = Message {
            key,
            kind: envelope.kind.clone(),
            happened_at: envelope.happened_at(now),
            body: &body,
        };
        let word = Box::pin(clerk.take(&message, envelope)).await?;
        Ok(word.answer())
    }
}

/// A message whose signature is good.
struct Message<'a> {
    key: &'a str,
    kind: String,
    happened_at: habeo_core::time::Timestamp,
    body: &'a [u8],
}

impl Message<'_> {
    fn report(&self) -> Report<'_> {
        Report {
            source: SOURCE,
            key: self.key,
            kind: &self.kind,
            happened_at: self.happened_at,
        }
    }
}

type Taken = Result<Word, Problem>;

impl Clerk {
    async fn take(&self, message: &Message<'_>, envelope: Envelope) -> Taken {
        let ours = self.0.settings.instance_id.as_ref();
        if ours.is_some() && envelope.instance_id.as_ref() != ours {
            tracing::warn!(
                instance = envelope.instance_id.as_deref().unwrap_or_default(),
                "another instance of Clerk reports to this server; it is not listened to"
            );
            return self.ignore(message).await;
        }
        let Ok(event) = envelope.event() else {
            tracing::warn!(
                kind = message.kind,
                "a report of Clerk does not name what it is of"
            );
            return self.ignore(message).await;
        };
        match event {
            Event::User(user) => self.take_user(message, &user).await,
            Event::UserDeleted(user) => self.take_user_end(message, &user).await,
            Event::SessionEnded(session, _) => self.take_session_end(message, &session).await,
            Event::Organization(reported) => self.take_organization(message, &reported).await,
            Event::OrganizationDeleted(id) => self.take_organization_end(message, &id).await,
            Event::Membership(membership) => self.take_membership(message, &membership).await,
            Event::MembershipEnded(membership) => {
                self.take_membership_end(message, &membership).await
            }
            // It may hold a code that lets somebody in: not even its name is kept.
            Event::Letter => Ok(Word::Ignored),
            Event::Other => self.ignore(message).await,
        }
    }

    async fn ignore(&self, message: &Message<'_>) -> Taken {
        let noted = self.0.unplaced.note(message.report()).await;
        Ok(Word::Ignored.on(noted.map_err(answer::failed)?))
    }

    /// Whoever nobody knows yet waits. The latest of everybody else's account is kept as well, for organisations that they join later; that is
    /// done when the message is worked off, so that it is stored but once before the answer.
    async fn take_user(&self, message: &Message<'_>, user: &User) -> Taken {
        let mut placed = self.place_with_all(message, &user.id).await?;
        let mut word = Word::Waiting;
        if placed.is_none() {
            let waits_for = account(&user.id);
            let unplaced = &self.0.unplaced;
            let kept = unplaced.keep(message.report(), &waits_for, message.body, Others::Go);
            word = word.on(kept.await.map_err(answer::failed)?);
            // A membership may have been entered since they were looked for: then nobody would come for it any more.
            placed = self.place_with_all(message, &user.id).await?;
        }
        if user.bar().is_some() && placed == Some(Arrival::First) {
            self.end_subject(&user.id).await.map_err(answer::failed)?;
        }
        Ok(placed.map_or(word, |arrival| Word::Accepted.on(arrival)))
    }

    async fn take_user_end(&self, message: &Message<'_>, user: &str) -> Taken {
        let ledger = self.ledger();
        let now = ledger.clock().now();
        store::bury(ledger.db(), self.issuer(), Object::User, user, now)
            .await
            .map_err(answer::failed)?;
        let placed = self.place_with_all(message, user).await?;
        self.end_subject(user).await.map_err(answer::failed)?;
        match placed {
            Some(arrival) => Ok(Word::Accepted.on(arrival)),
            None => self.ignore(message).await,
        }
    }

    async fn end_subject(&self, subject: &str) -> StoreResult<()> {
        let issuer = self.issuer();
        self.end(Ended::Subject { issuer, subject }).await
    }

    async fn take_session_end(&self, message: &Message<'_>, session: &Session) -> Taken {
        let session_id = session.id.as_str();
        let issuer = self.issuer();
        // A session that has ended never begins again, so whenever this is heard it is true.
        self.end(Ended::Session { issuer, session_id })
            .await
            .map_err(answer::failed)?;
        let active = match &session.last_active_organization_id {
            Some(id) => self.known(id).await.map_err(answer::failed)?,
            None => None,
        };
        match active {
            Some(org) => self.place(message, org, &session.user_id).await,
            None => self.ignore(message).await,
        }
    }

    async fn take_organization(&self, message: &Message<'_>, reported: &Organization) -> Taken {
        match self.known_or_made(reported).await? {
            Some(org) => self.place(message, org, ORGANIZATION_LANE).await,
            None => self.wait_for_organization(message, &reported.id).await,
        }
    }

    async fn take_organization_end(&self, message: &Message<'_>, id: &str) -> Taken {
        if let Some(org) = self.known(id).await.map_err(answer::failed)? {
            return self.place(message, org, ORGANIZATION_LANE).await;
        }
        let ledger = self.ledger();
        let now = ledger.clock().now();
        store::bury(ledger.db(), self.issuer(), Object::Organization, id, now)
            .await
            .map_err(answer::failed)?;
        self.ignore(message).await
    }

    async fn take_membership(&self, message: &Message<'_>, membership: &Membership) -> Taken {
        let reported = &membership.organization;
        match self.known_or_made(reported).await? {
            Some(org) => self.place(message, org, &membership.person.user_id).await,
            None => self.wait_for_organization(message, &reported.id).await,
        }
    }

    async fn take_membership_end(&self, message: &Message<'_>, membership: &Membership) -> Taken {
        let (id, subject) = (&membership.organization.id, &membership.person.user_id);
        let Some(org) = self.known(id).await.map_err(answer::failed)? else {
            let ledger = self.ledger();
            let now = ledger.clock().now();
            let (db, issuer) = (ledger.db(), self.issuer());
            store::bury(db, issuer, Object::Membership, &membership.id, now)
                .await
                .map_err(answer::failed)?;
            return self.ignore(message).await;
        };
        let word = self.place(message, org, subject).await?;
        if word == Word::Accepted {
            let ended = Ended::Membership {
                issuer: self.issuer(),
                subject,
                organization: id,
            };
            self.end(ended).await.map_err(answer::failed)?;
        }
        Ok(word)
    }

    /// Whoever sets the organisation up later gets what was reported of it.
    async fn wait_for_organization(&self, message: &Message<'_>, id: &str) -> Taken {
        tracing::warn!(
            organization = id,
            "Clerk reports an organization that is not set up here; what it says waits"
        );
        let waits_for = organization(id);
        let unplaced = &self.0.unplaced;
        let kept = unplaced.keep(message.report(), &waits_for, message.body, Others::Stay);
        Ok(Word::Waiting.on(kept.await.map_err(answer::failed)?))
    }

    /// Keeps a message for every organisation that knows somebody; none where there is no such.
    async fn place_with_all(
        &self,
        message: &Message<'_>,
        user: &str,
    ) -> Result<Option<Arrival>, Problem> {
        let orgs = self.organizations(user).await.map_err(answer::failed)?;
        let mut placed = None;
        for org in orgs {
            let arrival = self.keep(message, org, user).await?;
            if placed != Some(Arrival::First) {
                placed = Some(arrival);
            }
        }
        Ok(placed)
    }

    /// Which organisations know somebody.
    pub(super) async fn organizations(&self, user: &str) -> StoreResult<Vec<OrgId>> {
        let mut tx = self.ledger().db().read_directory().await?;
        store::organizations(&mut tx, self.issuer(), user).await
    }

    async fn place(&self, message: &Message<'_>, org: OrgId, lane: &str) -> Taken {
        Ok(Word::Accepted.on(self.keep(message, org, lane).await?))
    }

    async fn keep(
        &self,
        message: &Message<'_>,
        org: OrgId,
        lane: &str,
    ) -> Result<Arrival, Problem> {
        let incoming = Incoming {
            org,
            source: SOURCE,
            key: message.key,
            lane: Some(lane),
            body: message.body,
            about: About::KEPT,
        };
        self.inbox().receive(incoming).await.map_err(answer::unkept)
    }

    async fn known(&self, id: &str) -> StoreResult<Option<OrgId>> {
        let mut tx = self.ledger().db().read_directory().await?;
        org::store::by_external_id(&mut tx, self.issuer(), id).await
    }

    /// The organisation that is meant; made where it is new, and nothing where it was deleted or only linked ones are wanted.
    async fn known_or_made(&self, reported: &Organization) -> Result<Option<OrgId>, Problem> {
        if let Some(org) = self.known(&reported.id).await.map_err(answer::failed)? {
            return Ok(Some(org));
        }
        if !self.0.settings.create_organizations {
            return Ok(None);
        }
        let mut tx = self
            .ledger()
            .db()
            .read_directory()
            .await
            .map_err(answer::failed)?;
        let object = Object::Organization;
        let buried = store::is_buried(&mut tx, self.issuer(), object, &reported.id).await;
        drop(tx);
        if buried.map_err(answer::failed)? {
            return Ok(None);
        }
        self.make(reported).await
    }

    async fn make(&self, reported: &Organization) -> Result<Option<OrgId>, Problem> {
        let name = reported.name.as_deref();
        let name = name.and_then(|name| text::line(name, NAME_CHARS_MAX).ok());
        let name = name.unwrap_or_else(|| "New organization".to_owned());
        let wanted = reported.slug.as_deref().filter(|slug| is_slug(slug));
        let stem: String = wanted
            .unwrap_or("org")
            .chars()
            .take(SLUG_CHARS_MAX)
            .collect();
        for number in 1..=SLUGS_MAX {
            let slug = match (number, wanted) {
                (1, Some(wanted)) => wanted.to_owned(),
                _ => format!("{stem}-{number}"),
            };
            let new = CreateOrg {
                name: name.clone(),
                slug,
                timezone: "UTC".to_owned(),
                currency: "USD".to_owned(),
                sandbox: false,
                external: vec![(self.issuer().to_owned(), reported.id.clone())],
                tag_namespaces: Vec::new(),
                units: None,
            };
            match new.carry_out(self.ledger()).await {
                Ok(created) => {
                    tracing::info!(org.id = %created.org, "an organization that Clerk reported was made");
                    return Ok(Some(created.org));
                }
                Err(RecordError::Refused(org::command::Refusal::SlugTaken(_))) => {}
                // Another message of it came at the same time.
                Err(RecordError::Refused(org::command::Refusal::ExternalTaken(_))) => {
                    return self.known(&reported.id).await.map_err(answer::failed);
                }
                Err(error) => return Err(Problem::from(error)),
            }
        }
        Ok(None)
    }
}
