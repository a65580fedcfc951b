//! The pages, one file per room.

mod approvals;
mod apps;
mod asset;
mod assets;
mod audit;
mod billing;
mod cases;
mod connections;
mod export;
mod hand_overs;
mod home;
mod integrations;
mod known;
mod legal;
mod link;
mod listed;
mod notices;
mod procurement;
mod said;
mod settings;
mod sign_in;
mod suppliers;
mod webhooks;
mod words;

use habeo_core::chat::Platform;
use habeo_core::time::Timestamp;
use poem::http::StatusCode;
use poem::{EndpointExt as _, Error, Result, Route, RouteMethod, get, post};
use serde::Deserialize;

use crate::Console;
use crate::guard::guard;
use integrations::{connect, digests, list, manifest, show};

/// The patterns of every page, for the log and for `Allow`.
pub const PATHS: &[&str] = &[
    "/",
    "/assets",
    "/assets/export",
    "/assets/scan",
    "/assets/{asset}",
    "/assets/{asset}/history",
    "/assets/{asset}/label",
    "/t/{tag}",
    "/audit",
    "/audit/export",
    "/audit/verify",
    "/audit/{index}",
    "/audit/{index}/{file}",
    "/exports/{offer}/{number}",
    "/apps",
    "/apps/registered",
    "/apps/registered/new",
    "/apps/registered/{client}",
    "/apps/registered/{client}/settings",
    "/apps/registered/{client}/rotate",
    "/apps/registered/{client}/end-rotation",
    "/apps/registered/{client}/status",
    "/apps/{install}",
    "/apps/{install}/suspend",
    "/apps/{install}/resume",
    "/apps/{install}/uninstall",
    "/oauth/consent",
    "/sign-in",
    "/sign-in/session",
    "/sign-out",
    "/privacy",
    "/terms",
    "/link/slack",
    "/link/teams",
    "/links/{link}/end",
    "/settings/notices",
    "/admin/billing",
    "/admin/cases",
    "/admin/cases/{case}",
    "/admin/cases/{case}/decide",
    "/admin/hand-overs",
    "/admin/hand-overs/policy",
    "/admin/hand-overs/{hand_over}",
    "/admin/hand-overs/{hand_over}/decide",
    "/admin/integrations",
    "/admin/integrations/slack/manifest.json",
    "/admin/integrations/teams/package.zip",
    "/admin/integrations/{install}",
    "/admin/integrations/{install}/settings",
    "/admin/integrations/{install}/digests",
    "/admin/integrations/{install}/digests/{digest}/end",
    "/admin/integrations/{install}/disconnect",
    "/settings/api",
    "/settings/api/token",
    "/settings/api/keys",
    "/settings/api/keys/{key}/revoke",
    "/admin/integrations/webhooks",
    "/admin/integrations/webhooks/new",
    "/admin/integrations/webhooks/{endpoint}",
    "/admin/integrations/webhooks/{endpoint}/edit",
    "/admin/integrations/webhooks/{endpoint}/pause",
    "/admin/integrations/webhooks/{endpoint}/resume",
    "/admin/integrations/webhooks/{endpoint}/test",
    "/admin/integrations/webhooks/{endpoint}/rotate",
    "/admin/integrations/webhooks/{endpoint}/end-rotation",
    "/admin/integrations/webhooks/{endpoint}/remove",
    "/admin/integrations/webhooks/{endpoint}/replay",
    "/admin/integrations/webhooks/{endpoint}/deliveries/{delivery}",
    "/admin/integrations/webhooks/{endpoint}/deliveries/{delivery}/body",
    "/admin/integrations/webhooks/{endpoint}/deliveries/{delivery}/redeliver",
    "/admin/connections/new",
    "/admin/connections/{connection}",
    "/admin/connections/{connection}/name",
    "/admin/connections/{connection}/settings",
    "/admin/connections/{connection}/pause",
    "/admin/connections/{connection}/resume",
    "/admin/connections/{connection}/rotate",
    "/admin/connections/{connection}/end-rotation",
    "/admin/connections/{connection}/remove",
    "/admin/connections/{connection}/listen",
    "/admin/connections/{connection}/deliveries/{delivery}",
    "/admin/connections/{connection}/deliveries/{delivery}/body",
    "/admin/connections/{connection}/deliveries/{delivery}/replay",
    "/admin/suppliers",
    "/admin/suppliers/new",
    "/admin/suppliers/{supplier}",
    "/admin/suppliers/{supplier}/edit",
    "/admin/suppliers/{supplier}/test",
    "/admin/suppliers/{supplier}/pause",
    "/admin/suppliers/{supplier}/resume",
    "/admin/suppliers/{supplier}/ours",
    "/admin/suppliers/{supplier}/login",
    "/admin/suppliers/{supplier}/documents",
    "/admin/suppliers/{supplier}/documents/{document}",
    "/admin/suppliers/{supplier}/documents/{document}/body",
    "/admin/suppliers/{supplier}/rotate",
    "/admin/suppliers/{supplier}/end-rotation",
    "/admin/suppliers/{supplier}/remove",
    "/procurement",
    "/procurement/shop",
    "/procurement/carts/{session}",
    "/procurement/carts/{session}/answer",
    "/procurement/carts/{session}/close",
    "/procurement/carts/{session}/documents/{document}",
    "/procurement/carts/{session}/documents/{document}/recover",
    "/procurement/requisitions/{requisition}",
    "/procurement/requisitions/{requisition}/submit",
    "/procurement/requisitions/{requisition}/decide",
    "/procurement/requisitions/{requisition}/withdraw",
    "/procurement/requisitions/{requisition}/reopen",
    "/procurement/requisitions/{requisition}/assign",
    "/procurement/requisitions/{requisition}/shop",
    "/procurement/requisitions/{requisition}/order",
    "/procurement/orders",
    "/procurement/orders/{order}",
    "/procurement/orders/{order}/cancel",
    "/procurement/orders/{order}/send",
    "/procurement/orders/{order}/documents",
    "/procurement/orders/{order}/documents/{document}",
    "/procurement/orders/{order}/documents/{document}/body",
    "/procurement/orders/{order}/sent/{version}",
    "/procurement/shipments/{order}",
    "/procurement/orders/{order}/receive",
    "/procurement/orders/{order}/receive/list",
    "/procurement/orders/{order}/receive/label",
    "/procurement/orders/{order}/lines/{line}/decide",
    "/procurement/orders/{order}/lines/{line}/pieces",
    "/procurement/orders/{order}/lines/{line}/cancel",
    "/procurement/receiving",
    "/procurement/delegations",
    "/procurement/delegations/{delegation}/end",
    "/admin/approvals",
    "/procurement/requisitions/{requisition}/lines/{line}/pieces",
    "/procurement/requisitions/{requisition}/lines/{line}/remove",
    "/slack/install",
    "/slack/oauth/callback",
    "/teams/install",
    "/teams/consent/callback",
    "/console/{file}",
];

/// Adds the pages to a route tree. Each goes through the guard by itself, so that nothing beside them does.
pub(crate) fn mount(route: Route, console: &Console) -> Route {
    let rooms = rooms()
        .into_iter()
        .chain(record_rooms())
        .chain(program_rooms())
        .chain(connection_rooms())
        .chain(app_rooms())
        .chain(procurement::rooms::all());
    rooms
        .fold(route, |route, (path, room)| {
            route.at(path, room.around(guard).data(console.clone()))
        })
        .at("/console/:file", console.assets().clone())
}

fn rooms() -> Vec<(&'static str, RouteMethod)> {
    vec![
        ("/", get(home::show)),
        ("/exports/:offer/:number", get(export::fetch)),
        ("/sign-in", get(sign_in::show).post(sign_in::choose)),
        ("/sign-in/session", post(sign_in::exchange)),
        ("/sign-out", post(sign_in::leave)),
        ("/privacy", get(legal::privacy)),
        ("/terms", get(legal::terms)),
        ("/link/:platform", get(link::ask).post(link::confirm)),
        ("/links/:link/end", post(link::end)),
        ("/settings/notices", get(notices::show).post(notices::save)),
        ("/admin/billing", get(billing::show)),
        ("/admin/cases", get(cases::list)),
        ("/admin/cases/:case", get(cases::show)),
        ("/admin/cases/:case/decide", post(cases::decide)),
        ("/admin/hand-overs", get(hand_overs::list)),
        ("/admin/hand-overs/policy", post(hand_overs::set_policy)),
        ("/admin/hand-overs/:hand_over", get(hand_overs::show)),
        (
            "/admin/hand-overs/:hand_over/decide",
            post(hand_overs::decide),
        ),
        ("/admin/integrations", get(list::list)),
        (
            "/admin/integrations/slack/manifest.json",
            get(manifest::slack_manifest),
        ),
        (
            "/admin/integrations/teams/package.zip",
            get(manifest::teams_package),
        ),
        ("/admin/integrations/:install", get(show::show)),
        (
            "/admin/integrations/:install/settings",
            post(show::configure),
        ),
        (
            "/admin/integrations/:install/digests",
            post(digests::subscribe),
        ),
        (
            "/admin/integrations/:install/digests/:digest/end",
            post(digests::end),
        ),
        (
            "/admin/integrations/:install/disconnect",
            post(show::disconnect),
        ),
        ("/slack/install", get(connect::slack_install)),
        ("/slack/oauth/callback", get(connect::slack_callback)),
        ("/teams/install", get(connect::teams_install)),
        ("/teams/consent/callback", get(connect::teams_callback)),
    ]
}

fn record_rooms() -> [(&'static str, RouteMethod); 12] {
    use assets::{list, scan};
    [
        ("/assets", get(list::list)),
        ("/assets/export", post(list::export)),
        ("/assets/scan", get(scan::show).post(scan::gather)),
        ("/assets/:asset", get(asset::show)),
        ("/assets/:asset/history", get(asset::history::show)),
        ("/assets/:asset/label", get(asset::label::show)),
        ("/t/:tag", get(scan::label)),
        ("/audit", get(audit::list::list)),
        ("/audit/export", post(audit::export::export)),
        ("/audit/verify", post(audit::verify::verify)),
        ("/audit/:index", get(audit::entry::show)),
        ("/audit/:index/:file", get(audit::entry::file)),
    ]
}

fn program_rooms() -> [(&'static str, RouteMethod); 18] {
    use settings::{api, keys};
    use webhooks::{change, deliver, list, replay, secret, show};
    [
        ("/settings/api", get(api::show)),
        ("/settings/api/token", post(api::mint)),
        ("/settings/api/keys", post(keys::create)),
        ("/settings/api/keys/:key/revoke", post(keys::revoke)),
        ("/admin/integrations/webhooks", get(list::list)),
        (
            "/admin/integrations/webhooks/new",
            get(change::fresh).post(change::create),
        ),
        ("/admin/integrations/webhooks/:endpoint", get(show::show)),
        (
            "/admin/integrations/webhooks/:endpoint/edit",
            get(change::edit).post(change::update),
        ),
        (
            "/admin/integrations/webhooks/:endpoint/pause",
            post(change::pause),
        ),
        (
            "/admin/integrations/webhooks/:endpoint/resume",
            post(change::resume),
        ),
        (
            "/admin/integrations/webhooks/:endpoint/test",
            post(change::test),
        ),
        (
            "/admin/integrations/webhooks/:endpoint/rotate",
            post(secret::rotate),
        ),
        (
            "/admin/integrations/webhooks/:endpoint/end-rotation",
            post(secret::end),
        ),
        (
            "/admin/integrations/webhooks/:endpoint/remove",
            post(change::remove),
        ),
        (
            "/admin/integrations/webhooks/:endpoint/replay",
            get(replay::show).post(replay::replay),
        ),
        (
            "/admin/integrations/webhooks/:endpoint/deliveries/:delivery",
            get(deliver::show),
        ),
        (
            "/admin/integrations/webhooks/:endpoint/deliveries/:delivery/body",
            get(deliver::download),
        ),
        (
            "/admin/integrations/webhooks/:endpoint/deliveries/:delivery/redeliver",
            post(deliver::again),
        ),
    ]
}

fn connection_rooms() -> [(&'static str, RouteMethod); 13] {
    use connections::{change, deliver, listen, new, secret, show};
    [
        ("/admin/connections/new", get(new::show).post(new::create)),
        ("/admin/connections/:connection", get(show::show)),
        ("/admin/connections/:connection/name", post(change::rename)),
        (
            "/admin/connections/:connection/settings",
            post(change::configure),
        ),
        ("/admin/connections/:connection/pause", post(change::pause)),
        (
            "/admin/connections/:connection/resume",
            post(change::resume),
        ),
        (
            "/admin/connections/:connection/rotate",
            post(secret::rotate),
        ),
        (
            "/admin/connections/:connection/end-rotation",
            post(secret::end),
        ),
        (
            "/admin/connections/:connection/remove",
            post(change::remove),
        ),
        ("/admin/connections/:connection/listen", get(listen::show)),
        (
            "/admin/connections/:connection/deliveries/:delivery",
            get(deliver::show),
        ),
        (
            "/admin/connections/:connection/deliveries/:delivery/body",
            get(deliver::download),
        ),
        (
            "/admin/connections/:connection/deliveries/:delivery/replay",
            post(deliver::replay),
        ),
    ]
}

fn app_rooms() -> [(&'static str, RouteMethod); 13] {
    use apps::{client, consent, installed, new};
    [
        ("/apps", get(installed::list)),
        ("/apps/registered", get(client::list)),
        ("/apps/registered/new", get(new::show).post(new::create)),
        ("/apps/registered/:client", get(client::show)),
        ("/apps/registered/:client/settings", post(client::configure)),
        ("/apps/registered/:client/rotate", post(client::rotate)),
        (
            "/apps/registered/:client/end-rotation",
            post(client::end_rotation),
        ),
        ("/apps/registered/:client/status", post(client::set_status)),
        ("/apps/:install", get(installed::show)),
        ("/apps/:install/suspend", post(installed::suspend)),
        ("/apps/:install/resume", post(installed::resume)),
        ("/apps/:install/uninstall", post(installed::uninstall)),
        ("/oauth/consent", get(consent::show).post(consent::decide)),
    ]
}

/// A form without fields of its own.
#[derive(Debug, Deserialize)]
pub(crate) struct Nothing {}

/// Something of ours failed; the guard makes a page of it, and the log gets the rest.
pub(crate) fn failed(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(error, StatusCode::SERVICE_UNAVAILABLE)
}

/// There is nothing there, as far as this visitor may know.
pub(crate) fn absent() -> Error {
    Error::from_status(StatusCode::NOT_FOUND)
}

/// A service by its name in an address.
pub(crate) fn platform(name: &str) -> Result<Platform> {
    name.parse().map_err(|_| absent())
}

/// A service by its own name.
pub(crate) const fn word(platform: Platform) -> &'static str {
    match platform {
        Platform::Slack => "Slack",
        Platform::Teams => "Teams",
    }
}

/// A refusal is written to be part of a sentence; this makes it one.
pub(crate) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    first
        .into_iter()
        .flatten()
        .chain(letters)
        .chain(['.'])
        .collect()
}

/// An instant for people, to the minute.
pub(crate) fn instant(at: Option<Timestamp>) -> String {
    at.map_or_else(
        || "never".to_owned(),
        |at| {
            format!(
                "{} UTC",
                at.to_string()
                    .get(..16)
                    .unwrap_or_default()
                    .replace('T', " ")
            )
        },
    )
}
