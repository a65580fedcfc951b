//! A thousand bytes altered behind the program's back, one at a time: each must be found, at its entry, and at none before it.

use std::time::Instant;

use anyhow::{Context as _, bail};
use clap::Args;
use habeo_core::access::Access;
use habeo_core::ledger::verify::{self, Finding};
use habeo_core::store::{Db, SqliteFile};
use habeo_server::node::Purpose;
use sqlx::sqlite::{SqliteConnectOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, SqliteConnection};

use super::evidence::Database;
use crate::plan::Dice;
use crate::terminal::say;

#[derive(Debug, Args)]
pub struct Flip {
    #[command(flatten)]
    database: Database,
    /// How many bytes.
    #[arg(long, default_value_t = 1_000)]
    count: u32,
    /// From which number they are drawn.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl Flip {
    pub async fn run(self) -> anyhow::Result<()> {
        let (node, access) = self.database.open(Purpose::Serving).await?;
        let folder = std::env::temp_dir().join(format!("habeo-flip-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let path = folder.join("copy.db");
        let outcome = async {
            let original = self.database.file()?;
            node.ledger.db().close().await;
            let mut whole = SqliteConnectOptions::new()
                .filename(&original)
                .connect()
                .await?;
            sqlx::query("VACUUM INTO ?")
                .bind(path.display().to_string())
                .execute(&mut whole)
                .await?;
            whole.close().await?;
            self.alter(&path, &access).await
        };
        let outcome = outcome.await;
        std::fs::remove_dir_all(&folder)?;
        outcome
    }

    async fn alter(&self, path: &std::path::Path, access: &Access) -> anyhow::Result<()> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .synchronous(SqliteSynchronous::Off);
        let mut raw = options.connect().await?;
        let triggers: Vec<String> =
            sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'trigger'")
                .fetch_all(&mut raw)
                .await?;
        for trigger in triggers {
            sqlx::query(AssertSqlSafe(format!("DROP TRIGGER {trigger}")))
                .execute(&mut raw)
                .await?;
        }
        let file = SqliteFile {
            path: path.to_owned(),
            writer_cache_kib: SqliteFile::SERVING_CACHE_KIB,
        };
        let db = Db::open_sqlite(&file).await?;
        let whole = verify::whole(&db, access, None).await??;
        let mut dice = Dice::new(self.seed);
        let begun = Instant::now();
        let mut found = 0;
        for _ in 0..self.count {
            let index = dice.below(u32::try_from(whole.size)?);
            let altered = Altered::draw(&mut raw, index, &mut dice).await?;
            altered.write(&mut raw).await?;
            match verify::whole(&db, access, None).await? {
                Err(Finding::Entry { index: named, .. }) if named == u64::from(index) => found += 1,
                other => say(&format!(
                    "entry {index} was altered, and what was found is {other:?}"
                )),
            }
            altered.undo(&mut raw).await?;
        }
        let taken = begun.elapsed();
        verify::whole(&db, access, None).await??;
        db.close().await;
        raw.close().await?;
        say(&format!(
            "flip: {found} of {} altered bytes found at their entries among {} in {taken:.1?}",
            self.count, whole.size
        ));
        if found != self.count {
            bail!("{} were not", self.count - found);
        }
        Ok(())
    }
}

/// One byte of one entry.
struct Altered {
    index: i64,
    original: Vec<u8>,
    forged: Vec<u8>,
}

impl Altered {
    async fn draw(raw: &mut SqliteConnection, index: u32, dice: &mut Dice) -> anyhow::Result<Self> {
        let index = i64::from(index);
        let original: Vec<u8> =
            sqlx::query_scalar("SELECT CAST(bytes AS BLOB) FROM ledger_entry WHERE log_index = ?")
                .bind(index)
                .fetch_one(&mut *raw)
                .await?;
        let mut altered = original.clone();
        let at = usize::try_from(dice.below(u32::try_from(original.len())?))?;
        let byte = altered.get_mut(at).context("an empty entry")?;
        *byte ^= u8::try_from(dice.below(255) + 1)?;
        Ok(Self {
            index,
            original,
            forged: altered,
        })
    }

    async fn write(&self, raw: &mut SqliteConnection) -> anyhow::Result<()> {
        set(raw, self.index, &self.forged).await
    }

    async fn undo(&self, raw: &mut SqliteConnection) -> anyhow::Result<()> {
        set(raw, self.index, &self.original).await
    }
}

/// The column is a text; whoever alters bytes does not care.
async fn set(raw: &mut SqliteConnection, index: i64, bytes: &[u8]) -> anyhow::Result<()> {
    sqlx::query("UPDATE ledger_entry SET bytes = CAST(? AS TEXT) WHERE log_index = ?")
        .bind(bytes)
        .bind(index)
        .execute(raw)
        .await?;
    Ok(())
}
