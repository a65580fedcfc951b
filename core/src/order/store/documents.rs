//! Suppliers' documents in SQL: known by the supplier's own name for each, and kept as they came without their secrets.

use super::super::Order;
use super::super::event::Finding;
use super::super::report::Kind;
use super::inconsistent;
use crate::access::{Access, Action, Principal};
use crate::closed_set::closed_set;
use crate::id::{OrderId, SupplierDocumentId, SupplierId, UnitId};
use crate::ledger::event::Recorded;
use crate::page::{Limit, Page, Position};
use crate::store::{StoreError, StoreResult, Tx, execute, fetch_all, fetch_optional};
use crate::time::Timestamp;
use crate::unit::scope;

closed_set! {
    /// How far a document is.
    DocumentState {
        /// It is here.
        Taken = "taken",
        /// What it says was done.
        Applied = "applied",
        /// It could not be.
        Refused = "refused",
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: SupplierDocumentId,
    seq: i64,
    supplier_id: SupplierId,
    kind: Kind,
    payload_id: String,
    digest: String,
    state: DocumentState,
    findings: String,
    taken_at: Timestamp,
    settled_at: Option<Timestamp>,
}

/// A document of a supplier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentRow {
    /// Its id.
    pub id: SupplierDocumentId,
    /// Its place in lists.
    pub seq: i64,
    /// Whose.
    pub supplier: SupplierId,
    /// What sort.
    pub kind: Kind,
    /// The supplier's name for it.
    pub payload_id: String,
    /// SHA-256 of what came, in hexadecimal.
    pub digest: String,
    /// How far it is.
    pub state: DocumentState,
    /// What is odd about it, or why it was refused.
    pub findings: Vec<Finding>,
    /// When it was taken in.
    pub taken_at: Timestamp,
    /// When it was read.
    pub settled_at: Option<Timestamp>,
}

impl TryFrom<Row> for DocumentRow {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        let findings = serde_json::from_str(&row.findings);
        Ok(Self {
            id: row.id,
            seq: row.seq,
            supplier: row.supplier_id,
            kind: row.kind,
            payload_id: row.payload_id,
            digest: row.digest,
            state: row.state,
            findings: findings.map_err(|error| inconsistent(&error))?,
            taken_at: row.taken_at,
            settled_at: row.settled_at,
        })
    }
}

macro_rules! select {
    () => {
        "SELECT id, seq, supplier_id, kind, payload_id, digest, state, findings, taken_at, settled_at FROM supplier_document WHERE org_id = $1"
    };
}

/// One document, for whoever looks after the whole organisation's purchases.
pub async fn document(
    tx: &mut Tx,
    access: &Access,
    id: SupplierDocumentId,
) -> StoreResult<Option<DocumentRow>> {
    if !may_read(access) {
        return Ok(None);
    }
    known(tx, access, id).await
}

/// One document, whoever asks.
pub(super) async fn known(
    tx: &mut Tx,
    access: &Access,
    id: SupplierDocumentId,
) -> StoreResult<Option<DocumentRow>> {
    let row: Option<Row> = fetch_optional!(
        tx,
        Row,
        concat!(select!(), " AND id = $2"),
        access.org(),
        id
    )?;
    row.map(DocumentRow::try_from).transpose()
}

/// A page of documents, the newest first.
pub async fn documents(
    tx: &mut Tx,
    access: &Access,
    before: Option<i64>,
    limit: Limit,
) -> StoreResult<Page<DocumentRow>> {
    let mut rows: Vec<Row> = Vec::new();
    if may_read(access) {
        rows = fetch_all!(
            tx,
            Row,
            concat!(select!(), " AND seq < $2 ORDER BY seq DESC LIMIT $3"),
            access.org(),
            before.unwrap_or(i64::MAX),
            limit.plus_one()
        )?;
    }
    let rows: StoreResult<Vec<DocumentRow>> = rows.into_iter().map(DocumentRow::try_from).collect();
    Ok(Page::cut(rows?, limit, |row| Position::after(row.seq)))
}

/// A page of one supplier's documents, the newest first.
pub async fn documents_of(
    tx: &mut Tx,
    access: &Access,
    supplier: SupplierId,
    before: Option<i64>,
    limit: Limit,
) -> StoreResult<Page<DocumentRow>> {
    let mut rows: Vec<Row> = Vec::new();
    if may_read(access) {
        rows = fetch_all!(
            tx,
            Row,
            concat!(
                select!(),
                " AND supplier_id = $2 AND seq < $3 ORDER BY seq DESC LIMIT $4"
            ),
            access.org(),
            supplier,
            before.unwrap_or(i64::MAX),
            limit.plus_one()
        )?;
    }
    let rows: StoreResult<Vec<DocumentRow>> = rows.into_iter().map(DocumentRow::try_from).collect();
    Ok(Page::cut(rows?, limit, |row| Position::after(row.seq)))
}

/// How many documents of one order are listed.
const OF_ORDER_MAX: i64 = 200;

/// The documents that spoke of an order which the caller sees, the newest first.
pub async fn documents_of_order(
    tx: &mut Tx,
    access: &Access,
    order: &Order,
) -> StoreResult<Vec<DocumentRow>> {
    let rows: Vec<Row> = fetch_all!(
        tx,
        Row,
        concat!(
            select!(),
            " AND id IN (SELECT s.document_id FROM order_said s WHERE s.org_id = $1 AND s.order_id = $2) ORDER BY seq DESC LIMIT $3"
        ),
        access.org(),
        order.id,
        OF_ORDER_MAX
    )?;
    rows.into_iter().map(DocumentRow::try_from).collect()
}

/// Whether the caller may read what a document that spoke of an order says: they order for its unit, and it spoke of no order of another's.
pub async fn may_read_of_order(
    tx: &mut Tx,
    access: &Access,
    order: &Order,
    document: SupplierDocumentId,
) -> StoreResult<bool> {
    if may_read(access) {
        return Ok(true);
    }
    let scope = scope::resolve(tx, access, Action::Register).await?;
    let orders: Vec<(OrderId, UnitId)> = fetch_all!(
        tx,
        (OrderId, UnitId),
        "SELECT DISTINCT o.id, o.unit_id FROM order_said s JOIN purchase_order o ON o.org_id = s.org_id AND o.id = s.order_id
         WHERE s.org_id = $1 AND s.document_id = $2",
        access.org(),
        document
    )?;
    let speaks = orders.iter().any(|(id, _)| *id == order.id);
    Ok(speaks && orders.iter().all(|(_, unit)| scope.contains(*unit)))
}

/// The oldest documents after a place that were taken in and not read yet: whoever took them in may have gone before.
pub async fn unread(
    tx: &mut Tx,
    access: &Access,
    after: i64,
    limit: Limit,
) -> StoreResult<Vec<DocumentRow>> {
    let rows: Vec<Row> = fetch_all!(
        tx,
        Row,
        concat!(
            select!(),
            " AND state = $2 AND seq > $3 ORDER BY seq LIMIT $4"
        ),
        access.org(),
        DocumentState::Taken,
        after,
        limit.plus_one() - 1
    )?;
    rows.into_iter().map(DocumentRow::try_from).collect()
}

/// Documents may be of orders of any unit.
pub(super) fn may_read(access: &Access) -> bool {
    access.actor().principal == Principal::System
        || access.reach(crate::access::Action::ReadLedger) == crate::access::Reach::Whole
        || access.reach(crate::access::Action::Register) == crate::access::Reach::Whole
}

/// The document that a supplier has called like this before.
pub(in super::super) async fn same(
    tx: &mut Tx,
    access: &Access,
    supplier: SupplierId,
    payload_id: &str,
) -> StoreResult<Option<DocumentRow>> {
    let row: Option<Row> = fetch_optional!(
        tx,
        Row,
        concat!(select!(), " AND supplier_id = $2 AND payload_id = $3"),
        access.org(),
        supplier,
        payload_id
    )?;
    row.map(DocumentRow::try_from).transpose()
}

/// Projects that a document was taken in; it stands in the place of one of its name that was not.
pub(in super::super) async fn insert(
    tx: &mut Tx,
    recorded: &Recorded,
    replaces: Option<SupplierDocumentId>,
    (supplier, kind): (SupplierId, Kind),
    (payload_id, digest): (&str, &str),
) -> StoreResult<()> {
    if let Some(before) = replaces {
        execute!(
            tx,
            "DELETE FROM supplier_document WHERE org_id = $1 AND id = $2",
            recorded.org,
            before
        )?;
    }
    execute!(
        tx,
        "INSERT INTO supplier_document (org_id, id, seq, supplier_id, kind, payload_id, digest, state, findings, taken_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        recorded.org,
        recorded.stream.id(),
        recorded.index,
        supplier,
        kind,
        payload_id,
        digest,
        DocumentState::Taken,
        "[]",
        recorded.recorded_at
    )?;
    Ok(())
}

/// Projects that a document was read.
pub(in super::super) async fn settle(
    tx: &mut Tx,
    recorded: &Recorded,
    applied: bool,
    findings: &[Finding],
) -> StoreResult<()> {
    let state = if applied {
        DocumentState::Applied
    } else {
        DocumentState::Refused
    };
    let findings = serde_json::to_string(findings).map_err(|error| inconsistent(&error))?;
    execute!(
        tx,
        "UPDATE supplier_document SET state = $3, findings = $4, settled_at = $5 WHERE org_id = $1 AND id = $2",
        recorded.org,
        recorded.stream.id(),
        state,
        findings,
        recorded.recorded_at
    )?;
    Ok(())
}
