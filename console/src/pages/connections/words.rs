//! What the pages of connections say: systems, proofs and outcomes in words for administrators.

use habeo_core::connection::{Algorithm, Connection, Proof, Provider, Refused, Status};
use habeo_core::inbox::{Delivery, Outcome, Progress};
use habeo_core::time::Timestamp;

use super::form::Mode;

/// A word, and how serious it is.
pub(in crate::pages) type Mark = (&'static str, &'static str);

/// What a system is to Habeo, on its card.
pub(in crate::pages) const fn about(provider: Provider) -> &'static str {
    match provider {
        Provider::Jamf => "Macs, iPads and iPhones: when they are enrolled, check in and leave.",
        Provider::Intune => {
            "Windows, Android and Apple devices, by a runbook, a flow, Microsoft Graph or Event Grid."
        }
        Provider::Kandji => "Apple devices, by a small connector that you run.",
        Provider::ServiceNow => "Incidents, by a business rule.",
        Provider::Freshservice => "Tickets, by a workflow that triggers a webhook.",
        Provider::Jira => {
            "Issues of service projects, by a webhook with a secret or an automation."
        }
    }
}

/// How a connection fares.
pub(in crate::pages) fn state(
    connection: &Connection,
    last_letter: Option<Timestamp>,
    last_refusal: Option<Timestamp>,
) -> Mark {
    match connection.status {
        Status::Removed => ("Removed", "bad"),
        Status::Paused => ("Paused", "warn"),
        Status::Active if last_refusal > last_letter => ("Refused lately", "bad"),
        Status::Active if last_letter.is_none() => ("Waiting for its first letter", "warn"),
        Status::Active => ("Active", "good"),
    }
}

/// How a connection proves itself, in one sentence without its secret.
pub(in crate::pages) fn proof(proof: &Proof) -> String {
    match proof {
        Proof::Hmac {
            header,
            algorithm,
            timestamp_header,
        } => {
            let hash = hash(*algorithm);
            match timestamp_header {
                Some(time) => format!(
                    "By a signature in the header {header}: HMAC-{hash} over the time in the header {time}, a dot, and the body."
                ),
                None => {
                    format!("By a signature in the header {header}: HMAC-{hash} over the body.")
                }
            }
        }
        Proof::Basic { user } => {
            format!("By the user {user} and a password, which is the secret.")
        }
        Proof::Header { header, prefix } if prefix.is_empty() => {
            format!("By the header {header}, which is the secret.")
        }
        Proof::Header { header, prefix } => format!(
            "By the header {header}: the word {}, one blank, and the secret.",
            prefix.trim_end()
        ),
        Proof::ClientState => {
            "By the clientState of each notification of Microsoft Graph, which is the secret."
                .to_owned()
        }
    }
}

/// What is entered at the other end: a name for it, and the text itself.
pub(in crate::pages) fn entered(proof: &Proof, secret: &str) -> Vec<(String, String)> {
    let line = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    match proof {
        Proof::Hmac { .. } => vec![line("Secret of the signature", secret)],
        Proof::Basic { user } => vec![line("User", user), line("Password", secret)],
        Proof::Header { header, prefix } => vec![
            line("Name of the header", header),
            (
                format!("Value of the header {header}"),
                format!("{prefix}{secret}"),
            ),
        ],
        Proof::ClientState => vec![line("clientState of the subscription", secret)],
    }
}

/// A hash by its usual name.
pub(in crate::pages) const fn hash(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Sha256 => "SHA-256",
        Algorithm::Sha512 => "SHA-512",
    }
}

/// Where a way to prove itself is set at the other end.
pub(in crate::pages) const fn hint(provider: Provider, mode: Mode) -> &'static str {
    match (provider, mode) {
        (Provider::Jamf, Mode::Header) => {
            "In Jamf Pro the webhook’s authentication type is “Header Authentication”, with a header that you enter."
        }
        (Provider::Jamf, Mode::Hmac) => {
            "In Jamf Pro it is “Hash signature”. Look up in a test delivery which header carries it: Jamf does not document its name."
        }
        (Provider::Jamf, Mode::Basic) => "In Jamf Pro it is “Basic Authentication”.",
        (Provider::Intune, Mode::Header) => {
            "For a runbook, a flow, a Logic App or an action group, which send a header that you enter."
        }
        (Provider::Intune, Mode::ClientState) => {
            "For subscriptions of Microsoft Graph itself: each notification carries the secret."
        }
        (Provider::Kandji, Mode::Header) => {
            "For a script or an automation that sends a header that you enter."
        }
        (Provider::Kandji, Mode::Hmac) => "For a connector that signs what it sends.",
        (Provider::ServiceNow, Mode::Hmac) => {
            "For a business rule that signs what it sends: the secret is in no letter, and what is changed on the way is noticed."
        }
        (Provider::ServiceNow, Mode::Basic) => {
            "For a business rule or a flow with a basic authentication profile."
        }
        (Provider::ServiceNow, Mode::Header) => {
            "For an outbound REST message with a header that you enter."
        }
        (Provider::Freshservice, Mode::Header) => {
            "In the workflow’s “Trigger Webhook” it is a custom header. Freshservice itself signs nothing."
        }
        (Provider::Freshservice, Mode::Basic) => {
            "In the workflow’s “Trigger Webhook” it is “Requires authentication” with a user and a password."
        }
        (Provider::Jira, Mode::Hmac) => {
            "For a webhook of Jira’s system settings: give it the secret, and Jira signs each letter in X-Hub-Signature."
        }
        (Provider::Jira, Mode::Header) => {
            "For “Send web request” of an automation, which signs nothing: it sends a header that you enter."
        }
        (_, Mode::Hmac) => "For something in between that signs what it sends.",
        (_, Mode::Basic) => "For something that sends a user and a password.",
        _ => "For something that sends a header that you enter.",
    }
}

/// What came of a delivery, in a word.
pub(in crate::pages) const fn verdict(delivery: &Delivery) -> Mark {
    match (delivery.progress, delivery.outcome) {
        (Progress::Waiting, _) if delivery.attempts > 0 => ("Will be tried again", "warn"),
        (Progress::Waiting, _) => ("Waiting", "warn"),
        (Progress::Dead, _) => ("Given up", "bad"),
        (Progress::Done, None) => ("Worked off", "good"),
        (Progress::Done, Some(outcome)) => match outcome {
            Outcome::Applied => ("Recorded", "good"),
            Outcome::Unchanged => ("Nothing new", "good"),
            Outcome::Stale => ("Older than what is known", "good"),
            Outcome::Ignored => ("Of no interest", "good"),
            Outcome::Held => ("Waits for a decision", "warn"),
            Outcome::Unlinked => ("Recorded, no asset found", "warn"),
            Outcome::Unreadable => ("Cannot be read", "bad"),
            Outcome::Refused => ("Refused by a rule", "bad"),
        },
    }
}

/// What an answer at the door means, in a word.
pub(in crate::pages) const fn refused(status: i64) -> Mark {
    match status {
        200..=299 => ("Taken in, with a remark", "warn"),
        401 => ("Not proven", "bad"),
        400 => ("Cannot be read", "bad"),
        413 => ("Too large", "bad"),
        415 => ("Another content type", "bad"),
        _ => ("Refused", "bad"),
    }
}

/// What came to the door, in words.
pub(in crate::pages) fn at_the_door(refused: &Refused) -> String {
    let (bytes, status) = (refused.bytes, refused.status);
    if is_refusal(refused) {
        format!("Not taken in: {bytes} bytes, answered {status}")
    } else {
        format!("Taken in: {bytes} bytes, answered {status}")
    }
}

/// Whether a letter was turned away, and not merely remarked on.
pub(in crate::pages) const fn is_refusal(refused: &Refused) -> bool {
    refused.status >= 300
}

/// How often something came, where that was more than once.
pub(in crate::pages) fn times(times: i64) -> String {
    match times {
        ..=1 => String::new(),
        times => format!("{times} times"),
    }
}

/// An instant for people, to the second.
pub(in crate::pages) fn second(at: Timestamp) -> String {
    let text = at.to_string();
    format!(
        "{} UTC",
        text.get(..19).unwrap_or_default().replace('T', " ")
    )
}

/// How long it is until an instant, in the largest unit that is not none.
pub(in crate::pages) fn left(now: Timestamp, until: Timestamp) -> String {
    let minutes = (until.micros() - now.micros()).max(0) / habeo_core::time::MINUTE_MICROS;
    let (count, unit) = match minutes {
        2_880.. => (minutes / 1_440, "days"),
        120.. => (minutes / 60, "hours"),
        2.. => (minutes, "minutes"),
        _ => return "a minute or less".to_owned(),
    };
    format!("{count} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_told_in_one_unit() {
        let now = Timestamp::from_seconds(1_000);
        for (seconds, said) in [
            (-5, "a minute or less"),
            (119, "a minute or less"),
            (120, "2 minutes"),
            (7_199, "119 minutes"),
            (7_200, "2 hours"),
            (86_400, "24 hours"),
            (172_799, "47 hours"),
            (172_800, "2 days"),
            (604_800, "7 days"),
        ] {
            assert_eq!(left(now, Timestamp::from_seconds(1_000 + seconds)), said);
        }
    }

    #[test]
    fn every_usual_proof_is_explained_and_entered() {
        for provider in Provider::ALL {
            let usual = provider.usual_proof();
            assert!(proof(&usual).starts_with("By "), "{provider}");
            let shown = entered(&usual, "hbs_x");
            assert!(
                shown.iter().any(|(_, text)| text.ends_with("hbs_x")),
                "{provider}"
            );
            for mode in [Mode::Header, Mode::Hmac, Mode::Basic, Mode::ClientState] {
                assert!(hint(*provider, mode).ends_with('.'), "{provider} {mode:?}");
            }
        }
    }
}
