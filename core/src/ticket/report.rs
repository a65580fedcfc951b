//! What a help desk reported, in no vendor's form. A field that it did not mention is something else than one that it says is empty.

use super::{Priority, Sort, Status};
use crate::closed_set::closed_set;
use crate::time::Timestamp;

closed_set! {
    /// What happened to a ticket.
    Change {
        /// It was written.
        Created = "created",
        /// It was changed.
        Updated = "updated",
        /// It was removed.
        Deleted = "deleted",
        /// Somebody wrote something to it.
        Commented = "commented",
    }
}

/// A field of a report.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Field<T> {
    /// Not mentioned: what is stored stays.
    #[default]
    Absent,
    /// Mentioned, and empty.
    Empty,
    /// Mentioned.
    Set(T),
}

impl<T> Field<T> {
    /// The value, if there is one.
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Absent | Self::Empty => None,
        }
    }
}

/// Which of two reports of one ticket is the later. Versions of different kinds are not compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// The help desk counts its changes; should two count alike, its time decides.
    Counter(i64, Option<Timestamp>),
    /// The help desk says when it was changed.
    UpdatedAt(Timestamp),
    /// It says neither: in the order in which they came in.
    ReceivedAt(Timestamp),
}

/// Somebody, in the help desk's words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Party {
    /// The help desk's key for them.
    pub external_id: Option<String>,
    /// Their name.
    pub name: Option<String>,
    /// Their address.
    pub email: Option<String>,
}

/// By what a ticket names an asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AssetRef {
    /// By its tag.
    Tag(String),
    /// By its maker's number.
    Serial(String),
    /// By a text that may be either, such as the value of a field.
    Code(String),
}

/// One thing that a help desk reported of one ticket. Of its texts only the title is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The help desk's key for the ticket.
    pub external_id: String,
    /// What people there call it, such as `ITH-231`.
    pub external_key: Field<String>,
    /// Where people look at it; https only.
    pub url: Field<String>,
    /// What happened.
    pub change: Change,
    /// Its title.
    pub title: Field<String>,
    /// What sort it is.
    pub sort: Field<Sort>,
    /// How far it is.
    pub status: Field<Status>,
    /// The help desk's own word for that.
    pub status_raw: Field<String>,
    /// How urgent it is.
    pub priority: Field<Priority>,
    /// The help desk's own word for that.
    pub priority_raw: Field<String>,
    /// Who wants it.
    pub requester: Field<Party>,
    /// Who does it.
    pub assignee: Field<Party>,
    /// Which assets it names. Empty: none any more.
    pub assets: Field<Vec<AssetRef>>,
    /// When it was written.
    pub opened_at: Field<Timestamp>,
    /// When it was solved.
    pub resolved_at: Field<Timestamp>,
    /// Which report is the later.
    pub version: Version,
    /// Whether only some of its fields were sent, as with a comment.
    pub partial: bool,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// Words and numbers that no mapping knows: counted, kept raw, never guessed.
    pub unmapped: Vec<String>,
}
