//! What a device management reported, in no vendor's form.

use serde::{Deserialize, Serialize};

use crate::closed_set::closed_set;
use crate::time::Timestamp;

closed_set! {
    /// What happened to a device.
    Kind {
        /// It was bought and assigned to the management, and is not set up yet.
        PreEnrolled = "pre_enrolled",
        /// It came under management.
        Enrolled = "enrolled",
        /// It left management.
        Unenrolled = "unenrolled",
        /// What is known of it was looked up anew. Of a device without a link this says that it is enrolled.
        Inventory = "inventory",
        /// It was seen.
        CheckIn = "check_in",
        /// Somebody signed in on it.
        Login = "login",
        /// Whether it follows its rules.
        Compliance = "compliance",
    }
    /// To whom a device belongs.
    Ownership {
        /// The organisation.
        Company = "company",
        /// Its user.
        Personal = "personal",
    }
}

/// One thing that a device management reported of one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The management's own key for the device, such as `computer:42`; none where it has none yet.
    pub external_id: Option<String>,
    /// What happened.
    pub kind: Kind,
    /// When, by the management's clock. When it came in, where the management does not say.
    pub occurred_at: Timestamp,
    /// The device.
    pub device: Described,
    /// Who uses it, as far as the management knows.
    pub user: Option<User>,
    /// Where the management believes it to be. A claim of people, often old: kept with the device, moves nothing.
    pub place: Option<Place>,
}

/// A device, as it was described. Texts are as they came, trimmed; nothing is normalised.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Described {
    /// The maker's number; may be a placeholder.
    pub serial: Option<String>,
    /// The maker; `Apple` where the management knows no other.
    pub manufacturer: Option<String>,
    /// What it is called by people, such as `MacBook Air (13-inch, M3, 2024)`.
    pub model: Option<String>,
    /// What it is called by programs, such as `Mac15,12`.
    pub model_identifier: Option<String>,
    /// Apple's id of the device.
    pub udid: Option<String>,
    /// The id of the main board.
    pub smbios_uuid: Option<String>,
    /// Microsoft's id of the device in its directory.
    pub azure_device: Option<String>,
    /// The number of its radio.
    pub imei: Option<String>,
    /// The other number of its radio.
    pub meid: Option<String>,
    /// Addresses of its wired network interfaces.
    pub wired_macs: Vec<String>,
    /// What its user or the management named it. Matches nothing.
    pub name: Option<String>,
    /// Its system, such as `macos`.
    pub platform: Option<String>,
    /// The version of its system.
    pub os_version: Option<String>,
    /// To whom it belongs.
    pub ownership: Option<Ownership>,
    /// Whether it follows its rules, in the management's word.
    pub compliance: Option<String>,
    /// The tag that the management has for it. Habeo's own wins.
    pub provider_tag: Option<String>,
}

/// Who uses a device, in the management's words.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// Their address.
    pub email: Option<String>,
    /// Their name in the directory, often written like an address.
    pub principal_name: Option<String>,
    /// Their user name.
    pub username: Option<String>,
    /// Their name.
    pub display_name: Option<String>,
}

/// A place, in the management's words.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// The building.
    pub building: Option<String>,
    /// The department.
    pub department: Option<String>,
    /// The room.
    pub room: Option<String>,
}
