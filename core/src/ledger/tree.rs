//! The mathematics of the ledger: canonical bytes, leaf and node hashes, and the frontier from which the root follows (RFC 9162).

use serde_json::Value;
use sha2::{Digest, Sha256};

/// Bytes of a hash.
pub const HASH_BYTES: usize = 32;

/// A SHA-256 hash.
pub type Hash = [u8; HASH_BYTES];

/// Whole numbers beyond this are not exact in every JSON reader (RFC 8785 section 3.2.2.3).
const EXACT_INTEGER_MAX: u64 = (1 << 53) - 1;

/// A value that has no canonical form here: a fraction, or a number beyond ±(2^53-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a fact holds whole numbers within ±(2^53-1) only")]
pub struct NotCanonical;

/// The canonical text of a value by RFC 8785: no white space, members sorted, shortest escapes.
///
/// Facts have no fractions, so the number formatting of that RFC reduces to integers. Member names are ASCII, where order by UTF-16 unit,
/// which the RFC asks for, is order by byte.
pub fn canonical(value: &Value) -> Result<String, NotCanonical> {
    let mut text = String::with_capacity(512);
    write(value, &mut text)?;
    Ok(text)
}

fn write(value: &Value, text: &mut String) -> Result<(), NotCanonical> {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(true) => text.push_str("true"),
        Value::Bool(false) => text.push_str("false"),
        Value::Number(number) => {
            let exact = number
                .as_i64()
                .map(i64::unsigned_abs)
                .or_else(|| number.as_u64())
                .is_some_and(|n| n <= EXACT_INTEGER_MAX);
            if !exact {
                return Err(NotCanonical);
            }
            text.push_str(&number.to_string());
        }
        Value::String(string) => quote(string, text),
        Value::Array(items) => {
            text.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    text.push(',');
                }
                write(item, text)?;
            }
            text.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            text.push('{');
            for (i, (name, member)) in members.into_iter().enumerate() {
                if i > 0 {
                    text.push(',');
                }
                quote(name, text);
                text.push(':');
                write(member, text)?;
            }
            text.push('}');
        }
    }
    Ok(())
}

/// The escapes of RFC 8785 section 3.2.2.2.
fn quote(string: &str, text: &mut String) {
    text.push('"');
    for c in string.chars() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\u{8}' => text.push_str("\\b"),
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\u{C}' => text.push_str("\\f"),
            '\r' => text.push_str("\\r"),
            '\0'..='\u{1F}' => {
                text.push_str("\\u00");
                text.push(if c < '\u{10}' { '0' } else { '1' });
                text.extend(char::from_digit(u32::from(c) & 0xF, 16));
            }
            _ => text.push(c),
        }
    }
    text.push('"');
}

/// The hash of a leaf: SHA-256 of a zero byte and the entry's bytes (RFC 9162 section 2.1.1).
#[must_use]
pub fn leaf_hash(bytes: &[u8]) -> Hash {
    Sha256::new_with_prefix([0])
        .chain_update(bytes)
        .finalize()
        .into()
}

/// The hash of an inner node: SHA-256 of a one byte and both children.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new_with_prefix([1])
        .chain_update(left)
        .chain_update(right)
        .finalize()
        .into()
}

/// The roots of the perfect subtrees that make up a tree, largest first: what is needed to append, and no more.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    roots: Vec<Hash>,
}

impl Frontier {
    /// Reads what [`Self::to_bytes`] wrote; none when the length does not belong to a tree of that size.
    #[must_use]
    pub fn from_bytes(size: u64, bytes: &[u8]) -> Option<Self> {
        let (roots, rest) = bytes.as_chunks::<HASH_BYTES>();
        let fits = rest.is_empty() && u32::try_from(roots.len()).ok()? == size.count_ones();
        fits.then(|| Self {
            size,
            roots: roots.to_vec(),
        })
    }

    /// The hashes one after the other.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.roots.concat()
    }

    /// How many leaves the tree has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The perfect subtrees that it is made of, by height and place, from the largest on.
    pub fn subtrees(&self) -> impl Iterator<Item = (u32, u64, Hash)> + '_ {
        let heights = (0..u64::BITS)
            .rev()
            .filter(|height| self.size >> height & 1 == 1);
        heights
            .zip(&self.roots)
            // What lies to the left of a subtree is a whole number of subtrees of twice its size.
            .map(|(height, root)| (height, (self.size >> height) - 1, *root))
    }

    /// Appends a leaf.
    pub fn push(&mut self, leaf: Hash) {
        let mut node = leaf;
        // Each trailing one bit of the size is a perfect subtree that the new leaf completes to one twice as large.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.roots.pop() {
                node = node_hash(&left, &node);
            }
        }
        self.roots.push(node);
        self.size += 1;
    }

    /// The root of the whole tree; of an empty one, the hash of nothing.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut roots = self.roots.iter().rev();
        match roots.next() {
            None => Sha256::digest([]).into(),
            Some(last) => roots.fold(*last, |right, left| node_hash(left, &right)),
        }
    }
}

/// The root of a perfect tree over these hashes, of which there must be a power of two; none of none.
#[must_use]
pub fn perfect_root(hashes: &[Hash]) -> Option<Hash> {
    let mut level = hashes.to_vec();
    while level.len() > 1 {
        let (pairs, []) = level.as_chunks::<2>() else {
            return None;
        };
        level = pairs
            .iter()
            .map(|[left, right]| node_hash(left, right))
            .collect();
    }
    level.first().copied()
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// Reads hexadecimal of either case; none where it is not.
#[must_use]
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
        return None;
    };
    pairs
        .iter()
        .map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?))
        .collect()
}

/// The leaves and roots that Certificate Transparency implementations publish as their common test tree.
#[cfg(test)]
pub(super) mod test_vectors {
    /// The leaves.
    pub const LEAVES: [&[u8]; 8] = [
        b"",
        b"\x00",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        b"\x40\x41\x42\x43",
        b"\x50\x51\x52\x53\x54\x55\x56\x57",
        b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
    ];
    /// The root of each of its sizes, from 0 on.
    pub const ROOTS: [&str; 9] = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
}

#[cfg(test)]
mod tests {
    use super::test_vectors::{LEAVES, ROOTS};
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn roots_agree_with_the_published_tree() {
        let mut frontier = Frontier::default();
        assert_eq!(hex(&frontier.root()), ROOTS[0]);
        for (leaf, root) in LEAVES.iter().zip(&ROOTS[1..]) {
            frontier.push(leaf_hash(leaf));
            assert_eq!(hex(&frontier.root()), *root, "size {}", frontier.size());
            assert_eq!(
                Frontier::from_bytes(frontier.size(), &frontier.to_bytes()),
                Some(frontier.clone())
            );
        }
        assert_eq!(Frontier::from_bytes(7, &frontier.to_bytes()), None);
    }

    /// The definition of RFC 9162 section 2.1.1, word for word.
    fn root_by_definition(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [leaf] => *leaf,
            _ => {
                let split = 1 << (usize::BITS - 1 - (leaves.len() - 1).leading_zeros());
                node_hash(
                    &root_by_definition(&leaves[..split]),
                    &root_by_definition(&leaves[split..]),
                )
            }
        }
    }

    proptest! {
        #[test]
        fn the_frontier_is_the_definition(leaves in proptest::collection::vec(any::<[u8; 4]>(), 0..200)) {
            let leaves: Vec<Hash> = leaves.iter().map(|leaf| leaf_hash(leaf)).collect();
            let mut frontier = Frontier::default();
            for leaf in &leaves {
                frontier.push(*leaf);
            }
            prop_assert_eq!(frontier.root(), root_by_definition(&leaves));
        }
    }

    #[test]
    fn canonical_text_sorts_and_escapes_as_the_rfc_says() {
        let value = json!({"b": [1, -2, true, null], "a": "\u{20ac}$\u{f}\nA'B\"\\\\\"/", "": {}});
        let text = canonical(&value).expect("whole numbers only");
        assert_eq!(
            text,
            "{\"\":{},\"a\":\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\",\"b\":[1,-2,true,null]}"
        );
        assert_eq!(canonical(&json!(1.5)), Err(NotCanonical));
        assert_eq!(canonical(&json!(1_u64 << 53)), Err(NotCanonical));
    }
}
