//! Numbers in digits and in words.

/// Numbers that are said rather than written.
const SAID: &[(&str, i64)] = &[
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("fifteen", 15),
    ("eighteen", 18),
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("ninety", 90),
    ("hundred", 100),
    ("a", 1),
    ("an", 1),
    ("couple", 2),
    ("few", 3),
    ("dozen", 12),
];
/// Ordinals that are said.
const ORDINALS: &[(&str, i64)] = &[
    ("first", 1),
    ("second", 2),
    ("third", 3),
    ("fourth", 4),
    ("fifth", 5),
    ("sixth", 6),
    ("seventh", 7),
    ("eighth", 8),
    ("ninth", 9),
    ("tenth", 10),
];
/// The most digits of a number that is counted with.
const DIGITS_MAX: usize = 9;

/// A cardinal number: "5", "five", "a".
pub(super) fn cardinal(word: &str) -> Option<i64> {
    digits(word).or_else(|| {
        SAID.iter()
            .find(|(said, _)| *said == word)
            .map(|(_, number)| *number)
    })
}

/// An ordinal number: "5th", "fifth".
pub(super) fn ordinal(word: &str) -> Option<i64> {
    let short = ["st", "nd", "rd", "th"]
        .iter()
        .find_map(|end| word.strip_suffix(end))
        .and_then(digits);
    short.or_else(|| {
        ORDINALS
            .iter()
            .find(|(said, _)| *said == word)
            .map(|(_, number)| *number)
    })
}

/// A number in digits.
pub(super) fn digits(word: &str) -> Option<i64> {
    let plain =
        !word.is_empty() && word.len() <= DIGITS_MAX && word.bytes().all(|b| b.is_ascii_digit());
    if plain { word.parse().ok() } else { None }
}

/// An amount of money in minor units: "1500", "2k", "1.5k" comes as "1 5k" and is not read.
pub(super) fn amount_minor(word: &str) -> Option<i64> {
    let thousands = |digits: i64| digits.checked_mul(100_000);
    match word
        .strip_suffix('k')
        .or_else(|| word.strip_suffix("grand"))
    {
        Some(body) => digits(body).and_then(thousands),
        None => digits(word).and_then(|whole| whole.checked_mul(100)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_digits_and_words() {
        assert_eq!(cardinal("six"), Some(6));
        assert_eq!(cardinal("12"), Some(12));
        assert_eq!(ordinal("3rd"), Some(3));
        assert_eq!(amount_minor("2k"), Some(200_000));
        assert_eq!(cardinal("99999999999999999999"), None);
    }
}
