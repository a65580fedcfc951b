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
    ("thirteen", 13),
    ("fourteen", 14),
    ("fifteen", 15),
    ("sixteen", 16),
    ("seventeen", 17),
    ("eighteen", 18),
    ("nineteen", 19),
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
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
    ("eleventh", 11),
    ("twelfth", 12),
    ("thirteenth", 13),
    ("fourteenth", 14),
    ("fifteenth", 15),
    ("sixteenth", 16),
    ("seventeenth", 17),
    ("eighteenth", 18),
    ("nineteenth", 19),
    ("twentieth", 20),
    ("thirtieth", 30),
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

/// A number of at least one said word that begins these: "five hundred", "ten thousand", "2 grand", "twenty-five hundred".
pub(super) fn spoken(words: &[&str]) -> Option<(usize, i64)> {
    let (mut total, mut group, mut taken) = (0_i64, 0_i64, 0);
    for (at, word) in words.iter().enumerate() {
        match *word {
            "hundred" => group = group.max(1).checked_mul(100)?,
            "thousand" | "grand" | "k" => {
                total = total.checked_add(group.max(1).checked_mul(1_000)?)?;
                group = 0;
            }
            "million" => {
                total = total.checked_add(group.max(1).checked_mul(1_000_000)?)?;
                group = 0;
            }
            // "One thousand and two thousand" are two amounts.
            "and" if words.iter().skip(at + 2).take(2).any(|next| is_scale(next)) => break,
            "and" if at > 0 => continue,
            "couple" | "few" | "dozen" => break,
            _ => match cardinal(word) {
                Some(number) if group == 0 || number < 100 && group % 100 == 0 => group += number,
                Some(number) if number < 10 && group % 10 == 0 && group % 100 >= 20 => {
                    group += number;
                }
                _ => break,
            },
        }
        taken = at + 1;
    }
    let said = words[..taken].iter().any(|word| digits(word).is_none());
    let number = total.checked_add(group)?;
    (said && number > 0).then_some((taken, number))
}

fn is_scale(word: &str) -> bool {
    matches!(word, "hundred" | "thousand" | "grand" | "k" | "million")
}

/// A year said in two numbers: "twenty nineteen", "twenty twenty four".
pub(super) fn spoken_year(words: &[&str]) -> Option<(usize, i64)> {
    let word = |at: usize| words.get(at).copied().unwrap_or("");
    let said = |at: usize| cardinal(word(at)).filter(|_| digits(word(at)).is_none());
    if word(0) == "two" && word(1) == "thousand" {
        let rest = usize::from(word(2) == "and");
        return said(2 + rest)
            .filter(|year| (1..100).contains(year) && word(2 + rest) != "a")
            .map(|year| (3 + rest, 2_000 + year));
    }
    if word(0) != "twenty" {
        return None;
    }
    let tens = said(1).filter(|tens| (10..=50).contains(tens))?;
    match said(2).filter(|ones| tens % 10 == 0 && tens >= 20 && (1..10).contains(ones)) {
        Some(ones) if !matches!(word(2), "a" | "an" | "couple" | "few") => {
            Some((3, 2_000 + tens + ones))
        }
        _ => Some((2, 2_000 + tens)),
    }
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
        for (said, number) in [
            ("five hundred dollars", (2, 500)),
            ("ten thousand", (2, 10_000)),
            ("two thousand five hundred", (4, 2_500)),
            ("twenty five hundred", (3, 2_500)),
            ("2 grand", (2, 2_000)),
            ("one thousand and two thousand", (2, 1_000)),
            ("a hundred and fifty", (4, 150)),
        ] {
            let words: Vec<&str> = said.split(' ').collect();
            assert_eq!(spoken(&words), Some(number), "{said}");
        }
        assert_eq!(spoken(&["5", "laptops"]), None);
        for (said, year) in [
            ("twenty nineteen", (2, 2019)),
            ("twenty twenty four", (3, 2024)),
            ("two thousand eighteen", (3, 2018)),
        ] {
            let words: Vec<&str> = said.split(' ').collect();
            assert_eq!(spoken_year(&words), Some(year), "{said}");
        }
    }
}
