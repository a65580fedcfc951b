//! Searching from the box where messages are written, and links that somebody wrote there.

use serde_json::{Value, json};

use super::{Invalid, Invoker, text};
use crate::engine::CANNOT_LOOK;
use crate::teams::Teams;
use crate::teams::card;
use crate::teams::who::Who;

/// The most results of one page.
const RESULTS_MAX: usize = 25;
/// The furthest that is paged.
const SKIP_MAX: usize = 1_000;
/// The longest search.
const WORDS_CHARS_MAX: usize = 200;
/// The name of the parameter that is searched for, and of the one by which a client opens the search.
const WORDS: &str = "q";

impl Teams {
    pub(super) async fn on_query(
        &self,
        invoker: &Invoker<'_>,
        value: &Value,
    ) -> Result<Value, Invalid> {
        if text(value, "/commandId") != Some(crate::manifest::teams::COMMAND_SEARCH) {
            return Err(Invalid);
        }
        let asker = match (invoker.asker(), invoker.who) {
            (Some(asker), _) => asker,
            (None, Who::Unlinked(url)) => return Ok(auth(url)),
            (None, Who::Nobody(told)) => return Ok(message(told)),
            (None, Who::Known(_)) => return Err(Invalid),
        };
        let words = words(value);
        let (skip, limit) = page(value);
        let rows = match self.engine().rows(&asker, &words, skip, limit).await {
            Ok(rows) => rows,
            Err(error) => {
                tracing::error!(%error, "a search could not be made");
                return Ok(message(CANNOT_LOOK));
            }
        };
        let found: Vec<Value> = rows.iter().take(limit).map(card::found).collect();
        Ok(result(&found))
    }

    /// A link to an asset: what may be shown to all who read along. Whatever is not the asker's to see answers like a link that leads nowhere.
    pub(super) async fn on_link(
        &self,
        invoker: &Invoker<'_>,
        value: &Value,
    ) -> Result<Value, Invalid> {
        let url = text(value, "/url").ok_or(Invalid)?;
        let asker = match (invoker.asker(), invoker.who) {
            (Some(asker), _) => asker,
            (None, Who::Unlinked(url)) => return Ok(auth(url)),
            (None, _) => return Ok(json!({})),
        };
        match self.engine().unfurl(&asker, url).await {
            Ok(Some(row)) => Ok(result(&[card::unfurled(&row)])),
            Ok(None) => Ok(json!({})),
            Err(error) => {
                tracing::error!(%error, "a link could not be looked up");
                Ok(json!({}))
            }
        }
    }
}

fn words(value: &Value) -> String {
    let parameters = value["parameters"].as_array();
    let parameter = |parameter: &&Value| parameter["name"] == WORDS;
    let words = parameters.and_then(|all| all.iter().find(parameter));
    words
        .and_then(|words| words["value"].as_str())
        .unwrap_or_default()
        .chars()
        .take(WORDS_CHARS_MAX)
        .collect()
}

fn page(value: &Value) -> (usize, usize) {
    let number = |pointer: &str| {
        let number = value.pointer(pointer).and_then(Value::as_u64);
        number.and_then(|number| usize::try_from(number).ok())
    };
    let skip = number("/queryOptions/skip").unwrap_or(0).min(SKIP_MAX);
    let count = number("/queryOptions/count").unwrap_or(RESULTS_MAX);
    (skip, count.clamp(1, RESULTS_MAX))
}

fn result(attachments: &[Value]) -> Value {
    json!({"composeExtension": {"type": "result", "attachmentLayout": "list", "attachments": attachments}})
}

/// A sentence in the place of results.
pub(super) fn message(text: &str) -> Value {
    json!({"composeExtension": {"type": "message", "text": text}})
}

/// The way to become somebody.
fn auth(url: &str) -> Value {
    let open = json!({"type": "openUrl", "title": "Link your account", "value": url});
    json!({"composeExtension": {"type": "auth", "suggestedActions": {"actions": [open]}}})
}
