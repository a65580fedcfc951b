//! `habeo-verify` on the command line.

use std::io::{self, Write as _};
use std::process::ExitCode;

fn main() -> ExitCode {
    // A closed pipe is the reader's decision and changes nothing about the answer.
    match habeo_verify::run(std::env::args().skip(1)) {
        Ok(text) => {
            drop(writeln!(io::stdout().lock(), "ok: {text}"));
            ExitCode::SUCCESS
        }
        Err(fault) => {
            drop(writeln!(io::stderr().lock(), "{fault}"));
            ExitCode::from(fault.code())
        }
    }
}
