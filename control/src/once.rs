//! Requests that carry a name of the caller's own, and are carried out once.

use habeo_core::access::Access;
use habeo_core::endpoint::Refusal;
use habeo_core::endpoint::repeat::NewSecret;
use habeo_core::idempotency::{self, Answer, Key, Repeatable};
use habeo_core::ledger::RecordError;
use habeo_surface::{ApiResult, Problem};
use poem_openapi::param::Header;
use secrecy::SecretString;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Control;

/// The header in which a caller names a request.
pub type Named = Header<Option<String>>;

/// Records a command, once where the request is named. An endpoint that was deleted is unknown here.
pub async fn record<C>(
    control: &Control,
    access: &Access,
    named: &Named,
    command: C,
) -> ApiResult<Answer<C::Answer>>
where
    C: Repeatable<Refusal = Refusal>,
    C::Answer: Serialize + DeserializeOwned,
{
    let key = named.0.as_deref().map(Key::parse).transpose();
    let key =
        key.map_err(|error| Problem::parameter("Idempotency-Key", "invalid", &error.to_string()))?;
    let recorded = idempotency::record(control.ledger(), access, key, command).await;
    recorded.map_err(|error| match error {
        RecordError::Refused(idempotency::Refusal::Command(Refusal::Removed)) => {
            Refusal::Unknown.into()
        }
        error => error.into(),
    })
}

/// What a repetition says of itself.
pub fn replayed<A>(answer: &Answer<A>) -> Option<String> {
    answer.replayed.then(|| "true".to_owned())
}

/// The secret of an answer.
pub async fn secret(
    control: &Control,
    access: &Access,
    made: &NewSecret,
) -> ApiResult<SecretString> {
    let mut tx = control.ledger().db().read(access).await?;
    let secret = made.secret(&mut tx, access, &control.master_key()).await?;
    Ok(secret.ok_or(Refusal::SecretForgotten)?)
}
