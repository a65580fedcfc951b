//! Jamf Pro: one event for each letter, in XML unless an administrator chose JSON.

use habeo_core::device::report::{Described, Kind, Place, Report, User};
use habeo_core::time::Timestamp;

use super::{apple_platform, code, hash_key, item, name, report};
use crate::document::{Takes, check_type, read as document};
use crate::json::Json;
use crate::letter::{Item, Letter, Opened, Unreadable};
use crate::text::{digits, id};
use crate::times;

const APPLE: &str = "Apple";
const UNKNOWN: &str = "an event that is not known";
const NOT_OF_DEVICES: &str = "nothing follows of it for a device";

/// Whose key `jssID` is: computers and mobile devices are counted apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    Computer,
    Mobile,
    /// Assigned in Apple's programme, and without a key.
    Assigned,
    Nothing,
}

/// What Habeo makes of an event.
#[derive(Debug, Clone, Copy)]
struct Known {
    name: &'static str,
    subject: Subject,
    kind: Option<Kind>,
}

const fn known(name: &'static str, subject: Subject, kind: Option<Kind>) -> Known {
    Known {
        name,
        subject,
        kind,
    }
}

/// Every event of Jamf Pro, as its documentation lists them.
const EVENTS: [Known; 23] = [
    known("ComputerAdded", Subject::Computer, Some(Kind::Enrolled)),
    known(
        "ComputerInventoryCompleted",
        Subject::Computer,
        Some(Kind::Inventory),
    ),
    known("ComputerCheckIn", Subject::Computer, Some(Kind::CheckIn)),
    known(
        "ComputerPolicyFinished",
        Subject::Computer,
        Some(Kind::CheckIn),
    ),
    known("ComputerPatchPolicyCompleted", Subject::Computer, None),
    known(
        "ComputerPushCapabilityChanged",
        Subject::Computer,
        Some(Kind::CheckIn),
    ),
    known(
        "DeviceAddedToDEP",
        Subject::Assigned,
        Some(Kind::PreEnrolled),
    ),
    known("DeviceRateLimited", Subject::Nothing, None),
    known(
        "MobileDeviceEnrolled",
        Subject::Mobile,
        Some(Kind::Enrolled),
    ),
    known(
        "MobileDeviceUnEnrolled",
        Subject::Mobile,
        Some(Kind::Unenrolled),
    ),
    known(
        "MobileDeviceInventoryCompleted",
        Subject::Mobile,
        Some(Kind::Inventory),
    ),
    known("MobileDeviceCheckIn", Subject::Mobile, Some(Kind::CheckIn)),
    known(
        "MobileDeviceCommandCompleted",
        Subject::Mobile,
        Some(Kind::CheckIn),
    ),
    known("MobileDevicePushSent", Subject::Mobile, None),
    known("PushSent", Subject::Nothing, None),
    known("RestAPIOperation", Subject::Nothing, None),
    known("SmartGroupComputerMembershipChange", Subject::Nothing, None),
    known(
        "SmartGroupMobileDeviceMembershipChange",
        Subject::Nothing,
        None,
    ),
    known("SmartGroupUserMembershipChange", Subject::Nothing, None),
    known("PatchSoftwareTitleUpdated", Subject::Nothing, None),
    known(CHALLENGE, Subject::Nothing, None),
    known("JSSStartup", Subject::Nothing, None),
    known("JSSShutdown", Subject::Nothing, None),
];

/// The event whose letter is a secret.
const CHALLENGE: &str = "SCEPChallenge";

/// A letter, taken apart.
struct Event {
    webhook: Json,
    content: Json,
    name: String,
    known: Option<Known>,
}

/// One letter is one item.
pub fn open(letter: &Letter<'_>) -> Result<Opened, Unreadable> {
    check_type(letter, Takes::JsonXml)?;
    let event = parse(letter.body)?;
    let ignored = match event.known {
        None => Some(UNKNOWN),
        Some(Known { kind: None, .. }) => Some(NOT_OF_DEVICES),
        Some(known) => {
            event.report(known, letter.received_at)?;
            None
        }
    };
    let own = event.key();
    let keyed_at = own.as_ref().and_then(|_| event.stamped());
    let key = own.unwrap_or_else(|| hash_key("jamf", letter.body));
    let kind = event.known.map_or(event.name.as_str(), |known| known.name);
    // A challenge is a secret between Jamf and its certificates: that it came is noted, and nothing of it is kept.
    let body = if kind == CHALLENGE { &[] } else { letter.body };
    Ok(Opened::Items(vec![Item {
        keyed_at,
        ..item(&key, body, kind, ignored)
    }]))
}

/// What one stored letter reports.
pub fn read(body: &[u8], received_at: Timestamp) -> Result<Option<Report>, Unreadable> {
    let event = parse(body)?;
    event
        .known
        .filter(|known| known.kind.is_some())
        .map(|known| event.report(known, received_at))
        .transpose()
}

fn parse(body: &[u8]) -> Result<Event, Unreadable> {
    let mut document = document(body, Takes::JsonXml)?;
    if document
        .root
        .as_deref()
        .is_some_and(|root| !root.eq_ignore_ascii_case("JSSEvent"))
    {
        return Err(Unreadable::content("the root of the XML is not JSSEvent"));
    }
    let mut member = |name| document.value.take_object(name);
    let webhook = member("webhook").ok_or_else(|| Unreadable::content("webhook is missing"))?;
    let name = webhook
        .text_of("webhookEvent")
        .ok_or_else(|| Unreadable::content("webhook.webhookEvent is missing"))?
        .into_owned();
    let known = EVENTS
        .into_iter()
        .find(|known| known.name.eq_ignore_ascii_case(&name));
    Ok(Event {
        content: member("event").unwrap_or(Json::Null),
        webhook,
        name,
        known,
    })
}

impl Event {
    /// The device: some events have it one level deeper, and older servers of some of those have not.
    fn device(&self) -> &Json {
        let nested = self
            .content
            .object("computer")
            .or_else(|| self.content.object("mobileDevice"));
        nested.unwrap_or(&self.content)
    }

    fn subject(&self) -> Subject {
        self.known.map_or(Subject::Nothing, |known| known.subject)
    }

    /// Jamf's key for the device.
    fn external_id(&self) -> Option<String> {
        let number = self
            .device()
            .get("jssID")?
            .whole()
            .filter(|number| *number > 0)?;
        match self.subject() {
            Subject::Computer => Some(format!("computer:{number}")),
            Subject::Mobile => Some(format!("mobile:{number}")),
            Subject::Assigned | Subject::Nothing => None,
        }
    }

    /// Whom or what the event is about, as far as it can be told from others of the same instant.
    fn about(&self) -> Option<String> {
        let device = self.device();
        let named = |prefix, member| Some(format!("{prefix}:{}", id(&device.text_of(member)?)?));
        self.external_id()
            .or_else(|| named("udid", "udid"))
            .or_else(|| named("serial", "serialNumber"))
            .or_else(|| named("group", "jssid"))
    }

    /// The name by which the event is known when it comes again; none where it says too little.
    fn key(&self) -> Option<String> {
        let stamp = self.webhook.text_of("eventTimestamp")?;
        let webhook = self.webhook.text_of("id").unwrap_or("-".into());
        let event = self.name.to_ascii_lowercase();
        Some(format!("jamf:{webhook}:{event}:{}:{stamp}", self.about()?))
    }

    /// When it happened, by Jamf's clock.
    fn stamped(&self) -> Option<Timestamp> {
        self.webhook.get("eventTimestamp").and_then(times::any)
    }

    fn is_login(&self) -> bool {
        let trigger = self.content.text_of("trigger");
        trigger.is_some_and(|trigger| trigger.eq_ignore_ascii_case("login"))
    }

    fn report(&self, known: Known, received_at: Timestamp) -> Result<Report, Unreadable> {
        let kind = match known.kind.unwrap_or(Kind::CheckIn) {
            Kind::CheckIn if known.name == "ComputerCheckIn" && self.is_login() => Kind::Login,
            kind => kind,
        };
        let described = self.described();
        let report = report(
            self.external_id(),
            kind,
            self.stamped(),
            received_at,
            described,
        )?;
        Ok(Report {
            user: self.user(kind),
            place: self.place(),
            ..report
        })
    }

    fn described(&self) -> Described {
        let device = self.device();
        let common = Described {
            serial: code(device, "serialNumber"),
            manufacturer: Some(APPLE.to_owned()),
            model: name(device, "model"),
            udid: code(device, "udid"),
            name: name(device, "deviceName"),
            os_version: code(device, "osVersion"),
            provider_tag: code(device, "assetTag"),
            ..Described::default()
        };
        match self.subject() {
            Subject::Computer => Described {
                platform: Some("macos".to_owned()),
                ..common
            },
            // The model of a mobile device is an identifier.
            Subject::Mobile => Described {
                platform: common
                    .model
                    .as_deref()
                    .and_then(apple_platform)
                    .map(ToOwned::to_owned),
                model_identifier: common.model.clone(),
                model: name(device, "modelDisplay"),
                imei: device.text_of("imei").as_deref().and_then(digits),
                ..common
            },
            Subject::Assigned | Subject::Nothing => common,
        }
    }

    /// Who uses the device. Who signs in is not always whom it is assigned to: then only the name is theirs.
    fn user(&self, kind: Kind) -> Option<User> {
        let device = self.device();
        let assigned = User {
            email: name(device, "emailAddress").filter(|email| email.contains('@')),
            principal_name: None,
            username: name(device, "username"),
            display_name: name(device, "realName"),
        };
        let signed_in = name(&self.content, "username").filter(|_| kind == Kind::Login);
        let user = match signed_in {
            Some(username) if assigned.username.as_ref() != Some(&username) => User {
                username: Some(username),
                ..User::default()
            },
            _ => assigned,
        };
        let principal_name = user
            .username
            .clone()
            .filter(|username| username.contains('@'));
        let user = User {
            principal_name,
            ..user
        };
        (user != User::default()).then_some(user)
    }

    fn place(&self) -> Option<Place> {
        let device = self.device();
        let place = Place {
            building: name(device, "building"),
            department: name(device, "department"),
            room: name(device, "room"),
        };
        (place != Place::default()).then_some(place)
    }
}
