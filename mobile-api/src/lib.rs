//! `/api/v1`: what technicians' phones and other programs read, and where phones register for notifications.
//!
//! Each file is one resource: its operations, and nothing but the translation between the wire and `core`. What leaves is in [`view`].
//! Version 1 is frozen once released: members are added, never changed or taken away.

pub mod assets;
pub mod changes;
pub mod context;
pub mod export;
pub mod history;
pub mod ledger;
pub mod me;
pub mod people;
pub mod push;
pub mod scan;
pub mod sites;
pub mod tickets;
pub mod units;
pub mod view;

use poem_openapi::OpenApiService;

pub use context::Context;

/// Where this surface is mounted.
pub const PREFIX: &str = "/api/v1";

/// Every operation of the surface.
pub type Apis = (
    me::MeApi,
    (
        assets::AssetsApi,
        history::HistoryApi,
        scan::ScanApi,
        tickets::TicketsApi,
    ),
    (people::PeopleApi, sites::SitesApi, units::UnitsApi),
    push::PushApi,
    (changes::ChangesApi, ledger::LedgerApi),
);

/// The service that answers below [`PREFIX`] and describes itself.
#[must_use]
pub fn api(context: &Context) -> OpenApiService<Apis, ()> {
    let apis = (
        me::MeApi(context.clone()),
        (
            assets::AssetsApi(context.clone()),
            history::HistoryApi(context.clone()),
            scan::ScanApi(context.clone()),
            tickets::TicketsApi(context.clone()),
        ),
        (
            people::PeopleApi(context.clone()),
            sites::SitesApi(context.clone()),
            units::UnitsApi(context.clone()),
        ),
        push::PushApi(context.clone()),
        (
            changes::ChangesApi(context.clone()),
            ledger::LedgerApi(context.clone()),
        ),
    );
    OpenApiService::new(apis, "Habeo API", "1.0.0")
        .summary("Assets, people and places of a college, from the ledger that proves them.")
        .description(
            "Every request carries `Authorization: Bearer <session token>`. Lists are paged: pass `meta.nextCursor` back as `cursor`. \
             Failures are problem documents (RFC 9457) whose `code` is stable and listed at `/api/v1/problems`.",
        )
        .url_prefix(PREFIX)
}
