//! Organisation facts into their tables.

use super::event::OrgEvent;
use crate::ledger::event::Recorded;
use crate::ledger::tree;
use crate::store::{StoreResult, Tx, execute};
use crate::time::Timestamp;

pub(crate) async fn apply(tx: &mut Tx, recorded: &Recorded, event: &OrgEvent) -> StoreResult<()> {
    match event {
        OrgEvent::Created {
            name,
            slug,
            timezone,
            currency,
            loan_renewals_max,
            sandbox,
            tag_namespaces,
            log_origin,
        } => {
            execute!(
                tx,
                "INSERT INTO org (org_id, seq, name, slug, timezone, currency, loan_renewals_max, is_sandbox, log_origin, created_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                recorded.org,
                recorded.index,
                name,
                slug,
                timezone,
                currency,
                i64::from(*loan_renewals_max),
                *sandbox,
                log_origin,
                recorded.recorded_at
            )?;
            for namespace in tag_namespaces {
                execute!(
                    tx,
                    "INSERT INTO tag_namespace (org_id, namespace) VALUES ($1, $2)",
                    recorded.org,
                    namespace
                )?;
            }
            Ok(())
        }
        OrgEvent::LogReopened {
            epoch,
            log_origin,
            former_origin,
            former_size,
            former_root,
        } => {
            execute!(
                tx,
                "INSERT INTO ledger_epoch (org_id, epoch, seq, origin, former_origin, former_size, former_root)
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
                recorded.org,
                i64::from(*epoch),
                recorded.index,
                log_origin,
                former_origin,
                i64::try_from(*former_size).unwrap_or(i64::MAX),
                tree::unhex(former_root).unwrap_or_default()
            )?;
            execute!(
                tx,
                "UPDATE org SET log_origin = $2 WHERE org_id = $1",
                recorded.org,
                log_origin
            )?;
            Ok(())
        }
        OrgEvent::Renamed { name, slug } => {
            execute!(
                tx,
                "UPDATE org SET name = $2, slug = $3 WHERE org_id = $1",
                recorded.org,
                name,
                slug
            )?;
            Ok(())
        }
        OrgEvent::Closed { .. } => close(tx, recorded, Some(recorded.recorded_at)).await,
        OrgEvent::Opened {} => close(tx, recorded, None).await,
        // The fact is all there is to it.
        OrgEvent::LedgerExported { .. } => Ok(()),
    }
}

async fn close(tx: &mut Tx, recorded: &Recorded, at: Option<Timestamp>) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE org SET closed_at = $2 WHERE org_id = $1",
        recorded.org,
        at
    )?;
    Ok(())
}
