//! Taking in who belongs to an organisation, and what they are called. Only Habeo itself asks.

use super::store::{self, Identity};
use super::{Bar, Membership, Object, Profile, ProfileField, Refusal, Taken};
use crate::access::{Access, Principal, Role};
use crate::grant::command::{EndGrant, GiveGrant};
use crate::id::{GrantId, PersonId};
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{Command, Failure, Work};
use crate::person::command::{EMAIL_CHARS_MAX, RegisterPerson};
use crate::person::event::PersonEvent;
use crate::person::{Affiliation, PersonStatus};
use crate::store::{StoreError, StoreResult};
use crate::{grant, person, text, unit};

/// The most characters of a name.
const NAME_CHARS_MAX: usize = 200;
/// What is shown of whom the issuer names with nothing that can be shown.
pub(crate) const NAMELESS: &str = "New member";
/// Why an issuer's administrator got a role here.
const BOOTSTRAP: &str = "The issuer's administrator of an organization that had none.";

/// What an issuer says of a person. Whoever is not known in the organisation stays so: a membership makes them known.
#[derive(Debug, Clone)]
pub struct TakeProfile(pub Profile);

/// What an issuer says of a person in the organisation. Whoever is not known becomes so, without any rights.
#[derive(Debug, Clone)]
pub struct TakeMembership(pub Membership);

impl Command for TakeProfile {
    type Answer = Taken;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<Taken, Failure<Refusal>> {
        let access = of_habeo(work)?;
        let profile = self.0;
        let (issuer, subject) = (profile.issuer.as_str(), profile.subject.as_str());
        if store::is_buried(work.tx(), issuer, Object::User, subject).await? {
            return Ok(Taken::Stale);
        }
        let found = store::by_subject(work.tx(), access.org(), issuer, subject).await?;
        let Some(mut identity) = found else {
            return Ok(Taken::Unknown);
        };
        if identity.profile_updated_at > Some(profile.updated_at) {
            return Ok(Taken::Stale);
        }
        let person = identity.person_id;
        let renamed = rename(work, &access, person, &profile).await?;
        let moved = bar(work, &mut identity, issuer, profile.bar).await?;
        identity.profile_updated_at = Some(profile.updated_at);
        store::keep(work.tx(), &access, (issuer, subject), &identity).await?;
        Ok(if renamed || moved {
            Taken::Applied
        } else {
            Taken::Unchanged
        })
    }
}

impl Command for TakeMembership {
    type Answer = Taken;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<Taken, Failure<Refusal>> {
        let access = of_habeo(work)?;
        let membership = self.0;
        let (issuer, subject) = (membership.issuer.as_str(), membership.subject.as_str());
        for (object, name) in [
            (Object::User, subject),
            (Object::Membership, membership.key.as_str()),
        ] {
            if store::is_buried(work.tx(), issuer, object, name).await? {
                return Ok(Taken::Stale);
            }
        }
        let found = store::by_subject(work.tx(), access.org(), issuer, subject).await?;
        let known = found.is_some();
        let mut identity = match found {
            Some(identity) => identity,
            None => register(work, &access, &membership).await?,
        };
        if identity.membership_updated_at > Some(membership.updated_at) {
            return Ok(Taken::Stale);
        }
        let mut changed = !known;
        if identity.ended_at.take().is_some() {
            let issuer = issuer.to_owned();
            record(
                work,
                identity.person_id,
                PersonEvent::IdentityRestored { issuer },
            )
            .await?;
            changed = true;
        }
        changed |= administer(work, &mut identity, membership.admin).await?;
        identity.membership_key = Some(membership.key.clone());
        identity.membership_updated_at = Some(membership.updated_at);
        store::keep(work.tx(), &access, (issuer, subject), &identity).await?;
        Ok(if changed {
            Taken::Applied
        } else {
            Taken::Unchanged
        })
    }
}

/// The issuer's word on people is brought by Habeo itself, and by nobody else.
pub(super) fn of_habeo(work: &Work) -> Result<Access, Failure<Refusal>> {
    let access = work.access().clone();
    match access.actor().principal {
        Principal::System => Ok(access),
        Principal::Person(_) | Principal::Key(_) | Principal::Install(_) => {
            Err(Failure::Refused(Refusal::NotPermitted))
        }
    }
}

pub(super) async fn record(
    work: &mut Work,
    person: PersonId,
    event: PersonEvent,
) -> StoreResult<()> {
    let access = work.access().clone();
    let standing = person::store::standing(work.tx(), &access, person).await?;
    let units = standing.map(|(unit, _)| unit).into_iter().collect();
    let fact = Fact::now(Stream::Person(person), Event::Person(event), units);
    work.record(fact).await?;
    Ok(())
}

async fn register(
    work: &mut Work,
    access: &Access,
    membership: &Membership,
) -> Result<Identity, Failure<Refusal>> {
    let unassigned = unit::store::by_code(work.tx(), access, unit::UNASSIGNED_CODE).await?;
    let home_unit = unassigned.ok_or(Failure::Refused(Refusal::NoUnit))?.id;
    let identity = (membership.issuer.clone(), membership.subject.clone());
    let name = membership.name.as_deref().and_then(shown);
    let new = RegisterPerson {
        id: None,
        display_name: name.unwrap_or_else(|| NAMELESS.to_owned()),
        email: None,
        hr_id: None,
        home_unit,
        affiliation: Affiliation::Affiliate,
        status: PersonStatus::Active,
        separated_on: None,
        identities: vec![identity],
    };
    new.execute(work).await.map_err(|failure| match failure {
        Failure::Refused(_) => Failure::Refused(Refusal::NoUnit),
        Failure::Store(error) => Failure::Store(error),
    })?;
    let (issuer, subject) = (&membership.issuer, &membership.subject);
    let entered = store::by_subject(work.tx(), access.org(), issuer, subject).await?;
    let lost = StoreError::Inconsistent {
        table: "person_identity",
        what: "a sign-in that was just linked is not there".to_owned(),
    };
    entered.ok_or(Failure::Store(lost))
}

/// What can be shown of a name that somebody chose themselves.
fn shown(name: &str) -> Option<String> {
    let printable: String = name
        .chars()
        .filter(|c| text::is_printable(*c))
        .take(NAME_CHARS_MAX)
        .collect();
    text::line(&printable, NAME_CHARS_MAX).ok()
}

/// Takes name and address over, unless a personnel system knows the person better. Whether anything is new.
async fn rename(
    work: &mut Work,
    access: &Access,
    person: PersonId,
    profile: &Profile,
) -> StoreResult<bool> {
    let Some(mut known) = store::known(work.tx(), access, person).await? else {
        return Ok(false);
    };
    if known.hr_id.is_some() {
        return Ok(false);
    }
    let mut fields = Vec::new();
    let name = profile.name.as_deref().and_then(shown);
    if let Some(name) = name.filter(|name| *name != known.display_name) {
        known.display_name = name;
        fields.push(ProfileField::Name);
    }
    let email = profile.email.as_deref();
    let email = email.and_then(|email| text::line(email, EMAIL_CHARS_MAX).ok());
    if let Some(email) = email.filter(|email| Some(email) != known.email.as_ref()) {
        known.email = Some(email);
        fields.push(ProfileField::Email);
    }
    if fields.is_empty() {
        return Ok(false);
    }
    store::rename(work.tx(), access, person, &known).await?;
    let issuer = profile.issuer.clone();
    record(work, person, PersonEvent::ProfileChanged { issuer, fields }).await?;
    Ok(true)
}

/// Bars somebody, or lets them in again. Whether that is new.
async fn bar(
    work: &mut Work,
    identity: &mut Identity,
    issuer: &str,
    bar: Option<Bar>,
) -> StoreResult<bool> {
    let issuer = issuer.to_owned();
    let event = match (identity.barred_at, bar) {
        (None, Some(why)) => {
            identity.barred_at = Some(work.now());
            PersonEvent::IdentityBarred { issuer, why }
        }
        (Some(_), None) => {
            identity.barred_at = None;
            PersonEvent::IdentityRestored { issuer }
        }
        (Some(_), Some(_)) | (None, None) => return Ok(false),
    };
    record(work, identity.person_id, event).await?;
    Ok(true)
}

/// The issuer's administrator of an organisation that has none becomes its first, and is it no longer when the issuer says so.
async fn administer(
    work: &mut Work,
    identity: &mut Identity,
    admin: bool,
) -> Result<bool, Failure<Refusal>> {
    match (identity.admin_grant_id, admin) {
        (None, true) => {
            identity.admin_grant_id = bootstrap(work, identity.person_id).await?;
            Ok(identity.admin_grant_id.is_some())
        }
        (Some(grant), false) => {
            identity.admin_grant_id = None;
            end_grant(work, grant).await?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// Makes somebody the first administrator of an organisation, if it has none.
pub(crate) async fn bootstrap(work: &mut Work, person: PersonId) -> StoreResult<Option<GrantId>> {
    let access = work.access().clone();
    let now = work.now();
    if grant::store::any_admin(work.tx(), access.org(), now).await? {
        return Ok(None);
    }
    let Some(root_unit) = unit::store::root(work.tx(), &access).await? else {
        return Ok(None);
    };
    let give = GiveGrant {
        person,
        role: Role::OrgAdmin,
        root_unit,
        valid_to: None,
        remark: Some(BOOTSTRAP.to_owned()),
    };
    match give.execute(work).await {
        Ok(grant) => Ok(Some(grant)),
        Err(Failure::Refused(_)) => Ok(None),
        Err(Failure::Store(error)) => Err(error),
    }
}

/// Ends a grant; one that has ended already stays so.
pub(super) async fn end_grant(work: &mut Work, grant: GrantId) -> StoreResult<()> {
    let end = EndGrant {
        grant,
        remark: None,
    };
    match end.execute(work).await {
        Ok(()) | Err(Failure::Refused(_)) => Ok(()),
        Err(Failure::Store(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn a_name_that_cannot_be_shown_is_none() {
        assert_eq!(
            shown(" Ada\u{202e} Example ").as_deref(),
            Some("Ada Example")
        );
        assert_eq!(shown("\u{200b}\n"), None);
        assert_eq!(
            shown(&"é".repeat(300)).map(|name| name.chars().count()),
            Some(200)
        );
    }
}
