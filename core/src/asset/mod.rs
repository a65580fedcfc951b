//! Assets: what the organisation owns, where it is, who holds it, and what may happen to it next.

pub mod command;

use serde::{Deserialize, Serialize};

macro_rules! closed_set {
    ($($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal),* $(,)? })*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vmeta])* $variant),* }

        impl $name {
            /// Every member, in the order of the domain's own list.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The spelling used in SQL, JSON and queries.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::asset::NotAMember;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($text => Ok(Self::$variant),)*
                    _ => Err($crate::asset::NotAMember(stringify!($name))),
                }
            }
        }

        $crate::store::text_column!($name);
    )*};
}
pub(crate) use closed_set;

/// A text that is not a member of a closed set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a {0}")]
pub struct NotAMember(pub &'static str);

closed_set! {
    /// Where an asset is in its life.
    State {
        /// Bought, not yet here.
        Ordered = "ordered",
        /// Here, not yet labelled.
        Received = "received",
        /// Labelled and free.
        InStock = "in_stock",
        /// In somebody's custody.
        InUse = "in_use",
        /// In somebody's custody until a date.
        OnLoan = "on_loan",
        /// Between two places.
        InTransit = "in_transit",
        /// With a workshop.
        InRepair = "in_repair",
        /// Not where it should be.
        Missing = "missing",
        /// No longer used.
        Retired = "retired",
        /// Offered to others.
        Surplus = "surplus",
        /// Gone, with proof. Terminal.
        Disposed = "disposed",
        /// Recorded in error. Terminal.
        Void = "void",
    }
    /// What shape it is in.
    Condition {
        /// Unused.
        New = "new",
        /// Without faults.
        Good = "good",
        /// Worn.
        Fair = "fair",
        /// Usable with trouble.
        Poor = "poor",
        /// Not usable.
        Inoperable = "inoperable",
        /// Never looked at.
        Unknown = "unknown",
    }
    /// How the organisation came by it.
    Acquisition {
        /// Bought by purchase order.
        Purchase = "purchase",
        /// Bought through a supplier's catalogue.
        Punchout = "punchout",
        /// Given.
        Gift = "gift",
        /// Built in house.
        Fabricated = "fabricated",
        /// Lent by the government.
        GovernmentFurnished = "government_furnished",
        /// Bought with a contract's money.
        ContractorAcquired = "contractor_acquired",
        /// Taken over from another institution.
        TransferIn = "transfer_in",
        /// Leased.
        Lease = "lease",
        /// Got in exchange.
        TradeIn = "trade_in",
    }
    /// What the word for the custody is.
    AssignmentKind {
        /// Until further notice.
        Permanent = "permanent",
        /// By several people.
        Shared = "shared",
        /// Until a date.
        Loan = "loan",
        /// With a room.
        Room = "room",
        /// For a while.
        Temporary = "temporary",
    }
    /// Why an asset must not be touched.
    HoldKind {
        /// A court or counsel asked for it.
        Legal = "legal",
        /// Contaminated, infected or unsafe.
        Quarantine = "quarantine",
        /// Promised to somebody.
        Reservation = "reservation",
        /// Being looked into.
        Investigation = "investigation",
        /// A sponsor decides over it.
        Sponsor = "sponsor",
    }
    /// What sort of further identifier.
    IdentifierKind {
        /// Mobile equipment identity, 15 digits.
        Imei = "imei",
        /// Mobile equipment identifier, 14 hexadecimal digits.
        Meid = "meid",
        /// Apple's unique device id.
        Udid = "udid",
        /// The firmware's UUID.
        SmbiosUuid = "smbios_uuid",
        /// The wired network address.
        MacWired = "mac_wired",
        /// The directory's device id.
        AzureDevice = "azure_device",
        /// An RFID tag.
        EpcRfid = "epc_rfid",
        /// A label of a system that came before.
        LegacyTag = "legacy_tag",
        /// A federal property number.
        FederalPropertyNo = "federal_property_no",
        /// Any other barcode on it.
        Barcode = "barcode",
    }
    /// How it went missing.
    LossKind {
        /// Nobody knows.
        Lost = "lost",
        /// Somebody took it.
        Stolen = "stolen",
        /// Destroyed beyond recovery.
        Damaged = "damaged",
    }
    /// How it left.
    DispositionMethod {
        /// Another part of the organisation took it.
        InternalReuse = "internal_reuse",
        /// Another institution took it.
        TransferOut = "transfer_out",
        /// Sold.
        PublicSale = "public_sale",
        /// Given away.
        Donation = "donation",
        /// Recycled.
        Recycle = "recycle",
        /// Given in exchange.
        TradeIn = "trade_in",
        /// Given back to the lessor.
        LeaseReturn = "lease_return",
        /// Given back to the sponsor.
        ReturnToSponsor = "return_to_sponsor",
        /// Destroyed.
        Destroyed = "destroyed",
        /// Replaced by the vendor.
        VendorReplacement = "vendor_replacement",
        /// Given up.
        WrittenOff = "written_off",
    }
    /// How stored data was made unreadable (NIST SP 800-88).
    SanitizationMethod {
        /// Overwritten.
        Clear = "clear",
        /// Made unrecoverable in a laboratory too.
        Purge = "purge",
        /// Physically destroyed.
        Destroy = "destroy",
    }
    /// How the place of an asset became known.
    LocationSource {
        /// Somebody said so.
        Declared = "declared",
        /// Somebody scanned it there.
        Scanned = "scanned",
        /// Device management reported it.
        Mdm = "mdm",
        /// A reader saw it.
        Rfid = "rfid",
    }
    /// Who repairs it.
    RepairBy {
        /// An outside workshop.
        Vendor = "vendor",
        /// The organisation's own bench.
        Bench = "bench",
    }
}

/// In whose custody an asset can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "type", content = "id", rename_all = "snake_case")]
pub enum Target {
    /// Somebody's.
    Person(crate::id::PersonId),
    /// A unit's.
    Unit(crate::id::UnitId),
    /// A room's.
    Location(crate::id::LocationId),
    /// Another asset's, such as a cart's.
    Asset(crate::id::AssetId),
}
