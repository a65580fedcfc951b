//! What stands on a lock screen: a verb, the asset's label and its model. No name of a person, no serial number, no word that somebody wrote.

use std::fmt;

use expo_push_notification_client::{ExpoPushMessage, Priority};
use habeo_core::id::TicketId;
use habeo_core::notice::Notice;
use habeo_core::notice::present::ToPhone;
use habeo_core::time::{SECOND_MICROS, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;

/// The most bytes of a message without its token: what Apple and Google take.
pub(crate) const BYTES_MAX: usize = 4_096;
/// How long a notice may be on its way, where nothing ends sooner.
const LIFE_SECONDS: u64 = 24 * 3_600;
/// And at least.
const LIFE_SECONDS_MIN: u64 = 3_600;

/// A message to one phone. It shows nothing of its token.
pub(crate) struct Outgoing {
    /// The phone's token, by which the service may name it.
    pub token: SecretString,
    message: ExpoPushMessage,
}

impl Outgoing {
    /// A message to somebody that says nothing.
    #[cfg(test)]
    pub fn plain(token: SecretString) -> Option<Self> {
        let message = ExpoPushMessage::builder([token.expose_secret()])
            .build()
            .ok()?;
        Some(Self { token, message })
    }

    /// As the service takes it.
    pub const fn message(&self) -> &ExpoPushMessage {
        &self.message
    }
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing").finish_non_exhaustive()
    }
}

/// What the app is told of what to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Data {
    #[serde(rename = "type")]
    kind: &'static str,
    id: String,
}

/// What a notice is on a phone.
#[derive(Debug)]
struct Face {
    /// What happened.
    title: &'static str,
    data: Data,
    /// Android shows it as the app's channel of this name says.
    channel: &'static str,
    /// Whether it may light up the screen.
    urgent: bool,
    /// What a later one of the same name takes the place of.
    state: String,
    /// How long it is worth being told.
    life_seconds: u64,
}

fn face(told: &ToPhone, now: Timestamp) -> Option<Face> {
    let asset = told.asset.id;
    let of_asset = |title, kind, channel, urgent| Face {
        title,
        data: Data {
            kind,
            id: asset.to_string(),
        },
        channel,
        urgent,
        state: format!("asset:{asset}"),
        life_seconds: LIFE_SECONDS,
    };
    Some(match told.notice {
        Notice::HandedToYou { .. } => of_asset("Handed to you", "asset.assigned", "custody", true),
        Notice::DueSoon { due_at, .. } => Face {
            life_seconds: until(now, due_at),
            state: format!("due:{asset}"),
            ..of_asset("Due back soon", "asset.due_soon", "custody", false)
        },
        Notice::TicketOnYours { ticket, .. } => of_ticket(ticket),
        Notice::SeenElsewhere { .. } => Face {
            state: format!("seen:{asset}"),
            ..of_asset("Scanned elsewhere", "asset.seen_elsewhere", "scans", true)
        },
        Notice::SeatsExceeded
        | Notice::EndpointDisabled { .. }
        | Notice::RequisitionWaits { .. }
        | Notice::RequisitionDecided { .. }
        | Notice::OrderStopped { .. }
        | Notice::OrderRejected { .. }
        | Notice::Digest { .. } => {
            return None;
        }
    })
}

fn of_ticket(ticket: TicketId) -> Face {
    Face {
        title: "Ticket opened",
        data: Data {
            kind: "ticket.opened",
            id: ticket.to_string(),
        },
        channel: "tickets",
        urgent: false,
        state: format!("ticket:{ticket}"),
        life_seconds: LIFE_SECONDS,
    }
}

/// A loan that has ended is not about to end.
fn until(now: Timestamp, due_at: Timestamp) -> u64 {
    let seconds = (due_at.micros() - now.micros()) / SECOND_MICROS;
    u64::try_from(seconds)
        .unwrap_or(0)
        .clamp(LIFE_SECONDS_MIN, 2 * LIFE_SECONDS)
}

/// The label and the model, as far as there are any.
fn called(tag: Option<&str>, model: Option<&str>) -> String {
    match (tag, model) {
        (Some(tag), Some(model)) => format!("{tag} · {model}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "An asset without a label".to_owned(),
    }
}

/// Writes the message of a notice. None where it is nothing for a phone.
pub(crate) fn write(told: &ToPhone, token: SecretString, now: Timestamp) -> Option<Outgoing> {
    let face = face(told, now)?;
    let asset = &told.asset;
    let mut text = called(asset.tag.as_deref(), asset.model_name.as_deref());
    loop {
        let message = compose(&face, &token, &text)?;
        let over = bytes(&message, &token)?.saturating_sub(BYTES_MAX);
        if over == 0 {
            return Some(Outgoing { token, message });
        }
        text = shorter(&text, over)?;
    }
}

/// At least so many bytes less, cut between characters; none where nothing would be left.
fn shorter(text: &str, by: usize) -> Option<String> {
    // Room for the mark of what is missing.
    let mut end = text.len().checked_sub(by + '…'.len_utf8())?;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    (end > 0).then(|| format!("{}…", &text[..end]))
}

fn compose(face: &Face, token: &SecretString, text: &str) -> Option<ExpoPushMessage> {
    let priority = if face.urgent {
        Priority::High
    } else {
        Priority::Normal
    };
    ExpoPushMessage::builder([token.expose_secret()])
        .title(face.title)
        .body(text)
        .data(&face.data)
        .ok()?
        .priority(priority)
        .ttl(face.life_seconds)
        .channel_id(face.channel)
        .collapse_id(face.state.as_str())
        .tag(face.state.as_str())
        .build()
        .ok()
}

/// What a message takes of what a maker's service carries, by bytes and not by characters: all of it but the token.
fn bytes(message: &ExpoPushMessage, token: &SecretString) -> Option<usize> {
    let whole = serde_json::to_vec(message).ok()?.len();
    Some(whole.saturating_sub(token.expose_secret().len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> SecretString {
        SecretString::from("ExponentPushToken[abc]".to_owned())
    }

    fn fitting(text: &str) -> ExpoPushMessage {
        let face = of_ticket(
            "00000000-0000-0000-0000-000000000000"
                .parse()
                .expect("an id"),
        );
        let mut text = text.to_owned();
        loop {
            let message = compose(&face, &token(), &text).expect("a message");
            let over = bytes(&message, &token())
                .expect("bytes")
                .saturating_sub(BYTES_MAX);
            if over == 0 {
                return message;
            }
            text = shorter(&text, over).expect("something is left");
        }
    }

    #[test]
    fn a_message_says_a_verb_a_label_and_a_model() {
        let message = fitting(&called(Some("WMK-000417"), Some("Slate 14")));
        let value = serde_json::to_value(&message).expect("JSON");
        let nil = "00000000-0000-0000-0000-000000000000";
        assert_eq!(
            value,
            serde_json::json!({
                "to": ["ExponentPushToken[abc]"], "title": "Ticket opened", "body": "WMK-000417 · Slate 14",
                "data": {"type": "ticket.opened", "id": nil}, "priority": "normal", "ttl": 86_400, "channelId": "tickets",
                "collapseId": format!("ticket:{nil}"), "tag": format!("ticket:{nil}"),
            })
        );
    }

    #[test]
    fn what_is_called_nothing_is_called_an_asset() {
        assert_eq!(called(Some("A-1"), None), "A-1");
        assert_eq!(called(None, Some("Slate 14")), "Slate 14");
        assert_eq!(called(None, None), "An asset without a label");
    }

    #[test]
    fn the_limit_counts_bytes() {
        for unit in ["a", "ä", "漢", "😀"] {
            for length in [10, 900, 1_300, 2_000, 3_800, 4_096, 5_000] {
                let text = unit.repeat(length);
                let value = serde_json::to_value(fitting(&text)).expect("JSON");
                let whole = serde_json::to_vec(&value).expect("JSON").len();
                let body = value["body"].as_str().expect("a body");
                let limit = BYTES_MAX + token().expose_secret().len();
                assert!(whole <= limit, "{unit} {length}: {whole}");
                let cut = body.ends_with('…');
                assert_eq!(cut, body != text, "{unit} {length}");
                // Nothing is cut that would have fitted.
                assert!(!cut || whole > limit - 8, "{unit} {length}: {whole}");
            }
        }
    }

    #[test]
    fn a_notice_of_an_end_lives_until_then() {
        let now = Timestamp::from_seconds(1_000_000);
        for (seconds, life) in [(-5, 3_600), (60, 3_600), (7_200, 7_200), (900_000, 172_800)] {
            let due_at = now.plus_micros(seconds * SECOND_MICROS);
            assert_eq!(until(now, due_at), life, "{seconds}");
        }
    }
}
