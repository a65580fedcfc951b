//! Proofs that an entry is in a tree, and that a tree is the beginning of a larger one (RFC 9162 section 2.1).
//!
//! A proof is planned first and hashed afterwards: the plan names the perfect subtrees whose roots are needed, so that whoever has stored
//! some of them can fetch the few there are, and nothing else is read.

use super::tree::{Hash, node_hash};

/// A perfect subtree: the leaves from `index << level` on, as many as `1 << level`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Node {
    /// Its height; a leaf is of level 0.
    pub level: u32,
    /// Its place among those of its level.
    pub index: u64,
}

/// One hash of a proof: the subtrees of which it is made up, from left to right. It is the root of a tree with exactly these leaves.
pub type Part = Vec<Node>;

/// Why a proof was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the proof does not hold")]
pub struct Unproved;

/// The perfect subtrees that make up the leaves from `begin` to `end`, from left to right. `begin` must be where a subtree of their number
/// would begin, as it always is in a proof.
fn cover(begin: u64, end: u64) -> Part {
    let mut nodes = Vec::new();
    let mut at = begin;
    while at < end {
        let left = end - at;
        let fits = left.ilog2();
        let level = if at == 0 {
            fits
        } else {
            fits.min(at.trailing_zeros())
        };
        nodes.push(Node {
            level,
            index: at >> level,
        });
        at += 1 << level;
    }
    nodes
}

/// The largest power of two below a number that is at least two.
const fn split(leaves: u64) -> u64 {
    1 << (leaves - 1).ilog2()
}

/// What proves that the leaf with this index is in the tree of this size, from the leaf upwards; none where there is no such leaf.
#[must_use]
pub fn inclusion(index: u64, size: u64) -> Option<Vec<Part>> {
    if index >= size {
        return None;
    }
    let (mut begin, mut end) = (0, size);
    let mut parts = Vec::new();
    while end - begin > 1 {
        let middle = begin + split(end - begin);
        if index < middle {
            parts.push(cover(middle, end));
            end = middle;
        } else {
            parts.push(cover(begin, middle));
            begin = middle;
        }
    }
    parts.reverse();
    Some(parts)
}

/// What proves that the tree of size `from` is the beginning of the tree of size `to`; none unless `0 < from <= to`.
#[must_use]
pub fn consistency(from: u64, to: u64) -> Option<Vec<Part>> {
    if from == 0 || from > to {
        return None;
    }
    let (mut begin, mut end) = (0, to);
    let mut parts = Vec::new();
    let mut old_is_whole = true;
    while from != end {
        let middle = begin + split(end - begin);
        if from <= middle {
            parts.push(cover(middle, end));
            end = middle;
        } else {
            parts.push(cover(begin, middle));
            begin = middle;
            old_is_whole = false;
        }
    }
    if !old_is_whole {
        parts.push(cover(begin, end));
    }
    parts.reverse();
    Some(parts)
}

/// The root of the tree of this size, as subtrees; none of an empty one.
#[must_use]
pub fn root(size: u64) -> Option<Part> {
    (size > 0).then(|| cover(0, size))
}

/// Puts the roots of the subtrees of a part together.
#[must_use]
pub fn fold(hashes: &[Hash]) -> Option<Hash> {
    let mut hashes = hashes.iter().rev();
    let last = *hashes.next()?;
    Some(hashes.fold(last, |right, left| node_hash(left, &right)))
}

/// Checks a proof of inclusion as RFC 9162 section 2.1.3.2 does.
pub fn verify_inclusion(
    index: u64,
    size: u64,
    leaf: &Hash,
    path: &[Hash],
    root: &Hash,
) -> Result<(), Unproved> {
    if index >= size {
        return Err(Unproved);
    }
    let (mut inner, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in path {
        if last == 0 {
            return Err(Unproved);
        }
        if inner & 1 == 1 || inner == last {
            hash = node_hash(sibling, &hash);
            while inner & 1 == 0 && inner != 0 {
                inner >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        inner >>= 1;
        last >>= 1;
    }
    if last == 0 && hash == *root {
        Ok(())
    } else {
        Err(Unproved)
    }
}

/// Checks a proof of consistency as RFC 9162 section 2.1.4.2 does.
pub fn verify_consistency(
    from: u64,
    to: u64,
    old_root: &Hash,
    new_root: &Hash,
    path: &[Hash],
) -> Result<(), Unproved> {
    if from == 0 || from > to {
        return Err(Unproved);
    }
    if from == to {
        return if path.is_empty() && old_root == new_root {
            Ok(())
        } else {
            Err(Unproved)
        };
    }
    // A tree that is a whole subtree of the other is its own first hash.
    let (first, rest) = if from.is_power_of_two() {
        (*old_root, path)
    } else {
        let (first, rest) = path.split_first().ok_or(Unproved)?;
        (*first, rest)
    };
    let (mut inner, mut last) = (from - 1, to - 1);
    while inner & 1 == 1 {
        inner >>= 1;
        last >>= 1;
    }
    let (mut old, mut new) = (first, first);
    for sibling in rest {
        if last == 0 {
            return Err(Unproved);
        }
        if inner & 1 == 1 || inner == last {
            old = node_hash(sibling, &old);
            new = node_hash(sibling, &new);
            while inner & 1 == 0 && inner != 0 {
                inner >>= 1;
                last >>= 1;
            }
        } else {
            new = node_hash(&new, sibling);
        }
        inner >>= 1;
        last >>= 1;
    }
    if last == 0 && old == *old_root && new == *new_root {
        Ok(())
    } else {
        Err(Unproved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::tree::{Frontier, hex, leaf_hash, test_vectors};
    use proptest::prelude::*;

    /// Every hash of a part, from the leaves.
    fn hashes(parts: &[Part], leaves: &[Hash]) -> Vec<Hash> {
        let of = |node: &Node| {
            let begin = usize::try_from(node.index << node.level).expect("small");
            perfect(&leaves[begin..begin + (1 << node.level)])
        };
        parts
            .iter()
            .map(|part| fold(&part.iter().map(of).collect::<Vec<_>>()).expect("a part has nodes"))
            .collect()
    }

    fn perfect(leaves: &[Hash]) -> Hash {
        if let [leaf] = leaves {
            return *leaf;
        }
        let (left, right) = leaves.split_at(leaves.len() / 2);
        node_hash(&perfect(left), &perfect(right))
    }

    fn root_of(leaves: &[Hash]) -> Hash {
        let mut frontier = Frontier::default();
        for leaf in leaves {
            frontier.push(*leaf);
        }
        frontier.root()
    }

    /// The proofs that Certificate Transparency implementations publish for their common test tree.
    #[test]
    fn proofs_agree_with_the_published_ones() {
        let leaves: Vec<Hash> = test_vectors::LEAVES
            .iter()
            .map(|leaf| leaf_hash(leaf))
            .collect();
        for (index, size, path) in [
            (0, 1, &[][..]),
            (
                0,
                8,
                &[
                    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
                ],
            ),
            (
                5,
                8,
                &[
                    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                ],
            ),
            (
                2,
                3,
                &["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
            ),
            (
                1,
                5,
                &[
                    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                ],
            ),
        ] {
            let found = hashes(&inclusion(index, size).expect("in the tree"), &leaves);
            assert_eq!(
                found.iter().map(|hash| hex(hash)).collect::<Vec<_>>(),
                path,
                "{index} of {size}"
            );
        }
        for (from, to, path) in [
            (1, 1, &[][..]),
            (
                1,
                8,
                &[
                    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
                ],
            ),
            (
                6,
                8,
                &[
                    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                ],
            ),
            (
                2,
                5,
                &[
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                ],
            ),
        ] {
            let found = hashes(&consistency(from, to).expect("a beginning"), &leaves);
            assert_eq!(
                found.iter().map(|hash| hex(hash)).collect::<Vec<_>>(),
                path,
                "{from} of {to}"
            );
        }
    }

    #[test]
    fn there_is_no_proof_of_what_is_not_there() {
        assert_eq!(inclusion(3, 3), None);
        assert_eq!(consistency(0, 3), None);
        assert_eq!(consistency(4, 3), None);
        assert_eq!(
            verify_inclusion(3, 3, &[0; 32], &[], &[0; 32]),
            Err(Unproved)
        );
        assert_eq!(
            verify_consistency(0, 3, &[0; 32], &[0; 32], &[]),
            Err(Unproved)
        );
        assert_eq!(
            verify_consistency(4, 3, &[0; 32], &[0; 32], &[]),
            Err(Unproved)
        );
    }

    proptest! {
        /// Every proof of every tree holds, and none with a hash altered, left out or added does.
        #[test]
        fn proofs_hold_and_altered_ones_do_not(
            leaves in proptest::collection::vec(any::<[u8; 4]>(), 1..300),
            index in any::<prop::sample::Index>(),
            from in any::<prop::sample::Index>(),
            bit in 0_usize..256,
            which in any::<prop::sample::Index>(),
        ) {
            let leaves: Vec<Hash> = leaves.iter().map(|leaf| leaf_hash(leaf)).collect();
            let (size, index) = (leaves.len() as u64, index.index(leaves.len()));
            let root = root_of(&leaves);
            let path = hashes(&inclusion(index as u64, size).expect("in the tree"), &leaves);
            prop_assert_eq!(verify_inclusion(index as u64, size, &leaves[index], &path, &root), Ok(()));
            let from = from.index(leaves.len()) + 1;
            let old = root_of(&leaves[..from]);
            let grown = hashes(&consistency(from as u64, size).expect("a beginning"), &leaves);
            prop_assert_eq!(verify_consistency(from as u64, size, &old, &root, &grown), Ok(()));
            let altered = |path: &[Hash]| {
                let mut path = path.to_vec();
                let which = which.index(path.len());
                path[which][bit / 8] ^= 1 << (bit % 8);
                path
            };
            let longer = |path: &[Hash]| [path, &[[7; 32]][..]].concat();
            if !path.is_empty() {
                prop_assert!(verify_inclusion(index as u64, size, &leaves[index], &altered(&path), &root).is_err());
                prop_assert!(verify_inclusion(index as u64, size, &leaves[index], &path[1..], &root).is_err());
            }
            if !grown.is_empty() {
                prop_assert!(verify_consistency(from as u64, size, &old, &root, &altered(&grown)).is_err());
                prop_assert!(verify_consistency(from as u64, size, &old, &root, &grown[1..]).is_err());
            }
            prop_assert!(verify_inclusion(index as u64, size, &leaves[index], &longer(&path), &root).is_err());
            prop_assert!(verify_consistency(from as u64, size, &old, &root, &longer(&grown)).is_err());
        }

        /// A node of a part is a perfect subtree within the tree.
        #[test]
        fn parts_are_perfect_subtrees(size in 1_u64..1_000_000, index in any::<prop::sample::Index>()) {
            let index = index.index(usize::try_from(size).expect("small")) as u64;
            for node in inclusion(index, size).expect("in the tree").into_iter().flatten() {
                prop_assert!((node.index + 1) << node.level <= size);
            }
        }
    }
}
