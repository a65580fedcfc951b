//! A record of Azure Monitor. The names within are not promised by anybody, so they are looked for in any case and with or without blanks.

use std::collections::BTreeMap;

use habeo_core::device::report::{Kind, Report};
use habeo_core::time::Timestamp;

use super::device::managed;
use crate::json::Json;
use crate::letter::Unreadable;
use crate::times;

/// What a member of a device is called in records, folded.
const NAMES: [(&str, &[&str]); 14] = [
    ("id", &["deviceid", "intunedeviceid", "manageddeviceid"]),
    (
        "serialNumber",
        &["serialnumber", "serial", "deviceserialnumber"],
    ),
    ("deviceName", &["devicename"]),
    ("manufacturer", &["manufacturer", "devicemanufacturer"]),
    ("model", &["model", "devicemodel"]),
    (
        "operatingSystem",
        &[
            "os",
            "operatingsystem",
            "deviceoperatingsystem",
            "devicetype",
        ],
    ),
    ("osVersion", &["osversion"]),
    ("complianceState", &["compliancestate", "compliantstate"]),
    (
        "managedDeviceOwnerType",
        &["ownership", "manageddeviceownertype"],
    ),
    (
        "azureADDeviceId",
        &["azureaddeviceid", "aaddeviceid", "referenceid"],
    ),
    ("imei", &["imei"]),
    ("userPrincipalName", &["upn", "userprincipalname"]),
    (
        "emailAddress",
        &["useremail", "emailaddress", "primaryuseremail"],
    ),
    ("lastSyncDateTime", &["lastcontact", "lastsyncdatetime"]),
];

/// Whether this is a record.
pub fn is_one(value: &Json) -> bool {
    let folded = folded(value);
    folded.contains_key("category")
        && (folded.contains_key("properties") || folded.contains_key("operationname"))
}

/// The kind of log that it is of.
pub fn category(record: &Json) -> Option<String> {
    text(&folded(record), "category")
}

/// What it reports, if it names a device and something that happened to it.
pub fn report(record: &Json, received_at: Timestamp) -> Result<Option<Report>, Unreadable> {
    let outer = folded(record);
    let properties = outer
        .get("properties")
        .map(|properties| unfolded(properties));
    let inner = properties.as_ref().map(folded).unwrap_or_default();
    let Some(kind) = kind(&outer, &inner) else {
        return Ok(None);
    };
    let members = NAMES.into_iter().filter_map(|(member, names)| {
        let value = names.iter().find_map(|name| inner.get(*name))?;
        Some((member.to_owned(), (*value).clone()))
    });
    let device = Json::Object(members.collect());
    let said = outer
        .get("time")
        .or_else(|| outer.get("timegenerated"))
        .copied();
    let named = device.text_of("id").is_some() || device.text_of("serialNumber").is_some();
    if !named {
        return Ok(None);
    }
    // What was listed is as old as its own last contact, what was logged as its log.
    let said = said
        .and_then(times::any)
        .filter(|_| kind != Kind::Inventory || device.get("lastSyncDateTime").is_none());
    managed(&device, kind, said, received_at).map(Some)
}

/// Lists of devices and of what they follow say something of devices; of what was done, only that one came under management.
fn kind(outer: &BTreeMap<String, &Json>, inner: &BTreeMap<String, &Json>) -> Option<Kind> {
    let category = text(outer, "category")
        .unwrap_or_default()
        .to_ascii_lowercase();
    match category.as_str() {
        "devices" | "intunedevices" => Some(Kind::Inventory),
        "devicecomplianceorg" | "intunedevicecomplianceorg" => Some(Kind::Compliance),
        "operationallogs" | "intuneoperationallogs" => {
            let operation = text(outer, "operationname")
                .unwrap_or_default()
                .to_ascii_lowercase();
            let result = text(outer, "result").or_else(|| text(outer, "resulttype"));
            let result = result.or_else(|| text(inner, "result")).unwrap_or_default();
            let succeeded =
                result.eq_ignore_ascii_case("success") || result.eq_ignore_ascii_case("succeeded");
            (operation == "enrollment" && succeeded).then_some(Kind::Enrolled)
        }
        _ => None,
    }
}

/// The properties, which are an object or the text of one.
fn unfolded(properties: &Json) -> Json {
    match properties {
        Json::Text(text) => Json::read(text.as_bytes()).unwrap_or(Json::Null),
        other => other.clone(),
    }
}

/// Members by their names in lower case, without blanks and underscores.
fn folded(value: &Json) -> BTreeMap<String, &Json> {
    let Json::Object(members) = value else {
        return BTreeMap::new();
    };
    let fold = |name: &str| -> String {
        let kept = name.chars().filter(|c| !matches!(c, ' ' | '_' | '-'));
        kept.flat_map(char::to_lowercase).collect()
    };
    members
        .iter()
        .map(|(name, value)| (fold(name), value))
        .collect()
}

fn text(members: &BTreeMap<String, &Json>, name: &str) -> Option<String> {
    members.get(name)?.text().map(std::borrow::Cow::into_owned)
}
