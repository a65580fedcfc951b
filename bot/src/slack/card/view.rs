//! Forms as dialogs, the home page, and answers that are shown in a dialog.

use std::collections::BTreeMap;

use super::super::block::{
    Block, Choice, Element, HEADER_LETTERS_MAX, INPUT_LABEL_LETTERS_MAX, INPUT_LETTERS_MAX,
    METADATA_LETTERS_MAX, OPTIONS_MAX, TITLE_LETTERS_MAX, Text, VIEW_BLOCKS_MAX, View,
};
use super::super::inbound::ViewState;
use super::super::text::{cut, shown};
use super::button::Carried;
use super::{Page, blocks, row};
use crate::reply::{self, ChoiceOf, Field, FieldKind, Form, FormKind, Home, Reply};

/// What the callback id of a form begins with; its kind follows.
pub const FORM_PREFIX: &str = "form:";
/// What the id of an element begins with whose options are looked up; what they are follows.
pub(in super::super) const LOOKUP_PREFIX: &str = "lookup:";
/// What leaves a dialog.
pub const CLOSE: &str = "Close";

const ANSWER: &str = "answer";
const ENTERED: &str = "entered";

/// A form with the words for what is looked up already.
#[derive(Debug, Clone)]
pub struct ShownForm<'a> {
    /// The form.
    pub form: &'a Form,
    /// What was filled in beside its fields; it comes back with the answer.
    pub given: &'a BTreeMap<String, String>,
    /// What the values of looked-up fields are called, by field.
    pub called: &'a BTreeMap<&'static str, String>,
}

/// A form as a dialog.
#[must_use]
pub fn form_view(shown: &ShownForm<'_>) -> View {
    let form = shown.form;
    let fields = form.fields.iter().take(VIEW_BLOCKS_MAX);
    View::Modal {
        callback_id: format!("{FORM_PREFIX}{}", form.kind.as_str()),
        private_metadata: Carried::write(form.kind, shown.given, METADATA_LETTERS_MAX),
        title: Text::plain(&form.title, TITLE_LETTERS_MAX),
        submit: Some(Text::plain(&form.submit, TITLE_LETTERS_MAX)),
        close: Text::plain("Cancel", TITLE_LETTERS_MAX),
        blocks: fields
            .filter_map(|field| input(field, shown.called.get(field.name)))
            .collect(),
    }
}

/// An answer as a dialog that is only read, but for its buttons.
#[must_use]
pub fn answer_view(title: &str, reply: &Reply) -> View {
    View::Modal {
        callback_id: ANSWER.to_owned(),
        private_metadata: String::new(),
        title: Text::plain(title, TITLE_LETTERS_MAX),
        submit: None,
        close: Text::plain(CLOSE, TITLE_LETTERS_MAX),
        blocks: blocks(reply, VIEW_BLOCKS_MAX),
    }
}

/// Somebody's own page.
#[must_use]
pub fn home_view(home: &Home) -> View {
    let mut page = Page::new(VIEW_BLOCKS_MAX);
    page.put(heading(&home.title));
    page.buttons(&home.buttons);
    for section in &home.sections {
        page.put(Block::Divider);
        page.put(heading(&section.title));
        if section.rows.is_empty() {
            page.put(Block::context(&super::escape_within(&section.empty, 300)));
        }
        for one in &section.rows {
            if one.buttons.is_empty() {
                page.put(Block::section(&row(one)));
            } else {
                page.row(&row(one), &one.buttons);
            }
        }
    }
    View::Home {
        blocks: page.into_blocks(),
    }
}

/// What was entered, by field, over what was given beside the fields.
#[must_use]
pub fn values(given: BTreeMap<String, String>, state: &ViewState) -> BTreeMap<String, String> {
    let mut values = given;
    for (field, elements) in &state.values {
        match elements
            .values()
            .find_map(super::super::inbound::Picked::text)
        {
            Some(text) => values.insert(field.clone(), text),
            // Emptied: what was given before does not count any more.
            None => values.remove(field),
        };
    }
    values
}

/// The kind of form that a dialog's callback id names.
pub(in super::super) fn form_named(callback_id: &str) -> Option<FormKind> {
    callback_id
        .strip_prefix(FORM_PREFIX)
        .and_then(FormKind::named)
}

/// What the options of an element are looked up among.
pub(in super::super) fn lookup_named(action_id: &str) -> Option<ChoiceOf> {
    action_id
        .strip_prefix(LOOKUP_PREFIX)
        .and_then(ChoiceOf::named)
}

/// An option as Slack takes it.
pub(in super::super) fn option(choice: &reply::Choice) -> Option<Choice> {
    Choice::new(&choice.label, &choice.value)
}

fn heading(text: &str) -> Block {
    Block::Header {
        text: Text::plain(text, HEADER_LETTERS_MAX),
    }
}

fn input(field: &Field, called: Option<&String>) -> Option<Block> {
    Some(Block::Input {
        block_id: field.name.to_owned(),
        label: Text::plain(&field.label, INPUT_LABEL_LETTERS_MAX),
        element: element(field, called)?,
        optional: !field.required,
        hint: field
            .hint
            .as_deref()
            .map(|hint| Text::plain(hint, INPUT_LABEL_LETTERS_MAX)),
    })
}

/// The element to enter a field in; none where there is nothing to choose from, which Slack refuses to show.
fn element(field: &Field, called: Option<&String>) -> Option<Element> {
    let value = field.value.as_deref().filter(|value| !value.is_empty());
    let typed = |multiline| Element::PlainTextInput {
        action_id: ENTERED.to_owned(),
        initial_value: value.map(|value| cut(&shown(value), INPUT_LETTERS_MAX)),
        multiline,
        max_length: INPUT_LETTERS_MAX,
    };
    let element = match &field.kind {
        FieldKind::Line => typed(false),
        FieldKind::Text => typed(true),
        FieldKind::Day => Element::Datepicker {
            action_id: ENTERED.to_owned(),
            initial_date: value.map(str::to_owned),
        },
        FieldKind::Choice(choices) => {
            let options: Vec<Choice> = choices
                .iter()
                .filter_map(option)
                .take(OPTIONS_MAX)
                .collect();
            if options.is_empty() {
                return None;
            }
            let initial_option = options
                .iter()
                .find(|option| Some(option.value.as_str()) == value)
                .cloned();
            Element::StaticSelect {
                action_id: ENTERED.to_owned(),
                options,
                initial_option,
            }
        }
        FieldKind::Lookup(of) => Element::ExternalSelect {
            action_id: format!("{LOOKUP_PREFIX}{}", of.as_str()),
            min_query_length: 1,
            initial_option: value
                .and_then(|value| Choice::new(called.map_or(value, String::as_str), value)),
        },
    };
    Some(element)
}
