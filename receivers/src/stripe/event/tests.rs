//! Reports of several versions, whole and in parts.
#![expect(
    clippy::needless_pass_by_value,
    reason = "what a report says is made where it is read"
)]

use serde_json::json;

use super::*;

fn prices() -> Vec<String> {
    vec!["price_seat_month".to_owned(), "habeo_seat".to_owned()]
}

fn event(kind: &str, object: Value) -> Result<Event, Unreadable> {
    envelope(kind, object, Value::Null).event(&prices(), Timestamp::from_seconds(1))
}

fn envelope(kind: &str, object: Value, previous: Value) -> Envelope {
    let body = json!({
        "id": "evt_1", "object": "event", "type": kind, "created": 1_767_225_600, "livemode": true,
        "data": {"object": object, "previous_attributes": previous},
    });
    Envelope::parse(body.to_string().as_bytes()).expect("an envelope")
}

fn item(price: &str, quantity: Value) -> Value {
    json!({"id": "si_1", "quantity": quantity, "current_period_end": 1_769_904_000, "price": {"id": price, "recurring": {"usage_type": "licensed"}}})
}

fn subscription(items: Value) -> Value {
    json!({"id": "sub_1", "object": "subscription", "customer": "cus_1", "status": "active", "items": {"has_more": false, "data": items}})
}

fn snapshot(object: Value) -> (Option<String>, Snapshot) {
    match event("customer.subscription.updated", object) {
        Ok(Event::Subscription(subscription, report)) => (subscription.customer(), report.snapshot),
        other => panic!("{other:?}"),
    }
}

#[test]
fn seats_are_added_up_over_the_items_that_are_seats() {
    let by_key = json!({"quantity": 7, "price": {"id": "price_x", "lookup_key": "habeo_seat"}});
    for (items, seats) in [
        (json!([item("price_seat_month", json!(250))]), 250),
        (json!([item("price_seat_month", json!(5)), by_key]), 12),
        (
            json!([
                item("price_support", json!(1)),
                item("price_seat_month", json!(5))
            ]),
            5,
        ),
        (json!([item("price_seat_month", Value::Null)]), 0),
        (json!([item("price_seat_month", json!(-3))]), 0),
        (json!([]), 0),
    ] {
        let (_, found) = snapshot(subscription(items.clone()));
        assert_eq!(found.seats, Seats::Known(seats), "{items}");
    }
}

#[test]
fn old_and_new_forms_say_the_same() {
    let end = Some(Timestamp::from_seconds(1_769_904_000));
    let new = snapshot(subscription(json!([item("price_seat_month", json!(10))])));
    assert_eq!((new.0.as_deref(), new.1.period_end), (Some("cus_1"), end));
    let old = json!({
        "id": "sub_1", "customer": {"id": "cus_1", "object": "customer", "email": "nobody@x.example"}, "status": "active",
        "current_period_end": 1_769_904_000, "items": {"data": [{"quantity": 10, "plan": {"id": "price_seat_month", "usage_type": "licensed"}}]},
    });
    assert_eq!(snapshot(old), new);
}

#[test]
fn what_is_shown_in_part_says_no_number_and_what_is_metered_says_so() {
    let mut part = subscription(json!([item("price_seat_month", json!(10))]));
    part["items"]["has_more"] = json!(true);
    assert_eq!(snapshot(part).1.seats, Seats::Truncated);
    let meter = |id: &str| json!({"price": {"id": id, "recurring": {"usage_type": "metered"}}});
    let seats = item("price_seat_month", json!(10));
    let found = |items| {
        let found = snapshot(subscription(items)).1;
        (found.metered, found.seats)
    };
    let ours = meter("price_seat_month");
    assert_eq!(
        found(json!([seats.clone(), ours.clone()])),
        (true, Seats::Known(10))
    );
    assert_eq!(
        found(json!([ours.clone()])),
        (true, Seats::Metered),
        "no number is not nought"
    );
    assert_eq!(
        found(json!([seats, meter("price_of_storage")])),
        (false, Seats::Known(10)),
        "what else has a meter is no business of ours"
    );
    assert_eq!(
        found(json!([meter("price_of_storage")])),
        (false, Seats::Known(0))
    );
}

#[test]
fn what_was_before_is_read_as_far_as_it_is_said() {
    let read = |previous| {
        let object = subscription(json!([item("price_seat_month", json!(12))]));
        match envelope("customer.subscription.updated", object, previous)
            .event(&prices(), Timestamp::from_seconds(1))
        {
            Ok(Event::Subscription(_, report)) => report.previous,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(read(Value::Null), Previous::default());
    assert_eq!(read(json!({"metadata": {"a": "b"}})), Previous::default());
    let status = read(json!({"status": "trialing"}));
    assert_eq!(status.status.as_deref(), Some("trialing"));
    let items = read(json!({"items": {"data": [item("price_seat_month", json!(10))]}}));
    assert_eq!(
        (items.quantity, items.period_end),
        (Some(10), Some(Timestamp::from_seconds(1_769_904_000)))
    );
}

#[test]
fn invoices_name_their_subscription_in_either_place() {
    let new = json!({"id": "in_1", "customer": "cus_1", "parent": {"type": "subscription_details", "subscription_details": {"subscription": "sub_1"}}});
    let old = json!({"id": "in_1", "customer": {"id": "cus_1"}, "subscription": {"id": "sub_1"}});
    for object in [new, old] {
        for (kind, was_paid) in [
            ("invoice.paid", true),
            ("invoice.payment_failed", false),
            ("invoice.overdue", false),
        ] {
            let found = event(kind, object.clone());
            let fits = matches!(&found, Ok(Event::Invoice { customer, subscription, paid })
                if customer == "cus_1" && subscription == "sub_1" && *paid == was_paid);
            assert!(fits, "{kind} {found:?}");
        }
    }
    assert!(matches!(
        event("invoice.paid", json!({"customer": "cus_1"})),
        Ok(Event::OfCustomer(_))
    ));
    assert!(matches!(
        event("invoice.voided", json!({"customer": "cus_1"})),
        Ok(Event::OfCustomer(_))
    ));
    assert!(matches!(
        event("invoice.payment_succeeded", json!({})),
        Ok(Event::Other)
    ));
}

#[test]
fn a_purchase_names_its_organisation_by_what_was_written_on_it() {
    let read = |object| match event("checkout.session.completed", object) {
        Ok(Event::Purchase(purchase)) => purchase,
        other => panic!("{other:?}"),
    };
    let address = json!({"email": "dean@westmark.example"});
    for (reference_id, noted, found) in [
        (json!("org-1"), Value::Null, Some("org-1")),
        (Value::Null, json!({"habeo_org_id": "org-1"}), Some("org-1")),
        (
            json!("org-1"),
            json!({"habeo_org_id": "org-1"}),
            Some("org-1"),
        ),
        (json!("org-1"), json!({"habeo_org_id": "org-2"}), None),
        (Value::Null, json!({"other": "x"}), None),
    ] {
        let purchase = read(
            json!({"customer": "cus_1", "subscription": "sub_1", "client_reference_id": reference_id, "metadata": noted, "customer_details": address}),
        );
        assert_eq!(purchase.organization(), found);
        assert_eq!(purchase.customer().as_deref(), Some("cus_1"));
        assert_eq!(purchase.subscription().as_deref(), Some("sub_1"));
    }
}

#[test]
fn what_is_unknown_is_passed_over() {
    for kind in [
        "charge.refunded",
        "billing.meter.created",
        "billing.alert.triggered",
        "still.to.come",
    ] {
        assert!(matches!(event(kind, json!({})), Ok(Event::Other)), "{kind}");
    }
    let thin = json!({"id": "evt_1", "object": "v2.core.event", "type": "v1.billing.meter.error_report_triggered", "created": "2026-01-01T00:00:00.000Z"});
    let thin = Envelope::parse(thin.to_string().as_bytes()).expect("an envelope");
    assert!(matches!(
        thin.event(&prices(), Timestamp::from_seconds(1)),
        Ok(Event::Thin)
    ));
    assert_eq!(
        thin.created(Timestamp::from_seconds(1)),
        Timestamp::from_seconds(1_767_225_600)
    );
    for (kind, object) in [
        ("customer.subscription.updated", json!({})),
        ("customer.subscription.updated", Value::Null),
        ("customer.deleted", json!({"id": 7})),
        ("invoice.paid", json!({"subscription": "sub_1"})),
    ] {
        assert!(
            matches!(event(kind, object.clone()), Err(Unreadable)),
            "{kind} {object}"
        );
    }
    for body in ["", "{", "[]", "{\"id\":\"evt_1\"}", "{\"type\":\"x\"}"] {
        assert!(Envelope::parse(body.as_bytes()).is_err(), "{body}");
    }
}
