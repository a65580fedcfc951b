//! What came in from outside and concerns no organisation that is known: kept sealed for thirty days, and placed when somebody turns out to be
//! meant.
//!
//! A report of the identity provider about a person may come before the membership that says where they belong, and one of the billing service
//! before the purchase that says who pays. Such a report belongs to nobody yet, so it cannot be in the inbox of any organisation. What waits is
//! found by a digest of what it waits for.

mod store;

use std::sync::Arc;

use secrecy::ExposeSecret as _;
use sha2::{Digest, Sha256};

use crate::inbox::{Arrival, BODY_BYTES_MAX, KEPT_MICROS, KEY_CHARS_MAX, SOURCE_CHARS_MAX};
use crate::ledger::{Ledger, tree};
use crate::secret::{MasterKey, Place};
use crate::store::{Db, StoreError, StoreResult};
use crate::text;
use crate::time::Timestamp;

/// The most characters of what a report is called by its sender.
const KIND_CHARS_MAX: usize = 100;
/// How many reports are handed out at once: a few megabytes, where each is as long as reports are.
const PAGE_ROWS: i64 = 100;
/// Hexadecimal digits of the name of what is waited for.
const WAITS_CHARS: usize = 32;

/// Something that comes in. Whoever hands it over has checked that it is the service's.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// From where, such as `stripe`.
    pub source: &'a str,
    /// The service's own name for it, by which it is known when it comes again.
    pub key: &'a str,
    /// What the service calls its kind.
    pub kind: &'a str,
    /// When the service made it.
    pub happened_at: Timestamp,
}

/// What waits for the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Others {
    /// All of it is placed once, in the order in which it happened.
    Stay,
    /// A report is of the whole, so only the latest counts.
    Go,
}

/// A report that waited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The service's own name for it.
    pub key: String,
    /// What it says, as it came.
    pub body: Vec<u8>,
    /// When the service made it.
    pub happened_at: Timestamp,
    /// When it came in.
    pub received_at: Timestamp,
}

/// What waits in one database. Cloning it gives another handle to the same.
#[derive(Debug, Clone)]
pub struct Unplaced {
    ledger: Ledger,
    master_key: Arc<MasterKey>,
}

impl Unplaced {
    /// What waits beside a ledger.
    #[must_use]
    pub const fn new(ledger: Ledger, master_key: Arc<MasterKey>) -> Self {
        Self { ledger, master_key }
    }

    /// Notes that a report came in, without what it says: nothing will ever follow from it. Durable when this returns.
    pub async fn note(&self, report: Report<'_>) -> StoreResult<Arrival> {
        self.put(report, None, Others::Stay).await
    }

    /// Keeps a report that waits for something, such as a customer's key. Durable when this returns.
    pub async fn keep(
        &self,
        report: Report<'_>,
        waits_for: &str,
        body: &[u8],
        others: Others,
    ) -> StoreResult<Arrival> {
        self.put(report, Some((waits_for, body)), others).await
    }

    async fn put(
        &self,
        report: Report<'_>,
        kept: Option<(&str, &[u8])>,
        others: Others,
    ) -> StoreResult<Arrival> {
        let name = name(report.source, report.key)?;
        let ledger = &self.ledger;
        // Most of what comes again need not wait for the one writer.
        let mut tx = ledger.db().read_directory().await?;
        if store::is_known(&mut tx, &name).await? {
            return Ok(Arrival::Seen);
        }
        drop(tx);
        let sealed = match kept {
            Some((_, body)) if body.len() > BODY_BYTES_MAX => {
                return Err(unfit("a body is too long"));
            }
            Some((_, body)) => {
                let place = place(&name);
                Some(self.master_key.seal(place, body, ledger.random()))
            }
            None => None,
        };
        let new = store::New {
            name: &name,
            source: report.source,
            kind: kind(report.kind),
            waits_for: kept.map(|(waits_for, _)| digest(report.source, waits_for)),
            happened_at: report.happened_at,
            received_at: ledger.clock().now(),
            sealed,
        };
        let mut tx = ledger.db().write_directory().await?;
        let first = store::put(&mut tx, &new).await?;
        if first && others == Others::Go {
            store::supersede(&mut tx, &new).await?;
        }
        ledger.commit(tx).await?;
        Ok(if first { Arrival::First } else { Arrival::Seen })
    }

    /// What waits for something, the earliest first: a page of it, from the beginning or behind the last of the page before.
    pub async fn waiting(
        &self,
        source: &str,
        waits_for: &str,
        after: Option<&Waiting>,
    ) -> StoreResult<Vec<Waiting>> {
        let after = match after {
            Some(last) => store::Place {
                happened_at: last.happened_at,
                received_at: last.received_at,
                name: name(source, &last.key)?,
            },
            None => store::Place::BEGINNING,
        };
        let mut tx = self.ledger.db().read_directory().await?;
        let waits_for = digest(source, waits_for);
        let rows = store::waiting(&mut tx, (source, &waits_for), &after, PAGE_ROWS).await?;
        drop(tx);
        let mut waiting = Vec::with_capacity(rows.len());
        for row in rows {
            let opened = self.master_key.open(place(&row.name), &row.sealed);
            let body = opened.map_err(|error| unfit(&error.to_string()))?;
            let (_, key) = row.name.split_once('/').unwrap_or_default();
            waiting.push(Waiting {
                key: key.to_owned(),
                body: body.expose_secret().clone(),
                happened_at: row.happened_at,
                received_at: row.received_at,
            });
        }
        Ok(waiting)
    }

    /// Forgets what reports say, because they were placed. That they came in is remembered.
    pub async fn placed(&self, source: &str, keys: &[&str]) -> StoreResult<()> {
        let names: StoreResult<Vec<String>> = keys.iter().map(|key| name(source, key)).collect();
        let mut tx = self.ledger.db().write_directory().await?;
        store::placed(&mut tx, names?).await?;
        self.ledger.commit(tx).await
    }
}

/// Removes what came in more than thirty days ago.
pub async fn forget(db: &Db, now: Timestamp) -> StoreResult<u64> {
    let mut tx = db.write_directory().await?;
    let gone = store::forget(&mut tx, now.plus_micros(-KEPT_MICROS)).await?;
    tx.commit().await.map_err(StoreError::at_commit)?;
    Ok(gone)
}

fn place(name: &str) -> Place<'_> {
    Place {
        column: "unplaced.body_sealed",
        org: None,
        row: name.as_bytes(),
    }
}

fn name(source: &str, key: &str) -> StoreResult<String> {
    let fits = |text: &str, chars_max| {
        (1..=chars_max).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
    };
    if !fits(source, SOURCE_CHARS_MAX) || source.contains('/') || !fits(key, KEY_CHARS_MAX) {
        return Err(unfit("a source or key is none"));
    }
    Ok(format!("{source}/{key}"))
}

/// What is waited for may be somebody's key elsewhere, which the directory is not to know.
fn digest(source: &str, waits_for: &str) -> String {
    let digest = Sha256::new_with_prefix(source.as_bytes())
        .chain_update([0])
        .chain_update(waits_for.as_bytes())
        .finalize();
    let mut text = tree::hex(&digest);
    text.truncate(WAITS_CHARS);
    text
}

fn kind(kind: &str) -> String {
    kind.chars()
        .filter(|c| text::is_printable(*c))
        .take(KIND_CHARS_MAX)
        .collect()
}

fn unfit(what: &str) -> StoreError {
    StoreError::Inconsistent {
        table: "unplaced",
        what: what.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_waited_for_is_not_spelled_out() {
        let one = digest("stripe", "cus_1");
        assert_eq!(one.len(), WAITS_CHARS);
        assert!(!one.contains("cus"));
        assert_ne!(one, digest("clerk", "cus_1"));
        assert_ne!(digest("a", "bc"), digest("ab", "c"));
    }

    #[test]
    fn names_are_of_one_source() {
        assert_eq!(name("stripe", "evt/1").expect("a key"), "stripe/evt/1");
        for (source, key) in [("", "k"), ("a/b", "k"), ("stripe", ""), ("stripe", "a b")] {
            assert!(name(source, key).is_err(), "{source} {key}");
        }
        assert_eq!(kind("a\u{202e}b\n"), "ab");
    }
}
