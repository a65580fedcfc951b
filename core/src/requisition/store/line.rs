//! Lines of requisitions in SQL: kept beside the ledger, whose entries hold the digest of all of them.

use std::collections::HashMap;

use super::super::Requisition;
use super::super::digest;
use super::super::line::{Line, Stored, part_key};
use crate::access::Access;
use crate::id::{RequisitionId, RequisitionLineId};
use crate::punchout::cart::{Sent, Warning};
use crate::store::{Query, StoreError, StoreResult, Tx, execute, fetch_all, fetch_optional};
use crate::supplier::store::{Asked, last_paid};
use crate::supplier::{Paid, Settings};

#[derive(sqlx::FromRow)]
struct Row {
    id: RequisitionLineId,
    position: i64,
    sent: String,
    stored: String,
    warnings: String,
    raw_hash: Option<String>,
}

impl TryFrom<Row> for Line {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        let sent: Sent = read(&row.sent)?;
        let stored: Stored = read(&row.stored)?;
        let warnings: Vec<Warning> = read(&row.warnings)?;
        Ok(Self {
            id: row.id,
            position: row.position,
            sent,
            stored,
            warnings,
            raw_hash: row.raw_hash,
        })
    }
}

fn read<T: serde::de::DeserializeOwned>(text: &str) -> StoreResult<T> {
    serde_json::from_str(text).map_err(|error| inconsistent(&error))
}

fn write<T: serde::Serialize>(value: &T) -> StoreResult<String> {
    serde_json::to_string(value).map_err(|error| inconsistent(&error))
}

fn inconsistent(error: &dyn std::error::Error) -> StoreError {
    StoreError::Inconsistent {
        table: "requisition_line",
        what: error.to_string(),
    }
}

/// The lines of a requisition in their order. Who sees them sees the requisition, which was asked before.
pub(crate) async fn lines(
    tx: &mut Tx,
    access: &Access,
    id: RequisitionId,
) -> StoreResult<Vec<Line>> {
    let rows: Vec<Row> = fetch_all!(
        tx,
        Row,
        "SELECT id, position, sent, stored, warnings, raw_hash FROM requisition_line WHERE org_id = $1 AND requisition_id = $2
         ORDER BY position",
        access.org(),
        id
    )?;
    rows.into_iter().map(Line::try_from).collect()
}

/// The lines with the texts that they came as.
pub(in super::super) async fn with_raw(
    tx: &mut Tx,
    access: &Access,
    id: RequisitionId,
) -> StoreResult<Vec<(Line, Option<String>)>> {
    let texts: Vec<(RequisitionLineId, Option<String>)> = fetch_all!(
        tx,
        (RequisitionLineId, Option<String>),
        "SELECT id, raw FROM requisition_line WHERE org_id = $1 AND requisition_id = $2",
        access.org(),
        id
    )?;
    let mut texts: HashMap<RequisitionLineId, Option<String>> = texts.into_iter().collect();
    let lines = lines(tx, access, id).await?;
    let whole = lines.into_iter().map(|line| {
        let raw = texts.remove(&line.id).flatten();
        // What is given back to the supplier is what was approved.
        let hash = raw.as_deref().map(digest::of_text);
        if hash == line.raw_hash {
            Ok((line, raw))
        } else {
            Err(StoreError::Inconsistent {
                table: "requisition_line",
                what: "the text is not that of its hash".to_owned(),
            })
        }
    });
    whole.collect()
}

/// The text that a line came as. Who sees it sees the requisition, which is asked before.
pub async fn raw(
    tx: &mut Tx,
    access: &Access,
    (requisition, line): (&Requisition, RequisitionLineId),
) -> StoreResult<Option<String>> {
    let row: Option<(Option<String>,)> = fetch_optional!(
        tx,
        (Option<String>,),
        "SELECT raw FROM requisition_line WHERE org_id = $1 AND requisition_id = $2 AND id = $3",
        access.org(),
        requisition.id,
        line
    )?;
    Ok(row.and_then(|(raw,)| raw))
}

/// The lines of a requisition in their order, each with the text that it came as, for whoever sends them back. Who sees them sees the
/// requisition, which is asked before.
pub async fn with_texts(
    tx: &mut Tx,
    access: &Access,
    requisition: &Requisition,
) -> StoreResult<Vec<(Line, Option<String>)>> {
    with_raw(tx, access, requisition.id).await
}

/// A line beside what was last paid for the same part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// The line.
    pub line: Line,
    /// What was last paid for one of the same unit, if anything was.
    pub paid: Option<Paid>,
    /// Whether the price is over it by more than the supplier's administrators let pass.
    pub is_over: bool,
}

/// The lines of a requisition in their order, each beside what was last paid. Who sees them sees the requisition, which is asked before.
pub async fn compared(
    tx: &mut Tx,
    access: &Access,
    requisition: &Requisition,
    settings: &Settings,
) -> StoreResult<Vec<Compared>> {
    let lines = lines(tx, access, requisition.id).await?;
    let parts = lines.iter().map(|line| part_key(&line.sent));
    let paid = last_paid(tx, access, requisition.supplier, parts).await?;
    let compared = lines.into_iter().map(|line| {
        let paid = paid.get(&asked(&line)).cloned();
        let is_over = paid
            .as_ref()
            .is_some_and(|paid| settings.is_over(line.stored.price, paid.price));
        Compared {
            line,
            paid,
            is_over,
        }
    });
    Ok(compared.collect())
}

/// By what the price of a line is known: prices for another unit, or for another basis, say nothing of each other.
pub(crate) fn asked(line: &Line) -> Asked {
    let unit = line.sent.unit.trim().to_uppercase();
    let unit = match &line.sent.basis {
        None => unit,
        Some(basis) => format!("{unit} {} x {}", basis.quantity.trim(), basis.factor.trim()),
    };
    (part_key(&line.sent), line.stored.currency.clone(), unit)
}

/// Writes lines, each with the text that it came as.
pub(in super::super) async fn insert(
    tx: &mut Tx,
    access: &Access,
    requisition: RequisitionId,
    lines: &[(Line, Option<String>)],
) -> StoreResult<()> {
    const HEAD: &str = "INSERT INTO requisition_line (org_id, id, requisition_id, position, sent, stored, warnings, raw, raw_hash) VALUES";
    let mut rows = Vec::with_capacity(lines.len());
    for (line, raw) in lines {
        rows.push([
            access.org().into(),
            line.id.into(),
            requisition.into(),
            line.position.into(),
            write(&line.sent)?.into(),
            write(&line.stored)?.into(),
            write(&line.warnings)?.into(),
            raw.clone().into(),
            line.raw_hash.clone().into(),
        ]);
    }
    Query::insert_rows(tx, HEAD, rows, "").await?;
    Ok(())
}

/// Takes all lines of a requisition away.
pub(in super::super) async fn remove(
    tx: &mut Tx,
    access: &Access,
    requisition: RequisitionId,
) -> StoreResult<u64> {
    execute!(
        tx,
        "DELETE FROM requisition_line WHERE org_id = $1 AND requisition_id = $2",
        access.org(),
        requisition
    )
}
