//! Reporting used seats to Stripe: one event of a meter for each organisation and day, under a name by which a second one does not count.

use habeo_core::id::OrgId;
use habeo_core::outbox::{Channel, Courier, Leased, Outcome};
use habeo_core::seat::report::Usage;
use habeo_egress::{Answer, Egress, EgressError, Lane, Request};
use secrecy::SecretString;
use serde::Deserialize;

/// The most characters of the name of a meter's event.
pub const METER_EVENT_CHARS_MAX: usize = 100;
/// Where events of meters are taken.
const METER_EVENTS: &str = "/v1/billing/meter_events";
/// The most characters of an error that are kept.
const CODE_CHARS_MAX: usize = 80;

/// The meter to which used seats are reported.
#[derive(Debug, Clone)]
pub struct Meter {
    /// What its events are called.
    pub event: String,
    /// What the customer is called in them.
    pub customer_key: String,
    /// What the number is called in them.
    pub value_key: String,
    /// Where the API is.
    pub api_base: String,
    /// Which version of it is spoken.
    pub api_version: String,
    /// By what it is asked in live mode.
    pub live_key: Option<SecretString>,
    /// By what it is asked in test mode.
    pub test_key: Option<SecretString>,
}

/// Delivers reports of used seats.
#[derive(Debug, Clone)]
pub struct MeterCourier {
    egress: Egress,
    meter: Meter,
}

impl MeterCourier {
    /// A courier to one meter, through the guarded client.
    #[must_use]
    pub const fn new(egress: Egress, meter: Meter) -> Self {
        Self { egress, meter }
    }

    fn request(&self, org: OrgId, usage: &Usage) -> Result<Request, Outcome> {
        let meter = &self.meter;
        let dead = |why: &str| Outcome::Dead {
            why: why.to_owned(),
        };
        let key = match usage.livemode {
            true => meter.live_key.as_ref(),
            false => meter.test_key.as_ref(),
        };
        let key = key.ok_or_else(|| dead("there is no secret key for this mode"))?;
        let address = format!("{}{METER_EVENTS}", meter.api_base);
        let target = self.egress.target(&address);
        let target = target.map_err(|refusal| dead(&refusal.to_string()))?;
        let identifier = usage.identifier(org);
        let (value, at) = (
            usage.seats.to_string(),
            usage.day.start().seconds().to_string(),
        );
        let form = [
            ("event_name", meter.event.clone()),
            (&format!("payload[{}]", meter.value_key), value),
            (
                &format!("payload[{}]", meter.customer_key),
                usage.customer.clone(),
            ),
            ("identifier", identifier.clone()),
            ("timestamp", at),
        ];
        Ok(self
            .egress
            .post(Lane::Vendor("stripe"), &target)
            .bearer(key)
            .header("stripe-version", &meter.api_version)
            .header("idempotency-key", &identifier)
            .form(&form))
    }
}

impl Courier for MeterCourier {
    fn channel(&self) -> Channel {
        Channel::Billing
    }

    async fn deliver(&self, parcel: &Leased) -> Outcome {
        let Ok(usage) = serde_json::from_str::<Usage>(&parcel.body) else {
            return Outcome::Dead {
                why: "the report cannot be read".to_owned(),
            };
        };
        match self.request(parcel.org, &usage) {
            Ok(request) => outcome(request.send().await, parcel.org),
            Err(outcome) => outcome,
        }
    }
}

/// What Stripe says of an error.
#[derive(Debug, Default, Deserialize)]
struct Failure {
    #[serde(default)]
    error: Said,
}

#[derive(Debug, Default, Deserialize)]
struct Said {
    #[serde(rename = "type")]
    kind: Option<String>,
    code: Option<String>,
}

fn outcome(answered: Result<Answer, EgressError>, org: OrgId) -> Outcome {
    let answer = match answered {
        Ok(answer) => answer,
        Err(error) => {
            return Outcome::Again {
                after: None,
                why: error.to_string(),
            };
        }
    };
    if answer.is_success() {
        return Outcome::Delivered {
            detail: format!("taken with {}", answer.status),
        };
    }
    let said: Failure = answer.json().unwrap_or_default();
    let word = said.error.code.or(said.error.kind).unwrap_or_default();
    let word: String = word
        .chars()
        .filter(char::is_ascii_graphic)
        .take(CODE_CHARS_MAX)
        .collect();
    let why = format!("Stripe answered {} {word}", answer.status);
    // Another request with the same name is on its way, or there were too many, or it failed: the same one may be taken later.
    if answer.status == 409 || answer.is_worth_repeating() {
        return Outcome::Again {
            after: answer.retry_after,
            why,
        };
    }
    tracing::error!(org.id = %org, status = answer.status, code = word, "Stripe does not take a report of used seats");
    Outcome::Dead { why }
}
