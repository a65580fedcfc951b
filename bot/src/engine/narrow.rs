//! From what a question asks for to what the store looks for.

use habeo_core::asset::search::{self as core, Held, Narrow, Span};
use habeo_core::id::AssetId;
use habeo_core::time::{Day, Timestamp};

use super::days::Calendar;
use super::turn::{Stop, Turn};
use crate::intent::{
    DateOf, Dimension, Filter, Holder, Intent, Named, Phrase, Sort, SortKey, Window,
};

/// What the store looks for.
#[derive(Debug, Clone, Default)]
pub(super) struct Sought {
    pub filter: core::Filter,
    /// Words that have to be somewhere.
    pub words: Option<String>,
}

impl Turn<'_> {
    /// Looks up what a filter names. `intent` is what is wanted, for the buttons of a choice.
    pub async fn sought(&mut self, filter: &Filter, intent: &Intent) -> Result<Sought, Stop> {
        let mut narrow = Narrow {
            live: filter.states.is_empty(),
            states: filter.states.clone(),
            units: ids(&filter.units),
            categories: ids(&filter.categories),
            models: ids(&filter.models),
            makers: ids(&filter.makers),
            places: ids(&filter.places),
            cost: filter.cost.map(|cost| Span {
                from: cost.from_minor,
                until: cost.until_minor.map(|until| until.saturating_add(1)),
            }),
            lacks: filter.lacks.clone(),
            ..Narrow::default()
        };
        for window in &filter.windows {
            put(&mut narrow, &self.lexicon.calendar, *window);
        }
        let mut personal = filter.cost.is_some();
        match &filter.holder {
            None => {}
            Some(Holder::Anyone) => narrow.held = Some(Held::Anybody),
            Some(Holder::Nobody) => narrow.held = Some(Held::Nobody),
            Some(Holder::Me) => {
                personal = true;
                narrow.held = Some(Held::By(self.asker.access.person().into_iter().collect()));
            }
            Some(Holder::Named(name)) => {
                personal = true;
                let person = self.person(name.as_str(), intent).await?;
                self.bound
                    .people
                    .insert(name.as_str().to_owned(), person.id);
                narrow.held = Some(Held::By(vec![person.id]));
            }
        }
        if personal {
            self.keep_private();
        }
        if !filter.codes.is_empty() {
            let mut assets: Vec<AssetId> = Vec::new();
            for code in &filter.codes {
                let found = self.by_code(code.as_str()).await?;
                assets.extend(found.iter().map(|asset| asset.id));
            }
            narrow.assets = Some(assets);
        }
        let words: Vec<&str> = filter.words.iter().map(Phrase::as_str).collect();
        Ok(Sought {
            filter: core::Filter {
                narrow,
                ..core::Filter::default()
            },
            words: (!words.is_empty()).then(|| words.join(" ")),
        })
    }
}

fn ids<Id: Copy>(named: &[Named<Id>]) -> Vec<Id> {
    named
        .iter()
        .flat_map(|one| one.ids.iter().copied())
        .collect()
}

/// What lies in both stretches.
fn both<T: Ord>(known: &mut Option<Span<T>>, more: Span<T>) {
    *known = Some(match known.take() {
        Some(known) => known.and(more),
        None => more,
    });
}

fn put(narrow: &mut Narrow, calendar: &Calendar, window: Window) {
    let days = Span {
        from: window.from,
        until: window.until.map(|until| until.plus_days(1)),
    };
    let instants = Span {
        from: days.from.map(|day| calendar.start(day)),
        until: days.until.map(|day| calendar.start(day)),
    };
    let by_day = |known: &mut Option<Span<Day>>| both(known, days);
    let by_instant = |known: &mut Option<Span<Timestamp>>| both(known, instants);
    match window.of {
        DateOf::Bought => by_day(&mut narrow.acquired),
        DateOf::WarrantyEnds => by_day(&mut narrow.warranty),
        DateOf::Seen => by_instant(&mut narrow.verified),
        DateOf::Due => by_instant(&mut narrow.due),
        DateOf::StateSince => by_instant(&mut narrow.since),
        DateOf::Changed => by_instant(&mut narrow.changed),
    }
}

/// The order of a list: as asked, or by the first date that it is narrowed to, or that of entry.
pub(super) fn order(filter: &Filter, sort: Option<Sort>) -> core::Sort {
    if let Some(sort) = sort {
        return core::Sort {
            by: key(sort.by),
            descending: sort.descending,
        };
    }
    let by = filter.windows.first().map(|window| match window.of {
        DateOf::Bought => core::SortKey::Acquired,
        DateOf::WarrantyEnds => core::SortKey::Warranty,
        DateOf::Seen => core::SortKey::Verified,
        DateOf::Due => core::SortKey::Due,
        DateOf::StateSince | DateOf::Changed => core::SortKey::Entry,
    });
    core::Sort {
        by: by.unwrap_or_default(),
        descending: false,
    }
}

const fn key(by: SortKey) -> core::SortKey {
    match by {
        SortKey::Bought => core::SortKey::Acquired,
        SortKey::Cost => core::SortKey::Cost,
        SortKey::Seen => core::SortKey::Verified,
        SortKey::Due => core::SortKey::Due,
        SortKey::WarrantyEnds => core::SortKey::Warranty,
        SortKey::Tag => core::SortKey::Tag,
        SortKey::Model => core::SortKey::Model,
        SortKey::Unit => core::SortKey::Unit,
        SortKey::Place => core::SortKey::Place,
        SortKey::State => core::SortKey::State,
        SortKey::Holder => core::SortKey::Holder,
    }
}

/// By what the store divides a number.
pub(super) const fn dimension(by: Dimension) -> core::Dimension {
    match by {
        Dimension::Unit => core::Dimension::Unit,
        Dimension::College => core::Dimension::College,
        Dimension::Site => core::Dimension::Site,
        Dimension::Building => core::Dimension::Building,
        Dimension::Room => core::Dimension::Place,
        Dimension::Category => core::Dimension::Category,
        Dimension::Maker => core::Dimension::Maker,
        Dimension::Model => core::Dimension::Model,
        Dimension::State => core::Dimension::State,
        Dimension::Holder => core::Dimension::Holder,
        Dimension::Year => core::Dimension::Year,
    }
}
