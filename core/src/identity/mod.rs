//! What a token issuer reports of people and organisations: who belongs where, who is called what, and who may not sign in any more.
//!
//! An issuer is believed about sign-ins only. It makes people known, names them as long as no personnel system does, and ends or bars what it
//! has given; it deletes nobody. Reports arrive late, twice and in any order, so each object has the time of the report that counts, and what
//! was deleted leaves a tombstone that no late report passes.

mod close;
mod command;
mod end;
pub mod store;

use crate::closed_set::closed_set;
use crate::explain::{Explain, Kind};
use crate::time::Timestamp;

pub use close::{EndOrganization, OpenOrganization, TakeOrganization};
pub use command::{TakeMembership, TakeProfile};
pub use end::{EndMembership, EndUser, NoteSessionEnd};

pub(crate) use command::{NAMELESS, bootstrap};

/// The most characters of an issuer's name for anything.
pub const KEY_CHARS_MAX: usize = 255;

closed_set! {
    /// What came of a report.
    Taken {
        /// Something changed by it.
        Applied = "applied",
        /// It says what is known.
        Unchanged = "unchanged",
        /// Something later is known.
        Stale = "stale",
        /// It is of somebody who is not known here.
        Unknown = "unknown",
    }
    /// Why a sign-in ended.
    EndReason {
        /// The membership of the organisation ended.
        Membership = "membership",
        /// The issuer deleted the person's account.
        Deleted = "deleted",
    }
    /// Why somebody may not sign in for a while.
    Bar {
        /// The issuer bans them.
        Banned = "banned",
        /// The issuer locked their account, for instance after too many wrong passwords.
        Locked = "locked",
    }
    /// A part of what an issuer says of a person.
    ProfileField {
        /// Their name.
        Name = "name",
        /// Their address.
        Email = "email",
    }
    /// What an issuer can delete.
    Object {
        /// A person's account.
        User = "user",
        /// An organisation.
        Organization = "organization",
        /// A person's membership of one.
        Membership = "membership",
    }
}

/// What an issuer says of a person, as far as it is of interest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The issuer.
    pub issuer: String,
    /// Its name for the person.
    pub subject: String,
    /// What they are called, if anything.
    pub name: Option<String>,
    /// Their address, if the issuer has verified it.
    pub email: Option<String>,
    /// Whether they may sign in.
    pub bar: Option<Bar>,
    /// When the account was changed last.
    pub updated_at: Timestamp,
}

/// What an issuer says of a person in an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The issuer.
    pub issuer: String,
    /// Its name for the person.
    pub subject: String,
    /// Its name for the membership; it gives none twice.
    pub key: String,
    /// Whether it calls them an administrator.
    pub admin: bool,
    /// What they are called, if anything.
    pub name: Option<String>,
    /// When the membership was changed last.
    pub updated_at: Timestamp,
}

/// Why a report is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Only Habeo itself takes reports.
    #[error("only the token issuer's own reports change sign-ins")]
    NotPermitted,
    /// The organisation has no unit that takes in.
    #[error("the organization has no unit for people without one")]
    NoUnit,
}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        match self {
            Self::NotPermitted => Kind::Forbidden,
            Self::NoUnit => Kind::Conflict,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotPermitted => "identity_not_permitted",
            Self::NoUnit => "identity_no_unit",
        }
    }
}

/// Whether a text can be an issuer's name for something.
#[must_use]
pub fn is_key(text: &str) -> bool {
    (1..=KEY_CHARS_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}
