//! What help desks report: opened at the door, and read when it is worked off.

mod freshservice;
mod jira;
mod servicenow;

use habeo_core::connection::{Provider, Settings};
use habeo_core::ticket::report::{AssetRef, Field, Party, Report};
use habeo_core::ticket::{Priority, Status};
use habeo_core::time::{MINUTE_MICROS, Timestamp};

use crate::json::Json;
use crate::letter::{Item, Letter, Opened, Unreadable};
use crate::text::{CODE_CHARS_MAX, NAME_CHARS_MAX, clean, id, key, tags_in};
use crate::verify::sha256_hex;

/// The most assets that one ticket names.
const ASSETS_MAX: usize = 50;
/// Within which time two bodies that are the same in every byte are one, where nothing else names them.
const BUCKET_MICROS: i64 = 10 * MINUTE_MICROS;

/// What a letter is made of.
pub fn open(provider: Provider, letter: &Letter<'_>) -> Result<Opened, Unreadable> {
    match provider {
        Provider::ServiceNow => servicenow::open(letter),
        Provider::Freshservice => freshservice::open(letter),
        Provider::Jira => jira::open(letter),
        Provider::Jamf | Provider::Intune | Provider::Kandji => Err(other()),
    }
}

/// What the stored body of an item reports. What was of no interest at the door reports nothing.
pub fn read(
    provider: Provider,
    settings: &Settings,
    body: &[u8],
    received_at: Timestamp,
) -> Result<Vec<Report>, Unreadable> {
    let report = match provider {
        Provider::ServiceNow => servicenow::read(settings, body, received_at)?,
        Provider::Freshservice => freshservice::read(settings, body, received_at)?,
        Provider::Jira => jira::read(settings, body, received_at)?,
        Provider::Jamf | Provider::Intune | Provider::Kandji => return Err(other()),
    };
    Ok(report.into_iter().collect())
}

fn other() -> Unreadable {
    Unreadable::content("this connection is none of a help desk")
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

/// The key of what has no name of its own, for ten minutes: a ticket may later come back to a state that it had.
fn bucket_key(vendor: &str, body: &[u8], received_at: Timestamp) -> String {
    let bucket = received_at.micros().div_euclid(BUCKET_MICROS);
    format!("{vendor}:sha256:{}:{bucket}", sha256_hex(body))
}

/// A report of a ticket of which nothing else is known yet.
fn blank(external_id: String, received_at: Timestamp) -> Report {
    use habeo_core::ticket::report::{Change, Version};
    Report {
        external_id,
        external_key: Field::Absent,
        url: Field::Absent,
        change: Change::Updated,
        title: Field::Absent,
        sort: Field::Absent,
        status: Field::Absent,
        status_raw: Field::Absent,
        priority: Field::Absent,
        priority_raw: Field::Absent,
        requester: Field::Absent,
        assignee: Field::Absent,
        assets: Field::Absent,
        opened_at: Field::Absent,
        resolved_at: Field::Absent,
        version: Version::ReceivedAt(received_at),
        partial: false,
        occurred_at: received_at,
        unmapped: Vec::new(),
    }
}

/// A field that was mentioned: with what can be made of it, or empty.
fn mentioned<T>(value: Option<T>) -> Field<T> {
    value.map_or(Field::Empty, Field::Set)
}

/// A party of what is known of them; empty if that is nothing.
fn party(external_id: Option<String>, name: Option<String>, email: Option<String>) -> Field<Party> {
    let party = Party {
        external_id: external_id.and_then(|text| id(&text)),
        name: name.and_then(|name| clean(&name, NAME_CHARS_MAX)),
        email: email
            .and_then(|email| clean(&email, NAME_CHARS_MAX))
            .filter(|email| email.contains('@')),
    };
    if party == Party::default() {
        Field::Empty
    } else {
        Field::Set(party)
    }
}

/// Codes, each once; none that is too long.
fn references(found: impl IntoIterator<Item = AssetRef>) -> Vec<AssetRef> {
    let mut kept: Vec<AssetRef> = Vec::new();
    for reference in found {
        if kept.len() < ASSETS_MAX && !kept.contains(&reference) {
            kept.push(reference);
        }
    }
    kept
}

/// A text by which an asset could be named; none that is too long to be one.
fn asset_code(text: &str) -> Option<String> {
    let fits = text.trim().chars().count() <= CODE_CHARS_MAX;
    fits.then(|| clean(text, CODE_CHARS_MAX)).flatten()
}

/// The assets that the title names, where administrators want that and nothing else names any.
fn or_in_title(
    assets: Field<Vec<AssetRef>>,
    settings: &Settings,
    title: &Field<String>,
) -> Field<Vec<AssetRef>> {
    if !settings.tags_in_titles || assets.value().is_some() {
        return assets;
    }
    let found = title
        .value()
        .map(|title| tags_in(title))
        .unwrap_or_default();
    if found.is_empty() {
        return assets;
    }
    Field::Set(references(found.into_iter().map(AssetRef::Code)))
}

/// What the value of a configured field names: a text, or anything that has one for people, or several of those.
fn named_assets(value: &Json) -> Vec<AssetRef> {
    let code = |text: &str| asset_code(text).map(AssetRef::Code);
    match value {
        Json::List(values) => references(values.iter().flat_map(named_assets)),
        Json::Object(_) => {
            let text = value.text_of_any(&["value", "label", "name"]);
            text.as_deref().and_then(code).into_iter().collect()
        }
        other => other.text().as_deref().and_then(code).into_iter().collect(),
    }
}

/// A word or number as administrators write it in their own table.
fn folded(word: &str) -> String {
    word.trim().to_lowercase()
}

/// The status that administrators gave the first of these words that they know.
fn own_status(settings: &Settings, words: &[Option<&str>]) -> Option<Status> {
    let mut words = words.iter().flatten();
    words.find_map(|word| settings.statuses.get(&folded(word)).copied())
}

/// Likewise for priorities.
fn own_priority(settings: &Settings, words: &[Option<&str>]) -> Option<Priority> {
    let mut words = words.iter().flatten();
    words.find_map(|word| settings.priorities.get(&folded(word)).copied())
}

/// What is counted of a word that no table knows.
fn unmapped(field: &str, word: &str) -> String {
    clean(&format!("{field} {word}"), CODE_CHARS_MAX).unwrap_or_else(|| field.to_owned())
}
