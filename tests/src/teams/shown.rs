//! A card as lines of text, the way a reader takes it in: what snapshots hold.

use serde_json::Value;

/// What a message or the answer to an invocation shows.
#[must_use]
pub fn lines(message: &Value) -> String {
    let mut lines = Vec::new();
    if let Some(text) = message["text"].as_str() {
        lines.extend(text.lines().map(ToOwned::to_owned));
    }
    if let Some(text) = message["value"].as_str() {
        lines.push(format!("({text})"));
    }
    if let Some(text) = message["task"]["value"].as_str() {
        lines.push(format!("({text})"));
    }
    let extension = &message["composeExtension"];
    if let Some(text) = extension["text"].as_str() {
        lines.push(format!("({text})"));
    }
    let attachments = message["attachments"].as_array().into_iter().flatten();
    for attachment in attachments.chain(extension["attachments"].as_array().into_iter().flatten()) {
        card(&attachment["content"], &mut lines);
        let preview = &attachment["preview"]["content"];
        if let (Some(title), Some(text)) = (preview["title"].as_str(), preview["text"].as_str()) {
            lines.push(format!("({title}: {text})"));
        }
    }
    if message["value"]["type"] == "AdaptiveCard" {
        card(&message["value"], &mut lines);
    }
    let dialog = &message["task"]["value"];
    if dialog.is_object() {
        lines.push(format!(
            "== {}",
            dialog["title"].as_str().unwrap_or_default()
        ));
        card(&dialog["card"]["content"], &mut lines);
    }
    lines.join("\n")
}

fn card(card: &Value, lines: &mut Vec<String>) {
    for element in card["body"].as_array().into_iter().flatten() {
        self::element(element, "", lines);
    }
    if let Some(buttons) = buttons(&card["actions"]) {
        lines.push(buttons);
    }
}

fn element(element: &Value, indent: &str, lines: &mut Vec<String>) {
    let text = |name: &str| element[name].as_str().unwrap_or_default().to_owned();
    match element["type"].as_str().unwrap_or_default() {
        "TextBlock" => {
            let mark = match (&element["style"], &element["color"], &element["isSubtle"]) {
                (style, _, _) if style == "heading" => "# ",
                (_, color, _) if color == "Attention" => "! ",
                (_, _, subtle) if subtle == true => "· ",
                _ => "",
            };
            lines.push(format!("{indent}{mark}{}", text("text")));
        }
        "RichTextBlock" => {
            let runs = element["inlines"].as_array().into_iter().flatten();
            let text: String = runs.filter_map(|run| run["text"].as_str()).collect();
            lines.push(format!("{indent}{text}"));
        }
        "FactSet" => {
            for fact in element["facts"].as_array().into_iter().flatten() {
                lines.push(format!(
                    "{indent}{}: {}",
                    fact["title"].as_str().unwrap_or_default(),
                    fact["value"].as_str().unwrap_or_default()
                ));
            }
        }
        "Container" => {
            for item in element["items"].as_array().into_iter().flatten() {
                self::element(item, "  ", lines);
            }
        }
        "ActionSet" => {
            lines.extend(buttons(&element["actions"]).map(|line| format!("{indent}{line}")));
        }
        kind => {
            let choices = element["choices"].as_array().into_iter().flatten();
            let mut chosen = choices.filter(|choice| choice["value"] == element["value"]);
            let chosen = chosen.next().and_then(|choice| choice["title"].as_str());
            let value = chosen.map_or_else(|| text("value"), ToOwned::to_owned);
            let kind = kind.trim_start_matches("Input.");
            let line = format!("{indent}{} <{kind}> {value}", text("label"));
            lines.push(line.trim_end().to_owned());
        }
    }
}

fn buttons(actions: &Value) -> Option<String> {
    let actions = actions.as_array()?.iter();
    let titles: Vec<String> = actions
        .filter_map(|action| Some(format!("[{}]", action["title"].as_str()?)))
        .collect();
    (!titles.is_empty()).then(|| titles.join(" "))
}
