//! Stored hashes of the tree, 256 to a row, from which a proof at any size is put together by reading a handful of rows.
//!
//! The shape is that of C2SP tlog-tiles with tiles of height 8. Only complete tiles are stored: the leaves after the last one are read from
//! the entries, and the hashes of a higher level that are not a whole tile yet from the roots of the tiles below.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::proof::{self, Node, Part, fold};
use super::tree::{Frontier, HASH_BYTES, Hash, perfect_root};
use crate::access::Access;
use crate::id::OrgId;
use crate::store::{Query, StoreError, StoreResult, Tx, Value, fetch_one, fetch_optional};

/// The height of a tile.
const HEIGHT: u32 = 8;
/// How many hashes it has.
pub const WIDTH: u64 = 1 << HEIGHT;
/// The same, for counting what is in memory.
pub(super) const HASHES: usize = 1 << HEIGHT;

/// A proof, with what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The root of the tree of the larger size.
    pub root: Hash,
    /// The hash of the leaf, or the root of the smaller tree.
    pub of: Hash,
    /// The path, in the order of RFC 9162.
    pub hashes: Vec<Hash>,
}

/// Proves that the entry with this index is in the tree of this size; none where it is not. The tree must have that size.
pub async fn inclusion(
    tx: &mut Tx,
    access: &Access,
    index: u64,
    size: u64,
) -> StoreResult<Option<Proof>> {
    let leaf = vec![Node { level: 0, index }];
    let ends = ends(tx, access.org(), size).await?;
    let path = proof::inclusion(index, size);
    prove(tx, access.org(), (path, leaf), size, ends).await
}

/// Proves that the tree of size `from` is the beginning of that of size `to`; none unless `0 < from <= to`. The tree must have the latter.
pub async fn consistency(
    tx: &mut Tx,
    access: &Access,
    from: u64,
    to: u64,
) -> StoreResult<Option<Proof>> {
    let ends = ends(tx, access.org(), to).await?;
    let old = proof::root(from).unwrap_or_default();
    let path = proof::consistency(from, to);
    prove(tx, access.org(), (path, old), to, ends).await
}

/// As [`consistency`], from tiles and entries alone: nothing is taken from the head whose growth is to be shown.
pub(super) async fn consistency_of_entries(
    tx: &mut Tx,
    access: &Access,
    from: u64,
    to: u64,
) -> StoreResult<Option<Proof>> {
    let old = proof::root(from).unwrap_or_default();
    let path = proof::consistency(from, to);
    prove(tx, access.org(), (path, old), to, Ends::new()).await
}

/// The root of the tree when it had this size, from what is stored; none of an empty one.
pub async fn root(tx: &mut Tx, access: &Access, size: u64) -> StoreResult<Option<Hash>> {
    let Some(part) = proof::root(size) else {
        return Ok(None);
    };
    let tiles = Tiles::read(tx, access.org(), size, part.iter(), Ends::new()).await?;
    tiles.part(&part).map(Some)
}

/// The subtrees of the tree when it had this size, from what is stored: from there on leaves can be added to it again.
pub(super) async fn frontier(tx: &mut Tx, org: OrgId, size: u64) -> StoreResult<Frontier> {
    let Some(part) = proof::root(size) else {
        return Ok(Frontier::default());
    };
    let tiles = Tiles::read(tx, org, size, part.iter(), Ends::new()).await?;
    let mut roots = Vec::with_capacity(part.len() * HASH_BYTES);
    for node in &part {
        roots.extend(tiles.node(*node)?);
    }
    Frontier::from_bytes(size, &roots).ok_or_else(|| inconsistent("a tree has other subtrees"))
}

async fn prove(
    tx: &mut Tx,
    org: OrgId,
    (path, of): (Option<Vec<Part>>, Part),
    size: u64,
    ends: Ends,
) -> StoreResult<Option<Proof>> {
    let (Some(path), Some(root)) = (path, proof::root(size)) else {
        return Ok(None);
    };
    let nodes = path.iter().flatten().chain(&of).chain(&root);
    let tiles = Tiles::read(tx, org, size, nodes, ends).await?;
    Ok(Some(Proof {
        root: tiles.part(&root)?,
        of: tiles.part(&of)?,
        hashes: path
            .iter()
            .map(|part| tiles.part(part))
            .collect::<StoreResult<_>>()?,
    }))
}

/// A tile by its level and place.
type Key = (u32, u64);

/// In which tile a node's hash is found, or can be computed.
const fn tile_of(node: Node) -> Key {
    let level = node.level / HEIGHT;
    (level, (node.index << (node.level % HEIGHT)) / WIDTH)
}

/// Subtrees at the growing end of a tree, which tiles do not have yet.
type Ends = HashMap<Node, Hash>;

/// The subtrees of the head, where it has this size: most proofs are about the tree as it is, and need not gather its end from the entries.
async fn ends(tx: &mut Tx, org: OrgId, size: u64) -> StoreResult<Ends> {
    let row: Option<(Vec<u8>,)> = fetch_optional!(
        tx,
        (Vec<u8>,),
        "SELECT frontier FROM ledger_head WHERE org_id = $1 AND size = $2",
        org,
        signed(size)
    )?;
    let frontier = row.and_then(|(bytes,)| Frontier::from_bytes(size, &bytes));
    Ok(frontier.map_or_else(Ends::new, |frontier| {
        frontier
            .subtrees()
            .map(|(level, index, hash)| (Node { level, index }, hash))
            .collect()
    }))
}

/// The hashes that a proof needs.
struct Tiles {
    tiles: HashMap<Key, Vec<Hash>>,
    ends: Ends,
}

impl Tiles {
    async fn read(
        tx: &mut Tx,
        org: OrgId,
        size: u64,
        nodes: impl Iterator<Item = &Node>,
        ends: Ends,
    ) -> StoreResult<Self> {
        let nodes = nodes.filter(|node| !ends.contains_key(node));
        let mut wanted: Vec<Key> = nodes.map(|node| tile_of(*node)).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let mut tiles = stored(tx, org, &wanted).await?;
        for key in wanted {
            if let Entry::Vacant(missing) = tiles.entry(key) {
                missing.insert(assemble(tx, org, key, size).await?);
            }
        }
        Ok(Self { tiles, ends })
    }

    fn part(&self, part: &Part) -> StoreResult<Hash> {
        let hashes = part
            .iter()
            .map(|node| self.node(*node))
            .collect::<StoreResult<Vec<_>>>()?;
        fold(&hashes).ok_or_else(|| inconsistent("a proof has an empty part"))
    }

    fn node(&self, node: Node) -> StoreResult<Hash> {
        if let Some(hash) = self.ends.get(&node) {
            return Ok(*hash);
        }
        let (level, position) = tile_of(node);
        let within = node.level % HEIGHT;
        let begin = (node.index << within) - position * WIDTH;
        let end = begin + (1 << within);
        let range = usize::try_from(begin).unwrap_or(usize::MAX)
            ..usize::try_from(end).unwrap_or(usize::MAX);
        self.tiles
            .get(&(level, position))
            .and_then(|hashes| hashes.get(range))
            .and_then(perfect_root)
            .ok_or_else(|| inconsistent("hashes are missing from a tile"))
    }
}

/// Those of these tiles that are stored.
async fn stored(tx: &mut Tx, org: OrgId, wanted: &[Key]) -> StoreResult<HashMap<Key, Vec<Hash>>> {
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let mut query = Query::new("SELECT level, position, hashes FROM ledger_tile WHERE org_id = ");
    query.bind(org).push(" AND (");
    for (i, (level, position)) in wanted.iter().enumerate() {
        query.push(if i == 0 { "(level = " } else { " OR (level = " });
        query
            .bind(i64::from(*level))
            .push(" AND position = ")
            .bind(signed(*position))
            .push(")");
    }
    query.push(")");
    let rows: Vec<(i64, i64, Vec<u8>)> = query.fetch_all(tx).await?;
    rows.into_iter()
        .map(|(level, position, bytes)| {
            let key = (u32::try_from(level).unwrap_or(u32::MAX), unsigned(position));
            Ok((key, hashes(&bytes)?))
        })
        .collect()
}

/// The hashes of a tile that is not stored, as far as the tree goes.
async fn assemble(
    tx: &mut Tx,
    org: OrgId,
    (level, position): Key,
    size: u64,
) -> StoreResult<Vec<Hash>> {
    let begin = position * WIDTH;
    let end = (begin + WIDTH).min(size >> (level * HEIGHT));
    if level == 0 {
        leaves(tx, org, begin, end).await
    } else {
        roots(tx, org, level - 1, begin, end).await
    }
}

/// The hashes of the leaves from `begin` to `end`.
///
/// They come as one text: a row for each would cost more than everything else about a proof.
pub(super) async fn leaves(
    tx: &mut Tx,
    org: OrgId,
    begin: u64,
    end: u64,
) -> StoreResult<Vec<Hash>> {
    const SQLITE: &str =
        "SELECT COALESCE(group_concat(hex(leaf_hash), '' ORDER BY log_index), '') FROM ledger_entry
        WHERE org_id = $1 AND log_index >= $2 AND log_index < $3";
    const POSTGRES: &str = "SELECT COALESCE(string_agg(encode(leaf_hash, 'hex'), '' ORDER BY log_index), '') FROM ledger_entry
        WHERE org_id = $1 AND log_index >= $2 AND log_index < $3";
    let text = match tx {
        Tx::Sqlite(_) => SQLITE,
        Tx::Postgres(_) => POSTGRES,
    };
    let (hex,): (String,) = fetch_one!(tx, (String,), text, org, signed(begin), signed(end))?;
    counted(&hex, begin, end)
}

/// The roots of the tiles of a level from `begin` to `end`.
async fn roots(
    tx: &mut Tx,
    org: OrgId,
    level: u32,
    begin: u64,
    end: u64,
) -> StoreResult<Vec<Hash>> {
    const SQLITE: &str =
        "SELECT COALESCE(group_concat(hex(root), '' ORDER BY position), '') FROM ledger_tile
        WHERE org_id = $1 AND level = $2 AND position >= $3 AND position < $4";
    const POSTGRES: &str = "SELECT COALESCE(string_agg(encode(root, 'hex'), '' ORDER BY position), '') FROM ledger_tile
        WHERE org_id = $1 AND level = $2 AND position >= $3 AND position < $4";
    let text = match tx {
        Tx::Sqlite(_) => SQLITE,
        Tx::Postgres(_) => POSTGRES,
    };
    let (hex,): (String,) = fetch_one!(
        tx,
        (String,),
        text,
        org,
        i64::from(level),
        signed(begin),
        signed(end)
    )?;
    counted(&hex, begin, end)
}

fn counted(hex: &str, begin: u64, end: u64) -> StoreResult<Vec<Hash>> {
    let bytes = super::tree::unhex(hex).ok_or_else(|| inconsistent("a hash is not one"))?;
    let hashes = hashes(&bytes)?;
    if hashes.len() as u64 == end.saturating_sub(begin) {
        Ok(hashes)
    } else {
        Err(inconsistent("hashes of the tree are missing"))
    }
}

/// Stores the tiles that became complete with these leaves, which begin at `first`; what lies before them is in the database.
///
/// It also stores what an older program did not, so that a database that has just got its tiles needs no migration of its own.
pub(super) async fn store(tx: &mut Tx, org: OrgId, first: u64, new: &[Hash]) -> StoreResult<()> {
    let size = first + new.len() as u64;
    if size / WIDTH == first / WIDTH {
        return Ok(());
    }
    let mut position = next(tx, org, 0).await?;
    let mut complete: Vec<(u64, Vec<Hash>)> = Vec::new();
    while position < size / WIDTH {
        let (begin, end) = (position * WIDTH, (position + 1) * WIDTH);
        let mut hashes = match end.min(first) {
            known if known > begin => leaves(tx, org, begin, known).await?,
            _ => Vec::new(),
        };
        let from = begin.max(first) - first;
        let range = usize::try_from(from).unwrap_or(usize::MAX)
            ..usize::try_from(end.saturating_sub(first)).unwrap_or(usize::MAX);
        if end > first {
            hashes.extend(new.get(range).unwrap_or_default());
        }
        complete.push((position, hashes));
        position += 1;
    }
    write(tx, org, 0, complete).await?;
    let mut level = 1;
    while (size >> (level * HEIGHT)) >= WIDTH {
        let mut position = next(tx, org, level).await?;
        let mut complete = Vec::new();
        while (position + 1) * WIDTH <= size >> (level * HEIGHT) {
            let hashes =
                roots(tx, org, level - 1, position * WIDTH, (position + 1) * WIDTH).await?;
            complete.push((position, hashes));
            position += 1;
        }
        write(tx, org, level, complete).await?;
        level += 1;
    }
    Ok(())
}

/// Whether complete tiles of a tree of this size are not stored.
pub(super) async fn are_missing(tx: &mut Tx, org: OrgId, size: u64) -> StoreResult<bool> {
    Ok(next(tx, org, 0).await? < size / WIDTH)
}

/// Stores every complete tile of a tree of this size that is missing.
pub(super) async fn catch_up(tx: &mut Tx, org: OrgId, size: u64) -> StoreResult<()> {
    if are_missing(tx, org, size).await? {
        // As if the last complete tile had just got its last leaf, which is read from the entries like the others.
        let end = size / WIDTH * WIDTH;
        let last = leaves(tx, org, end - 1, end).await?;
        store(tx, org, end - 1, &last).await?;
    }
    Ok(())
}

/// The place of the first tile of a level that is not stored.
async fn next(tx: &mut Tx, org: OrgId, level: u32) -> StoreResult<u64> {
    let (next,): (i64,) = fetch_one!(
        tx,
        (i64,),
        "SELECT COALESCE(MAX(position), -1) + 1 FROM ledger_tile WHERE org_id = $1 AND level = $2",
        org,
        i64::from(level)
    )?;
    Ok(unsigned(next))
}

async fn write(
    tx: &mut Tx,
    org: OrgId,
    level: u32,
    tiles: Vec<(u64, Vec<Hash>)>,
) -> StoreResult<()> {
    let mut rows: Vec<[Value; 5]> = Vec::with_capacity(tiles.len());
    for (position, hashes) in tiles {
        let root =
            perfect_root(&hashes).ok_or_else(|| inconsistent("a complete tile lacks hashes"))?;
        rows.push([
            org.into(),
            i64::from(level).into(),
            signed(position).into(),
            root.to_vec().into(),
            hashes.concat().into(),
        ]);
    }
    Query::insert_rows(
        tx,
        "INSERT INTO ledger_tile (org_id, level, position, root, hashes) VALUES",
        rows,
        "",
    )
    .await?;
    Ok(())
}

pub(super) fn hashes(bytes: &[u8]) -> StoreResult<Vec<Hash>> {
    let (hashes, rest) = bytes.as_chunks::<HASH_BYTES>();
    if rest.is_empty() {
        Ok(hashes.to_vec())
    } else {
        Err(inconsistent("a tile is cut short"))
    }
}

fn inconsistent(what: &str) -> StoreError {
    StoreError::Inconsistent {
        table: "ledger_tile",
        what: what.to_owned(),
    }
}

pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
