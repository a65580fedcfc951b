//! What is last paid for a supplier's parts: noted once the supplier has stood by a price. What a browser brought from a shop is no price yet.

use std::collections::{BTreeSet, HashMap};

use super::Order;
use crate::ledger::Work;
use crate::requisition;
use crate::store::StoreResult;
use crate::supplier::Paid;
use crate::supplier::store::{Asked, note_paid};

/// Notes what lines cost whose price the supplier has confirmed or invoiced.
pub(super) async fn note(
    work: &mut Work,
    order: &Order,
    vouched: &BTreeSet<i64>,
) -> StoreResult<()> {
    if vouched.is_empty() {
        return Ok(());
    }
    let (access, at) = (work.access().clone(), work.now());
    let wanted = requisition::store::lines(work.tx(), &access, order.requisition).await?;
    let wanted: HashMap<_, _> = wanted.iter().map(|line| (line.id, line)).collect();
    let mut paid: HashMap<Asked, Paid> = HashMap::new();
    for line in vouched.iter().filter_map(|number| order.lines.get(number)) {
        let Some(wanted) = wanted.get(&line.of) else {
            continue;
        };
        // What is counted with another line is not paid for by itself, and another product is another part.
        if line.price.amount.is_zero() || line.part != wanted.sent.part {
            continue;
        }
        let now = &line.price;
        let same_basis = (now.factor, now.basis) == (line.agreed.factor, line.agreed.basis);
        let price = if same_basis { now } else { &line.agreed };
        let price = price.amount;
        paid.insert(requisition::store::asked(wanted), Paid { price, at });
    }
    note_paid(
        work.tx(),
        &access,
        (order.supplier, order.requisition),
        paid,
    )
    .await
}
