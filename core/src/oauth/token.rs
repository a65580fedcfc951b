//! What is handed out: opaque tokens of four sorts, each known by its beginning, and kept as a digest.

use secrecy::SecretString;

use crate::opaque;
use crate::random::Random;

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sort {
    /// It is sent with each request of an app.
    Access,
    /// The next one is fetched by it.
    Refresh,
    /// It is exchanged for tokens, once.
    Code,
    /// An app proves by it that it is itself.
    ClientSecret,
}

/// A token whose form and checksum are right. Holding one proves nothing yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// What it is for.
    pub sort: Sort,
    /// By what it is kept.
    pub hash: Hash,
}

/// SHA-256 of a whole token.
pub type Hash = [u8; 32];

impl Sort {
    const ALL: [Self; 4] = [Self::Access, Self::Refresh, Self::Code, Self::ClientSecret];

    /// What its tokens begin with.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Access => "hbo_at_",
            Self::Refresh => "hbo_rt_",
            Self::Code => "hbo_ac_",
            Self::ClientSecret => "hbo_cs_",
        }
    }
}

/// Draws a token.
#[must_use]
pub fn draw(sort: Sort, random: &dyn Random) -> SecretString {
    opaque::generate(sort.prefix(), random)
}

/// Reads a token whose form and checksum are right. Nothing else is looked up.
#[must_use]
pub fn read(text: &str) -> Option<Known> {
    let mut sorts = Sort::ALL.into_iter();
    let sort = sorts.find(|sort| opaque::is_one(sort.prefix(), text))?;
    let hash = hash(text);
    Some(Known { sort, hash })
}

/// By what a token is kept.
#[must_use]
pub fn hash(text: &str) -> Hash {
    let mut hash = Hash::default();
    hash.copy_from_slice(&opaque::hash(text));
    hash
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::random::SeededRandom;

    #[test]
    fn what_was_drawn_is_read() {
        let random = SeededRandom::new(1);
        for sort in Sort::ALL {
            let token = draw(sort, &random);
            let text = token.expose_secret();
            let hash = hash(text);
            assert_eq!(text.len(), 7 + 49, "{text}");
            assert_eq!(read(text), Some(Known { sort, hash }));
            for other in Sort::ALL.into_iter().filter(|other| *other != sort) {
                let swapped = text.replacen(sort.prefix(), other.prefix(), 1);
                assert_eq!(read(&swapped), None, "the checksum covers the beginning");
            }
            for junk in ["", &text[1..], &format!("{text}0"), &text.to_uppercase()] {
                assert_eq!(read(junk), None, "{junk}");
            }
        }
    }
}
