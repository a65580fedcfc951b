//! Full text: words, the tokens that stand for names, and the one place where the two engines need different SQL text.
//!
//! An asset is indexed by the words of its description and of the names of its model, maker, categories and places. Its holder is indexed
//! by a token of their id, and a searched word stands for the tokens of the people who bear it: no person's name is in the index, and
//! erasing one touches no asset.

use std::collections::HashSet;

use super::{Query, StoreResult, Tx, Value, execute, fetch_all};
use crate::id::{OrgId, PersonId};
use crate::text;

/// The most words of a search that are looked at.
const WORDS_MAX: usize = 8;
/// The most characters of a word that count. PostgreSQL takes no longer words than 2,046 bytes, and compatibility forms make one letter many.
const WORD_CHARS_MAX: usize = 64;
/// The fewest characters by which something is searched.
pub const CHARS_MIN: usize = 2;
/// The most holders that one searched word stands for. Among more people than that, a longer word is needed.
const HOLDERS_MAX: i64 = 1_000;
/// The most words that a searched beginning stands for one by one on SQLite. FTS5 reads the assets of one word as they are asked for, but for
/// a beginning gathers those of all its words before it gives the first.
const ENDINGS_MAX: i64 = 100;
/// How many rows of the list are read for one that has the words before they are looked up instead.
const ROWS_READ_FOR_ONE: i64 = 100;
/// Bits of a full-text row id that are the asset's `seq`; those above are the organisation's ordinal.
const SEQ_BITS: u32 = 40;

/// What a token begins with, and no word.
const TOKEN_MARK: char = '_';

/// The token of a holder. It begins with a character that no word has, so that no searched prefix meets it.
pub(crate) fn holder_token(person: PersonId) -> String {
    format!("{TOKEN_MARK}p{}", person.uuid().simple())
}

/// The words of a text as far as they count.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text::words(text).map(|mut word| {
        if let Some((end, _)) = word.char_indices().nth(WORD_CHARS_MAX) {
            word.truncate(end);
        }
        word
    })
}

/// The distinct words of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Words(Vec<String>);

impl Words {
    pub fn of(text: &str) -> Self {
        let mut words: Vec<String> = words(text).collect();
        words.sort_unstable();
        words.dedup();
        Self(words)
    }

    /// These words and those of a text that [`Self::to_string`] wrote.
    pub fn and(mut self, others: &str) -> Self {
        self.0.extend(
            others
                .split(' ')
                .filter(|word| !word.is_empty())
                .map(ToOwned::to_owned),
        );
        self.0.sort_unstable();
        self.0.dedup();
        self
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl std::fmt::Display for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

/// The first text that is greater than every text with this prefix: prefix searches are ranges, because `LIKE` differs between the engines
/// and row security lets only leak-proof operators use an index.
pub(crate) fn after_prefix(prefix: &str) -> String {
    format!("{prefix}\u{10FFFF}")
}

/// One asset's place in the index.
#[derive(Debug)]
pub(crate) struct Document {
    pub seq: i64,
    /// Words and tokens separated by spaces; each occurs once.
    pub text: String,
    /// Whether the asset had a place before.
    pub replaces: bool,
}

/// The words that a transaction knows to be in the list of all words.
#[derive(Debug, Default)]
pub(crate) struct Listed(HashSet<String>);

/// How many words are remembered as listed. Where there are more, they are hardly words.
const LISTED_MAX: usize = 100_000;

/// Writes documents.
pub(crate) async fn index(
    tx: &mut Tx,
    org: OrgId,
    documents: Vec<Document>,
    listed: &mut Listed,
) -> StoreResult<()> {
    // The words are cut already: read as a vector, not parsed as language.
    const HEAD: &str = "INSERT INTO asset_search (org_id, seq, document)
        SELECT v.org_id, v.seq, CAST(v.document AS tsvector) FROM (VALUES";
    const NEW: &str = ") AS v (org_id, seq, document)";
    const REPLACED: &str = ") AS v (org_id, seq, document) ON CONFLICT (org_id, seq) DO UPDATE SET document = excluded.document";
    if documents.is_empty() {
        return Ok(());
    }
    match tx {
        Tx::Postgres(_) => {
            let (replaced, new): (Vec<_>, Vec<_>) = documents
                .into_iter()
                .partition(|document| document.replaces);
            for (documents, tail) in [(new, NEW), (replaced, REPLACED)] {
                let rows: Vec<[Value; 3]> = documents
                    .into_iter()
                    .map(|document| [org.into(), document.seq.into(), document.text.into()])
                    .collect();
                Query::insert_rows(tx, HEAD, rows, tail).await?;
            }
        }
        Tx::Sqlite(_) => {
            let base = ordinal(tx, org).await? << SEQ_BITS;
            let replaced: Vec<i64> = documents
                .iter()
                .filter(|document| document.replaces)
                .map(|document| base | document.seq)
                .collect();
            for chunk in replaced.chunks(500) {
                let mut query = Query::new("DELETE FROM asset_search WHERE rowid IN ");
                query.bind_list(chunk.iter().copied());
                query.execute(tx).await?;
            }
            list(tx, org, &documents, listed).await?;
            let rows: Vec<[Value; 2]> = documents
                .into_iter()
                .map(|document| [(base | document.seq).into(), document.text.into()])
                .collect();
            Query::insert_rows(
                tx,
                "INSERT INTO asset_search (rowid, document) VALUES",
                rows,
                "",
            )
            .await?;
        }
    }
    Ok(())
}

/// Keeps the words of documents in the list of all words. A word stays there when its last asset goes: it then stands for nothing.
async fn list(
    tx: &mut Tx,
    org: OrgId,
    documents: &[Document],
    listed: &mut Listed,
) -> StoreResult<()> {
    const HEAD: &str = "INSERT INTO asset_search_word (org_id, word) VALUES";
    if listed.0.len() > LISTED_MAX {
        listed.0.clear();
    }
    let mut rows: Vec<[Value; 2]> = Vec::new();
    let words = documents
        .iter()
        .flat_map(|document| document.text.split(' '));
    for word in words.filter(|word| !word.is_empty() && !word.starts_with(TOKEN_MARK)) {
        if !listed.0.contains(word) {
            listed.0.insert(word.to_owned());
            rows.push([org.into(), word.to_owned().into()]);
        }
    }
    Query::insert_rows(tx, HEAD, rows, " ON CONFLICT (org_id, word) DO NOTHING").await?;
    Ok(())
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

async fn ordinal(tx: &mut Tx, org: OrgId) -> StoreResult<i64> {
    let (ordinal,): (i64,) = super::fetch_one!(
        tx,
        (i64,),
        "SELECT ordinal FROM org_directory WHERE org_id = $1",
        org
    )?;
    Ok(ordinal)
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

/// Puts an empty index before the one that is there, for this connection alone.
pub(crate) async fn cast_shadow(tx: &mut Tx) -> StoreResult<()> {
    const SQLITE: &str = "CREATE VIRTUAL TABLE temp.asset_search USING fts5 (
        document, content = '', contentless_delete = 1, tokenize = \"ascii tokenchars '_'\", detail = none)";
    const WORDS: &str = "CREATE TABLE temp.asset_search_word (org_id BLOB NOT NULL, word TEXT NOT NULL, PRIMARY KEY (org_id, word)) WITHOUT ROWID";
    const POSTGRES: &str =
        "CREATE TEMP TABLE asset_search (LIKE public.asset_search) ON COMMIT DROP";
    match tx {
        Tx::Sqlite(_) => {
            execute!(tx, SQLITE)?;
            execute!(tx, WORDS)?;
            execute!(
                tx,
                "CREATE VIRTUAL TABLE temp.live_word USING fts5vocab (main, asset_search, instance)"
            )?;
            execute!(
                tx,
                "CREATE VIRTUAL TABLE temp.shadow_word USING fts5vocab (temp, asset_search, instance)"
            )?;
        }
        Tx::Postgres(_) => {
            execute!(tx, POSTGRES)?;
            execute!(
                tx,
                "CREATE UNIQUE INDEX shadow_asset_search ON asset_search (org_id, seq)"
            )?;
        }
    }
    Ok(())
}

/// Compares the index with the one before it: how many rows there are, how many there should be, and how many there should not.
///
/// On SQLite the documents themselves are not kept, so it is words that are compared: each with how many assets bear it and with two sums
/// over which ones they are. The list of words has to have each of them; those that are no longer borne may stay.
pub(crate) async fn compare_shadow(tx: &mut Tx, org: OrgId) -> StoreResult<(i64, i64, i64)> {
    const SQLITE: &str = "WITH live AS (
            SELECT term, COUNT(*), SUM(doc - $1), SUM((doc - $1) % 65521 * ((doc - $1) % 32749)) FROM temp.live_word
            WHERE doc > $1 AND doc < $2 GROUP BY term),
        shadow AS (
            SELECT term, COUNT(*), SUM(doc - $1), SUM((doc - $1) % 65521 * ((doc - $1) % 32749)) FROM temp.shadow_word GROUP BY term)
        SELECT (SELECT COUNT(*) FROM live), (SELECT COUNT(*) FROM shadow), (SELECT COUNT(*) FROM (SELECT * FROM live EXCEPT SELECT * FROM shadow))
            + (SELECT COUNT(*) FROM (SELECT word FROM temp.asset_search_word EXCEPT SELECT word FROM main.asset_search_word WHERE org_id = $3))";
    const POSTGRES: &str = "SELECT (SELECT COUNT(*) FROM public.asset_search WHERE org_id = $1), (SELECT COUNT(*) FROM pg_temp.asset_search),
        (SELECT COUNT(*) FROM (SELECT * FROM public.asset_search WHERE org_id = $1 EXCEPT SELECT * FROM pg_temp.asset_search) other)";
    match tx {
        Tx::Sqlite(_) => {
            let base = ordinal(tx, org).await? << SEQ_BITS;
            super::fetch_one!(
                tx,
                (i64, i64, i64),
                SQLITE,
                base,
                base + (1_i64 << SEQ_BITS),
                org
            )
        }
        Tx::Postgres(_) => super::fetch_one!(tx, (i64, i64, i64), POSTGRES, org),
    }
}

/// Takes every asset of an organisation out of the index.
pub(crate) async fn clear(tx: &mut Tx, org: OrgId) -> StoreResult<()> {
    match tx {
        Tx::Sqlite(_) => {
            let base = ordinal(tx, org).await? << SEQ_BITS;
            let end = base + (1_i64 << SEQ_BITS);
            execute!(
                tx,
                "DELETE FROM asset_search WHERE rowid >= $1 AND rowid < $2",
                base,
                end
            )?;
            execute!(tx, "DELETE FROM asset_search_word WHERE org_id = $1", org)?;
        }
        Tx::Postgres(_) => {
            execute!(tx, "DELETE FROM asset_search WHERE org_id = $1", org)?;
        }
    }
    Ok(())
}
