//! What may be asked of endpoints under a name of one's own, to be done once: with a secret in the answer, or without.
//!
//! A secret that was made is kept sealed, in its one place. What is remembered of the answer is the secret's digest, by which the secret is
//! found again as long as it signs.

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::command::{CreateEndpoint, Emit, Redeliver, Replay, RotateSecret, TestEndpoint};
use super::{Refusal, store};
use crate::access::Access;
use crate::id::EndpointId;
use crate::idempotency::Repeatable;
use crate::ledger::{Command, Failure, Work, tree};
use crate::secret::MasterKey;
use crate::store::{StoreResult, Tx};
use crate::time::Timestamp;

/// Makes an endpoint once.
#[derive(Debug)]
pub struct Make(pub CreateEndpoint);

/// Rotates a secret once.
#[derive(Debug)]
pub struct Renew(pub RotateSecret);

/// A secret that was made, as the answer to a request that may be repeated.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewSecret {
    /// Whose.
    pub endpoint: EndpointId,
    /// Until when the one before signs as well, where there is one.
    pub previous_until: Option<Timestamp>,
    digest: String,
    #[serde(skip)]
    secret: Option<SecretString>,
}

impl NewSecret {
    fn new(endpoint: EndpointId, secret: SecretString, previous_until: Option<Timestamp>) -> Self {
        Self {
            endpoint,
            previous_until,
            digest: digest(&secret),
            secret: Some(secret),
        }
    }

    /// The secret; none where the request was repeated and the secret does not sign any more.
    pub async fn secret(
        &self,
        tx: &mut Tx,
        access: &Access,
        key: &MasterKey,
    ) -> StoreResult<Option<SecretString>> {
        if let Some(secret) = &self.secret {
            return Ok(Some(secret.clone()));
        }
        let kept = store::secrets(tx, access, self.endpoint, key).await?;
        Ok(kept.into_iter().find(|kept| digest(kept) == self.digest))
    }
}

/// Of 32 random bytes: nobody finds the secret by it.
fn digest(secret: &SecretString) -> String {
    tree::hex(&Sha256::digest(secret.expose_secret().as_bytes()))
}

impl Command for Make {
    type Answer = NewSecret;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<NewSecret, Failure<Refusal>> {
        let (endpoint, secret) = self.0.execute(work).await?;
        Ok(NewSecret::new(endpoint, secret, None))
    }
}

impl Command for Renew {
    type Answer = NewSecret;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<NewSecret, Failure<Refusal>> {
        let endpoint = self.0.endpoint;
        let until = work.now().plus_micros(self.0.window_micros);
        let window = self.0.window_micros > 0;
        let secret = self.0.execute(work).await?;
        Ok(NewSecret::new(endpoint, secret, window.then_some(until)))
    }
}

impl Repeatable for Make {
    const ROUTE: &'static str = "endpoint.make";

    fn input(&self) -> String {
        let new = &self.0;
        json!([new.owner, new.url, new.description, new.settings]).to_string()
    }
}

impl Repeatable for Renew {
    const ROUTE: &'static str = "endpoint.rotate";

    fn input(&self) -> String {
        json!([self.0.endpoint, self.0.window_micros]).to_string()
    }
}

impl Repeatable for TestEndpoint {
    const ROUTE: &'static str = "endpoint.test";

    fn input(&self) -> String {
        json!([self.endpoint]).to_string()
    }
}

impl Repeatable for Replay {
    const ROUTE: &'static str = "endpoint.replay";

    fn input(&self) -> String {
        let range = (self.from, self.to, self.exhausted_only);
        json!([self.endpoint, range, self.after]).to_string()
    }
}

impl Repeatable for Redeliver {
    const ROUTE: &'static str = "endpoint.redeliver";

    fn input(&self) -> String {
        json!([self.endpoint, self.delivery]).to_string()
    }
}

impl Repeatable for Emit {
    const ROUTE: &'static str = "event.emit";

    fn input(&self) -> String {
        // Members in any order are the same data; what has no canonical form is refused by the command.
        let data = tree::canonical(&self.data).unwrap_or_default();
        json!([self.app, self.name, data]).to_string()
    }
}
