//! What people write short: contractions, and the spellings of small screens.

/// What people write as one word and mean as several, or as another.
#[rustfmt::skip]
const CONTRACTIONS: &[(&str, &str)] = &[
    ("whats", "what is"), ("whos", "who is"), ("wheres", "where is"), ("whens", "when is"), ("hows", "how is"),
    ("thats", "that is"), ("theres", "there is"), ("lets", "let us"), ("im", "i am"), ("ive", "i have"), ("id", "i would"), ("ill", "i will"),
    ("havent", "have not"), ("hasnt", "has not"), ("hadnt", "had not"), ("isnt", "is not"), ("arent", "are not"), ("wasnt", "was not"),
    ("werent", "were not"), ("dont", "do not"), ("doesnt", "does not"), ("didnt", "did not"), ("cant", "can not"), ("couldnt", "could not"),
    ("wont", "will not"), ("wouldnt", "would not"), ("shouldnt", "should not"), ("cannot", "can not"),
    ("youre", "you are"), ("theyre", "they are"), ("weve", "we have"), ("theyve", "they have"), ("whod", "who had"), ("itd", "it would"),
    ("whatre", "what are"), ("wherere", "where are"), ("whove", "who have"), ("youve", "you have"), ("shes", "she is"), ("hes", "he is"),
    ("gimme", "give me"), ("lemme", "let me"), ("wanna", "want to"), ("gonna", "going to"), ("howmany", "how many"),
    ("w", "with"), ("wo", "without"), ("plz", "please"), ("pls", "please"), ("thx", "thanks"), ("dnt", "do not"),
    // Words too short for the correction of typing mistakes.
    ("wht", "what"), ("wut", "what"), ("whta", "what"), ("waht", "what"), ("hwat", "what"), ("wich", "which"), ("whch", "which"),
    ("whcih", "which"), ("wher", "where"), ("whr", "where"), ("whre", "where"), ("wehre", "where"), ("wen", "when"), ("whn", "when"), ("wehn", "when"),
    ("hwo", "how"), ("woh", "who"), ("hw", "how"), ("mny", "many"), ("amny", "many"), ("shw", "show"), ("shwo", "show"),
    ("lst", "list"), ("fnd", "find"), ("hv", "have"), ("hav", "have"), ("hvae", "have"), ("haz", "has"), ("hs", "has"), ("frm", "from"), 
    ("abt", "about"), ("rn", "right now"), ("atm", "at the moment"), ("gd", "good"), ("ppl", "people"), ("mv", "move"),
    ("nd", "and"), ("adn", "and"), ("coz", "because"), ("ar", "are"), ("iz", "is"), 
    ("hte", "the"), ("btwn", "between"), ("bldng", "building"), 
];
/// Contractions that are words of their own without the apostrophe.
const ONLY_WITH_APOSTROPHE: &[&str] = &["id", "ill", "w", "wo"];
/// What is written with a slash.
const SHORTHANDS: &[(&str, &str)] = &[
    ("w/o", "without"),
    ("w/out", "without"),
    ("w/", "with"),
    ("b/c", "because"),
];

/// What a short spelling stands for; `joined` is without its apostrophe.
pub(super) fn contraction(joined: &str, apostrophe: bool) -> Option<&'static str> {
    CONTRACTIONS
        .iter()
        .find(|(short, _)| {
            *short == joined && (apostrophe || !ONLY_WITH_APOSTROPHE.contains(short))
        })
        .map(|(_, long)| *long)
}

/// What a spelling with a slash stands for.
pub(super) fn shorthand(written: &str) -> Option<&'static str> {
    SHORTHANDS
        .iter()
        .find(|(short, _)| *short == written)
        .map(|(_, long)| *long)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_spellings_are_read_in_full() {
        assert_eq!(contraction("whats", true), Some("what is"));
        assert_eq!(contraction("ill", true), Some("i will"));
        assert_eq!(contraction("ill", false), None);
        assert_eq!(shorthand("w/o"), Some("without"));
    }
}
