//! Finding assets: lists with filters, the tiers of a search, and what a scanned code means.

use super::store::{AssetDetail, COLUMNS, detail_columns, detail_tables};
use super::{HoldKind, State, code, store};
use crate::access::Access;
use crate::explain::{Explain, Kind};
use crate::id::{AssetId, CategoryId, LocationId, ModelId, PersonId, UnitId};
use crate::page::{Limit, Page, Position};
use crate::store::search::{CHARS_MIN, Search, after_prefix, search_order};
use crate::store::{Query, StoreResult, Tx};
use crate::text::{self, Tag};
use crate::time::Timestamp;
use crate::unit::scope::{MERGED_UNITS_MAX, Scope};
use crate::{catalogue, org, unit};

/// The fewest characters of the end of a serial number by which it is found.
const SUFFIX_CHARS_MIN: usize = 4;
/// The most assets that one exact code may mean before the rest are left to the later tiers.
const EXACT_MAX: i64 = 50;

/// What a list of assets can be narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Exactly this label, or a former one.
    pub tag: Option<String>,
    /// Exactly this serial number.
    pub serial: Option<String>,
    /// Where it is in its life.
    pub state: Option<State>,
    /// A unit with everything below it.
    pub unit: Option<UnitId>,
    /// A site.
    pub site: Option<LocationId>,
    /// A category with everything below it.
    pub category: Option<CategoryId>,
    /// A product.
    pub model: Option<ModelId>,
    /// Whoever has it.
    pub holder: Option<PersonId>,
    /// Changed at this instant or later.
    pub updated_since: Option<Timestamp>,
}

/// A filter whose trees have been looked up.
pub(super) struct Resolved<'a> {
    filter: &'a Filter,
    units: Option<Vec<UnitId>>,
    categories: Option<Vec<CategoryId>>,
}

impl<'a> Resolved<'a> {
    pub(super) async fn new(
        tx: &mut Tx,
        access: &Access,
        scope: &Scope,
        filter: &'a Filter,
    ) -> StoreResult<Self> {
        let units = match filter.unit {
            Some(unit) if scope.contains(unit) => {
                Some(unit::store::descendants(tx, access, unit).await?)
            }
            // A unit outside the scope has no visible tree: asking for one above the caller's must not tell that it is above.
            Some(unit) => Some(vec![unit]),
            None => None,
        };
        let categories = match filter.category {
            Some(category) => {
                Some(catalogue::store::category_descendants(tx, access, category).await?)
            }
            None => None,
        };
        Ok(Self {
            filter,
            units,
            categories,
        })
    }

    /// Appends what the filter asks for, units excepted.
    pub(super) fn push_conditions(&self, query: &mut Query, access: &Access) {
        let filter = self.filter;
        if let Some(tag) = &filter.tag {
            query
                .push(" AND a.id IN (SELECT g.asset_id FROM asset_tag g WHERE g.org_id = ")
                .bind(access.org());
            query
                .push(" AND g.tag_norm = ")
                .bind(text::fold_code(tag))
                .push(")");
        }
        if let Some(serial) = &filter.serial {
            query
                .push(" AND a.serial_norm = ")
                .bind(text::fold_code(serial));
        }
        if let Some(state) = filter.state {
            query.push(" AND a.state = ").bind(state.as_str());
        }
        if let Some(site) = filter.site {
            query.push(" AND a.site_id = ").bind(site);
        }
        if let Some(categories) = &self.categories {
            query
                .push(" AND a.category_id IN ")
                .bind_list(categories.iter().copied());
        }
        if let Some(model) = filter.model {
            query.push(" AND a.model_id = ").bind(model);
        }
        if let Some(holder) = filter.holder {
            query.push(" AND a.holder_id = ").bind(holder);
        }
        if let Some(since) = filter.updated_since {
            query.push(" AND a.updated_at >= ").bind(since);
        }
    }

    /// Whether the filter names a few assets by themselves, which are looked up rather than walked to.
    const fn names_few(&self) -> bool {
        self.filter.tag.is_some() || self.filter.serial.is_some()
    }

    /// Appends the scope and the unit filter.
    pub(super) fn push_units(&self, query: &mut Query, access: &Access, scope: &Scope) {
        scope.push_condition(query, access.org(), COLUMNS);
        if let Some(units) = &self.units {
            query
                .push(" AND a.owning_unit_id IN ")
                .bind_list(units.iter().copied());
        }
    }

    /// The few units whose rows are read one by one and merged, and whose own rows are merged in; none where the whole list is walked.
    fn arms(&self, scope: &Scope) -> Option<(Vec<UnitId>, Option<PersonId>)> {
        let within = |units: &[UnitId], scope: &[UnitId]| -> Vec<UnitId> {
            units
                .iter()
                .copied()
                .filter(|unit| scope.binary_search(unit).is_ok())
                .collect()
        };
        match (scope, &self.units) {
            (Scope::Whole, Some(units)) if units.len() <= MERGED_UNITS_MAX => {
                Some((units.clone(), None))
            }
            (Scope::Few { units: reach, own }, Some(units)) => {
                // Somebody's own things outside their units still have to lie within the unit that is asked for.
                let outside = units.iter().any(|unit| reach.binary_search(unit).is_err());
                if outside && own.is_some() {
                    None
                } else {
                    Some((within(units, reach), None))
                }
            }
            (Scope::Few { units, own }, None) => Some((units.clone(), *own)),
            _ => None,
        }
    }
}

/// A page of the assets in scope that pass the filter, oldest first.
pub async fn page(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    filter: &Filter,
    after: i64,
    limit: Limit,
) -> StoreResult<Page<AssetDetail>> {
    let resolved = Resolved::new(tx, access, scope, filter).await?;
    let rows = walk(tx, access, scope, &resolved, after, limit.plus_one()).await?;
    Ok(Page::cut(rows, limit, |asset: &AssetDetail| {
        Position::after(asset.seq)
    }))
}

async fn walk(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    resolved: &Resolved<'_>,
    after: i64,
    rows: i64,
) -> StoreResult<Vec<AssetDetail>> {
    let mut query = Query::new(concat!(
        "SELECT ",
        detail_columns!(),
        ", '' AS sort_key",
        detail_tables!(),
        " WHERE a.org_id = "
    ));
    query.bind(access.org());
    if resolved.names_few() {
        // The plus keeps the engines from walking the list in its order to look for the one row that a tag or serial number names.
        query.push(" AND +a.seq > ").bind(after);
        resolved.push_conditions(&mut query, access);
        resolved.push_units(&mut query, access, scope);
        query.push(" ORDER BY +a.seq LIMIT ").bind(rows);
        return query.fetch_all(tx).await;
    }
    if let Some((units, own)) = resolved.arms(scope) {
        query.push(" AND a.seq IN (SELECT arm.seq FROM (");
        let mut any = false;
        for unit in units {
            query.push(if any { " UNION " } else { "" });
            any = true;
            push_arm(&mut query, access, resolved, after, rows, |query| {
                query.push(" AND a.owning_unit_id = ").bind(unit);
            });
        }
        if let Some(own) = own {
            query.push(if any { " UNION " } else { "" });
            any = true;
            push_arm(&mut query, access, resolved, after, rows, |query| {
                query.push(" AND a.holder_id = ").bind(own);
            });
        }
        if !any {
            return Ok(Vec::new());
        }
        query
            .push(") arm ORDER BY arm.seq LIMIT ")
            .bind(rows)
            .push(")");
    } else {
        query.push(" AND a.seq > ").bind(after);
        resolved.push_conditions(&mut query, access);
        resolved.push_units(&mut query, access, scope);
    }
    query.push(" ORDER BY a.seq LIMIT ").bind(rows);
    query.fetch_all(tx).await
}

/// The next rows of one unit, read along its own index.
fn push_arm(
    query: &mut Query,
    access: &Access,
    resolved: &Resolved<'_>,
    after: i64,
    rows: i64,
    belongs: impl FnOnce(&mut Query),
) {
    query
        .push("SELECT one.seq FROM (SELECT a.seq FROM asset a WHERE a.org_id = ")
        .bind(access.org());
    belongs(query);
    query.push(" AND a.seq > ").bind(after);
    resolved.push_conditions(query, access);
    query
        .push(" ORDER BY a.seq LIMIT ")
        .bind(rows)
        .push(") one");
}

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
                    &super::project::reversed(self.folded),
                    &after.key,
                );
            }
            Tier::FullText => {
                query.push(concat!(
                    ", '' AS sort_key",
                    detail_tables!(after "asset_search found"),
                    " WHERE a.org_id = "
                ));
                query.bind(org);
                if let Some(words) = self.words {
                    words.push_condition(&mut query, tx, org, after.seq);
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
        query.push(order(tx, tier));
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
            let reversed = super::project::reversed(self.folded);
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
fn order(tx: &Tx, tier: Tier) -> &'static str {
    match tier {
        Tier::ExactTag | Tier::ExactSerial | Tier::ExactIdentifier => " ORDER BY a.seq LIMIT ",
        // In the order in which either engine reads its index, so that a page ends where it is full.
        Tier::FullText => search_order(tx),
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

/// By what an exact code was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matched {
    /// The label, or a former one.
    Tag,
    /// The serial number.
    Serial,
    /// Another identifier.
    Identifier,
}

/// The three ways in which a code names an asset exactly, in their order.
const BY_CODE: [(Matched, &str, &str); 3] = [
    (
        Matched::Tag,
        "SELECT DISTINCT a.id, +a.seq FROM asset_tag g JOIN asset a ON a.org_id = g.org_id AND a.id = g.asset_id WHERE g.org_id = ",
        " AND g.tag_norm = ",
    ),
    (
        Matched::Serial,
        "SELECT a.id, a.seq FROM asset a WHERE a.org_id = ",
        " AND a.serial_norm = ",
    ),
    (
        Matched::Identifier,
        "SELECT DISTINCT a.id, +a.seq FROM asset_identifier i JOIN asset a ON a.org_id = i.org_id AND a.id = i.asset_id WHERE i.org_id = ",
        " AND i.value_norm = ",
    ),
];

/// The assets in scope that have a code in one of these ways.
async fn by_code(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    (head, is_code): (&'static str, &'static str),
    code: &str,
) -> StoreResult<Vec<AssetId>> {
    let mut query = Query::new(head);
    query.bind(access.org()).push(is_code).bind(code);
    scope.push_condition(&mut query, access.org(), COLUMNS);
    // With the plus the code is looked up, and the few rows it names are sorted; without it SQLite walks the list to find them.
    query.push(" ORDER BY +a.seq LIMIT ").bind(EXACT_MAX);
    let found: Vec<(AssetId, i64)> = query.fetch_all(tx).await?;
    Ok(found.into_iter().map(|(id, _)| id).collect())
}

/// The assets in scope that a scanned code names exactly: label or former label, serial number, other identifier. The first that finds
/// something wins, tried for each reading of the code in turn. What is out of scope must not win, or it would hide what the caller may see.
async fn exact(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    raw: &str,
) -> StoreResult<Option<(Matched, Vec<AssetId>)>> {
    for code in code::candidates(raw) {
        for (matched, head, is_code) in BY_CODE {
            let found = by_code(tx, access, scope, (head, is_code), code.as_str()).await?;
            if !found.is_empty() {
                return Ok(Some((matched, found)));
            }
        }
    }
    Ok(None)
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

/// An asset that a scan found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The asset.
    pub asset: AssetDetail,
    /// By what it was recognised.
    pub matched: Matched,
    /// The holds that are open on it.
    pub holds: Vec<(HoldKind, Timestamp)>,
}

/// What a scanned code turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scanned {
    /// One asset.
    One(Box<Found>),
    /// Several assets in scope.
    Several(Vec<AssetDetail>),
    /// Nothing in scope.
    Nothing,
    /// A label of ours with a wrong check character: the scanner misread it.
    Misread,
}

/// Why a scan has no single answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScanRefusal {
    /// Several assets have the code.
    #[error("several assets have this code")]
    Ambiguous,
    /// The check character does not belong to the tag.
    #[error("the check character does not belong to this tag; scan it again")]
    Misread,
}

impl Explain for ScanRefusal {
    fn kind(&self) -> Kind {
        match self {
            Self::Ambiguous => Kind::Conflict,
            Self::Misread => Kind::Unacceptable,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Ambiguous => "ambiguous_code",
            Self::Misread => "tag_misread",
        }
    }
}

/// Resolves what a scanner read.
pub async fn scan(tx: &mut Tx, access: &Access, scope: &Scope, raw: &str) -> StoreResult<Scanned> {
    if let Some((matched, ids)) = exact(tx, access, scope, raw).await? {
        let mut found = store::by_ids(tx, access, scope, &ids).await?;
        if found.len() > 1 {
            return Ok(Scanned::Several(found));
        }
        if let Some(asset) = found.pop() {
            let holds = store::hold_kinds(tx, access, asset.id).await?;
            return Ok(Scanned::One(Box::new(Found {
                asset,
                matched,
                holds,
            })));
        }
    }
    if let Some(code) = code::candidates(raw).first() {
        let namespaces = org::store::tag_namespaces(tx, access).await?;
        if namespaces
            .iter()
            .any(|namespace| Tag::is_misread(code, namespace))
        {
            return Ok(Scanned::Misread);
        }
    }
    Ok(Scanned::Nothing)
}
