//! The rules of an asset's life: from its state, a command and what is known, to facts or a refusal. Pure.

use super::code;
use super::command::{Act, Command, Description, FieldValue, Observation, Register, Sanitization};
use super::event::{AssetEvent, Change, Identifier, Record};
use super::known::Known;
use super::{Acquisition, Asset, AssignmentKind, Custody, HoldKind, State, Target};
use crate::access::Action;
use crate::explain::{Explain, Kind};
use crate::id::{AssetId, AssignmentId, HoldId, LocationId, ManufacturerId, ModelId, PersonId};
use crate::text::{self, BadText, Serial, Tag};
use crate::time::Timestamp;

/// The most characters of a description.
pub const DESCRIPTION_CHARS_MAX: usize = 500;
/// The most characters of an order, invoice, return or report number.
pub const NUMBER_CHARS_MAX: usize = 64;
/// The most characters of a remark.
pub const REMARK_CHARS_MAX: usize = 2_000;
/// The most fields of one change, and the most further identifiers of one registration.
pub const FIELDS_MAX: usize = 20;

/// Why a command was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such asset, as far as the caller may know.
    #[error("no asset with this id is visible to you")]
    Unknown,
    /// The id is in use.
    #[error("an asset with this id exists already")]
    Exists,
    /// The caller may not do this there.
    #[error("your role does not permit this for assets of this unit")]
    NotPermitted,
    /// The state does not allow it.
    #[error("an asset that is {state} cannot {command}; it can {}", .allowed.join(", "))]
    InvalidTransition {
        /// What was asked.
        command: &'static str,
        /// What it is.
        state: State,
        /// What could be asked instead.
        allowed: Vec<&'static str>,
    },
    /// Another asset has, or had, this label.
    #[error("tag {0} is already in use")]
    TagTaken(Tag),
    /// The scanner read another label.
    #[error("the label that was scanned back is not {0}")]
    ScanBackDiffers(Tag),
    /// Another asset of this maker has this serial number.
    #[error("serial number {0} is already recorded for this manufacturer")]
    SerialTaken(Serial),
    /// Another asset has this identifier.
    #[error("a further identifier is already recorded for another asset")]
    IdentifierTaken,
    /// The model requires a serial number.
    #[error("this model requires a serial number, or a remark that says why there is none")]
    SerialRequired,
    /// A hold forbids it.
    #[error("a {0} hold is placed on this asset")]
    Held(HoldKind),
    /// There is no such open hold.
    #[error("no open hold with this id is placed on this asset")]
    HoldUnknown,
    /// The loan was renewed often enough.
    #[error("this loan cannot be renewed again")]
    NoRenewalsLeft,
    /// The new date is not later.
    #[error("the due date must lie in the future and after the present one")]
    DueDateNotLater,
    /// Two persons are needed.
    #[error("two different persons must approve this")]
    TwoPersons,
    /// Not before the investigation is closed.
    #[error("the investigation must be closed first")]
    InvestigationOpen,
    /// The model bears data.
    #[error("the data on this asset must be removed first, by one person and checked by another")]
    SanitizationRequired,
    /// The label must come off.
    #[error("the tag must be removed first")]
    TagNotRemoved,
    /// The label must be on.
    #[error("the tag must still be attached")]
    TagNotAttached,
    /// Nothing is recorded of where it came from.
    #[error("an asset that was not bought needs a provenance")]
    ProvenanceRequired,
    /// Something has happened to it since.
    #[error("this asset has been in custody and cannot be voided")]
    HasHistory,
    /// A note without words.
    #[error("a note needs a remark")]
    RemarkRequired,
    /// It happened before the present state began, or has not happened yet.
    #[error("the time given lies before the present state began, or in the future")]
    TimeOutOfOrder,
    /// Something that the command names does not exist.
    #[error("{0} does not exist")]
    ReferenceUnknown(&'static str),
    /// An asset cannot hold itself.
    #[error("an asset cannot be assigned to itself")]
    TargetIsSelf,
    /// A text is unusable.
    #[error("{0} {1}")]
    BadText(&'static str, BadText),
    /// Too many, or none.
    #[error("{0} must have between 1 and {FIELDS_MAX} members")]
    BadCount(&'static str),
    /// An amount below zero, or beyond what can be exact.
    #[error("{0} must lie between 0 and 9007199254740991")]
    BadAmount(&'static str),
}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        match self {
            Self::Unknown => Kind::NotFound,
            Self::NotPermitted => Kind::Forbidden,
            Self::Exists
            | Self::InvalidTransition { .. }
            | Self::TagTaken(_)
            | Self::SerialTaken(_)
            | Self::IdentifierTaken
            | Self::Held(_)
            | Self::NoRenewalsLeft
            | Self::HasHistory
            | Self::TimeOutOfOrder => Kind::Conflict,
            Self::ScanBackDiffers(_)
            | Self::SerialRequired
            | Self::HoldUnknown
            | Self::DueDateNotLater
            | Self::TwoPersons
            | Self::InvestigationOpen
            | Self::SanitizationRequired
            | Self::TagNotRemoved
            | Self::TagNotAttached
            | Self::ProvenanceRequired
            | Self::RemarkRequired
            | Self::ReferenceUnknown(_)
            | Self::TargetIsSelf
            | Self::BadText(..)
            | Self::BadCount(_)
            | Self::BadAmount(_) => Kind::Unacceptable,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "asset_unknown",
            Self::Exists => "asset_exists",
            Self::NotPermitted => "asset_not_permitted",
            Self::InvalidTransition { .. } => "invalid_transition",
            Self::TagTaken(_) => "asset_tag_taken",
            Self::ScanBackDiffers(_) => "asset_scan_back_differs",
            Self::SerialTaken(_) => "asset_serial_taken",
            Self::IdentifierTaken => "asset_identifier_taken",
            Self::SerialRequired => "asset_serial_required",
            Self::Held(_) => "asset_held",
            Self::HoldUnknown => "asset_hold_unknown",
            Self::NoRenewalsLeft => "asset_no_renewals_left",
            Self::DueDateNotLater => "asset_due_date_not_later",
            Self::TwoPersons => "asset_two_persons_required",
            Self::InvestigationOpen => "asset_investigation_open",
            Self::SanitizationRequired => "asset_sanitization_required",
            Self::TagNotRemoved => "asset_tag_not_removed",
            Self::TagNotAttached => "asset_tag_not_attached",
            Self::ProvenanceRequired => "asset_provenance_required",
            Self::HasHistory => "asset_has_history",
            Self::RemarkRequired => "asset_remark_required",
            Self::TimeOutOfOrder => "asset_time_out_of_order",
            Self::ReferenceUnknown(_) => "asset_reference_unknown",
            Self::TargetIsSelf => "asset_target_is_self",
            Self::BadText(..) => "asset_text_invalid",
            Self::BadCount(_) => "asset_count_invalid",
            Self::BadAmount(_) => "asset_amount_invalid",
        }
    }
}

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

impl Act {
    /// The word for the command, as callers know it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Order(_) => "order",
            Self::Register(_) => "register",
            Self::Receive { .. } => "receive",
            Self::Tag { .. } => "tag",
            Self::Deploy { .. } => "deploy",
            Self::Loan { .. } => "loan",
            Self::Renew { .. } => "renew",
            Self::Reassign { .. } => "reassign",
            Self::Return { .. } => "return",
            Self::Dispatch { .. } => "dispatch",
            Self::Arrive { .. } => "arrive",
            Self::RepairOut { .. } => "repair_out",
            Self::RepairIn { .. } => "repair_in",
            Self::ReportMissing { .. } => "report_missing",
            Self::Found { .. } => "found",
            Self::WriteOff { .. } => "write_off",
            Self::Retire => "retire",
            Self::Reinstate { .. } => "reinstate",
            Self::Surplus { .. } => "to_surplus",
            Self::Dispose { .. } => "dispose",
            Self::Cancel => "cancel",
            Self::Void { .. } => "void",
            Self::Move { .. } => "move",
            Self::Note => "note",
            Self::Retag { .. } => "retag",
            Self::PlaceHold { .. } => "place_hold",
            Self::ReleaseHold { .. } => "release_hold",
            Self::ChangeFields(_) => "change_fields",
            Self::Correct { .. } => "correct",
        }
    }

    /// The right it needs in the owning unit.
    #[must_use]
    pub const fn action(&self) -> Action {
        match self {
            Self::Order(_)
            | Self::Register(_)
            | Self::Receive { .. }
            | Self::Tag { .. }
            | Self::Retag { .. }
            | Self::Cancel => Action::Register,
            Self::Deploy { .. }
            | Self::Loan { .. }
            | Self::Renew { .. }
            | Self::Reassign { .. }
            | Self::Return { .. } => Action::Custody,
            Self::Dispatch { .. }
            | Self::Arrive { .. }
            | Self::RepairOut { .. }
            | Self::RepairIn { .. }
            | Self::ReportMissing { .. }
            | Self::Found { .. }
            | Self::Move { .. }
            | Self::Note => Action::Field,
            Self::Retire | Self::Reinstate { .. } | Self::Surplus { .. } => Action::Retire,
            Self::Dispose { .. } | Self::WriteOff { .. } | Self::Void { .. } => Action::Dispose,
            Self::PlaceHold { .. } | Self::ReleaseHold { .. } => Action::Hold,
            Self::ChangeFields(_) | Self::Correct { .. } => Action::Correct,
        }
    }

    /// The states it starts from. Empty for what creates.
    #[must_use]
    pub fn from_states(&self) -> &'static [State] {
        TRANSITIONS
            .iter()
            .find(|(name, _)| *name == self.name())
            .map_or(&[], |(_, from)| from)
    }
}

use State as S;

/// Every state in which something is still there.
const LIVE: &[State] = &[
    S::Ordered,
    S::Received,
    S::InStock,
    S::InUse,
    S::OnLoan,
    S::InTransit,
    S::InRepair,
    S::Missing,
    S::Retired,
    S::Surplus,
];

/// From which states each command starts.
const TRANSITIONS: &[(&str, &[State])] = &[
    ("order", &[]),
    ("register", &[]),
    ("receive", &[S::Ordered]),
    ("tag", &[S::Received]),
    ("deploy", &[S::InStock]),
    ("loan", &[S::InStock]),
    ("renew", &[S::OnLoan]),
    ("reassign", &[S::InUse]),
    ("return", &[S::InUse, S::OnLoan]),
    ("dispatch", &[S::InStock, S::InUse]),
    ("arrive", &[S::InTransit]),
    ("repair_out", &[S::InStock, S::InUse, S::OnLoan]),
    ("repair_in", &[S::InRepair]),
    (
        "report_missing",
        &[
            S::Received,
            S::InStock,
            S::InUse,
            S::OnLoan,
            S::InTransit,
            S::InRepair,
        ],
    ),
    ("found", &[S::Missing]),
    ("write_off", &[S::Missing]),
    ("retire", &[S::Received, S::InStock, S::InRepair]),
    ("reinstate", &[S::Retired]),
    ("to_surplus", &[S::Retired]),
    ("dispose", &[S::Retired, S::Surplus]),
    ("cancel", &[S::Ordered]),
    ("void", &[S::Received, S::InStock]),
    (
        "move",
        &[
            S::Received,
            S::InStock,
            S::InUse,
            S::OnLoan,
            S::InRepair,
            S::Retired,
            S::Surplus,
        ],
    ),
    ("note", State::ALL),
    (
        "retag",
        &[S::InStock, S::InUse, S::OnLoan, S::InTransit, S::InRepair],
    ),
    ("place_hold", LIVE),
    ("release_hold", State::ALL),
    ("change_fields", LIVE),
    ("correct", State::ALL),
];

/// What can be asked of an asset in this state.
#[must_use]
pub fn allowed(state: State) -> Vec<&'static str> {
    TRANSITIONS
        .iter()
        .filter(|(_, from)| from.contains(&state))
        .map(|(name, _)| *name)
        .collect()
}

/// Decides what follows from a command. The asset is none where it does not exist or may not be seen.
pub(super) fn decide(
    asset: Option<&Asset>,
    command: &Command,
    known: &Known,
    moment: Moment,
) -> Result<Vec<AssetEvent>, Refusal> {
    let at = command.occurred_at.unwrap_or(moment.now);
    if at > moment.now {
        return Err(Refusal::TimeOutOfOrder);
    }
    if let Some(remark) = &command.remark {
        text::lines(remark, REMARK_CHARS_MAX).map_err(|error| Refusal::BadText("remark", error))?;
    }
    match (&command.act, asset) {
        (Act::Order(_) | Act::Register(_), Some(_)) => Err(Refusal::Exists),
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
            known.permit(act.action(), asset.owning_unit_id)?;
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

fn line(field: &'static str, text: &str, chars_max: usize) -> Result<String, Refusal> {
    text::line(text, chars_max).map_err(|error| Refusal::BadText(field, error))
}

fn number(field: &'static str, text: Option<&str>) -> Result<Option<String>, Refusal> {
    text.map(|text| line(field, text, NUMBER_CHARS_MAX))
        .transpose()
}

fn amount(field: &'static str, minor: Option<i64>) -> Result<Option<i64>, Refusal> {
    match minor {
        Some(minor) if !(0..(1 << 53)).contains(&minor) => Err(Refusal::BadAmount(field)),
        other => Ok(other),
    }
}

fn two_persons(approvers: [PersonId; 2], known: &Known) -> Result<[PersonId; 2], Refusal> {
    if approvers[0] == approvers[1] {
        return Err(Refusal::TwoPersons);
    }
    for approver in approvers {
        known.person(approver)?;
    }
    Ok(approvers)
}

fn record(what: &Description, known: &Known) -> Result<Record, Refusal> {
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
        None => cost_minor.map(|_| known.currency.clone()),
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

fn register(new: &Register, command: &Command, known: &Known) -> Result<Vec<AssetEvent>, Refusal> {
    let what = record(&new.what, known)?;
    let bought = matches!(
        what.acquisition,
        Acquisition::Purchase | Acquisition::Punchout
    );
    if !bought && new.provenance.is_none() && command.remark.is_none() {
        return Err(Refusal::ProvenanceRequired);
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
        known.identifier_free(*kind, &value, command.asset)?;
        identifiers.push(Identifier { kind: *kind, value });
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

/// One step in the life of an asset that exists, may be seen, and is in a state from which the step starts.
struct Life<'a> {
    asset: &'a Asset,
    command: &'a Command,
    known: &'a Known,
    moment: Moment,
    at: Timestamp,
}

impl Life<'_> {
    #[expect(
        clippy::too_many_lines,
        reason = "one arm per command: the table of an asset's life is read as one"
    )]
    fn next(&self) -> Result<Vec<AssetEvent>, Refusal> {
        let event = match &self.command.act {
            Act::Order(_) | Act::Register(_) => return Err(Refusal::Exists),
            Act::Receive {
                serial,
                serial_waived,
                location,
            } => self.receive(serial.as_ref(), *serial_waived, *location)?,
            Act::Tag { tag, scanned_back } => {
                self.known.tag_free(tag, self.asset.id)?;
                if text::fold_code(scanned_back) != tag.folded() {
                    return Err(Refusal::ScanBackDiffers(tag.clone()));
                }
                AssetEvent::Tagged { tag: tag.clone() }
            }
            Act::Retag { tag } => {
                self.known.tag_free(tag, self.asset.id)?;
                AssetEvent::Retagged {
                    from: self.asset.tag.clone(),
                    to: tag.clone(),
                }
            }
            Act::Deploy {
                target,
                kind,
                location,
            } => self.deploy(*target, *kind, *location)?,
            Act::Loan { target, due_at } => self.loan(*target, *due_at)?,
            Act::Renew { due_at } => self.renew(*due_at)?,
            Act::Reassign {
                target,
                kind,
                location,
            } => AssetEvent::Reassigned {
                closed: self.custody()?.id,
                assignment: self.moment.assignment,
                target: self.target(*target)?,
                kind: *kind,
                location: self.known.place(*location)?,
            },
            Act::Return {
                condition,
                location,
            } => AssetEvent::Returned {
                closed: self.custody()?.id,
                condition: *condition,
                location: self.known.place(*location)?,
            },
            Act::Dispatch { to } => AssetEvent::Dispatched {
                from: self.asset.location_id,
                to: self.known.place_at(*to)?,
                from_state: self.asset.state,
            },
            Act::Arrive { at } => self.arrive(*at)?,
            Act::RepairOut { by, rma_no } => AssetEvent::RepairStarted {
                by: *by,
                rma_no: number("rmaNo", rma_no.as_deref())?,
                from_state: self.asset.state,
            },
            Act::RepairIn { condition } => AssetEvent::RepairEnded {
                condition: *condition,
                to_state: self.state_after_interruption(),
            },
            Act::ReportMissing {
                kind,
                discovered_on,
                police_no,
            } => AssetEvent::Missing {
                kind: *kind,
                discovered_on: *discovered_on,
                police_no: number("policeNo", police_no.as_deref())?,
                from_state: self.asset.state,
            },
            Act::Found {
                observation,
                handed_to,
            } => {
                let target = handed_to.map(|target| self.target(target)).transpose()?;
                let raw_code = line("rawCode", &observation.raw_code, code::CHARS_MAX)?;
                AssetEvent::Found {
                    location: self.known.place(observation.location)?,
                    observation: Observation {
                        raw_code,
                        ..observation.clone()
                    },
                    closed: self.asset.custody.map(|custody| custody.id),
                    assignment: target.map(|_| self.moment.assignment),
                    target,
                }
            }
            Act::WriteOff {
                approved_by,
                investigation_closed,
            } => {
                self.not_held(&[HoldKind::Legal, HoldKind::Investigation])?;
                if !investigation_closed {
                    return Err(Refusal::InvestigationOpen);
                }
                AssetEvent::WrittenOff {
                    approved_by: two_persons(*approved_by, self.known)?,
                    closed: self.asset.custody.map(|custody| custody.id),
                }
            }
            Act::Retire => self.retire()?,
            Act::Reinstate { tag_attached } => {
                if !tag_attached || self.asset.tag.is_none() {
                    return Err(Refusal::TagNotAttached);
                }
                AssetEvent::Reinstated
            }
            Act::Surplus {
                approved_by,
                sanitization,
            } => self.surplus(*approved_by, sanitization.as_ref())?,
            Act::Dispose {
                method,
                approved_by,
                tag_removed,
                sale_price_minor,
            } => {
                self.not_held(&[HoldKind::Legal, HoldKind::Investigation, HoldKind::Sponsor])?;
                if !tag_removed && self.asset.tag.is_some() {
                    return Err(Refusal::TagNotRemoved);
                }
                AssetEvent::Disposed {
                    method: *method,
                    approved_by: two_persons(*approved_by, self.known)?,
                    sale_price_minor: amount("salePriceMinor", *sale_price_minor)?,
                }
            }
            Act::Cancel => AssetEvent::Cancelled,
            Act::Void { approved_by } => {
                if self.asset.ever_in_custody {
                    return Err(Refusal::HasHistory);
                }
                AssetEvent::Voided {
                    approved_by: two_persons(*approved_by, self.known)?,
                }
            }
            Act::Move {
                location,
                observation,
            } => AssetEvent::Moved {
                from: self.asset.location_id,
                to: self.known.place_at(*location)?,
                observation: *observation,
            },
            Act::Note => {
                if self.command.remark.is_none() {
                    return Err(Refusal::RemarkRequired);
                }
                AssetEvent::Noted
            }
            Act::PlaceHold { kind } => AssetEvent::HoldPlaced {
                hold: self.moment.hold,
                kind: *kind,
            },
            Act::ReleaseHold { hold } => {
                if !self.asset.holds.iter().any(|open| open.id == *hold) {
                    return Err(Refusal::HoldUnknown);
                }
                AssetEvent::HoldReleased { hold: *hold }
            }
            Act::ChangeFields(fields) => AssetEvent::FieldChanged {
                changes: self.changes(fields)?,
            },
            Act::Correct { of, fields } => {
                if !self.known.is_entry_of(*of, self.asset.id) {
                    return Err(Refusal::ReferenceUnknown("the entry to correct"));
                }
                AssetEvent::Corrected {
                    of: *of,
                    changes: self.changes(fields)?,
                }
            }
        };
        Ok(vec![event])
    }

    fn custody(&self) -> Result<&Custody, Refusal> {
        // The state says that somebody has it; without custody the row contradicts itself, and nothing may follow from it.
        self.asset
            .custody
            .as_ref()
            .ok_or(Refusal::ReferenceUnknown("the open assignment"))
    }

    fn target(&self, target: Target) -> Result<Target, Refusal> {
        match target {
            Target::Person(id) => self.known.person(id)?,
            Target::Unit(id) => self.known.unit(id)?,
            Target::Location(id) => {
                self.known.place_at(id)?;
            }
            Target::Asset(id) if id == self.asset.id => return Err(Refusal::TargetIsSelf),
            Target::Asset(id) => self.known.other_asset(id)?,
        }
        Ok(target)
    }

    fn not_held(&self, kinds: &[HoldKind]) -> Result<(), Refusal> {
        match self
            .asset
            .holds
            .iter()
            .find(|hold| kinds.contains(&hold.kind))
        {
            Some(hold) => Err(Refusal::Held(hold.kind)),
            None => Ok(()),
        }
    }

    fn receive(
        &self,
        serial: Option<&Serial>,
        serial_waived: bool,
        location: Option<LocationId>,
    ) -> Result<AssetEvent, Refusal> {
        let required = match self.asset.model_id {
            Some(model) => self.known.model(model)?.requires_serial,
            None => false,
        };
        if required && serial.is_none() && !(serial_waived && self.command.remark.is_some()) {
            return Err(Refusal::SerialRequired);
        }
        if let Some(serial) = serial {
            self.known
                .serial_free(serial, self.asset.manufacturer_id, self.asset.id)?;
        }
        Ok(AssetEvent::Received {
            serial: serial.cloned(),
            serial_waived,
            location: self.known.place(location)?,
        })
    }

    fn deploy(
        &self,
        target: Target,
        kind: AssignmentKind,
        location: Option<LocationId>,
    ) -> Result<AssetEvent, Refusal> {
        self.not_held(&[HoldKind::Legal, HoldKind::Quarantine])?;
        Ok(AssetEvent::Deployed {
            assignment: self.moment.assignment,
            target: self.target(target)?,
            kind,
            location: self.known.place(location)?,
        })
    }

    fn loan(&self, target: Target, due_at: Timestamp) -> Result<AssetEvent, Refusal> {
        self.not_held(&[HoldKind::Legal, HoldKind::Quarantine, HoldKind::Reservation])?;
        if due_at <= self.at {
            return Err(Refusal::DueDateNotLater);
        }
        Ok(AssetEvent::Loaned {
            assignment: self.moment.assignment,
            target: self.target(target)?,
            due_at,
        })
    }

    fn renew(&self, due_at: Timestamp) -> Result<AssetEvent, Refusal> {
        let custody = self.custody()?;
        self.not_held(&[HoldKind::Reservation])?;
        if custody.renewals >= self.known.loan_renewals_max {
            return Err(Refusal::NoRenewalsLeft);
        }
        if due_at <= self.at || custody.due_at.is_some_and(|due| due_at <= due) {
            return Err(Refusal::DueDateNotLater);
        }
        Ok(AssetEvent::Renewed {
            assignment: custody.id,
            due_from: custody.due_at,
            due_at,
        })
    }

    fn arrive(&self, at: Option<LocationId>) -> Result<AssetEvent, Refusal> {
        let location = at
            .or(self.asset.bound_for_id)
            .ok_or(Refusal::ReferenceUnknown("the place of arrival"))?;
        Ok(AssetEvent::Arrived {
            location: self.known.place_at(location)?,
            to_state: self.state_after_interruption(),
        })
    }

    /// Transit and repair keep custody: with it the asset is what it was, without it it is free.
    fn state_after_interruption(&self) -> State {
        match (self.asset.custody, self.asset.prior_state) {
            (Some(_), Some(prior)) => prior,
            _ => State::InStock,
        }
    }

    fn retire(&self) -> Result<AssetEvent, Refusal> {
        self.not_held(&[HoldKind::Legal])?;
        if self.asset.custody.is_some() {
            return Err(Refusal::InvalidTransition {
                command: "retire",
                state: self.asset.state,
                allowed: allowed(self.asset.state)
                    .into_iter()
                    .filter(|name| *name != "retire")
                    .collect(),
            });
        }
        Ok(AssetEvent::Retired {
            from_state: self.asset.state,
        })
    }

    fn surplus(
        &self,
        approved_by: PersonId,
        sanitization: Option<&Sanitization>,
    ) -> Result<AssetEvent, Refusal> {
        self.known.person(approved_by)?;
        let bears_data = match self.asset.model_id {
            Some(model) => self.known.model(model)?.bears_data,
            None => false,
        };
        let sanitization = match sanitization {
            None if bears_data => return Err(Refusal::SanitizationRequired),
            None => None,
            Some(proof) if proof.by == proof.verified_by => {
                return Err(Refusal::SanitizationRequired);
            }
            Some(proof) => {
                self.known.person(proof.by)?;
                self.known.person(proof.verified_by)?;
                let certificate_no =
                    line("certificateNo", &proof.certificate_no, NUMBER_CHARS_MAX)?;
                Some(Sanitization {
                    certificate_no,
                    ..proof.clone()
                })
            }
        };
        Ok(AssetEvent::Surplused {
            approved_by,
            sanitization,
        })
    }

    fn changes(&self, fields: &[FieldValue]) -> Result<Vec<Change>, Refusal> {
        if fields.is_empty() || fields.len() > FIELDS_MAX {
            return Err(Refusal::BadCount("fields"));
        }
        let mut changes = Vec::with_capacity(fields.len() + 1);
        for field in fields {
            changes.push(self.change(field)?);
            if let FieldValue::Model(model) = field {
                let maker = self.maker_of(*model)?;
                if maker != self.asset.manufacturer_id {
                    changes.push(Change {
                        from: FieldValue::Manufacturer(self.asset.manufacturer_id),
                        to: FieldValue::Manufacturer(maker),
                    });
                }
            }
        }
        self.claim_is_free(&changes)?;
        Ok(changes)
    }

    /// A serial number is claimed with its maker: what counts is the pair that all the changes together leave.
    fn claim_is_free(&self, changes: &[Change]) -> Result<(), Refusal> {
        let mut serial = self.asset.serial.as_ref();
        let mut maker = self.asset.manufacturer_id;
        for change in changes {
            match &change.to {
                FieldValue::Serial(to) => serial = to.as_ref(),
                FieldValue::Manufacturer(to) => maker = *to,
                _ => {}
            }
        }
        match serial {
            Some(serial) if self.asset.state != State::Void => {
                self.known.serial_free(serial, maker, self.asset.id)
            }
            _ => Ok(()),
        }
    }

    fn change(&self, to: &FieldValue) -> Result<Change, Refusal> {
        let asset = self.asset;
        let (from, to) = match to {
            FieldValue::Description(text) => (
                FieldValue::Description(asset.description.clone()),
                FieldValue::Description(line("description", text, DESCRIPTION_CHARS_MAX)?),
            ),
            FieldValue::Serial(_) => (FieldValue::Serial(asset.serial.clone()), to.clone()),
            FieldValue::Category(id) => {
                self.known.category(*id)?;
                (FieldValue::Category(asset.category_id), to.clone())
            }
            FieldValue::Model(model) => {
                self.maker_of(*model)?;
                (FieldValue::Model(asset.model_id), to.clone())
            }
            FieldValue::Manufacturer(maker) => {
                // A model says who made it; without one the maker can be said.
                if asset.model_id.is_some() {
                    return Err(Refusal::ReferenceUnknown("a manufacturer beside a model"));
                }
                if let Some(maker) = maker {
                    self.known.manufacturer(*maker)?;
                }
                (FieldValue::Manufacturer(asset.manufacturer_id), to.clone())
            }
            FieldValue::Condition(_) => (FieldValue::Condition(asset.condition), to.clone()),
            FieldValue::CostMinor(minor) => {
                amount("costMinor", *minor)?;
                (FieldValue::CostMinor(asset.cost_minor), to.clone())
            }
            FieldValue::AcquiredOn(_) => (FieldValue::AcquiredOn(asset.acquired_on), to.clone()),
            FieldValue::WarrantyEndsOn(_) => (
                FieldValue::WarrantyEndsOn(asset.warranty_ends_on),
                to.clone(),
            ),
            FieldValue::PoNo(po_no) => (
                FieldValue::PoNo(asset.po_no.clone()),
                FieldValue::PoNo(number("poNo", po_no.as_deref())?),
            ),
            FieldValue::Unit(unit) => {
                self.known.unit(*unit)?;
                // A wrong owner is corrected by somebody with the right in both units.
                self.known.permit(Action::Correct, *unit)?;
                (FieldValue::Unit(asset.owning_unit_id), to.clone())
            }
        };
        Ok(Change { from, to })
    }

    /// Who makes the model; without one, whoever made the asset so far.
    fn maker_of(&self, model: Option<ModelId>) -> Result<Option<ManufacturerId>, Refusal> {
        match model {
            Some(model) => Ok(Some(self.known.model(model)?.manufacturer_id)),
            None => Ok(self.asset.manufacturer_id),
        }
    }
}

/// Which assets a command needs to have been loaded besides its own.
pub(super) fn other_assets(act: &Act) -> Option<AssetId> {
    match act {
        Act::Deploy {
            target: Target::Asset(id),
            ..
        }
        | Act::Loan {
            target: Target::Asset(id),
            ..
        }
        | Act::Reassign {
            target: Target::Asset(id),
            ..
        }
        | Act::Found {
            handed_to: Some(Target::Asset(id)),
            ..
        } => Some(*id),
        _ => None,
    }
}
