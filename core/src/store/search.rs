//! Full text: words, the tokens that stand for names, and the one place where the two engines need different SQL text.
//!
//! What an asset's description says is indexed by word. Its model, maker, category, places and holder are indexed by a token of their id, and
//! a searched word is replaced by the tokens of whatever bears it. So names are stored once, a rename or an erasure touches no asset, and no
//! person's name is in the index.

use super::{Query, StoreResult, Tx, Value, fetch_all};
use crate::id::{CategoryId, LocationId, ManufacturerId, ModelId, OrgId, PersonId};
use crate::text;

/// The most words of a search that are looked at.
const WORDS_MAX: usize = 8;
/// The most characters of a word that count. PostgreSQL takes no longer words than 2,046 bytes, and compatibility forms make one letter many.
const WORD_CHARS_MAX: usize = 64;
/// The fewest characters by which something is searched.
pub const CHARS_MIN: usize = 2;
/// The most bearers of a name that one searched word stands for. More would be a question nobody meant.
const TOKENS_MAX: i64 = 200;
/// Bits of a full-text row id that are the asset's `seq`; those above are the organisation's ordinal.
const SEQ_BITS: u32 = 40;

/// Something whose name may be searched in place of an asset's own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token {
    Location(LocationId),
    Manufacturer(ManufacturerId),
    Category(CategoryId),
    Model(ModelId),
    Holder(PersonId),
}

impl Token {
    /// Begins with a character that no word has, so that no searched prefix meets a token.
    pub fn text(self) -> String {
        let (letter, id) = match self {
            Self::Location(id) => ('l', id.uuid()),
            Self::Manufacturer(id) => ('f', id.uuid()),
            Self::Category(id) => ('c', id.uuid()),
            Self::Model(id) => ('m', id.uuid()),
            Self::Holder(id) => ('p', id.uuid()),
        };
        format!("_{letter}{}", id.simple())
    }
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

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

/// The first text that is greater than every text with this prefix: prefix searches are ranges, because `LIKE` differs between the engines
/// and row security lets only leak-proof operators use an index.
pub(crate) fn after_prefix(prefix: &str) -> String {
    format!("{prefix}\u{10FFFF}")
}

/// Makes something findable by its name.
pub(crate) async fn name(tx: &mut Tx, org: OrgId, token: Token, text: &str) -> StoreResult<()> {
    let rows = Words::of(text)
        .iter()
        .map(|word| [org.into(), word.into(), token.text().into()])
        .collect();
    let head = "INSERT INTO catalogue_word (org_id, word, token) VALUES";
    Query::insert_rows(tx, head, rows, " ON CONFLICT DO NOTHING").await?;
    Ok(())
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

/// Writes documents.
pub(crate) async fn index(tx: &mut Tx, org: OrgId, documents: Vec<Document>) -> StoreResult<()> {
    if documents.is_empty() {
        return Ok(());
    }
    match tx {
        Tx::Postgres(_) => {
            // The words are cut already: read as a vector, not parsed as language.
            let rows: Vec<[Value; 3]> = documents
                .into_iter()
                .map(|document| [org.into(), document.seq.into(), document.text.into()])
                .collect();
            Query::insert_rows(
                tx,
                "INSERT INTO asset_search (org_id, seq, document)
                 SELECT v.org_id, v.seq, CAST(v.document AS tsvector) FROM (VALUES",
                rows,
                ") AS v (org_id, seq, document) ON CONFLICT (org_id, seq) DO UPDATE SET document = excluded.document",
            )
            .await?;
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

async fn ordinal(tx: &mut Tx, org: OrgId) -> StoreResult<i64> {
    let (ordinal,): (i64,) = super::fetch_one!(
        tx,
        (i64,),
        "SELECT ordinal FROM org_directory WHERE org_id = $1",
        org
    )?;
    Ok(ordinal)
}

/// The order of the index `found`, which is that of entry, up to the number of rows.
pub(crate) const fn search_order(tx: &Tx) -> &'static str {
    match tx {
        Tx::Sqlite(_) => " ORDER BY found.rowid LIMIT ",
        Tx::Postgres(_) => " ORDER BY found.seq LIMIT ",
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
            let named: Vec<(String,)> = fetch_all!(
                tx,
                (String,),
                "SELECT token FROM catalogue_word WHERE org_id = $1 AND word >= $2 AND word < $3 ORDER BY word LIMIT $4",
                org,
                &prefix,
                &end,
                TOKENS_MAX
            )?;
            let people: Vec<(PersonId,)> = fetch_all!(
                tx,
                (PersonId,),
                "SELECT person_id FROM person_word WHERE org_id = $1 AND word >= $2 AND word < $3 ORDER BY word LIMIT $4",
                org,
                &prefix,
                &end,
                TOKENS_MAX
            )?;
            let people = people
                .into_iter()
                .map(|(person,)| Token::Holder(person).text());
            let mut tokens: Vec<String> = named
                .into_iter()
                .map(|(token,)| token)
                .chain(people)
                .collect();
            tokens.sort_unstable();
            tokens.dedup();
            alternatives.push(Alternatives { prefix, tokens });
        }
        Ok(Some(Self {
            words: alternatives,
            base,
        }))
    }

    /// Appends a condition on the index as `found` and the assets as `a`, true for the assets that have every word. `after` is where the
    /// page begins.
    pub fn push_condition(&self, query: &mut Query, tx: &Tx, org: OrgId, after: i64) {
        match tx {
            Tx::Sqlite(_) => {
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
                query.push(" AND found.seq > ").bind(after);
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
                let mut parts = vec![prefix(&word.prefix)];
                parts.extend(word.tokens.iter().map(|text| token(text)));
                format!("({})", parts.join(or))
            })
            .collect();
        words.join(and)
    }
}
