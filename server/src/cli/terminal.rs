//! Writing to whoever ran the command: answers, complaints, and how far long work is.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// How often plain lines tell of progress.
const LINE_EVERY: Duration = Duration::from_secs(2);

/// Writes a line of the command's answer. A closed pipe is the reader's decision and no failure.
pub fn say(line: &str) {
    drop(writeln!(io::stdout().lock(), "{line}"));
}

/// Writes a line about what went wrong.
pub fn complain(line: &str) {
    drop(writeln!(io::stderr().lock(), "{line}"));
}

/// How far long work is: a bar on a terminal, plain lines elsewhere.
pub struct Progress {
    what: &'static str,
    bar: Option<ProgressBar>,
    last_line: Mutex<Instant>,
}

impl Progress {
    /// Begins.
    #[must_use]
    pub fn new(what: &'static str) -> Self {
        let bar = io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(0);
            if let Ok(style) =
                ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}  {elapsed}")
            {
                bar.set_style(style);
            }
            bar.set_message(what);
            bar
        });
        Self {
            what,
            bar,
            last_line: Mutex::new(Instant::now()),
        }
    }

    /// Tells how much of it all is done.
    pub fn at(&self, done: u64, total: u64) {
        if let Some(bar) = &self.bar {
            bar.set_length(total);
            bar.set_position(done);
            return;
        }
        let Ok(mut last_line) = self.last_line.lock() else {
            return;
        };
        if last_line.elapsed() >= LINE_EVERY {
            *last_line = Instant::now();
            complain(&format!("{}: {done} of {total}", self.what));
        }
    }

    /// Ends, leaving the screen clean.
    pub fn done(self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
