//! From verified credentials to an [`Access`]: which organisation, which person, which grants.

pub mod ended;

use crate::access::{Access, Actor, Principal, Right, Role, Surface};
use crate::explain::{Explain, Kind};
use crate::grant::Grant;
use crate::id::{OrgId, PersonId, UnitId};
use crate::identity::{self, Object};
use crate::ledger::{Command, Failure, Ledger, RecordError, Work};
use crate::person::command::RegisterPerson;
use crate::person::{Affiliation, PersonStatus};
use crate::store::{Query, StoreError, StoreResult, Tx};
use crate::time::Timestamp;
use crate::{grant, org, person, unit};

/// What a verified session token says. Building one is the duty of whoever checked the signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// The token's issuer, exactly.
    pub issuer: String,
    /// The issuer's name for the person; with the issuer it is their identity.
    pub subject: String,
    /// The issuer's name for the active organisation.
    pub organization: String,
    /// Whether the issuer calls the person an administrator of that organisation.
    pub admin: bool,
    /// Whether somebody else acts in the person's name. Such a session reads, so it makes nobody known.
    pub impersonated: bool,
}

/// A signed-in person in one organisation.
#[derive(Debug, Clone)]
pub struct Session {
    /// What they may see and do.
    pub access: Access,
    /// Who they are.
    pub person: PersonId,
}

/// Why a verified person has no access.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The organisation does not exist here.
    #[error("this organization is not known here")]
    UnknownOrganization,
    /// The organisation was closed.
    #[error("this organization was closed; its records are kept")]
    OrganizationClosed,
    /// The person is not, or is no longer, a member.
    #[error("you are not an active member of this organization")]
    NotAMember,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        match self {
            Self::UnknownOrganization | Self::OrganizationClosed | Self::NotAMember => {
                Kind::Forbidden
            }
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::UnknownOrganization => "organization_unknown",
            Self::OrganizationClosed => "organization_closed",
            Self::NotAMember => "membership_required",
            Self::Store(error) => error.code(),
        }
    }
}

/// Resolves the credentials of verified tokens.
#[derive(Debug, Clone)]
pub struct Sessions {
    ledger: Ledger,
}

impl Sessions {
    /// Sessions of the organisations of one ledger.
    #[must_use]
    pub const fn new(ledger: Ledger) -> Self {
        Self { ledger }
    }

    /// Finds the organisation, the person and their live grants.
    ///
    /// Somebody whom the issuer vouches for and whom nobody has entered yet becomes known here, with no rights at all: the issuer's report
    /// of them may be late. An issuer's administrator of an organisation that has none becomes its first.
    pub async fn resolve(&self, credential: &Credential) -> Result<Session, Refusal> {
        match self.look_up(credential).await? {
            Found::Ready(session) => Ok(session),
            Found::Newcomer { .. } if credential.impersonated => Err(Refusal::NotAMember),
            Found::Newcomer { org } => {
                let welcome = Welcome {
                    credential: credential.clone(),
                };
                self.ledger
                    .record(&Access::system(org, Surface::System), welcome)
                    .await
                    .map_err(|error| match error {
                        RecordError::Refused(refusal) => refusal,
                        RecordError::Store(error) => Refusal::Store(error),
                    })?;
                match self.look_up(credential).await? {
                    Found::Ready(session) => Ok(session),
                    Found::Newcomer { .. } => Err(Refusal::NotAMember),
                }
            }
        }
    }

    /// A number that rises whenever this process may have changed rights in the organisation.
    #[must_use]
    pub fn generation(&self, org: OrgId) -> u64 {
        self.ledger.rights_generation(org)
    }

    /// The present instant.
    pub(crate) fn now(&self) -> Timestamp {
        self.ledger.clock().now()
    }

    /// What a person may do, for work that the operator does in their name.
    pub async fn of_person(&self, org: OrgId, person: PersonId) -> Result<Session, Refusal> {
        let mut tx = self.ledger.db().read_as(org).await?;
        let now = self.ledger.clock().now();
        if org::store::is_closed(&mut tx, org).await? {
            return Err(Refusal::OrganizationClosed);
        }
        let standing =
            person::store::standing(&mut tx, &Access::system(org, Surface::System), person).await?;
        let shut_out = identity::store::is_shut_out(&mut tx, org, person).await?;
        match standing {
            Some((_, status)) if status != PersonStatus::Separated && !shut_out => {
                let grants = grant::store::live(&mut tx, org, person, now).await?;
                session(org, person, &grants, &mut tx).await
            }
            _ => Err(Refusal::NotAMember),
        }
    }

    async fn look_up(&self, credential: &Credential) -> Result<Found, Refusal> {
        let db = self.ledger.db();
        let mut tx = db.read_directory().await?;
        let org = org::store::by_external_id(&mut tx, &credential.issuer, &credential.organization)
            .await?
            .ok_or(Refusal::UnknownOrganization)?;
        drop(tx);
        let mut tx = db.read_as(org).await?;
        let now = self.ledger.clock().now();
        if org::store::is_closed(&mut tx, org).await? {
            return Err(Refusal::OrganizationClosed);
        }
        let (issuer, subject) = (&credential.issuer, &credential.subject);
        let known = identity::store::by_subject(&mut tx, org, issuer, subject).await?;
        let Some(known) = known else {
            return Ok(Found::Newcomer { org });
        };
        if known.status == PersonStatus::Separated || !known.is_open() {
            return Err(Refusal::NotAMember);
        }
        let person = known.person_id;
        let grants = grant::store::live(&mut tx, org, person, now).await?;
        if grants.is_empty()
            && credential.admin
            && !grant::store::any_admin(&mut tx, org, now).await?
        {
            return Ok(Found::Newcomer { org });
        }
        Ok(Found::Ready(session(org, person, &grants, &mut tx).await?))
    }
}

/// What the person who asks may do at this moment, within the same request; none where they are no member any more.
pub(crate) async fn present(
    tx: &mut Tx,
    asking: &Access,
    person: PersonId,
    now: Timestamp,
) -> StoreResult<Option<Access>> {
    let org = asking.org();
    match person::store::standing(tx, asking, person).await? {
        Some((_, status)) if status != PersonStatus::Separated => {}
        _ => return Ok(None),
    }
    if identity::store::is_shut_out(tx, org, person).await?
        || org::store::is_closed(tx, org).await?
    {
        return Ok(None);
    }
    let grants = grant::store::live(tx, org, person, now).await?;
    let actor = Actor {
        role: strongest(&grants),
        ..asking.actor().clone()
    };
    let rights = rights(tx, org, actor.role, &grants).await?;
    Ok(Some(Access::of_person(org, actor, rights)))
}

enum Found {
    Ready(Session),
    Newcomer { org: OrgId },
}

/// Builds the access that a person's grants add up to.
async fn session(
    org: OrgId,
    person: PersonId,
    grants: &[Grant],
    tx: &mut Tx,
) -> Result<Session, Refusal> {
    let actor = Actor {
        principal: Principal::Person(person),
        role: strongest(grants),
        surface: Surface::Api,
        request_id: None,
        cause: None,
    };
    let rights = rights(tx, org, actor.role, grants).await?;
    Ok(Session {
        access: Access::of_person(org, actor, rights),
        person,
    })
}

fn strongest(grants: &[Grant]) -> Role {
    Role::ALL
        .into_iter()
        .find(|role| grants.iter().any(|grant| grant.role == *role))
        .unwrap_or(Role::Requester)
}

async fn rights(tx: &mut Tx, org: OrgId, role: Role, grants: &[Grant]) -> StoreResult<Vec<Right>> {
    let rights: Vec<Right> = grants
        .iter()
        .map(|grant| Right {
            root: grant.root_unit_id,
            actions: grant.role.actions(),
        })
        .collect();
    if role == Role::OrgAdmin {
        return Ok(rights);
    }
    antichain(tx, org, rights).await
}

/// Leaves out what a right further up gives already.
async fn antichain(tx: &mut Tx, org: OrgId, rights: Vec<Right>) -> StoreResult<Vec<Right>> {
    if rights.len() < 2 {
        return Ok(rights);
    }
    let mut query = Query::new(
        "SELECT ancestor_id, descendant_id FROM unit_closure WHERE distance > 0 AND org_id = ",
    );
    query
        .bind(org)
        .push(" AND descendant_id IN ")
        .bind_list(rights.iter().map(|right| right.root));
    let above: Vec<(UnitId, UnitId)> = query.fetch_all(tx).await?;
    let covered = |right: &Right| {
        rights.iter().any(|other| {
            other.actions.covers(right.actions) && above.contains(&(other.root, right.root))
        })
    };
    Ok(rights
        .iter()
        .filter(|right| !covered(right))
        .copied()
        .collect())
}

/// Makes a verified stranger known.
#[derive(Debug)]
struct Welcome {
    credential: Credential,
}

impl Command for Welcome {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let access = work.access().clone();
        let org = access.org();
        let credential = self.credential;
        let (issuer, subject) = (&credential.issuer, &credential.subject);
        let known = identity::store::by_subject(work.tx(), org, issuer, subject).await?;
        // A token outlives the account it was given to by up to a minute.
        let buried = identity::store::is_buried(work.tx(), issuer, Object::User, subject).await?;
        if buried || known.as_ref().is_some_and(|known| !known.is_open()) {
            return Err(Failure::Refused(Refusal::NotAMember));
        }
        let person = if let Some(known) = known {
            known.person_id
        } else {
            let unassigned =
                unit::store::by_code(work.tx(), &access, unit::UNASSIGNED_CODE).await?;
            let home_unit = unassigned.ok_or(Failure::Refused(Refusal::NotAMember))?.id;
            let new = RegisterPerson {
                id: None,
                // The issuer's report brings the name; until then there is none to show.
                display_name: identity::NAMELESS.to_owned(),
                email: None,
                hr_id: None,
                home_unit,
                affiliation: Affiliation::Affiliate,
                status: PersonStatus::Active,
                separated_on: None,
                identities: vec![(issuer.clone(), subject.clone())],
            };
            new.execute(work).await.map_err(|failure| match failure {
                Failure::Refused(_) => Failure::Refused(Refusal::NotAMember),
                Failure::Store(error) => Failure::Store(error),
            })?
        };
        if credential.admin
            && let Some(grant) = identity::bootstrap(work, person).await?
        {
            identity::store::note_admin(work.tx(), &access, (issuer, subject), grant).await?;
        }
        Ok(())
    }
}
