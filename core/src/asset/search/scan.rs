//! What a scanned code names exactly.

use super::super::store::{AssetDetail, COLUMNS};
use super::super::{HoldKind, code, store};
use crate::access::Access;
use crate::explain::{Explain, Kind};
use crate::id::AssetId;
use crate::org;
use crate::store::{Query, StoreResult, Tx};
use crate::text::Tag;
use crate::time::Timestamp;
use crate::unit::scope::Scope;

/// The most assets that one exact code may mean before the rest are left to the later tiers.
const EXACT_MAX: i64 = 50;

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

/// The three ways in which a code names an asset exactly, in their order. What a record that was merged was known by leads to the other one.
pub(super) const BY_CODE: [(Matched, &str, &str); 3] = [
    (
        Matched::Tag,
        "SELECT DISTINCT a.id, +a.seq FROM asset_tag g JOIN asset o ON o.org_id = g.org_id AND o.id = g.asset_id
             JOIN asset a ON a.org_id = o.org_id AND a.id = COALESCE(o.merged_into_id, o.id) WHERE g.org_id = ",
        " AND g.tag_norm = ",
    ),
    (
        Matched::Serial,
        "SELECT DISTINCT a.id, +a.seq FROM asset o
             JOIN asset a ON a.org_id = o.org_id AND a.id = COALESCE(o.merged_into_id, o.id) WHERE o.org_id = ",
        " AND o.serial_norm = ",
    ),
    (
        Matched::Identifier,
        "SELECT DISTINCT a.id, +a.seq FROM asset_identifier i JOIN asset o ON o.org_id = i.org_id AND o.id = i.asset_id
             JOIN asset a ON a.org_id = o.org_id AND a.id = COALESCE(o.merged_into_id, o.id) WHERE i.org_id = ",
        " AND i.value_norm = ",
    ),
];

/// The assets in scope that have a code in one of these ways.
pub(super) async fn by_code(
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
