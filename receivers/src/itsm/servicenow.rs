//! `ServiceNow`: whatever a site's own rule sends of a record, in any of the three ways in which its fields are written.

use std::borrow::Cow;

use habeo_core::connection::Settings;
use habeo_core::ticket::report::{AssetRef, Change, Field, Report, Version};
use habeo_core::ticket::{Priority, Sort, Status};
use habeo_core::time::Timestamp;

use super::{
    asset_code, blank, bucket_key, item, mentioned, or_in_title, own_priority, own_status, party,
    references, unmapped,
};
use crate::document::{Takes, check_type};
use crate::json::{Json, members_of};
use crate::letter::{ITEMS_MAX, Item, Letter, Opened, Unreadable};
use crate::text::{CODE_CHARS_MAX, TITLE_CHARS_MAX, clean, id, url};
use crate::times;

const NO_TICKET: &str = "a record that is no ticket";
const NAMELESS: &str = "it names no ticket";

/// Tables of things, not of work.
const NOT_TICKETS: [&str; 5] = ["alm_", "cmdb", "ast_", "sys_user", "cmn_"];

/// One record is one item; a list in `result` brings as many as it has.
pub fn open(letter: &Letter<'_>) -> Result<Opened, Unreadable> {
    check_type(letter, Takes::Json)?;
    let document = Json::read(letter.body)?;
    let Some(list) = document.list("result") else {
        let record = Record::of(&document);
        record.external_id().ok_or_else(nameless)?;
        return Ok(Opened::Items(vec![
            record.item(letter.body, letter.received_at),
        ]));
    };
    if list.len() > ITEMS_MAX {
        return Err(Unreadable::content(format!(
            "result has more than {ITEMS_MAX} entries; send it in pieces"
        )));
    }
    let bodies = members_of(letter.body, "result")?;
    let items = list.iter().zip(bodies);
    let items = items.map(|(record, body)| Record::of(record).item(body, letter.received_at));
    Ok(Opened::Items(items.collect()))
}

/// What one stored record reports.
pub fn read(
    settings: &Settings,
    body: &[u8],
    received_at: Timestamp,
) -> Result<Option<Report>, Unreadable> {
    let document = Json::read(body)?;
    let record = Record::of(&document);
    if record.is_no_ticket() {
        return Ok(None);
    }
    let external_id = record.external_id().ok_or_else(nameless)?;
    Ok(Some(record.report(settings, external_id, received_at)))
}

fn nameless() -> Unreadable {
    Unreadable::content("the record has neither sys_id nor number")
}

/// A record. A field is a text, a number, a truth, nothing, or an object with a value and a label.
struct Record<'a>(&'a Json);

impl<'a> Record<'a> {
    fn of(document: &'a Json) -> Self {
        Self(document.object("result").unwrap_or(document))
    }

    /// A field by its name; fields of referenced records are written with a dot or with an underscore.
    fn get(&self, name: &str) -> Option<&'a Json> {
        let dotted = || self.0.get(&name.replacen("__", ".", 1));
        self.0.get(&name.replace("__", "_")).or_else(dotted)
    }

    fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// What programs go by.
    fn value(&self, name: &str) -> Option<Cow<'a, str>> {
        let field = self.get(name)?;
        match field {
            Json::Object(_) => field.text_of("value"),
            other => other.text(),
        }
    }

    /// What people read.
    fn label(&self, name: &str) -> Option<Cow<'a, str>> {
        match self.get(name)? {
            field @ Json::Object(_) => field.text_of("display_value"),
            _ => None,
        }
    }

    fn first(&self, names: &[&str]) -> Option<Cow<'a, str>> {
        names.iter().find_map(|name| self.value(name))
    }

    /// A field that may be missing, blank, or there.
    fn field<T>(&self, name: &str, make: impl Fn(&str) -> Option<T>) -> Field<T> {
        if !self.has(name) {
            return Field::Absent;
        }
        mentioned(self.value(name).as_deref().and_then(make))
    }

    fn time(&self, name: &str) -> Option<Timestamp> {
        times::written(&self.value(name)?)
    }

    fn external_id(&self) -> Option<String> {
        self.first(&["sys_id", "number"]).as_deref().and_then(id)
    }

    fn table(&self) -> String {
        self.first(&["table", "sys_class_name"])
            .unwrap_or_default()
            .to_ascii_lowercase()
    }

    fn is_no_ticket(&self) -> bool {
        let table = self.table();
        NOT_TICKETS.iter().any(|prefix| table.starts_with(prefix))
    }

    fn operation(&self) -> String {
        self.value("operation")
            .unwrap_or_default()
            .to_ascii_lowercase()
    }

    fn counter(&self) -> Option<i64> {
        self.value("sys_mod_count")?.parse().ok()
    }

    fn change(&self) -> Change {
        match self.operation().as_str() {
            "insert" => Change::Created,
            "delete" => Change::Deleted,
            "" if self.counter() == Some(0) => Change::Created,
            _ => Change::Updated,
        }
    }

    fn item(&self, body: &[u8], received_at: Timestamp) -> Item {
        let (own, counter) = (self.value("event_id"), self.value("sys_mod_count"));
        let key = match (own, self.value("sys_id"), counter) {
            (Some(own), ..) => format!("servicenow:{own}"),
            (None, Some(sys_id), Some(counter)) => format!("servicenow:{sys_id}:{counter}"),
            _ => bucket_key("servicenow", body, received_at),
        };
        // A removal counts no change, so it would be taken for the change before it.
        let removed = if self.change() == Change::Deleted {
            ":delete"
        } else {
            ""
        };
        let ignored = if self.is_no_ticket() {
            Some(NO_TICKET)
        } else {
            self.external_id().is_none().then_some(NAMELESS)
        };
        let kind = format!("{} {}", self.table(), self.operation());
        item(&format!("{key}{removed}"), body, kind.trim(), ignored)
    }

    fn report(&self, settings: &Settings, external_id: String, received_at: Timestamp) -> Report {
        let updated_at = self.time("sys_updated_on");
        let change = self.change();
        let mut report = blank(external_id, received_at);
        report.external_key = self.field("number", id);
        report.url = self.field("url", url);
        report.title = self.field("short_description", |text| clean(text, TITLE_CHARS_MAX));
        report.sort = self.sort();
        report.requester = self.person(&["caller_id", "caller", "requested_for", "opened_by"]);
        report.assignee = self.person(&["assigned_to"]);
        report.opened_at = self.when(&["opened_at", "sys_created_on"]);
        report.resolved_at = self.when(&["resolved_at"]);
        report.version = match (self.counter(), updated_at) {
            (Some(counter), updated_at) => Version::Counter(counter, updated_at),
            (None, Some(updated_at)) => Version::UpdatedAt(updated_at),
            (None, None) => Version::ReceivedAt(received_at),
        };
        report.occurred_at = updated_at
            .filter(|_| change != Change::Deleted)
            .unwrap_or(received_at);
        report.change = change;
        report.assets = or_in_title(self.assets(), settings, &report.title);
        self.status(settings, &mut report);
        self.priority(settings, &mut report);
        report
    }

    fn when(&self, names: &[&str]) -> Field<Timestamp> {
        let mentioned = names.iter().find(|name| self.has(name));
        mentioned.map_or(Field::Absent, |name| self.field(name, times::written))
    }

    /// Of the fields that name somebody the first that is there, and what is known of them beside it.
    fn person(&self, names: &[&str]) -> Field<habeo_core::ticket::report::Party> {
        let Some(name) = names
            .iter()
            .find(|name| self.has(name) || self.has(&format!("{name}__email")))
        else {
            return Field::Absent;
        };
        let short = name.trim_end_matches("_id");
        let beside = |what: &str| {
            let found = self.first(&[&format!("{name}__{what}"), &format!("{short}__{what}")]);
            found.map(Cow::into_owned)
        };
        let label = self
            .label(name)
            .map(Cow::into_owned)
            .or_else(|| beside("name"));
        party(
            self.value(name).map(Cow::into_owned),
            label,
            beside("email"),
        )
    }

    fn sort(&self) -> Field<Sort> {
        let number: String = self
            .value("number")
            .unwrap_or_default()
            .chars()
            .take_while(char::is_ascii_alphabetic)
            .collect();
        let sort = match (self.table().as_str(), number.to_ascii_uppercase().as_str()) {
            ("incident", _) | ("", "INC") => Sort::Incident,
            ("sc_req_item" | "sc_request", _) | ("", "RITM" | "REQ") => Sort::Request,
            ("problem", _) | ("", "PRB") => Sort::Problem,
            ("change_request", _) | ("", "CHG") => Sort::Change,
            ("sc_task" | "task", _) | ("", "SCTASK" | "TASK") => Sort::Task,
            ("", _) => return Field::Absent,
            _ => Sort::Other,
        };
        Field::Set(sort)
    }

    /// What the configuration item of the ticket is, by its tag and its serial number, else by its name.
    fn assets(&self) -> Field<Vec<AssetRef>> {
        let names = [
            "cmdb_ci",
            "cmdb_ci__asset_tag",
            "cmdb_ci__serial_number",
            "asset_tag",
            "serial_number",
        ];
        if !names.iter().any(|name| self.has(name)) {
            return Field::Absent;
        }
        let code = |names: &[&str]| self.first(names).as_deref().and_then(asset_code);
        let tag = code(&["cmdb_ci__asset_tag", "asset_tag"]).map(AssetRef::Tag);
        let serial = code(&["cmdb_ci__serial_number", "serial_number"]).map(AssetRef::Serial);
        let label = self.label("cmdb_ci").as_deref().and_then(asset_code);
        let name = label
            .or_else(|| code(&["cmdb_ci__name"]))
            .map(AssetRef::Code);
        let found = references(tag.into_iter().chain(serial));
        match (found.is_empty(), name) {
            (false, _) => Field::Set(found),
            (true, Some(name)) => Field::Set(vec![name]),
            // A key alone says that there is an item, and nothing by which to find it.
            (true, None) if self.value("cmdb_ci").is_some() && !self.has("cmdb_ci__asset_tag") => {
                Field::Absent
            }
            (true, None) => Field::Empty,
        }
    }

    fn status(&self, settings: &Settings, report: &mut Report) {
        if report.change == Change::Deleted {
            report.status = Field::Set(Status::Deleted);
        }
        let Some(name) = ["state", "incident_state"]
            .into_iter()
            .find(|name| self.value(name).is_some())
        else {
            return;
        };
        let value = self.value(name).unwrap_or_default();
        let label = self.label(name).or_else(|| self.value("state_label"));
        let raw = label.as_deref().unwrap_or(&value);
        report.status_raw = mentioned(clean(raw, CODE_CHARS_MAX));
        if report.change == Change::Deleted {
            return;
        }
        let incident = matches!(report.sort, Field::Absent | Field::Set(Sort::Incident));
        let status = own_status(settings, &[Some(value.as_ref()), label.as_deref()])
            .or_else(|| if incident { by_number(&value) } else { None })
            .or_else(|| label.as_deref().and_then(by_label))
            .or_else(|| by_label(&value))
            .or_else(|| if incident { None } else { of_any_table(&value) });
        match status {
            Some(status) => report.status = Field::Set(status),
            None => report.unmapped.push(unmapped("state", &value)),
        }
    }

    fn priority(&self, settings: &Settings, report: &mut Report) {
        let Some(value) = self.value("priority") else {
            if self.has("priority") {
                report.priority = Field::Empty;
            }
            if let Some(computed) = self.computed_priority() {
                report.priority = Field::Set(computed);
            }
            return;
        };
        let label = self
            .label("priority")
            .or_else(|| self.value("priority_label"));
        report.priority_raw = mentioned(clean(label.as_deref().unwrap_or(&value), CODE_CHARS_MAX));
        let known = own_priority(settings, &[Some(value.as_ref()), label.as_deref()])
            .or_else(|| priority_of(&value));
        match known {
            Some(priority) => report.priority = Field::Set(priority),
            None => report.unmapped.push(unmapped("priority", &value)),
        }
    }

    /// From impact and urgency, as `ServiceNow` itself computes it.
    fn computed_priority(&self) -> Option<Priority> {
        let number = |name| self.value(name).and_then(|text| leading(&text));
        match (number("impact")?, number("urgency")?) {
            (1, 1) => Some(Priority::Critical),
            (1, 2) | (2, 1) => Some(Priority::High),
            (1, 3) | (2, 2) | (3, 1) => Some(Priority::Medium),
            (2, 3) | (3, 2) => Some(Priority::Low),
            (3, 3) => Some(Priority::Planning),
            _ => None,
        }
    }
}

/// The number that a text begins with, as in `2 - High`.
fn leading(text: &str) -> Option<u32> {
    let digits: String = text
        .trim()
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().ok()
}

/// The states of incidents. Sites add active ones below zero and inactive ones above eight.
fn by_number(value: &str) -> Option<Status> {
    match value.trim().parse::<i64>().ok()? {
        1 => Some(Status::Open),
        2 => Some(Status::InProgress),
        3..=5 => Some(Status::OnHold),
        6 => Some(Status::Resolved),
        7 => Some(Status::Closed),
        8 => Some(Status::Canceled),
        0 => None,
        number if number < 0 => Some(Status::InProgress),
        _ => Some(Status::Closed),
    }
}

fn by_label(label: &str) -> Option<Status> {
    match label.trim().to_lowercase().as_str() {
        "new" | "open" => Some(Status::Open),
        "in progress" | "work in progress" => Some(Status::InProgress),
        "on hold" | "pending" => Some(Status::OnHold),
        "resolved" => Some(Status::Resolved),
        "closed" | "closed complete" | "closed incomplete" => Some(Status::Closed),
        "canceled" | "cancelled" | "closed skipped" => Some(Status::Canceled),
        _ => None,
    }
}

/// What the first two numbers mean in every table; further ones mean something else in each.
fn of_any_table(value: &str) -> Option<Status> {
    match value.trim() {
        "1" => Some(Status::Open),
        "2" => Some(Status::InProgress),
        _ => None,
    }
}

fn priority_of(value: &str) -> Option<Priority> {
    match (leading(value), value.trim().to_lowercase().as_str()) {
        (Some(1), _) | (None, "critical") => Some(Priority::Critical),
        (Some(2), _) | (None, "high") => Some(Priority::High),
        (Some(3), _) | (None, "moderate" | "medium") => Some(Priority::Medium),
        (Some(4), _) | (None, "low") => Some(Priority::Low),
        (Some(5), _) | (None, "planning") => Some(Priority::Planning),
        _ => None,
    }
}
