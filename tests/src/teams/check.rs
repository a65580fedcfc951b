//! What Teams would make of a message: everything it refuses, shows wrongly or leaves out is a violation here.

use std::collections::HashSet;

use serde_json::{Map, Value};

/// The most bytes of a message that shows on every client.
const MESSAGE_BYTES_MAX: usize = 28 * 1_024;
const CARD: &str = "application/vnd.microsoft.card.adaptive";
const THUMBNAIL: &str = "application/vnd.microsoft.card.thumbnail";
const ACTIONS_MAX: usize = 6;
const REFRESHED_MAX: usize = 60;

/// The elements of version 1.5 that Habeo uses, and what each may have.
const ELEMENTS: &[(&str, &[&str])] = &[
    (
        "TextBlock",
        &[
            "text",
            "wrap",
            "style",
            "weight",
            "size",
            "color",
            "isSubtle",
            "spacing",
            "separator",
        ],
    ),
    ("RichTextBlock", &["inlines", "spacing", "separator"]),
    ("FactSet", &["facts", "spacing", "separator"]),
    (
        "Container",
        &["items", "separator", "spacing", "selectAction", "style"],
    ),
    ("ActionSet", &["actions", "spacing"]),
    (
        "Input.Text",
        &[
            "id",
            "label",
            "isRequired",
            "errorMessage",
            "value",
            "maxLength",
            "isMultiline",
            "placeholder",
        ],
    ),
    (
        "Input.Date",
        &["id", "label", "isRequired", "errorMessage", "value"],
    ),
    (
        "Input.ChoiceSet",
        &[
            "id",
            "label",
            "isRequired",
            "errorMessage",
            "value",
            "style",
            "choices",
            "choices.data",
        ],
    ),
];
const ACTIONS: &[(&str, &[&str])] = &[
    (
        "Action.Execute",
        &["title", "verb", "data", "style", "fallback", "id"],
    ),
    ("Action.Submit", &["title", "data", "style"]),
    ("Action.OpenUrl", &["title", "url", "style"]),
];
const CARD_MEMBERS: &[&str] = &[
    "type",
    "$schema",
    "version",
    "body",
    "actions",
    "msteams",
    "refresh",
    "fallbackText",
];
const MESSAGE_MEMBERS: &[&str] = &[
    "type",
    "id",
    "from",
    "recipient",
    "conversation",
    "replyToId",
    "textFormat",
    "text",
    "attachments",
    "attachmentLayout",
    "summary",
    "channelData",
    "entities",
];

/// What is wrong, in sentences.
#[derive(Debug, Default)]
pub struct Faults(Vec<String>);

impl Faults {
    fn add(&mut self, fault: impl Into<String>) {
        self.0.push(fault.into());
    }

    fn expect(&mut self, holds: bool, otherwise: &str) {
        if !holds {
            self.add(otherwise);
        }
    }
}

/// What is wrong with a message.
#[must_use]
pub fn message(message: &Value) -> Vec<String> {
    let mut faults = Faults::default();
    let Some(members) = message.as_object() else {
        return vec!["a message is an object".to_owned()];
    };
    no_nulls(message, "message", &mut faults);
    known(members, MESSAGE_MEMBERS, "message", &mut faults);
    let bytes = message.to_string().len();
    faults.expect(
        bytes <= MESSAGE_BYTES_MAX,
        &format!("a message has {bytes} bytes"),
    );
    faults.expect(message["type"] == "message", "the type is `message`");
    faults.expect(
        message["from"]["id"]
            .as_str()
            .is_some_and(|id| id.starts_with("28:")),
        "it is from the bot",
    );
    let attachments = message["attachments"].as_array();
    let text = message["text"].as_str().unwrap_or_default();
    match attachments {
        None => {
            faults.expect(!text.is_empty(), "a message says something");
            faults.expect(message["textFormat"] == "plain", "texts are plain");
        }
        Some(attachments) => {
            faults.expect(
                text.is_empty(),
                "a text beside a card becomes a message of its own",
            );
            faults.expect(attachments.len() == 1, "one card at a time");
            faults.expect(
                message["summary"]
                    .as_str()
                    .is_some_and(|text| !text.is_empty()),
                "a notification says something",
            );
            for attachment in attachments {
                attached(attachment, &mut faults);
            }
        }
    }
    faults.0
}

/// What is wrong with the answer to an invocation.
#[must_use]
pub fn invoke(answer: &Value) -> Vec<String> {
    let mut faults = Faults::default();
    no_nulls(answer, "answer", &mut faults);
    let kind = answer["type"].as_str().unwrap_or_default();
    if kind == CARD {
        card(&answer["value"], false, &mut faults);
    }
    let dialog = &answer["task"]["value"]["card"];
    if dialog.is_object() {
        faults.expect(dialog["contentType"] == CARD, "a dialog shows a card");
        card(&dialog["content"], true, &mut faults);
    }
    if let Some(found) = answer["composeExtension"]["attachments"].as_array() {
        for attachment in found {
            attached(attachment, &mut faults);
            let preview = &attachment["preview"];
            faults.expect(
                preview["contentType"] == THUMBNAIL,
                "a result has a preview",
            );
            let shown = preview.to_string();
            faults.expect(!shown.contains('<'), "a preview has no markup");
        }
    }
    let bytes = answer.to_string().len();
    faults.expect(bytes <= 100 * 1_024, "an answer is not too large");
    faults.0
}

fn attached(attachment: &Value, faults: &mut Faults) {
    faults.expect(attachment["contentType"] == CARD, "only cards are attached");
    card(&attachment["content"], false, faults);
}

fn card(card: &Value, in_dialog: bool, faults: &mut Faults) {
    let Some(members) = card.as_object() else {
        return faults.add("a card is an object");
    };
    known(members, CARD_MEMBERS, "card", faults);
    faults.expect(card["type"] == "AdaptiveCard", "a card is an AdaptiveCard");
    faults.expect(card["version"] == "1.5", "its version is 1.5");
    faults.expect(
        card["fallbackText"]
            .as_str()
            .is_some_and(|text| !text.is_empty()),
        "it says something where it cannot be shown",
    );
    let body = card["body"].as_array();
    faults.expect(
        body.is_some_and(|body| !body.is_empty()),
        "a card shows something",
    );
    let mut ids = HashSet::new();
    for element in body.into_iter().flatten() {
        self::element(element, in_dialog, &mut ids, faults);
    }
    actions(card.get("actions"), in_dialog, faults);
    if let Some(refresh) = card.get("refresh") {
        faults.expect(
            refresh["action"]["type"] == "Action.Execute",
            "a card is refreshed by an execution",
        );
        let users = refresh["userIds"].as_array().map_or(0, Vec::len);
        faults.expect(
            (1..=REFRESHED_MAX).contains(&users),
            "so many users refresh a card",
        );
    }
}

fn element(element: &Value, in_dialog: bool, ids: &mut HashSet<String>, faults: &mut Faults) {
    let kind = element["type"].as_str().unwrap_or_default();
    let Some((_, allowed)) = ELEMENTS.iter().find(|(name, _)| *name == kind) else {
        return faults.add(format!("`{kind}` is no element of this version"));
    };
    if let Some(members) = element.as_object() {
        let members: Map<String, Value> = members
            .iter()
            .filter(|(name, _)| *name != "type")
            .map(|(n, v)| (n.clone(), v.clone()))
            .collect();
        known(&members, allowed, kind, faults);
    }
    match kind {
        "TextBlock" => {
            faults.expect(element["wrap"] == true, "texts wrap");
            faults.expect(element["text"].is_string(), "a text is one");
        }
        "RichTextBlock" => {
            for run in element["inlines"].as_array().into_iter().flatten() {
                faults.expect(run["type"] == "TextRun", "runs are text runs");
                select(run.get("selectAction"), faults);
            }
        }
        "FactSet" => {
            for fact in element["facts"].as_array().into_iter().flatten() {
                let whole = fact["title"].is_string() && fact["value"].is_string();
                faults.expect(whole, "a fact has a title and a value");
            }
        }
        "Container" => {
            select(element.get("selectAction"), faults);
            for item in element["items"].as_array().into_iter().flatten() {
                self::element(item, in_dialog, ids, faults);
            }
        }
        "ActionSet" => actions(element.get("actions"), in_dialog, faults),
        _ => {
            let id = element["id"].as_str().unwrap_or_default().to_owned();
            faults.expect(
                !id.is_empty() && ids.insert(id),
                "each input has an id of its own",
            );
            faults.expect(element["label"].is_string(), "each input has a label");
        }
    }
}

fn actions(actions: Option<&Value>, in_dialog: bool, faults: &mut Faults) {
    let Some(actions) = actions.and_then(Value::as_array) else {
        return;
    };
    faults.expect(
        (1..=ACTIONS_MAX).contains(&actions.len()),
        "one to six buttons beside each other",
    );
    for action in actions {
        let kind = action["type"].as_str().unwrap_or_default();
        let Some((_, allowed)) = ACTIONS.iter().find(|(name, _)| *name == kind) else {
            faults.add(format!("`{kind}` is no action that Habeo uses"));
            continue;
        };
        if let Some(members) = action.as_object() {
            let members: Map<String, Value> = members
                .iter()
                .filter(|(name, _)| *name != "type")
                .map(|(n, v)| (n.clone(), v.clone()))
                .collect();
            known(&members, allowed, kind, faults);
        }
        faults.expect(
            action["title"]
                .as_str()
                .is_some_and(|title| !title.is_empty()),
            "a button says something",
        );
        match kind {
            "Action.Execute" => {
                faults.expect(!in_dialog, "a dialog cannot execute");
                faults.expect(
                    action["verb"].is_string() && action["data"].is_object(),
                    "an execution has a verb and data",
                );
                let fallback = &action["fallback"];
                let same = fallback["data"]["verb"] == action["verb"]
                    && fallback["data"]["press"] == action["data"]["press"];
                faults.expect(
                    same,
                    "what cannot be executed is submitted, and means the same",
                );
            }
            "Action.OpenUrl" => select(Some(action), faults),
            _ => {}
        }
    }
}

fn select(action: Option<&Value>, faults: &mut Faults) {
    if let Some(action) = action {
        let url = action["url"].as_str().unwrap_or_default();
        faults.expect(
            url.starts_with("https://") || url.starts_with("http://"),
            "an address that is opened is one of the web",
        );
    }
}

fn known(members: &Map<String, Value>, allowed: &[&str], what: &str, faults: &mut Faults) {
    for name in members.keys() {
        if !allowed.contains(&name.as_str()) {
            faults.add(format!("`{what}` has no member `{name}`"));
        }
    }
}

fn no_nulls(value: &Value, at: &str, faults: &mut Faults) {
    match value {
        Value::Null => faults.add(format!("`{at}` is null")),
        Value::Array(items) => {
            for item in items {
                no_nulls(item, at, faults);
            }
        }
        Value::Object(members) => {
            for (name, item) in members {
                no_nulls(item, name, faults);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_good_message_passes_and_each_deviation_is_found() {
        let good = json!({"type": "message", "from": {"id": "28:a"}, "conversation": {"id": "c"}, "summary": "s", "attachments": [{
            "contentType": CARD, "content": {"type": "AdaptiveCard", "version": "1.5", "fallbackText": "t", "body": [{"type": "TextBlock", "text": "t", "wrap": true}]}}]});
        assert_eq!(message(&good), Vec::<String>::new());
        for (pointer, value) in [
            ("/attachments/0/content/version", json!("1.6")),
            ("/attachments/0/content/body/0/type", json!("Table")),
            ("/attachments/0/content/body/0/wrap", json!(false)),
            ("/attachments/0/content/body", json!([])),
            ("/attachments/0/content/fallbackText", json!("")),
            ("/summary", Value::Null),
            ("/from/id", json!("29:a")),
        ] {
            let mut bad = good.clone();
            *bad.pointer_mut(pointer).expect("a member") = value;
            assert!(!message(&bad).is_empty(), "{pointer}");
        }
        let mut both = good;
        both["text"] = json!("t");
        assert!(!message(&both).is_empty());
        let long = json!({"type": "message", "from": {"id": "28:a"}, "text": "x".repeat(30_000), "textFormat": "plain"});
        assert!(!message(&long).is_empty());
    }
}
