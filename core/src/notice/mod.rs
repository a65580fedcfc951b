//! Notices: what people are told in chats and on their phones, and channels in a chat, and when there is nothing to tell any more.
//!
//! A notice holds ids only. What it says is looked up when it is delivered, with the rights that its reader has at that moment; what is no
//! longer so by then is not said. Another kind of notice is a variant of [`Notice`], a rule in [`plan`] and an
//! arm in [`present`].

mod bought;
mod managers;
pub mod plan;
pub mod preference;
pub mod present;
pub mod remind;
pub(crate) mod send;
pub mod store;

use serde::{Deserialize, Serialize};

use crate::closed_set::closed_set;
use crate::id::{
    AssetId, AssignmentId, ChatLinkId, DigestId, EndpointId, InstallId, LocationId, OrderId,
    PersonId, PushDeviceId, RequisitionId, TicketId,
};
use crate::time::Timestamp;
pub(crate) use bought::{Bought, bought};
pub(crate) use managers::tell_managers;

/// Whom a notice is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "to", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum Recipient {
    /// Somebody, as one of the chat users they are.
    Person {
        /// Who.
        person: PersonId,
        /// Through which installation.
        install: InstallId,
        /// As whom there.
        link: ChatLinkId,
    },
    /// Somebody, on one of their phones.
    Phone {
        /// Who.
        person: PersonId,
        /// On which.
        device: PushDeviceId,
    },
    /// The channel of a digest.
    Channel {
        /// Through which installation.
        install: InstallId,
        /// The digest, which names the channel.
        digest: DigestId,
    },
}

/// What there is to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "snake_case",
    rename_all_fields = "camelCase"
)]
pub enum Notice {
    /// An asset is in the reader's custody from now on.
    HandedToYou {
        /// Which.
        asset: AssetId,
        /// The custody.
        assignment: AssignmentId,
        /// Until when, if it is a loan.
        due_at: Option<Timestamp>,
    },
    /// A loan of the reader's ends soon.
    DueSoon {
        /// Of which asset.
        asset: AssetId,
        /// The loan.
        assignment: AssignmentId,
        /// When.
        due_at: Timestamp,
    },
    /// Somebody works on an asset that the reader has.
    TicketOnYours {
        /// Of which asset.
        asset: AssetId,
        /// By which ticket.
        ticket: TicketId,
    },
    /// More people may sign in than there are seats, and the reader administers the organisation.
    SeatsExceeded,
    /// An endpoint is told of nothing more, because nothing arrived there, and the reader may manage endpoints.
    EndpointDisabled {
        /// Which.
        endpoint: EndpointId,
    },
    /// An asset that the reader has was scanned at another place than the one that was recorded.
    SeenElsewhere {
        /// Which.
        asset: AssetId,
        /// Where it was seen.
        location: LocationId,
    },
    /// Something that somebody else wants to be bought waits for the reader's approval. Told in chats only, where it can be given.
    RequisitionWaits {
        /// Which.
        requisition: RequisitionId,
    },
    /// Something that the reader wants to be bought was approved or rejected.
    RequisitionDecided {
        /// Which.
        requisition: RequisitionId,
    },
    /// A line of an order for something that the reader wants waits for a decision: the supplier would do it otherwise than it was ordered.
    OrderStopped {
        /// Of which order.
        order: OrderId,
    },
    /// A supplier does not do, wholly or in part, what was ordered for the reader.
    OrderRejected {
        /// Which order.
        order: OrderId,
    },
    /// What changed in a unit: counts, and never a name.
    Digest {
        /// The last entry of the ledger that the digest before told of.
        after: i64,
        /// The last one that this tells of.
        until: i64,
    },
}

closed_set! {
    /// The sorts of notice that people receive, each of which they may not want.
    Sort {
        /// Something was handed to them.
        HandedToYou = "handed_to_you",
        /// A loan of theirs ends soon.
        DueSoon = "due_soon",
        /// There is a ticket about something they have.
        TicketOnYours = "ticket_on_yours",
        /// Something they have was scanned elsewhere than where it is recorded.
        SeenElsewhere = "seen_elsewhere",
        /// Something they want to be bought was decided on, or does not go as it was ordered. Told in chats only.
        Bought = "bought",
    }
}

impl Sort {
    /// Whether it is told on phones too. What is about no asset is told in chats only.
    #[must_use]
    pub const fn is_on_phones(self) -> bool {
        !matches!(self, Self::Bought)
    }
}

impl Notice {
    /// Of which sort it is; none for what nobody can turn away, and what is told in chats only.
    #[must_use]
    pub const fn sort(&self) -> Option<Sort> {
        match self {
            Self::HandedToYou { .. } => Some(Sort::HandedToYou),
            Self::DueSoon { .. } => Some(Sort::DueSoon),
            Self::TicketOnYours { .. } => Some(Sort::TicketOnYours),
            Self::SeenElsewhere { .. } => Some(Sort::SeenElsewhere),
            Self::RequisitionDecided { .. }
            | Self::OrderStopped { .. }
            | Self::OrderRejected { .. } => Some(Sort::Bought),
            Self::SeatsExceeded
            | Self::EndpointDisabled { .. }
            | Self::RequisitionWaits { .. }
            | Self::Digest { .. } => None,
        }
    }
}

/// The body of a parcel that holds a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// For whom.
    pub recipient: Recipient,
    /// What.
    pub notice: Notice,
}

impl Body {
    /// Reads the body of a parcel. None where it is not a notice of this program's.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn bodies_hold_ids_and_instants_only() {
        let body = Body {
            recipient: Recipient::Person {
                person: PersonId::from_uuid(Uuid::nil()),
                install: InstallId::from_uuid(Uuid::nil()),
                link: ChatLinkId::from_uuid(Uuid::nil()),
            },
            notice: Notice::DueSoon {
                asset: AssetId::from_uuid(Uuid::nil()),
                assignment: AssignmentId::from_uuid(Uuid::nil()),
                due_at: Timestamp::from_seconds(1),
            },
        };
        let text = send::canonical(&body).expect("a canonical text");
        let nil = Uuid::nil();
        assert_eq!(
            text,
            format!(
                r#"{{"notice":{{"asset":"{nil}","assignment":"{nil}","dueAt":1000000,"kind":"due_soon"}},"recipient":{{"install":"{nil}","link":"{nil}","person":"{nil}","to":"person"}}}}"#
            )
        );
        assert_eq!(Body::read(&text), Some(body));
        assert_eq!(Body::read("{}"), None);
    }
}
