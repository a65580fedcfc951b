//! The Web API: what each method takes, and what it answers.

use poem::Response;
use poem::http::StatusCode;
use serde_json::{Value, json};

use super::oauth::refused;
use super::{BOT, Call, Slack, check};

/// What a method takes: what it must have, and what it may have. Anything else is a mistake of ours.
const METHODS: &[(&str, &[&str], &[&str])] = &[
    ("auth.test", &[], &[]),
    ("auth.revoke", &[], &[]),
    (
        "chat.postMessage",
        &["channel", "text"],
        &["blocks", "thread_ts", "unfurl_links", "unfurl_media"],
    ),
    (
        "chat.postEphemeral",
        &["channel", "user", "text"],
        &["blocks", "thread_ts"],
    ),
    ("chat.unfurl", &["unfurl_id", "source", "unfurls"], &[]),
    ("views.open", &["trigger_id", "view"], &[]),
    ("views.push", &["trigger_id", "view"], &[]),
    ("views.update", &["view_id", "view"], &["hash"]),
    ("views.publish", &["user_id", "view"], &["hash"]),
    ("users.info", &["user"], &[]),
    ("conversations.info", &["channel"], &[]),
    ("conversations.members", &["channel", "limit"], &["cursor"]),
    ("conversations.open", &["users"], &[]),
    (
        "assistant.threads.setStatus",
        &["channel_id", "thread_ts", "status"],
        &[],
    ),
    (
        "assistant.threads.setSuggestedPrompts",
        &["channel_id", "prompts"],
        &["title"],
    ),
];
/// The scopes that methods need; those that are not named need none.
const SCOPES: &[(&str, &str)] = &[
    ("assistant.threads.setStatus", "chat:write"),
    ("assistant.threads.setSuggestedPrompts", "chat:write"),
    ("chat.postEphemeral", "chat:write"),
    ("chat.postMessage", "chat:write"),
    ("chat.unfurl", "links:write"),
    ("conversations.info", "channels:read"),
    ("conversations.members", "channels:read"),
    ("conversations.open", "im:write"),
    ("users.info", "users:read"),
];
/// Methods that read forms only.
const FORMS_ONLY: &[&str] = &["users.info", "conversations.info", "conversations.members"];

impl Slack {
    pub(super) fn answer_call(
        &self,
        method: &str,
        token: &str,
        is_json: bool,
        body: &Value,
    ) -> Value {
        let mut call = Call {
            method: method.to_owned(),
            token: token.to_owned(),
            body: body.clone(),
        };
        let Some((_, required, optional)) = METHODS.iter().find(|(name, ..)| *name == method)
        else {
            return self.fault(method, "there is no such method here");
        };
        if is_json && FORMS_ONLY.contains(&method) {
            call.body = json!({});
        }
        self.state().calls.push(call);
        let team = {
            let state = self.state();
            if state.expired.contains(token) {
                return refused("token_expired");
            }
            match state.tokens.get(token) {
                Some(team) => team.clone(),
                None => return refused("invalid_auth"),
            }
        };
        let needed = SCOPES.iter().find(|(name, _)| *name == method);
        if let Some((_, scope)) = needed
            && !self.state().scopes.contains(*scope)
        {
            return self.fault(
                method,
                &format!("missing_scope: {scope} was never asked for"),
            );
        }
        if let Err(fault) = check::members(body, required, optional) {
            return self.fault(method, &fault);
        }
        if let Err(fault) = contents(method, body) {
            return self.fault(method, &fault);
        }
        self.carry_out(method, &team, token, body)
    }

    fn carry_out(&self, method: &str, team: &str, token: &str, body: &Value) -> Value {
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        let number = self.number();
        match method {
            "auth.test" => {
                json!({"ok": true, "url": "https://westmark.slack.com/", "team": "Westmark University", "team_id": team, "user": "habeo",
                "user_id": BOT, "bot_id": "B0HABEO"})
            }
            "auth.revoke" => {
                self.state().tokens.remove(token);
                json!({"ok": true, "revoked": true})
            }
            "chat.postMessage" => {
                json!({"ok": true, "channel": text("channel"), "ts": format!("1767225601.{number:06}")})
            }
            "chat.postEphemeral" => {
                json!({"ok": true, "message_ts": format!("1767225601.{number:06}")})
            }
            "views.open" | "views.push" => {
                if !self.state().triggers.remove(&text("trigger_id")) {
                    return refused("expired_trigger_id");
                }
                json!({"ok": true, "view": {"id": format!("V0{number}"), "type": "modal"}})
            }
            "users.info" => match self.state().users.get(&text("user")) {
                Some(user) => json!({"ok": true, "user": user}),
                None => refused("user_not_found"),
            },
            "conversations.info" => {
                let told = self.state().channels.get(&text("channel")).cloned();
                let mut channel = told.map_or_else(|| json!({}), |(info, _)| info);
                channel["id"] = json!(text("channel"));
                json!({"ok": true, "channel": channel})
            }
            "conversations.members" => {
                let told = self.state().channels.get(&text("channel")).cloned();
                let members = told.map_or_else(|| vec![BOT.to_owned()], |(_, members)| members);
                let limit = text("limit").parse().unwrap_or(usize::MAX);
                let more = if members.len() > limit { "more" } else { "" };
                let page: Vec<&String> = members.iter().take(limit).collect();
                json!({"ok": true, "members": page, "response_metadata": {"next_cursor": more}})
            }
            "conversations.open" => {
                json!({"ok": true, "channel": {"id": format!("D{}", text("users"))}})
            }
            _ => json!({"ok": true}),
        }
    }

    /// An answer to an address that came with a command or button.
    pub(super) fn take_hook(&self, path: &str, body: &[u8]) -> Response {
        if let Some(super::Failure::Status(status)) = self.failure("response_url") {
            return StatusCode::from_u16(status)
                .unwrap_or(StatusCode::NOT_FOUND)
                .into();
        }
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let checked = check::members(
            &body,
            &["text"],
            &["blocks", "response_type", "replace_original"],
        )
        .and_then(|()| check::message(&body));
        if let Err(fault) = checked {
            self.fault("response_url", &fault);
            return StatusCode::BAD_REQUEST.into();
        }
        self.state().hooks.push(Call {
            method: path.to_owned(),
            token: String::new(),
            body,
        });
        Response::builder().body("ok")
    }

    /// Notes what Slack would refuse, and refuses it.
    pub(super) fn fault(&self, method: &str, fault: &str) -> Value {
        self.state().faults.push(format!("{method}: {fault}"));
        json!({"ok": false, "error": "invalid_arguments", "response_metadata": {"messages": [fault]}})
    }
}

fn contents(method: &str, body: &Value) -> Result<(), String> {
    match method {
        "chat.postMessage" | "chat.postEphemeral" => check::message(body),
        "views.open" | "views.push" | "views.update" => check::view(&body["view"], "modal"),
        "views.publish" => check::view(&body["view"], "home"),
        "chat.unfurl" => {
            let unfurls = body["unfurls"].as_object().ok_or("no unfurls")?;
            unfurls.values().try_for_each(|unfurl| {
                check::members(unfurl, &["blocks", "fallback"], &[])?;
                check::blocks(&unfurl["blocks"], 50)
            })
        }
        "assistant.threads.setSuggestedPrompts" => {
            let prompts = body["prompts"].as_array().ok_or("no prompts")?;
            if !(1..=4).contains(&prompts.len()) {
                return Err(format!("{} prompts", prompts.len()));
            }
            prompts
                .iter()
                .try_for_each(|prompt| check::members(prompt, &["title", "message"], &[]))
        }
        _ => Ok(()),
    }
}
