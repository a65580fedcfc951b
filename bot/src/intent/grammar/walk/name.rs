//! Names: what the vocabulary knows, and whom nobody knows but the position gives away.

use crate::intent::Intent;
use crate::intent::filter::Holder;
use crate::intent::grammar::decide::Senses;
use crate::intent::grammar::draft::Part;
use crate::intent::grammar::lexeme::{Kind, Lexeme};
use crate::intent::grammar::naming;
use crate::intent::grammar::naming::Resolved;
use crate::intent::grammar::walk::{Mode, Walker};
use crate::intent::named::Phrase;
use crate::intent::numbers;
use crate::intent::synonyms::{Sense, Verb};
use crate::intent::vocabulary::{Hit, Rank, Thing};

/// Words for somebody who was named before.
const PRONOUNS: &[&str] = &["he", "she", "him", "her"];

impl Walker<'_> {
    pub(super) fn step_names(&mut self, hits: &[Hit]) -> usize {
        if let Some(taken) = self.own_room(hits) {
            return taken;
        }
        let lexemes = self.lexemes;
        // Somebody does; places do not.
        let joint = match self.sense_before() {
            Some(Sense::Do) => Some(Sense::With),
            _ => self.joint,
        };
        match naming::resolve(&lexemes[self.at..], hits, joint, self.ground.view) {
            Some(Resolved::One(Part::Person(name), taken)) => {
                let name = name.to_string();
                self.person(&name, taken)
            }
            Some(Resolved::One(part, taken)) => {
                self.take(taken, part.taken());
                if matches!(part, Part::Category(_) | Part::Model(_) | Part::Maker(_)) {
                    self.draft.things = true;
                    let last = &lexemes[self.at + taken - 1];
                    self.draft.singular = !last.plural;
                }
                self.put(part);
                taken
            }
            Some(Resolved::Several(parts, taken)) => {
                self.draft.choices.push(parts);
                taken
            }
            None => self.step_unknown(),
        }
    }

    /// A model's number that is a room's here: "Alder Hall" has been said already.
    pub(super) fn own_room(&mut self, hits: &[Hit]) -> Option<usize> {
        let inside = hits.iter().find(|hit| {
            matches!(hit.thing, Thing::Place(_)) && hit.rank == Rank::Exact && hit.ids.len() > 1
        })?;
        let (count, outer) = naming::outer_place(&self.rest()[1..])?;
        let inner = self.ground.view.within(inside, &outer)?;
        Some(self.place(&inner, 1 + count))
    }

    pub(super) fn place(&mut self, hit: &Hit, taken: usize) -> usize {
        if let Some(part) = Part::of(hit) {
            self.take(taken, part.taken());
            self.put(part);
        }
        taken
    }

    /// Puts a part where the preposition before it says.
    pub(super) fn put(&mut self, part: Part) {
        let goes_to = self.mode == Mode::Change
            && matches!(
                part,
                Part::Unit(_) | Part::Place(_) | Part::Person(_) | Part::Me
            )
            && matches!(
                self.joint,
                Some(Sense::To | Sense::For | Sense::In | Sense::With)
            );
        if goes_to {
            self.draft.to.push(part);
        } else if let Part::Place(place) = &part
            && let Some(Part::Place(outer)) =
                self.draft.filter.places.last().cloned().map(Part::Place)
            && !self.is_listed()
        {
            // Said one behind the other without "and", the narrower one is meant.
            if place.ids.len() <= outer.ids.len() {
                self.draft.filter.places.pop();
            }
            self.draft.filter.add(part);
        } else {
            self.draft.filter.add(part);
        }
        if !matches!(
            self.lexemes.get(self.at + 1).and_then(Lexeme::sense),
            Some(Sense::And | Sense::Or)
        ) && !matches!(
            self.lexemes.get(self.at + 1).map(|next| &next.kind),
            Some(Kind::Mark(','))
        ) {
            self.joint = None;
        }
    }

    pub(super) fn is_listed(&self) -> bool {
        self.lexemes[..self.at].iter().rev().take(3).any(|lexeme| {
            matches!(lexeme.sense(), Some(Sense::And | Sense::Or))
                || matches!(lexeme.kind, Kind::Mark(','))
        })
    }

    pub(super) fn person(&mut self, name: &str, taken: usize) -> usize {
        if let Ok(phrase) = Phrase::parse(name) {
            let part = Part::Person(phrase);
            self.take(taken, part.taken());
            self.put(part);
        }
        taken
    }

    /// A run of words that nobody knows: a name where a name must stand, words to search for elsewhere.
    pub(super) fn step_unknown(&mut self) -> usize {
        let mut run = self.unknown_run();
        // "Ana Ruiz left": the name ends with its capitals.
        let capitals = self.rest()[..run]
            .iter()
            .take_while(|lexeme| lexeme.capital)
            .count();
        let coded = self
            .lexemes
            .iter()
            .any(|lexeme| matches!(lexeme.kind, Kind::Code | Kind::Number));
        if capitals > 1 && !coded {
            run = capitals;
        }
        let lexemes = &self.lexemes[self.at..self.at + run];
        if run == 1 && PRONOUNS.contains(&lexemes[0].text.as_str()) {
            return self.step_pronoun();
        }
        let phrase = self.written(lexemes);
        let (first, last) = (&lexemes[0], &lexemes[run - 1]);
        let before = self.sense_before();
        let after = self.lexemes.get(self.at + run);
        let after_sense = after.and_then(Lexeme::sense);
        let owner_of = after.is_some_and(|after| {
            matches!(after.kind, Kind::Names(_))
                || after.is(Sense::Thing)
                || matches!(after.sense(), Some(Sense::Loan))
        });
        let capitals = lexemes.iter().all(|lexeme| lexeme.capital) && run > 1;
        // "Two microphones", "the oldest ten desktops": how many are shown is not for the question to say.
        let counted = self.of_superlative()
            || self
                .lexemes
                .get(self.at + 1)
                .is_some_and(|next| matches!(next.kind, Kind::Names(_)));
        if run == 1 && counted && numbers::cardinal(&first.text).is_some() {
            return 1;
        }
        // "From Omar Reyes to Ana Ruiz": whoever has it now.
        let given_up = self.mode == Mode::Change
            && self.joint == Some(Sense::From)
            && (lexemes.iter().all(|lexeme| lexeme.capital)
                || self
                    .lexemes
                    .iter()
                    .any(|lexeme| lexeme.is(Sense::Verb(Verb::Transfer))));
        let named = last.possessive
            || given_up
            || matches!(first.kind, Kind::Mail)
            || matches!(self.joint, Some(Sense::With))
            || (matches!(self.joint, Some(Sense::By)) && !matches!(before, Some(Sense::Sort)))
            || matches!(before, Some(Sense::Do))
            || (after_sense == Some(Sense::Have) && !matches!(before, Some(Sense::Without)))
            || (matches!(before, Some(Sense::Have)) && Senses(self.lexemes).asks_what())
            || (self.mode == Mode::Change && matches!(self.joint, Some(Sense::To | Sense::For)))
            || (self.mode == Mode::Change && matches!(before, Some(Sense::Verb(Verb::Give))));
        if named {
            return self.person(&phrase, run);
        }
        if owner_of
            && run == 1
            && first.plural
            && first.text.len() > 3
            && !first.text.ends_with("ss")
            && self.joint != Some(Sense::In)
        {
            self.draft.guessed = true;
            let name = phrase[..phrase.len() - 1].to_owned();
            return self.person(&name, run);
        }
        // "The meaning of life" names nobody; "laptops of keller" does.
        let of_things = first.capital || self.draft.things || !self.draft.pieces.is_empty();
        if of_things && matches!(self.joint, Some(Sense::Of | Sense::For | Sense::To))
            || capitals && self.joint != Some(Sense::In)
        {
            self.draft.guessed = true;
            return self.person(&phrase, run);
        }
        let mut until = 0;
        for lexeme in lexemes {
            // The words of one hyphenated name stand in one place.
            if lexeme.until > until {
                self.draft.unknown.push(lexeme.raw.clone());
            }
            until = lexeme.until;
        }
        self.joint = None;
        run
    }

    /// "What else does she have": whoever was named before, here or in the question that was answered last.
    fn step_pronoun(&mut self) -> usize {
        let holder = match &self.ground.context.last {
            _ if self.draft.filter.holder.is_some() => return 1,
            Some(
                Intent::Find { filter, .. }
                | Intent::Count { filter, .. }
                | Intent::Export { filter, .. },
            ) => filter.holder.clone(),
            _ => None,
        };
        let Some(Holder::Named(name)) = holder else {
            self.draft.unknown.push(self.lexemes[self.at].raw.clone());
            return 1;
        };
        self.person(name.as_str(), 1)
    }

    /// A stretch of the question as it was written, without the ending of a possessive.
    pub(super) fn written(&self, lexemes: &[Lexeme]) -> String {
        let (Some(first), Some(last)) = (lexemes.first(), lexemes.last()) else {
            return String::new();
        };
        let text = self
            .ground
            .question
            .get(first.from..last.until)
            .unwrap_or_default();
        let words: Vec<&str> = text
            .split(|c: char| c.is_whitespace() || !habeo_core::text::is_printable(c))
            .filter(|word| !word.is_empty())
            .collect();
        let text = words.join(" ");
        if !last.possessive {
            return text;
        }
        let apostrophe =
            |c: char| matches!(c, '\'' | '\u{2019}' | '\u{2018}' | '\u{02BC}' | '\u{00B4}');
        let bare = text.trim_end_matches(['s', 'S']);
        match bare.strip_suffix(apostrophe) {
            Some(name) => name.to_owned(),
            None => text.trim_end_matches(apostrophe).to_owned(),
        }
    }

    /// How many unknown words stand together; a name goes on over a known word that is written like a part of it.
    pub(super) fn unknown_run(&self) -> usize {
        let mut count = 0;
        for (at, lexeme) in self.rest().iter().enumerate() {
            let part = match &lexeme.kind {
                Kind::Unknown | Kind::Mail => true,
                Kind::Names(hits) => {
                    at > 0
                        && lexeme.capital
                        && lexeme.words == 1
                        && self.lexemes[self.at].capital
                        && hits.iter().all(|hit| hit.rank > Rank::Exact)
                }
                _ => false,
            };
            if !part {
                break;
            }
            count = at + 1;
            if lexeme.possessive {
                break;
            }
        }
        count.max(1)
    }
}
