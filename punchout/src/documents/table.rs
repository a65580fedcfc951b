//! Notices of shipments from tables, which people bring whose suppliers send no documents: the same checks, and the same effect.

use habeo_core::access::{Access, Action};
use habeo_core::explain::{Explain, Kind};
use habeo_core::id::SupplierId;
use habeo_core::order::report::{Report, ShipNotice};
use habeo_core::order::store as orders;
use habeo_core::punchout::{self, cart::Warning};
use habeo_core::store::StoreError;
use habeo_core::supplier::{self, Gate, Supplier};
use habeo_core::unit::scope;

use super::{Answer, Named, report, work_off};
use crate::carried;
use crate::desk::Punchout;
use crate::finding::{Finding, Read};
use crate::notice_csv;

/// What a document that was a table is called, before the digest of the table and the place of the notice in it.
const NAME: &str = "table";

/// Why a table was not taken. Nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// No such supplier.
    #[error("no supplier with this id is known to your organization")]
    UnknownSupplier,
    /// An order that is not the caller's to receive.
    #[error("{0} is no purchase order of this supplier for which you may enter shipments")]
    UnknownOrder(String),
    /// It cannot be read.
    #[error("the table cannot be taken: {}", told(.0))]
    Unread(Vec<Finding>),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn told(findings: &[Finding]) -> String {
    let told: Vec<String> = findings.iter().map(ToString::to_string).collect();
    told.join("; ")
}

impl Explain for NotTaken {
    fn kind(&self) -> Kind {
        match self {
            Self::UnknownSupplier => Kind::NotFound,
            Self::UnknownOrder(_) | Self::Unread(_) => Kind::Unacceptable,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::UnknownSupplier => "supplier_unknown",
            Self::UnknownOrder(_) => "unknown_order",
            Self::Unread(_) => "punchout_table_invalid",
            Self::Store(error) => error.code(),
        }
    }
}

/// What became of one shipment of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shipment {
    /// The supplier's number of it.
    pub reference: Option<String>,
    /// Whether it was taken, and what is odd or wrong.
    pub answer: Answer,
}

/// A table that can be taken.
#[derive(Debug)]
struct Table {
    supplier: Supplier,
    notices: Vec<ShipNotice>,
    /// The rows of each, as a table of their own.
    rows: Vec<Vec<u8>>,
    /// What is odd about it.
    warnings: Vec<Finding>,
}

/// What a table says, without anything being taken: the shipments, and what is odd about it. What an order says to it is found when it is taken.
pub async fn look(
    desk: &Punchout,
    access: &Access,
    supplier: SupplierId,
    bytes: Vec<u8>,
) -> Result<(Vec<ShipNotice>, Vec<Finding>), NotTaken> {
    let table = read(desk, access, supplier, bytes).await?;
    Ok((table.notices, table.warnings))
}

/// Reads a table of shipments that somebody brings in a supplier's place.
async fn read(
    desk: &Punchout,
    access: &Access,
    supplier: SupplierId,
    bytes: Vec<u8>,
) -> Result<Table, NotTaken> {
    let mut tx = desk.ledger().db().read(access).await?;
    let known = supplier::store::known(&mut tx, access, supplier).await?;
    drop(tx);
    let supplier = known.ok_or(NotTaken::UnknownSupplier)?;
    let tolerance = desk.tolerance(&supplier.settings);
    let read = desk
        .apart(move |_| notice_csv::read_parted(&bytes, &tolerance))
        .await;
    let Read { outcome, warnings } = read.ok_or_else(|| NotTaken::Unread(Vec::new()))?;
    let (mut notices, mut rows) = (Vec::new(), Vec::new());
    for part in outcome.map_err(NotTaken::Unread)? {
        notices.push(report::ship_notice(&part.notice).map_err(NotTaken::Unread)?);
        rows.push(part.table);
    }
    permitted(desk, access, &notices).await?;
    Ok(Table {
        supplier,
        notices,
        rows,
        warnings,
    })
}

/// Takes a table of shipments that somebody brings in a supplier's place. The same table again changes nothing. Also says what is odd about the
/// table itself.
pub async fn take(
    desk: &Punchout,
    access: &Access,
    supplier: SupplierId,
    bytes: Vec<u8>,
) -> Result<(Vec<Shipment>, Vec<Finding>), NotTaken> {
    let Table {
        supplier,
        notices,
        rows,
        warnings,
    } = read(desk, access, supplier, bytes.clone()).await?;
    let mut odd: Vec<Warning> = warnings.iter().map(carried::warning).collect();
    let table = punchout::hash(&bytes);
    let gate = gate(access, supplier);
    let mut shipments = Vec::with_capacity(notices.len());
    for (place, (notice, rows)) in notices.into_iter().zip(rows).enumerate() {
        let reference = notice.reference.clone();
        let named = Named {
            payload_id: name(&table, place),
            dated: None,
            mode: Some(gate.settings.mode),
            // Its own rows only: with the whole table each, a long one would be kept thousands of times.
            bytes: rows.len(),
            text: rows.into(),
            // What is odd about the table is said once.
            warnings: std::mem::take(&mut odd),
        };
        let answer = work_off(desk, &gate, named, Report::ShipNotice(notice)).await;
        let answer = answer.unwrap_or_else(|why| why.answer());
        shipments.push(Shipment { reference, answer });
    }
    Ok((shipments, warnings))
}

/// Somebody who brings a table speaks for the supplier as far as their own orders go.
fn gate(access: &Access, supplier: Supplier) -> Gate {
    Gate {
        org: access.org(),
        id: supplier.id,
        settings: supplier.settings,
        secrets: Vec::new(),
        previous_until: None,
    }
}

/// Every order that is named must be one of a unit for which the caller orders; what they may not see is unknown.
async fn permitted(
    desk: &Punchout,
    access: &Access,
    notices: &[ShipNotice],
) -> Result<(), NotTaken> {
    let mut named: Vec<&str> = notices
        .iter()
        .flat_map(|notice| &notice.portions)
        .filter_map(|portion| portion.order.po_no.as_deref())
        .collect();
    named.sort_unstable();
    named.dedup();
    let mut tx = desk.ledger().db().read(access).await?;
    let reach = scope::resolve(&mut tx, access, Action::Register).await?;
    for po_no in named {
        let found = orders::by_code(&mut tx, access, po_no).await?;
        let mut mine = false;
        for arriving in found {
            let order = orders::by_id(&mut tx, access, arriving.order_id).await?;
            mine |= order
                .is_some_and(|order| order.po_no == po_no.trim() && reach.contains(order.unit));
        }
        if !mine {
            return Err(NotTaken::UnknownOrder(po_no.to_owned()));
        }
    }
    Ok(())
}

/// The name of a notice, by the digest of its table and its place in that.
fn name(table: &str, place: usize) -> String {
    format!("{NAME}.{table}.{place}")
}

/// Whether a document was a notice of a table.
pub(super) fn is_of_table(payload_id: &str) -> bool {
    let parts = || {
        let rest = payload_id.strip_prefix(NAME)?.strip_prefix('.')?;
        let (digest, place) = rest.split_once('.')?;
        let is_digest = digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
        place.parse::<usize>().ok().filter(|_| is_digest)
    };
    parts().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_of_tables_are_known_by_their_names() {
        assert!(is_of_table(&name(&punchout::hash(b"a,b"), 3)));
        for other in [
            "",
            "table",
            "table.1.2",
            "1793328000.1@shop.example.com",
            "table.x.1",
        ] {
            assert!(!is_of_table(other), "{other}");
        }
    }
}
