//! A search: exact codes, then prefixes, then ends of serial numbers, then words.

use super::super::store::{AssetDetail, detail_columns, detail_tables};
use super::super::{code, project};
use super::filter::{Filter, Resolved};
use super::scan::{BY_CODE, by_code};
use crate::access::Access;
use crate::id::AssetId;
use crate::page::{Limit, Page, Position};
use crate::store::search::{CHARS_MIN, Search, Stretch, after_prefix};
use crate::store::{Query, StoreResult, Tx};
use crate::text;
use crate::unit::scope::Scope;

/// The fewest characters of the end of a serial number by which it is found.
const SUFFIX_CHARS_MIN: usize = 4;

/// What is searched for, and where a page of it begins.
#[derive(Debug, Clone, Copy)]
pub struct Quest<'a> {
    /// What was typed.
    pub q: &'a str,
    /// What the result is narrowed to.
    pub filter: &'a Filter,
    /// Where the page begins; none at the beginning.
    pub after: Option<&'a Position>,
}

/// The tiers of a search, in the order in which their results follow one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tier {
    ExactTag = 1,
    ExactSerial = 2,
    ExactIdentifier = 3,
    TagPrefix = 5,
    SerialPrefix = 6,
    SerialSuffix = 7,
    FullText = 8,
}

impl Tier {
    const ALL: [Self; 7] = [
        Self::ExactTag,
        Self::ExactSerial,
        Self::ExactIdentifier,
        Self::TagPrefix,
        Self::SerialPrefix,
        Self::SerialSuffix,
        Self::FullText,
    ];
}

/// A page of a search: exact codes first, then prefixes, then ends of serial numbers, then words. No asset comes twice.
///
/// Nothing is found by fewer than two characters.
pub async fn search(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    quest: Quest<'_>,
    limit: Limit,
) -> StoreResult<Page<AssetDetail>> {
    let folded = text::fold_code(quest.q);
    if quest.q.trim().chars().count() < CHARS_MIN {
        return Ok(Page {
            rows: Vec::new(),
            next: None,
        });
    }
    let resolved = Resolved::new(tx, access, scope, quest.filter).await?;
    let exact = Exact::find(tx, access, scope, quest.q).await?;
    let words = Search::prepare(tx, access.org(), quest.q).await?;
    let tiers = Tiers {
        access,
        scope,
        resolved: &resolved,
        folded: &folded,
        exact: &exact,
        words: words.as_ref(),
    };
    let start = quest.after.cloned().unwrap_or_default();
    let mut rows: Vec<(Tier, AssetDetail)> = Vec::new();
    for tier in Tier::ALL {
        let wanted = limit.plus_one() - i64::try_from(rows.len()).unwrap_or(i64::MAX);
        if wanted <= 0 {
            break;
        }
        if (tier as u8) < start.tier {
            continue;
        }
        let after = if tier as u8 == start.tier {
            start.clone()
        } else {
            Position::default()
        };
        let found = tiers.fetch(tx, tier, &after, wanted).await?;
        rows.extend(found.into_iter().map(|asset| (tier, asset)));
    }
    let page = Page::cut(rows, limit, |(tier, asset)| Position {
        tier: *tier as u8,
        key: asset.sort_key.clone(),
        seq: asset.seq,
    });
    Ok(page.map(|(_, asset)| asset))
}

struct Tiers<'a> {
    access: &'a Access,
    scope: &'a Scope,
    resolved: &'a Resolved<'a>,
    folded: &'a str,
    exact: &'a Exact,
    words: Option<&'a Search>,
}

impl Tiers<'_> {
    async fn fetch(
        &self,
        tx: &mut Tx,
        tier: Tier,
        after: &Position,
        rows: i64,
    ) -> StoreResult<Vec<AssetDetail>> {
        let long_enough = match tier {
            Tier::ExactTag | Tier::ExactSerial | Tier::ExactIdentifier => {
                !self.exact.of(tier).is_empty()
            }
            Tier::TagPrefix | Tier::SerialPrefix => self.folded.chars().count() >= CHARS_MIN,
            Tier::SerialSuffix => self.folded.chars().count() >= SUFFIX_CHARS_MIN,
            Tier::FullText => self.words.is_some(),
        };
        if !long_enough {
            return Ok(Vec::new());
        }
        let parts = match tier {
            Tier::FullText => Stretch::parts(tx, after.seq, rows),
            _ => vec![Stretch::After(after.seq)],
        };
        let mut found = Vec::new();
        for part in parts {
            let wanted = rows - i64::try_from(found.len()).unwrap_or(i64::MAX);
            if wanted > 0 {
                found.extend(self.fetch_part(tx, tier, after, part, wanted).await?);
            }
        }
        Ok(found)
    }

    async fn fetch_part(
        &self,
        tx: &mut Tx,
        tier: Tier,
        after: &Position,
        part: Stretch,
        rows: i64,
    ) -> StoreResult<Vec<AssetDetail>> {
        let mut query = Query::new("SELECT ");
        query.push(detail_columns!());
        let org = self.access.org();
        match tier {
            Tier::ExactTag | Tier::ExactSerial | Tier::ExactIdentifier => {
                query.push(concat!(
                    ", '' AS sort_key",
                    detail_tables!(),
                    " WHERE a.org_id = "
                ));
                query.bind(org).push(" AND a.id IN ");
                query.bind_list(self.exact.of(tier).iter().copied());
                query.push(" AND a.seq > ").bind(after.seq);
            }
            Tier::TagPrefix => {
                // Walking the labels rather than the assets: their key is the order.
                query.push(concat!(
                    ", a.tag_norm AS sort_key",
                    detail_tables!(after "asset_tag found"),
                    " WHERE found.org_id = "
                ));
                query.bind(org);
                push_range(&mut query, " AND found.tag_norm", self.folded, &after.key);
                query.push(" AND found.current AND a.org_id = ").bind(org);
                query.push(" AND a.id = found.asset_id");
            }
            Tier::SerialPrefix => {
                query.push(concat!(
                    ", a.serial_norm AS sort_key",
                    detail_tables!(),
                    " WHERE a.org_id = "
                ));
                query.bind(org);
                push_range(&mut query, " AND a.serial_norm", self.folded, &after.key);
            }
            Tier::SerialSuffix => {
                query.push(concat!(
                    ", a.serial_reversed AS sort_key",
                    detail_tables!(),
                    " WHERE a.org_id = "
                ));
                query.bind(org);
                push_range(
                    &mut query,
                    " AND a.serial_reversed",
                    &project::reversed(self.folded),
                    &after.key,
                );
            }
            Tier::FullText => {
                query.push(", '' AS sort_key FROM ");
                part.push_source(&mut query, org);
                query.push(concat!(detail_tables!(beside), " WHERE a.org_id = "));
                query.bind(org);
                if let Some(words) = self.words {
                    words.push_condition(&mut query, tx, org, part);
                }
            }
        }
        if after.tier == tier as u8 {
            let beyond = match tier {
                Tier::TagPrefix => Some(" AND (found.tag_norm, a.seq) > ("),
                Tier::SerialPrefix => Some(" AND (a.serial_norm, a.seq) > ("),
                Tier::SerialSuffix => Some(" AND (a.serial_reversed, a.seq) > ("),
                Tier::ExactTag | Tier::ExactSerial | Tier::ExactIdentifier | Tier::FullText => None,
            };
            if let Some(beyond) = beyond {
                query.push(beyond).bind(after.key.as_str());
                query.push(", ").bind(after.seq).push(")");
            }
        }
        self.push_exclusions(&mut query, tier);
        self.resolved.push_conditions(&mut query, self.access);
        self.resolved
            .push_units(&mut query, self.access, self.scope);
        query.push(order(tx, tier, part));
        query.bind(rows);
        match tier {
            // How often words occur decides between two plans; one that is made before the words are known takes the wrong one for some.
            Tier::FullText => query.fetch_all_planned_anew(tx).await,
            _ => query.fetch_all(tx).await,
        }
    }

    /// Leaves out what an earlier tier has shown.
    fn push_exclusions(&self, query: &mut Query, tier: Tier) {
        if tier > Tier::ExactIdentifier && self.exact.0.iter().any(|ids| !ids.is_empty()) {
            query
                .push(" AND a.id NOT IN ")
                .bind_list(self.exact.0.iter().flatten().copied());
        }
        if self.folded.chars().count() < CHARS_MIN {
            return;
        }
        if tier > Tier::TagPrefix {
            push_outside(
                query,
                " AND (a.tag_norm IS NULL OR a.tag_norm < ",
                " OR a.tag_norm >= ",
                self.folded,
            );
        }
        if tier > Tier::SerialPrefix {
            push_outside(
                query,
                " AND (a.serial_norm IS NULL OR a.serial_norm < ",
                " OR a.serial_norm >= ",
                self.folded,
            );
        }
        if tier > Tier::SerialSuffix && self.folded.chars().count() >= SUFFIX_CHARS_MIN {
            let reversed = project::reversed(self.folded);
            push_outside(
                query,
                " AND (a.serial_reversed IS NULL OR a.serial_reversed < ",
                " OR a.serial_reversed >= ",
                &reversed,
            );
        }
    }
}

/// The order of a tier, up to the number of rows.
fn order(tx: &Tx, tier: Tier, part: Stretch) -> &'static str {
    match tier {
        Tier::ExactTag | Tier::ExactSerial | Tier::ExactIdentifier => " ORDER BY a.seq LIMIT ",
        // In the order in which either engine reads its index, so that a page ends where it is full.
        Tier::FullText => part.order(tx),
        // A label is on one asset at a time.
        Tier::TagPrefix => " ORDER BY found.tag_norm LIMIT ",
        Tier::SerialPrefix => " ORDER BY a.serial_norm, a.seq LIMIT ",
        Tier::SerialSuffix => " ORDER BY a.serial_reversed, a.seq LIMIT ",
    }
}

/// Appends the range of a prefix, from the key at which the page begins where that lies within it.
fn push_range(query: &mut Query, column: &'static str, prefix: &str, from: &str) {
    let from = if from > prefix { from } else { prefix };
    query.push(column).push(" >= ").bind(from);
    query.push(column).push(" < ").bind(after_prefix(prefix));
}

fn push_outside(query: &mut Query, below: &'static str, above: &'static str, prefix: &str) {
    query
        .push(below)
        .bind(prefix)
        .push(above)
        .bind(after_prefix(prefix))
        .push(")");
}

/// What a search finds exactly: every way and every reading, each asset where it comes first.
#[derive(Debug, Default)]
struct Exact([Vec<AssetId>; 3]);

impl Exact {
    async fn find(tx: &mut Tx, access: &Access, scope: &Scope, raw: &str) -> StoreResult<Self> {
        let mut all = Self::default();
        for (way, (_, head, is_code)) in BY_CODE.into_iter().enumerate() {
            for code in code::candidates(raw) {
                for id in by_code(tx, access, scope, (head, is_code), code.as_str()).await? {
                    if !all.0.iter().flatten().any(|found| *found == id) {
                        all.0[way].push(id);
                    }
                }
            }
        }
        Ok(all)
    }

    fn of(&self, tier: Tier) -> &[AssetId] {
        match tier {
            Tier::ExactTag => &self.0[0],
            Tier::ExactSerial => &self.0[1],
            Tier::ExactIdentifier => &self.0[2],
            _ => &[],
        }
    }
}
