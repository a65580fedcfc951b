//! What people decide of devices: whether records are of one thing, and whether an asset goes to whoever uses it.

use super::event::DeviceEvent;
use super::store::{self, Case};
use super::{CaseState, HandOverState, Refusal};
use crate::access::Action;
use crate::asset::command::{Act, Command as AssetCommand};
use crate::asset::decide::Refusal as AssetRefusal;
use crate::asset::{self, AssignmentKind, State, Target, merge, steps};
use crate::id::{AssetId, DuplicateCaseId, HandOverId, UnitId};
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{Command, Failure, Work};
use crate::unit::scope;

/// Decides a case. Who corrects the records of all its assets may.
#[derive(Debug, Clone, Copy)]
pub struct DecideCase {
    /// Which.
    pub case: DuplicateCaseId,
    /// How.
    pub decision: Decision,
}

/// What is decided of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Its assets are one: this record goes on, the others lead to it.
    Merge {
        /// The record that goes on.
        survivor: AssetId,
    },
    /// They are different things.
    KeepApart,
    /// Nothing follows.
    Ignore,
    /// What was decided is taken back; the case is open again.
    Undo,
}

/// Hands an asset to whoever was proposed, by the rules and rights by which it would be without a proposal.
#[derive(Debug, Clone, Copy)]
pub struct AcceptHandOver {
    /// The proposal.
    pub hand_over: HandOverId,
}

/// Leaves an asset with whom it is. The same person is not proposed again until somebody else has it.
#[derive(Debug, Clone, Copy)]
pub struct DeclineHandOver {
    /// The proposal.
    pub hand_over: HandOverId,
}

impl Command for DecideCase {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let access = work.access().clone();
        let found = store::case(work.tx(), access.org(), self.case).await?;
        let found = found.ok_or(Failure::Refused(Refusal::CaseUnknown))?;
        let units = units_in_reach(work, &found.members).await?;
        let open = found.state == CaseState::Open;
        match self.decision {
            Decision::Undo if open => Err(Failure::Refused(Refusal::CaseOpen)),
            Decision::Undo => self.undo(work, &found, units).await,
            _ if !open => Err(Failure::Refused(Refusal::CaseDecided)),
            Decision::Merge { survivor } => self.merge(work, &found, survivor, units).await,
            Decision::KeepApart => self.record(work, DeviceEvent::KeptApart {}, units).await,
            Decision::Ignore => self.record(work, DeviceEvent::Ignored {}, units).await,
        }
    }
}

impl DecideCase {
    async fn merge(
        self,
        work: &mut Work,
        found: &Case,
        survivor: AssetId,
        units: Vec<UnitId>,
    ) -> Result<(), Failure<Refusal>> {
        if !found.members.contains(&survivor) {
            return Err(Failure::Refused(Refusal::NotAMember));
        }
        let members = found.members.iter().copied();
        let merged: Vec<AssetId> = members.filter(|asset| *asset != survivor).collect();
        if merged.is_empty() {
            return Err(Failure::Refused(Refusal::NothingToMerge));
        }
        merge::merge(work, survivor, &merged, self.case)
            .await
            .map_err(not_merged)?;
        self.record(work, DeviceEvent::Merged { survivor, merged }, units)
            .await
    }

    async fn undo(
        self,
        work: &mut Work,
        found: &Case,
        units: Vec<UnitId>,
    ) -> Result<(), Failure<Refusal>> {
        let Some(survivor) = found.survivor.filter(|_| found.state == CaseState::Merged) else {
            return self.record(work, DeviceEvent::Reopened {}, units).await;
        };
        let members = found.members.iter().copied();
        let merged: Vec<AssetId> = members.filter(|asset| *asset != survivor).collect();
        merge::part(work, survivor, &merged, self.case)
            .await
            .map_err(not_merged)?;
        self.record(work, DeviceEvent::Unmerged { survivor, merged }, units)
            .await
    }

    async fn record(
        self,
        work: &mut Work,
        event: DeviceEvent,
        units: Vec<UnitId>,
    ) -> Result<(), Failure<Refusal>> {
        let stream = Stream::DuplicateCase(self.case);
        work.record(Fact::now(stream, Event::Device(event), units))
            .await?;
        Ok(())
    }
}

fn not_merged(failure: Failure<merge::NotMerged>) -> Failure<Refusal> {
    match failure {
        Failure::Refused(merge::NotMerged::InUse) => Failure::Refused(Refusal::InUse),
        Failure::Refused(merge::NotMerged::NotStanding) => Failure::Refused(Refusal::NotStanding),
        Failure::Store(error) => Failure::Store(error),
    }
}

/// The units of the assets, each of which must be one whose records the caller corrects. A case with an asset outside does not exist for them.
async fn units_in_reach(
    work: &mut Work,
    members: &[AssetId],
) -> Result<Vec<UnitId>, Failure<Refusal>> {
    let access = work.access().clone();
    let scope = scope::resolve(work.tx(), &access, Action::Correct).await?;
    let owners = asset::store::owners(work.tx(), &access, members).await?;
    let mut units: Vec<UnitId> = owners.into_iter().map(|(_, unit)| unit).collect();
    if units.iter().any(|unit| !scope.contains(*unit)) {
        return Err(Failure::Refused(Refusal::CaseUnknown));
    }
    units.sort_unstable();
    units.dedup();
    Ok(units)
}

impl Command for AcceptHandOver {
    type Answer = AssetId;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<AssetId, Failure<Refusal>> {
        let found = proposed(work, self.hand_over).await?;
        let target = Target::Person(found.person_id);
        let access = work.access().clone();
        let actor = access.actor().clone();
        let standing = asset::store::standing(work.tx(), &access, found.asset_id).await?;
        let (state, holder) = standing.ok_or(Failure::Refused(Refusal::HandOverUnknown))?;
        // Somebody may have handed it over without the proposal: then it is only settled.
        if holder != Some(target) {
            let (kind, location) = (AssignmentKind::Permanent, None);
            let act = match state {
                State::InStock => Act::Deploy {
                    target,
                    kind,
                    location,
                },
                _ => Act::Reassign {
                    target,
                    kind,
                    location,
                },
            };
            let command = AssetCommand {
                asset: found.asset_id,
                act,
                occurred_at: None,
                remark: None,
            };
            steps::carry_out_for(work, &access, &actor, &[command])
                .await
                .map_err(refused)?;
        }
        let hand_over = self.hand_over;
        settle(work, found.asset_id, DeviceEvent::Accepted { hand_over }).await?;
        Ok(found.asset_id)
    }
}

impl Command for DeclineHandOver {
    type Answer = AssetId;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<AssetId, Failure<Refusal>> {
        let found = proposed(work, self.hand_over).await?;
        let hand_over = self.hand_over;
        settle(work, found.asset_id, DeviceEvent::Declined { hand_over }).await?;
        Ok(found.asset_id)
    }
}

fn refused(failure: Failure<AssetRefusal>) -> Failure<Refusal> {
    match failure {
        Failure::Refused(refusal) => Failure::Refused(Refusal::Asset(refusal)),
        Failure::Store(error) => Failure::Store(error),
    }
}

/// A proposal that nobody has decided, of an asset whose custody the caller decides.
async fn proposed(
    work: &mut Work,
    id: HandOverId,
) -> Result<store::OpenHandOver, Failure<Refusal>> {
    let unknown = || Failure::Refused(Refusal::HandOverUnknown);
    let access = work.access().clone();
    let found = store::hand_over(work.tx(), access.org(), id).await?;
    let found = found.ok_or_else(unknown)?;
    let scope = scope::resolve(work.tx(), &access, Action::Custody).await?;
    let owners = asset::store::owners(work.tx(), &access, &[found.asset_id]).await?;
    if owners.is_empty() || owners.iter().any(|(_, unit)| !scope.contains(*unit)) {
        return Err(unknown());
    }
    if found.state != HandOverState::Proposed {
        return Err(Failure::Refused(Refusal::HandOverDecided));
    }
    Ok(found)
}

async fn settle(
    work: &mut Work,
    asset: AssetId,
    event: DeviceEvent,
) -> Result<(), Failure<Refusal>> {
    let access = work.access().clone();
    let owners = asset::store::owners(work.tx(), &access, &[asset]).await?;
    let units = owners.into_iter().map(|(_, unit)| unit).collect();
    work.record(Fact::now(
        Stream::Device(asset),
        Event::Device(event),
        units,
    ))
    .await?;
    Ok(())
}
