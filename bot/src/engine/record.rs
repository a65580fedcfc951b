//! What is left behind by an answer: an entry of its sort, what the conversation is about, and what the buttons stand for.

use std::sync::Arc;

use habeo_core::conversation::command::Remember;

use super::memory::{Meaning, Memory};
use super::turn::{Answer, Stop, Turn};
use super::{Asker, Engine, sorry, words};
use crate::intent::{Context, Doubt, Intent};
use crate::reply::Reply;

impl Engine {
    /// Remembers and records what was asked, and puts the answer together.
    pub(super) async fn finish(
        &self,
        turn: Turn<'_>,
        kind: &str,
        outcome: Result<Answer, Stop>,
    ) -> Reply {
        let answer = match outcome {
            Ok(answer) => answer,
            Err(Stop::Say(answer)) => *answer,
            Err(stop @ Stop::Store(_)) => return sorry(&stop),
        };
        let open = turn.discretion == words::Discretion::Discreet && answer.open;
        let state = answer.about.map(|about| Memory {
            context: Context::after(
                about.intent,
                u16::try_from(about.assets.len()).unwrap_or(u16::MAX),
            ),
            bound: turn.bound.clone(),
            assets: about.assets,
            next: about.next,
        });
        let offer =
            (!turn.offer.meanings.is_empty()).then_some((turn.offer.token, turn.offer.meanings));
        let asker = turn.asker;
        // What was read is no longer needed, and a connection is.
        drop(turn.tx);
        self.remember(asker, (kind, answer.rows), state, offer)
            .await;
        let reply = Reply::new(answer.parts, answer.buttons);
        if open { reply.shared() } else { reply }
    }

    /// The answer to a press or a proposal, which changes nothing of what the conversation is about.
    pub(super) async fn settled(
        &self,
        asker: &Asker,
        kind: &str,
        outcome: Result<Answer, Stop>,
    ) -> Reply {
        let answer = match outcome {
            Ok(answer) => answer,
            Err(Stop::Say(answer)) => *answer,
            Err(stop @ Stop::Store(_)) => return sorry(&stop),
        };
        self.remember(asker, (kind, answer.rows), None, None).await;
        Reply::new(answer.parts, answer.buttons)
    }

    async fn remember(
        &self,
        asker: &Asker,
        (kind, rows): (&str, Option<u32>),
        state: Option<Memory>,
        offer: Option<(String, Vec<Meaning>)>,
    ) {
        let state = state.and_then(|state| serde_json::to_vec(&state).ok());
        let offer = offer.and_then(|(token, meanings)| {
            let meanings = serde_json::to_vec(&meanings).ok()?;
            Some((token, meanings))
        });
        let remember = Remember {
            conversation: asker.conversation.clone(),
            intent: kind.to_owned(),
            rows,
            state,
            offer,
            master_key: Arc::clone(&self.0.master_key),
        };
        // An answer that cannot be remembered is still an answer; what follows it starts anew.
        if let Err(error) = self.ledger().record(&asker.access, remember).await {
            tracing::warn!(org.id = %asker.access.org(), error = %error, "a question was answered and could not be recorded");
        }
    }
}

/// The sort of a question, as the ledger records it.
pub(super) const fn kind(intent: &Intent) -> &'static str {
    match intent {
        Intent::Find { .. } => "find",
        Intent::Count { by: None, .. } => "count",
        Intent::Count { .. } => "breakdown",
        Intent::About { .. } => "about",
        Intent::History { .. } => "history",
        Intent::Export { .. } => "export",
        Intent::Tickets { .. } => "tickets",
        Intent::More => "more",
        Intent::Write(_) => "write",
        Intent::Create { .. } => "create",
        Intent::Subscribe { .. } => "subscribe",
        Intent::Account(_) => "account",
        Intent::Help => "help",
        Intent::Greeting => "greeting",
        Intent::Thanks => "thanks",
        Intent::Dismiss => "dismiss",
        Intent::Unclear(Doubt::TooLong) => "too_long",
        Intent::Unclear(_) => "unclear",
    }
}
