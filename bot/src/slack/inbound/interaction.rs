//! Interactivity and the loading of options: a form with one field that holds JSON.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Action, Origin, Picked, or_default};

/// What somebody did with something of ours.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Interaction {
    /// `block_actions`, `view_submission`, `shortcut`, `message_action`, `block_suggestion`, or something yet to come.
    #[serde(rename = "type")]
    pub kind: String,
    /// Who.
    #[serde(deserialize_with = "or_default")]
    pub user: Sender,
    /// In which workspace; null at the level of an organisation.
    pub team: Option<Named>,
    /// In which organisation of workspaces.
    pub enterprise: Option<Named>,
    /// Whether the app is installed in that organisation as a whole.
    #[serde(deserialize_with = "or_default")]
    pub is_enterprise_install: bool,
    /// The app.
    pub api_app_id: Option<String>,
    /// Lets a dialog be opened within three seconds.
    pub trigger_id: Option<String>,
    /// Which shortcut.
    #[serde(deserialize_with = "or_default")]
    pub callback_id: String,
    /// Where the message can be answered or replaced.
    pub response_url: Option<String>,
    /// What was pressed or picked.
    #[serde(deserialize_with = "or_default")]
    pub actions: Vec<Action>,
    /// In which dialog or page.
    pub view: Option<View>,
    /// On which message.
    pub message: Option<MessageSeen>,
    /// In which channel.
    pub channel: Option<Named>,
    /// In what the element stands.
    #[serde(deserialize_with = "or_default")]
    pub container: Container,
    /// Which element asks for options.
    #[serde(deserialize_with = "or_default")]
    pub action_id: String,
    /// What was typed into it.
    #[serde(deserialize_with = "or_default")]
    pub value: String,
}

/// Who did something.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Sender {
    /// Their id.
    #[serde(deserialize_with = "or_default")]
    pub id: String,
    /// Their own workspace, which is another in shared channels.
    pub team_id: Option<String>,
    /// What they are called.
    #[serde(deserialize_with = "or_default")]
    pub name: String,
}

/// Something with an id: a workspace, a channel.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Named {
    /// Its id.
    #[serde(deserialize_with = "or_default")]
    pub id: String,
    /// The organisation of a workspace.
    pub enterprise_id: Option<String>,
}

/// A dialog or page of ours.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct View {
    /// Its id.
    #[serde(deserialize_with = "or_default")]
    pub id: String,
    /// `modal` or `home`.
    #[serde(rename = "type", deserialize_with = "or_default")]
    pub kind: String,
    /// What it is for.
    #[serde(deserialize_with = "or_default")]
    pub callback_id: String,
    /// What we gave along.
    #[serde(deserialize_with = "or_default")]
    pub private_metadata: String,
    /// Which state of it this is.
    pub hash: Option<String>,
    /// What was entered.
    #[serde(deserialize_with = "or_default")]
    pub state: ViewState,
}

/// What was entered: block → element → value.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ViewState {
    /// By block, then by element.
    #[serde(deserialize_with = "or_default")]
    pub values: BTreeMap<String, BTreeMap<String, Picked>>,
}

/// The message on which something was done.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct MessageSeen {
    /// Its text.
    #[serde(deserialize_with = "or_default")]
    pub text: String,
    /// Its id in the channel.
    #[serde(deserialize_with = "or_default")]
    pub ts: String,
    /// The thread it stands in.
    pub thread_ts: Option<String>,
}

/// In what an element stands.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Container {
    /// Whether only one user sees it.
    #[serde(deserialize_with = "or_default")]
    pub is_ephemeral: bool,
    /// The thread in which it stands.
    pub thread_ts: Option<String>,
}

#[derive(Deserialize)]
struct Form {
    payload: String,
}

impl Interaction {
    /// Reads the body of a request; none where it is no form with a payload.
    #[must_use]
    pub fn read(body: &[u8]) -> Option<Self> {
        let form: Form = serde_urlencoded::from_bytes(body).ok()?;
        serde_json::from_str(&form.payload).ok()
    }

    /// From where it came.
    #[must_use]
    pub fn origin(&self) -> Origin {
        let team = self.team.as_ref();
        let of_team = team.and_then(|team| team.enterprise_id.clone());
        Origin {
            app: self.api_app_id.clone(),
            team: team.map(|team| team.id.clone()),
            enterprise: self
                .enterprise
                .as_ref()
                .map(|named| named.id.clone())
                .or(of_team),
            org_wide: self.is_enterprise_install,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(payload: &serde_json::Value) -> Option<Interaction> {
        let body = serde_urlencoded::to_string([("payload", payload.to_string())]).expect("a form");
        Interaction::read(body.as_bytes())
    }

    #[test]
    fn what_is_null_is_absent() {
        let pressed = read(&json!({"type": "block_actions", "user": {"id": "W1", "team_id": null}, "team": null,
            "enterprise": {"id": "E1", "name": "System"}, "is_enterprise_install": true, "view": null, "message": null, "channel": null,
            "actions": [{"type": "button", "action_id": "press:0", "block_id": null, "value": "v"}]}))
        .expect("a payload");
        assert_eq!(pressed.origin().keys(), ["E1"]);
        assert_eq!(pressed.actions[0].picked.text().as_deref(), Some("v"));
        assert!(read(&json!({"type": "yet_to_come"})).is_some());
        assert!(Interaction::read(b"payload=%7B").is_none());
        assert!(Interaction::read(b"").is_none());
    }

    #[test]
    fn every_kind_of_element_gives_its_text() {
        for (picked, text) in [
            (json!({"value": "typed"}), Some("typed")),
            (json!({"value": null}), None),
            (json!({"value": ""}), None),
            (
                json!({"selected_option": {"value": "p1", "text": {}}}),
                Some("p1"),
            ),
            (json!({"selected_option": null}), None),
            (
                json!({"selected_options": [{"value": "a"}, {"value": "b"}]}),
                Some("a,b"),
            ),
            (json!({"selected_date": "2026-01-31"}), Some("2026-01-31")),
            (json!({"selected_user": "U1"}), Some("U1")),
        ] {
            let read: Picked = serde_json::from_value(picked.clone()).expect("an element");
            assert_eq!(read.text().as_deref(), text, "{picked}");
        }
    }
}
