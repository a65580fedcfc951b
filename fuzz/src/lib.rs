//! What every target does: a letter of these bytes through the door, and what came of it read as it is after it was stored.

pub mod procurement;

use std::collections::BTreeMap;

use habeo_core::connection::{Algorithm, Proof, Provider, Settings};
use habeo_core::time::Timestamp;
use habeo_receivers::letter::{Letter, Opened};
use habeo_receivers::{admit, itsm, mdm, verify};
use poem::http::{HeaderMap, HeaderName, HeaderValue, Method};
use secrecy::SecretString;

const RECEIVED_AT: Timestamp = Timestamp::from_seconds(1_767_571_200);

fn settings(proof: Proof) -> Settings {
    Settings {
        proof,
        event_grid: true,
        asset_field: Some("customfield_10057".to_owned()),
        tags_in_titles: true,
        statuses: BTreeMap::new(),
        priorities: BTreeMap::new(),
    }
}

/// Opens a body that is said to be of this type; whatever is taken in must be readable afterwards.
pub fn swallow(provider: Provider, content_type: &'static str, body: &[u8]) {
    let settings = settings(Proof::ClientState);
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static(content_type));
    let letter = Letter {
        method: &Method::POST,
        headers: &headers,
        query: &[],
        body,
        settings: &settings,
        received_at: RECEIVED_AT,
    };
    let secrets = [SecretString::from("a secret that nobody guesses")];
    assert!(
        !matches!(admit::admit(provider, &secrets, &letter), Ok(admitted) if matches!(admitted.opened, Opened::Items(_)))
    );
    let Ok(Opened::Items(items)) = admit::open(provider, &letter) else {
        return;
    };
    for item in items {
        assert!(item.key.len() <= 255 && item.key.bytes().all(|byte| byte.is_ascii_graphic()));
        let read = match provider {
            Provider::Jamf | Provider::Intune | Provider::Kandji => {
                mdm::read(provider, &settings, &item.body, RECEIVED_AT).map(|reports| reports.len())
            }
            Provider::ServiceNow | Provider::Freshservice | Provider::Jira => {
                itsm::read(provider, &settings, &item.body, RECEIVED_AT)
                    .map(|reports| reports.len())
            }
        };
        assert!(item.ignored.is_some() || read == Ok(1));
    }
}

/// Judges headers that somebody made up: the first line is one, the second another, the rest the body.
pub fn judge(bytes: &[u8]) {
    let mut parts = bytes.splitn(3, |byte| *byte == b'\n');
    let mut headers = HeaderMap::new();
    for name in ["authorization", "x-timestamp"] {
        let value = parts
            .next()
            .and_then(|value| HeaderValue::from_bytes(value).ok());
        headers.extend(value.map(|value| (HeaderName::from_static(name), value)));
    }
    let body = parts.next().unwrap_or_default();
    let secrets = [
        SecretString::from("a secret that nobody guesses"),
        SecretString::from("another one, likewise"),
    ];
    let hmac = |algorithm, timestamp: Option<&str>| Proof::Hmac {
        header: "authorization".to_owned(),
        algorithm,
        timestamp_header: timestamp.map(ToOwned::to_owned),
    };
    for proof in [
        hmac(Algorithm::Sha256, None),
        hmac(Algorithm::Sha512, Some("x-timestamp")),
        Proof::Basic {
            user: "habeo".to_owned(),
        },
        Proof::Header {
            header: "authorization".to_owned(),
            prefix: "Bearer ".to_owned(),
        },
        Proof::ClientState,
    ] {
        let settings = settings(proof.clone());
        let letter = Letter {
            method: &Method::POST,
            headers: &headers,
            query: &[],
            body,
            settings: &settings,
            received_at: RECEIVED_AT,
        };
        assert!(!verify::proves(&proof, &secrets, &letter));
    }
}
