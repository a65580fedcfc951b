//! What the simulated vendor remembers, and what it was told to do wrong.

use std::collections::{HashMap, VecDeque};

use serde_json::{Value, json};

use super::tokens::Certificate;

/// Something that was sent to the connector.
#[derive(Debug, Clone)]
pub struct Sent {
    /// `send`, `reply`, `update`, `delete` or `create`.
    pub how: &'static str,
    /// Into which conversation.
    pub conversation: String,
    /// In answer to which message, or in place of which.
    pub activity: Option<String>,
    /// What.
    pub body: Value,
    /// The id it was given.
    pub id: String,
}

impl Sent {
    /// What its reader sees.
    #[must_use]
    pub fn shown(&self) -> String {
        super::shown::lines(&self.body)
    }
}

/// What the connector answers instead of doing what it is asked to.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The status.
    pub status: u16,
    /// The vendor's code.
    pub code: &'static str,
    /// How long to wait, in seconds.
    pub retry_after: Option<u32>,
    /// Whether it does what it is asked to, and never says so.
    pub is_silent: bool,
}

impl Failure {
    /// A status and its code.
    #[must_use]
    pub const fn of(status: u16, code: &'static str) -> Self {
        Self {
            status,
            code,
            retry_after: None,
            is_silent: false,
        }
    }

    /// Carried out, and not said so.
    #[must_use]
    pub const fn unsaid() -> Self {
        Self {
            is_silent: true,
            ..Self::of(504, "GatewayTimeout")
        }
    }
}

#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is something else that can go wrong"
)]
pub(super) struct State {
    pub sent: Vec<Sent>,
    pub requests: Vec<String>,
    pub violations: Vec<String>,
    pub failures: VecDeque<Failure>,
    pub members: HashMap<String, Value>,
    /// The tokens that the connector accepts.
    pub tokens: Vec<String>,
    pub token_fetches: usize,
    /// In which tenant the bot is registered: where it is given its own tokens.
    pub registered_in: String,
    /// By what the app proves itself, where it is not its secret.
    pub certificate: Option<Certificate>,
    pub token_failure: bool,
    /// Whether the token endpoint breaks off whatever it is asked.
    pub tokens_down: bool,
    pub token_lifetime: Option<i64>,
    pub keys_down: bool,
    pub key_fetches: usize,
    pub keys: Vec<Value>,
    pub sign_in_keys: Vec<Value>,
    /// Sign-ins by their code: the challenge, and the answer that was promised.
    pub codes: HashMap<String, (String, String)>,
    /// Whose browser passes the pages: an administrator of this tenant, at this second. Nobody's, until they are opened.
    pub visitor: Option<(String, i64)>,
    pub counter: u64,
    /// Whether what was just carried out is not answered.
    pub is_silent: bool,
}

impl State {
    pub fn number(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    pub fn member(&mut self, id: &str, changes: &Value) {
        let mut member = json!({"id": id});
        if let (Some(member), Some(changes)) = (member.as_object_mut(), changes.as_object()) {
            member.extend(changes.clone());
        }
        self.members.insert(id.to_owned(), member);
    }
}
