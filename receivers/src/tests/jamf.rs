//! Jamf Pro.

use habeo_core::connection::Provider::Jamf;
use habeo_core::device::report::{Described, Kind, Place, Report, User};

use super::{Post, RECEIVED_AT, at, document, some};
use crate::letter::Unreadable;

/// A letter about computer 42 with this event.
fn about(event: &str, inner: &str) -> Post {
    Post::json(format!(
        r#"{{"webhook":{{"id":1,"webhookEvent":"{event}","eventTimestamp":1767225600123}},"event":{inner}}}"#
    ))
}

#[test]
fn a_new_computer_says_all_that_is_known_of_it() {
    let post = Post::json(document!("jamf/computer-added.json"));
    let item = post.item(Jamf);
    assert_eq!(item.key, "jamf:9:computeradded:computer:42:1767225600123");
    assert_eq!((item.kind.as_str(), item.ignored), ("ComputerAdded", None));
    assert_eq!(item.body, post.body);
    let expected = Report {
        external_id: some("computer:42"),
        kind: Kind::Enrolled,
        occurred_at: at("2026-01-01T00:00:00.123Z"),
        device: Described {
            serial: some("C02TEST12345"),
            manufacturer: some("Apple"),
            model: some("MacBook Air (13-inch, M3, 2024)"),
            udid: some("6F1C2B1E-7A10-4E3B-9C55-0A1B2C3D4E5F"),
            name: some("LIB-MAC-014"),
            platform: some("macos"),
            os_version: some("15.2"),
            ..Described::default()
        },
        user: Some(User {
            email: some("pat.lee@westmark.example"),
            principal_name: None,
            username: some("pat.lee"),
            display_name: some("Pat Lee"),
        }),
        place: Some(Place {
            building: some("Main Library"),
            department: some("Library"),
            room: some("214"),
        }),
    };
    assert_eq!(post.devices(Jamf), [expected]);
}

#[test]
fn xml_and_json_of_one_event_are_one() {
    let (json, xml) = (
        document!("jamf/computer-added.json"),
        document!("jamf/computer-added.xml"),
    );
    let (json, xml) = (Post::json(*json), Post::xml(*xml));
    assert_eq!(json.item(Jamf).key, xml.item(Jamf).key);
    assert_eq!(json.devices(Jamf), xml.devices(Jamf));
}

#[test]
fn who_signs_in_is_not_whom_the_computer_is_assigned_to() {
    let login = Post::json(document!("jamf/check-in-login.json"))
        .devices(Jamf)
        .remove(0);
    assert_eq!(
        (login.kind, login.external_id),
        (Kind::Login, some("computer:42"))
    );
    let signed_in = User {
        username: some("kim.ito"),
        ..User::default()
    };
    assert_eq!(login.user, Some(signed_in));
    let same = r#"{"computer":{"jssID":42,"username":"pat.lee","emailAddress":"pat.lee@westmark.example"},"trigger":"login","username":"pat.lee"}"#;
    let user = about("ComputerCheckIn", same)
        .devices(Jamf)
        .remove(0)
        .user
        .expect("a user");
    assert_eq!(user.email, some("pat.lee@westmark.example"));
    let other = about(
        "ComputerCheckIn",
        r#"{"computer":{"jssID":42,"username":"kim@westmark.example"},"trigger":"ping"}"#,
    );
    let seen = other.devices(Jamf).remove(0);
    assert_eq!(seen.kind, Kind::CheckIn);
    assert_eq!(
        seen.user.and_then(|user| user.principal_name),
        some("kim@westmark.example")
    );
}

#[test]
fn mobile_devices_are_counted_apart_from_computers() {
    let enrolled = Post::json(document!("jamf/mobile-enrolled.json"))
        .devices(Jamf)
        .remove(0);
    assert_eq!(
        (enrolled.kind, enrolled.external_id),
        (Kind::Enrolled, some("mobile:42"))
    );
    let device = enrolled.device;
    assert_eq!(
        (device.model_identifier, device.model),
        (some("iPad13,18"), some("iPad (10th generation)"))
    );
    assert_eq!(
        (device.imei, device.platform),
        (some("351234567890123"), some("ipados"))
    );
    assert_eq!(enrolled.user, None);
    let post = Post::xml(document!("jamf/mobile-unenrolled.xml"));
    assert_eq!(post.item(Jamf).kind, "MobileDeviceUnEnrolled");
    let left = post.devices(Jamf).remove(0);
    assert_eq!(
        (left.kind, left.external_id),
        (Kind::Unenrolled, some("mobile:42"))
    );
    assert_eq!(left.occurred_at, at("2026-01-02T00:00:00Z"));
    let assigned = Post::json(document!("jamf/assigned.json"))
        .devices(Jamf)
        .remove(0);
    assert_eq!(
        (assigned.kind, assigned.external_id),
        (Kind::PreEnrolled, None)
    );
    assert_eq!(assigned.device.serial, some("FVHTEST00001"));
}

#[test]
fn every_event_has_its_meaning() {
    for (event, kind) in [
        ("ComputerAdded", Some(Kind::Enrolled)),
        ("ComputerInventoryCompleted", Some(Kind::Inventory)),
        ("ComputerCheckIn", Some(Kind::CheckIn)),
        ("ComputerCheckin", Some(Kind::CheckIn)),
        ("ComputerPolicyFinished", Some(Kind::CheckIn)),
        ("ComputerPatchPolicyCompleted", None),
        ("ComputerPushCapabilityChanged", Some(Kind::CheckIn)),
        ("DeviceAddedToDEP", Some(Kind::PreEnrolled)),
        ("DeviceRateLimited", None),
        ("MobileDeviceEnrolled", Some(Kind::Enrolled)),
        ("MobileDeviceUnEnrolled", Some(Kind::Unenrolled)),
        ("MobileDeviceInventoryCompleted", Some(Kind::Inventory)),
        ("MobileDeviceCheckIn", Some(Kind::CheckIn)),
        ("MobileDeviceCommandCompleted", Some(Kind::CheckIn)),
        ("MobileDevicePushSent", None),
        ("PushSent", None),
        ("RestAPIOperation", None),
        ("SmartGroupComputerMembershipChange", None),
        ("SmartGroupMobileDeviceMembershipChange", None),
        ("SmartGroupUserMembershipChange", None),
        ("PatchSoftwareTitleUpdated", None),
        ("SCEPChallenge", None),
        ("JSSStartup", None),
        ("JSSShutdown", None),
        ("SomethingNew", None),
    ] {
        let nested = about(
            event,
            r#"{"computer":{"jssID":42,"serialNumber":"C02TEST12345"},"policyId":3,"successful":true}"#,
        );
        let flat = about(event, r#"{"jssID":"42","serialNumber":"C02TEST12345"}"#);
        assert_eq!(
            nested.item(Jamf).ignored.is_none(),
            kind.is_some(),
            "{event}"
        );
        for post in [nested, flat] {
            let kinds: Vec<Kind> = post
                .devices(Jamf)
                .iter()
                .map(|report| report.kind)
                .collect();
            assert_eq!(kinds, kind.into_iter().collect::<Vec<_>>(), "{event}");
        }
    }
}

#[test]
fn times_are_read_in_both_units_and_may_be_missing() {
    let stamped = |stamp: &str| {
        let body = format!(
            r#"{{"webhook":{{"id":1,"webhookEvent":"ComputerCheckIn"{stamp}}},"event":{{"jssID":42}}}}"#
        );
        let post = Post::json(body);
        (
            post.item(Jamf).key,
            post.devices(Jamf).remove(0).occurred_at,
        )
    };
    let first = at("2026-01-01T00:00:00Z");
    assert_eq!(stamped(r#","eventTimestamp":1767225600"#).1, first);
    assert_eq!(stamped(r#","eventTimestamp":"1767225600000""#).1, first);
    let (key, missing) = stamped("");
    assert!(key.starts_with("jamf:sha256:"), "{key}");
    assert_eq!(missing, RECEIVED_AT);
    assert_eq!(
        stamped(r#","eventTimestamp":9767225600000"#).1,
        RECEIVED_AT,
        "a clock that is ahead"
    );
}

#[test]
fn blank_texts_are_none_and_foreign_ones_are_bounded() {
    let name = "n".repeat(300);
    let inner = format!(
        r#"{{"jssID":42,"serialNumber":"  ","udid":null,"osVersion":"","deviceName":"{name}","model":"Mac\u202Egnp.exe","emailAddress":"-","room":" 1\n2 "}}"#
    );
    let report = about("ComputerAdded", &inner).devices(Jamf).remove(0);
    assert_eq!(
        (
            report.device.serial,
            report.device.udid,
            report.device.os_version
        ),
        (None, None, None)
    );
    assert_eq!(report.device.name.map(|name| name.len()), Some(255));
    assert_eq!(report.device.model, some("Macgnp.exe"));
    assert_eq!(
        (report.user, report.place.and_then(|place| place.room)),
        (None, some("1 2"))
    );
}

#[test]
fn what_cannot_be_known_when_it_comes_again_is_known_by_its_bytes() {
    let group = Post::json(document!("jamf/group-changed.json")).item(Jamf);
    assert_eq!(
        group.key,
        "jamf:15:smartgroupcomputermembershipchange:group:7:1767225900000"
    );
    let startup = about("JSSStartup", r#"{"institution":"Westmark"}"#).item(Jamf);
    assert!(startup.key.starts_with("jamf:sha256:"), "{}", startup.key);
    let patch = about("PatchSoftwareTitleUpdated", r#"{"jssID":42}"#).item(Jamf);
    assert!(patch.key.starts_with("jamf:sha256:"), "{}", patch.key);
}

#[test]
fn what_is_no_letter_of_jamf_says_why() {
    for (post, why) in [
        (Post::json("{}"), "webhook is missing"),
        (
            Post::json(r#"{"webhook":{"id":1}}"#),
            "webhook.webhookEvent is missing",
        ),
        (
            Post::xml("<a><webhook/></a>"),
            "the root of the XML is not JSSEvent",
        ),
        (about("ComputerAdded", "{}"), crate::mdm::NO_IDENTITY),
        (
            about("ComputerAdded", r#"{"jssID":-1,"deviceName":"x"}"#),
            crate::mdm::NO_IDENTITY,
        ),
    ] {
        assert_eq!(post.opened(Jamf), Err(Unreadable::content(why)));
    }
    for media_type in ["text/plain", "application/x-www-form-urlencoded", "xml", ""] {
        let refused = Post::of(media_type, "{}").opened(Jamf);
        assert!(
            matches!(refused, Err(Unreadable::MediaType(_))),
            "{media_type}"
        );
    }
    let twice = Post::json("{}")
        .header("content-type", "text/xml")
        .opened(Jamf);
    assert!(matches!(twice, Err(Unreadable::MediaType(_))));
    for media_type in [
        "application/xml",
        "TEXT/XML;charset=UTF-8",
        "application/json",
    ] {
        let post = Post::of(media_type, document!("jamf/computer-added.xml"));
        assert_eq!(post.devices(Jamf).len(), 1, "{media_type}");
    }
    let mut untyped = Post::json(document!("jamf/computer-added.json"));
    untyped.headers.clear();
    assert_eq!(untyped.devices(Jamf).len(), 1);
}
