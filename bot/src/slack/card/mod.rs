//! An answer as Slack shows it: the parts of a [`Reply`] as blocks, within every limit.

mod button;
mod page;
mod view;

use crate::reply::{Act, Button, Change, Part, Reply, Row, Span};

pub use button::{Carried, FORM, OPEN, PRESS};
pub use page::Page;
pub use view::{CLOSE, FORM_PREFIX, ShownForm, answer_view, form_view, home_view, values};
pub(super) use view::{form_named, lookup_named, option};

use super::block::{
    Block, FIELD_LETTERS_MAX, FIELDS_MAX, HEADER_LETTERS_MAX, MESSAGE_BLOCKS_MAX,
    MESSAGE_LETTERS_MAX, Message, SECTION_LETTERS_MAX, Text,
};
use super::text::{cut, escape, escape_in_pieces, escape_within};

/// What is said in the place of a change that does not fit.
const TOO_LONG: &str = "This change is more than one message can show, so it cannot be confirmed here. Please change less at a time.";

/// The answer as a message.
#[must_use]
pub fn message(reply: &Reply) -> Message {
    Message {
        text: escape_within(&reply.text, MESSAGE_LETTERS_MAX),
        blocks: blocks(reply, MESSAGE_BLOCKS_MAX),
    }
}

/// A message of one sentence of ours.
#[must_use]
pub fn sentence(text: &str) -> Message {
    message(&Reply::sentence(text))
}

/// The answer as blocks, at most so many.
///
/// Lists are cut, and say so. What would change is never cut: if it does not fit, it cannot be confirmed here.
pub(super) fn blocks(reply: &Reply, blocks_max: usize) -> Vec<Block> {
    let mut page = Page::new(blocks_max);
    if !reply.buttons.is_empty() {
        page.reserve();
    }
    for part in &reply.parts {
        self::part(&mut page, part);
    }
    let presses = |button: &Button| matches!(button.act, Act::Press(_));
    if page.lacks_changes() && reply.buttons.iter().any(presses) {
        return vec![Block::section(TOO_LONG)];
    }
    page.last_buttons(&reply.buttons);
    page.into_blocks()
}

fn part(page: &mut Page, part: &Part) {
    match part {
        Part::Heading(text) => page.put(Block::Header {
            text: Text::plain(text, HEADER_LETTERS_MAX),
        }),
        Part::Text(spans) => page.put(Block::section(&paragraph(spans))),
        Part::Facts(facts) => facts
            .chunks(FIELDS_MAX)
            .for_each(|facts| page.put(fields(facts))),
        Part::Rows(rows) => self::rows(page, rows),
        Part::Changes(changes) => whole(page, changes.iter().flat_map(change)),
        Part::Names(names) => whole(page, in_pieces(&names.join(", "))),
        Part::Note(text) => page.put(Block::context(&escape_within(text, FIELD_LETTERS_MAX))),
    }
}

/// Spans side by side. A span that does not fit any more is left out whole, for half a link would be none.
fn paragraph(spans: &[Span]) -> String {
    let mut text = String::new();
    let mut letters = 0;
    for span in spans {
        let written = match span {
            Span::Plain(plain) => escape(plain),
            Span::Strong(strong) => bold(strong),
            Span::Link { label, url } => link(label, url),
        };
        letters += written.chars().count();
        if letters > SECTION_LETTERS_MAX {
            if text.is_empty() {
                return escape_within(spoken(span), SECTION_LETTERS_MAX);
            }
            break;
        }
        text.push_str(&written);
    }
    text
}

fn spoken(span: &Span) -> &str {
    match span {
        Span::Plain(text) | Span::Strong(text) | Span::Link { label: text, .. } => text,
    }
}

/// Stressed, where the text does not hold what would end the stress.
pub(super) fn bold(plain: &str) -> String {
    let text = escape(plain);
    if text.is_empty() || text.contains(['*', '\n']) || text.trim() != text {
        text
    } else {
        format!("*{text}*")
    }
}

/// A link, where the address is one of the web; else the label alone.
pub(super) fn link(label: &str, url: &str) -> String {
    let label = escape(label).replace('\n', " ");
    if !is_web(url) || label.trim().is_empty() {
        return label;
    }
    let url = escape(url).replace('|', "%7C");
    format!("<{url}|{label}>")
}

/// Whether an address is one that a browser opens and Slack takes.
pub(super) fn is_web(url: &str) -> bool {
    let printable = url.chars().all(|letter| letter.is_ascii_graphic());
    printable
        && (url.starts_with("https://") || url.starts_with("http://"))
        && url.len() <= super::block::URL_LETTERS_MAX
}

fn fields(facts: &[(String, String)]) -> Block {
    let field = |(name, value): &(String, String)| {
        let name = bold(&cut(name, 150));
        let room = FIELD_LETTERS_MAX.saturating_sub(name.chars().count() + 1);
        Text::marked(&format!("{name}\n{}", escape_within(value, room)))
    };
    Block::Section {
        text: None,
        fields: facts.iter().map(field).collect(),
        accessory: None,
    }
}

/// Rows that can only be read share blocks; a row with something to press has one of its own.
fn rows(page: &mut Page, rows: &[Row]) {
    let mut read = Vec::new();
    for row in rows {
        if row.buttons.is_empty() {
            read.push(self::row(row));
        } else {
            lines(page, read.drain(..));
            page.row(&self::row(row), &row.buttons);
        }
    }
    lines(page, read.drain(..));
}

pub(super) fn row(row: &Row) -> String {
    let title = match &row.url {
        Some(url) => link(&cut(&row.title, 300), url),
        None => bold(&cut(&row.title, 300)),
    };
    if row.detail.is_empty() {
        title
    } else {
        format!("{title}\n{}", escape_within(&row.detail, 1_000))
    }
}

/// A change, all of it: in one piece where it fits, else in several without what is stressed.
fn change(change: &Change) -> Vec<String> {
    let (before, after) = (or_nothing(&change.before), or_nothing(&change.after));
    let subject = bold(&change.subject);
    let text = format!("{subject}\n{} → {}", escape(before), escape(after));
    if text.chars().count() <= SECTION_LETTERS_MAX {
        return vec![text];
    }
    in_pieces(&format!("{}\n{before} → {after}", change.subject))
}

fn in_pieces(text: &str) -> Vec<String> {
    escape_in_pieces(text, SECTION_LETTERS_MAX)
}

fn or_nothing(value: &str) -> &str {
    if value.is_empty() { "–" } else { value }
}

/// As many as fit into a block stand in it together.
fn lines(page: &mut Page, items: impl Iterator<Item = String>) {
    for text in together(items) {
        page.put(Block::section(&text));
    }
}

/// The same of what must not be left out.
fn whole(page: &mut Page, items: impl IntoIterator<Item = String>) {
    for text in together(items.into_iter()) {
        page.put_change(Block::section(&text));
    }
}

fn together(items: impl Iterator<Item = String>) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for item in items {
        let more = item.chars().count() + 1;
        match texts.last_mut() {
            Some(text) if text.chars().count() + more <= SECTION_LETTERS_MAX => {
                text.push('\n');
                text.push_str(&item);
            }
            _ => texts.push(item),
        }
    }
    texts
}

#[cfg(test)]
mod tests;
