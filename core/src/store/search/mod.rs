//! Full text: words, the tokens that stand for names, and the one place where the two engines need different SQL text.
//!
//! An asset is indexed by the words of its description and of the names of its model, maker, categories and places. Its holder is indexed
//! by a token of their id, and a searched word stands for the tokens of the people who bear it: no person's name is in the index, and
//! erasing one touches no asset.

mod find;
mod index;
mod shadow;
mod words;

pub(crate) use find::{Search, Stretch, after_prefix};
pub(crate) use index::{Document, Listed, clear, index};
pub(crate) use shadow::{cast_shadow, compare_shadow};
pub(crate) use words::{Words, holder_token};

use super::{StoreResult, Tx};
use crate::id::OrgId;

/// The fewest characters by which something is searched.
pub const CHARS_MIN: usize = 2;
/// Bits of a full-text row id that are the asset's `seq`; those above are the organisation's ordinal.
const SEQ_BITS: u32 = 40;

async fn ordinal(tx: &mut Tx, org: OrgId) -> StoreResult<i64> {
    let (ordinal,): (i64,) = super::fetch_one!(
        tx,
        (i64,),
        "SELECT ordinal FROM org_directory WHERE org_id = $1",
        org
    )?;
    Ok(ordinal)
}
