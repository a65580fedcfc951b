//! `/v1`: programs of an organisation manage its endpoints and emit events, by keys of their own.
//!
//! Naming [`Keyed`] in a handler's signature is the whole of its authentication: the key, its rate, its scope, in this order. Everything is
//! spelled as this surface promised: an envelope with `success`, snake case, identifiers as ULIDs, times to the second.

mod catalogue;
mod deliveries;
mod events;
mod key;
mod once;
mod spelled;
mod view;
mod webhooks;

use std::fmt;
use std::sync::Arc;

use habeo_core::ledger::Ledger;
use habeo_core::secret::MasterKey;
use habeo_egress::Egress;
use habeo_surface::limit::{Limiter, Quota, Shared};
use habeo_surface::openapi::FailureShape;
use poem::{EndpointExt as _, Route};
use poem_openapi::OpenApiService;
use serde_json::json;

pub use catalogue::webhooks;
pub use key::{Keyed, SECURITY_SCHEME};

/// Where this surface is mounted.
pub const PREFIX: &str = "/v1";
/// The largest body of an event.
pub const EVENT_BYTES_MAX: usize = 64 * 1_024;

/// What a key may ask of endpoints in the long run and at once.
pub const QUOTA: Quota = Quota {
    rate: 100,
    period_seconds: 60,
    burst: 200,
};

/// The means of the operations; cloning gives another handle to the same.
#[derive(Clone)]
pub struct Control(Arc<Inner>);

struct Inner {
    ledger: Ledger,
    egress: Egress,
    master_key: Arc<MasterKey>,
    keys: key::Keys,
    rates: Limiter,
    failures: Limiter,
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Control").finish_non_exhaustive()
    }
}

impl Control {
    /// Operations on a ledger's organisations. Addresses of endpoints are held against the rules of the client that will reach them.
    #[must_use]
    pub fn new(
        ledger: Ledger,
        egress: Egress,
        master_key: Arc<MasterKey>,
        quota: Quota,
        shared: Option<&Arc<Shared>>,
    ) -> Self {
        let clock = ledger.shared_clock();
        let limiter = |name: &'static str, quota| {
            let limiter = Limiter::new(quota, Arc::clone(&clock));
            match shared {
                Some(shared) => limiter.shared(name, Arc::clone(shared)),
                None => limiter,
            }
        };
        Self(Arc::new(Inner {
            rates: limiter("control", quota),
            failures: limiter("control-failures", Quota::FAILED_AUTHENTICATION),
            keys: key::Keys::new(ledger.clone()),
            ledger,
            egress,
            master_key,
        }))
    }

    fn ledger(&self) -> &Ledger {
        &self.0.ledger
    }

    fn egress(&self) -> &Egress {
        &self.0.egress
    }

    fn master_key(&self) -> Arc<MasterKey> {
        Arc::clone(&self.0.master_key)
    }

    fn keys(&self) -> &key::Keys {
        &self.0.keys
    }

    fn rates(&self) -> &Limiter {
        &self.0.rates
    }

    fn failures(&self) -> &Limiter {
        &self.0.failures
    }
}

/// Every operation of the surface.
pub type Apis = (
    events::EventsApi,
    webhooks::WebhooksApi,
    deliveries::DeliveriesApi,
);

/// The service that answers below [`PREFIX`] and describes itself.
#[must_use]
pub fn api(control: &Control) -> OpenApiService<Apis, ()> {
    let apis = (
        events::EventsApi(control.clone()),
        webhooks::WebhooksApi(control.clone()),
        deliveries::DeliveriesApi(control.clone()),
    );
    OpenApiService::new(apis, "Habeo webhooks API", "1.0.0")
        .summary("Endpoints that are told of what happens, what was delivered to them, and events of your own.")
        .description(
            "Every request carries `Authorization: Bearer wa_live_…`, in a sandbox `wa_test_…`. Answers are `{\"success\": true, \"data\": …}`, \
             failures `{\"success\": false, \"error\": {\"code\", \"message\"}}`. What is delivered is described under `webhooks`.",
        )
        .url_prefix(PREFIX)
}

/// How this surface spells failures, for its document.
#[must_use]
pub fn failures() -> FailureShape {
    let text = |description: &str| json!({"type": "string", "description": description});
    let schema = json!({
        "type": "object",
        "description": "Why a request was not fulfilled.",
        "required": ["success", "error"],
        "properties": {
            "success": {"type": "boolean", "description": "`false`."},
            "error": {
                "type": "object",
                "required": ["code", "message"],
                "properties": {
                    "code": text("The kind of failure for programs. It never changes."),
                    "message": text("What happened, for people."),
                    "fields": {
                        "type": "array",
                        "description": "The faults, one for each field.",
                        "items": {
                            "type": "object",
                            "required": ["field", "code", "message"],
                            "properties": {
                                "field": text("The field at fault."),
                                "code": text("What is wrong with it, for programs."),
                                "message": text("What is wrong with it, for people."),
                            },
                        },
                    },
                },
            },
        },
    });
    FailureShape {
        name: "Failure",
        media_type: "application/json",
        schema,
    }
}

/// Adds every route of the surface.
#[must_use]
pub fn mount(route: Route, control: &Control) -> Route {
    route.nest(PREFIX, api(control).data(control.clone()))
}
