//! Stand-ins for those who report by signed webhooks: Clerk and Stripe, as far as this server hears of them.

use std::fmt;

use habeo_receivers::stripe::signature;
use habeo_receivers::svix::Secret;
use poem::http::StatusCode;
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::app::{Answer, TestApp};
use crate::database::TestDb;
use crate::must;

/// What Clerk signs with.
pub const CLERK_SECRET: &str = "whsec_aGFiZW8tY2xlcmstd2ViaG9vay1rZXkh";
/// What it signed with before.
pub const CLERK_OLD_SECRET: &str = "whsec_aGFiZW8tY2xlcmstd2ViaG9vay1vbGQh";
/// The Clerk instance.
pub const INSTANCE: &str = "ins_2habeo";
/// What Stripe signs with in live mode.
pub const STRIPE_SECRET: &str = "whsec_habeo_example";
/// What it signed with before.
pub const STRIPE_OLD_SECRET: &str = "whsec_habeo_old";
/// What it signs with in test mode.
pub const STRIPE_TEST_SECRET: &str = "whsec_habeo_test";
/// The price that is a seat.
pub const SEAT_PRICE: &str = "price_seat_month";

const CLERK_DOOR: &str = "/api/webhooks/clerk";
const STRIPE_DOOR: &str = "/api/webhooks/stripe";

/// The settings of a server that listens to both.
pub const SETTINGS: [(&str, &str); 7] = [
    (
        "HABEO_CLERK_WEBHOOK_SECRETS",
        "whsec_aGFiZW8tY2xlcmstd2ViaG9vay1rZXkh,whsec_aGFiZW8tY2xlcmstd2ViaG9vay1vbGQh",
    ),
    ("HABEO_CLERK_INSTANCE_ID", INSTANCE),
    (
        "HABEO_STRIPE_WEBHOOK_SECRETS",
        "whsec_habeo_example, whsec_habeo_old",
    ),
    ("HABEO_STRIPE_TEST_WEBHOOK_SECRETS", STRIPE_TEST_SECRET),
    ("HABEO_STRIPE_SEAT_PRICES", "price_seat_month,habeo_seat"),
    ("HABEO_RATE_LIMIT_API", "1000000"),
    ("HABEO_RATE_LIMIT_API_BURST", "1000000"),
];

/// A server that listens to both.
pub async fn listening(db: &TestDb) -> TestApp {
    TestApp::configured(db, &SETTINGS).await
}

/// Clerk.
#[derive(Clone, Copy)]
pub struct Clerk<'a>(pub &'a TestApp);

impl fmt::Debug for Clerk<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clerk")
    }
}

/// The three headers of a message.
#[must_use]
pub fn svix(secret: &str, id: &str, at: i64, body: &[u8]) -> [(&'static str, String); 3] {
    let secret = must(Secret::parse(secret).ok_or("a secret"));
    let at = at.to_string();
    [
        ("svix-id", id.to_owned()),
        ("svix-signature", secret.sign(id, &at, body)),
        ("svix-timestamp", at),
    ]
}

impl Clerk<'_> {
    /// Sends bytes with these headers, as JSON.
    pub async fn send(&self, headers: &[(&str, String)], body: &[u8]) -> Answer {
        let mut call = self.0.post(CLERK_DOOR).body(body.to_vec());
        call = call.header("content-type", "application/json");
        for (name, value) in headers {
            call = call.header(name, value);
        }
        call.send().await
    }

    /// Sends a message that is signed now.
    pub async fn deliver(&self, id: &str, body: &[u8]) -> Answer {
        let now = self.0.db.clock_now().seconds();
        self.send(&svix(CLERK_SECRET, id, now, body), body).await
    }

    /// Reports something, and has it worked off. What was said of it.
    ///
    /// # Panics
    ///
    /// When it is not taken.
    pub async fn reports(&self, id: &str, kind: &str, data: Value) -> String {
        let word = self.tells(id, kind, data).await;
        self.settle().await;
        word
    }

    /// Reports something that is not worked off yet.
    ///
    /// # Panics
    ///
    /// When it is not taken.
    pub async fn tells(&self, id: &str, kind: &str, data: Value) -> String {
        let body = self.envelope(kind, data).to_string();
        let answer = self.deliver(id, body.as_bytes()).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        must(answer.json()["status"].as_str().ok_or("no word")).to_owned()
    }

    /// A report as Clerk writes it.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "what is reported is made where it is reported"
    )]
    pub fn envelope(&self, kind: &str, data: Value) -> Value {
        let millis = self.0.db.clock_now().micros() / 1_000;
        json!({
            "data": data, "object": "event", "type": kind, "timestamp": millis, "instance_id": INSTANCE,
            "event_attributes": {"http_request": {"client_ip": "203.0.113.7", "user_agent": "Mozilla/5.0"}},
        })
    }

    /// Works off what has come in.
    pub async fn settle(&self) {
        let worker = self.0.app.receivers.clerk_reports();
        must(worker.run_until_idle().await);
    }
}

/// An account as Clerk shows it, last changed at this second.
#[must_use]
pub fn user(id: &str, first: &str, email: &str, updated: i64) -> Value {
    json!({
        "object": "user", "id": id, "external_id": null, "username": null, "first_name": first, "last_name": "Example",
        "image_url": "https://img.example/p.png", "has_image": false, "primary_email_address_id": "idn_1",
        "email_addresses": [{
            "id": "idn_1", "object": "email_address", "email_address": email, "reserved": false,
            "verification": {"status": "verified", "strategy": "email_code", "attempts": 1, "expire_at": null}, "linked_to": [],
        }],
        "phone_numbers": [], "public_metadata": {}, "private_metadata": {"note": "planted-private-note"}, "unsafe_metadata": {"role": "org:admin"},
        "banned": false, "locked": false, "created_at": updated * 1_000, "updated_at": updated * 1_000,
    })
}

/// A membership as Clerk shows it, last changed at this second.
#[must_use]
pub fn membership(id: &str, org: &str, user: &str, role: &str, updated: i64) -> Value {
    json!({
        "object": "organization_membership", "id": id, "role": role, "role_name": "Member", "permissions": [],
        "public_metadata": {}, "private_metadata": {}, "organization": organization(org, updated),
        "public_user_data": {
            "user_id": user, "first_name": "Public", "last_name": "Example", "image_url": null, "has_image": false,
            "identifier": "unverified@elsewhere.example", "username": null,
        },
        "created_at": updated * 1_000, "updated_at": updated * 1_000,
    })
}

/// An organisation as Clerk shows it, last changed at this second.
#[must_use]
pub fn organization(id: &str, updated: i64) -> Value {
    json!({
        "object": "organization", "id": id, "name": format!("{id} College"), "slug": id, "max_allowed_memberships": 0,
        "admin_delete_enabled": true, "public_metadata": {}, "private_metadata": {}, "created_at": updated * 1_000, "updated_at": updated * 1_000,
    })
}

/// Stripe.
#[derive(Clone, Copy)]
pub struct Stripe<'a>(pub &'a TestApp);

impl fmt::Debug for Stripe<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stripe")
    }
}

/// The header of a message.
#[must_use]
pub fn stripe_signature(secret: &str, at: i64, body: &[u8]) -> String {
    let secret = SecretString::from(secret.to_owned());
    signature::sign(&secret, &at.to_string(), body)
}

impl Stripe<'_> {
    /// Sends bytes with this signature, as JSON.
    pub async fn send(&self, signature: &str, body: &[u8]) -> Answer {
        let call = self.0.post(STRIPE_DOOR).body(body.to_vec());
        call.header("content-type", "application/json; charset=utf-8")
            .header("stripe-signature", signature)
            .send()
            .await
    }

    /// Sends a message that is signed now, in live mode.
    pub async fn deliver(&self, body: &[u8]) -> Answer {
        let now = self.0.db.clock_now().seconds();
        self.send(&stripe_signature(STRIPE_SECRET, now, body), body)
            .await
    }

    /// Reports something of this second, and has it worked off. What was said of it.
    ///
    /// # Panics
    ///
    /// When it is not taken.
    pub async fn reports(&self, id: &str, kind: &str, created: i64, object: Value) -> String {
        let word = self.tells(&event(id, kind, created, object)).await;
        self.settle().await;
        word
    }

    /// Reports something that is not worked off yet.
    ///
    /// # Panics
    ///
    /// When it is not taken.
    pub async fn tells(&self, event: &Value) -> String {
        let answer = self.deliver(event.to_string().as_bytes()).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        must(answer.json()["status"].as_str().ok_or("no word")).to_owned()
    }

    /// Works off what has come in.
    pub async fn settle(&self) {
        let worker = self.0.app.receivers.stripe_reports();
        must(worker.run_until_idle().await);
    }
}

/// A report as Stripe writes it.
#[must_use]
#[expect(
    clippy::needless_pass_by_value,
    reason = "what is reported is made where it is reported"
)]
pub fn event(id: &str, kind: &str, created: i64, object: Value) -> Value {
    json!({
        "id": id, "object": "event", "api_version": "2025-09-30.clover", "created": created, "livemode": true, "pending_webhooks": 1,
        "request": {"id": null, "idempotency_key": null}, "type": kind, "data": {"object": object},
    })
}

/// A subscription as Stripe shows it.
#[must_use]
pub fn subscription(id: &str, customer: &str, status: &str, seats: i64) -> Value {
    json!({
        "id": id, "object": "subscription", "customer": customer, "status": status, "currency": "usd", "metadata": {},
        "items": {"object": "list", "has_more": false, "data": [{
            "id": "si_1", "object": "subscription_item", "quantity": seats, "subscription": id,
            "current_period_start": 1_772_000_000, "current_period_end": 1_775_000_000,
            "price": {"id": SEAT_PRICE, "object": "price", "recurring": {"interval": "month", "usage_type": "licensed"}},
        }]},
    })
}

/// A purchase for an organisation as Stripe shows it.
#[must_use]
pub fn purchase(customer: &str, subscription: &str, org: &str) -> Value {
    json!({
        "id": "cs_1", "object": "checkout.session", "mode": "subscription", "status": "complete", "payment_status": "paid", "customer": customer,
        "subscription": subscription, "client_reference_id": org, "customer_details": {"email": "planted@card.example"}, "metadata": {},
    })
}

/// An invoice of a subscription as Stripe shows it.
#[must_use]
pub fn invoice(customer: &str, subscription: &str) -> Value {
    json!({
        "id": "in_1", "object": "invoice", "customer": customer, "status": "open", "attempt_count": 1,
        "parent": {"type": "subscription_details", "subscription_details": {"subscription": subscription}},
    })
}
