//! What rows of a file claim for themselves alone (labels, serial numbers, other identifiers), to find those that are claimed twice.
//!
//! A claim is kept as 16 bytes of a hash with its line. Claims are spread over a fixed number of temporary files by their hash, and compared one
//! file at a time: a file of ten million rows takes as much memory as one of a hundred thousand.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};

use habeo_core::asset::IdentifierKind;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::field::Field;

/// Over how many files claims are spread: a power of two, taken from the first byte of the hash.
const PARTS: usize = 64;
/// How much of a part is kept in memory before it is written.
const PART_BYTES: usize = 60 * 1_000;
const HASH_BYTES: usize = 16;
const CLAIM_BYTES: usize = HASH_BYTES + 8 + 1;

/// Something that only one asset can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// A label, folded.
    Tag(String),
    /// A serial number, folded, of a maker.
    Serial(String, Uuid),
    /// A further identifier, folded.
    Identifier(IdentifierKind, String),
}

impl Claim {
    /// In which field it stands.
    pub const fn field(&self) -> Field {
        match self {
            Self::Tag(_) => Field::Tag,
            Self::Serial(..) => Field::Serial,
            Self::Identifier(kind, _) => Field::Identifier(*kind),
        }
    }

    fn hash(&self) -> [u8; HASH_BYTES] {
        let mut hash = Sha256::new();
        match self {
            Self::Tag(folded) => hash.update([b"t", folded.as_bytes()].concat()),
            Self::Serial(folded, maker) => {
                hash.update([b"s", maker.as_bytes().as_slice(), folded.as_bytes()].concat());
            }
            Self::Identifier(kind, folded) => {
                hash.update(format!("i{kind}:{folded}"));
            }
        }
        let full = hash.finalize();
        let mut short = [0; HASH_BYTES];
        short.copy_from_slice(&full[..HASH_BYTES]);
        short
    }
}

/// A claim that was made before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Again {
    /// By which line.
    pub line: u64,
    /// By which line first.
    pub first: u64,
    /// In which field.
    pub field: Field,
}

/// The claims of a file.
#[derive(Debug)]
pub struct Seen {
    parts: Vec<Part>,
    fields: Vec<Field>,
}

#[derive(Debug, Default)]
struct Part {
    buffer: Vec<u8>,
    file: Option<File>,
}

impl Default for Seen {
    fn default() -> Self {
        let identifiers = Field::identifiers().map(Field::Identifier);
        Self {
            parts: (0..PARTS).map(|_| Part::default()).collect(),
            fields: [Field::Tag, Field::Serial]
                .into_iter()
                .chain(identifiers)
                .collect(),
        }
    }
}

impl Seen {
    /// Notes a claim of a line.
    pub fn note(&mut self, claim: &Claim, line: u64) -> io::Result<()> {
        let hash = claim.hash();
        let field = self.fields.iter().position(|field| *field == claim.field());
        let part = &mut self.parts[usize::from(hash[0]) % PARTS];
        part.buffer.extend(hash);
        part.buffer.extend(line.to_be_bytes());
        part.buffer
            .push(field.and_then(|i| u8::try_from(i).ok()).unwrap_or(0));
        if part.buffer.len() >= PART_BYTES {
            let file = match &mut part.file {
                Some(file) => file,
                // Without a name: nobody else opens it, and it is gone with the process.
                none => none.insert(tempfile::tempfile()?),
            };
            file.write_all(&part.buffer)?;
            part.buffer.clear();
        }
        Ok(())
    }

    /// Tells every claim that was made before by another line, in no order.
    pub fn repeated(self, mut tell: impl FnMut(Again) -> io::Result<()>) -> io::Result<()> {
        for part in self.parts {
            let mut claims = Vec::new();
            if let Some(mut file) = part.file {
                file.seek(SeekFrom::Start(0))?;
                file.read_to_end(&mut claims)?;
            }
            claims.extend(part.buffer);
            let mut first: HashMap<&[u8], u64> = HashMap::with_capacity(claims.len() / CLAIM_BYTES);
            for claim in claims.chunks_exact(CLAIM_BYTES) {
                let (hash, rest) = claim.split_at(HASH_BYTES);
                let mut line = [0; 8];
                line.copy_from_slice(&rest[..8]);
                let line = u64::from_be_bytes(line);
                // Within a part claims are in the order of the file.
                let before = *first.entry(hash).or_insert(line);
                if before != line {
                    tell(Again {
                        line,
                        first: before,
                        field: self.fields[usize::from(rest[8])],
                    })?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_claims_are_found_also_among_many() {
        let mut seen = Seen::default();
        let claim = |n: u64| Claim::Tag(format!("T{n}"));
        // More than the parts keep in memory.
        let many = (PARTS * PART_BYTES / CLAIM_BYTES) as u64 * 2;
        for n in 0..many {
            seen.note(&claim(n), n + 2).expect("a temporary file");
        }
        seen.note(&claim(7), many + 2).expect("a temporary file");
        let maker = Uuid::from_u128(1);
        seen.note(&Claim::Serial("T8".to_owned(), maker), many + 3)
            .expect("a temporary file");
        let mut found = Vec::new();
        seen.repeated(|again| {
            found.push(again);
            Ok(())
        })
        .expect("a temporary file");
        let again = Again {
            line: many + 2,
            first: 9,
            field: Field::Tag,
        };
        assert_eq!(found, [again]);
    }
}
