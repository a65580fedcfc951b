//! How a reach becomes a condition in SQL: the one predicate that lists, look-ups, searches and counts share.
//!
//! Measured at a million rows: joining against the scope lets SQLite choose the wrong outer table, and comparing path prefixes cannot use an
//! index. So a few units are read one by one along an index (organisation, unit, seq) and merged, and many are tested with EXISTS.

use crate::access::{Access, Action, Reach};
use crate::id::{OrgId, PersonId, UnitId};
use crate::store::{Query, StoreResult, Tx, fetch_all};

/// Up to this many units are read one by one; above, an index scan of the whole organisation meets the scope soon enough.
pub const MERGED_UNITS_MAX: usize = 64;

/// The rows an access reaches in a table whose rows belong to units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// All of the organisation.
    Whole,
    /// Those of these units, which are few, and those that are the person's own.
    Few {
        /// Every unit in reach, descendants included.
        units: Vec<UnitId>,
        /// Whose own rows are seen besides.
        own: Option<PersonId>,
    },
    /// Those below these units, which are many, and those that are the person's own.
    Many {
        /// The topmost units.
        roots: Vec<UnitId>,
        /// Every unit in reach, descendants included.
        units: Vec<UnitId>,
        /// Whose own rows are seen besides.
        own: Option<PersonId>,
    },
}

/// Resolves how far an action reaches.
pub async fn resolve(tx: &mut Tx, access: &Access, action: Action) -> StoreResult<Scope> {
    let own = access.person();
    match access.reach(action) {
        Reach::Whole => Ok(Scope::Whole),
        Reach::Below(roots) if roots.is_empty() => Ok(Scope::Few { units: roots, own }),
        Reach::Below(roots) => {
            let mut units = Vec::new();
            for root in &roots {
                let below: Vec<(UnitId,)> = fetch_all!(
                    tx,
                    (UnitId,),
                    "SELECT descendant_id FROM unit_closure WHERE org_id = $1 AND ancestor_id = $2",
                    access.org(),
                    *root
                )?;
                units.extend(below.into_iter().map(|(unit,)| unit));
            }
            units.sort_unstable();
            units.dedup();
            if units.len() <= MERGED_UNITS_MAX {
                Ok(Scope::Few { units, own })
            } else {
                Ok(Scope::Many { roots, units, own })
            }
        }
    }
}

/// The columns of a table that say to whom a row belongs.
#[derive(Debug, Clone, Copy)]
pub struct Columns {
    /// The unit's, qualified: `a.owning_unit_id`.
    pub unit: &'static str,
    /// The person's own, qualified; none where a person owns no rows of this table.
    pub own: Option<&'static str>,
}

impl Scope {
    /// Whether a unit's rows are in scope.
    #[must_use]
    pub fn contains(&self, unit: UnitId) -> bool {
        match self {
            Self::Whole => true,
            Self::Few { units, .. } | Self::Many { units, .. } => {
                units.binary_search(&unit).is_ok()
            }
        }
    }

    /// Whose own rows are seen besides those of the units.
    #[must_use]
    pub const fn own(&self) -> Option<PersonId> {
        match self {
            Self::Whole => None,
            Self::Few { own, .. } | Self::Many { own, .. } => *own,
        }
    }

    /// Appends ` AND (…)`, true for the rows in scope.
    pub(crate) fn push_condition(&self, query: &mut Query, org: OrgId, columns: Columns) {
        let own = match self {
            Self::Whole => return,
            Self::Few { units, own } => {
                query.push(" AND (").push(columns.unit).push(" IN ");
                query.bind_list(units.iter().copied());
                *own
            }
            Self::Many { roots, own, .. } => {
                query.push(" AND (EXISTS (SELECT 1 FROM unit_closure reach WHERE reach.org_id = ");
                query
                    .bind(org)
                    .push(" AND reach.descendant_id = ")
                    .push(columns.unit);
                query
                    .push(" AND reach.ancestor_id IN ")
                    .bind_list(roots.iter().copied())
                    .push(")");
                *own
            }
        };
        if let (Some(person), Some(column)) = (own, columns.own) {
            query.push(" OR ").push(column).push(" = ").bind(person);
        }
        query.push(")");
    }
}
