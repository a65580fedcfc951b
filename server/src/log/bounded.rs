//! Values as they may stand in a line: of bounded length, and without characters that a terminal or a reader would obey.

use std::fmt::{self, Write};

/// The most bytes of one value.
pub const VALUE_BYTES_MAX: usize = 1_024;

/// A text that takes no more than its bound and forgets the rest.
#[derive(Debug, Default)]
pub struct Bounded {
    text: String,
    full: bool,
}

impl Bounded {
    /// What something says of itself.
    pub fn of(value: &(impl fmt::Display + ?Sized)) -> Self {
        let mut bounded = Self::default();
        // Full is the one way in which this fails.
        let _ = write!(bounded, "{value}");
        bounded
    }

    /// Its characters, and a sign where some are missing.
    pub fn chars(&self) -> impl Iterator<Item = char> + '_ {
        self.text.chars().chain(self.full.then_some('…'))
    }
}

impl Write for Bounded {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        let room = VALUE_BYTES_MAX - self.text.len();
        self.text.push_str(&more[..more.floor_char_boundary(room)]);
        if more.len() > room {
            self.full = true;
            return Err(fmt::Error);
        }
        Ok(())
    }
}

/// Whether a character does something instead of being seen: controls, line ends, directions, joiners.
pub fn is_active(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_cut_between_characters() {
        let long = "é".repeat(VALUE_BYTES_MAX);
        let cut: String = Bounded::of(&long).chars().collect();
        assert_eq!(cut, format!("{}…", "é".repeat(VALUE_BYTES_MAX / 2)));
        let whole: String = Bounded::of("short").chars().collect();
        assert_eq!(whole, "short");
    }
}
