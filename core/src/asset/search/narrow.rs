//! What questions narrow a list to beyond what the API asks: several of a kind, places with everything in them, stretches of days.

use serde::{Deserialize, Serialize};

use crate::access::Access;
use crate::id::{AssetId, CategoryId, LocationId, ManufacturerId, ModelId, PersonId, UnitId};
use crate::store::{Query, Value};
use crate::time::{Day, Timestamp};

use super::super::State;

/// What a list is narrowed to besides. All parts hold together; within a part any of its members does, and a part without members is none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Narrow {
    /// Neither disposed of nor void.
    pub live: bool,
    /// In one of these states.
    pub states: Vec<State>,
    /// Of these units, with everything below them.
    pub units: Vec<UnitId>,
    /// Of these categories, with everything below them.
    pub categories: Vec<CategoryId>,
    /// These products.
    pub models: Vec<ModelId>,
    /// Of these makers.
    pub makers: Vec<ManufacturerId>,
    /// In these places, with everything within them.
    pub places: Vec<LocationId>,
    /// Among these assets; unlike the other parts, an empty list lets nothing through.
    pub assets: Option<Vec<AssetId>>,
    /// In whose custody.
    pub held: Option<Held>,
    /// Bought on these days.
    pub acquired: Option<Span<Day>>,
    /// With the last day of the warranty among these.
    pub warranty: Option<Span<Day>>,
    /// Last seen then. What was never seen counts as seen before everything.
    pub verified: Option<Span<Timestamp>>,
    /// Due back then.
    pub due: Option<Span<Timestamp>>,
    /// In its state since then.
    pub since: Option<Span<Timestamp>>,
    /// Last changed then.
    pub changed: Option<Span<Timestamp>>,
    /// With a cost in minor units among these.
    pub cost: Option<Span<i64>>,
    /// Without these.
    pub lacks: Vec<Lack>,
}

/// Values from the first on, up to but without the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span<T> {
    /// The first that counts; from the beginning when none.
    pub from: Option<T>,
    /// The first that counts no more; without end when none.
    pub until: Option<T>,
}

impl<T: Ord> Span<T> {
    /// What lies in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            from: self.from.max(other.from),
            until: match (self.until, other.until) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            },
        }
    }
}

/// In whose custody something is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Held {
    /// Somebody's or something's.
    Anybody,
    /// Nobody's.
    Nobody,
    /// One of these people's; nobody's assets when there are none.
    By(Vec<PersonId>),
}

/// What a record can be without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lack {
    /// A label.
    Tag,
    /// A serial number.
    Serial,
    /// A place.
    Place,
    /// The last day of a warranty.
    Warranty,
    /// A cost.
    Cost,
    /// A product.
    Model,
    /// Anybody having seen it.
    Sighting,
}

/// The states in which an asset is there no more.
pub(super) const TERMINAL: [State; 2] = [State::Disposed, State::Void];

impl Narrow {
    /// Appends what only the assets themselves tell, with a mark before the columns that are not to be looked up along.
    pub(super) fn push_own(&self, query: &mut Query, access: &Access, mark: &'static str) {
        if let Some(assets) = &self.assets {
            query
                .push(" AND a.id IN ")
                .bind_list(assets.iter().copied());
        }
        if let Some(Held::By(people)) = &self.held {
            query
                .push(" AND a.holder_id IN ")
                .bind_list(people.iter().copied());
        }
        push_span(query, [" AND ", mark, "a.acquired_on"], self.acquired);
        push_span(query, [" AND ", mark, "a.warranty_ends_on"], self.warranty);
        if let Some(verified) = self.verified {
            push_seen(query, mark, verified);
        }
        if let Some(due) = self.due {
            query.push(" AND a.id IN (SELECT d.asset_id FROM assignment d WHERE d.org_id = ");
            query
                .bind(access.org())
                .push(" AND d.to_at IS NULL AND d.due_at IS NOT NULL");
            push_span(query, [" AND ", "", "d.due_at"], Some(due));
            query.push(")");
        }
        push_span(query, [" AND ", "", "a.state_since"], self.since);
        push_span(query, [" AND ", mark, "a.updated_at"], self.changed);
        push_span(query, [" AND ", mark, "a.cost_minor"], self.cost);
        for lack in &self.lacks {
            query.push(lack.condition());
        }
    }
}

impl Lack {
    const fn condition(self) -> &'static str {
        match self {
            Self::Tag => " AND a.tag_norm IS NULL",
            Self::Serial => " AND a.serial_norm IS NULL",
            Self::Place => " AND a.location_id IS NULL",
            Self::Warranty => " AND a.warranty_ends_on IS NULL",
            Self::Cost => " AND a.cost_minor IS NULL",
            Self::Model => " AND a.model_id IS NULL",
            Self::Sighting => " AND a.last_verified_at IS NULL",
        }
    }
}

pub(super) fn push_span<T: Copy>(
    query: &mut Query,
    column: [&'static str; 3],
    span: Option<Span<T>>,
) where
    Value: From<Option<T>>,
{
    let Some(span) = span else { return };
    let name = |query: &mut Query| {
        for piece in column {
            query.push(piece);
        }
    };
    if span.from.is_none() && span.until.is_none() {
        name(query);
        query.push(" IS NOT NULL");
    }
    if span.from.is_some() {
        name(query);
        query.push(" >= ").bind(span.from);
    }
    if span.until.is_some() {
        name(query);
        query.push(" < ").bind(span.until);
    }
}

fn push_seen(query: &mut Query, mark: &'static str, seen: Span<Timestamp>) {
    if seen.from.is_some() {
        push_span(query, [" AND ", mark, "a.last_verified_at"], Some(seen));
    } else if seen.until.is_some() {
        query.push(" AND (a.last_verified_at IS NULL OR a.last_verified_at < ");
        query.bind(seen.until).push(")");
    }
}
