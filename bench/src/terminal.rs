//! Writing to whoever ran the benchmark.

use std::io::{self, Write as _};

/// Writes a result. A closed pipe is the reader's decision and no failure.
pub fn say(line: &str) {
    drop(writeln!(io::stdout().lock(), "{line}"));
}

/// Writes what is going on or went wrong.
pub fn complain(line: &str) {
    drop(writeln!(io::stderr().lock(), "{line}"));
}
