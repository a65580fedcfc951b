//! Taking what a shop sent back.
//!
//! It comes without a proof of who sent it, so the unit of work is the system's own; what it may do is what the visit's owner was permitted when it
//! began. What is not taken is an answer and no refusal, because what is refused leaves nothing.

use std::sync::Arc;

use super::{PunchoutEvent, Refusal, known, of_requisition, own, record, store};
use crate::access::Principal;
use crate::id::{PunchoutDocumentId, PunchoutId, RequisitionId};
use crate::ledger::{Command, Failure, Work};
use crate::location;
use crate::punchout::cart::{Cart, Warning};
use crate::punchout::store::Keep;
use crate::punchout::{
    DOCUMENT_KEPT_MICROS, Document, LATE_KEPT_MICROS, LATE_MAX, Late, Outcome, Session, State,
};
use crate::requisition::event::{Offer, Purpose};
use crate::requisition::write::{self, New};
use crate::requisition::{self, ReadLine, Requisition};
use crate::secret::MasterKey;
use crate::supplier::{self, Operation, Settings};

/// In which language descriptions are chosen where there are several: that of our own pages.
const LANGUAGE: &str = "en";

/// Takes what a browser brought from a shop. Only the system gives this command; the visit was found by its cookie.
#[derive(Debug, Clone)]
pub struct TakeReturn {
    /// Of which visit.
    pub session: PunchoutId,
    /// The document, without its secrets.
    pub document: Document,
    /// What it says.
    pub cart: Cart,
    /// The key that seals the document.
    pub master_key: Arc<MasterKey>,
}

/// Takes a document after all that came too late, for the owner of the visit.
#[derive(Debug, Clone)]
pub struct Recover {
    /// Of which visit.
    pub session: PunchoutId,
    /// Which document.
    pub document: PunchoutDocumentId,
    /// What it says.
    pub cart: Cart,
}

/// What became of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It was taken, now or before: the same document again is the same return.
    Done {
        /// What it made.
        outcome: Outcome,
        /// The requisitions that it made or changed.
        requisitions: Vec<RequisitionId>,
    },
    /// It was not taken. Where its owner may have it taken after all, it waits for a day.
    NotTaken(Late),
}

impl Command for TakeReturn {
    type Answer = Taken;
    type Refusal = Refusal;

    fn weight(&self) -> usize {
        self.cart.lines.len().max(1)
    }

    async fn execute(self, work: &mut Work) -> Result<Taken, Failure<Refusal>> {
        if work.access().actor().principal != Principal::System {
            return Err(Failure::Refused(Refusal::NotPermitted));
        }
        let session = known(work, self.session).await?;
        let key = self.master_key.as_ref();
        if session.state == State::Returned
            && session.document_hash.as_deref() == Some(self.document.hash.as_str())
        {
            return again(work, &session).await;
        }
        let edited = edited(work, &session).await?;
        let now = work.now();
        let expired = session.expires_at <= now;
        if let Some(late) = late(&session, edited.as_ref(), expired) {
            return not_taken(work, &session, &self.document, late, key).await;
        }
        let hash = self.document.hash.clone();
        let mut document = self.document;
        let taken = take(work, &session, edited, self.cart, (hash, None)).await?;
        document.warnings.extend(taken.1);
        keep(work, &session, &document, None, key).await?;
        Ok(taken.0)
    }
}

impl Command for Recover {
    type Answer = Taken;
    type Refusal = Refusal;

    fn weight(&self) -> usize {
        self.cart.lines.len().max(1)
    }

    async fn execute(self, work: &mut Work) -> Result<Taken, Failure<Refusal>> {
        let refused = Failure::Refused;
        let session = own(work, self.session).await?;
        let (access, now) = (work.access().clone(), work.now());
        let waiting = store::late(work.tx(), &access, &session, now).await?;
        let found = waiting.into_iter().find(|it| it.id == self.document);
        let Some(found) = found else {
            // Who clicks twice had it taken once.
            let before = session.state == State::Returned;
            let taken =
                before && store::is_taken(work.tx(), &access, (&session, self.document)).await?;
            return if taken {
                again(work, &session).await
            } else {
                Err(refused(Refusal::NotRecoverable))
            };
        };
        if !found.late.is_some_and(Late::is_recoverable) || session.state != State::Open {
            return Err(refused(Refusal::NotRecoverable));
        }
        let edited = edited(work, &session).await?;
        if late(&session, edited.as_ref(), false).is_some() {
            return Err(refused(Refusal::Locked));
        }
        let by = (found.hash, Some(found.id));
        let (taken, _) = take(work, &session, edited, self.cart, by).await?;
        let until = now.plus_micros(DOCUMENT_KEPT_MICROS);
        store::make_timely(work.tx(), &access, found.id, until).await?;
        Ok(taken)
    }
}

/// The requisition that a visit changes.
async fn edited(
    work: &mut Work,
    session: &Session,
) -> Result<Option<Requisition>, Failure<Refusal>> {
    let Some(id) = session
        .requisition
        .filter(|_| session.operation == Operation::Edit)
    else {
        return Ok(None);
    };
    let access = work.access().clone();
    Ok(requisition::store::known(work.tx(), &access, id).await?)
}

/// Why a document cannot be taken now.
fn late(session: &Session, edited: Option<&Requisition>, expired: bool) -> Option<Late> {
    match session.state {
        State::Returned => Some(Late::AlreadyReturned),
        State::Closed => Some(Late::Closed),
        State::Open if expired => Some(Late::Expired),
        State::Open => edited
            .is_some_and(|found| found.state != requisition::State::Draft)
            .then_some(Late::Locked),
    }
}

/// The same return as before.
async fn again(work: &mut Work, session: &Session) -> Result<Taken, Failure<Refusal>> {
    let access = work.access().clone();
    let mut requisitions = store::requisitions(work.tx(), &access, session.id).await?;
    if let Some(own) = session.requisition
        && !requisitions.contains(&own)
    {
        requisitions.insert(0, own);
    }
    Ok(Taken::Done {
        outcome: session.outcome.unwrap_or(Outcome::Empty),
        requisitions,
    })
}

/// Notes a document that was not taken, and keeps it for a day; once for each, and not without end.
async fn not_taken(
    work: &mut Work,
    session: &Session,
    document: &Document,
    why: Late,
    key: &MasterKey,
) -> Result<Taken, Failure<Refusal>> {
    let (access, now) = (work.access().clone(), work.now());
    let noted = store::late(work.tx(), &access, session, now).await?;
    let known = noted.iter().any(|it| it.hash == document.hash);
    let full = i64::try_from(noted.len()).unwrap_or(i64::MAX) >= LATE_MAX;
    if !known && !full {
        let event = PunchoutEvent::NotTaken {
            why,
            document_hash: document.hash.clone(),
        };
        record(work, session, event).await?;
        keep(work, session, document, Some(why), key).await?;
    }
    Ok(Taken::NotTaken(why))
}

async fn keep(
    work: &mut Work,
    session: &Session,
    document: &Document,
    late: Option<Late>,
    key: &MasterKey,
) -> Result<(), Failure<Refusal>> {
    let (access, now, random) = (work.access().clone(), work.now(), work.random());
    let kept = if late.is_some() {
        LATE_KEPT_MICROS
    } else {
        DOCUMENT_KEPT_MICROS
    };
    let keep = Keep {
        session: session.id,
        document,
        late,
        until: now.plus_micros(kept),
    };
    store::keep(work.tx(), &access, keep, (key, random.as_ref(), now)).await?;
    Ok(())
}

type By = (String, Option<PunchoutDocumentId>);

/// Takes a cart, and says what was odd about the whole of it.
async fn take(
    work: &mut Work,
    session: &Session,
    edited: Option<Requisition>,
    cart: Cart,
    (document_hash, recovered): By,
) -> Result<(Taken, Vec<Warning>), Failure<Refusal>> {
    let refused = Failure::Refused;
    let access = work.access().clone();
    let supplier = supplier::store::known(work.tx(), &access, session.supplier).await?;
    let settings = supplier.ok_or(refused(Refusal::UnknownSupplier))?.settings;
    if cart.mode.is_some_and(|mode| mode != settings.mode) {
        return Err(refused(Refusal::ModeMismatch));
    }
    let looked = session.operation == Operation::Inspect;
    let (mut requisitions, mut warnings) = (Vec::new(), Vec::new());
    let outcome = if looked {
        Outcome::Looked
    } else if cart.unchanged {
        Outcome::Unchanged
    } else {
        let lines;
        (lines, warnings) = read(work, session, &cart, &settings).await?;
        match (lines.is_empty(), &edited) {
            (true, Some(_)) => Outcome::Asking,
            (true, None) => Outcome::Empty,
            (false, _) => {
                requisitions = store_lines(work, session, edited.as_ref(), &cart, lines).await?;
                Outcome::Cart
            }
        }
    };
    let event = PunchoutEvent::Returned {
        document_hash,
        outcome,
        requisitions: requisitions.clone(),
        recovered,
    };
    record(work, session, event).await?;
    if let Some(own) = session.requisition
        && !requisitions.contains(&own)
    {
        requisitions.insert(0, own);
    }
    let taken = Taken::Done {
        outcome,
        requisitions,
    };
    Ok((taken, warnings))
}

type Lines = Vec<(String, Vec<ReadLine>)>;

async fn read(
    work: &mut Work,
    session: &Session,
    cart: &Cart,
    settings: &Settings,
) -> Result<(Lines, Vec<Warning>), Failure<Refusal>> {
    let read = requisition::read(cart, settings, LANGUAGE)
        .map_err(|faults| Failure::Refused(Refusal::BadCart(faults)))?;
    let mut warnings = read.warnings;
    if let Some(chosen) = cart.ship_to.as_deref().map(str::trim) {
        let access = work.access().clone();
        let ours = match session.location {
            Some(place) => location::store::by_id(work.tx(), &access, place).await?,
            None => None,
        };
        let same = ours.is_some_and(|place| place.code == chosen || place.id.to_string() == chosen);
        if !same && !chosen.is_empty() {
            warnings.push(Warning::new(
                "ship_to_differs",
                "another place was chosen in the shop than the requisition is to be sent to; ours stays",
            ));
        }
    }
    Ok((read.by_currency.into_iter().collect(), warnings))
}

/// The lines as requisitions, one for each currency: the edited one keeps its currency's.
async fn store_lines(
    work: &mut Work,
    session: &Session,
    edited: Option<&Requisition>,
    cart: &Cart,
    lines: Lines,
) -> Result<Vec<RequisitionId>, Failure<Refusal>> {
    let offer = Offer {
        session: session.id,
        allowed: cart.allowed,
        quote_pending: cart.quote_pending,
        supplier_order: cart.supplier_order.clone(),
    };
    let mut made = Vec::with_capacity(lines.len());
    if let Some(found) = edited {
        let own = lines
            .iter()
            .find(|(currency, _)| *currency == found.currency);
        let own = own.map(|(_, lines)| lines.clone()).unwrap_or_default();
        write::edit(work, found, (offer.clone(), session.person), own)
            .await
            .map_err(of_requisition)?;
        made.push(found.id);
    }
    for (currency, lines) in lines {
        if edited.is_some_and(|found| found.currency == currency) {
            continue;
        }
        let new = New {
            supplier: session.supplier,
            // What came besides is wanted by whoever was in the shop.
            requester: session.person,
            purpose: purpose(session, edited),
            currency,
            offer: offer.clone(),
            lines,
        };
        made.push(write::create(work, new).await.map_err(of_requisition)?);
    }
    Ok(made)
}

fn purpose(session: &Session, edited: Option<&Requisition>) -> Purpose {
    edited.map_or_else(
        || Purpose {
            unit: session.unit,
            location: session.location,
            cost_centre: session.cost_centre.clone(),
        },
        Requisition::purpose,
    )
}
