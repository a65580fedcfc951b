//! The Events API: the envelope, and the events that we asked for.

use serde::Deserialize;
use serde_json::Value;

use super::{Origin, or_default};

/// What every request to the events' address is wrapped in.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Envelope {
    /// `event_callback`, `url_verification`, `app_rate_limited`, or something yet to come.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// To be sent back when the address is verified.
    pub challenge: Option<String>,
    /// The workspace.
    pub team_id: Option<String>,
    /// The organisation of workspaces.
    pub enterprise_id: Option<String>,
    /// The app.
    pub api_app_id: Option<String>,
    /// When it happened, in seconds.
    pub event_time: Option<i64>,
    /// The event's own id, the same in retries.
    pub event_id: Option<String>,
    /// The event.
    #[serde(default)]
    pub event: Value,
    /// For which installation it is meant: at most one.
    #[serde(default, deserialize_with = "or_default")]
    pub authorizations: Vec<Authorization>,
    /// Whether the channel is shared with another organisation.
    #[serde(default, deserialize_with = "or_default")]
    pub is_ext_shared_channel: bool,
}

/// For which installation an event is meant.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Authorization {
    /// The organisation of workspaces.
    pub enterprise_id: Option<String>,
    /// The workspace; null for an installation in the whole organisation.
    pub team_id: Option<String>,
    /// Whether it is such an installation.
    #[serde(default, deserialize_with = "or_default")]
    pub is_enterprise_install: bool,
}

impl Envelope {
    /// Which installation it is about: what tells of an installation itself is about that one alone.
    #[must_use]
    pub fn origin(&self) -> Origin {
        match self.event() {
            Event::Uninstalled | Event::TokensRevoked(_) => self.sent_from().exact(),
            Event::TeamsGranted(_) | Event::TeamsRevoked(_) => self.sent_from().of_enterprise(),
            _ => self.sent_from(),
        }
    }

    /// From where it came. The authorization counts before the envelope: in a shared channel the envelope may name another team.
    fn sent_from(&self) -> Origin {
        let first = self.authorizations.first();
        let or = |meant: Option<&String>, told: &Option<String>| meant.or(told.as_ref()).cloned();
        Origin {
            app: self.api_app_id.clone(),
            team: or(first.and_then(|a| a.team_id.as_ref()), &self.team_id),
            enterprise: or(
                first.and_then(|a| a.enterprise_id.as_ref()),
                &self.enterprise_id,
            ),
            org_wide: first.is_some_and(|a| a.is_enterprise_install),
        }
    }

    /// The event, where we know its kind and it has what it needs.
    #[must_use]
    pub fn event(&self) -> Event {
        Event::read(&self.event)
    }
}

/// An event that we asked for.
#[derive(Debug, Clone)]
pub enum Event {
    /// Somebody wrote to us in a channel.
    Mention(Message),
    /// Somebody wrote in a direct conversation with us.
    Direct(Message),
    /// Somebody opened our home or our messages.
    HomeOpened(AppHome),
    /// Somebody shared an address of ours.
    LinkShared(LinkShared),
    /// The app was removed.
    Uninstalled,
    /// Tokens were revoked.
    TokensRevoked(Tokens),
    /// The app was added to workspaces of an organisation.
    TeamsGranted(TeamAccess),
    /// The app was taken from workspaces of an organisation.
    TeamsRevoked(TeamAccess),
    /// Anything else.
    Other,
}

impl Event {
    /// Reads an event; what lacks its necessary members counts as something else.
    #[must_use]
    pub fn read(event: &Value) -> Self {
        let kind = event["type"].as_str().unwrap_or_default();
        match kind {
            "app_mention" => of(event, Self::Mention),
            "message" if event["channel_type"] == "im" => of(event, Self::Direct),
            "app_home_opened" => of(event, Self::HomeOpened),
            "link_shared" => of(event, Self::LinkShared),
            "app_uninstalled" => Self::Uninstalled,
            "tokens_revoked" => of(event, |revoked: Revoked| {
                Self::TokensRevoked(revoked.tokens)
            }),
            "team_access_granted" => of(event, Self::TeamsGranted),
            "team_access_revoked" => of(event, Self::TeamsRevoked),
            _ => Self::Other,
        }
    }
}

fn of<'de, T: Deserialize<'de>>(event: &'de Value, make: impl FnOnce(T) -> Event) -> Event {
    T::deserialize(event).map_or(Event::Other, make)
}

/// A message, or a mention in one.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Message {
    /// Who wrote it; absent for some of Slack's own.
    pub user: Option<String>,
    /// Which bot wrote it.
    pub bot_id: Option<String>,
    /// What sort of message it is, where it is not simply one.
    pub subtype: Option<String>,
    /// The text.
    #[serde(default, deserialize_with = "or_default")]
    pub text: String,
    /// Its id in the channel.
    pub ts: String,
    /// The channel.
    pub channel: String,
    /// The thread it stands in.
    pub thread_ts: Option<String>,
    /// The writer's own workspace, in shared channels.
    pub user_team: Option<String>,
    /// The workspace of the message.
    pub team: Option<String>,
}

impl Message {
    /// Who asks. Nobody where a bot wrote it, where it tells of another message, or where it is our own.
    #[must_use]
    pub fn asker(&self, bot_user: &str) -> Option<&str> {
        let plain = matches!(
            self.subtype.as_deref(),
            None | Some("file_share" | "thread_broadcast")
        );
        let user = self.user.as_deref()?;
        (plain && self.bot_id.is_none() && user != bot_user).then_some(user)
    }

    /// Where to answer: the thread it stands in, or one below it.
    #[must_use]
    pub fn thread(&self) -> &str {
        self.thread_ts.as_deref().unwrap_or(&self.ts)
    }
}

/// Somebody opened the app.
#[derive(Debug, Clone, Deserialize)]
pub struct AppHome {
    /// Who.
    pub user: String,
    /// The direct conversation.
    pub channel: String,
    /// `home` or `messages`.
    pub tab: String,
}

/// Addresses of ours in a message, sent or being written.
#[derive(Debug, Clone, Deserialize)]
pub struct LinkShared {
    /// Who shares them.
    pub user: Option<String>,
    /// In which channel; `COMPOSER` while writing.
    #[serde(default)]
    pub channel: String,
    /// What to answer to.
    pub unfurl_id: Option<String>,
    /// What to answer to.
    pub source: Option<String>,
    /// The addresses.
    #[serde(default, deserialize_with = "or_default")]
    pub links: Vec<Link>,
}

/// One address.
#[derive(Debug, Clone, Deserialize)]
pub struct Link {
    /// Exactly as it was written.
    pub url: String,
}

/// Whose tokens were revoked: ids of users.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Tokens {
    /// Of bots.
    #[serde(default, deserialize_with = "or_default")]
    pub bot: Vec<String>,
}

#[derive(Deserialize)]
struct Revoked {
    #[serde(default, deserialize_with = "or_default")]
    tokens: Tokens,
}

/// Workspaces of an organisation.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct TeamAccess {
    /// Their ids.
    #[serde(default, deserialize_with = "or_default")]
    pub team_ids: Vec<String>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn envelope(value: Value) -> Envelope {
        serde_json::from_value(value).expect("an envelope takes anything")
    }

    #[test]
    fn the_authorization_tells_the_installation() {
        let org_wide = envelope(
            json!({"type": "event_callback", "team_id": "T1", "enterprise_id": "E1", "api_app_id": "A1",
            "authorizations": [{"enterprise_id": "E1", "team_id": null, "is_enterprise_install": true, "is_bot": true}]}),
        );
        assert_eq!(org_wide.origin().keys(), ["E1", "T1"]);
        let shared = envelope(
            json!({"team_id": "T2", "authorizations": [{"team_id": "T1", "enterprise_id": null}]}),
        );
        assert_eq!(shared.origin().keys(), ["T1"]);
        let plain = envelope(
            json!({"team_id": "T1", "authorizations": null, "is_ext_shared_channel": null}),
        );
        assert_eq!(plain.origin().keys(), ["T1"]);
        assert!(envelope(json!({})).origin().keys().is_empty());
        assert!(
            envelope(json!({"team_id": "T1/../x"}))
                .origin()
                .keys()
                .is_empty()
        );
    }

    #[test]
    fn only_people_ask() {
        let message = |more: Value| {
            let mut event = json!({"type": "message", "channel_type": "im", "user": "U1", "text": "hi", "ts": "1.2", "channel": "D1"});
            for (name, value) in more.as_object().expect("an object") {
                event[name] = value.clone();
            }
            match Event::read(&event) {
                Event::Direct(message) => message.asker("UBOT").map(str::to_owned),
                _ => None,
            }
        };
        assert_eq!(message(json!({})).as_deref(), Some("U1"));
        assert_eq!(
            message(json!({"subtype": "file_share"})).as_deref(),
            Some("U1")
        );
        for more in [
            json!({"bot_id": "B1"}),
            json!({"subtype": "message_changed"}),
            json!({"subtype": "bot_message"}),
            json!({"user": "UBOT"}),
            json!({"user": null}),
            json!({"channel_type": "channel"}),
            json!({"ts": null}),
        ] {
            assert_eq!(message(more.clone()), None, "{more}");
        }
    }

    #[test]
    fn what_is_unknown_or_broken_is_something_else() {
        for event in [
            json!(null),
            json!({"type": "reaction_added"}),
            json!({"type": "app_home_opened", "user": "U1"}),
            json!({"type": ["app_mention"]}),
        ] {
            assert!(matches!(Event::read(&event), Event::Other), "{event}");
        }
        let revoked = json!({"type": "tokens_revoked", "tokens": {"oauth": ["U1"]}});
        assert!(
            matches!(Event::read(&revoked), Event::TokensRevoked(tokens) if tokens.bot.is_empty())
        );
    }
}
