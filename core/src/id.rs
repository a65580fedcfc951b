//! Identifiers: one transparent UUIDv7 newtype per entity, so that a person's id cannot stand where an asset's belongs.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::random::Random;
use crate::time::Timestamp;

/// What a text that should have been an identifier was not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an identifier is a UUID in its 36-character form")]
pub struct NotAnId;

/// Length of the hyphenated form of RFC 9562, the only spelling that is accepted.
const HYPHENATED_CHARS: usize = 36;

fn parse_hyphenated(text: &str) -> Result<Uuid, NotAnId> {
    // `Uuid::parse_str` also takes braces, URNs and bare digits: one id would have several spellings in logs and caches.
    if text.len() != HYPHENATED_CHARS {
        return Err(NotAnId);
    }
    Uuid::parse_str(text).map_err(|_| NotAnId)
}

/// Makes a UUIDv7 (RFC 9562 section 5.7) from the given instant and randomness.
///
/// Both are parameters, so that a fixed clock and seeded randomness give the same ids again.
#[must_use]
pub fn new_uuid(now: Timestamp, random: &dyn Random) -> Uuid {
    let mut bytes = [0_u8; 10];
    random.fill(&mut bytes);
    let millis = u64::try_from(now.micros() / 1_000).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
}

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident)*) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, sqlx::Type)]
        #[serde(transparent)]
        #[sqlx(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Makes a new identifier; see [`new_uuid`].
            #[must_use]
            pub fn generate(now: Timestamp, random: &dyn Random) -> Self {
                Self(new_uuid(now, random))
            }

            /// Wraps bits that are known to name an entity of this kind.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The bits, for surfaces that spell them differently.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                parse_hyphenated(text).map(Self)
            }
        }
    )*};
}

ids! {
    /// An organisation: one college or university, one ledger, one tenant.
    OrgId
    /// A node of the organisation's unit tree.
    UnitId
    /// A campus, building, floor, room or other place.
    LocationId
    /// Somebody who holds, issues or looks after assets.
    PersonId
    /// A role given to a person at a unit.
    GrantId
    /// A maker of products.
    ManufacturerId
    /// A node of the category tree.
    CategoryId
    /// A product that a manufacturer makes.
    ModelId
    /// A thing the organisation owns.
    AssetId
    /// One custody interval of an asset.
    AssignmentId
    /// A legal or other hold on an asset.
    HoldId
    /// A scan made in the field.
    ObservationId
    /// A phone that receives push notifications.
    PushDeviceId
    /// A file of assets that is entered.
    ImportId
    /// A whole list that leaves.
    ExportId
    /// Somebody's session of the console.
    WebSessionId
    /// An app that is installed in a workspace of a chat service.
    InstallId
    /// The tie between somebody's chat user and themselves.
    ChatLinkId
    /// A change that was proposed and waits for its confirmation.
    ConfirmId
    /// Something that came in from outside.
    ReceiptId
    /// What somebody asks in a chat, one thing after the other.
    ConversationId
    /// A ledger entry; outside it is the event id.
    EventId
    /// Something to be delivered.
    ParcelId
    /// A claim of a parcel by one worker.
    LeaseToken
    /// A digest that a channel receives.
    DigestId
    /// A system that reports in: a device management, a help desk.
    ConnectionId
    /// An app as a client of OAuth.
    AppClientId
    /// What one consent gave an app.
    OAuthGrantId
    /// A ticket of a help desk.
    TicketId
    /// Assets or devices that may be the same, to be decided by somebody.
    DuplicateCaseId
    /// A proposal that an asset be handed over to whoever uses it.
    HandOverId
    /// A program that somebody made: what its keys and endpoints belong to.
    AppId
    /// An app of somebody's in an organisation.
    AppInstallId
    /// A key with which a program asks.
    ApiKeyId
    /// Where somebody wants to be told of what happens.
    EndpointId
    /// An event on its way to an endpoint.
    DeliveryId
    /// One life of a process that delivers.
    RunId
    /// Somebody from whom the organisation buys.
    SupplierId
    /// Somebody's visit to a supplier's shop.
    PunchoutId
    /// A document that went to or came from a supplier's shop.
    PunchoutDocumentId
    /// What somebody wants to be bought.
    RequisitionId
    /// A line of a requisition.
    RequisitionLineId
    /// A purchase order.
    OrderId
    /// What of a purchase order is on its way.
    ShipmentId
    /// A document that a supplier sent about orders.
    SupplierDocumentId
    /// A version of a purchase order as it was written for its supplier.
    OrderLetterId
    /// That somebody approves in another's place.
    DelegationId
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SeededRandom;

    #[test]
    fn ids_rise_with_time_and_repeat_with_their_seed() {
        let earlier = AssetId::generate(Timestamp::from_micros(1_000_000), &SeededRandom::new(1));
        let later = AssetId::generate(Timestamp::from_micros(2_000_000), &SeededRandom::new(1));
        assert!(earlier < later);
        assert_eq!(
            earlier,
            AssetId::generate(Timestamp::from_micros(1_000_000), &SeededRandom::new(1))
        );
        assert_eq!(earlier.uuid().get_version_num(), 7);
    }

    #[test]
    fn only_the_hyphenated_spelling_is_an_id() {
        let id = "01932c5e-7b1a-7c3d-8e4f-000000000001";
        assert_eq!(
            id.parse::<AssetId>().map(|id| id.to_string()),
            Ok(id.to_owned())
        );
        for other in [
            "",
            "1",
            "{01932c5e-7b1a-7c3d-8e4f-000000000001}",
            "01932c5e7b1a7c3d8e4f000000000001",
            "x1932c5e-7b1a-7c3d-8e4f-000000000001",
        ] {
            assert_eq!(other.parse::<AssetId>(), Err(NotAnId), "{other}");
        }
    }
}
