//! Systems that report in: each sends as its vendor's product does, signatures included, and is worked off when a test says so.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use habeo_core::access::{Access, Surface};
use habeo_core::connection::command::CreateConnection;
use habeo_core::connection::{Family, Proof, Provider, Settings};
use habeo_core::id::{ConnectionId, OrgId};
use habeo_core::inbox::Delivery;
use habeo_core::secret::MasterKey;
use habeo_core::time::SECOND_MICROS;
use habeo_receivers::verify;
use poem::http::Method;
use secrecy::{ExposeSecret as _, SecretString};

use crate::app::{Answer, TestApp};
use crate::evidence::MASTER_KEY;
use crate::must;

/// A system that reports in, as one organization connected it.
#[derive(Clone)]
pub struct Reporter {
    /// The server it reports to.
    pub app: TestApp,
    /// Whose product it is.
    pub provider: Provider,
    /// In which organization.
    pub org: OrgId,
    /// Its connection.
    pub id: ConnectionId,
    /// Its secret.
    pub secret: SecretString,
    /// What was chosen for it.
    pub settings: Settings,
}

impl std::fmt::Debug for Reporter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reporter({} {})", self.provider, self.id)
    }
}

impl Reporter {
    /// Connects a product as it usually proves itself.
    pub async fn usual(app: &TestApp, org: OrgId, provider: Provider) -> Self {
        Self::connect(
            app,
            org,
            provider,
            Settings::proven_by(provider.usual_proof()),
        )
        .await
    }

    /// Connects a product.
    pub async fn connect(
        app: &TestApp,
        org: OrgId,
        provider: Provider,
        settings: Settings,
    ) -> Self {
        let create = CreateConnection {
            provider,
            name: provider.title().to_owned(),
            settings: settings.clone(),
            master_key: Arc::new(MasterKey::new(MASTER_KEY)),
        };
        let (id, secret) = must(app.db.ledger.record(&operator(org), create).await);
        Self {
            app: app.clone(),
            provider,
            org,
            id,
            secret,
            settings,
        }
    }

    /// The operator's access to its organization.
    #[must_use]
    pub fn operator(&self) -> Access {
        operator(self.org)
    }

    /// Where it reports.
    #[must_use]
    pub fn target(&self) -> String {
        match self.provider.family() {
            Family::Mdm => format!(
                "/api/webhooks/mdm-login?provider={}&connection={}",
                self.provider, self.id
            ),
            Family::Itsm => format!("/api/webhooks/itsm/{}/{}", self.provider, self.id),
        }
    }

    /// The headers by which it proves that a body is its own.
    #[must_use]
    pub fn proof(&self, body: &[u8]) -> Vec<(String, String)> {
        let secret = self.secret.expose_secret();
        match &self.settings.proof {
            Proof::Hmac {
                header,
                algorithm,
                timestamp_header,
            } => {
                let now = self.app.db.ledger.clock().now().micros() / SECOND_MICROS;
                let at = timestamp_header.as_ref().map(|_| now.to_string());
                let signature = verify::sign(*algorithm, &self.secret, at.as_deref(), body);
                let signed = (header.clone(), format!("{algorithm}={signature}"));
                let time = timestamp_header.clone().zip(at);
                std::iter::once(signed).chain(time).collect()
            }
            Proof::Basic { user } => {
                let text = STANDARD.encode(format!("{user}:{secret}"));
                vec![("authorization".to_owned(), format!("Basic {text}"))]
            }
            Proof::Header { header, prefix } => {
                vec![(header.clone(), format!("{prefix}{secret}"))]
            }
            Proof::ClientState => Vec::new(),
        }
    }

    /// Sends a body of JSON with its proof.
    pub async fn sends(&self, body: &str) -> Answer {
        self.sends_as("application/json", body.as_bytes()).await
    }

    /// Sends a body of any type with its proof.
    pub async fn sends_as(&self, content_type: &str, body: &[u8]) -> Answer {
        let proof = self.proof(body);
        self.sends_with(content_type, body, &proof).await
    }

    /// Sends a body with these headers and nothing else.
    pub async fn sends_with(
        &self,
        content_type: &str,
        body: &[u8],
        headers: &[(String, String)],
    ) -> Answer {
        let call = self.app.request(Method::POST, &self.target());
        let call = call.header("content-type", content_type);
        let call = headers
            .iter()
            .fold(call, |call, (name, value)| call.header(name, value));
        call.body(body.to_vec()).send().await
    }

    /// What came in, the latest first.
    pub async fn deliveries(&self) -> Vec<Delivery> {
        let inbox = self.app.app.receivers.reception.inbox();
        must(inbox.deliveries(&self.operator(), self.id, 200).await)
    }

    /// Works off everything that came in, and says how many letters it was.
    pub async fn worked_off(&self) -> usize {
        worked_off(&self.app).await
    }
}

/// Works off everything that came in from any connection, and says how many letters it was.
pub async fn worked_off(app: &TestApp) -> usize {
    let devices = must(app.app.receivers.devices().run_until_idle().await);
    devices + must(app.app.receivers.tickets().run_until_idle().await)
}

fn operator(org: OrgId) -> Access {
    Access::system(org, Surface::System)
}
