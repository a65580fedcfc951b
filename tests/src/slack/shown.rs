//! What a message looks like, as text: one line for each thing that is seen.

use serde_json::Value;

/// A message, dialog or page as its reader sees it.
#[must_use]
pub fn shown(value: &Value) -> String {
    let mut lines = Vec::new();
    if let Some(title) = value["title"]["text"].as_str() {
        lines.push(format!("== {title} =="));
    }
    match value["blocks"].as_array() {
        Some(blocks) => blocks
            .iter()
            .for_each(|block| lines.extend(block_lines(block))),
        None => lines.push(plain(&value["text"])),
    }
    if let Some(submit) = value["submit"]["text"].as_str() {
        lines.push(format!("({submit})"));
    }
    lines.join("\n")
}

/// The button with this label.
///
/// # Panics
///
/// When there is none.
#[must_use]
pub fn button(message: &Value, label: &str) -> Value {
    let blocks = message["blocks"].as_array().into_iter().flatten();
    let elements = blocks.flat_map(|block| {
        let beside = std::iter::once(&block["accessory"]);
        let below = block["elements"].as_array().into_iter().flatten();
        below.chain(beside)
    });
    let mut found = elements.filter(|element| element["text"]["text"] == label);
    let found = found.next().cloned();
    found.unwrap_or_else(|| panic!("no {label} in {}", shown(message)))
}

fn block_lines(block: &Value) -> Vec<String> {
    match block["type"].as_str().unwrap_or_default() {
        "header" => vec![format!("# {}", plain(&block["text"]["text"]))],
        "divider" => vec!["---".to_owned()],
        "section" => {
            let mut lines = Vec::new();
            if !block["text"].is_null() {
                lines.push(plain(&block["text"]["text"]));
            }
            for field in block["fields"].as_array().into_iter().flatten() {
                lines.push(plain(&field["text"]).replacen('\n', ": ", 1));
            }
            if !block["accessory"].is_null() {
                lines.push(element(&block["accessory"]));
            }
            lines
        }
        "context" => texts(&block["elements"], |text| {
            format!("~ {}", plain(&text["text"]))
        }),
        "actions" => vec![texts(&block["elements"], element).join(" ")],
        "input" => vec![format!(
            "{}: {}",
            plain(&block["label"]["text"]),
            element(&block["element"])
        )],
        other => vec![format!("? {other}")],
    }
}

fn texts(list: &Value, each: impl Fn(&Value) -> String) -> Vec<String> {
    list.as_array().into_iter().flatten().map(each).collect()
}

fn element(element: &Value) -> String {
    match element["type"].as_str().unwrap_or_default() {
        "button" => format!("[{}]", plain(&element["text"]["text"])),
        "plain_text_input" => format!("________{}", plain(&element["initial_value"])),
        "external_select" | "static_select" => {
            format!("<{}>", plain(&element["initial_option"]["text"]["text"]))
        }
        "datepicker" => format!("<{}>", plain(&element["initial_date"])),
        other => format!("? {other}"),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
