//! Microsoft Intune: what customers forward for it, since it sends nothing of devices itself; tolerant of shape, strict about proof.

mod device;
mod record;

use habeo_core::device::report::{Kind, Report};
use habeo_core::time::Timestamp;
use poem::http::Method;

use self::device::managed;
use super::{NAMELESS, hash_key, item};
use crate::document::{Takes, check_type};
use crate::json::{Json, members, members_of, quoted};
use crate::letter::{Handshake, ITEMS_MAX, Item, Letter, Opened, Unreadable};
use crate::text::{clean, id, is_printable_line};
use crate::verify::sha256_hex;

/// The most bytes of a token that is given back.
const TOKEN_BYTES_MAX: usize = 2 * 1024;
/// The most bytes of a code or an origin that is given back.
const CODE_BYTES_MAX: usize = 255;
const VALIDATION: &str = "Microsoft.EventGrid.SubscriptionValidationEvent";

const DIRECTORY: &str = "a change in the directory, which says nothing of a device";
const ENCRYPTED: &str = "an encrypted notification, which cannot be read";
const LIFECYCLE: &str = "a notice about the subscription itself";
const UNKNOWN: &str = "an event that is not known";

/// What a letter is answered before any proof: the three ways in which Microsoft's services try whether somebody is there.
#[must_use]
pub fn handshake(letter: &Letter<'_>) -> Option<Handshake> {
    if letter.method == Method::OPTIONS {
        return cloud_events(letter);
    }
    if letter.method != Method::POST {
        return None;
    }
    match letter.parameter("validationToken") {
        Some(token) => echoed(token),
        None => event_grid(letter.body),
    }
}

/// `CloudEvents`: whoever wants to send asks first.
fn cloud_events(letter: &Letter<'_>) -> Option<Handshake> {
    let origin = letter.only_text("webhook-request-origin")?.trim();
    let host = !origin.is_empty()
        && origin.len() <= CODE_BYTES_MAX
        && origin
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    (letter.settings.event_grid && host).then(|| {
        Handshake::Headers(vec![
            ("webhook-allowed-origin", origin.to_owned()),
            ("webhook-allowed-rate", "*".to_owned()),
            ("allow", "POST".to_owned()),
        ])
    })
}

/// Microsoft Graph: the token and nothing else. Only a line of text is given back.
fn echoed(token: &str) -> Option<Handshake> {
    let fits = (1..=TOKEN_BYTES_MAX).contains(&token.len()) && is_printable_line(token);
    fits.then(|| Handshake::Text(token.to_owned()))
}

/// Azure Event Grid: the code of a single event. The address beside it is never called.
fn event_grid(body: &[u8]) -> Option<Handshake> {
    const BODY_BYTES_MAX: usize = 64 * 1024;
    let small = body.len() <= BODY_BYTES_MAX && body.trim_ascii_start().starts_with(b"[");
    let Some(Json::List(events)) = small.then(|| Json::read(body).ok())? else {
        return None;
    };
    let first = events.first()?;
    let asked = first
        .text_of("eventType")
        .is_some_and(|kind| kind == VALIDATION);
    let code = first.object("data")?.text_of("validationCode")?;
    let fits = code.len() <= CODE_BYTES_MAX && is_printable_line(&code);
    (asked && fits)
        .then(|| Handshake::Json(format!("{{\"validationResponse\":{}}}", quoted(&code))))
}

/// What stands in a letter, by what it looks like.
enum Form {
    /// A notice of Graph about a subscription.
    Lifecycle,
    /// A notification of Graph.
    Notification,
    /// An event of Event Grid, or one of `CloudEvents`.
    Event,
    /// A record of Azure Monitor.
    Record,
    /// The document that Habeo recommends, with a device in it.
    Connector,
    /// A device as Graph lists it.
    Device,
    /// None of these.
    Nothing,
}

fn form_of(one: &Json) -> Form {
    let has = |member| one.get(member).is_some();
    if has("lifecycleEvent") {
        Form::Lifecycle
    } else if has("subscriptionId") && (has("resource") || has("changeType") || has("clientState"))
    {
        Form::Notification
    } else if has("specversion") || (has("eventType") && has("data")) {
        Form::Event
    } else if one.object("device").is_some() {
        Form::Connector
    } else if record::is_one(one) {
        Form::Record
    } else if device::is_one(one) {
        Form::Device
    } else {
        Form::Nothing
    }
}

/// A letter of one is one item; lists bring as many as they have.
pub fn open(letter: &Letter<'_>) -> Result<Opened, Unreadable> {
    check_type(letter, Takes::Json)?;
    let document = Json::read(letter.body)?;
    let (list, bodies) = if let Json::List(list) = &document {
        (list.as_slice(), members(letter.body)?)
    } else if let Some(list) = document.list("value") {
        (list, members_of(letter.body, "value")?)
    } else if let Some(list) = document.list("records") {
        (list, members_of(letter.body, "records")?)
    } else {
        return single(&document, letter);
    };
    if list.len() > ITEMS_MAX {
        return Err(Unreadable::content(format!(
            "the list has more than {ITEMS_MAX} entries; send it in pieces"
        )));
    }
    let items = list.iter().zip(bodies).map(|(one, body)| {
        // One that cannot be read does not cost the others.
        let ignored = ignored(one, letter.received_at).unwrap_or(Some(NAMELESS));
        item_of(one, body, ignored)
    });
    Ok(Opened::Items(items.collect()))
}

fn single(document: &Json, letter: &Letter<'_>) -> Result<Opened, Unreadable> {
    let ignored = ignored(document, letter.received_at)?;
    Ok(Opened::Items(vec![item_of(document, letter.body, ignored)]))
}

/// What one stored item reports.
pub fn read(body: &[u8], received_at: Timestamp) -> Result<Option<Report>, Unreadable> {
    report_of(&Json::read(body)?, received_at)
}

fn report_of(one: &Json, received_at: Timestamp) -> Result<Option<Report>, Unreadable> {
    match form_of(one) {
        Form::Lifecycle | Form::Notification => Ok(None),
        Form::Event => match one.object("data").map(|data| (data, form_of(data))) {
            Some((data, Form::Connector | Form::Device)) => report_of(data, received_at),
            _ => Ok(None),
        },
        Form::Record => record::report(one, received_at),
        Form::Connector => match kind_of(one) {
            Some(kind) => {
                let said = one.get("occurredAt").and_then(crate::times::any);
                let device = one.object("device").unwrap_or(&Json::Null);
                managed(device, kind, said, received_at).map(Some)
            }
            None => Ok(None),
        },
        Form::Device => managed(one, Kind::Inventory, None, received_at).map(Some),
        Form::Nothing => Err(Unreadable::content(
            "the body is none of the forms that are known of Intune; the recommended one has a member device",
        )),
    }
}

/// What the recommended document says happened. Without a word it is what is known of the device.
fn kind_of(document: &Json) -> Option<Kind> {
    let Some(event) = document.text_of("eventType") else {
        return Some(Kind::Inventory);
    };
    match event.to_ascii_lowercase().as_str() {
        "enrolled" => Some(Kind::Enrolled),
        "unenrolled" => Some(Kind::Unenrolled),
        "updated" => Some(Kind::Inventory),
        "compliance_changed" => Some(Kind::Compliance),
        "checked_in" => Some(Kind::CheckIn),
        _ => None,
    }
}

fn ignored(one: &Json, received_at: Timestamp) -> Result<Option<&'static str>, Unreadable> {
    if report_of(one, received_at)?.is_some() {
        return Ok(None);
    }
    Ok(Some(match form_of(one) {
        Form::Lifecycle => LIFECYCLE,
        Form::Notification if one.get("encryptedContent").is_some() => ENCRYPTED,
        Form::Notification | Form::Event => DIRECTORY,
        Form::Record => NAMELESS,
        Form::Connector | Form::Device | Form::Nothing => UNKNOWN,
    }))
}

fn item_of(one: &Json, body: &[u8], ignored: Option<&'static str>) -> Item {
    let word = |members: &[&str]| one.text_of_any(members).map(std::borrow::Cow::into_owned);
    let (key, kind) = match form_of(one) {
        Form::Lifecycle => (None, word(&["lifecycleEvent"])),
        Form::Notification => (notification_key(one, body), word(&["changeType"])),
        Form::Event => (event_key(one), word(&["type", "eventType"])),
        Form::Record => {
            let canonical = sha256_hex(one.canonical().as_bytes());
            (Some(format!("azmon:{canonical}")), record::category(one))
        }
        Form::Connector => (connector_key(one), word(&["eventType"])),
        Form::Device | Form::Nothing => (device_key(one, None), None),
    };
    let key = key.unwrap_or_else(|| hash_key("intune", body));
    let trouble = matches!(form_of(one), Form::Lifecycle).then(|| trouble(kind.as_deref()));
    Item {
        trouble,
        ..item(
            &key,
            body,
            kind.as_deref().unwrap_or("managedDevice"),
            ignored,
        )
    }
}

fn trouble(lifecycle: Option<&str>) -> &'static str {
    match lifecycle {
        Some("missed") => "Microsoft Graph lost notifications: have the devices sent once more",
        Some("subscriptionRemoved") => {
            "Microsoft Graph ended the subscription: make it anew and have the devices sent once more"
        }
        Some("reauthorizationRequired") => {
            "Microsoft Graph wants the subscription to be authorized again"
        }
        _ => "Microsoft Graph says something about the subscription that is not known here",
    }
}

fn notification_key(one: &Json, body: &[u8]) -> Option<String> {
    let subscription = id(&one.text_of("subscriptionId")?)?;
    if let Some(own) = one.text_of("id").as_deref().and_then(id) {
        return Some(format!("graph:{subscription}:{own}"));
    }
    let part = |member| {
        one.text_of(member)
            .as_deref()
            .and_then(id)
            .unwrap_or_default()
    };
    let (resource, change) = (part("resource"), part("changeType"));
    Some(format!(
        "graph:{subscription}:{resource}:{change}:{}",
        sha256_hex(body)
    ))
}

fn event_key(one: &Json) -> Option<String> {
    let own = id(&one.text_of("id")?)?;
    let source = one.text_of_any(&["source", "topic"]);
    let source = source
        .as_deref()
        .and_then(|source| clean(source, usize::MAX));
    Some(format!("eg:{own}:{}", source.unwrap_or_default()))
}

fn connector_key(document: &Json) -> Option<String> {
    if let Some(event) = document.text_of("eventId").as_deref().and_then(id) {
        return Some(format!("intune:{event}"));
    }
    // Of two things that happen to one device between two of its own reports neither may count as the other.
    device_key(
        document.object("device")?,
        document.text_of("eventType").as_deref(),
    )
}

fn device_key(device: &Json, event: Option<&str>) -> Option<String> {
    let own = id(&device.text_of("id")?)?;
    let (enrolled, seen) = (
        device.text_of("enrolledDateTime"),
        device.text_of("lastSyncDateTime"),
    );
    if seen.is_none() && enrolled.is_none() {
        return None;
    }
    let (enrolled, seen) = (enrolled.unwrap_or_default(), seen.unwrap_or_default());
    let event = event.map(|event| format!(":{}", event.to_ascii_lowercase()));
    Some(format!(
        "intune:{own}:{enrolled}:{seen}{}",
        event.unwrap_or_default()
    ))
}
