//! What Clerk reports, as far as it is of interest: every member may be missing, and what is unknown is passed over.

use habeo_core::identity::{Bar, Membership as Member, Profile, is_key};
use habeo_core::time::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// A report.
#[derive(Debug, Deserialize)]
pub(super) struct Envelope {
    /// What is reported, such as `user.created`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The object as it is now.
    #[serde(default)]
    data: Value,
    /// When it was reported, in milliseconds.
    timestamp: Option<i64>,
    /// By which instance.
    pub instance_id: Option<String>,
}

/// What a report says.
#[derive(Debug)]
pub(super) enum Event {
    /// Somebody's account, new or changed.
    User(User),
    /// Somebody's account was deleted.
    UserDeleted(String),
    /// A session ended.
    SessionEnded(Session, &'static str),
    /// An organisation, new or changed.
    Organization(Organization),
    /// An organisation was deleted.
    OrganizationDeleted(String),
    /// Somebody belongs to an organisation, newly or otherwise than before.
    Membership(Membership),
    /// Somebody belongs to an organisation no more.
    MembershipEnded(Membership),
    /// A message that Clerk has sent: it may hold a code for signing in.
    Letter,
    /// Nothing of interest.
    Other,
}

/// A report that says what it is of, and does not name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Nameless;

impl Envelope {
    pub fn parse(body: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(body)
    }

    /// When it was reported, as far as it says.
    pub fn happened_at(&self, received_at: Timestamp) -> Timestamp {
        self.timestamp.map_or(received_at, millis)
    }

    pub fn event(self) -> Result<Event, Nameless> {
        let Self { kind, data, .. } = self;
        Ok(match kind.as_str() {
            "user.created" | "user.updated" => Event::User(named(data, |one: &User| &one.id)?),
            "user.deleted" => Event::UserDeleted(named(data, |one: &Deleted| &one.id)?.id),
            "session.ended" => Event::SessionEnded(session(data)?, "ended"),
            "session.removed" => Event::SessionEnded(session(data)?, "removed"),
            "session.revoked" => Event::SessionEnded(session(data)?, "revoked"),
            "organization.created" | "organization.updated" => {
                Event::Organization(named(data, |one: &Organization| &one.id)?)
            }
            "organization.deleted" => {
                Event::OrganizationDeleted(named(data, |one: &Deleted| &one.id)?.id)
            }
            "organizationMembership.created" | "organizationMembership.updated" => {
                Event::Membership(membership(data)?)
            }
            "organizationMembership.deleted" => Event::MembershipEnded(membership(data)?),
            letter if letter.starts_with("email.") || letter.starts_with("sms.") => Event::Letter,
            _ => Event::Other,
        })
    }
}

fn named<T: for<'de> Deserialize<'de>>(
    data: Value,
    name: impl Fn(&T) -> &String,
) -> Result<T, Nameless> {
    let object: T = serde_json::from_value(data).map_err(|_| Nameless)?;
    if is_key(name(&object)) {
        Ok(object)
    } else {
        Err(Nameless)
    }
}

fn session(data: Value) -> Result<Session, Nameless> {
    let session = named(data, |one: &Session| &one.id)?;
    if is_key(&session.user_id) {
        Ok(session)
    } else {
        Err(Nameless)
    }
}

fn membership(data: Value) -> Result<Membership, Nameless> {
    let membership = named(data, |one: &Membership| &one.id)?;
    if is_key(&membership.organization.id) && is_key(&membership.person.user_id) {
        Ok(membership)
    } else {
        Err(Nameless)
    }
}

fn millis(millis: i64) -> Timestamp {
    Timestamp::from_micros(millis.saturating_mul(1_000))
}

#[derive(Debug, Deserialize)]
struct Deleted {
    id: String,
}

/// Somebody's account.
#[derive(Debug, Deserialize)]
pub(super) struct User {
    pub id: String,
    first_name: Option<String>,
    last_name: Option<String>,
    username: Option<String>,
    primary_email_address_id: Option<String>,
    email_addresses: Option<Vec<EmailAddress>>,
    banned: Option<bool>,
    locked: Option<bool>,
    updated_at: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct EmailAddress {
    id: Option<String>,
    #[serde(rename = "email_address")]
    text: Option<String>,
    verification: Option<Verification>,
}

#[derive(Debug, Deserialize)]
struct Verification {
    status: Option<String>,
}

impl User {
    /// What is taken over of it.
    pub fn profile(&self, issuer: &str, happened_at: Timestamp) -> Profile {
        Profile {
            issuer: issuer.to_owned(),
            subject: self.id.clone(),
            name: name(
                self.first_name.as_deref(),
                self.last_name.as_deref(),
                self.username.as_deref(),
            ),
            email: self.verified_address(),
            bar: self.bar(),
            updated_at: self.updated_at.map_or(happened_at, millis),
        }
    }

    /// Whether they may not sign in.
    pub fn bar(&self) -> Option<Bar> {
        match (self.banned, self.locked) {
            (Some(true), _) => Some(Bar::Banned),
            (_, Some(true)) => Some(Bar::Locked),
            _ => None,
        }
    }

    /// The primary address, if it was verified. Any other is somebody's claim.
    fn verified_address(&self) -> Option<String> {
        let primary = self.primary_email_address_id.as_ref()?;
        let addresses = self.email_addresses.as_ref()?;
        let address = addresses
            .iter()
            .find(|address| address.id.as_ref() == Some(primary))?;
        let status = address.verification.as_ref()?.status.as_deref()?;
        address.text.clone().filter(|_| status == "verified")
    }
}

/// A name of what may be missing of it. What somebody signs in with is no name.
fn name(first: Option<&str>, last: Option<&str>, username: Option<&str>) -> Option<String> {
    let parts: Vec<&str> = [first, last]
        .into_iter()
        .flatten()
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    if parts.is_empty() {
        let username = username.map(str::trim);
        return username
            .filter(|name| !name.is_empty())
            .map(ToOwned::to_owned);
    }
    Some(parts.join(" "))
}

/// A session.
#[derive(Debug, Deserialize)]
pub(super) struct Session {
    pub id: String,
    #[serde(default)]
    pub user_id: String,
    pub last_active_organization_id: Option<String>,
}

/// An organisation.
#[derive(Debug, Deserialize)]
pub(super) struct Organization {
    pub id: String,
    pub name: Option<String>,
    pub slug: Option<String>,
    updated_at: Option<i64>,
}

impl Organization {
    /// When it was changed last.
    pub fn updated_at(&self, happened_at: Timestamp) -> Timestamp {
        self.updated_at.map_or(happened_at, millis)
    }
}

/// Somebody in an organisation.
#[derive(Debug, Deserialize)]
pub(super) struct Membership {
    pub id: String,
    role: Option<String>,
    pub organization: Organization,
    #[serde(rename = "public_user_data")]
    pub person: PublicUser,
    updated_at: Option<i64>,
}

#[derive(Debug, Deserialize)]
pub(super) struct PublicUser {
    pub user_id: String,
    first_name: Option<String>,
    last_name: Option<String>,
    username: Option<String>,
}

impl Membership {
    /// What is taken over of it.
    pub fn member(&self, issuer: &str, happened_at: Timestamp) -> Member {
        let role = self.role.as_deref().unwrap_or_default();
        let person = &self.person;
        Member {
            issuer: issuer.to_owned(),
            subject: person.user_id.clone(),
            key: self.id.clone(),
            // Some of Clerk's own libraries leave the prefix off.
            admin: role.strip_prefix("org:").unwrap_or(role) == "admin",
            name: name(
                person.first_name.as_deref(),
                person.last_name.as_deref(),
                person.username.as_deref(),
            ),
            updated_at: self.updated_at(happened_at),
        }
    }

    /// When it was changed last.
    pub fn updated_at(&self, happened_at: Timestamp) -> Timestamp {
        self.updated_at.map_or(happened_at, millis)
    }
}

#[cfg(test)]
mod tests;
