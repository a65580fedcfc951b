//! Freshservice, and Freshdesk alike.

use habeo_core::connection::Provider::Freshservice;
use habeo_core::ticket::report::{AssetRef, Change, Field, Version};
use habeo_core::ticket::{Priority, Sort, Status};
use habeo_core::time::MINUTE_MICROS;

use super::{Post, RECEIVED_AT, at, document, some};
use crate::letter::Unreadable;

fn of(fields: &str) -> Post {
    Post::json(format!(r#"{{"ticket_id":"4472",{fields}}}"#))
}

fn set(text: &str) -> Field<String> {
    Field::Set(text.to_owned())
}

#[test]
fn one_report_is_the_same_in_all_three_encodings() {
    let json = Post::json(document!("freshservice/simple.json"));
    let ticket = json.ticket(Freshservice);
    assert_eq!(
        (ticket.external_id.as_str(), &ticket.external_key),
        ("4472", &set("INC-4472"))
    );
    assert_eq!(
        (&ticket.title, &ticket.sort),
        (&set("Projector lamp"), &Field::Set(Sort::Incident))
    );
    assert_eq!(
        (&ticket.status, &ticket.status_raw),
        (&Field::Set(Status::OnHold), &set("Pending"))
    );
    assert_eq!(
        (&ticket.priority, ticket.change),
        (&Field::Set(Priority::High), Change::Updated)
    );
    assert_eq!(
        ticket.url,
        set("https://westmark.freshservice.example/a/tickets/4472")
    );
    assert_eq!(
        ticket
            .requester
            .value()
            .and_then(|party| party.email.clone()),
        some("pat.lee@westmark.example")
    );
    assert_eq!(
        ticket.assignee.value().and_then(|party| party.name.clone()),
        some("Tech One")
    );
    let updated = at("2026-01-01T00:00:00Z");
    assert_eq!(
        (ticket.version, ticket.occurred_at),
        (Version::UpdatedAt(updated), updated)
    );
    assert_eq!(
        (ticket.opened_at, ticket.assets),
        (Field::Set(at("2025-12-30T14:02:11Z")), Field::Absent)
    );
    for other in [
        Post::xml(document!("freshservice/simple.xml")),
        Post::of(
            "application/x-www-form-urlencoded",
            document!("freshservice/simple.form"),
        ),
        Post::json(
            String::from_utf8_lossy(document!("freshservice/simple.json"))
                .replace("freshservice_", "freshdesk_"),
        ),
    ] {
        assert_eq!(other.ticket(Freshservice), json.ticket(Freshservice));
        assert_eq!(other.item(Freshservice).key, json.item(Freshservice).key);
    }
    assert_eq!(
        json.item(Freshservice).key,
        "freshservice:4472:2026-01-01T00:00:00.000000Z:pending:high"
    );
}

#[test]
fn what_an_administrator_typed_is_flat_and_may_be_blank() {
    let post = Post::json(document!("freshservice/advanced.json"));
    let ticket = post.ticket(Freshservice);
    assert_eq!(
        (ticket.external_id.as_str(), ticket.external_key),
        ("4472", set("INC-4472"))
    );
    assert_eq!(
        (ticket.status, ticket.priority),
        (Field::Set(Status::Open), Field::Set(Priority::Critical))
    );
    assert_eq!(
        (ticket.url, ticket.assignee),
        (Field::Absent, Field::Empty),
        "a link without https is none"
    );
    assert_eq!(ticket.version, Version::ReceivedAt(RECEIVED_AT));
    assert!(
        post.item(Freshservice)
            .key
            .starts_with("freshservice:sha256:")
    );
}

#[test]
fn a_ticket_that_comes_back_to_a_state_is_not_swallowed() {
    let mut post = Post::json(document!("freshservice/advanced.json"));
    let key = post.item(Freshservice).key;
    post.received_at = RECEIVED_AT.plus_micros(9 * MINUTE_MICROS);
    assert_eq!(post.item(Freshservice).key, key, "sent again");
    post.received_at = RECEIVED_AT.plus_micros(40 * MINUTE_MICROS);
    assert_ne!(
        post.item(Freshservice).key,
        key,
        "open, pending, and open once more"
    );
}

#[test]
fn tickets_of_the_api_have_numbers_and_lists() {
    let mut post = Post::json(document!("freshservice/ticket.json"));
    let ticket = post.ticket(Freshservice);
    assert_eq!(
        (ticket.external_id.as_str(), ticket.change),
        ("88", Change::Created)
    );
    assert_eq!(
        (ticket.status, ticket.status_raw),
        (Field::Set(Status::InProgress), set("6"))
    );
    assert_eq!(
        (ticket.priority, ticket.sort),
        (Field::Set(Priority::Medium), Field::Set(Sort::Request))
    );
    assert_eq!(ticket.unmapped, ["status 6", "priority 9"]);
    assert_eq!(
        ticket
            .requester
            .value()
            .and_then(|party| party.external_id.clone()),
        some("7001")
    );
    assert_eq!(ticket.assignee, Field::Empty);
    let named = [
        AssetRef::Tag("WM-004417".to_owned()),
        AssetRef::Code("BIO-LT-0300".to_owned()),
    ];
    assert_eq!(ticket.assets, Field::Set(named.to_vec()));
    post.settings.asset_field = some("inventory_code");
    post.settings
        .statuses
        .insert("6".to_owned(), Status::OnHold);
    let ticket = post.ticket(Freshservice);
    assert_eq!(
        (ticket.status, ticket.unmapped),
        (Field::Set(Status::OnHold), vec!["priority 9".to_owned()])
    );
    assert_eq!(
        ticket.assets,
        Field::Set(vec![AssetRef::Code("WM-004417".to_owned())])
    );
}

#[test]
fn numbers_and_labels_mean_the_same() {
    for (words, status) in [
        (["2", "Open"], Status::Open),
        (["3", "pending"], Status::OnHold),
        (["4", "RESOLVED"], Status::Resolved),
        (["5", "Closed"], Status::Closed),
        (["7", "Waiting on customer"], Status::InProgress),
    ] {
        for word in words {
            let read = of(&format!(r#""status":"{word}""#))
                .ticket(Freshservice)
                .status;
            assert_eq!(read, Field::Set(status), "{word}");
        }
    }
    for (words, priority) in [
        (["4", "Urgent"], Priority::Critical),
        (["3", "high"], Priority::High),
        (["2", "Medium"], Priority::Medium),
        (["1", "Low"], Priority::Low),
    ] {
        for word in words {
            let read = of(&format!(r#""priority":"{word}""#))
                .ticket(Freshservice)
                .priority;
            assert_eq!(read, Field::Set(priority), "{word}");
        }
    }
    let removed = of(r#""deleted":true,"status":2"#).ticket(Freshservice);
    assert_eq!(
        (removed.change, removed.status),
        (Change::Deleted, Field::Set(Status::Deleted))
    );
}

#[test]
fn tickets_are_called_by_many_names() {
    for (body, id, key) in [
        (r##"{"ticket":{"id":"#INC-4472"}}"##, "4472", "INC-4472"),
        (
            r#"{"freshservice_webhook":{"ticket":{"id":4472}}}"#,
            "4472",
            "4472",
        ),
        (r#"{"ticketId":"SR-88"}"#, "88", "SR-88"),
        (r#"{"display_id":"SR-88","id_numeric":"88"}"#, "88", "SR-88"),
        (r#"{"ticket_id":"","display_id":"INC-9"}"#, "9", "INC-9"),
    ] {
        let ticket = Post::json(body).ticket(Freshservice);
        assert_eq!(
            (ticket.external_id.as_str(), ticket.external_key),
            (id, set(key)),
            "{body}"
        );
    }
}

#[test]
fn what_is_no_ticket_says_why_and_what_to_do() {
    let broken =
        Post::json(r#"{"ticket_id":"1","subject":"a "quoted" word"}"#).opened(Freshservice);
    let why = broken.expect_err("a quotation mark").to_string();
    assert!(
        why.contains("line 1, column 32") && why.contains("remove them"),
        "{why}"
    );
    for body in [
        r#"{"subject":"x"}"#,
        r#"{"ticket_id":"none"}"#,
        r#"{"ticket_id":"1234567890123456789"}"#,
        "[]",
    ] {
        assert!(
            matches!(
                Post::json(body).opened(Freshservice),
                Err(Unreadable::Content(_))
            ),
            "{body}"
        );
    }
    assert!(matches!(
        Post::of("multipart/form-data", "").opened(Freshservice),
        Err(Unreadable::MediaType(_))
    ));
}
