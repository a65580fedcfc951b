//! Bringing a database to the schema this program was built with, and refusing one that is ahead or behind.

use sqlx::Executor;
use sqlx::migrate::Migrator;

use super::{Db, Pools, PostgresRole, StoreError, StoreResult};

static SQLITE: Migrator = sqlx::migrate!("../migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("../migrations/postgres");

/// Applies the migrations that are missing.
///
/// On PostgreSQL the role that connects must be a member of the owner's; [`create_roles`] makes whoever runs it one.
pub async fn migrate(db: &Db) -> StoreResult<()> {
    match &db.0 {
        Pools::Sqlite { writer, .. } => SQLITE.run(writer).await?,
        Pools::Postgres(pool) => {
            // What a migration creates belongs to the role that runs it, and the owner cannot log in.
            let mut connection = pool.acquire().await?;
            connection.execute("SET ROLE habeo_owner").await?;
            let migrated = POSTGRES.run(&mut *connection).await;
            // `RESET ALL`, which the pool runs, leaves the role as it is.
            connection.execute("RESET ROLE").await?;
            migrated?;
        }
    }
    Ok(())
}

/// Refuses a database whose migrations are not exactly this program's.
pub async fn check(db: &Db) -> StoreResult<()> {
    let (migrator, applied): (&Migrator, Vec<i64>) = match &db.0 {
        // Among the readers: the one writer may be at work for long.
        Pools::Sqlite { readers, .. } => (&SQLITE, {
            sqlx::query_scalar(
                "SELECT version FROM _sqlx_migrations WHERE success ORDER BY version",
            )
            .fetch_all(readers)
            .await
            .unwrap_or_default()
        }),
        Pools::Postgres(pool) => (&POSTGRES, {
            sqlx::query_scalar(
                "SELECT version FROM _sqlx_migrations WHERE success ORDER BY version",
            )
            .fetch_all(pool)
            .await
            .unwrap_or_default()
        }),
    };
    let ours: Vec<i64> = migrator.iter().map(|migration| migration.version).collect();
    if applied == ours {
        Ok(())
    } else if applied.len() < ours.len() {
        Err(StoreError::Unsuitable(
            "the database schema is older than this program; run `habeo migrate`".to_owned(),
        ))
    } else {
        Err(StoreError::Unsuitable(
            "the database schema is newer than this program".to_owned(),
        ))
    }
}

/// Creates the two PostgreSQL roles where they are missing and hands the schema to the owner. Needs a role that may create roles.
///
/// `app_password` becomes the serving role's where one is given.
pub async fn create_roles(url: &str, app_password: Option<&str>) -> StoreResult<()> {
    let db = Db::open_postgres(url, PostgresRole::Owner, 1).await?;
    let Pools::Postgres(pool) = &db.0 else {
        return Ok(());
    };
    // Roles belong to the whole cluster and locks to one database: another installation may create them at the same moment.
    pool.execute(
        "DO $$ BEGIN
             BEGIN
                 CREATE ROLE habeo_owner NOLOGIN;
             EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
             END;
             BEGIN
                 CREATE ROLE habeo_app LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE;
             EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
             END;
             EXECUTE format('GRANT habeo_owner TO %I', current_user);
             EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO habeo_app', current_database());
             GRANT ALL ON SCHEMA public TO habeo_owner;
             GRANT USAGE ON SCHEMA public TO habeo_app;
             -- The role's own, whatever a connection asks for: a table that somebody makes for a moment must not stand in front of ours.
             IF NOT EXISTS (
                 SELECT 1 FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole
                 WHERE r.rolname = 'habeo_app' AND s.setdatabase = 0 AND 'search_path=public, pg_temp' = ANY (s.setconfig))
             THEN
                 ALTER ROLE habeo_app SET search_path = public, pg_temp;
             END IF;
         END $$",
    )
    .await?;
    if let Some(password) = app_password {
        // A utility statement takes no parameters; the server itself quotes the literal.
        let statement: String =
            sqlx::query_scalar("SELECT format('ALTER ROLE habeo_app PASSWORD %L', $1::text)")
                .bind(password)
                .fetch_one(pool)
                .await?;
        pool.execute(sqlx::AssertSqlSafe(statement)).await?;
    }
    // Full text under row security: without this mark the index on words is used only for those who see everything. Only a superuser can
    // set it; without it searches by word are slower, and nothing else changes.
    let superuser: bool =
        sqlx::query_scalar("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            .fetch_one(pool)
            .await?;
    if superuser {
        pool.execute("ALTER FUNCTION pg_catalog.ts_match_vq(tsvector, tsquery) LEAKPROOF")
            .await?;
    }
    db.close().await;
    Ok(())
}
