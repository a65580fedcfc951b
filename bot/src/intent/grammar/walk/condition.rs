//! Conditions: states, what is lacking, what is not, whose it is, and what is pointed at.

use habeo_core::asset::State;

use crate::intent::filter::{Holder, Lack};
use crate::intent::grammar::draft::Part;
use crate::intent::grammar::lexeme::{Kind, Lexeme};
use crate::intent::grammar::walk::joint::sorted;
use crate::intent::grammar::walk::{Mode, Walker};
use crate::intent::named::AssetRef;
use crate::intent::reading::Taken;
use crate::intent::sort::{Dimension, SortKey};
use crate::intent::synonyms::Sense;
use crate::intent::window::DateOf;

impl Walker<'_> {
    pub(super) fn old(&mut self) {
        // "5 years old" has its length already; "old laptops" asks for the oldest.
        if self.draft.dating.is_dated() {
            self.draft.dating.settle(DateOf::Bought);
        } else if self.draft.sort.is_none() {
            self.draft.sort = Some(sorted(SortKey::Bought, false));
        }
    }

    pub(super) fn state(&mut self, states: &[State]) {
        if self.draft.negated {
            // Which states "not in repair" leaves is for the asker to say.
            return;
        }
        for state in states {
            if !self.draft.filter.states.contains(state) {
                self.draft.filter.states.push(*state);
            }
        }
        self.take(1, Taken::Condition(self.lexemes[self.at].raw.clone()));
    }

    pub(super) fn not(&mut self) {
        let dated = self.lexemes[self.at..].iter().take(5).any(|lexeme| {
            matches!(
                lexeme.sense(),
                Some(Sense::Date(DateOf::Seen) | Sense::Changed)
            )
        });
        if dated {
            self.draft.dating.negated = true;
        } else if self.lexemes[self.at..]
            .iter()
            .take(4)
            .any(|lexeme| lexeme.is(Sense::Have))
            && self.lexemes.iter().any(|lexeme| {
                matches!(
                    lexeme.sense(),
                    Some(Sense::Holder | Sense::Serial | Sense::Tag | Sense::Warranty)
                )
            })
        {
            self.lack(None);
        } else {
            self.draft.negated = true;
        }
    }

    pub(super) fn never(&mut self) {
        let seen = self.lexemes[self.at..]
            .iter()
            .take(3)
            .any(|lexeme| lexeme.is(Sense::Date(DateOf::Seen)));
        if seen {
            self.draft.filter.lacks.push(Lack::Sighting);
            self.draft.dating.of = None;
            self.take(2, Taken::Condition("never seen".to_owned()));
        } else {
            self.draft.negated = true;
        }
    }

    pub(super) fn lack(&mut self, noun: Option<Sense>) -> bool {
        let nouns = noun.map_or_else(
            || {
                self.lexemes[self.at..]
                    .iter()
                    .filter_map(Lexeme::sense)
                    .collect()
            },
            |noun| vec![noun],
        );
        for noun in nouns {
            let lack = match noun {
                Sense::Tag | Sense::CodeNoun => Lack::Tag,
                Sense::Serial => Lack::Serial,
                Sense::Place
                | Sense::Noun(Dimension::Room | Dimension::Site | Dimension::Building) => {
                    Lack::Place
                }
                Sense::Warranty => Lack::Warranty,
                Sense::Cost => Lack::Cost,
                Sense::Noun(Dimension::Model) => Lack::Model,
                Sense::Holder | Sense::Noun(Dimension::Holder) => {
                    self.draft.filter.holder = Some(Holder::Nobody);
                    return true;
                }
                _ => continue,
            };
            self.draft.filter.lacks.push(lack);
            return true;
        }
        false
    }

    pub(super) fn step_without(&mut self) -> usize {
        let mut ahead = 1;
        while matches!(
            self.sense(ahead),
            Some(Sense::The | Sense::Noise | Sense::My)
        ) {
            ahead += 1;
        }
        let noun = self.sense(ahead);
        if noun.is_some() && self.lack(noun) {
            self.take(ahead + 1, Taken::Condition("without it".to_owned()));
            return ahead + 1;
        }
        self.draft.negated = true;
        1
    }

    pub(super) fn me(&mut self) {
        let near = |sense: Option<Sense>| matches!(sense, Some(Sense::Have | Sense::With));
        let mine = matches!(self.joint, Some(Sense::With | Sense::By | Sense::Of))
            || near(self.sense(1))
            || near(self.sense_before())
            || matches!(self.sense(2), Some(Sense::Have));
        let gets = self.mode == Mode::Change && matches!(self.joint, Some(Sense::To | Sense::For))
            || matches!(self.joint, Some(Sense::To));
        if mine || gets || self.lexemes[self.at].text == "my" {
            self.take(1, Taken::Person("you".to_owned()));
            self.put(Part::Me);
        }
    }

    pub(super) fn step_it(&mut self) -> usize {
        self.draft.point(AssetRef::Last);
        self.joint = None;
        1
    }

    /// "That laptop", "that": the one of the last answer; "that" as a joint says nothing.
    pub(super) fn step_that(&mut self) -> usize {
        let next = self.lexemes.get(self.at + 1);
        let noun = next.is_some_and(|next| {
            matches!(next.kind, Kind::Names(_))
                || matches!(next.sense(), Some(Sense::Thing | Sense::One))
        });
        let joins = matches!(
            self.sense_before(),
            Some(Sense::What | Sense::Thing | Sense::One)
        ) || self.draft.things && (!noun || self.at > 2);
        let a_code = next.is_some_and(|next| {
            matches!(next.kind, Kind::Code | Kind::Number)
                || matches!(next.sense(), Some(Sense::CodeNoun | Sense::Serial))
        });
        if joins || a_code {
            return 1;
        }
        self.draft.point(AssetRef::Last);
        // The noun behind it only says again what it is.
        if noun
            && self
                .lexemes
                .get(self.at + 1)
                .is_some_and(|next| !next.plural)
        {
            2
        } else {
            1
        }
    }
}
