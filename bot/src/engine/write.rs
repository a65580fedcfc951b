//! Changes: from what somebody says to a proposal, and from a proposal to the words in which it is confirmed.

use std::collections::{HashMap, HashSet};

use habeo_core::asset::store::{self, AssetDetail};
use habeo_core::asset::{AssignmentKind, LossKind, RepairBy, State, Target};
use habeo_core::confirm::command::{Cancel, Confirm, Propose};
use habeo_core::confirm::{Change as CoreChange, Field, Shown};
use habeo_core::confirm::{Proposal, Refusal};
use habeo_core::explain::{Explain, Kind};
use habeo_core::id::{AssetId, ConfirmId, PersonId};
use habeo_core::ledger::RecordError;
use habeo_core::store::{StoreError, StoreResult};
use habeo_core::time::Day;
use habeo_core::unit::scope::Scope;
use habeo_core::{person, requisition};
use uuid::Uuid;

use super::buying::Deciding;
use super::list::capitalised;
use super::memory::Press;
use super::turn::{Answer, Outcome, Stop, Turn};
use super::words;
use super::{Asker, Engine};
use crate::intent::{Act, AssetRef, Change, Intent, Named, Recipient};
use crate::reply::{Button, Change as Shift, Part, Style};

impl Turn<'_> {
    /// A change that somebody wants, as a proposal.
    pub async fn change(&mut self, change: &Change, intent: &Intent) -> Result<Outcome, Stop> {
        self.keep_private();
        let mut assets: Vec<AssetDetail> = Vec::new();
        for which in &change.assets {
            for asset in self.assets(which, intent).await? {
                if !assets.iter().any(|known| known.id == asset.id) {
                    assets.push(asset);
                }
            }
        }
        let partly = change.assets.contains(&AssetRef::AllRows) && self.memory.next.is_some();
        if partly {
            return Err(Answer::unanswered(format!(
                "The last list goes on beyond the {} rows that were shown. Narrow it down first, or name the assets.",
                assets.len()
            ))
            .into());
        }
        let remark = change
            .remark
            .as_ref()
            .map(|remark| remark.as_str().to_owned());
        let proposal = self
            .proposal(&change.act, &assets, remark.as_deref(), intent)
            .await?;
        let remark = remark.filter(|_| !matches!(proposal, Proposal::Note { .. }));
        // What it was about stays, so that "and the other one too" has something to refer to.
        Ok(Outcome::Proposed(Box::new(proposal), remark))
    }

    async fn proposal(
        &mut self,
        act: &Act,
        found: &[AssetDetail],
        remark: Option<&str>,
        intent: &Intent,
    ) -> Result<Proposal, Stop> {
        let assets: Vec<AssetId> = found.iter().map(|asset| asset.id).collect();
        Ok(match act {
            Act::HandOut { to, until } | Act::Transfer { to, until } => {
                let target = self.recipient(to, intent).await?;
                self.handing(found, target, *until)?
            }
            Act::Return { place } => Proposal::Return {
                assets,
                condition: shape(found)?,
                location: place.as_ref().map(only).transpose()?,
            },
            Act::Move { to } => Proposal::Move {
                assets,
                location: only(to)?,
            },
            Act::ReportMissing { kind } => Proposal::ReportMissing {
                assets,
                kind: *kind,
                discovered_on: self.today,
                police_no: None,
            },
            Act::Found { place } => Proposal::Found {
                assets,
                location: place.as_ref().map(only).transpose()?,
                handed_to: None,
                raw_code: None,
            },
            Act::RepairOut => Proposal::RepairOut {
                assets,
                by: RepairBy::Bench,
                rma_no: None,
            },
            Act::RepairIn => Proposal::RepairIn {
                assets,
                condition: shape(found)?,
            },
            Act::Note => Proposal::Note {
                assets,
                text: remark
                    .ok_or_else(|| Answer::unanswered("What should the note say?"))?
                    .to_owned(),
            },
            Act::Acknowledge => Proposal::Acknowledge { assets },
            Act::Renew { until } => Proposal::Renew {
                assets,
                due_at: self.lexicon.calendar.end(*until),
            },
            Act::Retire => {
                return Err(Answer::unanswered(
                    "I cannot retire assets from a chat. That is done in Habeo itself.",
                )
                .into());
            }
        })
    }

    /// Into somebody's custody: handed out, lent or handed on, as the state of the assets asks for.
    fn handing(
        &self,
        found: &[AssetDetail],
        target: Target,
        until: Option<Day>,
    ) -> Result<Proposal, Stop> {
        let assets: Vec<AssetId> = found.iter().map(|asset| asset.id).collect();
        let due_at = until.map(|until| self.lexicon.calendar.end(until));
        let held = |asset: &&AssetDetail| matches!(asset.state, State::InUse | State::OnLoan);
        let out = found.iter().filter(held).count();
        if out > 0 && out < found.len() {
            return Err(Answer::unanswered(
                "Some of these are with somebody already and some are not. Please do one sort at a time.",
            )
            .into());
        }
        let kind = usual_terms(target);
        Ok(match (out > 0, due_at) {
            (false, Some(due_at)) => Proposal::Loan {
                assets,
                target,
                due_at,
            },
            (false, None) => Proposal::Deploy {
                assets,
                target,
                kind,
                location: None,
            },
            (true, None) => Proposal::Reassign {
                assets,
                target,
                kind,
                location: None,
            },
            (true, Some(_)) => {
                let name = found.first().map_or_else(String::new, words::called);
                return Err(Answer::unanswered(format!(
                    "{name} is {} already. To lend it until a day, take it back first.",
                    found
                        .first()
                        .map_or("in use", |asset| words::state(asset.state))
                ))
                .into());
            }
        })
    }

    async fn recipient(&mut self, to: &Recipient, intent: &Intent) -> Result<Target, Stop> {
        Ok(match to {
            Recipient::Me => {
                let me = self.asker.access.person();
                Target::Person(me.ok_or_else(|| {
                    Answer::unanswered(
                        "Only somebody who is linked to Habeo can be given something.",
                    )
                })?)
            }
            Recipient::Person(name) => Target::Person(self.person(name.as_str(), intent).await?.id),
            Recipient::Unit(unit) => Target::Unit(only(unit)?),
            Recipient::Place(place) => Target::Location(only(place)?),
        })
    }

    /// What a change is, before and after, with names. What is the same for all of several assets is said once.
    pub async fn shifts(&mut self, changes: &[CoreChange]) -> StoreResult<Vec<Part>> {
        let access = &self.asker.access;
        let ids = concerned(changes);
        let assets = store::by_ids(&mut self.tx, access, &self.scope, &ids).await?;
        let called: HashMap<AssetId, String> = assets
            .iter()
            .map(|asset| (asset.id, words::called(asset)))
            .collect();
        let people: Vec<PersonId> = changes
            .iter()
            .flat_map(|change| [&change.before, &change.after])
            .filter_map(|shown| match shown {
                Some(Shown::Target(Target::Person(id))) => Some(*id),
                _ => None,
            })
            .collect();
        // Whoever has an asset that the asker sees, or gets it from them, is named to them.
        let names = person::store::names(&mut self.tx, access, &Scope::Whole, &people).await?;
        let names: HashMap<PersonId, String> = names.into_iter().collect();
        let words = |shown: &Option<Shown>| {
            let shown = shown.as_ref();
            shown.map_or_else(|| "none".to_owned(), |shown| self.value(shown, &names))
        };
        let shift = |change: &CoreChange, subject: String| Shift {
            subject,
            before: words(&change.before),
            after: words(&change.after),
        };
        let name = |id: &AssetId| {
            called
                .get(id)
                .map_or("an asset without a tag", String::as_str)
        };
        if ids.len() < 2 {
            let shifts = changes.iter().map(|change| {
                let field = field_words(change.field);
                let subject = match called.get(&change.asset) {
                    Some(name) => format!("{name}: {field}"),
                    None => capitalised(field),
                };
                shift(change, subject)
            });
            return Ok(vec![Part::Changes(shifts.collect())]);
        }
        let alike = alike(changes);
        let (shared, others): (Vec<_>, Vec<_>) = alike
            .into_iter()
            .partition(|(_, assets)| assets.len() == ids.len());
        let shared = shared.into_iter().map(|(change, _)| {
            let field = capitalised(field_words(change.field));
            shift(change, format!("{field}, all {}", ids.len()))
        });
        let others = others.into_iter().map(|(change, assets)| {
            let names: Vec<&str> = assets.iter().map(name).collect();
            let field = field_words(change.field);
            shift(change, format!("{}: {field}", names.join(", ")))
        });
        let shifts = shared.chain(others).collect();
        let names = ids.iter().map(|id| name(id).to_owned()).collect();
        Ok(vec![Part::Names(names), Part::Changes(shifts)])
    }

    fn value(&self, shown: &Shown, names: &HashMap<PersonId, String>) -> String {
        let known = |id: Uuid| self.lexicon.name(id).unwrap_or("another").to_owned();
        match shown {
            Shown::State(state) => words::state(*state).to_owned(),
            Shown::Target(Target::Person(id)) => names
                .get(id)
                .cloned()
                .unwrap_or_else(|| "somebody".to_owned()),
            Shown::Target(Target::Unit(id)) => format!("the unit {}", known(id.uuid())),
            Shown::Target(Target::Asset(_)) => "another asset".to_owned(),
            Shown::Terms(kind) => words::terms(*kind).to_owned(),
            Shown::Target(Target::Location(id)) | Shown::Place(id) => known(id.uuid()),
            Shown::Condition(condition) => words::condition(*condition).to_owned(),
            Shown::Instant(at) => self.day(*at),
            Shown::Day(day) => super::days::day_in_words(*day, self.today),
            Shown::Loss(LossKind::Lost) => "lost".to_owned(),
            Shown::Loss(LossKind::Stolen) => "stolen".to_owned(),
            Shown::Loss(LossKind::Damaged) => "destroyed".to_owned(),
            Shown::Repair(RepairBy::Vendor) => "an outside workshop".to_owned(),
            Shown::Repair(RepairBy::Bench) => "our own workshop".to_owned(),
            Shown::Tag(tag) => tag.as_str().to_owned(),
            Shown::Serial(serial) => serial.as_str().to_owned(),
            Shown::Category(id) => known(id.uuid()),
            Shown::Model(id) => known(id.uuid()),
            Shown::Manufacturer(id) => known(id.uuid()),
            Shown::Unit(id) => known(id.uuid()),
            Shown::Acquisition(acquisition) => words::acquisition(*acquisition),
            Shown::Text(text) => text.clone(),
            Shown::Yes => "yes".to_owned(),
        }
    }
}

impl Engine {
    /// Proposes a change: what cannot be done is said at once, what can is shown exactly and waits for a confirmation.
    pub(super) async fn propose(
        &self,
        asker: &Asker,
        proposal: Proposal,
        remark: Option<String>,
    ) -> Result<Answer, Stop> {
        let new = matches!(proposal, Proposal::Register { .. });
        let deciding = Deciding::of(&proposal, remark.as_deref());
        let propose = Propose {
            proposal,
            remark,
            asked_by: asker.user.clone(),
        };
        let proposed = match self.ledger().record(&asker.access, propose).await {
            Ok(proposed) => proposed,
            Err(error) => {
                let changed = requisition::Refusal::Changed;
                let changed = Refusal::Requisition(changed);
                return Err(match (&error, &deciding) {
                    (RecordError::Refused(refusal), Some(deciding)) if *refusal == changed => {
                        deciding.changed().into()
                    }
                    _ => refused(error),
                });
            }
        };
        let mut turn = Turn::open(self, asker).await?;
        let mut parts = if let Some(deciding) = &deciding {
            turn.decision(deciding).await?
        } else {
            let heading = if new {
                "Enter this asset?"
            } else {
                "Make this change?"
            };
            let mut parts = vec![Part::Heading(heading.to_owned())];
            parts.extend(turn.shifts(&proposed.changes).await?);
            parts
        };
        let until = turn.lexicon.calendar.clock(proposed.expires_at);
        parts.push(Part::Note(format!(
            "Nothing has happened yet. You can confirm until {until}."
        )));
        let id = proposed.id.uuid();
        let confirm = Button::press("Confirm", Press::Confirm(id).spelled());
        let cancel = Button::press("Cancel", Press::Cancel(id).spelled());
        let rows = concerned(&proposed.changes).len() + usize::from(deciding.is_some());
        Ok(Answer::of(parts, rows)
            .with(confirm.styled(Style::Primary))
            .with(cancel))
    }

    /// Does what was proposed.
    pub(super) async fn confirm(&self, asker: &Asker, id: Uuid) -> Result<Answer, Stop> {
        let confirm = Confirm {
            id: ConfirmId::from_uuid(id),
            by: asker.user.clone(),
        };
        let confirmed = match confirm.carry_out(self.ledger(), &asker.access).await {
            Ok(confirmed) => confirmed,
            Err(error) => return Err(refused(error)),
        };
        let mut turn = Turn::open(self, asker).await?;
        if let Some(requisition) = confirmed.requisition {
            let parts = turn.decided(requisition).await?;
            return Ok(Answer::of(parts, 1));
        }
        let shifts = turn.shifts(&confirmed.changes).await?;
        let mut parts = vec![Part::Heading("Done.".to_owned())];
        parts.extend(shifts);
        let rows = concerned(&confirmed.changes).len();
        Ok(Answer::of(parts, rows))
    }

    /// Calls a proposal off.
    pub(super) async fn cancel(&self, asker: &Asker, id: Uuid) -> Result<Answer, Stop> {
        let cancel = Cancel {
            id: ConfirmId::from_uuid(id),
            by: asker.user.clone(),
        };
        match self.ledger().record(&asker.access, cancel).await {
            Ok(()) => Ok(Answer::unanswered("Cancelled. Nothing was changed.")),
            Err(error) => Err(refused(error)),
        }
    }
}

/// The assets that change, in their order.
fn concerned(changes: &[CoreChange]) -> Vec<AssetId> {
    let mut seen = HashSet::new();
    let assets = changes.iter().map(|change| change.asset);
    assets.filter(|asset| seen.insert(*asset)).collect()
}

/// Each change once, with the assets that it is the same for.
fn alike(changes: &[CoreChange]) -> Vec<(&CoreChange, Vec<AssetId>)> {
    let mut alike: Vec<(&CoreChange, Vec<AssetId>)> = Vec::new();
    for change in changes {
        let same = |(other, assets): &&mut (&CoreChange, Vec<AssetId>)| {
            (other.field, &other.before, &other.after)
                == (change.field, &change.before, &change.after)
                && !assets.contains(&change.asset)
        };
        match alike.iter_mut().find(same) {
            Some((_, assets)) => assets.push(change.asset),
            None => alike.push((change, vec![change.asset])),
        }
    }
    alike
}

/// What to say of a refusal; a failure of the store stays one.
fn refused(error: RecordError<Refusal>) -> Stop {
    match error {
        RecordError::Store(error @ StoreError::ReadOnly) => {
            Answer::unanswered(format!("That was not done: {error}.")).into()
        }
        RecordError::Store(error) => Stop::Store(error),
        RecordError::Refused(refusal) => {
            let text = match refusal.kind() {
                // An asset out of reach is as unknown as one that does not exist.
                Kind::NotFound if matches!(refusal, Refusal::Asset { .. }) => {
                    "I find no such asset among those you can see.".to_owned()
                }
                _ => format!("That was not done: {refusal}."),
            };
            Answer::unanswered(text).into()
        }
    }
}

/// The terms on which a target usually has something.
pub(super) const fn usual_terms(target: Target) -> AssignmentKind {
    match target {
        Target::Person(_) | Target::Asset(_) => AssignmentKind::Permanent,
        Target::Unit(_) => AssignmentKind::Shared,
        Target::Location(_) => AssignmentKind::Room,
    }
}

/// The shape that all are in, as far as nobody said otherwise.
fn shape(found: &[AssetDetail]) -> Result<habeo_core::asset::Condition, Stop> {
    let first = found.first().map(|asset| asset.condition);
    match first {
        Some(condition) if found.iter().all(|asset| asset.condition == condition) => Ok(condition),
        _ => Err(Answer::unanswered(
            "These are in different conditions. Please take them back one by one.",
        )
        .into()),
    }
}

/// The one place or unit that a name means.
fn only<Id: Copy>(named: &Named<Id>) -> Result<Id, Stop> {
    named.only().ok_or_else(|| {
        Answer::unanswered(format!(
            "\u{201C}{}\u{201D} can mean several. Please say exactly which one.",
            named.name
        ))
        .into()
    })
}

const fn field_words(field: Field) -> &'static str {
    match field {
        Field::Tag => "tag",
        Field::Description => "description",
        Field::Serial => "serial number",
        Field::Category => "category",
        Field::Model => "model",
        Field::Manufacturer => "maker",
        Field::Unit => "unit",
        Field::State => "state",
        Field::Holder => "holder",
        Field::Terms => "terms",
        Field::DueAt => "due back",
        Field::Location => "place",
        Field::Condition => "condition",
        Field::Acknowledged => "receipt acknowledged",
        Field::Loss => "how it was lost",
        Field::DiscoveredOn => "noticed on",
        Field::RepairBy => "repaired by",
        Field::Number => "number",
        Field::Acquisition => "acquired by",
        Field::AcquiredOn => "bought on",
        Field::Provenance => "where it came from",
        Field::Note => "note",
    }
}
