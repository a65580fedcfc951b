//! What is wanted of the things that a question speaks of.

use habeo_core::asset::State;

use crate::intent::filter::{Filter, Holder};
use crate::intent::grammar::draft::{Draft, Part};
use crate::intent::grammar::lexeme::{Kind, Lexeme};
use crate::intent::grammar::single::{about_refs, single};
use crate::intent::grammar::{Ground, Verdict};
use crate::intent::named::{AssetRef, Phrase};
use crate::intent::sort::{Dimension, Extreme};
use crate::intent::synonyms::{Sense, Verb};
use crate::intent::window::DateOf;
use crate::intent::{Aspect, Doubt, Intent};

/// The most unknown words that are searched for; more of them mean that the question was not understood.
pub(super) const SEARCHED_WORDS_MAX: usize = 2;

/// The grammar words of a question, for asking which of them occur.
#[derive(Clone, Copy)]
pub(super) struct Senses<'a>(pub &'a [Lexeme]);

impl Senses<'_> {
    /// Whether this one occurs.
    pub(super) fn has(self, sense: Sense) -> bool {
        self.0.iter().any(|lexeme| lexeme.is(sense))
    }

    /// Whether one of these occurs.
    pub(super) fn any(self, wanted: &[Sense]) -> bool {
        wanted.iter().any(|sense| self.has(*sense))
    }

    /// Whether this word itself occurs.
    pub(super) fn word(self, words: &[&str]) -> bool {
        self.0
            .iter()
            .any(|lexeme| words.contains(&lexeme.text.as_str()))
    }

    /// Whether it asks what or which.
    pub(super) fn asks_what(self) -> bool {
        matches!(self.first(), Some(Sense::What | Sense::Which | Sense::Show))
    }

    /// The first sense that says something.
    pub(super) fn first(self) -> Option<Sense> {
        self.0
            .iter()
            .filter(|lexeme| !matches!(lexeme.kind, Kind::Mark(_)))
            .map(Lexeme::sense)
            .find(|sense| {
                !matches!(
                    sense,
                    Some(Sense::Noise | Sense::The | Sense::Hello | Sense::Thanks)
                )
            })
            .flatten()
    }
}

/// Decides.
pub(super) fn read(lexemes: &[Lexeme], draft: &Draft, ground: &Ground<'_>) -> Verdict {
    let senses = Senses(lexemes);
    if let Some((choice, others)) = draft.choices.split_first() {
        return ambiguous(lexemes, draft, ground, choice, others);
    }
    let filter = finished(draft, ground);
    if senses.has(Sense::Beyond) {
        let offered = if filter.is_empty() {
            Vec::new()
        } else {
            vec![Intent::Find {
                filter,
                sort: draft.sort,
            }]
        };
        return Verdict::unclear(Doubt::NotUnderstood, offered);
    }
    if !draft.refs.is_empty() {
        return about_refs(senses, draft, &filter, ground);
    }
    if let Some(intent) = of_the_last(senses, draft, &filter, ground) {
        return Verdict::sure(intent);
    }
    weighed(senses, draft, filter)
}

/// "Since when?" behind an answer about one asset asks about the same one.
fn of_the_last(
    senses: Senses<'_>,
    draft: &Draft,
    filter: &Filter,
    ground: &Ground<'_>,
) -> Option<Intent> {
    let one = matches!(
        ground.context.last,
        Some(Intent::About { .. } | Intent::History { .. } | Intent::Write(_))
    ) && ground.context.rows == 1;
    let unsaid = filter.is_empty()
        && !draft.things
        && draft.unknown.is_empty()
        && draft.by.is_none()
        && !draft.negated;
    if !one || !unsaid {
        return None;
    }
    match single(senses, AssetRef::Last, filter) {
        Intent::About {
            aspect: Aspect::Whole,
            ..
        } => None,
        intent => Some(intent),
    }
}

/// The filter with its windows.
pub(super) fn finished(draft: &Draft, ground: &Ground<'_>) -> Filter {
    let mut filter = draft.filter.clone();
    let usual = if filter.states.is_empty() {
        DateOf::Bought
    } else {
        DateOf::StateSince
    };
    let dating = &draft.dating;
    filter.windows = dating.windows(ground.today, usual);
    // "Available this afternoon" says when it is asked, not since when it is so.
    if matches!(filter.states.as_slice(), [State::InStock | State::InUse]) {
        let today = Some(ground.today);
        filter.windows.retain(|window| {
            window.of != DateOf::StateSince || window.from != today || window.until != today
        });
    }
    filter
}

/// A name that can be several things: every reading is offered, none is taken.
fn ambiguous(
    lexemes: &[Lexeme],
    draft: &Draft,
    ground: &Ground<'_>,
    choice: &[Part],
    others: &[Vec<Part>],
) -> Verdict {
    let mut offered = Vec::new();
    for part in choice {
        let mut one = draft.clone();
        one.choices = Vec::new();
        one.filter.add(part.clone());
        for other in others.iter().filter_map(|other| other.first()) {
            one.filter.add(other.clone());
        }
        let verdict = super::follow::read(lexemes, &one, ground)
            .unwrap_or_else(|| read(lexemes, &one, ground));
        if !matches!(verdict.intent, Intent::Unclear(_)) {
            offered.push(verdict.intent);
        }
    }
    Verdict::unclear(Doubt::Ambiguous, offered)
}

/// Takes the unknown words into account.
fn weighed(senses: Senses<'_>, draft: &Draft, filter: Filter) -> Verdict {
    let known = !filter.is_empty() || draft.things || draft.by.is_some() || draft.sort.is_some();
    if draft.negated {
        return Verdict::unclear(
            Doubt::PartlyUnderstood,
            if known {
                vec![wish(senses, draft, filter)]
            } else {
                Vec::new()
            },
        );
    }
    let of_people = senses.has(Sense::Who)
        && senses.has(Sense::Be)
        && senses.has(Sense::Noun(Dimension::Holder));
    if of_people && !draft.things {
        return Verdict::unclear(Doubt::NotUnderstood, Vec::new());
    }
    if draft.unknown.is_empty() {
        return if known
            || (senses.any(&[Sense::Have, Sense::HowMany]) && senses.word(&["everything"]))
        {
            let intent = wish(senses, draft, filter);
            if draft.guessed {
                Verdict::likely(intent)
            } else {
                Verdict::sure(intent)
            }
        } else {
            Verdict::unclear(Doubt::NotUnderstood, Vec::new())
        };
    }
    // "Who won last night": a date alone is nothing of ours.
    let undated = Filter {
        windows: Vec::new(),
        ..filter.clone()
    };
    let only_dated = undated.is_empty()
        && draft.dating.of.is_none()
        && !(draft.things || draft.by.is_some() || draft.sort.is_some());
    if only_dated && draft.dating.is_dated() {
        return Verdict::unclear(Doubt::NotUnderstood, Vec::new());
    }
    let mut searched = filter.clone();
    searched.words.extend(
        draft
            .unknown
            .iter()
            .filter_map(|word| Phrase::parse(word).ok()),
    );
    let few = draft.unknown.len() <= SEARCHED_WORDS_MAX;
    if known && few {
        let plain = wish(senses, draft, filter);
        return Verdict {
            alternatives: vec![plain],
            ..Verdict::likely(wish(senses, draft, searched))
        };
    }
    if known {
        let doubt = Doubt::PartlyUnderstood;
        return Verdict::unclear(doubt, vec![wish(senses, draft, filter)]);
    }
    bare_words(senses, draft, searched)
}

/// Nothing but unknown words: perhaps something to search for, perhaps somebody's name.
fn bare_words(senses: Senses<'_>, draft: &Draft, searched: Filter) -> Verdict {
    if draft.unknown.len() > SEARCHED_WORDS_MAX
        || senses.any(&[
            Sense::When,
            Sense::Where,
            Sense::Do,
            Sense::HowMany,
            Sense::HowLong,
            Sense::HowMuch,
        ])
    {
        return Verdict::unclear(Doubt::NotUnderstood, Vec::new());
    }
    let find = Intent::Find {
        filter: searched,
        sort: None,
    };
    let name = draft.unknown.join(" ");
    let person = Phrase::parse(&name).ok().map(|name| Intent::Find {
        filter: Filter {
            holder: Some(Holder::Named(name)),
            ..Filter::default()
        },
        sort: None,
    });
    let alternatives: Vec<Intent> = person.into_iter().collect();
    if senses.has(Sense::Show) {
        return Verdict {
            alternatives,
            ..Verdict::likely(find)
        };
    }
    if senses.any(&[Sense::What, Sense::Who, Sense::Be, Sense::Me]) {
        return Verdict::unclear(Doubt::NotUnderstood, Vec::new());
    }
    Verdict::unclear(
        Doubt::NotUnderstood,
        std::iter::once(find).chain(alternatives).collect(),
    )
}

/// What is wanted of a list.
pub(super) fn wish(senses: Senses<'_>, draft: &Draft, filter: Filter) -> Intent {
    if let Some(intent) = described(senses, draft, &filter) {
        return intent;
    }
    let sort = draft.sort;
    if senses.has(Sense::Export) {
        return Intent::Export { filter, sort };
    }
    let by = breakdown(senses, draft);
    if by.is_some() || draft.extreme.is_some() {
        return Intent::Count {
            filter,
            by,
            extreme: draft.extreme,
        };
    }
    if senses.has(Sense::HowMany) {
        return Intent::Count {
            filter,
            by: None,
            extreme: None,
        };
    }
    if senses.has(Sense::Breakdown) {
        let by = if filter.states.is_empty() {
            Dimension::State
        } else {
            Dimension::Unit
        };
        return Intent::Count {
            filter,
            by: Some(by),
            extreme: None,
        };
    }
    let mut filter = filter;
    let held =
        senses.has(Sense::Who) && senses.any(&[Sense::Have, Sense::Due, Sense::Done(Verb::Give)]);
    if held && filter.holder.is_none() {
        filter.holder = Some(Holder::Anyone);
    }
    Intent::Find { filter, sort }
}

/// What a number is broken down by; "who has the most" and "where are most" say it without naming it.
fn breakdown(senses: Senses<'_>, draft: &Draft) -> Option<Dimension> {
    let asked = || match (senses.has(Sense::Who), senses.has(Sense::Where)) {
        (true, _) => Dimension::Holder,
        (_, true) => Dimension::Building,
        _ => Dimension::Unit,
    };
    draft.by.or_else(|| draft.extreme.map(|_: Extreme| asked()))
}

/// A question about the one thing that is described: "where is Keller's laptop".
fn described(senses: Senses<'_>, draft: &Draft, filter: &Filter) -> Option<Intent> {
    let one = draft.singular
        && draft.things
        && draft.sort.is_none()
        && !filter.is_empty()
        && !senses.any(&[Sense::HowMany, Sense::Export, Sense::Per]);
    let plural =
        senses.word(&["are", "were"]) || senses.0.iter().any(|lexeme| lexeme.is(Sense::Thing));
    if !one || plural {
        return None;
    }
    let asks = senses.any(&[
        Sense::Where,
        Sense::When,
        Sense::HowLong,
        Sense::HowOld,
        Sense::HowMuch,
        Sense::History,
        Sense::Happened,
        Sense::Status,
        Sense::Condition,
    ]) || (senses.any(&[Sense::Warranty, Sense::Serial]) && senses.has(Sense::What))
        || (senses.first() == Some(Sense::Be) && filter.states.len() + filter.windows.len() > 0);
    if !asks {
        return None;
    }
    let mut bare = filter.clone();
    // What is asked about it does not describe it.
    bare.states.clear();
    bare.windows.clear();
    if bare.is_empty() {
        return None;
    }
    let asked = Filter {
        states: filter.states.clone(),
        ..Filter::default()
    };
    Some(single(senses, AssetRef::Described(Box::new(bare)), &asked))
}
