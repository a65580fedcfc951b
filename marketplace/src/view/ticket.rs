//! Tickets of help desks.

use habeo_core::id::PersonId;
use habeo_core::ticket::store::{Party, Shown};
use habeo_surface::nullable::Nullable;
use habeo_surface::wire::Instant;
use poem_openapi::Object;
use uuid::Uuid;

/// A ticket of a help desk.
#[derive(Debug, Object)]
#[oai(rename = "Ticket")]
pub struct TicketView {
    /// Its id.
    pub id: Uuid,
    /// In which product it is.
    pub provider: String,
    /// Its number there.
    pub key: String,
    /// Its title.
    pub title: Nullable<String>,
    /// Where it is read.
    pub url: Nullable<String>,
    /// How far it is.
    pub state: String,
    /// How urgent it is.
    pub priority: Nullable<String>,
    /// Who wants something.
    pub requester: Nullable<Someone>,
    /// Who works on it.
    pub assignee: Nullable<Someone>,
    /// Which assets it is about, as far as they are the entity's.
    pub assets: Vec<AssetName>,
    /// When it was opened.
    pub opened_at: Nullable<Instant>,
    /// When it was resolved.
    pub resolved_at: Nullable<Instant>,
    /// When it last changed.
    pub updated_at: Instant,
}

/// Somebody in a ticket.
#[derive(Debug, Object)]
pub struct Someone {
    /// The person, if they are known here.
    pub person_id: Nullable<Uuid>,
    /// Their name, where you may know it.
    pub name: Nullable<String>,
}

/// An asset that a ticket is about.
#[derive(Debug, Object)]
pub struct AssetName {
    /// Its id.
    pub id: Uuid,
    /// What is printed on its label.
    pub tag: Nullable<String>,
    /// What it is.
    pub description: String,
}

impl From<Party> for Someone {
    fn from(party: Party) -> Self {
        Self {
            person_id: party.person.map(PersonId::uuid).into(),
            name: party.name.into(),
        }
    }
}

impl From<Shown> for TicketView {
    fn from(ticket: Shown) -> Self {
        let assets = ticket.assets.into_iter().map(|asset| AssetName {
            id: asset.id.uuid(),
            tag: asset.tag.into(),
            description: asset.description,
        });
        Self {
            id: ticket.id.uuid(),
            provider: ticket.provider.to_string(),
            key: ticket.key,
            title: ticket.title.into(),
            url: ticket.url.into(),
            state: ticket.status.to_string(),
            priority: ticket.priority.map(|priority| priority.to_string()).into(),
            requester: ticket.requester.map(Someone::from).into(),
            assignee: ticket.assignee.map(Someone::from).into(),
            assets: assets.collect(),
            opened_at: ticket.opened_at.map(Instant::from).into(),
            resolved_at: ticket.resolved_at.map(Instant::from).into(),
            updated_at: ticket.updated_at.into(),
        }
    }
}
