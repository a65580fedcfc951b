//! A stand-in for the part of Stripe that takes events of meters, on a loopback port. It refuses whatever Stripe would refuse.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use habeo_server::listen::Bound;
use habeo_server::stop::Stop;
use poem::http::{Method, StatusCode};
use poem::{Endpoint, EndpointExt as _, Request, Response};
use serde_json::{Value, json};

use crate::must;

/// The secret key of the live mode.
pub const LIVE_KEY: &str = "sk_live_planted";
/// The secret key of the test mode.
pub const TEST_KEY: &str = "sk_test_planted";
/// The event of the meter.
pub const EVENT: &str = "habeo_active_seats";

/// A Stripe of one test. Cloning gives another handle to the same.
#[derive(Debug, Clone)]
pub struct MeterStripe {
    base: String,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    calls: Vec<Call>,
    /// What was taken, by its identifier: once each.
    taken: BTreeMap<String, BTreeMap<String, String>>,
    failures: VecDeque<(u16, Option<u32>)>,
}

/// What it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// By what key.
    pub key: String,
    /// Under which name the request may be repeated.
    pub idempotency_key: String,
    /// In which version of the API.
    pub version: String,
    /// The form.
    pub form: BTreeMap<String, String>,
    /// The status of the answer.
    pub status: u16,
}

impl MeterStripe {
    /// Starts one.
    pub async fn start() -> Self {
        let bound = must(Bound::to(std::net::SocketAddr::from(([127, 0, 0, 1], 0))).await);
        let stripe = Self {
            base: format!("http://{}", bound.address()),
            state: Arc::default(),
        };
        let endpoint = Front(stripe.clone()).boxed();
        tokio::spawn(bound.serve(Arc::new(endpoint), Stop::default()));
        stripe
    }

    /// The settings of a server that reports to it.
    #[must_use]
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        let host = self.base.trim_start_matches("http://").to_owned();
        vec![
            ("HABEO_STRIPE_API_BASE", self.base.clone()),
            ("HABEO_STRIPE_SECRET_KEY", LIVE_KEY.to_owned()),
            ("HABEO_STRIPE_TEST_SECRET_KEY", TEST_KEY.to_owned()),
            ("HABEO_STRIPE_METER_EVENT", EVENT.to_owned()),
            ("HABEO_ALLOW_PRIVATE_HOSTS", host),
        ]
    }

    /// Lets the next requests fail with this status, and this time to wait.
    pub fn fail(&self, status: u16, retry_after: Option<u32>) {
        self.state().failures.push_back((status, retry_after));
    }

    /// What it was asked so far.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    /// What counts, by its identifier.
    #[must_use]
    pub fn taken(&self) -> BTreeMap<String, BTreeMap<String, String>> {
        self.state().taken.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, call: &Call) -> (u16, Option<u32>, Value) {
        let failure = |status: u16, code: &str| {
            let kind = "invalid_request_error";
            (
                status,
                None,
                json!({"error": {"type": kind, "code": code, "message": "refused"}}),
            )
        };
        if ![LIVE_KEY, TEST_KEY].contains(&call.key.as_str()) {
            return failure(401, "api_key_invalid");
        }
        if let Some((status, retry_after)) = self.state().failures.pop_front() {
            let body = json!({"error": {"type": "api_error", "code": "lock_timeout"}});
            return (status, retry_after, body);
        }
        let form = &call.form;
        let customer = form.get("payload[stripe_customer_id]");
        let whole = form.get("event_name").map(String::as_str) == Some(EVENT)
            && customer.is_some_and(|customer| customer.starts_with("cus_"))
            && form
                .get("payload[value]")
                .is_some_and(|value| value.parse::<u32>().is_ok());
        let Some(identifier) = form.get("identifier").filter(|_| whole) else {
            return failure(400, "parameter_invalid");
        };
        if call.version.is_empty() || call.idempotency_key != *identifier {
            return failure(400, "idempotency_error");
        }
        self.state()
            .taken
            .entry(identifier.clone())
            .or_insert_with(|| form.clone());
        let body = json!({"object": "billing.meter_event", "identifier": identifier, "livemode": call.key == LIVE_KEY});
        (200, None, body)
    }
}

struct Front(MeterStripe);

impl Endpoint for Front {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let whole =
            *request.method() == Method::POST && request.uri().path() == "/v1/billing/meter_events";
        if !whole {
            return Ok(StatusCode::NOT_FOUND.into());
        }
        let bytes = request.take_body().into_vec().await.unwrap_or_default();
        let header = |name: &str| request.header(name).unwrap_or_default().to_owned();
        let mut call = Call {
            key: header("authorization")
                .trim_start_matches("Bearer ")
                .to_owned(),
            idempotency_key: header("idempotency-key"),
            version: header("stripe-version"),
            form: url::form_urlencoded::parse(&bytes).into_owned().collect(),
            status: 0,
        };
        let (status, retry_after, body) = self.0.answer(&call);
        call.status = status;
        self.0.state().calls.push(call);
        let mut response = Response::builder()
            .status(must(StatusCode::from_u16(status)))
            .content_type("application/json");
        if let Some(seconds) = retry_after {
            response = response.header("retry-after", seconds.to_string());
        }
        Ok(response.body(body.to_string()))
    }
}
