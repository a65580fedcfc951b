//! The whole ledger checked against itself: entries, leaves, tiles, head, signed checkpoints, and the checkpoint that is kept outside.
//!
//! One task reads ahead while a thread hashes what was read before; neither waits for the other but at the end.

mod recent;

use serde::Deserialize;
use tokio::sync::mpsc;

pub use recent::{Recent, recent};

use super::audit;
use super::checkpoint::{self, Signed};
use super::note::{Checkpoint, NoteRefusal};
use super::tile::{self, HASHES, WIDTH, signed, unsigned};
use super::tree::{Frontier, Hash, leaf_hash, perfect_root};
use crate::access::Access;
use crate::id::OrgId;
use crate::store::{Db, StoreError, StoreResult, Tx, fetch_all};

/// How many entries are read at once: whole tiles.
const CHUNK: u64 = 16 * WIDTH;
/// How many such readings may lie between the reader and the hasher.
const CHUNKS_AHEAD: usize = 4;

/// What a ledger that is whole has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    /// How many entries.
    pub size: u64,
    /// The root of their tree.
    pub root: Hash,
    /// How many stored tiles were compared.
    pub tiles: u64,
    /// How many signed checkpoints were checked.
    pub checkpoints: u64,
}

/// The first thing that is wrong with a ledger.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// An entry is missing, or was altered.
    #[error("entry {index}: {what}")]
    Entry {
        /// Its index.
        index: u64,
        /// What is wrong with it.
        what: &'static str,
    },
    /// Stored hashes were altered.
    #[error("tile {position} of level {level} does not belong to the entries")]
    Tile {
        /// Its level.
        level: u32,
        /// Its place.
        position: u64,
    },
    /// The head is not that of the entries.
    #[error("the head does not belong to the {size} entries")]
    Head {
        /// How many entries there are.
        size: u64,
    },
    /// A checkpoint's signature does not hold.
    #[error("the checkpoint of {size} entries: {why}")]
    Signature {
        /// Its size.
        size: u64,
        /// Why.
        why: NoteRefusal,
    },
    /// A checkpoint has another root than the entries, so at least one before it was replaced.
    #[error(
        "the entries are not those of the signed checkpoint of {size}; the last one that holds is of {good}"
    )]
    Checkpoint {
        /// Its size.
        size: u64,
        /// The largest size before it whose checkpoint holds; the altered entry has this index or a later one.
        good: u64,
    },
    /// The checkpoint outside the database is of more entries than there are.
    #[error("a checkpoint of {signed} entries was signed, and there are {size}")]
    Lost {
        /// How many there are.
        size: u64,
        /// How many there were.
        signed: u64,
    },
}

/// Checks a whole ledger. `outside` is the note kept outside the database, if there is one.
pub async fn whole(
    db: &Db,
    access: &Access,
    outside: Option<String>,
) -> StoreResult<Result<Whole, Finding>> {
    let keys: Vec<_> = checkpoint::keys(db)
        .await?
        .iter()
        .map(|key| key.public_key)
        .collect();
    let mut tx = db.read(access).await?;
    let head = audit::head(&mut tx, access).await?;
    let (size, root) = head.unwrap_or((0, Frontier::default().root()));
    let mut promised = Vec::new();
    for Signed {
        checkpoint, note, ..
    } in checkpoint::all(&mut tx, access).await?
    {
        match Checkpoint::open(&note, &keys) {
            Ok(signed) if signed == checkpoint => promised.push(signed),
            Ok(_) => {
                let (size, why) = (checkpoint.size, NoteRefusal::BadSignature);
                return Ok(Err(Finding::Signature { size, why }));
            }
            Err(why) => {
                let size = checkpoint.size;
                return Ok(Err(Finding::Signature { size, why }));
            }
        }
    }
    if let Some(note) = outside {
        match Checkpoint::open(&note, &keys) {
            Ok(signed) => {
                let given_up = checkpoint::epochs(&mut tx, access).await?;
                if !given_up.iter().any(|epoch| epoch.former == signed) {
                    promised.push(signed);
                }
            }
            Err(why) => return Ok(Err(Finding::Signature { size: 0, why })),
        }
    }
    promised.sort_by_key(|signed| signed.size);
    let hasher = Hasher::new(access.org(), promised, Frontier::default());
    match walked(&mut tx, access.org(), size, hasher).await? {
        Ok(walked) => walked.finish(&mut tx, access, size, &root).await,
        Err(finding) => Ok(Err(finding)),
    }
}

/// Reads the entries from where a hasher begins and hashes them, at once.
async fn walked(
    tx: &mut Tx,
    org: OrgId,
    size: u64,
    hasher: Hasher,
) -> StoreResult<Result<Hasher, Finding>> {
    let begin = hasher.frontier.size();
    let (sender, receiver) = mpsc::channel(CHUNKS_AHEAD);
    let hashing = tokio::task::spawn_blocking(move || hasher.run(receiver));
    let read = read(tx, org, (begin, size), sender).await;
    let ended = hashing.await.map_err(|error| StoreError::Inconsistent {
        table: "ledger_entry",
        what: error.to_string(),
    })?;
    // What was found first is the answer, also when reading stopped because of it.
    if ended.is_ok() {
        read?;
    }
    Ok(ended)
}

/// Entries that follow one another, with the tiles that they should make up.
struct Chunk {
    entries: Vec<(i64, Vec<u8>, Vec<u8>)>,
    tiles: Vec<(i64, Vec<u8>, Vec<u8>)>,
}

type Rows = Vec<(i64, Vec<u8>, Vec<u8>)>;

async fn entries(tx: &mut Tx, org: OrgId, begin: u64, end: u64) -> StoreResult<Rows> {
    // Whoever altered a byte need not have left a text.
    const SQLITE: &str = "SELECT log_index, leaf_hash, bytes FROM ledger_entry
        WHERE org_id = $1 AND log_index >= $2 AND log_index < $3 ORDER BY log_index";
    const POSTGRES: &str =
        "SELECT log_index, leaf_hash, convert_to(bytes, 'UTF8') FROM ledger_entry
        WHERE org_id = $1 AND log_index >= $2 AND log_index < $3 ORDER BY log_index";
    let text = match tx {
        Tx::Sqlite(_) => SQLITE,
        Tx::Postgres(_) => POSTGRES,
    };
    fetch_all!(
        tx,
        (i64, Vec<u8>, Vec<u8>),
        text,
        org,
        signed(begin),
        signed(end)
    )
}

/// Reads everything there is, also beyond the head: an entry that the head does not know of is as wrong as one that is gone.
async fn read(
    tx: &mut Tx,
    org: OrgId,
    (mut begin, size): (u64, u64),
    chunks: mpsc::Sender<Chunk>,
) -> StoreResult<()> {
    loop {
        let end = begin + CHUNK;
        let entries = entries(tx, org, begin, end).await?;
        let tiles: Rows = fetch_all!(
            tx,
            (i64, Vec<u8>, Vec<u8>),
            "SELECT position, root, hashes FROM ledger_tile WHERE org_id = $1 AND level = 0 AND position >= $2 AND position < $3 ORDER BY position",
            org,
            signed(begin / WIDTH),
            signed(end / WIDTH)
        )?;
        let done = entries.is_empty() && begin >= size;
        if chunks.send(Chunk { entries, tiles }).await.is_err() || done {
            return Ok(());
        }
        begin = end;
    }
}

/// What an entry says of itself.
#[derive(Deserialize)]
struct Inside {
    org: OrgId,
    index: u64,
}

struct Hasher {
    org: OrgId,
    frontier: Frontier,
    tile_roots: Vec<Hash>,
    tile: Vec<Hash>,
    tiles: u64,
    promised: std::iter::Peekable<std::vec::IntoIter<Checkpoint>>,
    checkpoints: u64,
    good: u64,
}

impl Hasher {
    /// Begins behind the leaves of a tree that is known, which are whole tiles.
    fn new(org: OrgId, promised: Vec<Checkpoint>, frontier: Frontier) -> Self {
        Self {
            org,
            frontier,
            tile_roots: Vec::new(),
            tile: Vec::new(),
            tiles: 0,
            promised: promised.into_iter().peekable(),
            checkpoints: 0,
            good: 0,
        }
    }

    fn run(mut self, mut chunks: mpsc::Receiver<Chunk>) -> Result<Self, Finding> {
        self.keep_promises()?;
        while let Some(chunk) = chunks.blocking_recv() {
            self.chunk(chunk)?;
        }
        Ok(self)
    }

    fn chunk(&mut self, chunk: Chunk) -> Result<(), Finding> {
        let mut tiles = chunk.tiles.into_iter().peekable();
        for (index, leaf, bytes) in chunk.entries {
            let hash = self.entry(unsigned(index), &leaf, &bytes)?;
            self.frontier.push(hash);
            self.tile.push(hash);
            if self.tile.len() as u64 == WIDTH {
                let position = self.frontier.size() / WIDTH - 1;
                let stored = tiles.next_if(|(at, ..)| unsigned(*at) == position);
                self.complete_tile(position, stored)?;
            }
            self.keep_promises()?;
        }
        match tiles.next() {
            // A tile of entries that are not there, or the one after a gap.
            Some((position, ..)) => Err(Finding::Tile {
                level: 0,
                position: unsigned(position),
            }),
            None => Ok(()),
        }
    }

    fn entry(&self, index: u64, leaf: &[u8], bytes: &[u8]) -> Result<Hash, Finding> {
        let expected = self.frontier.size();
        let wrong = |what| Finding::Entry {
            index: expected,
            what,
        };
        if index != expected {
            return Err(wrong("it is missing"));
        }
        let hash = leaf_hash(bytes);
        if leaf != hash {
            return Err(wrong("its bytes do not have its hash"));
        }
        let inside: Inside =
            serde_json::from_slice(bytes).map_err(|_| wrong("it is not an entry"))?;
        if inside.index != index || inside.org != self.org {
            return Err(wrong("it belongs somewhere else"));
        }
        Ok(hash)
    }

    fn complete_tile(
        &mut self,
        position: u64,
        stored: Option<(i64, Vec<u8>, Vec<u8>)>,
    ) -> Result<(), Finding> {
        let hashes = std::mem::take(&mut self.tile);
        let wrong = || Finding::Tile { level: 0, position };
        let root = perfect_root(&hashes).ok_or_else(wrong)?;
        if let Some((_, stored_root, stored)) = stored {
            let stored = tile::hashes(&stored).map_err(|_| wrong())?;
            let altered = hashes
                .iter()
                .zip(&stored)
                .position(|(one, other)| one != other);
            if let Some(within) = altered {
                return Err(Finding::Entry {
                    index: position * WIDTH + within as u64,
                    what: "its hash is another in the stored tree",
                });
            }
            if stored.len() != hashes.len() || stored_root != root {
                return Err(wrong());
            }
            self.tiles += 1;
        }
        self.tile_roots.push(root);
        Ok(())
    }

    /// Compares the tree with every checkpoint of its present size.
    fn keep_promises(&mut self) -> Result<(), Finding> {
        let size = self.frontier.size();
        while let Some(promised) = self.promised.next_if(|promised| promised.size <= size) {
            if promised.size != size || promised.root != self.frontier.root() {
                let good = self.good;
                return Err(Finding::Checkpoint {
                    size: promised.size,
                    good,
                });
            }
            self.checkpoints += 1;
            self.good = size;
        }
        Ok(())
    }

    /// What is to be compared once every entry was read.
    fn ends_at(&mut self, size: u64, root: &Hash) -> Result<(), Finding> {
        let read = self.frontier.size();
        if read < size {
            let what = "it is missing";
            return Err(Finding::Entry { index: read, what });
        }
        if read > size || self.frontier.root() != *root {
            return Err(Finding::Head { size: read });
        }
        match self.promised.next() {
            Some(promised) => {
                let signed = promised.size;
                Err(Finding::Lost { size, signed })
            }
            None => Ok(()),
        }
    }

    async fn finish(
        mut self,
        tx: &mut Tx,
        access: &Access,
        size: u64,
        root: &Hash,
    ) -> StoreResult<Result<Whole, Finding>> {
        if let Err(finding) = self.ends_at(size, root) {
            return Ok(Err(finding));
        }
        let mut roots = std::mem::take(&mut self.tile_roots);
        let mut level = 1;
        while !roots.is_empty() {
            let stored: Rows = fetch_all!(
                tx,
                (i64, Vec<u8>, Vec<u8>),
                "SELECT position, root, hashes FROM ledger_tile WHERE org_id = $1 AND level = $2 ORDER BY position",
                access.org(),
                i64::from(level)
            )?;
            let (tiles, _) = roots.as_chunks::<HASHES>();
            let above: Vec<Hash> = tiles.iter().filter_map(|tile| perfect_root(tile)).collect();
            for (position, stored_root, hashes) in stored {
                let at = usize::try_from(position).unwrap_or(usize::MAX);
                let position = unsigned(position);
                let fits = above.get(at).is_some_and(|root| *root == *stored_root)
                    && tiles.get(at).is_some_and(|tile| tile.concat() == hashes);
                if !fits {
                    return Ok(Err(Finding::Tile { level, position }));
                }
                self.tiles += 1;
            }
            roots = above;
            level += 1;
        }
        Ok(Ok(Whole {
            size,
            root: *root,
            tiles: self.tiles,
            checkpoints: self.checkpoints,
        }))
    }
}
