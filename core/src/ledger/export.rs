//! A ledger as a file: its entries to the byte, its checkpoints and public keys, for whoever wants to check it without the program or the
//! database. `docs/ledger.md` describes it to the letter.

use std::io::{self, BufRead, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::checkpoint::{self, Signed};
use super::note::{Checkpoint, Verifier, verify};
use super::tile::signed;
use super::tree::{Frontier, leaf_hash};
use super::verify::{Finding, Whole};
use super::{audit, note::NoteRefusal};
use crate::access::Access;
use crate::id::OrgId;
use crate::store::{Db, StoreError, fetch_all};

/// What the first line says that it is.
const FORMAT: &str = "habeo-ledger";
const VERSION: u8 = 1;
const CHUNK: u64 = 4_096;
/// The longest line that is read: an entry of 60 KiB, or a header with many keys.
const LINE_BYTES_MAX: usize = 256 * 1024;

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    format: String,
    version: u8,
    org: OrgId,
    origin: String,
    size: u64,
    root: String,
    checkpoints: u64,
    keys: Vec<String>,
}

/// A line after the entries.
#[derive(Debug, Serialize, Deserialize)]
struct CheckpointLine {
    checkpoint: String,
}

/// Why nothing was written, or could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file failed.
    #[error("the file failed: {0}")]
    File(#[from] io::Error),
    /// There is no such ledger.
    #[error("the organization has no ledger")]
    NoLedger,
    /// The file is something else.
    #[error("line {line} is not what an export has there")]
    Malformed {
        /// Which, from 1.
        line: u64,
    },
}

/// Writes a ledger, as it is now, and says how many entries it has.
pub async fn write(
    db: &Db,
    access: &Access,
    file: &mut (dyn Write + Send),
) -> Result<u64, ExportError> {
    let keys = checkpoint::keys(db).await?;
    let mut tx = db.read(access).await?;
    let (size, root) = audit::head(&mut tx, access)
        .await?
        .ok_or(ExportError::NoLedger)?;
    let checkpoints: Vec<Signed> = checkpoint::all(&mut tx, access).await?;
    let checkpoints: Vec<Signed> = checkpoints
        .into_iter()
        .filter(|signed| signed.checkpoint.size <= size)
        .collect();
    let origin = checkpoint::origin(&mut tx, access)
        .await?
        .ok_or(ExportError::NoLedger)?;
    let mut origins: Vec<&str> = checkpoints
        .iter()
        .map(|signed| signed.checkpoint.origin.as_str())
        .collect();
    origins.push(&origin);
    origins.sort_unstable();
    origins.dedup();
    let keys = origins
        .iter()
        .flat_map(|origin| checkpoint::verifiers(&keys, origin));
    let header = Header {
        format: FORMAT.to_owned(),
        version: VERSION,
        org: access.org(),
        origin: origin.clone(),
        size,
        root: STANDARD.encode(root),
        checkpoints: checkpoints.len() as u64,
        keys: keys.map(|key| key.to_string()).collect(),
    };
    line(
        file,
        &serde_json::to_string(&header).map_err(io::Error::from)?,
    )?;
    let mut begin = 0;
    while begin < size {
        let end = (begin + CHUNK).min(size);
        let rows: Vec<(String,)> = fetch_all!(
            &mut tx,
            (String,),
            "SELECT bytes FROM ledger_entry WHERE org_id = $1 AND log_index >= $2 AND log_index < $3 ORDER BY log_index",
            access.org(),
            signed(begin),
            signed(end)
        )?;
        for (bytes,) in rows {
            line(file, &bytes)?;
        }
        begin = end;
    }
    for Signed { note, .. } in checkpoints {
        let checkpoint = CheckpointLine { checkpoint: note };
        line(
            file,
            &serde_json::to_string(&checkpoint).map_err(io::Error::from)?,
        )?;
    }
    file.flush()?;
    Ok(size)
}

fn line(file: &mut (dyn Write + Send), text: &str) -> io::Result<()> {
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")
}

/// Checks an export with nothing but public keys: those given, or where none are, those that it brings along.
pub fn check(
    file: &mut dyn BufRead,
    trusted: &[Verifier],
) -> Result<Result<Whole, Finding>, ExportError> {
    let mut lines = Lines { file, number: 0 };
    let malformed = |line| ExportError::Malformed { line };
    let header: Header =
        serde_json::from_slice(&lines.next()?.ok_or(malformed(1))?).map_err(|_| malformed(1))?;
    if header.format != FORMAT || header.version != VERSION {
        return Err(malformed(1));
    }
    let own: Option<Vec<Verifier>> = header.keys.iter().map(|key| Verifier::parse(key)).collect();
    let keys = if trusted.is_empty() {
        own.ok_or(malformed(1))?
    } else {
        trusted.to_vec()
    };
    let mut frontier = Frontier::default();
    // Checkpoints come last, and their roots are computed again from the leaves.
    let mut leaves = Vec::new();
    for index in 0..header.size {
        let Some(bytes) = lines.next()? else {
            let what = "it is missing";
            return Ok(Err(Finding::Entry { index, what }));
        };
        if !says(&bytes, header.org, index) {
            let what = "it is not the entry of this place";
            return Ok(Err(Finding::Entry { index, what }));
        }
        let leaf = leaf_hash(&bytes);
        frontier.push(leaf);
        leaves.push(leaf);
    }
    if STANDARD.encode(frontier.root()) != header.root {
        return Ok(Err(Finding::Head { size: header.size }));
    }
    let mut checkpoints: Vec<Checkpoint> = Vec::new();
    for _ in 0..header.checkpoints {
        let number = lines.number + 1;
        let text = lines.next()?.ok_or(malformed(number))?;
        let CheckpointLine { checkpoint: note } =
            serde_json::from_slice(&text).map_err(|_| malformed(number))?;
        match verify(&note, &keys)
            .and_then(|text| Checkpoint::parse(text).ok_or(NoteRefusal::Malformed))
        {
            Ok(checkpoint) => checkpoints.push(checkpoint),
            Err(why) => return Ok(Err(Finding::Signature { size: 0, why })),
        }
    }
    if lines.next()?.is_some() {
        return Err(malformed(lines.number));
    }
    checkpoints.sort_by_key(|checkpoint| checkpoint.size);
    let mut again = Frontier::default();
    let mut leaves = leaves.into_iter();
    let mut good = 0;
    for checkpoint in &checkpoints {
        if checkpoint.size > header.size {
            let (size, signed) = (header.size, checkpoint.size);
            return Ok(Err(Finding::Lost { size, signed }));
        }
        while again.size() < checkpoint.size {
            if let Some(leaf) = leaves.next() {
                again.push(leaf);
            }
        }
        if again.root() != checkpoint.root {
            let size = checkpoint.size;
            return Ok(Err(Finding::Checkpoint { size, good }));
        }
        good = checkpoint.size;
    }
    Ok(Ok(Whole {
        size: header.size,
        root: frontier.root(),
        tiles: 0,
        checkpoints: checkpoints.len() as u64,
    }))
}

/// Whether an entry says that it belongs to this place.
fn says(bytes: &[u8], org: OrgId, index: u64) -> bool {
    #[derive(Deserialize)]
    struct Inside {
        org: OrgId,
        index: u64,
    }
    serde_json::from_slice::<Inside>(bytes)
        .is_ok_and(|inside| inside.org == org && inside.index == index)
}

struct Lines<'a> {
    file: &'a mut dyn BufRead,
    number: u64,
}

impl Lines<'_> {
    /// The next line without its end; none at the end of the file.
    fn next(&mut self) -> Result<Option<Vec<u8>>, ExportError> {
        self.number += 1;
        let mut bytes = Vec::new();
        let limit = LINE_BYTES_MAX as u64 + 1;
        let read = io::Read::take(&mut *self.file, limit).read_until(b'\n', &mut bytes)?;
        match bytes.pop() {
            None => Ok(None),
            Some(b'\n') => Ok(Some(bytes)),
            Some(_) if read == 0 => Ok(None),
            Some(_) => Err(ExportError::Malformed { line: self.number }),
        }
    }
}
