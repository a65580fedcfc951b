//! Storing a signed checkpoint, and the tiles under it.

use super::super::tile::{self, signed, unsigned};
use super::super::{Command, Failure, Work};
use super::stored::{Signed, latest};
use crate::explain::{Explain, Kind};
use crate::store::{execute, fetch_one};

/// Why a checkpoint was not published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Another node was faster.
    #[error("a later checkpoint was signed in the meantime")]
    Overtaken,
}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        Kind::Conflict
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Overtaken => "checkpoint_overtaken",
        }
    }
}

/// Stores a signed checkpoint. It is no fact of the ledger: it is about the ledger.
#[derive(Debug)]
pub(super) struct Publish(pub(super) Signed);

impl Command for Publish {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let access = work.access().clone();
        let Signed {
            checkpoint,
            epoch,
            note,
            signed_at,
        } = self.0;
        let last = latest(work.tx(), &access).await?;
        if last.is_some_and(|last| (last.epoch, last.checkpoint.size) >= (epoch, checkpoint.size)) {
            return Err(Failure::Refused(Refusal::Overtaken));
        }
        execute!(
            work.tx(),
            "INSERT INTO ledger_checkpoint (org_id, epoch, size, origin, root, note, signed_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            access.org(),
            epoch,
            signed(checkpoint.size),
            &checkpoint.origin,
            checkpoint.root.to_vec(),
            &note,
            signed_at
        )?;
        Ok(())
    }
}

/// Stores the tiles that are missing.
#[derive(Debug)]
pub(super) struct CompleteTiles;

impl Command for CompleteTiles {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let access = work.access().clone();
        let (size,): (i64,) = fetch_one!(
            work.tx(),
            (i64,),
            "SELECT size FROM ledger_head WHERE org_id = $1",
            access.org()
        )?;
        tile::catch_up(work.tx(), access.org(), unsigned(size)).await?;
        Ok(())
    }
}
