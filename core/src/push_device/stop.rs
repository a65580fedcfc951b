//! Platforms to which nothing is sent for a while, because the push service cannot reach any of their phones for this installation: its own
//! credentials there are wrong. Sending on would only have every notice refused; whoever runs the installation has to mend it.

use super::Platform;
use crate::store::{Db, StoreResult, execute, fetch_all};
use crate::time::{SECOND_MICROS, Timestamp};

/// How long nothing is sent. After it the next notices show whether it was mended.
pub const STOP_MICROS: i64 = 3_600 * SECOND_MICROS;
/// The most characters of the service's word for why.
pub const CODE_CHARS_MAX: usize = 60;

/// A platform to which nothing is sent.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Stop {
    /// Which.
    pub platform: Platform,
    /// The service's word for why.
    pub code: String,
    /// Since when it is so.
    pub since: Timestamp,
    /// When it is tried again.
    pub until: Timestamp,
}

/// Stops sending to a platform. Whether that is new: a stop that goes on keeps its beginning.
pub async fn stop(db: &Db, platform: Platform, code: &str, now: Timestamp) -> StoreResult<bool> {
    let code: String = code.chars().take(CODE_CHARS_MAX).collect();
    let mut tx = db.write_directory().await?;
    // One that was over for as long as it lasted was mended in between.
    let begun_before = execute!(
        &mut tx,
        "UPDATE push_stop SET code = $2, until = $3 WHERE platform = $1 AND until > $4",
        platform,
        code.clone(),
        now.plus_micros(STOP_MICROS),
        now.plus_micros(-STOP_MICROS)
    )?;
    if begun_before == 0 {
        execute!(
            &mut tx,
            "INSERT INTO push_stop (platform, code, since, until) VALUES ($1, $2, $3, $4)
             ON CONFLICT (platform) DO UPDATE SET code = excluded.code, since = excluded.since, until = excluded.until",
            platform,
            code,
            now,
            now.plus_micros(STOP_MICROS)
        )?;
    }
    tx.commit().await?;
    Ok(begun_before == 0)
}

/// Where nothing is sent at this instant.
pub async fn stopped(db: &Db, now: Timestamp) -> StoreResult<Vec<Stop>> {
    let mut tx = db.read_directory().await?;
    fetch_all!(
        &mut tx,
        Stop,
        "SELECT platform, code, since, until FROM push_stop WHERE until > $1 ORDER BY platform",
        now
    )
}
