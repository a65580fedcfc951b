//! Coming back from a shop: what a browser brought is found a visit for, read, and taken.
//!
//! Whoever posts it proves nothing, and no cookie or token of theirs is looked at: the visit's own cookie routes, and what it grants is to put
//! one cart in front of one person. Whatever is refused of a known visit is kept for its trace; of an unknown one nothing is.

pub mod door;
mod opened;
mod recover;
mod turned;
mod words;

use std::sync::Arc;

use bytes::Bytes;
use habeo_core::access::Access;
use habeo_core::id::{OrgId, PunchoutId};
use habeo_core::ledger::RecordError;
use habeo_core::punchout::cart::Warning;
use habeo_core::punchout::command::{KeepDocument, TakeReturn, Taken, cookie_hash};
use habeo_core::punchout::{self, Direction, Document, Refusal, Session};
use habeo_core::store::StoreResult;
use habeo_core::supplier::{self, Supplier};
use habeo_surface::limit::Key;

pub use recover::{NotRecovered, recover};
pub use turned::{Turned, Why};

use crate::carried::{carried, warning};
use crate::code::Code;
use crate::desk::Punchout;
use crate::finding::Finding;
use crate::limits::Tolerance;
use opened::{Brought, open, read};

/// What was posted to the way back.
#[derive(Debug, Clone)]
pub struct Posted {
    /// The bytes, bounded by whoever read them.
    pub body: Bytes,
    /// What type they claim to have.
    pub content_type: Option<String>,
    /// The visit's key, where the address had it.
    pub key: Option<String>,
    /// By what its sender's address is counted.
    pub client: String,
}

/// A return that was taken, now or before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Came {
    /// Of which visit.
    pub session: PunchoutId,
}

/// A visit with what has to be known to take its return.
struct Visit {
    access: Access,
    session: Session,
    supplier: Supplier,
}

/// Takes what was posted, or says why not.
pub async fn take(desk: &Punchout, posted: Posted) -> Result<Came, Turned> {
    let Posted {
        body,
        content_type,
        key,
        client,
    } = posted;
    let rate = desk.by_address().take(Key::new("", &client)).await;
    if let Some(seconds) = rate.retry_after() {
        return Err(Turned::new(Why::TooMany { seconds }));
    }
    let limits = desk.parts().limits;
    let bytes = body.len();
    let opened = desk.apart(move |stop| {
        let tolerance = Tolerance {
            limits,
            stop,
            ..Tolerance::default()
        };
        open(&body, content_type.as_deref(), key, &tolerance)
    });
    let brought = opened
        .await
        .ok_or(Turned::ours())?
        .map_err(Turned::unread)?;
    let visit = find(desk, &brought, &client).await?;
    let org = visit.access.org().to_string();
    let rate = desk.by_organization().take(Key::new(&org, "return")).await;
    if let Some(seconds) = rate.retry_after() {
        return Err(Turned::new(Why::TooMany { seconds }));
    }
    let supplier = visit.supplier.name.clone();
    let session = visit.session.id;
    let taken = taken(desk, visit, brought, bytes).await;
    taken.map_err(|turned| turned.of(session, supplier))
}

/// The visit that is meant. That there is none costs the same whatever the reason, and is counted by address.
async fn find(desk: &Punchout, brought: &Brought, client: &str) -> Result<Visit, Turned> {
    let hash = cookie_hash(brought.cookie());
    if let Some((org, session)) = found(desk, &hash).await?
        && let Some(visit) = whole(desk, org, session).await?
    {
        return Ok(visit);
    }
    let rate = desk.unknown().take(Key::new("", client)).await;
    Err(Turned::new(match rate.retry_after() {
        Some(seconds) => Why::TooMany { seconds },
        None => Why::Unknown,
    }))
}

async fn found(desk: &Punchout, hash: &[u8]) -> StoreResult<Option<(OrgId, PunchoutId)>> {
    let mut tx = desk.ledger().db().read_directory().await?;
    punchout::store::by_cookie(&mut tx, hash, desk.now()).await
}

async fn whole(desk: &Punchout, org: OrgId, id: PunchoutId) -> StoreResult<Option<Visit>> {
    let access = Punchout::system(org);
    let mut tx = desk.ledger().db().read(&access).await?;
    let Some(session) = punchout::store::by_id(&mut tx, &access, id).await? else {
        return Ok(None);
    };
    let supplier = supplier::store::known(&mut tx, &access, session.supplier).await?;
    drop(tx);
    Ok(supplier.map(|supplier| Visit {
        access,
        session,
        supplier,
    }))
}

async fn taken(
    desk: &Punchout,
    visit: Visit,
    brought: Brought,
    bytes: usize,
) -> Result<Came, Turned> {
    let protocol = brought.protocol();
    let tolerance = desk.tolerance(&visit.supplier.settings);
    let read = desk.apart(move |stop| {
        let tolerance = Tolerance { stop, ..tolerance };
        (document(&brought, bytes), read(&brought, &tolerance))
    });
    let (mut document, read) = read.await.ok_or(Turned::ours())?;
    let cart = match read.outcome {
        Ok(cart) => cart,
        Err(findings) => {
            document.warnings.extend(findings.iter().map(warning));
            keep(desk, &visit, document).await;
            return Err(Turned::unread(findings));
        }
    };
    let (cart, odd) = carried(cart, &read.warnings, protocol);
    document.warnings.extend(odd);
    let command = TakeReturn {
        session: visit.session.id,
        document: document.clone(),
        cart,
        master_key: Arc::clone(&desk.parts().master_key),
    };
    match desk.ledger().record(&visit.access, command).await {
        Ok(Taken::Done { .. }) => Ok(Came {
            session: visit.session.id,
        }),
        Ok(Taken::NotTaken(late)) => Err(Turned::new(Why::Late(late))),
        Err(RecordError::Refused(refusal)) => {
            document.warnings.extend(told(&refusal));
            keep(desk, &visit, document).await;
            Err(Turned::new(Why::Refused(refusal)))
        }
        Err(RecordError::Store(error)) => Err(error.into()),
    }
}

/// The document as it is kept.
fn document(brought: &Brought, bytes: usize) -> Document {
    let warnings: &[Finding] = brought.warnings();
    Document {
        direction: Direction::In,
        kind: brought.kind().to_owned(),
        decoded: brought.decoded(),
        warnings: warnings.iter().map(warning).collect(),
        hash: brought.hash(),
        bytes,
        body: brought.kept(),
    }
}

/// Why a cart was refused, as its trace says it.
fn told(refusal: &Refusal) -> Vec<Warning> {
    match refusal {
        Refusal::BadCart(faults) => faults
            .iter()
            .map(|fault| Warning::new(fault.code, fault.to_string()))
            .collect(),
        other => {
            use habeo_core::explain::Explain as _;
            vec![Warning::new(other.code(), other.to_string())]
        }
    }
}

/// Keeps a document that was refused. It is answered alike where that fails, which the log says.
async fn keep(desk: &Punchout, visit: &Visit, document: Document) {
    let command = KeepDocument {
        session: visit.session.id,
        document,
        master_key: Arc::clone(&desk.parts().master_key),
    };
    if let Err(error) = desk.ledger().record(&visit.access, command).await {
        tracing::warn!(%error, session.id = %visit.session.id, "a document that was refused is not kept");
    }
}

/// Whether a body is a document by itself, as no form of a browser posts it.
pub(crate) fn is_bare(body: &[u8]) -> bool {
    let begun = body.trim_ascii_start();
    let marks: [&[u8]; 4] = [b"<", b"\xEF\xBB\xBF", b"\xFE\xFF", b"\xFF\xFE"];
    marks.iter().any(|mark| begun.starts_with(mark))
}

/// The code of a document that names no visit.
pub(crate) const NAMELESS: Code = Code::MissingElement;
