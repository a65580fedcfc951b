//! Tickets of help desks.

use habeo_core::connection::Provider;
use habeo_core::id::PersonId;
use habeo_core::ticket::store::{Named, Party, Shown, StatusFilter};
use habeo_core::ticket::{Priority, Sort, Status, Unlinked};
use habeo_surface::nullable::Nullable;
use habeo_surface::wire::Instant;
use poem_openapi::{Enum, Object};
use uuid::Uuid;

use super::names::wire_enum;

wire_enum! {
    /// How far a ticket is.
    TicketState = Status { Open, InProgress, OnHold, Resolved, Closed, Canceled, Deleted }
    /// How urgent a ticket is.
    TicketPriority = Priority { Critical, High, Medium, Low, Planning }
    /// What sort of ticket it is.
    TicketType = Sort { Incident, Request, Problem, Change, Task, Other }
    /// Why a ticket is about no asset.
    TicketUnlinked = Unlinked { NotNamed, NoneFound, SeveralFound }
    /// Whose product reports in.
    ProviderName = Provider { Jamf, Intune, Kandji, ServiceNow, Freshservice, Jira }
}

/// How far the tickets of a list are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words are those of the domain")]
pub enum TicketStateFilter {
    Active,
    Ended,
    Open,
    InProgress,
    OnHold,
    Resolved,
    Closed,
    Canceled,
    Deleted,
}

impl From<TicketStateFilter> for StatusFilter {
    fn from(state: TicketStateFilter) -> Self {
        use TicketStateFilter as S;
        Self::At(match state {
            S::Active => return Self::Active,
            S::Ended => return Self::Ended,
            S::Open => Status::Open,
            S::InProgress => Status::InProgress,
            S::OnHold => Status::OnHold,
            S::Resolved => Status::Resolved,
            S::Closed => Status::Closed,
            S::Canceled => Status::Canceled,
            S::Deleted => Status::Deleted,
        })
    }
}

/// Whose tickets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the word says it")]
pub enum TicketPerson {
    Me,
}

/// A ticket of a help desk.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct TicketView {
    /// Its id.
    pub id: Uuid,
    /// Whose help desk it is in.
    pub provider: ProviderName,
    /// What people there call it, such as `ITH-231`.
    pub key: String,
    /// Its title.
    pub title: Nullable<String>,
    /// Where people look at it.
    pub url: Nullable<String>,
    /// What sort it is.
    #[oai(rename = "type")]
    pub sort: TicketType,
    /// How far it is.
    pub state: TicketState,
    /// The help desk's own word for that.
    pub state_raw: Nullable<String>,
    /// How urgent it is.
    pub priority: Nullable<TicketPriority>,
    /// The help desk's own word for that.
    pub priority_raw: Nullable<String>,
    /// Who wants it, as far as you may know it.
    pub requester: Nullable<TicketParty>,
    /// Who works on it, as far as you may know it.
    pub assignee: Nullable<TicketParty>,
    /// The assets it is about, as far as you see them.
    pub assets: Vec<TicketAsset>,
    /// Why it is about no asset; null where it is about one.
    pub unlinked: Nullable<TicketUnlinked>,
    /// When it was written.
    pub opened_at: Nullable<Instant>,
    /// When it was solved.
    pub resolved_at: Nullable<Instant>,
    /// When it was last changed in the help desk.
    pub updated_at: Instant,
    /// When it became known here.
    pub created_at: Instant,
}

/// Somebody who has to do with a ticket.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct TicketParty {
    /// The person; null where the help desk's word for them names nobody known here.
    pub person_id: Nullable<Uuid>,
    /// Their name, where you may know it.
    pub name: Nullable<String>,
}

/// An asset that a ticket is about.
#[derive(Debug, Object)]
pub struct TicketAsset {
    /// Its id.
    pub id: Uuid,
    /// What is printed on its label.
    pub tag: Nullable<String>,
    /// What it is.
    pub description: String,
}

impl From<Party> for TicketParty {
    fn from(party: Party) -> Self {
        Self {
            person_id: party.person.map(PersonId::uuid).into(),
            name: party.name.into(),
        }
    }
}

impl From<Named> for TicketAsset {
    fn from(asset: Named) -> Self {
        Self {
            id: asset.id.uuid(),
            tag: asset.tag.into(),
            description: asset.description,
        }
    }
}

impl From<Shown> for TicketView {
    fn from(ticket: Shown) -> Self {
        Self {
            id: ticket.id.uuid(),
            provider: ticket.provider.into(),
            key: ticket.key,
            title: ticket.title.into(),
            url: ticket.url.into(),
            sort: ticket.sort.into(),
            state: ticket.status.into(),
            state_raw: ticket.status_raw.into(),
            priority: ticket.priority.map(Into::into).into(),
            priority_raw: ticket.priority_raw.into(),
            requester: ticket.requester.map(Into::into).into(),
            assignee: ticket.assignee.map(Into::into).into(),
            assets: ticket.assets.into_iter().map(Into::into).collect(),
            unlinked: ticket.unlinked.map(Into::into).into(),
            opened_at: ticket.opened_at.map(Into::into).into(),
            resolved_at: ticket.resolved_at.map(Into::into).into(),
            updated_at: ticket.updated_at.into(),
            created_at: ticket.created_at.into(),
        }
    }
}
