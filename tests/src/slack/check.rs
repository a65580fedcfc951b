//! What Slack demands of messages, dialogs and pages: members, limits, ids that are unique.

use std::collections::BTreeSet;

use serde_json::Value;

type Checked = Result<(), String>;

/// Everything that has to be there is, and nothing that Slack does not know.
pub(super) fn members(value: &Value, required: &[&str], optional: &[&str]) -> Checked {
    let members = value
        .as_object()
        .ok_or_else(|| format!("no object: {value}"))?;
    for name in required {
        if members.get(*name).is_none_or(Value::is_null) {
            return Err(format!("{name} is missing"));
        }
    }
    for name in members.keys() {
        if !required.contains(&name.as_str()) && !optional.contains(&name.as_str()) {
            return Err(format!("{name} is unknown"));
        }
    }
    Ok(())
}

/// A message: its text, and its blocks.
pub(super) fn message(value: &Value) -> Checked {
    letters(&value["text"], 1, 4_000, "the text of a message")?;
    harmless(&value["text"])?;
    match &value["blocks"] {
        Value::Null => Ok(()),
        all => blocks(all, 50),
    }
}

/// An answer in place of an empty one: to a command.
pub(super) fn inline(value: &Value) -> Checked {
    members(value, &["text", "response_type"], &["blocks"])?;
    message(value)
}

/// An answer in place of an empty one: to a dialog, or with options.
pub(super) fn outcome(value: &Value) -> Checked {
    if let Some(options) = value["options"].as_array() {
        members(value, &["options"], &[])?;
        return if options.len() <= 100 {
            options.iter().try_for_each(option)
        } else {
            Err("too many options".to_owned())
        };
    }
    match value["response_action"].as_str().unwrap_or_default() {
        "update" => {
            members(value, &["response_action", "view"], &[])?;
            view(&value["view"], "modal")
        }
        "errors" => {
            members(value, &["response_action", "errors"], &[])?;
            let errors = value["errors"]
                .as_object()
                .filter(|errors| !errors.is_empty());
            errors.map(|_| ()).ok_or_else(|| "no errors".to_owned())
        }
        other => Err(format!("a dialog that is to {other}")),
    }
}

/// A dialog, or somebody's page.
pub(super) fn view(value: &Value, kind: &str) -> Checked {
    if value["type"] != kind {
        return Err(format!(
            "a view of the type {} where {kind} is wanted",
            value["type"]
        ));
    }
    if kind == "home" {
        members(value, &["type", "blocks"], &[])?;
        return blocks(&value["blocks"], 100);
    }
    members(
        value,
        &["type", "title", "blocks", "close"],
        &["submit", "callback_id", "private_metadata"],
    )?;
    plain(&value["title"], 24)?;
    plain(&value["close"], 24)?;
    let inputs = value["blocks"]
        .as_array()
        .into_iter()
        .flatten()
        .any(|block| block["type"] == "input");
    match &value["submit"] {
        Value::Null if inputs => return Err("a dialog with inputs has to have a submit".to_owned()),
        Value::Null => {}
        submit => plain(submit, 24)?,
    }
    letters(&value["private_metadata"], 0, 3_000, "private_metadata")?;
    letters(&value["callback_id"], 1, 255, "callback_id")?;
    blocks(&value["blocks"], 100)
}

/// Blocks, with ids that are unique.
pub(super) fn blocks(value: &Value, most: usize) -> Checked {
    let all = value.as_array().ok_or("blocks are no list")?;
    if all.is_empty() || all.len() > most {
        return Err(format!("{} blocks", all.len()));
    }
    let mut ids = BTreeSet::new();
    for block in all {
        self::block(block)?;
        if let Some(id) = block["block_id"].as_str()
            && !ids.insert(id)
        {
            return Err(format!("the block_id {id} is there twice"));
        }
    }
    Ok(())
}

fn block(block: &Value) -> Checked {
    match block["type"].as_str().unwrap_or_default() {
        "header" => {
            members(block, &["type", "text"], &["block_id"])?;
            plain(&block["text"], 150)
        }
        "divider" => members(block, &["type"], &["block_id"]),
        "section" => section(block),
        "context" => {
            members(block, &["type", "elements"], &["block_id"])?;
            list(&block["elements"], 1, 10, |element| text(element, 2_000))
        }
        "actions" => {
            members(block, &["type", "elements"], &["block_id"])?;
            unique_actions(&block["elements"])?;
            list(&block["elements"], 1, 25, element)
        }
        "input" => {
            members(
                block,
                &["type", "label", "element", "block_id"],
                &["optional", "hint"],
            )?;
            plain(&block["label"], 2_000)?;
            letters(&block["block_id"], 1, 255, "block_id")?;
            element(&block["element"])
        }
        other => Err(format!("a block of the type {other}")),
    }
}

fn section(block: &Value) -> Checked {
    members(
        block,
        &["type"],
        &["text", "fields", "accessory", "block_id"],
    )?;
    if block["text"].is_null() && block["fields"].is_null() {
        return Err("a section of nothing".to_owned());
    }
    if !block["text"].is_null() {
        text(&block["text"], 3_000)?;
    }
    if !block["fields"].is_null() {
        list(&block["fields"], 1, 10, |field| text(field, 2_000))?;
    }
    if block["accessory"].is_null() {
        Ok(())
    } else {
        element(&block["accessory"])
    }
}

fn element(element: &Value) -> Checked {
    letters(&element["action_id"], 1, 255, "action_id")?;
    match element["type"].as_str().unwrap_or_default() {
        "button" => {
            members(
                element,
                &["type", "action_id", "text"],
                &["value", "url", "style"],
            )?;
            plain(&element["text"], 75)?;
            if !element["value"].is_null() {
                letters(&element["value"], 1, 2_000, "a button's value")?;
            }
            if !element["url"].is_null() {
                letters(&element["url"], 8, 3_000, "a button's url")?;
            }
            match element["style"].as_str() {
                None | Some("primary" | "danger") => Ok(()),
                Some(other) => Err(format!("a button of the style {other}")),
            }
        }
        "plain_text_input" => members(
            element,
            &["type", "action_id"],
            &["initial_value", "multiline", "max_length"],
        ),
        "datepicker" => members(element, &["type", "action_id"], &["initial_date"]),
        "static_select" => {
            members(
                element,
                &["type", "action_id", "options"],
                &["initial_option"],
            )?;
            list(&element["options"], 1, 100, option)
        }
        "external_select" => {
            members(
                element,
                &["type", "action_id"],
                &["min_query_length", "initial_option"],
            )?;
            if element["initial_option"].is_null() {
                Ok(())
            } else {
                option(&element["initial_option"])
            }
        }
        other => Err(format!("an element of the type {other}")),
    }
}

/// An option of a select.
pub(super) fn option(option: &Value) -> Checked {
    members(option, &["text", "value"], &[])?;
    plain(&option["text"], 75)?;
    letters(&option["value"], 1, 75, "an option's value")
}

fn unique_actions(elements: &Value) -> Checked {
    let mut ids = BTreeSet::new();
    for element in elements.as_array().into_iter().flatten() {
        if !ids.insert(element["action_id"].as_str()) {
            return Err(format!(
                "the action_id {} is there twice",
                element["action_id"]
            ));
        }
    }
    Ok(())
}

fn text(value: &Value, most: usize) -> Checked {
    match value["type"].as_str().unwrap_or_default() {
        "plain_text" => plain(value, most),
        "mrkdwn" => {
            members(value, &["type", "text"], &["verbatim"])?;
            letters(&value["text"], 1, most, "a text")?;
            harmless(&value["text"])
        }
        other => Err(format!("a text of the type {other}")),
    }
}

fn plain(value: &Value, most: usize) -> Checked {
    if value["type"] != "plain_text" {
        return Err(format!("{value} is no plain text"));
    }
    members(value, &["type", "text"], &["emoji"])?;
    letters(&value["text"], 1, most, "a plain text")
}

fn letters(value: &Value, least: usize, most: usize, what: &str) -> Checked {
    let text = value.as_str().ok_or_else(|| format!("{what} is no text"))?;
    let count = text.chars().count();
    if (least..=most).contains(&count) {
        Ok(())
    } else {
        Err(format!("{what} has {count} characters"))
    }
}

fn list(value: &Value, least: usize, most: usize, each: impl Fn(&Value) -> Checked) -> Checked {
    let items = value.as_array().ok_or("no list")?;
    if !(least..=most).contains(&items.len()) {
        return Err(format!("a list of {}", items.len()));
    }
    items.iter().try_for_each(each)
}

/// Nothing but links to the web stands in angle brackets: no mention, no broadcast. And nothing turns the direction of writing.
fn harmless(value: &Value) -> Checked {
    let text = value.as_str().unwrap_or_default();
    for opened in text.split('<').skip(1) {
        let inner = opened.split('>').next().unwrap_or_default();
        if !inner.starts_with("https://") && !inner.starts_with("http://") {
            return Err(format!("<{inner}> would be acted upon"));
        }
    }
    match text
        .chars()
        .find(|letter| matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\0'))
    {
        None => Ok(()),
        Some(letter) => Err(format!("{letter:?} in a text")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_slack_refuses_is_refused() {
        let section =
            |text: &str| json!([{"type": "section", "text": {"type": "mrkdwn", "text": text}}]);
        assert!(blocks(&section("fine"), 50).is_ok());
        for bad in [
            json!([]),
            section(""),
            section(&"x".repeat(3_001)),
            section("hello <!channel>"),
            section("hello <@U1>"),
            section("a\u{202e}b"),
            json!([{"type": "section"}]),
            json!([{"type": "divider", "more": 1}]),
            json!([{"type": "carousel"}]),
            json!([{"type": "actions", "elements": [{"type": "button", "action_id": "a", "text": {"type": "mrkdwn", "text": "x"}}]}]),
        ] {
            assert!(blocks(&bad, 50).is_err(), "{bad}");
        }
        let many: Vec<Value> = vec![json!({"type": "divider"}); 51];
        assert!(blocks(&json!(many), 50).is_err());
        assert!(message(&json!({"text": ""})).is_err());
        let modal = json!({"type": "modal", "title": {"type": "plain_text", "text": "T"}, "close": {"type": "plain_text", "text": "C"},
            "callback_id": "c", "private_metadata": "", "blocks": [{"type": "input", "block_id": "b", "label": {"type": "plain_text", "text": "L"},
            "element": {"type": "plain_text_input", "action_id": "a"}}]});
        assert!(view(&modal, "modal").is_err(), "inputs need a submit");
    }
}
