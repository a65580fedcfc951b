//! Sessions that were ended before their tokens were: noted once, read by every node, forgotten when the last token is gone.

use sha2::{Digest, Sha256};

use crate::ledger::Ledger;
use crate::store::{Db, Query, StoreError, StoreResult, Tx, execute};
use crate::time::{SECOND_MICROS, Timestamp};

/// As long as the longest-lived token that is accepted, with room for the difference of two clocks.
pub const KEPT_MICROS: i64 = 3_660 * SECOND_MICROS;
/// How much of the past each reading repeats: a row becomes visible at its commit, and another node's clock may be behind.
const OVERLAP_MICROS: i64 = 120 * SECOND_MICROS;
/// Rows of one reading; a longer list is read in several.
const PAGE_ROWS: i64 = 10_000;

/// What has ended, by the names of the issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended<'a> {
    /// One session. It gets no new tokens, so all of its are refused.
    Session {
        /// The issuer.
        issuer: &'a str,
        /// The session (`sid`).
        session_id: &'a str,
    },
    /// Everything of a person: they were deleted, banned or locked. They may come back; tokens issued after that are good.
    Subject {
        /// The issuer.
        issuer: &'a str,
        /// The person (`sub`).
        subject: &'a str,
    },
    /// A person's membership of one organisation, which may be renewed.
    Membership {
        /// The issuer.
        issuer: &'a str,
        /// The person (`sub`).
        subject: &'a str,
        /// The issuer's name for the organisation.
        organization: &'a str,
    },
}

/// The digest under which an end is noted: names are kept nowhere.
pub type Key = [u8; 32];

/// One end, as every node reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Note {
    /// What has ended.
    pub key: Key,
    /// When. Tokens of a person or membership that were issued later are good again.
    pub at: Timestamp,
}

impl Ended<'_> {
    /// The digest of what has ended. Names are as long as their issuer likes, so each is preceded by its length.
    #[must_use]
    pub fn key(&self) -> Key {
        let mut digest = Sha256::new();
        let (kind, names) = match self {
            Self::Session { issuer, session_id } => ("session", [*issuer, session_id, ""]),
            Self::Subject { issuer, subject } => ("subject", [*issuer, subject, ""]),
            Self::Membership {
                issuer,
                subject,
                organization,
            } => ("membership", [*issuer, subject, organization]),
        };
        for text in std::iter::once(kind).chain(names) {
            digest.update((text.len() as u64).to_be_bytes());
            digest.update(text.as_bytes());
        }
        digest.finalize().into()
    }
}

/// Notes for every node that these have ended. When this returns it is durable.
pub async fn note(ledger: &Ledger, ended: &[Ended<'_>], now: Timestamp) -> StoreResult<Vec<Note>> {
    let mut tx = ledger.db().write_directory().await?;
    let mut notes = Vec::with_capacity(ended.len());
    for one in ended {
        let key = one.key();
        execute!(
            &mut tx,
            "INSERT INTO session_end (key_hash, ended_at) VALUES ($1, $2) ON CONFLICT (key_hash) DO UPDATE SET ended_at = excluded.ended_at",
            key.as_slice(),
            now
        )?;
        notes.push(Note { key, at: now });
    }
    ledger.commit(tx).await?;
    Ok(notes)
}

/// Whether any of these has ended at this instant or later.
pub(crate) async fn any_since(tx: &mut Tx, keys: &[Key], since: Timestamp) -> StoreResult<bool> {
    let mut query = Query::new("SELECT COUNT(*) FROM session_end WHERE ended_at >= ");
    query
        .bind(since)
        .push(" AND key_hash IN ")
        .bind_list(keys.iter().map(|key| key.to_vec()));
    let counted: Vec<(i64,)> = query.fetch_all(tx).await?;
    Ok(counted.iter().any(|(ended,)| *ended > 0))
}

/// Removes what no token can meet any more.
pub async fn forget(db: &Db, now: Timestamp) -> StoreResult<u64> {
    let mut tx = db.write_directory().await?;
    let gone = execute!(
        &mut tx,
        "DELETE FROM session_end WHERE ended_at < $1",
        now.plus_micros(-KEPT_MICROS)
    )?;
    tx.commit().await.map_err(StoreError::at_commit)?;
    Ok(gone)
}

/// Reads what was noted since the last time.
#[derive(Debug, Default)]
pub struct Reader {
    seen: Option<Timestamp>,
}

impl Reader {
    /// What was noted since the last reading, with a little of what was read before. The first reading gives all that still counts.
    pub async fn read(&mut self, db: &Db, now: Timestamp) -> StoreResult<Vec<Note>> {
        let oldest = now.plus_micros(-KEPT_MICROS);
        let mut from = self
            .seen
            .map_or(oldest, |seen| seen.plus_micros(-OVERLAP_MICROS).max(oldest));
        let mut after: Vec<u8> = Vec::new();
        let mut notes = Vec::new();
        loop {
            let mut query = Query::new(
                "SELECT key_hash, ended_at FROM session_end WHERE (ended_at, key_hash) > (",
            );
            query.bind(from).push(", ").bind(after);
            query
                .push(") ORDER BY ended_at, key_hash LIMIT ")
                .bind(PAGE_ROWS);
            let mut tx = db.read_directory().await?;
            let rows: Vec<(Vec<u8>, Timestamp)> = query.fetch_all(&mut tx).await?;
            let whole = i64::try_from(rows.len()).is_ok_and(|rows| rows < PAGE_ROWS);
            let last = rows.last().cloned();
            notes.extend(rows.into_iter().filter_map(|(key, at)| {
                Some(Note {
                    key: key.try_into().ok()?,
                    at,
                })
            }));
            match last {
                Some((key, at)) if !whole => (after, from) = (key, at),
                _ => break,
            }
        }
        // A node whose clock is ahead must not make this one skip what the others note.
        let newest = notes.iter().map(|note| note.at.min(now)).max();
        self.seen = newest.max(self.seen);
        Ok(notes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_differ_wherever_names_do() {
        let session = |issuer, session_id| Ended::Session { issuer, session_id }.key();
        let subject = |issuer, subject| Ended::Subject { issuer, subject }.key();
        let member = |subject, organization| {
            Ended::Membership {
                issuer: "i",
                subject,
                organization,
            }
            .key()
        };
        let keys = [
            session("i", "s"),
            session("is", ""),
            session("", "is"),
            subject("i", "s"),
            member("s", ""),
            member("", "s"),
        ];
        for (n, key) in keys.iter().enumerate() {
            assert!(!keys[..n].contains(key), "{n}");
        }
    }
}
