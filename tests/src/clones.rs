//! Clones of the template that are used again: to make one takes a second and a thousand files, to empty one some milliseconds.
//!
//! A clone whose test failed, or in which anything but rows is not as the template has it, is removed and not used again.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sqlx::{Connection, PgConnection};
use tokio::sync::OnceCell;
use tokio::time::{Instant, sleep};

use crate::must;

/// How long one is used again: whoever finds one that is older than an hour takes it for left behind.
const USED_SECONDS_MAX: i64 = 1_800;
/// How long to wait until those who were connected are gone.
const PATIENCE: Duration = Duration::from_secs(5);

/// Clones without rows, by their names.
static IDLE: Mutex<Vec<String>> = Mutex::new(Vec::new());
/// What a new clone is like.
static NEW: OnceCell<String> = OnceCell::const_new();

/// Removes every row but those of the migrations. A table that has grown is made anew, because the planner looks at how many pages there are.
const EMPTY: &str = "DO $$
    DECLARE
        one RECORD;
        has_rows BOOLEAN;
    BEGIN
        FOR one IN SELECT c.oid, c.oid::regclass::text AS name FROM pg_class c
            WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname <> '_sqlx_migrations'
        LOOP
            IF pg_relation_size(one.oid) > 10 * 8192 THEN
                EXECUTE 'TRUNCATE ' || one.name || ' CASCADE';
            ELSIF pg_relation_size(one.oid) > 0 THEN
                EXECUTE 'DELETE FROM ' || one.name;
            END IF;
        END LOOP;
    END $$";

/// Everything that makes a database but its rows: what there is, who may do what with it, which migrations it had, and what the planner was told.
const LIKE: &str = "SELECT md5(concat_ws('|',
        (SELECT string_agg(concat_ws(',', oid, relname, relkind, relowner, relrowsecurity, relforcerowsecurity, relacl, reloptions, relkind = 'r' AND reltuples < 0),
            ';' ORDER BY oid) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname !~ '^_sqlx_migrations'),
        (SELECT string_agg(concat_ws(',', attrelid, attnum, attname, atttypid, attnotnull, attcollation, attacl), ';' ORDER BY attrelid, attnum)
            FROM pg_attribute WHERE attrelid >= 16384 AND attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)),
        (SELECT string_agg(concat_ws(',', oid, conname, convalidated), ';' ORDER BY oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace),
        (SELECT string_agg(concat_ws(',', oid, tgname, tgenabled), ';' ORDER BY oid) FROM pg_trigger),
        (SELECT string_agg(concat_ws(',', oid, polname, polcmd, polpermissive, polroles, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)),
            ';' ORDER BY oid) FROM pg_policy),
        (SELECT string_agg(concat_ws(',', oid, proname, prosrc, proacl, proleakproof), ';' ORDER BY oid) FROM pg_proc
            WHERE pronamespace = 'public'::regnamespace OR proleakproof),
        (SELECT string_agg(concat_ws(',', indexrelid, indisvalid), ';' ORDER BY indexrelid) FROM pg_index),
        (SELECT string_agg(concat_ws(',', nspname, nspacl), ';' ORDER BY oid) FROM pg_namespace WHERE nspname !~ '^pg_'),
        (SELECT string_agg(concat_ws(',', extname, extversion), ';' ORDER BY oid) FROM pg_extension),
        (SELECT concat_ws(',', datdba, datacl, datallowconn, datconnlimit) FROM pg_database WHERE datname = current_database()),
        (SELECT string_agg(concat_ws(',', setrole, setconfig), ';' ORDER BY setrole) FROM pg_db_role_setting s
            JOIN pg_database d ON d.oid = s.setdatabase WHERE d.datname = current_database()),
        (SELECT COUNT(*) FROM pg_statistic WHERE starelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)),
        (SELECT COUNT(*) FROM pg_largeobject_metadata),
        (SELECT string_agg(m::text, ';' ORDER BY version) FROM _sqlx_migrations m)))";

/// One that is not in use, if there is any.
pub(crate) fn idle() -> Option<String> {
    IDLE.lock().unwrap_or_else(PoisonError::into_inner).pop()
}

/// Looks at a clone that was just made.
pub(crate) async fn note_new(connect: impl AsyncFnOnce() -> PgConnection) {
    let look = || async {
        let mut connection = connect().await;
        let like = like(&mut connection).await;
        must(connection.close().await);
        like
    };
    NEW.get_or_init(look).await;
}

/// Empties a clone of this age and keeps it for the next test. False where it is to be removed instead.
pub(crate) async fn give_back(mut connection: PgConnection, name: &str, seconds: i64) -> bool {
    let emptied = seconds < USED_SECONDS_MAX && empty(&mut connection).await && {
        let like = like(&mut connection).await;
        NEW.get().is_some_and(|new| *new == like)
    };
    must(connection.close().await);
    if emptied {
        let mut idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push(name.to_owned());
    }
    emptied
}

async fn like(connection: &mut PgConnection) -> String {
    must(sqlx::query_scalar(LIKE).fetch_one(connection).await)
}

async fn empty(connection: &mut PgConnection) -> bool {
    if !alone(connection).await {
        return false;
    }
    // Neither what keeps entries from being changed nor references are asked, and nobody waits for a disk.
    for statement in [
        "SET session_replication_role = replica",
        "SET synchronous_commit = off",
        EMPTY,
    ] {
        if sqlx::query(statement)
            .execute(&mut *connection)
            .await
            .is_err()
        {
            return false;
        }
    }
    true
}

/// Ends every other connection, and waits until they have ended.
async fn alone(connection: &mut PgConnection) -> bool {
    const OTHERS: &str = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        let others: i64 = must(sqlx::query_scalar(OTHERS).fetch_one(&mut *connection).await);
        if others == 0 {
            return true;
        }
        sleep(Duration::from_millis(2)).await;
    }
    false
}
