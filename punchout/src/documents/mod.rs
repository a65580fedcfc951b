//! What suppliers send by themselves: confirmations, shipments, invoices, updates of a status.
//!
//! Who sends it is proven before anything behind the header is read. A document is taken in first, in a transaction of its own, and then read:
//! whoever sends it again because the answer was lost gets the same answer, and what was taken in and not read is read later ([`settle_all`]).

mod answer;
pub mod door;
mod report;
mod sender;
mod settled;
pub mod table;

use bytes::Bytes;
use habeo_core::explain::Explain as _;
use habeo_core::id::{SupplierDocumentId, SupplierId};
use habeo_core::ledger::RecordError;
use habeo_core::order::document::{Refusal, Settle, Take, settle};
use habeo_core::order::report::{Kind, Report};
use habeo_core::order::store::{BODY, DocumentState};
use habeo_core::punchout::{self, cart::Warning};
use habeo_core::secret::Place;
use habeo_core::supplier::{Credential, Gate, Mode};
use habeo_core::time::Timestamp;

pub use answer::{Answer, Said};
pub use settled::settle_all;

use crate::carried;
use crate::code::{Code, Stage};
use crate::cxml::envelope::{self, Envelope};
use crate::cxml::request::{self, Body, Request};
use crate::desk::Punchout;
use crate::finding::{Finding, Read};
use crate::form::{self, Opened};
use crate::kept;
use crate::limits::Tolerance;

/// What a supplier has sent to its address here.
#[derive(Debug, Clone)]
pub struct Sent {
    /// To whose address; none where the address names nobody.
    pub supplier: Option<SupplierId>,
    /// The bytes, bounded by whoever read them.
    pub body: Bytes,
    /// What type they claim to have.
    pub content_type: Option<String>,
}

/// Takes what a supplier sent, and says what it is answered.
pub async fn receive(desk: &Punchout, sent: Sent) -> Answer {
    match take(desk, sent).await {
        Ok(answer) | Err(answer) => answer,
    }
}

async fn take(desk: &Punchout, sent: Sent) -> Result<Answer, Answer> {
    let limits = desk.parts().limits;
    let bytes = sent.body.len();
    let opened = desk.apart(move |stop| {
        let tolerance = Tolerance {
            limits,
            stop,
            ..Tolerance::default()
        };
        head(&sent.body, sent.content_type.as_deref(), &tolerance)
    });
    let (opened, envelope) = opened
        .await
        .ok_or(Answer::ours())?
        .map_err(|findings| Answer::unread(&findings))?;
    let header = envelope.header.unwrap_or_default();
    let gate = sender::proven(desk, sent.supplier, &header.sender).await?;
    let tolerance = desk.tolerance(&gate.settings);
    let ours = gate.settings.ours.clone();
    let read = desk.apart(move |stop| {
        let tolerance = Tolerance { stop, ..tolerance };
        Letter::read(&opened, &tolerance, &ours)
    });
    let letter = read.await.ok_or(Answer::ours())?;
    let named = Named {
        payload_id: envelope.payload_id,
        dated: envelope.timestamp.and_then(|moment| moment.micros()),
        mode: letter.mode,
        text: letter.text,
        bytes,
        warnings: letter.warnings,
    };
    match letter.said {
        Ok(Saying::Profile) => Ok(Answer::profile(gate.id)),
        Ok(Saying::Report(report)) => {
            let taken = work_off(desk, &gate, named.clone(), report).await;
            if let Err(NotTaken::Refused(refusal)) = &taken
                && refusal.is_of_document()
            {
                let why = Warning::new(refusal.code(), refusal.to_string());
                keep(desk, &gate, named, vec![why]).await;
            }
            taken.map_err(|why| why.answer())
        }
        Err(findings) => {
            let why = findings.iter().map(carried::warning).collect();
            keep(desk, &gate, named, why).await;
            Err(Answer::unread(&findings))
        }
    }
}

/// A document whose sender is proven, as far as it could be read.
struct Letter {
    mode: Option<Mode>,
    said: Result<Saying, Vec<Finding>>,
    warnings: Vec<Warning>,
    /// What is kept of it.
    text: Bytes,
}

/// What a document asks or says.
enum Saying {
    /// It asks what is taken here.
    Profile,
    /// It says something of orders.
    Report(Report),
}

impl Letter {
    fn read(opened: &Opened, tolerance: &Tolerance, ours: &Credential) -> Self {
        let Read { outcome, warnings } = request::read(opened, tolerance);
        let odd = opened.warnings.iter().chain(&warnings);
        let mut letter = Self {
            mode: None,
            said: Ok(Saying::Profile),
            warnings: odd.map(carried::warning).collect(),
            text: kept::without_secrets(&opened.text, None).into(),
        };
        match outcome {
            Ok(request) => letter.hear(request, ours),
            Err(findings) => letter.said = Err(findings),
        }
        letter
    }

    fn hear(&mut self, request: Request, ours: &Credential) {
        let Request { envelope, body } = request;
        self.mode = Some(carried::mode(envelope.mode));
        let header = envelope.header.unwrap_or_default();
        self.warnings.extend(mistaken(&header.to, ours));
        if body == Body::Profile {
            return;
        }
        let name = body.name();
        let report = report::report(body).unwrap_or_else(|| {
            let says = format!("{name} is not taken here");
            Err(vec![Finding::nowhere(Code::WrongDocumentType, says)])
        });
        self.said = report.map(|reported| {
            let left_out = reported.warnings.iter().map(carried::warning);
            self.warnings.extend(left_out);
            Saying::Report(reported.report)
        });
    }
}

/// A document that is addressed to others came to the right address all the same: the path routes, and whoever passes it on may address it as they
/// like. Whoever looks after the supplier should know.
fn mistaken(to: &[envelope::Credential], ours: &Credential) -> Option<Warning> {
    if to.is_empty() || to.iter().any(|it| it.names(&ours.domain, &ours.identity)) {
        return None;
    }
    let says = "the header is addressed to another than this organization";
    Some(Warning::new(Code::RecipientMismatch.as_str(), says))
}

/// A document under its sender's name for it, as it is kept.
#[derive(Clone)]
pub(crate) struct Named {
    pub payload_id: String,
    pub dated: Option<i64>,
    pub mode: Option<Mode>,
    pub text: Bytes,
    pub bytes: usize,
    pub warnings: Vec<Warning>,
}

/// Why what a document says was not done.
pub(crate) enum NotTaken {
    /// A rule says no.
    Refused(Refusal),
    /// Our own fault.
    Ours,
}

impl NotTaken {
    pub fn answer(&self) -> Answer {
        match self {
            Self::Refused(refusal) => Answer::of(refusal),
            Self::Ours => Answer::ours(),
        }
    }
}

impl From<RecordError<Refusal>> for NotTaken {
    fn from(error: RecordError<Refusal>) -> Self {
        match error {
            RecordError::Refused(refusal) => Self::Refused(refusal),
            RecordError::Store(error) => {
                tracing::error!(%error, "a document of a supplier could not be worked off");
                Self::Ours
            }
        }
    }
}

/// Keeps a document that is not taken, with why, for whoever looks after the supplier. It is answered alike where that fails, which the log says.
async fn keep(desk: &Punchout, gate: &Gate, mut named: Named, mut why: Vec<Warning>) {
    why.append(&mut named.warnings);
    named.warnings = why;
    let command = sealed(desk, gate, named, Kind::NotTaken);
    let system = Punchout::system(gate.org);
    if let Err(error) = desk.ledger().record(&system, command).await {
        tracing::warn!(%error, supplier.id = %gate.id, "a document that was not taken is not kept");
    }
}

/// Takes a document in, and reads it unless that was done.
pub(crate) async fn work_off(
    desk: &Punchout,
    gate: &Gate,
    named: Named,
    report: Report,
) -> Result<Answer, NotTaken> {
    let system = Punchout::system(gate.org);
    let command = sealed(desk, gate, named, report.kind());
    let taken = desk.ledger().record(&system, command).await?;
    if taken.state == DocumentState::Applied {
        return Ok(Answer::done(&taken.findings));
    }
    let id = taken.id;
    let settled = settle(desk.ledger(), &system, Settle { id, report }).await?;
    Ok(if settled.applied {
        Answer::done(&settled.findings)
    } else {
        Answer::refused(&settled.findings)
    })
}

/// The command that takes a document in. It is known again by what it says without its secrets, which may have been changed between two attempts.
fn sealed(desk: &Punchout, gate: &Gate, named: Named, kind: Kind) -> Take {
    let random = desk.ledger().random();
    let id = SupplierDocumentId::generate(desk.now(), random);
    let row = id.uuid();
    let place = Place {
        column: BODY,
        org: Some(gate.org),
        row: row.as_bytes(),
    };
    Take {
        id,
        supplier: gate.id,
        kind,
        payload_id: named.payload_id,
        dated: named.dated.map(Timestamp::from_micros),
        mode: named.mode,
        digest: punchout::hash(&named.text),
        body_sealed: desk.parts().master_key.seal(place, &named.text, random),
        bytes: i64::try_from(named.bytes).unwrap_or(i64::MAX),
        warnings: named.warnings,
    }
}

/// A document and what is around it, who says that they sent it among that; nothing behind its header is read.
fn head(
    body: &[u8],
    content_type: Option<&str>,
    tolerance: &Tolerance,
) -> Result<(Opened, Envelope), Vec<Finding>> {
    let opened =
        form::open(body, content_type, &tolerance.limits).map_err(|trouble| vec![trouble])?;
    match request::peek(&opened, tolerance).outcome {
        Ok(envelope) => Ok((opened, envelope)),
        // Who has no header is nobody.
        Err(findings) if findings.iter().all(is_headless) => Ok((opened, Envelope::default())),
        Err(findings) => Err(findings),
    }
}

fn is_headless(finding: &Finding) -> bool {
    finding.code == Code::MissingElement && finding.code.stage() == Stage::Document
}
