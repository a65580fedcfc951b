//! Looking through the ledger for auditors: the newest first, narrowed to who did what to what and when, a bounded stretch at a time.
//!
//! Entries have an index by their place and one by what they are about, and no other: whatever else is asked for is found by walking. So a page
//! walks at most [`WALK_MAX`] entries. Where that was not enough it says how far it came, and the next one goes on from there.

use uuid::Uuid;

use super::audit::{self, Entry, Stored};
use super::tile::signed;
use crate::access::Access;
use crate::page::Limit;
use crate::store::{Query, StoreResult, Tx, fetch_optional};
use crate::time::Timestamp;

/// How many entries one page walks at most.
pub const WALK_MAX: i64 = 50_000;

/// What the ledger is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Done by this principal, as entries name it: `person:<id>`, `system`.
    pub actor: Option<String>,
    /// What happened.
    pub kind: Option<Kind>,
    /// What it is about.
    pub about: Option<About>,
    /// Recorded at this instant or later.
    pub from: Option<Timestamp>,
    /// Recorded before this instant.
    pub until: Option<Timestamp>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Exactly this, such as `asset.deployed`.
    Exactly(String),
    /// Anything of a family, such as `asset`.
    Family(String),
}

/// What something is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// Things of this sort, such as `asset`.
    Sort(String),
    /// The thing with this id, whatever it is.
    Id(Uuid),
    /// Exactly this thing.
    Thing(String, Uuid),
}

/// An entry as it is stored, with what was written about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The entry to the byte.
    pub stored: Stored,
    /// What was written about it, where it is still kept.
    pub remark: Option<String>,
}

impl Found {
    /// The entry, read.
    pub fn entry(&self) -> StoreResult<Entry> {
        audit::parse(&self.stored.bytes, self.remark.clone())
    }
}

/// A page of what was found, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trail {
    /// What was found.
    pub rows: Vec<Found>,
    /// The page after this one begins before this index; none at the end.
    pub next: Option<i64>,
    /// When the entry was recorded at which walking was given up, where the page is not full because of it.
    pub walked_to: Option<Timestamp>,
}

/// A page of the entries that pass a filter and have a lower index than `before`. The caller must have been found to be an auditor of the whole
/// organisation.
pub async fn page(
    tx: &mut Tx,
    access: &Access,
    filter: &Filter,
    before: Option<i64>,
    limit: Limit,
) -> StoreResult<Trail> {
    page_within(tx, access, filter, before, (limit, WALK_MAX)).await
}

/// As [`page`], walking at most so many entries.
pub async fn page_within(
    tx: &mut Tx,
    access: &Access,
    filter: &Filter,
    before: Option<i64>,
    (limit, walk_max): (Limit, i64),
) -> StoreResult<Trail> {
    let (begin, end) = span(tx, access, filter, before).await?;
    if begin >= end {
        return Ok(Trail {
            rows: Vec::new(),
            next: None,
            walked_to: None,
        });
    }
    let low = lowest(tx, access, filter, (begin, end), walk_max).await?;
    let mut query = Query::new(
        "SELECT e.log_index, e.leaf_hash, e.bytes, r.text FROM ledger_entry e
         LEFT JOIN ledger_remark r ON r.org_id = e.org_id AND r.event_id = e.event_id WHERE e.org_id = ",
    );
    query
        .bind(access.org())
        .push(" AND e.log_index >= ")
        .bind(low);
    query.push(" AND e.log_index < ").bind(end);
    filter.push(&mut query);
    query
        .push(" ORDER BY e.log_index DESC LIMIT ")
        .bind(limit.plus_one());
    let rows: Vec<(i64, Vec<u8>, String, Option<String>)> = query.fetch_all(tx).await?;
    let more = rows.len() > limit.rows();
    let rows: Vec<Found> = rows
        .into_iter()
        .take(limit.rows())
        .map(|(index, leaf_hash, bytes, remark)| Found {
            stored: Stored {
                index,
                leaf_hash,
                bytes,
            },
            remark,
        })
        .collect();
    if more {
        let next = rows.last().map(|row| row.stored.index);
        return Ok(Trail {
            rows,
            next,
            walked_to: None,
        });
    }
    let given_up = low > begin;
    let walked_to = if given_up {
        recorded_at(tx, access, low).await?
    } else {
        None
    };
    Ok(Trail {
        rows,
        next: given_up.then_some(low),
        walked_to,
    })
}

/// The indexes between which entries can pass, from the times that are asked for: halving finds them, because entries are in that order.
async fn span(
    tx: &mut Tx,
    access: &Access,
    filter: &Filter,
    before: Option<i64>,
) -> StoreResult<(i64, i64)> {
    let size = signed(audit::size(tx, access).await?);
    let mut end = before.map_or(size, |before| before.clamp(0, size));
    let mut begin = 0;
    if let Some(until) = filter.until {
        end = end.min(first_at(tx, access, until).await?);
    }
    if let Some(from) = filter.from {
        begin = first_at(tx, access, from).await?;
    }
    Ok((begin, end))
}

/// The index of the first entry that was recorded at an instant or later.
async fn first_at(tx: &mut Tx, access: &Access, at: Timestamp) -> StoreResult<i64> {
    let last = audit::last_recorded_by(tx, access, at.plus_micros(-1)).await?;
    Ok(last.map_or(0, |last| last + 1))
}

/// Down to which index a page walks.
async fn lowest(
    tx: &mut Tx,
    access: &Access,
    filter: &Filter,
    (begin, end): (i64, i64),
    walk_max: i64,
) -> StoreResult<i64> {
    let walks = filter.actor.is_some() || filter.kind.is_some();
    let id = match &filter.about {
        Some(About::Id(id) | About::Thing(_, id)) => *id,
        Some(About::Sort(_)) => return Ok(begin.max(end - walk_max)),
        None if walks => return Ok(begin.max(end - walk_max)),
        None => return Ok(begin),
    };
    if !walks {
        return Ok(begin);
    }
    let row: Option<(Option<i64>, i64)> = fetch_optional!(
        tx,
        (Option<i64>, i64),
        "SELECT MIN(part.log_index), CAST(COUNT(*) AS BIGINT) FROM (SELECT log_index FROM ledger_entry
         WHERE org_id = $1 AND stream_id = $2 AND log_index >= $3 AND log_index < $4 ORDER BY log_index DESC LIMIT $5) part",
        access.org(),
        id,
        begin,
        end,
        walk_max
    )?;
    Ok(match row {
        Some((Some(lowest), entries)) if entries >= walk_max => lowest,
        _ => begin,
    })
}

async fn recorded_at(tx: &mut Tx, access: &Access, index: i64) -> StoreResult<Option<Timestamp>> {
    let row: Option<(Timestamp,)> = fetch_optional!(
        tx,
        (Timestamp,),
        "SELECT recorded_at FROM ledger_entry WHERE org_id = $1 AND log_index = $2",
        access.org(),
        index
    )?;
    Ok(row.map(|(at,)| at))
}

impl Filter {
    fn push(&self, query: &mut Query) {
        match &self.about {
            Some(About::Sort(sort)) => {
                query.push(" AND e.stream_kind = ").bind(sort.as_str());
            }
            Some(About::Id(id)) => {
                query.push(" AND e.stream_id = ").bind(*id);
            }
            Some(About::Thing(sort, id)) => {
                query.push(" AND e.stream_id = ").bind(*id);
                query.push(" AND e.stream_kind = ").bind(sort.as_str());
            }
            None => {}
        }
        match &self.kind {
            Some(Kind::Exactly(kind)) => {
                query.push(" AND e.type = ").bind(kind.as_str());
            }
            // The full stop and the sign after it: everything between them begins with the family's name and a full stop.
            Some(Kind::Family(family)) => {
                query.push(" AND e.type >= ").bind(format!("{family}."));
                query.push(" AND e.type < ").bind(format!("{family}/"));
            }
            None => {}
        }
        if let Some(actor) = &self.actor {
            let begins = begins_by(actor);
            let chars = i64::try_from(begins.chars().count()).unwrap_or(i64::MAX);
            query.push(" AND substr(e.bytes, 1, CAST(").bind(chars);
            query.push(" AS INTEGER)) = ").bind(begins);
        }
    }
}

/// How an entry of this principal begins. Canonical JSON sorts members, and `actor` is the first of them; a principal has no sign that would be
/// written in another way.
fn begins_by(principal: &str) -> String {
    format!("{{\"actor\":{{\"principal\":\"{principal}\",")
}

/// Whether a text can be a principal: a word, and for most an id after a colon.
#[must_use]
pub fn is_principal(text: &str) -> bool {
    let (word, id) = text.split_once(':').unwrap_or((text, ""));
    let plain = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte))
    };
    !word.is_empty() && text.len() <= 100 && plain(word) && plain(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_be_anything_else_is_no_principal() {
        for good in [
            "system",
            "person:0190a1b2-7c3d-7000-8000-000000000001",
            "api_key:1",
        ] {
            assert!(is_principal(good), "{good}");
        }
        for bad in [
            "",
            ":1",
            "person:\"",
            "Person:1",
            "a b",
            "system:1:2",
            "person:%",
        ] {
            assert!(!is_principal(bad), "{bad}");
        }
    }
}
