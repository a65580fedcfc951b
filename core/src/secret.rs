//! Secrets at rest: sealed with a key derived from the installation's master key and bound to the row they belong to.
//!
//! There are two slots. What is new is sealed with the current key; what the other one sealed still opens, until [`reseal`] has carried it over.
//! The second slot holds the previous key, or, while several nodes are changed one after the other, the next.

pub mod reseal;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use secrecy::{ExposeSecret, SecretBox};
use sha2::{Digest, Sha256};

use crate::id::OrgId;
use crate::page::CursorKey;
use crate::random::Random;

/// Bytes of a master key.
pub const MASTER_KEY_BYTES: usize = 32;

const VERSION: u8 = 1;
/// Bytes of a key's id.
pub const KEY_ID_BYTES: usize = 4;
const NONCE_BYTES: usize = 24;
const HEADER_BYTES: usize = 1 + KEY_ID_BYTES + NONCE_BYTES;

/// Why a sealed value could not be opened. Which of its parts was wrong is nobody's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value does not open with the configured master key")]
pub struct Unsealable;

/// The name of a key, which says nothing of what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(pub [u8; KEY_ID_BYTES]);

impl std::fmt::Display for KeyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl KeyId {
    /// With which key a value was sealed; none where it is no sealed value.
    #[must_use]
    pub fn of(sealed: &[u8]) -> Option<Self> {
        if sealed.len() < HEADER_BYTES || sealed[0] != VERSION {
            return None;
        }
        let mut id = [0; KEY_ID_BYTES];
        id.copy_from_slice(&sealed[1..=KEY_ID_BYTES]);
        Some(Self(id))
    }
}

/// The key from which all others are derived, and beside it the other one that still opens. Zeroed when dropped, never printed.
pub struct MasterKey {
    current: Slot,
    other: Option<Slot>,
}

/// One key with its name.
struct Slot {
    bytes: SecretBox<[u8; MASTER_KEY_BYTES]>,
    /// What seals secrets, derived once: every letter that comes in is sealed, and deriving takes as long as that.
    sealing: SecretBox<[u8; 32]>,
    id: KeyId,
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MasterKey({}", self.current.id)?;
        match &self.other {
            Some(other) => write!(f, ", {})", other.id),
            None => f.write_str(")"),
        }
    }
}

/// The place a sealed value belongs to. A ciphertext moved to another place does not open.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Table and column, written `table.column`.
    pub column: &'a str,
    /// The organisation; none for what belongs to the installation.
    pub org: Option<OrgId>,
    /// The row's own key.
    pub row: &'a [u8],
}

impl MasterKey {
    /// Wraps key material from a file or the environment.
    #[must_use]
    pub fn new(bytes: [u8; MASTER_KEY_BYTES]) -> Self {
        Self {
            current: Slot::new(bytes),
            other: None,
        }
    }

    /// Fills the second slot: a key that opens and seals nothing. The same key again is none.
    #[must_use]
    pub fn beside(mut self, bytes: [u8; MASTER_KEY_BYTES]) -> Self {
        let other = Slot::new(bytes);
        self.other = (other.id != self.current.id).then_some(other);
        self
    }

    /// Makes a new one.
    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        let mut bytes = [0; MASTER_KEY_BYTES];
        random.fill(&mut bytes);
        Self::new(bytes)
    }

    /// The bytes, for writing the key file of a new installation.
    #[must_use]
    pub fn expose(&self) -> &[u8; MASTER_KEY_BYTES] {
        self.current.bytes.expose_secret()
    }

    /// Which key seals.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.current.id
    }

    /// Which other key opens, if one does.
    #[must_use]
    pub fn other_id(&self) -> Option<KeyId> {
        self.other.as_ref().map(|other| other.id)
    }

    /// Whether what this key sealed can be opened.
    #[must_use]
    pub fn knows(&self, id: KeyId) -> bool {
        self.slot(id).is_some()
    }

    /// The key that seals page cursors, and the one that opens those from before a rotation.
    #[must_use]
    pub fn cursor_key(&self) -> CursorKey {
        const PURPOSE: &str = "page cursors";
        let key = CursorKey::new(self.current.derive(PURPOSE));
        match &self.other {
            Some(other) => key.beside(other.derive(PURPOSE)),
            None => key,
        }
    }

    /// Seals a secret for its place: `01 ‖ key id ‖ nonce ‖ ciphertext and tag`.
    ///
    /// # Panics
    ///
    /// When the secret is longer than the cipher's limit of 256 GiB.
    #[must_use]
    pub fn seal(&self, place: Place<'_>, secret: &[u8], random: &dyn Random) -> Vec<u8> {
        let mut nonce = [0; NONCE_BYTES];
        random.fill(&mut nonce);
        let aad = self.current.associated_data(place);
        let sealed = self
            .current
            .cipher()
            .encrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: secret,
                    aad: &aad,
                },
            )
            .expect("secrets are far below the cipher's limit of 256 GiB");
        [&[VERSION][..], &self.current.id.0, &nonce, &sealed].concat()
    }

    /// Opens what [`Self::seal`] made, at the same place and with a key of either slot.
    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<SecretBox<Vec<u8>>, Unsealable> {
        let slot = KeyId::of(sealed)
            .and_then(|id| self.slot(id))
            .ok_or(Unsealable)?;
        let mut nonce = [0; NONCE_BYTES];
        nonce.copy_from_slice(&sealed[1 + KEY_ID_BYTES..HEADER_BYTES]);
        let aad = slot.associated_data(place);
        let opened = slot
            .cipher()
            .decrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: &sealed[HEADER_BYTES..],
                    aad: &aad,
                },
            )
            .map_err(|_| Unsealable)?;
        Ok(SecretBox::new(Box::new(opened)))
    }

    fn slot(&self, id: KeyId) -> Option<&Slot> {
        std::iter::once(&self.current)
            .chain(&self.other)
            .find(|slot| slot.id == id)
    }
}

impl Slot {
    fn new(bytes: [u8; MASTER_KEY_BYTES]) -> Self {
        let bytes = SecretBox::new(Box::new(bytes));
        let digest = Sha256::new_with_prefix(b"habeo master key id")
            .chain_update(derived(&bytes, "id"))
            .finalize();
        let mut id = KeyId([0; KEY_ID_BYTES]);
        id.0.copy_from_slice(&digest[..KEY_ID_BYTES]);
        Self {
            sealing: SecretBox::new(Box::new(derived(&bytes, "secrets at rest"))),
            bytes,
            id,
        }
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&(*self.sealing.expose_secret()).into())
    }

    fn derive(&self, purpose: &str) -> [u8; 32] {
        derived(&self.bytes, purpose)
    }

    /// Length-prefixed, so that no two places have the same spelling.
    fn associated_data(&self, place: Place<'_>) -> Vec<u8> {
        let org = place
            .org
            .map(|org| *org.uuid().as_bytes())
            .unwrap_or_default();
        let mut data = vec![VERSION];
        for part in [place.column.as_bytes(), &org, place.row, &self.id.0] {
            data.extend(u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
            data.extend(part);
        }
        data
    }
}

/// The key for one purpose.
fn derived(master: &SecretBox<[u8; MASTER_KEY_BYTES]>, purpose: &str) -> [u8; 32] {
    let mut key = [0; 32];
    Hkdf::<Sha256>::new(None, master.expose_secret())
        .expand(purpose.as_bytes(), &mut key)
        .expect("32 bytes are a valid length of output");
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SeededRandom;

    const PLACE: Place<'static> = Place {
        column: "push_device.token",
        org: None,
        row: b"row",
    };

    #[test]
    fn a_secret_opens_only_at_its_place_and_with_its_key() {
        let random = SeededRandom::new(1);
        let key = MasterKey::generate(&random);
        let sealed = key.seal(PLACE, b"secret", &random);
        assert_eq!(
            key.open(PLACE, &sealed)
                .expect("the same place")
                .expose_secret(),
            b"secret"
        );
        let moved = Place {
            row: b"other",
            ..PLACE
        };
        assert!(key.open(moved, &sealed).is_err());
        assert!(MasterKey::generate(&random).open(PLACE, &sealed).is_err());
    }

    #[test]
    fn what_the_key_before_sealed_opens_and_what_is_new_is_sealed_with_the_present_one() {
        let random = SeededRandom::new(3);
        let before = MasterKey::generate(&random);
        let sealed = before.seal(PLACE, b"secret", &random);
        let both = MasterKey::generate(&random).beside(*before.expose());
        assert!(both.knows(before.id()) && both.knows(both.id()));
        let opened = both.open(PLACE, &sealed).expect("the second slot opens");
        assert_eq!(opened.expose_secret(), b"secret");
        let again = both.seal(PLACE, b"secret", &random);
        assert_eq!(KeyId::of(&again), Some(both.id()));
        assert!(before.open(PLACE, &again).is_err());
        assert_eq!(KeyId::of(&sealed), Some(before.id()));
        assert_eq!(KeyId::of(b"plain"), None);
        let twice = MasterKey::new(*before.expose()).beside(*before.expose());
        assert_eq!(twice.other_id(), None);
    }

    #[test]
    fn every_altered_byte_and_every_cut_is_noticed() {
        let random = SeededRandom::new(2);
        let key = MasterKey::generate(&random);
        let sealed = key.seal(PLACE, b"secret", &random);
        for i in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[i] ^= 1;
            assert!(key.open(PLACE, &altered).is_err(), "byte {i}");
            assert!(key.open(PLACE, &sealed[..i]).is_err(), "cut at {i}");
        }
    }
}
