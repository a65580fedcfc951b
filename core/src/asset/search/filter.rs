//! What a list is narrowed to, as conditions.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::super::State;
use super::super::store::COLUMNS;
use super::narrow::{Held, Lack, Narrow, TERMINAL};
use crate::access::Access;
use crate::id::{CategoryId, LocationId, ModelId, PersonId, UnitId};
use crate::store::{Query, StoreResult, Tx};
use crate::text;
use crate::time::Timestamp;
use crate::unit::scope::{Columns, MERGED_UNITS_MAX, Scope};
use crate::{catalogue, location, unit};

/// What a list of assets can be narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
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
    /// What questions ask besides.
    pub narrow: Narrow,
}

/// A filter whose trees have been looked up.
pub(in crate::asset) struct Resolved<'a> {
    filter: &'a Filter,
    units: Option<Vec<UnitId>>,
    categories: Option<Vec<CategoryId>>,
    places: Option<Places>,
}

/// Places as assets name them: sites, and places within sites.
#[derive(Debug, Default)]
struct Places {
    sites: Vec<LocationId>,
    within: Vec<LocationId>,
}

/// The tables that have what most filters ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// The assets, as `a`.
    Assets,
    /// The numbers of assets that are alike, as `t`.
    Groups,
}

/// A part of a filter that both tables know, and that names an index of the assets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// By state.
    State,
    /// By unit, of the filter or of a narrow scope.
    Unit,
    /// By category.
    Category,
    /// By product.
    Model,
    /// By place.
    Place,
}

impl<'a> Resolved<'a> {
    pub(in crate::asset) async fn new(
        tx: &mut Tx,
        access: &Access,
        scope: &Scope,
        filter: &'a Filter,
    ) -> StoreResult<Self> {
        let narrow = &filter.narrow;
        let mut units = None;
        for named in [filter.unit.as_slice(), narrow.units.as_slice()] {
            units = both(units, unit_trees(tx, access, scope, named).await?);
        }
        let mut categories = None;
        for named in [filter.category.as_slice(), narrow.categories.as_slice()] {
            categories = both(categories, category_trees(tx, access, named).await?);
        }
        let places = if narrow.places.is_empty() {
            None
        } else {
            let (sites, within) =
                location::store::with_everything_within(tx, access, &narrow.places).await?;
            Some(Places { sites, within })
        };
        Ok(Self {
            filter,
            units,
            categories,
            places,
        })
    }

    /// Appends what the filter asks for, units excepted.
    pub(in crate::asset) fn push_conditions(&self, query: &mut Query, access: &Access) {
        self.push_marked(query, access, |_| "", "");
    }

    /// As [`Self::push_conditions`], with a mark before the columns of each part, and one before those of the rest.
    pub(super) fn push_marked(
        &self,
        query: &mut Query,
        access: &Access,
        mark: impl Fn(Part) -> &'static str,
        rest: &'static str,
    ) {
        let filter = self.filter;
        if let Some(tag) = &filter.tag {
            query
                .push(
                    " AND a.id IN (SELECT COALESCE(o.merged_into_id, o.id) FROM asset_tag g
                        JOIN asset o ON o.org_id = g.org_id AND o.id = g.asset_id WHERE g.org_id = ",
                )
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
        if let Some(holder) = filter.holder {
            query.push(" AND a.holder_id = ").bind(holder);
        }
        if let Some(since) = filter.updated_since {
            query.push(" AND a.updated_at >= ").bind(since);
        }
        // A record that leads to another is none beside it.
        query.push(" AND a.merged_into_id IS NULL");
        self.push_shared(query, Source::Assets, mark);
        filter.narrow.push_own(query, access, rest);
    }

    /// Appends the parts that both tables know, units excepted.
    pub(super) fn push_shared(
        &self,
        query: &mut Query,
        source: Source,
        mark: impl Fn(Part) -> &'static str,
    ) {
        let (filter, narrow) = (self.filter, &self.filter.narrow);
        let column = |part: Part, name: &'static str| [" AND ", mark(part), source.alias(), name];
        if let Some(state) = filter.state {
            push_all(query, column(Part::State, "state"));
            query.push(" = ").bind(state.as_str());
        }
        if narrow.live && !self.is_held() {
            // No index is of use for what is true of nearly all.
            push_all(query, [" AND ", source.alias(), "state NOT IN "]);
            query.bind_list(TERMINAL.iter().map(|state| state.as_str()));
        }
        if !narrow.states.is_empty() {
            push_all(query, column(Part::State, "state IN "));
            query.bind_list(narrow.states.iter().map(|state| state.as_str()));
        }
        if let Some(categories) = &self.categories {
            push_all(query, column(Part::Category, "category_id IN "));
            query.bind_list(categories.iter().copied());
        }
        if let Some(model) = filter.model {
            push_all(query, column(Part::Model, "model_id = "));
            query.bind(model);
        }
        if !narrow.models.is_empty() {
            push_all(query, column(Part::Model, "model_id IN "));
            query.bind_list(narrow.models.iter().copied());
        }
        if !narrow.makers.is_empty() {
            push_all(query, [" AND ", source.alias(), "manufacturer_id IN "]);
            query.bind_list(narrow.makers.iter().copied());
        }
        if let Some(site) = filter.site {
            push_all(query, column(Part::Place, "site_id = "));
            query.bind(site);
        }
        if let Some(places) = &self.places {
            places.push(query, source, mark(Part::Place));
        }
        match (&narrow.held, source) {
            (Some(Held::Anybody), Source::Assets) => {
                query.push(" AND a.assignment_id IS NOT NULL");
            }
            (Some(Held::Nobody), Source::Assets) => {
                query.push(" AND a.assignment_id IS NULL");
            }
            (Some(Held::Anybody), Source::Groups) => {
                query.push(" AND t.held");
            }
            (Some(Held::Nobody), Source::Groups) => {
                query.push(" AND NOT t.held");
            }
            (Some(Held::By(_)) | None, _) => {}
        }
        if source == Source::Groups && narrow.lacks.contains(&Lack::Model) {
            query.push(" AND t.model_id = ").bind(Uuid::nil());
        }
    }

    /// Whether the filter lets only through what is in a person's custody, which nothing is that is there no more.
    fn is_held(&self) -> bool {
        self.filter.holder.is_some() || matches!(self.filter.narrow.held, Some(Held::By(_)))
    }

    /// Whether the kept numbers tell how many assets pass the filter.
    pub(super) fn is_grouped(&self) -> bool {
        let (filter, narrow) = (self.filter, &self.filter.narrow);
        let named = filter.tag.is_some() || filter.serial.is_some() || narrow.assets.is_some();
        let lacking = narrow.lacks.iter().any(|lack| *lack != Lack::Model);
        !(named || lacking || self.is_ranged() || self.is_within_sites() || self.is_held())
    }

    /// The parts that the filter and a narrow scope have.
    pub(super) fn parts(&self, scope: &Scope) -> Vec<Part> {
        let (filter, narrow) = (self.filter, &self.filter.narrow);
        let few = matches!(scope, Scope::Few { .. });
        let all = [
            (
                Part::State,
                filter.state.is_some() || !narrow.states.is_empty(),
            ),
            (Part::Unit, self.units.is_some() || few),
            (Part::Category, self.categories.is_some()),
            (
                Part::Model,
                filter.model.is_some() || !narrow.models.is_empty(),
            ),
            (Part::Place, filter.site.is_some() || self.places.is_some()),
        ];
        let had = all.into_iter().filter(|(_, had)| *had);
        had.map(|(part, _)| part).collect()
    }

    /// Appends one part as the numbers know it; nothing for places within sites, which they do not.
    pub(super) fn push_part(&self, query: &mut Query, access: &Access, scope: &Scope, part: Part) {
        let (filter, narrow) = (self.filter, &self.filter.narrow);
        match part {
            Part::Unit => self.push_units_of_groups(query, access, scope),
            Part::State => {
                let states = narrow.states.iter().chain(&filter.state);
                query.push(" AND t.state IN ");
                query.bind_list(states.map(|state| state.as_str()));
            }
            Part::Category => {
                query.push(" AND t.category_id IN ");
                query.bind_list(self.categories.iter().flatten().copied());
            }
            Part::Model => {
                query.push(" AND t.model_id IN ");
                query.bind_list(narrow.models.iter().chain(&filter.model).copied());
            }
            Part::Place => {
                let sites = self.places.iter().flat_map(|places| places.sites.iter());
                query.push(" AND t.site_id IN ");
                query.bind_list(sites.chain(&filter.site).copied());
            }
        }
    }

    /// Whether places within sites are asked for, of whose assets no number is kept.
    pub(super) fn is_within_sites(&self) -> bool {
        self.places
            .as_ref()
            .is_some_and(|places| !places.within.is_empty())
    }

    /// Whether the filter names a few assets by themselves, which are looked up rather than walked to.
    pub(super) fn names_few(&self) -> bool {
        self.filter.tag.is_some()
            || self.filter.serial.is_some()
            || self.filter.narrow.assets.is_some()
            || self.is_held()
    }

    /// Whether nothing is asked for but units.
    pub(super) fn is_of_units_alone(&self) -> bool {
        let asked = Filter {
            unit: None,
            narrow: Narrow {
                units: Vec::new(),
                ..self.filter.narrow.clone()
            },
            ..self.filter.clone()
        };
        asked == Filter::default()
    }

    /// Whether dates or a cost are asked for.
    pub(super) fn is_ranged(&self) -> bool {
        let narrow = &self.filter.narrow;
        narrow.acquired.is_some()
            || narrow.warranty.is_some()
            || narrow.verified.is_some()
            || narrow.due.is_some()
            || narrow.since.is_some()
            || narrow.changed.is_some()
            || narrow.cost.is_some()
            || self.filter.updated_since.is_some()
    }

    /// What the filter asks for.
    pub(super) const fn filter(&self) -> &Filter {
        self.filter
    }

    /// Appends the scope and the unit filter.
    pub(in crate::asset) fn push_units(&self, query: &mut Query, access: &Access, scope: &Scope) {
        self.push_units_by(query, access, scope, COLUMNS);
    }

    /// As [`Self::push_units`], but not to be looked up along where a mark is given.
    pub(super) fn push_units_marked(
        &self,
        query: &mut Query,
        access: &Access,
        scope: &Scope,
        mark: &'static str,
    ) {
        const HIDDEN: Columns = Columns {
            unit: "+a.owning_unit_id",
            own: Some("+a.holder_id"),
        };
        let columns = if mark.is_empty() { COLUMNS } else { HIDDEN };
        self.push_units_by(query, access, scope, columns);
    }

    /// As [`Self::push_units`], for the kept numbers: of these only the units tell, not who holds.
    pub(super) fn push_units_of_groups(&self, query: &mut Query, access: &Access, scope: &Scope) {
        const GROUPS: Columns = Columns {
            unit: "t.unit_id",
            own: None,
        };
        self.push_units_by(query, access, scope, GROUPS);
    }

    fn push_units_by(&self, query: &mut Query, access: &Access, scope: &Scope, columns: Columns) {
        scope.push_condition(query, access.org(), columns);
        if let Some(units) = &self.units {
            query
                .push(" AND ")
                .push(columns.unit)
                .push(" IN ")
                .bind_list(units.iter().copied());
        }
    }

    /// Appends the unit filter alone.
    pub(super) fn push_unit_filter(&self, query: &mut Query) {
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

impl Source {
    const fn alias(self) -> &'static str {
        match self {
            Self::Assets => "a.",
            Self::Groups => "t.",
        }
    }
}

impl Places {
    fn push(&self, query: &mut Query, source: Source, mark: &'static str) {
        let sites = |query: &mut Query| {
            push_all(query, [mark, source.alias(), "site_id IN "]);
            query.bind_list(self.sites.iter().copied());
        };
        query.push(" AND (");
        if self.within.is_empty() {
            sites(query);
        } else {
            push_all(query, [mark, "a.location_id IN "]);
            query.bind_list(self.within.iter().copied());
            if !self.sites.is_empty() {
                query.push(" OR ");
                sites(query);
            }
        }
        query.push(")");
    }
}

fn push_all<const N: usize>(query: &mut Query, pieces: [&'static str; N]) {
    for piece in pieces {
        query.push(piece);
    }
}

/// What is in both lists; a list that is none has everything.
fn both<T: PartialEq>(one: Option<Vec<T>>, other: Option<Vec<T>>) -> Option<Vec<T>> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.into_iter().filter(|id| other.contains(id)).collect()),
        (one, other) => one.or(other),
    }
}

async fn unit_trees(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    named: &[UnitId],
) -> StoreResult<Option<Vec<UnitId>>> {
    if named.is_empty() {
        return Ok(None);
    }
    let mut all = Vec::new();
    for unit in named {
        // A unit outside the scope has no visible tree: asking for one above the caller's must not tell that it is above.
        if scope.contains(*unit) {
            all.extend(unit::store::descendants(tx, access, *unit).await?);
        } else {
            all.push(*unit);
        }
    }
    all.sort_unstable();
    all.dedup();
    Ok(Some(all))
}

async fn category_trees(
    tx: &mut Tx,
    access: &Access,
    named: &[CategoryId],
) -> StoreResult<Option<Vec<CategoryId>>> {
    if named.is_empty() {
        return Ok(None);
    }
    let mut all = Vec::new();
    for category in named {
        all.extend(catalogue::store::category_descendants(tx, access, *category).await?);
    }
    all.sort_unstable();
    all.dedup();
    Ok(Some(all))
}
