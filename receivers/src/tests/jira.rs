//! Jira Service Management.

use habeo_core::connection::Provider::Jira;
use habeo_core::ticket::report::{AssetRef, Change, Field, Version};
use habeo_core::ticket::{Priority, Sort, Status};

use super::{Post, RECEIVED_AT, at, document, some};
use crate::letter::Unreadable;

/// A changed issue with these fields.
fn of(fields: &str) -> Post {
    Post::json(format!(
        r#"{{"webhookEvent":"jira:issue_updated","timestamp":1767225600123,"issue":{{"id":"1","key":"ITH-1","fields":{{{fields}}}}}}}"#
    ))
}

fn set(text: &str) -> Field<String> {
    Field::Set(text.to_owned())
}

fn codes(found: &[&str]) -> Field<Vec<AssetRef>> {
    Field::Set(
        found
            .iter()
            .map(|code| AssetRef::Code((*code).to_owned()))
            .collect(),
    )
}

#[test]
fn a_changed_issue_says_all_that_is_needed() {
    let mut post = Post::json(document!("jira/issue-updated.json"));
    post.settings.asset_field = some("customfield_10057");
    let item = post.item(Jira);
    assert_eq!(
        (item.key.as_str(), item.kind.as_str()),
        (
            "jira:10231:jira:issue_updated:1767225600123:11627",
            "jira:issue_updated"
        )
    );
    let ticket = post.ticket(Jira);
    assert_eq!(
        (ticket.external_id.as_str(), ticket.external_key),
        ("10231", set("ITH-231"))
    );
    assert_eq!(
        ticket.url,
        set("https://westmark.atlassian.example/browse/ITH-231")
    );
    assert_eq!(
        (ticket.change, ticket.sort),
        (Change::Updated, Field::Set(Sort::Incident))
    );
    assert_eq!(
        (ticket.status, ticket.status_raw),
        (Field::Set(Status::InProgress), set("Waiting for support"))
    );
    assert_eq!(
        (ticket.priority, ticket.priority_raw),
        (Field::Set(Priority::High), set("High"))
    );
    let reporter = ticket.requester.value().expect("a reporter");
    assert_eq!(
        (&reporter.external_id, &reporter.name, &reporter.email),
        (&some("qm:1"), &some("Pat Lee"), &None)
    );
    assert_eq!(
        ticket
            .assignee
            .value()
            .and_then(|party| party.email.clone()),
        some("tech1@westmark.example")
    );
    assert_eq!(ticket.assets, codes(&["WM-004417"]));
    assert_eq!(
        (ticket.opened_at, ticket.resolved_at),
        (Field::Set(at("2025-12-30T14:02:11Z")), Field::Empty)
    );
    let updated = at("2026-01-01T00:00:00.123Z");
    assert_eq!(
        (ticket.version, ticket.occurred_at, ticket.partial),
        (Version::UpdatedAt(updated), updated, false)
    );
}

#[test]
fn a_delivery_keeps_its_name_when_it_is_tried_again() {
    let tried = |retry: &str| {
        Post::json(document!("jira/issue-updated.json"))
            .header(
                "X-Atlassian-Webhook-Identifier",
                "3c1f0000-0000-4000-8000-000000000001",
            )
            .header("X-Atlassian-Webhook-Retry", retry)
            .item(Jira)
            .key
    };
    assert_eq!(tried("1"), "jira:3c1f0000-0000-4000-8000-000000000001");
    assert_eq!(tried("1"), tried("2"));
}

#[test]
fn a_comment_brings_a_reduced_issue_that_clears_nothing() {
    let mut post = Post::json(document!("jira/comment-created.json"));
    post.settings.asset_field = some("customfield_10057");
    assert_eq!(
        post.item(Jira).key,
        "jira:10231:comment_created:1767229200000:20001"
    );
    let ticket = post.ticket(Jira);
    assert_eq!((ticket.change, ticket.partial), (Change::Commented, true));
    assert_eq!(
        (ticket.requester, ticket.assets),
        (Field::Absent, Field::Absent)
    );
    assert_eq!(
        (ticket.opened_at, ticket.resolved_at),
        (Field::Absent, Field::Absent)
    );
    assert_eq!(
        (ticket.assignee, ticket.status),
        (Field::Empty, Field::Set(Status::OnHold))
    );
    assert_eq!(
        (ticket.priority, ticket.priority_raw),
        (Field::Absent, Field::Absent)
    );
    assert_eq!(
        ticket.version,
        Version::UpdatedAt(at("2026-01-01T01:00:00Z"))
    );
    let alone =
        Post::json(r#"{"webhookEvent":"comment_created","timestamp":1,"comment":{"id":"1"}}"#);
    assert!(alone.item(Jira).ignored.is_some());
    let server = r#"{"webhookEvent":"jira:issue_updated","issue_event_type_name":"issue_commented","timestamp":1767225600123,"comment":{"id":"5"},"issue":{"id":"1","fields":{}}}"#;
    assert_eq!(Post::json(server).ticket(Jira).change, Change::Commented);
}

#[test]
fn a_removal_is_later_than_the_last_change() {
    let ticket = Post::json(document!("jira/issue-deleted.json")).ticket(Jira);
    assert_eq!(
        (ticket.change, ticket.status, ticket.status_raw),
        (Change::Deleted, Field::Set(Status::Deleted), set("Done"))
    );
    assert_eq!(
        ticket.version,
        Version::UpdatedAt(at("2026-01-01T02:00:00Z"))
    );
}

#[test]
fn automation_sends_an_issue_alone() {
    let post = Post::json(document!("jira/automation.json"));
    let item = post.item(Jira);
    assert_eq!(
        (item.key.as_str(), item.kind.as_str()),
        ("jira:10240:automation:1767225600000:-", "automation")
    );
    let ticket = post.ticket(Jira);
    assert_eq!(
        (ticket.change, ticket.sort),
        (Change::Created, Field::Set(Sort::Request))
    );
    assert_eq!(
        (ticket.priority, ticket.priority_raw),
        (Field::Absent, set("P1 Burning"))
    );
    assert_eq!(ticket.unmapped, ["priority P1 Burning"]);
    let undated = Post::json(r#"{"issue":{"id":"1","key":"ITH-1","fields":{"summary":"x"}}}"#);
    assert!(undated.item(Jira).key.starts_with("jira:sha256:"));
    assert_eq!(
        undated.ticket(Jira).version,
        Version::ReceivedAt(RECEIVED_AT)
    );
}

#[test]
fn a_status_is_its_category_refined_by_its_name() {
    for (name, category, resolution, status) in [
        ("Open", "new", "null", Some(Status::Open)),
        (
            "In Arbeit",
            "indeterminate",
            "null",
            Some(Status::InProgress),
        ),
        (
            "Waiting for support",
            "indeterminate",
            "null",
            Some(Status::InProgress),
        ),
        (
            "Waiting for customer",
            "indeterminate",
            "null",
            Some(Status::OnHold),
        ),
        ("On hold", "indeterminate", "null", Some(Status::OnHold)),
        ("Pending", "indeterminate", "null", Some(Status::OnHold)),
        (
            "Awaiting approval",
            "indeterminate",
            "null",
            Some(Status::OnHold),
        ),
        ("Resolved", "done", "null", Some(Status::Resolved)),
        ("Done", "done", r#"{"name":"Done"}"#, Some(Status::Resolved)),
        ("Closed", "done", "null", Some(Status::Closed)),
        (
            "Canceled",
            "done",
            r#"{"name":"Done"}"#,
            Some(Status::Canceled),
        ),
        ("Declined", "done", "null", Some(Status::Canceled)),
        ("Won't do", "done", "null", Some(Status::Canceled)),
        ("Odd", "undefined", "null", None),
        (
            "At the vendor",
            "indeterminate",
            "null",
            Some(Status::OnHold),
        ),
    ] {
        let fields = format!(
            r#""status":{{"id":"9","name":"{name}","statusCategory":{{"key":"{category}"}}}},"resolution":{resolution}"#
        );
        let mut post = of(&fields);
        post.settings
            .statuses
            .insert("at the vendor".to_owned(), Status::OnHold);
        let ticket = post.ticket(Jira);
        assert_eq!(ticket.status.value().copied(), status, "{name}");
        assert_eq!(
            (ticket.status_raw, ticket.unmapped.is_empty()),
            (set(name), status.is_some()),
            "{name}"
        );
    }
    assert_eq!(of("").ticket(Jira).status, Field::Absent);
}

#[test]
fn priorities_and_kinds_have_names_of_their_own() {
    for (name, priority) in [
        ("Highest", Some(Priority::Critical)),
        ("Blocker", Some(Priority::Critical)),
        ("High", Some(Priority::High)),
        ("Major", Some(Priority::High)),
        ("Medium", Some(Priority::Medium)),
        ("Minor", Some(Priority::Low)),
        ("Lowest", Some(Priority::Planning)),
        ("Trivial", Some(Priority::Planning)),
        ("House rule", Some(Priority::Low)),
        ("Other", None),
    ] {
        let mut post = of(&format!(r#""priority":{{"name":"{name}","id":"77"}}"#));
        post.settings
            .priorities
            .insert("house rule".to_owned(), Priority::Low);
        assert_eq!(
            post.ticket(Jira).priority.value().copied(),
            priority,
            "{name}"
        );
    }
    for (name, sort) in [
        ("[System] Service request with approvals", Sort::Request),
        ("[System] Problem", Sort::Problem),
        ("[System] Change", Sort::Change),
        ("Sub-task", Sort::Task),
        ("Bug", Sort::Other),
    ] {
        assert_eq!(
            of(&format!(r#""issuetype":{{"name":"{name}"}}"#))
                .ticket(Jira)
                .sort,
            Field::Set(sort),
            "{name}"
        );
    }
}

#[test]
fn the_asset_may_be_written_in_many_ways() {
    for (value, assets) in [
        (r#""WM-1""#, codes(&["WM-1"])),
        (r#"{"value":"WM-1","id":"3"}"#, codes(&["WM-1"])),
        (r#"{"name":"WM-1"}"#, codes(&["WM-1"])),
        (
            r#"["WM-1",{"value":"WM-2"},{"name":"WM-3"},"WM-1"]"#,
            codes(&["WM-1", "WM-2", "WM-3"]),
        ),
        (
            r#"[{"workspaceId":"w","id":"w:1","objectId":"1","label":"WM-1"}]"#,
            codes(&["WM-1"]),
        ),
        (
            r#"[{"workspaceId":"w","id":"w:1","objectId":"1"}]"#,
            Field::Empty,
        ),
        ("null", Field::Empty),
        (r#""""#, Field::Empty),
        ("[]", Field::Empty),
        ("4417", codes(&["4417"])),
    ] {
        let mut post = of(&format!(r#""customfield_10057":{value}"#));
        assert_eq!(post.ticket(Jira).assets, Field::Absent, "not configured");
        post.settings.asset_field = some("customfield_10057");
        assert_eq!(post.ticket(Jira).assets, assets, "{value}");
    }
    let mut titled = of(r#""summary":"WM-004417: fan""#);
    titled.settings.tags_in_titles = true;
    assert_eq!(titled.ticket(Jira).assets, codes(&["WM-004417"]));
}

#[test]
fn what_is_about_something_else_is_noted_and_nothing_more() {
    for event in [
        "worklog_created",
        "attachment_created",
        "issuelink_created",
        "sprint_started",
        "project_created",
        "user_created",
        "issue_property_set",
        "jira:version_released",
        "option_watching_changed",
    ] {
        let post = Post::json(format!(
            r#"{{"webhookEvent":"{event}","timestamp":1767225600123}}"#
        ));
        assert!(post.item(Jira).ignored.is_some(), "{event}");
    }
}

#[test]
fn odd_and_large_issues_are_read() {
    let post = of(r#""summary":null,"assignee":null,"updated":"not a date""#);
    let ticket = post.ticket(Jira);
    assert_eq!(
        (ticket.title, ticket.assignee),
        (Field::Empty, Field::Empty)
    );
    assert_eq!(
        ticket.version,
        Version::UpdatedAt(at("2026-01-01T00:00:00.123Z"))
    );
    let large = of(&format!(
        r#""summary":"x","description":"{}""#,
        "d".repeat(900 * 1024)
    ));
    assert_eq!(large.ticket(Jira).title, set("x"));
    for changelog in [
        r#""changelog":null"#,
        r#""changelog":{"id":"5","items":[]}"#,
    ] {
        let body = format!(
            r#"{{"webhookEvent":"jira:issue_updated",{changelog},"timestamp":1767225600123,"issue":{{"id":"1","fields":{{}}}}}}"#
        );
        assert_eq!(Post::json(body).ticket(Jira).change, Change::Updated);
    }
    let hostile = r#"{"webhookEvent":"jira:issue_updated","issue":{"id":"1","key":"A/../B","self":"http://a.example/rest/api/2/issue/1","fields":{}}}"#;
    assert_eq!(Post::json(hostile).ticket(Jira).url, Field::Absent);
}

#[test]
fn what_is_no_issue_says_why() {
    for body in [
        "{}",
        r#"{"webhookEvent":"jira:issue_updated"}"#,
        r#"{"id":"1"}"#,
        "[]",
    ] {
        assert_eq!(
            Post::json(body).opened(Jira),
            Err(Unreadable::content("the body has no issue with an id")),
            "{body}"
        );
    }
    assert!(matches!(
        Post::xml("<a/>").opened(Jira),
        Err(Unreadable::MediaType(_))
    ));
}
