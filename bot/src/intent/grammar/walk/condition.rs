//! Conditions: states, what is lacking, what is not, whose it is, and what is pointed at.

use habeo_core::asset::State;

use crate::intent::filter::{Holder, Lack};
use crate::intent::grammar::decide::Senses;
use crate::intent::grammar::draft::Part;
use crate::intent::grammar::lexeme::{Kind, Lexeme};
use crate::intent::grammar::walk::joint::sorted;
use crate::intent::grammar::walk::{Mode, Walker};
use crate::intent::named::AssetRef;
use crate::intent::reading::Taken;
use crate::intent::sort::{Dimension, SortKey};
use crate::intent::synonyms::{Sense, Verb};
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
            // What a "not" further off leaves is for the asker to say.
            return;
        }
        for state in states {
            if !self.draft.filter.states.contains(state) {
                self.draft.filter.states.push(*state);
            }
        }
        self.take(1, Taken::Condition(self.lexemes[self.at].raw.clone()));
    }

    /// "Not in repair", "not missing or in repair": every other state in which something is ours.
    pub(super) fn step_not(&mut self) -> usize {
        let silent = |lexeme: &Lexeme| {
            matches!(
                lexeme.sense(),
                Some(Sense::Noise | Sense::The | Sense::Be | Sense::Still | Sense::One)
            )
        };
        let joins = |lexeme: &Lexeme| {
            matches!(lexeme.sense(), Some(Sense::And | Sense::Or | Sense::Not))
                || matches!(lexeme.kind, Kind::Mark(','))
        };
        let mut excluded: Vec<State> = Vec::new();
        let (mut ahead, mut taken) = (1, 0);
        while let Some(lexeme) = self.lexemes.get(self.at + ahead) {
            ahead += 1;
            match lexeme.sense() {
                Some(Sense::State(states)) => excluded.extend(states),
                Some(Sense::Done(Verb::Lose | Verb::Steal)) => excluded.push(State::Missing),
                _ if silent(lexeme) || (taken > 0 && joins(lexeme)) => continue,
                _ => break,
            }
            taken = ahead;
        }
        // "Cannot be used" is no state.
        let unable = self
            .lexemes
            .get(self.at.wrapping_sub(1))
            .is_some_and(|before| matches!(before.text.as_str(), "can" | "could"));
        if excluded.is_empty() || unable || self.mode == Mode::Change {
            self.not();
            self.joint = None;
            return 1;
        }
        if self.draft.filter.states.is_empty() {
            let gone = [State::Disposed, State::Void];
            let ours = State::ALL.iter().filter(|state| !gone.contains(state));
            self.draft.filter.states.extend(ours);
        }
        let states = &mut self.draft.filter.states;
        states.retain(|state| !excluded.contains(state));
        self.take(taken, Taken::Condition("any other state".to_owned()));
        self.joint = None;
        taken
    }

    /// A verb of change in a question: "what do I have to give back" asks what is due, "what can I lend out" what is free.
    pub(super) fn spoken_verb(&mut self) {
        let verb = self.sense(0);
        let back = verb == Some(Sense::Verb(Verb::Return))
            || self.rest()[1..]
                .iter()
                .take(4)
                .any(|lexeme| lexeme.text == "back");
        let can = self.lexemes[self.at.saturating_sub(2)..self.at]
            .iter()
            .any(|lexeme| {
                lexeme
                    .raw
                    .split(' ')
                    .any(|word| ["can", "could", "may"].contains(&word.to_lowercase().as_str()))
            });
        let dated = self
            .lexemes
            .iter()
            .any(|lexeme| matches!(lexeme.kind, Kind::Date(_) | Kind::Length(_)));
        if back {
            if dated && self.draft.dating.of.is_none() {
                self.draft.dating.of = Some(DateOf::Due);
            }
            // "I need to" is one piece, of which only the first word tells.
            let mine = self.lexemes[..self.at].iter().any(|lexeme| {
                lexeme.is(Sense::Me) || lexeme.raw.split(' ').any(|word| word == "i" || word == "I")
            });
            let what = self.draft.refs.is_empty() && Senses(self.lexemes).asks_what();
            if mine && what && self.draft.filter.holder.is_none() {
                self.take(1, Taken::Person("you".to_owned()));
                self.draft.filter.holder = Some(Holder::Me);
            }
        } else if can && verb == Some(Sense::Verb(Verb::Give)) && self.draft.refs.is_empty() {
            self.state(&[State::InStock]);
        }
        self.joint = None;
    }

    /// Whether a date is bounded from the other side: "not bought before 2022".
    fn is_unbounded(&self) -> bool {
        let near = &self.rest()[..self.rest().len().min(7)];
        let of = near.iter().position(|lexeme| {
            matches!(
                lexeme.sense(),
                Some(Sense::Date(DateOf::Bought) | Sense::Ends | Sense::Due)
            )
        });
        of.is_some_and(|of| {
            near[of..].iter().take(4).any(|lexeme| {
                matches!(
                    lexeme.sense(),
                    Some(Sense::Before | Sense::After | Sense::Since | Sense::Until)
                )
            })
        })
    }

    pub(super) fn not(&mut self) {
        let dated = self.is_unbounded()
            || self.lexemes[self.at..].iter().take(5).any(|lexeme| {
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
            || matches!(self.sense(2), Some(Sense::Have))
            || self.sense(1) == Some(Sense::Due);
        let gets = self.mode == Mode::Change && matches!(self.joint, Some(Sense::To | Sense::For))
            || matches!(self.joint, Some(Sense::To));
        if mine || gets || self.lexemes[self.at].text == "my" {
            self.take(1, Taken::Person("you".to_owned()));
            self.put(Part::Me);
        }
    }

    pub(super) fn step_it(&mut self) -> usize {
        let described =
            self.draft.things && self.draft.singular && self.draft.filter.holder.is_some();
        // "The device 5120".
        let named_next = self
            .lexemes
            .get(self.at + 1)
            .is_some_and(|next| matches!(next.kind, Kind::Code | Kind::Number));
        if !named_next && !self.is_named() && !described {
            self.draft.point(AssetRef::Last);
        }
        self.joint = None;
        1
    }

    /// "4217 is broken, repair it": it has been named in the same breath.
    fn is_named(&self) -> bool {
        let code = |asset: &AssetRef| matches!(asset, AssetRef::Code(_) | AssetRef::Row(_));
        self.draft.refs.iter().any(code)
    }

    /// "That laptop", "that": the one of the last answer; "that" as a joint says nothing.
    pub(super) fn step_that(&mut self) -> usize {
        let next = self.lexemes.get(self.at + 1);
        let noun = next.is_some_and(|next| {
            matches!(next.kind, Kind::Names(_))
                || matches!(next.sense(), Some(Sense::Thing | Sense::One))
        });
        let narrows = self.mode == Mode::Question
            && !self.draft.filter.is_empty()
            && matches!(
                self.sense(1),
                Some(
                    Sense::Cost
                        | Sense::MoreThan
                        | Sense::Be
                        | Sense::Have
                        | Sense::Date(_)
                        | Sense::State(_)
                        | Sense::Not
                )
            );
        let joins = narrows
            || matches!(
                self.sense_before(),
                Some(
                    Sense::What
                        | Sense::Thing
                        | Sense::One
                        | Sense::Noun(_)
                        | Sense::Holder
                        | Sense::Everybody
                )
            )
            || self.draft.things && (!noun || self.at > 2);
        let a_code = next.is_some_and(|next| {
            matches!(next.kind, Kind::Code | Kind::Number)
                || matches!(next.sense(), Some(Sense::CodeNoun | Sense::Serial))
        });
        // "This laptop 4217".
        let noun_and_code = noun
            && self
                .lexemes
                .get(self.at + 2)
                .is_some_and(|code| matches!(code.kind, Kind::Code | Kind::Number));
        if joins || a_code || noun_and_code {
            return 1;
        }
        if !self.is_named() {
            self.draft.point(AssetRef::Last);
        }
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
