//! Filled forms: what was entered, as a proposal, or what is wrong with it, field by field.

use std::collections::BTreeMap;

use habeo_core::access::Action;
use habeo_core::asset::command::{Description, Register};
use habeo_core::asset::store::{self, AssetDetail};
use habeo_core::asset::{Condition, Target};
use habeo_core::confirm::Proposal;
use habeo_core::id::AssetId;
use habeo_core::person;
use habeo_core::store::StoreResult;
use habeo_core::text::{self, Serial, Tag};
use habeo_core::time::Day;
use habeo_core::unit::scope;

use super::form::first_field;
use super::list::capitalised;
use super::turn::Turn;
use super::write::usual_terms;
use crate::reply::{FieldError, FormKind};

/// The most characters of what is written in several lines.
const TEXT_CHARS_MAX: usize = 2_000;
/// The most characters of one line.
const LINE_CHARS_MAX: usize = 200;

/// What was entered, read field by field; what is wrong is gathered.
struct Entered<'a> {
    values: &'a BTreeMap<String, String>,
    errors: Vec<FieldError>,
}

impl Entered<'_> {
    fn wrong(&mut self, field: &'static str, message: impl Into<String>) {
        self.errors.push(FieldError {
            field,
            message: message.into(),
        });
    }

    fn text(&mut self, field: &'static str, chars_max: usize) -> Option<String> {
        let value = self.values.get(field).map(|value| value.trim())?;
        if value.is_empty() {
            return None;
        }
        match text::lines(value, chars_max) {
            Ok(text) => Some(text),
            Err(bad) => {
                self.wrong(field, capitalised(&bad.to_string()));
                None
            }
        }
    }

    fn parsed<T: std::str::FromStr>(&mut self, field: &'static str, hint: &str) -> Option<T> {
        let value = self.text(field, LINE_CHARS_MAX)?;
        let parsed = value.parse().ok();
        if parsed.is_none() {
            self.wrong(field, hint);
        }
        parsed
    }

    fn needed<T>(&mut self, field: &'static str, value: Option<T>, hint: &str) -> Option<T> {
        let told = self.errors.iter().any(|error| error.field == field);
        if value.is_none() && !told {
            self.wrong(field, hint);
        }
        value
    }
}

/// What was entered as a proposal with its remark, or what is wrong with it.
type Filled = Result<(Proposal, Option<String>), Vec<FieldError>>;

impl Turn<'_> {
    /// Reads a filled form.
    pub async fn filled(
        &mut self,
        kind: FormKind,
        values: &BTreeMap<String, String>,
    ) -> StoreResult<Filled> {
        let mut entered = Entered {
            values,
            errors: Vec::new(),
        };
        let remark = entered.text("remark", TEXT_CHARS_MAX);
        let proposal = match kind {
            FormKind::Register => registered(&mut entered),
            FormKind::RejectRequisition => rejected(&mut entered, remark.as_deref()),
            _ => {
                let asset = self.entered_asset(&mut entered).await?;
                asset.and_then(|asset| self.entered(kind, &mut entered, &asset))
            }
        };
        self.know(&mut entered).await?;
        Ok(match proposal {
            Some(proposal) if entered.errors.is_empty() => Ok((proposal, remark)),
            _ => {
                if entered.errors.is_empty() {
                    entered.wrong(first_field(kind), "Something is missing here");
                }
                Err(entered.errors)
            }
        })
    }

    /// A person who is chosen is one of those that are offered: an id that came from elsewhere is to tell no name.
    async fn know(&mut self, entered: &mut Entered<'_>) -> StoreResult<()> {
        let person = entered.values.get("person").map(|id| id.trim().parse());
        let Some(Ok(person)) = person else {
            return Ok(());
        };
        let access = &self.asker.access;
        let known = scope::resolve(&mut self.tx, access, Action::ReadPeople).await?;
        let found = person::store::by_id(&mut self.tx, access, &known, person).await?;
        if found.is_none() && access.person() != Some(person) {
            entered.wrong("person", PERSON_HINT);
        }
        Ok(())
    }

    async fn entered_asset(
        &mut self,
        entered: &mut Entered<'_>,
    ) -> StoreResult<Option<AssetDetail>> {
        let hint = "Choose an asset from the list";
        let id: Option<AssetId> = entered.parsed("asset", hint);
        let Some(id) = entered.needed("asset", id, hint) else {
            return Ok(None);
        };
        let access = &self.asker.access;
        let found = store::by_id(&mut self.tx, access, &self.scope, id).await?;
        Ok(entered.needed(
            "asset",
            found,
            "I find no such asset among those you can see",
        ))
    }

    fn entered(
        &self,
        kind: FormKind,
        entered: &mut Entered<'_>,
        asset: &AssetDetail,
    ) -> Option<Proposal> {
        let assets = vec![asset.id];
        let place = entered.parsed("place", "Choose a place from the list");
        let condition = entered.parsed("condition", "Choose a condition");
        Some(match kind {
            FormKind::Deploy | FormKind::Reassign => {
                let target = target(entered)?;
                let terms = usual_terms(target);
                if kind == FormKind::Deploy {
                    Proposal::Deploy {
                        assets,
                        target,
                        kind: terms,
                        location: None,
                    }
                } else {
                    Proposal::Reassign {
                        assets,
                        target,
                        kind: terms,
                        location: None,
                    }
                }
            }
            FormKind::Loan => {
                let person = entered.parsed("person", PERSON_HINT);
                let person = entered.needed("person", person, PERSON_HINT);
                let until = self.until(entered);
                Proposal::Loan {
                    assets,
                    target: Target::Person(person?),
                    due_at: self.lexicon.calendar.end(until?),
                }
            }
            FormKind::Renew => Proposal::Renew {
                assets,
                due_at: self.lexicon.calendar.end(self.until(entered)?),
            },
            FormKind::Return => Proposal::Return {
                assets,
                condition: condition.unwrap_or(asset.condition),
                location: place,
            },
            FormKind::RepairIn => Proposal::RepairIn {
                assets,
                condition: condition.unwrap_or(asset.condition),
            },
            FormKind::Move => Proposal::Move {
                assets,
                location: entered.needed("place", place, "Choose a place from the list")?,
            },
            FormKind::Found => Proposal::Found {
                assets,
                location: place,
                handed_to: None,
                raw_code: None,
            },
            FormKind::ReportMissing => {
                let kind = entered.parsed("kind", "Choose what happened");
                let kind = entered.needed("kind", kind, "Choose what happened");
                let day: Option<Day> = entered.parsed("day", DAY_HINT);
                let police_no = entered.text("number", LINE_CHARS_MAX);
                Proposal::ReportMissing {
                    assets,
                    kind: kind?,
                    discovered_on: day.unwrap_or(self.today),
                    police_no,
                }
            }
            FormKind::RepairOut => {
                let by = entered.parsed("by", "Choose who repairs it");
                let rma_no = entered.text("number", LINE_CHARS_MAX);
                Proposal::RepairOut {
                    assets,
                    by: entered.needed("by", by, "Choose who repairs it")?,
                    rma_no,
                }
            }
            FormKind::Note => {
                let text = entered.text("text", TEXT_CHARS_MAX);
                Proposal::Note {
                    assets,
                    text: entered.needed("text", text, "Write what the note says")?,
                }
            }
            FormKind::Register | FormKind::RejectRequisition => return None,
        })
    }

    fn until(&self, entered: &mut Entered<'_>) -> Option<Day> {
        let until: Option<Day> = entered.parsed("until", DAY_HINT);
        let until = entered.needed("until", until, DAY_HINT)?;
        if until < self.today {
            entered.wrong("until", "This day is past");
            return None;
        }
        Some(until)
    }
}

const PERSON_HINT: &str = "Choose a person from the list";
const DAY_HINT: &str = "Choose a day, as 2026-11-27";

/// The one of person, unit and room that was entered.
fn target(entered: &mut Entered<'_>) -> Option<Target> {
    let person = entered.parsed("person", PERSON_HINT);
    let unit = entered.parsed("unit", "Choose a unit from the list");
    let room = entered.parsed("room", "Choose a room from the list");
    let all = [
        person.map(Target::Person),
        unit.map(Target::Unit),
        room.map(Target::Location),
    ];
    let mut given = all.into_iter().flatten();
    match (given.next(), given.next()) {
        (Some(target), None) => Some(target),
        (None, _) if !entered.errors.is_empty() => None,
        _ => {
            entered.wrong("person", "Give one of person, unit and room");
            None
        }
    }
}

/// A new asset.
fn registered(entered: &mut Entered<'_>) -> Option<Proposal> {
    let description = entered.text("description", 500);
    let description = entered.needed("description", description, "Write what it is");
    let category = entered.parsed("category", "Choose a category from the list");
    let category = entered.needed("category", category, "Choose a category from the list");
    let model = entered.parsed("model", "Choose a model from the list");
    let unit = entered.parsed("unit", "Choose a unit from the list");
    let unit = entered.needed("unit", unit, "Choose a unit from the list");
    let acquisition = entered.parsed("acquisition", "Choose how it was acquired");
    let acquisition = entered.needed("acquisition", acquisition, "Choose how it was acquired");
    let acquired_on: Option<Day> = entered.parsed("acquired", DAY_HINT);
    let location = entered.parsed("place", "Choose a place from the list");
    let condition = entered.parsed("condition", "Choose a condition");
    let provenance = entered.text("provenance", TEXT_CHARS_MAX);
    let tag = entered
        .text("tag", LINE_CHARS_MAX)
        .map(|tag| Tag::parse(&tag));
    let serial = entered
        .text("serial", LINE_CHARS_MAX)
        .map(|serial| Serial::parse(&serial));
    if let Some(Err(bad)) = &tag {
        entered.wrong("tag", capitalised(&bad.to_string()));
    }
    if let Some(Err(bad)) = &serial {
        entered.wrong("serial", capitalised(&bad.to_string()));
    }
    let what = Description {
        description: description?,
        category: category?,
        model,
        manufacturer: None,
        unit: unit?,
        acquisition: acquisition?,
        cost_minor: None,
        currency: None,
        po_no: None,
        invoice_no: None,
        acquired_on,
        warranty_ends_on: None,
    };
    let new = Register {
        what,
        tag: tag.and_then(Result::ok),
        serial: serial.and_then(Result::ok),
        location,
        condition: condition.unwrap_or(Condition::Unknown),
        identifiers: Vec::new(),
        provenance,
    };
    Some(Proposal::Register { new: Box::new(new) })
}

/// A no to a requisition, exactly as it was shown beside the button that opened the form.
fn rejected(entered: &mut Entered<'_>, reason: Option<&str>) -> Option<Proposal> {
    const FIELD: &str = "remark";
    entered.needed(FIELD, reason, "Write why")?;
    let given = |name: &str| entered.values.get(name).cloned();
    let (requisition, digest) = (given("requisition"), given("digest"));
    let requisition = requisition.and_then(|id| id.parse().ok());
    let Some((requisition, digest)) = requisition.zip(digest) else {
        entered.wrong(
            FIELD,
            "This form does not say which requisition; press the button again",
        );
        return None;
    };
    Some(Proposal::RejectRequisition {
        requisition,
        digest,
    })
}
