//! What a field of a form can be filled with, while somebody types.

use serde_json::{Value, json};

use super::action::fault;
use super::{Invalid, Invoker, text};
use crate::engine::CANNOT_LOOK;
use crate::reply::{Choice, ChoiceOf};
use crate::teams::Teams;

/// The most that is offered.
const CHOICES_MAX: usize = 15;
const WORDS_CHARS_MAX: usize = 100;

impl Teams {
    pub(super) async fn on_search(
        &self,
        invoker: &Invoker<'_>,
        value: &Value,
    ) -> Result<Value, Invalid> {
        let Some(of) = text(value, "/dataset").and_then(ChoiceOf::named) else {
            return Ok(fault(
                "BadRequest",
                "There is nothing of this kind to choose.",
            ));
        };
        let Some(asker) = invoker.asker() else {
            return Ok(nothing());
        };
        let words = text(value, "/queryText").unwrap_or_default();
        let words: String = words.chars().take(WORDS_CHARS_MAX).collect();
        Ok(match self.engine().choices(&asker, of, &words).await {
            Ok(choices) => results(choices),
            Err(error) => {
                tracing::error!(%error, "what can be chosen could not be read");
                fault("ServiceUnavailable", CANNOT_LOOK)
            }
        })
    }
}

fn results(choices: Vec<Choice>) -> Value {
    let results: Vec<Value> = choices
        .into_iter()
        .take(CHOICES_MAX)
        .map(|choice| json!({"value": choice.value, "title": choice.label}))
        .collect();
    json!({
        "statusCode": 200, "type": "application/vnd.microsoft.search.searchResponse",
        "value": {"results": results},
    })
}

pub(super) fn nothing() -> Value {
    results(Vec::new())
}
