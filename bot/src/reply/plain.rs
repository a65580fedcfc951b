//! An answer as plain text: complete, in the order in which it is shown.

use super::{Act, Button, Part, Row, Span};

/// The whole answer in lines.
pub(super) fn text(parts: &[Part], buttons: &[Button]) -> String {
    let mut lines: Vec<String> = parts.iter().flat_map(part).collect();
    lines.extend(buttons.iter().filter_map(opens));
    lines.join("\n")
}

fn part(part: &Part) -> Vec<String> {
    match part {
        Part::Heading(text) | Part::Note(text) => vec![text.clone()],
        Part::Text(spans) => vec![spans.iter().map(span).collect()],
        Part::Facts(facts) => facts
            .iter()
            .map(|(name, value)| format!("{name}: {value}"))
            .collect(),
        Part::Rows(rows) => rows.iter().map(row).collect(),
        Part::Names(names) => vec![names.join(", ")],
        Part::Changes(changes) => changes
            .iter()
            .map(|change| format!("{}: {} → {}", change.subject, change.before, change.after))
            .collect(),
    }
}

fn span(span: &Span) -> String {
    match span {
        Span::Plain(text) | Span::Strong(text) => text.clone(),
        Span::Link { label, url } => format!("{label} ({url})"),
    }
}

fn row(row: &Row) -> String {
    if row.detail.is_empty() {
        format!("• {}", row.title)
    } else {
        format!("• {}: {}", row.title, row.detail)
    }
}

/// An address is worth a line of its own; what can only be pressed is not.
fn opens(button: &Button) -> Option<String> {
    match &button.act {
        Act::Open(url) => Some(format!("{}: {url}", button.label)),
        Act::Press(_) | Act::Form(..) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Change, Reply};
    use super::*;

    #[test]
    fn everything_that_is_shown_is_in_the_text() {
        let reply = Reply::new(
            vec![
                Part::Heading("Proposed".to_owned()),
                Part::Text(vec![
                    Span::Plain("Hand ".to_owned()),
                    Span::Strong("WMK-1".to_owned()),
                    Span::Link {
                        label: " over".to_owned(),
                        url: "https://habeo.example.edu/a".to_owned(),
                    },
                ]),
                Part::Facts(vec![("Unit".to_owned(), "Biology".to_owned())]),
                Part::Rows(vec![Row {
                    title: "WMK-1".to_owned(),
                    detail: "in stock".to_owned(),
                    ..Row::default()
                }]),
                Part::Changes(vec![Change {
                    subject: "WMK-1 holder".to_owned(),
                    before: "nobody".to_owned(),
                    after: "Ada Lovelace".to_owned(),
                }]),
                Part::Names(vec!["WMK-1".to_owned(), "WMK-2".to_owned()]),
                Part::Note("Expires in 10 minutes.".to_owned()),
            ],
            vec![Button::press("Confirm", "opaque".to_owned())],
        );
        assert_eq!(
            reply.text,
            "Proposed\nHand WMK-1 over (https://habeo.example.edu/a)\nUnit: Biology\n• WMK-1: in stock\n\
             WMK-1 holder: nobody → Ada Lovelace\nWMK-1, WMK-2\nExpires in 10 minutes."
        );
    }
}
