//! Reports whole, in parts, and wrong.
#![expect(
    clippy::needless_pass_by_value,
    reason = "what a report says is made where it is read"
)]

use serde_json::json;

use super::*;

const ISSUER: &str = "https://clerk.example";

fn user(data: Value) -> User {
    let body = json!({"type": "user.updated", "data": data, "timestamp": 1_767_225_600_123_i64});
    let envelope = Envelope::parse(body.to_string().as_bytes()).expect("an envelope");
    match envelope.event() {
        Ok(Event::User(user)) => user,
        other => panic!("{other:?}"),
    }
}

fn whole() -> Value {
    json!({
        "object": "user", "id": "user_1", "first_name": "Priya", "last_name": "N.", "username": null,
        "primary_email_address_id": "idn_1", "banned": false, "locked": false,
        "email_addresses": [
            {"id": "idn_0", "email_address": "other@westmark.example", "verification": {"status": "verified"}},
            {"id": "idn_1", "email_address": "priya@westmark.example", "verification": {"status": "verified", "strategy": "email_code"}},
        ],
        "private_metadata": {"note": "nobody's business"}, "updated_at": 1_767_225_600_000_i64,
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut data = whole();
    data[name] = value;
    data
}

#[test]
fn names_and_verified_addresses_are_taken_over() {
    let profile = user(whole()).profile(ISSUER, Timestamp::from_seconds(0));
    assert_eq!(profile.name.as_deref(), Some("Priya N."));
    assert_eq!(profile.email.as_deref(), Some("priya@westmark.example"));
    assert_eq!(profile.updated_at, Timestamp::from_seconds(1_767_225_600));
    assert_eq!(profile.bar, None);
}

#[test]
fn an_address_that_is_not_the_verified_primary_one_is_none() {
    let unverified = json!([{"id": "idn_1", "email_address": "p@x.example", "verification": {"status": "unverified"}}]);
    for data in [
        with("primary_email_address_id", Value::Null),
        with("primary_email_address_id", json!("idn_9")),
        with("email_addresses", json!([])),
        with("email_addresses", Value::Null),
        with("email_addresses", unverified),
        with(
            "email_addresses",
            json!([{"id": "idn_1", "email_address": "p@x.example", "verification": null}]),
        ),
        with("email_addresses", json!([{"id": "idn_1"}])),
    ] {
        let profile = user(data.clone()).profile(ISSUER, Timestamp::from_seconds(0));
        assert_eq!(profile.email, None, "{data}");
    }
}

#[test]
fn whoever_has_no_name_is_called_by_their_username_or_not_at_all() {
    for (first, last, username, found) in [
        (json!("Ada"), Value::Null, json!("ada1"), Some("Ada")),
        (Value::Null, json!("Byron"), Value::Null, Some("Byron")),
        (json!("  "), json!(""), json!("ada1"), Some("ada1")),
        (Value::Null, Value::Null, Value::Null, None),
    ] {
        let mut data = whole();
        (data["first_name"], data["last_name"], data["username"]) = (first, last, username);
        let profile = user(data).profile(ISSUER, Timestamp::from_seconds(0));
        assert_eq!(profile.name.as_deref(), found);
    }
}

#[test]
fn the_banned_and_the_locked_may_not_sign_in() {
    assert_eq!(user(with("banned", json!(true))).bar(), Some(Bar::Banned));
    assert_eq!(user(with("locked", json!(true))).bar(), Some(Bar::Locked));
    assert_eq!(user(with("banned", Value::Null)).bar(), None);
}

#[test]
fn what_is_unknown_is_passed_over_and_what_is_nameless_is_told() {
    let read = |kind: &str, data: Value| {
        let body = json!({"type": kind, "data": data}).to_string();
        Envelope::parse(body.as_bytes())
            .expect("an envelope")
            .event()
    };
    assert!(matches!(
        read("waitlistEntry.created", json!({})),
        Ok(Event::Other)
    ));
    assert!(matches!(
        read("still.to.come", Value::Null),
        Ok(Event::Other)
    ));
    assert!(matches!(
        read("email.created", json!({"body": "123456"})),
        Ok(Event::Letter)
    ));
    for (kind, data) in [
        ("user.deleted", json!({"deleted": true})),
        ("user.deleted", json!({"id": ""})),
        ("user.updated", json!({"id": 7})),
        ("user.updated", json!({"id": "user 1"})),
        ("organization.deleted", Value::Null),
        ("session.ended", json!({"id": "sess_1"})),
        (
            "organizationMembership.created",
            json!({"id": "orgmem_1", "organization": {"id": "org_1"}}),
        ),
    ] {
        assert!(
            matches!(read(kind, data.clone()), Err(Nameless)),
            "{kind} {data}"
        );
    }
    for body in ["", "{", "[]", "null", "{\"data\":{}}", "{\"type\":7}"] {
        assert!(Envelope::parse(body.as_bytes()).is_err(), "{body}");
    }
}

#[test]
fn roles_are_read_with_their_prefix_and_without() {
    for (role, admin) in [
        ("org:admin", true),
        ("admin", true),
        ("org:member", false),
        ("org:org:admin", false),
        ("", false),
    ] {
        let body = json!({"type": "organizationMembership.created", "data": {
            "id": "orgmem_1", "role": role, "organization": {"id": "org_1", "name": "W"}, "public_user_data": {"user_id": "user_1", "first_name": "Ada"},
        }});
        let envelope = Envelope::parse(body.to_string().as_bytes()).expect("an envelope");
        let Ok(Event::Membership(membership)) = envelope.event() else {
            panic!("no membership");
        };
        let member = membership.member(ISSUER, Timestamp::from_seconds(5));
        assert_eq!(
            (member.admin, member.updated_at),
            (admin, Timestamp::from_seconds(5)),
            "{role}"
        );
        assert_eq!(member.name.as_deref(), Some("Ada"));
    }
}
