//! Freshservice, and Freshdesk alike: whatever an automation of the site sends, with labels or numbers, wrapped or flat.

use std::borrow::Cow;

use habeo_core::connection::Settings;
use habeo_core::ticket::report::{AssetRef, Change, Field, Party, Report, Version};
use habeo_core::ticket::{Priority, Sort, Status};
use habeo_core::time::Timestamp;

use super::{
    asset_code, blank, bucket_key, item, mentioned, named_assets, or_in_title, own_priority,
    own_status, party, references, unmapped,
};
use crate::document::{Takes, check_type, read as document};
use crate::json::Json;
use crate::letter::{Letter, Opened, Unreadable};
use crate::text::{CODE_CHARS_MAX, TITLE_CHARS_MAX, clean, url};
use crate::times;

/// The most digits of a ticket's number.
const DIGITS_MAX: usize = 18;
const HINT: &str = "if the template has placeholders of free text, such as the subject, a quotation mark in one breaks the JSON: \
     remove them, or let the webhook send a form";

const STATUS: [&str; 3] = ["status", "ticket_status", "status_name"];
const PRIORITY: [&str; 3] = ["priority", "ticket_priority", "priority_name"];
const UPDATED: [&str; 4] = [
    "updated_at",
    "ticket_updated_at",
    "updated_at_iso",
    "ticket_updated_at_iso",
];
const CREATED: [&str; 4] = [
    "created_at",
    "ticket_created_at",
    "created_at_iso",
    "ticket_created_at_iso",
];

/// One letter is one ticket.
pub fn open(letter: &Letter<'_>) -> Result<Opened, Unreadable> {
    check_type(letter, Takes::All)?;
    let document = parse(letter.body)?;
    let ticket = Ticket::of(&document)?;
    let key = match ticket.time(&UPDATED) {
        Some(updated_at) => {
            let word = |names| ticket.word(names).unwrap_or_default().to_lowercase();
            format!(
                "freshservice:{}:{updated_at}:{}:{}",
                ticket.number,
                word(&STATUS),
                word(&PRIORITY)
            )
        }
        None => bucket_key("freshservice", letter.body, letter.received_at),
    };
    Ok(Opened::Items(vec![item(&key, letter.body, "ticket", None)]))
}

/// What one stored letter reports.
pub fn read(
    settings: &Settings,
    body: &[u8],
    received_at: Timestamp,
) -> Result<Option<Report>, Unreadable> {
    let document = parse(body)?;
    Ok(Some(Ticket::of(&document)?.report(settings, received_at)))
}

fn parse(body: &[u8]) -> Result<Json, Unreadable> {
    document(body, Takes::All)
        .map(|read| read.value)
        .map_err(|error| Unreadable::Content(format!("{error}; {HINT}")))
}

/// A ticket, out of whatever it was wrapped in.
struct Ticket<'a> {
    fields: &'a Json,
    number: String,
    display: String,
    prefix: String,
}

impl<'a> Ticket<'a> {
    fn of(document: &'a Json) -> Result<Self, Unreadable> {
        let mut fields = document;
        for wrapper in [
            "data",
            "freshservice_webhook",
            "freshdesk_webhook",
            "ticket",
        ] {
            if let Some(inner) = fields.object(wrapper) {
                fields = inner;
            }
        }
        let named = ["id", "ticket_id", "ticketId", "id_numeric", "display_id"];
        let named: Vec<_> = named
            .into_iter()
            .filter_map(|name| fields.text_of(name))
            .collect();
        let parts: Vec<_> = named.iter().filter_map(|text| numbered(text)).collect();
        let (_, number) = parts
            .first()
            .ok_or_else(|| Unreadable::content("the ticket has no id; send ticket_id"))?;
        let shown = parts
            .iter()
            .find(|(prefix, of)| !prefix.is_empty() && of == number);
        let prefix = shown.map(|(prefix, _)| prefix.clone()).unwrap_or_default();
        let display = if prefix.is_empty() {
            number.clone()
        } else {
            format!("{prefix}-{number}")
        };
        Ok(Self {
            fields,
            number: number.clone(),
            display,
            prefix,
        })
    }

    /// The first of the fields that has a text; of an object its name.
    fn word(&self, names: &[&str]) -> Option<Cow<'a, str>> {
        names.iter().find_map(|name| {
            let field = self.fields.get(name)?;
            field
                .text()
                .or_else(|| field.text_of_any(&["name", "label", "value", "id"]))
        })
    }

    fn has(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.fields.get(name).is_some())
    }

    /// A field that may be missing, blank, or there.
    fn field<T>(&self, names: &[&str], make: impl Fn(&str) -> Option<T>) -> Field<T> {
        if !self.has(names) {
            return Field::Absent;
        }
        mentioned(self.word(names).as_deref().and_then(make))
    }

    fn time(&self, names: &[&str]) -> Option<Timestamp> {
        names
            .iter()
            .find_map(|name| times::any(self.fields.get(name)?))
    }

    fn person(&self, who: &str, keys: &[&str]) -> Field<Party> {
        let flat = |what: &str| {
            let names = [format!("ticket_{who}_{what}"), format!("{who}_{what}")];
            names.into_iter().find_map(|name| self.fields.get(&name))
        };
        let nested = self.fields.object(who);
        let find = |what: &str| flat(what).or_else(|| nested?.get(what));
        let text = |what: &str| find(what)?.text().map(Cow::into_owned);
        let key = keys
            .iter()
            .find_map(|key| self.fields.text_of(key))
            .map(Cow::into_owned);
        let mentioned =
            nested.is_some() || self.has(keys) || flat("email").is_some() || flat("name").is_some();
        if !mentioned {
            return Field::Absent;
        }
        party(
            key.or_else(|| nested?.text_of("id").map(Cow::into_owned)),
            text("name"),
            text("email"),
        )
    }

    fn report(&self, settings: &Settings, received_at: Timestamp) -> Report {
        let (created_at, updated_at) = (self.time(&CREATED), self.time(&UPDATED));
        let deleted = self.fields.get("deleted").and_then(Json::truth) == Some(true);
        let mut report = blank(self.number.clone(), received_at);
        report.external_key = Field::Set(self.display.clone());
        // A placeholder that gives no link, or one without https, says nothing about the ticket.
        report.url = self
            .word(&["url", "ticket_url"])
            .as_deref()
            .and_then(url)
            .map_or(Field::Absent, Field::Set);
        report.title = self.field(&["subject", "ticket_subject"], |text| {
            clean(text, TITLE_CHARS_MAX)
        });
        report.sort = self.sort();
        report.requester = self.person("requester", &["requester_id"]);
        report.assignee = self.assignee();
        report.opened_at = created_at.map_or(Field::Absent, Field::Set);
        report.resolved_at = self.resolved_at();
        report.version = updated_at.map_or(Version::ReceivedAt(received_at), Version::UpdatedAt);
        report.occurred_at = updated_at.unwrap_or(received_at);
        report.change = if deleted {
            Change::Deleted
        } else if created_at.is_some() && created_at == updated_at {
            Change::Created
        } else {
            Change::Updated
        };
        report.assets = or_in_title(self.assets(settings), settings, &report.title);
        self.status(settings, &mut report);
        self.priority(settings, &mut report);
        report
    }

    fn assignee(&self) -> Field<Party> {
        match self.person("agent", &["responder_id", "agent_id"]) {
            Field::Absent => self.person("responder", &[]),
            known => known,
        }
    }

    fn resolved_at(&self) -> Field<Timestamp> {
        let of = self.fields.object("stats").unwrap_or(self.fields);
        match of.get("resolved_at") {
            None => Field::Absent,
            Some(value) => mentioned(times::any(value)),
        }
    }

    fn sort(&self) -> Field<Sort> {
        let word = self
            .word(&["ticket_type", "type"])
            .unwrap_or_default()
            .to_lowercase();
        match (word.as_str(), self.prefix.as_str()) {
            ("incident", _) | ("", "INC") => Field::Set(Sort::Incident),
            ("service request" | "request", _) | ("", "SR") => Field::Set(Sort::Request),
            ("problem", _) | ("", "PRB") => Field::Set(Sort::Problem),
            ("change", _) | ("", "CHN") => Field::Set(Sort::Change),
            ("", _) => Field::Absent,
            _ => Field::Set(Sort::Other),
        }
    }

    fn assets(&self, settings: &Settings) -> Field<Vec<AssetRef>> {
        let own = settings.asset_field.as_deref().and_then(|name| {
            let custom = self.fields.object("custom_fields");
            custom
                .and_then(|custom| custom.get(name))
                .or_else(|| self.fields.get(name))
        });
        if let Some(value) = own {
            let named = named_assets(value);
            return mentioned((!named.is_empty()).then_some(named));
        }
        let flat = ["asset_tag", "asset", "asset_serial_number"];
        let list = self.fields.list("assets");
        if list.is_none() && !self.has(&flat) {
            return Field::Absent;
        }
        let code = |names: &[&str]| self.word(names).as_deref().and_then(asset_code);
        let flat = [
            code(&["asset_tag"]).map(AssetRef::Tag),
            code(&["asset_serial_number"]).map(AssetRef::Serial),
            code(&["asset"]).map(AssetRef::Code),
        ];
        let listed = list.unwrap_or_default().iter().flat_map(listed);
        let found = references(flat.into_iter().flatten().chain(listed));
        mentioned((!found.is_empty()).then_some(found))
    }

    fn status(&self, settings: &Settings, report: &mut Report) {
        let word = self.word(&STATUS);
        if let Some(word) = &word {
            report.status_raw = mentioned(clean(word, CODE_CHARS_MAX));
        }
        report.status = match (report.change, word) {
            (Change::Deleted, _) => Field::Set(Status::Deleted),
            (_, None) => Field::Absent,
            (_, Some(word)) => Field::Set(
                own_status(settings, &[Some(word.as_ref())])
                    .or_else(|| status_of(&word))
                    .unwrap_or_else(|| {
                        report.unmapped.push(unmapped("status", &word));
                        Status::InProgress
                    }),
            ),
        };
    }

    fn priority(&self, settings: &Settings, report: &mut Report) {
        let Some(word) = self.word(&PRIORITY) else {
            return;
        };
        report.priority_raw = mentioned(clean(&word, CODE_CHARS_MAX));
        let known = own_priority(settings, &[Some(word.as_ref())]).or_else(|| priority_of(&word));
        report.priority = Field::Set(known.unwrap_or_else(|| {
            report.unmapped.push(unmapped("priority", &word));
            Priority::Medium
        }));
    }
}

/// By what an entry of a list of assets can be found: its tag and its serial number, else its name.
fn listed(asset: &Json) -> Vec<AssetRef> {
    let code = |names: &[&str]| asset.text_of_any(names).as_deref().and_then(asset_code);
    let tag = code(&["asset_tag", "tag"]).map(AssetRef::Tag);
    let serial = code(&["serial_number", "serial"]).map(AssetRef::Serial);
    let found: Vec<_> = tag.into_iter().chain(serial).collect();
    if !found.is_empty() {
        return found;
    }
    code(&["name"]).map(AssetRef::Code).into_iter().collect()
}

/// The prefix and the number of what people call a ticket, such as `#INC-4472`.
fn numbered(text: &str) -> Option<(String, String)> {
    let text = text.trim().trim_start_matches('#');
    let at = text.find(|c: char| c.is_ascii_digit())?;
    let (prefix, number) = text.split_at(at);
    let prefix = prefix.trim_end_matches(['-', ' ']);
    let plain = prefix.len() <= 10 && prefix.bytes().all(|byte| byte.is_ascii_alphabetic());
    let digits = number.len() <= DIGITS_MAX && number.bytes().all(|byte| byte.is_ascii_digit());
    (plain && digits).then(|| (prefix.to_ascii_uppercase(), number.to_owned()))
}

fn status_of(word: &str) -> Option<Status> {
    match word.trim().to_lowercase().as_str() {
        "2" | "open" => Some(Status::Open),
        "3" | "pending" => Some(Status::OnHold),
        "4" | "resolved" => Some(Status::Resolved),
        "5" | "closed" => Some(Status::Closed),
        _ => None,
    }
}

fn priority_of(word: &str) -> Option<Priority> {
    match word.trim().to_lowercase().as_str() {
        "4" | "urgent" => Some(Priority::Critical),
        "3" | "high" => Some(Priority::High),
        "2" | "medium" => Some(Priority::Medium),
        "1" | "low" => Some(Priority::Low),
        _ => None,
    }
}
