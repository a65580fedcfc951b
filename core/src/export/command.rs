//! What is recorded of exports.

use super::event::ExportEvent;
use super::{Format, List};
use crate::explain::{Explain, Kind};
use crate::id::ExportId;
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{Command, Failure, Work};
use crate::text;

/// The most characters of a filter that are kept.
const FILTER_CHARS_MAX: usize = 2_000;

/// An export begins.
#[derive(Debug, Clone)]
pub struct Begin {
    /// Of which list.
    pub list: List,
    /// In which form.
    pub format: Format,
    /// What it is narrowed to, in words for whoever reads the ledger.
    pub filter: Option<String>,
}

/// An export has left whole.
#[derive(Debug, Clone)]
pub struct Complete {
    /// Which.
    pub export: ExportId,
    /// How many rows.
    pub rows: i64,
    /// SHA-256 of everything that left, in hexadecimal.
    pub sha256: String,
}

/// Nothing refuses an export but the reading of the list itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        match *self {}
    }

    fn code(&self) -> &'static str {
        match *self {}
    }
}

impl Command for Begin {
    type Answer = ExportId;
    type Refusal = Refusal;

    fn is_change(&self) -> bool {
        false
    }

    async fn execute(self, work: &mut Work) -> Result<ExportId, Failure<Refusal>> {
        let id = ExportId::generate(work.now(), work.random().as_ref());
        let event = ExportEvent::Begun {
            list: self.list,
            format: self.format.media_type().to_owned(),
        };
        let mut fact = Fact::now(Stream::Export(id), Event::Export(event), Vec::new());
        // What cannot be kept as text was no filter that found anything.
        fact.remark = self
            .filter
            .and_then(|filter| text::lines(&filter, FILTER_CHARS_MAX).ok());
        work.record(fact).await?;
        Ok(id)
    }
}

impl Command for Complete {
    type Answer = ();
    type Refusal = Refusal;

    fn is_change(&self) -> bool {
        false
    }

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let event = ExportEvent::Completed {
            rows: self.rows,
            sha256: self.sha256,
        };
        work.record(Fact::now(
            Stream::Export(self.export),
            Event::Export(event),
            Vec::new(),
        ))
        .await?;
        Ok(())
    }
}
