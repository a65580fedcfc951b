//! The few elements that cards are made of, of version 1.5 and no later one. What is absent is left out: some clients refuse nulls.

use serde_json::{Map, Value, json};

use super::text::escaped;
use crate::reply::{Act, Button, Span, Style};

/// The version that Teams shows to bots.
pub const VERSION: &str = "1.5";
/// The media type of a card.
pub const MEDIA_TYPE: &str = "application/vnd.microsoft.card.adaptive";
/// The verb of a button that comes back.
pub const PRESS: &str = "press";
/// The verb by which a card asks for what only one reader may see.
pub const REFRESH: &str = "refresh";
/// The member that says which form is to take the place of what a dialog shows.
pub const OPEN_MEMBER: &str = "open";
/// The member that carries what is sealed.
pub const SEALED: &str = "sealed";

/// Where a card is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Medium {
    /// In a conversation: buttons are executed, and submitted by clients that cannot.
    Chat,
    /// In a dialog, which knows only how to submit.
    Dialog,
}

/// A card of these elements.
#[must_use]
pub fn card(body: &[Value]) -> Value {
    json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard", "version": VERSION, "body": body, "msteams": {"width": "Full"},
    })
}

/// A card as it is attached to a message.
#[must_use]
pub fn attached(card: &Value) -> Value {
    json!({"contentType": MEDIA_TYPE, "content": card})
}

#[must_use]
pub fn heading(text: &str) -> Value {
    json!({"type": "TextBlock", "text": escaped(text), "wrap": true, "style": "heading", "weight": "Bolder", "size": "Medium"})
}

#[must_use]
pub fn line(text: &str) -> Value {
    json!({"type": "TextBlock", "text": escaped(text), "wrap": true})
}

/// Lines below each other.
pub fn lines(lines: impl IntoIterator<Item = String>) -> Value {
    let lines: Vec<String> = lines.into_iter().collect();
    line(&lines.join("\n"))
}

#[must_use]
pub fn strong(text: &str) -> Value {
    json!({"type": "TextBlock", "text": escaped(text), "wrap": true, "weight": "Bolder"})
}

#[must_use]
pub fn quiet(text: &str) -> Value {
    json!({"type": "TextBlock", "text": escaped(text), "wrap": true, "isSubtle": true, "spacing": "Small"})
}

#[must_use]
pub fn fault(text: &str) -> Value {
    json!({"type": "TextBlock", "text": escaped(text), "wrap": true, "color": "Attention"})
}

/// A paragraph. Its runs are shown literally, so nothing is escaped.
pub fn paragraph(spans: &[Span]) -> Value {
    let runs: Vec<Value> = spans.iter().map(run).collect();
    json!({"type": "RichTextBlock", "inlines": runs})
}

fn run(span: &Span) -> Value {
    match span {
        Span::Plain(text) => json!({"type": "TextRun", "text": text}),
        Span::Strong(text) => json!({"type": "TextRun", "text": text, "weight": "Bolder"}),
        Span::Link { label, url } if super::text::opens(url) => json!({
            "type": "TextRun", "text": label, "selectAction": {"type": "Action.OpenUrl", "title": label, "url": url},
        }),
        Span::Link { label, .. } => json!({"type": "TextRun", "text": label}),
    }
}

pub fn facts<'a>(facts: impl IntoIterator<Item = (&'a str, &'a str)>) -> Value {
    let facts: Vec<Value> = facts
        .into_iter()
        .map(|(title, value)| json!({"title": escaped(title), "value": escaped(value)}))
        .collect();
    json!({"type": "FactSet", "facts": facts})
}

#[must_use]
pub fn group(items: &[Value], opens: Option<&str>) -> Value {
    let mut group =
        json!({"type": "Container", "items": items, "separator": true, "spacing": "Small"});
    if let Some(url) = opens.filter(|url| super::text::opens(url)) {
        group["selectAction"] = json!({"type": "Action.OpenUrl", "url": url});
    }
    group
}

/// The buttons in one line; none at all where none can be shown.
#[must_use]
pub fn actions(buttons: &[Button], medium: Medium) -> Option<Value> {
    let actions: Vec<Value> = buttons
        .iter()
        .filter_map(|button| action(button, medium))
        .take(super::ACTIONS_MAX)
        .collect();
    (!actions.is_empty()).then(|| json!({"type": "ActionSet", "actions": actions}))
}

fn action(button: &Button, medium: Medium) -> Option<Value> {
    let title = button.label.as_str();
    let mut action = match &button.act {
        Act::Press(press) => pressed(title, press, medium),
        Act::Open(url) if super::text::opens(url) => {
            json!({"type": "Action.OpenUrl", "title": title, "url": url})
        }
        Act::Open(_) => return None,
        // A dialog cannot open another; what it offers is offered again in the conversation.
        Act::Form(..) if medium == Medium::Dialog => return None,
        Act::Form(kind, given) => json!({
            "type": "Action.Submit", "title": title,
            "data": {"msteams": {"type": "task/fetch"}, "form": kind.as_str(), "given": given},
        }),
    };
    if let Some(style) = style(button.style) {
        action["style"] = json!(style);
    }
    Some(action)
}

fn pressed(title: &str, press: &str, medium: Medium) -> Value {
    let submitted = json!({
        "type": "Action.Submit", "title": title, "data": {"verb": PRESS, "press": press},
    });
    match medium {
        Medium::Dialog => submitted,
        Medium::Chat => json!({
            "type": "Action.Execute", "title": title, "verb": PRESS, "data": {"press": press}, "fallback": submitted,
        }),
    }
}

/// The same card for a dialog, which cannot open another: what was executed is submitted, and so is what would have opened a form.
#[must_use]
pub fn for_dialog(mut card: Value) -> Value {
    submit_all(&mut card);
    card
}

fn submit_all(value: &mut Value) {
    if let Some(items) = value.as_array_mut() {
        items.iter_mut().for_each(submit_all);
    } else if value["type"] == "Action.Execute" {
        let style = value["style"].take();
        *value = value["fallback"].take();
        if style.is_string() {
            value["style"] = style;
        }
    } else if value.pointer("/data/msteams").is_some() {
        let (form, given) = (value["data"]["form"].take(), value["data"]["given"].take());
        value["data"] = json!({OPEN_MEMBER: form, "given": given});
    } else if let Some(members) = value.as_object_mut() {
        members.values_mut().for_each(submit_all);
    }
}

const fn style(style: Style) -> Option<&'static str> {
    match style {
        Style::Plain => None,
        Style::Primary => Some("positive"),
        Style::Danger => Some("destructive"),
    }
}

/// An object without the members that have no value.
pub fn without_nulls(members: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    let members = members.into_iter().filter(|(_, value)| !value.is_null());
    let object: Map<String, Value> = members
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    Value::Object(object)
}
