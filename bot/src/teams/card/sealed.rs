//! What only one reader of a conversation may see: it travels inside the card that all see, sealed, and comes back to be opened for them.
//!
//! So no node has to remember it, and nobody else's client, nor the channel, can read it.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use habeo_core::id::OrgId;
use habeo_core::random::Random;
use habeo_core::secret::{MasterKey, Place};
use habeo_core::time::{Clock, SECOND_MICROS, Timestamp};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::element::{self, Medium, REFRESH, SEALED};
use crate::reply::{LABEL_CHARS_MAX, Reply, shortened};

/// The most bytes of the card that is sealed; it grows by a third on its way.
const HIDDEN_BYTES_MAX: usize = 15 * 1_024;
/// How long it can be opened.
const LIFE_MICROS: i64 = 3_600 * SECOND_MICROS;
/// What the button says that opens it.
const SHOW: &str = "Show my answer";
const COLUMN: &str = "teams.card";

/// Seals and opens.
#[derive(Clone)]
pub struct Sealer {
    key: Arc<MasterKey>,
    random: Arc<dyn Random>,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer")
    }
}

/// Whose it is: an organisation's, and there one user's in one conversation.
#[derive(Debug, Clone, Copy)]
pub struct Sealed<'a> {
    /// The organisation.
    pub org: OrgId,
    /// The conversation.
    pub conversation: &'a str,
    /// The user's id in the tenant's directory.
    pub user: &'a str,
}

impl Sealed<'_> {
    fn row(&self) -> Vec<u8> {
        let length = u32::try_from(self.conversation.len()).unwrap_or(u32::MAX);
        let parts = [
            &length.to_be_bytes()[..],
            self.conversation.as_bytes(),
            self.user.as_bytes(),
        ];
        parts.concat()
    }
}

impl Sealer {
    /// With the installation's key.
    #[must_use]
    pub fn new(key: Arc<MasterKey>, random: Arc<dyn Random>, clock: Arc<dyn Clock>) -> Self {
        Self { key, random, clock }
    }

    /// A card that tells everybody that there is an answer, and shows it to one of them. `address` is theirs within the channel.
    #[must_use]
    pub fn card(
        &self,
        whose: &Sealed<'_>,
        address: &str,
        name: Option<&str>,
        reply: &Reply,
    ) -> Value {
        let hidden = super::of_reply(reply, Medium::Chat, HIDDEN_BYTES_MAX);
        let sealed = self.seal(whose, &hidden);
        let name = name.map(|name| shortened(name, LABEL_CHARS_MAX));
        let name = name.as_deref().unwrap_or("whoever asked");
        let told = format!("Only {name} can see this answer.");
        // What answers a press of an execution takes the card's place for everybody, so that the button opens a dialog instead.
        let show = json!({
            "type": "Action.Submit", "title": SHOW,
            "data": {"msteams": {"type": "task/fetch"}, SEALED: sealed},
        });
        let refresh = json!({
            "type": "Action.Execute", "title": SHOW, "verb": REFRESH, "data": {SEALED: sealed},
        });
        let mut card = element::card(&[
            element::quiet(&told),
            json!({"type": "ActionSet", "actions": [show]}),
        ]);
        card["fallbackText"] = json!(told);
        card["refresh"] = json!({"action": refresh, "userIds": [address]});
        Self::within(card)
    }

    /// Without the button where both together would be too large: the card then shows itself where it can.
    fn within(mut card: Value) -> Value {
        if super::bytes(&card) > super::CARD_BYTES_MAX
            && let Some(body) = card["body"].as_array_mut()
        {
            body.truncate(1);
        }
        card
    }

    fn seal(&self, whose: &Sealed<'_>, card: &Value) -> String {
        let until = self.clock.now().plus_micros(LIFE_MICROS).micros();
        let text = json!({"until": until, "card": card}).to_string();
        let row = whose.row();
        let place = Place {
            column: COLUMN,
            org: Some(whose.org),
            row: &row,
        };
        let sealed = self.key.seal(place, text.as_bytes(), self.random.as_ref());
        URL_SAFE_NO_PAD.encode(sealed)
    }

    /// The card that was sealed for this user, while it can be opened.
    #[must_use]
    pub fn open(&self, whose: &Sealed<'_>, sealed: &str) -> Option<Value> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let row = whose.row();
        let place = Place {
            column: COLUMN,
            org: Some(whose.org),
            row: &row,
        };
        let opened = self.key.open(place, &bytes).ok()?;
        let mut read: Value = serde_json::from_slice(opened.expose_secret()).ok()?;
        let until = Timestamp::from_micros(read["until"].as_i64()?);
        (self.clock.now() < until).then(|| read["card"].take())
    }
}
