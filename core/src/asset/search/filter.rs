//! What a list is narrowed to, as conditions.

use super::super::State;
use super::super::store::COLUMNS;
use crate::access::Access;
use crate::id::{CategoryId, LocationId, ModelId, PersonId, UnitId};
use crate::store::{Query, StoreResult, Tx};
use crate::text;
use crate::time::Timestamp;
use crate::unit::scope::{MERGED_UNITS_MAX, Scope};
use crate::{catalogue, unit};

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
pub(in crate::asset) struct Resolved<'a> {
    filter: &'a Filter,
    units: Option<Vec<UnitId>>,
    categories: Option<Vec<CategoryId>>,
}

impl<'a> Resolved<'a> {
    pub(in crate::asset) async fn new(
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
    pub(in crate::asset) fn push_conditions(&self, query: &mut Query, access: &Access) {
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
    pub(super) const fn names_few(&self) -> bool {
        self.filter.tag.is_some() || self.filter.serial.is_some()
    }

    /// Appends the scope and the unit filter.
    pub(in crate::asset) fn push_units(&self, query: &mut Query, access: &Access, scope: &Scope) {
        scope.push_condition(query, access.org(), COLUMNS);
        if let Some(units) = &self.units {
            query
                .push(" AND a.owning_unit_id IN ")
                .bind_list(units.iter().copied());
        }
    }

    /// The few units whose rows are read one by one and merged, and whose own rows are merged in; none where the whole list is walked.
    pub(super) fn arms(&self, scope: &Scope) -> Option<(Vec<UnitId>, Option<PersonId>)> {
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
