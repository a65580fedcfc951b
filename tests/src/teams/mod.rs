//! Microsoft's side of Teams on a loopback port: it signs what it sends, answers what it is asked, and refuses what Teams would refuse.
//!
//! A message that Teams would not show as it was meant is a violation, and a test that caused one fails when the simulator is dropped.

mod channel;
mod check;
mod pages;
mod shown;
mod state;
mod talk;
mod tokens;

use std::sync::{Arc, OnceLock};

use poem::listener::{Acceptor as _, Listener as _, TcpListener};
use poem::{Server, endpoint};
use serde_json::{Value, json};
use url::Url;

use crate::issuer::{self, Signer, changed};
use crate::must;

use channel::{Shared, locked};
pub use check::invoke as faults_of_answer;
pub use shown::lines;
pub use state::{Failure, Sent};
pub use talk::{TENANT, Talk, User, button, member};
pub use tokens::Certificate;
use tokens::SECRET;

/// The app's id.
pub const APP_ID: &str = "11111111-2222-3333-4444-555555555555";
/// The tenant in which the bot is registered, which need not be one that it serves.
pub const BOT_TENANT: &str = "9c1f0d1e-0000-4000-8000-0000000b0700";
/// Where bots of the older type are registered.
pub const EVERY_TENANT: &str = "botframework.com";
/// Who signs what the channel sends.
pub const ISSUER: &str = "https://api.botframework.com";
pub(crate) const SCOPE: &str = "https://api.botframework.com/.default";
/// The id of the channel's key.
pub const KEY_ID: &str = "GCxArWoK";

/// The channel's key.
pub fn channel_key() -> &'static Signer {
    static SIGNER: OnceLock<Signer> = OnceLock::new();
    SIGNER.get_or_init(Signer::generate)
}

/// The key that the channel will have next.
pub fn next_key() -> &'static Signer {
    static SIGNER: OnceLock<Signer> = OnceLock::new();
    SIGNER.get_or_init(Signer::generate)
}

/// The simulated vendor.
#[derive(Debug)]
pub struct Simulator {
    state: Shared,
    address: String,
}

impl Simulator {
    /// Listens on a free port.
    pub async fn start() -> Self {
        let acceptor = must(TcpListener::bind("127.0.0.1:0").into_acceptor().await);
        let address = acceptor.local_addr()[0].to_string();
        let address = address.trim_start_matches("socket://").to_owned();
        let simulator = Self {
            state: Arc::default(),
            address,
        };
        simulator.publish(&[endorsed(channel_key(), KEY_ID, &["msteams", "webchat"])]);
        {
            let mut state = locked(&simulator.state);
            state.sign_in_keys = vec![issuer::issuer().jwk("entra_1")];
            BOT_TENANT.clone_into(&mut state.registered_in);
        }
        let (state, base) = (Arc::clone(&simulator.state), simulator.base());
        let serve = endpoint::make(move |request| {
            let (state, base) = (Arc::clone(&state), base.clone());
            async move { Ok::<_, poem::Error>(channel::answer(state, base, request).await) }
        });
        tokio::spawn(Server::new_with_acceptor(acceptor).run(serve));
        simulator
    }

    /// Its origin.
    #[must_use]
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The settings that point Habeo at it.
    #[must_use]
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        let base = self.base();
        vec![
            ("HABEO_TEAMS_APP_ID", APP_ID.to_owned()),
            ("HABEO_TEAMS_APP_PASSWORD", SECRET.to_owned()),
            ("HABEO_TEAMS_APP_TYPE", "SingleTenant".to_owned()),
            ("HABEO_TEAMS_APP_TENANT_ID", BOT_TENANT.to_owned()),
            (
                "HABEO_TEAMS_OPENID_METADATA_URL",
                format!("{base}/v1/.well-known/openidconfiguration"),
            ),
            ("HABEO_TEAMS_LOGIN_BASE", base.clone()),
            ("HABEO_TEAMS_SERVICE_URL_HOSTS", self.address.clone()),
            ("HABEO_ALLOW_PRIVATE_HOSTS", self.address.clone()),
            ("HABEO_PUBLIC_URL", "https://habeo.example.edu".to_owned()),
        ]
    }

    /// The address at which the channel wants its answers.
    #[must_use]
    pub fn service_url(&self) -> String {
        format!("{}/amer/", self.base())
    }

    /// The claims of a good token.
    #[must_use]
    pub fn claims(&self, now: i64) -> Value {
        json!({"iss": ISSUER, "aud": APP_ID, "nbf": now - 60, "exp": now + 3_540, "serviceurl": self.service_url()})
    }

    /// A token with some claims replaced.
    #[must_use]
    pub fn token(&self, now: i64, changes: Value) -> String {
        channel_key().sign(&header(KEY_ID), &changed(self.claims(now), changes))
    }

    /// Publishes other keys.
    pub fn publish(&self, keys: &[Value]) {
        locked(&self.state).keys = keys.to_vec();
    }

    /// Stops to answer for keys, or begins again.
    pub fn keys_down(&self, down: bool) {
        locked(&self.state).keys_down = down;
    }

    /// How often keys were fetched.
    #[must_use]
    pub fn key_fetches(&self) -> usize {
        locked(&self.state).key_fetches
    }

    /// How often the bot asked for a token.
    #[must_use]
    pub fn token_fetches(&self) -> usize {
        locked(&self.state).token_fetches
    }

    /// Gives out tokens that live so long, or none at all.
    pub fn tokens(&self, lifetime_seconds: Option<i64>) {
        let mut state = locked(&self.state);
        state.token_failure = lifetime_seconds.is_none();
        state.token_lifetime = lifetime_seconds;
    }

    /// Breaks off whatever the token endpoint is asked, or stops doing so.
    pub fn tokens_down(&self, down: bool) {
        locked(&self.state).tokens_down = down;
    }

    /// Registers the bot in another tenant.
    pub fn registered_in(&self, tenant: &str) {
        tenant.clone_into(&mut locked(&self.state).registered_in);
    }

    /// Takes this certificate as the app's proof, in place of its secret.
    pub fn certified(&self, certificate: Certificate) {
        locked(&self.state).certificate = Some(certificate);
    }

    /// Forgets the bot's tokens: the connector refuses them from now on.
    pub fn forget_tokens(&self) {
        locked(&self.state).tokens.clear();
    }

    /// Answers the next requests to the connector with these.
    pub fn fails(&self, failures: impl IntoIterator<Item = Failure>) {
        locked(&self.state).failures.extend(failures);
    }

    /// Makes somebody a member of every conversation.
    pub fn member(&self, id: &str, member: &Value) {
        locked(&self.state).member(id, member);
    }

    /// What was sent since the last time this was asked.
    #[must_use]
    pub fn take_sent(&self) -> Vec<Sent> {
        std::mem::take(&mut locked(&self.state).sent)
    }

    /// Every request, as method and path.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        locked(&self.state).requests.clone()
    }

    /// What is wrong with the answer to an invocation counts as a violation too.
    pub fn judge_answer(&self, answer: &Value) {
        let faults = check::invoke(answer);
        locked(&self.state).violations.extend(faults);
    }

    /// What was wrong so far, and is forgiven by asking.
    #[must_use]
    pub fn take_violations(&self) -> Vec<String> {
        std::mem::take(&mut locked(&self.state).violations)
    }

    /// An administrator's browser at the page of consent: what it brings back.
    ///
    /// # Panics
    ///
    /// When the page was asked for in another way than it has to be.
    #[must_use]
    pub fn consents(&self, url: &Url, tenant: &str) -> Vec<(String, String)> {
        assert_eq!(
            value(url, "redirect_uri"),
            "https://habeo.example.edu/teams/consent/callback"
        );
        pages::consent(url, tenant)
    }

    /// Somebody's browser at the page of sign-in: what it brings back. `changes` are made to the claims of the signed answer.
    ///
    /// # Panics
    ///
    /// When the page was asked for in another way than it has to be.
    #[must_use]
    pub fn signs_in(&self, url: &Url, now: i64, changes: Value) -> Vec<(String, String)> {
        assert_eq!(
            value(url, "redirect_uri"),
            "https://habeo.example.edu/teams/consent/callback"
        );
        pages::sign_in(&mut locked(&self.state), &self.base(), url, now, changes)
    }

    /// Shows its pages to browsers from now on: whoever comes consents and signs in as an administrator of this tenant, at this second.
    pub fn open_pages(&self, tenant: &str, now: i64) {
        locked(&self.state).visitor = Some((tenant.to_owned(), now));
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        let violations = self.take_violations();
        assert!(
            !(!violations.is_empty() && !std::thread::panicking()),
            "Teams would not have taken this: {violations:#?}"
        );
    }
}

/// A published key with the channels it may speak for.
#[must_use]
pub fn endorsed(key: &Signer, key_id: &str, channels: &[&str]) -> Value {
    changed(key.jwk(key_id), json!({"endorsements": channels}))
}

/// The header of a token.
#[must_use]
pub fn header(key_id: &str) -> Value {
    json!({"alg": "RS256", "typ": "JWT", "kid": key_id, "x5t": key_id})
}

fn value(url: &Url, name: &str) -> String {
    let found = url.query_pairs().find(|(key, _)| key == name);
    found
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}
