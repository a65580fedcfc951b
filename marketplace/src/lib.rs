//! Apps of the marketplace: OAuth, by which they are installed and get their tokens, and `/public/v1`, which they use.
//!
//! An app is sent by its user's browser to `/oauth/authorize`. Whether its request is good is decided here; who installs it, for which unit and to
//! what they consent is asked on a page of the console, to which the request travels sealed. The code that follows is exchanged at
//! `/oauth/token`. What was consented to lives in core, with the rules of codes, families and tokens; here is what travels over HTTP.
//!
//! On `/public/v1` naming [`caller::Scoped`] in a handler's signature is the whole of its authentication. Checks come in one order: token, state of
//! the installation, rate, tenant, scope, and only then what was asked for. So a wrong tenant tells nothing of scopes, and every answer after the
//! token says what is left of the rate.

mod assets;
pub mod caller;
mod context;
mod health;
mod list;
mod manufacturing;
mod me;
pub mod oauth;
mod people;
mod sites;
mod tickets;
mod view;
mod webhooks;

use habeo_surface::openapi::FailureShape;
use poem::{EndpointExt as _, Route};
use poem_openapi::OpenApiService;
use serde_json::json;

pub use context::{Addresses, Marketplace, Pages, Parts};

/// Where everything for installed apps is.
pub const PREFIX: &str = "/public/v1";

/// The operations of the document, grouped: a tuple of them has a largest size.
pub type Apis = (
    (health::HealthApi, me::MeApi),
    (
        assets::AssetsApi,
        people::PeopleApi,
        sites::SitesApi,
        tickets::TicketsApi,
    ),
    webhooks::WebhooksApi,
);

/// The service that answers below [`PREFIX`] and describes itself.
#[must_use]
pub fn api(marketplace: &Marketplace) -> OpenApiService<Apis, ()> {
    let of = || marketplace.clone();
    let apis = (
        (health::HealthApi(of()), me::MeApi(of())),
        (
            assets::AssetsApi(of()),
            people::PeopleApi(of()),
            sites::SitesApi(of()),
            tickets::TicketsApi(of()),
        ),
        webhooks::WebhooksApi(of()),
    );
    OpenApiService::new(apis, "Habeo public API", "1.0.0")
        .summary("What apps of the marketplace see of the organizations that installed them.")
        .description(
            "Every request carries `Authorization: Bearer <access token>`. A token is for one organization and one entity, which is a unit of it \
             with everything below; any other in the address is refused with `tenant_scope_violation`. Failures are JSON with `error`, a code \
             that is stable, and `message`.",
        )
        .url_prefix(PREFIX)
}

/// How this surface spells failures, for its document.
#[must_use]
pub fn failures() -> FailureShape {
    let text = |description: &str| json!({"type": "string", "description": description});
    let fault = json!({
        "type": "object",
        "required": ["field", "code", "message"],
        "properties": {
            "field": text("The field at fault."),
            "code": text("What is wrong with it, for programs."),
            "message": text("What is wrong with it, for people."),
        },
    });
    let schema = json!({
        "type": "object",
        "description": "Why a request was not fulfilled.",
        "required": ["error", "message"],
        "properties": {
            "error": text("The kind of failure for programs. It never changes."),
            "message": text("What happened, for people."),
            "required": {"type": "array", "items": {"type": "string"}, "description": "With `insufficient_scope`: the scopes that it takes."},
            "ticket": text("With `not_implemented`: the name of the plan."),
            "param": text("With `invalid_request`: the parameter at fault."),
            "fields": {"type": "array", "items": fault, "description": "With `validation_failed`: the faults, one for each field."},
            "limit": {"type": "integer", "format": "int32", "minimum": 0, "description": "With `webhook_limit_reached`: how many there can be."},
        },
    });
    FailureShape {
        name: "Failure",
        media_type: "application/json",
        schema,
    }
}

/// Adds every route of the marketplace.
#[must_use]
pub fn mount(route: Route, marketplace: &Marketplace) -> Route {
    let api = api(marketplace).data(marketplace.clone());
    let route = route.nest(PREFIX, api);
    let route = manufacturing::mount(route, marketplace);
    oauth::mount(route, marketplace)
}

pub use manufacturing::PATHS as MANUFACTURING_PATHS;
