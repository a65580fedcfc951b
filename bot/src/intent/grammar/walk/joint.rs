//! Prepositions and nouns: where things are, by what they are counted, and in which order they stand.

use crate::intent::grammar::dating::Relation;
use crate::intent::grammar::lexeme::Kind;
use crate::intent::grammar::naming;
use crate::intent::grammar::walk::Walker;
use crate::intent::reading::Taken;
use crate::intent::sort::{Dimension, Sort, SortKey};
use crate::intent::synonyms::Sense;
use crate::intent::vocabulary::{Hit, Thing};
use crate::intent::window::DateOf;

impl Walker<'_> {
    pub(super) fn step_joint(&mut self, sense: Sense) -> usize {
        // "By Friday", "by department", "by price, highest first".
        if sense == Sense::By {
            let turned = self.rest().iter().take(6).any(|lexeme| {
                matches!(
                    lexeme.sense(),
                    Some(Sense::Down | Sense::Up | Sense::Expensive | Sense::Cheap)
                )
            });
            if turned && self.sense(1).and_then(sort_key).is_some() {
                return self.step_sort();
            }
            if matches!(
                self.sense(1),
                Some(Sense::Noun(_) | Sense::Holder | Sense::Place | Sense::Status)
            ) {
                return self.step_per();
            }
            if self
                .lexemes
                .get(self.at + 1)
                .is_some_and(|next| matches!(next.kind, Kind::Date(_)))
                || matches!(self.sense(1), Some(Sense::The))
                    && self
                        .lexemes
                        .get(self.at + 2)
                        .is_some_and(|next| matches!(next.kind, Kind::Date(_)))
            {
                self.draft.dating.relation = Some(Relation::Until);
            }
        }
        if sense == Sense::To
            && self.draft.dating.is_dated()
            && self
                .lexemes
                .get(self.at + 1)
                .is_some_and(|next| matches!(next.kind, Kind::Date(_)))
        {
            self.draft.dating.relation = Some(Relation::Until);
        }
        if sense == Sense::In && self.sense(1) == Some(Sense::There) {
            return 1;
        }
        let nothing_yet = self.draft.pieces.is_empty() && !self.draft.things;
        if nothing_yet
            && self.lexemes[..self.at].iter().all(|lexeme| {
                matches!(
                    lexeme.sense(),
                    Some(Sense::And | Sense::Noise | Sense::The | Sense::Instead | Sense::Only)
                )
            })
        {
            self.draft.fragment = true;
        }
        self.joint = Some(sense);
        1
    }

    /// "per building", "by department".
    pub(super) fn step_per(&mut self) -> usize {
        let mut ahead = 1;
        while matches!(self.sense(ahead), Some(Sense::The | Sense::Noise)) {
            ahead += 1;
        }
        let by = match self.sense(ahead) {
            Some(Sense::Noun(dimension)) => Some(dimension),
            Some(Sense::Holder) => Some(Dimension::Holder),
            Some(Sense::Place) => Some(Dimension::Site),
            Some(Sense::Status) => Some(Dimension::State),
            _ => None,
        };
        let Some(by) = by else {
            self.joint = Some(Sense::In);
            return 1;
        };
        self.draft.by = Some(by);
        self.take(ahead + 1, Taken::Wish("broken down".to_owned()));
        ahead + 1
    }

    pub(super) fn step_noun(&mut self, dimension: Dimension) -> usize {
        if let Some((count, hit)) = naming::room(self.rest(), None, self.ground.view) {
            return self.step_room(count, &hit);
        }
        // "the department of Biology", "building Alder Hall".
        if matches!(
            dimension,
            Dimension::Unit | Dimension::College | Dimension::Building | Dimension::Site
        ) {
            let of = usize::from(matches!(self.sense(1), Some(Sense::Of)));
            let the = usize::from(matches!(self.sense(1 + of), Some(Sense::The)));
            if let Some(Kind::Names(_)) = self
                .lexemes
                .get(self.at + 1 + of + the)
                .map(|next| &next.kind)
            {
                if matches!(dimension, Dimension::Building | Dimension::Site) {
                    self.joint = Some(Sense::In);
                } else if self.joint.is_none() {
                    self.joint = Some(Sense::Of);
                }
                return 1 + of + the;
            }
        }
        // "The most common projector model": the noun of what is counted stands between.
        let most_of = self.draft.extreme.is_some()
            && matches!(dimension, Dimension::Model | Dimension::Maker)
            && self
                .lexemes
                .get(self.at.wrapping_sub(1))
                .is_some_and(|before| matches!(before.kind, Kind::Names(_)));
        let asked = most_of
            || matches!(
                self.sense_before(),
                Some(Sense::Which | Sense::What | Sense::Most | Sense::Fewest)
            );
        if asked && self.draft.by.is_none() {
            self.draft.by = Some(dimension);
        } else if !asked && self.lexemes[self.at].possessive {
            self.draft.unknown.push(self.lexemes[self.at].raw.clone());
        } else if !asked
            && self.draft.sort.is_none()
            && self.lexemes[..self.at]
                .iter()
                .any(|lexeme| lexeme.is(Sense::Sort))
        {
            self.draft.sort = sort_key(Sense::Noun(dimension)).map(|key| sorted(key, false));
        }
        1
    }

    pub(super) fn step_room(&mut self, count: usize, hit: &Hit) -> usize {
        let mut taken = count;
        let mut found = hit.clone();
        if let Some((more, outer)) = naming::outer_place(&self.rest()[count..]) {
            let number = self.rest()[..count]
                .iter()
                .rev()
                .find(|lexeme| lexeme.text.chars().any(|c| c.is_ascii_digit()))
                .map(|lexeme| lexeme.text.clone());
            let level = self.rest()[..count]
                .iter()
                .find_map(|lexeme| match lexeme.sense() {
                    Some(Sense::Nth(level)) => Some(level.to_string()),
                    _ => None,
                });
            let kind = match hit.thing {
                Thing::Place(kind) => kind,
                _ => habeo_core::location::LocationKind::Room,
            };
            if let Some(inner) = level
                .or(number)
                .and_then(|number| self.ground.view.numbered(&number, kind, Some(&outer)))
            {
                found = inner;
                taken += more;
            }
        } else if let Some(outer) = self.outer_before()
            && let Some(inner) = self.ground.view.within(&found, &outer)
        {
            found = inner;
        }
        if found.ids.len() > 1 {
            let what = if matches!(
                found.thing,
                Thing::Place(habeo_core::location::LocationKind::Floor)
            ) {
                "Floor"
            } else {
                "Room"
            };
            if let Some(number) = crate::intent::vocabulary::number_of(&found.name).or_else(|| {
                self.rest()[..count]
                    .iter()
                    .rev()
                    .find(|lexeme| lexeme.text.chars().any(|c| c.is_ascii_digit()))
                    .map(|lexeme| lexeme.text.clone())
            }) {
                found.name = format!("{what} {number}");
            }
        }
        self.place(&found, taken)
    }

    /// The building that was named before a room.
    pub(super) fn outer_before(&self) -> Option<Hit> {
        self.lexemes[..self.at]
            .iter()
            .rev()
            .find_map(|lexeme| match &lexeme.kind {
                Kind::Names(hits) => hits
                    .iter()
                    .find(|hit| matches!(hit.thing, Thing::Place(_)))
                    .cloned(),
                _ => None,
            })
    }

    pub(super) fn step_sort(&mut self) -> usize {
        let mut ahead = 1;
        while ahead < 6 {
            let Some(sense) = self.sense(ahead) else {
                break;
            };
            if let Some(key) = sort_key(sense) {
                let descending = self.rest()[ahead..]
                    .iter()
                    .any(|lexeme| lexeme.is(Sense::Down));
                self.draft.sort = Some(sorted(
                    key,
                    descending || matches!(sense, Sense::Newest | Sense::Expensive),
                ));
                return ahead + 1;
            }
            ahead += 1;
        }
        1
    }
}

impl Walker<'_> {
    /// "Highest first" turns the order that was asked for.
    pub(super) fn turned(&mut self, descending: bool) {
        match &mut self.draft.sort {
            Some(sort) => sort.descending = descending,
            None => self.draft.unknown.push(self.lexemes[self.at].raw.clone()),
        }
    }
}

pub(super) const fn sorted(by: SortKey, descending: bool) -> Sort {
    Sort { by, descending }
}

pub(super) fn sort_key(sense: Sense) -> Option<SortKey> {
    Some(match sense {
        Sense::Oldest
        | Sense::Newest
        | Sense::HowOld
        | Sense::Old
        | Sense::New
        | Sense::Date(DateOf::Bought)
        | Sense::Noun(Dimension::Year) => SortKey::Bought,
        Sense::Cost | Sense::Expensive | Sense::Cheap => SortKey::Cost,
        Sense::Date(DateOf::Seen) => SortKey::Seen,
        Sense::Due | Sense::Overdue => SortKey::Due,
        Sense::Warranty => SortKey::WarrantyEnds,
        Sense::Tag | Sense::CodeNoun => SortKey::Tag,
        Sense::Noun(Dimension::Model | Dimension::Maker | Dimension::Category) => SortKey::Model,
        Sense::Noun(Dimension::Unit | Dimension::College) => SortKey::Unit,
        Sense::Noun(Dimension::Site | Dimension::Building | Dimension::Room) | Sense::Place => {
            SortKey::Place
        }
        Sense::Status | Sense::Noun(Dimension::State) => SortKey::State,
        Sense::Holder | Sense::Noun(Dimension::Holder) => SortKey::Holder,
        _ => return None,
    })
}
