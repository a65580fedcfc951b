//! What the chat services have in common: their names, and one-time texts that are handed out and come back.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::closed_set::closed_set;
use crate::random::Random;

closed_set! {
    /// A chat service.
    Platform {
        /// Slack.
        Slack = "slack",
        /// Microsoft Teams.
        Teams = "teams",
    }
}

/// The most characters of an outside key: a workspace's, a user's, a conversation's.
pub const KEY_CHARS_MAX: usize = 128;
/// Bytes of a one-time text before it is spelled.
const ONE_TIME_BYTES: usize = 32;

/// An outside key that names nothing: empty, too long, or with characters that no service uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key of a chat service has 1 to {KEY_CHARS_MAX} printable characters without spaces")]
pub struct NotAKey;

/// Accepts the opaque keys of chat services as they are: 1 to 128 printable ASCII characters.
pub(crate) fn key(text: &str) -> Result<&str, NotAKey> {
    let fits = (1..=KEY_CHARS_MAX).contains(&text.len());
    if fits && text.bytes().all(|b| b.is_ascii_graphic()) {
        Ok(text)
    } else {
        Err(NotAKey)
    }
}

/// Makes a text that is shown once, of 256 random bits.
pub(crate) fn one_time(random: &dyn Random) -> SecretString {
    let mut bytes = [0; ONE_TIME_BYTES];
    random.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes).into()
}

/// By what a one-time text is recognised when it comes back.
pub(crate) fn hash(text: &SecretString) -> Vec<u8> {
    Sha256::digest(text.expose_secret().as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SeededRandom;

    #[test]
    fn keys_are_opaque_and_short() {
        for good in ["T0HABEO1", "29:1abc-DEF_x", &"a".repeat(KEY_CHARS_MAX)] {
            assert_eq!(key(good), Ok(good));
        }
        for bad in ["", "a b", "ä", "a\n", &"a".repeat(KEY_CHARS_MAX + 1)] {
            assert_eq!(key(bad), Err(NotAKey), "{bad}");
        }
    }

    #[test]
    fn one_time_texts_are_long_and_differ() {
        let random = SeededRandom::new(1);
        let (one, other) = (one_time(&random), one_time(&random));
        assert_eq!(one.expose_secret().len(), 43);
        assert_ne!(one.expose_secret(), other.expose_secret());
        assert_ne!(hash(&one), hash(&other));
    }
}
