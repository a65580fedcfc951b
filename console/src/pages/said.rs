//! What a page says about what was just done: one of these sentences, named in the address. The address can say nothing else.

use serde::Deserialize;

/// The name of a sentence.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Said {
    #[serde(default)]
    said: String,
}

const SENTENCES: [(&str, &str); 25] = [
    (
        "app_suspended",
        "The app is suspended: it gets nothing until you let it work again.",
    ),
    ("app_resumed", "The app works again."),
    (
        "app_uninstalled",
        "The app is uninstalled. None of its tokens is accepted any more.",
    ),
    (
        "linked",
        "Your chat account is linked. Go back to the chat and ask away.",
    ),
    ("unlinked", "The chat account is no longer linked."),
    ("slack_connected", "Slack is connected."),
    ("teams_connected", "Teams is connected."),
    (
        "teams_pending",
        "Consent was given. The connection is complete as soon as it is shown that the tenant is yours.",
    ),
    (
        "disconnected",
        "The workspace is disconnected, and everybody's link through it has ended.",
    ),
    ("saved", "The settings are saved."),
    ("notices", "From now on you are told as you have chosen."),
    (
        "subscribed",
        "The channel will be told. The first digest tells of what changes from now on.",
    ),
    ("unsubscribed", "The channel is not told any more."),
    (
        "connection_paused",
        "The connection is paused: nothing that is sent to it is taken in until you resume it.",
    ),
    (
        "connection_resumed",
        "The connection takes in again what is sent to it.",
    ),
    (
        "connection_removed",
        "The connection is removed. What it reported stays.",
    ),
    ("rotation_ended", "Only the present secret is accepted now."),
    (
        "replayed",
        "The delivery is being worked off again. Load this page again to see what came of it.",
    ),
    (
        "merged",
        "The records are merged. What the others were known by leads to the one that stays.",
    ),
    (
        "kept_apart",
        "The assets are kept apart. The same report opens no case again.",
    ),
    (
        "ignored",
        "Nothing follows. The same report opens no case again.",
    ),
    (
        "undone",
        "The decision is taken back; the case is open again.",
    ),
    ("accepted", "The asset is handed over."),
    ("declined", "The asset stays where it is."),
    ("policy", "The policy of the unit is saved."),
];

impl Said {
    /// The sentence, where the name is known.
    pub(crate) fn sentence(&self) -> Option<&'static str> {
        SENTENCES
            .iter()
            .find(|(name, _)| *name == self.said)
            .map(|(_, sentence)| *sentence)
    }
}
