//! Forms as cards of a dialog.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::element::{self, without_nulls};
use super::text::escaped;
use crate::reply::{Choice, Field, FieldError, FieldKind, Form, shortened};

/// The member of a form's data that says which form it is.
pub const FORM_MEMBER: &str = "form";
/// The member that carries what was given before anybody filled it in.
pub const GIVEN_MEMBER: &str = "given";

/// The most characters of one line and of several.
const LINE_CHARS_MAX: usize = 200;
const TEXT_CHARS_MAX: usize = 2_000;

/// What looked-up values are called, by the names of their fields.
pub type Called = BTreeMap<&'static str, String>;

/// A form, what was entered already, what that is called where it was looked up, and what is wrong with it.
#[must_use]
pub fn form(
    form: &Form,
    given: &BTreeMap<String, String>,
    called: &Called,
    errors: &[FieldError],
) -> Value {
    let mut body = Vec::with_capacity(form.fields.len() * 2);
    // What concerns no field that is shown comes first.
    let shown = |error: &&FieldError| form.fields.iter().any(|field| field.name == error.field);
    body.extend(
        errors
            .iter()
            .filter(|error| !shown(error))
            .map(|error| element::fault(&error.message)),
    );
    for field in &form.fields {
        body.push(input(field, called.get(field.name).map(String::as_str)));
        let own = errors.iter().filter(|error| error.field == field.name);
        body.extend(own.map(|error| element::fault(&error.message)));
        if let Some(hint) = &field.hint {
            body.push(element::quiet(hint));
        }
    }
    let mut card = element::card(&body);
    card["fallbackText"] = json!(form.title);
    card["actions"] = json!([{
        "type": "Action.Submit", "title": form.submit,
        "data": {FORM_MEMBER: form.kind.as_str(), GIVEN_MEMBER: given},
    }]);
    card
}

fn input(field: &Field, called: Option<&str>) -> Value {
    let value = field.value.as_deref();
    let common = |kind: &str| {
        [
            ("type", json!(kind)),
            ("id", json!(field.name)),
            ("label", json!(escaped(&field.label))),
            (
                "isRequired",
                if field.required {
                    json!(true)
                } else {
                    Value::Null
                },
            ),
            (
                "errorMessage",
                if field.required {
                    json!("This is needed.")
                } else {
                    Value::Null
                },
            ),
        ]
    };
    let special = match &field.kind {
        FieldKind::Line => vec![
            (
                "value",
                json!(value.map(|text| shortened(text, LINE_CHARS_MAX))),
            ),
            ("maxLength", json!(LINE_CHARS_MAX)),
        ],
        FieldKind::Text => vec![
            (
                "value",
                json!(value.map(|text| shortened(text, TEXT_CHARS_MAX))),
            ),
            ("maxLength", json!(TEXT_CHARS_MAX)),
            ("isMultiline", json!(true)),
        ],
        FieldKind::Day => vec![("value", json!(value))],
        FieldKind::Choice(choices) => vec![
            ("value", json!(value)),
            ("style", json!("compact")),
            (
                "choices",
                json!(choices.iter().map(choice).collect::<Vec<_>>()),
            ),
        ],
        FieldKind::Lookup(of) => {
            // What is entered already is offered under its name; what has none that the reader may see is offered as it is.
            let entered: Vec<Value> = value
                .iter()
                .map(|value| json!({"title": called.unwrap_or(value), "value": value}))
                .collect();
            vec![
                ("value", json!(value)),
                ("style", json!("filtered")),
                ("choices", json!(entered)),
                (
                    "choices.data",
                    json!({"type": "Data.Query", "dataset": of.as_str()}),
                ),
            ]
        }
    };
    let kind = match field.kind {
        FieldKind::Line | FieldKind::Text => "Input.Text",
        FieldKind::Day => "Input.Date",
        FieldKind::Choice(_) | FieldKind::Lookup(_) => "Input.ChoiceSet",
    };
    without_nulls(common(kind).into_iter().chain(special))
}

fn choice(choice: &Choice) -> Value {
    json!({"title": choice.label, "value": choice.value})
}
