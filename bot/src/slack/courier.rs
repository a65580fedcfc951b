//! Notices by Slack: to a person in the conversation they have with us, to a channel that receives a digest.

use std::time::Duration;

use habeo_core::id::OrgId;
use habeo_core::outbox::{Channel, Courier, Leased, Outcome};

use super::web::WebError;
use super::{Slack, card};
use crate::letter::{Letter, To, again};

/// Rates are the outbox's: a parcel that has to wait lets others go first.
const PATIENCE: Duration = Duration::ZERO;

/// Delivers notices by Slack.
#[derive(Debug, Clone)]
pub struct SlackCourier {
    slack: Slack,
}

impl SlackCourier {
    /// The courier of an app.
    #[must_use]
    pub const fn new(slack: Slack) -> Self {
        Self { slack }
    }

    async fn send(&self, org: OrgId, letter: &Letter) -> Outcome {
        let workspace = match self.slack.workspace_of(org, letter.install).await {
            Ok(Some(workspace)) if workspace.is_live() => workspace,
            Ok(_) => {
                let why = "the workspace is not connected any more".to_owned();
                return Outcome::Dead { why };
            }
            Err(error) => return again(error.to_string()),
        };
        let caller = workspace.caller(&self.slack, PATIENCE);
        let web = self.slack.web();
        let opened = match &letter.to {
            To::User(user) => web.open_conversation(&caller, user).await,
            // It may have been shared since somebody subscribed it.
            To::Channel(channel) => match self.slack.is_our_channel(&caller, channel).await {
                Ok(true) => Ok(channel.clone()),
                Ok(false) => {
                    let why = "the channel is shared with another organisation".to_owned();
                    return Outcome::Dead { why };
                }
                Err(error) => Err(error),
            },
        };
        let message = card::message(&letter.reply);
        let posted = match opened {
            Ok(channel) => web.post_message(&caller, &channel, None, &message).await,
            Err(error) => Err(error),
        };
        match posted {
            Ok(posted) => {
                self.slack.note_recovery(&workspace).await;
                Outcome::Delivered {
                    detail: format!("{}/{}", posted.channel, posted.ts),
                }
            }
            Err(error) => {
                let outcome = outcome(&error);
                if !matches!(error, WebError::Limited { .. }) {
                    self.slack.note_trouble(&workspace, &error).await;
                }
                outcome
            }
        }
    }
}

impl Courier for SlackCourier {
    fn channel(&self) -> Channel {
        Channel::Slack
    }

    async fn deliver(&self, parcel: &Leased) -> Outcome {
        match Letter::of(self.slack.common(), parcel).await {
            Ok(letter) => self.send(parcel.org, &letter).await,
            Err(outcome) => outcome,
        }
    }
}

/// Slack knows no key for a repetition. What may have been posted already is posted again all the same: a notice is owed at least once.
fn outcome(error: &WebError) -> Outcome {
    let why = error.to_string();
    match error {
        WebError::Limited { after, .. } => Outcome::Again {
            after: Some(*after),
            why,
        },
        error if error.is_worth_repeating() => Outcome::Again { after: None, why },
        // A workspace that has to be connected again may be, while the parcel waits.
        // The same where it was connected before Habeo asked for all that it needs.
        error if error.is_token_dead() || error.code() == Some("missing_scope") => {
            Outcome::Again { after: None, why }
        }
        WebError::Token(_) => Outcome::Again { after: None, why },
        _ => Outcome::Dead { why },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gone_is_given_up_and_what_is_late_is_not() {
        let refused = |code: &str| WebError::refused("chat.postMessage", code);
        let dead = |error: &WebError| matches!(outcome(error), Outcome::Dead { .. });
        for code in [
            "channel_not_found",
            "user_not_found",
            "is_archived",
            "account_gone",
            "invalid_blocks",
        ] {
            assert!(dead(&refused(code)), "{code}");
        }
        for code in [
            "internal_error",
            "ratelimited",
            "token_revoked",
            "service_unavailable",
        ] {
            assert!(!dead(&refused(code)), "{code}");
        }
        let limited = WebError::Limited {
            method: "chat.postMessage",
            after: Duration::from_secs(7),
        };
        assert!(
            matches!(outcome(&limited), Outcome::Again { after: Some(after), .. } if after.as_secs() == 7)
        );
        assert!(!dead(&WebError::Status {
            method: "chat.postMessage",
            status: 502
        }));
        assert!(dead(&WebError::Status {
            method: "chat.postMessage",
            status: 404
        }));
    }
}
