//! What administrators may choose for a connection. Pure.

use std::collections::BTreeMap;

use super::{Family, Proof, Provider, Refusal, Settings};
use crate::text;

/// The most characters of a header's name, a user's, or a field's.
const WORD_CHARS_MAX: usize = 100;
/// The most words that a connection maps.
const WORDS_MAX: usize = 200;

/// The settings as they are kept: folded, and refused where the product has no such thing.
pub(super) fn checked(provider: Provider, settings: &Settings) -> Result<Settings, Refusal> {
    let mut checked = settings.clone();
    check_proof(provider, &checked.proof)?;
    if checked.event_grid && provider != Provider::Intune {
        return Err(Refusal::BadSetting("only Intune reports by Event Grid"));
    }
    checked.asset_field = field(provider, checked.asset_field)?;
    let desk = provider.family() == Family::Itsm;
    if !desk
        && (checked.tags_in_titles
            || !checked.statuses.is_empty()
            || !checked.priorities.is_empty())
    {
        return Err(Refusal::BadSetting("only help desks have tickets"));
    }
    checked.statuses = folded(checked.statuses)?;
    checked.priorities = folded(checked.priorities)?;
    Ok(checked)
}

fn check_proof(provider: Provider, proof: &Proof) -> Result<(), Refusal> {
    match proof {
        Proof::Hmac {
            header,
            timestamp_header,
            ..
        } => {
            check_header(header)?;
            timestamp_header.as_deref().map_or(Ok(()), check_header)
        }
        Proof::Basic { user } => {
            let fits = (1..=WORD_CHARS_MAX).contains(&user.chars().count());
            if fits && !user.contains(':') && user.chars().all(text::is_printable) {
                Ok(())
            } else {
                Err(Refusal::BadProof(
                    "a user has 1 to 100 characters and no colon",
                ))
            }
        }
        Proof::Header { header, prefix } => {
            check_header(header)?;
            if prefix.len() <= WORD_CHARS_MAX && prefix.bytes().all(|b| (b' '..=b'~').contains(&b))
            {
                Ok(())
            } else {
                Err(Refusal::BadProof(
                    "what stands before the secret is printable ASCII",
                ))
            }
        }
        Proof::ClientState if provider == Provider::Intune => Ok(()),
        Proof::ClientState => Err(Refusal::BadProof("only Microsoft Graph has a client state")),
    }
}

/// Headers that carry something else: a secret in them would be lost or cut on its way.
const TAKEN: [&str; 7] = [
    "host",
    "content-length",
    "content-type",
    "connection",
    "transfer-encoding",
    "cookie",
    "user-agent",
];

fn check_header(name: &str) -> Result<(), Refusal> {
    let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    if name.is_empty() || name.len() > WORD_CHARS_MAX || !name.bytes().all(is_token) {
        return Err(Refusal::BadProof(
            "a header's name has 1 to 100 letters, digits and hyphens",
        ));
    }
    if TAKEN.contains(&name.to_ascii_lowercase().as_str()) {
        return Err(Refusal::BadProof("this header carries something else"));
    }
    Ok(())
}

fn field(provider: Provider, field: Option<String>) -> Result<Option<String>, Refusal> {
    let Some(name) = field
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
    else {
        return Ok(None);
    };
    if provider.family() != Family::Itsm {
        return Err(Refusal::BadSetting("only help desks have fields"));
    }
    let fits = name.len() <= WORD_CHARS_MAX
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b));
    if fits {
        Ok(Some(name))
    } else {
        Err(Refusal::BadSetting(
            "a field is named by its id, such as customfield_10057",
        ))
    }
}

fn folded<T>(words: BTreeMap<String, T>) -> Result<BTreeMap<String, T>, Refusal> {
    let words: BTreeMap<String, T> = words
        .into_iter()
        .map(|(word, meaning)| (word.trim().to_lowercase(), meaning))
        .collect();
    let fits = |word: &String| {
        (1..=WORD_CHARS_MAX).contains(&word.chars().count()) && word.chars().all(text::is_printable)
    };
    if words.len() <= WORDS_MAX && words.keys().all(fits) {
        Ok(words)
    } else {
        Err(Refusal::BadSetting(
            "at most 200 words are mapped, each of 1 to 100 characters",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_proof_is_accepted() {
        for provider in Provider::ALL {
            let settings = Settings::proven_by(provider.usual_proof());
            assert_eq!(checked(*provider, &settings), Ok(settings), "{provider}");
        }
    }

    #[test]
    fn headers_that_carry_something_else_are_refused() {
        for bad in [
            "",
            "Host",
            "content-length",
            "X Y",
            "x:y",
            "ü",
            &"a".repeat(101),
        ] {
            assert!(check_header(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_a_product_does_not_have_is_refused() {
        let state = Settings::proven_by(Proof::ClientState);
        assert!(checked(Provider::Jamf, &state).is_err());
        assert!(checked(Provider::Intune, &state).is_ok());
        let mut fields = Settings::proven_by(Provider::Jamf.usual_proof());
        fields.asset_field = Some("customfield_1".to_owned());
        assert!(checked(Provider::Jamf, &fields).is_err());
        assert!(checked(Provider::Jira, &fields).is_ok());
        fields.asset_field = Some("a b".to_owned());
        assert!(checked(Provider::Jira, &fields).is_err());
    }

    #[test]
    fn words_are_folded() {
        let mut settings = Settings::proven_by(Provider::Jira.usual_proof());
        settings.statuses.insert(
            " Waiting For Parts ".to_owned(),
            crate::ticket::Status::OnHold,
        );
        let kept = checked(Provider::Jira, &settings).map(|kept| kept.statuses);
        assert_eq!(
            kept.map(|words| words.into_keys().collect::<Vec<_>>()),
            Ok(vec!["waiting for parts".to_owned()])
        );
    }
}
