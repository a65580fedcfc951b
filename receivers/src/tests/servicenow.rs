//! `ServiceNow`.

use habeo_core::connection::Provider::ServiceNow;
use habeo_core::ticket::report::{AssetRef, Change, Field, Party, Version};
use habeo_core::ticket::{Priority, Sort, Status};

use super::{Post, RECEIVED_AT, at, document, some};
use crate::letter::Unreadable;

fn of(fields: &str) -> Post {
    Post::json(format!(
        r#"{{"table":"incident","sys_id":"9d38",{fields}}}"#
    ))
}

fn set(text: &str) -> Field<String> {
    Field::Set(text.to_owned())
}

#[test]
fn the_rule_of_the_template_says_all_that_is_needed() {
    let post = Post::json(document!("servicenow/rule.json"));
    let item = post.item(ServiceNow);
    assert_eq!(
        (item.key.as_str(), item.kind.as_str()),
        (
            "servicenow:9d385017c611228701d22104cc95c371-7",
            "incident update"
        )
    );
    let ticket = post.ticket(ServiceNow);
    assert_eq!(ticket.external_id, "9d385017c611228701d22104cc95c371");
    assert_eq!(
        (ticket.external_key, ticket.title),
        (set("INC0010023"), set("Laptop battery swollen ü"))
    );
    assert_eq!(
        (ticket.change, ticket.sort),
        (Change::Updated, Field::Set(Sort::Incident))
    );
    assert_eq!(
        (ticket.status, ticket.status_raw),
        (Field::Set(Status::InProgress), set("In Progress"))
    );
    assert_eq!(
        (ticket.priority, ticket.priority_raw),
        (Field::Set(Priority::High), set("2"))
    );
    let requester = Party {
        external_id: some("5137153cc611227c000bbd1bd8cd2005"),
        name: None,
        email: some("pat.lee@westmark.example"),
    };
    assert_eq!(ticket.requester, Field::Set(requester));
    assert_eq!(
        ticket
            .assignee
            .value()
            .and_then(|party| party.email.clone()),
        some("tech1@westmark.example")
    );
    let assets = vec![
        AssetRef::Tag("WM-004417".to_owned()),
        AssetRef::Serial("5CG4TEST01".to_owned()),
    ];
    assert_eq!(ticket.assets, Field::Set(assets));
    let updated = at("2026-01-01T00:00:00Z");
    assert_eq!(
        (ticket.version, ticket.occurred_at),
        (Version::Counter(7, Some(updated)), updated)
    );
    assert_eq!(
        (ticket.opened_at, ticket.resolved_at),
        (Field::Set(at("2025-12-30T14:02:11Z")), Field::Absent)
    );
    assert!(!ticket.partial && ticket.unmapped.is_empty());
}

#[test]
fn umlauts_may_come_escaped_or_raw() {
    let raw = String::from_utf8_lossy(document!("servicenow/rule.json")).replace("\\u00fc", "ü");
    assert_eq!(
        Post::json(raw).ticket(ServiceNow),
        Post::json(document!("servicenow/rule.json")).ticket(ServiceNow)
    );
}

#[test]
fn references_may_be_links_and_empty_ones_are_empty() {
    let post = Post::json(document!("servicenow/table.json"));
    assert_eq!(
        post.item(ServiceNow).key,
        "servicenow:9d385017c611228701d22104cc95c371:8"
    );
    let ticket = post.ticket(ServiceNow);
    assert_eq!(
        (ticket.status, ticket.priority),
        (Field::Set(Status::Resolved), Field::Set(Priority::Medium))
    );
    assert_eq!(
        ticket
            .requester
            .value()
            .and_then(|party| party.external_id.clone()),
        some("5137153cc611227c000bbd1bd8cd2005")
    );
    assert_eq!(
        (ticket.assignee, ticket.resolved_at),
        (Field::Empty, Field::Empty)
    );
    assert_eq!(
        ticket.assets,
        Field::Absent,
        "a key names an item and nothing by which to find it"
    );
    assert_eq!(ticket.opened_at, Field::Set(at("2025-12-30T14:02:11Z")));
}

#[test]
fn values_count_and_labels_are_shown() {
    let ticket = Post::json(document!("servicenow/display.json")).ticket(ServiceNow);
    assert_eq!(
        (ticket.status, ticket.status_raw),
        (Field::Set(Status::OnHold), set("On Hold"))
    );
    assert_eq!(
        (ticket.priority, ticket.priority_raw),
        (Field::Set(Priority::High), set("2 - High"))
    );
    assert_eq!(
        ticket.version,
        Version::Counter(9, Some(at("2026-01-01T02:00:00Z")))
    );
    assert_eq!(
        ticket
            .requester
            .value()
            .and_then(|party| party.name.clone()),
        some("Pat Lee")
    );
    assert_eq!(
        (ticket.assignee, ticket.sort),
        (Field::Empty, Field::Set(Sort::Incident))
    );
    assert_eq!(
        ticket.assets,
        Field::Set(vec![AssetRef::Code("BIO-LT-0231".to_owned())])
    );
}

#[test]
fn states_are_numbers_labels_or_what_a_site_made_them() {
    for (state, status) in [
        (r#""1""#, Some(Status::Open)),
        ("2", Some(Status::InProgress)),
        (r#""3""#, Some(Status::OnHold)),
        (r#""4""#, Some(Status::OnHold)),
        (r#""5""#, Some(Status::OnHold)),
        (r#""6""#, Some(Status::Resolved)),
        (r#""7""#, Some(Status::Closed)),
        (r#""8""#, Some(Status::Canceled)),
        (r#""-5""#, Some(Status::InProgress)),
        (r#""101""#, Some(Status::Closed)),
        (r#""0""#, None),
        (r#""new""#, Some(Status::Open)),
        (r#""Cancelled""#, Some(Status::Canceled)),
        (r#""Canceled""#, Some(Status::Canceled)),
        (r#""Mystery""#, None),
        (r#""Awaiting Parts""#, Some(Status::OnHold)),
        (
            r#"{"value":"77","display_value":"Awaiting parts"}"#,
            Some(Status::OnHold),
        ),
    ] {
        let mut post = of(&format!(r#""state":{state}"#));
        post.settings
            .statuses
            .insert("awaiting parts".to_owned(), Status::OnHold);
        let ticket = post.ticket(ServiceNow);
        assert_eq!(ticket.status.value().copied(), status, "{state}");
        assert_eq!(ticket.unmapped.is_empty(), status.is_some(), "{state}");
        assert!(ticket.status_raw.value().is_some(), "{state}");
    }
    assert_eq!(
        of(r#""incident_state":"6","state":"""#)
            .ticket(ServiceNow)
            .status,
        Field::Set(Status::Resolved)
    );
    assert_eq!(
        of(r#""number":"INC1""#).ticket(ServiceNow).status,
        Field::Absent
    );
}

#[test]
fn numbers_of_other_tables_mean_something_else() {
    for (table, state, label, sort, status) in [
        (
            "sc_req_item",
            "3",
            "Closed Complete",
            Sort::Request,
            Some(Status::Closed),
        ),
        ("sc_task", "2", "", Sort::Task, Some(Status::InProgress)),
        (
            "change_request",
            "-5",
            "New",
            Sort::Change,
            Some(Status::Open),
        ),
        ("problem", "103", "Root Cause Analysis", Sort::Problem, None),
        ("u_audit", "1", "", Sort::Other, Some(Status::Open)),
    ] {
        let body = format!(
            r#"{{"table":"{table}","sys_id":"1","state":"{state}","state_label":"{label}"}}"#
        );
        let ticket = Post::json(body).ticket(ServiceNow);
        assert_eq!(
            (ticket.sort, ticket.status.value().copied()),
            (Field::Set(sort), status),
            "{table}"
        );
    }
    for (number, sort) in [
        ("INC1", Some(Sort::Incident)),
        ("RITM1", Some(Sort::Request)),
        ("PRB1", Some(Sort::Problem)),
        ("X1", None),
    ] {
        let ticket = Post::json(format!(r#"{{"number":"{number}"}}"#)).ticket(ServiceNow);
        assert_eq!(
            (ticket.external_id.as_str(), ticket.sort.value().copied()),
            (number, sort)
        );
    }
    let asset = Post::json(r#"{"table":"alm_hardware","sys_id":"1"}"#);
    assert!(asset.item(ServiceNow).ignored.is_some());
}

#[test]
fn priorities_are_numbers_labels_or_computed() {
    for (fields, priority) in [
        (r#""priority":"1""#, Some(Priority::Critical)),
        (r#""priority":2"#, Some(Priority::High)),
        (r#""priority":"2 - High""#, Some(Priority::High)),
        (r#""priority":"Moderate""#, Some(Priority::Medium)),
        (r#""priority":"4""#, Some(Priority::Low)),
        (r#""priority":"5 - Planning""#, Some(Priority::Planning)),
        (r#""priority":"9""#, None),
        (r#""priority":"house rule""#, Some(Priority::Low)),
        (r#""impact":"1","urgency":"2""#, Some(Priority::High)),
        (
            r#""impact":"3 - Low","urgency":"3 - Low","priority":"""#,
            Some(Priority::Planning),
        ),
        (r#""impact":"9","urgency":"1""#, None),
    ] {
        let mut post = of(fields);
        post.settings
            .priorities
            .insert("house rule".to_owned(), Priority::Low);
        assert_eq!(
            post.ticket(ServiceNow).priority.value().copied(),
            priority,
            "{fields}"
        );
    }
}

#[test]
fn a_removal_is_not_the_change_before_it() {
    let post = of(
        r#""event_id":"9d38-7","operation":"delete","state":"2","sys_mod_count":"7","sys_updated_on":"2026-01-01 00:00:00""#,
    );
    assert_eq!(post.item(ServiceNow).key, "servicenow:9d38-7:delete");
    let ticket = post.ticket(ServiceNow);
    assert_eq!(
        (ticket.change, ticket.status),
        (Change::Deleted, Field::Set(Status::Deleted))
    );
    assert_eq!(ticket.occurred_at, RECEIVED_AT);
    let inserted = of(r#""operation":"insert","sys_mod_count":0"#);
    assert_eq!(
        (
            inserted.item(ServiceNow).key.as_str(),
            inserted.ticket(ServiceNow).change
        ),
        ("servicenow:9d38:0", Change::Created)
    );
}

#[test]
fn the_order_of_changes_is_counted_or_dated_or_that_of_receipt() {
    let updated = at("2026-01-01T00:00:00Z");
    for (fields, version) in [
        (r#""sys_mod_count":"8""#, Version::Counter(8, None)),
        (
            r#""sys_updated_on":"2026-01-01 00:00:00""#,
            Version::UpdatedAt(updated),
        ),
        (
            r#""sys_mod_count":"","sys_updated_on":"01/01/2026""#,
            Version::ReceivedAt(RECEIVED_AT),
        ),
    ] {
        assert_eq!(of(fields).ticket(ServiceNow).version, version, "{fields}");
    }
}

#[test]
fn the_item_of_a_ticket_may_be_dropped_and_named_in_several_ways() {
    for (fields, assets) in [
        (r#""cmdb_ci":"""#, Field::Empty),
        (
            r#""cmdb_ci":"","cmdb_ci_asset_tag":"","cmdb_ci_serial_number":"""#,
            Field::Empty,
        ),
        (
            r#""cmdb_ci":"a9","cmdb_ci_asset_tag":"","cmdb_ci_serial_number":"""#,
            Field::Empty,
        ),
        (
            r#""cmdb_ci":"a9","cmdb_ci.asset_tag":"WM-1""#,
            Field::Set(vec![AssetRef::Tag("WM-1".to_owned())]),
        ),
        (
            r#""cmdb_ci":"a9","cmdb_ci_name":"WM-2","cmdb_ci_asset_tag":"""#,
            Field::Set(vec![AssetRef::Code("WM-2".to_owned())]),
        ),
        (
            r#""serial_number":"5CG4TEST01""#,
            Field::Set(vec![AssetRef::Serial("5CG4TEST01".to_owned())]),
        ),
        (r#""number":"INC1""#, Field::Absent),
    ] {
        assert_eq!(of(fields).ticket(ServiceNow).assets, assets, "{fields}");
    }
    let mut titled = of(r#""short_description":"WM-004417 and wm-004418 do not charge""#);
    assert_eq!(titled.ticket(ServiceNow).assets, Field::Absent);
    titled.settings.tags_in_titles = true;
    let found = ["WM-004417", "WM-004418"].map(|tag| AssetRef::Code(tag.to_owned()));
    assert_eq!(titled.ticket(ServiceNow).assets, Field::Set(found.to_vec()));
}

#[test]
fn a_list_is_as_many_items_and_links_are_safe() {
    let list = Post::json(r#"{"result":[{"sys_id":"1","sys_mod_count":"1"},{"x":1}]}"#)
        .opened(ServiceNow)
        .expect("a list");
    assert_eq!(
        (list.len(), list[0].ignored, list[1].ignored.is_some()),
        (2, None, true)
    );
    let link = |url: &str| of(&format!(r#""url":"{url}""#)).ticket(ServiceNow).url;
    assert_eq!(
        link("https://westmark.service-now.example/incident.do?sys_id=9d38"),
        set("https://westmark.service-now.example/incident.do?sys_id=9d38")
    );
    assert_eq!(link("javascript:alert(1)"), Field::Empty);
}

#[test]
fn what_is_no_record_says_why() {
    assert_eq!(
        Post::json("{}").opened(ServiceNow),
        Err(Unreadable::content(
            "the record has neither sys_id nor number"
        ))
    );
    assert!(Post::json("[]").opened(ServiceNow).is_err());
    assert!(matches!(
        Post::xml("<a/>").opened(ServiceNow),
        Err(Unreadable::MediaType(_))
    ));
    let title = "t".repeat(500);
    let cut = of(&format!(r#""short_description":"{title}""#))
        .ticket(ServiceNow)
        .title;
    assert_eq!(cut.value().map(String::len), Some(300));
}
