//! What device managements report: opened at the door, and read when it is worked off.

pub mod intune;
mod jamf;
mod kandji;

use habeo_core::connection::{Provider, Settings};
use habeo_core::device::report::{Described, Kind, Report};
use habeo_core::time::{DAY_MICROS, Timestamp};

use crate::json::Json;
use crate::letter::{Item, Letter, Opened, Unreadable};
use crate::text::{CODE_CHARS_MAX, NAME_CHARS_MAX, clean, key};
use crate::verify::sha256_hex;

/// What it is answered who reports of a device without saying of which.
pub(crate) const NO_IDENTITY: &str = "the report names no device: neither the management's key for it nor a serial number nor another identifier";
/// Why one of several in a letter is of no interest.
const NAMELESS: &str = "it names no device";

/// What a letter is made of.
pub fn open(provider: Provider, letter: &Letter<'_>) -> Result<Opened, Unreadable> {
    match provider {
        Provider::Jamf => jamf::open(letter),
        Provider::Intune => intune::open(letter),
        Provider::Kandji => kandji::open(letter),
        Provider::ServiceNow | Provider::Freshservice | Provider::Jira => Err(other()),
    }
}

/// What the stored body of an item reports. What was of no interest at the door reports nothing.
pub fn read(
    provider: Provider,
    _settings: &Settings,
    body: &[u8],
    received_at: Timestamp,
) -> Result<Vec<Report>, Unreadable> {
    let report = match provider {
        Provider::Jamf => jamf::read(body, received_at)?,
        Provider::Intune => intune::read(body, received_at)?,
        Provider::Kandji => kandji::read(body, received_at)?,
        Provider::ServiceNow | Provider::Freshservice | Provider::Jira => return Err(other()),
    };
    Ok(report.into_iter().collect())
}

fn other() -> Unreadable {
    Unreadable::content("this connection is none of a device management")
}

/// The item that a whole body or an exact member of it is.
fn item(key_text: &str, body: &[u8], kind: &str, ignored: Option<&'static str>) -> Item {
    Item {
        key: key(key_text),
        keyed_at: None,
        body: body.to_vec(),
        kind: clean(kind, CODE_CHARS_MAX).unwrap_or_else(|| "unnamed".to_owned()),
        ignored,
        trouble: None,
    }
}

/// The key of what has no name of its own: two that are the same in every byte are one. What follows from a report is a state, never a step,
/// so nothing is lost.
fn hash_key(vendor: &str, body: &[u8]) -> String {
    format!("{vendor}:sha256:{}", sha256_hex(body))
}

/// A report, if it says of which device. A time that lies more than a day ahead is taken for a wrong clock, and that of receipt instead of it.
fn report(
    external_id: Option<String>,
    kind: Kind,
    occurred_at: Option<Timestamp>,
    received_at: Timestamp,
    device: Described,
) -> Result<Report, Unreadable> {
    let identified = external_id.is_some()
        || !device.wired_macs.is_empty()
        || [
            &device.serial,
            &device.udid,
            &device.azure_device,
            &device.imei,
            &device.meid,
            &device.smbios_uuid,
        ]
        .iter()
        .any(|identity| identity.is_some());
    if !identified {
        return Err(Unreadable::content(NO_IDENTITY));
    }
    let occurred_at = occurred_at
        .filter(|at| *at <= received_at.plus_micros(DAY_MICROS))
        .unwrap_or(received_at);
    Ok(Report {
        external_id,
        kind,
        occurred_at,
        device,
        user: None,
        place: None,
    })
}

/// A name or another text of a member, fit to be kept.
fn name(from: &Json, member: &str) -> Option<String> {
    clean(&from.text_of(member)?, NAME_CHARS_MAX)
}

/// A code of a member, such as a serial number, fit to be kept; one that is too long is none.
fn code(from: &Json, member: &str) -> Option<String> {
    let text = from.text_of(member)?;
    (text.chars().count() <= CODE_CHARS_MAX)
        .then(|| clean(&text, CODE_CHARS_MAX))
        .flatten()
}

/// What Apple calls the system of a kind of device, by how its identifier or name begins.
fn apple_platform(of: &str) -> Option<&'static str> {
    [
        ("iPad", "ipados"),
        ("iPhone", "ios"),
        ("iPod", "ios"),
        ("AppleTV", "tvos"),
        ("Apple TV", "tvos"),
        ("RealityDevice", "visionos"),
        ("Watch", "watchos"),
        ("Mac", "macos"),
        ("iMac", "macos"),
    ]
    .into_iter()
    .find(|(prefix, _)| {
        of.get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    })
    .map(|(_, platform)| platform)
}
