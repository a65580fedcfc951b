//! Buttons of cards, and cards that ask for what only one reader may see.

use serde_json::{Value, json};

use super::{Invalid, Invoker, text};
use crate::reply::PRESS_BYTES_MAX;
use crate::teams::Teams;
use crate::teams::card::element::{MEDIA_TYPE, PRESS, REFRESH};
use crate::teams::tenant::{Spot, Tenant};

const OVER: &str = "This answer is somebody else's, or too old to be shown again.";

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
                let readers = invoker.tenant.readers(&reply);
                (reply, readers)
            }
            None => self.nobody(invoker),
        };
        let shown = self.shown(invoker.tenant, invoker.spot, &reply, readers);
        Ok(card(&shown.into_card()))
    }

    /// The face of a card that was sealed for whoever asks.
    pub(super) fn opened(&self, tenant: &Tenant, spot: &Spot, value: &Value) -> Value {
        let opened = spot.user.as_ref().and_then(|(user, _)| {
            let sealed = text(value, "/action/data/sealed")?;
            self.sealer().open(&spot.sealed_for(tenant, user), sealed)
        });
        opened.map_or_else(|| message(OVER), |shown| card(&shown))
    }
}

pub(super) fn asks_for_sealed(value: &Value) -> bool {
    text(value, "/action/verb") == Some(REFRESH)
}

fn card(card: &Value) -> Value {
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
