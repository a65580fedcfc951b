//! One walk through the pieces of a question, from which its draft grows: every piece either finds its place or is noted as unknown.

mod condition;
mod joint;
mod name;
mod number;

use habeo_core::asset::State;

use crate::intent::filter::Holder;
use crate::intent::grammar::dating::Relation;
use crate::intent::grammar::draft::Draft;
use crate::intent::grammar::lexeme::{Kind, Lexeme};
use crate::intent::grammar::walk::joint::sorted;
use crate::intent::grammar::{Ground, naming};
use crate::intent::named::{AssetRef, Phrase};
use crate::intent::reading::Taken;
use crate::intent::sort::{Extreme, SortKey};
use crate::intent::synonyms::{Sense, Verb};
use crate::intent::window::DateOf;

/// The fewest digits of a number that can be a part of a tag.
const CODE_DIGITS_MIN: usize = 3;

/// What a question or a change speaks of.
pub(super) fn draft(lexemes: &[Lexeme], ground: &Ground<'_>) -> Draft {
    walk(lexemes, ground, Mode::Question)
}

/// What a change speaks of: what stands behind "to" and "for" gets something there.
pub(super) fn change_draft(lexemes: &[Lexeme], ground: &Ground<'_>) -> Draft {
    walk(lexemes, ground, Mode::Change)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Question,
    Change,
}

fn walk(lexemes: &[Lexeme], ground: &Ground<'_>, mode: Mode) -> Draft {
    let mut walker = Walker {
        lexemes,
        ground,
        mode,
        at: 0,
        joint: None,
        draft: Draft::default(),
    };
    while walker.at < lexemes.len() {
        let taken = walker.step();
        walker.at += taken.max(1);
    }
    walker.draft
}

struct Walker<'a> {
    lexemes: &'a [Lexeme],
    ground: &'a Ground<'a>,
    mode: Mode,
    at: usize,
    /// The preposition that governs what comes next.
    joint: Option<Sense>,
    draft: Draft,
}

impl Walker<'_> {
    fn rest(&self) -> &[Lexeme] {
        &self.lexemes[self.at..]
    }

    fn sense(&self, ahead: usize) -> Option<Sense> {
        self.lexemes.get(self.at + ahead).and_then(Lexeme::sense)
    }

    /// The sense of the piece before this one that says something.
    fn sense_before(&self) -> Option<Sense> {
        self.lexemes[..self.at]
            .iter()
            .rev()
            .map(Lexeme::sense)
            .find(|sense| !matches!(sense, Some(Sense::The | Sense::Noise)))
            .flatten()
    }

    fn take(&mut self, count: usize, taken: Taken) {
        let stretch = &self.lexemes[self.at..(self.at + count).min(self.lexemes.len())];
        self.draft.note(stretch, taken);
    }

    fn step(&mut self) -> usize {
        let lexemes = self.lexemes;
        let lexeme = &lexemes[self.at];
        match &lexeme.kind {
            Kind::Sense(sense) => self.step_sense(*sense),
            Kind::Names(hits) => self.step_names(hits),
            Kind::Code => self.step_code(),
            Kind::Number => self.step_number(),
            // "A free laptop for the weekend": what is free is known of today only.
            Kind::Date(_)
                if self.joint == Some(Sense::For)
                    && self.draft.filter.states == [State::InStock] =>
            {
                self.draft.guessed = true;
                self.joint = None;
                1
            }
            Kind::Date(said) => {
                self.draft.dating.said(*said);
                self.take(1, Taken::Condition("a date".to_owned()));
                self.joint = None;
                1
            }
            Kind::Length(length) => {
                self.draft.dating.length(*length);
                self.take(1, Taken::Condition("a length of time".to_owned()));
                self.joint = None;
                1
            }
            Kind::Quoted => self.step_quoted(),
            Kind::Mail | Kind::Unknown => self.step_unknown(),
            Kind::Mark(mark) => {
                if !matches!(mark, ',' | '.') {
                    self.joint = None;
                }
                1
            }
        }
    }

    fn step_quoted(&mut self) -> usize {
        let raw = self.lexemes[self.at].raw.clone();
        if matches!(self.joint, Some(Sense::With | Sense::To)) {
            return self.person(&raw, 1);
        }
        self.search(&raw);
        self.take(1, Taken::Words(raw));
        1
    }

    fn search(&mut self, word: &str) {
        if let Ok(phrase) = Phrase::parse(word)
            && self.draft.filter.words.len() < crate::intent::bounds::LIST_MAX
        {
            self.draft.filter.words.push(phrase);
        }
    }

    fn step_code(&mut self) -> usize {
        let lexemes = self.lexemes;
        let raw = lexemes[self.at].raw.trim_start_matches('#');
        if let Ok(code) = Phrase::parse(raw) {
            self.draft.point(AssetRef::Code(code));
            self.take(1, Taken::Code(raw.to_owned()));
        }
        1
    }

    #[expect(
        clippy::too_many_lines,
        reason = "one line for each word of the grammar, like a table"
    )]
    fn step_sense(&mut self, sense: Sense) -> usize {
        match sense {
            Sense::In
            | Sense::Of
            | Sense::With
            | Sense::By
            | Sense::For
            | Sense::To
            | Sense::From => return self.step_joint(sense),
            Sense::The | Sense::Noise | Sense::And | Sense::Or => return 1,
            Sense::Per => return self.step_per(),
            Sense::Noun(dimension) => return self.step_noun(dimension),
            Sense::Floor => {
                if let Some((count, hit)) = naming::room(self.rest(), None, self.ground.view) {
                    return self.step_room(count, &hit);
                }
            }
            Sense::Before
            | Sense::After
            | Sense::Since
            | Sense::Until
            | Sense::Between
            | Sense::Older
            | Sense::Newer
            | Sense::MoreThan
            | Sense::LessThan => {
                if self.sense_before() == Some(Sense::Or) && self.draft.dating.is_dated() {
                    self.draft.dating.reach(sense);
                    return 1;
                }
                self.draft.dating.relation = Relation::of(sense);
                if matches!(sense, Sense::Older | Sense::Newer) {
                    self.draft.dating.of = Some(DateOf::Bought);
                }
                self.joint = None;
            }
            Sense::Old => self.old(),
            Sense::New => self.draft.sort = self.draft.sort.or(Some(sorted(SortKey::Bought, true))),
            Sense::Oldest => self.draft.sort = Some(sorted(self.draft_key(), false)),
            Sense::Newest => self.draft.sort = Some(sorted(self.draft_key(), true)),
            Sense::Expensive => self.draft.sort = Some(sorted(SortKey::Cost, true)),
            Sense::Cheap => self.draft.sort = Some(sorted(SortKey::Cost, false)),
            Sense::Sort => return self.step_sort(),
            Sense::Down | Sense::Up => self.turned(sense == Sense::Down),
            Sense::Most => self.draft.extreme = Some(Extreme::Most),
            Sense::Fewest => self.draft.extreme = Some(Extreme::Fewest),
            Sense::State(states) => self.state(states),
            Sense::Done(Verb::Lose | Verb::Steal) if self.mode == Mode::Question => {
                self.state(&[State::Missing]);
            }
            Sense::Assigned => {
                self.draft.filter.holder = Some(Holder::Anyone);
                self.take(1, Taken::Condition("somebody has it".to_owned()));
            }
            // "Nobody has seen it" is not "nobody has it".
            Sense::Unassigned if self.sense(1) == Some(Sense::Date(DateOf::Seen)) => {
                self.draft.dating.negated = true;
            }
            Sense::Unassigned => {
                self.draft.filter.holder = Some(Holder::Nobody);
                self.take(1, Taken::Condition("nobody has it".to_owned()));
            }
            Sense::Date(of) => {
                self.draft.dating.of = Some(of);
                self.take(1, Taken::Condition("a date".to_owned()));
            }
            Sense::Due => {
                self.draft.dating.window(DateOf::Due, None, None);
                self.take(1, Taken::Condition("due back".to_owned()));
            }
            Sense::Overdue => {
                self.draft
                    .dating
                    .window(DateOf::Due, None, Some(self.ground.today.plus_days(-1)));
                self.take(1, Taken::Condition("overdue".to_owned()));
            }
            Sense::OutOfWarranty => {
                self.draft.dating.window(
                    DateOf::WarrantyEnds,
                    None,
                    Some(self.ground.today.plus_days(-1)),
                );
                self.take(1, Taken::Condition("out of warranty".to_owned()));
            }
            Sense::UnderWarranty => {
                self.draft
                    .dating
                    .window(DateOf::WarrantyEnds, Some(self.ground.today), None);
                self.draft.dating.running = true;
                self.take(1, Taken::Condition("under warranty".to_owned()));
            }
            Sense::Warranty => self.draft.dating.of = Some(DateOf::WarrantyEnds),
            Sense::Ends if self.draft.dating.of.is_none() => {
                self.draft.dating.of = Some(DateOf::Due);
            }
            Sense::Loan if self.mode == Mode::Question => self.state(&[State::OnLoan]),
            Sense::Not => return self.step_not(),
            Sense::Verb(Verb::Return | Verb::Put | Verb::Give) if self.mode == Mode::Question => {
                self.spoken_verb();
            }
            Sense::Never => self.never(),
            Sense::Without => return self.step_without(),
            Sense::Me => self.me(),
            Sense::My => {
                self.draft.filter.holder = Some(Holder::Me);
                self.take(1, Taken::Person("you".to_owned()));
            }
            Sense::Thing => {
                self.draft.things = true;
                if self.lexemes[self.at].possessive {
                    self.joint = None;
                }
            }
            Sense::It => return self.step_it(),
            Sense::That => return self.step_that(),
            Sense::Them => {
                self.draft.point(AssetRef::AllRows);
            }
            Sense::Nth(row) => {
                if let Some((count, hit)) = naming::room(self.rest(), None, self.ground.view) {
                    return self.step_room(count, &hit);
                }
                self.draft.point(AssetRef::Row(row));
            }
            Sense::NthLast => self
                .draft
                .point(AssetRef::Row(self.ground.context.rows.max(1))),
            _ => {}
        }
        self.joint = match sense {
            Sense::Me
            | Sense::My
            | Sense::Thing
            | Sense::Cost
            | Sense::CodeNoun
            | Sense::Serial
            | Sense::Still => self.joint,
            _ => None,
        };
        1
    }

    fn draft_key(&self) -> SortKey {
        match self.draft.dating.of {
            Some(DateOf::Seen) => SortKey::Seen,
            Some(DateOf::Due) => SortKey::Due,
            Some(DateOf::WarrantyEnds) => SortKey::WarrantyEnds,
            _ => SortKey::Bought,
        }
    }
}
