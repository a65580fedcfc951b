//! Why something about an installation is refused, in words for whoever asked.

use crate::explain::{Explain, Kind};
use crate::text::BadText;

/// Why something about an installation was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such installation.
    #[error("no installation with this id is known to your organization")]
    Unknown,
    /// Only administrators of the whole organisation, who are people.
    #[error("only administrators of the whole organization connect workspaces")]
    NotPermitted,
    /// The installation was not begun by this person in this browser, or too long ago, or was finished before.
    #[error(
        "this installation was not begun by you in this browser in the last ten minutes; begin it again"
    )]
    StateUnknown,
    /// Another organisation has the workspace.
    #[error("this workspace is connected to another organization")]
    BoundElsewhere,
    /// It is over.
    #[error("this installation has ended; connect the workspace again")]
    Ended,
    /// It does not answer: pending, over, or in need of new tokens.
    #[error(
        "the app is not in working order in this workspace; an administrator must connect it again"
    )]
    NotLive,
    /// The key of a workspace, user or app is none.
    #[error("{0} is not one of the service's")]
    BadKey(&'static str),
    /// A name is unusable.
    #[error("the workspace's name {0}")]
    BadName(BadText),
    /// A domain is unusable, or there are too many.
    #[error("a trusted domain is a host name such as example.edu, and there are at most 20")]
    BadDomain,
}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        match self {
            Self::Unknown => Kind::NotFound,
            Self::NotPermitted => Kind::Forbidden,
            Self::BoundElsewhere | Self::Ended | Self::NotLive => Kind::Conflict,
            Self::StateUnknown | Self::BadKey(_) | Self::BadName(_) | Self::BadDomain => {
                Kind::Unacceptable
            }
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "install_unknown",
            Self::NotPermitted => "install_not_permitted",
            Self::StateUnknown => "install_state_unknown",
            Self::BoundElsewhere => "install_bound_elsewhere",
            Self::Ended => "install_ended",
            Self::NotLive => "install_not_live",
            Self::BadKey(_) => "install_key_invalid",
            Self::BadName(_) => "install_name_invalid",
            Self::BadDomain => "install_domain_invalid",
        }
    }
}
