//! Projections made again from the entries: equal where nobody has touched them, and mended where somebody has.

use habeo_core::ledger::rebuild::{self, REBUILT};
use habeo_core::store::Engine;
use habeo_tests::builders::College;
use habeo_tests::{both_engines, must};

use super::{deploy, give_back};

/// Tables that no rebuild touches: the ledger itself, the directory, and what must not be in the ledger.
const KEPT: &[&str] = &[
    "app_client_directory",
    "app_client_secret",
    "app_install_use",
    "api_key_directory",
    "api_key_private",
    "delivery",
    "delivery_attempt",
    "delivery_due",
    "delivery_run",
    "endpoint_health",
    "endpoint_hour",
    "endpoint_private",
    "webhook_event",
    "webhook_sequence",
    "billing_directory",
    "chat_conversation",
    "chat_identity",
    "chat_ticket",
    "checkpoint_key",
    "conversation",
    "conversation_offer",
    "confirm_intent",
    "device_private",
    "digest_run",
    "hand_over_private",
    "idempotency",
    "import_run",
    "inbox",
    "inbox_directory",
    "connection_accepted",
    "connection_directory",
    "connection_private",
    "connection_refusal",
    "install_private",
    "install_state",
    "installation_secret",
    "issuer_directory",
    "issuer_tombstone",
    "lease",
    "ledger_checkpoint",
    "ledger_entry",
    "ledger_head",
    "ledger_remark",
    "ledger_tile",
    "notice_day",
    "notice_due",
    "oauth_code",
    "oauth_directory",
    "oauth_grant",
    "oauth_token",
    "order_letter",
    "org_directory",
    "outbox",
    "outbox_attempt",
    "outbox_due",
    "person_identity",
    "person_private",
    "person_word",
    "punchout_directory",
    "punchout_document",
    "push_device_private",
    "push_displaced",
    "push_evidence",
    "push_stop",
    "push_ticket",
    "push_ticket_due",
    "push_token_directory",
    "requisition_line",
    "seat_report",
    "seat_seen",
    "session_end",
    "ticket_private",
    "subject_directory",
    "supplier_directory",
    "supplier_document_body",
    "supplier_price",
    "supplier_private",
    "unplaced",
    "web_session",
    "web_session_directory",
    "workspace_directory",
];

both_engines! {
    /// A new table is either made from facts or kept; which, is a decision.
    async fn every_table_is_rebuilt_or_kept(db: TestDb) {
        let mut tables = db.raw().await.tables().await;
        // The parts of SQLite's full-text index.
        tables.retain(|table| !table.starts_with("asset_search_"));
        tables.sort();
        let mut listed: Vec<&str> = REBUILT.iter().chain(KEPT).copied().collect();
        listed.sort_unstable();
        assert_eq!(tables, listed);
    }

    /// Whoever changes a projection past the program is found out, table by table, and the rebuild makes it right.
    async fn what_was_altered_is_found_and_made_right(db: TestDb) {
        let college = College::found(&db).await;
        let asset = college.asset("Camera").serial("SN-1").at(college.places.workshop).register().await;
        college.asset("Tripod").register().await;
        db.clock.advance_micros(1);
        college.act(asset, deploy(college.people.ada)).await;
        db.clock.advance_micros(1);
        college.act(asset, give_back()).await;
        let spare = db.spare().await;
        assert_eq!(must(rebuild::check(&spare, &college.access).await), []);
        let mut raw = db.raw().await;
        must(raw.execute("UPDATE asset SET description = 'Forged' WHERE serial IS NOT NULL").await);
        must(raw.execute("UPDATE asset_version SET state = 'missing'").await);
        must(raw.execute("DELETE FROM asset_identifier").await);
        must(raw.execute("UPDATE asset_tally SET assets = assets + 1").await);
        let last = match db.engine() {
            Engine::Sqlite => "DELETE FROM asset_search WHERE rowid = (SELECT MAX(rowid) FROM asset_search)",
            Engine::Postgres => "DELETE FROM asset_search WHERE seq = (SELECT MAX(seq) FROM asset_search)",
        };
        must(raw.execute(last).await);
        drop(raw);
        let spare = db.spare().await;
        let found: Vec<&str> = must(rebuild::check(&spare, &college.access).await).iter().map(|difference| difference.table).collect();
        assert_eq!(found, ["asset", "asset_version", "asset_tally", "asset_search"]);
        spare.close().await;
        let owner = db.owner().await;
        must(rebuild::replace(&owner, &college.access).await);
        owner.close().await;
        let spare = db.spare().await;
        assert_eq!(must(rebuild::check(&spare, &college.access).await), []);
        assert_eq!(college.state(asset).await, habeo_core::asset::State::InStock);
        assert_eq!(super::reading::search(&db, &college.access, "camera", &habeo_core::asset::search::Filter::default(), 5).await.len(), 1);
    }

    /// The role that serves compares, and may not replace.
    async fn the_serving_role_may_not_replace(db: TestDb) {
        let college = College::found(&db).await;
        let spare = db.spare().await;
        let replaced = rebuild::replace(&spare, &college.access).await;
        assert_eq!(replaced.is_err(), db.engine() == Engine::Postgres);
    }
}
