//! App manifests: what Slack and Teams are told of the app, filled in for one installation.

pub mod slack;
pub mod teams;
#[cfg(test)]
mod tests;

use serde_json::Value;
use url::Url;

/// Why no manifest can be made.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Refusal {
    /// The address of the server is not one that vendors can call.
    #[error(
        "the base URL must be https://HOST or https://HOST:PORT, without a path: vendors call nothing else"
    )]
    BadBaseUrl,
    /// Not the id of a bot.
    #[error("the id of a Teams app or bot is a GUID, as the Azure portal shows it")]
    BadId,
}

/// The public address of an installation: https, a host, nothing behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl {
    text: String,
    host: String,
}

impl BaseUrl {
    /// Reads it. One slash at the end is forgiven.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let url = Url::parse(text).map_err(|_| Refusal::BadBaseUrl)?;
        let plain = url.scheme() == "https"
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        let host = url
            .host_str()
            .filter(|_| plain)
            .ok_or(Refusal::BadBaseUrl)?;
        Ok(Self {
            text: url.as_str().trim_end_matches('/').to_owned(),
            host: host.to_owned(),
        })
    }

    /// `https://HOST`, without a slash at the end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host alone, in lower case.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }
}

/// Puts values into every text of a template. What is put in is never read again, so that no value can be a placeholder.
fn fill(template: &Value, values: &[(&str, &str)]) -> Value {
    match template {
        Value::String(text) => Value::String(fill_text(text, values)),
        Value::Array(items) => items.iter().map(|item| fill(item, values)).collect(),
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, value)| (name.clone(), fill(value, values)))
                .collect(),
        ),
        other => other.clone(),
    }
}

fn fill_text(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("{{") {
        filled.push_str(before);
        let Some((name, after)) = behind.split_once("}}") else {
            filled.push_str("{{");
            rest = behind;
            continue;
        };
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            filled.push_str(value);
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}
