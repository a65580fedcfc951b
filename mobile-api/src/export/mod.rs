//! Whole lists as tables: the same filters and the same scope as the pages, walked to the end, a thousand rows at a time.
//!
//! An export is recorded before its first byte leaves and again when its last one has, with the number of rows and the digest of what left. It
//! reads one snapshot for up to a minute; a reader who takes longer gets the rest from a later one. Rows come in the order of entry, so
//! that none comes twice and none that was there from the beginning is missed.

mod rows;

use std::io;
use std::time::{Duration, Instant};

use bytes::Bytes;
use habeo_core::access::{Access, Action};
use habeo_core::asset::search::Filter as AssetFilter;
use habeo_core::export::cell::guarded;
use habeo_core::export::command::{Begin, Complete, Refusal};
use habeo_core::export::{Format, List};
use habeo_core::id::{AssetId, ExportId};
use habeo_core::ledger::trail;
use habeo_core::ledger::tree::hex;
use habeo_core::ledger::{Ledger, RecordError};
use habeo_core::person::store::Filter as PeopleFilter;
use habeo_core::store::{StoreError, Tx};
use habeo_core::unit::scope::{self, Scope};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use tokio::time::timeout;

use rows::Walk;

/// The most rows of an export over HTTP. A longer list ends broken off, never short and looking whole.
pub const ROWS_MAX: u64 = 1_000_000;
/// How long one snapshot is read.
const SNAPSHOT_MAX: Duration = Duration::from_secs(55);
/// How long a snapshot is kept for a reader who is slow.
const PATIENCE_WITH_SNAPSHOT: Duration = Duration::from_secs(5);
/// How long a slow reader is waited for without one.
const PATIENCE: Duration = Duration::from_mins(1);
/// How many pieces wait for the reader.
const PIECES_AHEAD: usize = 4;

/// What is exported.
#[derive(Debug, Clone)]
pub enum Selection {
    /// Assets that pass a filter and, if any, a search.
    Assets(Box<AssetFilter>, Option<String>),
    /// What happened to an asset that the caller sees.
    History(AssetId),
    /// People who pass a filter.
    People(PeopleFilter),
    /// Sites.
    Sites,
    /// Units.
    Units,
    /// Entries of the ledger, newest first, in either form; as lines they are to the byte. For auditors of the whole organization.
    Ledger(Box<trail::Filter>, Format),
}

impl Selection {
    /// Which list it is.
    #[must_use]
    pub const fn list(&self) -> List {
        match self {
            Self::Assets(..) => List::Assets,
            Self::History(_) => List::AssetHistory,
            Self::People(_) => List::People,
            Self::Sites => List::Sites,
            Self::Units => List::Units,
            Self::Ledger(..) => List::Ledger,
        }
    }

    /// In which form it leaves.
    #[must_use]
    pub const fn format(&self) -> Format {
        match self {
            Self::Ledger(_, format) => *format,
            _ => Format::Csv,
        }
    }

    /// By which right its rows are seen.
    #[must_use]
    pub const fn action(&self) -> Action {
        match self {
            Self::Assets(..) | Self::Sites | Self::Units => Action::ReadAssets,
            Self::History(_) => Action::ReadHistory,
            Self::People(_) => Action::ReadPeople,
            Self::Ledger(..) => Action::ReadLedger,
        }
    }

    /// What it is narrowed to, for the record; none where it is the whole list.
    fn narrowed(&self) -> Option<String> {
        match self {
            Self::Assets(filter, q) if **filter != AssetFilter::default() || q.is_some() => {
                Some(format!("{filter:?} {q:?}"))
            }
            Self::People(filter) if *filter != PeopleFilter::default() => {
                Some(format!("{filter:?}"))
            }
            Self::History(asset) => Some(asset.to_string()),
            Self::Ledger(filter, _) if **filter != trail::Filter::default() => {
                Some(format!("{filter:?}"))
            }
            _ => None,
        }
    }
}

/// Why an export broke off.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the list has more than {0} rows")]
    TooLong(u64),
    #[error("the reader took nothing for a minute")]
    TooSlow,
    #[error("the end cannot be recorded: {0}")]
    Record(#[from] RecordError<Refusal>),
    #[error("a row cannot be written: {0}")]
    Write(#[from] csv::Error),
}

/// Records that an export begins, and begins it. Its pieces arrive one by one; after the last the end is recorded.
///
/// When it breaks off, the last piece is an error.
pub async fn begin(
    ledger: &Ledger,
    access: &Access,
    selection: Selection,
    rows_max: u64,
) -> Result<mpsc::Receiver<io::Result<Bytes>>, RecordError<Refusal>> {
    let begin = Begin {
        list: selection.list(),
        format: selection.format(),
        filter: selection.narrowed(),
    };
    let id = ledger.record(access, begin).await?;
    let (pieces, receiver) = mpsc::channel(PIECES_AHEAD);
    let export = Export {
        ledger: ledger.clone(),
        access: access.clone(),
        id,
        rows_max,
        pieces,
        hash: Sha256::new(),
        rows: 0,
    };
    tokio::spawn(export.run(selection));
    Ok(receiver)
}

struct Export {
    ledger: Ledger,
    access: Access,
    id: ExportId,
    rows_max: u64,
    pieces: mpsc::Sender<io::Result<Bytes>>,
    hash: Sha256,
    rows: u64,
}

/// What is being read, and since when.
struct Snapshot {
    tx: Tx,
    scope: Scope,
    people: Scope,
    since: Instant,
}

/// Whether there is still a reader.
#[derive(PartialEq, Eq)]
enum Reader {
    There,
    Gone,
}

impl Export {
    async fn run(mut self, selection: Selection) {
        if let Err(broken) = self.walk(selection).await {
            tracing::warn!(export.id = %self.id, org.id = %self.access.org(), error = %broken, "an export broke off");
            let error = io::Error::other("the export broke off");
            drop(timeout(PATIENCE_WITH_SNAPSHOT, self.pieces.send(Err(error))).await);
        }
    }

    async fn walk(&mut self, selection: Selection) -> Result<(), Broken> {
        let action = selection.action();
        let mut walk = Walk::new(selection);
        let mut snapshot = None;
        let format = walk.format();
        if format == Format::Csv {
            let head = encoded(&[walk.head().iter().map(|name| (*name).to_owned()).collect()])?;
            if self.send(head, &mut snapshot).await? == Reader::Gone {
                return Ok(());
            }
        }
        loop {
            let current = match snapshot.take() {
                Some(current) if !is_old(&current) => current,
                _ => self.read(action).await?,
            };
            let current = snapshot.insert(current);
            let page = walk
                .next(
                    &mut current.tx,
                    &self.access,
                    &current.scope,
                    &current.people,
                )
                .await?;
            let Some(rows) = page else { break };
            self.rows += rows.len() as u64;
            if self.rows > self.rows_max {
                return Err(Broken::TooLong(self.rows_max));
            }
            let bytes = match format {
                Format::Csv => encoded(&rows)?,
                Format::JsonLines => lines(&rows),
            };
            if !bytes.is_empty() && self.send(bytes, &mut snapshot).await? == Reader::Gone {
                return Ok(());
            }
        }
        drop(snapshot);
        let complete = Complete {
            export: self.id,
            rows: i64::try_from(self.rows).unwrap_or(i64::MAX),
            sha256: hex(&self.hash.clone().finalize()),
        };
        self.ledger.record(&self.access, complete).await?;
        Ok(())
    }

    async fn read(&self, action: Action) -> Result<Snapshot, StoreError> {
        let mut tx = self.ledger.db().read_snapshot(&self.access).await?;
        let scope = scope::resolve(&mut tx, &self.access, action).await?;
        let people = scope::resolve(&mut tx, &self.access, Action::ReadPeople).await?;
        Ok(Snapshot {
            tx,
            scope,
            people,
            since: Instant::now(),
        })
    }

    /// Hands a piece over. A snapshot is not kept for somebody who does not take it.
    async fn send(
        &mut self,
        bytes: Vec<u8>,
        snapshot: &mut Option<Snapshot>,
    ) -> Result<Reader, Broken> {
        self.hash.update(&bytes);
        let soon = timeout(PATIENCE_WITH_SNAPSHOT, self.pieces.reserve()).await;
        let permit = if let Ok(permit) = soon {
            permit
        } else {
            *snapshot = None;
            let late = timeout(PATIENCE, self.pieces.reserve()).await;
            late.map_err(|_| Broken::TooSlow)?
        };
        match permit {
            Ok(permit) => {
                permit.send(Ok(bytes.into()));
                Ok(Reader::There)
            }
            // Whoever asked has gone. What left has left; the record has no end of it.
            Err(_) => Ok(Reader::Gone),
        }
    }
}

fn is_old(snapshot: &Snapshot) -> bool {
    snapshot.since.elapsed() > SNAPSHOT_MAX
}

/// Rows as RFC 4180 has them, lines ended by CR and LF; nothing in them is a formula.
fn encoded(rows: &[Vec<String>]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for row in rows {
        writer.write_record(row.iter().map(|cell| guarded(cell).into_owned()))?;
    }
    writer
        .into_inner()
        .map_err(|error| csv::Error::from(io::Error::other(error.to_string())))
}

/// Rows of one cell each, a line each.
fn lines(rows: &[Vec<String>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for cell in rows.iter().flatten() {
        bytes.extend_from_slice(cell.as_bytes());
        bytes.push(b'\n');
    }
    bytes
}
