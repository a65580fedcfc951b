//! From verified credentials to an [`Access`]: which organisation, which person, which grants.

use crate::access::Access;
use crate::explain::{Explain, Kind};
use crate::id::PersonId;
use crate::store::StoreError;

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
            Self::UnknownOrganization | Self::NotAMember => Kind::Forbidden,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::UnknownOrganization => "organization_unknown",
            Self::NotAMember => "membership_required",
            Self::Store(error) => error.code(),
        }
    }
}
