//! What can be asked of proposals: to make one, to confirm it, to call it off.

mod decision;

use super::event::{ConfirmEvent, Lapse};
use super::store::{self, Body, Intent};
use super::{Change, Confirmed, LIFE_MICROS, Outcome, Proposal, Proposed, Refusal};
use crate::access::{Access, Actor};
use crate::asset::rehearse::{self, Rehearsal};
use crate::asset::{self, steps};
use crate::chat_link::{self, ChatUser};
use crate::id::{AssetId, ConfirmId, EventId, PersonId, UnitId};
use crate::install;
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{Command, Failure, Ledger, RecordError, Work};
use crate::session;
use crate::store::StoreError;
use crate::time::DAY_MICROS;

/// How long what became of a proposal is remembered.
const KEPT_MICROS: i64 = DAY_MICROS;

/// Proposes a change. The rules are asked at once, so that what cannot be done is refused before anything is shown.
#[derive(Debug, Clone)]
pub struct Propose {
    /// What.
    pub proposal: Proposal,
    /// Why, in the words of whoever asks; kept with the assets' entries.
    pub remark: Option<String>,
    /// Who asks, on the chat service.
    pub asked_by: ChatUser,
}

/// Confirms a proposal and does it.
#[derive(Debug, Clone)]
pub struct Confirm {
    /// Which.
    pub id: ConfirmId,
    /// Who confirms, on the chat service.
    pub by: ChatUser,
}

/// Calls a proposal off. Asking again changes nothing.
#[derive(Debug, Clone)]
pub struct Cancel {
    /// Which.
    pub id: ConfirmId,
    /// Who calls it off, on the chat service.
    pub by: ChatUser,
}

impl Command for Propose {
    type Answer = Proposed;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<Proposed, Failure<Refusal>> {
        let refused = Failure::Refused;
        let access = work.access().clone();
        let (now, random) = (work.now(), work.random());
        let person = access.person().ok_or(refused(Refusal::NotAPerson))?;
        standing(work, person, &self.asked_by).await?;
        store::forget(work.tx(), &access, now.plus_micros(-KEPT_MICROS)).await?;
        let made = AssetId::generate(now, random.as_ref());
        if self.proposal.requisition().is_some() {
            return decision::propose(work, person, self, made).await;
        }
        let remark = self.remark.as_deref();
        let commands = self
            .proposal
            .commands(remark, made, now, random.as_ref())
            .map_err(refused)?;
        let rehearsed =
            rehearse::rehearse(work.tx(), &access, now, random.as_ref(), &commands).await?;
        let rehearsal = rehearsed.map_err(|error| refused(of_asset(error)))?;
        let shown = (rehearsal.changes.clone(), &rehearsal.bases[..]);
        let body = Body::new(self.proposal, self.remark, made, shown, random.as_ref());
        let intent = Intent::new(
            ConfirmId::generate(now, random.as_ref()),
            person,
            &self.asked_by,
            body,
            now.plus_micros(LIFE_MICROS),
        )
        .map_err(refused)?;
        let event = ConfirmEvent::Created {
            person,
            install: self.asked_by.install,
            user: self.asked_by.digest(),
            assets: commands.len(),
            digest: intent.digest.clone(),
            expires_at: intent.expires_at,
        };
        record(work, intent.id, event, rehearsal.units).await?;
        store::keep(work.tx(), &access, &intent).await?;
        Ok(Proposed {
            id: intent.id,
            changes: rehearsal.changes,
            expires_at: intent.expires_at,
        })
    }
}

impl Confirm {
    /// Confirms and does it. What makes a proposal useless is remembered also where nothing is done.
    pub async fn carry_out(
        self,
        ledger: &Ledger,
        access: &Access,
    ) -> Result<Confirmed, RecordError<Refusal>> {
        ledger
            .record(access, Settle(self))
            .await?
            .map_err(RecordError::Refused)
    }
}

/// The unit of work of a confirmation: a refusal that spends the proposal is an answer, because what is refused leaves nothing.
#[derive(Debug)]
struct Settle(Confirm);

impl Command for Settle {
    type Answer = Result<Confirmed, Refusal>;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<Self::Answer, Failure<Refusal>> {
        let refused = Failure::Refused;
        let Confirm { id, by } = self.0;
        let (person, intent) = own(work, id, &by).await?;
        if intent.outcome.is_some() {
            return Err(refused(Refusal::AlreadyUsed));
        }
        let (now, random) = (work.now(), work.random());
        if intent.expires_at <= now {
            return lapse(work, &intent, Lapse::Time, Refusal::Expired).await;
        }
        standing(work, person, &by).await?;
        let access = present(work, person).await?;
        if intent.body.proposal.requisition().is_some() {
            return decision::carry_out(work, access, (person, &by), &intent).await;
        }
        if let Some(tag) = changed(work, &access, &intent).await? {
            return lapse(work, &intent, Lapse::Changed, Refusal::AssetChanged { tag }).await;
        }
        let commands = intent
            .body
            .commands(now, random.as_ref())
            .map_err(refused)?;
        let rehearsed =
            rehearse::rehearse(work.tx(), &access, now, random.as_ref(), &commands).await?;
        let rehearsal = match rehearsed {
            Ok(rehearsal) => rehearsal,
            Err(error) => return lapse(work, &intent, Lapse::Refused, of_asset(error)).await,
        };
        // What was shown is what is done, to the last field: a place or a model may have become another in the meantime.
        if rehearsal.changes != intent.body.changes {
            let tag = differing(&rehearsal, &intent.body.changes);
            return lapse(work, &intent, Lapse::Changed, Refusal::AssetChanged { tag }).await;
        }
        settle(work, &intent, Outcome::Confirmed).await?;
        let event = ConfirmEvent::Confirmed {
            person,
            install: by.install,
            user: by.digest(),
            digest: intent.digest.clone(),
        };
        let cause = record(work, id, event, rehearsal.units).await?;
        let actor = Actor {
            cause: Some(cause),
            ..access.actor().clone()
        };
        steps::carry_out_for(work, &access, &actor, &commands)
            .await
            .map_err(|failure| match failure {
                Failure::Refused(refusal) => refused(Refusal::Asset { tag: None, refusal }),
                Failure::Store(error) => Failure::Store(error),
            })?;
        Ok(Ok(Confirmed {
            id,
            changes: rehearsal.changes,
            requisition: None,
        }))
    }
}

impl Command for Cancel {
    type Answer = ();
    type Refusal = Refusal;

    fn is_change(&self) -> bool {
        false
    }

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let (person, intent) = own(work, self.id, &self.by).await?;
        match intent.outcome {
            None => {}
            Some(Outcome::Confirmed) => return Err(Failure::Refused(Refusal::AlreadyUsed)),
            // It will not be done, which is all that was asked.
            Some(_) => return Ok(()),
        }
        settle(work, &intent, Outcome::Cancelled).await?;
        let event = ConfirmEvent::Cancelled { person };
        record(work, self.id, event, Vec::new()).await?;
        Ok(())
    }
}

/// The proposal, if it is the caller's: the same person by the same chat user.
async fn own(
    work: &mut Work,
    id: ConfirmId,
    by: &ChatUser,
) -> Result<(PersonId, Intent), Failure<Refusal>> {
    let access = work.access().clone();
    let person = access
        .person()
        .ok_or(Failure::Refused(Refusal::NotAPerson))?;
    let intent = store::by_id(work.tx(), &access, id).await?;
    let theirs = intent.filter(|intent| {
        intent.person == person && intent.install == by.install && intent.user == by.digest()
    });
    let intent = theirs.ok_or(Failure::Refused(Refusal::Unknown))?;
    Ok((person, intent))
}

/// Whether the chat user is the person, now, through an installation that answers.
async fn standing(
    work: &mut Work,
    person: PersonId,
    user: &ChatUser,
) -> Result<(), Failure<Refusal>> {
    let access = work.access().clone();
    if !install::store::is_live(work.tx(), &access, user.install).await? {
        return Err(Failure::Refused(Refusal::NotConnected));
    }
    match chat_link::store::person_of(work.tx(), &access, user).await? {
        Some((_, linked)) if linked == person => Ok(()),
        _ => Err(Failure::Refused(Refusal::NotLinked)),
    }
}

/// What the person may do at this moment, whatever was known when the request came in.
async fn present(work: &mut Work, person: PersonId) -> Result<Access, Failure<Refusal>> {
    let asking = work.access().clone();
    let now = work.now();
    let access = session::present(work.tx(), &asking, person, now).await?;
    access.ok_or(Failure::Refused(Refusal::NotLinked))
}

/// The label of the first asset that has more facts than when the proposal was made.
async fn changed(
    work: &mut Work,
    access: &Access,
    intent: &Intent,
) -> Result<Option<Option<String>>, Failure<Refusal>> {
    let ids: Vec<AssetId> = intent.body.bases.iter().map(|base| base.0).collect();
    let present = asset::store::revs(work.tx(), access, &ids).await?;
    let first = intent
        .body
        .bases
        .iter()
        .find(|(id, rev, _)| !present.iter().any(|(asset, now)| asset == id && now == rev));
    Ok(first.map(|(_, _, tag)| tag.clone()))
}

/// The label of the first asset about which the changes differ.
fn differing(rehearsal: &Rehearsal, shown: &[Change]) -> Option<String> {
    let pairs = rehearsal.changes.iter().zip(shown);
    let asset = pairs
        .clone()
        .find(|(now, then)| now != then)
        .map(|(now, _)| now.asset)?;
    let base = rehearsal.bases.iter().find(|base| base.asset == asset)?;
    base.tag.as_ref().map(|tag| tag.as_str().to_owned())
}

async fn lapse(
    work: &mut Work,
    intent: &Intent,
    why: Lapse,
    refusal: Refusal,
) -> Result<Result<Confirmed, Refusal>, Failure<Refusal>> {
    let outcome = match why {
        Lapse::Time => Outcome::Expired,
        Lapse::Changed => Outcome::Changed,
        Lapse::Refused => Outcome::Refused,
    };
    settle(work, intent, outcome).await?;
    record(work, intent.id, ConfirmEvent::Expired { why }, Vec::new()).await?;
    Ok(Err(refusal))
}

async fn settle(
    work: &mut Work,
    intent: &Intent,
    outcome: Outcome,
) -> Result<(), Failure<Refusal>> {
    let (access, now) = (work.access().clone(), work.now());
    // The organisation's head is locked, so nobody came first; the condition says so once more.
    if store::settle(work.tx(), &access, intent.id, outcome, now).await? {
        Ok(())
    } else {
        Err(Failure::Refused(Refusal::AlreadyUsed))
    }
}

async fn record(
    work: &mut Work,
    id: ConfirmId,
    event: ConfirmEvent,
    units: Vec<UnitId>,
) -> Result<EventId, StoreError> {
    let fact = Fact::now(Stream::Confirm(id), Event::Confirm(event), units);
    Ok(work.record(fact).await?.event)
}

fn of_asset(refused: rehearse::Refused) -> Refusal {
    Refusal::Asset {
        tag: refused.tag.map(|tag| tag.as_str().to_owned()),
        refusal: refused.refusal,
    }
}
