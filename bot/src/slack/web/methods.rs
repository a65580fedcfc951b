//! The methods that Habeo calls.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::block::{Message, View};
use super::{Caller, Web, WebError};

/// Nothing of the answer is needed.
#[derive(Debug, Deserialize)]
struct Done {}

/// Who a token speaks as.
#[derive(Debug, Clone, Deserialize)]
pub struct Identity {
    /// The workspace.
    pub team_id: Option<String>,
    /// What it calls itself.
    pub team: Option<String>,
    /// The app's own user.
    pub user_id: Option<String>,
}

/// A message that was posted.
#[derive(Debug, Clone, Deserialize)]
pub struct Posted {
    /// Where.
    pub channel: String,
    /// Its id there.
    pub ts: String,
}

/// What Slack tells of a user.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "as Slack tells it")]
pub struct User {
    /// Their id.
    pub id: String,
    /// Their workspace.
    pub team_id: Option<String>,
    /// Whether they left.
    pub deleted: bool,
    /// Whether they are a bot.
    pub is_bot: bool,
    /// Whether they are a guest in several channels.
    pub is_restricted: bool,
    /// Whether they are a guest in one channel.
    pub is_ultra_restricted: bool,
    /// Whether they are of another organisation.
    pub is_stranger: bool,
    /// Whether they have shown that the address is theirs.
    pub is_email_confirmed: bool,
    /// What they show of themselves.
    pub profile: Profile,
    /// Who they are in an organisation of workspaces.
    pub enterprise_user: Option<EnterpriseUser>,
}

/// What a user shows of themselves.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// Their address.
    pub email: Option<String>,
    /// Their full name.
    pub real_name: Option<String>,
    /// What they are called.
    pub display_name: Option<String>,
}

/// Who a user is in an organisation of workspaces.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct EnterpriseUser {
    /// The organisation.
    pub enterprise_id: Option<String>,
}

impl User {
    /// Whether they belong to the workspace or organisation with this key, in full: no guest, no bot, nobody who left.
    #[must_use]
    pub fn is_member_of(&self, key: &str) -> bool {
        let enterprise = self.enterprise_user.as_ref();
        let enterprise = enterprise.and_then(|user| user.enterprise_id.as_deref());
        let here = self.team_id.as_deref() == Some(key) || enterprise == Some(key);
        let lesser = self.deleted
            || self.is_bot
            || self.is_restricted
            || self.is_ultra_restricted
            || self.is_stranger;
        here && !lesser
    }

    /// Whether they may read what is for members: in full, or as an app that the workspace has let in.
    #[must_use]
    pub fn reads_as_member_of(&self, key: &str) -> bool {
        let as_person = Self {
            is_bot: false,
            ..self.clone()
        };
        as_person.is_member_of(key)
    }

    /// What they are called.
    #[must_use]
    pub fn shown_name(&self) -> &str {
        let profile = &self.profile;
        [&profile.display_name, &profile.real_name]
            .into_iter()
            .filter_map(Option::as_deref)
            .find(|name| !name.trim().is_empty())
            .unwrap_or_default()
    }

    /// Their address, where they have shown that it is theirs.
    #[must_use]
    pub fn confirmed_address(&self) -> Option<&str> {
        let address = self.profile.email.as_deref();
        address.filter(|_| self.is_email_confirmed)
    }
}

/// What Slack tells of a channel.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "as Slack tells it")]
pub struct ChannelInfo {
    /// Whether another organisation shares it.
    pub is_ext_shared: bool,
    /// Whether another organisation has been invited.
    pub is_pending_ext_shared: bool,
    /// Whether other workspaces share it.
    pub is_shared: bool,
    /// Whether those are of the same organisation.
    pub is_org_shared: bool,
}

impl ChannelInfo {
    /// Whether it is one organisation's alone.
    #[must_use]
    pub const fn is_ours(&self) -> bool {
        let foreign = self.is_ext_shared || self.is_pending_ext_shared;
        !foreign && (!self.is_shared || self.is_org_shared)
    }
}

/// Something that can be asked, offered before anything was.
#[derive(Debug, Clone, Serialize)]
pub struct Prompt {
    /// A few words for it.
    pub title: String,
    /// The question.
    pub message: String,
}

impl Web {
    /// Who the token speaks as.
    pub async fn auth_test(&self, caller: &Caller) -> Result<Identity, WebError> {
        self.post(caller, "auth.test", &json!({})).await
    }

    /// Posts a message, below another where a thread is named.
    pub async fn post_message(
        &self,
        caller: &Caller,
        channel: &str,
        thread: Option<&str>,
        message: &Message,
    ) -> Result<Posted, WebError> {
        let mut body = message_to(channel, message);
        body["unfurl_links"] = json!(false);
        body["unfurl_media"] = json!(false);
        if let Some(thread) = thread {
            body["thread_ts"] = json!(thread);
        }
        self.post(caller, "chat.postMessage", &body).await
    }

    /// Posts a message that one user sees.
    pub async fn post_ephemeral(
        &self,
        caller: &Caller,
        channel: &str,
        thread: Option<&str>,
        user: &str,
        message: &Message,
    ) -> Result<(), WebError> {
        let mut body = message_to(channel, message);
        body["user"] = json!(user);
        if let Some(thread) = thread {
            body["thread_ts"] = json!(thread);
        }
        let Done {} = self.post(caller, "chat.postEphemeral", &body).await?;
        Ok(())
    }

    /// Shows what addresses of ours lead to.
    pub async fn unfurl(
        &self,
        caller: &Caller,
        unfurl_id: &str,
        source: &str,
        unfurls: &BTreeMap<String, Message>,
    ) -> Result<(), WebError> {
        let unfurls: BTreeMap<&str, Value> = unfurls
            .iter()
            .map(|(url, shown)| {
                let shown = json!({"blocks": shown.blocks, "fallback": shown.text});
                (url.as_str(), shown)
            })
            .collect();
        let body = json!({"unfurl_id": unfurl_id, "source": source, "unfurls": unfurls});
        let Done {} = self.post(caller, "chat.unfurl", &body).await?;
        Ok(())
    }

    /// Opens a dialog, and says which it is.
    pub async fn open_view(
        &self,
        caller: &Caller,
        trigger: &str,
        view: &View,
    ) -> Result<String, WebError> {
        let body = json!({"trigger_id": trigger, "view": view});
        let opened: Opened = self.post(caller, "views.open", &body).await?;
        Ok(opened.view.id)
    }

    /// Opens a dialog above another, and says which it is.
    pub async fn push_view(
        &self,
        caller: &Caller,
        trigger: &str,
        view: &View,
    ) -> Result<String, WebError> {
        let body = json!({"trigger_id": trigger, "view": view});
        let opened: Opened = self.post(caller, "views.push", &body).await?;
        Ok(opened.view.id)
    }

    /// Shows something else in an open dialog.
    pub async fn update_view(
        &self,
        caller: &Caller,
        view_id: &str,
        view: &View,
    ) -> Result<(), WebError> {
        let body = json!({"view_id": view_id, "view": view});
        let Done {} = self.post(caller, "views.update", &body).await?;
        Ok(())
    }

    /// Shows somebody's own page.
    pub async fn publish_view(
        &self,
        caller: &Caller,
        user: &str,
        view: &View,
    ) -> Result<(), WebError> {
        let body = json!({"user_id": user, "view": view});
        let Done {} = self.post(caller, "views.publish", &body).await?;
        Ok(())
    }

    /// What Slack tells of a user.
    pub async fn user(&self, caller: &Caller, user: &str) -> Result<User, WebError> {
        let found: FoundUser = self.ask(caller, "users.info", &[("user", user)]).await?;
        Ok(found.user)
    }

    /// What Slack tells of a channel.
    pub async fn channel(&self, caller: &Caller, channel: &str) -> Result<ChannelInfo, WebError> {
        let form = [("channel", channel)];
        let found: FoundChannel = self.ask(caller, "conversations.info", &form).await?;
        Ok(found.channel)
    }

    /// The members of a channel; none where there are more than so many.
    pub async fn members(
        &self,
        caller: &Caller,
        channel: &str,
        most: usize,
    ) -> Result<Option<Vec<String>>, WebError> {
        let limit = most.to_string();
        let form = [("channel", channel), ("limit", &limit)];
        let found: FoundMembers = self.ask(caller, "conversations.members", &form).await?;
        let all = found.response_metadata.next_cursor.is_empty();
        Ok((all && found.members.len() <= most).then_some(found.members))
    }

    /// The direct conversation with a user.
    pub async fn open_conversation(&self, caller: &Caller, user: &str) -> Result<String, WebError> {
        let body = json!({ "users": user });
        let opened: OpenedConversation = self.post(caller, "conversations.open", &body).await?;
        Ok(opened.channel.id)
    }

    /// Shows that we are at work on an answer.
    pub async fn set_status(
        &self,
        caller: &Caller,
        channel: &str,
        thread: &str,
        status: &str,
    ) -> Result<(), WebError> {
        let body = json!({"channel_id": channel, "thread_ts": thread, "status": status});
        let method = "assistant.threads.setStatus";
        let Done {} = self.post(caller, method, &body).await?;
        Ok(())
    }

    /// Offers questions. Never with a thread: with one, the call silently has no effect.
    pub async fn suggest(
        &self,
        caller: &Caller,
        channel: &str,
        prompts: &[Prompt],
    ) -> Result<(), WebError> {
        let body = json!({"channel_id": channel, "prompts": prompts});
        let method = "assistant.threads.setSuggestedPrompts";
        let Done {} = self.post(caller, method, &body).await?;
        Ok(())
    }

    /// Takes a token back.
    pub async fn revoke(&self, caller: &Caller) -> Result<(), WebError> {
        let none: [(&str, &str); 0] = [];
        let Done {} = self.ask(caller, "auth.revoke", &none).await?;
        Ok(())
    }
}

fn message_to(channel: &str, message: &Message) -> Value {
    json!({"channel": channel, "text": message.text, "blocks": message.blocks})
}

#[derive(Debug, Deserialize)]
struct Opened {
    view: OpenedView,
}

#[derive(Debug, Deserialize)]
struct OpenedView {
    id: String,
}

#[derive(Debug, Deserialize)]
struct FoundUser {
    user: User,
}

#[derive(Debug, Deserialize)]
struct FoundChannel {
    channel: ChannelInfo,
}

#[derive(Debug, Deserialize)]
struct FoundMembers {
    members: Vec<String>,
    #[serde(default)]
    response_metadata: Metadata,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Metadata {
    next_cursor: String,
}

#[derive(Debug, Deserialize)]
struct OpenedConversation {
    channel: OpenedChannel,
}

#[derive(Debug, Deserialize)]
struct OpenedChannel {
    id: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_is_ours_unless_another_organisation_is_in_it_or_invited() {
        let ours = |value: Value| {
            let channel: ChannelInfo = serde_json::from_value(value).expect("a channel");
            channel.is_ours()
        };
        assert!(ours(json!({"id": "C1"})));
        assert!(ours(json!({"is_shared": true, "is_org_shared": true})));
        for flag in ["is_ext_shared", "is_pending_ext_shared", "is_shared"] {
            assert!(!ours(json!({ flag: true })), "{flag}");
        }
    }

    #[test]
    fn members_are_neither_guests_nor_strangers() {
        let user = |value: Value| serde_json::from_value::<User>(value).expect("a user");
        let member = json!({"id": "U1", "team_id": "T1", "is_email_confirmed": true});
        assert!(user(member.clone()).is_member_of("T1"));
        assert!(!user(member.clone()).is_member_of("T2"));
        for flag in [
            "deleted",
            "is_bot",
            "is_restricted",
            "is_ultra_restricted",
            "is_stranger",
        ] {
            let mut lesser = member.clone();
            lesser[flag] = json!(true);
            assert!(!user(lesser).is_member_of("T1"), "{flag}");
        }
        let of_enterprise =
            json!({"id": "W1", "team_id": "T9", "enterprise_user": {"enterprise_id": "E1"}});
        assert!(user(of_enterprise).is_member_of("E1"));
        assert!(!user(json!({})).is_member_of("T1"));
    }
}
