//! How much an answer may hold, so that every surface can show all of it.

use super::{Act, Button, Change, PRESS_BYTES_MAX, Part, Row, Span};

/// The most parts.
pub const PARTS_MAX: usize = 12;
/// The most rows of a list.
pub const ROWS_MAX: usize = 25;
/// The most facts of one part.
pub const FACTS_MAX: usize = 20;
/// The most buttons of an answer, and of a row.
pub const BUTTONS_MAX: usize = 5;
/// The most characters of a label, a heading or the name of a fact.
pub const LABEL_CHARS_MAX: usize = 75;
/// The most characters of a title, a detail or a value.
pub const CELL_CHARS_MAX: usize = 300;
/// The most characters of a paragraph.
pub const TEXT_CHARS_MAX: usize = 2_000;

/// The text, or as much of it as fits with an ellipsis. What cannot be printed is left out: texts come from people and systems of many kinds.
#[must_use]
pub fn shortened(text: &str, chars_max: usize) -> String {
    let mut kept: String = printable(text).take(chars_max + 1).collect();
    if kept.chars().count() > chars_max {
        kept = kept.chars().take(chars_max.saturating_sub(1)).collect();
        kept.truncate(kept.trim_end().len());
        kept.push('…');
    }
    kept
}

/// What can be printed of a text, all of it.
fn whole(text: &str) -> String {
    printable(text).collect()
}

fn printable(text: &str) -> impl Iterator<Item = char> {
    let kept = |c: char| match c {
        '\t' => Some(' '),
        c if c == '\n' || habeo_core::text::is_printable(c) => Some(c),
        _ => None,
    };
    text.chars().filter_map(kept)
}

pub(super) fn bounded(parts: Vec<Part>, buttons: Vec<Button>) -> (Vec<Part>, Vec<Button>) {
    let parts = parts.into_iter().take(PARTS_MAX).map(part).collect();
    (parts, few(buttons))
}

fn part(part: Part) -> Part {
    match part {
        Part::Heading(text) => Part::Heading(shortened(&text, LABEL_CHARS_MAX)),
        Part::Text(spans) => Part::Text(paragraph(spans)),
        Part::Facts(facts) => Part::Facts(facts.into_iter().take(FACTS_MAX).map(fact).collect()),
        Part::Rows(rows) => Part::Rows(rows.into_iter().take(ROWS_MAX).map(Row::bounded).collect()),
        // What is confirmed is shown: not the bounds of an answer decide whether it can be, but those of the surface, over all of it.
        Part::Changes(changes) => Part::Changes(changes.iter().map(change).collect()),
        Part::Names(names) => Part::Names(names.iter().map(|name| whole(name)).collect()),
        Part::Note(text) => Part::Note(shortened(&text, CELL_CHARS_MAX)),
    }
}

fn fact((name, value): (String, String)) -> (String, String) {
    (
        shortened(&name, LABEL_CHARS_MAX),
        shortened(&value, CELL_CHARS_MAX),
    )
}

fn change(change: &Change) -> Change {
    Change {
        subject: whole(&change.subject),
        before: whole(&change.before),
        after: whole(&change.after),
    }
}

/// The spans of a paragraph, as far as they fit together.
fn paragraph(spans: Vec<Span>) -> Vec<Span> {
    let mut left = TEXT_CHARS_MAX;
    let mut kept = Vec::with_capacity(spans.len());
    for span in spans {
        if left == 0 {
            break;
        }
        let fit = |text: &str| shortened(text, left);
        let (span, chars) = match span {
            Span::Plain(text) => {
                let text = fit(&text);
                let chars = text.chars().count();
                (Span::Plain(text), chars)
            }
            Span::Strong(text) => {
                let text = fit(&text);
                let chars = text.chars().count();
                (Span::Strong(text), chars)
            }
            Span::Link { label, url } => {
                let label = fit(&label);
                let chars = label.chars().count();
                (Span::Link { label, url }, chars)
            }
        };
        left -= chars.min(left);
        kept.push(span);
    }
    kept
}

fn few(buttons: Vec<Button>) -> Vec<Button> {
    let carried = |button: &Button| match &button.act {
        Act::Press(press) => press.len() <= PRESS_BYTES_MAX,
        Act::Open(_) | Act::Form(..) => true,
    };
    let shown = buttons.into_iter().filter(carried).take(BUTTONS_MAX);
    shown
        .map(|button| Button {
            label: shortened(&button.label, LABEL_CHARS_MAX),
            ..button
        })
        .collect()
}

impl Row {
    /// The row within the bounds.
    #[must_use]
    pub fn bounded(self) -> Self {
        Self {
            title: shortened(&self.title, CELL_CHARS_MAX),
            detail: shortened(&self.detail, CELL_CHARS_MAX),
            url: self.url,
            buttons: few(self.buttons),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_ends_with_an_ellipsis_and_is_no_longer_than_the_bound() {
        assert_eq!(shortened("short", 5), "short");
        assert_eq!(shortened("longer", 5), "long…");
        assert_eq!(shortened("four words and more", 6), "four…");
        assert_eq!(shortened("äöüÄÖÜ", 4), "äöü…");
    }

    #[test]
    fn what_cannot_be_seen_is_left_out() {
        assert_eq!(shortened("a\u{202E}b\u{200B}c\u{7}", 10), "abc");
    }

    #[test]
    fn what_changes_is_never_cut() {
        let long = "n\u{202E}ote ".repeat(400);
        let change = Change {
            subject: "WMK-1: note".to_owned(),
            before: "none".to_owned(),
            after: long,
        };
        let names: Vec<String> = (0..100).map(|n| format!("WMK-{n}")).collect();
        let parts = vec![Part::Changes(vec![change; 300]), Part::Names(names.clone())];
        let (parts, _) = bounded(parts, Vec::new());
        let [Part::Changes(changes), Part::Names(shown)] = parts.as_slice() else {
            panic!("parts stay what they are");
        };
        assert_eq!(changes.len(), 300);
        assert!(
            changes
                .iter()
                .all(|change| change.after == "note ".repeat(400))
        );
        assert_eq!(shown, &names);
    }

    #[test]
    fn a_paragraph_is_bounded_over_all_its_spans() {
        let long = "x".repeat(1_500);
        let spans = vec![
            Span::Plain(long.clone()),
            Span::Strong(long),
            Span::Plain("never shown".to_owned()),
        ];
        let (parts, _) = bounded(vec![Part::Text(spans)], Vec::new());
        let [Part::Text(spans)] = parts.as_slice() else {
            panic!("a paragraph stays a paragraph");
        };
        assert_eq!(spans.len(), 2);
        let Span::Strong(second) = &spans[1] else {
            panic!("the second stays stressed");
        };
        assert_eq!(second.chars().count(), 500);
        assert!(second.ends_with('…'));
    }
}
