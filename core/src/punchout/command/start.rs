//! Going to a shop.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use sha2::{Digest, Sha256};

use super::{PunchoutEvent, Refusal, store};
use crate::access::{Access, Action};
use crate::id::{LocationId, PunchoutId, RequisitionId, SupplierId, UnitId};
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{Command, Failure, Work};
use crate::location;
use crate::person::command::in_reach;
use crate::punchout::LATE_KEPT_MICROS;
use crate::requisition::event::Purpose;
use crate::requisition::{self, COST_CENTRE_CHARS_MAX, Requisition, State};
use crate::supplier::{self, Operation, Settings, Status};
use crate::text;
use crate::time::Timestamp;

/// How many random bytes a cookie has.
pub const COOKIE_BYTES: usize = 24;

/// Goes to a supplier's shop: to buy something new for a unit, or with a requisition to change it or look at it.
#[derive(Debug, Clone)]
pub struct StartSession {
    /// To whose.
    pub supplier: SupplierId,
    /// To do what.
    pub operation: Operation,
    /// With which requisition; none to buy something new.
    pub requisition: Option<RequisitionId>,
    /// For which unit something new is bought; a requisition has its own.
    pub unit: Option<UnitId>,
    /// Where it is to be sent.
    pub location: Option<LocationId>,
    /// Who pays.
    pub cost_centre: Option<String>,
}

/// A visit that began.
#[derive(Debug)]
pub struct Started {
    /// Its id.
    pub session: PunchoutId,
    /// What the supplier gives back, once; only its hash is kept.
    pub cookie: SecretString,
    /// Until when a return is taken by itself.
    pub expires_at: Timestamp,
}

/// By what a visit is found: SHA-256 of the cookie, without the space around it.
#[must_use]
pub fn cookie_hash(cookie: &str) -> Vec<u8> {
    Sha256::digest(cookie.trim().as_bytes()).to_vec()
}

impl Command for StartSession {
    type Answer = Started;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<Started, Failure<Refusal>> {
        let refused = Failure::Refused;
        let (access, now, random) = (work.access().clone(), work.now(), work.random());
        let person = access.person().ok_or(refused(Refusal::NotAPerson))?;
        let settings = shop(work, &access, self.supplier, self.operation).await?;
        let purpose = self.purpose(work, &access).await?;
        store::forget(work.tx(), &access, now).await?;
        let mut bytes = [0; COOKIE_BYTES];
        random.fill(&mut bytes);
        let cookie = URL_SAFE_NO_PAD.encode(bytes);
        let id = PunchoutId::generate(now, random.as_ref());
        let expires_at = now.plus_micros(settings.session_micros());
        let unit = purpose.unit;
        let event = PunchoutEvent::Started {
            supplier: self.supplier,
            person,
            purpose,
            operation: self.operation,
            requisition: self.requisition,
            expires_at,
        };
        let fact = Fact::now(Stream::Punchout(id), Event::Punchout(event), vec![unit]);
        work.record(fact).await?;
        // A day longer, so that what comes too late can be told from what was never asked for.
        let until = expires_at.plus_micros(LATE_KEPT_MICROS);
        store::bind(work.tx(), &access, id, cookie_hash(&cookie), until).await?;
        Ok(Started {
            session: id,
            cookie: cookie.into(),
            expires_at,
        })
    }
}

impl StartSession {
    /// For whom and where: the requisition's own, or what was chosen for something new.
    async fn purpose(&self, work: &mut Work, access: &Access) -> Result<Purpose, Failure<Refusal>> {
        let refused = Failure::Refused;
        if let Some(requisition) = self.requisition {
            return self.with(work, access, requisition).await;
        }
        if self.operation != Operation::Create {
            return Err(refused(Refusal::BadRequisition));
        }
        let unit = self.unit.ok_or(refused(Refusal::NotPermitted))?;
        if !in_reach(work, access, Action::Register, unit).await? {
            return Err(refused(Refusal::NotPermitted));
        }
        // Whoever reaches every unit may name one that is not there.
        let there = crate::unit::store::by_id(work.tx(), access, unit).await?;
        there.ok_or(refused(Refusal::NotPermitted))?;
        if let Some(place) = self.location {
            let known = location::store::by_id(work.tx(), access, place).await?;
            known.ok_or(refused(Refusal::UnknownLocation))?;
        }
        let cost_centre = self.cost_centre.as_deref();
        let cost_centre = cost_centre.map(|text| text::line(text, COST_CENTRE_CHARS_MAX));
        Ok(Purpose {
            unit,
            location: self.location,
            cost_centre: cost_centre
                .transpose()
                .map_err(|bad| refused(Refusal::BadCostCentre(bad)))?,
        })
    }

    async fn with(
        &self,
        work: &mut Work,
        access: &Access,
        id: RequisitionId,
    ) -> Result<Purpose, Failure<Refusal>> {
        let refused = Failure::Refused;
        let now = work.now();
        let found = requisition::store::by_id(work.tx(), access, id, now).await?;
        let found: Requisition = found.ok_or(refused(Refusal::BadRequisition))?;
        if self.operation == Operation::Create || found.supplier != self.supplier {
            return Err(refused(Refusal::BadRequisition));
        }
        let orders = access.person() == Some(found.requester)
            || in_reach(work, access, Action::Register, found.unit).await?;
        // Whoever decides on it may look at it in the shop, and change nothing.
        if !orders && self.operation == Operation::Edit {
            return Err(refused(Refusal::NotPermitted));
        }
        if !found.allowed.implies(self.operation) {
            return Err(refused(Refusal::OperationNotAllowed));
        }
        if self.operation == Operation::Edit && found.state != State::Draft {
            return Err(refused(Refusal::Locked));
        }
        Ok(found.purpose())
    }
}

/// The settings of a supplier at which one may do this now.
async fn shop(
    work: &mut Work,
    access: &Access,
    id: SupplierId,
    operation: Operation,
) -> Result<Settings, Failure<Refusal>> {
    let refused = Failure::Refused;
    let known = supplier::store::known(work.tx(), access, id).await?;
    let known = known.ok_or(refused(Refusal::UnknownSupplier))?;
    match known.status {
        Status::Active => {}
        Status::Paused => return Err(refused(Refusal::SupplierPaused)),
        Status::Removed => return Err(refused(Refusal::UnknownSupplier)),
    }
    if !known.settings.operations.contains(&operation) {
        return Err(refused(Refusal::OperationNotAllowed));
    }
    Ok(known.settings)
}
