//! Carrying sealed values over to the current master key, while the server serves: a few rows at a time, each exchanged only where it is still
//! what was read. Stopping loses nothing; what is left is found by the key id that every sealed value begins with.

use std::collections::BTreeMap;

use secrecy::ExposeSecret;
use uuid::Uuid;

use super::{KEY_ID_BYTES, KeyId, MasterKey, Place, Unsealable};
use crate::id::OrgId;
use crate::org;
use crate::random::Random;
use crate::store::{Db, StoreError, StoreResult, Tx, execute, fetch_all};

/// How many rows one transaction exchanges: few enough that nobody waits for it.
const ROWS_PER_CHUNK: i64 = 100;

/// A column that holds sealed values, with its statements.
#[derive(Debug)]
pub struct Column {
    /// Its table and name, as in [`Place::column`].
    pub name: &'static str,
    rows: Rows,
}

/// By what the rows of a table are named, and the statements that follow from it.
#[derive(Debug)]
enum Rows {
    /// By organisation and id.
    OfOrg(Statements),
    /// By a name; they belong to the installation.
    OfInstallation(Statements),
}

#[derive(Debug)]
struct Statements {
    /// Key ids with how many rows have them.
    usage: &'static str,
    /// Rows after another that have a key id.
    next: &'static str,
    /// Exchanges one value.
    exchange: &'static str,
}

macro_rules! of_org {
    ($table:literal, $column:literal) => {
        Column {
            name: concat!($table, ".", $column),
            rows: Rows::OfOrg(Statements {
                usage: concat!(
                    "SELECT substr(",
                    $column,
                    ", 2, 4), CAST(COUNT(*) AS BIGINT) FROM ",
                    $table,
                    " WHERE org_id = $1 AND ",
                    $column,
                    " IS NOT NULL GROUP BY 1"
                ),
                next: concat!(
                    "SELECT id, ",
                    $column,
                    " FROM ",
                    $table,
                    " WHERE org_id = $1 AND id > $2 AND substr(",
                    $column,
                    ", 2, 4) = $3 ORDER BY id LIMIT $4"
                ),
                exchange: concat!(
                    "UPDATE ",
                    $table,
                    " SET ",
                    $column,
                    " = $3 WHERE org_id = $1 AND id = $2 AND ",
                    $column,
                    " = $4"
                ),
            }),
        }
    };
}

/// Every column that holds sealed values. A test compares the list with the schema.
pub const COLUMNS: &[Column] = &[
    Column {
        name: "installation_secret.sealed",
        rows: Rows::OfInstallation(Statements {
            usage: "SELECT substr(sealed, 2, 4), CAST(COUNT(*) AS BIGINT) FROM installation_secret GROUP BY 1",
            next: "SELECT name, sealed FROM installation_secret WHERE name > $1 AND substr(sealed, 2, 4) = $2 ORDER BY name LIMIT $3",
            exchange: "UPDATE installation_secret SET sealed = $2 WHERE name = $1 AND sealed = $3",
        }),
    },
    Column {
        name: "unplaced.body_sealed",
        rows: Rows::OfInstallation(Statements {
            usage: "SELECT substr(body_sealed, 2, 4), CAST(COUNT(*) AS BIGINT) FROM unplaced WHERE body_sealed IS NOT NULL GROUP BY 1",
            next: "SELECT name, body_sealed FROM unplaced WHERE name > $1 AND substr(body_sealed, 2, 4) = $2 ORDER BY name LIMIT $3",
            exchange: "UPDATE unplaced SET body_sealed = $2 WHERE name = $1 AND body_sealed = $3",
        }),
    },
    of_org!("push_device_private", "token_sealed"),
    of_org!("install_private", "tokens_sealed"),
    of_org!("connection_private", "secret_sealed"),
    of_org!("connection_private", "previous_sealed"),
    of_org!("supplier_private", "ours_sealed"),
    of_org!("supplier_private", "theirs_sealed"),
    of_org!("supplier_private", "previous_sealed"),
    of_org!("supplier_private", "call_up_sealed"),
    of_org!("punchout_document", "body_sealed"),
    of_org!("endpoint_private", "secret_sealed"),
    of_org!("endpoint_private", "previous_sealed"),
    of_org!("inbox", "body_sealed"),
    of_org!("supplier_document_body", "body_sealed"),
    of_org!("order_letter", "body_sealed"),
    of_org!("conversation", "state_sealed"),
    of_org!("conversation_offer", "meanings_sealed"),
];

/// Why values were not carried over, or must not be relied on.
#[derive(Debug, thiserror::Error)]
pub enum ResealError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A value was sealed with a key that is in neither slot.
    #[error(
        "{column} holds {rows} values that were sealed with the key {key}, which is not configured"
    )]
    KeyUnknown {
        /// Where.
        column: &'static str,
        /// With which key.
        key: String,
        /// How many.
        rows: u64,
    },
    /// A value names a key of ours and does not open with it.
    #[error("a value in {column} does not open: {source}")]
    Altered {
        /// Where.
        column: &'static str,
        /// What the cipher says.
        source: Unsealable,
    },
}

/// How many values each key has sealed, in the whole installation.
pub async fn usage(db: &Db) -> StoreResult<BTreeMap<KeyId, u64>> {
    let mut all = BTreeMap::new();
    for (_, key, rows) in usage_by_column(db).await? {
        // What is too short to name a key counts as the nil key's, which nobody has.
        *all.entry(key.unwrap_or(KeyId([0; KEY_ID_BYTES])))
            .or_default() += rows;
    }
    Ok(all)
}

/// Makes sure that every sealed value was sealed with a key of either slot.
pub async fn check(db: &Db, keys: &MasterKey) -> Result<(), ResealError> {
    for (column, key, rows) in usage_by_column(db).await? {
        if !key.is_some_and(|key| keys.knows(key)) {
            let key = key.map_or_else(|| "of no name".to_owned(), |key| key.to_string());
            return Err(ResealError::KeyUnknown { column, key, rows });
        }
    }
    Ok(())
}

type ColumnUsage = (&'static str, Option<KeyId>, u64);

async fn usage_by_column(db: &Db) -> StoreResult<Vec<ColumnUsage>> {
    let orgs = org::store::all(db).await?;
    let mut all = Vec::new();
    for column in COLUMNS {
        match &column.rows {
            Rows::OfInstallation(sql) => {
                let mut tx = db.read_directory().await?;
                let rows: Vec<(Vec<u8>, i64)> = fetch_all!(&mut tx, (Vec<u8>, i64), sql.usage)?;
                all.extend(rows.into_iter().map(|row| counted(column.name, row)));
            }
            Rows::OfOrg(sql) => {
                for (org, _) in &orgs {
                    let mut tx = db.read_as(*org).await?;
                    let rows: Vec<(Vec<u8>, i64)> =
                        fetch_all!(&mut tx, (Vec<u8>, i64), sql.usage, *org)?;
                    all.extend(rows.into_iter().map(|row| counted(column.name, row)));
                }
            }
        }
    }
    Ok(all)
}

fn counted(column: &'static str, (key, rows): (Vec<u8>, i64)) -> ColumnUsage {
    let key = <[u8; KEY_ID_BYTES]>::try_from(key).ok().map(KeyId);
    (column, key, u64::try_from(rows).unwrap_or(0))
}

/// Seals anew, with the current key, whatever the other one sealed. Says how many values it was; tells after each chunk how many so far.
pub async fn reseal(
    db: &Db,
    keys: &MasterKey,
    random: &dyn Random,
    progress: &(dyn Fn(u64) + Send + Sync),
) -> Result<u64, ResealError> {
    let Some(old) = keys.other_id() else {
        return Ok(0);
    };
    let mut work = Reseal {
        db,
        keys,
        random,
        old: old.0.to_vec(),
        progress,
        done: 0,
    };
    let orgs = org::store::all(db).await?;
    for column in COLUMNS {
        match &column.rows {
            Rows::OfInstallation(sql) => work.of_installation(column.name, sql).await?,
            Rows::OfOrg(sql) => {
                for (org, _) in &orgs {
                    work.of_org(column.name, sql, *org).await?;
                }
            }
        }
    }
    Ok(work.done)
}

struct Reseal<'a> {
    db: &'a Db,
    keys: &'a MasterKey,
    random: &'a dyn Random,
    old: Vec<u8>,
    progress: &'a (dyn Fn(u64) + Send + Sync),
    done: u64,
}

impl Reseal<'_> {
    async fn of_installation(
        &mut self,
        column: &'static str,
        sql: &Statements,
    ) -> Result<(), ResealError> {
        let mut after = String::new();
        loop {
            let mut tx = self.db.write_directory().await?;
            let rows: Vec<(String, Vec<u8>)> = fetch_all!(
                &mut tx,
                (String, Vec<u8>),
                sql.next,
                &after,
                &self.old,
                ROWS_PER_CHUNK
            )?;
            let Some((last, _)) = rows.last() else {
                return Ok(());
            };
            after.clone_from(last);
            for (name, sealed) in rows {
                let place = Place {
                    column,
                    org: None,
                    row: name.as_bytes(),
                };
                let anew = self.anew(place, column, &sealed)?;
                self.done += execute!(&mut tx, sql.exchange, &name, anew, sealed)?;
            }
            self.finish(tx).await?;
        }
    }

    async fn of_org(
        &mut self,
        column: &'static str,
        sql: &Statements,
        org: OrgId,
    ) -> Result<(), ResealError> {
        let mut after = Uuid::nil();
        loop {
            let mut tx = self.db.write(org).await?;
            let rows: Vec<(Uuid, Vec<u8>)> = fetch_all!(
                &mut tx,
                (Uuid, Vec<u8>),
                sql.next,
                org,
                after,
                &self.old,
                ROWS_PER_CHUNK
            )?;
            let Some((last, _)) = rows.last() else {
                return Ok(());
            };
            after = *last;
            for (id, sealed) in rows {
                let place = Place {
                    column,
                    org: Some(org),
                    row: id.as_bytes(),
                };
                let anew = self.anew(place, column, &sealed)?;
                self.done += execute!(&mut tx, sql.exchange, org, id, anew, sealed)?;
            }
            self.finish(tx).await?;
        }
    }

    fn anew(
        &self,
        place: Place<'_>,
        column: &'static str,
        sealed: &[u8],
    ) -> Result<Vec<u8>, ResealError> {
        let opened = self.keys.open(place, sealed);
        let secret = opened.map_err(|source| ResealError::Altered { column, source })?;
        Ok(self.keys.seal(place, secret.expose_secret(), self.random))
    }

    async fn finish(&self, tx: Tx) -> StoreResult<()> {
        tx.commit().await?;
        (self.progress)(self.done);
        Ok(())
    }
}
