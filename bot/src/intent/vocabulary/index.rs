//! The look-up behind the vocabulary: from spelled words to the things that are called so.

use std::collections::{HashMap, HashSet};

use habeo_core::id::{LocationId, UnitId};
use habeo_core::location::LocationKind;
use uuid::Uuid;

use super::Lists;
use super::nearest::Nearest;
use super::spelling::{self, NAME_WORDS_MAX, Spelling, number_of, stems};
use crate::intent::bounds::IDS_MAX;
use crate::intent::synonyms;

/// What sort of thing a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::intent) enum Thing {
    /// A unit.
    Unit,
    /// A place.
    Place(LocationKind),
    /// A category.
    Category,
    /// A maker.
    Maker,
    /// A model.
    Model,
}

/// How well a spelling names a thing, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::intent) enum Rank {
    /// Its whole name.
    Exact,
    /// Its short name, where that may be a common word.
    Code,
    /// Its name without the words that many share.
    Core,
    /// The first words of its name.
    Leading,
    /// An abbreviation of its name.
    Abbreviated,
    /// A word inside its name.
    Inner,
}

/// What a stretch of words can stand for.
#[derive(Debug, Clone)]
pub(in crate::intent) struct Hit {
    /// What sort of thing.
    pub thing: Thing,
    /// What it is called.
    pub name: String,
    /// Which ones.
    pub ids: Vec<Uuid>,
    /// How well the words name it.
    pub rank: Rank,
    entries: Vec<u32>,
}

#[derive(Debug)]
struct Entry {
    thing: Thing,
    id: Uuid,
    /// As it is shown: a room with its building.
    label: String,
    name: String,
    parent: Option<u32>,
}

#[derive(Debug, Default)]
pub(super) struct Index {
    entries: Vec<Entry>,
    spelled: HashMap<String, Vec<(u32, Rank)>>,
    numbers: HashMap<(String, LocationKind), Vec<u32>>,
    words: HashSet<String>,
    nearest: Nearest,
}

impl Index {
    pub(super) fn build(lists: &Lists) -> Self {
        let mut index = Self::default();
        for unit in &lists.units {
            let spelled = spelling::of_unit(&unit.name, &unit.code, &unit.aliases);
            index.add(Thing::Unit, unit.id.uuid(), &unit.name, spelled);
        }
        index.add_places(lists);
        for maker in &lists.makers {
            index.add(
                Thing::Maker,
                maker.id.uuid(),
                &maker.name,
                spelling::of_maker(&maker.name),
            );
        }
        for category in &lists.categories {
            let spelled = spelling::of_category(&category.name, &category.code);
            index.add(Thing::Category, category.id.uuid(), &category.name, spelled);
        }
        for model in &lists.models {
            let spelled = spelling::of_model(&model.name, model.number.as_deref());
            index.add(Thing::Model, model.id.uuid(), &model.name, spelled);
        }
        index.add_synonyms();
        let nearest = {
            let own = index.words.iter().map(String::as_str);
            Nearest::new(own.chain(synonyms::words()))
        };
        index.nearest = nearest;
        index
    }

    fn add(&mut self, thing: Thing, id: Uuid, name: &str, spelled: Vec<Spelling>) {
        let at = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        self.entries.push(Entry {
            thing,
            id,
            label: name.to_owned(),
            name: name.to_owned(),
            parent: None,
        });
        self.words.extend(stems(name));
        let mut best: HashMap<String, Rank> = HashMap::new();
        for (text, rank) in spelled {
            let known = best.entry(text).or_insert(rank);
            *known = rank.min(*known);
        }
        for (text, rank) in best {
            self.spelled.entry(text).or_default().push((at, rank));
        }
    }

    fn add_places(&mut self, lists: &Lists) {
        let mut positions: HashMap<LocationId, u32> = HashMap::new();
        let mut named: HashMap<&str, usize> = HashMap::new();
        for place in &lists.places {
            *named.entry(place.name.as_str()).or_default() += 1;
        }
        for place in &lists.places {
            let at = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
            positions.insert(place.id, at);
            let inside = is_inside(place.kind);
            let spelled = if inside {
                spelling::of_room(&place.name, &place.code)
            } else {
                spelling::of_place(&place.name, &place.code)
            };
            self.add(
                Thing::Place(place.kind),
                place.id.uuid(),
                &place.name,
                spelled,
            );
            if inside
                && let Some(number) = number_of(&place.name).or_else(|| number_of(&place.code))
            {
                self.numbers
                    .entry((number, place.kind))
                    .or_default()
                    .push(at);
            }
        }
        for place in &lists.places {
            let at = positions[&place.id];
            self.entries[at as usize].parent = place
                .parent
                .and_then(|parent| positions.get(&parent).copied());
        }
        for place in &lists.places {
            let at = positions[&place.id];
            let shared = named
                .get(place.name.as_str())
                .is_some_and(|count| *count > 1);
            if is_inside(place.kind) || shared {
                let outer = self.lineage(at).skip(1).find(|at| !matches!(self.entries[*at as usize].thing, Thing::Place(kind) if is_inside(kind)));
                if let Some(outer) = outer {
                    let label = format!("{}, {}", place.name, self.entries[outer as usize].name);
                    self.entries[at as usize].label = label;
                }
            }
        }
    }

    /// Everyday words for what the organisation calls otherwise: the first of the names that it knows is meant.
    fn add_synonyms(&mut self) {
        for (said, names) in synonyms::EVERYDAY {
            let keys = said.iter().map(|said| stems(said).join(" "));
            let meant: Option<Vec<(u32, Rank)>> = names.iter().find_map(|name| {
                let known = self.spelled.get(&stems(name).join(" "))?;
                let meant: Vec<(u32, Rank)> = known
                    .iter()
                    .filter(|(at, rank)| *rank <= Rank::Core && self.is_product(*at))
                    .map(|(at, _)| (*at, Rank::Core))
                    .collect();
                (!meant.is_empty()).then_some(meant)
            });
            let Some(meant) = meant else {
                continue;
            };
            for key in keys {
                self.words.extend(key.split(' ').map(ToOwned::to_owned));
                let spelled = self.spelled.entry(key).or_default();
                // What the organisation itself calls so goes first.
                if !spelled.iter().any(|(_, rank)| *rank <= Rank::Core) {
                    spelled.extend(meant.iter().copied());
                }
            }
        }
    }

    fn is_product(&self, at: u32) -> bool {
        matches!(
            self.entries[at as usize].thing,
            Thing::Category | Thing::Model | Thing::Maker
        )
    }

    /// The entry itself, what it is in, and so on to the site. Bounded, should the tables contain a circle.
    fn lineage(&self, at: u32) -> impl Iterator<Item = u32> + '_ {
        const DEPTH_MAX: usize = 12;
        std::iter::successors(Some(at), |at| self.entries[*at as usize].parent).take(DEPTH_MAX)
    }

    pub(super) fn longest(
        &self,
        words: &[&str],
        sees: &dyn Fn(UnitId) -> bool,
    ) -> Option<(usize, Vec<Hit>)> {
        let mut key = String::new();
        let mut ends = Vec::with_capacity(NAME_WORDS_MAX);
        for word in words.iter().take(NAME_WORDS_MAX) {
            if !key.is_empty() {
                key.push(' ');
            }
            key.push_str(word);
            ends.push(key.len());
        }
        for count in (1..=ends.len()).rev() {
            if let Some(known) = self.spelled.get(&key[..ends[count - 1]]) {
                let mut hits = self.hits(known, sees);
                for hit in &mut hits {
                    shorten(hit, &words[..count]);
                }
                if !hits.is_empty() {
                    return Some((count, hits));
                }
            }
        }
        None
    }

    /// One hit for each sort of thing, of its best spelling only; sites and buildings are one sort here.
    fn hits(&self, known: &[(u32, Rank)], sees: &dyn Fn(UnitId) -> bool) -> Vec<Hit> {
        let mut groups: Vec<(u8, Rank, Vec<u32>)> = Vec::new();
        for (at, rank) in known {
            let entry = &self.entries[*at as usize];
            if entry.thing == Thing::Unit && !sees(UnitId::from_uuid(entry.id)) {
                continue;
            }
            let sort = sort_of(entry.thing);
            match groups.iter_mut().find(|(known, ..)| *known == sort) {
                Some((_, best, entries)) if *rank == *best => entries.push(*at),
                Some((_, best, entries)) if *rank < *best => {
                    *best = *rank;
                    *entries = vec![*at];
                }
                Some(_) => {}
                None => groups.push((sort, *rank, vec![*at])),
            }
        }
        groups.sort_by_key(|(sort, rank, _)| (*rank, *sort));
        groups
            .into_iter()
            .map(|(_, rank, entries)| self.hit(entries, rank))
            .collect()
    }

    fn hit(&self, mut entries: Vec<u32>, rank: Rank) -> Hit {
        entries.truncate(IDS_MAX);
        let first = &self.entries[entries[0] as usize];
        let name = match entries.as_slice() {
            [_] => first.label.clone(),
            several => self.common_name(several),
        };
        Hit {
            thing: first.thing,
            name,
            ids: entries
                .iter()
                .map(|at| self.entries[*at as usize].id)
                .collect(),
            rank,
            entries,
        }
    }

    /// The words with which all of these names begin, or else end: "`MacBook` Pro" for a family, "Data Center" for two of them.
    fn common_name(&self, entries: &[u32]) -> String {
        let names: Vec<Vec<&str>> = entries
            .iter()
            .map(|at| self.entries[*at as usize].name.split(' ').collect())
            .collect();
        let first = &names[0];
        let shared = |turned: bool| {
            let word = |name: &[&'_ str], at: usize| -> Option<String> {
                let at = if turned {
                    name.len().checked_sub(at + 1)?
                } else {
                    at
                };
                name.get(at).map(ToString::to_string)
            };
            (0..first.len())
                .take_while(|at| names.iter().all(|name| word(name, *at) == word(first, *at)))
                .count()
        };
        match (shared(false), shared(true)) {
            (0, 0) => first.join(" "),
            (0, count) => first[first.len() - count..].join(" "),
            (count, _) => first[..count].join(" "),
        }
    }

    pub(super) fn narrowed(&self, family: &Hit, stem: &str) -> Option<Hit> {
        let entries: Vec<u32> = family
            .entries
            .iter()
            .copied()
            .filter(|at| {
                stems(&self.entries[*at as usize].name)
                    .iter()
                    .any(|word| word == stem)
            })
            .collect();
        (!entries.is_empty()).then(|| self.hit(entries, family.rank))
    }

    pub(super) fn numbered(
        &self,
        number: &str,
        kind: LocationKind,
        within: Option<&Hit>,
    ) -> Option<Hit> {
        let known = self.numbers.get(&(number.to_owned(), kind))?;
        let entries: Vec<u32> = match within {
            None => known.clone(),
            Some(outer) => self.inside(known, outer),
        };
        (!entries.is_empty()).then(|| self.hit(entries, Rank::Exact))
    }

    pub(super) fn within(&self, inner: &Hit, outer: &Hit) -> Option<Hit> {
        let entries = self.inside(&inner.entries, outer);
        (!entries.is_empty()).then(|| self.hit(entries, inner.rank))
    }

    fn inside(&self, entries: &[u32], outer: &Hit) -> Vec<u32> {
        entries
            .iter()
            .copied()
            .filter(|at| {
                self.lineage(*at)
                    .skip(1)
                    .any(|above| outer.entries.contains(&above))
            })
            .collect()
    }

    pub(super) fn nearest(&self, word: &str) -> Option<&str> {
        self.nearest.find(word)
    }

    pub(super) fn knows(&self, stem: &str) -> bool {
        self.words.contains(stem)
    }
}

/// A family of models is called by the words that were said of its name: "`MacBook` Air", whatever else all of them share.
fn shorten(hit: &mut Hit, said: &[&str]) {
    if hit.thing != Thing::Model || hit.ids.len() < 2 || hit.rank != Rank::Core {
        return;
    }
    let mut begun: Vec<String> = Vec::new();
    for (count, word) in hit.name.split(' ').enumerate() {
        begun.extend(stems(word));
        if begun == said {
            hit.name = hit
                .name
                .split(' ')
                .take(count + 1)
                .collect::<Vec<_>>()
                .join(" ");
            return;
        }
    }
}

/// Whether a place lies within a building.
const fn is_inside(kind: LocationKind) -> bool {
    !matches!(
        kind,
        LocationKind::Campus
            | LocationKind::Building
            | LocationKind::OffCampus
            | LocationKind::LeasedFacility
            | LocationKind::Datacenter
    )
}

const fn sort_of(thing: Thing) -> u8 {
    match thing {
        Thing::Unit => 0,
        Thing::Category => 1,
        Thing::Maker => 2,
        Thing::Model => 3,
        Thing::Place(_) => 4,
    }
}
