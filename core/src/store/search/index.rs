//! Writing the index.

use std::collections::HashSet;

use super::super::{Query, StoreResult, Tx, Value, execute};
use super::words::TOKEN_MARK;
use super::{SEQ_BITS, ordinal};
use crate::id::OrgId;

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
