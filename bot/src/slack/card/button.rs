//! Buttons: what they carry to Slack and back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::block::{Element, LABEL_LETTERS_MAX, Text, VALUE_LETTERS_MAX};
use super::is_web;
use crate::reply::{Act, Button, FormKind, Style};

/// What the id of a button begins with that comes back to the engine.
pub const PRESS: &str = "press";
/// What the id of a button begins with that leads elsewhere.
pub const OPEN: &str = "open";
/// What the id of a button begins with that opens a form.
pub const FORM: &str = "form";

/// What a button that opens a form carries: which, and with what filled in. What is filled in is checked again when the form is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// Which form.
    pub form: String,
    /// What is filled in.
    #[serde(default)]
    pub given: BTreeMap<String, String>,
}

impl Carried {
    /// As a text within the bound; without what is filled in where that is too much.
    #[must_use]
    pub fn write(kind: FormKind, given: &BTreeMap<String, String>, letters_max: usize) -> String {
        let whole = Self {
            form: kind.as_str().to_owned(),
            given: given.clone(),
        };
        let text = serde_json::to_string(&whole).unwrap_or_default();
        if text.chars().count() <= letters_max && !text.is_empty() {
            return text;
        }
        format!("{{\"form\":\"{}\"}}", kind.as_str())
    }

    /// What a button carried, where it is one of ours.
    #[must_use]
    pub fn read(value: &str) -> Option<(FormKind, BTreeMap<String, String>)> {
        let carried: Self = serde_json::from_str(value).ok()?;
        Some((FormKind::named(&carried.form)?, carried.given))
    }
}

/// The button as an element; none where Slack would refuse what it carries.
pub(super) fn element(button: &Button, number: usize) -> Option<Element> {
    let (kind, value, url) = match &button.act {
        Act::Press(press) => (PRESS, Some(press.clone()), None),
        Act::Open(url) if is_web(url) => (OPEN, None, Some(url.clone())),
        Act::Open(_) => return None,
        Act::Form(kind, given) => (
            FORM,
            Some(Carried::write(*kind, given, VALUE_LETTERS_MAX)),
            None,
        ),
    };
    let fits = |value: &String| (1..=VALUE_LETTERS_MAX).contains(&value.chars().count());
    if !value.as_ref().is_none_or(fits) {
        return None;
    }
    Some(Element::Button {
        action_id: format!("{kind}:{number}"),
        text: Text::plain(&button.label, LABEL_LETTERS_MAX),
        value,
        url,
        style: match button.style {
            Style::Plain => None,
            Style::Primary => Some("primary"),
            Style::Danger => Some("danger"),
        },
    })
}
