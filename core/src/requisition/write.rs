//! Making and changing requisitions within a unit of work: entry and lines together, so that the digest in the one is always that of the others.

use super::digest::{self, Head};
use super::event::{Offer, Purpose, RequisitionEvent};
use super::line::Line;
use super::read::ReadLine;
use super::{Refusal, Requisition, store};
use crate::id::{PersonId, RequisitionId, RequisitionLineId, SupplierId};
use crate::ledger::event::{Event, Fact, Recorded, Stream};
use crate::ledger::{Failure, Work};
use crate::store::StoreResult;

/// A line with the text that it came as.
pub(crate) type WholeLine = (Line, Option<String>);

/// What a requisition is made of.
pub(crate) struct New {
    pub supplier: SupplierId,
    pub requester: PersonId,
    pub purpose: Purpose,
    pub currency: String,
    pub offer: Offer,
    pub lines: Vec<ReadLine>,
}

/// Makes a requisition.
pub(crate) async fn create(work: &mut Work, new: New) -> Result<RequisitionId, Failure<Refusal>> {
    let (access, now, random) = (work.access().clone(), work.now(), work.random());
    let id = RequisitionId::generate(now, random.as_ref());
    let lines = numbered(work, &[], new.lines);
    let head = Head {
        supplier: new.supplier,
        requester: new.requester,
        currency: &new.currency,
    };
    let sum = digest::sum(head, &new.purpose, &only(&lines))
        .map_err(|_| Failure::Refused(Refusal::TooLarge))?;
    let number = store::next_number(work.tx(), &access).await?;
    let unit = new.purpose.unit;
    let event = RequisitionEvent::Created {
        number,
        supplier: new.supplier,
        requester: new.requester,
        purpose: new.purpose,
        currency: new.currency,
        offer: new.offer,
        sum,
    };
    let fact = Fact::now(
        Stream::Requisition(id),
        Event::Requisition(event),
        vec![unit],
    );
    work.record(fact).await?;
    store::insert(work.tx(), &access, id, &lines).await?;
    Ok(id)
}

/// Puts the lines that somebody brought back from the shop in the place of a requisition's. Those that are the same keep their ids.
pub(crate) async fn edit(
    work: &mut Work,
    requisition: &Requisition,
    (offer, by): (Offer, PersonId),
    came: Vec<ReadLine>,
) -> Result<(), Failure<Refusal>> {
    let access = work.access().clone();
    let before = store::lines(work.tx(), &access, requisition.id).await?;
    let lines = numbered(work, &before, came);
    let sum = sum(requisition, &only(&lines))?;
    record(
        work,
        requisition,
        RequisitionEvent::Edited {
            offer,
            sum,
            by: Some(by),
        },
        None,
    )
    .await?;
    rewrite(work, requisition, &lines).await?;
    Ok(())
}

/// Changes a requisition's lines here.
pub(super) async fn change(
    work: &mut Work,
    requisition: &Requisition,
    lines: &[WholeLine],
) -> Result<(), Failure<Refusal>> {
    let sum = sum(requisition, &only(lines))?;
    if sum.digest == requisition.digest {
        return Ok(());
    }
    record(
        work,
        requisition,
        RequisitionEvent::LinesChanged { sum },
        None,
    )
    .await?;
    rewrite(work, requisition, lines).await?;
    Ok(())
}

/// Takes all lines away, as an answer to an edited cart that came back empty.
pub(crate) async fn empty(
    work: &mut Work,
    requisition: &Requisition,
) -> Result<(), Failure<Refusal>> {
    change(work, requisition, &[]).await
}

fn sum(requisition: &Requisition, lines: &[Line]) -> Result<super::event::Sum, Failure<Refusal>> {
    digest::sum(requisition.head(), &requisition.purpose(), lines)
        .map_err(|_| Failure::Refused(Refusal::TooLarge))
}

async fn rewrite(
    work: &mut Work,
    requisition: &Requisition,
    lines: &[WholeLine],
) -> StoreResult<()> {
    let access = work.access().clone();
    store::remove(work.tx(), &access, requisition.id).await?;
    store::insert(work.tx(), &access, requisition.id, lines).await
}

/// Records a fact about a requisition, with why where somebody said so.
pub(super) async fn record(
    work: &mut Work,
    requisition: &Requisition,
    event: RequisitionEvent,
    remark: Option<String>,
) -> StoreResult<Recorded> {
    let mut fact = Fact::now(
        Stream::Requisition(requisition.id),
        Event::Requisition(event),
        vec![requisition.unit],
    );
    fact.remark = remark;
    work.record(fact).await
}

fn only(lines: &[WholeLine]) -> Vec<Line> {
    lines.iter().map(|(line, _)| line.clone()).collect()
}

/// Lines with their places and ids: by the rest of the product's number, then by the number itself, then by their place. What somebody answered
/// for a line stays as long as its unit does.
fn numbered(work: &Work, before: &[Line], came: Vec<ReadLine>) -> Vec<WholeLine> {
    let (now, random) = (work.now(), work.random());
    let matched = super::matched::matched(before, &came);
    let lines = came.into_iter().zip(matched).enumerate();
    let lines = lines.map(|(place, (read, old))| {
        let old = old.map(|old| &before[old]);
        let id = old.map_or_else(
            || RequisitionLineId::generate(now, random.as_ref()),
            |old| old.id,
        );
        let mut line = Line {
            id,
            position: i64::try_from(place).unwrap_or(i64::MAX).saturating_add(1),
            raw_hash: Some(digest::of_text(&read.raw)),
            sent: read.sent,
            stored: read.stored,
            warnings: read.warnings,
        };
        let answered = old.filter(|old| {
            old.stored.pieces_answered
                && old.sent.unit == line.sent.unit
                && old.sent.part == line.sent.part
        });
        if let Some(old) = answered {
            line.answer(old.stored.pieces);
        }
        (line, Some(read.raw))
    });
    lines.collect()
}
