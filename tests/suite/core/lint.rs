//! Each rule that holds organisations apart, broken on purpose: the start check names it.

use std::panic::{AssertUnwindSafe, resume_unwind};

use futures_util::FutureExt as _;
use habeo_core::store::lint::{self, Fault};
use habeo_tests::database::{TestDb, on_postgres, on_sqlite};
use habeo_tests::{both_engines, must};

/// The policy as the migrations write it, for one table.
const POLICY: &str =
    "CREATE POLICY org ON hold USING (org_id = (SELECT nullif(current_setting('habeo.org', true), '')::uuid))
     WITH CHECK (org_id = (SELECT nullif(current_setting('habeo.org', true), '')::uuid))";

/// A rule, what the check says of it, how it is broken and how it is mended.
type Case = (
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

const BROKEN: &[Case] = &[
    (
        "owner",
        "hold is owned by postgres",
        &["ALTER TABLE hold OWNER TO postgres"],
        &["ALTER TABLE hold OWNER TO habeo_owner"],
    ),
    (
        "owner",
        "the function refuse_custody_overlap is owned by postgres",
        &["ALTER FUNCTION refuse_custody_overlap OWNER TO postgres"],
        &["ALTER FUNCTION refuse_custody_overlap OWNER TO habeo_owner"],
    ),
    (
        "row security",
        "hold has none",
        &["ALTER TABLE hold DISABLE ROW LEVEL SECURITY"],
        &["ALTER TABLE hold ENABLE ROW LEVEL SECURITY"],
    ),
    (
        "row security",
        "hold does not force it",
        &["ALTER TABLE hold NO FORCE ROW LEVEL SECURITY"],
        &["ALTER TABLE hold FORCE ROW LEVEL SECURITY"],
    ),
    (
        "policies",
        "hold has 0 policies",
        &["DROP POLICY org ON hold"],
        &[POLICY],
    ),
    (
        "policies",
        "hold has 2 policies",
        &["CREATE POLICY more ON hold USING (true)"],
        &["DROP POLICY more ON hold"],
    ),
    (
        "policies",
        "hold has a policy with another USING",
        &["ALTER POLICY org ON hold USING (true)"],
        &["DROP POLICY org ON hold", POLICY],
    ),
    (
        "policies",
        "hold has a policy with another WITH CHECK",
        &["ALTER POLICY org ON hold WITH CHECK (org_id IS NOT NULL)"],
        &["DROP POLICY org ON hold", POLICY],
    ),
    (
        "policies",
        "hold has a policy with another USING",
        &[
            "ALTER POLICY org ON hold USING (org_id = (SELECT nullif(current_setting('habeo.org', true), '')::uuid) OR id IS NOT NULL)",
        ],
        &["DROP POLICY org ON hold", POLICY],
    ),
    (
        "policies",
        "hold has a policy that is not for all commands",
        &[
            "DROP POLICY org ON hold",
            "CREATE POLICY org ON hold FOR SELECT USING (true)",
        ],
        &["DROP POLICY org ON hold", POLICY],
    ),
    (
        "policies",
        "hold has a policy that is not for all commands and everybody",
        &["ALTER POLICY org ON hold TO habeo_app"],
        &["DROP POLICY org ON hold", POLICY],
    ),
    (
        "rights",
        "hold lets habeo_app TRUNCATE",
        &["GRANT TRUNCATE ON hold TO habeo_app"],
        &["REVOKE TRUNCATE ON hold FROM habeo_app"],
    ),
    (
        "rights",
        "hold lets habeo_app REFERENCES",
        &["GRANT REFERENCES ON hold TO habeo_app"],
        &["REVOKE REFERENCES ON hold FROM habeo_app"],
    ),
    (
        "rights",
        "hold.kind lets habeo_app REFERENCES",
        &["GRANT REFERENCES (kind) ON hold TO habeo_app"],
        &["REVOKE REFERENCES (kind) ON hold FROM habeo_app"],
    ),
    (
        "rights",
        "hold lets everybody SELECT",
        &["GRANT SELECT ON hold TO PUBLIC"],
        &["REVOKE SELECT ON hold FROM PUBLIC"],
    ),
    (
        "rights",
        "ledger_entry lets habeo_app UPDATE",
        &["GRANT UPDATE ON ledger_entry TO habeo_app"],
        &["REVOKE UPDATE ON ledger_entry FROM habeo_app"],
    ),
    (
        "rights",
        "ledger_entry lets habeo_app DELETE",
        &["GRANT DELETE ON ledger_entry TO habeo_app"],
        &["REVOKE DELETE ON ledger_entry FROM habeo_app"],
    ),
    (
        "rights",
        "ledger_entry.bytes lets habeo_app UPDATE",
        &["GRANT UPDATE (bytes) ON ledger_entry TO habeo_app"],
        &["REVOKE UPDATE (bytes) ON ledger_entry FROM habeo_app"],
    ),
    (
        "rights",
        "_sqlx_migrations lets habeo_app INSERT",
        &["GRANT INSERT ON _sqlx_migrations TO habeo_app"],
        &["REVOKE INSERT ON _sqlx_migrations FROM habeo_app"],
    ),
    (
        "rights",
        "the schema public lets habeo_app CREATE",
        &["GRANT CREATE ON SCHEMA public TO habeo_app"],
        &["REVOKE CREATE ON SCHEMA public FROM habeo_app"],
    ),
    (
        "organization column",
        "observation has no org_id that is a UUID and never empty",
        &[
            "ALTER TABLE observation DROP CONSTRAINT observation_pkey",
            "ALTER TABLE observation ALTER org_id DROP NOT NULL",
        ],
        &["ALTER TABLE observation ADD PRIMARY KEY (org_id, id)"],
    ),
    (
        "organization column",
        "elsewhere has no org_id",
        &["CREATE TABLE elsewhere (id UUID PRIMARY KEY)"],
        &["DROP TABLE elsewhere"],
    ),
    (
        "keys",
        "observation has no primary key",
        &["ALTER TABLE observation DROP CONSTRAINT observation_pkey"],
        &["ALTER TABLE observation ADD PRIMARY KEY (org_id, id)"],
    ),
    (
        "keys",
        "the unique index anywhere of hold does not begin with org_id",
        &["CREATE UNIQUE INDEX anywhere ON hold (id)"],
        &["DROP INDEX anywhere"],
    ),
    (
        "foreign keys",
        "astray of hold does not carry the organization to asset",
        &[
            "CREATE UNIQUE INDEX anywhere ON asset (id)",
            "ALTER TABLE hold ADD CONSTRAINT astray FOREIGN KEY (asset_id) REFERENCES asset (id)",
        ],
        &[
            "ALTER TABLE hold DROP CONSTRAINT astray",
            "DROP INDEX anywhere",
        ],
    ),
    (
        "foreign keys",
        "cascading of hold changes rows by itself",
        &[
            "ALTER TABLE hold ADD CONSTRAINT cascading FOREIGN KEY (org_id, asset_id) REFERENCES asset (org_id, id) ON DELETE CASCADE",
        ],
        &["ALTER TABLE hold DROP CONSTRAINT cascading"],
    ),
    (
        "views",
        "holds is a view with its owner's rights",
        &["CREATE VIEW holds AS SELECT * FROM hold"],
        &["DROP VIEW holds"],
    ),
    (
        "views",
        "holds is kept outside row security",
        &["CREATE MATERIALIZED VIEW holds AS SELECT * FROM hold"],
        &["DROP MATERIALIZED VIEW holds"],
    ),
    (
        "views",
        "hold has the rewriting rule nothing",
        &["CREATE RULE nothing AS ON DELETE TO hold DO INSTEAD NOTHING"],
        &["DROP RULE nothing ON hold"],
    ),
    (
        "functions",
        "peek runs with its owner's rights",
        &[
            "CREATE FUNCTION peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = public AS 'SELECT count(*) FROM hold'",
        ],
        &["DROP FUNCTION peek"],
    ),
    (
        "functions",
        "refuse_ledger_change does not pin its search_path",
        &["ALTER FUNCTION refuse_ledger_change RESET search_path"],
        &["ALTER FUNCTION refuse_ledger_change SET search_path = pg_catalog, public"],
    ),
    (
        "triggers",
        "nothing refuses UPDATE on ledger_entry",
        &["ALTER TABLE ledger_entry DISABLE TRIGGER ledger_entry_is_append_only"],
        &["ALTER TABLE ledger_entry ENABLE TRIGGER ledger_entry_is_append_only"],
    ),
    (
        "triggers",
        "nothing refuses DELETE on ledger_entry",
        &["ALTER TABLE ledger_entry ENABLE REPLICA TRIGGER ledger_entry_is_append_only"],
        &["ALTER TABLE ledger_entry ENABLE TRIGGER ledger_entry_is_append_only"],
    ),
    (
        "triggers",
        "nothing refuses TRUNCATE on ledger_entry",
        &["DROP TRIGGER ledger_entry_is_never_truncated ON ledger_entry"],
        &[
            "CREATE TRIGGER ledger_entry_is_never_truncated BEFORE TRUNCATE ON ledger_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change()",
        ],
    ),
    (
        "triggers",
        "nothing refuses UPDATE on ledger_head",
        &["ALTER TABLE ledger_head DISABLE TRIGGER ledger_head_never_shrinks"],
        &["ALTER TABLE ledger_head ENABLE TRIGGER ledger_head_never_shrinks"],
    ),
    (
        "triggers",
        "nothing keeps custody intervals",
        &["ALTER TABLE assignment DISABLE TRIGGER assignment_apart"],
        &["ALTER TABLE assignment ENABLE TRIGGER assignment_apart"],
    ),
    (
        "triggers",
        "refuse_custody_overlap does not refuse any more",
        &[
            "ALTER FUNCTION refuse_custody_overlap RENAME TO set_aside",
            "CREATE FUNCTION refuse_custody_overlap() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS 'BEGIN RETURN NEW; END'",
        ],
        &[
            "DROP FUNCTION refuse_custody_overlap",
            "ALTER FUNCTION set_aside RENAME TO refuse_custody_overlap",
        ],
    ),
];

fn says(faults: &[Fault], rule: &str, what: &str) -> bool {
    faults
        .iter()
        .any(|fault| fault.rule == rule && fault.what.contains(what))
}

both_engines! {
    /// What the migrations make breaks no rule.
    async fn a_migrated_database_breaks_no_rule(db: TestDb) {
        assert_eq!(must(lint::faults(db.db()).await), []);
        must(lint::check(db.db()).await);
    }
}

/// Every rule over tables, functions and rights.
#[test]
fn every_broken_rule_is_named() {
    on_postgres(async |db: TestDb| {
        let mut raw = db.raw().await;
        for (rule, what, breaks, mends) in BROKEN {
            for sql in *breaks {
                must(raw.execute(sql).await);
            }
            let faults = must(lint::faults(db.db()).await);
            assert!(says(&faults, rule, what), "{rule}: {what}, but {faults:?}");
            let refusal = lint::check(db.db()).await.expect_err("refused");
            assert!(
                refusal.to_string().contains(&format!("{rule}: ")),
                "{refusal}"
            );
            for sql in *mends {
                must(raw.execute(sql).await);
            }
            assert_eq!(
                must(lint::faults(db.db()).await),
                [],
                "after mending {what}"
            );
        }
    });
}

/// Rules over the role that serves: a role of this test's own is given what it must not have.
#[test]
fn what_the_serving_role_may_do_is_named() {
    on_postgres(async |db: TestDb| {
        let role = format!("habeo_test_role_{}", uuid::Uuid::new_v4().simple());
        let mut raw = db.raw().await;
        must(
            raw.execute(&format!(
                "CREATE ROLE {role} LOGIN CREATEDB REPLICATION PASSWORD 'habeo-test'"
            ))
            .await,
        );
        let outcome = AssertUnwindSafe(async {
            let mut raw = db.raw().await;
            must(raw.execute(&format!("GRANT habeo_owner TO {role}")).await);
            let serving = must(db.open_as(&role).await);
            let faults = must(lint::faults(&serving).await);
            serving.close().await;
            for (rule, what) in [
                ("roles", "may create databases"),
                ("roles", "may replicate"),
                ("roles", "is a member of habeo_owner"),
                (
                    "search path",
                    "has no search_path of public,pg_temp of its own",
                ),
            ] {
                assert!(says(&faults, rule, what), "{rule}: {what}, but {faults:?}");
            }
            // What passes row security altogether is not even opened.
            for attribute in ["BYPASSRLS", "SUPERUSER", "CREATEROLE"] {
                must(raw.execute(&format!("ALTER ROLE {role} {attribute}")).await);
                let refusal = db.open_as(&role).await.expect_err("privileged");
                assert!(
                    refusal.to_string().contains("must not be a superuser"),
                    "{refusal}"
                );
                must(
                    raw.execute(&format!("ALTER ROLE {role} NO{attribute}"))
                        .await,
                );
            }
            must(
                raw.execute(&format!("REVOKE habeo_owner FROM {role}"))
                    .await,
            );
            must(
                raw.execute(&format!("ALTER ROLE {role} NOCREATEDB NOREPLICATION"))
                    .await,
            );
            must(
                raw.execute(&format!(
                    "ALTER ROLE {role} SET search_path = public, pg_temp"
                ))
                .await,
            );
            let serving = must(db.open_as(&role).await);
            assert_eq!(must(lint::faults(&serving).await), []);
            serving.close().await;
        })
        .catch_unwind()
        .await;
        // Roles belong to the cluster and would outlive the test.
        must(raw.execute(&format!("DROP ROLE {role}")).await);
        if let Err(panic) = outcome {
            resume_unwind(panic);
        }
    });
}

/// On SQLite the triggers are what stands; one that is missing, weakened or added is named.
#[test]
fn triggers_of_the_file_are_read_back() {
    on_sqlite(async |db: TestDb| {
        let mut raw = db.raw().await;
        must(
            raw.execute("DROP TRIGGER ledger_entry_is_never_updated")
                .await,
        );
        must(
            raw.execute("DROP TRIGGER ledger_entry_is_never_deleted")
                .await,
        );
        must(raw.execute("CREATE TRIGGER ledger_entry_is_never_deleted BEFORE DELETE ON ledger_entry BEGIN SELECT 1; END").await);
        must(
            raw.execute("CREATE TRIGGER another AFTER INSERT ON hold BEGIN SELECT 1; END")
                .await,
        );
        let faults = must(lint::faults(db.db()).await);
        let said: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "triggers: the trigger ledger_entry_is_never_deleted was altered",
                "triggers: the trigger ledger_entry_is_never_updated is missing",
                "triggers: the trigger another is not one of ours",
            ]
        );
    });
}
