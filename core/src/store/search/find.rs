//! Asking the index, in the way that each engine answers fast.

use super::super::{Query, StoreResult, Tx, fetch_all};
use super::words::{holder_token, words};
use super::{CHARS_MIN, SEQ_BITS, ordinal};
use crate::id::{OrgId, PersonId};

/// The most words of a search that are looked at.
const WORDS_MAX: usize = 8;
/// The most holders that one searched word stands for. Among more people than that, a longer word is needed.
const HOLDERS_MAX: i64 = 1_000;
/// The most words that a searched beginning stands for one by one on SQLite. FTS5 reads the assets of one word as they are asked for, but for
/// a beginning gathers those of all its words before it gives the first.
const ENDINGS_MAX: i64 = 100;
/// How many rows of the list are read for one that has the words before they are looked up instead.
const ROWS_READ_FOR_ONE: i64 = 100;

/// The first text that is greater than every text with this prefix: prefix searches are ranges, because `LIKE` differs between the engines
/// and row security lets only leak-proof operators use an index.
pub(crate) fn after_prefix(prefix: &str) -> String {
    format!("{prefix}\u{10FFFF}")
}

/// The words with a beginning. None where they are too many to name, and where the engine needs no help.
async fn endings(tx: &mut Tx, org: OrgId, prefix: &str) -> StoreResult<Option<Vec<String>>> {
    if let Tx::Postgres(_) = tx {
        return Ok(None);
    }
    let words: Vec<(String,)> = fetch_all!(
        tx,
        (String,),
        "SELECT word FROM asset_search_word WHERE org_id = $1 AND word >= $2 AND word < $3 LIMIT $4",
        org,
        prefix,
        after_prefix(prefix),
        ENDINGS_MAX + 1
    )?;
    Ok((words.len() as u64 <= ENDINGS_MAX.unsigned_abs())
        .then(|| words.into_iter().map(|(word,)| word).collect()))
}

/// A part of the index, in the order of entry, that is read by one statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stretch {
    /// What comes after a place.
    After(i64),
    /// The next so many rows after a place, read one by one.
    Next(i64, i64),
    /// What comes after those rows, found by its words and then put in order.
    Beyond(i64, i64),
}

impl Stretch {
    /// The parts after a place that have so many rows together, in their order.
    ///
    /// PostgreSQL reads the list for words that many assets have, and finds others by their words; but it takes a word that it has no
    /// figures on for one that many have, and reads a million rows to find none. So it is given a piece of the list, in which what is common
    /// fills the page, and is asked for what is not by its words.
    pub fn parts(tx: &Tx, after: i64, rows: i64) -> Vec<Self> {
        let read = rows.saturating_mul(ROWS_READ_FOR_ONE);
        match tx {
            Tx::Sqlite(_) => vec![Self::After(after)],
            Tx::Postgres(_) => vec![Self::Next(after, read), Self::Beyond(after, read)],
        }
    }

    /// Appends the index, or the piece of it, as `found`.
    pub fn push_source(self, query: &mut Query, org: OrgId) {
        if let Self::Next(after, rows) = self {
            query
                .push("(SELECT org_id, seq, document FROM asset_search WHERE org_id = ")
                .bind(org);
            query.push(" AND seq > ").bind(after);
            query
                .push(" ORDER BY seq LIMIT ")
                .bind(rows)
                .push(") found");
        } else {
            query.push("asset_search found");
        }
    }

    /// Appends where in the index the part begins.
    fn push_begin(self, query: &mut Query, org: OrgId) {
        match self {
            Self::After(after) => {
                query.push(" AND found.seq > ").bind(after);
            }
            Self::Next(..) => {}
            Self::Beyond(after, rows) => {
                query
                    .push(" AND found.seq > (SELECT read.seq FROM asset_search read WHERE read.org_id = ")
                    .bind(org);
                query.push(" AND read.seq > ").bind(after);
                query
                    .push(" ORDER BY read.seq OFFSET ")
                    .bind(rows - 1)
                    .push(" LIMIT 1)");
            }
        }
    }

    /// The order of the index `found`, which is that of entry, up to the number of rows.
    pub const fn order(self, tx: &Tx) -> &'static str {
        match (tx, self) {
            (Tx::Sqlite(_), _) => " ORDER BY found.rowid LIMIT ",
            (Tx::Postgres(_), Self::Beyond(..)) => " ORDER BY found.seq + 0 LIMIT ",
            (Tx::Postgres(_), _) => " ORDER BY found.seq LIMIT ",
        }
    }

    const fn after(self) -> i64 {
        match self {
            Self::After(after) | Self::Next(after, _) | Self::Beyond(after, _) => after,
        }
    }
}

/// A search, ready to be asked: each word with everything that bears it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Search {
    words: Vec<Alternatives>,
    base: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Alternatives {
    prefix: String,
    /// Every word with this beginning, where it is better to name them.
    endings: Option<Vec<String>>,
    tokens: Vec<String>,
}

impl Search {
    /// Looks up what the words of a text may stand for. None when it has no word to search by.
    pub async fn prepare(tx: &mut Tx, org: OrgId, text: &str) -> StoreResult<Option<Self>> {
        let words: Vec<String> = words(text).take(WORDS_MAX).collect();
        if words.is_empty() || words.iter().all(|word| word.chars().count() < CHARS_MIN) {
            return Ok(None);
        }
        let base = match tx {
            Tx::Sqlite(_) => ordinal(tx, org).await? << SEQ_BITS,
            Tx::Postgres(_) => 0,
        };
        let mut alternatives = Vec::with_capacity(words.len());
        for prefix in words {
            let end = after_prefix(&prefix);
            // Only who holds something can be found by a holder's name.
            let holders: Vec<(PersonId,)> = fetch_all!(
                tx,
                (PersonId,),
                "SELECT DISTINCT w.person_id FROM person_word w
                 WHERE w.org_id = $1 AND w.word >= $2 AND w.word < $3
                   AND EXISTS (SELECT 1 FROM asset a WHERE a.org_id = w.org_id AND a.holder_id = w.person_id)
                 ORDER BY w.person_id LIMIT $4",
                org,
                &prefix,
                &end,
                HOLDERS_MAX
            )?;
            let tokens = holders
                .into_iter()
                .map(|(person,)| holder_token(person))
                .collect();
            alternatives.push(Alternatives {
                endings: endings(tx, org, &prefix).await?,
                prefix,
                tokens,
            });
        }
        Ok(Some(Self {
            words: alternatives,
            base,
        }))
    }

    /// Appends a condition on the index as `found` and the assets as `a`, true for the assets of a part of the list that have
    /// every word.
    pub fn push_condition(&self, query: &mut Query, tx: &Tx, org: OrgId, stretch: Stretch) {
        match tx {
            Tx::Sqlite(_) => {
                let after = stretch.after();
                query
                    .push(" AND a.seq = found.rowid - ")
                    .bind(self.base)
                    .push(" AND found.asset_search MATCH ")
                    .bind(self.fts5());
                query.push(" AND found.rowid > ").bind(self.base | after);
                query
                    .push(" AND found.rowid < ")
                    .bind(self.base + (1_i64 << SEQ_BITS));
            }
            Tx::Postgres(_) => {
                query
                    .push(" AND a.seq = found.seq AND found.org_id = ")
                    .bind(org)
                    .push(" AND found.document @@ CAST(")
                    .bind(self.tsquery())
                    .push(" AS tsquery)");
                stretch.push_begin(query, org);
            }
        }
    }

    /// `("mac"* OR "_m…") AND …`: words hold letters and digits only, so quoting them is enough.
    fn fts5(&self) -> String {
        self.spell(
            " AND ",
            " OR ",
            |prefix| format!("\"{prefix}\"*"),
            |token| format!("\"{token}\""),
        )
    }

    /// `('mac':* | '_m…') & …`.
    fn tsquery(&self) -> String {
        self.spell(
            " & ",
            " | ",
            |prefix| format!("'{prefix}':*"),
            |token| format!("'{token}'"),
        )
    }

    fn spell(
        &self,
        and: &str,
        or: &str,
        prefix: impl Fn(&str) -> String,
        token: impl Fn(&str) -> String,
    ) -> String {
        let words: Vec<String> = self
            .words
            .iter()
            .map(|word| {
                let mut parts = match &word.endings {
                    // A word that nobody has finds nothing.
                    Some(endings) if endings.is_empty() => vec![token(&word.prefix)],
                    Some(endings) => endings.iter().map(|text| token(text)).collect(),
                    None => vec![prefix(&word.prefix)],
                };
                parts.extend(word.tokens.iter().map(|text| token(text)));
                format!("({})", parts.join(or))
            })
            .collect();
        words.join(and)
    }
}
