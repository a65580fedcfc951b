//! The index beside the one that is there, for comparing the two.

use super::super::{StoreResult, Tx, execute, fetch_one};
use super::{SEQ_BITS, ordinal};
use crate::id::OrgId;

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
            fetch_one!(
                tx,
                (i64, i64, i64),
                SQLITE,
                base,
                base + (1_i64 << SEQ_BITS),
                org
            )
        }
        Tx::Postgres(_) => fetch_one!(tx, (i64, i64, i64), POSTGRES, org),
    }
}
