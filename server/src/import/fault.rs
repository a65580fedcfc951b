//! What is wrong with a file, row by row: the first ones to be shown, all of them to be counted and, if asked for, written down.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use anyhow::Context as _;
use serde_json::json;

use crate::keys::private_file;

/// How many are kept to be shown.
pub const SHOWN_MAX: usize = 100;

/// Something wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// In which line the row begins.
    pub line: u64,
    /// In which column, as the file calls it.
    pub column: String,
    /// What, for programs.
    pub code: &'static str,
    /// What, in words.
    pub message: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}, {}: {}", self.line, self.column, self.message)
    }
}

/// The faults of a file.
#[derive(Debug, Default)]
pub struct Faults {
    first: Vec<Fault>,
    count: u64,
    file: Option<BufWriter<File>>,
}

impl Faults {
    /// Collects; where a file is named, writes each as a line of JSON as well.
    pub fn new(file: Option<&Path>) -> anyhow::Result<Self> {
        let file = match file {
            None => None,
            Some(path) => {
                if path.exists() {
                    std::fs::remove_file(path)
                        .with_context(|| format!("{} cannot be replaced", path.display()))?;
                }
                Some(BufWriter::new(private_file(path)?))
            }
        };
        Ok(Self {
            file,
            ..Self::default()
        })
    }

    /// Notes one.
    pub fn add(&mut self, fault: Fault) -> std::io::Result<()> {
        self.count += 1;
        if let Some(file) = &mut self.file {
            let line = json!({
                "line": fault.line, "column": fault.column, "code": fault.code, "message": fault.message,
            });
            writeln!(file, "{line}")?;
        }
        if self.first.len() < SHOWN_MAX {
            self.first.push(fault);
        }
        Ok(())
    }

    /// How many there are.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The first ones, in the order of the file.
    pub fn first(&mut self) -> &[Fault] {
        self.first.sort_by_key(|fault| fault.line);
        &self.first
    }

    /// Makes sure that everything is written.
    pub fn flush(&mut self) -> std::io::Result<()> {
        self.file.as_mut().map_or(Ok(()), std::io::Write::flush)
    }
}

/// A value of the file as it may be shown on a terminal: short, and nothing in it that a terminal obeys.
pub fn shown(text: &str) -> String {
    const CHARS_MAX: usize = 60;
    let clean = text.chars().map(|c| {
        if habeo_core::text::is_printable(c) {
            c
        } else {
            '\u{FFFD}'
        }
    });
    let short: String = clean.take(CHARS_MAX).collect();
    if text.chars().count() > CHARS_MAX {
        format!("\"{short}…\"")
    } else {
        format!("\"{short}\"")
    }
}
