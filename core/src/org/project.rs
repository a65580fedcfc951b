//! Organisation facts into their tables.

use super::event::OrgEvent;
use crate::ledger::event::Recorded;
use crate::store::{StoreResult, Tx, execute};

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
    }
}
