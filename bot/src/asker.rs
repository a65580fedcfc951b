//! Who asks: from a chat user to the person they were shown to be, and to what that person may do right now.
//!
//! Nothing here is remembered: rights, memberships and links are looked up for every question, so that whatever ended has ended.

use std::sync::Arc;

use habeo_core::access::{Access, Surface};
use habeo_core::chat_link::command::{IssueTicket, Link, Unlink};
use habeo_core::chat_link::{self, ChatUser, How, Profile};
use habeo_core::id::{ChatLinkId, OrgId};
use habeo_core::install::{Install, Platform};
use habeo_core::ledger::{Ledger, RecordError};
use habeo_core::person::{self, PersonStatus};
use habeo_core::session::{self, Sessions};
use habeo_core::store::StoreError;
use secrecy::ExposeSecret as _;
use url::Url;

/// Finds out who asks. Cloning gives another handle to the same.
#[derive(Debug, Clone)]
pub struct Askers {
    ledger: Ledger,
    sessions: Arc<Sessions>,
    public_url: Url,
}

/// Somebody who is known.
#[derive(Debug, Clone)]
pub struct Known {
    /// By which tie.
    pub link: ChatLinkId,
    /// What they may see and do, within the surface and the request.
    pub access: Access,
}

/// Why it cannot be said who asks.
#[derive(Debug, thiserror::Error)]
pub enum AskerError {
    /// A rule about links says no.
    #[error(transparent)]
    Link(#[from] chat_link::command::Refusal),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<RecordError<chat_link::command::Refusal>> for AskerError {
    fn from(error: RecordError<chat_link::command::Refusal>) -> Self {
        match error {
            RecordError::Refused(refusal) => Self::Link(refusal),
            RecordError::Store(error) => Self::Store(error),
        }
    }
}

/// By what a request is known in the record of what it does.
#[derive(Debug, Clone, Copy)]
pub struct Within<'a> {
    /// Through which surface.
    pub surface: Surface,
    /// Its id.
    pub request_id: &'a str,
}

impl Askers {
    /// Askers of the organisations of one ledger.
    #[must_use]
    pub const fn new(ledger: Ledger, sessions: Arc<Sessions>, public_url: Url) -> Self {
        Self {
            ledger,
            sessions,
            public_url,
        }
    }

    /// Who a chat user is, and what they may do now; none where nobody has shown it, or where they have left.
    pub async fn known(
        &self,
        org: OrgId,
        user: &ChatUser,
        within: Within<'_>,
    ) -> Result<Option<Known>, AskerError> {
        let system = Access::system(org, within.surface);
        let mut tx = self.ledger.db().read(&system).await?;
        let found = chat_link::store::person_of(&mut tx, &system, user).await?;
        drop(tx);
        let Some((link, person)) = found else {
            return Ok(None);
        };
        match self.sessions.of_person(org, person).await {
            Ok(session) => Ok(Some(Known {
                link,
                access: session
                    .access
                    .within(within.surface, within.request_id.to_owned()),
            })),
            Err(session::Refusal::Store(error)) => Err(error.into()),
            Err(
                session::Refusal::NotAMember
                | session::Refusal::UnknownOrganization
                | session::Refusal::OrganizationClosed,
            ) => Ok(None),
        }
    }

    /// Ties a chat user to the one person who has this address, if the installation trusts its domain. The surface answers for it that the
    /// service vouches for the address and that the user is a full member of the workspace.
    pub async fn link_by_address(
        &self,
        org: OrgId,
        install: &Install,
        user: &ChatUser,
        shown_name: &str,
        address: &str,
        surface: Surface,
    ) -> Result<bool, AskerError> {
        let address = address.trim().to_lowercase();
        let domain = address.rsplit_once('@').map(|(_, domain)| domain);
        let trusted = &install.settings.trusted_email_domains;
        if !domain.is_some_and(|domain| trusted.iter().any(|trusted| trusted == domain)) {
            return Ok(false);
        }
        let system = Access::system(org, surface);
        let mut tx = self.ledger.db().read(&system).await?;
        let people = person::store::by_addresses(&mut tx, &system, vec![address]).await?;
        drop(tx);
        let mut active = people
            .into_iter()
            .filter(|(_, _, status)| *status != PersonStatus::Separated);
        let (Some((_, person, _)), None) = (active.next(), active.next()) else {
            return Ok(false);
        };
        let link = Link {
            user: user.clone(),
            shown_name: shown_name.to_owned(),
            person,
            how: How::Email,
        };
        match self.ledger.record(&system, link).await {
            Ok(_) => Ok(true),
            // Somebody else holds one of the two ends, or somebody ended the tie: only the page can settle that.
            Err(RecordError::Refused(_)) => Ok(false),
            Err(RecordError::Store(error)) => Err(error.into()),
        }
    }

    /// The address at which whoever signs in becomes this chat user. It works once, for ten minutes, and is for that user's eyes only.
    pub async fn ticket_url(
        &self,
        org: OrgId,
        platform: Platform,
        user: &ChatUser,
        profile: Profile,
        surface: Surface,
    ) -> Result<String, AskerError> {
        let issue = IssueTicket {
            user: user.clone(),
            profile,
        };
        let ticket = self
            .ledger
            .record(&Access::system(org, surface), issue)
            .await?;
        let base = self.public_url.as_str().trim_end_matches('/');
        Ok(format!(
            "{base}/link/{}?t={}",
            platform.as_str(),
            ticket.expose_secret()
        ))
    }

    /// Ends a tie, by the person themselves.
    pub async fn disconnect(&self, known: &Known) -> Result<(), AskerError> {
        let unlink = Unlink { link: known.link };
        Ok(self.ledger.record(&known.access, unlink).await?)
    }
}
