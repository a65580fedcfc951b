//! A device as Microsoft Graph shows it, its `managedDevice`.

use habeo_core::device::report::{Described, Kind, Ownership, Report, User};
use habeo_core::time::Timestamp;

use crate::json::Json;
use crate::letter::Unreadable;
use crate::mdm::{code, name, report};
use crate::text::{digits, id, mac};
use crate::times;

/// Whether this could be one.
pub fn is_one(value: &Json) -> bool {
    ["serialNumber", "azureADDeviceId", "deviceName"]
        .into_iter()
        .any(|member| value.get(member).is_some())
}

/// What it reports.
pub fn managed(
    device: &Json,
    kind: Kind,
    said: Option<Timestamp>,
    received_at: Timestamp,
) -> Result<Report, Unreadable> {
    let external_id = device.text_of("id").as_deref().and_then(id);
    let time = |member| device.get(member).and_then(times::any);
    let (enrolled, seen) = (time("enrolledDateTime"), time("lastSyncDateTime"));
    let occurred_at = said.or(match kind {
        Kind::Enrolled | Kind::PreEnrolled => enrolled.or(seen),
        // When a device left is not when it was seen last.
        Kind::Unenrolled => None,
        Kind::Inventory | Kind::CheckIn | Kind::Login | Kind::Compliance => seen.or(enrolled),
    });
    let lowered = external_id.map(|id| id.to_ascii_lowercase());
    let report = report(lowered, kind, occurred_at, received_at, described(device))?;
    Ok(Report {
        user: user(device),
        ..report
    })
}

fn described(device: &Json) -> Described {
    let ethernet = device
        .text_of("ethernetMacAddress")
        .as_deref()
        .and_then(mac);
    Described {
        serial: code(device, "serialNumber"),
        manufacturer: name(device, "manufacturer"),
        model: name(device, "model"),
        udid: code(device, "udid"),
        azure_device: code(device, "azureADDeviceId").filter(|id| !is_nobody(id)),
        imei: device.text_of("imei").as_deref().and_then(digits),
        meid: code(device, "meid"),
        wired_macs: ethernet.into_iter().collect(),
        name: name(device, "deviceName"),
        platform: name(device, "operatingSystem").map(|system| platform(&system)),
        os_version: code(device, "osVersion"),
        ownership: device
            .text_of("managedDeviceOwnerType")
            .and_then(|owner| ownership(&owner)),
        compliance: code(device, "complianceState"),
        ..Described::default()
    }
}

fn user(device: &Json) -> Option<User> {
    let user = User {
        email: name(device, "emailAddress").filter(|email| email.contains('@')),
        principal_name: name(device, "userPrincipalName"),
        username: None,
        display_name: name(device, "userDisplayName"),
    };
    (user != User::default()).then_some(user)
}

/// The id of no device, which is written where there is none.
fn is_nobody(id: &str) -> bool {
    id.chars().all(|c| matches!(c, '0' | '-'))
}

fn platform(system: &str) -> String {
    let system = system.to_lowercase();
    let known = [
        "windows", "ipados", "ios", "macos", "android", "linux", "chromeos",
    ];
    let known = known.into_iter().find(|known| system.starts_with(known));
    known.map_or(system.clone(), ToOwned::to_owned)
}

fn ownership(owner: &str) -> Option<Ownership> {
    match owner.to_ascii_lowercase().as_str() {
        "company" | "corporate" => Some(Ownership::Company),
        "personal" => Some(Ownership::Personal),
        _ => None,
    }
}
