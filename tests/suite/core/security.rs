//! Row security on PostgreSQL, and that both schemas are one.

use std::collections::BTreeSet;
use std::path::Path;

use habeo_core::store::{Engine, lint, migrate};
use habeo_tests::builders::College;
use habeo_tests::raw::Raw;
use habeo_tests::{both_engines, must};

/// Tables of PostgreSQL that have an organisation's rows.
const TENANT_TABLES: &str =
    "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'org_id' AND NOT a.attisdropped
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') ORDER BY 1";

async fn tenant_tables(raw: &mut Raw) -> Vec<String> {
    let mut tables = raw.texts(TENANT_TABLES).await;
    tables.retain(|table| !lint::DIRECTORY.contains(&table.as_str()));
    tables
}

async fn count(raw: &mut Raw, table: &str) -> i64 {
    raw.number(&format!("SELECT COUNT(*) FROM {table}")).await
}

/// Column by column: table, name, whether it may be empty.
async fn columns(raw: &mut Raw) -> BTreeSet<String> {
    let sql = match raw {
        Raw::Sqlite(_) => {
            "SELECT m.name || '.' || p.name || CASE WHEN p.\"notnull\" = 1 THEN '' ELSE '?' END
             FROM sqlite_master m JOIN pragma_table_info(m.name) p
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite!_%' ESCAPE '!'"
        }
        Raw::Postgres(_) => {
            "SELECT table_name || '.' || column_name || CASE WHEN is_nullable = 'NO' THEN '' ELSE '?' END
             FROM information_schema.columns WHERE table_schema = 'public'"
        }
    };
    let all = raw.texts(sql).await;
    // The full-text index is each engine's own, the migrations' table the driver's.
    let ours =
        |column: &String| !column.starts_with("asset_search") && !column.starts_with("_sqlx");
    all.into_iter().filter(ours).collect()
}

/// Index by index: table, columns in order, whether unique.
async fn unique_indexes(raw: &mut Raw) -> BTreeSet<String> {
    let sql = match raw {
        Raw::Sqlite(_) => {
            "SELECT m.name || ' (' || (SELECT group_concat(i.name, ', ') FROM (SELECT name FROM pragma_index_info(l.name) ORDER BY seqno) i) || ')'
             FROM sqlite_master m JOIN pragma_index_list(m.name) l WHERE m.type = 'table' AND l.\"unique\" = 1"
        }
        Raw::Postgres(_) => {
            "SELECT t.relname || ' (' || (SELECT string_agg(a.attname, ', ' ORDER BY k.n) FROM unnest(i.indkey) WITH ORDINALITY k(att, n)
                 JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.att) || ')'
             FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace
             WHERE n.nspname = 'public' AND i.indisunique"
        }
    };
    let all = raw.texts(sql).await;
    let ours = |index: &String| !index.starts_with("asset_search") && !index.starts_with("_sqlx");
    all.into_iter().filter(ours).collect()
}

fn parity_file() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations")
}

fn file_names(engine: &str) -> BTreeSet<String> {
    let folder = must(std::fs::read_dir(parity_file().join(engine)));
    folder
        .map(|entry| must(entry).file_name().to_string_lossy().into_owned())
        .collect()
}

#[test]
fn both_engines_have_the_same_migrations() {
    assert_eq!(file_names("sqlite"), file_names("postgres"));
}

both_engines! {
    /// A second run changes nothing, and the program accepts what it made.
    async fn a_migrated_database_is_accepted(db: TestDb) {
        must(migrate::check(db.db()).await);
        if db.engine() == Engine::Sqlite {
            must(migrate::migrate(db.db()).await);
            must(migrate::check(db.db()).await);
        }
    }

    /// Tables, columns, what may be empty and what is unique are the same on both engines.
    async fn the_schema_is_the_other_engines_schema(db: TestDb) {
        if db.engine() == Engine::Sqlite {
            return;
        }
        let (ours, unique) = {
            let mut raw = db.raw().await;
            (columns(&mut raw).await, unique_indexes(&mut raw).await)
        };
        // The other engine is beside this one: a database in memory would not be the file that the program opens.
        let folder = must(tempfile::tempdir());
        let path = folder.path().join("parity.db");
        let file = habeo_core::store::SqliteFile { path: path.clone(), writer_cache_kib: 1_024 };
        let sqlite = must(habeo_core::store::Db::open_sqlite(&file).await);
        must(migrate::migrate(&sqlite).await);
        let mut raw = Raw::sqlite(&path).await;
        let (theirs, their_unique) = (columns(&mut raw).await, unique_indexes(&mut raw).await);
        assert_eq!(theirs.difference(&ours).collect::<Vec<_>>(), Vec::<&String>::new(), "only on SQLite");
        assert_eq!(ours.difference(&theirs).collect::<Vec<_>>(), Vec::<&String>::new(), "only on PostgreSQL");
        assert_eq!(their_unique, unique);
        sqlite.close().await;
    }

    /// Every table with an organisation's rows has row security, forced on its owner too, and a policy that checks reads and writes.
    async fn every_tenant_table_has_row_security(db: TestDb) {
        if db.engine() == Engine::Sqlite {
            return;
        }
        let mut raw = db.raw().await;
        let tables = tenant_tables(&mut raw).await;
        assert!(tables.len() >= 27, "{tables:?}");
        for table in &tables {
            let secured = raw.number(&format!("SELECT COUNT(*) FROM pg_class WHERE oid = '{table}'::regclass AND relrowsecurity AND relforcerowsecurity")).await;
            assert_eq!(secured, 1, "{table} has no forced row security");
            let policies = raw
                .texts(&format!("SELECT qual || ' / ' || with_check FROM pg_policies WHERE schemaname = 'public' AND tablename = '{table}' AND cmd = 'ALL' AND permissive = 'PERMISSIVE'"))
                .await;
            assert_eq!(policies.len(), 1, "{table}");
            assert_eq!(policies[0].matches("habeo.org").count(), 2, "{table}: {}", policies[0]);
        }
        // Everything else is listed by name, so that a new table without an organisation is a decision.
        let mut others = raw.tables().await;
        others.retain(|table| !tables.contains(table));
        others.sort();
        assert_eq!(others, lint::DIRECTORY);
    }

    /// The serving role owns nothing, is nobody's member and cannot get past row security.
    async fn the_serving_role_owns_nothing(db: TestDb) {
        if db.engine() == Engine::Sqlite {
            return;
        }
        let mut raw = db.raw().await;
        for sql in [
            "SELECT COUNT(*) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname = 'habeo_app'",
            "SELECT COUNT(*) FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner WHERE r.rolname = 'habeo_app'",
            "SELECT COUNT(*) FROM pg_roles WHERE rolname IN ('habeo_app', 'habeo_owner') AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb)",
            "SELECT COUNT(*) FROM pg_roles WHERE rolname = 'habeo_owner' AND rolcanlogin",
            "SELECT COUNT(*) FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = 'habeo_app'",
            "SELECT COUNT(*) FROM information_schema.table_privileges WHERE grantee = 'habeo_app' AND privilege_type IN ('TRUNCATE', 'REFERENCES', 'TRIGGER')",
            "SELECT COUNT(*) FROM information_schema.table_privileges WHERE grantee = 'habeo_app' AND table_name LIKE 'ledger!_entry' ESCAPE '!' AND privilege_type IN ('UPDATE', 'DELETE')",
            "SELECT COUNT(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles r ON r.oid = c.relowner
             WHERE n.nspname = 'public' AND c.relkind IN ('r', 'i') AND r.rolname <> 'habeo_owner'",
            "SELECT COUNT(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'public' AND p.prosecdef",
        ] {
            assert_eq!(raw.number(sql).await, 0, "{sql}");
        }
        let mut app = db.raw_as_app().await;
        app.refused("CREATE TABLE mine (id INT)").await;
        app.refused("ALTER TABLE asset DISABLE ROW LEVEL SECURITY").await;
        app.refused("DROP POLICY org ON asset").await;
    }

    /// Without an organisation no row is visible; with one, none of another's, on any table; and none can be written for another.
    async fn rows_of_another_organisation_are_invisible(db: TestDb) {
        let (ours, theirs) = (College::found(&db).await, College::found_as(&db, "eastmark").await);
        for college in [&ours, &theirs] {
            let asset = college.asset("Thing").serial("SN-1234567").at(college.places.workshop).register().await;
            college.act(asset, super::deploy(college.people.ada)).await;
        }
        if db.engine() == Engine::Sqlite {
            return;
        }
        let mut raw = db.raw().await;
        let tables = tenant_tables(&mut raw).await;
        let mut app = db.raw_as_app().await;
        for setting in ["", "RESET habeo.org", "SET habeo.org = ''"] {
            if !setting.is_empty() {
                must(app.execute(setting).await);
            }
            for table in &tables {
                assert_eq!(count(&mut app, table).await, 0, "{table} without an organisation, {setting}");
            }
        }
        let (our, their) = (ours.org, theirs.org);
        must(app.execute(&format!("SET habeo.org = '{our}'")).await);
        for table in &tables {
            let visible = count(&mut app, table).await;
            let whole = raw.number(&format!("SELECT COUNT(*) FROM {table} WHERE org_id = '{our}'")).await;
            assert_eq!(visible, whole, "{table}");
            let foreign = app.number(&format!("SELECT COUNT(*) FROM {table} WHERE org_id = '{their}'")).await;
            assert_eq!(foreign, 0, "{table}");
        }
        for sql in [
            format!("INSERT INTO tag_namespace (org_id, namespace) VALUES ('{their}', 'XX')"),
            format!("UPDATE asset SET org_id = '{their}'"),
            format!("INSERT INTO ledger_remark (org_id, event_id, salt, text) VALUES ('{their}', '{their}', 'x', 'x')"),
        ] {
            let answer = app.refused(&sql).await;
            assert!(answer.contains("row-level security") || answer.contains("permission denied"), "{sql}: {answer}");
        }
        assert_eq!(must(app.execute(&format!("UPDATE asset SET description = 'x' WHERE org_id = '{their}'")).await), 0);
    }
}
