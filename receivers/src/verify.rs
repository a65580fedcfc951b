//! Whether a letter proves itself: over its bytes as they came, with every secret tried and compared in constant time.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use habeo_core::connection::{Algorithm, Proof};
use habeo_core::ledger::tree::hex;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256, Sha512};
use subtle::{Choice, ConstantTimeEq as _};

use crate::json::Json;
use crate::letter::{Item, Letter};
use crate::signature::in_time;

/// Whether a letter proves itself by any of the secrets. Of [`Proof::ClientState`] no letter as a whole is proof: see [`item_proves`].
#[must_use]
pub fn proves(proof: &Proof, secrets: &[SecretString], letter: &Letter<'_>) -> bool {
    match proof {
        Proof::Hmac {
            header,
            algorithm,
            timestamp_header,
        } => {
            let signed_at = match timestamp_header {
                None => Some(None),
                Some(name) => timely(letter, name).map(Some),
            };
            let (Some(signed_at), Some(given)) = (signed_at, letter.only_text(header)) else {
                return false;
            };
            signature_fits(*algorithm, secrets, given, signed_at, letter.body)
        }
        Proof::Basic { user } => basic(letter).is_some_and(|(name, password)| {
            let user_fits = same(user.as_bytes(), &name);
            bool::from(user_fits & any_is(secrets, &password))
        }),
        Proof::Header { header, prefix } => letter
            .only(header)
            .and_then(|value| value.strip_prefix(prefix.as_bytes()))
            .is_some_and(|given| any_is(secrets, given).into()),
        Proof::ClientState => false,
    }
}

/// Whether an item carries one of the secrets as its `clientState`, as notifications of Microsoft Graph do, also those that come wrapped.
#[must_use]
pub fn item_proves(secrets: &[SecretString], item: &Item) -> bool {
    let Ok(read) = Json::read(&item.body) else {
        return false;
    };
    let given = read
        .get("clientState")
        .or_else(|| read.get("data")?.get("clientState"));
    match given {
        Some(Json::Text(given)) => any_is(secrets, given.as_bytes()).into(),
        _ => false,
    }
}

/// Signs as those do who sign with an HMAC, in hexadecimal and without anything in front: for whoever stands in for them.
#[must_use]
pub fn sign(
    algorithm: Algorithm,
    secret: &SecretString,
    signed_at: Option<&str>,
    body: &[u8],
) -> String {
    hex(&mac(algorithm, secret, signed_at, body))
}

/// The SHA-256 of something, in hexadecimal: by which what has no name of its own is known.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn signature_fits(
    algorithm: Algorithm,
    secrets: &[SecretString],
    given: &str,
    signed_at: Option<&str>,
    body: &[u8],
) -> bool {
    let Some(given) = decoded(algorithm, given) else {
        return false;
    };
    let fits = secrets.iter().fold(Choice::from(0), |fits, secret| {
        let expected = mac(algorithm, secret, signed_at, body);
        let usable = Choice::from(u8::from(!secret.expose_secret().is_empty()));
        fits | (usable & expected.ct_eq(&given))
    });
    fits.into()
}

/// The bytes of a signature in hexadecimal or Base64. The name of another method in front makes it neither.
fn decoded(algorithm: Algorithm, given: &str) -> Option<Vec<u8>> {
    let (length, method) = match algorithm {
        Algorithm::Sha256 => (32, "sha256="),
        Algorithm::Sha512 => (64, "sha512="),
    };
    let given = given.strip_prefix(method).unwrap_or(given);
    let bytes = if given.len() == 2 * length {
        unhex(given)?
    } else {
        STANDARD.decode(given).ok()?
    };
    (bytes.len() == length).then_some(bytes)
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let half = |byte: u8| char::from(byte).to_digit(16);
    text.as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => u8::try_from((half(*high)? << 4) | half(*low)?).ok(),
            _ => None,
        })
        .collect()
}

fn mac(
    algorithm: Algorithm,
    secret: &SecretString,
    signed_at: Option<&str>,
    body: &[u8],
) -> Vec<u8> {
    const ANY_KEY: &str = "an HMAC takes keys of every length";
    let key = secret.expose_secret().as_bytes();
    let time = signed_at.map_or(String::new(), |at| format!("{at}."));
    match algorithm {
        Algorithm::Sha256 => Hmac::<Sha256>::new_from_slice(key)
            .expect(ANY_KEY)
            .chain_update(time)
            .chain_update(body)
            .finalize()
            .into_bytes()
            .to_vec(),
        Algorithm::Sha512 => Hmac::<Sha512>::new_from_slice(key)
            .expect(ANY_KEY)
            .chain_update(time)
            .chain_update(body)
            .finalize()
            .into_bytes()
            .to_vec(),
    }
}

/// The signed time, where it lies in the window.
fn timely<'a>(letter: &Letter<'a>, header: &str) -> Option<&'a str> {
    let text = letter.only_text(header)?;
    let timely = in_time(text, letter.received_at) == Ok(true);
    timely.then_some(text)
}

/// The user and the password of RFC 7617. The password may have colons, the user has none.
fn basic(letter: &Letter<'_>) -> Option<(Vec<u8>, Vec<u8>)> {
    let (scheme, credentials) = letter.only_text("authorization")?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = STANDARD.decode(credentials.trim_start_matches(' ')).ok()?;
    let colon = decoded.iter().position(|byte| *byte == b':')?;
    let (user, password) = decoded.split_at(colon);
    Some((user.to_vec(), password[1..].to_vec()))
}

fn any_is(secrets: &[SecretString], given: &[u8]) -> Choice {
    let some = Choice::from(u8::from(!given.is_empty()));
    secrets.iter().fold(Choice::from(0), |fits, secret| {
        fits | same(secret.expose_secret().as_bytes(), given)
    }) & some
}

/// Compares hashes, so that not even a length is told.
fn same(ours: &[u8], given: &[u8]) -> Choice {
    Sha256::digest(ours).ct_eq(&Sha256::digest(given))
}
