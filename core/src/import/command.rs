//! What can be asked of imports.

use super::event::ImportEvent;
use super::{Import, store};
use crate::access::Action;
use crate::asset::steps::{Steps, StepsRefusal};
use crate::explain::{Explain, Kind};
use crate::id::ImportId;
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{Command, Failure, Work};

/// The beginning of an import, or the finding of one that was begun.
#[derive(Debug, Clone)]
pub struct Begin {
    /// A digest of the file and of everything else that decides what is made of it.
    pub digest: Vec<u8>,
    /// SHA-256 of the file, in hexadecimal.
    pub file_sha256: String,
    /// How many rows it has.
    pub rows: i64,
    /// In how many chunks they are entered.
    pub chunks: i64,
}

/// One chunk of an import.
#[derive(Debug, Clone)]
pub struct Chunk {
    /// Which import.
    pub import: ImportId,
    /// Which chunk, from 0.
    pub number: i64,
    /// How many rows of the file it is.
    pub rows: i64,
    /// What to do for them: a row may take several commands.
    pub steps: Steps,
}

/// Why an import goes no further.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The caller may enter assets nowhere.
    #[error("your role does not permit registering assets")]
    NotPermitted,
    /// The chunk was entered already, or another is to be entered first: somebody else imports the same file.
    #[error("chunk {0} of this import is not the next one; is the same file being imported twice?")]
    OutOfTurn(i64),
    /// A rule says no to one of its commands.
    #[error(transparent)]
    Step(#[from] StepsRefusal),
}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        match self {
            Self::NotPermitted => Kind::Forbidden,
            Self::OutOfTurn(_) => Kind::Conflict,
            Self::Step(refusal) => refusal.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotPermitted => "import_not_permitted",
            Self::OutOfTurn(_) => "import_out_of_turn",
            Self::Step(refusal) => refusal.code(),
        }
    }
}

impl Command for Begin {
    type Answer = Import;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<Import, Failure<Refusal>> {
        let access = work.access().clone();
        if !access.may(Action::Register) {
            return Err(Failure::Refused(Refusal::NotPermitted));
        }
        if let Some(begun) = store::by_digest(work.tx(), &access, &self.digest).await? {
            return Ok(begun);
        }
        let import = Import {
            id: ImportId::generate(work.now(), work.random().as_ref()),
            rows_total: self.rows,
            rows_done: 0,
            chunks_total: self.chunks,
            chunks_done: 0,
            begun_at: work.now(),
            finished_at: None,
        };
        let event = ImportEvent::Begun {
            file_sha256: self.file_sha256,
            rows: self.rows,
        };
        note(work, import.id, event).await?;
        store::begin(work.tx(), &access, import, &self.digest).await?;
        Ok(import)
    }
}

impl Command for Chunk {
    type Answer = Import;
    type Refusal = Refusal;

    fn weight(&self) -> usize {
        self.steps.weight()
    }

    async fn execute(self, work: &mut Work) -> Result<Import, Failure<Refusal>> {
        let access = work.access().clone();
        let turn = store::advance(work.tx(), &access, self.import, self.number, self.rows).await?;
        if !turn {
            return Err(Failure::Refused(Refusal::OutOfTurn(self.number)));
        }
        self.steps
            .execute(work)
            .await
            .map_err(|failure| match failure {
                Failure::Refused(refusal) => Failure::Refused(Refusal::Step(refusal)),
                Failure::Store(error) => Failure::Store(error),
            })?;
        let import = store::by_id(work.tx(), &access, self.import).await?;
        let mut import = import.ok_or(Failure::Refused(Refusal::OutOfTurn(self.number)))?;
        if import.chunks_done == import.chunks_total {
            let now = work.now();
            store::finish(work.tx(), &access, self.import, now).await?;
            import.finished_at = Some(now);
            let rows = import.rows_done;
            note(work, self.import, ImportEvent::Completed { rows }).await?;
        }
        Ok(import)
    }
}

async fn note(work: &mut Work, id: ImportId, event: ImportEvent) -> Result<(), Failure<Refusal>> {
    work.record(Fact::now(
        Stream::Import(id),
        Event::Import(event),
        Vec::new(),
    ))
    .await?;
    Ok(())
}
