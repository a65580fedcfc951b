//! What a line is: its words in the reader's language, its place in the UNSPSC, and the product it is known to be.

use url::Url;

use crate::id::{CategoryId, ModelId};
use crate::punchout::cart::{Classification, Sent, Text};
use crate::supplier::{Match, Rule};
use crate::text;

/// The most characters of a description that are kept beside what was sent.
const DESCRIPTION_CHARS_MAX: usize = 2_000;
/// The most characters of an address that is shown.
const URL_CHARS_MAX: usize = 2_048;

/// The words in the reader's language, else in English, else the first ones.
pub(super) fn description(sent: &Sent, lang: &str) -> String {
    let wanted = folded(lang);
    let primary = wanted.split('-').next().unwrap_or_default();
    let texts = &sent.descriptions;
    let by = |fits: &dyn Fn(&str) -> bool| texts.iter().find(|text| fits(&folded(&text.lang)));
    let found = by(&|own| own == wanted)
        .or_else(|| by(&|own| !primary.is_empty() && own.split('-').next() == Some(primary)))
        .or_else(|| by(&|own| own == "en" || own.starts_with("en-")))
        .or_else(|| texts.first());
    let words = found.map(words).unwrap_or_default();
    let words: String = words.chars().take(DESCRIPTION_CHARS_MAX).collect();
    if words.is_empty() {
        sent.part.trim().to_owned()
    } else {
        words
    }
}

/// Some put everything into the short form.
fn words(text: &Text) -> String {
    let long = text.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let short = text.short.as_deref().unwrap_or_default();
    let words = if long.is_empty() { short.trim() } else { &long };
    words.chars().filter(|c| text::is_printable(*c)).collect()
}

fn folded(lang: &str) -> String {
    lang.trim().replace('_', "-").to_lowercase()
}

/// Eight digits of the UNSPSC, as far as nothing is guessed: a name in front and dots between are left out, ten digits cut to eight.
pub(super) fn unspsc(classifications: &[Classification]) -> Option<String> {
    classifications
        .iter()
        .filter(|one| {
            let domain = one.domain.trim().to_uppercase();
            matches!(domain.as_str(), "UNSPSC" | "SPSC" | "")
        })
        .find_map(|one| {
            let code = one.code.trim().to_uppercase();
            let code = code.strip_prefix("UNSPSC").unwrap_or(&code);
            let digits: String = code
                .chars()
                .filter(|c| !matches!(c, '.' | ' ' | ':'))
                .collect();
            let all_digits = digits.bytes().all(|b| b.is_ascii_digit());
            let fits = all_digits && matches!(digits.len(), 8 | 10) && !digits.starts_with("00");
            fits.then(|| digits[..8].to_owned())
        })
}

/// The product and the category, by the first rule that matches.
pub(super) fn product(
    rules: &[Rule],
    sent: &Sent,
    unspsc: Option<&str>,
) -> (Option<ModelId>, Option<CategoryId>) {
    let own = |text: &Option<String>| text.as_deref().map(text::fold_code).unwrap_or_default();
    let (maker, number) = (own(&sent.manufacturer), own(&sent.manufacturer_part));
    let found = rules.iter().find(|rule| match &rule.matches {
        Match::Part { manufacturer, part } => {
            !number.is_empty()
                && text::fold_code(manufacturer) == maker
                && text::fold_code(part) == number
        }
        Match::Unspsc { prefix } => unspsc.is_some_and(|code| code.starts_with(prefix.as_str())),
    });
    found.map_or((None, None), |rule| (rule.model, rule.category))
}

/// An address that may be shown as one: absolute, of the web.
pub(super) fn address(text: &str) -> Option<String> {
    let text = text.trim();
    let url = Url::parse(text)
        .ok()
        .filter(|_| text.len() <= URL_CHARS_MAX)?;
    matches!(url.scheme(), "http" | "https").then(|| text.to_owned())
}
