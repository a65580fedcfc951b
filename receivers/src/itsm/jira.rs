//! Jira Service Management: webhooks of administrators, and what its automation sends, which is an issue alone.

use std::borrow::Cow;

use habeo_core::connection::Settings;
use habeo_core::ticket::report::{AssetRef, Change, Field, Party, Report, Version};
use habeo_core::ticket::{Priority, Sort, Status};
use habeo_core::time::Timestamp;

use super::{
    blank, bucket_key, item, mentioned, named_assets, or_in_title, own_priority, own_status, party,
    unmapped,
};
use crate::document::{Takes, check_type};
use crate::json::Json;
use crate::letter::{Letter, Opened, Unreadable};
use crate::text::{CODE_CHARS_MAX, TITLE_CHARS_MAX, clean, id, url};
use crate::times;

/// The header that names a delivery, the same each time that it is tried.
const IDENTIFIER: &str = "x-atlassian-webhook-identifier";

const NOT_OF_ISSUES: &str = "nothing follows of it for a ticket";
const NAMELESS: &str = "it names no issue";

/// One letter is one issue.
pub fn open(letter: &Letter<'_>) -> Result<Opened, Unreadable> {
    check_type(letter, Takes::Json)?;
    let document = Json::read(letter.body)?;
    let delivery = Delivery(&document);
    let ignored = match delivery.change() {
        None => Some(NOT_OF_ISSUES),
        Some(Change::Commented) if delivery.issue_id().is_none() => Some(NAMELESS),
        Some(_) => {
            delivery.issue_id().ok_or_else(nameless)?;
            None
        }
    };
    let identifier = letter.only_text(IDENTIFIER).and_then(id);
    let key = match identifier {
        Some(identifier) => format!("jira:{identifier}"),
        None => delivery
            .key()
            .unwrap_or_else(|| bucket_key("jira", letter.body, letter.received_at)),
    };
    let kind = delivery.event().unwrap_or("automation".into());
    Ok(Opened::Items(vec![item(&key, letter.body, &kind, ignored)]))
}

/// What one stored delivery reports.
pub fn read(
    settings: &Settings,
    body: &[u8],
    received_at: Timestamp,
) -> Result<Option<Report>, Unreadable> {
    let document = Json::read(body)?;
    let delivery = Delivery(&document);
    let Some(change) = delivery.change() else {
        return Ok(None);
    };
    match delivery.issue_id() {
        Some(external_id) => Ok(Some(delivery.report(
            settings,
            external_id,
            change,
            received_at,
        ))),
        None if change == Change::Commented => Ok(None),
        None => Err(nameless()),
    }
}

fn nameless() -> Unreadable {
    Unreadable::content("the body has no issue with an id")
}

struct Delivery<'a>(&'a Json);

impl<'a> Delivery<'a> {
    fn event(&self) -> Option<Cow<'a, str>> {
        self.0.text_of("webhookEvent")
    }

    /// The issue: a member of the delivery, or all of it.
    fn issue(&self) -> &'a Json {
        self.0.object("issue").unwrap_or(self.0)
    }

    fn issue_id(&self) -> Option<String> {
        let issue = self.issue();
        let named = self.0.object("issue").is_some() || issue.object("fields").is_some();
        issue
            .text_of_any(&["id", "key"])
            .filter(|_| named)
            .as_deref()
            .and_then(id)
    }

    fn fields(&self) -> &'a Json {
        self.issue().object("fields").unwrap_or(&Json::Null)
    }

    fn timestamp(&self) -> Option<Timestamp> {
        times::any(self.0.get("timestamp")?)
    }

    fn updated(&self) -> Option<Timestamp> {
        times::any(self.fields().get("updated")?)
    }

    /// What happened; none of what is about something else than issues.
    fn change(&self) -> Option<Change> {
        let Some(event) = self.event() else {
            let created = self.fields().get("created").and_then(times::any);
            let new = created.is_some() && created == self.updated();
            return Some(if new {
                Change::Created
            } else {
                Change::Updated
            });
        };
        match event.to_ascii_lowercase().as_str() {
            "jira:issue_created" => Some(Change::Created),
            "jira:issue_updated" if self.is_comment() => Some(Change::Commented),
            "jira:issue_updated" => Some(Change::Updated),
            "jira:issue_deleted" => Some(Change::Deleted),
            "comment_created" | "comment_updated" | "comment_deleted" => Some(Change::Commented),
            _ => None,
        }
    }

    /// Where Jira runs on a site's own servers, a comment comes as a change of the issue.
    fn is_comment(&self) -> bool {
        let kind = self.0.text_of("issue_event_type_name").unwrap_or_default();
        let commented = kind.starts_with("issue_comment");
        commented && self.0.object("comment").is_some() && self.0.object("changelog").is_none()
    }

    fn key(&self) -> Option<String> {
        let at = self.timestamp().or_else(|| self.updated())?;
        let inner = |name| self.0.object(name)?.text_of("id");
        let what = inner("changelog")
            .or_else(|| inner("comment"))
            .unwrap_or("-".into());
        let event = self.event().unwrap_or("automation".into());
        let at = at.micros() / 1_000;
        Some(format!("jira:{}:{event}:{at}:{what}", self.issue_id()?))
    }

    fn report(
        &self,
        settings: &Settings,
        external_id: String,
        change: Change,
        received_at: Timestamp,
    ) -> Report {
        let fields = self.fields();
        let (updated, timestamp) = (self.updated(), self.timestamp());
        let changed = match change {
            // A removal changes no field, so only the delivery says when it was.
            Change::Deleted => timestamp.max(updated),
            _ => updated.or(timestamp),
        };
        let mut report = blank(external_id, received_at);
        report.external_key = self
            .issue()
            .text_of("key")
            .as_deref()
            .and_then(id)
            .map_or(Field::Absent, Field::Set);
        report.url = self.browse().map_or(Field::Absent, Field::Set);
        report.change = change;
        report.title = field(fields, "summary", |value| {
            clean(&value.text()?, TITLE_CHARS_MAX)
        });
        report.sort = field(fields, "issuetype", |value| {
            Some(sort_of(&value.text_of("name")?))
        });
        report.requester = person(fields, "reporter");
        report.assignee = person(fields, "assignee");
        report.opened_at = field(fields, "created", times::any);
        report.resolved_at = field(fields, "resolutiondate", times::any);
        report.version = changed.map_or(Version::ReceivedAt(received_at), Version::UpdatedAt);
        report.partial = updated.is_none();
        report.occurred_at = timestamp.or(updated).unwrap_or(received_at);
        let assets = assets(fields, settings, &mut report.unmapped);
        report.assets = or_in_title(assets, settings, &report.title);
        status(fields, settings, &mut report);
        priority(fields, settings, &mut report);
        report
    }

    /// Where people look at the issue: beside the address at which programs do.
    fn browse(&self) -> Option<String> {
        let own = self.issue().text_of("self")?;
        let (site, _) = own.split_once("/rest/")?;
        let key = self.issue().text_of("key")?;
        let plain = key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        plain
            .then(|| url(&format!("{site}/browse/{key}")))
            .flatten()
    }
}

/// A field that may be missing, null, or there. A reduced issue lacks most, and what it lacks says nothing.
fn field<T>(fields: &Json, name: &str, make: impl Fn(&Json) -> Option<T>) -> Field<T> {
    match fields.get(name) {
        None => Field::Absent,
        Some(value) => mentioned(make(value)),
    }
}

fn person(fields: &Json, name: &str) -> Field<Party> {
    let Some(value) = fields.get(name) else {
        return Field::Absent;
    };
    let text = |names: &[&str]| value.text_of_any(names).map(Cow::into_owned);
    party(
        text(&["accountId", "name", "key"]),
        text(&["displayName"]),
        text(&["emailAddress"]),
    )
}

fn sort_of(name: &str) -> Sort {
    let name = name.to_lowercase();
    [
        ("incident", Sort::Incident),
        ("problem", Sort::Problem),
        ("request", Sort::Request),
        ("change", Sort::Change),
        ("task", Sort::Task),
    ]
    .into_iter()
    .find(|(word, _)| name.contains(word))
    .map_or(Sort::Other, |(_, sort)| sort)
}

fn assets(fields: &Json, settings: &Settings, unmapped: &mut Vec<String>) -> Field<Vec<AssetRef>> {
    let Some(value) = settings
        .asset_field
        .as_deref()
        .and_then(|name| fields.get(name))
    else {
        return Field::Absent;
    };
    let named = named_assets(value);
    if !named.is_empty() {
        return Field::Set(named);
    }
    // An entry without a label names an object that only Jira knows.
    let something = match value {
        Json::List(values) => !values.is_empty(),
        Json::Object(_) => true,
        _ => false,
    };
    if something {
        unmapped.push("asset field without a label".to_owned());
    }
    Field::Empty
}

fn status(fields: &Json, settings: &Settings, report: &mut Report) {
    let status = fields.object("status");
    let name = status.and_then(|status| status.text_of("name"));
    if let Some(name) = &name {
        report.status_raw = mentioned(clean(name, CODE_CHARS_MAX));
    }
    if report.change == Change::Deleted {
        report.status = Field::Set(Status::Deleted);
        return;
    }
    let Some(status) = status else {
        return;
    };
    let number = status.text_of("id");
    let category = status
        .object("statusCategory")
        .and_then(|category| category.text_of("key"));
    let resolved = fields
        .get("resolution")
        .is_some_and(|value| *value != Json::Null);
    let known = own_status(settings, &[name.as_deref(), number.as_deref()]).or_else(|| {
        by_category(
            category.as_deref()?,
            name.as_deref().unwrap_or_default(),
            resolved,
        )
    });
    match known {
        Some(known) => report.status = Field::Set(known),
        None => report.unmapped.push(unmapped(
            "status",
            name.as_deref().unwrap_or("without a name"),
        )),
    }
}

/// By the category, which is the same on every site, refined by the name, which is not. "Waiting for support" is work for us.
fn by_category(category: &str, name: &str, resolved: bool) -> Option<Status> {
    const HOLDS: [&str; 4] = ["hold", "pending", "waiting for customer", "awaiting"];
    const CANCELS: [&str; 4] = ["cancel", "declined", "won't", "won’t"];
    let name = name.trim().to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    match category.to_ascii_lowercase().as_str() {
        "new" => Some(Status::Open),
        "indeterminate" if has(&HOLDS) => Some(Status::OnHold),
        "indeterminate" => Some(Status::InProgress),
        "done" if has(&CANCELS) => Some(Status::Canceled),
        "done" if name == "resolved" || resolved => Some(Status::Resolved),
        "done" => Some(Status::Closed),
        _ => None,
    }
}

fn priority(fields: &Json, settings: &Settings, report: &mut Report) {
    let Some(value) = fields.get("priority") else {
        return;
    };
    let name = value.text_of("name").or_else(|| value.text());
    let Some(name) = name else {
        // What is sent in part says nothing by what it leaves empty.
        if report.partial {
            return;
        }
        report.priority = Field::Set(Priority::Medium);
        report.priority_raw = Field::Empty;
        return;
    };
    report.priority_raw = mentioned(clean(&name, CODE_CHARS_MAX));
    let number = value.text_of("id");
    let known = own_priority(settings, &[Some(name.as_ref()), number.as_deref()])
        .or_else(|| priority_of(&name));
    match known {
        Some(known) => report.priority = Field::Set(known),
        None => report.unmapped.push(unmapped("priority", &name)),
    }
}

fn priority_of(name: &str) -> Option<Priority> {
    match name.trim().to_lowercase().as_str() {
        "highest" | "blocker" | "critical" => Some(Priority::Critical),
        "high" | "major" => Some(Priority::High),
        "medium" | "none" => Some(Priority::Medium),
        "low" | "minor" => Some(Priority::Low),
        "lowest" | "trivial" => Some(Priority::Planning),
        _ => None,
    }
}
