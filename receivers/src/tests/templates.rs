//! What administrators paste: that it is whole, quotes what is put into it, and makes reports that are taken.

use habeo_core::connection::{Algorithm, Proof, Provider};
use habeo_core::device::report::Kind;
use habeo_core::ticket::report::{AssetRef, Field};
use habeo_core::ticket::{Priority, Status};

use super::{Post, document, secret, some};
use crate::letter::Opened;
use crate::templates::{of, proof};
use crate::verify::sign;

const URL: &str =
    "https://habeo.westmark.example/api/webhooks/itsm/jira/7b000000-0000-4000-8000-000000000001";
const SECRET: &str = "it's a \"secret\" \\ with $everything";

fn text(provider: Provider, at: usize) -> String {
    of(provider, URL, SECRET).swap_remove(at).text
}

/// The letter that comes of a template: with its proof, through the door.
fn proven(provider: Provider, post: Post) -> Post {
    let proof = proof(provider);
    let post = match &proof {
        Proof::Header { header, prefix } => post.header(header, &format!("{prefix}{SECRET}")),
        Proof::Hmac {
            header, algorithm, ..
        } => {
            let signature = sign(*algorithm, &secret(SECRET), None, &post.body);
            post.header(header, &signature)
        }
        Proof::Basic { .. } | Proof::ClientState => panic!("no template proves itself so"),
    };
    let post = post.proof(proof);
    let admitted = post
        .admitted(provider, &[secret("other"), secret(SECRET)])
        .expect("a proven letter");
    assert!(matches!(admitted.opened, Opened::Items(_)));
    assert!(
        post.admitted(provider, &[secret("other")]).is_err(),
        "{provider}"
    );
    post
}

#[test]
fn every_template_is_whole() {
    for provider in Provider::ALL {
        let templates = of(*provider, URL, "hb-1234");
        let all: String = templates
            .iter()
            .map(|template| template.text.as_str())
            .collect();
        assert!(
            !templates.is_empty() && !all.contains("__HABEO"),
            "{provider}"
        );
        assert!(all.contains(URL) && all.contains("hb-1234"), "{provider}");
        assert!(templates.iter().all(|template| !template.title.is_empty()));
    }
}

#[test]
fn what_is_put_in_is_quoted() {
    let header: serde_json::Value = serde_json::from_str(&text(Provider::Jamf, 1)).expect("JSON");
    assert_eq!(header["Authorization"], format!("Bearer {SECRET}"));
    assert!(
        text(Provider::Kandji, 0)
            .contains(r#"HABEO_SECRET = "it's a \"secret\" \\ with $everything""#)
    );
    assert!(
        text(Provider::Intune, 0)
            .contains(r#"$HabeoSecret = 'it''s a "secret" \ with $everything'"#)
    );
}

#[test]
fn jamf_sends_what_its_settings_say() {
    let settings = text(Provider::Jamf, 0);
    for event in [
        "ComputerAdded",
        "ComputerInventoryCompleted",
        "ComputerCheckIn",
        "DeviceAddedToDEP",
        "MobileDeviceEnrolled",
        "MobileDeviceUnEnrolled",
    ] {
        assert!(settings.contains(event));
        let body = format!(
            r#"{{"webhook":{{"id":1,"webhookEvent":"{event}","eventTimestamp":1767225600123}},"event":{{"jssID":42,"serialNumber":"C02TEST12345"}}}}"#
        );
        assert_eq!(
            proven(Provider::Jamf, Post::json(body))
                .devices(Provider::Jamf)
                .len(),
            1,
            "{event}"
        );
    }
}

#[test]
fn the_runbook_forwards_pages_of_graph_and_the_flow_single_devices() {
    assert!(
        text(Provider::Intune, 0)
            .contains("-Body ([Text.Encoding]::UTF8.GetBytes($answer.Content))")
    );
    let page = proven(
        Provider::Intune,
        Post::json(document!("intune/device-list.json")),
    );
    assert_eq!(page.devices(Provider::Intune).len(), 2);
    let flow = text(Provider::Intune, 1);
    let (_, body) = flow.split_once("Body").expect("a body");
    let device =
        r#"{"id":"9f5c","serialNumber":"5CG4TEST01","enrolledDateTime":"2026-01-01T00:00:00Z"}"#;
    let sent = body
        .replace(
            "@{items('Each_device')?['enrolledDateTime']}",
            "2026-01-01T00:00:00Z",
        )
        .replace("@{items('Each_device')}", device);
    let report = proven(Provider::Intune, Post::json(sent.trim()))
        .devices(Provider::Intune)
        .remove(0);
    assert_eq!(
        (report.kind, report.device.serial),
        (Kind::Enrolled, some("5CG4TEST01"))
    );
}

#[test]
fn the_connector_sends_pages_and_what_is_gone() {
    let script = text(Provider::Kandji, 0);
    // What is gone twice is two reports: each has a name and a time of its own.
    assert!(script.contains(
        r#"send({"event": "device.unenrolled", "event_id": "gone-%s-%s" % (key, gone), "occurred_at": gone, "device": known[key]})"#
    ));
    let page = proven(Provider::Kandji, Post::json(document!("kandji/list.json")));
    assert_eq!(page.devices(Provider::Kandji).len(), 2);
    let gone = r#"{"event": "device.unenrolled", "event_id": "gone-4820db3b-2026-01-01T00:00:00.5+00:00", "occurred_at": "2026-01-01T00:00:00.5+00:00",
        "device": {"device_id": "4820db3b", "serial_number": "C02TEST12345"}}"#;
    assert_eq!(
        proven(Provider::Kandji, Post::json(gone))
            .item(Provider::Kandji)
            .key,
        "kandji:gone-4820db3b-2026-01-01T00:00:00.5+00:00"
    );
    let report = proven(Provider::Kandji, Post::json(gone))
        .devices(Provider::Kandji)
        .remove(0);
    assert_eq!(
        (report.kind, report.external_id),
        (Kind::Unenrolled, some("4820db3b"))
    );
}

/// The body that the rule makes of an incident: every member that it names, in its order.
fn rule_body(rule: &str, operation: &str) -> String {
    let (_, object) = rule.split_once("var report = {").expect("the report");
    let (object, _) = object.split_once("};").expect("its end");
    let names = object
        .split([',', '{'])
        .filter_map(|member| Some(member.split_once(':')?.0.trim()));
    let value = |name: &str| match name {
        "event_id" if operation == "delete" => "9d38-7-deleted",
        "event_id" => "9d38-7",
        "table" => "incident",
        "operation" => operation,
        "sys_id" => "9d38",
        "number" => "INC0010023",
        "sys_mod_count" => "7",
        "sys_updated_on" | "sys_created_on" => "2026-01-01 00:00:00",
        "url" => "https://westmark.service-now.example/incident.do?sys_id=9d38",
        "short_description" => "M\\u00fcll",
        "state" => "2",
        "state_label" => "In Progress",
        "priority" => "1",
        "priority_label" => "1 - Critical",
        "caller_name" => "Pat Lee",
        "caller_email" => "pat.lee@westmark.example",
        "cmdb_ci" => "a9c0",
        "cmdb_ci_name" => "BIO-LT-0231",
        "cmdb_ci_asset_tag" => "WM-004417",
        _ => "",
    };
    let members: Vec<String> = names
        .map(|name| format!(r#""{name}":"{}""#, value(name)))
        .collect();
    format!("{{{}}}", members.join(","))
}

#[test]
fn the_rules_of_servicenow_make_tickets() {
    let (changed, removed) = (text(Provider::ServiceNow, 1), text(Provider::ServiceNow, 2));
    assert!(
        changed.contains("var record = current;") && removed.contains("var record = previous;")
    );
    let body = rule_body(&changed, "update");
    assert!(
        body.contains("cmdb_ci_serial_number") && body.contains("assigned_to_email"),
        "{body}"
    );
    let ticket = proven(Provider::ServiceNow, Post::json(body)).ticket(Provider::ServiceNow);
    assert_eq!(
        (ticket.status, ticket.priority),
        (
            Field::Set(Status::InProgress),
            Field::Set(Priority::Critical)
        )
    );
    assert_eq!(
        ticket.assets,
        Field::Set(vec![AssetRef::Tag("WM-004417".to_owned())])
    );
    assert_eq!(
        (ticket.assignee, ticket.title),
        (Field::Empty, Field::Set("Müll".to_owned()))
    );
    assert_eq!(
        ticket
            .requester
            .value()
            .and_then(|party| party.name.clone()),
        some("Pat Lee")
    );
    let gone = proven(
        Provider::ServiceNow,
        Post::json(rule_body(&removed, "delete")),
    );
    assert_eq!(
        gone.ticket(Provider::ServiceNow).status,
        Field::Set(Status::Deleted)
    );
    assert_ne!(
        gone.item(Provider::ServiceNow).key,
        Post::json(rule_body(&changed, "update"))
            .item(Provider::ServiceNow)
            .key
    );
}

#[test]
fn the_content_of_freshservice_makes_a_ticket() {
    let mut body = text(Provider::Freshservice, 1);
    for (placeholder, value) in [
        ("ticket.id_numeric", "4472"),
        ("ticket.id", "INC-4472"),
        ("ticket.subject", "Projector lamp"),
        ("ticket.status", "Pending"),
        ("ticket.priority", "High"),
        ("ticket.ticket_type", "Incident"),
        ("ticket.requester.email", "pat.lee@westmark.example"),
        ("ticket.agent.email", ""),
        (
            "ticket.url",
            "https://westmark.freshservice.example/a/tickets/4472",
        ),
        ("ticket.created_at_iso", "2025-12-30T14:02:11Z"),
        ("ticket.updated_at_iso", ""),
    ] {
        body = body.replace(&format!("{{{{{placeholder}}}}}"), value);
    }
    assert!(!body.contains("{{"), "{body}");
    let ticket = proven(Provider::Freshservice, Post::json(body)).ticket(Provider::Freshservice);
    assert_eq!(
        (ticket.status, ticket.external_key),
        (
            Field::Set(Status::OnHold),
            Field::Set("INC-4472".to_owned())
        )
    );
}

#[test]
fn jira_signs_with_the_secret_of_its_webhook() {
    let proof = proof(Provider::Jira);
    assert!(
        matches!(&proof, Proof::Hmac { header, algorithm: Algorithm::Sha256, .. } if header == "X-Hub-Signature")
    );
    assert!(text(Provider::Jira, 0).contains(SECRET));
    let ticket = proven(
        Provider::Jira,
        Post::json(document!("jira/issue-updated.json")),
    )
    .ticket(Provider::Jira);
    assert_eq!(ticket.external_id, "10231");
}
