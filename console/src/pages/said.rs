//! What a page says about what was just done: one of these sentences, named in the address. The address can say nothing else.

use serde::Deserialize;

/// The name of a sentence.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Said {
    #[serde(default)]
    said: String,
}

const SENTENCES: [(&str, &str); 50] = [
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
    (
        "visit_closed",
        "The visit is called off. What the shop still sends of it is not taken.",
    ),
    ("cart_recovered", "The cart is taken."),
    (
        "requisition_submitted",
        "The requisition is handed in. Whoever approves it is told.",
    ),
    (
        "requisition_approved",
        "You approved the requisition, exactly as it was shown.",
    ),
    ("requisition_rejected", "You rejected the requisition."),
    (
        "order_placed",
        "It is ordered, and on its way to the supplier.",
    ),
    (
        "order_sent_again",
        "It is on its way to the supplier once more.",
    ),
    (
        "call_up_kept",
        "The log-in is kept, sealed. It is not shown again.",
    ),
    ("received", "The piece is received. The next one, please."),
    (
        "received_all",
        "The piece is received. Nothing of this order is to come any more.",
    ),
    (
        "received_unlabelled",
        "The piece is received, without a label yet. It stands below until one is fixed to it.",
    ),
    ("labelled", "The label is fixed, and the asset is in stock."),
    (
        "supplier_paused",
        "The supplier is paused: nobody goes to its shop, and none of its documents is taken in.",
    ),
    (
        "supplier_removed",
        "The supplier is removed. What was bought there stays.",
    ),
    (
        "limits",
        "The limits of approval are saved. They hold for what is handed in from now on.",
    ),
    (
        "delegated",
        "It is recorded. Whoever you chose is told nothing by it: tell them yourself.",
    ),
    (
        "delegation_ended",
        "Nobody approves in that place any more by this delegation.",
    ),
    ("requisition_withdrawn", "The requisition is withdrawn."),
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
    (
        "key_revoked",
        "The key is revoked: it opens nothing any more.",
    ),
    (
        "endpoint_paused",
        "The endpoint is paused: it is told of nothing until you resume it.",
    ),
    (
        "endpoint_resumed",
        "The endpoint is told again, from now on.",
    ),
    (
        "endpoint_tested",
        "A test is on its way. Load this page again to see what came of it.",
    ),
    (
        "endpoint_removed",
        "The endpoint is removed. What was on its way is still delivered.",
    ),
    (
        "redelivered",
        "It is being sent once more. Load this page again to see what came of it.",
    ),
    (
        "replaying",
        "The deliveries of that time are being sent once more.",
    ),
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
