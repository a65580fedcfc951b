//! Classifications by UNSPSC, however they are written.

/// The eight digits of a classification, if they can be had without guessing: a prefix and points are left out, ten digits cut to eight.
/// None for other domains.
#[must_use]
pub fn normalized(domain: &str, text: &str) -> Option<String> {
    let domain = domain.trim();
    if !["unspsc", "spsc", "un-spsc"]
        .iter()
        .any(|it| domain.eq_ignore_ascii_case(it))
    {
        return None;
    }
    let text = text.trim();
    let after_prefix = match text.get(..6) {
        Some(prefix) if prefix.eq_ignore_ascii_case("unspsc") => &text[6..],
        _ => text,
    };
    let code = after_prefix.trim_start_matches([' ', ':', '-', '_']);
    let digits: String = code.chars().filter(|c| *c != '.').collect();
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) || digits.bytes().all(|byte| byte == b'0')
    {
        return None;
    }
    match digits.len() {
        8 => Some(digits),
        10 => Some(digits[..8].to_owned()),
        _ => None,
    }
}

/// What sort of equipment a code of eight digits is, as far as it proposes a category for an asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Computers and what belongs to them.
    Computer,
    /// Networks of data and voice.
    Network,
    /// Phones.
    Phone,
    /// Sound, pictures and presentation.
    Presentation,
    /// Software.
    Software,
}

impl Family {
    /// That of a code of eight digits.
    #[must_use]
    pub fn of(code: &str) -> Option<Self> {
        match code.get(..4)? {
            "4321" => Some(Self::Computer),
            "4322" => Some(Self::Network),
            "4319" => Some(Self::Phone),
            "4511" => Some(Self::Presentation),
            "4323" => Some(Self::Software),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_normalized_without_guessing() {
        for (domain, text, expected) in [
            ("UNSPSC", "43211503", Some("43211503")),
            ("unspsc", " 43211503 ", Some("43211503")),
            ("SPSC", "43211503", Some("43211503")),
            ("UNSPSC", "4321150301", Some("43211503")),
            ("UNSPSC", "44.12.21.04", Some("44122104")),
            ("UNSPSC", "UNSPSC 43211503", Some("43211503")),
            ("UNSPSC", "0", None),
            ("UNSPSC", "00000000", None),
            ("UNSPSC", "unknown", None),
            ("UNSPSC", "ean1234", None),
            ("SPSC", "12345", None),
            ("UNSPSC", "432115", None),
            ("UNSPSC", "4321150３", None),
            ("eCl@ss", "43211503", None),
        ] {
            assert_eq!(
                normalized(domain, text).as_deref(),
                expected,
                "{domain} {text}"
            );
        }
        assert_eq!(Family::of("43211503"), Some(Family::Computer));
        assert_eq!(Family::of("26121609"), None);
    }
}
