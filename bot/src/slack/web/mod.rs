//! Slack's Web API: small typed calls through the guarded client, at the rate that Slack permits.

mod error;
mod methods;
mod pace;
mod respond;

use std::sync::Arc;
use std::time::{Duration, Instant};

use habeo_core::id::{InstallId, OrgId};
use habeo_egress::{Answer, Egress, Lane};
use secrecy::SecretString;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use error::WebError;
pub use methods::{ChannelInfo, Identity, Posted, Profile, Prompt, User};
pub use respond::Replace;

use super::keeper::Keeper;
use pace::Pace;

/// For one attempt as a whole.
pub(super) const DEADLINE: Duration = Duration::from_secs(10);
/// How much of an answer is read: what comes back of a page or message holds all its blocks.
const ANSWER_BYTES_MAX: usize = 512 * 1_024;

/// The Web API of one Slack. Cloning gives another handle to the same.
#[derive(Debug, Clone)]
pub struct Web {
    egress: Egress,
    api_base: Arc<str>,
    hooks_base: Arc<str>,
    pace: Arc<Pace>,
}

/// In whose name calls are made: a workspace, and how long waiting for its rate is worth while.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The organisation.
    pub org: OrgId,
    /// The workspace: Slack counts calls by it.
    pub workspace: String,
    /// By what token.
    pub voice: Voice,
    /// How long a call may wait for its turn.
    pub patience: Duration,
    /// How long an attempt may take.
    pub deadline: Duration,
}

impl Caller {
    /// The same, where somebody waits who does so for this long only.
    #[must_use]
    pub fn within(mut self, time: Duration) -> Self {
        self.deadline = self.deadline.min(time);
        self
    }
}

/// By what token calls are made.
#[derive(Debug, Clone)]
pub enum Voice {
    /// This one.
    Token(SecretString),
    /// The one that an installation has at the time.
    Install(InstallId, Keeper),
}

/// What a call carries. Reading methods take forms only, writing ones take JSON.
enum Body<'a, T: ?Sized> {
    Json(&'a T),
    Form(&'a T),
}

impl Web {
    /// The Web API at this address; `hooks_base` is where answers to commands and buttons go.
    #[must_use]
    pub fn new(egress: Egress, api_base: &str, hooks_base: &str) -> Self {
        Self {
            egress,
            api_base: api_base.trim_end_matches('/').into(),
            hooks_base: hooks_base.trim_end_matches('/').into(),
            pace: Arc::default(),
        }
    }

    async fn post<T: Serialize + ?Sized, A: DeserializeOwned>(
        &self,
        caller: &Caller,
        method: &'static str,
        body: &T,
    ) -> Result<A, WebError> {
        self.call(caller, method, &Body::Json(body)).await
    }

    async fn ask<T: Serialize + ?Sized, A: DeserializeOwned>(
        &self,
        caller: &Caller,
        method: &'static str,
        form: &T,
    ) -> Result<A, WebError> {
        self.call(caller, method, &Body::Form(form)).await
    }

    /// Makes a call, after its turn has come, and once more if Slack asks to wait no longer than the caller's patience.
    async fn call<T: Serialize + ?Sized, A: DeserializeOwned>(
        &self,
        caller: &Caller,
        method: &'static str,
        body: &Body<'_, T>,
    ) -> Result<A, WebError> {
        let (install, keeper) = match &caller.voice {
            Voice::Token(token) => return self.attempt(caller, token, method, body).await,
            Voice::Install(install, keeper) => (install, keeper),
        };
        let mut token = keeper.token(self, caller.org, *install).await?;
        let mut outcome = self.attempt(caller, &token, method, body).await;
        if matches!(&outcome, Err(error) if error.is_token_expired()) {
            token = keeper.other(self, caller.org, *install, token).await?;
            outcome = self.attempt(caller, &token, method, body).await;
        }
        if let Err(error) = &outcome
            && error.is_token_dead()
        {
            keeper.give_up(caller.org, *install, &token, error).await;
        }
        outcome
    }

    async fn attempt<T: Serialize + ?Sized, A: DeserializeOwned>(
        &self,
        caller: &Caller,
        token: &SecretString,
        method: &'static str,
        body: &Body<'_, T>,
    ) -> Result<A, WebError> {
        let gives_up_at = Instant::now() + caller.patience;
        loop {
            let turn = self.pace.turn(method, &caller.workspace, gives_up_at);
            turn.await?;
            let answer = self.send(caller, token, method, body).await?;
            if answer.status != 429 {
                return read(method, &answer);
            }
            let after = answer.retry_after.unwrap_or(Duration::from_secs(1));
            if !self.pace.hold(method, &caller.workspace, after) {
                return Err(WebError::Limited { method, after });
            }
        }
    }

    async fn send<T: Serialize + ?Sized>(
        &self,
        caller: &Caller,
        token: &SecretString,
        method: &'static str,
        body: &Body<'_, T>,
    ) -> Result<Answer, WebError> {
        let target = self.egress.target(&format!("{}/{method}", self.api_base));
        let target = target.map_err(habeo_egress::EgressError::from)?;
        let request = self
            .egress
            .post(Lane::Organization(caller.org), &target)
            .bearer(token)
            .deadline(caller.deadline)
            .answer_bytes_max(ANSWER_BYTES_MAX);
        let request = match body {
            Body::Json(body) => request.json(*body),
            Body::Form(form) => request.form(*form),
        };
        Ok(request.send().await?)
    }

    /// A call of the app itself, in the name of no workspace, authenticated as the app.
    pub(super) async fn as_app<A: DeserializeOwned>(
        &self,
        method: &'static str,
        basic: &SecretString,
        form: &[(&str, &str)],
        hidden: &[SecretString],
    ) -> Result<A, WebError> {
        let target = self.egress.target(&format!("{}/{method}", self.api_base));
        let target = target.map_err(habeo_egress::EgressError::from)?;
        let mut request = self
            .egress
            .post(Lane::Vendor("slack"), &target)
            .secret_header("authorization", basic)
            .deadline(DEADLINE)
            .form(form);
        for secret in hidden {
            request = request.hiding(secret);
        }
        let answer = request.send().await?;
        if answer.status == 429 {
            let after = answer.retry_after.unwrap_or(Duration::from_secs(1));
            return Err(WebError::Limited { method, after });
        }
        read(method, &answer)
    }
}

/// Slack says in the body whether a call succeeded; the status tells of outages only.
fn read<A: DeserializeOwned>(method: &'static str, answer: &Answer) -> Result<A, WebError> {
    if !answer.is_success() {
        return Err(WebError::Status {
            method,
            status: answer.status,
        });
    }
    let value: Value = answer.json()?;
    if value["ok"] == Value::Bool(true) {
        return serde_json::from_value(value).map_err(|_| WebError::Shape { method });
    }
    let code = value["error"].as_str().unwrap_or("unknown_error");
    Err(WebError::refused(method, code))
}
