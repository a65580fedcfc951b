//! Answers and forms as Adaptive Cards, within what Teams takes.

pub mod element;
mod form;
mod sealed;
#[cfg(test)]
mod tests;
pub mod text;

use serde_json::{Value, json};

use crate::reply::{Act, Button, Part, Reply, Row, shortened};
pub use element::Medium;
pub use form::{Called, FORM_MEMBER, GIVEN_MEMBER, form};
pub use sealed::{Sealed, Sealer};

/// The most bytes of a card in a message: the channel takes more and shows less.
pub const CARD_BYTES_MAX: usize = 27 * 1_024;
/// The most buttons beside each other.
pub const ACTIONS_MAX: usize = 6;
/// The most changes that stand apart.
const CHANGES_APART_MAX: usize = 12;
/// The most characters of a message without a card.
const TEXT_CHARS_MAX: usize = 6_000;
/// The most characters of what a notification says.
const SUMMARY_CHARS_MAX: usize = 200;

/// The most characters of what is said where cards cannot be shown.
const FALLBACK_CHARS_MAX: usize = 500;

/// How much of a list is shown, tried from the most to the least.
const CUTS: [Cut; 6] = [
    Cut::of(25, true),
    Cut::of(25, false),
    Cut::of(15, false),
    Cut::of(8, false),
    Cut::of(3, false),
    Cut::of(0, false),
];

#[derive(Clone, Copy)]
struct Cut {
    rows_max: usize,
    row_buttons: bool,
}

impl Cut {
    const fn of(rows_max: usize, row_buttons: bool) -> Self {
        Self {
            rows_max,
            row_buttons,
        }
    }
}

/// What is put into a message.
#[derive(Debug, Clone, PartialEq)]
pub enum Shown {
    /// A plain text.
    Text(String),
    /// A card, and what a notification says of it.
    Card {
        /// Its content.
        card: Value,
        /// The notification.
        summary: String,
    },
}

impl Shown {
    /// The content of a card, also where a text would do.
    #[must_use]
    pub fn into_card(self) -> Value {
        match self {
            Self::Text(text) => readable(element::card(&[element::line(&text)]), &text),
            Self::Card { card, .. } => card,
        }
    }

    /// The members of a message that shows it.
    #[must_use]
    pub fn message(self) -> Value {
        match self {
            Self::Text(text) => json!({"type": "message", "textFormat": "plain", "text": text}),
            Self::Card { card, summary } => json!({
                "type": "message", "summary": summary, "attachments": [element::attached(&card)],
            }),
        }
    }
}

/// An answer as it is said in a conversation: one plain sentence as a text, everything else as a card.
#[must_use]
pub fn shown(reply: &Reply) -> Shown {
    let is_plain = reply.buttons.is_empty()
        && matches!(reply.parts.as_slice(), [] | [Part::Text(_)])
        && !reply.parts.iter().any(has_link);
    if is_plain {
        return Shown::Text(shortened(&reply.text, TEXT_CHARS_MAX));
    }
    Shown::Card {
        card: of_reply(reply, Medium::Chat, CARD_BYTES_MAX),
        summary: shortened(&reply.text.replace('\n', " "), SUMMARY_CHARS_MAX),
    }
}

fn has_link(part: &Part) -> bool {
    matches!(part, Part::Text(spans) if spans.iter().any(|span| matches!(span, crate::reply::Span::Link { .. })))
}

/// An answer as a card of at most so many bytes.
///
/// Lists are cut, and say so. What would change is never cut: if it does not fit, it cannot be confirmed here.
#[must_use]
pub fn of_reply(reply: &Reply, medium: Medium, bytes_max: usize) -> Value {
    let fitting = CUTS
        .iter()
        .map(|cut| readable(element::card(&body(reply, medium, *cut)), &reply.text))
        .find(|card| bytes(card) <= bytes_max);
    fitting.unwrap_or_else(|| too_long(reply, medium))
}

/// A card with what is said where cards cannot be shown.
fn readable(mut card: Value, text: &str) -> Value {
    card["fallbackText"] = json!(shortened(text, FALLBACK_CHARS_MAX));
    card
}

fn body(reply: &Reply, medium: Medium, cut: Cut) -> Vec<Value> {
    let mut body: Vec<Value> = reply
        .parts
        .iter()
        .flat_map(|part| elements(part, medium, cut))
        .collect();
    body.extend(element::actions(&reply.buttons, medium));
    body
}

fn elements(part: &Part, medium: Medium, cut: Cut) -> Vec<Value> {
    match part {
        Part::Heading(text) => vec![element::heading(text)],
        Part::Text(spans) => vec![element::paragraph(spans)],
        Part::Facts(facts) => {
            let pairs = facts
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()));
            vec![element::facts(pairs)]
        }
        Part::Rows(rows) => list(rows, medium, cut),
        // Many changes are one element of many lines: the card grows by their words alone.
        Part::Changes(changes) if changes.len() > CHANGES_APART_MAX => {
            vec![element::lines(changes.iter().map(|one| {
                format!("{}: {} → {}", one.subject, one.before, one.after)
            }))]
        }
        Part::Names(names) => vec![element::line(&names.join(", "))],
        Part::Changes(changes) => changes
            .iter()
            .flat_map(|change| {
                let then = [
                    ("Now", change.before.as_str()),
                    ("Then", change.after.as_str()),
                ];
                [element::strong(&change.subject), element::facts(then)]
            })
            .collect(),
        Part::Note(text) => vec![element::quiet(text)],
    }
}

fn list(rows: &[Row], medium: Medium, cut: Cut) -> Vec<Value> {
    let shown = rows.iter().take(cut.rows_max);
    let mut list: Vec<Value> = shown.map(|row| row_of(row, medium, cut)).collect();
    let more = rows.len().saturating_sub(cut.rows_max);
    if more > 0 {
        list.push(element::quiet(&format!(
            "{more} more than fit into this message."
        )));
    }
    list
}

fn row_of(row: &Row, medium: Medium, cut: Cut) -> Value {
    let mut items = vec![element::strong(&row.title)];
    if !row.detail.is_empty() {
        items.push(element::quiet(&row.detail));
    }
    if cut.row_buttons {
        items.extend(element::actions(&row.buttons, medium));
    }
    element::group(&items, row.url.as_deref())
}

fn too_long(reply: &Reply, medium: Medium) -> Value {
    let elsewhere: Vec<Button> = reply
        .buttons
        .iter()
        .filter(|button| matches!(button.act, Act::Open(_)))
        .cloned()
        .collect();
    let text =
        "This is more than fits into a message. Ask for less at a time, or open it in Habeo.";
    let mut body = vec![element::line(text)];
    body.extend(element::actions(&elsewhere, medium));
    readable(element::card(&body), text)
}

/// A row that a search found, and its preview. The preview is its searcher's alone; the card is what they put into a conversation, so that it
/// names the thing and nobody.
#[must_use]
pub fn found(row: &Row) -> Value {
    with_preview(
        row,
        &readable(element::card(&facts_of(row, "")), &row.title),
    )
}

/// What a link to something shows to all who read along: the row is neutral already.
#[must_use]
pub fn unfurled(row: &Row) -> Value {
    let said = format!("{}, {}", row.title, row.detail);
    with_preview(
        row,
        &readable(element::card(&facts_of(row, &row.detail)), &said),
    )
}

fn facts_of(row: &Row, detail: &str) -> Vec<Value> {
    let mut body = vec![element::strong(&row.title)];
    if !detail.is_empty() {
        body.push(element::quiet(detail));
    }
    if let Some(url) = &row.url {
        let open = Button::open("Open in Habeo", url.clone());
        body.extend(element::actions(&[open], Medium::Chat));
    }
    body
}

fn with_preview(row: &Row, card: &Value) -> Value {
    let mut attachment = element::attached(card);
    attachment["preview"] = json!({
        "contentType": "application/vnd.microsoft.card.thumbnail",
        "content": {"title": text::untagged(&row.title), "text": text::untagged(&row.detail)},
    });
    attachment
}

/// What is seen first, by whoever reads it: nothing in it is about anybody.
#[must_use]
pub fn welcome() -> Reply {
    let parts = vec![
        Part::Heading("Habeo Copilot".to_owned()),
        Part::text(
            "Ask about equipment in your own words: where something is, who has it, what is due back. Changes are shown first and wait for your confirmation.",
        ),
    ];
    Reply::new(parts, Vec::new())
}

/// How large a value is on the wire.
#[must_use]
pub fn bytes(value: &Value) -> usize {
    value.to_string().len()
}
