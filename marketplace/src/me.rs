//! What a token is: whose, for which tenant, and what it permits.

use habeo_core::{org, unit};
use habeo_surface::wire::Instant;
use habeo_surface::{ApiResult, Problem};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};
use uuid::Uuid;

use crate::Marketplace;
use crate::caller::{AnyToken, Scoped};

/// The installation behind a token.
#[derive(Debug)]
pub struct MeApi(pub Marketplace);

/// The installation behind a token.
#[derive(Debug, Object)]
pub struct MeView {
    /// The installation.
    pub install_id: Uuid,
    /// Your app's `client_id`.
    pub client_id: Uuid,
    /// What the app was called when somebody consented.
    pub app_name: String,
    /// Who published it.
    pub publisher: String,
    /// The organization, as `orgId` in addresses.
    pub org_id: Uuid,
    /// Its name.
    pub org_name: String,
    /// The entity, as `entityId` in addresses: a unit of the organization with everything below.
    pub entity_id: Uuid,
    /// Its name.
    pub entity_name: String,
    /// What the token permits.
    pub scopes: Vec<String>,
    /// Who consented last.
    pub installed_by: Uuid,
    /// When.
    pub installed_at: Instant,
    /// Until when this token is accepted.
    pub expires_at: Instant,
}

#[OpenApi]
impl MeApi {
    /// Who you are: your installation, its tenant, and the scopes you hold.
    ///
    /// Any access token will do.
    #[oai(path = "/me", method = "get", operation_id = "getMe")]
    async fn me(&self, app: Scoped<AnyToken>) -> ApiResult<Json<MeView>> {
        let (access, bearer) = (app.access(), app.bearer());
        let mut tx = self.0.ledger().db().read(access).await?;
        let organization = org::store::own(&mut tx, access).await?;
        let entity = unit::store::by_id(&mut tx, access, bearer.unit).await?;
        let entity = entity.ok_or_else(|| Problem::internal("an installation without its unit"))?;
        Ok(Json(MeView {
            install_id: bearer.install.uuid(),
            client_id: bearer.client.uuid(),
            app_name: bearer.name.clone(),
            publisher: bearer.publisher.clone(),
            org_id: bearer.org.uuid(),
            org_name: organization.name,
            entity_id: bearer.unit.uuid(),
            entity_name: entity.name,
            scopes: bearer
                .scopes
                .iter()
                .map(|scope| scope.to_string())
                .collect(),
            installed_by: bearer.installed_by.uuid(),
            installed_at: bearer.installed_at.into(),
            expires_at: bearer.expires_at.into(),
        }))
    }
}
