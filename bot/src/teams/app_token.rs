//! The bot's own token: asked for once, kept until shortly before it ends, thrown away when the channel refuses it.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use habeo_core::id::new_uuid;
use habeo_core::random::Random;
use habeo_core::time::{Clock, SECOND_MICROS, Timestamp};
use habeo_egress::{Egress, EgressError, Lane};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;

use super::settings::{Credential, Settings};

/// On whose behalf tokens are asked for: the installation's.
pub const VENDOR: Lane = Lane::Vendor("teams");
/// How long before its end a token is not used any more.
const MARGIN_MICROS: i64 = 300 * SECOND_MICROS;
/// How long it is remembered that there is none, so that many who wait do not ask one after the other.
const FAILED_MICROS: i64 = 2 * SECOND_MICROS;
/// How long the endpoint may take.
const DEADLINE: Duration = Duration::from_secs(7);
const ASSERTION_SECONDS: i64 = 300;
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Why there is no token.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NoToken {
    /// The token endpoint could not be asked.
    #[error(transparent)]
    Unreachable(#[from] EgressError),
    /// It refused. The code is the vendor's; its description may hold more than is good.
    #[error("the token endpoint answered {status} {code}")]
    Refused {
        /// The status.
        status: u16,
        /// The error's code.
        code: String,
    },
    /// The configured certificate is no certificate with its key.
    #[error("the configured certificate must hold a CERTIFICATE and a PRIVATE KEY, both as PEM")]
    Certificate,
}

/// The bot's tokens.
pub struct AppTokens {
    settings: Arc<Settings>,
    egress: Egress,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    held: Mutex<Kept>,
}

/// What the last question brought.
#[derive(Default)]
struct Kept {
    token: Option<Held>,
    failure: Option<(NoToken, Timestamp)>,
}

struct Held {
    token: SecretString,
    usable_until: Timestamp,
}

#[derive(Deserialize)]
struct Given {
    access_token: SecretString,
    expires_in: i64,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Refusal {
    error: String,
}

impl std::fmt::Debug for AppTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AppTokens")
    }
}

impl AppTokens {
    /// The tokens of an app. None is asked for before the first message.
    #[must_use]
    pub fn new(
        settings: Arc<Settings>,
        egress: Egress,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        Self {
            settings,
            egress,
            clock,
            random,
            held: Mutex::default(),
        }
    }

    /// A token that can be used now. Whoever comes while one is being asked for waits for the same, and hears the same.
    pub async fn token(&self) -> Result<SecretString, NoToken> {
        let mut kept = self.held.lock().await;
        let now = self.clock.now();
        if let Some(held) = kept.token.as_ref().filter(|held| now < held.usable_until) {
            return Ok(held.token.clone());
        }
        if let Some((failure, until)) = &kept.failure
            && now < *until
        {
            return Err(failure.clone());
        }
        let given = match self.ask().await {
            Ok(given) => given,
            Err(failure) => {
                // From when it failed: whoever waited meanwhile need not ask.
                let until = self.clock.now().plus_micros(FAILED_MICROS);
                kept.failure = Some((failure.clone(), until));
                return Err(failure);
            }
        };
        let lasts = given.expires_in.clamp(0, 86_400) * SECOND_MICROS;
        let token = given.access_token;
        *kept = Kept {
            token: Some(Held {
                token: token.clone(),
                usable_until: now.plus_micros(lasts - MARGIN_MICROS),
            }),
            failure: None,
        };
        Ok(token)
    }

    /// Forgets a token that was refused, unless it has been replaced already.
    pub async fn forget(&self, refused: &SecretString) {
        let mut kept = self.held.lock().await;
        let same = |held: &Held| held.token.expose_secret() == refused.expose_secret();
        if kept.token.as_ref().is_some_and(same) {
            kept.token = None;
        }
    }

    async fn ask(&self) -> Result<Given, NoToken> {
        let tenant = self.settings.registration.tenant();
        let url = self.token_url(tenant);
        let scope = SecretString::from(self.settings.scope.clone());
        let mut form = vec![
            ("grant_type", SecretString::from("client_credentials")),
            ("scope", scope),
        ];
        form.extend(self.client(&url)?);
        self.post(&url, &form).await
    }

    /// Where a tenant gives out tokens.
    #[must_use]
    pub fn token_url(&self, tenant: &str) -> String {
        format!("{}/{tenant}/oauth2/v2.0/token", self.settings.login_base)
    }

    /// The members of a form by which the app proves itself at a token endpoint.
    pub fn client(&self, url: &str) -> Result<Vec<(&'static str, SecretString)>, NoToken> {
        let mut form = vec![(
            "client_id",
            SecretString::from(self.settings.app_id.clone()),
        )];
        match &self.settings.credential {
            Credential::Secret(secret) => form.push(("client_secret", secret.clone())),
            Credential::Certificate(pem) => {
                form.push(("client_assertion_type", SecretString::from(ASSERTION_TYPE)));
                form.push(("client_assertion", self.assertion(pem, url)?));
            }
        }
        Ok(form)
    }

    /// Posts a form to a token endpoint and reads what it gives.
    pub async fn post<T: serde::de::DeserializeOwned>(
        &self,
        url: &str,
        form: &[(&'static str, SecretString)],
    ) -> Result<T, NoToken> {
        let target = self.egress.target(url).map_err(EgressError::from)?;
        let pairs: Vec<(&str, &str)> = form
            .iter()
            .map(|(name, value)| (*name, value.expose_secret()))
            .collect();
        let request = self.egress.post(VENDOR, &target).form(&pairs);
        let mut request = request.deadline(DEADLINE);
        for (_, value) in form {
            request = request.hiding(value);
        }
        let answer = request.send().await?;
        if answer.is_success() {
            return Ok(answer.json()?);
        }
        let refusal: Refusal = answer.json().unwrap_or_default();
        let known = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
        Err(NoToken::Refused {
            status: answer.status,
            code: refusal.error.chars().filter(known).take(64).collect(),
        })
    }

    /// A short-lived statement signed with the certificate's key, for one token endpoint.
    fn assertion(&self, pem: &SecretString, url: &str) -> Result<SecretString, NoToken> {
        let pem = pem.expose_secret();
        let der = certificate(pem).ok_or(NoToken::Certificate)?;
        let key =
            EncodingKey::from_rsa_pem(private_key(pem).ok_or(NoToken::Certificate)?.as_bytes())
                .map_err(|_| NoToken::Certificate)?;
        let mut header = Header::new(Algorithm::PS256);
        header.x5t_s256 = Some(URL_SAFE_NO_PAD.encode(Sha256::digest(der)));
        let now = self.clock.now();
        let app = &self.settings.app_id;
        let claims = json!({
            "iss": app, "sub": app, "aud": url, "jti": new_uuid(now, self.random.as_ref()).to_string(),
            "nbf": now.seconds(), "iat": now.seconds(), "exp": now.seconds() + ASSERTION_SECONDS,
        });
        let signed = jsonwebtoken::encode(&header, &claims, &key);
        signed
            .map(SecretString::from)
            .map_err(|_| NoToken::Certificate)
    }
}

/// The first certificate of a PEM text, as DER.
fn certificate(pem: &str) -> Option<Vec<u8>> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    const END: &str = "-----END CERTIFICATE-----";
    let (_, rest) = pem.split_once(BEGIN)?;
    let (body, _) = rest.split_once(END)?;
    let text: String = body.split_whitespace().collect();
    STANDARD.decode(text).ok().filter(|der| !der.is_empty())
}

/// The private key of a PEM text, as PEM.
fn private_key(pem: &str) -> Option<&str> {
    ["PRIVATE KEY", "RSA PRIVATE KEY"].iter().find_map(|name| {
        let begin = format!("-----BEGIN {name}-----");
        let end = format!("-----END {name}-----");
        let start = pem.find(&begin)?;
        let stop = pem[start..].find(&end)? + start + end.len();
        Some(&pem[start..stop])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pem_text_is_taken_apart() {
        let text = "noise\n-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n";
        assert_eq!(certificate(text), Some(vec![1, 2, 3]));
        assert_eq!(
            private_key(text),
            Some("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----")
        );
        assert_eq!(certificate("-----BEGIN CERTIFICATE-----"), None);
        assert_eq!(private_key(""), None);
    }
}
