//! What is around a document of ours, by what a supplier's administrators chose.

use habeo_core::supplier::{Mode as Meant, Settings};
use habeo_core::time::Timestamp;
use secrecy::SecretString;

use crate::cxml::envelope::Mode;
use crate::cxml::write::Outgoing;
use crate::desk::instant;

/// By what we are known.
const USER_AGENT: &str = concat!("Habeo/", env!("CARGO_PKG_VERSION"));

/// The envelope of a document to a supplier. Names go in the supplier's own spelling; of several of its names the first.
pub(crate) fn outgoing(
    settings: &Settings,
    secret: SecretString,
    payload_id: String,
    at: Timestamp,
) -> Outgoing {
    let ours = || (settings.ours.domain.clone(), settings.ours.identity.clone());
    let theirs = settings.theirs.first();
    Outgoing {
        payload_id,
        timestamp: instant(at),
        from: ours(),
        to: theirs
            .map(|one| (one.domain.clone(), one.identity.clone()))
            .unwrap_or_default(),
        sender: ours(),
        secret,
        user_agent: USER_AGENT.to_owned(),
        mode: match settings.mode {
            Meant::Production => Mode::Production,
            Meant::Test => Mode::Test,
        },
    }
}
