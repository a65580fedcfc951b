//! Whether this node should be sent requests, for whoever balances load; and whether the process lives at all.

use std::sync::Arc;
use std::time::{Duration, Instant};

use habeo_core::ledger::Ledger;
use habeo_core::store::migrate;
use poem::http::StatusCode;
use poem::{Endpoint, Request, Response};
use serde_json::json;
use tokio::sync::Mutex;

use crate::stop::{Phase, Stop};

/// Where it is asked.
pub const PATH: &str = "/readyz";
/// How long the database may take to answer.
const DATABASE_TIMEOUT: Duration = Duration::from_secs(1);
/// How long its answer holds. Whoever asks more often asks for nothing new.
const KEPT: Duration = Duration::from_secs(1);

/// Knows what has to be in order.
#[derive(Debug, Clone)]
pub struct Readiness {
    ledger: Ledger,
    stop: Stop,
    database: Arc<Mutex<Option<Known>>>,
}

/// What the database last said, and when: the check that failed, if one did.
type Known = (Instant, Option<&'static str>);

impl Readiness {
    /// The readiness of a node.
    #[must_use]
    pub fn of(ledger: Ledger, stop: Stop) -> Self {
        Self {
            ledger,
            stop,
            database: Arc::default(),
        }
    }

    /// The checks that fail, by name.
    pub async fn failing(&self) -> Vec<&'static str> {
        let mut failing = Vec::new();
        if self.stop.phase() != Phase::Serving {
            failing.push("stopping");
        }
        if self.ledger.stopped_because().is_some() {
            failing.push("recording");
        }
        failing.extend(self.database_fails().await);
        failing
    }

    /// One question at a time, whoever asks.
    async fn database_fails(&self) -> Option<&'static str> {
        let mut kept = self.database.lock().await;
        if let Some((at, answer)) = *kept
            && at.elapsed() < KEPT
        {
            return answer;
        }
        let answer = self.ask_database().await;
        *kept = Some((Instant::now(), answer));
        answer
    }

    async fn ask_database(&self) -> Option<&'static str> {
        let db = self.ledger.db();
        let asked = async {
            if db.answers().await.is_err() {
                return Some("database");
            }
            migrate::check(db).await.is_err().then_some("migrations")
        };
        tokio::time::timeout(DATABASE_TIMEOUT, asked)
            .await
            .unwrap_or(Some("database"))
    }
}

impl Endpoint for Readiness {
    type Output = Response;

    async fn call(&self, _: Request) -> poem::Result<Response> {
        let failing = self.failing().await;
        let (status, word) = if failing.is_empty() {
            (StatusCode::OK, "ready")
        } else {
            (StatusCode::SERVICE_UNAVAILABLE, "unready")
        };
        Ok(Response::builder()
            .status(status)
            .content_type("application/json")
            .body(json!({"status": word, "failing": failing}).to_string()))
    }
}
