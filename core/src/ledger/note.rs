//! Signed notes and the checkpoints written in them (C2SP signed-note and tlog-checkpoint): a few lines that anybody can check with a public key.

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretBox};
use sha2::{Digest, Sha256};

use super::tree::{HASH_BYTES, Hash};

/// Bytes of the secret from which a signing key is made.
pub const SEED_BYTES: usize = 32;
/// Bytes of a public key.
pub const PUBLIC_KEY_BYTES: usize = 32;
/// What stands for Ed25519 in keys and key ids.
const ED25519_TYPE: u8 = 1;
const KEY_ID_BYTES: usize = 4;
const SIGNATURE_BYTES: usize = 64;
/// The longest note that is looked at, and the most signatures of one.
const NOTE_BYTES_MAX: usize = 64 * 1024;
const SIGNATURES_MAX: usize = 16;

/// The size and root of a ledger, under the name of that ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The ledger's name; it has the epoch in it.
    pub origin: String,
    /// How many entries there are.
    pub size: u64,
    /// The root of their tree.
    pub root: Hash,
}

/// Why a note was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoteRefusal {
    /// It is not written as notes are.
    #[error("this is not a signed checkpoint")]
    Malformed,
    /// No signature is by a key that is known.
    #[error("no signature of the checkpoint is by a known key")]
    UnknownKey,
    /// A signature by a known key does not fit.
    #[error("the signature of the checkpoint does not fit")]
    BadSignature,
}

/// A public key under the name of the ledger that it signs for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verifier {
    name: String,
    public_key: [u8; PUBLIC_KEY_BYTES],
}

impl Verifier {
    /// The key of a ledger with this origin.
    #[must_use]
    pub fn new(name: &str, public_key: [u8; PUBLIC_KEY_BYTES]) -> Self {
        Self {
            name: name.to_owned(),
            public_key,
        }
    }

    /// Reads `name+id+key`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (name, rest) = text.trim().split_once('+')?;
        let (id, key) = rest.split_once('+')?;
        let key = STANDARD.decode(key).ok()?;
        let (kind, key) = key.split_first()?;
        let public_key = key.try_into().ok().filter(|_| *kind == ED25519_TYPE)?;
        let verifier = Self::new(name, public_key);
        (is_name(name) && super::tree::unhex(id)? == verifier.id()).then_some(verifier)
    }

    /// Which key it is: enough to tell it from others, not to check anything.
    #[must_use]
    pub fn id(&self) -> [u8; KEY_ID_BYTES] {
        let digest = Sha256::new_with_prefix(self.name.as_bytes())
            .chain_update([b'\n', ED25519_TYPE])
            .chain_update(self.public_key)
            .finalize();
        let mut id = [0; KEY_ID_BYTES];
        id.copy_from_slice(&digest[..KEY_ID_BYTES]);
        id
    }

    /// The name of the ledger.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key itself.
    #[must_use]
    pub const fn public_key(&self) -> &[u8; PUBLIC_KEY_BYTES] {
        &self.public_key
    }
}

impl std::fmt::Display for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let typed = [&[ED25519_TYPE][..], &self.public_key].concat();
        write!(
            f,
            "{}+{}+{}",
            self.name,
            super::tree::hex(&self.id()),
            STANDARD.encode(typed)
        )
    }
}

/// The secret half of a key.
pub struct SigningKey(Ed25519KeyPair);

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey")
    }
}

impl SigningKey {
    /// Makes the key that a secret of 32 bytes determines; none when it has another length.
    #[must_use]
    pub fn from_seed(seed: &SecretBox<Vec<u8>>) -> Option<Self> {
        Ed25519KeyPair::from_seed_unchecked(seed.expose_secret())
            .ok()
            .map(Self)
    }

    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> Option<[u8; PUBLIC_KEY_BYTES]> {
        self.0.public_key().as_ref().try_into().ok()
    }

    /// Signs a checkpoint. The key's name is the checkpoint's origin.
    #[must_use]
    pub fn sign(&self, checkpoint: &Checkpoint) -> Option<String> {
        let verifier = Verifier::new(&checkpoint.origin, self.public_key()?);
        let text = checkpoint.text();
        let signature = self.0.sign(text.as_bytes());
        let blob = [&verifier.id()[..], signature.as_ref()].concat();
        is_name(&checkpoint.origin).then(|| {
            format!(
                "{text}\n\u{2014} {} {}\n",
                checkpoint.origin,
                STANDARD.encode(blob)
            )
        })
    }
}

impl Checkpoint {
    /// What is signed.
    #[must_use]
    pub fn text(&self) -> String {
        format!(
            "{}\n{}\n{}\n",
            self.origin,
            self.size,
            STANDARD.encode(self.root)
        )
    }

    /// Reads what is signed. Lines after the third are for others.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        let digits = size.bytes().all(|byte| byte.is_ascii_digit())
            && (size == "0" || !size.starts_with('0'));
        if origin.is_empty() || !digits || lines.any(str::is_empty) {
            return None;
        }
        let root = STANDARD.decode(root).ok()?;
        Some(Self {
            origin: origin.to_owned(),
            size: size.parse().ok()?,
            root: <[u8; HASH_BYTES]>::try_from(root).ok()?,
        })
    }

    /// Reads a signed checkpoint and checks the signature of its origin.
    ///
    /// `keys` are public keys under any name: a key of the installation signs for all its ledgers, under the name of each.
    pub fn open(note: &str, keys: &[[u8; PUBLIC_KEY_BYTES]]) -> Result<Self, NoteRefusal> {
        let (text, _) = split(note)?;
        let checkpoint = Self::parse(text).ok_or(NoteRefusal::Malformed)?;
        let verifiers: Vec<Verifier> = keys
            .iter()
            .map(|key| Verifier::new(&checkpoint.origin, *key))
            .collect();
        verify(note, &verifiers)?;
        Ok(checkpoint)
    }
}

/// The text of a note with the signatures by known keys checked: at least one, and none that fails.
pub fn verify<'a>(note: &'a str, verifiers: &[Verifier]) -> Result<&'a str, NoteRefusal> {
    let (text, signatures) = split(note)?;
    let mut known = false;
    for (name, id, signature) in signatures {
        let by = verifiers
            .iter()
            .find(|verifier| verifier.name == name && verifier.id() == id);
        if let Some(verifier) = by {
            UnparsedPublicKey::new(&ED25519, verifier.public_key)
                .verify(text.as_bytes(), &signature)
                .map_err(|_| NoteRefusal::BadSignature)?;
            known = true;
        }
    }
    if known {
        Ok(text)
    } else {
        Err(NoteRefusal::UnknownKey)
    }
}

type SignatureLine<'a> = (&'a str, [u8; KEY_ID_BYTES], Vec<u8>);

/// The text with its last line end, and the signatures after the blank line.
fn split(note: &str) -> Result<(&str, Vec<SignatureLine<'_>>), NoteRefusal> {
    let malformed = || NoteRefusal::Malformed;
    let control = |c: char| c < ' ' && c != '\n';
    if note.len() > NOTE_BYTES_MAX || note.contains(control) {
        return Err(NoteRefusal::Malformed);
    }
    let blank = note.rfind("\n\n").ok_or_else(malformed)?;
    let (text, rest) = note.split_at(blank + 1);
    let lines = rest[1..].strip_suffix('\n').ok_or_else(malformed)?;
    let signatures: Vec<_> = lines
        .split('\n')
        .map(signature)
        .collect::<Option<_>>()
        .ok_or_else(malformed)?;
    if signatures.len() > SIGNATURES_MAX {
        return Err(NoteRefusal::Malformed);
    }
    Ok((text, signatures))
}

fn signature(line: &str) -> Option<SignatureLine<'_>> {
    let (name, blob) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
    let blob = STANDARD.decode(blob).ok()?;
    let (id, signature) = blob.split_first_chunk::<KEY_ID_BYTES>()?;
    // Other algorithms have other lengths; their ids are not ours, so they are passed over.
    (is_name(name) && signature.len() <= 64 * SIGNATURE_BYTES)
        .then(|| (name, *id, signature.to_vec()))
}

/// Whether a key can have this name.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c == '+' || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the C2SP signed-note specification.
    const KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    const NOTE: &str = "This is an example message.\n\n\u{2014} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

    fn key(byte: u8) -> SigningKey {
        SigningKey::from_seed(&SecretBox::new(Box::new(vec![byte; SEED_BYTES]))).expect("32 bytes")
    }

    fn checkpoint() -> Checkpoint {
        Checkpoint {
            origin: "habeo/westmark/1".to_owned(),
            size: 42,
            root: [9; HASH_BYTES],
        }
    }

    #[test]
    fn the_published_note_is_read_as_published() {
        let verifier = Verifier::parse(KEY).expect("a key");
        assert_eq!(verifier.to_string(), KEY);
        assert_eq!(
            verify(NOTE, std::slice::from_ref(&verifier)),
            Ok("This is an example message.\n")
        );
        let altered = NOTE.replace("example message", "altered message");
        assert_eq!(
            verify(&altered, &[verifier]),
            Err(NoteRefusal::BadSignature)
        );
        assert_eq!(verify(NOTE, &[]), Err(NoteRefusal::UnknownKey));
    }

    #[test]
    fn a_signed_checkpoint_opens_with_its_key_and_no_other() {
        let (ours, theirs) = (key(1), key(2));
        let note = ours.sign(&checkpoint()).expect("a name");
        assert!(note.starts_with("habeo/westmark/1\n42\nCQkJ"), "{note}");
        let [our, their] = [&ours, &theirs].map(|key| key.public_key().expect("a public half"));
        assert_eq!(Checkpoint::open(&note, &[their, our]), Ok(checkpoint()));
        assert_eq!(
            Checkpoint::open(&note, &[their]),
            Err(NoteRefusal::UnknownKey)
        );
        assert_eq!(
            Checkpoint::open(&note.replace("\n42\n", "\n43\n"), &[our]),
            Err(NoteRefusal::BadSignature)
        );
        // A note that somebody else has signed as well is as good.
        let witnessed = format!(
            "{note}\u{2014} witness.example {}\n",
            STANDARD.encode([7; 76])
        );
        assert_eq!(Checkpoint::open(&witnessed, &[our]), Ok(checkpoint()));
    }

    #[test]
    fn what_is_not_a_checkpoint_is_refused() {
        let note = key(1).sign(&checkpoint()).expect("a name");
        let our = key(1).public_key().expect("a public half");
        for broken in [
            "",
            "\n\n",
            &note[..note.len() - 1],
            &note.replace("\n42\n", "\n042\n"),
            &note.replace("\n42\n", "\n+42\n"),
            &note.replace('\u{2014}', "-"),
            &note.replace("CQkJ", "CQk\t"),
        ] {
            assert_eq!(
                Checkpoint::open(broken, &[our]),
                Err(NoteRefusal::Malformed),
                "{broken}"
            );
        }
        for name in ["", "a b", "a+b", "a\nb"] {
            let named = Checkpoint {
                origin: name.to_owned(),
                ..checkpoint()
            };
            assert_eq!(key(1).sign(&named), None, "{name}");
        }
        assert_eq!(Verifier::parse(&KEY.replace("530d", "530e")), None);
    }
}
