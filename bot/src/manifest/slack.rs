//! The Slack app manifest (schema of major version 2).

use serde_json::Value;

use super::{BaseUrl, fill};

const TEMPLATE: &str = include_str!("../../../manifests/slack/manifest.json");

/// The callback id of the global shortcut: a tag or serial number is typed.
pub const SHORTCUT_SCAN: &str = "scan";
/// The callback id of the message shortcut: the tags of a message are looked up, or what it describes is registered.
pub const SHORTCUT_FROM_MESSAGE: &str = "asset_from_message";

/// The manifest of an installation.
#[must_use]
pub fn render(base: &BaseUrl) -> Value {
    fill(
        &template(),
        &[("base_url", base.as_str()), ("host", base.host())],
    )
}

/// The permissions that an installation asks for, as Slack names them.
#[must_use]
pub fn scopes() -> Vec<String> {
    let template = template();
    let scopes = template["oauth_config"]["scopes"]["bot"].as_array();
    scopes
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

fn template() -> Value {
    serde_json::from_str(TEMPLATE).expect("the template is JSON, which a test shows")
}
