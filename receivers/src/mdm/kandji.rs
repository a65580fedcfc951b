//! Kandji, now Iru, by a connector that a customer runs: a small document for each event, a device as its API shows it, or a list of those.

use habeo_core::device::report::{Described, Kind, Report, User};
use habeo_core::time::Timestamp;

use super::{NAMELESS, apple_platform, code, hash_key, item, name, report};
use crate::document::{Takes, check_type};
use crate::json::{Json, members};
use crate::letter::{Item, Letter, Opened, Unreadable};
use crate::text::{ID_CHARS_MAX, NAME_CHARS_MAX, clean, id};
use crate::times;

/// The most devices of one letter: the most that a page of Kandji's own API has.
pub const DEVICES_MAX: usize = 300;

const UNKNOWN: &str = "an event that is not known";

/// The events of the document, and what they say.
const EVENTS: [(&str, Kind); 4] = [
    ("device.enrolled", Kind::Enrolled),
    ("device.unenrolled", Kind::Unenrolled),
    ("device.updated", Kind::Inventory),
    ("device.checked_in", Kind::CheckIn),
];

/// A document is one item, a list as many as it has.
pub fn open(letter: &Letter<'_>) -> Result<Opened, Unreadable> {
    check_type(letter, Takes::Json)?;
    let document = Json::read(letter.body)?;
    let Json::List(list) = &document else {
        let report = report_of(&document, letter.received_at)?;
        let ignored = report.is_none().then_some(UNKNOWN);
        return Ok(Opened::Items(vec![one(&document, letter.body, ignored)]));
    };
    if list.len() > DEVICES_MAX {
        return Err(Unreadable::content(format!(
            "the list has more than {DEVICES_MAX} devices; send it in pieces"
        )));
    }
    let bodies = members(letter.body)?;
    // One device that is none does not cost the others.
    let items = list.iter().zip(bodies).map(|(device, body)| {
        let ignored = match report_of(device, letter.received_at) {
            Ok(Some(_)) => None,
            Ok(None) => Some(UNKNOWN),
            Err(_) => Some(NAMELESS),
        };
        one(device, body, ignored)
    });
    Ok(Opened::Items(items.collect()))
}

/// What one stored document or device reports.
pub fn read(body: &[u8], received_at: Timestamp) -> Result<Option<Report>, Unreadable> {
    report_of(&Json::read(body)?, received_at)
}

fn one(document: &Json, body: &[u8], ignored: Option<&'static str>) -> Item {
    let event_id = document.text_of("event_id").as_deref().and_then(id);
    let key = event_id.map_or_else(
        || hash_key("kandji", body),
        |event| format!("kandji:{event}"),
    );
    let event = event_of(document);
    item(&key, body, event.as_deref().unwrap_or("device"), ignored)
}

fn event_of(document: &Json) -> Option<String> {
    document.object("device")?;
    let event = document.text_of_any(&["event", "event_type", "type"]);
    event.map(|event| event.to_ascii_lowercase())
}

fn report_of(document: &Json, received_at: Timestamp) -> Result<Option<Report>, Unreadable> {
    let device = Device(document.object("device").unwrap_or(document));
    let said = document.get("occurred_at").and_then(times::any);
    let kind = match event_of(document) {
        None => device.state(),
        Some(event) => match EVENTS.iter().find(|(name, _)| *name == event) {
            Some((_, kind)) => *kind,
            None => return Ok(None),
        },
    };
    // That a device is gone was true when it was looked up; when it was seen last says nothing of that.
    let occurred_at = match kind {
        Kind::Unenrolled => said,
        _ => said.or_else(|| device.seen()),
    };
    let external_id = device.text("device_id").as_deref().and_then(id);
    let report = report(
        external_id,
        kind,
        occurred_at,
        received_at,
        device.described(),
    )?;
    Ok(Some(Report {
        user: device.user(),
        ..report
    }))
}

/// A device, as the list or as the details show it: the latter in sections.
struct Device<'a>(&'a Json);

impl<'a> Device<'a> {
    fn sections(&self) -> impl Iterator<Item = &'a Json> + use<'a> {
        let whole = self.0;
        let sections = ["general", "hardware_overview", "mdm"];
        std::iter::once(whole).chain(
            sections
                .into_iter()
                .filter_map(move |name| whole.object(name)),
        )
    }

    fn get(&self, member: &str) -> Option<&'a Json> {
        self.sections().find_map(|section| section.get(member))
    }

    fn text(&self, member: &str) -> Option<String> {
        let found = self
            .sections()
            .find_map(|section| section.text_of(member))?;
        clean(&found, ID_CHARS_MAX)
    }

    fn name(&self, member: &str) -> Option<String> {
        self.sections().find_map(|section| name(section, member))
    }

    fn code(&self, member: &str) -> Option<String> {
        self.sections().find_map(|section| code(section, member))
    }

    /// What a device without an event says: gone, or there. Whether it was there before is known elsewhere.
    fn state(&self) -> Kind {
        let removed = self.get("is_removed").and_then(Json::truth);
        if removed == Some(true) {
            Kind::Unenrolled
        } else {
            Kind::Inventory
        }
    }

    fn seen(&self) -> Option<Timestamp> {
        ["last_check_in", "last_enrollment"]
            .into_iter()
            .filter_map(|member| times::any(self.get(member)?))
            .max()
    }

    fn described(&self) -> Described {
        let platform = self.name("platform");
        Described {
            serial: self.code("serial_number"),
            manufacturer: Some("Apple".to_owned()),
            model: self.name("model"),
            model_identifier: self.name("model_identifier"),
            udid: self.code("uuid"),
            name: self.name("device_name"),
            platform: platform.map(|platform| {
                apple_platform(&platform).map_or_else(|| platform.to_lowercase(), ToOwned::to_owned)
            }),
            os_version: self.code("os_version"),
            provider_tag: self.code("asset_tag"),
            ..Described::default()
        }
    }

    /// Kandji writes an empty text where nobody is assigned; connectors write an address.
    fn user(&self) -> Option<User> {
        let user = self.get("user").or_else(|| self.get("assigned_user"))?;
        let user = match user {
            Json::Text(text) => {
                let text = clean(text, NAME_CHARS_MAX)?;
                let (email, username) = if text.contains('@') {
                    (Some(text), None)
                } else {
                    (None, Some(text))
                };
                User {
                    email,
                    username,
                    ..User::default()
                }
            }
            _ => User {
                email: name(user, "email"),
                display_name: name(user, "name"),
                ..User::default()
            },
        };
        (user != User::default()).then_some(user)
    }
}
