//! A conversation in Teams, as a test reads it: somebody says something, and somebody sees the answer.

use habeo_bot::teams::SOURCE;
use habeo_core::inbox::worker::{Settings, Worker};
use poem::http::StatusCode;
use serde_json::{Value, json};

use super::{APP_ID, Sent, Simulator, lines};
use crate::app::{Answer, TestApp};
use crate::issuer::changed;
use crate::must;

/// The tenant of every test, unless it says otherwise.
pub const TENANT: &str = "9c1f0d1e-0000-4000-8000-00000000aaaa";

/// A user of Teams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct User {
    /// Their name.
    pub name: &'static str,
    /// Their id in the tenant's directory.
    pub object_id: &'static str,
    /// Their address within the channel.
    pub address: &'static str,
}

impl User {
    /// A user of the tests.
    pub const PRIYA: Self = Self {
        name: "Priya N.",
        object_id: "5b1c7f6e-0000-4000-8000-00000000bbbb",
        address: "29:1Priya@Encoded",
    };
    /// Another.
    pub const RAVI: Self = Self {
        name: "Ravi K.",
        object_id: "5b1c7f6e-0000-4000-8000-00000000cccc",
        address: "29:1Ravi@Encoded",
    };

    /// The conversation that they have with the bot alone.
    #[must_use]
    pub fn conversation(&self) -> String {
        personal(self.object_id)
    }
}

/// Where somebody and the bot are alone.
pub(super) fn personal(object_id: &str) -> String {
    format!("a:1Personal-{}", object_id.get(32..).unwrap_or(object_id))
}

/// Habeo and Teams, talking.
#[derive(Debug)]
pub struct Talk {
    /// Habeo.
    pub app: TestApp,
    /// Teams.
    pub sim: Simulator,
    counter: std::sync::atomic::AtomicU64,
}

impl Talk {
    /// Habeo over a database, set up for a simulated vendor of its own.
    pub async fn begin(db: &crate::database::TestDb) -> Self {
        Self::with(db, &[]).await
    }

    /// The same with some settings replaced.
    pub async fn with(db: &crate::database::TestDb, settings: &[(&str, &str)]) -> Self {
        let sim = Simulator::start().await;
        let own = sim.settings();
        let mut all: Vec<(&str, &str)> = own
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .filter(|(name, _)| !settings.iter().any(|(replaced, _)| replaced == name))
            .collect();
        all.extend(settings.iter().filter(|(_, value)| !value.is_empty()));
        let app = TestApp::configured(db, &all).await;
        for user in [User::PRIYA, User::RAVI] {
            sim.member(user.address, &member(&user));
        }
        Self {
            app,
            sim,
            counter: std::sync::atomic::AtomicU64::new(0),
        }
    }

    /// The present second.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.app.db.clock_now().seconds()
    }

    fn id(&self) -> String {
        let number = self
            .counter
            .fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        format!("f:{number}")
    }

    /// An activity in somebody's own conversation, with members replaced.
    #[must_use]
    pub fn activity(&self, user: &User, changes: Value) -> Value {
        let activity = json!({
            "type": "message", "id": self.id(), "timestamp": "2026-03-02T09:00:00.123Z", "localTimezone": "America/New_York",
            "serviceUrl": self.sim.service_url(), "channelId": "msteams", "locale": "en-US",
            "from": {"id": user.address, "name": user.name, "aadObjectId": user.object_id},
            "recipient": {"id": format!("28:{APP_ID}"), "name": "Habeo Copilot"},
            "conversation": {"id": user.conversation(), "conversationType": "personal", "tenantId": TENANT},
            "channelData": {"tenant": {"id": TENANT}},
            "entities": [{"type": "clientInfo", "platform": "Web"}],
        });
        changed(activity, changes)
    }

    /// What is different in a team's channel, where the bot is mentioned.
    #[must_use]
    pub fn in_channel(text: &str) -> Value {
        json!({
            "text": format!("<at>Habeo Copilot</at> {text}"), "textFormat": "plain",
            "conversation": {"isGroup": true, "conversationType": "channel", "id": "19:abc@thread.tacv2;messageid=1767225590000", "tenantId": TENANT},
            "entities": [{"type": "mention", "mentioned": {"id": format!("28:{APP_ID}"), "name": "Habeo Copilot"}, "text": "<at>Habeo Copilot</at>"}],
        })
    }

    /// What is different in a chat of some, where the bot is mentioned.
    #[must_use]
    pub fn in_group(text: &str) -> Value {
        let group = json!({"isGroup": true, "conversationType": "groupChat", "id": "19:some-of-us@thread.v2", "tenantId": TENANT});
        changed(Self::in_channel(text), json!({"conversation": group}))
    }

    /// Delivers an activity with a good token.
    pub async fn deliver(&self, activity: &Value) -> Answer {
        let token = self.sim.token(self.now(), json!({}));
        self.deliver_with(Some(&token), activity).await
    }

    /// Delivers an activity with any token, or none.
    pub async fn deliver_with(&self, token: Option<&str>, activity: &Value) -> Answer {
        let mut call = self.app.post("/api/messages").json(activity);
        if let Some(token) = token {
            call = call.bearer(token);
        }
        call.send().await
    }

    /// Works off what was taken in.
    pub async fn work(&self) -> usize {
        let Some(teams) = self.app.app.bot.teams() else {
            return 0;
        };
        let inbox = self.app.app.bot.common().parts().inbox.clone();
        let worker = Worker::new(inbox, SOURCE, teams.clone(), Settings::default());
        let done = must(Box::pin(worker.run_until_idle()).await);
        self.app.app.bot.finished().await;
        done
    }

    /// Delivers an activity, works it off, and gives what came back.
    ///
    /// # Panics
    ///
    /// When it is not taken, or answered at once.
    pub async fn happens(&self, activity: &Value) -> Vec<Sent> {
        let answer = self.deliver(activity).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        assert!(answer.bytes.is_empty(), "{}", answer.text());
        self.work().await;
        self.sim.take_sent()
    }

    /// Somebody says something in their own conversation: what they see.
    pub async fn says(&self, user: &User, text: &str) -> String {
        let changes = json!({"text": text, "textFormat": "plain"});
        let sent = self.happens(&self.activity(user, changes)).await;
        seen(&sent)
    }

    /// Somebody invokes something: the answer, judged as Teams would.
    pub async fn invokes(&self, user: &User, name: &str, value: Value) -> Value {
        let changes = json!({"type": "invoke", "name": name, "value": value});
        self.invokes_as(&self.activity(user, changes)).await
    }

    /// An invocation as it is.
    ///
    /// # Panics
    ///
    /// When it is not taken.
    pub async fn invokes_as(&self, activity: &Value) -> Value {
        let answer = self.deliver(activity).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let answer = answer.json();
        self.sim.judge_answer(&answer);
        answer
    }

    /// Somebody invokes something where others read along: `place` is what is different there.
    pub async fn invokes_in(&self, place: Value, user: &User, name: &str, value: Value) -> Value {
        let changes =
            json!({"type": "invoke", "name": name, "value": value, "text": null, "entities": null});
        self.invokes_as(&self.activity(user, merged(place, changes)))
            .await
    }

    /// Somebody presses a button of a card: what they see in its place.
    pub async fn presses(&self, user: &User, card: &Sent, title: &str) -> String {
        let action = button(&card.body, title);
        let value = json!({"action": {"type": "Action.Execute", "verb": action["verb"], "data": action["data"]}, "trigger": "manual"});
        lines(&self.invokes(user, "adaptiveCard/action", value).await)
    }
}

/// The same with some members replaced, also by nothing.
fn merged(mut place: Value, changes: Value) -> Value {
    if let (Some(members), Value::Object(changes)) = (place.as_object_mut(), changes) {
        members.extend(changes);
    }
    place
}

/// What is seen of what was sent.
#[must_use]
pub fn seen(sent: &[Sent]) -> String {
    let shown: Vec<String> = sent.iter().map(Sent::shown).collect();
    shown.join("\n---\n")
}

/// The button of a message with this title.
///
/// # Panics
///
/// When there is none.
#[must_use]
pub fn button(message: &Value, title: &str) -> Value {
    fn find(value: &Value, title: &str) -> Option<Value> {
        match value {
            Value::Object(members) => {
                let is_action = members
                    .get("type")
                    .and_then(Value::as_str)
                    .is_some_and(|kind| kind.starts_with("Action."));
                if is_action && members.get("title").and_then(Value::as_str) == Some(title) {
                    return Some(value.clone());
                }
                members.values().find_map(|value| find(value, title))
            }
            Value::Array(items) => items.iter().find_map(|value| find(value, title)),
            _ => None,
        }
    }
    find(message, title).unwrap_or_else(|| panic!("no button {title} in {message}"))
}

/// A full member of the tenant, as the channel describes them.
#[must_use]
pub fn member(user: &User) -> Value {
    let mail = format!(
        "{}@westmark.edu",
        user.name
            .split(' ')
            .next()
            .unwrap_or_default()
            .to_lowercase()
    );
    json!({"objectId": user.object_id, "aadObjectId": user.object_id, "name": user.name, "email": mail, "userPrincipalName": mail,
        "tenantId": TENANT, "userRole": "user"})
}
