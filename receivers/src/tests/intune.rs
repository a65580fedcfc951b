//! Microsoft Intune, and what forwards for it.

use habeo_core::connection::Proof;
use habeo_core::connection::Provider::Intune;
use habeo_core::device::report::{Kind, Ownership};
use poem::http::Method;
use secrecy::SecretString;

use super::{Post, RECEIVED_AT, at, document, secret, some};
use crate::admit::Turned;
use crate::letter::{Handshake, Opened, Unreadable};

/// What a letter is answered that has no proof at all.
fn shaken(post: &Post) -> Option<Handshake> {
    match post.admitted(Intune, &[]).ok()?.opened {
        Opened::Handshake(handshake) => Some(handshake),
        Opened::Items(_) => None,
    }
}

#[test]
fn graph_gets_its_token_back() {
    let asked = |query: &str| shaken(&Post::of("text/plain; charset=utf-8", "").query(query));
    let echoed = |text: &str| Some(Handshake::Text(text.to_owned()));
    let query = "provider=intune&connection=7b&validationToken=Validation%3a+Token%20abc%2B1";
    assert_eq!(asked(query), echoed("Validation: Token abc+1"));
    assert_eq!(
        asked("validationToken=%3Cscript%3E"),
        echoed("<script>"),
        "text/plain, so it stays text"
    );
    for refused in [
        "validationToken=",
        "validationToken=a%0D%0Ab",
        "validationToken=1&validationToken=2",
        "other=1",
    ] {
        assert_eq!(asked(refused), None, "{refused}");
    }
    assert_eq!(
        asked(&format!("validationToken={}", "a".repeat(2_049))),
        None
    );
    let mut get = Post::json("").query("validationToken=a");
    get.method = Method::GET;
    assert_eq!(shaken(&get), None);
}

#[test]
fn event_grid_gets_its_code_back() {
    let post = Post::json(document!("intune/validation.json"))
        .header("aeg-event-type", "SubscriptionValidation");
    let answer = r#"{"validationResponse":"512d38b6-c7b8-40c8-89fe-f46f9e9622b6"}"#;
    assert_eq!(shaken(&post), Some(Handshake::Json(answer.to_owned())));
    assert_eq!(
        shaken(&Post::json(
            r#"[{"eventType":"Other","data":{"validationCode":"x"}}]"#
        )),
        None
    );
    assert_eq!(shaken(&Post::json("[]")), None);
}

#[test]
fn cloud_events_may_ask_where_administrators_allow_it() {
    let asks = |origin: &str, allowed: bool| {
        let mut post = Post::json("").header("webhook-request-origin", origin);
        post.method = Method::OPTIONS;
        post.settings.event_grid = allowed;
        shaken(&post)
    };
    let answer = vec![
        (
            "webhook-allowed-origin",
            "eventgrid.azure.example".to_owned(),
        ),
        ("webhook-allowed-rate", "*".to_owned()),
        ("allow", "POST".to_owned()),
    ];
    assert_eq!(
        asks("eventgrid.azure.example", true),
        Some(Handshake::Headers(answer))
    );
    assert_eq!(asks("eventgrid.azure.example", false), None);
    assert_eq!(asks("a b", true), None);
}

#[test]
fn the_recommended_document_says_all_that_is_known() {
    let post = Post::json(document!("intune/connector.json"));
    let item = post.item(Intune);
    assert_eq!(
        (item.key.as_str(), item.kind.as_str()),
        ("intune:intune-9f5c-2026-01-01T00:00:00Z", "enrolled")
    );
    let report = post.devices(Intune).remove(0);
    assert_eq!(
        (report.kind, report.occurred_at),
        (Kind::Enrolled, at("2026-01-01T00:00:00Z"))
    );
    assert_eq!(
        report.external_id,
        some("9f5c1a2b-0000-4000-8000-000000000001")
    );
    let device = report.device;
    assert_eq!(
        (device.serial, device.manufacturer),
        (some("5CG4TEST01"), some("HP"))
    );
    assert_eq!(
        (device.platform, device.ownership),
        (some("windows"), Some(Ownership::Company))
    );
    assert_eq!(
        device.azure_device,
        some("1c2d0000-0000-4000-8000-000000000002")
    );
    assert_eq!((device.compliance, device.imei), (some("compliant"), None));
    assert_eq!(
        device.wired_macs,
        ["a483e7112244"],
        "its radio is no identity"
    );
    let user = report.user.expect("a user");
    assert_eq!(
        (user.principal_name, user.display_name),
        (some("pat.lee@westmark.example"), some("Pat Lee"))
    );
}

#[test]
fn documents_without_a_name_are_told_apart_by_what_happened() {
    let of = |event: &str| {
        let post = Post::json(format!(
            r#"{{{event}"device":{{"id":"9F5C","enrolledDateTime":"2026-01-01T00:00:00Z","lastSyncDateTime":"2026-01-02T00:00:00Z"}}}}"#
        ));
        (
            post.item(Intune).key,
            post.item(Intune).ignored.is_some(),
            post.devices(Intune)
                .first()
                .map(|report| (report.kind, report.occurred_at)),
        )
    };
    let key = "intune:9F5C:2026-01-01T00:00:00Z:2026-01-02T00:00:00Z";
    let (enrolled, seen) = (at("2026-01-01T00:00:00Z"), at("2026-01-02T00:00:00Z"));
    for (event, suffix, said) in [
        ("", "", Some((Kind::Inventory, seen))),
        (
            r#""eventType":"enrolled","#,
            ":enrolled",
            Some((Kind::Enrolled, enrolled)),
        ),
        (
            r#""eventType":"unenrolled","#,
            ":unenrolled",
            Some((Kind::Unenrolled, RECEIVED_AT)),
        ),
        (
            r#""eventType":"updated","#,
            ":updated",
            Some((Kind::Inventory, seen)),
        ),
        (
            r#""eventType":"compliance_changed","#,
            ":compliance_changed",
            Some((Kind::Compliance, seen)),
        ),
        (
            r#""eventType":"checked_in","#,
            ":checked_in",
            Some((Kind::CheckIn, seen)),
        ),
        (r#""eventType":"melted","#, ":melted", None),
    ] {
        assert_eq!(
            of(event),
            (format!("{key}{suffix}"), said.is_none(), said),
            "{event}"
        );
    }
}

#[test]
fn a_list_of_graph_is_as_many_devices() {
    let post = Post::json(document!("intune/device-list.json"));
    let items = post.opened(Intune).expect("a list");
    let ignored: Vec<bool> = items.iter().map(|item| item.ignored.is_some()).collect();
    assert_eq!(ignored, [false, false, true], "a name alone is no identity");
    let reports = post.devices(Intune);
    assert_eq!(
        (reports[0].kind, reports[0].occurred_at),
        (Kind::Inventory, at("2026-01-02T08:00:00Z"))
    );
    assert_eq!(
        (
            reports[0].device.compliance.clone(),
            reports[0].device.ownership
        ),
        (some("somethingNew"), None)
    );
    assert_eq!(
        reports[0].external_id,
        some("9f5c1a2b-0000-4000-8000-000000000001")
    );
    let personal = &reports[1];
    assert_eq!(
        (personal.occurred_at, personal.device.ownership),
        (RECEIVED_AT, Some(Ownership::Personal))
    );
    assert_eq!(
        (&personal.device.serial, &personal.device.azure_device),
        (&None, &None)
    );
    let bare = format!("[{}]", String::from_utf8_lossy(&items[0].body));
    assert_eq!(Post::json(bare).devices(Intune), [reports[0].clone()]);
    assert_eq!(
        Post::json(items[0].body.clone()).devices(Intune),
        [reports[0].clone()]
    );
}

#[test]
fn notifications_prove_themselves_one_by_one() {
    let by_state = |secrets: &[&str], body: &[u8]| {
        let secrets: Vec<SecretString> = secrets.iter().map(|text| secret(text)).collect();
        Post::json(body)
            .proof(Proof::ClientState)
            .admitted(Intune, &secrets)
    };
    let notifications = document!("intune/notifications.json");
    for secrets in [
        ["graph-client-state-1", "older"],
        ["older", "graph-client-state-1"],
    ] {
        let admitted = by_state(&secrets, notifications).expect("two of three");
        assert_eq!(admitted.unproven, 1);
        let Opened::Items(items) = admitted.opened else {
            panic!("items")
        };
        assert_eq!(
            items[0].key,
            "graph:0a1b0000-0000-4000-8000-00000000000a:lsgTZMr9KwAAA"
        );
        assert!(items.iter().all(|item| item.ignored.is_some()));
        let trouble: Vec<bool> = items.iter().map(|item| item.trouble.is_some()).collect();
        assert_eq!(
            (trouble, items[1].kind.as_str()),
            (vec![false, true], "missed")
        );
    }
    let wrapped = by_state(
        &["graph-client-state-1"],
        document!("intune/cloud-events.json"),
    )
    .expect("one");
    assert!(
        matches!(wrapped.opened, Opened::Items(items) if items[0].key == "eg:00d8a100-2e92-4bfa-86e1-0056dacd0fce:/tenants/84bd8158/applications/8c22")
    );
    for (secrets, body) in [
        (&["another"][..], &notifications[..]),
        (&[][..], &notifications[..]),
        (
            &["graph-client-state-1"][..],
            &document!("intune/connector.json")[..],
        ),
        (&["graph-client-state-1"][..], b"no JSON"),
        (
            &[""][..],
            br#"{"value":[{"subscriptionId":"a","clientState":"","changeType":"updated"}]}"#,
        ),
    ] {
        assert_eq!(by_state(secrets, body), Err(Turned::Unproven));
    }
}

#[test]
fn notifications_say_nothing_of_devices() {
    let items = Post::json(document!("intune/notifications.json"))
        .opened(Intune)
        .expect("a list");
    assert!(
        items[1]
            .key
            .starts_with("graph:0a1b0000-0000-4000-8000-00000000000a:users/7f:deleted:"),
        "{}",
        items[1].key
    );
    let encrypted = Post::json(
        r#"{"value":[{"subscriptionId":"a","changeType":"updated","encryptedContent":{"data":"x"}}],"validationTokens":["e"]}"#,
    );
    assert_eq!(
        encrypted.item(Intune).ignored,
        Some("an encrypted notification, which cannot be read")
    );
}

#[test]
fn events_may_carry_a_device() {
    let device =
        r#"{"id":"9f5c","serialNumber":"5CG4TEST01","lastSyncDateTime":"2026-01-02T00:00:00Z"}"#;
    let event = format!(
        r#"{{"id":"e1","specversion":"1.0","source":"/s","type":"device","data":{device}}}"#
    );
    let post = Post::of("application/cloudevents+json", event.clone());
    assert_eq!(post.item(Intune).key, "eg:e1:/s");
    assert_eq!(
        post.devices(Intune).remove(0).device.serial,
        some("5CG4TEST01")
    );
    assert_eq!(
        Post::of("application/cloudevents-batch+json", format!("[{event}]"))
            .devices(Intune)
            .len(),
        1
    );
    let grid = format!(
        r#"[{{"id":"e2","topic":"/t","eventType":"device","data":{{"eventType":"unenrolled","device":{device}}}}}]"#
    );
    assert_eq!(
        Post::json(grid).devices(Intune).remove(0).kind,
        Kind::Unenrolled
    );
}

#[test]
fn records_are_read_by_what_they_seem_to_say() {
    let post = Post::json(document!("intune/records.json"));
    let items = post.opened(Intune).expect("a list");
    let ignored: Vec<bool> = items.iter().map(|item| item.ignored.is_some()).collect();
    assert_eq!(ignored, [false, false, true, true]);
    assert!(items.iter().all(|item| item.key.starts_with("azmon:")));
    let reports = post.devices(Intune);
    let listed = &reports[0];
    assert_eq!(
        (listed.kind, listed.occurred_at),
        (Kind::Inventory, at("2026-01-01T23:12:04.123456Z"))
    );
    assert_eq!(
        (&listed.device.serial, &listed.device.platform),
        (&some("5CG4TEST01"), &some("windows"))
    );
    assert_eq!(
        (listed.device.ownership, &listed.device.compliance),
        (Some(Ownership::Company), &some("Compliant"))
    );
    assert_eq!(
        (reports[1].kind, reports[1].occurred_at),
        (Kind::Enrolled, at("2026-01-02T00:00:00Z"))
    );
    assert_eq!(reports[1].device.serial, some("5CG4TEST04"));
    let spaced = Post::json(
        String::from_utf8_lossy(document!("intune/records.json")).replace(",\"", ", \""),
    );
    let keys = |post: &Post| -> Vec<String> {
        post.opened(Intune)
            .expect("a list")
            .into_iter()
            .map(|item| item.key)
            .collect()
    };
    assert_eq!(keys(&spaced), keys(&post), "blanks make no other record");
}

#[test]
fn what_is_no_report_of_intune_says_why() {
    for body in [
        "{}",
        r#"{"hello":1}"#,
        r#"{"device":{"deviceName":"x"}}"#,
        r#"{"deviceName":"x"}"#,
        "1",
    ] {
        assert!(
            matches!(Post::json(body).opened(Intune), Err(Unreadable::Content(_))),
            "{body}"
        );
    }
    assert!(matches!(
        Post::of("text/plain", "{}").opened(Intune),
        Err(Unreadable::MediaType(_))
    ));
    let many = format!(r#"{{"value":[{}{{}}]}}"#, "{},".repeat(1_000));
    assert!(Post::json(many).opened(Intune).is_err());
}
