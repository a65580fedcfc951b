//! Endpoints: what they are told, how, and how often; and `/v1`, by which programs manage them.

mod amended;
mod broken;
mod control;
mod delivering;
mod documented;
mod heard;
mod kept;
mod outages;
mod rebinding;
mod repeated;
mod rotation;
mod schedule;
mod scoped;
mod unkind;
mod waiting;

use std::sync::Arc;

use habeo_core::api_key::Scope;
use habeo_core::api_key::command::CreateKey;
use habeo_core::app::Kind;
use habeo_core::app::command::CreateApp;
use habeo_core::endpoint::command::CreateEndpoint;
use habeo_core::endpoint::{Owner, Settings};
use habeo_core::id::{AppId, EndpointId};
use habeo_core::ledger::rebuild;
use habeo_core::secret::MasterKey;
use habeo_tests::app::{Call, TestApp};
use habeo_tests::builders::College;
use habeo_tests::database::TestDb;
use habeo_tests::evidence::MASTER_KEY;
use habeo_tests::must;
use habeo_tests::sink::Sink;
use poem::http::Method;
use secrecy::ExposeSecret as _;
use serde_json::Value;

/// A server that may reach a receiver, and an app of a college in it.
struct Stage {
    app: TestApp,
    sink: Sink,
    college: College,
    of: AppId,
}

impl Stage {
    async fn set(db: &TestDb) -> Self {
        let college = College::found(db).await;
        Self::with(db, college).await
    }

    /// In which programs may say what they like.
    async fn sandbox(db: &TestDb) -> Self {
        let college = College::sandbox(db, "westmark").await;
        Self::with(db, college).await
    }

    async fn with(db: &TestDb, college: College) -> Self {
        let sink = Sink::start().await;
        let settings = [("HABEO_ALLOW_PRIVATE_HOSTS", sink.host())];
        let app = TestApp::configured(db, &settings).await;
        let of = an_app(&college, "Inventory mirror").await;
        Self {
            app,
            sink,
            college,
            of,
        }
    }

    /// An endpoint of the receiver, with its secret.
    async fn endpoint(&self, settings: Settings) -> (EndpointId, String) {
        self.endpoint_at("/hook", settings).await
    }

    async fn endpoint_at(&self, path: &str, settings: Settings) -> (EndpointId, String) {
        let command = CreateEndpoint {
            owner: Owner::App(self.of),
            url: self.sink.url(path),
            description: None,
            settings,
            master_key: master_key(),
        };
        let ledger = &self.app.db.ledger;
        let (id, secret) = must(ledger.record(&self.college.access, command).await);
        (id, secret.expose_secret().to_owned())
    }

    /// A key with these scopes.
    async fn key(&self, scopes: &[Scope]) -> String {
        a_key(&self.college, self.of, scopes).await
    }

    /// Makes everything that is due, and says how many deliveries were tried.
    async fn deliver(&self) -> usize {
        must(self.app.app.webhooks.deliver_due().await)
    }

    fn call(&self, method: Method, path: &str, key: &str) -> Call<'_> {
        self.app.request(method, path).bearer(key)
    }

    /// Every table follows from the entries, and every entry is in its place.
    async fn is_whole(&self) {
        let spare = self.app.db.spare().await;
        assert_eq!(must(rebuild::check(&spare, &self.college.access).await), []);
    }

    /// How many entries there are.
    async fn entries_of_all(&self) -> i64 {
        let sql = "SELECT COUNT(*) FROM ledger_entry";
        self.app.db.raw().await.number(sql).await
    }

    /// How many entries of a type there are.
    async fn entries(&self, kind: &str) -> i64 {
        let sql = format!("SELECT COUNT(*) FROM ledger_entry WHERE type = '{kind}'");
        self.app.db.raw().await.number(&sql).await
    }
}

fn master_key() -> Arc<MasterKey> {
    Arc::new(MasterKey::new(MASTER_KEY))
}

async fn an_app(college: &College, name: &str) -> AppId {
    let command = CreateApp {
        name: name.to_owned(),
        kind: Kind::Internal,
    };
    must(college.db.ledger.record(&college.access, command).await)
}

async fn a_key(college: &College, app: AppId, scopes: &[Scope]) -> String {
    let command = CreateKey {
        app,
        name: "Key".to_owned(),
        scopes: scopes.to_vec(),
    };
    let (_, key) = must(college.db.ledger.record(&college.access, command).await);
    key.expose_secret().to_owned()
}

/// To be told of these.
fn events(events: &[&str]) -> Settings {
    Settings::of_events(events.iter().map(|&event| event.to_owned()).collect())
}

/// The code of a failure, in the envelope of `/v1`.
fn code(answer: &habeo_tests::app::Answer) -> String {
    let body: Value = must(serde_json::from_slice(&answer.bytes));
    assert_eq!(body["success"], false, "{body}");
    body["error"]["code"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}
