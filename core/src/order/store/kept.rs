//! What is kept of suppliers' documents beside the ledger: the text without its secrets, sealed, and what was odd about it.

use secrecy::ExposeSecret as _;

use super::super::Order;
use super::documents::{DocumentRow, known, may_read, may_read_of_order};
use crate::access::Access;
use crate::id::SupplierDocumentId;
use crate::punchout::cart::Warning;
use crate::secret::{MasterKey, Place};
use crate::store::{StoreError, StoreResult, Tx, execute, fetch_optional};

/// Where the text is sealed, for the document's id.
pub const BODY: &str = "supplier_document_body.body_sealed";

/// A document with all that is kept of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptDocument {
    /// What is known of it.
    pub row: DocumentRow,
    /// What it says, without its secrets.
    pub body: Vec<u8>,
    /// How many bytes came.
    pub bytes: i64,
    /// What was odd about it when it was read; of one that was not taken, first why not.
    pub warnings: Vec<Warning>,
}

/// What is to be kept of a document.
pub(in super::super) struct Keep<'a> {
    pub sealed: &'a [u8],
    pub bytes: i64,
    pub warnings: &'a [Warning],
}

#[derive(sqlx::FromRow)]
struct Row {
    body_sealed: Vec<u8>,
    bytes: i64,
    warnings: String,
}

/// One document with what is kept of it, for whoever looks after the whole organisation's purchases.
pub async fn kept(
    tx: &mut Tx,
    access: &Access,
    id: SupplierDocumentId,
    key: &MasterKey,
) -> StoreResult<Option<KeptDocument>> {
    if !may_read(access) {
        return Ok(None);
    }
    opened(tx, access, id, key).await
}

/// A document that spoke of an order with what is kept of it, for those who order for all that it spoke of.
pub async fn kept_of_order(
    tx: &mut Tx,
    access: &Access,
    (order, id): (&Order, SupplierDocumentId),
    key: &MasterKey,
) -> StoreResult<Option<KeptDocument>> {
    if !may_read_of_order(tx, access, order, id).await? {
        return Ok(None);
    }
    opened(tx, access, id, key).await
}

async fn opened(
    tx: &mut Tx,
    access: &Access,
    id: SupplierDocumentId,
    key: &MasterKey,
) -> StoreResult<Option<KeptDocument>> {
    let Some(row) = known(tx, access, id).await? else {
        return Ok(None);
    };
    let Some(found) = found(tx, access, id).await? else {
        return Ok(None);
    };
    let name = id.uuid();
    let place = Place {
        column: BODY,
        org: Some(access.org()),
        row: name.as_bytes(),
    };
    let opened = key
        .open(place, &found.body_sealed)
        .map_err(|error| inconsistent(&error))?;
    let warnings = serde_json::from_str(&found.warnings).map_err(|error| inconsistent(&error))?;
    Ok(Some(KeptDocument {
        row,
        body: opened.expose_secret().clone(),
        bytes: found.bytes,
        warnings,
    }))
}

async fn found(tx: &mut Tx, access: &Access, id: SupplierDocumentId) -> StoreResult<Option<Row>> {
    fetch_optional!(
        tx,
        Row,
        "SELECT body_sealed, bytes, warnings FROM supplier_document_body WHERE org_id = $1 AND id = $2",
        access.org(),
        id
    )
}

fn inconsistent(error: &dyn std::error::Error) -> StoreError {
    StoreError::Inconsistent {
        table: "supplier_document_body",
        what: error.to_string(),
    }
}

/// Keeps what came.
pub(in super::super) async fn keep_body(
    tx: &mut Tx,
    access: &Access,
    id: SupplierDocumentId,
    keep: Keep<'_>,
) -> StoreResult<()> {
    let warnings = serde_json::to_string(keep.warnings).map_err(|error| inconsistent(&error))?;
    execute!(
        tx,
        "INSERT INTO supplier_document_body (org_id, id, body_sealed, bytes, warnings) VALUES ($1, $2, $3, $4, $5)",
        access.org(),
        id,
        keep.sealed,
        keep.bytes,
        &warnings
    )?;
    Ok(())
}

/// Forgets what came and was not taken, because something else came in its place.
pub(in super::super) async fn forget_body(
    tx: &mut Tx,
    access: &Access,
    id: SupplierDocumentId,
) -> StoreResult<()> {
    execute!(
        tx,
        "DELETE FROM supplier_document_body WHERE org_id = $1 AND id = $2",
        access.org(),
        id
    )?;
    Ok(())
}
