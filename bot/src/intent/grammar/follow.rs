//! Follow-ups: what goes on from the last answer becomes an intent that is complete without it.

use super::decide::{self, Senses};
use super::draft::Draft;
use super::lexeme::{Kind, Lexeme};
use super::{Ground, Verdict};
use crate::intent::filter::{Filter, Holder};
use crate::intent::named::{AssetRef, Phrase};
use crate::intent::sort::{Dimension, Sort};
use crate::intent::synonyms::Sense;
use crate::intent::{Doubt, Intent};

/// Reads a question as going on from the last answer; none where it stands by itself.
pub(super) fn read(lexemes: &[Lexeme], draft: &Draft, ground: &Ground<'_>) -> Option<Verdict> {
    let senses = Senses(lexemes);
    if draft.choices.is_empty() {
        let only_wish = bare(draft)
            && draft
                .refs
                .iter()
                .all(|asset| matches!(asset, AssetRef::Last | AssetRef::AllRows));
        let wish = senses.any(&[Sense::More, Sense::Export])
            || draft.sort.is_some()
            || draft.by.is_some()
            || points(senses);
        if only_wish
            && wish
            && !draft.things
            && !is_list(ground.context.last.as_ref())
            && draft.unknown.is_empty()
        {
            let alone = draft.sort.is_some() || draft.by.is_some();
            let one = ground.context.rows == 1 && !draft.refs.is_empty();
            return (!one && (!alone || points(senses)))
                .then(|| Verdict::unclear(Doubt::NothingBefore, Vec::new()));
        }
    } else {
        return None;
    }
    let last = ground.context.last.as_ref()?;
    if matches!(last, Intent::Tickets { .. }) && senses.has(Sense::More) && bare(draft) {
        return Some(Verdict::sure(Intent::More));
    }
    if let Some(verdict) = same_of_another(senses, draft, last) {
        return Some(verdict);
    }
    let (filter, sort) = listed(Some(last))?;
    of_list(senses, draft, ground, last, filter, sort)
}

/// Whether nothing narrows.
fn bare(draft: &Draft) -> bool {
    draft.filter.is_empty() && draft.dating.is_empty()
}

/// Whether a word points back at a list.
fn points(senses: Senses<'_>) -> bool {
    senses.any(&[Sense::Only, Sense::Them, Sense::One])
}

/// The list that an intent was about.
fn listed(last: Option<&Intent>) -> Option<(&Filter, Option<Sort>)> {
    match last? {
        Intent::Find { filter, sort } | Intent::Export { filter, sort } => Some((filter, *sort)),
        Intent::Count { filter, .. } => Some((filter, None)),
        _ => None,
    }
}

/// Whether an intent was about a list that goes on.
fn is_list(last: Option<&Intent>) -> bool {
    matches!(last, Some(Intent::Tickets { .. })) || listed(last).is_some()
}

/// "And 4218?" after a question about one asset.
fn same_of_another(senses: Senses<'_>, draft: &Draft, last: &Intent) -> Option<Verdict> {
    let [asset] = draft.refs.as_slice() else {
        return None;
    };
    let goes_on = senses.has(Sense::Instead) || senses.first() == Some(Sense::And);
    let plain = senses.0.iter().all(|lexeme| {
        !matches!(lexeme.kind, Kind::Sense(sense) if !matches!(sense, Sense::Instead | Sense::And | Sense::Noise | Sense::The | Sense::CodeNoun | Sense::Nth(_) | Sense::NthLast | Sense::That | Sense::One | Sense::For))
    });
    if !goes_on || !plain || !draft.unknown.is_empty() {
        return None;
    }
    match last {
        Intent::About { aspect, .. } => Some(Verdict::sure(Intent::About {
            asset: asset.clone(),
            aspect: *aspect,
        })),
        Intent::History { past, .. } => Some(Verdict::sure(Intent::History {
            asset: asset.clone(),
            past: *past,
        })),
        _ => None,
    }
}

fn of_list(
    senses: Senses<'_>,
    draft: &Draft,
    ground: &Ground<'_>,
    last: &Intent,
    filter: &Filter,
    sort: Option<Sort>,
) -> Option<Verdict> {
    let back = draft
        .refs
        .iter()
        .all(|asset| matches!(asset, AssetRef::Last | AssetRef::AllRows));
    if !back {
        return None;
    }
    let pointing = points(senses) || !draft.refs.is_empty();
    let empty = bare(draft) && !draft.things && draft.unknown.is_empty();
    if senses.has(Sense::More) && empty && draft.by.is_none() {
        return Some(Verdict::sure(Intent::More));
    }
    if senses.has(Sense::Export) && empty {
        return Some(Verdict::sure(Intent::Export {
            filter: filter.clone(),
            sort: draft.sort.or(sort),
        }));
    }
    if draft.sort.is_some() && empty && !senses.has(Sense::HowMany) {
        return Some(Verdict::sure(Intent::Find {
            filter: filter.clone(),
            sort: draft.sort,
        }));
    }
    if draft.refs.contains(&AssetRef::Last)
        && !senses.any(&[Sense::HowMany, Sense::Only])
        && draft.by.is_none()
    {
        return None;
    }
    if empty {
        return of_whole_list(senses, draft, filter, pointing);
    }
    let begins =
        senses.first() == Some(Sense::And) || senses.has(Sense::Instead) || narrows(senses, draft);
    let counts = senses.has(Sense::HowMany) && !draft.things && draft.filter.holder.is_none();
    if !(pointing || begins || draft.fragment || counts) || (draft.things && !begins && !pointing) {
        return None;
    }
    merged(senses, draft, ground, last, filter, sort)
}

/// "Which are from Dell", "older than five years": a condition without a noun narrows what was listed.
fn narrows(senses: Senses<'_>, draft: &Draft) -> bool {
    let nameless = draft.filter.categories.is_empty()
        && draft.filter.models.is_empty()
        && draft.filter.words.is_empty()
        && draft.filter.codes.is_empty()
        && draft.unknown.is_empty()
        && draft.by.is_none()
        && !senses.has(Sense::Thing);
    let relative = senses.0.first().is_some_and(|first| {
        let written = first.raw.to_lowercase();
        [
            "which are",
            "which is",
            "which have",
            "that are",
            "that have",
        ]
        .iter()
        .any(|start| written.starts_with(start))
    });
    let bounded = matches!(
        senses.first(),
        Some(
            Sense::Older
                | Sense::Newer
                | Sense::MoreThan
                | Sense::LessThan
                | Sense::Before
                | Sense::After
                | Sense::Since
                | Sense::Date(_)
                | Sense::Cost
                | Sense::Not
                | Sense::Without
                | Sense::OutOfWarranty
                | Sense::UnderWarranty
        )
    );
    let filter = &draft.filter;
    let alone = filter.units.is_empty() && filter.places.is_empty() && filter.makers.is_empty();
    let stated = matches!(
        senses.first(),
        Some(Sense::State(_) | Sense::Overdue | Sense::Due | Sense::Unassigned | Sense::Assigned)
    );
    let made = !filter.makers.is_empty()
        && senses
            .0
            .iter()
            .all(|lexeme| matches!(lexeme.kind, Kind::Names(_) | Kind::Mark(_)));
    nameless && (relative || bounded || stated && alone || made)
}

/// What is wanted of the whole last list.
fn of_whole_list(
    senses: Senses<'_>,
    draft: &Draft,
    filter: &Filter,
    pointing: bool,
) -> Option<Verdict> {
    let filter = filter.clone();
    if draft.by.is_some() {
        return Some(Verdict::sure(Intent::Count {
            filter,
            by: draft.by,
            extreme: draft.extreme,
        }));
    }
    if senses.has(Sense::HowMany) {
        return Some(Verdict::sure(Intent::Count {
            filter,
            by: None,
            extreme: None,
        }));
    }
    if !pointing {
        return None;
    }
    if senses.any(&[Sense::Who, Sense::Whose]) {
        return Some(Verdict::sure(Intent::Count {
            filter,
            by: Some(Dimension::Holder),
            extreme: None,
        }));
    }
    if senses.has(Sense::Where) {
        return Some(Verdict::sure(Intent::Count {
            filter,
            by: Some(Dimension::Site),
            extreme: None,
        }));
    }
    if senses.any(&[Sense::Show, Sense::Which, Sense::What])
        || senses.word(&["which", "what"])
        || senses.0.len() <= 2
    {
        return Some(Verdict::sure(Intent::Find {
            filter,
            sort: draft.sort,
        }));
    }
    None
}

/// The last list with what was said put in its place.
fn merged(
    senses: Senses<'_>,
    draft: &Draft,
    ground: &Ground<'_>,
    last: &Intent,
    filter: &Filter,
    sort: Option<Sort>,
) -> Option<Verdict> {
    let mut said = decide::finished(draft, ground);
    let mut guessed = draft.guessed;
    let name = draft.unknown.join(" ");
    if !name.is_empty() {
        if said.is_empty() || draft.unknown.len() <= 2 {
            guessed = true;
            let phrase = Phrase::parse(&name).ok()?;
            if senses.any(&[Sense::Instead, Sense::And]) && said.is_empty() {
                said.holder = Some(Holder::Named(phrase));
            } else {
                said.words.push(phrase);
            }
        } else {
            return None;
        }
    }
    if draft.negated {
        return Some(Verdict::unclear(Doubt::PartlyUnderstood, Vec::new()));
    }
    if draft.dating.of.is_none()
        && !said.windows.is_empty()
        && let [window] = filter.windows.as_slice()
    {
        // "And next week?" speaks of the same date.
        let of = window.of;
        said.windows = draft.dating.windows(ground.today, of);
    }
    let filter = with(filter, said);
    let shown = senses.has(Sense::Show) || (senses.has(Sense::Only) && senses.word(&["which"]));
    let intent = match last {
        _ if senses.has(Sense::Export) => Intent::Export {
            filter,
            sort: draft.sort.or(sort),
        },
        _ if draft.by.is_some() => Intent::Count {
            filter,
            by: draft.by,
            extreme: draft.extreme,
        },
        _ if senses.has(Sense::HowMany) => Intent::Count {
            filter,
            by: None,
            extreme: None,
        },
        Intent::Count { by, extreme, .. } if !shown => Intent::Count {
            filter,
            by: *by,
            extreme: *extreme,
        },
        _ => Intent::Find {
            filter,
            sort: draft.sort.or(sort),
        },
    };
    Some(if guessed {
        Verdict::likely(intent)
    } else {
        Verdict::sure(intent)
    })
}

/// A filter with parts of another in the places of its own: "and in Chemistry" leaves the laptops.
fn with(filter: &Filter, said: Filter) -> Filter {
    let mut merged = filter.clone();
    if !said.categories.is_empty() {
        merged.models.clear();
        merged.words.clear();
        merged.categories = said.categories;
    }
    if !said.models.is_empty() {
        merged.categories.clear();
        merged.makers.clear();
        merged.words.clear();
        merged.models = said.models;
    }
    if !said.makers.is_empty() {
        merged.models.clear();
        merged.makers = said.makers;
    }
    put(&mut merged.units, said.units);
    put(&mut merged.places, said.places);
    put(&mut merged.states, said.states);
    put(&mut merged.lacks, said.lacks);
    put(&mut merged.codes, said.codes);
    put(&mut merged.words, said.words);
    merged.holder = said.holder.or(merged.holder);
    merged.cost = said.cost.or(merged.cost);
    for window in said.windows {
        merged.windows.retain(|known| known.of != window.of);
        merged.windows.push(window);
    }
    merged
}

/// What was said takes the place of what was there.
fn put<T>(place: &mut Vec<T>, said: Vec<T>) {
    if !said.is_empty() {
        *place = said;
    }
}
