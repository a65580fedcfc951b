//! What can be asked of conversations: to remember one.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::event::ConversationEvent;
use super::store::{self, Offered, Remembered};
use super::{KEY_CHARS_MAX, LIFE_MICROS, STATE_BYTES_MAX, TOKEN_BYTES, key_hash, token_hash};
use crate::explain::{Explain, Kind};
use crate::id::ConversationId;
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{Command, Failure, Work};
use crate::random::Random;
use crate::secret::MasterKey;

/// A question was asked: what it was is recorded, and what the next one may refer to is remembered.
#[derive(Debug, Clone)]
pub struct Remember {
    /// In which conversation: an outside key, of which only a digest is kept.
    pub conversation: String,
    /// What sort of question.
    pub intent: String,
    /// How many rows of the record were shown; none where nothing could be answered.
    pub rows: Option<u32>,
    /// What the conversation is about now; as before when none.
    pub state: Option<Vec<u8>>,
    /// The token of the answer's buttons and what they stand for.
    pub offer: Option<(String, Vec<u8>)>,
    /// The key that seals both.
    pub master_key: Arc<MasterKey>,
}

/// Makes the token by which an answer's buttons are known, of 144 random bits.
#[must_use]
pub fn token(random: &dyn Random) -> String {
    let mut bytes = [0; TOKEN_BYTES];
    random.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Why a conversation was not remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Only people converse.
    #[error("only a signed-in person can ask")]
    NotAPerson,
    /// The key, the state or the offer is longer than what is kept.
    #[error("this is more of a conversation than is remembered")]
    TooLong,
}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        match self {
            Self::NotAPerson => Kind::Forbidden,
            Self::TooLong => Kind::Unacceptable,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotAPerson => "conversation_not_a_person",
            Self::TooLong => "conversation_too_long",
        }
    }
}

impl Command for Remember {
    type Answer = ();
    type Refusal = Refusal;

    fn is_change(&self) -> bool {
        false
    }

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let access = work.access().clone();
        let (now, random) = (work.now(), work.random());
        let person = access
            .person()
            .ok_or(Failure::Refused(Refusal::NotAPerson))?;
        if !self.fits() {
            return Err(Failure::Refused(Refusal::TooLong));
        }
        store::forget(work.tx(), &access, now).await?;
        let hash = key_hash(&self.conversation);
        let known = store::id(work.tx(), &access, person, &hash).await?;
        let id = known.unwrap_or_else(|| ConversationId::generate(now, random.as_ref()));
        let expires_at = now.plus_micros(LIFE_MICROS);
        if let Some(state) = &self.state {
            let row = id.uuid();
            let place = store::state_place(&access, &row);
            let sealed = self.master_key.seal(place, state, random.as_ref());
            let remembered = Remembered {
                id,
                key_hash: hash,
                person,
                sealed,
            };
            store::keep(work.tx(), &access, remembered, (now, expires_at)).await?;
        }
        if let Some((token, meanings)) = &self.offer {
            let offer = ConversationId::generate(now, random.as_ref());
            let row = offer.uuid();
            let place = store::offer_place(&access, &row);
            let offered = Offered {
                id: offer,
                token_hash: token_hash(token),
                person,
                sealed: self.master_key.seal(place, meanings, random.as_ref()),
            };
            store::offer(work.tx(), &access, offered, (now, expires_at)).await?;
        }
        let intent = self.intent;
        let event = match self.rows {
            Some(rows) => ConversationEvent::Answered { intent, rows },
            None => ConversationEvent::Asked { intent },
        };
        let stream = Stream::Conversation(id);
        work.record(Fact::now(stream, Event::Conversation(event), Vec::new()))
            .await?;
        Ok(())
    }
}

impl Remember {
    fn fits(&self) -> bool {
        let state = self.state.as_ref().map_or(0, Vec::len);
        let offer = self.offer.as_ref().map_or(0, |(_, offer)| offer.len());
        self.conversation.chars().count() <= KEY_CHARS_MAX
            && state <= STATE_BYTES_MAX
            && offer <= STATE_BYTES_MAX
    }
}
