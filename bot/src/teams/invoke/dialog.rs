//! Dialogs: forms, what is wrong with them, and the confirmation that follows. They are seen by nobody but whoever opened them, so that a
//! whole change can be prepared and confirmed in one.

use std::collections::BTreeMap;

use habeo_core::store::{StoreError, StoreResult};
use serde_json::{Map, Value, json};

use super::{Invalid, Invoker, text};
use crate::engine::{Asker, CANNOT_LOOK};
use crate::reply::{
    Act, Button, FieldError, FieldKind, FormKind, PRESS_BYTES_MAX, Part, Reply, Row,
};
use crate::teams::card::element::{OPEN_MEMBER, PRESS};
use crate::teams::card::{self, CARD_BYTES_MAX, Called, FORM_MEMBER, GIVEN_MEMBER, Medium};
use crate::teams::{Teams, mention};

/// What dialogs of no form are called.
const TITLE: &str = "Habeo";
/// The most values of a form, and the most characters of one.
const VALUES_MAX: usize = 40;
const VALUE_CHARS_MAX: usize = 4_000;
/// The most words of a message that are looked up, and the least characters of one.
const TAGS_MAX: usize = 5;
const TAG_CHARS_MIN: usize = 4;
/// How much of a message is taken over into a form.
const DESCRIPTION_CHARS_MAX: usize = 300;

impl Teams {
    /// A button that opens a form.
    pub(super) async fn on_fetch_dialog(
        &self,
        invoker: &Invoker<'_>,
        value: &Value,
    ) -> Result<Value, Invalid> {
        let data = value["data"].as_object().ok_or(Invalid)?;
        let kind = form_of(data).ok_or(Invalid)?;
        let Some(asker) = invoker.asker() else {
            return Ok(shown(&self.nobody(invoker).0));
        };
        let given = texts(data.get(GIVEN_MEMBER).and_then(Value::as_object));
        Ok(self.form(&asker, kind, given, &[]).await)
    }

    /// A message from which an asset is found, or entered.
    pub(super) async fn on_fetch_action(
        &self,
        invoker: &Invoker<'_>,
        value: &Value,
    ) -> Result<Value, Invalid> {
        if text(value, "/commandId") != Some(crate::manifest::teams::COMMAND_FROM_MESSAGE) {
            return Err(Invalid);
        }
        let Some(asker) = invoker.asker() else {
            return Ok(shown(&self.nobody(invoker).0));
        };
        let markup = text(value, "/messagePayload/body/content").unwrap_or_default();
        let words = mention::from_markup(markup);
        let found = match self.mentioned(&asker, &words).await {
            Ok(found) => found,
            Err(error) => return Ok(unread(&error)),
        };
        let description: String = words.chars().take(DESCRIPTION_CHARS_MAX).collect();
        let given: BTreeMap<_, _> = [("description".to_owned(), description)].into();
        if found.is_empty() {
            return Ok(self.form(&asker, FormKind::Register, given, &[]).await);
        }
        let parts = vec![
            Part::Heading("In this message".to_owned()),
            Part::Rows(found),
        ];
        let mut card = card::of_reply(
            &Reply::new(parts, Vec::new()),
            Medium::Dialog,
            CARD_BYTES_MAX,
        );
        card["actions"] = json!([{
            "type": "Action.Submit", "title": "Enter a new asset",
            "data": {OPEN_MEMBER: FormKind::Register.as_str(), GIVEN_MEMBER: given},
        }]);
        Ok(continued(TITLE, &card))
    }

    /// What was filled in or pressed in a dialog.
    pub(super) async fn on_submit(
        &self,
        invoker: &Invoker<'_>,
        value: &Value,
    ) -> Result<Value, Invalid> {
        let data = value["data"].as_object().ok_or(Invalid)?;
        let Some(asker) = invoker.asker() else {
            return Ok(shown(&self.nobody(invoker).0));
        };
        if let Some(press) = data.get(PRESS).and_then(Value::as_str) {
            if press.len() > PRESS_BYTES_MAX {
                return Err(Invalid);
            }
            return Ok(shown(&self.press(&asker, press).await));
        }
        let mut values = texts(data.get(GIVEN_MEMBER).and_then(Value::as_object));
        if let Some(open) = data.get(OPEN_MEMBER).and_then(Value::as_str) {
            let kind = FormKind::named(open).ok_or(Invalid)?;
            return Ok(self.form(&asker, kind, values, &[]).await);
        }
        let kind = form_of(data).ok_or(Invalid)?;
        values.extend(texts(Some(data)));
        values.remove(FORM_MEMBER);
        match self.engine().submit(&asker, kind, values.clone()).await {
            Ok(reply) => Ok(shown(&reply)),
            Err(errors) => Ok(self.form(&asker, kind, values, &errors).await),
        }
    }

    async fn form(
        &self,
        asker: &Asker,
        kind: FormKind,
        given: BTreeMap<String, String>,
        errors: &[FieldError],
    ) -> Value {
        let form = match self.engine().form(asker, kind, given.clone()).await {
            Ok(form) => form,
            Err(error) => return unread(&error),
        };
        let mut called = Called::new();
        for field in &form.fields {
            if let (FieldKind::Lookup(of), Some(value)) = (&field.kind, &field.value) {
                let choices = match self.engine().choices(asker, *of, value).await {
                    Ok(choices) => choices,
                    Err(error) => return unread(&error),
                };
                let found = choices.into_iter().find(|choice| &choice.value == value);
                called.extend(found.map(|choice| (field.name, choice.label)));
            }
        }
        let card = card::form(&form, &given, &called, errors);
        continued(&form.title, &card)
    }

    /// The assets whose tags or serial numbers a text holds.
    async fn mentioned(&self, asker: &Asker, words: &str) -> StoreResult<Vec<Row>> {
        let mut found: Vec<Row> = Vec::new();
        for word in tags(words) {
            let rows = self.engine().rows(asker, word, 0, 2).await?;
            for row in rows {
                if !found.iter().any(|known| known.title == row.title) {
                    found.push(row);
                }
            }
        }
        Ok(found)
    }
}

/// What is said in the place of a dialog where the store failed.
fn unread(error: &StoreError) -> Value {
    tracing::error!(%error, "a dialog could not be filled");
    message(CANNOT_LOOK)
}

/// The words of a text that may be tags or serial numbers: they have a digit.
fn tags(words: &str) -> Vec<&str> {
    let mut tags: Vec<&str> = Vec::new();
    let candidates = words
        .split(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/')))
        .map(|word| word.trim_matches(['-', '_', '.', '/']))
        .filter(|word| word.chars().count() >= TAG_CHARS_MIN && word.chars().count() <= 64)
        .filter(|word| word.chars().any(|c| c.is_ascii_digit()));
    for word in candidates {
        if tags.len() < TAGS_MAX && !tags.contains(&word) {
            tags.push(word);
        }
    }
    tags
}

fn form_of(data: &Map<String, Value>) -> Option<FormKind> {
    data.get(FORM_MEMBER)
        .and_then(Value::as_str)
        .and_then(FormKind::named)
}

/// The members that are texts, within bounds. What is nested is ours, and read by its name.
fn texts(data: Option<&Map<String, Value>>) -> BTreeMap<String, String> {
    let text = |(name, value): (&String, &Value)| {
        let value: String = value.as_str()?.chars().take(VALUE_CHARS_MAX).collect();
        Some((name.clone(), value))
    };
    data.into_iter()
        .flatten()
        .filter_map(text)
        .take(VALUES_MAX)
        .collect()
}

/// An answer in a dialog: as a card while something can be pressed, else as its text.
pub(super) fn shown(reply: &Reply) -> Value {
    let pressed = |button: &Button| matches!(button.act, Act::Press(_) | Act::Open(_));
    if reply.buttons.iter().any(pressed) || reply.parts.len() > 1 {
        let card = card::of_reply(reply, Medium::Dialog, CARD_BYTES_MAX);
        return continued(TITLE, &card);
    }
    message(&reply.text)
}

/// A card that was made for a conversation, in a dialog.
pub(super) fn opened(card: Value) -> Value {
    continued(TITLE, &card::element::for_dialog(card))
}

fn continued(title: &str, card: &Value) -> Value {
    let value = json!({
        "title": title, "height": "medium", "width": "medium", "card": card::element::attached(card),
    });
    json!({"task": {"type": "continue", "value": value}})
}

/// A sentence in the place of a dialog.
pub(super) fn message(text: &str) -> Value {
    json!({"task": {"type": "message", "value": text}})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_with_digits_may_be_tags() {
        let text =
            "Laptop WMK-004217-S (s/n C02XK1ABJG5J). broke in room 12, WMK-004217-S again; 2026 x1";
        assert_eq!(tags(text), ["WMK-004217-S", "C02XK1ABJG5J", "2026"]);
        assert!(tags("nothing here").is_empty());
    }

    #[test]
    fn values_are_bounded_texts() {
        let data = json!({"a": "x".repeat(5_000), "b": 1, "c": {"d": "e"}, "msteams": {"type": "task/submit"}});
        let texts = texts(data.as_object());
        assert_eq!(texts.len(), 1);
        assert_eq!(texts["a"].len(), VALUE_CHARS_MAX);
    }
}
