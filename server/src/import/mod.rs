//! Importing assets from a table: everything is looked at before anything is entered, and what is entered goes through the ledger like all else.
//!
//! The file is read three times: for its digest, by which a stopped import is recognised; to check every row, against the others and against the
//! record; and to enter the rows, a thousand in a transaction. No pass holds more than a chunk of rows in memory. Names that mean nothing yet
//! (models, places) are made between the second and the third, where that was asked for.

mod entry;
mod fault;
mod field;
mod mapping;
mod seen;
mod source;
mod world;

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use csv::ByteRecord;
use habeo_core::access::Access;
use habeo_core::asset;
use habeo_core::asset::steps::{Step, Steps, StepsRefusal};
use habeo_core::import::command::{Begin, Chunk, Refusal};
use habeo_core::import::{Import, store};
use habeo_core::ledger::tree::hex;
use habeo_core::ledger::{All, Command, Ledger, RecordError};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

pub use entry::Terms;
pub use fault::{Fault, Faults};
pub use field::Field;
pub use mapping::{Said, said, said_in_file};
pub use world::Creating;

use entry::{Entry, Reader};
use mapping::Mapping;
use seen::{Claim, Seen};
use source::{Row, Source, SourceError};
use world::World;

/// How many rows are checked together, and entered in one transaction.
pub const ROWS_PER_CHUNK: usize = 4_000;
/// How many chunks are put together ahead of the one that is written.
const CHUNKS_AHEAD: usize = 2;
/// What sets the digests of another way of importing apart.
const WAY: &str = "habeo import assets 1";

/// A file and what was said about it.
#[derive(Debug, Clone)]
pub struct Request {
    /// The file.
    pub file: PathBuf,
    /// What separates its columns.
    pub delimiter: u8,
    /// What was said about its columns.
    pub said: Said,
    /// What is said once for all rows.
    pub terms: Terms,
    /// What may be made.
    pub creating: Creating,
}

/// Told how far the work is: done of all.
pub type Progress<'a> = &'a (dyn Fn(u64, u64) + Send + Sync);

/// A file that was checked.
#[derive(Debug)]
pub struct Checked {
    request: Request,
    mapping: Arc<Mapping>,
    world: World,
    digest: Vec<u8>,
    file_sha256: String,
    chunk_digests: Vec<[u8; 8]>,
    /// How many rows it has.
    pub rows: u64,
    /// How many of them were entered by an import of this file that was stopped.
    pub entered: u64,
    /// Whether such an import was completed.
    pub completed: bool,
}

impl Checked {
    /// The columns that mean nothing.
    #[must_use]
    pub fn left_out(&self) -> Vec<&str> {
        self.mapping.left_out()
    }

    /// How many things of the catalogue, and how many places, are made first.
    #[must_use]
    pub fn to_be_made(&self) -> (usize, usize) {
        (self.world.new_catalogue.len(), self.world.new_places.len())
    }
}

/// Checks every row. What is wrong is added to the faults; without any, the file can be entered.
pub async fn check(
    ledger: &Ledger,
    access: &Access,
    request: Request,
    faults: &mut Faults,
    progress: Progress<'_>,
) -> anyhow::Result<Checked> {
    let path = request.file.clone();
    let (sha256, bytes) =
        source::digest(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    let random = ledger.shared_random();
    let mut source = Source::open(&path, request.delimiter, random.as_ref())?;
    let mapping = Arc::new(Mapping::of(&source.headers, &request.said)?);
    let digest = identity(&sha256, &request, &mapping);
    let mut tx = ledger.db().read(access).await?;
    let begun = store::by_digest(&mut tx, access, &digest).await?;
    drop(tx);
    let world = World::read(ledger, access, request.creating).await?;
    let mut checked = Checked {
        request,
        mapping,
        world,
        digest,
        file_sha256: hex(&sha256),
        chunk_digests: Vec::new(),
        rows: 0,
        entered: begun.map_or(0, |import| u64::try_from(import.rows_done).unwrap_or(0)),
        completed: begun.is_some_and(|import| import.finished_at.is_some()),
    };
    if checked.completed {
        checked.rows = begun.map_or(0, |import| u64::try_from(import.rows_total).unwrap_or(0));
        return Ok(checked);
    }
    let mut seen = Seen::default();
    loop {
        let chunk = Batch::read(&mut source)?;
        if chunk.rows.is_empty() {
            break;
        }
        let is_new = checked.rows >= checked.entered;
        checked.chunk_digests.push(chunk.digest());
        checked.rows += chunk.rows.len() as u64;
        let claims = checked.read_batch(ledger, access, &chunk, faults).await?;
        for (line, claim) in &claims {
            seen.note(claim, *line)?;
        }
        if is_new {
            checked.compare(ledger, access, claims, faults).await?;
        }
        progress(source.taken().min(bytes), bytes);
    }
    let mapping = Arc::clone(&checked.mapping);
    seen.repeated(|again| {
        faults.add(Fault {
            line: again.line,
            column: mapping.header(again.field).to_owned(),
            code: "repeated",
            message: format!("line {} has the same", again.first),
        })
    })?;
    faults.flush()?;
    Ok(checked)
}

/// What tells one import from another: the file, and everything that decides what is made of it.
fn identity(sha256: &[u8; 32], request: &Request, mapping: &Mapping) -> Vec<u8> {
    let skipped: Vec<&str> = request
        .terms
        .skipped
        .iter()
        .map(|state| state.as_str())
        .collect();
    let rest = format!(
        "{WAY}\n{}\n{}\n{}\n{}\n{ROWS_PER_CHUNK}",
        request.delimiter,
        mapping.canonical(),
        skipped.join(","),
        request.terms.provenance.as_deref().unwrap_or_default(),
    );
    Sha256::new_with_prefix(sha256)
        .chain_update(rest)
        .finalize()
        .to_vec()
}

/// Some rows of the file, as they stand in it.
#[derive(Debug, Default)]
struct Batch {
    rows: Vec<(u64, ByteRecord)>,
}

impl Batch {
    fn read(source: &mut Source) -> Result<Self, SourceError> {
        let mut rows = Vec::with_capacity(ROWS_PER_CHUNK);
        while rows.len() < ROWS_PER_CHUNK {
            let Some(row) = source.read_row()? else { break };
            rows.push((row.line, row.cells.clone()));
        }
        Ok(Self { rows })
    }

    /// By it the third reading knows that it reads what the second checked.
    fn digest(&self) -> [u8; 8] {
        let mut hash = Sha256::new();
        for (_, cells) in &self.rows {
            for cell in cells {
                hash.update((cell.len() as u64).to_be_bytes());
                hash.update(cell);
            }
            hash.update([0xFF]);
        }
        let full = hash.finalize();
        let mut short = [0; 8];
        short.copy_from_slice(&full[..8]);
        short
    }

    fn addresses(&self, mapping: &Mapping) -> Vec<String> {
        self.rows
            .iter()
            .filter_map(|(_, cells)| entry::address(mapping, cells))
            .collect()
    }
}

impl Checked {
    /// Checks rows each by itself, and says what they claim.
    async fn read_batch(
        &mut self,
        ledger: &Ledger,
        access: &Access,
        batch: &Batch,
        faults: &mut Faults,
    ) -> anyhow::Result<Vec<(u64, Claim)>> {
        let addresses = batch.addresses(&self.mapping);
        self.world.meet(access, addresses).await?;
        let random = ledger.shared_random();
        let mut reader = Reader {
            mapping: &self.mapping,
            terms: &self.request.terms,
            world: &mut self.world,
            now: ledger.clock().now(),
            random: random.as_ref(),
        };
        let mut claims = Vec::with_capacity(batch.rows.len());
        for (line, cells) in &batch.rows {
            match reader.entry(Row { line: *line, cells }) {
                Ok(entry) => claims.extend(entry.claims.into_iter().map(|claim| (*line, claim))),
                Err(found) => {
                    for fault in found {
                        faults.add(fault)?;
                    }
                }
            }
        }
        Ok(claims)
    }

    /// Finds claims that the record knows already.
    async fn compare(
        &self,
        ledger: &Ledger,
        access: &Access,
        claims: Vec<(u64, Claim)>,
        faults: &mut Faults,
    ) -> anyhow::Result<()> {
        let mut tx = ledger.db().read(access).await?;
        let once = |pick: fn(&Claim) -> Option<&String>| -> Vec<String> {
            let all: HashSet<&String> =
                claims.iter().filter_map(|(_, claim)| pick(claim)).collect();
            all.into_iter().cloned().collect()
        };
        let tags = once(|claim| match claim {
            Claim::Tag(folded) => Some(folded),
            _ => None,
        });
        let serials = once(|claim| match claim {
            Claim::Serial(folded, _) => Some(folded),
            _ => None,
        });
        let others = once(|claim| match claim {
            Claim::Identifier(_, folded) => Some(folded),
            _ => None,
        });
        let tags: HashSet<String> = asset::store::taken_tags(&mut tx, access, tags)
            .await?
            .into_iter()
            .collect();
        let serials: HashSet<_> = asset::store::claimed_serials(&mut tx, access, serials)
            .await?
            .into_iter()
            .collect();
        let others: HashSet<_> = asset::store::claimed_identifiers(&mut tx, access, others)
            .await?
            .into_iter()
            .collect();
        drop(tx);
        for (line, claim) in claims {
            let field = claim.field();
            let taken = match claim {
                Claim::Tag(folded) => tags.contains(&folded),
                Claim::Serial(folded, maker) => serials.contains(&(folded, maker)),
                Claim::Identifier(kind, folded) => others.contains(&(folded, kind)),
            };
            if taken {
                faults.add(Fault {
                    line,
                    column: self.mapping.header(field).to_owned(),
                    code: "taken",
                    message: "another asset of the record has, or had, the same".to_owned(),
                })?;
            }
        }
        Ok(())
    }

    /// Enters the rows: those that a stopped import of the same file has not entered yet. `after_chunk` is told how far it is, and may stop it.
    pub async fn apply(
        mut self,
        ledger: &Ledger,
        access: &Access,
        after_chunk: &(dyn Fn(&Import) -> ControlFlow<()> + Send + Sync),
    ) -> anyhow::Result<Import> {
        self.make(ledger, access).await?;
        let begin = Begin {
            digest: self.digest.clone(),
            file_sha256: self.file_sha256.clone(),
            rows: i64::try_from(self.rows)?,
            chunks: i64::try_from(self.chunk_digests.len())?,
        };
        let mut import = ledger.record(access, begin).await?;
        let (sender, mut chunks) = mpsc::channel(CHUNKS_AHEAD);
        let id = import.id;
        let first = usize::try_from(import.chunks_done)?;
        // Reading and putting together go on while the chunk before is written.
        let producer = {
            let ledger = ledger.clone();
            tokio::task::spawn_blocking(move || self.produce(&ledger, first, &sender))
        };
        while let Some(Prepared {
            number,
            rows,
            steps,
            lines,
        }) = chunks.recv().await
        {
            let chunk = Chunk {
                import: id,
                number,
                rows,
                steps: Steps(Arc::new(steps)),
            };
            import = ledger
                .record(access, chunk)
                .await
                .map_err(|error| explained(error, &lines))?;
            if after_chunk(&import).is_break() {
                return Ok(import);
            }
        }
        producer.await??;
        Ok(import)
    }

    /// Makes what names mean nothing yet.
    async fn make(&mut self, ledger: &Ledger, access: &Access) -> anyhow::Result<()> {
        let catalogue = std::mem::take(&mut self.world.new_catalogue);
        let places = std::mem::take(&mut self.world.new_places);
        in_chunks(ledger, access, catalogue)
            .await
            .context("the catalogue cannot be completed")?;
        in_chunks(ledger, access, places)
            .await
            .context("the places cannot be made")
    }

    /// Reads the file once more and puts its chunks together, those that are entered already left out.
    fn produce(
        mut self,
        ledger: &Ledger,
        first: usize,
        sender: &mpsc::Sender<Prepared>,
    ) -> anyhow::Result<()> {
        let random = ledger.shared_random();
        let request = &self.request;
        let mut source = Source::open(&request.file, request.delimiter, random.as_ref())?;
        for (number, expected) in self.chunk_digests.iter().enumerate() {
            let batch = Batch::read(&mut source)?;
            if batch.digest() != *expected {
                bail!("the file was changed while it was imported");
            }
            if number < first {
                continue;
            }
            let mut reader = Reader {
                mapping: &self.mapping,
                terms: &request.terms,
                world: &mut self.world,
                now: ledger.clock().now(),
                random: random.as_ref(),
            };
            let mut prepared = Prepared {
                number: i64::try_from(number)?,
                rows: i64::try_from(batch.rows.len())?,
                steps: Vec::with_capacity(batch.rows.len()),
                lines: Vec::with_capacity(batch.rows.len()),
            };
            for (line, cells) in &batch.rows {
                let entry = reader.entry(Row { line: *line, cells });
                let entry = entry.map_err(|faults| anyhow::anyhow!("{}", first_of(&faults)))?;
                prepared.add(entry);
            }
            // Whoever received has stopped.
            if sender.blocking_send(prepared).is_err() {
                return Ok(());
            }
        }
        Ok(())
    }
}

/// A chunk that waits to be written.
#[derive(Debug)]
struct Prepared {
    number: i64,
    rows: i64,
    steps: Vec<Step>,
    /// In which line the row of each step begins.
    lines: Vec<u64>,
}

impl Prepared {
    fn add(&mut self, entry: Entry) {
        for command in entry.commands {
            self.steps.push(Step {
                command,
                past: None,
            });
            self.lines.push(entry.line);
        }
    }
}

fn first_of(faults: &[Fault]) -> String {
    faults.first().map_or_else(
        || "a row is not usable any more".to_owned(),
        ToString::to_string,
    )
}

fn explained(error: RecordError<Refusal>, lines: &[u64]) -> anyhow::Error {
    match &error {
        RecordError::Refused(Refusal::Step(StepsRefusal::Step { position, refusal })) => {
            let line = lines.get(*position).copied().unwrap_or(0);
            anyhow::anyhow!(
                "line {line}: {refusal}. The record has changed since the file was checked; the chunks before this line's are entered"
            )
        }
        _ => error.into(),
    }
}

async fn in_chunks<C>(ledger: &Ledger, access: &Access, commands: Vec<C>) -> anyhow::Result<()>
where
    C: Command,
    C::Refusal: std::error::Error + Sync,
{
    let mut commands = commands.into_iter().peekable();
    while commands.peek().is_some() {
        let chunk: Vec<C> = commands.by_ref().take(ROWS_PER_CHUNK).collect();
        ledger.record(access, All(chunk)).await?;
    }
    Ok(())
}
