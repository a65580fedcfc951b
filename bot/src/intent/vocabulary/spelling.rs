//! The ways in which one name is spelled: in full, without its general words, by its beginning, abbreviated, by its initials.

use habeo_core::text;

use super::general::{FILLERS, OF_CATEGORIES, OF_MAKERS, OF_MODELS, OF_PLACES, OF_UNITS};
use super::index::Rank;

/// The most words of a name that are matched.
pub(super) const NAME_WORDS_MAX: usize = 8;
/// The fewest letters of an abbreviation that is the beginning of a word.
const ABBREVIATION_CHARS_MIN: usize = 3;
/// The fewest letters of a word by which the inside of a name is found.
const INNER_CHARS_MIN: usize = 4;

/// The words of a text as they are compared: folded, and singular.
pub(in crate::intent) fn stems(name: &str) -> Vec<String> {
    text::words(name).map(|word| stem(&word)).collect()
}

/// A word without the ending of its plural. Applied to names and to questions alike, so what matters is only that it is the same.
pub(in crate::intent) fn stem(word: &str) -> String {
    let keep = |cut: usize| word[..word.len() - cut].to_owned();
    if !word.is_ascii() || word.len() < 3 || !word.ends_with('s') {
        return word.to_owned();
    }
    let before = word.as_bytes()[word.len() - 2];
    if before.is_ascii_digit() || matches!(word, "pcs" | "tvs") {
        return keep(1);
    }
    if word.len() < 4 || matches!(before, b's' | b'u' | b'i') {
        return word.to_owned();
    }
    if word.ends_with("ies") && word.len() > 4 {
        return format!("{}y", keep(3));
    }
    if ["ches", "shes", "xes", "sses"]
        .iter()
        .any(|end| word.ends_with(end))
    {
        return keep(2);
    }
    keep(1)
}

/// The door number or floor number of a place: the last word of its name or short name that begins with a digit.
pub(in crate::intent) fn number_of(name: &str) -> Option<String> {
    text::words(name)
        .filter(|word| word.starts_with(|c: char| c.is_ascii_digit()))
        .last()
}

/// A way to spell a name, as stems with single spaces between them.
pub(super) type Spelling = (String, Rank);

/// The spellings of a unit.
pub(super) fn of_unit(name: &str, code: &str, aliases: &[String]) -> Vec<Spelling> {
    let mut found = Vec::new();
    whole(name, Rank::Exact, &mut found);
    whole(code, Rank::Exact, &mut found);
    for alias in aliases {
        whole(alias, Rank::Exact, &mut found);
    }
    let words = stems(name);
    let telling = without(&words, FILLERS);
    let own = without(&telling, OF_UNITS);
    let own = if own.is_empty() { telling.clone() } else { own };
    push(&telling, Rank::Exact, &mut found);
    push(&own, Rank::Core, &mut found);
    if own.len() > 1 {
        initials(&own, &mut found);
        initials(&words, &mut found);
        beginnings(&own, Rank::Leading, &mut found);
        insides(&own[1..], OF_UNITS, &mut found);
    }
    abbreviations(&own, &mut found);
    found
}

/// The spellings of a site or building.
pub(super) fn of_place(name: &str, code: &str) -> Vec<Spelling> {
    let mut found = Vec::new();
    let telling = without(&stems(name), FILLERS);
    let own = without(&telling, OF_PLACES);
    if own.is_empty() && telling.len() < 2 {
        // "Office" or "Clinic" alone names nothing.
        return found;
    }
    whole(name, Rank::Exact, &mut found);
    push(&telling, Rank::Exact, &mut found);
    // "The data center" is every one of them.
    if telling.len() > 2 {
        push(&telling[telling.len() - 2..], Rank::Inner, &mut found);
    }
    whole(code, Rank::Code, &mut found);
    if let Some((_, last)) = code.rsplit_once('-') {
        whole(last, Rank::Code, &mut found);
    }
    if own.is_empty() {
        return found;
    }
    push(&own, Rank::Core, &mut found);
    if telling.first() == own.first() {
        beginnings(&telling, Rank::Leading, &mut found);
    }
    insides(&own, OF_PLACES, &mut found);
    found
}

/// The spellings of a room or floor: in full only; by its number it is found in its building.
pub(super) fn of_room(name: &str, code: &str) -> Vec<Spelling> {
    let mut found = Vec::new();
    whole(name, Rank::Exact, &mut found);
    whole(code, Rank::Exact, &mut found);
    found
}

/// The spellings of a maker.
pub(super) fn of_maker(name: &str) -> Vec<Spelling> {
    let mut found = Vec::new();
    let words = without(&stems(name), FILLERS);
    push(&words, Rank::Exact, &mut found);
    if words.len() > 1 {
        beginnings(&words, Rank::Core, &mut found);
        initials(&words, &mut found);
        for word in &words[1..] {
            if word.len() >= INNER_CHARS_MIN && !OF_MAKERS.contains(&word.as_str()) {
                push(std::slice::from_ref(word), Rank::Inner, &mut found);
            }
        }
    }
    found
}

/// The spellings of a category.
pub(super) fn of_category(name: &str, code: &str) -> Vec<Spelling> {
    let mut found = Vec::new();
    whole(name, Rank::Exact, &mut found);
    whole(&code.replace('_', " "), Rank::Exact, &mut found);
    // "Freezers and incubators" are both.
    let words = stems(name);
    let telling = without(&words, FILLERS);
    push(&telling, Rank::Exact, &mut found);
    if words.iter().any(|word| word == "and") || name.contains(',') {
        for part in words.split(|word| word == "and") {
            push(part, Rank::Core, &mut found);
        }
    }
    insides(&telling, OF_CATEGORIES, &mut found);
    found
}

/// The spellings of a model; a beginning that several share names all of them.
pub(super) fn of_model(name: &str, number: Option<&str>) -> Vec<Spelling> {
    let mut found = Vec::new();
    let words = stems(name);
    push(&words, Rank::Exact, &mut found);
    if let Some(number) = number {
        whole(number, Rank::Code, &mut found);
    }
    beginnings(&words, Rank::Core, &mut found);
    for word in words.iter().skip(1) {
        let mixed =
            word.chars().any(char::is_alphabetic) && word.chars().any(|c| c.is_ascii_digit());
        let telling =
            word.len() >= INNER_CHARS_MIN && !word.starts_with(|c: char| c.is_ascii_digit());
        if (mixed && word.len() >= 3 || telling) && !OF_MODELS.contains(&word.as_str()) {
            push(std::slice::from_ref(word), Rank::Inner, &mut found);
        }
    }
    found
}

fn whole(name: &str, rank: Rank, found: &mut Vec<Spelling>) {
    let words = stems(name);
    push(&words, rank, found);
    if (2..=3).contains(&words.len())
        && words
            .iter()
            .any(|word| word.starts_with(|c: char| c.is_ascii_digit()))
    {
        // "ALD-204" is typed "ald204" too.
        push(&[words.concat()], rank, found);
    }
}

fn push(words: &[String], rank: Rank, found: &mut Vec<Spelling>) {
    if !words.is_empty() && words.len() <= NAME_WORDS_MAX {
        found.push((words.join(" "), rank));
    }
}

fn without(words: &[String], general: &[&str]) -> Vec<String> {
    words
        .iter()
        .filter(|word| !general.contains(&word.as_str()))
        .cloned()
        .collect()
}

fn beginnings(words: &[String], rank: Rank, found: &mut Vec<Spelling>) {
    for count in 1..words.len().min(NAME_WORDS_MAX) {
        if count > 1 || words[0].len() > 1 {
            push(&words[..count], rank, found);
        }
    }
}

fn initials(words: &[String], found: &mut Vec<Spelling>) {
    let letters: String = words
        .iter()
        .filter_map(|word| word.chars().next())
        .collect();
    if letters.chars().count() > 1 {
        found.push((letters, Rank::Abbreviated));
    }
}

fn insides(words: &[String], general: &[&str], found: &mut Vec<Spelling>) {
    for word in words {
        let alphabetic = word.chars().all(char::is_alphabetic);
        if alphabetic
            && word.chars().count() >= INNER_CHARS_MIN
            && !general.contains(&word.as_str())
        {
            push(std::slice::from_ref(word), Rank::Inner, found);
        }
    }
}

/// "Chem" for Chemistry, "comp sci" for Computer Science.
fn abbreviations(own: &[String], found: &mut Vec<Spelling>) {
    let shortened = |word: &String, most: usize| -> Vec<String> {
        let chars: Vec<char> = word.chars().collect();
        let until = chars.len().min(most + 1);
        (ABBREVIATION_CHARS_MIN..until)
            .map(|count| chars[..count].iter().collect())
            .collect()
    };
    let Some(first) = own.first() else {
        return;
    };
    for short in shortened(first, NAME_WORDS_MAX) {
        push(&[short], Rank::Abbreviated, found);
    }
    if let [first, second] = own {
        for one in shortened(first, 5).into_iter().chain([first.clone()]) {
            for other in shortened(second, 5).into_iter().chain([second.clone()]) {
                push(&[one.clone(), other], Rank::Abbreviated, found);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals_and_singulars_meet() {
        for (one, many) in [
            ("laptop", "laptops"),
            ("switch", "switches"),
            ("battery", "batteries"),
            ("box", "boxes"),
            ("microscope", "microscopes"),
            ("14", "14s"),
            ("pc", "pcs"),
        ] {
            assert_eq!(stem(one), stem(many), "{many}");
        }
        assert_eq!(stem("bus"), "bus");
        assert_eq!(stem("glass"), "glass");
    }

    #[test]
    fn units_are_known_by_parts_and_abbreviations() {
        let spelled = of_unit("Computer Science", "CSC", &[]);
        for (text, rank) in [
            ("computer science", Rank::Exact),
            ("csc", Rank::Exact),
            ("cs", Rank::Abbreviated),
            ("comp sci", Rank::Abbreviated),
        ] {
            assert!(spelled.contains(&(text.to_owned(), rank)), "{text}");
        }
        assert!(of_unit("College of Arts", "ART", &[]).contains(&("art".to_owned(), Rank::Core)));
    }

    #[test]
    fn a_place_with_only_general_words_is_not_known_by_them() {
        assert_eq!(of_place("Office", "NBO-NBO"), Vec::new());
        assert!(of_place("Alder Hall", "MAIN-ALD").contains(&("alder".to_owned(), Rank::Core)));
    }
}
