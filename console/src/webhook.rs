//! Where a connected system sends what it reports.

use habeo_core::connection::{Family, Provider};
use habeo_core::id::ConnectionId;
use url::Url;

/// The address that is entered at the other end. It holds no secret.
#[must_use]
pub fn webhook_url(public_url: &Url, provider: Provider, id: ConnectionId) -> String {
    let base = public_url.as_str().trim_end_matches('/');
    match provider.family() {
        Family::Mdm => {
            format!("{base}/api/webhooks/mdm-login?provider={provider}&connection={id}")
        }
        Family::Itsm => format!("{base}/api/webhooks/itsm/{provider}/{id}"),
    }
}
