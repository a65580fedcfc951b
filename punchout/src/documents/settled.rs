//! Documents that were taken in and not read, because whoever took them in was gone before: read again from what was kept.

use habeo_core::access::Access;
use habeo_core::explain::Explain as _;
use habeo_core::id::SupplierDocumentId;
use habeo_core::ledger::RecordError;
use habeo_core::order::document::{self, Refusal, Settle};
use habeo_core::order::give_up::GiveUp;
use habeo_core::order::report::Report;
use habeo_core::order::store as orders;
use habeo_core::page::Limit;
use habeo_core::store::{StoreError, StoreResult};
use habeo_core::supplier;

use super::report;
use crate::cxml::request;
use crate::desk::Punchout;
use crate::limits::Tolerance;
use crate::notice_csv;

/// Reads what an organisation's suppliers sent and nobody has read. How many documents those were. What cannot be read now is tried again; what never
/// can is refused.
pub async fn settle_all(desk: &Punchout, access: &Access, limit: Limit) -> StoreResult<usize> {
    let (mut settled, mut after) = (0, 0);
    loop {
        let mut tx = desk.ledger().db().read(access).await?;
        let unread = orders::unread(&mut tx, access, after, limit).await?;
        drop(tx);
        let Some(last) = unread.last() else {
            return Ok(settled);
        };
        // What has to wait does not keep what came after it waiting.
        after = last.seq;
        for row in unread {
            settled +=
                usize::from(settle(desk, access, row.id, again(desk, access, &row).await?).await);
        }
    }
}

/// What was read of a document once more.
enum Again {
    /// What it says.
    Report(Report),
    /// It cannot be read now; nobody knows whether it can be later.
    Later,
    /// It cannot be read by any rule that holds now.
    Never,
}

/// Whether a document is settled, one way or the other.
async fn settle(desk: &Punchout, access: &Access, id: SupplierDocumentId, again: Again) -> bool {
    let why = match again {
        Again::Later => return false,
        Again::Never => "unreadable",
        Again::Report(report) => {
            match document::settle(desk.ledger(), access, Settle { id, report }).await {
                Ok(_) => return true,
                // A supplier that is paused may be resumed.
                Err(RecordError::Refused(why)) if why != Refusal::SupplierUnknown => {
                    tracing::warn!(%why, document.id = %id, "a document of a supplier is given up");
                    why.code()
                }
                Err(error) => {
                    tracing::warn!(%error, document.id = %id, "a document of a supplier waits on");
                    return false;
                }
            }
        }
    };
    let why = why.to_owned();
    let given_up = desk.ledger().record(access, GiveUp { id, why }).await;
    if let Err(error) = &given_up {
        tracing::warn!(%error, document.id = %id, "a document of a supplier waits on");
    }
    given_up.is_ok()
}

async fn again(desk: &Punchout, access: &Access, row: &orders::DocumentRow) -> StoreResult<Again> {
    let mut tx = desk.ledger().db().read(access).await?;
    let known = supplier::store::known(&mut tx, access, row.supplier).await?;
    let kept = orders::kept(&mut tx, access, row.id, &desk.parts().master_key).await;
    drop(tx);
    let kept = match kept {
        Ok(kept) => kept,
        // What cannot be opened is no reason to leave the others.
        Err(error @ StoreError::Inconsistent { .. }) => {
            tracing::error!(%error, document.id = %row.id, "what is kept of a document cannot be opened");
            return Ok(Again::Later);
        }
        Err(error) => return Err(error),
    };
    let (Some(supplier), Some(kept)) = (known, kept) else {
        tracing::error!(document.id = %row.id, "nothing is kept of a document that was taken in");
        return Ok(Again::Never);
    };
    let kept = kept.body;
    let tolerance = desk.tolerance(&supplier.settings);
    let is_of_table = super::table::is_of_table(&row.payload_id);
    let read = desk.apart(move |stop| {
        let tolerance = Tolerance { stop, ..tolerance };
        let report = if is_of_table {
            of_table(&kept, &tolerance)
        } else {
            of_text(&kept, &tolerance)
        };
        report.map_or(Again::Never, Again::Report)
    });
    Ok(read.await.unwrap_or(Again::Later))
}

fn of_table(kept: &[u8], tolerance: &Tolerance) -> Option<Report> {
    let notices = notice_csv::read(kept, tolerance).outcome.ok()?;
    let notice = report::ship_notice(notices.first()?).ok()?;
    Some(Report::ShipNotice(notice))
}

fn of_text(kept: &[u8], tolerance: &Tolerance) -> Option<Report> {
    let text = std::str::from_utf8(kept).ok()?;
    let request = request::read_text(text, tolerance).outcome.ok()?;
    Some(report::report(request.body)?.ok()?.report)
}
