//! What an app asked for, on its way through sign-in and consent: sealed, so that nobody else has made it and nothing has to be kept for it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::ExposeSecret as _;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::app_client::{Client, Scope, Scopes};
use crate::id::AppClientId;
use crate::random::Random;
use crate::secret::{MasterKey, Place};
use crate::time::{MINUTE_MICROS, Timestamp};

/// How long signing in and consenting may take.
pub const LIFE_MICROS: i64 = 10 * MINUTE_MICROS;
/// The most bytes of an app's `state`: with more, what is sealed would not fit into an address.
pub const STATE_BYTES_MAX: usize = 512;

/// Where sealed requests belong. They are in no table.
const PLACE: Place<'static> = Place {
    column: "oauth.request",
    org: None,
    row: b"request",
};
const ID_BYTES: usize = 16;
const TIME_BYTES: usize = 8;
const REDIRECT_BYTES: usize = 8;
const CHALLENGE_BYTES: usize = 32;
const FIXED_BYTES: usize = ID_BYTES + TIME_BYTES + REDIRECT_BYTES + CHALLENGE_BYTES + 1;

/// A request that was found good. That an app asks is no permission yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Which client asks.
    pub client: AppClientId,
    /// Enough of the digest of its redirect URI to know it among those that the client has.
    redirect: [u8; REDIRECT_BYTES],
    /// For what.
    pub scopes: Scopes,
    /// What it wants back.
    pub state: Option<String>,
    /// The challenge that its verifier will meet.
    pub challenge: [u8; CHALLENGE_BYTES],
}

impl Request {
    /// A request of a client, to be answered at one of its addresses.
    #[must_use]
    pub fn new(
        client: AppClientId,
        redirect_uri: &str,
        scopes: Scopes,
        state: Option<String>,
        challenge: [u8; CHALLENGE_BYTES],
    ) -> Self {
        Self {
            client,
            redirect: digest(redirect_uri),
            scopes,
            state,
            challenge,
        }
    }

    /// Where it is answered, if the client still has the address.
    #[must_use]
    pub fn redirect_uri<'a>(&self, client: &'a Client) -> Option<&'a str> {
        let mut all = client.settings.redirect_uris.iter().map(String::as_str);
        all.find(|uri| digest(uri) == self.redirect)
    }

    /// Seals it as a text for an address.
    #[must_use]
    pub fn seal(&self, key: &MasterKey, now: Timestamp, random: &dyn Random) -> String {
        let mut bytes = Vec::with_capacity(FIXED_BYTES + STATE_BYTES_MAX + 1);
        bytes.extend(self.client.uuid().as_bytes());
        bytes.extend(now.micros().to_be_bytes());
        bytes.extend(self.redirect);
        bytes.extend(self.challenge);
        bytes.push(bits(&self.scopes));
        // An empty state comes back empty; none does not come back.
        if let Some(state) = &self.state {
            bytes.push(b'=');
            bytes.extend(state.as_bytes());
        }
        URL_SAFE_NO_PAD.encode(key.seal(PLACE, &bytes, random))
    }

    /// Opens what was sealed not too long ago.
    #[must_use]
    pub fn open(key: &MasterKey, text: &str, now: Timestamp) -> Option<Self> {
        let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
        let opened = key.open(PLACE, &sealed).ok()?;
        let mut rest = opened.expose_secret().as_slice();
        let client = Uuid::from_bytes(take(&mut rest)?);
        let sealed_at = Timestamp::from_micros(i64::from_be_bytes(take(&mut rest)?));
        let redirect = take(&mut rest)?;
        let challenge = take(&mut rest)?;
        let [bits] = take::<1>(&mut rest)?;
        let state = match rest.split_first() {
            Some((_, state)) => Some(String::from_utf8(state.to_vec()).ok()?),
            None => None,
        };
        (now < sealed_at.plus_micros(LIFE_MICROS)).then(|| Self {
            client: AppClientId::from_uuid(client),
            redirect,
            scopes: scopes(bits),
            state,
            challenge,
        })
    }
}

fn take<const BYTES: usize>(rest: &mut &[u8]) -> Option<[u8; BYTES]> {
    let (head, tail) = rest.split_first_chunk()?;
    *rest = tail;
    Some(*head)
}

fn digest(redirect_uri: &str) -> [u8; REDIRECT_BYTES] {
    let full = Sha256::digest(redirect_uri.as_bytes());
    let mut short = [0; REDIRECT_BYTES];
    short.copy_from_slice(&full[..REDIRECT_BYTES]);
    short
}

/// A bit for each scope of the list, which has fewer than eight.
fn bits(wanted: &Scopes) -> u8 {
    let places = Scope::ALL.iter().enumerate();
    places.fold(0, |bits, (place, scope)| {
        bits | u8::from(wanted.has(*scope)) << place
    })
}

fn scopes(bits: u8) -> Scopes {
    let places = Scope::ALL.iter().enumerate();
    let set = places.filter(|(place, _)| bits >> place & 1 == 1);
    set.map(|(_, scope)| *scope).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SeededRandom;

    const NOW: Timestamp = Timestamp::from_seconds(1_000);

    fn request(state: Option<&str>) -> Request {
        Request::new(
            AppClientId::from_uuid(Uuid::from_u128(7)),
            "https://example.com/callback",
            "assets:read webhooks:write".parse().expect("scopes"),
            state.map(ToOwned::to_owned),
            [9; 32],
        )
    }

    #[test]
    fn what_was_sealed_opens_for_ten_minutes() {
        let (key, random) = (MasterKey::new([1; 32]), SeededRandom::new(1));
        for state in [None, Some(""), Some("a b&c=ä")] {
            let sealed = request(state).seal(&key, NOW, &random);
            assert_eq!(Request::open(&key, &sealed, NOW), Some(request(state)));
            let late = NOW.plus_micros(LIFE_MICROS);
            assert_eq!(Request::open(&key, &sealed, late), None);
            assert_eq!(Request::open(&MasterKey::new([2; 32]), &sealed, NOW), None);
            assert_eq!(Request::open(&key, &sealed[1..], NOW), None);
        }
        for junk in ["", "AAAA", "%%%"] {
            assert_eq!(Request::open(&key, junk, NOW), None);
        }
    }

    #[test]
    fn the_longest_fits_into_an_address() {
        let (key, random) = (MasterKey::new([1; 32]), SeededRandom::new(1));
        let state = "x".repeat(STATE_BYTES_MAX);
        let sealed = request(Some(&state)).seal(&key, NOW, &random);
        assert!(sealed.len() <= 900, "{}", sealed.len());
    }

    #[test]
    fn every_scope_has_its_bit() {
        assert!(Scope::ALL.len() <= 8);
        for scope in Scope::ALL {
            let one: Scopes = [*scope].into_iter().collect();
            assert_eq!(scopes(bits(&one)), one);
        }
    }
}
