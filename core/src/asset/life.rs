//! The steps in the life of an asset that exists: one rule per command.

use super::code;
use super::command::{Act, Command, Observation, Sanitization};
use super::decide::{Moment, NUMBER_CHARS_MAX, amount, line, number, two_persons};
use super::event::AssetEvent;
use super::known::Known;
use super::refusal::Refusal;
use super::transition::allowed;
use super::{Asset, AssignmentKind, Custody, HoldKind, State, Target};
use crate::id::{LocationId, PersonId};
use crate::text::{self, Serial};
use crate::time::Timestamp;

/// One step in the life of an asset that exists, may be seen, and is in a state from which the step starts.
pub(super) struct Life<'a> {
    pub asset: &'a Asset,
    pub command: &'a Command,
    pub known: &'a Known<'a>,
    pub moment: Moment,
    pub at: Timestamp,
}

impl Life<'_> {
    #[expect(
        clippy::too_many_lines,
        reason = "one arm per command: the table of an asset's life is read as one"
    )]
    pub fn next(&self) -> Result<Vec<AssetEvent>, Refusal> {
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
                if target.is_some() {
                    self.not_held(&[HoldKind::Legal, HoldKind::Quarantine])?;
                }
                // Without a label it goes back to being received, and what is received is nobody's yet.
                if target.is_some() && self.asset.tag.is_none() {
                    return Err(Refusal::TagNotAttached);
                }
                // A phone whose clock is ahead has not seen the future.
                if observation.occurred_at > self.moment.now {
                    return Err(Refusal::TimeOutOfOrder);
                }
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
            } => {
                // What was seen earlier does not displace what was seen later.
                if self
                    .asset
                    .location_observed_at
                    .is_some_and(|seen| self.at < seen)
                {
                    return Err(Refusal::TimeOutOfOrder);
                }
                AssetEvent::Moved {
                    from: self.asset.location_id,
                    to: self.known.place_at(*location)?,
                    observation: *observation,
                }
            }
            Act::Acknowledge => self.acknowledge()?,
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
                let open = self.asset.holds.iter().find(|open| open.id == *hold);
                let open = open.ok_or(Refusal::HoldUnknown)?;
                if self.at < open.from {
                    return Err(Refusal::TimeOutOfOrder);
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
        if custody.renewals >= self.known.loan_renewals_max() {
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

    fn acknowledge(&self) -> Result<AssetEvent, Refusal> {
        let custody = self.custody()?;
        let person = match (custody.target, self.known.asker()) {
            (Target::Person(holder), Some(asker)) if holder == asker => asker,
            _ => return Err(Refusal::NotHolder),
        };
        if custody.acknowledged_at.is_some() {
            return Err(Refusal::AlreadyAcknowledged);
        }
        Ok(AssetEvent::AckAccepted {
            assignment: custody.id,
            person,
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
}
