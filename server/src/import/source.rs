//! The file: UTF-8 with or without a mark, RFC 4180 quoting, and bounds on everything, so that no file takes more memory than its largest row.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::Path;

use csv::ByteRecord;
use habeo_core::random::Random;
use sha2::{Digest, Sha256};

/// The most columns.
pub const COLUMNS_MAX: usize = 200;
/// The most bytes of a row. Whatever is longer has a quotation mark that is never closed.
pub const ROW_BYTES_MAX: u64 = 1024 * 1024;
/// The most rows.
pub const ROWS_MAX: u64 = 10_000_000;

const BUFFER_BYTES: usize = 64 * 1024;
const SENTINEL_BYTES: usize = 16;
const BOM: [u8; 3] = [0xEF, 0xBB, 0xBF];

/// Why a file cannot be read as a table.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The file system says no.
    #[error("the file cannot be read: {0}")]
    Io(#[from] io::Error),
    /// Another encoding.
    #[error("the file is {0}; save it as UTF-8 (in a spreadsheet: \"CSV UTF-8\")")]
    Encoding(&'static str),
    /// Nothing in it.
    #[error("the file is empty; its first line must name the columns")]
    Empty,
    /// Too wide.
    #[error("line {line}: there are more than {COLUMNS_MAX} columns")]
    TooManyColumns {
        /// Where.
        line: u64,
    },
    /// Too long a row.
    #[error("line {line}: the row is longer than 1 MiB; is a quotation mark never closed?")]
    RowTooLong {
        /// Where it begins.
        line: u64,
    },
    /// A quotation mark without its other half.
    #[error("line {line}: a quotation mark is opened in this row and never closed")]
    QuoteOpen {
        /// Where the row begins.
        line: u64,
    },
    /// Too many rows.
    #[error("there are more than {ROWS_MAX} rows; split the file")]
    TooManyRows,
    /// The format's reader says no.
    #[error("the file cannot be read as CSV: {0}")]
    Csv(csv::Error),
}

/// An open table. Its first row has been read.
#[derive(Debug)]
pub struct Source {
    reader: csv::Reader<Bounded>,
    record: ByteRecord,
    sentinel: Vec<u8>,
    /// What the columns are called.
    pub headers: Vec<String>,
    rows: u64,
    ended: bool,
}

/// A row as it stands in the file.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// In which line it begins, from 1.
    pub line: u64,
    /// Its cells.
    pub cells: &'a ByteRecord,
}

/// SHA-256 of a file, and how long it is.
pub fn digest(path: &Path) -> io::Result<([u8; 32], u64)> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut length = 0;
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok((hash.finalize().into(), length)),
            n => {
                hash.update(&buffer[..n]);
                length += n as u64;
            }
        }
    }
}

impl Source {
    /// Opens a file and reads the names of its columns.
    pub fn open(path: &Path, delimiter: u8, random: &dyn Random) -> Result<Self, SourceError> {
        let mut file = File::open(path)?;
        let mut begin = Vec::new();
        (&mut file).take(4).read_to_end(&mut begin)?;
        if let Some(name) = other_encoding(&begin) {
            return Err(SourceError::Encoding(name));
        }
        if begin.starts_with(&BOM) {
            begin.drain(..BOM.len());
        }
        let mut bytes = [0; SENTINEL_BYTES];
        random.fill(&mut bytes);
        let sentinel = habeo_core::ledger::tree::hex(&bytes).into_bytes();
        let tail = [b"\n", sentinel.as_slice(), b"\n"].concat();
        let bounded = Bounded {
            inner: Cursor::new(begin).chain(file).chain(Cursor::new(tail)),
            taken: 0,
            allowed: 0,
        };
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .buffer_capacity(BUFFER_BYTES)
            .from_reader(bounded);
        let mut source = Self {
            reader,
            record: ByteRecord::new(),
            sentinel,
            headers: Vec::new(),
            rows: 0,
            ended: false,
        };
        let Some(first) = source.read_row()? else {
            return Err(SourceError::Empty);
        };
        let mut headers = Vec::with_capacity(first.cells.len());
        for cell in first.cells {
            let text = std::str::from_utf8(cell).map_err(|_| SourceError::Encoding("not UTF-8"))?;
            if text.contains('\0') {
                return Err(SourceError::Encoding("no text, or UTF-16"));
            }
            headers.push(text.trim().to_owned());
        }
        source.headers = headers;
        source.rows = 0;
        Ok(source)
    }

    /// The next row; none at the end.
    pub fn read_row(&mut self) -> Result<Option<Row<'_>>, SourceError> {
        if self.ended {
            return Ok(None);
        }
        self.reader.get_mut().allow();
        let next_line = self.reader.position().line();
        let more = self
            .reader
            .read_byte_record(&mut self.record)
            .map_err(|error| too_long(error, next_line))?;
        let line = self.record.position().map_or(0, csv::Position::line);
        if more && self.record.len() == 1 && self.record[0] == *self.sentinel {
            self.ended = true;
            return Ok(None);
        }
        // The line that was put behind the file did not come back as one: the last row has swallowed it.
        let swallowed = self
            .record
            .iter()
            .next_back()
            .is_some_and(|last| last.trim_ascii_end().ends_with(&self.sentinel));
        if !more || swallowed {
            return Err(SourceError::QuoteOpen { line });
        }
        if self.record.len() > COLUMNS_MAX {
            return Err(SourceError::TooManyColumns { line });
        }
        self.rows += 1;
        if self.rows > ROWS_MAX {
            return Err(SourceError::TooManyRows);
        }
        Ok(Some(Row {
            line,
            cells: &self.record,
        }))
    }

    /// How many bytes have been read.
    pub fn taken(&self) -> u64 {
        self.reader.get_ref().taken
    }
}

fn other_encoding(begin: &[u8]) -> Option<&'static str> {
    match begin {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => Some("UTF-32"),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [_, 0, ..] | [0, _, ..] => Some("UTF-16"),
        [b'P', b'K', 3, 4] => Some("a spreadsheet or an archive, not CSV"),
        _ => None,
    }
}

fn too_long(error: csv::Error, line: u64) -> SourceError {
    match error.into_kind() {
        csv::ErrorKind::Io(error)
            if error
                .get_ref()
                .is_some_and(<dyn std::error::Error + Send + Sync>::is::<TooLong>) =>
        {
            SourceError::RowTooLong { line }
        }
        csv::ErrorKind::Io(error) => SourceError::Io(error),
        other => SourceError::Csv(io::Error::other(format!("{other:?}")).into()),
    }
}

type Inner = io::Chain<io::Chain<Cursor<Vec<u8>>, File>, Cursor<Vec<u8>>>;

/// Reads no further than a row may be long.
#[derive(Debug)]
struct Bounded {
    inner: Inner,
    taken: u64,
    allowed: u64,
}

#[derive(Debug, thiserror::Error)]
#[error("the row is too long")]
struct TooLong;

impl Bounded {
    fn allow(&mut self) {
        self.allowed = self.taken + ROW_BYTES_MAX;
    }
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.taken > self.allowed {
            return Err(io::Error::other(TooLong));
        }
        let n = self.inner.read(buffer)?;
        self.taken += n as u64;
        Ok(n)
    }
}
