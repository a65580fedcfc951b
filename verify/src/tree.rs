//! Hashes of the tree and what can be proved with them (RFC 9162 section 2).

use sha2::{Digest, Sha256};

/// SHA-256.
pub type Hash = [u8; 32];

/// The hash of an entry.
pub fn leaf(bytes: &[u8]) -> Hash {
    Sha256::new()
        .chain_update([0])
        .chain_update(bytes)
        .finalize()
        .into()
}

fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new()
        .chain_update([1])
        .chain_update(left)
        .chain_update(right)
        .finalize()
        .into()
}

/// A tree that grows at its right end: the roots of its perfect subtrees with their numbers of leaves.
#[derive(Debug, Default)]
pub struct Tree {
    size: u64,
    subtrees: Vec<(u64, Hash)>,
}

impl Tree {
    /// How many leaves it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf.
    pub fn add(&mut self, leaf: Hash) {
        self.size += 1;
        self.subtrees.push((1, leaf));
        while let [.., (left_size, left), (right_size, right)] = self.subtrees[..] {
            if left_size != right_size {
                break;
            }
            self.subtrees.truncate(self.subtrees.len() - 2);
            self.subtrees
                .push((left_size + right_size, node(&left, &right)));
        }
    }

    /// Its root.
    pub fn root(&self) -> Hash {
        let joined = self
            .subtrees
            .iter()
            .rev()
            .map(|(_, hash)| *hash)
            .reduce(|right, left| node(&left, &right));
        joined.unwrap_or_else(|| Sha256::digest([]).into())
    }
}

/// Whether a path leads from the leaf with this index to the root of a tree of this size.
pub fn includes(index: u64, size: u64, leaf: Hash, path: &[Hash], root: &Hash) -> bool {
    let mut path = path.iter();
    index < size && climb(index, size, leaf, &mut path) == Some(*root) && path.next().is_none()
}

/// The definition of the path, from the top: the side that is not on it is its last hash.
fn climb(index: u64, size: u64, leaf: Hash, path: &mut std::slice::Iter<'_, Hash>) -> Option<Hash> {
    if size == 1 {
        return Some(leaf);
    }
    let half = half(size);
    if index < half {
        let left = climb(index, half, leaf, path)?;
        Some(node(&left, path.next()?))
    } else {
        let right = climb(index - half, size - half, leaf, path)?;
        Some(node(path.next()?, &right))
    }
}

/// Whether a path shows that the tree of size `from` is the beginning of that of size `to`.
pub fn extends(from: u64, to: u64, old: &Hash, new: &Hash, path: &[Hash]) -> bool {
    if from == 0 || from > to {
        return false;
    }
    let mut path = path.iter();
    grow(from, to, true, old, &mut path) == Some((*old, *new)) && path.next().is_none()
}

/// The roots of both trees as the path has them; `whole` while the old tree is all that is on its side.
fn grow(
    from: u64,
    to: u64,
    whole: bool,
    old: &Hash,
    path: &mut std::slice::Iter<'_, Hash>,
) -> Option<(Hash, Hash)> {
    if from == to {
        let hash = if whole { *old } else { *path.next()? };
        return Some((hash, hash));
    }
    let half = half(to);
    if from <= half {
        let (old, left) = grow(from, half, whole, old, path)?;
        Some((old, node(&left, path.next()?)))
    } else {
        let (old_right, right) = grow(from - half, to - half, false, old, path)?;
        let left = path.next()?;
        Some((node(left, &old_right), node(left, &right)))
    }
}

/// The largest power of two that is smaller.
fn half(size: u64) -> u64 {
    let mut half = 1;
    while half * 2 < size {
        half *= 2;
    }
    half
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(count: u64) -> Vec<Hash> {
        (0..count).map(|n| leaf(&n.to_be_bytes())).collect()
    }

    fn root(leaves: &[Hash]) -> Hash {
        let mut tree = Tree::default();
        for leaf in leaves {
            tree.add(*leaf);
        }
        tree.root()
    }

    fn path(index: u64, leaves: &[Hash]) -> Vec<Hash> {
        if leaves.len() < 2 {
            return Vec::new();
        }
        let half = half(leaves.len() as u64);
        let (left, right) = leaves.split_at(usize::try_from(half).expect("small"));
        if index < half {
            [path(index, left), vec![root(right)]].concat()
        } else {
            [path(index - half, right), vec![root(left)]].concat()
        }
    }

    fn growth(from: u64, leaves: &[Hash], whole: bool) -> Vec<Hash> {
        let to = leaves.len() as u64;
        if from == to {
            return if whole {
                Vec::new()
            } else {
                vec![root(leaves)]
            };
        }
        let half = half(to);
        let (left, right) = leaves.split_at(usize::try_from(half).expect("small"));
        if from <= half {
            [growth(from, left, whole), vec![root(right)]].concat()
        } else {
            [growth(from - half, right, false), vec![root(left)]].concat()
        }
    }

    #[test]
    fn the_published_roots() {
        let hex = |hash: Hash| {
            let number = |half: &[u8]| u128::from_be_bytes(half.try_into().expect("16 bytes"));
            let (left, right) = hash.split_at(16);
            format!("{:032x}{:032x}", number(left), number(right))
        };
        assert_eq!(
            hex(Tree::default().root()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        let entries: [&[u8]; 3] = [b"", b"\x00", b"\x10"];
        let leaves = entries.map(leaf);
        assert_eq!(
            hex(root(&leaves)),
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"
        );
    }

    #[test]
    fn proofs_of_every_small_tree() {
        for size in 1..40 {
            let leaves = leaves(size);
            let root = root(&leaves);
            for at in 0..size {
                let leaf = leaves[usize::try_from(at).expect("small")];
                let path = path(at, &leaves);
                assert!(includes(at, size, leaf, &path, &root));
                assert!(!includes(at, size, [7; 32], &path, &root));
                assert!(!includes(at + 1, size, leaf, &path, &root));
                assert!(!includes(
                    at,
                    size,
                    leaf,
                    &[&path[..], &[[7; 32]]].concat(),
                    &root
                ));
                let from = at + 1;
                let old = super::tests::root(&leaves[..usize::try_from(from).expect("small")]);
                let path = growth(from, &leaves, true);
                assert!(extends(from, size, &old, &root, &path));
                assert!(!extends(from, size, &[7; 32], &root, &path));
                assert!(!extends(from, size, &old, &[7; 32], &path));
                assert!(!extends(
                    from,
                    size,
                    &old,
                    &root,
                    &[&path[..], &[[7; 32]]].concat()
                ));
            }
        }
    }
}
