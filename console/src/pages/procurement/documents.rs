//! What went between us and a supplier about an order: its documents with what was found in them, and ours with what was answered.

use askama::Template;
use habeo_core::access::Action;
use habeo_core::id::SupplierDocumentId;
use habeo_core::order::event::Finding;
use habeo_core::order::report::Kind;
use habeo_core::order::store::{self, DocumentRow, DocumentState, KeptDocument};
use habeo_core::outbox;
use habeo_core::unit::scope;
use poem::http::header;
use poem::web::{Data, Path};
use poem::{IntoResponse as _, Response, Result, handler};

use super::order::{find, path};
use crate::Console;
use crate::page::{Frame, Page};
use crate::pages::connections::words::Mark;
use crate::pages::{absent, failed, instant};
use crate::visitor::SignedIn;

/// The most characters of a document that a page shows; the rest is downloaded.
const SHOWN_CHARS_MAX: usize = 200_000;
/// How many attempts to send an order are shown.
const ATTEMPTS_SHOWN: i64 = 50;

#[derive(Debug, Template)]
#[template(path = "documents.html")]
pub(in crate::pages) struct List {
    pub frame: Frame,
    /// What it is the list of, and where that is.
    pub of: (String, String),
    pub rows: Vec<Row>,
    pub next: Option<String>,
    /// What we sent, where it is the list of an order.
    pub sent: Vec<Sent>,
    pub attempts: Vec<(String, String)>,
}

/// A document of a supplier.
#[derive(Debug)]
pub(in crate::pages) struct Row {
    /// Where it is read, for those who may.
    pub path: Option<String>,
    pub kind: &'static str,
    pub at: String,
    pub state: Mark,
    pub findings: Vec<String>,
}

/// A version of an order that was sent.
#[derive(Debug)]
pub(in crate::pages) struct Sent {
    pub label: String,
    pub path: Option<String>,
}

impl Row {
    /// What is found in it is for those who may read it.
    pub fn of(row: &DocumentRow, base: &str, reads: bool) -> Self {
        let findings = row.findings.iter().filter(|_| reads);
        Self {
            path: reads.then(|| format!("{base}/{}", row.id)),
            kind: kind(row.kind),
            at: instant(Some(row.taken_at)),
            state: state(row.state),
            findings: findings.map(told).collect(),
        }
    }
}

const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Confirmation => "Confirmation",
        Kind::StatusUpdate => "Status",
        Kind::ShipNotice => "Ship notice",
        Kind::Invoice => "Invoice",
        Kind::Receipt => "Receipt",
        Kind::NotTaken => "Document that was not taken",
    }
}

const fn state(state: DocumentState) -> Mark {
    match state {
        DocumentState::Taken => ("not read yet", "warn"),
        DocumentState::Applied => ("applied", "good"),
        DocumentState::Refused => ("refused", "bad"),
    }
}

fn told(finding: &Finding) -> String {
    let line = finding.line.map(|line| format!("Line {line}: "));
    let value = finding.value.as_ref().map(|value| format!(": {value}"));
    format!(
        "{}{}{} ({})",
        line.unwrap_or_default(),
        finding.code.words(),
        value.unwrap_or_default(),
        finding.code
    )
}

/// The documents about an order.
#[handler]
pub(crate) async fn list(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
) -> Result<Response> {
    let access = visitor.access();
    let db = console.parts().ledger.db();
    let mut tx = db.read(access).await.map_err(failed)?;
    let order = find(&mut tx, &visitor, &id).await?;
    let scope = scope::resolve(&mut tx, access, Action::Register).await;
    let orders = scope.map_err(failed)?.contains(order.unit);
    let base = format!("{}/documents", path(order.id));
    let documents = store::documents_of_order(&mut tx, access, &order).await;
    let mut rows = Vec::new();
    for row in documents.map_err(failed)? {
        let reads = store::may_read_of_order(&mut tx, access, &order, row.id).await;
        rows.push(Row::of(&row, &base, reads.map_err(failed)?));
    }
    let lane = order.id.to_string();
    let attempts = if orders {
        outbox::store::to_supplier(&mut tx, access, &lane, ATTEMPTS_SHOWN).await
    } else {
        Ok(Vec::new())
    };
    let attempts = attempts.map_err(failed)?;
    let versions = order.versions.iter().map(|(number, version)| {
        let made = instant(Some(version.made_at));
        Sent {
            label: format!("Version {number}, {}, {made}", version.operation),
            path: orders.then(|| format!("{}/sent/{number}", path(order.id))),
        }
    });
    let list = List {
        frame: Frame::of(console, &visitor, "Documents"),
        of: (order.po_no.clone(), path(order.id)),
        rows,
        next: None,
        sent: versions.collect(),
        attempts: attempts
            .into_iter()
            .map(|one| (instant(Some(one.at)), one.detail))
            .collect(),
    };
    Ok(Page::of(&list).into_response())
}

#[derive(Debug, Template)]
#[template(path = "document.html")]
pub(in crate::pages) struct Show {
    pub frame: Frame,
    /// The list that it is of, and where that is.
    pub of: (&'static str, String),
    kind: &'static str,
    state: Mark,
    facts: Vec<(&'static str, String)>,
    findings: Vec<String>,
    warnings: Vec<String>,
    body: String,
    cut: bool,
    download: String,
}

impl Show {
    pub fn of(frame: Frame, kept: &KeptDocument, base: String) -> Self {
        let row = &kept.row;
        let text = String::from_utf8_lossy(&kept.body);
        let body: String = text.chars().take(SHOWN_CHARS_MAX).collect();
        let mut facts = vec![
            ("Came", instant(Some(row.taken_at))),
            ("The supplier’s name for it", row.payload_id.clone()),
            ("Bytes", kept.bytes.to_string()),
            ("SHA-256", row.digest.clone()),
        ];
        facts.extend(row.settled_at.map(|at| ("Read", instant(Some(at)))));
        let warnings = kept.warnings.iter();
        Self {
            frame,
            kind: kind(row.kind),
            state: state(row.state),
            facts,
            findings: row.findings.iter().map(told).collect(),
            warnings: warnings
                .map(|one| format!("{} ({})", one.detail, one.code))
                .collect(),
            cut: body.len() < text.len(),
            body,
            download: format!("{base}/{}/body", row.id),
            of: ("Documents", base),
        }
    }
}

/// A document about an order, without its secrets.
#[handler]
pub(crate) async fn show(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path((id, document)): Path<(String, String)>,
) -> Result<Response> {
    let (base, kept) = kept(console, &visitor, &id, &document).await?;
    let frame = Frame::of(console, &visitor, "Document");
    Ok(Page::of(&Show::of(frame, &kept, base)).into_response())
}

/// The same as a file.
#[handler]
pub(crate) async fn download(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path((id, document)): Path<(String, String)>,
) -> Result<Response> {
    let (_, kept) = kept(console, &visitor, &id, &document).await?;
    Ok(file(&document, kept.body))
}

async fn kept(
    console: &Console,
    visitor: &SignedIn,
    id: &str,
    document: &str,
) -> Result<(String, KeptDocument)> {
    let access = visitor.access();
    let db = console.parts().ledger.db();
    let mut tx = db.read(access).await.map_err(failed)?;
    let order = find(&mut tx, visitor, id).await?;
    let document: SupplierDocumentId = document.parse().map_err(|_| absent())?;
    let key = &console.parts().master_key;
    let found = store::kept_of_order(&mut tx, access, (&order, document), key).await;
    let base = format!("{}/documents", path(order.id));
    Ok((base, found.map_err(failed)?.ok_or_else(absent)?))
}

/// A version of an order as it was written, without what proves us.
#[handler]
pub(crate) async fn letter(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path((id, version)): Path<(String, i64)>,
) -> Result<Response> {
    let access = visitor.access();
    let db = console.parts().ledger.db();
    let mut tx = db.read(access).await.map_err(failed)?;
    let order = find(&mut tx, &visitor, &id).await?;
    let scope = scope::resolve(&mut tx, access, Action::Register).await;
    if !scope.map_err(failed)?.contains(order.unit) {
        return Err(absent());
    }
    let key = &console.parts().master_key;
    let letter = store::letter(&mut tx, access, (order.id, version), key).await;
    let letter = letter.map_err(failed)?.ok_or_else(absent)?;
    let name = format!("{}-{version}", order.po_no);
    Ok(file(&name, letter.into_bytes()))
}

/// A document as a file: nothing that a browser would open.
pub(in crate::pages) fn file(name: &str, body: Vec<u8>) -> Response {
    let name = format!("attachment; filename=\"{name}.xml\"");
    Response::builder()
        .content_type("application/octet-stream")
        .header(header::CONTENT_DISPOSITION, name)
        .header(header::CACHE_CONTROL, "no-store")
        .body(body)
}
