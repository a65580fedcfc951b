//! Signed checkpoints (C2SP signed-note, tlog-checkpoint).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::Fault;
use crate::tree::Hash;

/// A public key under the name of the ledger that it signs for.
#[derive(Debug, Clone)]
pub struct Key {
    name: String,
    id: [u8; 4],
    point: VerifyingKey,
}

/// What is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Of which ledger.
    pub origin: String,
    /// How many entries it has.
    pub size: u64,
    /// The root of their tree.
    pub root: Hash,
}

impl Key {
    /// Reads `name+id+key`.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let wrong = || {
            Fault::usage("a key is written name+id+key, as the ledger's checkpoint page shows it")
        };
        let mut parts = text.trim().splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(wrong());
        };
        let typed = STANDARD.decode(key).map_err(|_| wrong())?;
        let [1, bytes @ ..] = &typed[..] else {
            return Err(wrong());
        };
        let bytes: &[u8; 32] = bytes.try_into().map_err(|_| wrong())?;
        let digest = Sha256::new()
            .chain_update(name)
            .chain_update(b"\n")
            .chain_update(&typed)
            .finalize();
        let computed = [digest[0], digest[1], digest[2], digest[3]];
        if u32::from_str_radix(id, 16) != Ok(u32::from_be_bytes(computed)) {
            return Err(wrong());
        }
        Ok(Self {
            name: name.to_owned(),
            id: computed,
            point: VerifyingKey::from_bytes(bytes).map_err(|_| wrong())?,
        })
    }
}

/// The checkpoint in a note, if one of the keys signed it.
pub fn open(note: &str, keys: &[Key]) -> Result<Checkpoint, Fault> {
    let wrong = || Fault::bad("this is not a signed checkpoint");
    let end = note.rfind("\n\n").ok_or_else(wrong)?;
    let (text, signatures) = (&note[..=end], &note[end + 2..]);
    let mut lines = text.lines();
    let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
        return Err(wrong());
    };
    let plain =
        size == "0" || (!size.starts_with('0') && size.bytes().all(|byte| byte.is_ascii_digit()));
    let checkpoint = Checkpoint {
        origin: origin.to_owned(),
        size: size.parse().ok().filter(|_| plain).ok_or_else(wrong)?,
        root: STANDARD
            .decode(root)
            .ok()
            .and_then(|root| root.try_into().ok())
            .ok_or_else(wrong)?,
    };
    let mut signed = false;
    for line in signatures.lines() {
        let (name, blob) = line
            .strip_prefix("\u{2014} ")
            .and_then(|line| line.split_once(' '))
            .ok_or_else(wrong)?;
        let blob = STANDARD.decode(blob).map_err(|_| wrong())?;
        let (id, signature) = blob.split_at_checked(4).ok_or_else(wrong)?;
        let by = keys
            .iter()
            .find(|key| key.name == name && key.name == origin && key.id == id);
        if let Some(by) = by {
            let signature = Signature::from_slice(signature).map_err(|_| wrong())?;
            by.point
                .verify_strict(text.as_bytes(), &signature)
                .map_err(|_| Fault::bad("the signature of the checkpoint does not hold"))?;
            signed = true;
        }
    }
    if signed {
        Ok(checkpoint)
    } else {
        Err(Fault::bad("no given key signed the checkpoint"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the C2SP signed-note specification, whose text is no checkpoint.
    const KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";

    #[test]
    fn keys_are_read_and_altered_ones_are_not() {
        let key = Key::parse(KEY).expect("a key");
        assert_eq!(
            (key.name.as_str(), key.id),
            ("example.com/foo", [0x53, 0x0d, 0x90, 0x3a])
        );
        for wrong in [
            "",
            "a",
            "a+b",
            "a+b+c",
            &KEY.replace("530d", "530e"),
            &KEY.replace("AekyeR", "AekyeS"),
        ] {
            assert!(Key::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_no_checkpoint_is_refused() {
        let key = Key::parse(KEY).expect("a key");
        let note = "This is an example message.\n\n\u{2014} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
        assert!(open(note, &[key]).is_err());
        assert!(open("", &[]).is_err());
    }
}
