//! Changing the lines of a draft here.

use std::collections::HashSet;

use super::{Refusal, Requisition, again, decide, ordering, store, write};
use crate::exact::Exact;
use crate::id::{RequisitionId, RequisitionLineId};
use crate::ledger::{Command, Failure, Work};
use crate::requisition::write::WholeLine;
use crate::requisition::{State, read};

/// Takes lines away, each with those that belong to it. What the others cost is reckoned anew.
#[derive(Debug, Clone)]
pub struct RemoveLines {
    /// Of which requisition.
    pub requisition: RequisitionId,
    /// Which.
    pub lines: Vec<RequisitionLineId>,
}

/// Says how many pieces one of a line's unit is, where the supplier's unit is not known or means something else here.
#[derive(Debug, Clone, Copy)]
pub struct AnswerPieces {
    /// Of which requisition.
    pub requisition: RequisitionId,
    /// Which line.
    pub line: RequisitionLineId,
    /// How many; none where nothing is kept of it, as of a warranty.
    pub pieces: Exact,
}

impl Command for RemoveLines {
    type Answer = Requisition;
    type Refusal = Refusal;

    fn weight(&self) -> usize {
        self.lines.len().max(1)
    }

    async fn execute(self, work: &mut Work) -> Result<Requisition, Failure<Refusal>> {
        let (found, mut lines) = draft(work, self.requisition).await?;
        let gone: HashSet<RequisitionLineId> = self.lines.into_iter().collect();
        let known = lines.iter().filter(|(line, _)| gone.contains(&line.id));
        if known.count() != gone.len() {
            return Err(Failure::Refused(Refusal::UnknownLine));
        }
        let gone = with_parts(&lines, gone);
        lines.retain(|(line, _)| !gone.contains(&line.id));
        read::recount(lines.iter_mut().map(|(line, _)| line));
        write::change(work, &found, &lines).await?;
        again(work, found.id).await
    }
}

impl Command for AnswerPieces {
    type Answer = Requisition;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<Requisition, Failure<Refusal>> {
        if self.pieces.is_negative() {
            return Err(Failure::Refused(Refusal::BadPieces));
        }
        let (found, mut lines) = draft(work, self.requisition).await?;
        let line = lines.iter_mut().find(|(line, _)| line.id == self.line);
        let (line, _) = line.ok_or(Failure::Refused(Refusal::UnknownLine))?;
        line.answer(Some(self.pieces));
        write::change(work, &found, &lines).await?;
        again(work, found.id).await
    }
}

/// Lines with all that belong to them: a bundle is bought whole, and of its head without its parts as little would be left as of its parts
/// without their head.
fn with_parts(
    lines: &[WholeLine],
    mut gone: HashSet<RequisitionLineId>,
) -> HashSet<RequisitionLineId> {
    let parents = read::parents(lines.iter().map(|(line, _)| &line.sent));
    loop {
        let before = gone.len();
        for ((line, _), parent) in lines.iter().zip(&parents) {
            if parent.is_some_and(|parent| gone.contains(&lines[parent].0.id)) {
                gone.insert(line.id);
            }
        }
        if gone.len() == before {
            return gone;
        }
    }
}

/// A draft that the caller may change, with its lines.
async fn draft(
    work: &mut Work,
    id: RequisitionId,
) -> Result<(Requisition, Vec<WholeLine>), Failure<Refusal>> {
    let access = work.access().clone();
    let found = ordering(work, id).await?;
    decide::in_state(&found, &[State::Draft]).map_err(Failure::Refused)?;
    let lines = store::whole_lines(work.tx(), &access, id).await?;
    Ok((found, lines))
}
