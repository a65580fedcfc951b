//! The rules of an asset's life: from its state, a command and what is known, to facts or a refusal. Pure.

use super::command::{Act, Command, Description, Register};
use super::event::{AssetEvent, Identifier, Record};
use super::known::Known;
use super::life::Life;
pub use super::refusal::Refusal;
pub use super::transition::allowed;
use super::{Acquisition, Asset};
use crate::access::Action;
use crate::id::{AssignmentId, HoldId, PersonId};
use crate::text::{self, BadText};
use crate::time::Timestamp;

/// The most characters of a description.
pub const DESCRIPTION_CHARS_MAX: usize = 500;
/// The most characters of an order, invoice, return or report number.
pub const NUMBER_CHARS_MAX: usize = 64;
/// The most characters of a remark.
pub const REMARK_CHARS_MAX: usize = 2_000;
/// The most fields of one change, and the most further identifiers of one registration.
pub const FIELDS_MAX: usize = 20;

/// The moment and the ids of a decision: parameters, so that the rules stay pure.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// The present instant.
    pub now: Timestamp,
    /// The id of a custody that may begin.
    pub assignment: AssignmentId,
    /// The id of a hold that may begin.
    pub hold: HoldId,
}

/// Decides what follows from a command. The asset is none where it does not exist or may not be seen.
pub(super) fn decide(
    asset: Option<&Asset>,
    command: &Command,
    known: &Known<'_>,
    moment: Moment,
) -> Result<Vec<AssetEvent>, Refusal> {
    let at = command.occurred_at.unwrap_or(moment.now);
    if at > moment.now {
        return Err(Refusal::TimeOutOfOrder);
    }
    command.words()?;
    match (&command.act, asset) {
        // Who may not register there does not learn which ids exist.
        (Act::Order(what), Some(_)) => {
            known.permit(Action::Register, what.unit)?;
            Err(Refusal::Exists)
        }
        (Act::Register(new), Some(_)) => {
            known.permit(Action::Register, new.what.unit)?;
            Err(Refusal::Exists)
        }
        (Act::Order(what), None) => {
            known.permit(Action::Register, what.unit)?;
            Ok(vec![AssetEvent::Ordered(record(what, known)?)])
        }
        (Act::Register(new), None) => {
            known.permit(Action::Register, new.what.unit)?;
            register(new, command, known)
        }
        (_, None) => Err(Refusal::Unknown),
        (act, Some(asset)) => {
            if !known.sees(asset) {
                return Err(Refusal::Unknown);
            }
            if let Some(action) = act.action() {
                known.permit(action, asset.owning_unit_id)?;
            }
            if asset.merged_into_id.is_some() && !matches!(act, Act::Note) {
                return Err(Refusal::Merged);
            }
            if !act.from_states().contains(&asset.state) {
                return Err(Refusal::InvalidTransition {
                    command: act.name(),
                    state: asset.state,
                    allowed: allowed(asset.state),
                });
            }
            // Custody intervals follow one another, so nothing is recorded before what it follows.
            if at < asset.state_since && !matches!(act, Act::Note) {
                return Err(Refusal::TimeOutOfOrder);
            }
            Life {
                asset,
                command,
                known,
                moment,
                at,
            }
            .next()
        }
    }
}

pub(super) fn line(field: &'static str, text: &str, chars_max: usize) -> Result<String, Refusal> {
    text::line(text, chars_max).map_err(|error| Refusal::BadText(field, error))
}

pub(super) fn number(field: &'static str, text: Option<&str>) -> Result<Option<String>, Refusal> {
    text.map(|text| line(field, text, NUMBER_CHARS_MAX))
        .transpose()
}

pub(super) fn amount(field: &'static str, minor: Option<i64>) -> Result<Option<i64>, Refusal> {
    match minor {
        Some(minor) if !(0..(1 << 53)).contains(&minor) => Err(Refusal::BadAmount(field)),
        other => Ok(other),
    }
}

pub(super) fn two_persons(
    approvers: [PersonId; 2],
    known: &Known<'_>,
) -> Result<[PersonId; 2], Refusal> {
    if approvers[0] == approvers[1] {
        return Err(Refusal::TwoPersons);
    }
    for approver in approvers {
        known.person(approver)?;
    }
    Ok(approvers)
}

fn record(what: &Description, known: &Known<'_>) -> Result<Record, Refusal> {
    known.category(what.category)?;
    known.unit(what.unit)?;
    // A model says who made it; what the caller says counts only where there is no model.
    let manufacturer = match what.model {
        Some(model) => Some(known.model(model)?.manufacturer_id),
        None => what
            .manufacturer
            .map(|maker| known.manufacturer(maker))
            .transpose()?,
    };
    let cost_minor = amount("costMinor", what.cost_minor)?;
    let currency = match &what.currency {
        Some(code) if code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()) => {
            Some(code.clone())
        }
        Some(_) => return Err(Refusal::BadText("currency", BadText::Alphabet)),
        None => cost_minor.map(|_| known.currency()),
    };
    Ok(Record {
        description: line("description", &what.description, DESCRIPTION_CHARS_MAX)?,
        category: what.category,
        model: what.model,
        manufacturer,
        unit: what.unit,
        acquisition: what.acquisition,
        cost_minor,
        currency,
        po_no: number("poNo", what.po_no.as_deref())?,
        invoice_no: number("invoiceNo", what.invoice_no.as_deref())?,
        acquired_on: what.acquired_on,
        warranty_ends_on: what.warranty_ends_on,
    })
}

fn register(
    new: &Register,
    command: &Command,
    known: &Known<'_>,
) -> Result<Vec<AssetEvent>, Refusal> {
    let what = record(&new.what, known)?;
    let bought = matches!(
        what.acquisition,
        Acquisition::Purchase | Acquisition::Punchout
    );
    let explained = command.words()?.is_some();
    if !bought && !explained {
        return Err(Refusal::ProvenanceRequired);
    }
    let required = match what.model {
        Some(model) => known.model(model)?.requires_serial,
        None => false,
    };
    if required && new.serial.is_none() && !explained {
        return Err(Refusal::SerialRequired);
    }
    if let Some(tag) = &new.tag {
        known.tag_free(tag, command.asset)?;
    }
    if let Some(serial) = &new.serial {
        known.serial_free(serial, what.manufacturer, command.asset)?;
    }
    if new.identifiers.len() > FIELDS_MAX {
        return Err(Refusal::BadCount("identifiers"));
    }
    let mut identifiers = Vec::with_capacity(new.identifiers.len());
    for (kind, value) in &new.identifiers {
        let value = line("identifier", value, 128)?;
        if text::fold_code(&value).is_empty() {
            return Err(Refusal::BadText("identifier", BadText::Alphabet));
        }
        known.identifier_free(*kind, &value, command.asset)?;
        let identifier = Identifier { kind: *kind, value };
        if identifiers.iter().any(|other| is_same(other, &identifier)) {
            return Err(Refusal::IdentifierTaken);
        }
        identifiers.push(identifier);
    }
    Ok(vec![AssetEvent::Registered {
        what,
        tag: new.tag.clone(),
        serial: new.serial.clone(),
        location: known.place(new.location)?,
        condition: new.condition,
        identifiers,
    }])
}

fn is_same(one: &Identifier, other: &Identifier) -> bool {
    one.kind == other.kind && text::fold_code(&one.value) == text::fold_code(&other.value)
}

impl Command {
    /// What is to be kept in words: the remark, and where a new asset came from.
    pub(super) fn words(&self) -> Result<Option<String>, Refusal> {
        Ok(match (self.provenance()?, self.remark()?) {
            (Some(provenance), Some(remark)) => Some(format!("{provenance}\n{remark}")),
            (provenance, remark) => provenance.or(remark),
        })
    }

    /// Where a new asset came from, as it is kept.
    pub(super) fn provenance(&self) -> Result<Option<String>, Refusal> {
        match &self.act {
            Act::Register(new) => clean("provenance", new.provenance.as_deref()),
            _ => Ok(None),
        }
    }

    /// What is remarked, as it is kept.
    pub(super) fn remark(&self) -> Result<Option<String>, Refusal> {
        clean("remark", self.remark.as_deref())
    }
}

fn clean(field: &'static str, words: Option<&str>) -> Result<Option<String>, Refusal> {
    let clean = |words| {
        text::lines(words, REMARK_CHARS_MAX).map_err(|error| Refusal::BadText(field, error))
    };
    words.map(clean).transpose()
}
