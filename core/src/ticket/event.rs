//! Facts about tickets. Titles, words of the help desk and names are never in them; that one of these changed is.

use serde::{Deserialize, Serialize};

use super::{Link, Priority, Sort, Status, Unlinked};
use crate::closed_set::closed_set;
use crate::connection::Provider;
use crate::id::{ConnectionId, PersonId};
use crate::time::Timestamp;

/// What happened to a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "payload")]
pub enum TicketEvent {
    /// It became known.
    #[serde(rename = "ticket.opened")]
    Opened(Facts),
    /// Something about it changed.
    #[serde(rename = "ticket.changed")]
    Changed(Facts),
    /// Nobody has to do anything any more.
    #[serde(rename = "ticket.resolved")]
    Resolved(Facts),
    /// Somebody has to do something again.
    #[serde(rename = "ticket.reopened")]
    Reopened(Facts),
    /// It was removed there; the first fact of a ticket that was removed before it became known.
    #[serde(rename = "ticket.deleted")]
    Deleted(Facts),
}

impl TicketEvent {
    /// What it says.
    #[must_use]
    pub const fn facts(&self) -> &Facts {
        match self {
            Self::Opened(facts)
            | Self::Changed(facts)
            | Self::Resolved(facts)
            | Self::Reopened(facts)
            | Self::Deleted(facts) => facts,
        }
    }
}

closed_set! {
    /// A text that is kept beside the ledger.
    Kept {
        /// The title.
        Title = "title",
        /// Where people look at it.
        Url = "url",
        /// The help desk's word for how far it is.
        StatusWord = "status_word",
        /// The help desk's word for how urgent it is.
        PriorityWord = "priority_word",
        /// What the help desk calls whoever wants it.
        Requester = "requester",
        /// What the help desk calls whoever does it.
        Assignee = "assignee",
    }
}

/// What is new about a ticket: only what changed is there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Facts {
    /// Which one it is; in its first fact only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<About>,
    /// What people there call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<Step<String>>,
    /// What sort it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<Step<Sort>>,
    /// How far it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Step<Status>>,
    /// How urgent it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Step<Priority>>,
    /// Who wants it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requester: Option<Step<PersonId>>,
    /// Who does it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee: Option<Step<PersonId>>,
    /// Where it belongs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub links: Option<Links>,
    /// When it was written there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opened_at: Option<Step<Timestamp>>,
    /// When it was solved there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<Step<Timestamp>>,
    /// Which of the texts changed that are kept beside the ledger.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<Kept>,
    /// Whether the help desk's clock was too far ahead to be believed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub clamped: bool,
}

/// Which ticket it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct About {
    /// Of which connection.
    pub connection: ConnectionId,
    /// Whose product.
    pub provider: Provider,
    /// The help desk's key.
    pub external_id: String,
}

/// From one value to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step<T> {
    /// What it was.
    pub from: Option<T>,
    /// What it is.
    pub to: Option<T>,
}

impl<T: PartialEq + Clone> Step<T> {
    /// The step between two values; none where they are equal.
    pub(super) fn between(from: Option<&T>, to: Option<&T>) -> Option<Self> {
        (from != to).then(|| Self {
            from: from.cloned(),
            to: to.cloned(),
        })
    }
}

/// Where a ticket belongs, before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Links {
    /// Where it belonged.
    pub from: Vec<Link>,
    /// Where it belongs.
    pub to: Vec<Link>,
    /// Why it is about no asset.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unlinked: Option<Unlinked>,
}
