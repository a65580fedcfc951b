//! Decisions on what somebody wants to be bought: what exactly is decided, and what came of it.

use habeo_core::confirm::Proposal;
use habeo_core::id::RequisitionId;
use habeo_core::notice::present::{Wanted, wanted};
use habeo_core::requisition::{self, Refusal};
use habeo_core::store::StoreResult;

use super::turn::{Answer, Stop, Turn};
use super::{Asker, Engine, Press};
use crate::purchase;
use crate::reply::{Button, Part};

/// A decision that is proposed.
#[derive(Debug, Clone)]
pub(super) struct Deciding {
    requisition: RequisitionId,
    digest: String,
    is_no: bool,
    reason: Option<String>,
}

impl Deciding {
    /// The decision of a proposal; none where it is about assets.
    pub fn of(proposal: &Proposal, remark: Option<&str>) -> Option<Self> {
        let (requisition, digest) = proposal.requisition()?;
        Some(Self {
            requisition,
            digest: digest.to_owned(),
            is_no: matches!(proposal, Proposal::RejectRequisition { .. }),
            reason: remark.map(ToOwned::to_owned),
        })
    }

    /// What is said where it is not what was shown any more, with the way to what it is.
    pub fn changed(&self) -> Answer {
        let text = format!("That was not done: {}.", Refusal::Changed);
        let show = Press::Requisition(self.requisition).spelled();
        Answer::unanswered(text).with(Button::press("Show it as it is now", show))
    }
}

impl Turn<'_> {
    /// A requisition as the asker sees it now.
    async fn wanted(&mut self, id: RequisitionId) -> StoreResult<Option<Wanted>> {
        let (access, now) = (&self.asker.access, self.now);
        let found = requisition::store::by_id(&mut self.tx, access, id, now).await?;
        match found {
            Some(found) => wanted(&mut self.tx, access, found).await,
            None => Ok(None),
        }
    }

    /// What a decision is on, whole enough to be confirmed: it is exactly what was proposed, or nothing is shown that could be confirmed.
    pub async fn decision(&mut self, deciding: &Deciding) -> Result<Vec<Part>, Stop> {
        let found = self.wanted(deciding.requisition).await?;
        let same = found.filter(|found| found.requisition.digest == deciding.digest);
        let Some(wanted) = same else {
            return Err(deciding.changed().into());
        };
        let number = wanted.requisition.number;
        let heading = if deciding.is_no {
            format!("Reject requisition {number}?")
        } else {
            format!("Approve requisition {number}?")
        };
        let mut parts = vec![Part::Heading(heading)];
        parts.extend(purchase::parts(&wanted));
        if let Some(reason) = &deciding.reason {
            parts.push(Part::Facts(vec![("Reason".to_owned(), reason.clone())]));
        }
        Ok(parts)
    }

    /// What came of a decision that was confirmed.
    pub async fn decided(&mut self, id: RequisitionId) -> StoreResult<Vec<Part>> {
        let (access, now) = (&self.asker.access, self.now);
        let found = requisition::store::by_id(&mut self.tx, access, id, now).await?;
        // Whoever decided in another's place may not see it any more.
        let done = || vec![Part::Heading("Done.".to_owned())];
        Ok(found.map_or_else(done, |found| purchase::decided(&found)))
    }
}

impl Engine {
    /// A requisition as it is now, with what the asker may do.
    pub(super) async fn requisition(
        &self,
        asker: &Asker,
        id: RequisitionId,
    ) -> Result<Answer, Stop> {
        let mut turn = Turn::open(self, asker).await?;
        let Some(wanted) = turn.wanted(id).await? else {
            let text = format!("That was not done: {}.", Refusal::Unknown);
            return Err(Answer::unanswered(text).into());
        };
        let found = &wanted.requisition;
        let (access, now) = (&asker.access, turn.now);
        let waits = requisition::store::waits_for(&mut turn.tx, access, found, now).await?;
        let page = self.public_url(&purchase::path(id));
        let mut parts = Vec::new();
        if waits {
            parts.push(purchase::waits(found));
        } else {
            let state = found.state;
            let text = format!(
                "Requisition {} is {state}, and does not wait for you.",
                found.number
            );
            parts.push(Part::text(text));
        }
        parts.extend(purchase::parts(&wanted));
        let mut answer = Answer::of(parts, 1);
        let buttons = if waits {
            purchase::buttons(found, page)
        } else {
            vec![Button::open("Open in Habeo", page)]
        };
        answer.buttons = buttons;
        Ok(answer)
    }
}
