//! What the push service's words for what went wrong mean for us. Pure.
//!
//! Source: Expo's documentation of push errors and its Node library; `docs/push.md` has the table.

use habeo_core::push_device::Platform;

/// What follows from a word about one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The phone is gone: its token is not used again.
    Gone,
    /// The message, or how we ask, is wrong: that is our fault, and the same again would be refused again.
    Ours,
    /// The phone gets too much, or the service or a maker has trouble: later it may go.
    Passing,
    /// No phone of this platform can be reached by this installation.
    Stop(Platform),
    /// A word that nobody has told us of, or none. Once it may pass.
    Odd,
}

/// The word for that a phone is gone.
pub(crate) const UNREGISTERED: &str = "DeviceNotRegistered";
/// The request's word for that the access token is missing or wrong.
pub(crate) const UNAUTHORIZED: &str = "UNAUTHORIZED";

/// The meaning of a word about a message to a phone of this platform.
pub(crate) fn meaning(code: Option<&str>, platform: Platform) -> Meaning {
    match code {
        Some(UNREGISTERED) => Meaning::Gone,
        Some("MessageTooBig" | "DeveloperError") => Meaning::Ours,
        Some("MessageRateExceeded" | "ExpoError" | "ProviderError") => Meaning::Passing,
        // Only Google's service has senders, so whatever phone it was said of, these are the ones.
        Some("MismatchSenderId") => Meaning::Stop(Platform::Android),
        Some("InvalidCredentials") => Meaning::Stop(platform),
        _ => Meaning::Odd,
    }
}

/// A word as it may be logged and kept: of a few plain characters.
pub(crate) fn plain(code: &str) -> String {
    code.chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '_')
        .take(habeo_core::push_device::stop::CODE_CHARS_MAX)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_their_meanings_and_unknown_ones_none() {
        use Platform::{Android, Ios};
        for (code, platform, expected) in [
            (Some("DeviceNotRegistered"), Ios, Meaning::Gone),
            (Some("MessageTooBig"), Ios, Meaning::Ours),
            (Some("DeveloperError"), Android, Meaning::Ours),
            (Some("MessageRateExceeded"), Android, Meaning::Passing),
            (Some("ExpoError"), Ios, Meaning::Passing),
            (Some("ProviderError"), Ios, Meaning::Passing),
            (Some("MismatchSenderId"), Android, Meaning::Stop(Android)),
            (Some("InvalidCredentials"), Ios, Meaning::Stop(Ios)),
            (Some("InvalidCredentials"), Android, Meaning::Stop(Android)),
            (Some("devicenotregistered"), Ios, Meaning::Odd),
            (Some(""), Ios, Meaning::Odd),
            (None, Ios, Meaning::Odd),
        ] {
            assert_eq!(meaning(code, platform), expected, "{code:?}");
        }
    }

    #[test]
    fn words_are_made_plain() {
        assert_eq!(plain("TOO_MANY"), "TOO_MANY");
        assert_eq!(plain("a b\n<c>"), "abc");
        assert_eq!(plain(&"x".repeat(500)).len(), 60);
    }
}
