//! What the connector says when it does not do what it is asked to.

use std::time::Duration;

use habeo_egress::{Answer, EgressError};
use serde::Deserialize;

use crate::teams::app_token::NoToken;

/// The first wait before another attempt; each further one is four times as long.
const BACKOFF: Duration = Duration::from_millis(200);
/// The wait where the channel throttles and does not say for how long.
const THROTTLED: Duration = Duration::from_secs(1);

/// Why something was not sent or not answered.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The bot has no token.
    #[error("the bot has no token: {0}")]
    Token(#[from] NoToken),
    /// The channel refused the token.
    #[error("the channel refused the bot's token")]
    Unauthorized,
    /// The bot is not in the conversation any more, or was never to write there.
    #[error("the bot may not write there ({0})")]
    Closed(String),
    /// There is no such conversation, message or member.
    #[error("there is no such conversation or message ({0})")]
    Gone(String),
    /// Too much at once.
    #[error("the channel asks to wait")]
    Throttled(Option<Duration>),
    /// The channel is not in order, or could not be reached.
    #[error("the channel does not answer ({0})")]
    Down(String),
    /// What was sent is not what the channel takes. It is not to be sent again.
    #[error("the channel refused the message with {status} ({code})")]
    Refused {
        /// The status.
        status: u16,
        /// The vendor's code.
        code: String,
    },
    /// The stored address is not one that messages may be sent to.
    #[error("the conversation's address is not on the list of service hosts")]
    NotAllowed,
    /// The request cannot be put together, so that nothing was sent and nothing ever will be.
    #[error("the message cannot be sent")]
    Unsendable,
    /// It was sent, and nothing came back that says what became of it: the channel may have taken it.
    #[error("the channel may have taken the message, and did not say so ({0})")]
    Unsure(String),
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Body {
    error: Inner,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Inner {
    code: String,
}

impl From<EgressError> for Fault {
    fn from(error: EgressError) -> Self {
        match error {
            EgressError::Refused(_) => Self::NotAllowed,
            EgressError::Unsendable(_) => Self::Unsendable,
            error if error.may_have_arrived() => Self::Unsure(error.to_string()),
            other => Self::Down(other.to_string()),
        }
    }
}

impl Fault {
    pub(super) fn of(answer: &Answer) -> Self {
        let body: Body = answer.json().unwrap_or_default();
        let known = |c: &char| c.is_ascii_alphanumeric();
        let code: String = body.error.code.chars().filter(known).take(64).collect();
        match answer.status {
            401 => Self::Unauthorized,
            403 => Self::Closed(code),
            404 => Self::Gone(code),
            429 => Self::Throttled(answer.retry_after),
            412 | 502..=504 => Self::Down(format!("{} {code}", answer.status)),
            status => Self::Refused { status, code },
        }
    }

    /// How long to wait before the same is tried again at once; none where it is not to be.
    #[must_use]
    pub fn wait(&self, attempt: u32) -> Option<Duration> {
        match self {
            Self::Throttled(after) => Some(after.unwrap_or(THROTTLED)),
            Self::Down(_) => Some(BACKOFF * 4_u32.saturating_pow(attempt.saturating_sub(1).min(8))),
            _ => None,
        }
    }

    /// Whether the same may be tried again later: nothing of it has arrived, and it may fare better.
    #[must_use]
    pub const fn is_worth_repeating(&self) -> bool {
        match self {
            Self::Token(_) | Self::Unauthorized | Self::Throttled(_) | Self::Down(_) => true,
            Self::Closed(_)
            | Self::Gone(_)
            | Self::Refused { .. }
            | Self::NotAllowed
            | Self::Unsendable
            | Self::Unsure(_) => false,
        }
    }

    /// Whether nothing will ever arrive in this conversation again, until somebody writes there.
    #[must_use]
    pub const fn ends_conversation(&self) -> bool {
        matches!(self, Self::Closed(_) | Self::Gone(_))
    }
}

#[cfg(test)]
mod tests {
    use habeo_egress::Stage;

    use super::*;

    #[test]
    fn what_may_have_arrived_is_not_tried_again() {
        let arrived = [
            EgressError::TimedOut(Stage::Answer),
            EgressError::Broken("cut off"),
            EgressError::TooLarge(1),
        ];
        for error in arrived {
            let fault = Fault::from(error);
            assert!(matches!(fault, Fault::Unsure(_)), "{fault}");
            assert!(fault.wait(1).is_none() && !fault.is_worth_repeating());
        }
        let kept_back = [
            EgressError::TimedOut(Stage::Connect),
            EgressError::TimedOut(Stage::Name),
            EgressError::NameNotFound,
        ];
        for error in kept_back {
            let fault = Fault::from(error);
            assert!(fault.wait(1).is_some() && fault.is_worth_repeating());
        }
        assert!(!Fault::from(EgressError::Unsendable("a header")).is_worth_repeating());
    }
}
