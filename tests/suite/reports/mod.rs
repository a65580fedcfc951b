//! What the identity provider and the billing service report, through the doors and with their signatures.

mod doors;
mod meter;
mod people;
mod placing;
mod seats;

use habeo_core::id::OrgId;
use habeo_core::ledger::audit;
use habeo_core::page::Limit;
use habeo_tests::database::TestDb;
use habeo_tests::must;

/// How many facts of this type an organisation's ledger has.
async fn facts(db: &TestDb, org: OrgId, kind: &str) -> usize {
    let access = db.system(org);
    let mut tx = db.read(&access).await;
    let mut after = -1;
    let mut found = 0;
    loop {
        let page = must(audit::page(&mut tx, &access, after, Limit::default()).await);
        let Some(last) = page.rows.last() else {
            return found;
        };
        after = last.index;
        let named = format!("\"type\":\"{kind}\"");
        found += page
            .rows
            .iter()
            .filter(|entry| entry.bytes.contains(&named))
            .count();
    }
}
