//! Who the caller is.

use habeo_core::access::{Action, Reach, Role};
use habeo_core::{org, person, seat, unit};
use habeo_surface::paging::{One, one};
use habeo_surface::{ApiResult, Caller, Problem};
use poem_openapi::OpenApi;
use poem_openapi::payload::Json;

use crate::Context;
use crate::view::{MeView, Organization, SeatView, UnitName, User};

/// The caller.
#[derive(Debug)]
pub struct MeApi(pub Context);

#[OpenApi]
impl MeApi {
    /// The caller, their organization and their active role.
    #[oai(path = "/me", method = "get", operation_id = "getMe")]
    async fn me(&self, caller: Caller) -> ApiResult<Json<One<MeView>>> {
        let access = caller.access();
        let mut tx = self.0.ledger().db().read(access).await?;
        let organization = org::store::own(&mut tx, access).await?;
        let user = person::store::own(&mut tx, access)
            .await?
            .ok_or_else(|| Problem::internal("a verified person has no row"))?;
        let roots = match access.reach(Action::ReadAssets) {
            Reach::Whole => unit::store::root(&mut tx, access)
                .await?
                .into_iter()
                .collect(),
            Reach::Below(roots) => roots,
        };
        let units = unit::store::by_ids(&mut tx, access, &roots).await?;
        let seat = match access.actor().role {
            Role::OrgAdmin => {
                let now = self.0.ledger().clock().now();
                seat::store::standing(&mut tx, access, now).await?
            }
            _ => None,
        };
        Ok(one(MeView {
            user: User {
                id: user.id.uuid(),
                name: user.display_name,
                email: user.email.into(),
            },
            organization: Organization {
                id: organization.id.uuid(),
                name: organization.name,
                slug: organization.slug,
                sandbox: organization.is_sandbox,
            },
            role: access.actor().role.into(),
            units: units.into_iter().map(UnitName::from).collect(),
            seat: seat.map(SeatView::from).into(),
        }))
    }
}
