//! A stand-in for a language model behind an endpoint for chat completions, on a loopback port: it refuses what such an endpoint refuses.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use habeo_bot::engine::ChatCompletions;
use habeo_core::time::SystemClock;
use habeo_egress::{Egress, Settings};
use habeo_server::listen::Bound;
use habeo_server::stop::Stop;
use poem::http::{Method, StatusCode};
use poem::{Endpoint, EndpointExt as _, Request, Response};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::must;

/// What it is asked with.
pub const KEY: &str = "sk-test-not-a-real-key";
/// What it is called.
pub const NAME: &str = "small-test-model";

/// A model of one test. Cloning gives another handle to the same.
#[derive(Debug, Clone)]
pub struct Model {
    base: String,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    answers: Answers,
    asked: Vec<Value>,
}

/// How it answers.
#[derive(Debug, Clone)]
pub enum Answers {
    /// With this text.
    With(String),
    /// With a status and nothing else.
    Status(StatusCode),
    /// So late that nobody waits for it.
    Late(Duration),
}

impl Model {
    /// Starts one.
    pub async fn start() -> Self {
        let bound = must(Bound::to(std::net::SocketAddr::from(([127, 0, 0, 1], 0))).await);
        let model = Self {
            base: format!("http://{}/v1", bound.address()),
            state: Arc::new(Mutex::new(State {
                answers: Answers::Status(StatusCode::SERVICE_UNAVAILABLE),
                asked: Vec::new(),
            })),
        };
        let endpoint = Front(model.clone()).boxed();
        tokio::spawn(bound.serve(Arc::new(endpoint), Stop::default()));
        model
    }

    /// The settings of a server that asks it.
    #[must_use]
    pub fn settings(&self) -> [(&'static str, String); 4] {
        [
            ("HABEO_COPILOT_URL", self.base.clone()),
            ("HABEO_COPILOT_MODEL", NAME.to_owned()),
            ("HABEO_COPILOT_KEY", KEY.to_owned()),
            ("HABEO_ALLOW_PRIVATE_HOSTS", self.host().to_owned()),
        ]
    }

    /// What asks it.
    ///
    /// # Panics
    ///
    /// When its address is none.
    #[must_use]
    pub fn client(&self) -> ChatCompletions {
        let allowed = must(self.host().parse());
        let egress = Egress::new(Settings::new(Arc::new(SystemClock)).allow(allowed));
        let target = must(egress.target(&ChatCompletions::address(&self.base)));
        let key = Some(SecretString::from(KEY));
        ChatCompletions::new(egress, target, NAME.to_owned(), key)
    }

    /// How it answers from now on.
    pub fn answers(&self, answers: Answers) {
        self.with(|state| state.answers = answers);
    }

    /// What it was asked since the last time.
    #[must_use]
    pub fn take_asked(&self) -> Vec<Value> {
        self.with(|state| std::mem::take(&mut state.asked))
    }

    fn host(&self) -> &str {
        let host = self.base.trim_start_matches("http://");
        host.trim_end_matches("/v1")
    }

    fn with<T>(&self, run: impl FnOnce(&mut State) -> T) -> T {
        run(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

struct Front(Model);

impl Endpoint for Front {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let refused = |status: StatusCode| Ok(Response::builder().status(status).finish());
        if request.method() != Method::POST || request.uri().path() != "/v1/chat/completions" {
            return refused(StatusCode::NOT_FOUND);
        }
        if request.header("authorization") != Some(&format!("Bearer {KEY}")) {
            return refused(StatusCode::UNAUTHORIZED);
        }
        let body: Value = request.take_body().into_json().await?;
        let roles = body["messages"].as_array().map(|messages| {
            let role = |message: &Value| message["role"].as_str().map(ToOwned::to_owned);
            messages.iter().map(role).collect::<Vec<_>>()
        });
        let asks = ["system", "user"].map(|role| Some(role.to_owned()));
        if body["model"] != NAME || roles.as_deref() != Some(&asks) {
            return refused(StatusCode::BAD_REQUEST);
        }
        let answers = self.0.with(|state| {
            state.asked.push(body);
            state.answers.clone()
        });
        let content = match answers {
            Answers::With(content) => content,
            Answers::Status(status) => return refused(status),
            Answers::Late(after) => {
                tokio::time::sleep(after).await;
                "\"help\"".to_owned()
            }
        };
        let completion = json!({
            "id": "chatcmpl-1", "object": "chat.completion", "created": 1_767_225_600, "model": NAME,
            "choices": [{"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 400, "completion_tokens": 20, "total_tokens": 420},
        });
        Ok(Response::builder()
            .content_type("application/json")
            .body(completion.to_string()))
    }
}
