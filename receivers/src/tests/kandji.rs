//! Kandji, by its connector.

use habeo_core::connection::Provider::Kandji;
use habeo_core::device::report::{Kind, User};

use super::{Post, RECEIVED_AT, at, document, some};
use crate::letter::Unreadable;

#[test]
fn an_event_says_what_happened_and_of_which_device() {
    let post = Post::json(document!("kandji/enrolled.json"));
    let item = post.item(Kandji);
    assert_eq!(
        (item.key.as_str(), item.kind.as_str()),
        ("kandji:01JNGZWQ7WAN45PVTJ3686TXHT", "device.enrolled")
    );
    let report = post.devices(Kandji).remove(0);
    assert_eq!(
        (report.kind, report.occurred_at),
        (Kind::Enrolled, at("2026-01-01T00:00:00Z"))
    );
    assert_eq!(
        report.external_id,
        some("4820db3b-dec7-40b2-9c8f-eb771ac1a250")
    );
    assert_eq!(
        (report.device.serial, report.device.platform),
        (some("C02TEST12345"), some("macos"))
    );
    assert_eq!(
        (report.device.manufacturer, report.device.provider_tag),
        (some("Apple"), None)
    );
    let user = report.user.expect("a user");
    assert_eq!(
        (user.email, user.display_name),
        (some("pat.lee@westmark.example"), some("Pat Lee"))
    );
}

#[test]
fn the_details_of_a_device_lie_in_sections() {
    let report = Post::json(document!("kandji/details.json"))
        .devices(Kandji)
        .remove(0);
    assert_eq!(report.kind, Kind::Inventory);
    assert_eq!(
        report.external_id,
        some("4820db3b-dec7-40b2-9c8f-eb771ac1a250")
    );
    let device = report.device;
    assert_eq!(
        (device.serial, device.model_identifier),
        (some("C02TEST12345"), some("Mac15,12"))
    );
    assert_eq!(
        (device.udid, device.provider_tag),
        (
            some("6F1C2B1E-7A10-4E3B-9C55-0A1B2C3D4E5F"),
            some("WM-004417")
        )
    );
    assert_eq!(report.user, None, "an empty text is nobody");
}

#[test]
fn a_list_is_as_many_items_and_one_bad_device_does_not_cost_the_others() {
    let post = Post::json(document!("kandji/list.json"));
    let items = post.opened(Kandji).expect("a list");
    let ignored: Vec<bool> = items.iter().map(|item| item.ignored.is_some()).collect();
    assert_eq!(ignored, [false, false, true]);
    assert!(
        items
            .iter()
            .all(|item| item.key.starts_with("kandji:sha256:"))
    );
    assert!(
        items[1]
            .body
            .starts_with(b"{\"device_id\":\"4820db3b-dec7-40b2-9c8f-eb771ac1a251\"")
    );
    let reports = post.devices(Kandji);
    assert_eq!(
        (reports[0].kind, reports[0].occurred_at),
        (Kind::Inventory, at("2026-01-04T00:05:00Z"))
    );
    assert_eq!(
        (reports[1].kind, reports[1].occurred_at),
        (Kind::Unenrolled, RECEIVED_AT)
    );
    let user = User {
        email: some("kim.ito@westmark.example"),
        ..User::default()
    };
    assert_eq!((&reports[0].user, &reports[1].user), (&None, &Some(user)));
    assert_eq!(reports[1].device.platform, some("ipados"));
}

#[test]
fn a_page_of_three_hundred_devices_is_taken_and_no_more() {
    let list = |count: usize| {
        let one = |n: usize| format!(r#"{{"device_id":"d-{n}","serial_number":"SERIAL{n}"}}"#);
        Post::json(format!(
            "[{}]",
            (0..count).map(one).collect::<Vec<_>>().join(",")
        ))
    };
    assert_eq!(list(300).devices(Kandji).len(), 300);
    let refused = list(301).opened(Kandji).expect_err("too many");
    assert_eq!(
        refused.to_string(),
        "the list has more than 300 devices; send it in pieces"
    );
    assert_eq!(Post::json("[]").opened(Kandji), Ok(Vec::new()));
}

#[test]
fn events_have_several_names_and_unknown_ones_no_meaning() {
    for (member, event, kind) in [
        ("event", "device.unenrolled", Some(Kind::Unenrolled)),
        ("event_type", "device.updated", Some(Kind::Inventory)),
        ("type", "Device.Checked_In", Some(Kind::CheckIn)),
        ("event", "device.lost", None),
    ] {
        let post = Post::json(format!(
            r#"{{"{member}":"{event}","device":{{"serial_number":"S12345"}}}}"#
        ));
        assert_eq!(
            post.item(Kandji).ignored.is_none(),
            kind.is_some(),
            "{event}"
        );
        assert_eq!(
            post.devices(Kandji).first().map(|report| report.kind),
            kind,
            "{event}"
        );
    }
}

#[test]
fn what_is_no_report_of_kandji_says_why() {
    assert_eq!(
        Post::json(r#"{"device":{"device_name":"x"}}"#).opened(Kandji),
        Err(Unreadable::content(crate::mdm::NO_IDENTITY))
    );
    assert!(matches!(
        Post::xml("<a/>").opened(Kandji),
        Err(Unreadable::MediaType(_))
    ));
    assert!(Post::json("\"text\"").opened(Kandji).is_err());
}
