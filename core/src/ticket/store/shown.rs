//! What somebody is shown of a ticket, and who reads.

use crate::access::Access;
use crate::connection::Provider;
use crate::id::{AssetId, PersonId, TicketId};
use crate::ticket::{Priority, Sort, Status, Unlinked};
use crate::time::Timestamp;
use crate::unit::scope::Scope;

/// A ticket as it is shown to somebody: what they may not know is not in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its id.
    pub id: TicketId,
    /// Its place in lists.
    pub seq: i64,
    /// Whose help desk it is in.
    pub provider: Provider,
    /// What people there call it, or its key where they call it nothing else.
    pub key: String,
    /// Its title.
    pub title: Option<String>,
    /// Where people look at it.
    pub url: Option<String>,
    /// What sort it is.
    pub sort: Sort,
    /// How far it is.
    pub status: Status,
    /// The help desk's word for that.
    pub status_raw: Option<String>,
    /// How urgent it is.
    pub priority: Option<Priority>,
    /// The help desk's word for that.
    pub priority_raw: Option<String>,
    /// Who wants it.
    pub requester: Option<Party>,
    /// Who does it.
    pub assignee: Option<Party>,
    /// The assets it is about, as far as the reader sees them.
    pub assets: Vec<Named>,
    /// Why it is about none.
    pub unlinked: Option<Unlinked>,
    /// When it was written there.
    pub opened_at: Option<Timestamp>,
    /// When it was solved there.
    pub resolved_at: Option<Timestamp>,
    /// When it was last changed there.
    pub updated_at: Timestamp,
    /// When it became known here.
    pub created_at: Timestamp,
}

/// Somebody who has to do with a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// Who, if they are known here.
    pub person: Option<PersonId>,
    /// Their name, as far as the reader may know it.
    pub name: Option<String>,
}

/// An asset that a ticket is about.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Named {
    /// Which.
    pub id: AssetId,
    /// Its label.
    pub tag: Option<String>,
    /// What it is.
    pub description: String,
}

/// Who reads, and how far they see assets and people.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    /// The reader.
    pub access: &'a Access,
    /// How far they see assets.
    pub assets: &'a Scope,
    /// How far they see people.
    pub people: &'a Scope,
}
