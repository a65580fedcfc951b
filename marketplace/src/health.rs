//! Whether the service is reached and a token accepted.

use habeo_surface::ApiResult;
use habeo_surface::wire::Instant;
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

use crate::Marketplace;
use crate::caller::{AnyToken, Scoped};

/// Health.
#[derive(Debug)]
pub struct HealthApi(pub Marketplace);

/// That everything is well.
#[derive(Debug, Object)]
pub struct HealthView {
    /// `ok`.
    pub status: String,
    /// The server's time.
    pub timestamp: Instant,
}

#[expect(clippy::unused_async, reason = "operations are asynchronous")]
#[OpenApi]
impl HealthApi {
    /// Whether this service is reached and your token accepted.
    ///
    /// Any access token will do.
    #[oai(path = "/health", method = "get", operation_id = "getHealth")]
    async fn health(&self, _app: Scoped<AnyToken>) -> ApiResult<Json<HealthView>> {
        Ok(Json(HealthView {
            status: "ok".to_owned(),
            timestamp: self.0.ledger().clock().now().into(),
        }))
    }
}
