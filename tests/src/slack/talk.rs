//! Talking to Habeo in Slack: what people and Slack itself send, signed, and what is seen in answer.

use habeo_bot::connect::Connected;
use habeo_bot::slack::signature::{SIGNATURE, TIMESTAMP, sign};
use habeo_core::access::{Access, Role};
use habeo_core::chat_link::ChatUser;
use habeo_core::id::{InstallId, PersonId};
use habeo_core::install::{self, Install, Platform};
use habeo_server::chat;
use poem::http::StatusCode;
use secrecy::SecretString;
use serde_json::{Value, json};
use url::Url;
use url::form_urlencoded::Serializer;

use super::{APP, BOT, SIGNING_SECRET, Slack, check, shown};
use crate::app::{Answer, TestApp};
use crate::builders::College;
use crate::must;

/// The workspace of most tests.
pub const TEAM: &str = "T0HABEO1";
/// The cookie of the administrator's browser.
pub const COOKIE: &str = "the-browser-of-the-administrator";
const CHANNEL: &str = "C0LEDGER1";

/// A server whose Slack is a stand-in, and a college that uses it.
#[derive(Debug)]
pub struct Chat<'a> {
    /// The server.
    pub app: TestApp,
    /// Slack.
    pub slack: Slack,
    /// The college.
    pub college: &'a College,
    /// The college's administrator.
    pub admin: Access,
}

/// An event that Slack sends.
#[derive(Debug, Clone)]
pub struct Event {
    /// The whole envelope.
    pub envelope: Value,
}

impl Event {
    /// An event of a workspace.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "callers write the event in place"
    )]
    pub fn of(team: &str, id: &str, event: Value) -> Self {
        let envelope = json!({"token": "legacy", "team_id": team, "api_app_id": APP, "event": event, "type": "event_callback", "event_id": id,
            "event_time": 1_772_442_000, "is_ext_shared_channel": false,
            "authorizations": [{"enterprise_id": null, "team_id": team, "user_id": BOT, "is_bot": true, "is_enterprise_install": false}]});
        Self { envelope }
    }

    /// With another member of the envelope.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.envelope[name] = value;
        self
    }
}

/// The headers of a signed request: signature and time.
#[must_use]
pub fn signed(secret: &str, seconds: i64, body: &[u8]) -> [(&'static str, String); 2] {
    let timestamp = seconds.to_string();
    let signature = sign(&SecretString::from(secret.to_owned()), &timestamp, body);
    [(SIGNATURE, signature), (TIMESTAMP, timestamp)]
}

impl<'a> Chat<'a> {
    /// A server that knows the stand-in, and no workspace yet.
    pub async fn before(college: &'a College) -> Self {
        Self::configured(college, &[]).await
    }

    /// The same with these settings besides; hosts that may be reached are added to Slack's.
    pub async fn configured(college: &'a College, more: &[(&'static str, String)]) -> Self {
        let slack = Slack::start().await;
        let mut settings = slack.settings();
        for (name, value) in more {
            match settings.iter_mut().find(|(set, _)| set == name) {
                Some((_, hosts)) => *hosts = format!("{hosts},{value}"),
                None => settings.push((name, value.clone())),
            }
        }
        let mut pairs: Vec<(&str, &str)> = settings
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        pairs.push(("HABEO_PUBLIC_URL", "https://habeo.example.edu"));
        let app = TestApp::configured(&college.db, &pairs).await;
        let admin = college
            .access_of(&[(Role::OrgAdmin, college.units.root)])
            .await;
        Self {
            app,
            slack,
            college,
            admin,
        }
    }

    /// The same, and its workspace is connected.
    pub async fn connected(college: &'a College) -> Self {
        let chat = Self::before(college).await;
        must(chat.install().await);
        chat.slack.forget();
        chat
    }

    /// Installs the app as an administrator does: to Slack and back.
    pub async fn install(&self) -> Result<Connected, habeo_bot::connect::Refusal> {
        let query = self.come_back(&self.admin).await?;
        self.finish(&self.admin, COOKIE, &query).await
    }

    /// Goes to Slack as somebody, and says what the browser brings back.
    pub async fn come_back(
        &self,
        access: &Access,
    ) -> Result<Vec<(String, String)>, habeo_bot::connect::Refusal> {
        let url = self
            .app
            .app
            .bot
            .begin(access, Platform::Slack, COOKIE)
            .await?;
        let answer = must(self.slack_page(&url).ok_or("Slack sends nobody back"));
        let back = must(Url::parse(&answer));
        Ok(back
            .query_pairs()
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect())
    }

    /// What comes of what the browser brought back.
    pub async fn finish(
        &self,
        access: &Access,
        cookie: &str,
        query: &[(String, String)],
    ) -> Result<Connected, habeo_bot::connect::Refusal> {
        self.app
            .app
            .bot
            .finish(access, Platform::Slack, cookie, query)
            .await
    }

    /// The page of Slack's that asks, here in process: where it sends the browser.
    fn slack_page(&self, url: &Url) -> Option<String> {
        let response = self.slack.authorize(url.query().unwrap_or_default());
        response
            .headers()
            .get("location")?
            .to_str()
            .ok()
            .map(str::to_owned)
    }

    /// The installation of a workspace.
    pub async fn installed(&self, key: &str) -> Option<Install> {
        let db = self.college.db.db();
        let mut tx = must(db.read_directory().await);
        let bound = must(install::store::by_workspace(&mut tx, Platform::Slack, key).await)?;
        drop(tx);
        let mut tx = self.college.db.read(&self.college.access).await;
        must(install::store::by_id(&mut tx, &self.college.access, bound.1).await)
    }

    /// The id of the workspace's installation.
    pub async fn install_id(&self) -> InstallId {
        must(
            self.installed(TEAM)
                .await
                .ok_or("the workspace is connected"),
        )
        .id
    }

    /// A chat user who is a person.
    pub async fn linked(&self, user: &str, person: PersonId) -> ChatUser {
        self.slack.user(user, TEAM, &json!({}));
        let install = self.install_id().await;
        self.college.link(install, user, person).await
    }

    /// Gives a command, and waits until everything that follows from it is done.
    ///
    /// # Panics
    ///
    /// When it is not taken.
    pub async fn says(&self, user: &str, command: &str) -> String {
        let answer = self.command(user, command).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        self.settle().await;
        if answer.bytes.is_empty() {
            self.last_hook()
        } else {
            shown(&answer.json())
        }
    }

    /// Asks by command, and waits for the answer, as it is.
    pub async fn asked(&self, user: &str, question: &str) -> Value {
        let answer = self.command(user, question).await;
        self.settle().await;
        if answer.bytes.is_empty() {
            let hook = self.slack.hooks().pop();
            hook.map_or(Value::Null, |call| call.body)
        } else {
            answer.json()
        }
    }

    /// Gives a command, and answers as the server does at first.
    pub async fn command(&self, user: &str, command: &str) -> Answer {
        let text = command
            .strip_prefix("/habeo")
            .unwrap_or(command)
            .trim_start();
        let (hook, trigger) = (self.slack.hook(), self.slack.trigger());
        let body = Serializer::new(String::new())
            .append_pair("token", "legacy")
            .append_pair("team_id", TEAM)
            .append_pair("team_domain", "westmark")
            .append_pair("channel_id", CHANNEL)
            .append_pair("channel_name", "it-ops")
            .append_pair("user_id", user)
            .append_pair("user_name", &user.to_lowercase())
            .append_pair("command", "/habeo")
            .append_pair("text", text)
            .append_pair("api_app_id", APP)
            .append_pair("is_enterprise_install", "false")
            .append_pair("response_url", &hook)
            .append_pair("trigger_id", &trigger)
            .finish();
        let answer = self.send("/slack/commands", body.as_bytes()).await;
        if !answer.bytes.is_empty() {
            self.slack
                .hold("an answer to a command", check::inline(&answer.json()));
        }
        answer
    }

    /// Writes to Habeo in a channel, mentioning it, and waits for the answer.
    pub async fn mentions(&self, user: &str, text: &str) -> String {
        let ts = self.ts();
        let event = json!({"type": "app_mention", "user": user, "text": format!("<@{BOT}> {text}"), "ts": ts, "channel": CHANNEL, "team": TEAM,
            "event_ts": ts});
        self.event(&Event::of(TEAM, &format!("Ev{ts}"), event))
            .await;
        self.last_post()
    }

    /// Writes to Habeo directly, and waits for the answer.
    pub async fn writes(&self, user: &str, text: &str) -> String {
        let ts = self.ts();
        let event = json!({"type": "message", "channel_type": "im", "user": user, "text": text, "ts": ts, "channel": "D0PRIVATE", "event_ts": ts});
        self.event(&Event::of(TEAM, &format!("Ev{ts}"), event))
            .await;
        self.last_post()
    }

    /// Sends an event, which has to be taken, and waits until it is worked off.
    ///
    /// # Panics
    ///
    /// When it is not taken.
    pub async fn event(&self, event: &Event) {
        let answer = self.deliver(event).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        self.settle().await;
    }

    /// Sends an event.
    pub async fn deliver(&self, event: &Event) -> Answer {
        self.send("/slack/events", event.envelope.to_string().as_bytes())
            .await
    }

    /// Sends what somebody did with something of ours.
    pub async fn interact(&self, payload: &Value) -> Answer {
        self.payload("/slack/interactivity", payload).await
    }

    /// Sends a payload in a form, as interactivity and options come.
    pub async fn payload(&self, path: &str, payload: &Value) -> Answer {
        let body = Serializer::new(String::new())
            .append_pair("payload", &payload.to_string())
            .finish();
        let answer = self.send(path, body.as_bytes()).await;
        if !answer.bytes.is_empty() {
            self.slack.hold(path, check::outcome(&answer.json()));
        }
        self.settle().await;
        answer
    }

    /// What is common to all that somebody does.
    #[must_use]
    pub fn touch(&self, kind: &str, user: &str) -> Value {
        json!({"type": kind, "user": {"id": user, "username": user, "name": user, "team_id": TEAM}, "api_app_id": APP, "token": "legacy",
            "trigger_id": self.slack.trigger(), "team": {"id": TEAM, "domain": "westmark"}, "enterprise": null, "is_enterprise_install": false})
    }

    /// Presses a button of a private message, and waits for what it shows then.
    ///
    /// # Panics
    ///
    /// When it is not taken.
    pub async fn presses(&self, user: &str, button: &Value) -> String {
        let answer = self.interact(&self.pressed(user, button)).await;
        assert_eq!(answer.status, StatusCode::OK);
        self.last_hook()
    }

    /// A press of a button of a private message.
    #[must_use]
    pub fn pressed(&self, user: &str, button: &Value) -> Value {
        let mut payload = self.touch("block_actions", user);
        payload["container"] = json!({"type": "message", "message_ts": "1.2", "channel_id": CHANNEL, "is_ephemeral": true});
        payload["channel"] = json!({"id": CHANNEL, "name": "it-ops"});
        payload["response_url"] = json!(self.slack.hook());
        payload["actions"] = json!([{"type": "button", "action_id": button["action_id"], "block_id": "b", "value": button["value"]}]);
        payload
    }

    /// Sends a signed body as it is.
    pub async fn send(&self, path: &str, body: &[u8]) -> Answer {
        let now = self.college.db.clock_now().seconds();
        let mut call = self.app.post(path).body(body.to_vec());
        for (name, value) in signed(SIGNING_SECRET, now, body) {
            call = call.header(name, &value);
        }
        call.send().await
    }

    /// Waits until everything that goes on has come to its end, events included.
    pub async fn settle(&self) {
        let bot = &self.app.app.bot;
        bot.finished().await;
        if let Some(slack) = bot.slack() {
            let worker = chat::slack_events(&self.app.app, slack);
            must(Box::pin(worker.run_until_idle()).await);
        }
        bot.finished().await;
    }

    /// The last message that was posted anywhere, as it is seen; and whether only one person sees it.
    #[must_use]
    pub fn last_post(&self) -> String {
        let calls = self.slack.every_call();
        let last = calls.iter().rev().find_map(|call| {
            let seen = shown(&call.body);
            match call.method.as_str() {
                "chat.postEphemeral" => Some(format!("(only you)\n{seen}")),
                "chat.postMessage" => Some(seen),
                _ => None,
            }
        });
        last.unwrap_or_else(|| "(nothing)".to_owned())
    }

    /// The last answer to a command or button.
    #[must_use]
    pub fn last_hook(&self) -> String {
        self.slack
            .hooks()
            .last()
            .map_or_else(|| "(nothing)".to_owned(), |call| shown(&call.body))
    }

    /// The last dialog or page that was shown.
    #[must_use]
    pub fn last_view(&self) -> String {
        let methods = ["views.open", "views.push", "views.update", "views.publish"];
        let calls = self.slack.every_call();
        let view = calls
            .iter()
            .rev()
            .find(|call| methods.contains(&call.method.as_str()));
        view.map_or_else(|| "(nothing)".to_owned(), |call| shown(&call.body["view"]))
    }

    fn ts(&self) -> String {
        format!("1772442000.{:06}", self.college.number())
    }

    /// Holds that Slack would have refused nothing.
    ///
    /// # Panics
    ///
    /// When it would have.
    #[track_caller]
    pub fn faultless(&self) {
        assert_eq!(self.slack.faults(), Vec::<String>::new());
    }
}
