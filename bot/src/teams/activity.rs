//! What the channel sends: activities, as far as they are read. Ids are opaque texts; what is unknown is passed over.

use serde::Deserialize;
use serde_json::Value;

/// The most bytes of an id, of a tenant, of a conversation, of a user.
const ID_BYTES_MAX: usize = 512;
/// The most bytes by which a user or a tenant is known elsewhere in Habeo.
const NAME_BYTES_MAX: usize = 128;
/// The channel that is Teams.
pub const CHANNEL: &str = "msteams";

/// Something that happened in a conversation.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Activity {
    /// What kind of thing.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its id within the conversation.
    pub id: Option<String>,
    /// What is invoked.
    pub name: Option<String>,
    /// What became of the installation.
    pub action: Option<String>,
    /// Over which channel it came.
    pub channel_id: Option<String>,
    /// Where answers go.
    pub service_url: Option<String>,
    /// Who did it.
    pub from: Option<Account>,
    /// Whom it was sent to: the bot.
    pub recipient: Option<Account>,
    /// Where it happened.
    pub conversation: Option<Conversation>,
    /// What was said.
    pub text: Option<String>,
    /// How the text is written.
    pub text_format: Option<String>,
    /// Which earlier activity it belongs to.
    pub reply_to_id: Option<String>,
    /// The language of whoever did it.
    pub locale: Option<String>,
    /// What a button or an invocation carries.
    pub value: Option<Value>,
    /// What the channel adds.
    pub channel_data: Option<Value>,
    /// What is mentioned, among other things.
    pub entities: Option<Vec<Value>>,
    /// Who came.
    pub members_added: Option<Vec<Account>>,
    /// Who went.
    pub members_removed: Option<Vec<Account>>,
}

/// Somebody, or the bot.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Account {
    /// The address within the channel.
    pub id: String,
    /// The name that is shown. It proves nothing.
    pub name: Option<String>,
    /// The id in the tenant's directory.
    pub aad_object_id: Option<String>,
    /// The tenant, where it is said.
    pub tenant_id: Option<String>,
    /// `user`, or something that is none.
    pub role: Option<String>,
}

/// Where something happened.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Conversation {
    /// Its id.
    pub id: String,
    /// `personal`, `groupChat` or `channel`.
    pub conversation_type: Option<String>,
    /// The tenant.
    pub tenant_id: Option<String>,
    /// What it is called; rarely said.
    pub name: Option<String>,
}

/// What is wrong with an activity that a token vouches for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// A member that every activity has is missing, empty or too long.
    Incomplete,
    /// It names two tenants.
    TwoTenants,
}

impl Activity {
    /// Where it happened, within bounds.
    pub fn place(&self) -> Result<&Conversation, Flaw> {
        let conversation = self.conversation.as_ref().ok_or(Flaw::Incomplete)?;
        if fits(&conversation.id, ID_BYTES_MAX) {
            Ok(conversation)
        } else {
            Err(Flaw::Incomplete)
        }
    }

    /// Its id, within bounds.
    pub fn key(&self) -> Result<&str, Flaw> {
        let id = self.id.as_deref().unwrap_or_default();
        if fits(id, ID_BYTES_MAX) {
            Ok(id)
        } else {
            Err(Flaw::Incomplete)
        }
    }

    /// The tenant in which it happened: both places that may name it have to agree.
    pub fn tenant(&self) -> Result<&str, Flaw> {
        let conversation = self
            .conversation
            .as_ref()
            .and_then(|conversation| conversation.tenant_id.as_deref());
        let channel = self
            .channel_data
            .as_ref()
            .and_then(|data| data.pointer("/tenant/id"))
            .and_then(Value::as_str);
        let tenant = match (conversation, channel) {
            (Some(one), Some(other)) if !one.eq_ignore_ascii_case(other) => {
                return Err(Flaw::TwoTenants);
            }
            (Some(tenant), _) | (None, Some(tenant)) => tenant,
            (None, None) => return Err(Flaw::Incomplete),
        };
        if fits(tenant, NAME_BYTES_MAX) {
            Ok(tenant)
        } else {
            Err(Flaw::Incomplete)
        }
    }

    /// What the place is called, where this activity says it: team and channel, or the name of a group chat.
    #[must_use]
    pub fn place_name(&self) -> Option<String> {
        let said = |path: &str| {
            let data = self.channel_data.as_ref()?;
            data.pointer(path)?.as_str().filter(|name| !name.is_empty())
        };
        match (said("/team/name"), said("/channel/name")) {
            (Some(team), Some(channel)) => Some(format!("{team} › {channel}")),
            (Some(team), None) => Some(team.to_owned()),
            (None, Some(channel)) => Some(channel.to_owned()),
            (None, None) => self.conversation.as_ref()?.name.clone(),
        }
    }

    /// The address of the bot within the channel: what is mentioned when it is, and what is added when it is.
    #[must_use]
    pub fn own_id(&self) -> &str {
        self.recipient
            .as_ref()
            .map(|account| account.id.as_str())
            .unwrap_or_default()
    }

    /// Whether only its sender reads along.
    #[must_use]
    pub fn is_personal(&self) -> bool {
        self.conversation
            .as_ref()
            .and_then(|conversation| conversation.conversation_type.as_deref())
            == Some("personal")
    }

    /// Whether the channel is one that members of other tenants can be let into.
    #[must_use]
    pub fn is_in_shared_channel(&self) -> bool {
        let data = self.channel_data.as_ref();
        let kind = data.and_then(|data| data.pointer("/channel/type"));
        kind.and_then(Value::as_str)
            .is_some_and(|kind| kind.eq_ignore_ascii_case("shared"))
    }

    /// Who did it, by the id in the tenant's directory.
    #[must_use]
    pub fn sender(&self) -> Option<Sender<'_>> {
        let account = self.from.as_ref()?;
        let object_id = account.aad_object_id.as_deref()?;
        let usable = fits(object_id, NAME_BYTES_MAX) && fits(&account.id, ID_BYTES_MAX);
        usable.then_some(Sender { account, object_id })
    }

    /// Whether one of these is the bot itself.
    #[must_use]
    pub fn concerns_bot(&self, members: Option<&Vec<Account>>) -> bool {
        let own = self.own_id();
        !own.is_empty() && members.is_some_and(|members| members.iter().any(|one| one.id == own))
    }
}

/// Somebody who did something.
#[derive(Debug, Clone, Copy)]
pub struct Sender<'a> {
    /// As the activity names them.
    pub account: &'a Account,
    /// Their id in the tenant's directory.
    pub object_id: &'a str,
}

impl Sender<'_> {
    /// Whether the activity itself says that they belong to another tenant, or are no person.
    #[must_use]
    pub fn is_foreign(&self, tenant: &str) -> bool {
        let other = |own: &String| !own.eq_ignore_ascii_case(tenant);
        let no_user = |role: &String| !role.is_empty() && role != "user";
        self.account.tenant_id.as_ref().is_some_and(other)
            || self.account.role.as_ref().is_some_and(no_user)
    }
}

impl Conversation {
    /// Its id without the message whose thread it is: what members and notices are asked for.
    #[must_use]
    pub fn without_thread(&self) -> &str {
        self.id
            .split_once(";messageid=")
            .map_or(self.id.as_str(), |(id, _)| id)
    }
}

fn fits(text: &str, bytes_max: usize) -> bool {
    !text.is_empty() && text.len() <= bytes_max && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn activity(value: Value) -> Activity {
        serde_json::from_value(value).expect("an activity")
    }

    #[test]
    fn both_names_of_a_tenant_agree_or_nothing_is_believed() {
        let of = |conversation: Value, data: Value| {
            let value = json!({"type": "message", "conversation": {"id": "c", "tenantId": conversation}, "channelData": data});
            activity(value).tenant().map(ToOwned::to_owned)
        };
        let data = |tenant: &str| json!({"tenant": {"id": tenant}});
        assert_eq!(of(json!("t"), data("t")).as_deref(), Ok("t"));
        assert_eq!(of(json!("t"), data("T")).as_deref(), Ok("t"));
        assert_eq!(of(json!("t"), Value::Null).as_deref(), Ok("t"));
        assert_eq!(of(Value::Null, data("t")).as_deref(), Ok("t"));
        assert_eq!(of(json!("t"), data("other")), Err(Flaw::TwoTenants));
        assert_eq!(of(Value::Null, json!({})), Err(Flaw::Incomplete));
        assert_eq!(of(json!(""), Value::Null), Err(Flaw::Incomplete));
        assert_eq!(
            of(json!("t".repeat(129)), Value::Null),
            Err(Flaw::Incomplete)
        );
    }

    #[test]
    fn nulls_numbers_and_unknown_members_do_not_matter() {
        let read = activity(json!({
            "type": "message", "text": null, "value": {"n": 1.5}, "entities": null, "brandNew": {"x": [1]},
            "from": {"id": "29:a", "aadObjectId": null}, "conversation": {"id": "c", "isGroup": true, "name": null},
        }));
        assert!(read.sender().is_none());
        assert!(read.place().is_ok());
        assert_eq!(read.key(), Err(Flaw::Incomplete));
    }

    #[test]
    fn a_thread_is_not_part_of_its_channel() {
        let conversation = Conversation {
            id: "19:abc@thread.tacv2;messageid=1767".to_owned(),
            ..Conversation::default()
        };
        assert_eq!(conversation.without_thread(), "19:abc@thread.tacv2");
    }

    #[test]
    fn whoever_is_of_another_tenant_says_so() {
        let account = |tenant: Option<&str>, role: Option<&str>| Account {
            id: "29:a".to_owned(),
            tenant_id: tenant.map(ToOwned::to_owned),
            role: role.map(ToOwned::to_owned),
            ..Account::default()
        };
        let foreign = |account: &Account| {
            let object_id = "o";
            Sender { account, object_id }.is_foreign("t")
        };
        assert!(!foreign(&account(None, None)));
        assert!(!foreign(&account(Some("T"), Some("user"))));
        assert!(foreign(&account(Some("other"), None)));
        assert!(foreign(&account(None, Some("bot"))));
    }
}
