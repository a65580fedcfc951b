//! The digest of everything that an approval is of. Pure: the same requisition has the same one, and no other has it.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::event::{Purpose, Sum};
use super::line::Line;
use crate::exact::{Exact, TooLarge};
use crate::id::{PersonId, SupplierId};
use crate::ledger::tree;

/// Whose a requisition is, which never changes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head<'a> {
    pub supplier: SupplierId,
    pub requester: PersonId,
    pub currency: &'a str,
}

/// What a requisition says: how many lines, what they cost together, and the digest of all of it.
pub(crate) fn sum(head: Head<'_>, purpose: &Purpose, lines: &[Line]) -> Result<Sum, TooLarge> {
    let mut amounts = lines.iter().map(|line| line.stored.amount);
    let total = amounts.try_fold(Exact::ZERO, Exact::plus)?;
    Ok(Sum {
        lines: i64::try_from(lines.len()).unwrap_or(i64::MAX),
        total,
        digest: digest(head, purpose, (total, lines)),
    })
}

/// The digest in hexadecimal.
pub(crate) fn digest(
    head: Head<'_>,
    purpose: &Purpose,
    (total, lines): (Exact, &[Line]),
) -> String {
    let whole = json!({
        "supplier": head.supplier,
        "requester": head.requester,
        "currency": head.currency,
        "unit": purpose.unit,
        "location": purpose.location,
        "costCentre": purpose.cost_centre,
        "total": total,
        "lines": lines.iter().map(of_line).collect::<Vec<Value>>(),
    });
    let text =
        tree::canonical(&whole).expect("ids, texts and small whole numbers have a canonical form");
    tree::hex(&Sha256::digest(text.as_bytes()))
}

/// What is ordered by a line, and the text it came as.
fn of_line(line: &Line) -> Value {
    json!({
        "id": line.id,
        "position": line.position,
        "part": line.sent.part,
        "aux": line.sent.aux,
        "quantity": line.stored.quantity,
        "unit": line.sent.unit,
        "pieces": line.stored.pieces,
        "price": line.stored.price,
        "currency": line.stored.currency,
        "amount": line.stored.amount,
        "description": line.stored.description,
        "raw": line.raw_hash,
    })
}

/// SHA-256 of a text, in hexadecimal.
pub(crate) fn of_text(text: &str) -> String {
    tree::hex(&Sha256::digest(text.as_bytes()))
}
