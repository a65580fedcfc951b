//! Forms that are carried out once, however often their button is pressed: each carries a name of its own.

use habeo_core::idempotency::{Key, Once, Refusal};
use habeo_core::ledger::{Command, RecordError};
use poem::http::StatusCode;
use poem::{Error, Result};
use secrecy::ExposeSecret as _;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Console;
use crate::pages::failed;
use crate::visitor::SignedIn;

/// A name that no form had before.
pub(crate) fn name(console: &Console) -> String {
    let random = console.parts().ledger.random();
    let name = habeo_core::web_session::random_text(random);
    name.expose_secret().to_owned()
}

/// A form as it was sent: its name, and everything that its answer depends on.
#[derive(Debug, Clone)]
pub(crate) struct Sent<'a> {
    /// Its name.
    pub name: &'a str,
    /// Which form it is.
    pub route: &'static str,
    /// What was entered, in a spelling of its own.
    pub input: String,
}

/// Asks the ledger for something, once for this form. Sent again it is answered as it was the first time; sent again with something else in it, it is
/// refused.
pub(crate) async fn ask<C>(
    console: &Console,
    visitor: &SignedIn,
    form: Sent<'_>,
    command: C,
) -> Result<std::result::Result<C::Answer, Refusal<C::Refusal>>>
where
    C: Command,
    C::Answer: Serialize + DeserializeOwned,
{
    // Every page of ours gives its form a name.
    let key = Key::parse(form.name).map_err(|_| Error::from_status(StatusCode::BAD_REQUEST))?;
    let once = Once {
        key,
        route: form.route,
        input: form.input,
        command,
    };
    let ledger = &console.parts().ledger;
    match ledger.record(visitor.access(), once).await {
        Ok(answer) => Ok(Ok(answer.answer)),
        Err(RecordError::Refused(refusal)) => Ok(Err(refusal)),
        Err(RecordError::Store(error)) => Err(failed(error)),
    }
}

/// Why a form was refused, for whoever filled it in.
pub(crate) fn why<R: std::fmt::Display>(refusal: &Refusal<R>) -> String {
    match refusal {
        Refusal::KeyReused => {
            "this page was sent before with something else in it; what was sent first counts. Look whether it is done, then send this page again"
                .to_owned()
        }
        Refusal::Command(refusal) => refusal.to_string(),
    }
}
