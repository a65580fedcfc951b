//! Saying how many pieces a line is.

use crate::access::Action;
use crate::exact::Exact;
use crate::id::OrderId;
use crate::ledger::{Command, Failure, Work};
use crate::order::Refusal;
use crate::order::aboard::Aboard;
use crate::order::assets::{self, Counted};

/// Says how many pieces a line is that nobody could tell.
#[derive(Debug, Clone, Copy)]
pub struct AnswerPieces {
    /// Of which order.
    pub order: OrderId,
    /// Of which line.
    pub line: i64,
    /// How many.
    pub pieces: Pieces,
}

/// How many pieces something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pieces {
    /// So many for one of the line's unit.
    PerUnit(u32),
    /// So many in all, for what is not sold by whole units.
    InAll(u32),
}

impl Command for AnswerPieces {
    type Answer = i64;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<i64, Failure<Refusal>> {
        let mut aboard = Aboard::permitted(work, self.order, Action::Register).await?;
        let unknown = Failure::Refused(Refusal::LineUnknown(self.line));
        let line = aboard.order.lines.get(&self.line).ok_or(unknown)?;
        if line.pieces.is_some() || !line.is_wanted() {
            return Err(Failure::Refused(Refusal::PiecesKnown(self.line)));
        }
        let bad = || Failure::Refused(Refusal::BadPieces { line: self.line });
        let (of_unit, pieces) = match self.pieces {
            Pieces::PerUnit(per_unit) => {
                let of_unit = Exact::whole(per_unit);
                (of_unit, assets::pieces(line.quantity, of_unit))
            }
            Pieces::InAll(all) => {
                let of_unit = Exact::whole(all).over(line.quantity).map_err(|_| bad())?;
                (of_unit, assets::pieces(Exact::whole(all), Exact::ONE))
            }
        };
        let pieces = pieces.ok_or_else(bad)?;
        let counted = Counted {
            line: self.line,
            pieces_per_unit: Some(of_unit),
            pieces,
        };
        assets::expect(work, &mut aboard, &[counted]).await?;
        Ok(pieces)
    }
}
