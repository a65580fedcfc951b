//! Manufacturing: promised by the roadmap, and refused in a way that says so.

use habeo_surface::Problem;
use habeo_surface::catalogue::public::NOT_IMPLEMENTED;
use poem::{EndpointExt as _, Request, Response, Result, Route, handler};

use crate::Marketplace;
use crate::caller::{AnyToken, authenticate};

/// The patterns, for the log.
pub const PATHS: [&str; 2] = [
    "/public/v1/orgs/{org_id}/entities/{entity_id}/manufacturing",
    "/public/v1/orgs/{org_id}/entities/{entity_id}/manufacturing/{resource}",
];

/// The plan as a whole.
const PLAN: &str = "MFG-0";
/// What is planned, and the name of each plan.
const PLANS: [(&str, &str); 6] = [
    ("bom", "MFG-1"),
    ("work-orders", "MFG-2"),
    ("recipes", "MFG-3"),
    ("quality-inspections", "MFG-4"),
    ("subcontract-orders", "MFG-5"),
    ("reports", "MFG-6"),
];

/// Adds the routes, for every method.
pub(crate) fn mount(route: Route, marketplace: &Marketplace) -> Route {
    let of = || roadmap.data(marketplace.clone());
    let base = "/public/v1/orgs/:org_id/entities/:entity_id/manufacturing";
    route.at(base, of()).at(format!("{base}/*rest"), of())
}

/// Says that it is not there yet, to apps that may ask.
#[handler]
async fn roadmap(request: &Request) -> Result<Response> {
    authenticate::<AnyToken>(request).await?;
    let behind = request.uri().path().split("/manufacturing/").nth(1);
    let resource = behind.and_then(|rest| rest.split('/').next());
    let ticket = PLANS
        .iter()
        .find(|(name, _)| Some(*name) == resource)
        .map_or(PLAN, |(_, ticket)| *ticket);
    Err(Problem::new(&NOT_IMPLEMENTED)
        .detail("manufacturing is on the roadmap of this API and not there yet")
        .with("ticket", ticket)
        .into())
}
