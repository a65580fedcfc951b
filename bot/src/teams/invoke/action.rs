//! Buttons of cards, and cards that ask for what only one reader may see.

use serde_json::{Value, json};

use super::{Invalid, Invoker, text};
use crate::reply::PRESS_BYTES_MAX;
use crate::teams::Teams;
use crate::teams::card::element::{MEDIA_TYPE, PRESS, REFRESH};

/// What is said instead where a card asks for its face because somebody pressed something: the answer would be for all who read along.
pub(super) const OPENS_ALONE: &str =
    "This answer is for one reader: it opens by itself, or by “Show my answer”.";

impl Teams {
    /// A button was executed. Whoever pressed it is asked about by the engine; a card that all see carries nothing that anybody may use.
    pub(super) async fn on_action(
        &self,
        invoker: &Invoker<'_>,
        value: &Value,
    ) -> Result<Value, Invalid> {
        let verb = text(value, "/action/verb").ok_or(Invalid)?;
        if verb != PRESS {
            return Ok(fault("BadRequest", "This button is not known."));
        }
        let press =
            text(value, "/action/data/press").filter(|press| press.len() <= PRESS_BYTES_MAX);
        let Some(press) = press else {
            return Ok(fault("BadRequest", "This button carries nothing."));
        };
        let (reply, readers) = match invoker.asker() {
            Some(asker) => {
                let reply = self.press(&asker, press).await;
                let readers = invoker.spot.readers(&reply);
                (reply, readers)
            }
            None => self.nobody(invoker),
        };
        let shown = self.shown(invoker.tenant, invoker.spot, &reply, readers);
        Ok(card(&shown.into_card()))
    }
}

/// Whether a card asks for the face that is its reader's.
pub(super) fn asks_for_sealed(value: &Value) -> bool {
    text(value, "/action/verb") == Some(REFRESH)
}

/// Whether nobody pressed anything, so that the answer is seen by nobody else.
pub(super) fn is_automatic(value: &Value) -> bool {
    text(value, "/trigger") == Some("automatic")
}

pub(super) fn card(card: &Value) -> Value {
    json!({"statusCode": 200, "type": MEDIA_TYPE, "value": card})
}

/// A sentence that is shown briefly.
pub(super) fn message(text: &str) -> Value {
    json!({"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": text})
}

pub(super) fn fault(code: &str, message: &str) -> Value {
    json!({
        "statusCode": 400, "type": "application/vnd.microsoft.error",
        "value": {"code": code, "message": message},
    })
}
