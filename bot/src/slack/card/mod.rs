//! An answer as Slack shows it: the parts of a [`Reply`] as blocks, within every limit.

mod button;
mod page;
mod view;

use crate::reply::{Change, Part, Reply, Row, Span};

pub use button::{Carried, FORM, OPEN, PRESS};
pub use page::Page;
pub use view::{CLOSE, FORM_PREFIX, ShownForm, answer_view, form_view, home_view, values};
pub(super) use view::{form_named, lookup_named, option};

use super::block::{
    Block, FIELD_LETTERS_MAX, FIELDS_MAX, HEADER_LETTERS_MAX, MESSAGE_BLOCKS_MAX,
    MESSAGE_LETTERS_MAX, Message, SECTION_LETTERS_MAX, Text,
};
use super::text::{cut, escape, escape_within};

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
pub(super) fn blocks(reply: &Reply, blocks_max: usize) -> Vec<Block> {
    let mut page = Page::new(blocks_max);
    if !reply.buttons.is_empty() {
        page.reserve();
    }
    for part in &reply.parts {
        self::part(&mut page, part);
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
        Part::Changes(changes) => lines(page, changes.iter().map(change)),
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

fn change(change: &Change) -> String {
    let (before, after) = (or_nothing(&change.before), or_nothing(&change.after));
    format!("{}\n{before} → {after}", bold(&cut(&change.subject, 300)))
}

fn or_nothing(value: &str) -> String {
    if value.is_empty() {
        "–".to_owned()
    } else {
        escape_within(value, 1_000)
    }
}

/// As many as fit into a block stand in it together.
fn lines(page: &mut Page, items: impl Iterator<Item = String>) {
    let mut text = String::new();
    for item in items {
        let letters = text.chars().count() + item.chars().count() + 1;
        if letters > SECTION_LETTERS_MAX && !text.is_empty() {
            page.put(Block::section(&text));
            text.clear();
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&item);
    }
    if !text.is_empty() {
        page.put(Block::section(&text));
    }
}

#[cfg(test)]
mod tests;
