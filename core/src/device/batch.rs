//! A batch of reports while it is decided: one after the other, each after what those before it have changed. Nothing is written here.

use super::event::{DeviceEvent, Evidence, Member};
use super::hand_over::People;
use super::identity::{self, Identity};
use super::intake::Intake;
use super::known::{Known, Ref};
use super::matching::{self, Conflict, Match};
use super::report::{Kind, Ownership, Report};
use super::store::{Candidate, HandOverRow, Named, Private};
use super::take::{Outcome, TakeReports};
use super::{CaseKind, CaseState, HandOverState, MatchedBy, decide, refusal};
use crate::asset::State;
use crate::asset::command::Command as AssetCommand;
use crate::id::{AssetId, DuplicateCaseId, HandOverId, UnitId};
use crate::ledger::event::{Event, Fact, Stream};
use crate::random::Random;
use crate::text;
use crate::time::Timestamp;

/// What is to be done because of one report.
#[derive(Debug)]
pub(super) struct Plan {
    pub outcome: Outcome,
    at: Timestamp,
    /// The asset it is about, and to whom that belongs.
    pub about: Option<(AssetId, UnitId)>,
    pub register: Option<AssetCommand>,
    events: Vec<DeviceEvent>,
    case: Option<(DuplicateCaseId, Vec<UnitId>, DeviceEvent)>,
    pub kept: Option<Private>,
    pub named: Option<Named>,
}

impl Plan {
    const fn only(outcome: Outcome, at: Timestamp) -> Self {
        Self {
            outcome,
            at,
            about: None,
            register: None,
            events: Vec::new(),
            case: None,
            kept: None,
            named: None,
        }
    }
}

/// A batch while its reports are decided one after the other, each after what those before it have changed.
pub(super) struct Batch<'a> {
    pub take: &'a TakeReports,
    pub now: Timestamp,
    pub random: &'a dyn Random,
    pub known: Known,
    pub intake: Option<Intake>,
    pub people: People,
}

impl Batch<'_> {
    /// Decides one report.
    pub fn plan(&mut self, report: &Report, identity: &Identity) -> Plan {
        let at = report.occurred_at.min(self.now);
        if report.external_id.is_some() && identity.external_id.is_none() {
            return Plan::only(Outcome::Refused(refusal::NotTaken::BadKey), at);
        }
        if identity.is_empty() {
            return Plan::only(Outcome::NoIdentity, at);
        }
        let taking = decide::Taking {
            connection: self.take.connection,
            provider: self.take.provider,
            report,
            identity,
            at,
        };
        match matching::find(identity, &self.known) {
            Match::One(member) => self.of_member(taking, member),
            Match::Conflict(conflict) => self.conflict(taking, conflict, None),
            Match::None => self.enter(taking),
        }
    }

    /// The device is this asset; unless that is gone, and should not have been heard of any more.
    fn of_member(&mut self, taking: decide::Taking<'_>, member: Member) -> Plan {
        let Some(asset) = self.known.assets.get(&member.asset).cloned() else {
            return Plan::only(Outcome::NoIdentity, taking.at);
        };
        let gone = matches!(
            asset.state,
            State::Retired | State::Surplus | State::Disposed
        );
        let since = asset.state_since;
        if gone && taking.report.kind != Kind::Unenrolled && taking.at >= since {
            let conflict = Conflict {
                kind: CaseKind::ReEnrolled,
                members: vec![member],
                otherwise: Some(member),
            };
            return self.conflict(taking, conflict, Some(since));
        }
        self.follow(taking, &asset, Some(member.matched_by))
    }

    /// A case, opened once; what somebody has decided of it holds from then on.
    fn conflict(
        &mut self,
        taking: decide::Taking<'_>,
        conflict: Conflict,
        since: Option<Timestamp>,
    ) -> Plan {
        let Conflict {
            kind,
            members,
            otherwise,
        } = conflict;
        let micros = since.map(Timestamp::micros);
        let connection = self.take.connection;
        let fingerprint =
            matching::fingerprint(connection, taking.identity, kind, &members, micros);
        if let Some((case, state)) = self.known.cases.get(&fingerprint).copied() {
            let decided = matches!(state, CaseState::Distinct | CaseState::Ignored);
            if let (true, Some(member)) = (decided, otherwise)
                && let Some(asset) = self.known.assets.get(&member.asset).cloned()
            {
                return self.follow(taking, &asset, Some(member.matched_by));
            }
            let opened = false;
            return Plan::only(Outcome::Case { case, opened }, taking.at);
        }
        let case = DuplicateCaseId::generate(self.now, self.random);
        self.known
            .cases
            .insert(fingerprint.clone(), (case, CaseState::Open));
        let assets = members.iter();
        let assets = assets.filter_map(|member| self.known.assets.get(&member.asset));
        let mut units: Vec<UnitId> = assets.map(|asset| asset.owning_unit_id).collect();
        units.sort_unstable();
        units.dedup();
        let event = DeviceEvent::CaseOpened {
            kind,
            fingerprint,
            members,
            evidence: self.evidence(taking),
        };
        let opened = true;
        Plan {
            case: Some((case, units, event)),
            ..Plan::only(Outcome::Case { case, opened }, taking.at)
        }
    }

    fn evidence(&self, taking: decide::Taking<'_>) -> Evidence {
        const CHARS_MAX: usize = 200;
        let device = &taking.report.device;
        let line = |said: Option<&str>| said.and_then(|said| text::line(said, CHARS_MAX).ok());
        Evidence {
            connection: self.take.connection,
            provider: self.take.provider,
            external_id: taking.identity.external_id.clone(),
            serial: line(device.serial.as_deref()),
            manufacturer: line(taking.identity.manufacturer.as_deref()),
            model: line(
                device
                    .model
                    .as_deref()
                    .or(device.model_identifier.as_deref()),
            ),
        }
    }

    /// Whether the next report of the device would find the asset that is entered now: otherwise each would enter another.
    fn is_found_again(&self, taking: &decide::Taking<'_>) -> bool {
        let numbered = taking.identity.serial.as_ref();
        taking.identity.external_id.is_some()
            || numbered.is_some_and(|serial| !identity::is_placeholder(serial))
            || taking.identity.identifiers.iter().any(|(kind, value)| {
                MatchedBy::identifier(*kind).is_some()
                    && self.known.with_identifier(*kind, value).is_empty()
            })
    }

    /// A device that nobody has recorded: an asset of the unit that takes in what has no owner yet, without a label until somebody gives it one.
    fn enter(&mut self, taking: decide::Taking<'_>) -> Plan {
        if taking.report.device.ownership == Some(Ownership::Personal) {
            return Plan::only(Outcome::Refused(refusal::NotTaken::Personal), taking.at);
        }
        let Some(intake) = &self.intake else {
            return Plan::only(Outcome::NoIdentity, taking.at);
        };
        if !self.is_found_again(&taking) {
            return Plan::only(Outcome::NoIdentity, taking.at);
        }
        let id = AssetId::generate(self.now, self.random);
        let (command, maker) = intake.register(id, taking, &self.known);
        let asset = Candidate {
            id,
            serial: taking.identity.serial.clone(),
            manufacturer_id: maker,
            owning_unit_id: intake.unit,
            state: State::Received,
            state_since: self.now,
            merged_into_id: None,
            assignment_id: None,
            assignment_kind: None,
            target_kind: None,
            target_id: None,
        };
        self.known.enter(asset.clone());
        for (kind, value) in &taking.identity.identifiers {
            self.known.identify(id, *kind, text::fold_code(value));
        }
        let plan = self.follow(taking, &asset, None);
        Plan {
            outcome: Outcome::Applied {
                asset: id,
                entered: true,
            },
            register: Some(command),
            ..plan
        }
    }

    /// What the report means for the device that the asset is, and for whom it should be with.
    fn follow(
        &mut self,
        taking: decide::Taking<'_>,
        asset: &Candidate,
        matched_by: Option<MatchedBy>,
    ) -> Plan {
        let id = asset.id;
        let (mut plan, stale) = match decide::next(taking, asset, matched_by, &self.known) {
            decide::Next::Stale { events } => {
                let plan = Plan::only(Outcome::Stale { asset: id }, taking.at);
                (Plan { events, ..plan }, true)
            }
            decide::Next::Known {
                events,
                device,
                kept,
            } => {
                self.known.devices.insert(id, device);
                self.known.privates.insert(id, (*kept).clone());
                let plan = Plan::only(Outcome::Unchanged { asset: id }, taking.at);
                let kept = Some(*kept);
                (
                    Plan {
                        events,
                        kept,
                        ..plan
                    },
                    false,
                )
            }
        };
        self.learn(id, &plan.events);
        plan.about = Some((id, asset.owning_unit_id));
        if !stale {
            self.propose(taking, asset, &mut plan);
        }
        if !stale && !plan.events.is_empty() {
            let entered = false;
            plan.outcome = Outcome::Applied { asset: id, entered };
        }
        plan
    }

    /// Takes in what the facts change of keys and identifiers.
    fn learn(&mut self, asset: AssetId, events: &[DeviceEvent]) {
        for event in events {
            match event {
                DeviceEvent::RefLinked {
                    external_id,
                    identifiers,
                    ..
                } => {
                    let superseded_by = None;
                    let one = Ref {
                        asset,
                        superseded_by,
                    };
                    self.known.refs.insert(external_id.clone(), one);
                    for identifier in identifiers {
                        let folded = text::fold_code(&identifier.value);
                        self.known.identify(asset, identifier.kind, folded);
                    }
                }
                DeviceEvent::RefSuperseded {
                    external_id, by, ..
                } => {
                    let superseded_by = Some(by.clone());
                    let one = Ref {
                        asset,
                        superseded_by,
                    };
                    self.known.refs.insert(external_id.clone(), one);
                }
                _ => {}
            }
        }
    }

    fn propose(&mut self, taking: decide::Taking<'_>, asset: &Candidate, plan: &mut Plan) {
        let Some(person) = self.people.proposed(taking.report, asset, &self.known) else {
            return;
        };
        let id = HandOverId::generate(self.now, self.random);
        plan.events.push(DeviceEvent::Proposed {
            hand_over: id,
            connection: self.take.connection,
            provider: self.take.provider,
            person,
            assignment: asset.assignment_id,
        });
        let user = taking.report.user.clone().unwrap_or_default();
        plan.named = Some(Named::new(id, &user));
        self.known.proposed(HandOverRow {
            asset_id: asset.id,
            person_id: person,
            assignment_id: asset.assignment_id,
            state: HandOverState::Proposed,
        });
    }
}

impl Plan {
    /// The facts, in their order.
    pub fn facts(&self) -> Vec<Fact> {
        let fact = |stream, event: &DeviceEvent, units| Fact {
            stream,
            event: Event::Device(event.clone()),
            units,
            occurred_at: Some(self.at),
            remark: None,
        };
        let mut facts = Vec::with_capacity(self.events.len() + 1);
        if let Some((asset, unit)) = self.about {
            let of_asset = |event| fact(Stream::Device(asset), event, vec![unit]);
            facts.extend(self.events.iter().map(of_asset));
        }
        if let Some((case, units, event)) = &self.case {
            facts.push(fact(Stream::DuplicateCase(*case), event, units.clone()));
        }
        facts
    }
}
